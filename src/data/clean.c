/* clean.c - the table of rules, and how rows are decided.
 *
 * What one row shows by itself was flagged when it was parsed. Here come the rules that need more: all names, all
 * hashes, all users. Then every row is given to the first rule that is on.
 */
#include "data/clean_rows.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "math/csr.h"

static const struct {
    const char *name, *words;
    bool is_on;
} rules[RK_N_CLEAN_RULES] = {
    [RK_RULE_RAGGED] = {"ragged", "more or fewer cells than columns", true},
    [RK_RULE_NO_USER] = {"missing-user", "the user is empty", true},
    [RK_RULE_NO_ITEM] = {"missing-item", "the item is empty", true},
    [RK_RULE_BAD_TIME] = {"impossible-time", "no date, before --from, after --to or in the future", true},
    [RK_RULE_BAD_NUMBER] = {"bad-number", "value, quantity or price is no number", true},
    [RK_RULE_DUPLICATE] = {"duplicate", "every byte as in an earlier row", true},
    [RK_RULE_CANCELLED] = {"cancelled", "the document's number begins with C", true},
    [RK_RULE_NEGATIVE] = {"negative-quantity", "the quantity is below zero", true},
    [RK_RULE_NO_PRICE] = {"no-price", "the price is zero or below", true},
    [RK_RULE_NO_TITLE] = {"missing-title", "the title is empty", false},
    [RK_RULE_DROPPED_ITEM] = {"dropped-item", "the item matches --drop-items", true},
    [RK_RULE_UNKNOWN] = {"unknown", "user or item is not in the dataset of --like", true},
    [RK_RULE_ROBOT] = {"robot", "a user with far more rows than the others", true},
    [RK_RULE_CORE] = {"core", "a user or item with too few partners", true},
};

const char *rk_clean_rule_name(rk_clean_rule rule) { return rules[rule].name; }
const char *rk_clean_rule_words(rk_clean_rule rule) { return rules[rule].words; }
bool rk_clean_rule_default(rk_clean_rule rule) { return rules[rule].is_on; }

rk_clean_rule rk_clean_rule_find(const char *name)
{
    size_t rule = 0;
    while (rule < RK_N_CLEAN_RULES && strcmp(rules[rule].name, name) != 0) {
        rule++;
    }
    return (rk_clean_rule)rule;
}

/* A log without times is prepared data: rows may be alike and yet different events, and nobody left robots in it. */
bool rk_clean_rule_is_on(rk_clean_rule rule, const rk_clean_options *options, const rk_intake *intake)
{
    if (options->mode[rule] != RK_RULE_AUTO) {
        return options->mode[rule] == RK_RULE_ON;
    }
    bool needs_time = rule == RK_RULE_DUPLICATE || rule == RK_RULE_ROBOT;
    return rules[rule].is_on && (!needs_time || intake->columns.has_time);
}

typedef struct {
    rk_intake *intake;
    const rk_clean_options *options;
    unsigned on; /* 1 << rule of those that are on */
} cleaning;

static unsigned bit(rk_clean_rule rule) { return 1u << rule; }

/* Whether no rule before this one takes the row. */
static bool survives(const cleaning *c, size_t row, rk_clean_rule rule)
{
    return (c->intake->columns.flags[row] & c->on & (bit(rule) - 1)) == 0;
}

/* ---- names ---- */

static bool matches_some(const char *name, char *const *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (fnmatch(patterns[i], name, 0) == 0) {
            return true;
        }
    }
    return false;
}

/* is_dropped: [n_items] */
static bool match_items(const rk_interner *items, char *patterns_text, bool *is_dropped)
{
    size_t n = 0, n_max = 1;
    for (const char *at = patterns_text; *at; at++) {
        n_max += *at == ',';
    }
    char **patterns = calloc(n_max, sizeof *patterns), *rest = patterns_text, *name;
    bool is_done = patterns != NULL;
    for (char *word; is_done && (word = strsep(&rest, ",")) != NULL;) {
        patterns[n++] = word;
    }
    for (uint32_t i = 0; is_done && i < rk_interner_count(items); i++) {
        rk_slice key = rk_interner_key(items, i);
        name = strndup(key.at, key.n);
        is_done = name != NULL;
        is_dropped[i] = name && matches_some(name, patterns, n);
        free(name);
    }
    free(patterns);
    return is_done;
}

static rk_status mark_names(cleaning *c, uint32_t n_known_users, uint32_t n_known_items, rk_error *err)
{
    rk_columns *columns = &c->intake->columns;
    const rk_interner *items = c->intake->names[RK_ROLE_ITEM];
    bool *is_dropped = calloc((size_t)rk_interner_count(items) + 1, sizeof *is_dropped);
    char *patterns = c->options->drop_items ? strdup(c->options->drop_items) : NULL;
    bool is_done =
        is_dropped && (patterns || !c->options->drop_items) && (!patterns || match_items(items, patterns, is_dropped));
    if (is_done && (patterns || n_known_items != UINT32_MAX)) {
        for (size_t row = 0; row < columns->n; row++) {
            uint32_t user = columns->key[RK_ROLE_USER][row], item = columns->key[RK_ROLE_ITEM][row];
            unsigned flags = is_dropped[item] ? bit(RK_RULE_DROPPED_ITEM) : 0;
            flags |= user >= n_known_users || item >= n_known_items ? bit(RK_RULE_UNKNOWN) : 0;
            columns->flags[row] = (uint16_t)(columns->flags[row] | flags);
        }
    }
    free(patterns);
    free(is_dropped);
    return is_done ? RK_OK : rk_fail_memory(err, "matching items");
}

/* ---- robots ---- */

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, by_size);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* The number of rows above which a user is a robot. values: scratch [n_users]. */
static double robot_limit(const uint64_t *count, size_t n_users, double deviations, double *values)
{
    size_t n = 0;
    for (size_t u = 0; u < n_users; u++) {
        if (count[u] > 0) {
            values[n++] = log((double)count[u]);
        }
    }
    if (n == 0) {
        return INFINITY;
    }
    double middle = median(values, n);
    for (size_t i = 0; i < n; i++) {
        values[i] = fabs(values[i] - middle);
    }
    double deviation = 1.4826 * median(values, n);
    double limit = exp(middle + deviations * (deviation > 0.5 ? deviation : 0.5));
    return limit > RK_ROBOT_ROWS_MIN ? limit : RK_ROBOT_ROWS_MIN;
}

static rk_status mark_robots(cleaning *c, rk_error *err)
{
    rk_columns *columns = &c->intake->columns;
    const uint32_t *user = columns->key[RK_ROLE_USER];
    size_t n_users = rk_interner_count(c->intake->names[RK_ROLE_USER]);
    uint64_t *count = calloc(n_users + 1, sizeof *count);
    double *values = malloc((n_users + 1) * sizeof *values);
    bool is_done = count && values;
    for (size_t row = 0; is_done && row < columns->n; row++) {
        count[user[row]] += survives(c, row, RK_RULE_ROBOT);
    }
    double limit = is_done ? robot_limit(count, n_users, c->options->robot_deviations, values) : INFINITY;
    bool has_robot = false;
    for (size_t u = 0; is_done && u < n_users; u++) {
        has_robot = has_robot || (double)count[u] > limit;
    }
    for (size_t row = 0; has_robot && row < columns->n; row++) {
        if ((double)count[user[row]] > limit && survives(c, row, RK_RULE_ROBOT)) {
            columns->flags[row] |= (uint16_t)bit(RK_RULE_ROBOT);
        }
    }
    free(values);
    free(count);
    return is_done ? RK_OK : rk_fail_memory(err, "looking for robots");
}

/* ---- the core ---- */

typedef struct {
    rk_csr pairs; /* distinct (user, item) */
    uint32_t *item_degree;
    bool *user_is_out, *item_is_out;
} core;

/* Takes out users below min_user and items below min_item, once; false when nobody is left to take out. */
static bool peel(core *k, uint64_t min_user, uint64_t min_item)
{
    bool has_changed = false;
    memset(k->item_degree, 0, k->pairs.n_cols * sizeof *k->item_degree);
    for (uint32_t u = 0; u < k->pairs.n_rows; u++) {
        uint32_t degree = 0;
        for (uint64_t e = k->pairs.start[u]; !k->user_is_out[u] && e < k->pairs.start[u + 1]; e++) {
            degree += !k->item_is_out[k->pairs.col[e]];
        }
        if (!k->user_is_out[u] && degree < min_user) {
            k->user_is_out[u] = has_changed = true;
        }
        for (uint64_t e = k->pairs.start[u]; !k->user_is_out[u] && e < k->pairs.start[u + 1]; e++) {
            k->item_degree[k->pairs.col[e]]++;
        }
    }
    for (uint32_t i = 0; i < k->pairs.n_cols; i++) {
        if (!k->item_is_out[i] && k->item_degree[i] < min_item) {
            k->item_is_out[i] = has_changed = true;
        }
    }
    return has_changed;
}

static rk_status make_core(cleaning *c, core *out, rk_error *err)
{
    const rk_columns *columns = &c->intake->columns;
    uint32_t n_users = rk_interner_count(c->intake->names[RK_ROLE_USER]);
    uint32_t n_items = rk_interner_count(c->intake->names[RK_ROLE_ITEM]);
    uint32_t *user = malloc((columns->n + 1) * sizeof *user), *item = malloc((columns->n + 1) * sizeof *item);
    size_t n = 0;
    for (size_t row = 0; user && item && row < columns->n; row++) {
        if (survives(c, row, RK_RULE_CORE)) {
            user[n] = columns->key[RK_ROLE_USER][row];
            item[n++] = columns->key[RK_ROLE_ITEM][row];
        }
    }
    rk_status status = user && item ? rk_csr_of_triples(n_users, n_items, n, user, item, NULL, &out->pairs, err)
                                    : rk_fail_memory(err, "the k-core");
    free(user);
    free(item);
    out->item_degree = calloc((size_t)n_items + 1, sizeof *out->item_degree);
    out->user_is_out = calloc((size_t)n_users + 1, sizeof *out->user_is_out);
    out->item_is_out = calloc((size_t)n_items + 1, sizeof *out->item_is_out);
    bool is_short = !out->item_degree || !out->user_is_out || !out->item_is_out;
    return !status && is_short ? rk_fail_memory(err, "the k-core") : status;
}

static rk_status mark_core(cleaning *c, rk_error *err)
{
    rk_columns *columns = &c->intake->columns;
    core k = {0};
    rk_status status = make_core(c, &k, err);
    while (!status && peel(&k, c->options->min_user, c->options->min_item)) {
    }
    for (size_t row = 0; !status && row < columns->n; row++) {
        bool is_out = k.user_is_out[columns->key[RK_ROLE_USER][row]] || k.item_is_out[columns->key[RK_ROLE_ITEM][row]];
        if (is_out && survives(c, row, RK_RULE_CORE)) {
            columns->flags[row] |= (uint16_t)bit(RK_RULE_CORE);
        }
    }
    rk_csr_release(&k.pairs);
    free(k.item_degree);
    free(k.user_is_out);
    free(k.item_is_out);
    return status;
}

/* ---- the decision ---- */

static int by_row(const void *left, const void *right)
{
    const rk_candidate *a = left, *b = right;
    return (a->row > b->row) - (a->row < b->row);
}

/* The row as far as it was kept, when its text was not. */
static void describe_row(const rk_intake *intake, size_t row, char *out, size_t out_bytes)
{
    static const rk_role shown[] = {RK_ROLE_DOCUMENT, RK_ROLE_USER, RK_ROLE_ITEM, RK_ROLE_TITLE};
    const rk_columns *c = &intake->columns;
    size_t n = 0;
    for (size_t s = 0; s < RK_COUNT_OF(shown) && n < out_bytes; s++) {
        uint32_t id = c->key[shown[s]] ? c->key[shown[s]][row] : RK_NO_ID;
        rk_slice key = id == RK_NO_ID ? RK_SLICE("") : rk_interner_key(intake->names[shown[s]], id);
        if (c->key[shown[s]]) {
            n += (size_t)snprintf(out + n, out_bytes - n, "%s%s %.*s", n ? ", " : "", rk_role_name(shown[s]),
                                  (int)(key.n < 60 ? key.n : 60), key.n ? key.at : "");
        }
    }
    if (c->value && n < out_bytes) {
        n += (size_t)snprintf(out + n, out_bytes - n, ", value %g", (double)c->value[row]);
    }
    if (c->price && n < out_bytes) {
        snprintf(out + n, out_bytes - n, ", price %g", (double)c->price[row]);
    }
}

static void add_example(const rk_intake *intake, size_t row, rk_clean_count *count)
{
    rk_clean_example *example = &count->examples[count->n_examples++];
    rk_place place = rk_intake_place(intake, row);
    rk_candidate wanted = {.row = row};
    const rk_candidate *known =
        intake->candidates.n ? bsearch(&wanted, intake->candidates.data, intake->candidates.n, sizeof wanted, by_row)
                             : NULL;
    *example = (rk_clean_example){.path = place.path, .line = place.line};
    if (known) {
        memcpy(example->text, known->text, sizeof example->text);
    } else {
        describe_row(intake, row, example->text, sizeof example->text);
    }
}

static void decide(cleaning *c, rk_clean_count *counts)
{
    rk_columns *columns = &c->intake->columns;
    for (size_t row = 0; row < columns->n; row++) {
        unsigned flags = columns->flags[row], taken = flags & c->on;
        if (flags == 0) {
            continue;
        }
        for (unsigned rest = flags; rest; rest &= rest - 1) {
            counts[__builtin_ctz(rest)].n_matches++;
        }
        unsigned rule = taken ? (unsigned)__builtin_ctz(taken) : RK_N_CLEAN_RULES;
        columns->flags[row] = taken ? (uint16_t)(rule + 1) : 0;
        if (taken) {
            counts[rule].n_taken++;
            if (counts[rule].n_examples < RK_CLEAN_EXAMPLES) {
                add_example(c->intake, row, &counts[rule]);
            }
        }
    }
}

rk_status rk_clean_rows(rk_intake *intake, const rk_clean_options *options, uint32_t n_known_users,
                        uint32_t n_known_items, const rk_run *run, rk_clean_count *counts, rk_error *err)
{
    cleaning c = {intake, options, 0};
    memset(counts, 0, RK_N_CLEAN_RULES * sizeof *counts);
    for (rk_clean_rule rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        counts[rule].is_on = rk_clean_rule_is_on(rule, options, intake);
        c.on |= counts[rule].is_on ? bit(rule) : 0;
    }
    c.on |= bit(RK_RULE_UNKNOWN); /* an unknown name has no id to be kept under */
    rk_status status = mark_names(&c, n_known_users, n_known_items, err);
    if (!status && intake->columns.has_hash) {
        status = rk_duplicates_mark(&intake->columns, (uint16_t)bit(RK_RULE_DUPLICATE), run, err);
    }
    if (!status && options->robot_deviations > 0 && (c.on & bit(RK_RULE_ROBOT))) {
        status = mark_robots(&c, err);
    }
    if (!status && (options->min_user > 1 || options->min_item > 1) && (c.on & bit(RK_RULE_CORE))) {
        status = mark_core(&c, err);
    }
    if (!status) {
        if (intake->candidates.n) {
            qsort(intake->candidates.data, intake->candidates.n, sizeof(rk_candidate), by_row);
        }
        decide(&c, counts);
    }
    return status;
}

/* sweep.c - the rules that need the whole log, and the count of every rule.
 *
 * Duplicates: equal rows have the same user, so only rows of one user are compared, by the hash of their bytes, in a
 * small table that stays in cache; a log-wide hash set would miss the cache once a row.
 * Robots: the logarithm of rows a user has is near normal in shops; beyond median + d robust standard deviations
 * (1.4826 x median absolute deviation) a user is no person. A log without times is prepared data and left alone.
 * Core: users and items with too few distinct partners go, which may take others below; until nothing changes.
 */
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "data/raw.h"

enum { ROWS_A_CHUNK = 1 << 16, USERS_A_CHUNK = 512 };

typedef struct {
    rk_raw *log;
    const rk_clean_options *options;
    uint16_t on_mask;
    const rk_run *run;
    uint64_t *start; /* [n_users + 2] rows by user; users counted here: n_users is "missing" */
    uint32_t *order; /* [n_rows] rows by user, input order inside */
    uint32_t n_users, n_items;
} sweep;

static uint16_t bit(rk_clean_rule rule) { return (uint16_t)(1u << rule); }
static bool is_on(const sweep *s, rk_clean_rule rule) { return s->on_mask & bit(rule); }
static uint16_t *flags_of(const sweep *s) { return s->log->flags.data; }
static const uint32_t *users_of(const sweep *s) { return s->log->user.data; }
static const uint32_t *items_of(const sweep *s) { return s->log->item.data; }

/* ---- pointing at a row ---- */

static void find_line(const rk_raw *log, uint64_t row, const char **path, uint64_t *line)
{
    const rk_raw_stretch *stretches = log->stretches.data;
    size_t low = 0, high = log->stretches.n;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (stretches[middle].first_row <= row) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *path = stretches[low].path;
    *line = stretches[low].is_row_a_line ? stretches[low].line + (row - stretches[low].first_row) : 0;
}

static void add_example(const sweep *s, rk_clean_rule rule, uint64_t row)
{
    rk_clean_count *count = &s->log->counts[rule];
    if (count->n_examples == RK_CLEAN_EXAMPLES) {
        return;
    }
    uint32_t user = users_of(s)[row], item = items_of(s)[row];
    rk_slice user_name = user == RK_NO_ID ? RK_SLICE("") : rk_interner_key(s->log->users, user);
    rk_slice item_name = item == RK_NO_ID ? RK_SLICE("") : rk_interner_key(s->log->items, item);
    char words[RK_CLEAN_EXAMPLE_BYTES], time[32] = "";
    if (s->log->time.n > 0) {
        time[0] = ' ';
        rk_format_time(((const int64_t *)s->log->time.data)[row], time + 1);
    }
    int n = snprintf(words, sizeof words, "user %.*s, item %.*s%s%s", (int)(user_name.n < 50 ? user_name.n : 50),
                     user_name.at, (int)(item_name.n < 50 ? item_name.n : 50), item_name.at, time[0] ? "," : "", time);
    const char *path;
    uint64_t line;
    find_line(s->log, row, &path, &line);
    rk_clean_example_add(count, path, line, (rk_slice){words, n > 0 ? strlen(words) : 0});
}

/* ---- rows by user ---- */

static uint32_t group_of(const sweep *s, uint32_t user) { return user == RK_NO_ID ? s->n_users : user; }

static bool group_rows(sweep *s)
{
    size_t n = (size_t)s->log->n_rows;
    s->start = calloc((size_t)s->n_users + 2, sizeof *s->start);
    s->order = malloc((n + 1) * sizeof *s->order);
    if (!s->start || !s->order) {
        return false;
    }
    const uint32_t *user = users_of(s);
    for (size_t row = 0; row < n; row++) {
        s->start[group_of(s, user[row]) + 1]++;
    }
    for (uint32_t u = 0; u <= s->n_users; u++) {
        s->start[u + 1] += s->start[u];
    }
    for (size_t row = 0; row < n; row++) { /* starts walk to the ends, then are set back */
        s->order[s->start[group_of(s, user[row])]++] = (uint32_t)row;
    }
    memmove(s->start + 1, s->start, ((size_t)s->n_users + 1) * sizeof *s->start);
    s->start[0] = 0;
    return true;
}

/* ---- duplicates ---- */

typedef struct {
    const sweep *s;
    uint32_t **table; /* [threads], each table_size slots of row + 1 */
    uint64_t longest;
} duplicate_search;

static bool same_row(const rk_raw *log, uint32_t a, uint32_t b)
{
    const uint64_t *hash = log->hash.data;
    const uint32_t *item = log->item.data;
    const int64_t *time = log->time.data;
    return hash[a] == hash[b] && item[a] == item[b] && (!time || time[a] == time[b]);
}

static void flag_duplicates(void *context, rk_span span)
{
    const duplicate_search *search = context;
    const sweep *s = search->s;
    const uint64_t *hash = s->log->hash.data;
    uint32_t *table = search->table[span.worker];
    for (size_t user = span.begin; user < span.end; user++) {
        const uint32_t *rows = s->order + s->start[user];
        size_t n = (size_t)(s->start[user + 1] - s->start[user]), size = 4;
        while (size < 2 * n) {
            size *= 2;
        }
        if (n < 2) {
            continue;
        }
        memset(table, 0, size * sizeof *table);
        for (size_t i = 0; i < n; i++) {
            size_t slot = hash[rows[i]] & (size - 1);
            while (table[slot] && !same_row(s->log, table[slot] - 1, rows[i])) {
                slot = (slot + 1) & (size - 1);
            }
            if (table[slot]) {
                flags_of(s)[rows[i]] |= bit(RK_RULE_DUPLICATE);
            } else {
                table[slot] = rows[i] + 1;
            }
        }
    }
}

static rk_status find_duplicates(const sweep *s, rk_error *err)
{
    if (s->log->hash.n == 0) {
        return RK_OK;
    }
    rk_status status = RK_OK;
    unsigned n_threads = rk_pool_threads(s->run->pool);
    duplicate_search search = {s, calloc(n_threads, sizeof(uint32_t *)), 0};
    for (uint32_t u = 0; u <= s->n_users; u++) {
        uint64_t n = s->start[u + 1] - s->start[u];
        search.longest = n > search.longest ? n : search.longest;
    }
    for (unsigned t = 0; search.table && t < n_threads; t++) {
        search.table[t] = malloc((size_t)(4 * search.longest + 8) * sizeof(uint32_t));
        status = search.table[t] ? status : RK_NO_MEMORY;
    }
    if (!search.table || status) {
        status = rk_fail_memory(err, "finding duplicates");
    } else {
        rk_parallel_for(s->run->pool, (size_t)s->n_users + 1, USERS_A_CHUNK, flag_duplicates, &search);
    }
    for (unsigned t = 0; search.table && t < n_threads; t++) {
        free(search.table[t]);
    }
    free(search.table);
    return status;
}

/* ---- names: unwanted items, names unknown elsewhere ---- */

static bool matches_any(const char *patterns, rk_slice name)
{
    char pattern[256], text[256];
    if (name.n >= sizeof text) {
        return false;
    }
    memcpy(text, name.at, name.n);
    text[name.n] = '\0';
    for (const char *at = patterns; *at;) {
        size_t n = strcspn(at, ",");
        if (n > 0 && n < sizeof pattern) {
            memcpy(pattern, at, n);
            pattern[n] = '\0';
            if (fnmatch(pattern, text, 0) == 0) {
                return true;
            }
        }
        at += n + (at[n] == ',');
    }
    return false;
}

static rk_status flag_dropped_items(const sweep *s, rk_error *err)
{
    if (!s->options->drop_items) {
        return RK_OK;
    }
    bool *is_dropped = calloc((size_t)s->n_items + 1, 1);
    if (!is_dropped) {
        return rk_fail_memory(err, "the dropped items");
    }
    for (uint32_t item = 0; item < s->n_items; item++) {
        is_dropped[item] = matches_any(s->options->drop_items, rk_interner_key(s->log->items, item));
    }
    for (uint64_t row = 0; row < s->log->n_rows; row++) {
        uint32_t item = items_of(s)[row];
        if (item != RK_NO_ID && is_dropped[item]) {
            flags_of(s)[row] |= bit(RK_RULE_DROPPED_ITEM);
            add_example(s, RK_RULE_DROPPED_ITEM, row);
        }
    }
    free(is_dropped);
    return RK_OK;
}

static void flag_unknown(const sweep *s, const uint32_t *like_user, const uint32_t *like_item)
{
    for (uint64_t row = 0; like_user && row < s->log->n_rows; row++) {
        uint32_t user = users_of(s)[row], item = items_of(s)[row];
        if ((user != RK_NO_ID && like_user[user] == RK_NO_ID) || (item != RK_NO_ID && like_item[item] == RK_NO_ID)) {
            flags_of(s)[row] |= bit(RK_RULE_UNKNOWN);
            add_example(s, RK_RULE_UNKNOWN, row);
        }
    }
}

/* ---- robots ---- */

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* Rows beyond which a user is a robot; infinity when the log does not say. values: scratch [n_users]. */
static double robot_threshold(const sweep *s, double *values)
{
    size_t n = 0;
    for (uint32_t u = 0; u < s->n_users; u++) {
        uint64_t rows = s->start[u + 1] - s->start[u];
        if (rows > 0) {
            values[n++] = log((double)rows);
        }
    }
    if (n < 10) {
        return INFINITY;
    }
    double middle = median(values, n);
    for (size_t i = 0; i < n; i++) {
        values[i] = fabs(values[i] - middle);
    }
    double spread = 1.4826 * median(values, n);
    return spread > 0 ? exp(middle + s->options->robot_deviations * spread) : INFINITY;
}

static rk_status flag_robots(const sweep *s, rk_error *err)
{
    if (s->options->robot_deviations <= 0 || !is_on(s, RK_RULE_ROBOT) || s->log->time.n == 0) {
        return RK_OK;
    }
    double *values = malloc(((size_t)s->n_users + 1) * sizeof *values);
    if (!values) {
        return rk_fail_memory(err, "finding robots");
    }
    double threshold = robot_threshold(s, values);
    for (uint32_t u = 0; u < s->n_users; u++) {
        if ((double)(s->start[u + 1] - s->start[u]) > threshold) {
            for (uint64_t i = s->start[u]; i < s->start[u + 1]; i++) {
                flags_of(s)[s->order[i]] |= bit(RK_RULE_ROBOT);
            }
            add_example(s, RK_RULE_ROBOT, s->order[s->start[u]]);
        }
    }
    free(values);
    return RK_OK;
}

/* ---- the core ---- */

/* Distinct partners among rows that no rule takes. seen: scratch [n_items], user + 1 that met the item last. */
static void count_partners(const sweep *s, uint32_t *of_user, uint32_t *of_item, uint32_t *seen)
{
    memset(of_user, 0, s->n_users * sizeof *of_user);
    memset(of_item, 0, s->n_items * sizeof *of_item);
    memset(seen, 0, s->n_items * sizeof *seen);
    for (uint32_t u = 0; u < s->n_users; u++) {
        for (uint64_t i = s->start[u]; i < s->start[u + 1]; i++) {
            uint32_t row = s->order[i], item = items_of(s)[row];
            if ((flags_of(s)[row] & s->on_mask) == 0 && seen[item] != u + 1) {
                seen[item] = u + 1;
                of_user[u]++;
                of_item[item]++;
            }
        }
    }
}

static bool take_weak(const sweep *s, const uint32_t *of_user, const uint32_t *of_item)
{
    bool has_changed = false;
    for (uint64_t row = 0; row < s->log->n_rows; row++) {
        if (flags_of(s)[row] & s->on_mask) {
            continue;
        }
        if (of_user[users_of(s)[row]] < s->options->min_user || of_item[items_of(s)[row]] < s->options->min_item) {
            flags_of(s)[row] |= bit(RK_RULE_CORE);
            add_example(s, RK_RULE_CORE, row);
            has_changed = true;
        }
    }
    return has_changed;
}

static rk_status flag_core(const sweep *s, rk_error *err)
{
    if (!is_on(s, RK_RULE_CORE) || (s->options->min_user <= 1 && s->options->min_item <= 1)) {
        return RK_OK;
    }
    uint32_t *counts = malloc(((size_t)s->n_users + 2 * (size_t)s->n_items + 1) * sizeof *counts);
    if (!counts) {
        return rk_fail_memory(err, "the core");
    }
    do {
        count_partners(s, counts, counts + s->n_users, counts + s->n_users + s->n_items);
    } while (take_weak(s, counts, counts + s->n_users));
    free(counts);
    return RK_OK;
}

/* ---- counting ---- */

typedef struct {
    const sweep *s;
    uint64_t (*matches)[RK_N_CLEAN_RULES], (*taken)[RK_N_CLEAN_RULES]; /* [n_chunks] */
} counting;

static void count_rows(void *context, rk_span span)
{
    counting *c = context;
    for (size_t row = span.begin; row < span.end; row++) {
        unsigned flags = flags_of(c->s)[row];
        unsigned taking = flags & c->s->on_mask;
        if (taking) {
            c->taken[span.chunk][__builtin_ctz(taking)]++;
        }
        for (; flags; flags &= flags - 1) {
            c->matches[span.chunk][__builtin_ctz(flags)]++;
        }
    }
}

static rk_status count_rules(const sweep *s, rk_error *err)
{
    size_t n_chunks = rk_chunk_count((size_t)s->log->n_rows, ROWS_A_CHUNK);
    counting c = {s, calloc(n_chunks + 1, sizeof *c.matches), calloc(n_chunks + 1, sizeof *c.taken)};
    if (!c.matches || !c.taken) {
        free(c.matches);
        free(c.taken);
        return rk_fail_memory(err, "counting rules");
    }
    rk_parallel_for(s->run->pool, (size_t)s->log->n_rows, ROWS_A_CHUNK, count_rows, &c);
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        s->log->counts[rule].is_on = is_on(s, (rk_clean_rule)rule);
        for (size_t chunk = 0; chunk < n_chunks; chunk++) {
            s->log->counts[rule].n_matches += c.matches[chunk][rule];
            s->log->counts[rule].n_taken += c.taken[chunk][rule];
        }
    }
    free(c.matches);
    free(c.taken);
    return RK_OK;
}

static void show_duplicates(const sweep *s)
{
    for (uint64_t row = 0; row < s->log->n_rows && s->log->counts[RK_RULE_DUPLICATE].n_examples < RK_CLEAN_EXAMPLES;
         row++) {
        if (flags_of(s)[row] & bit(RK_RULE_DUPLICATE)) {
            add_example(s, RK_RULE_DUPLICATE, row);
        }
    }
}

rk_status rk_raw_sweep(rk_raw *log, const rk_clean_options *options, uint16_t on_mask, const uint32_t *like_user,
                       const uint32_t *like_item, const rk_run *run, rk_error *err)
{
    sweep s = {.log = log,
               .options = options,
               .on_mask = on_mask,
               .run = run,
               .n_users = rk_interner_count(log->users),
               .n_items = rk_interner_count(log->items)};
    rk_status status = group_rows(&s) ? RK_OK : rk_fail_memory(err, "grouping rows by user");
    if (status == RK_OK) {
        status = find_duplicates(&s, err);
    }
    if (status == RK_OK) {
        show_duplicates(&s);
        flag_unknown(&s, like_user, like_item);
        status = flag_dropped_items(&s, err);
    }
    if (status == RK_OK) {
        status = flag_robots(&s, err);
    }
    if (status == RK_OK) {
        status = flag_core(&s, err);
    }
    if (status == RK_OK) {
        status = count_rules(&s, err);
    }
    free(s.start);
    free(s.order);
    return status;
}

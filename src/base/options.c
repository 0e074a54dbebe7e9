/* options.c - one row of a table, three ways in: its fallback, the command line, "key=value".
 *
 * All three end in store(), so a fallback, `--lambda 2` and `--set lambda=2` pass the same checks and fail with the
 * same words; only the name differs ("--lambda" or "lambda"), and that is what `spelling` carries.
 */
#include "base/options.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NAMES_MAX 256 /* candidates for "nearest is" */

/* An option as the user wrote it. */
typedef struct {
    const rk_option *option;
    void *field;
    const char *dashes; /* "--" or "" */
} spelling;

static spelling spell(const rk_option_table *table, const rk_option *option, const char *dashes)
{
    return (spelling){option, (char *)table->settings + option->field, dashes};
}

/* Both ends 0: no range. max below min: no upper end, so that .min = 1 alone says "at least 1". */
static bool has_range(const rk_option *option) { return option->min != 0 || option->max != 0; }

static bool has_top(const rk_option *option) { return option->max >= option->min && isfinite(option->max); }

static bool is_in_range(const rk_option *option, double value)
{
    return !has_range(option) || (value >= option->min && (!has_top(option) || value <= option->max));
}

/* " from 1 to 1000", " of at least 1", " of at most 0" or "" */
static void format_range(const rk_option *option, char *out, size_t out_bytes)
{
    out[0] = '\0';
    if (!has_range(option)) {
        return;
    }
    if (!has_top(option)) {
        snprintf(out, out_bytes, " of at least %.15g", option->min);
    } else if (isfinite(option->min)) {
        snprintf(out, out_bytes, " from %.15g to %.15g", option->min, option->max);
    } else {
        snprintf(out, out_bytes, " of at most %.15g", option->max);
    }
}

static rk_status refuse_number(spelling at, const char *kind, const char *text, rk_error *err)
{
    char range[80];
    format_range(at.option, range, sizeof range);
    return rk_fail(err, RK_BAD_USAGE, "%s%s wants a %s%s, got '%.40s'", at.dashes, at.option->name, kind, range, text);
}

static rk_status store_count(spelling at, const char *text, rk_error *err)
{
    uint64_t value;
    if (!rk_parse_u64(rk_slice_of(text), &value) || !is_in_range(at.option, (double)value)) {
        return refuse_number(at, "whole number", text, err);
    }
    *(uint64_t *)at.field = value;
    return RK_OK;
}

static rk_status store_real(spelling at, const char *text, rk_error *err)
{
    double value;
    if (!rk_parse_real(rk_slice_of(text), &value) || !is_in_range(at.option, value)) {
        return refuse_number(at, "number", text, err);
    }
    *(double *)at.field = value;
    return RK_OK;
}

static rk_status store_flag(spelling at, const char *text, rk_error *err)
{
    bool is_yes = !strcmp(text, "yes") || !strcmp(text, "true");
    if (!is_yes && strcmp(text, "no") && strcmp(text, "false")) {
        return rk_fail(err, RK_BAD_USAGE, "%s%s wants yes or no, got '%.40s'", at.dashes, at.option->name, text);
    }
    *(bool *)at.field = is_yes;
    return RK_OK;
}

static rk_status store_choice(spelling at, const char *text, rk_error *err)
{
    const char *name = at.option->choices;
    for (int i = 0; *name; i++) {
        size_t n = strcspn(name, "|");
        if (rk_slice_is((rk_slice){name, n}, text)) {
            *(int *)at.field = i;
            return RK_OK;
        }
        name += n + (name[n] == '|');
    }
    return rk_fail(err, RK_BAD_USAGE, "%s%s wants one of %s, got '%.40s'", at.dashes, at.option->name,
                   at.option->choices, text);
}

static rk_status store(spelling at, const char *text, rk_error *err)
{
    switch (at.option->kind) {
    case RK_OPT_FLAG:
        return store_flag(at, text, err);
    case RK_OPT_COUNT:
        return store_count(at, text, err);
    case RK_OPT_REAL:
        return store_real(at, text, err);
    case RK_OPT_CHOICE:
        return store_choice(at, text, err);
    case RK_OPT_LIST:
        return rk_vec_push(at.field, &text) ? RK_OK : rk_fail_memory(err, at.option->name);
    case RK_OPT_TEXT:
        break;
    }
    *(const char **)at.field = text;
    return RK_OK;
}

static void store_nothing(spelling at)
{
    switch (at.option->kind) {
    case RK_OPT_FLAG:
        *(bool *)at.field = false;
        break;
    case RK_OPT_COUNT:
        *(uint64_t *)at.field = 0;
        break;
    case RK_OPT_REAL:
        *(double *)at.field = 0;
        break;
    case RK_OPT_CHOICE:
        *(int *)at.field = 0;
        break;
    case RK_OPT_TEXT:
        *(const char **)at.field = NULL;
        break;
    case RK_OPT_LIST:
        *(rk_vec *)at.field = (rk_vec){.item_bytes = sizeof(const char *)};
        break;
    }
}

void rk_options_defaults(rk_option_table table)
{
    for (size_t i = 0; i < table.n; i++) {
        spelling at = spell(&table, &table.rows[i], "");
        store_nothing(at);
        if (table.rows[i].fallback) {
            assert(table.rows[i].kind != RK_OPT_LIST); /* "given" could not be told from "added to" */
            rk_status status = store(at, table.rows[i].fallback, NULL);
            assert(status == RK_OK);
            (void)status;
        }
    }
}

void rk_options_release(rk_option_table table)
{
    for (size_t i = 0; i < table.n; i++) {
        if (table.rows[i].kind == RK_OPT_LIST) {
            rk_vec_release(spell(&table, &table.rows[i], "").field);
        }
    }
}

/* All tables of one command line, and where its words go. */
typedef struct {
    const rk_option_table *tables;
    size_t n_tables;
    rk_vec *words;
    rk_error *err;
} parser;

static bool find_name(const parser *p, rk_slice name, const char *dashes, spelling *out)
{
    for (size_t t = 0; t < p->n_tables; t++) {
        for (size_t i = 0; i < p->tables[t].n; i++) {
            if (rk_slice_is(name, p->tables[t].rows[i].name)) {
                *out = spell(&p->tables[t], &p->tables[t].rows[i], dashes);
                return true;
            }
        }
    }
    return false;
}

static bool find_letter(const parser *p, char letter, spelling *out)
{
    for (size_t t = 0; t < p->n_tables; t++) {
        for (size_t i = 0; i < p->tables[t].n; i++) {
            if (p->tables[t].rows[i].letter == letter) {
                *out = spell(&p->tables[t], &p->tables[t].rows[i], "--");
                return true;
            }
        }
    }
    return false;
}

static rk_status refuse_name(const parser *p, rk_slice name, const char *dashes)
{
    const char *names[NAMES_MAX], *no = "";
    size_t n = 0;
    for (size_t t = 0; t < p->n_tables; t++) {
        for (size_t i = 0; i < p->tables[t].n && n < NAMES_MAX; i++) {
            names[n++] = p->tables[t].rows[i].name;
        }
    }
    char word[80];
    snprintf(word, sizeof word, "%.*s", (int)(name.n < sizeof word ? name.n : sizeof word), name.at);
    const char *nearest = rk_nearest_name(word, names, n);
    if (!nearest && !strncmp(word, "no-", 3)) {
        no = "no-";
        nearest = rk_nearest_name(word + 3, names, n);
    }
    if (!nearest) {
        return rk_fail(p->err, RK_BAD_USAGE, "no option '%s%.60s'%s", dashes, word, *dashes ? "; see --help" : "");
    }
    return rk_fail(p->err, RK_BAD_USAGE, "no option '%s%.60s'; nearest is '%s%s%s'", dashes, word, dashes, no, nearest);
}

/* The value in the next word; "-o --json" is a forgotten file name, not a file of that name ("--output=--json" is). */
static rk_status store_next(const parser *p, spelling at, const char *name, int argc, char **argv, int *i)
{
    const char *value = at.option->value ? at.option->value : "VALUE";
    if (*i + 1 >= argc) {
        return rk_fail(p->err, RK_BAD_USAGE, "%s wants a value: %s %s", name, name, value);
    }
    const char *next = argv[++*i];
    if (next[0] == '-' && next[1] == '-') {
        return rk_fail(p->err, RK_BAD_USAGE, "%s wants a value, got the option '%.40s'", name, next);
    }
    return store(at, next, p->err);
}

/* --name=value, --name value, --flag, --no-flag; *i moves on past a value of its own. */
static rk_status parse_long(const parser *p, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2, *equals = strchr(name, '=');
    rk_slice key = {name, equals ? (size_t)(equals - name) : strlen(name)};
    spelling at;
    if (!find_name(p, key, "--", &at)) {
        bool is_no = !equals && !strncmp(name, "no-", 3);
        if (is_no && find_name(p, rk_slice_of(name + 3), "--", &at) && at.option->kind == RK_OPT_FLAG) {
            return store(at, "no", p->err);
        }
        return refuse_name(p, key, "--");
    }
    if (equals) {
        return store(at, equals + 1, p->err);
    }
    if (at.option->kind == RK_OPT_FLAG) {
        return store(at, "yes", p->err);
    }
    return store_next(p, at, name - 2, argc, argv, i);
}

/* -n value, -n5, -j, -jv (flags together, the last may take a value). */
static rk_status parse_letters(const parser *p, int argc, char **argv, int *i)
{
    for (const char *c = argv[*i] + 1; *c; c++) {
        spelling at;
        if (!find_letter(p, *c, &at)) {
            return rk_fail(p->err, RK_BAD_USAGE, "no option '-%s'; see --help", c);
        }
        if (at.option->kind != RK_OPT_FLAG) {
            if (c[1]) {
                return store(at, c + 1, p->err);
            }
            return store_next(p, at, (const char[]){'-', *c, '\0'}, argc, argv, i);
        }
        rk_status status = store(at, "yes", p->err);
        if (status) {
            return status;
        }
    }
    return RK_OK;
}

static rk_status parse_one(const parser *p, int argc, char **argv, int *i, bool *options_ended)
{
    const char *word = argv[*i];
    if (!*options_ended && !strcmp(word, "--")) {
        *options_ended = true;
        return RK_OK;
    }
    if (*options_ended || word[0] != '-' || !word[1]) {
        return rk_vec_push(p->words, &word) ? RK_OK : rk_fail_memory(p->err, "the command line");
    }
    return word[1] == '-' ? parse_long(p, argc, argv, i) : parse_letters(p, argc, argv, i);
}

rk_status rk_options_parse(const rk_option_table *tables, size_t n_tables, int argc, char **argv, rk_vec *words,
                           rk_error *err)
{
    parser p = {tables, n_tables, words, err};
    rk_status status = RK_OK;
    bool options_ended = false;
    for (int i = 1; i < argc && !status; i++) {
        status = parse_one(&p, argc, argv, &i, &options_ended);
    }
    return status;
}

rk_status rk_options_set(rk_option_table table, const char *key_value, rk_error *err)
{
    parser p = {.tables = &table, .n_tables = 1, .err = err};
    const char *equals = strchr(key_value, '=');
    rk_slice key = {key_value, equals ? (size_t)(equals - key_value) : strlen(key_value)};
    spelling at;
    if (!find_name(&p, key, "", &at)) {
        return refuse_name(&p, key, "");
    }
    if (!equals && at.option->kind != RK_OPT_FLAG) {
        return rk_fail(err, RK_BAD_USAGE, "%s wants a value: %s=%s", at.option->name, at.option->name,
                       at.option->value ? at.option->value : "VALUE");
    }
    return store(at, equals ? equals + 1 : "yes", err);
}

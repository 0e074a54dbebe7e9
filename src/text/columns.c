/* columns.c - see columns.h. */
#include "text/columns.h"

#include <math.h>
#include <string.h>

const rk_analysis rk_value_analysis = {.stemmer = "none", .keep_stops = true};

/* ---- values ---- */

static rk_status fold_level(rk_analyser *folder, rk_slice level, rk_text *out, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(folder, level, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        if (tokens[i].n_words == 1) {
            rk_text_add_slice(out, tokens[i].term);
            rk_text_add(out, " ");
        }
    }
    return status;
}

static bool ends_level(char c) { return c == '>' || c == '/' || c == '|' || c == '.'; }

rk_status rk_value_fold(rk_analyser *folder, rk_slice value, bool is_path, rk_text *out, rk_error *err)
{
    rk_status status = RK_OK;
    rk_text_clear(out);
    for (size_t at = 0, end = 0; !status && at < value.n; at = end + 1) {
        size_t before = out->n;
        for (end = at; end < value.n && !(is_path && ends_level(value.at[end])); end++) {
        }
        status = fold_level(folder, (rk_slice){value.at + at, end - at}, out, err);
        if (is_path && out->n > before) {
            rk_text_add(out, ">");
        }
    }
    if (!status && out->n == 0 && value.n > 0) { /* signs only: as they stand */
        rk_text_add_slice(out, value);
    }
    return !status && out->failed ? rk_fail_memory(err, "a value") : status;
}

double rk_value_number(rk_slice value)
{
    double number;
    int64_t whole;
    enum { DAY_S = 86400 };
    if (rk_parse_real(value, &number)) {
        return number;
    }
    if (rk_parse_date(value, &whole)) {
        return (double)whole * DAY_S;
    }
    return rk_parse_time(value, &whole) ? (double)whole : NAN;
}

/* ---- opening ---- */

static rk_status damaged(const rk_artefact *a, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(a), what);
}

static rk_status open_optional(const rk_artefact *a, const char *name, rk_type type, uint64_t rows, const void **out,
                               rk_error *err)
{
    const rk_section *section = NULL;
    *out = NULL;
    if (!rk_artefact_find(a, name)) {
        return RK_OK;
    }
    rk_status status = rk_artefact_need(a, name, type, rows, 1, &section, err);
    *out = status ? NULL : section->data;
    return status;
}

static rk_status open_sections(const rk_artefact *a, const rk_dataset *items, rk_columns *c, uint64_t *n_pairs,
                               rk_error *err)
{
    const rk_section *first, *number, *start, *item, *single;
    const void *events = NULL, *since = NULL;
    c->n_columns = RK_COLUMN_ATTRIBUTES + items->attributes.n;
    rk_status status = rk_artefact_need(a, "column.first", RK_U32, (uint64_t)c->n_columns + 1, 1, &first, err);
    status = status ? status : rk_artefact_need(a, "column.number", RK_F64, UINT64_MAX, 1, &number, err);
    status = status ? status : rk_artefact_need(a, "column.start", RK_U64, number->rows + 1, 1, &start, err);
    status = status ? status : rk_artefact_need(a, "column.item", RK_U32, UINT64_MAX, 1, &item, err);
    status = status ? status : rk_artefact_need(a, "column.single", RK_U32, items->n_items, 2, &single, err);
    status = status ? status : open_optional(a, "column.events", RK_U32, items->n_items, &events, err);
    status = status ? status : open_optional(a, "column.since", RK_I64, items->n_items, &since, err);
    status = status ? status : rk_names_open(a, "column.folded", false, &c->folded, err);
    status = status ? status : rk_names_open(a, "column.name", false, &c->name, err);
    if (status) {
        return status;
    }
    c->n_values = c->folded.n;
    c->first = first->data;
    c->number = number->data;
    c->start = start->data;
    c->item = item->data;
    c->single = single->data;
    c->events = events;
    c->since = since;
    *n_pairs = item->rows;
    return number->rows == c->n_values && c->name.n == c->n_values
               ? RK_OK
               : damaged(a, "its columns differ in how many values they have", err);
}

static bool are_good_runs(const rk_columns *c, uint64_t n_pairs)
{
    bool is_good = c->first[0] == 0 && c->first[c->n_columns] == c->n_values && c->start[0] == 0 &&
                   c->start[c->n_values] == n_pairs;
    for (uint32_t i = 0; i < c->n_columns; i++) {
        is_good &= c->first[i] <= c->first[i + 1];
    }
    for (uint32_t v = 0; v < c->n_values; v++) {
        is_good &= c->start[v] <= c->start[v + 1];
    }
    return is_good;
}

static bool are_good_items(const rk_columns *c, uint32_t n_items)
{
    bool is_good = true;
    for (uint32_t v = 0; v < c->n_values; v++) {
        uint32_t least = 0; /* that the next item may be */
        for (uint64_t at = c->start[v]; at < c->start[v + 1]; at++) {
            is_good &= c->item[at] >= least && c->item[at] < n_items;
            least = c->item[at] + 1;
        }
    }
    return is_good;
}

static bool are_good_singles(const rk_columns *c, uint32_t n_items)
{
    bool is_good = true;
    for (uint32_t i = 0; i < n_items; i++) {
        for (uint32_t column = 0; column < RK_COLUMN_ATTRIBUTES; column++) {
            uint32_t value = c->single[RK_COLUMN_ATTRIBUTES * i + column];
            is_good &= value == RK_NO_ID || (value >= c->first[column] && value < c->first[column + 1]);
        }
    }
    return is_good;
}

rk_status rk_columns_open(const rk_artefact *artefact, const rk_dataset *items, rk_columns *out, rk_error *err)
{
    uint64_t n_pairs = 0;
    *out = (rk_columns){0};
    rk_status status = open_sections(artefact, items, out, &n_pairs, err);
    if (status) {
        return status;
    }
    bool is_good =
        are_good_runs(out, n_pairs) && are_good_items(out, items->n_items) && are_good_singles(out, items->n_items);
    return is_good ? RK_OK : damaged(artefact, "a column is not what it says", err);
}

/* ---- looking up ---- */

/* A value against the one looked for; of beginnings, those that begin so are equal to it. */
static int compare(rk_slice value, rk_slice wanted, bool is_beginning)
{
    if (is_beginning && value.n > wanted.n) {
        value.n = wanted.n;
    }
    return rk_slice_compare(value, wanted);
}

/* The first value of a run that is at least, or, past, above the one looked for. */
static uint32_t bound(const rk_columns *c, rk_value_run run, rk_slice wanted, bool is_beginning, bool is_past)
{
    while (run.begin < run.end) {
        uint32_t middle = run.begin + (run.end - run.begin) / 2;
        int order = compare(rk_names_get(&c->folded, middle), wanted, is_beginning);
        if (order < 0 || (is_past && order == 0)) {
            run.begin = middle + 1;
        } else {
            run.end = middle;
        }
    }
    return run.begin;
}

rk_value_run rk_columns_find(const rk_columns *c, uint32_t column, rk_slice folded, bool is_beginning)
{
    rk_value_run all = {c->first[column], c->first[column + 1]};
    return (rk_value_run){bound(c, all, folded, is_beginning, false), bound(c, all, folded, is_beginning, true)};
}

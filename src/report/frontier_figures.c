/* frontier_figures.c - the frontier for machines: one table of keys gives the JSON and the CSV. */
#include <math.h>
#include <stdio.h>

#include "report/frontier_report.h"

typedef enum { ESTIMATE, REAL, COUNT, SIGNED, WORDS } kind;

typedef struct {
    const char *key; /* an estimate has its interval or range under KEY_low and KEY_high, in JSON under KEY_ci */
    kind kind;
    size_t field;
} figure_key;

#define FIELD(name) offsetof(rk_frontier_row, name)

static const figure_key keys[] = {
    {"variant", WORDS, FIELD(name)},
    {"made", WORDS, FIELD(made)},
    {"quality", ESTIMATE, FIELD(quality)},
    {"kept", ESTIMATE, FIELD(kept)},
    {"cost_per_year", ESTIMATE, FIELD(cost_per_year)},
    {"cost_per_1000", ESTIMATE, FIELD(cost_per_1000)},
    {"marginal_per_1000", REAL, FIELD(marginal_per_1000)},
    {"cpu_cost_per_1000", REAL, FIELD(cpu_cost_per_1000)},
    {"wh_per_1000", REAL, FIELD(wh_per_1000)},
    {"machines", SIGNED, FIELD(n_machines)},
    {"planned_rps", REAL, FIELD(planned_rps)},
    {"rps", ESTIMATE, FIELD(capacity_rps)},
    {"latency_ms_p99", ESTIMATE, FIELD(p99_ms)},
    {"cpu_ms_per_request", ESTIMATE, FIELD(cpu_ms)},
    {"file_bytes", COUNT, FIELD(file_bytes)},
    {"form_bytes", COUNT, FIELD(form_bytes)},
    {"resident_bytes", COUNT, FIELD(resident_bytes)},
    {"making_s", REAL, FIELD(making_s)},
    {"plan", WORDS, FIELD(plan)},
    {"model", WORDS, FIELD(model)},
    {"index", WORDS, FIELD(index)},
};

static const void *field_of(const rk_frontier_row *row, const figure_key *key)
{
    return (const char *)row + key->field;
}

static const char *standing_name(rk_standing_kind standing)
{
    static const char *const names[] = {"frontier", "tied", "beaten"};
    return names[standing];
}

/* ---- JSON ---- */

static void json_figure(rk_json *json, const rk_frontier_row *row, const figure_key *key)
{
    const void *field = field_of(row, key);
    switch (key->kind) {
    case ESTIMATE:
        rk_estimate_json(json, key->key, *(const rk_estimate *)field);
        return;
    case REAL:
        rk_json_real(json, key->key, *(const double *)field);
        return;
    case COUNT:
        rk_json_u64(json, key->key, *(const uint64_t *)field);
        return;
    case SIGNED:
        rk_json_i64(json, key->key, *(const int64_t *)field);
        return;
    case WORDS:
        rk_json_cstring(json, key->key, *(const char *const *)field);
        return;
    }
}

static void json_standing(rk_json *json, const char *key, const rk_frontier_report *r, rk_standing standing)
{
    rk_json_object(json, key);
    rk_json_cstring(json, "standing", standing_name(standing.kind));
    if (standing.kind != RK_ON_FRONTIER) {
        rk_json_cstring(json, "by", r->rows[standing.by].name);
    }
    rk_json_end_object(json);
}

static void json_row(const rk_frontier_report *r, const rk_frontier_row *row, rk_json *json)
{
    rk_json_object(json, NULL);
    for (size_t k = 0; k < RK_COUNT_OF(keys); k++) {
        json_figure(json, row, &keys[k]);
    }
    rk_json_cstring(json, "of", r->rows[row->of].name);
    rk_json_object(json, "cost_per_year_by_category");
    for (size_t c = 0; c < RK_N_CATEGORIES; c++) {
        rk_json_real(json, rk_category_name((rk_category)c), row->category_per_year[c]);
    }
    rk_json_end_object(json);
    json_standing(json, "by_cost", r, row->by_cost);
    json_standing(json, "by_latency", r, row->by_latency);
    rk_json_cstring(json, "verdict", rk_frontier_verdict_name(row->verdict));
    rk_json_array(json, "points");
    for (size_t i = 0; i < row->n_points; i++) {
        rk_json_object(json, NULL);
        rk_json_real(json, "offered_rps", row->points[i].rate);
        rk_json_real(json, "latency_ms_p50", row->points[i].p50_ms);
        rk_json_real(json, "latency_ms_p99", row->points[i].p99_ms);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}

static void json_name(rk_json *json, const char *key, const rk_frontier_report *r, size_t row)
{
    rk_json_cstring(json, key, row == RK_PARETO_NONE ? NULL : r->rows[row].name);
}

static void json_turn(rk_json *json, const char *key, const rk_break_even *turn)
{
    if (!(turn->factor > 0)) {
        rk_json_null(json, key);
        return;
    }
    rk_json_object(json, key);
    rk_json_real(json, "factor", turn->factor);
    rk_json_real(json, "requests_per_day", turn->requests_per_day);
    rk_json_bool(json, "chosen_is_cheaper_below", turn->first_is_cheaper_below);
    rk_json_end_object(json);
}

void rk_frontier_json(const rk_frontier_report *r, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "reckon", "frontier/1");
    rk_json_cstring(&json, "dataset", r->dataset);
    rk_json_cstring(&json, "grid", r->grid);
    rk_json_cstring(&json, "metric", r->metric);
    rk_json_cstring(&json, "made_at", r->made_at);
    rk_json_cstring(&json, "machine", r->machine);
    rk_json_cstring(&json, "build", r->build);
    rk_json_u64(&json, "seed", r->seed);
    rk_json_u64(&json, "test_users", r->n_test_users);
    rk_json_u64(&json, "repeats", r->repeats);
    rk_json_cstring(&json, "currency", r->currency);
    rk_json_cstring(&json, "service", r->service);
    rk_json_real(&json, "requests_per_day", r->requests_per_day);
    rk_json_u64(&json, "months", r->n_months);
    rk_json_real(&json, "quality_min", r->quality_min);
    rk_json_real(&json, "latency_ms_p99_max", r->p99_max_ms);
    rk_json_array(&json, "variants");
    for (size_t i = 0; i < r->n; i++) {
        json_row(r, &r->rows[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "left_out");
    for (size_t i = 0; i < r->n_omitted; i++) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "variant", r->omitted[i].name);
        rk_json_cstring(&json, "why", r->omitted[i].why);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    json_name(&json, "best", r, r->best);
    json_name(&json, "knee", r, r->knee);
    json_name(&json, "chosen", r, r->chosen);
    json_name(&json, "runner_up", r, r->runner_up);
    json_turn(&json, "break_even_below", &r->below);
    json_turn(&json, "break_even_above", &r->above);
    rk_json_cstring(&json, "advice", r->advice);
    rk_json_array(&json, "changes");
    for (size_t i = 0; i < r->n_changes; i++) {
        rk_json_cstring(&json, NULL, r->changes[i]);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* ---- CSV ---- */

typedef struct {
    rk_text *out;
    bool is_begun;
} csv_line;

static void csv_words(csv_line *line, const char *words)
{
    rk_text_add_cell(line->out, rk_slice_of(words), !line->is_begun);
    line->is_begun = true;
}

static void csv_real(csv_line *line, double value)
{
    rk_text text = {0};
    if (isfinite(value)) {
        rk_text_add_real(&text, value);
    }
    csv_words(line, text.at ? text.at : "");
    rk_text_release(&text);
}

static void csv_figure(csv_line *line, const rk_frontier_row *row, const figure_key *key)
{
    const void *field = field_of(row, key);
    const rk_estimate *e = field;
    switch (key->kind) {
    case ESTIMATE:
        csv_real(line, e->value);
        csv_real(line, e->low);
        csv_real(line, e->high);
        return;
    case REAL:
        csv_real(line, *(const double *)field);
        return;
    case COUNT:
        csv_real(line, (double)*(const uint64_t *)field);
        return;
    case SIGNED:
        csv_real(line, (double)*(const int64_t *)field);
        return;
    case WORDS:
        csv_words(line, *(const char *const *)field ? *(const char *const *)field : "");
        return;
    }
}

static void csv_head(csv_line *line)
{
    char word[48];
    for (size_t k = 0; k < RK_COUNT_OF(keys); k++) {
        csv_words(line, keys[k].key);
        for (size_t i = 0; i < 2 && keys[k].kind == ESTIMATE; i++) {
            snprintf(word, sizeof word, "%s_%s", keys[k].key, i ? "high" : "low");
            csv_words(line, word);
        }
    }
    for (size_t c = 0; c < RK_N_CATEGORIES; c++) {
        snprintf(word, sizeof word, "%s_per_year", rk_category_name((rk_category)c));
        csv_words(line, word);
    }
    csv_words(line, "by_cost");
    csv_words(line, "by_latency");
    csv_words(line, "verdict");
}

void rk_frontier_csv(const rk_frontier_report *r, rk_text *out)
{
    csv_head(&(csv_line){.out = out});
    rk_text_add(out, "\n");
    for (size_t i = 0; i < r->n; i++) {
        csv_line line = {.out = out};
        const rk_frontier_row *row = &r->rows[i];
        for (size_t k = 0; k < RK_COUNT_OF(keys); k++) {
            csv_figure(&line, row, &keys[k]);
        }
        for (size_t c = 0; c < RK_N_CATEGORIES; c++) {
            csv_real(&line, row->category_per_year[c]);
        }
        csv_words(&line, standing_name(row->by_cost.kind));
        csv_words(&line, standing_name(row->by_latency.kind));
        csv_words(&line, rk_frontier_verdict_name(row->verdict));
        rk_text_add(out, "\n");
    }
}

/* demo_study.c - from the frontier to the study that the demo's page is made of: the variants' figures, and the choice
 * at other volumes of the same plan. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "cost/unit.h"
#include "study/demo_parts.h"
#include "study/story.h"

static const double requests_per_day_max = 8e8; /* of volumes to account for */
static const double cost_grain = 0.01;
static const char baseline_name[] = "popular";

static const rk_frontier_report *report_of(const rk_demo_state *demo) { return rk_frontier_report_of(demo->frontier); }

static const char *words(rk_demo_state *demo, const char *fmt, ...) RK_PRINTF(2, 3);
static const char *words(rk_demo_state *demo, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *kept = rk_arena_words(&demo->arena, fmt, args);
    va_end(args);
    return kept ? kept : "";
}

/* "models/als.rk" of row i, under frontier/: what its plan is called says the file's name. */
static const char *file_of(rk_demo_state *demo, size_t i, const char *kind, const char *ending)
{
    const char *name = strrchr(report_of(demo)->rows[i].plan, '/') + 1;
    return words(demo, "frontier/%s/%.*s.%s", kind, (int)(strrchr(name, '.') - name), name, ending);
}

/* ---- variants ---- */

static rk_money money_of(double amount) { return (rk_money){isfinite(amount) ? llround(amount * 1e6) : 0}; }

static rk_status fill_variant(rk_demo_state *demo, size_t i, rk_study_variant *out, rk_error *err)
{
    const rk_frontier_report *r = report_of(demo);
    const rk_frontier_row *row = &r->rows[i];
    rk_report_variant *figures = &out->figures;
    rk_estimate unused;
    out->evaluation = file_of(demo, i, "evaluations", "json");
    out->profile = file_of(demo, i, "profiles", "json");
    rk_status status = rk_story_quality(rk_demo_path(demo, out->evaluation), &figures->quality, &unused,
                                        &demo->study.n_test_users, err);
    figures->name = figures->quality.name = row->name;
    figures->kept = row->kept;
    figures->model_bytes = row->file_bytes;
    figures->vector_bytes = row->form_bytes;
    figures->memory_bytes = row->resident_bytes;
    figures->capacity_rps = row->capacity_rps;
    figures->cpu_ms_per_request = row->cpu_ms.value;
    figures->full_per_1000 = money_of(row->cost_per_1000.value);
    figures->marginal_per_1000 = money_of(row->marginal_per_1000);
    figures->is_chosen = i == r->chosen;
    out->cost = row->cost_per_1000;
    for (size_t c = 0; c < RK_N_CATEGORIES; c++)
        out->category_per_1000[c] = row->category_per_year[c] / row->cost_per_year.value * row->cost_per_1000.value;
    return status;
}

static bool is_baseline(const rk_frontier_report *r, size_t i)
{
    return strcmp(r->rows[i].name, baseline_name) == 0 && i != r->chosen;
}

static rk_status fill_variants(rk_demo_state *demo, rk_error *err)
{
    const rk_frontier_report *r = report_of(demo);
    rk_study *study = &demo->study;
    rk_status status = RK_OK;
    study->variants = RK_TAKE(&demo->arena, rk_study_variant, r->n);
    if (!study->variants)
        return rk_fail_memory(err, "a study");
    for (size_t i = 0; i < r->n && !status; i++) {
        rk_study_variant *variant = &study->variants[study->n_variants];
        status = fill_variant(demo, i, variant, err);
        if (strcmp(r->rows[i].name, baseline_name) == 0)
            study->baseline = variant->figures.quality;
        study->n_variants += !is_baseline(r, i);
    }
    study->baseline.name = study->baseline.name ? study->baseline.name : baseline_name;
    return status;
}

/* ---- other volumes ---- */

/* What 1,000 answers cost with the variant's plan and so many requests a day. */
static rk_status price_at(rk_demo_state *demo, size_t i, double requests_per_day, rk_money *out, rk_error *err)
{
    const char *change = words(demo, "services.recommend.traffic.requests_per_day=%.0f", requests_per_day);
    rk_plan_source source = {.path = rk_demo_path(demo, words(demo, "frontier/%s", report_of(demo)->rows[i].plan)),
                             .changes = &change,
                             .n_changes = 1};
    rk_ledger *ledger;
    rk_status status = rk_cost_run(&source, demo->run, &ledger, err);
    if (status)
        return status;
    rk_scope all = rk_ledger_scope(ledger, 0);
    *out = rk_ledger_unit_cost(ledger, rk_unit_at(0), &all, RK_ALL_MONTHS).full;
    rk_ledger_free(ledger);
    return RK_OK;
}

/* By the rule of the frontier, among those that it admits. */
static const char *chosen_at(const rk_frontier_report *r, const rk_estimate *costs)
{
    bool admitted[RK_PARETO_MAX], cheaper[RK_PARETO_MAX * RK_PARETO_MAX];
    for (size_t i = 0; i < r->n; i++)
        admitted[i] = r->rows[i].verdict < RK_FRONTIER_TOO_BAD;
    rk_clearly_less(costs, r->n, cost_grain, cheaper);
    size_t chosen = rk_pareto_choose(&(rk_pareto_ask){.n = r->n, .cheaper = cheaper}, admitted, RK_PARETO_NONE);
    return chosen == RK_PARETO_NONE ? "none" : r->rows[chosen].name;
}

static rk_status price_volume(rk_demo_state *demo, rk_report_volume *out, rk_error *err)
{
    const rk_frontier_report *r = report_of(demo);
    rk_estimate costs[RK_PARETO_MAX];
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        rk_money per_1000;
        rk_status status = price_at(demo, i, out->requests_per_day, &per_1000, err);
        if (status)
            return status;
        double cost = (double)per_1000.micros;
        costs[i] = (rk_estimate){cost, cost, cost};
        if (!is_baseline(r, i))
            out->per_1000[n++] = per_1000;
    }
    out->advised = chosen_at(r, costs);
    return RK_OK;
}

static rk_status price_volumes(rk_demo_state *demo, rk_error *err)
{
    static const double multiples[] = {1, 10, 100, 1000, 10000};
    rk_study *study = &demo->study;
    rk_status status = RK_OK;
    study->volumes = RK_TAKE(&demo->arena, rk_report_volume, RK_COUNT_OF(multiples));
    if (!study->volumes)
        return rk_fail_memory(err, "a study");
    for (size_t i = 0; i < RK_COUNT_OF(multiples) && !status; i++) {
        double requests = report_of(demo)->requests_as_written * multiples[i];
        if (requests >= 1 && requests < requests_per_day_max) {
            rk_report_volume *volume = &study->volumes[study->n_volumes++];
            volume->requests_per_day = requests;
            status = price_volume(demo, volume, err);
        }
    }
    return status;
}

/* ---- the study ---- */

/* statement.json of the chosen variant, or of the best where none was chosen. */
static rk_status write_statement(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    const rk_frontier_report *r = report_of(demo);
    const rk_frontier_row *row = &r->rows[r->chosen == RK_PARETO_NONE ? r->best : r->chosen];
    rk_text statement = {0};
    rk_ledger *ledger;
    demo->study.plan = words(demo, "frontier/%s", row->plan);
    rk_plan_source source = {.path = rk_demo_path(demo, demo->study.plan)};
    rk_status status = rk_cost_run(&source, demo->run, &ledger, err);
    if (status)
        return status;
    rk_ledger_json(ledger, &statement);
    rk_text_add(&statement, "\n");
    rk_text_addf(out, "%u months, %zu lines, ", rk_ledger_n_months(ledger), rk_ledger_n_lines(ledger));
    rk_report_money(rk_ledger_currency(ledger), rk_ledger_total(ledger), out);
    rk_text_addf(out, " with %s", row->name);
    status = statement.failed ? rk_fail_memory(err, "a statement")
                              : rk_file_write_text(rk_demo_path(demo, "statement.json"), &statement, err);
    rk_ledger_free(ledger);
    rk_text_release(&statement);
    return status;
}

rk_status rk_demo_account(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    const rk_frontier_report *r = report_of(demo);
    demo->study.currency = r->currency;
    demo->study.slo_ms = r->p99_max_ms;
    demo->study.advice = r->advice;
    rk_status status = fill_variants(demo, err);
    status = status ? status : price_volumes(demo, err);
    return status ? status : write_statement(demo, out, err);
}

rk_status rk_demo_write_study(rk_demo_state *demo, rk_error *err)
{
    char now[24];
    rk_text text = {0};
    rk_study *study = &demo->study;
    const rk_frontier_report *r = report_of(demo);
    const char *slash = strrchr(demo->log_path, '/');
    rk_format_time(rk_clock_unix_s(), now);
    study->title = "A shop's recommendations: how good, how fast, at what cost";
    study->subtitle = words(demo, "%s: %s; %s%s", slash ? slash + 1 : demo->log_path, r->data_words, r->plan_words,
                            demo->options->quick ? ". Measured quickly: for a test, not for a decision." : ".");
    study->machine = r->machine;
    study->made_at = words(demo, "%s", now);
    study->build = r->build;
    study->steps = demo->steps.data;
    study->n_steps = demo->steps.n;
    rk_study_json(study, &text);
    rk_text_add(&text, "\n");
    rk_status status =
        text.failed ? rk_fail_memory(err, "a study") : rk_file_write_text(rk_demo_path(demo, "study.json"), &text, err);
    rk_text_release(&text);
    return status;
}

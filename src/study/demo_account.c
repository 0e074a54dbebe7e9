/* demo_account.c - what each variant costs, how sure that is, and which one to deploy.
 *
 * Every repetition of the measurement goes through the accountant on its own: the spread of its answers is what the
 * noise of timing does to the cost. The repetition with the middle capacity stands for the variant.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cost/ledger.h"
#include "cost/unit.h"
#include "data/dataset.h"
#include "measure/profile.h"
#include "model/model.h"
#include "study/advise.h"
#include "study/demo_parts.h"
#include "study/plan_text.h"
#include "study/shop_figures.h"
#include "study/story.h"
#include "study/study_file.h"

static const double requests_per_day_max = 8e8; /* of volumes to account for */
/* Assumptions are not known better than this: a smaller difference in cost is none. */
static const rk_advice_rule advice_rule = {.keep_share = 0.99, .cost_grain = 0.01};

#define PATH(name) rk_demo_path(demo, name)

/* ---- figures of the making ---- */

/* Adds what making this model took to the retraining; gives its bytes. */
static rk_status read_model_figures(rk_demo_state *demo, const char *name, rk_plan_figures *figures,
                                    uint64_t *vector_bytes, rk_error *err)
{
    rk_model *model;
    rk_status status = rk_model_open(PATH(name), &model, err);
    if (status)
        return status;
    const rk_artefact *artefact = rk_model_artefact(model);
    figures->training_hours += rk_artefact_making(artefact).wall_s / 3600;
    figures->model_bytes = rk_artefact_bytes(artefact);
    *vector_bytes = rk_model_form_bytes(model);
    rk_model_close(model);
    return RK_OK;
}

/* What a retraining of this variant takes: cleaning, training, and compression where there is one. */
static rk_status variant_figures(rk_demo_state *demo, size_t i, rk_plan_figures *out, uint64_t *vector_bytes,
                                 rk_error *err)
{
    *out = (rk_plan_figures){
        .made_by = "reckon demo", .name = "gift shop recommendations", .slo_ms = demo->options->slo_ms, .cores = rk_machine_read().cores};
    rk_shop_figures_next_year(out);
    rk_status status =
        rk_shop_figures_read(PATH("retail.rk"), demo->options->requests_per_day, &demo->arena, out, err);
    status = status ? status : read_model_figures(demo, rk_demo_variants[0].model, out, vector_bytes, err);
    if (i > 0)
        status = status ? status : read_model_figures(demo, rk_demo_variants[i].model, out, vector_bytes, err);
    return status;
}

/* ---- accounts ---- */

typedef struct {
    double rps;
    rk_money full, marginal;
    double category_per_1000[RK_N_CATEGORIES];
} account;

static rk_status read_ledger(const rk_ledger *ledger, account *out, rk_error *err)
{
    rk_view view;
    rk_scope all = rk_ledger_scope(ledger, 0);
    rk_unit_cost unit = rk_ledger_unit_cost(ledger, rk_unit_at(0), &all, RK_ALL_MONTHS);
    rk_status status = rk_ledger_view(ledger, RK_ACCRUAL, RK_BY_CATEGORY, RK_BY_LAYER, &view, err);
    if (status)
        return status;
    *out = (account){.rps = rk_ledger_service(ledger, 0)->capacity_rps,
                     .full = unit.full,
                     .marginal = unit.marginal};
    for (uint32_t row = 0; row < view.n_rows; row++)
        for (size_t i = 0; i < RK_N_CATEGORIES; i++)
            if (unit.n_units > 0 && strcmp(view.row[row], rk_category_name((rk_category)i)) == 0)
                out->category_per_1000[i] = (double)view.row_sum[row].micros / 1e6 / unit.n_units * 1000;
    rk_view_release(&view);
    return RK_OK;
}

/* Accounts for the figures with the profile of that name; the ledger goes to *ledger when it is asked for. */
static rk_status run_plan(rk_demo_state *demo, const rk_plan_figures *figures, const char *profile, account *out,
                          rk_ledger **ledger, rk_error *err)
{
    rk_plan_figures own = *figures;
    rk_ledger *made = NULL;
    rk_text text = {0};
    own.profile = profile;
    rk_plan_text(&own, &text);
    rk_status status = text.failed
                           ? rk_fail_memory(err, "a plan")
                           : rk_cost_run(&(rk_plan_source){.path = PATH("plan.yaml"), .text = {text.at, text.n}}, demo->run, &made, err);
    status = status ? status : read_ledger(made, out, err);
    if (status || !ledger)
        rk_ledger_free(made);
    else
        *ledger = made;
    rk_text_release(&text);
    return status;
}

static rk_estimate estimate_of(double value, const double *all, size_t n)
{
    rk_estimate estimate = {value, value, value};
    for (size_t i = 0; i < n; i++) {
        estimate.low = fmin(estimate.low, all[i]);
        estimate.high = fmax(estimate.high, all[i]);
    }
    return estimate;
}

/* Of n accounts the one with the middle capacity; of an even number the lower of the two. */
static unsigned middle_of(const account *accounts, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned n_below = 0;
        for (unsigned j = 0; j < n; j++)
            n_below += accounts[j].rps < accounts[i].rps || (accounts[j].rps == accounts[i].rps && j < i);
        if (n_below == (n - 1) / 2)
            return i;
    }
    return 0;
}

static rk_status copy_profile(rk_demo_state *demo, const rk_demo_variant *variant, unsigned repeat,
                              rk_report_variant *out, rk_error *err)
{
    rk_profile profile;
    rk_status status = rk_profile_read(rk_demo_profile_path(demo, variant, repeat), &profile, err);
    if (status)
        return status;
    status = rk_profile_write(&profile, PATH(variant->profile), err);
    out->memory_bytes = profile.memory_bytes;
    out->cpu_ms_per_request = NAN;
    for (size_t i = 0; i < profile.points.n; i++) { /* of the busiest point inside the objective */
        const rk_profile_point *point = rk_profile_point_at(&profile, i);
        if (point->within_slo)
            out->cpu_ms_per_request = point->cpu_ms_per_request;
    }
    rk_profile_release(&profile);
    return status;
}

/* The accounts of all repetitions, as one. */
typedef struct {
    account middle;
    unsigned repeat; /* that the middle is of */
    rk_estimate rps, cost;
} repeated_account;

static rk_status account_repeats(rk_demo_state *demo, const rk_demo_variant *variant, const rk_plan_figures *figures,
                                 repeated_account *out, rk_error *err)
{
    account accounts[RK_DEMO_REPEATS_MAX] = {0};
    double rps[RK_DEMO_REPEATS_MAX] = {0}, cost[RK_DEMO_REPEATS_MAX] = {0};
    unsigned n = rk_demo_repeats(demo);
    for (unsigned r = 0; r < n; r++) {
        const char *path = rk_demo_profile_path(demo, variant, r), *slash = strrchr(path, '/');
        rk_status status = run_plan(demo, figures, slash ? slash + 1 : path, &accounts[r], NULL, err);
        if (status)
            return status;
        rps[r] = accounts[r].rps;
        cost[r] = (double)accounts[r].full.micros / 1e6;
    }
    unsigned middle = middle_of(accounts, n);
    *out = (repeated_account){accounts[middle], middle, estimate_of(rps[middle], rps, n),
                              estimate_of(cost[middle], cost, n)};
    return RK_OK;
}

static rk_status price_variant(rk_demo_state *demo, size_t i, rk_plan_figures *figures, rk_study_variant *out,
                               rk_error *err)
{
    repeated_account priced;
    rk_status status = variant_figures(demo, i, figures, &out->figures.vector_bytes, err);
    status = status ? status : account_repeats(demo, &rk_demo_variants[i], figures, &priced, err);
    if (status)
        return status;
    if (priced.rps.high > 2 * priced.rps.low)
        rk_log(demo->run, RK_LOG_WARNING, "%s answered %.0f to %.0f requests/s: the machine was busy; the tie is wide",
               rk_demo_variants[i].name, priced.rps.low, priced.rps.high);
    out->figures.model_bytes = figures->model_bytes;
    out->figures.capacity_rps = priced.rps;
    out->figures.full_per_1000 = priced.middle.full;
    out->figures.marginal_per_1000 = priced.middle.marginal;
    out->cost = priced.cost;
    memcpy(out->category_per_1000, priced.middle.category_per_1000, sizeof out->category_per_1000);
    return copy_profile(demo, &rk_demo_variants[i], priced.repeat, &out->figures, err);
}

/* The same plan with so many requests. */
static rk_status price_volume(rk_demo_state *demo, const rk_plan_figures *figures, double requests_per_day,
                              rk_report_volume *out, rk_error *err)
{
    rk_candidate candidates[RK_DEMO_VARIANTS];
    rk_verdict verdicts[RK_DEMO_VARIANTS];
    out->requests_per_day = requests_per_day;
    for (size_t i = 0; i < RK_DEMO_VARIANTS; i++) {
        repeated_account priced;
        rk_plan_figures own = figures[i];
        own.requests_per_day = requests_per_day;
        rk_status status = account_repeats(demo, &rk_demo_variants[i], &own, &priced, err);
        if (status)
            return status;
        out->per_1000[i] = priced.middle.full;
        candidates[i] = (rk_candidate){rk_demo_variants[i].name, demo->study.variants[i].figures.kept, priced.cost};
    }
    out->advised = rk_demo_variants[rk_advise(candidates, RK_DEMO_VARIANTS, advice_rule, verdicts)].name;
    return RK_OK;
}

static rk_status price_volumes(rk_demo_state *demo, const rk_plan_figures *figures, rk_error *err)
{
    static const double multiples[] = {1, 10, 100, 1000, 10000};
    rk_study *study = &demo->study;
    rk_status status = RK_OK;
    study->volumes = RK_TAKE(&demo->arena, rk_report_volume, RK_COUNT_OF(multiples));
    if (!study->volumes)
        return rk_fail_memory(err, "a study");
    for (size_t i = 0; i < RK_COUNT_OF(multiples) && !status; i++) {
        double requests = figures[0].requests_per_day * multiples[i];
        if (requests < requests_per_day_max)
            status = price_volume(demo, figures, requests, &study->volumes[study->n_volumes++], err);
    }
    return status;
}

/* ---- the study ---- */

static rk_status write_advised(rk_demo_state *demo, const rk_plan_figures *figures, const rk_demo_variant *variant,
                               rk_text *words, rk_error *err)
{
    rk_plan_figures own = *figures;
    rk_text plan = {0}, statement = {0};
    rk_ledger *ledger = NULL;
    account unused;
    own.profile = variant->profile;
    rk_plan_text(&own, &plan);
    rk_status status = run_plan(demo, figures, variant->profile, &unused, &ledger, err);
    if (!status) {
        rk_ledger_json(ledger, &statement);
        rk_text_addf(words, "%u months, %zu lines, ", rk_ledger_n_months(ledger), rk_ledger_n_lines(ledger));
        rk_report_money(rk_ledger_currency(ledger), rk_ledger_total(ledger), words);
        rk_text_addf(words, " with %s", variant->name);
        if (!statement.failed && statement.n && statement.at[statement.n - 1] != '\n')
            rk_text_add(&statement, "\n");
    }
    status = status ? status : rk_file_write_text(PATH("plan.yaml"), &plan, err);
    status = status ? status : rk_file_write_text(PATH("statement.json"), &statement, err);
    rk_ledger_free(ledger);
    rk_text_release(&plan);
    rk_text_release(&statement);
    return status;
}

static rk_status write_prices(rk_demo_state *demo, rk_error *err)
{
    rk_text text = {0};
    rk_prices_text(rk_machine_read().cores, &text);
    rk_status status =
        text.failed ? rk_fail_memory(err, "a price book") : rk_file_write_text(PATH("prices.yaml"), &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status advise(rk_demo_state *demo, rk_study *study, size_t *advised, rk_error *err)
{
    rk_candidate candidates[RK_DEMO_VARIANTS];
    rk_verdict verdicts[RK_DEMO_VARIANTS];
    rk_text words = {0};
    char metric[24];
    snprintf(metric, sizeof metric, "ndcg@%d", RK_DEMO_K);
    for (size_t i = 0; i < RK_DEMO_VARIANTS; i++)
        candidates[i] =
            (rk_candidate){study->variants[i].figures.name, study->variants[i].figures.kept, study->variants[i].cost};
    *advised = rk_advise(candidates, RK_DEMO_VARIANTS, advice_rule, verdicts);
    study->variants[*advised].figures.is_chosen = true;
    rk_advise_words(candidates, RK_DEMO_VARIANTS, advice_rule, metric, "USD per 1,000 recommendations", &words);
    study->advice = words.failed ? NULL : rk_keep_words(&demo->arena, words.at);
    rk_text_release(&words);
    return study->advice ? RK_OK : rk_fail_memory(err, "advice");
}

static rk_status read_qualities(rk_demo_state *demo, rk_study *study, rk_error *err)
{
    rk_estimate unused;
    rk_status status =
        rk_story_quality(PATH("evaluation.popular.json"), &study->baseline, &unused, &study->n_test_users, err);
    study->baseline.name = "popular";
    for (size_t i = 0; i < RK_DEMO_VARIANTS && !status; i++) {
        rk_study_variant *variant = &study->variants[i];
        const rk_demo_variant *row = &rk_demo_variants[i];
        status = rk_story_quality(PATH(row->evaluation), &variant->figures.quality, &variant->figures.kept, NULL, err);
        variant->figures.name = variant->figures.quality.name = row->name;
        variant->profile = row->profile;
        variant->evaluation = row->evaluation;
    }
    return status;
}

rk_status rk_demo_account(rk_demo_state *demo, rk_text *words, rk_error *err)
{
    rk_plan_figures figures[RK_DEMO_VARIANTS];
    rk_study *study = &demo->study;
    size_t advised = 0;
    study->variants = RK_TAKE(&demo->arena, rk_study_variant, RK_DEMO_VARIANTS);
    study->n_variants = RK_DEMO_VARIANTS;
    study->currency = "USD";
    study->slo_ms = demo->options->slo_ms;
    if (!study->variants)
        return rk_fail_memory(err, "a study");
    rk_status status = write_prices(demo, err);
    status = status ? status : read_qualities(demo, study, err);
    for (size_t i = 0; i < RK_DEMO_VARIANTS && !status; i++)
        status = price_variant(demo, i, &figures[i], &study->variants[i], err);
    status = status ? status : advise(demo, study, &advised, err);
    status = status ? status : price_volumes(demo, figures, err);
    return status ? status : write_advised(demo, &figures[advised], &rk_demo_variants[advised], words, err);
}

static const char *kept_format(rk_demo_state *demo, rk_text *text)
{
    const char *kept = text->failed ? NULL : rk_keep_words(&demo->arena, text->at ? text->at : "");
    rk_text_release(text);
    return kept;
}

static rk_status head_words(rk_demo_state *demo, rk_study *study, rk_error *err)
{
    char now[24];
    rk_text subtitle = {0}, machine = {0};
    rk_machine here = rk_machine_read();
    rk_model *model;
    const char *slash = strrchr(demo->log_path, '/');
    rk_status status = rk_model_open(PATH(rk_demo_variants[0].model), &model, err);
    if (status)
        return status;
    rk_text_addf(&subtitle, "%s: ", slash ? slash + 1 : demo->log_path);
    rk_text_add_fixed(&subtitle, rk_model_n_users(model), 0);
    rk_text_add(&subtitle, " customers, ");
    rk_text_add_fixed(&subtitle, rk_model_n_items(model), 0);
    rk_text_addf(&subtitle,
                 " products; model %s with %u factors, as trained (fp32), in half the bytes (fp16) and in a quarter "
                 "(int8)",
                 rk_model_label(model), rk_model_dim(model));
    rk_text_add(&subtitle, demo->options->quick ? ". Measured quickly: for a test, not for a decision." : ".");
    rk_model_close(model);
    rk_text_addf(&machine, "%s, %u cores, %.0f GiB", here.cpu, here.cores, here.memory_gib);
    rk_format_time(rk_clock_unix_s(), now);
    study->title = "A shop's recommendations: how good, how fast, at what cost";
    study->subtitle = kept_format(demo, &subtitle);
    study->machine = kept_format(demo, &machine);
    study->made_at = rk_keep_words(&demo->arena, now);
    study->build = "reckon " RECKON_VERSION;
    return study->subtitle && study->machine && study->made_at ? RK_OK : rk_fail_memory(err, "a study");
}

rk_status rk_demo_write_study(rk_demo_state *demo, rk_error *err)
{
    rk_text text = {0};
    rk_study *study = &demo->study;
    study->steps = demo->steps.data;
    study->n_steps = demo->steps.n;
    rk_status status = head_words(demo, study, err);
    if (!status) {
        rk_study_json(study, &text);
        rk_text_add(&text, "\n");
        status = text.failed ? rk_fail_memory(err, "a study") : rk_file_write_text(PATH("study.json"), &text, err);
    }
    rk_text_release(&text);
    return status;
}

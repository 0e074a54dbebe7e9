/* story.c - gathers a folder's files, or the files named, into one rk_report.
 *
 * Nothing is trusted: every file is read with the reader of its room and checked there; what is missing is an error
 * only when study.json promised it.
 */
#include "study/story.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cost/ledger.h"
#include "cost/slo.h"
#include "math/rational.h"
#include "measure/profile.h"
#include "study/study_file.h"

enum { PATH_BYTES_MAX = 4096 };

struct rk_story {
    rk_arena arena; /* owns texts and arrays */
    rk_ledger *ledger;
    rk_view origins;
    rk_study study;
    rk_report_grid grid; /* all categories x all layers, in the order of the method */
    const char *category[RK_N_CATEGORIES], *layer[RK_N_LAYERS];
    rk_money cell[RK_N_CATEGORIES * RK_N_LAYERS], category_sum[RK_N_CATEGORIES], layer_sum[RK_N_LAYERS];
    rk_report_variant variants[RK_REPORT_VARIANTS_MAX];
    rk_report report;
};

/* ---- evaluations ---- */

rk_status rk_story_quality(const char *path, rk_report_quality *quality, rk_estimate *kept, uint64_t *n_users,
                           rk_error *err)
{
    json_t *root;
    rk_status status = rk_json_read(path, &root, err);
    if (status)
        return status;
    *quality = (rk_report_quality){0};
    *kept = (rk_estimate){1, 1, 1};
    if (!rk_json_estimate(root, "recall@20", &quality->recall) || !rk_json_estimate(root, "ndcg@20", &quality->ndcg))
        status = rk_fail_at(err, (rk_place){.path = path}, "the figures recall@20 and ndcg@20 are needed here");
    (void)rk_json_estimate(root, "ndcg_kept", kept); /* only a variant has it */
    if (n_users)
        *n_users = (uint64_t)json_integer_value(json_object_get(root, "users"));
    json_decref(root);
    return status;
}

/* ---- variants ---- */

/* "DIR/profile.int8.json" with prefix "profile." -> "int8"; any other name without its ending. */
static const char *variant_name(rk_story *story, const char *path, const char *prefix)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        name += strlen(prefix);
    const char *dot = strrchr(name, '.');
    size_t n = dot && dot > name ? (size_t)(dot - name) : strlen(name);
    return rk_arena_copy(&story->arena, name, n);
}

/* The variant of that name, new when there is none; NULL when there are too many or memory is short. */
static rk_report_variant *variant_of(rk_story *story, const char *name)
{
    rk_report *report = &story->report;
    for (size_t i = 0; name && i < report->n_variants; i++)
        if (strcmp(story->variants[i].name, name) == 0)
            return &story->variants[i];
    if (!name || report->n_variants == RK_REPORT_VARIANTS_MAX)
        return NULL;
    rk_report_variant *variant = &story->variants[report->n_variants++];
    *variant = (rk_report_variant){.name = name, .kept = {1, 1, 1}, .cpu_ms_per_request = NAN};
    variant->quality.name = name;
    return variant;
}

static int by_rate(const void *a, const void *b)
{
    const rk_latency_point *x = a, *y = b;
    return (x->rate > y->rate) - (x->rate < y->rate);
}

/* What a plan would count with; 0 where the objective was met nowhere. A profile without one has its knee. */
static double capacity_of(const char *path, const rk_profile *profile)
{
    mpq_t rps;
    rk_slo_answer answer;
    rk_error ignored;
    if (!(profile->slo_ms_p99 > 0))
        return profile->knee_rps;
    rk_slo slo = {.latency_ms_p99 = {.value = rk_decimal_of_real(profile->slo_ms_p99)},
                  .errors = {.value = rk_decimal_of_real(0.001)}};
    mpq_init(rps);
    bool is_met = rk_slo_capacity(path, &slo, (rk_place){.path = path}, rps, &answer, &ignored) == RK_OK;
    double capacity = is_met ? rk_rational_real(rps) : 0;
    mpq_clear(rps);
    return capacity;
}

static rk_status add_profile(rk_story *story, rk_report_variant *variant, const char *path, rk_error *err)
{
    rk_profile profile;
    rk_status status = rk_profile_read(path, &profile, err);
    if (status)
        return status;
    rk_latency_point *points = RK_TAKE(&story->arena, rk_latency_point, profile.points.n);
    for (size_t i = 0; points && i < profile.points.n; i++) {
        const rk_profile_point *point = rk_profile_point_at(&profile, i);
        points[i] = (rk_latency_point){point->offered_rps, point->latency_ms_p50, point->latency_ms_p99};
        if (point->within_slo && !story->report.advice)
            variant->cpu_ms_per_request = point->cpu_ms_per_request;
    }
    if (points)
        qsort(points, profile.points.n, sizeof *points, by_rate);
    variant->points = points;
    variant->n_points = points ? profile.points.n : 0;
    if (!story->study.title) { /* a study has its own, priced capacity */
        double capacity = capacity_of(path, &profile);
        variant->capacity_rps = (rk_estimate){capacity, capacity, capacity};
        variant->memory_bytes = profile.memory_bytes;
        story->report.slo_ms = profile.slo_ms_p99;
        rk_text machine = {0};
        rk_text_addf(&machine, "%s, %u cores", profile.machine.cpu, profile.machine.cores);
        story->report.machine = rk_keep_words(&story->arena, machine.at);
        rk_text_release(&machine);
    }
    rk_profile_release(&profile);
    return points ? RK_OK : rk_fail_memory(err, "the points of a profile");
}

/* ---- cleaning ---- */

static uint64_t count_of(const json_t *object, const char *key)
{
    json_int_t n = json_integer_value(json_object_get(object, key));
    return n > 0 ? (uint64_t)n : 0;
}

static rk_status add_rules(rk_story *story, const json_t *root, const char *path, rk_error *err)
{
    const json_t *list = json_object_get(root, "rules");
    size_t n = json_array_size(list), n_kept = 0;
    rk_report_rule *rules = RK_TAKE(&story->arena, rk_report_rule, n);
    for (size_t i = 0; rules && i < n; i++) {
        const json_t *row = json_array_get(list, i);
        const char *name = json_string_value(json_object_get(row, "rule"));
        if (!name)
            return rk_fail_at(err, (rk_place){.path = path}, "rule %zu of the cleaning report has no name", i + 1);
        if (json_is_false(json_object_get(row, "on")))
            continue;
        rules[n_kept].label = rk_keep_words(&story->arena, name);
        if (!rules[n_kept].label)
            return rk_fail_memory(err, "a cleaning report");
        rules[n_kept++].n_taken = count_of(row, "taken");
    }
    story->report.rules = rules;
    story->report.n_rules = n_kept;
    return rules ? RK_OK : rk_fail_memory(err, "a cleaning report");
}

static rk_status add_cleaning(rk_story *story, const char *path, rk_error *err)
{
    json_t *root;
    rk_status status = rk_json_read(path, &root, err);
    if (status)
        return status;
    story->report.n_rows_read = count_of(root, "rows");
    story->report.n_events_kept = count_of(root, "kept");
    story->report.row_words = "rows read";
    status = story->report.n_rows_read
                 ? add_rules(story, root, path, err)
                 : rk_fail_at(err, (rk_place){.path = path}, "not a cleaning report: 'rows' is missing");
    json_decref(root);
    return status;
}

/* ---- the plan ---- */

static rk_status add_origins(rk_story *story, rk_error *err)
{
    rk_report_origin *origins = RK_TAKE(&story->arena, rk_report_origin, story->origins.n_rows);
    if (!origins)
        return rk_fail_memory(err, "the origins of a plan");
    for (uint32_t row = 0; row < story->origins.n_rows; row++) {
        size_t n = 0;
        char words[32];
        for (size_t i = 0; i < rk_ledger_n_lines(story->ledger); i++)
            n += strcmp(rk_origin_name(rk_ledger_line(story->ledger, i)->origin), story->origins.row[row]) == 0;
        snprintf(words, sizeof words, "%zu", n);
        origins[row] = (rk_report_origin){story->origins.row[row], rk_keep_words(&story->arena, words),
                                          story->origins.row_sum[row]};
    }
    story->report.origins = origins;
    story->report.n_origins = story->origins.n_rows;
    return RK_OK;
}

static rk_status add_plan_words(rk_story *story, rk_error *err)
{
    rk_text words = {0};
    double requests = 0;
    for (uint32_t i = 0; i < rk_ledger_n_services(story->ledger); i++)
        for (uint32_t m = 0; m < rk_ledger_n_months(story->ledger); m++)
            requests += (double)rk_ledger_service(story->ledger, i)->months[m].requests_micros / 1e6;
    rk_text_addf(&words, "%s: %u months from %s, ", rk_ledger_name(story->ledger), rk_ledger_n_months(story->ledger),
                 rk_ledger_month(story->ledger, 0));
    rk_text_add_fixed(&words, requests, 0);
    rk_text_add(&words, " requests, ");
    rk_report_money(rk_ledger_currency(story->ledger), rk_ledger_total(story->ledger), &words);
    rk_text_add(&words, " in all.");
    story->report.plan_words = words.failed ? NULL : rk_keep_words(&story->arena, words.at);
    rk_text_release(&words);
    return story->report.plan_words ? RK_OK : rk_fail_memory(err, "the words of a plan");
}

/* "recommend: at most 2 x c7i.large at a time, 0.4 % of the paid hours used" */
static const char *fleet_words(rk_story *story, const rk_cost_service *service)
{
    int64_t paid = 0, idle = 0, most = 0;
    rk_text words = {0};
    for (uint32_t m = 0; m < rk_ledger_n_months(story->ledger); m++) {
        paid += service->months[m].paid_hours_micros;
        idle += service->months[m].idle_hours_micros;
        most = service->months[m].n_machines_max > most ? service->months[m].n_machines_max : most;
    }
    rk_text_addf(&words, "%s: at most %" PRId64 " × %s at a time, ", service->name, most, service->machine);
    rk_text_add_fixed(&words, paid > 0 ? 100 * (1 - (double)idle / (double)paid) : 0, 1);
    rk_text_add(&words,
                " % of the paid machine-hours used. While machines stand idle, a faster variant saves nothing.");
    const char *kept = words.failed ? NULL : rk_keep_words(&story->arena, words.at);
    rk_text_release(&words);
    return kept;
}

static rk_status add_plan_notes(rk_story *story, rk_error *err)
{
    size_t n_own = rk_ledger_n_notes(story->ledger), n = 0;
    uint32_t n_services = rk_ledger_n_services(story->ledger);
    const char **notes = RK_TAKE(&story->arena, const char *, n_own + n_services);
    bool is_short = !notes;
    for (size_t i = 0; !is_short && i < n_own; i++)
        notes[n++] = rk_ledger_note(story->ledger, i);
    for (uint32_t i = 0; !is_short && i < n_services; i++) {
        const rk_cost_service *service = rk_ledger_service(story->ledger, i);
        if (service->machine) {
            notes[n] = fleet_words(story, service);
            is_short = !notes[n++];
        }
    }
    story->report.plan_notes = notes;
    story->report.n_plan_notes = n;
    return is_short ? rk_fail_memory(err, "the notes of a plan") : RK_OK;
}

static void fill_grid(rk_story *story)
{
    for (size_t i = 0; i < RK_N_CATEGORIES; i++)
        story->category[i] = rk_category_name((rk_category)i);
    for (size_t i = 0; i < RK_N_LAYERS; i++)
        story->layer[i] = rk_layer_name((rk_layer)i);
    for (size_t i = 0; i < rk_ledger_n_lines(story->ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(story->ledger, i);
        story->cell[line->category * RK_N_LAYERS + line->layer].micros += line->amount.micros;
        story->category_sum[line->category].micros += line->amount.micros;
        story->layer_sum[line->layer].micros += line->amount.micros;
    }
    story->grid =
        (rk_report_grid){RK_N_CATEGORIES, RK_N_LAYERS,         story->category,  story->layer,
                         story->cell,     story->category_sum, story->layer_sum, rk_ledger_total(story->ledger)};
}

static rk_status add_plan(rk_story *story, const char *path, const rk_run *run, rk_error *err)
{
    rk_status status = rk_cost_run(&(rk_plan_source){.path = path}, run, &story->ledger, err);
    status =
        status ? status : rk_ledger_view(story->ledger, RK_ACCRUAL, RK_BY_ORIGIN, RK_BY_CATEGORY, &story->origins, err);
    if (status)
        return status;
    fill_grid(story);
    story->report.statement = &story->grid;
    story->report.currency = rk_ledger_currency(story->ledger);
    status = add_origins(story, err);
    status = status ? status : add_plan_words(story, err);
    return status ? status : add_plan_notes(story, err);
}

/* ---- a folder, or files ---- */

static rk_status add_study(rk_story *story, const char *folder, const rk_run *run, rk_error *err)
{
    char path[PATH_BYTES_MAX];
    rk_study *study = &story->study;
    rk_report *report = &story->report;
    snprintf(path, sizeof path, "%s/study.json", folder);
    rk_status status = rk_study_read(path, &story->arena, study, err);
    if (status)
        return status;
    report->title = study->title;
    report->subtitle = study->subtitle;
    report->made_at = study->made_at;
    report->machine = study->machine;
    report->build = study->build;
    report->advice = study->advice;
    report->currency = study->currency;
    report->slo_ms = study->slo_ms;
    report->baseline = &study->baseline;
    report->n_test_users = study->n_test_users;
    report->volumes = study->volumes;
    report->n_volumes = study->n_volumes;
    report->steps = study->steps;
    report->n_steps = study->n_steps;
    report->n_variants = study->n_variants;
    for (size_t i = 0; i < study->n_variants && !status; i++) {
        story->variants[i] = study->variants[i].figures;
        memcpy(story->variants[i].category_per_1000, study->variants[i].category_per_1000,
               sizeof study->variants[i].category_per_1000);
        snprintf(path, sizeof path, "%s/%s", folder, study->variants[i].profile);
        status = add_profile(story, &story->variants[i], path, err);
    }
    snprintf(path, sizeof path, "%s/cleaning.json", folder);
    status = status ? status : add_cleaning(story, path, err);
    snprintf(path, sizeof path, "%s/%s", folder, study->plan);
    status = status ? status : add_plan(story, path, run, err);
    return status;
}

static rk_status too_many(rk_error *err)
{
    return rk_fail(err, RK_BAD_USAGE, "a report holds at most %d variants", RK_REPORT_VARIANTS_MAX);
}

static rk_status add_files(rk_story *story, const rk_story_sources *sources, const rk_run *run, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < sources->n_evaluations && !status; i++) {
        rk_report_variant *variant = variant_of(story, variant_name(story, sources->evaluations[i], "evaluation."));
        status = variant ? rk_story_quality(sources->evaluations[i], &variant->quality, &variant->kept,
                                            &story->report.n_test_users, err)
                         : too_many(err);
        if (variant)
            variant->quality.name = variant->name;
    }
    for (size_t i = 0; i < sources->n_profiles && !status; i++) {
        rk_report_variant *variant = variant_of(story, variant_name(story, sources->profiles[i], "profile."));
        status = variant ? add_profile(story, variant, sources->profiles[i], err) : too_many(err);
    }
    if (sources->cleaning)
        status = status ? status : add_cleaning(story, sources->cleaning, err);
    if (sources->plan)
        status = status ? status : add_plan(story, sources->plan, run, err);
    return status;
}

static rk_status set_defaults(rk_story *story, const rk_story_sources *sources, rk_error *err)
{
    char now[24];
    rk_report *report = &story->report;
    rk_format_time(rk_clock_unix_s(), now);
    const char *kept = rk_keep_words(&story->arena, now);
    report->title = sources->title ? sources->title : report->title ? report->title : "A reckoning";
    report->subtitle = report->subtitle ? report->subtitle : "";
    report->made_at = report->made_at ? report->made_at : kept;
    report->machine = report->machine ? report->machine : "not measured here";
    report->build = report->build ? report->build : "reckon " RECKON_VERSION;
    report->currency = report->currency ? report->currency : "";
    report->quality_words = "20";
    report->variants = story->variants;
    return kept ? RK_OK : rk_fail_memory(err, "a report");
}

rk_status rk_story_open(const rk_story_sources *sources, const rk_run *run, rk_story **out, rk_error *err)
{
    rk_story *story = calloc(1, sizeof *story);
    if (!story)
        return rk_fail_memory(err, "a report");
    rk_status status =
        sources->folder ? add_study(story, sources->folder, run, err) : add_files(story, sources, run, err);
    status = status ? status : set_defaults(story, sources, err);
    if (status) {
        rk_story_close(story);
        return status;
    }
    *out = story;
    return RK_OK;
}

void rk_story_close(rk_story *story)
{
    if (!story)
        return;
    rk_view_release(&story->origins);
    rk_ledger_free(story->ledger);
    rk_arena_release(&story->arena);
    free(story);
}

const rk_report *rk_story_report(const rk_story *story) { return &story->report; }

rk_status rk_story_write(const rk_story_sources *sources, const char *out_path, const rk_run *run, rk_error *err)
{
    rk_story *story;
    rk_text page = {0};
    rk_status status = rk_story_open(sources, run, &story, err);
    if (status)
        return status;
    rk_report_html(rk_story_report(story), &page);
    status = page.failed ? rk_fail_memory(err, "a page") : rk_file_write_text(out_path, &page, err);
    rk_text_release(&page);
    rk_story_close(story);
    return status;
}

/* frontier_steps.c - split, tune, train, compress, judge and measure: one row a kind of step.
 *
 * Measurements go round after round over all variants, so that a slow minute of the machine falls on all alike.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "compress/compress.h"
#include "eval/paired.h"
#include "math/sorted.h"
#include "measure/measure.h"
#include "model/model.h"
#include "study/frontier_parts.h"
#include "study/study_file.h"
#include "tune/tune.h"

enum { MEASURE_TRIES = 3, ALL_VARIANTS = RK_GRID_VARIANTS_MAX };

/* Change it when a step does something else with the same inputs. */
static const char step_version[] = "frontier/1";

typedef struct step step;

typedef struct {
    const char *name;
    void (*files)(rk_frontier *f, const step *s, rk_step *out); /* options, inputs, outputs */
    rk_status (*make)(rk_frontier *f, const step *s, rk_error *err);
} step_kind;

struct step {
    const step_kind *kind;
    size_t variant; /* ALL_VARIANTS: of none */
    unsigned repeat;
    double expected_s; /* what it took the last time; 0 = unknown */
};

static void set_files(rk_step *out, const char *const *inputs, size_t n_inputs, const char *const *outputs,
                      size_t n_outputs)
{
    memcpy(out->inputs, inputs, n_inputs * sizeof *inputs);
    memcpy(out->outputs, outputs, n_outputs * sizeof *outputs);
}

#define SET_FILES(out, inputs, outputs) set_files(out, inputs, RK_COUNT_OF(inputs), outputs, RK_COUNT_OF(outputs))

static const char *train_path(rk_frontier *f) { return rk_frontier_path(f, "train.rk"); }
static const char *test_path(rk_frontier *f) { return rk_frontier_path(f, "test.rk"); }
static const char *model_path(rk_frontier *f, size_t v) { return rk_frontier_file(f, "models", v, "rk"); }
static const char *tuned_path(rk_frontier *f, size_t v) { return rk_frontier_file(f, "tuned", v, "json"); }

static rk_status write_json(const char *path, rk_text *text, rk_error *err)
{
    rk_text_add(text, "\n");
    return text->failed ? rk_fail_memory(err, "a JSON text") : rk_file_write_text(path, text, err);
}

/* ---- split ---- */

static void split_files(rk_frontier *f, const step *s, rk_step *out)
{
    (void)s;
    const char *const inputs[] = {f->options->dataset_path}, *const outputs[] = {train_path(f), test_path(f)};
    out->options = rk_frontier_text(f, "%s %s %.17g seed=%" PRIu64, step_version, rk_split_rule_name(f->split.rule),
                                    f->split.test_share, f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static rk_status split(rk_frontier *f, const step *s, rk_error *err)
{
    (void)s;
    rk_split_report report;
    return rk_split(f->options->dataset_path, &f->split, train_path(f), test_path(f), f->run, &report, err);
}

/* ---- tune ---- */

static const char *words_of(rk_frontier *f, const char *const *set, size_t n)
{
    rk_text text = {0};
    for (size_t i = 0; i < n; i++) {
        rk_text_addf(&text, " %s", set[i]);
    }
    const char *kept = rk_frontier_text(f, "%s", text.at ? text.at : "");
    f->is_short |= text.failed;
    rk_text_release(&text);
    return kept;
}

static bool is_set(const rk_grid_variant *row, const char *option)
{
    size_t n = strlen(option);
    for (size_t i = 0; i < row->n_set; i++) {
        if (strncmp(row->set[i], option, n) == 0 && row->set[i][n] == '=') {
            return true;
        }
    }
    return false;
}

/* Some option of the model is worth searching and not set. */
static bool is_tuned(const rk_frontier *f, size_t v)
{
    const rk_grid_variant *row = f->variants[v].row;
    const rk_model_kind *kind = row->model ? rk_model_kind_find(row->model) : NULL;
    for (size_t i = 0; kind && f->grid.n_trials > 0 && i < kind->n_options; i++) {
        if (kind->options[i].tune && !is_set(row, kind->options[i].name)) {
            return true;
        }
    }
    return false;
}

static void tune_files(rk_frontier *f, const step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {train_path(f)}, *const outputs[] = {tuned_path(f, s->variant)};
    out->options = rk_frontier_text(f, "%s %s%s trials=%u metric=%s seed=%" PRIu64, step_version, row->model,
                                    words_of(f, row->set, row->n_set), f->grid.n_trials, f->target.key, f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static rk_status write_tuned(rk_frontier *f, const rk_tuning *tuning, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_arena arena = {0};
    size_t n = 0;
    const rk_trial *best = rk_tuned_best(tuning->winner);
    const char *const *words = rk_tuned_words(tuning->winner, best->x, 1, &arena, &n);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "reckon", "tuned/1");
    rk_json_u64(&json, "trials", tuning->winner->trials.n);
    rk_json_real(&json, f->target.key, best->value);
    rk_json_array(&json, "set");
    for (size_t i = 0; words && i < n; i++) {
        rk_json_cstring(&json, NULL, words[i]);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    rk_status status = words ? write_json(path, &text, err) : rk_fail_memory(err, "tuned settings");
    rk_arena_release(&arena);
    rk_text_release(&text);
    return status;
}

static rk_status tune(rk_frontier *f, const step *s, rk_error *err)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    rk_tuning *tuning;
    rk_tune_options options = {.dataset_path = train_path(f),
                               .split = {.test_share = f->split.test_share},
                               .splits_by_itself = true,
                               .models = &row->model,
                               .n_models = 1,
                               .metric = f->target.key,
                               .search = &rk_search_tpe,
                               .budget = f->grid.n_trials,
                               .parallel = 1,
                               .set = row->set,
                               .n_set = row->n_set};
    rk_status status = rk_tune(&options, f->run, &tuning, err);
    if (!status) {
        status = write_tuned(f, tuning, tuned_path(f, s->variant), err);
        rk_tuning_free(tuning);
    }
    return status;
}

/* The settings to train with: those found, or those written. Borrowed from *root, which the caller ends. */
static rk_status read_settings(rk_frontier *f, size_t v, json_t **root, const char *const **set, size_t *n,
                               rk_error *err)
{
    const rk_grid_variant *row = f->variants[v].row;
    *root = NULL;
    *set = row->set;
    *n = row->n_set;
    if (!is_tuned(f, v)) {
        return RK_OK;
    }
    rk_status status = rk_json_read(tuned_path(f, v), root, err);
    const json_t *list = json_object_get(*root, "set");
    const char **words = status ? NULL : RK_TAKE(&f->arena, const char *, json_array_size(list));
    if (!words) {
        return status ? status : rk_fail_memory(err, "tuned settings");
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        words[i] = json_string_value(json_array_get(list, i));
        if (!words[i]) {
            return rk_fail(err, RK_BAD_INPUT, "%s: 'set' holds texts", tuned_path(f, v));
        }
    }
    *set = words;
    *n = json_array_size(list);
    return RK_OK;
}

const char *rk_frontier_settings_words(rk_frontier *f, size_t v)
{
    json_t *root;
    const char *const *set;
    size_t n;
    rk_error none;
    const char *words =
        read_settings(f, v, &root, &set, &n, &none) || n == 0 ? "" : rk_frontier_text(f, ",%s", words_of(f, set, n));
    json_decref(root);
    return words;
}

/* ---- train, compress ---- */

static void train_files(rk_frontier *f, const step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {train_path(f), is_tuned(f, s->variant) ? tuned_path(f, s->variant) : NULL};
    const char *const outputs[] = {model_path(f, s->variant)};
    out->options = rk_frontier_text(f, "%s %s%s seed=%" PRIu64, step_version, row->model,
                                    words_of(f, row->set, row->n_set), f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static rk_status train(rk_frontier *f, const step *s, rk_error *err)
{
    json_t *root;
    const char *const *set;
    size_t n;
    rk_status status = read_settings(f, s->variant, &root, &set, &n, err);
    status = status ? status
                    : rk_model_train(train_path(f), f->variants[s->variant].row->model, set, n,
                                     model_path(f, s->variant), f->run, err);
    json_decref(root);
    return status;
}

static void compress_files(rk_frontier *f, const step *s, rk_step *out)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    const char *const inputs[] = {model_path(f, row->of)}, *const outputs[] = {model_path(f, s->variant)};
    out->options = rk_frontier_text(f, "%s %s seed=%" PRIu64, step_version, row->to, f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static rk_status compress(rk_frontier *f, const step *s, rk_error *err)
{
    const rk_grid_variant *row = f->variants[s->variant].row;
    rk_compression report;
    return rk_compress(model_path(f, row->of), row->to, NULL, 0, model_path(f, s->variant), f->run, &report, err);
}

/* ---- evaluate ---- */

static void evaluate_files(rk_frontier *f, const step *s, rk_step *out)
{
    const char *const inputs[] = {model_path(f, s->variant), test_path(f)};
    const char *const outputs[] = {rk_frontier_file(f, "evaluations", s->variant, "json"),
                                   rk_frontier_file(f, "evaluations", s->variant, "rk")};
    out->options = rk_frontier_text(f, "%s %s seed=%" PRIu64, step_version, f->target.key, f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static rk_status evaluate(rk_frontier *f, const step *s, rk_error *err)
{
    rk_eval_plan plan = {.cut = {f->target.cut ? f->target.cut : 20}, .n_cuts = 1};
    rk_evaluation evaluation;
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_status status =
        rk_evaluate_files(model_path(f, s->variant), test_path(f), NULL, &plan, f->run, &evaluation, err);
    if (status) {
        return status;
    }
    rk_json_object(&json, NULL);
    rk_evaluation_json(&evaluation, &json);
    rk_json_end_object(&json);
    status = write_json(rk_frontier_file(f, "evaluations", s->variant, "json"), &text, err);
    status = status ? status
                    : rk_user_figures_write(&evaluation, f->target.key,
                                            rk_frontier_file(f, "evaluations", s->variant, "rk"), err);
    rk_evaluation_release(&evaluation);
    rk_text_release(&text);
    return status;
}

/* ---- measure ---- */

static void measure_files(rk_frontier *f, const step *s, rk_step *out)
{
    rk_machine machine = rk_machine_read();
    const char *const inputs[] = {model_path(f, s->variant)};
    const char *const outputs[] = {rk_frontier_profile(f, s->variant, s->repeat)};
    out->options = rk_frontier_text(f, "%s seconds=%g slo=%g cpu=%s cores=%u seed=%" PRIu64, step_version,
                                    f->grid.seconds, f->slo_ms, machine.cpu, machine.cores, f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static bool is_any_within(const rk_profile *profile)
{
    for (size_t i = 0; i < profile->points.n; i++) {
        if (rk_profile_point_at(profile, i)->within_slo) {
            return true;
        }
    }
    return false;
}

/* Again when no rate at all was inside the limit, which is what a busy minute of the machine does. */
static rk_status measure(rk_frontier *f, const step *s, rk_error *err)
{
    rk_measure_options options = rk_measure_defaults();
    options.model_path = model_path(f, s->variant);
    options.program = f->options->program;
    options.slo_ms_p99 = f->slo_ms;
    options.seconds = f->grid.seconds;
    options.points = f->grid.seconds < 4 ? 8 : options.points;
    for (unsigned n_tries = 1; n_tries <= MEASURE_TRIES; n_tries++) {
        rk_profile profile;
        rk_status status = rk_measure(&options, f->run, &profile, err);
        if (status) {
            return status;
        }
        bool is_good = is_any_within(&profile);
        status = is_good ? rk_profile_write(&profile, rk_frontier_profile(f, s->variant, s->repeat), err) : RK_OK;
        rk_profile_release(&profile);
        if (is_good) {
            return status;
        }
    }
    return rk_fail(err, RK_BAD_INPUT, "no rate was answered with p99 <= %g ms, %d times over", f->slo_ms,
                   MEASURE_TRIES);
}

/* ---- load ---- */

/* The planned rate, or what a second must hold at least for its figures to mean anything. */
static double load_rate(const rk_frontier *f, size_t v)
{
    enum { RPS_MIN = 100 };
    return fmax(RPS_MIN, f->variants[v].load_rps);
}

static void load_files(rk_frontier *f, const step *s, rk_step *out)
{
    rk_machine machine = rk_machine_read();
    const char *const inputs[] = {model_path(f, s->variant)};
    const char *const outputs[] = {rk_frontier_load_profile(f, s->variant, s->repeat)};
    out->options =
        rk_frontier_text(f, "%s seconds=%g rate=%.6g cpu=%s cores=%u seed=%" PRIu64, step_version, f->grid.seconds,
                         load_rate(f, s->variant), machine.cpu, machine.cores, f->run->seed);
    SET_FILES(out, inputs, outputs);
}

static rk_status load(rk_frontier *f, const step *s, rk_error *err)
{
    rk_measure_options options = rk_measure_defaults();
    rk_profile profile;
    options.model_path = model_path(f, s->variant);
    options.program = f->options->program;
    options.slo_ms_p99 = f->slo_ms;
    options.rate_rps = load_rate(f, s->variant);
    options.seconds = f->grid.seconds;
    rk_status status = rk_measure(&options, f->run, &profile, err);
    if (!status) {
        status = rk_profile_write(&profile, rk_frontier_load_profile(f, s->variant, s->repeat), err);
        rk_profile_release(&profile);
    }
    return status;
}

/* ---- all of them ---- */

static const step_kind split_kind = {"split", split_files, split}, tune_kind = {"tune", tune_files, tune},
                       train_kind = {"train", train_files, train},
                       compress_kind = {"compress", compress_files, compress},
                       evaluate_kind = {"evaluate", evaluate_files, evaluate},
                       measure_kind = {"measure", measure_files, measure}, load_kind = {"load", load_files, load};

typedef struct {
    rk_frontier *f;
    rk_vec steps; /* of step */
    size_t n_reused, n_done;
    double done_s;     /* of those done, none reused */
    bool loads_follow; /* the load as planned is measured after these */
} work;

static const char *name_of(rk_frontier *f, const step *s)
{
    if (s->variant == ALL_VARIANTS) {
        return s->kind->name;
    }
    const char *variant = f->variants[s->variant].row->name;
    return s->repeat ? rk_frontier_text(f, "%s %s %u", s->kind->name, variant, s->repeat)
                     : rk_frontier_text(f, "%s %s", s->kind->name, variant);
}

static void add(work *w, const step_kind *kind, size_t variant, unsigned repeat)
{
    step s = {kind, variant, repeat, 0};
    s.expected_s = rk_journal_seconds(w->f->journal, name_of(w->f, &s));
    if (s.expected_s <= 0 && (kind == &measure_kind || kind == &load_kind)) {
        s.expected_s = w->f->grid.seconds + 2;
    }
    w->f->is_short |= !rk_vec_push(&w->steps, &s);
}

static void add_all(work *w)
{
    rk_frontier *f = w->f;
    add(w, &split_kind, ALL_VARIANTS, 0);
    for (size_t v = 0; v < f->grid.n; v++) {
        if (is_tuned(f, v)) {
            add(w, &tune_kind, v, 0);
        }
        add(w, f->variants[v].row->to ? &compress_kind : &train_kind, v, 0);
        add(w, &evaluate_kind, v, 0);
    }
    for (unsigned r = 1; r <= f->grid.repeats; r++) {
        for (size_t v = 0; v < f->grid.n; v++) {
            add(w, &measure_kind, v, r);
        }
    }
}

static double load_seconds(const work *w)
{
    double seconds = 0;
    for (size_t v = 0; v < w->f->grid.n && w->loads_follow; v++) {
        seconds += w->f->variants[v].left_out ? 0 : w->f->grid.repeats * (w->f->grid.seconds + 2);
    }
    return seconds;
}

/* Steps from `from` on: as long as last time, or as others of the kind are expected to take. */
static double seconds_left(const work *w, size_t from)
{
    double known_s = 0;
    size_t n_unknown = 0;
    const step *steps = w->steps.data;
    for (size_t i = from; i < w->steps.n; i++) {
        if (steps[i].variant != ALL_VARIANTS && w->f->variants[steps[i].variant].left_out) {
            continue;
        }
        known_s += steps[i].expected_s;
        n_unknown += !(steps[i].expected_s > 0);
    }
    double mean_s = w->n_done ? w->done_s / (double)w->n_done : 1;
    return known_s + (double)n_unknown * mean_s + load_seconds(w);
}

static void tell(const work *w, size_t i, const char *name, double seconds)
{
    rk_text words = {0};
    rk_text_addf(&words, "%zu of %zu, %s: ", i + 1, w->steps.n, name);
    rk_text_add_seconds(&words, seconds);
    if (i + 1 < w->steps.n || w->loads_follow) {
        rk_text_add(&words, "; about ");
        rk_text_add_seconds(&words, seconds_left(w, i + 1));
        rk_text_add(&words, " left");
    }
    if (!words.failed) {
        rk_log(w->f->run, RK_LOG_INFO, "%s", words.at);
    }
    rk_text_release(&words);
}

/* Another variant that it is made of is not there. */
static bool is_orphan(const rk_frontier *f, const step *s)
{
    return s->variant != ALL_VARIANTS && f->variants[f->variants[s->variant].row->of].left_out;
}

/* A variant that fails is left out; what all of them need must not fail. */
static rk_status fail_step(rk_frontier *f, const step *s, rk_status status, rk_error *err)
{
    if (s->variant == ALL_VARIANTS || status == RK_STOPPED) {
        return status;
    }
    rk_frontier_leave_out(f, s->variant, err->message);
    rk_log(f->run, RK_LOG_WARNING, "%s is left out: %s", f->variants[s->variant].row->name, err->message);
    return RK_OK;
}

static rk_status do_step(work *w, size_t i, rk_error *err)
{
    rk_frontier *f = w->f;
    const step *s = (const step *)w->steps.data + i;
    rk_step row = {.name = name_of(f, s)};
    bool is_done;
    double seconds;
    if (s->variant != ALL_VARIANTS && f->variants[s->variant].left_out) {
        return RK_OK;
    }
    if (is_orphan(f, s)) {
        rk_frontier_leave_out(f, s->variant,
                              rk_frontier_text(f, "%s, which it is made of, is left out",
                                               f->variants[f->variants[s->variant].row->of].row->name));
        return RK_OK;
    }
    s->kind->files(f, s, &row);
    if (f->is_short) {
        return rk_fail_memory(err, "the steps of a frontier");
    }
    rk_status status = rk_journal_check(f->journal, &row, &is_done, &seconds, err);
    if (status || is_done) {
        w->n_reused += !status;
        return status;
    }
    rk_stopwatch watch = rk_stopwatch_start();
    status = s->kind->make(f, s, err);
    seconds = rk_stopwatch_stop(watch).wall_s;
    if (status) {
        return fail_step(f, s, status, err);
    }
    status = rk_journal_add(f->journal, &row, seconds, err);
    w->n_done++;
    w->done_s += seconds;
    tell(w, i, row.name, seconds);
    return status;
}

static rk_status do_steps(rk_frontier *f, void (*list)(work *w), bool loads_follow, rk_error *err)
{
    work w = {.f = f, .loads_follow = loads_follow, .steps = {.item_bytes = sizeof(step)}};
    rk_status status = RK_OK;
    list(&w);
    for (size_t i = 0; i < w.steps.n && !status; i++) {
        status = do_step(&w, i, err);
    }
    if (!status && f->is_short) {
        status = rk_fail_memory(err, "the steps of a frontier");
    }
    f->report.n_steps += w.steps.n;
    f->report.n_reused += w.n_reused;
    rk_vec_release(&w.steps);
    return status;
}

rk_status rk_frontier_steps(rk_frontier *f, rk_error *err) { return do_steps(f, add_all, true, err); }

/* ---- the load as planned ---- */

static void add_loads(work *w)
{
    for (unsigned r = 1; r <= w->f->grid.repeats; r++) {
        for (size_t i = 0; i < w->f->report.n; i++) {
            add(w, &load_kind, w->f->variant_of[i], r);
        }
    }
}

/* The median, and the range; unknown where one of them is. */
static rk_estimate spread_of(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) {
            return (rk_estimate){NAN, NAN, NAN};
        }
    }
    rk_sort_reals(values, n);
    return (rk_estimate){rk_sorted_quantile(values, n, 0.5), values[0], values[n - 1]};
}

static rk_status read_loads(rk_frontier *f, size_t row, rk_error *err)
{
    double p99_ms[RK_GRID_REPEATS_MAX], cpu_ms[RK_GRID_REPEATS_MAX];
    size_t v = f->variant_of[row];
    for (unsigned r = 0; r < f->grid.repeats; r++) {
        rk_profile profile;
        rk_status status = rk_profile_read(rk_frontier_load_profile(f, v, r + 1), &profile, err);
        if (status) {
            return status;
        }
        const rk_profile_point *point = rk_profile_point_at(&profile, 0);
        p99_ms[r] = point ? point->latency_ms_p99 : NAN;
        cpu_ms[r] = point ? point->cpu_ms_per_request : NAN;
        rk_profile_release(&profile);
    }
    f->rows[row].p99_ms = spread_of(p99_ms, f->grid.repeats);
    f->rows[row].cpu_ms = spread_of(cpu_ms, f->grid.repeats);
    f->rows[row].cpu_cost_per_1000 = f->rows[row].cpu_ms.value / 3600 * f->variants[v].core_hour_price;
    return RK_OK;
}

rk_status rk_frontier_load(rk_frontier *f, rk_error *err)
{
    rk_status status = do_steps(f, add_loads, false, err);
    for (size_t i = 0; i < f->report.n && !status; i++) {
        status = f->variants[f->variant_of[i]].left_out
                     ? rk_fail(err, RK_IO, "%s cannot be measured at the planned load: %.300s", f->rows[i].name,
                               f->variants[f->variant_of[i]].left_out)
                     : read_loads(f, i, err);
    }
    return status;
}

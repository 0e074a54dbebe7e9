/* tune_try.c - one trial: settings in, figure out. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tune/tune_parts.h"

static const char *words(rk_arena *arena, const char *fmt, ...) RK_PRINTF(2, 3);
static const char *words(rk_arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = rk_arena_words(arena, fmt, args);
    va_end(args);
    return text;
}

static const char *axis_word(const rk_axis *axis, double value, rk_arena *arena)
{
    rk_text text = {0};
    rk_axis_format(axis, value, &text);
    const char *word = text.failed ? NULL : words(arena, "%s=%s", axis->option->name, text.at);
    rk_text_release(&text);
    return word;
}

const char *const *rk_tuned_words(const rk_tuned *tuned, const double *x, double share, rk_arena *arena, size_t *n)
{
    const char **list = RK_TAKE(arena, const char *, tuned->n_fixed + tuned->space.n + 1);
    bool is_short = !list;
    *n = 0;
    for (size_t i = 0; !is_short && i < tuned->n_fixed; i++) {
        list[(*n)++] = tuned->fixed[i];
    }
    for (size_t a = 0; !is_short && a < tuned->space.n; a++) {
        is_short = !(list[(*n)++] = axis_word(&tuned->space.axis[a], x[a], arena));
    }
    if (!is_short && tuned->resource && share < 1) {
        uint64_t part = (uint64_t)fmax(1, round((double)tuned->whole * share));
        is_short = !(list[(*n)++] = words(arena, "%s=%llu", tuned->resource->name, (unsigned long long)part));
    }
    return is_short ? NULL : list;
}

uint64_t rk_tune_bytes(const rk_bench *bench, const rk_tuned *tuned, const rk_trial *trial, unsigned n_threads)
{
    const rk_model_kind *model = tuned->model;
    const rk_side *side = rk_tune_side(bench, tuned, trial->share);
    rk_arena arena = {0};
    uint64_t bytes = 0;
    size_t n = 0;
    rk_option_table table = {model->options, model->n_options,
                             rk_arena_take(&arena, 1, model->settings_bytes + 1, _Alignof(max_align_t))};
    const char *const *list = rk_tuned_words(tuned, trial->x, trial->share, &arena, &n);
    if (table.settings && list) {
        rk_status status = RK_OK;
        rk_options_defaults(table);
        for (size_t i = 0; !status && i < n; i++) {
            status = rk_options_set(table, list[i], NULL);
        }
        bytes = status ? 0 : model->predict_bytes(&side->train, table.settings, n_threads);
        rk_options_release(table);
    }
    rk_arena_release(&arena);
    return bytes;
}

/* Whether the trial is at fault and not the machine. */
static bool is_of_trial(rk_status status)
{
    return status == RK_BAD_INPUT || status == RK_BAD_USAGE || status == RK_NO_MEMORY || status == RK_UNSUPPORTED;
}

static rk_status take_figure(const rk_bench *bench, const char *model, const rk_evaluation *evaluation, rk_trial *trial,
                             rk_error *err)
{
    const rk_figure *figure = rk_evaluation_find(evaluation, bench->tuning->target.key);
    if (!figure || !isfinite(figure->value)) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' cannot be judged by %s", model, bench->tuning->target.key);
    }
    trial->value = figure->value;
    trial->low = figure->has_interval ? figure->low : NAN;
    trial->high = figure->has_interval ? figure->high : NAN;
    return RK_OK;
}

static rk_status judge(const rk_bench *bench, const rk_side *side, const char *path, const rk_run *run,
                       rk_evaluation *out, rk_error *err)
{
    uint32_t cut = bench->tuning->target.cut;
    const rk_eval_plan plan = {.cut = {cut ? cut : 10}, .n_cuts = 1};
    rk_model *model = NULL;
    rk_status status = rk_model_open(path, &model, err);
    status = status ? status : rk_evaluate(model, &side->valid, NULL, &plan, run, out, err);
    rk_model_close(model);
    return status;
}

rk_status rk_tune_try(const rk_bench *bench, const rk_tuned *tuned, unsigned slot, const rk_run *run, rk_trial *trial,
                      rk_error *why, rk_error *err)
{
    char path[sizeof bench->scratch + 32];
    size_t n = 0;
    const rk_side *side = rk_tune_side(bench, tuned, trial->share);
    rk_arena arena = {0};
    rk_evaluation evaluation = {0};
    rk_stopwatch watch = rk_stopwatch_start();
    snprintf(path, sizeof path, "%s/trial%u.rk", bench->scratch, slot);
    const char *const *list = rk_tuned_words(tuned, trial->x, trial->share, &arena, &n);
    rk_status status = list ? RK_OK : rk_fail_memory(why, "the settings of a trial");
    status = status ? status : rk_model_train(side->train_path, tuned->model->name, list, n, path, run, why);
    trial->train_s = rk_stopwatch_stop(watch).wall_s;
    status = status ? status : judge(bench, side, path, run, &evaluation, why);
    status = status ? status : take_figure(bench, tuned->model->name, &evaluation, trial, why);
    trial->seconds = rk_stopwatch_stop(watch).wall_s;
    (void)unlink(path);
    rk_arena_release(&arena);
    rk_evaluation_release(&evaluation);
    if (status == RK_OK) {
        *why = (rk_error){0};
    }
    return status && !is_of_trial(status) ? rk_fail(err, status, "%s", why->message) : RK_OK;
}

/* tune.c - the study from its data to its model. */
#include "tune/tune.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "tune/tune_parts.h"

/* ---- the study file ---- */

enum { MARKS_FIXED = 5, MARKS_EACH = 2 };

/* Every option as the trials start from it: its fallback, or what is fixed. */
static rk_status base_settings(const rk_tuned *tuned, rk_text *out, rk_error *err)
{
    const rk_model_kind *model = tuned->model;
    rk_option_table table = {model->options, model->n_options, calloc(1, model->settings_bytes + 1)};
    if (!table.settings) {
        return rk_fail_memory(err, "settings");
    }
    rk_status status = RK_OK;
    rk_json json = {.text = out};
    rk_options_defaults(table);
    for (size_t i = 0; !status && i < tuned->n_fixed; i++) {
        status = rk_options_set(table, tuned->fixed[i], err);
    }
    rk_options_json(table, &json, NULL);
    rk_options_release(table);
    free(table.settings);
    return status;
}

static const char *keep_text(rk_tuning *tuning, rk_text *text)
{
    const char *kept = text->failed ? NULL : rk_arena_copy(&tuning->arena, text->at ? text->at : "", text->n);
    rk_text_clear(text);
    return kept;
}

static rk_status mark_tuned(rk_tuning *tuning, const rk_tuned *tuned, rk_trial_mark *marks, rk_error *err)
{
    rk_text text = {0};
    marks[0].may_join = marks[1].may_join = true;
    rk_text_addf(&text, "space of %s", tuned->model->name);
    marks[0].key = keep_text(tuning, &text);
    rk_space_format(&tuned->space, &text);
    marks[0].value = keep_text(tuning, &text);
    rk_text_addf(&text, "other settings of %s", tuned->model->name);
    marks[1].key = keep_text(tuning, &text);
    rk_status status = base_settings(tuned, &text, err);
    marks[1].value = keep_text(tuning, &text);
    rk_text_release(&text);
    if (!status && (!marks[0].key || !marks[0].value || !marks[1].key || !marks[1].value)) {
        status = rk_fail_memory(err, "the marks of a study");
    }
    return status;
}

/* What the study is of: another study is told apart by it. */
static rk_status open_study(rk_bench *bench, const rk_dataset *dataset, rk_error *err)
{
    rk_tuning *tuning = bench->tuning;
    char hash[24], search[64], seed[24];
    size_t n = 0;
    rk_trial_mark *marks = RK_TAKE(&tuning->arena, rk_trial_mark, MARKS_FIXED + MARKS_EACH * tuning->n_models);
    if (!marks) {
        return rk_fail_memory(err, "the marks of a study");
    }
    snprintf(hash, sizeof hash, "%016" PRIx64, rk_artefact_hash(dataset->artefact));
    snprintf(seed, sizeof seed, "%" PRIu64, bench->run->seed);
    snprintf(search, sizeof search, "%s", tuning->search->name);
    if (tuning->search == &rk_search_tpe && bench->options->parallel > 1) {
        snprintf(search, sizeof search, "%s, %zu at a time", tuning->search->name, bench->options->parallel);
    }
    marks[n++] = (rk_trial_mark){"data", hash, false};
    marks[n++] = (rk_trial_mark){"validation", tuning->validation, false};
    marks[n++] = (rk_trial_mark){"metric", tuning->target.key, false};
    marks[n++] = (rk_trial_mark){"search", search, false};
    marks[n++] = (rk_trial_mark){"seed", seed, false};
    rk_status status = RK_OK;
    for (size_t c = 0; c < tuning->n_models && !status; c++) {
        status = mark_tuned(tuning, &tuning->models[c], &marks[n], err);
        n += MARKS_EACH;
    }
    return status ? status : rk_trial_file_open(bench->options->study_path, marks, n, &bench->file, err);
}

/* ---- the end ---- */

/* What the file of the winner says of how its settings were found. */
static json_t *lineage(const rk_bench *bench)
{
    const rk_tuning *tuning = bench->tuning;
    const rk_tuned *tuned = tuning->winner;
    const rk_trial *best = rk_tuned_best(tuned);
    return json_pack("{s:s, s:s, s:f, s:s, s:I, s:I, s:I, s:I}", "search", tuning->search->name, "metric",
                     tuning->target.key, "value", best->value, "validation", tuning->validation, "trials",
                     (json_int_t)tuned->trials.n, "failed", (json_int_t)tuned->n_failed, "trial",
                     (json_int_t)best->number + 1, "seed", (json_int_t)bench->run->seed);
}

static rk_status train_winner(const rk_bench *bench, rk_error *err)
{
    const rk_tune_options *options = bench->options;
    const rk_tuned *tuned = bench->tuning->winner;
    size_t n;
    rk_arena arena = {0};
    json_t *study = lineage(bench);
    const char *const *words = rk_tuned_words(tuned, rk_tuned_best(tuned)->x, 1, &arena, &n);
    rk_status status = study && words ? rk_model_train_found(options->dataset_path, tuned->model->name, words, n, study,
                                                             options->out_path, bench->run, err)
                                      : rk_fail_memory(err, "the winner's settings");
    json_decref(study);
    rk_arena_release(&arena);
    return status;
}

/* ---- all ---- */

static rk_status check_paths(const rk_tune_options *options, rk_error *err)
{
    const char *const inputs[] = {options->dataset_path, options->valid_path};
    const char *const outputs[] = {options->out_path, options->study_path};
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_COUNT_OF(inputs); i++) {
        for (size_t o = 0; o < RK_COUNT_OF(outputs) && !status; o++) {
            status = inputs[i] && outputs[o] ? rk_path_keep_apart(outputs[o], inputs[i], err) : RK_OK;
        }
    }
    if (!status && options->out_path && options->study_path) {
        status = rk_path_keep_apart(options->out_path, options->study_path, err);
    }
    return status || !options->out_path ? status : rk_file_check_target(options->out_path, err);
}

static rk_status run_study(rk_bench *bench, const rk_dataset *dataset, rk_error *err)
{
    const rk_tune_options *options = bench->options;
    rk_scratch scratch = {0};
    const char *beside = options->out_path ? options->out_path : options->study_path ? options->study_path : "reckon";
    rk_status status = rk_scratch_open(beside, &scratch, err);
    if (status) {
        return status;
    }
    memcpy(bench->scratch, scratch.path, sizeof bench->scratch);
    status = rk_tune_choose_validation(bench, dataset, err);
    if (!status && options->study_path) {
        status = open_study(bench, dataset, err);
    }
    status = status ? status : rk_tune_open_sides(bench, err);
    status = status ? status : rk_tune_rounds(bench, err);
    status = status ? status : rk_tune_rank(bench->tuning, err);
    if (!status && bench->tuning->n_models > 1) {
        rk_tune_compare(bench);
    }
    if (!status && options->out_path) {
        status = train_winner(bench, err);
    }
    rk_trial_file_close(bench->file);
    rk_tune_close_sides(bench);
    rk_scratch_close(&scratch);
    return status;
}

rk_status rk_tune(const rk_tune_options *options, const rk_run *run, rk_tuning **out, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_tuning *tuning = calloc(1, sizeof *tuning);
    rk_bench *bench = calloc(1, sizeof *bench);
    rk_dataset dataset = {0};
    rk_status status = tuning && bench ? RK_OK : rk_fail_memory(err, "a study");
    if (!status) {
        *bench = (rk_bench){.options = options, .tuning = tuning, .run = run};
        tuning->search = options->search;
        status = rk_tune_plan(options, tuning, err);
    }
    status = status ? status : check_paths(options, err);
    status = status ? status : rk_dataset_open(options->dataset_path, &dataset, err);
    if (!status) {
        status = run_study(bench, &dataset, err);
        rk_dataset_close(&dataset);
    }
    free(bench);
    if (status) {
        rk_tuning_free(tuning);
        return status;
    }
    tuning->seconds = rk_stopwatch_stop(watch).wall_s;
    *out = tuning;
    return RK_OK;
}

void rk_tuning_free(rk_tuning *tuning)
{
    if (!tuning) {
        return;
    }
    for (size_t c = 0; c < tuning->n_models; c++) {
        rk_space_release(&tuning->models[c].space);
        rk_vec_release(&tuning->models[c].trials);
    }
    rk_arena_release(&tuning->arena);
    free(tuning);
}

/* eval.c - from a model and a test set to figures: match, rank, average, resample, break down. */
#include "eval/eval.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "eval/evaluate_parts.h"

static uint64_t count_test_pairs(const rk_csr *test)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < test->start[test->n_rows]; i++) {
        n += !test->value || test->value[i] > 0;
    }
    return n;
}

static void count_people(const rk_user_table *table, const rk_match *test, rk_evaluation *out)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        out->users += table->n_test[i] > 0;
    }
    out->repeats = table->repeats;
    out->test_pairs = count_test_pairs(&test->matrix) - (table->plan->drop_repeats ? out->repeats : 0);
    out->unknown_users = test->unknown_users;
    out->unknown_items = test->unknown_items;
    out->unknown_pairs = test->unknown_pairs;
    out->alike_users = (uint32_t)table->n_alike;
}

static bool has_mean(const rk_evaluation *evaluation)
{
    for (size_t i = 0; i < evaluation->n_figures; i++) {
        if (evaluation->figure[i].has_interval) {
            return true;
        }
    }
    return false;
}

static rk_status make_figures(const rk_user_table *table, const rk_run *run, rk_evaluation *out, rk_error *err)
{
    rk_estimate *estimate = malloc(RK_SAMPLE_COLS_MAX * sizeof *estimate);
    if (!estimate) {
        return rk_fail_memory(err, "the figures");
    }
    rk_figures_wish wish = {estimate, RK_STRATA, .with_shown = true};
    rk_status status = rk_user_table_estimate(table, NULL, table->n_rows, run, estimate, err);
    status = status ? status : rk_user_table_figures(table, wish, &out->figure, &out->n_figures, err);
    if (status == RK_OK && !has_mean(out)) {
        status = rk_fail(err, RK_BAD_INPUT, "no user of the test set has an item left that %s could be judged by",
                         rk_artefact_path(rk_model_artefact(table->model)));
    }
    status = status ? status : rk_strata_make(table, estimate, run, &out->stratum, &out->n_strata, err);
    free(estimate);
    return status;
}

/* ---- the whole ---- */

static rk_status match_sets(const rk_model *model, const rk_dataset *test, const rk_dataset *train,
                            const rk_common *common, rk_match *of_test, rk_match *of_train, rk_error *err)
{
    rk_status status = rk_match_open(model, test, common, of_test, err);
    if (status == RK_OK && train) {
        status = rk_match_open(model, train, NULL, of_train, err);
    }
    if (status == RK_OK && of_test->n_users == 0) {
        status =
            rk_fail(err, RK_BAD_INPUT, "%s and %s have no user and item in common%s: nothing to judge the model by",
                    rk_artefact_path(test->artefact), rk_artefact_path(rk_model_artefact(model)),
                    common ? " that the other models know" : "");
    }
    return status;
}

rk_status rk_evaluate_common(const rk_model *model, const rk_dataset *test, const rk_dataset *train,
                             const rk_common *common, const rk_eval_plan *plan, const rk_run *run, rk_evaluation *out,
                             rk_error *err)
{
    assert(plan->n_cuts > 0 && plan->n_cuts <= RK_EVAL_CUTS_MAX);
    rk_stopwatch watch = rk_stopwatch_start();
    rk_evaluation evaluation = {0};
    rk_match of_test = {0}, of_train = {0};
    rk_user_table *table = calloc(1, sizeof *table);
    if (!table) {
        return rk_fail_memory(err, "an evaluation");
    }
    rk_status status = match_sets(model, test, train, common, &of_test, &of_train, err);
    const rk_csr *more = of_train.matrix.start ? &of_train.matrix : NULL;
    status = status ? status : rk_user_table_make(model, &of_test, more, plan, run, table, err);
    status = status ? status : make_figures(table, run, &evaluation, err);
    if (status == RK_OK) {
        count_people(table, &of_test, &evaluation);
        evaluation.table = table->value; /* moved */
        evaluation.n_rows = table->n_rows;
        evaluation.n_columns = table->n_columns;
        evaluation.seconds = rk_stopwatch_stop(watch).wall_s;
        table->value = NULL;
        *out = evaluation;
    } else {
        rk_evaluation_release(&evaluation);
    }
    rk_match_release(&of_test);
    rk_match_release(&of_train);
    rk_user_table_release(table);
    free(table);
    return status;
}

rk_status rk_evaluate(const rk_model *model, const rk_dataset *test, const rk_dataset *train, const rk_eval_plan *plan,
                      const rk_run *run, rk_evaluation *out, rk_error *err)
{
    return rk_evaluate_common(model, test, train, NULL, plan, run, out, err);
}

rk_status rk_evaluate_files(const char *model_path, const char *test_path, const char *train_path,
                            const rk_eval_plan *plan, const rk_run *run, rk_evaluation *out, rk_error *err)
{
    rk_model *model = NULL;
    rk_dataset test = {0}, train = {0};
    rk_status status = rk_model_open(model_path, &model, err);
    if (status == RK_OK) {
        status = rk_dataset_open(test_path, &test, err);
    }
    if (status == RK_OK && train_path) {
        status = rk_dataset_open(train_path, &train, err);
    }
    if (status == RK_OK) {
        status = rk_evaluate(model, &test, train_path ? &train : NULL, plan, run, out, err);
    }
    if (status == RK_OK) {
        status = rk_leak_find(model, &test, train_path ? &train : NULL, plan, out, err);
        if (status) {
            rk_evaluation_release(out);
        }
    }
    rk_dataset_close(&train);
    rk_dataset_close(&test);
    rk_model_close(model);
    return status;
}

void rk_evaluation_release(rk_evaluation *evaluation)
{
    for (size_t i = 0; i < evaluation->n_strata; i++) {
        free(evaluation->stratum[i].figure);
    }
    for (size_t i = 0; i < evaluation->leak.n_warnings; i++) {
        free(evaluation->leak.warning[i]);
    }
    free(evaluation->leak.warning);
    free(evaluation->leak.training);
    free(evaluation->stratum);
    free(evaluation->figure);
    free(evaluation->table);
    *evaluation = (rk_evaluation){0};
}

const rk_figure *rk_evaluation_find(const rk_evaluation *evaluation, const char *key)
{
    for (size_t i = 0; i < evaluation->n_figures; i++) {
        if (strcmp(evaluation->figure[i].key, key) == 0) {
            return &evaluation->figure[i];
        }
    }
    return NULL;
}

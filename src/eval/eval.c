/* eval.c - from a model and a test set to figures: match, rank, average, resample.
 *
 * Every figure but coverage is sum(column) / sum(weight column) over one table with a row per user; the table is all
 * that the bootstrap needs.
 */
#include "eval/eval.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/bootstrap.h"
#include "eval/match.h"
#include "eval/metric.h"
#include "eval/rank.h"

/* A column of the table; the first RK_OVER_KINDS are the weights. */
typedef struct {
    const rk_metric *metric; /* NULL: a weight */
    uint32_t k;
} column;

typedef struct {
    const rk_eval_plan *plan;
    const rk_model *model;
    rk_match test, train;
    column columns[RK_SAMPLE_COLS_MAX];
    size_t over[RK_SAMPLE_COLS_MAX], n_columns;
    uint32_t *users; /* [n_users] that have test pairs */
    size_t n_users;
    double *table;    /* [n_users x n_columns] */
    uint8_t *covered; /* [threads x n_cuts x n_items] */
    size_t n_threads;
    bool is_labels;
} evaluator;

/* ---- columns ---- */

static bool applies(const evaluator *e, const rk_metric *metric)
{
    switch (metric->applies_to) {
    case RK_FOR_ALL:
        return true;
    case RK_FOR_RATINGS:
        return rk_model_is_rating(e->model);
    case RK_FOR_LABELS:
        return rk_model_is_rating(e->model) && e->is_labels;
    }
    return false;
}

static void add_column(evaluator *e, const rk_metric *metric, uint32_t k, size_t over)
{
    assert(e->n_columns < RK_SAMPLE_COLS_MAX);
    e->columns[e->n_columns] = (column){metric, k};
    e->over[e->n_columns++] = over;
}

static void plan_columns(evaluator *e)
{
    for (size_t over = 0; over < RK_OVER_KINDS; over++) {
        add_column(e, NULL, 0, over);
    }
    const rk_metric *metric;
    for (size_t i = 0; (metric = rk_metric_at(i)); i++) {
        size_t n = metric->has_cut ? e->plan->n_cuts : 1;
        for (size_t c = 0; c < n && metric->of_user && applies(e, metric); c++) {
            add_column(e, metric, metric->has_cut ? e->plan->cut[c] : 0, metric->over);
        }
    }
}

/* ---- users ---- */

/* Whether every test value is 0 or 1 and both occur: then they are labels, and a prediction is a chance. */
static bool are_labels(const rk_csr *test)
{
    uint64_t n = test->start[test->n_rows], n_one = 0;
    for (uint64_t i = 0; test->value && i < n; i++) {
        if (test->value[i] != 0 && test->value[i] != 1) {
            return false;
        }
        n_one += test->value[i] == 1;
    }
    return test->value && n_one > 0 && n_one < n;
}

static rk_status find_users(evaluator *e, rk_error *err)
{
    const rk_csr *test = &e->test.matrix;
    e->users = malloc(((size_t)test->n_rows + 1) * sizeof *e->users);
    if (!e->users) {
        return rk_fail_memory(err, "the users of a test set");
    }
    for (uint32_t u = 0; u < test->n_rows; u++) {
        if (test->start[u + 1] > test->start[u]) {
            e->users[e->n_users++] = u;
        }
    }
    return RK_OK;
}

/* ---- one user's row ---- */

static void take_outcome(void *context, unsigned worker, size_t i, const rk_user_outcome *outcome, const uint32_t *list,
                         size_t n_list)
{
    evaluator *e = context;
    double *row = e->table + i * e->n_columns;
    for (size_t c = 0; c < e->n_columns; c++) {
        const column *col = &e->columns[c];
        row[c] = col->metric ? col->metric->of_user(outcome, col->k) : rk_metric_weight(outcome, (rk_metric_over)c);
    }
    size_t n_items = rk_model_n_items(e->model);
    for (size_t c = 0; c < e->plan->n_cuts; c++) {
        uint8_t *covered = e->covered + (worker * e->plan->n_cuts + c) * n_items;
        for (size_t r = 0; r < n_list && r < e->plan->cut[c]; r++) {
            covered[list[r]] = 1;
        }
    }
}

static rk_status rank_users(evaluator *e, const rk_run *run, uint64_t *repeats, rk_error *err)
{
    size_t n_items = rk_model_n_items(e->model);
    e->n_threads = rk_pool_threads(run->pool);
    e->table = malloc((e->n_users * e->n_columns + 1) * sizeof *e->table);
    e->covered = calloc(e->n_threads * e->plan->n_cuts * n_items + 1, 1);
    if (!e->table || !e->covered) {
        return rk_fail_memory(err, "the figures of each user");
    }
    rk_ranking ranking = {.model = e->model,
                          .test = &e->test.matrix,
                          .train = e->train.matrix.start ? &e->train.matrix : NULL,
                          .n_best = e->plan->cut[e->plan->n_cuts - 1],
                          .drop_repeats = e->plan->drop_repeats,
                          .take = take_outcome,
                          .context = e};
    return rk_rank(&ranking, e->users, e->n_users, run, repeats, err);
}

/* ---- figures ---- */

static double coverage(const evaluator *e, size_t cut)
{
    size_t n_items = rk_model_n_items(e->model), n = 0;
    for (size_t i = 0; i < n_items; i++) {
        bool is_covered = false;
        for (size_t t = 0; t < e->n_threads; t++) {
            is_covered |= e->covered[(t * e->plan->n_cuts + cut) * n_items + i];
        }
        n += is_covered;
    }
    return (double)n / (double)n_items;
}

static void name_figure(rk_figure *figure, const rk_metric *metric, uint32_t k)
{
    int n = metric->has_cut ? snprintf(figure->key, sizeof figure->key, "%s@%u", metric->name, k)
                            : snprintf(figure->key, sizeof figure->key, "%s", metric->name);
    assert(n > 0 && (size_t)n < sizeof figure->key);
    (void)n;
}

static double finished(const rk_metric *metric, double mean) { return metric->finish ? metric->finish(mean) : mean; }

/* The figure of a metric at one cut; false when nobody has anything to judge it by. */
static bool fill_figure(const evaluator *e, const rk_metric *metric, size_t cut, const double *mean,
                        const rk_interval *interval, rk_figure *out)
{
    uint32_t k = metric->has_cut ? e->plan->cut[cut] : 0;
    *out = (rk_figure){.value = NAN};
    name_figure(out, metric, k);
    if (!metric->of_user) {
        out->value = coverage(e, cut);
    }
    for (size_t c = 0; c < e->n_columns; c++) {
        if (e->columns[c].metric == metric && e->columns[c].k == k) {
            out->value = finished(metric, mean[c]);
            out->low = finished(metric, interval[c].low);
            out->high = finished(metric, interval[c].high);
            out->has_interval = true;
            out->column = c;
            out->over = e->over[c];
        }
    }
    return !isnan(out->value);
}

static rk_status make_figures(const evaluator *e, const rk_run *run, rk_evaluation *out, rk_error *err)
{
    double mean[RK_SAMPLE_COLS_MAX];
    rk_interval interval[RK_SAMPLE_COLS_MAX];
    rk_sample sample = {e->table, e->n_users, e->n_columns, e->over};
    rk_sample_mean(&sample, mean);
    rk_status status = rk_sample_interval(&sample, RK_EVAL_RESAMPLES, run, interval, err);
    if (status != RK_OK) {
        return status;
    }
    out->figure = calloc(e->n_columns + e->plan->n_cuts, sizeof *out->figure);
    if (!out->figure) {
        return rk_fail_memory(err, "the figures");
    }
    const rk_metric *metric;
    for (size_t i = 0; (metric = rk_metric_at(i)); i++) {
        size_t n = metric->has_cut ? e->plan->n_cuts : 1;
        for (size_t cut = 0; cut < n && applies(e, metric); cut++) {
            out->n_figures += fill_figure(e, metric, cut, mean, interval, &out->figure[out->n_figures]);
        }
    }
    return RK_OK;
}

static uint64_t count_test_pairs(const rk_csr *test)
{
    uint64_t n = 0;
    for (uint64_t i = 0; i < test->start[test->n_rows]; i++) {
        n += !test->value || test->value[i] > 0;
    }
    return n;
}

static void count_people(const evaluator *e, rk_evaluation *out)
{
    for (size_t i = 0; i < e->n_users; i++) {
        out->users += e->table[i * e->n_columns + RK_OVER_USERS] > 0;
    }
    out->test_pairs = count_test_pairs(&e->test.matrix) - (e->plan->drop_repeats ? out->repeats : 0);
    out->unknown_users = e->test.unknown_users;
    out->unknown_items = e->test.unknown_items;
    out->unknown_pairs = e->test.unknown_pairs;
}

/* ---- the whole ---- */

static rk_status match_sets(evaluator *e, const rk_dataset *test, const rk_dataset *train, rk_error *err)
{
    rk_status status = rk_match_open(e->model, test, &e->test, err);
    if (status == RK_OK && train) {
        status = rk_match_open(e->model, train, &e->train, err);
    }
    if (status == RK_OK) {
        status = find_users(e, err);
    }
    if (status == RK_OK && e->n_users == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "%s and %s have no user and item in common: nothing to judge the model by",
                         rk_artefact_path(test->artefact), rk_artefact_path(rk_model_artefact(e->model)));
    }
    return status;
}

rk_status rk_evaluate(const rk_model *model, const rk_dataset *test, const rk_dataset *train, const rk_eval_plan *plan,
                      const rk_run *run, rk_evaluation *out, rk_error *err)
{
    assert(plan->n_cuts > 0 && plan->n_cuts <= RK_EVAL_CUTS_MAX);
    rk_stopwatch watch = rk_stopwatch_start();
    rk_evaluation evaluation = {0};
    evaluator *e = calloc(1, sizeof *e);
    if (!e) {
        return rk_fail_memory(err, "an evaluation");
    }
    e->plan = plan;
    e->model = model;
    rk_status status = match_sets(e, test, train, err);
    if (status == RK_OK) {
        e->is_labels = are_labels(&e->test.matrix);
        plan_columns(e);
        status = rank_users(e, run, &evaluation.repeats, err);
    }
    if (status == RK_OK && (status = make_figures(e, run, &evaluation, err)) == RK_OK) {
        count_people(e, &evaluation);
        evaluation.seconds = rk_stopwatch_stop(watch).wall_s;
        evaluation.table = e->table; /* moved */
        evaluation.n_rows = e->n_users;
        evaluation.n_columns = e->n_columns;
        e->table = NULL;
        *out = evaluation;
    }
    rk_match_release(&e->test);
    rk_match_release(&e->train);
    free(e->users);
    free(e->table);
    free(e->covered);
    free(e);
    return status;
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
    rk_dataset_close(&train);
    rk_dataset_close(&test);
    rk_model_close(model);
    return status;
}

void rk_evaluation_release(rk_evaluation *evaluation)
{
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

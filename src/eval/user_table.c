/* user_table.c - see user_table.h: which columns there are, and a user's row of them. */
#include "eval/user_table.h"

#include <assert.h>
#include <stdlib.h>

#include "eval/rank.h"

/* ---- columns ---- */

static bool applies(const rk_user_table *t, const rk_metric *metric)
{
    switch (metric->applies_to) {
    case RK_FOR_ALL:
        return true;
    case RK_FOR_RANKS: /* with product codes or an index only a short list is ranked */
        return !rk_model_is_coded(t->model) && !t->plan->index_path;
    case RK_FOR_RATINGS:
        return rk_model_is_rating(t->model);
    case RK_FOR_LABELS:
        return rk_model_is_rating(t->model) && t->is_labels;
    }
    return false;
}

/* The column of a weight, made when it is not there yet. */
static size_t weight_column(rk_user_table *t, rk_metric_over over, rk_stratum part)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        if (!t->column[c].metric && t->column[c].over == over && t->column[c].part == part) {
            return c;
        }
    }
    assert(t->n_columns < RK_SAMPLE_COLS_MAX);
    t->column[t->n_columns] = (rk_user_column){.over = over, .part = part};
    t->over[t->n_columns] = t->n_columns;
    return t->n_columns++;
}

static void add_metric(rk_user_table *t, const rk_metric *metric, rk_stratum part)
{
    bool is_of_part = metric->over == RK_OVER_PART;
    for (size_t c = 0; c < (metric->has_cut ? t->plan->n_cuts : 1) && metric->of_user && applies(t, metric); c++) {
        size_t over = weight_column(t, metric->over, is_of_part ? part : RK_STRATA);
        assert(t->n_columns < RK_SAMPLE_COLS_MAX);
        t->column[t->n_columns] = (rk_user_column){metric, metric->over, metric->has_cut ? t->plan->cut[c] : 0, part};
        t->over[t->n_columns++] = over;
    }
}

static void plan_columns(rk_user_table *t)
{
    const rk_metric *metric;
    (void)weight_column(t, RK_OVER_USERS, RK_STRATA);
    for (size_t i = 0; (metric = rk_metric_at(i)); i++) {
        add_metric(t, metric, RK_STRATA);
    }
    for (size_t i = 0; t->plan->by[RK_BY_POPULARITY] && (metric = rk_part_metric_at(i)); i++) {
        for (rk_stratum part = RK_HEAD; part < RK_STRATA; part++) {
            add_metric(t, metric, part);
        }
    }
}

/* ---- a user's row ---- */

/* Counts of whole numbers come out alike in whatever order threads add to them. */
static void count_shown(rk_user_table *t, const rk_user_outcome *outcome)
{
    for (size_t c = 0; c < t->plan->n_cuts; c++) {
        uint32_t *shown = t->shown + c * t->taken.n_items;
        for (size_t r = 0; r < outcome->n_list && r < t->plan->cut[c]; r++) {
            __atomic_fetch_add(&shown[outcome->list[r]], 1, __ATOMIC_RELAXED);
        }
    }
    for (size_t i = 0; i < outcome->n_test; i++) {
        __atomic_fetch_add(&t->part_pairs[t->taken.stratum[outcome->test[i]]], 1, __ATOMIC_RELAXED);
    }
}

/* A figure is 0 where its weight is: a weight stands before what it weighs. */
static void fill_row(const rk_user_table *t, rk_user_outcome *outcome, double *row)
{
    for (size_t c = 0; c < t->n_columns; c++) {
        const rk_user_column *column = &t->column[c];
        outcome->part = column->part;
        if (!column->metric) {
            row[c] = rk_metric_weight(outcome, column->over);
        } else {
            row[c] = row[t->over[c]] > 0 ? column->metric->of_user(outcome, column->k) : 0;
        }
    }
}

static void take_outcome(void *context, unsigned worker, size_t i, const rk_user_outcome *ranked)
{
    rk_user_table *t = context;
    rk_user_outcome outcome = *ranked;
    outcome.training = &t->taken;
    if (rk_taken_is_chosen(i, t->n_alike, t->n_rows)) {
        double *alike = t->alike + (size_t)worker * t->n_best;
        rk_taken_alike(&t->taken, outcome.list, outcome.n_list, t->room + (size_t)worker * t->taken.n_users, alike);
        outcome.alike = alike;
    }
    fill_row(t, &outcome, t->value + i * t->n_columns);
    t->n_taken[i] = (uint32_t)outcome.n_taken;
    t->n_test[i] = (uint32_t)outcome.n_test;
    if (outcome.n_test > 0) {
        count_shown(t, &outcome);
    }
}

/* ---- the whole ---- */

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

static bool make_room(rk_user_table *t, size_t n_threads)
{
    t->value = malloc((t->n_rows * t->n_columns + 1) * sizeof *t->value);
    t->n_taken = malloc((t->n_rows + 1) * sizeof *t->n_taken);
    t->n_test = malloc((t->n_rows + 1) * sizeof *t->n_test);
    t->shown = calloc(t->plan->n_cuts * t->taken.n_items + 1, sizeof *t->shown);
    t->room = calloc(n_threads * t->taken.n_users + 1, sizeof *t->room);
    t->alike = malloc((n_threads * t->n_best + 1) * sizeof *t->alike);
    return t->value && t->n_taken && t->n_test && t->shown && t->room && t->alike;
}

static rk_status rank_rows(rk_user_table *t, const rk_match *test, const rk_csr *train, const rk_run *run,
                           rk_error *err)
{
    rk_near *near = NULL;
    rk_status status = t->plan->index_path ? rk_near_open(t->plan->index_path, t->model, &near, err) : RK_OK;
    rk_ranking ranking = {.model = t->model,
                          .near = near,
                          .test = &test->matrix,
                          .train = train,
                          .n_best = t->n_best,
                          .drop_repeats = t->plan->drop_repeats,
                          .take = take_outcome,
                          .context = t};
    t->n_alike = rk_taken_alike_users(&t->taken, t->n_rows);
    if (!status && !make_room(t, rk_pool_threads(run->pool))) {
        status = rk_fail_memory(err, "the figures of each user");
    }
    status = status ? status : rk_rank(&ranking, test->user, t->n_rows, run, &t->repeats, err);
    rk_near_close(near);
    free(t->room);
    free(t->alike);
    t->room = t->alike = NULL;
    return status;
}

rk_status rk_user_table_make(const rk_model *model, const rk_match *test, const rk_csr *train, const rk_eval_plan *plan,
                             const rk_run *run, rk_user_table *out, rk_error *err)
{
    *out = (rk_user_table){.plan = plan, .model = model, .n_rows = test->n_users};
    out->is_labels = are_labels(&test->matrix);
    out->n_best = plan->cut[plan->n_cuts - 1];
    plan_columns(out);
    rk_status status = rk_taken_open(model, train, out->n_best, &out->taken, err);
    status = status ? status : rank_rows(out, test, train, run, err);
    if (status) {
        rk_user_table_release(out);
    }
    return status;
}

void rk_user_table_release(rk_user_table *table)
{
    rk_taken_release(&table->taken);
    free(table->value);
    free(table->n_taken);
    free(table->n_test);
    free(table->shown);
    free(table->room);
    free(table->alike);
    *table = (rk_user_table){0};
}

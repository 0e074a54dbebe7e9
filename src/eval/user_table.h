/* user_table.h - one row per user, one column per figure: all that means, intervals, strata and comparisons are made
 * of.
 *
 * Every figure that is a mean is sum(column) / sum(weight column). Private to eval/.
 */
#ifndef RECKON_EVAL_USER_TABLE_H
#define RECKON_EVAL_USER_TABLE_H

#include "eval/bootstrap.h"
#include "eval/eval.h"
#include "eval/match.h"
#include "eval/metric.h"
#include "math/estimate.h"

typedef struct {
    const rk_metric *metric; /* NULL: a weight, of kind over */
    rk_metric_over over;
    uint32_t k;
    rk_stratum part; /* RK_STRATA = the whole catalogue */
} rk_user_column;

typedef struct {
    const rk_eval_plan *plan; /* borrowed, as the model is */
    const rk_model *model;
    rk_taken taken;
    bool is_labels; /* test values are 0 and 1 */
    rk_user_column column[RK_SAMPLE_COLS_MAX];
    size_t over[RK_SAMPLE_COLS_MAX]; /* [n_columns] the column that weighs this one */
    size_t n_columns, n_rows;
    double *value;                  /* [n_rows x n_columns] */
    uint32_t *n_taken;              /* [n_rows] items that the user had taken */
    uint32_t *n_test;               /* [n_rows] his test items */
    uint32_t *shown;                /* [n_cuts x n_items] in how many lists of the first k each item is */
    uint64_t part_pairs[RK_STRATA]; /* test items */
    uint64_t repeats;
    size_t n_alike;       /* users whose lists are compared, evenly among the rows */
    uint32_t n_best;      /* how long lists are */
    double *room, *alike; /* [threads x n_users], [threads x n_best] of whoever compares a list */
} rk_user_table;

/* A row for each of test->user. train: NULL, or more that was taken, in the model's ids. */
RK_MUST_CHECK rk_status rk_user_table_make(const rk_model *model, const rk_match *test, const rk_csr *train,
                                           const rk_eval_plan *plan, const rk_run *run, rk_user_table *out,
                                           rk_error *err);
void rk_user_table_release(rk_user_table *table); /* accepts a zeroed one */

/* Every column's figure with its interval, over all rows or, row not NULL, the n of them. out: [n_columns]. */
RK_MUST_CHECK rk_status rk_user_table_estimate(const rk_user_table *table, const uint32_t *row, size_t n,
                                               const rk_run *run, rk_estimate *out, rk_error *err);
/* The figures that apply, in the order of their table: of the whole catalogue (RK_STRATA), or of a part of it.
 * with_shown: those, too, that are no means. *figure is the caller's. */
typedef struct {
    const rk_estimate *estimate;
    rk_stratum part;
    bool with_shown;
} rk_figures_wish;
RK_MUST_CHECK rk_status rk_user_table_figures(const rk_user_table *table, rk_figures_wish wish, rk_figure **figure,
                                              size_t *n_figures, rk_error *err);

#endif

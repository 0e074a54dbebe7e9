/* eval.h - how good a model is: full ranking over the whole catalogue, never over sampled items.
 *
 * Each user of the test set is ranked all items that he had not taken before; the figures say where his test items
 * stand. Definitions: src/eval/README.md; the list of figures is one table, in metric.c.
 *
 * Threads: the work is cut into fixed blocks of users and fixed resamples, so that figures and intervals are the same
 * bits for any number of threads.
 */
#ifndef RECKON_EVAL_EVAL_H
#define RECKON_EVAL_EVAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/run.h"
#include "base/text.h"
#include "data/dataset.h"
#include "model/model.h"

enum { RK_EVAL_CUTS_MAX = 16, RK_EVAL_CUT_MAX = 10000, RK_EVAL_RESAMPLES = 1000 };

typedef struct {
    uint32_t cut[RK_EVAL_CUTS_MAX]; /* the k of recall@k, ascending, each once */
    size_t n_cuts;
    bool drop_repeats; /* test items that the user had taken before are no test items; else they are, and are missed */
} rk_eval_plan;

/* "10,20" into plan->cut: whole numbers 1 .. RK_EVAL_CUT_MAX, sorted and freed of doubles. RK_BAD_USAGE. */
RK_MUST_CHECK rk_status rk_eval_parse_cuts(const char *text, rk_eval_plan *plan, rk_error *err);

/* A figure that models are chosen by. */
typedef struct {
    char key[24]; /* "ndcg@10" */
    uint32_t cut; /* 10; 0 = has none */
    bool is_lower_better;
} rk_eval_target;
/* "ndcg@10", "rmse": a figure of the table, with its k where it has one. RK_BAD_USAGE, naming the nearest. */
RK_MUST_CHECK rk_status rk_eval_parse_target(const char *text, rk_eval_target *out, rk_error *err);

/* One figure with its interval. */
typedef struct {
    char key[24]; /* "recall@20" */
    double value;
    bool has_interval;
    double low, high;    /* 95 %, percentiles of RK_EVAL_RESAMPLES bootstrap resamples of the users */
    size_t column, over; /* with an interval: value is made of sum(column) / sum(column over) of the users' table */
} rk_figure;

typedef struct {
    rk_figure *figure; /* owned; those that apply to the model, in the order of the table */
    size_t n_figures;
    uint32_t users;      /* that have test items, and so were ranked */
    uint64_t test_pairs; /* (user, item) pairs they are judged by */
    uint64_t repeats;    /* test pairs that the user had taken before: masked, so never hit (or dropped, as planned) */
    uint32_t unknown_users, unknown_items; /* named by the test set, not known to the model */
    uint64_t unknown_pairs;                /* left out because of them */
    double seconds;                        /* of wall time */
    double *table;                         /* owned, [n_rows x n_columns]: a row per user, for comparing two models */
    size_t n_rows, n_columns;
} rk_evaluation;

/* train: NULL, or a dataset whose pairs are masked beside what the model has seen. Users and items are matched by
 * name. RK_BAD_INPUT when no user is left to judge by. */
RK_MUST_CHECK rk_status rk_evaluate(const rk_model *model, const rk_dataset *test, const rk_dataset *train,
                                    const rk_eval_plan *plan, const rk_run *run, rk_evaluation *out, rk_error *err);
/* The same from files; train_path may be NULL. */
RK_MUST_CHECK rk_status rk_evaluate_files(const char *model_path, const char *test_path, const char *train_path,
                                          const rk_eval_plan *plan, const rk_run *run, rk_evaluation *out,
                                          rk_error *err);
void rk_evaluation_release(rk_evaluation *evaluation);

/* NULL when the figure does not apply. */
const rk_figure *rk_evaluation_find(const rk_evaluation *evaluation, const char *key);
/* The share of the reference's figure that a model keeps: figure(model) / figure(reference), with the interval of
 * resampling the users once for both. Users that find both alike add no noise, so it is far narrower than the two
 * intervals suggest. RK_BAD_INPUT when the two were judged on different users or the figure is no mean over users. */
RK_MUST_CHECK rk_status rk_evaluation_kept(const rk_evaluation *reference, const rk_evaluation *model, const char *key,
                                           const rk_run *run, rk_figure *out, rk_error *err);
/* {"recall@20":0.17,"recall@20_ci":[0.16,0.18],...,"users":29858}, as members of an object that is open. */
void rk_evaluation_json(const rk_evaluation *evaluation, rk_json *json);
/* A table for people. */
void rk_evaluation_print(const rk_evaluation *evaluation, rk_text *out);

#endif

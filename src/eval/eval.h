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

/* What figures can be broken down by: how popular the test items are, how long the users' histories. */
typedef enum { RK_BY_POPULARITY, RK_BY_HISTORY, RK_BY_KINDS } rk_eval_by;

typedef struct {
    uint32_t cut[RK_EVAL_CUTS_MAX]; /* the k of recall@k, ascending, each once */
    size_t n_cuts;
    bool drop_repeats; /* test items that the user had taken before are no test items; else they are, and are missed */
    bool by[RK_BY_KINDS]; /* break the figures down so */
    /* An index of the model (model/near.h) that lists are taken from, as a server with it takes them; NULL: all items are
     * scored. Borrowed. What ranks the whole catalogue (auc) is no figure then. */
    const char *index_path;
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
/* "popularity,history" into plan->by. RK_BAD_USAGE naming the nearest. */
RK_MUST_CHECK rk_status rk_eval_parse_by(const char *text, rk_eval_plan *plan, rk_error *err);

/* One figure with its interval. */
typedef struct {
    char key[24];                   /* "recall@20" */
    const struct rk_metric *metric; /* its row in the table of figures */
    double value;
    bool has_interval;
    double low, high;    /* 95 %, percentiles of RK_EVAL_RESAMPLES bootstrap resamples of the users */
    size_t column, over; /* with an interval: value is made of sum(column) / sum(column over) of the users' table */
} rk_figure;

/* The figures of some items or some users. */
typedef struct {
    const char *by, *name; /* "popularity", "head" */
    uint32_t least, most;  /* users who took each of its items, or items that each of its users had taken */
    uint32_t items;        /* of the catalogue; of users: 0 */
    uint32_t users;        /* that are judged */
    uint64_t test_pairs;
    rk_figure *figure; /* owned; of items: recall@k of its test items, list_share@k; of users: all that are means */
    size_t n_figures;
} rk_eval_stratum;

/* What would make the figures too good to be true. */
typedef struct {
    char *training;         /* owned; the training data that was looked at; NULL: it was not found */
    uint64_t trained_on;    /* content hash of what the model's header names; 0: nothing */
    bool has_times;         /* both sides have: the counts below are known */
    uint64_t test_pairs;    /* all of the test set; a pair's time is its last event's */
    uint64_t before_newest; /* older than the newest training event */
    uint64_t before_own;    /* older than the same user's last training event */
    uint64_t same_events;   /* in the training data, too, at the same second */
    char **warning;         /* owned, one line each */
    size_t n_warnings;
} rk_leak;

typedef struct {
    rk_figure *figure; /* owned; those that apply to the model, in the order of the table */
    size_t n_figures;
    uint32_t users;      /* that have test items, and so were ranked */
    uint64_t test_pairs; /* (user, item) pairs they are judged by */
    uint64_t repeats;    /* test pairs that the user had taken before: masked, so never hit (or dropped, as planned) */
    uint32_t unknown_users, unknown_items; /* named by the test set, not known to the model */
    uint64_t unknown_pairs;                /* left out because of them */
    uint32_t alike_users;                  /* whose lists diversity was counted over, evenly among users */
    rk_eval_stratum *stratum;              /* owned */
    size_t n_strata;
    rk_leak leak;   /* looked for by those that read files */
    double seconds; /* of wall time */
    double *table;  /* owned, [n_rows x n_columns]: a row per user, for comparing two models */
    size_t n_rows, n_columns;
} rk_evaluation;

/* RK_BAD_INPUT for an index of another model, RK_UNSUPPORTED for a model that has no use for one.
 * train: NULL, or a dataset whose pairs are masked beside what the model has seen. Users and items are matched by
 * name. RK_BAD_INPUT when no user is left to judge by. */
RK_MUST_CHECK rk_status rk_evaluate(const rk_model *model, const rk_dataset *test, const rk_dataset *train,
                                    const rk_eval_plan *plan, const rk_run *run, rk_evaluation *out, rk_error *err);
/* The same from files, and a look at what might have leaked from the training data, which is found by what the model's
 * header says where train_path (may be NULL) does not name it. */
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
/* {"recall@20":0.17,"recall@20_ci":[0.16,0.18],...,"users":29858,...,"strata":[...],"leakage":{...},"warnings":[...]},
 * as members of an object that is open. docs/evaluating.md lists them. */
void rk_evaluation_json(const rk_evaluation *evaluation, rk_json *json);

#endif

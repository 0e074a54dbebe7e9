/* tune.h - finds the settings of one or more models that do best on a part of the training data kept apart.
 *
 *     rk_tuning *tuning;
 *     rk_tune(&(rk_tune_options){.dataset_path = "train.rk", .models = names, .n_models = 1, .metric = "ndcg@10", ...},
 *             &run, &tuning, &err);
 *
 * The data is split; each trial trains on the one side and is judged on the other; the winner's settings are trained
 * once more on all the data, and that model is the result. A test set has no part in it.
 *
 * Threads: a trial uses all threads, or several trials run side by side with a share each. Trials and result are the
 * same for any number of threads.
 */
#ifndef RECKON_TUNE_TUNE_H
#define RECKON_TUNE_TUNE_H

#include "data/split.h"
#include "eval/contest.h"
#include "model/model.h"
#include "tune/search.h"
#include "tune/trial.h"

enum { RK_RUNGS_MAX = 4 };

typedef struct {
    const char *dataset_path;
    const char *valid_path; /* NULL: the dataset is split */
    rk_split_options split;
    bool splits_by_itself; /* the rule of the split is time where the data has times, else random */
    const char *const *models;
    size_t n_models;
    const char *metric;
    const rk_search_kind *search;
    double budget;            /* for each model, in whole trainings */
    size_t parallel;          /* trials at a time, at least 1; tpe: also proposals at a time */
    const char *const *set;   /* [n_set] "key=value" fixed; "model.key=value" for one of the models */
    const char *const *space; /* [n_space] "key=16..256" searched; the same */
    size_t n_set, n_space;
    const char *study_path; /* NULL: trials are kept in memory only */
    const char *out_path;   /* NULL: the winner is named, not trained */
} rk_tune_options;

/* What was done with one model. */
typedef struct {
    const rk_model_kind *model;
    rk_space space;
    const char **fixed; /* [n_fixed] "key=value" of every trial */
    size_t n_fixed;
    const rk_option *resource; /* halving: the option that a trial gets a share of; NULL: a share of the users */
    uint64_t whole;            /* its value for a whole training */
    unsigned n_rungs;          /* halving: at most RK_RUNGS_MAX */
    rk_vec trials;             /* rk_trial, in order */
    size_t n_failed;
    size_t best; /* number of the best trial; SIZE_MAX: all failed */
    bool is_compared;
    rk_difference difference; /* of the figure to the winner's, user by user; p corrected for the models compared */
} rk_tuned;

typedef struct {
    rk_eval_target target;
    char validation[64]; /* "random 0.1" */
    const rk_search_kind *search;
    rk_tuned *models; /* [n_models] in the order they were named */
    size_t n_models;
    const rk_tuned **ranking; /* [n_models] the best first, those whose trials all failed last */
    const rk_tuned *winner;   /* ranking[0] */
    size_t n_new;             /* trials made by this run; the others were in the study */
    double seconds;
    rk_arena arena;
} rk_tuning;

/* RK_BAD_INPUT when every trial failed, or the study is another one's. Owned by the caller; end with rk_tuning_free. */
RK_MUST_CHECK rk_status rk_tune(const rk_tune_options *options, const rk_run *run, rk_tuning **out, rk_error *err);
void rk_tuning_free(rk_tuning *tuning); /* accepts NULL */

static inline const rk_trial *rk_tuned_trial(const rk_tuned *tuned, size_t i)
{
    return (const rk_trial *)tuned->trials.data + i;
}
const rk_trial *rk_tuned_best(const rk_tuned *tuned); /* NULL: all failed */
/* The settings of a trial as "key=value" words: fixed, searched and, of a whole training, the resource. [*n], in the
 * arena; NULL when memory is short. */
const char *const *rk_tuned_words(const rk_tuned *tuned, const double *x, double share, rk_arena *arena, size_t *n);
/* Whether the first is the better one: of a larger share, then of the better figure, then the earlier. Either may be
 * NULL or failed. */
bool rk_trial_is_better(const rk_tuning *tuning, const rk_trial *a, const rk_trial *b);
/* Every trial as a table for other programs. */
void rk_tuning_csv(const rk_tuning *tuning, rk_text *out);

#endif

/* tune_relevance.h - finds the settings of a search index that answer judged queries best, and says how good that is on
 * queries that had no part in finding them.
 *
 * Every trial is an index with other settings (relevance.h), judged by each query apart. Queries are dealt into folds;
 * for each fold the trial is taken that does best on the others, and its queries are judged by that one: the mean over
 * all is what the search for settings is worth, and its gain over the defaults has a standard error. Judged queries are
 * few and many settings are tried, so the best of all trials flatters itself: it is taken only when that gain is above
 * two standard errors; else the defaults stay.
 */
#ifndef RECKON_TUNE_TUNE_RELEVANCE_H
#define RECKON_TUNE_TUNE_RELEVANCE_H

#include "base/vec.h"
#include "tune/relevance.h"
#include "tune/search.h"

typedef struct {
    const char *dataset_path, *judgements_path;
    const rk_search_kind *search;
    size_t n_trials, n_folds; /* at least 1, 2 */
    const char *const *set;   /* [n_set] "k1=0.5" fixed */
    const char *const *space; /* [n_space] "k1=0.2..1" searched; without any, all settings that are not fixed are */
    size_t n_set, n_space;
    const char *out_path, *ranker_path; /* NULL: not written. ranker_path wants out_path */
} rk_relevance_options;

typedef struct {
    double value[RK_RELEVANCE_SETTINGS], ndcg; /* mean over all queries */
} rk_relevance_trial;

typedef struct {
    rk_vec trials; /* rk_relevance_trial; the first has the defaults, and what is fixed */
    size_t n_queries, best, chosen;
    double held_out, plain; /* mean nDCG@10 over folds: of what the others chose; of the first trial */
    double gain, error;     /* the first less the second, and its standard error */
    bool is_sure;           /* gain above two errors: chosen is best, else the first trial */
    rk_relevance_weights weights;
    double seconds;
} rk_relevance_tuning;

RK_MUST_CHECK rk_status rk_tune_relevance(const rk_relevance_options *options, const rk_run *run,
                                          rk_relevance_tuning *out, rk_error *err);
void rk_relevance_tuning_release(rk_relevance_tuning *tuning); /* accepts a zeroed one */

#endif

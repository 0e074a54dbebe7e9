/* relevance.h - settings of a search index, tried on judged queries: how well an index with them, and the second look
 * of no training, answers each.
 *
 * Threads: one at a time.
 */
#ifndef RECKON_TUNE_RELEVANCE_H
#define RECKON_TUNE_RELEVANCE_H

#include <stddef.h>

#include "base/options.h"
#include "base/run.h"

/* The settings, all numbers: the weights of fields, how much length is held against them, and BM25F's own. Each
 * option's fallback is the default of reckon index, its tune the range that is searched. */
enum { RK_RELEVANCE_SETTINGS = 10 };
extern const rk_option rk_relevance_settings[RK_RELEVANCE_SETTINGS];

typedef struct rk_relevance rk_relevance;
/* dataset_path: with items; judgements_path: ratings or clicks (eval/judge.h). Both are borrowed, as run is. */
RK_MUST_CHECK rk_status rk_relevance_open(const char *dataset_path, const char *judgements_path, const rk_run *run,
                                          rk_relevance **out, rk_error *err);
void rk_relevance_close(rk_relevance *relevance);             /* accepts NULL */
size_t rk_relevance_n_queries(const rk_relevance *relevance); /* that have a good item; 0 before the first try */

/* nDCG@10 of each query, always in the same order: *ndcg: [n_queries], owned by the caller. values: [settings]. */
RK_MUST_CHECK rk_status rk_relevance_try(rk_relevance *relevance, const double *values, double **ndcg, rk_error *err);

/* What learning the weights of the second look came to. */
typedef struct {
    double before, after; /* mean nDCG@10 of queries answered without training, and by weights of other folds */
    double gain, error;   /* on folds, and its standard error */
    size_t n_weights;     /* features that weigh something */
} rk_relevance_weights;
/* The index with these settings; and, ranker_path not NULL, weights learned on it from all queries. */
RK_MUST_CHECK rk_status rk_relevance_write(rk_relevance *relevance, const double *values, const char *index_path,
                                           const char *ranker_path, size_t n_folds, rk_relevance_weights *out,
                                           rk_error *err);

#endif

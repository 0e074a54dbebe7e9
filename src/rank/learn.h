/* learn.h - the weights of a blend from judged questions.
 *
 * Judged questions are few, and what the ten best of one look like is chance for the most part. So learning begins
 * with the untrained weights and stays near them: coordinate ascent on nDCG@10 itself (Metzler, Croft, "Linear
 * feature-based models for information retrieval", 2007), less a penalty on the squared distance, each feature measured
 * by its standard deviation. What we do differently: the weights are the mean of several ascents, each on questions
 * drawn with replacement (Breiman, "Bagging predictors", 1996); how much penalty is decided on folds of the questions,
 * by the gain over no learning less two standard errors; where that is never above 0, the untrained weights stay.
 */
#ifndef RECKON_RANK_LEARN_H
#define RECKON_RANK_LEARN_H

#include "base/run.h"
#include "rank/blend.h"
#include "rank/lesson.h"

enum { RK_LEARN_SURE = 2 }; /* standard errors that a gain must be above */

typedef struct {
    double penalty;       /* chosen; INFINITY: the untrained weights stay */
    double gain, error;   /* of nDCG on folds, mean over questions and its standard error */
    double before, after; /* nDCG on the questions learned from */
    size_t n_queries;
} rk_learned;

/* query: [n] questions of the lesson to learn from. Deterministic for any number of threads. */
RK_MUST_CHECK rk_status rk_learn_blend(const rk_lesson *lesson, const uint32_t *query, size_t n, const rk_run *run,
                                       rk_blend *out, rk_learned *how, rk_error *err);

/* Fold of the i-th of the questions that are dealt out: i modulo the folds. */
size_t rk_learn_fold(size_t i, size_t n_folds);

#endif

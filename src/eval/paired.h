/* paired.h - any number of models on the same users: one figure of each, and which differ by more than chance.
 *
 * A model's figure of every user goes into a small file of its own, so that models judged in different runs can be held
 * against each other later. All of them are resampled together: a resample draws the users once for all models, so that
 * what makes a user easy or hard for every model cancels out of a difference.
 */
#ifndef RECKON_EVAL_PAIRED_H
#define RECKON_EVAL_PAIRED_H

#include "eval/eval.h"
#include "math/estimate.h"

#define RK_USER_FIGURES_ARTEFACT "user-figures" /* the kind of its file: value [users], weight [users] */
enum { RK_PAIRED_MAX = 64 };

/* The figure under key, "ndcg@20", user by user. RK_BAD_INPUT when it is no plain mean over users. */
RK_MUST_CHECK rk_status rk_user_figures_write(const rk_evaluation *evaluation, const char *key, const char *path,
                                              rk_error *err);

typedef struct {
    size_t n, n_users;
    rk_estimate figure[RK_PAIRED_MAX]; /* 95 % by resampling the users */
    size_t best;                       /* of the highest figure, the first of equals */
    rk_estimate kept[RK_PAIRED_MAX];   /* share of the best one's figure; {1, 1, 1} of itself */
    bool *better; /* [n x n] the row's figure is above the column's in 97.5 % of the resamples or more; owned */
} rk_paired;

/* paths: [n], 1 .. RK_PAIRED_MAX files. RK_BAD_INPUT when they are of different figures or users. */
RK_MUST_CHECK rk_status rk_paired_files(const char *const *paths, size_t n, const rk_run *run, rk_paired *out,
                                        rk_error *err);
void rk_paired_release(rk_paired *paired); /* accepts a zeroed one */

#endif

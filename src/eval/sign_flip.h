/* sign_flip.h - could the sign of a mean difference be chance? The paired permutation test (Fisher 1935). Private to
 * eval/.
 *
 * If two models were alike, each user's difference would have had the other sign as likely. So the sum is compared with
 * the sums that flipping the users' signs at random gives: p is the share of flips, the data as they are among them,
 * whose sum is at least as far from 0. Few users are flipped in every way there is, and p is exact.
 */
#ifndef RECKON_EVAL_SIGN_FLIP_H
#define RECKON_EVAL_SIGN_FLIP_H

#include <stddef.h>

#include "base/run.h"

enum { RK_FLIPS = 50000, RK_FLIP_COLS_MAX = 256 };

/* difference: [n_rows x n_cols], a row per user; p: [n_cols], two-sided, 1 for a column of zeros. All columns of a row
 * flip together. The same for any number of threads. Returns in *n_flips how many flips p rests on. */
RK_MUST_CHECK rk_status rk_sign_flip(const double *difference, size_t n_rows, size_t n_cols, const rk_run *run,
                                     double *p, size_t *n_flips, rk_error *err);

/* Holm's step-down correction (1979) of n p-values asked at once; adjusted may not be p. */
RK_MUST_CHECK rk_status rk_holm(const double *p, size_t n, double *adjusted, rk_error *err);

#endif

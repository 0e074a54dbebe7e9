/* draws.h - what n draws say about the quantity drawn: mean, quantiles, tails, each with its interval.
 *
 * Sort once, then ask. All functions run in the calling thread over the whole sample, in a fixed order: how the draws
 * were made, and by how many threads, cannot change a bit. A million draws sort in 10 to 30 ms; the mean takes
 * some milliseconds, the rest less than one.
 *
 * confidence, 0 < confidence < 1, is how often such an interval holds the true figure if the draws are independent
 * (0.95). Scrambled Sobol points as a rule come closer than independent ones, and the intervals are then wide on the
 * safe side; a tight one is rk_replicates_mean over several seeds.
 *
 * Draws are finite, n >= 1.
 */
#ifndef RECKON_MATH_DRAWS_H
#define RECKON_MATH_DRAWS_H

#include <stddef.h>

#include "math/estimate.h"

/* Ascending. room: [n], overwritten. */
void rk_draws_sort(double *draw, size_t n, double *room);

/* In any order. The interval is the normal's: mean -+ z sd / sqrt(n). */
rk_estimate rk_draws_mean(const double *draw, size_t n, double confidence);
/* The root of the mean square about the mean, over n - 1; 0 when n is 1. */
double rk_draws_sd(const double *draw, size_t n);

/* The least draw with share (0 < share < 1) of all at or below it; share 0.9 is P90. The interval is two other
 * draws, picked by the binomial distribution of how many fall below the true quantile, so it holds for every
 * distribution. */
rk_estimate rk_draws_quantile(const double *ascending, size_t n, double share, double confidence);

/* Mean of the largest (1 - share) of the draws, 0 < share < 1: conditional value at risk, expected shortfall. A
 * share that ends inside a draw counts that part of it. The interval is the normal's. */
rk_estimate rk_draws_tail_mean(const double *ascending, size_t n, double share, double confidence);

/* The chance of a draw above limit, with Wilson's interval. */
rk_estimate rk_draws_above(const double *ascending, size_t n, double limit, double confidence);

/* The mean of one figure from n >= 2 independent repetitions (seeds) of a study, with Student's interval. This is how
 * the error of scrambled Sobol points is told: 16 seeds of 2^16 points rather than one of 2^20. */
rk_estimate rk_replicates_mean(const double *figure, size_t n, double confidence);

#endif

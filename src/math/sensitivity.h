/* sensitivity.h - how much of an outcome's variance an input accounts for: Sobol's indices, first-order and total.
 *
 * First: the part of the variance that would go if the input were known; interactions left out. Total: the part that
 * would stay if all but this input were known; interactions counted. Sums of first-order indices are at most 1, of
 * total at least 1; equal for an outcome that is a sum. Both are estimates: one near 0 may come out slightly negative.
 *
 * Design:  draw two independent matrices of inputs A and B [n x d], for example from 2 d dimensions of sobol.h, and run
 * the model on A, on B, and for each input i on AB_i: A with column i taken from B. n (d + 2) runs; n = 2^12 and
 *          upwards, a power of two. One input at a time needs three arrays of n outcomes, however many inputs there
 * are. Threads: reads its arguments only: inputs may be done side by side, and sums have one fixed order.
 */
#ifndef RECKON_MATH_SENSITIVITY_H
#define RECKON_MATH_SENSITIVITY_H

#include <stddef.h>

#include "math/estimate.h"

enum { RK_SENSITIVITY_BATCHES = 32 }; /* the least n */

typedef struct {
    rk_estimate first, total;
} rk_sensitivity;

/* a, b, ab: [n] outcomes of row 0 .. n - 1 of A, B and AB_i, finite; n >= RK_SENSITIVITY_BATCHES. Intervals: jackknife
 * over batches of neighbouring rows, with Student's quantile at confidence; as the rows of Sobol points are more even
 * than independent ones, wide on the safe side. An outcome that never varies has indices of 0. */
rk_sensitivity rk_sensitivity_of(const double *a, const double *b, const double *ab, size_t n, double confidence);

#endif

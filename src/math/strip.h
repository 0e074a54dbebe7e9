/* strip.h - blocks of RK_STRIP vectors side by side: what a sparse matrix multiplies best.
 *
 * A strip is [n x RK_STRIP] floats, 64-byte aligned: two cache lines a row, so that an entry of the matrix fetches
 * whole lines and the sums of a row stay in registers.
 * Sums over rows run in fixed chunks that are added in order: any number of threads gives the same bits.
 */
#ifndef RECKON_MATH_STRIP_H
#define RECKON_MATH_STRIP_H

#include "math/csr.h"

enum { RK_STRIP = 32 };

/* Zeroed; NULL when memory is short. End with free. */
float *rk_strip_new(size_t n);

/* y [n_rows strip] = a * x [n_cols strip]. */
void rk_strip_times(const rk_csr *a, const float *x, float *y, rk_pool *pool);

/* dot[RK_STRIP x RK_STRIP] = x'y, added up in double. parts: [rk_strip_chunks(n)] of them, scratch. */
typedef double rk_strip_square[RK_STRIP * RK_STRIP];
size_t rk_strip_chunks(size_t n);
void rk_strip_dot(const float *x, const float *y, size_t n, rk_strip_square *parts, rk_pool *pool, double *dot);

#endif

/* column_sums.h - sums over the rows of a matrix, one for each column, the same for any number of threads. */
#ifndef RECKON_MODEL_COLUMN_SUMS_H
#define RECKON_MODEL_COLUMN_SUMS_H

#include "base/error.h"
#include "base/thread.h"

/* Adds what rows begin .. end - 1 say to sum [width]; may write to places of these rows. */
typedef void rk_column_body(void *context, size_t begin, size_t end, double *sum);

/* sum [width] = what body says of all n rows, in fixed chunks added up in order. */
RK_MUST_CHECK rk_status rk_column_sums(rk_pool *pool, size_t n, size_t width, rk_column_body *body, void *context,
                                       double *sum, rk_error *err);

#endif

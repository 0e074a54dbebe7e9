/* pace.h - how long a computation will take on this machine, told from what it computes and what it fetches.
 *
 * An estimate for people: the right order, not a promise. Whoever states the work writes down how far it was off.
 */
#ifndef RECKON_MATH_PACE_H
#define RECKON_MATH_PACE_H

#include "base/error.h"

/* Work that all threads share. */
typedef struct {
    double flops; /* multiplications and additions, in loops as good as a matrix product's; slower loops count more */
    double bytes; /* read from memory row by row, here and there */
} rk_work;

/* What one processor does in a second. */
typedef struct {
    double flops, bytes;
} rk_pace;

/* Tries both for about 30 ms of processor time. */
RK_MUST_CHECK rk_status rk_pace_measure(rk_pace *pace, rk_error *err);
double rk_pace_seconds(rk_pace pace, rk_work work, unsigned n_threads);

#endif

/* spd.h - the inverse of a large symmetric positive definite matrix, in single precision, in place, in half the room.
 *
 * Room:    tiles on and below the diagonal, about 2 n^2 bytes, and while inverting n x tile floats more.
 * Cost:    n^3 multiplications and additions together, all but a few in 100 in one kernel (spd_kernel.h).
 * Threads: the same bits for any number of them.
 * Bounds:  the relative error grows with the condition number; what a result is worth, the caller measures on columns.
 */
#ifndef RECKON_MATH_SPD_H
#define RECKON_MATH_SPD_H

#include <stddef.h>
#include <stdint.h>

#include "base/run.h"

typedef struct rk_spd rk_spd;

enum { RK_SPD_ROWS = 16 }; /* how many rows rk_spd_get_rows gives at once */

/* The n x n zero matrix, n >= 1; NULL when memory is short. */
rk_spd *rk_spd_new(uint32_t n);
void rk_spd_free(rk_spd *spd);                         /* accepts NULL */
uint64_t rk_spd_bytes(uint32_t n, unsigned n_threads); /* of a matrix that is being inverted */

/* Row i up to its diagonal: row[0 .. i]. Any number of threads may put rows of their own. */
void rk_spd_put_row(rk_spd *spd, uint32_t i, const float *row);
/* rows[RK_SPD_ROWS x n]: the rows from first, a multiple of RK_SPD_ROWS, on; those past the last are zero. */
void rk_spd_get_rows(const rk_spd *spd, uint32_t first, float *rows);
float rk_spd_at(const rk_spd *spd, uint32_t i, uint32_t j);

/* The matrix becomes its inverse. RK_BAD_INPUT when it is not positive definite, as far as single precision can tell;
 * then, or without memory, it is of no more use. */
RK_MUST_CHECK rk_status rk_spd_invert(rk_spd *spd, const rk_run *run, rk_error *err);

#endif

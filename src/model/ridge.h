/* ridge.h - many small ridge regressions, the heart of every alternating least squares: minimise |c - G z|^2 + |z|^2.
 *
 * G has a row per event of one user (or of one item) and `width` columns. A caller with another penalty scales the
 * columns, one with weights scales the rows: then one solver serves training, folding in and explaining, implicit and
 * explicit. The answer comes from the smaller of two systems,
 *   z = (I + G'G)^-1 G'c  [width x width]   or   z = G' (I + GG')^-1 c  [n x n],
 * so that a user of 27 events costs 27^2, not width^2; or from a few conjugate gradient steps.
 *
 * Rows are loaded once into a room of 4 MiB; a common history stays in the second-level cache. Longer ones than it holds
 * are folded into G'G piece by piece and solved exactly.
 * Threads: one rk_ridge per thread.
 */
#ifndef RECKON_MODEL_RIDGE_H
#define RECKON_MODEL_RIDGE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "math/pace.h"
#include "model/ridge_kernel.h"

typedef struct {
    const rk_ridge_kernels *kernels;
    size_t width;    /* multiple of 16 */
    size_t capacity; /* rows that fit the room */
    size_t n;        /* rows of the problem at hand, all together */
    bool is_folded;  /* they did not fit: only G'G and G'c are there */
    float *rows;     /* [capacity x width] */
    float *target;   /* [capacity] c */
    float *sum;      /* [width] G'c */
    float *matrix;   /* [width x width], or [n x n] of a short history */
    float *work;     /* [3 x width] */
    float *block;    /* owned: all of the above; NULL when an arena owns them */
} rk_ridge;

/* The width to store vectors of dim elements with. */
size_t rk_ridge_width(size_t dim);
RK_MUST_CHECK rk_status rk_ridge_init(rk_ridge *ridge, size_t width, rk_error *err);
void rk_ridge_release(rk_ridge *ridge); /* accepts a zeroed one */
size_t rk_ridge_bytes(size_t width);    /* what init takes */
/* What a problem of n rows computes, and what of the side that stands still it fetches; n_steps 0: solved exactly. */
rk_work rk_ridge_work(size_t width, uint64_t n, unsigned n_steps);
/* Room for one problem of n rows; nothing to release. */
RK_MUST_CHECK rk_status rk_ridge_init_small(rk_ridge *ridge, size_t width, size_t n, rk_arena *arena, rk_error *err);

/* Loads a problem: row j of G = weight[j] * scale o source[id[j]]; from->n rows, target [n], all finite. */
void rk_ridge_load(rk_ridge *ridge, const rk_ridge_gather *from, const float *target);
/* square [width]: the sum of squares of each column of G. After a load; solving a folded problem ends it. */
void rk_ridge_squares(const rk_ridge *ridge, float *square);
/* z: [width], 64-byte aligned. */
RK_MUST_CHECK rk_status rk_ridge_solve(rk_ridge *ridge, float *z, rk_error *err);
/* n_steps of conjugate gradients from z on; exact where the history was folded. */
RK_MUST_CHECK rk_status rk_ridge_descend(rk_ridge *ridge, float *z, unsigned n_steps, rk_error *err);
/* What each row of G adds to the inner products of the solution with probes: share[p x n + j] = c_j <g_j, u_p> with
 * u_p = (I + G'G)^-1 probe_p, so that the shares of a probe add up to <probe_p, z>. probes: [n_probes x width],
 * overwritten. Not for folded problems. */
RK_MUST_CHECK rk_status rk_ridge_shares(rk_ridge *ridge, float *probes, size_t n_probes, float *shares, rk_error *err);

/* A ridge and the events of one row to load it with. */
typedef struct {
    uint32_t *id;
    float *weight, *target; /* [longest row] */
    float *scale, *z;       /* [width] of the columns; a solution */
    size_t n;               /* events that count, of the row at hand */
    double penalty;         /* of the row at hand */
    rk_ridge ridge;
    void *block; /* owned; NULL when an arena owns all */
} rk_ridge_room;

RK_MUST_CHECK rk_status rk_ridge_room_init(rk_ridge_room *room, size_t width, size_t longest, rk_error *err);
/* Room for one row of n events; nothing to release. */
RK_MUST_CHECK rk_status rk_ridge_room_init_small(rk_ridge_room *room, size_t width, size_t n, rk_arena *arena,
                                                 rk_error *err);
void rk_ridge_room_release(rk_ridge_room *room); /* accepts a zeroed one */

#endif

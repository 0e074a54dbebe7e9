/* mf_row.h - one row of explicit matrix factorisation: the best vector of a user when the items stand still, or the
 * other way round. For mf_sweep.c, which trains with it, and mf_fold.c, which folds in and explains with it.
 *
 * Minimises, over the columns of x that are not the row's constant 1,
 *     sum over its ratings of (r - mu - x.y)^2 + sum over columns d of a_d (x_d - z_d)^2 + v_d x_d^2
 * where z is what is expected of the row, a_d = base_d + each n pulls towards it, and v_d, the sum of the variances of
 * the y's, pulls to zero: a number that is not known well may not be leant on. Both pulls together are one pull of
 * a_d + v_d to w_d = z_d a_d / (a_d + v_d), so that x - w is a plain ridge regression of r - mu - w.y.
 */
#ifndef RECKON_MODEL_MF_ROW_H
#define RECKON_MODEL_MF_ROW_H

#include "model/model.h"
#include "model/ridge.h"

/* The side that stands still, and the rules for a row that moves. */
typedef struct {
    const float *fixed;    /* [... x width], or whatever the ids of a row point into */
    const float *variance; /* of the same shape; NULL: it is known exactly */
    const float *base;     /* [dim + 1] at the free columns */
    float each;            /* what each rating adds to every a_d */
    double mu;
    double noise; /* variance of a rating about the model; 1 where nobody asks for variances */
    size_t dim, width, bias, one;
} rk_mf_half;

typedef struct {
    rk_ridge_room ridge;
    float *mean;   /* [width] w, and 1 at the constant */
    float *doubt;  /* [width] v */
    float *square; /* [width] sum of squares of each column of the scaled rows */
} rk_mf_room;

RK_MUST_CHECK rk_status rk_mf_room_init(rk_mf_room *room, size_t width, size_t longest, rk_error *err);
/* Room for one row of n ratings; nothing to release. */
RK_MUST_CHECK rk_status rk_mf_room_init_small(rk_mf_room *room, size_t width, size_t n, rk_arena *arena, rk_error *err);
void rk_mf_room_release(rk_mf_room *room); /* accepts a zeroed one */
uint64_t rk_mf_room_bytes(size_t width);

/* expected: [width] z, or NULL for zero. Row values NULL: every rating is mu. */
void rk_mf_load(const rk_mf_half *half, rk_history row, const float *expected, rk_mf_room *room);
/* x: [width], its constant put in. variance: [width] of each number given all others, or NULL. */
RK_MUST_CHECK rk_status rk_mf_solve(const rk_mf_half *half, rk_mf_room *room, float *x, float *variance, rk_error *err);
/* Sum over the row's ratings of the expected (r - mu - x.y)^2, x and y uncertain. For a row just solved. */
double rk_mf_row_miss(const rk_mf_half *half, rk_history row, const rk_mf_room *room, const float *x,
                      const float *variance);

/* Eight sums, so that the compiler may use vectors without reordering anything by itself. */
static inline float rk_mf_inner(const float *a, const float *b, size_t width)
{
    float sum[8] = {0};
    for (size_t d = 0; d < width; d += 8) {
        for (size_t l = 0; l < 8; l++) {
            sum[l] += a[d + l] * b[d + l];
        }
    }
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

#endif

/* als_row.h - one row of implicit ALS: the best vector of a user when the items stand still, or the other way round.
 *
 * For als.c, which trains with it, and als_fold.c, which folds in and explains with it. The derivation is in als.c.
 */
#ifndef RECKON_MODEL_ALS_ROW_H
#define RECKON_MODEL_ALS_ROW_H

#include "model/model.h"
#include "model/ridge.h"

/* The weights of the objective. */
typedef struct {
    double lambda, exponent, unobserved, alpha;
    bool is_log; /* confidence alpha log2(1 + r), else alpha r */
} rk_als_weights;

/* The side that stands still, turned to the eigenvectors of its Gramian. */
typedef struct {
    rk_als_weights weights;
    uint32_t n_fixed;
    size_t dim, width;     /* width: rk_ridge_width(dim) */
    const float *fixed;    /* [n_fixed x width], or whatever the ids of a row point into */
    const float *diagonal; /* [dim] unobserved weight * eigenvalue */
} rk_als_half;

double rk_als_penalty(const rk_als_half *half, size_t n_events);
/* Confidence of an event beyond the unobserved weight; 0: no evidence. */
double rk_als_confidence(const rk_als_weights *weights, float value);

/* History values NULL = 1 each. Events without confidence are left out. */
void rk_als_load(const rk_als_half *half, rk_history row, rk_ridge_room *room);
/* x: [width], the vector so far in, the better one out; n_steps 0 solves exactly. */
RK_MUST_CHECK rk_status rk_als_solve(const rk_als_half *half, unsigned n_steps, rk_ridge_room *room, float *x,
                                     rk_error *err);

#endif

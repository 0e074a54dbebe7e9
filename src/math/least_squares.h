/* least_squares.h - a straight line, or plane, through points: ordinary least squares with a few regressors, how sure
 * its coefficients are, and where a new point may be expected.
 */
#ifndef RECKON_MATH_LEAST_SQUARES_H
#define RECKON_MATH_LEAST_SQUARES_H

#include <stdbool.h>
#include <stddef.h>

#include "math/estimate.h"

enum { RK_REGRESSORS_MAX = 4 };

typedef struct {
    size_t n, n_regressors;
    double coefficient[RK_REGRESSORS_MAX];
    double inverse[RK_REGRESSORS_MAX][RK_REGRESSORS_MAX]; /* of X'X */
    double deviation; /* of a point about the plane: root of the sum of squared residuals / (n - n_regressors) */
} rk_least_squares;

/* y ~ X b. x: [n x n_regressors], a column of ones where a constant is wanted; y: [n]. false when there are no more
 * points than regressors, a figure is not finite, or the regressors depend on each other. */
bool rk_least_squares_fit(const double *x, const double *y, size_t n, size_t n_regressors, rk_least_squares *out);
/* A coefficient with its 95 % interval, by Student's t. */
rk_estimate rk_least_squares_coefficient(const rk_least_squares *fit, size_t i);
/* What y is at x[n_regressors], with the interval that holds a new point in 95 of 100 cases. */
rk_estimate rk_least_squares_at(const rk_least_squares *fit, const double *x);

#endif

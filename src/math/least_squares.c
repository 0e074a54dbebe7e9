/* least_squares.c - the normal equations, inverted by Gauss and Jordan: with four regressors at most and columns near
 * each other's size that is as exact as anybody needs. */
#include "math/least_squares.h"

#include <math.h>

#include "math/beta.h"

typedef double square[RK_REGRESSORS_MAX][RK_REGRESSORS_MAX];

static void swap_rows(square m, size_t a, size_t b, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double kept = m[a][j];
        m[a][j] = m[b][j];
        m[b][j] = kept;
    }
}

/* false when singular to working precision. */
static bool invert(square m, square out, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            out[i][j] = i == j;
            largest = fmax(largest, fabs(m[i][j]));
        }
    }
    for (size_t c = 0; c < n; c++) {
        size_t pivot = c;
        for (size_t r = c + 1; r < n; r++) {
            pivot = fabs(m[r][c]) > fabs(m[pivot][c]) ? r : pivot;
        }
        if (!(fabs(m[pivot][c]) > 1e-12 * largest)) {
            return false;
        }
        swap_rows(m, c, pivot, n);
        swap_rows(out, c, pivot, n);
        double by = m[c][c];
        for (size_t j = 0; j < n; j++) {
            m[c][j] /= by;
            out[c][j] /= by;
        }
        for (size_t r = 0; r < n; r++) {
            double times = r == c ? 0 : m[r][c];
            for (size_t j = 0; j < n; j++) {
                m[r][j] -= times * m[c][j];
                out[r][j] -= times * out[c][j];
            }
        }
    }
    return true;
}

static double fitted(const rk_least_squares *fit, const double *x)
{
    double sum = 0;
    for (size_t i = 0; i < fit->n_regressors; i++) {
        sum += fit->coefficient[i] * x[i];
    }
    return sum;
}

bool rk_least_squares_fit(const double *x, const double *y, size_t n, size_t n_regressors, rk_least_squares *out)
{
    square products = {{0}};
    double with_y[RK_REGRESSORS_MAX] = {0}, squares = 0;
    *out = (rk_least_squares){.n = n, .n_regressors = n_regressors};
    if (n_regressors < 1 || n_regressors > RK_REGRESSORS_MAX || n <= n_regressors) {
        return false;
    }
    for (size_t p = 0; p < n; p++) {
        const double *row = x + p * n_regressors;
        for (size_t i = 0; i < n_regressors; i++) {
            with_y[i] += row[i] * y[p];
            for (size_t j = 0; j < n_regressors; j++) {
                products[i][j] += row[i] * row[j];
            }
        }
    }
    if (!invert(products, out->inverse, n_regressors)) {
        return false;
    }
    for (size_t i = 0; i < n_regressors; i++) {
        for (size_t j = 0; j < n_regressors; j++) {
            out->coefficient[i] += out->inverse[i][j] * with_y[j];
        }
    }
    for (size_t p = 0; p < n; p++) {
        double residual = y[p] - fitted(out, x + p * n_regressors);
        squares += residual * residual;
    }
    out->deviation = sqrt(squares / (double)(n - n_regressors));
    return isfinite(out->deviation);
}

static double student(const rk_least_squares *fit)
{
    return rk_student_quantile((double)(fit->n - fit->n_regressors), 0.975);
}

rk_estimate rk_least_squares_coefficient(const rk_least_squares *fit, size_t i)
{
    double value = fit->coefficient[i], room = student(fit) * fit->deviation * sqrt(fmax(fit->inverse[i][i], 0));
    return (rk_estimate){value, value - room, value + room};
}

rk_estimate rk_least_squares_at(const rk_least_squares *fit, const double *x)
{
    double spread = 0, value = fitted(fit, x);
    for (size_t i = 0; i < fit->n_regressors; i++) {
        for (size_t j = 0; j < fit->n_regressors; j++) {
            spread += x[i] * fit->inverse[i][j] * x[j];
        }
    }
    double room = student(fit) * fit->deviation * sqrt(1 + fmax(spread, 0));
    return (rk_estimate){value, value - room, value + room};
}

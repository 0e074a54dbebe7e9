/* growth.c - see growth.h. */
#include "study/growth.h"

#include <assert.h>
#include <math.h>

enum { REGRESSORS = 2 };
static const double size_min = 10, size_max = 1e15, scan_step = 1.02;

bool rk_growth_fit(const rk_growth_point *points, size_t n, double floor, rk_growth *out)
{
    double x[RK_GROWTH_POINTS_MAX * REGRESSORS], y[RK_GROWTH_POINTS_MAX];
    size_t n_used = 0;
    assert(n <= RK_GROWTH_POINTS_MAX);
    *out = (rk_growth){.floor = floor};
    for (size_t i = 0; i < n; i++) {
        out->log_size += log(points[i].size) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        if (points[i].value > floor) {
            x[n_used * REGRESSORS] = 1;
            x[n_used * REGRESSORS + 1] = log(points[i].size) - out->log_size;
            y[n_used++] = log(points[i].value - floor);
        }
    }
    out->n_left_out = n - n_used;
    return rk_least_squares_fit(x, y, n_used, REGRESSORS, &out->fit);
}

rk_estimate rk_growth_exponent(const rk_growth *growth) { return rk_least_squares_coefficient(&growth->fit, 1); }

rk_estimate rk_growth_at(const rk_growth *growth, double size)
{
    const double x[REGRESSORS] = {1, log(size) - growth->log_size};
    rk_estimate log_value = rk_least_squares_at(&growth->fit, x);
    return (rk_estimate){growth->floor + exp(log_value.value), growth->floor + exp(log_value.low),
                         growth->floor + exp(log_value.high)};
}

rk_estimate rk_growth_reaches(const rk_growth *growth, double limit)
{
    rk_estimate out = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
    for (double size = size_min; size < size_max && out.high == HUGE_VAL; size *= scan_step) {
        rk_estimate at = rk_growth_at(growth, size);
        out.low = at.high > limit ? fmin(out.low, size) : out.low;
        out.value = at.value > limit ? fmin(out.value, size) : out.value;
        out.high = at.low > limit ? fmin(out.high, size) : out.high;
    }
    return out;
}

/* growth.h - how a figure grows with a size: value = floor + c size^b, fitted in logarithms.
 *
 * The floor is what an empty shop takes (a process is there, a request is parsed): measured, and taken off before the
 * logarithms, because a power law through a constant bends and foretells large shops far too low.
 */
#ifndef RECKON_STUDY_GROWTH_H
#define RECKON_STUDY_GROWTH_H

#include "math/least_squares.h"

enum { RK_GROWTH_POINTS_MAX = 64 };

typedef struct {
    double size, value;
} rk_growth_point;

typedef struct {
    double floor, log_size; /* log_size: the middle of the points, which the fit counts from */
    rk_least_squares fit;
    size_t n_left_out; /* points not above the floor */
} rk_growth;

/* points: [n], n <= RK_GROWTH_POINTS_MAX. false when fewer than three are above the floor, or all of one size. */
bool rk_growth_fit(const rk_growth_point *points, size_t n, double floor, rk_growth *out);
rk_estimate rk_growth_exponent(const rk_growth *growth);
/* With the interval that holds a new figure in 95 of 100 cases, if it grows as the measured ones do. */
rk_estimate rk_growth_at(const rk_growth *growth, double size);
/* The size at which the figure first is above the limit; low: by the upper end of the interval, high: by the lower.
 * HUGE_VAL where it is not by 10^15. */
rk_estimate rk_growth_reaches(const rk_growth *growth, double limit);

#endif

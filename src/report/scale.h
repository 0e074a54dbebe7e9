/* scale.h - from values to places on a chart, and the round numbers to write along an axis. */
#ifndef RECKON_REPORT_SCALE_H
#define RECKON_REPORT_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { RK_TICKS_MAX = 24 };

/* min < max; a log scale has min > 0. from may be above to: an axis that goes up the page. */
typedef struct {
    double min, max, from, to;
    bool is_log;
} rk_scale;

/* Where value stands; values outside, NaN and infinity stand at the nearer end: never off the chart, never NaN. */
double rk_scale_at(const rk_scale *scale, double value);

typedef struct {
    double at[RK_TICKS_MAX];
    size_t n;
} rk_ticks;

/* About n_wanted (3..12) multiples of 1, 2 or 5 x 10^k inside [min, max]. */
rk_ticks rk_ticks_linear(double min, double max, size_t n_wanted);
/* 1, 2, 5 a decade; only 1 when there are more than three decades. min > 0. */
rk_ticks rk_ticks_log(double min, double max);
/* The least multiple of the tick step that is not below max: where an axis from 0 should end. 1 when max <= 0. */
double rk_nice_end(double max, size_t n_wanted);

/* "0.25", "10", "2.5k", "3M": at most four figures, no trailing zeros. */
void rk_tick_print(double value, rk_text *out);

#endif

/* backtest.h - what a way of forecasting would have said of its own past: rolling origin, sums over blocks of steps.
 *
 * The series is cut off n_ahead = 1, 2, ... blocks before its end; each time the rest is fitted anew and the blocks
 * that came are held against those foretold. The last blocks are met by many origins, so errors are not independent.
 */
#ifndef RECKON_FORECAST_BACKTEST_H
#define RECKON_FORECAST_BACKTEST_H

#include "forecast/forecast.h"

enum { RK_BACKTEST_ORIGINS_MAX = 64 };

typedef struct {
    size_t block;     /* steps that are added up, at least 1 */
    size_t n_ahead;   /* at most so many blocks beyond each origin */
    size_t n_fit_min; /* steps before an origin, at least */
    size_t n_origins; /* at most, up to RK_BACKTEST_ORIGINS_MAX; the latest ones */
    double level;     /* of the intervals; 0 = points alone */
    size_t n_paths;   /* as rk_forecast_ask */
} rk_backtest_ask;

typedef struct {
    size_t n_origins, n_blocks; /* blocks compared: half of their steps, at least, are known */
    double error;               /* mean of |foretold - actual| / actual over blocks with any; NaN = none */
    size_t n_inside;            /* blocks inside their interval */
    double widening; /* times the distance from point to end of interval, so that the level holds; may be below
                      * 1; NaN = too few blocks to say, or intervals without width */
} rk_backtest;

/* Steps that are not known count on neither side. Counts: nothing is foretold below 0. A history too short for one
 * origin gives no blocks. */
RK_MUST_CHECK rk_status rk_backtest_run(const rk_series *series, const rk_forecast_options *options,
                                        const rk_backtest_ask *ask, const rk_run *run, rk_backtest *out, rk_error *err);

#endif

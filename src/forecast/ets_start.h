/* ets_start.h - states to begin a history with, from its first seasons. Private to forecast/. */
#ifndef RECKON_FORECAST_ETS_START_H
#define RECKON_FORECAST_ETS_START_H

#include "forecast/ets.h"

/* value: [n], NaN = missing, at least one is there. season: [period] filled, unless the form has none. room: [2 n].
 * false: some place of the season has no value, or a multiplicative season one that is not positive. */
RK_MUST_CHECK bool rk_ets_start(const rk_ets_form *form, const double *value, size_t n, double *room, double *level,
                                double *trend, double *season);

#endif

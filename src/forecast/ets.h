/* ets.h - exponential smoothing in state-space form: the forms, the states, one step.
 *
 *   foreseen = (level + phi trend) o season          o is +, x or nothing
 *   level   <- level + phi trend + alpha r           r = value - foreseen
 *   trend   <- phi trend + beta r
 *   season  <- season + gamma r
 * Under a multiplicative season r is divided by the season for level and trend, and by level + phi trend for the
 * season. An error is r (additive) or r / foreseen (multiplicative): the states move alike, the likelihood differs.
 */
#ifndef RECKON_FORECAST_ETS_H
#define RECKON_FORECAST_ETS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

typedef enum { RK_ERROR_ADDITIVE, RK_ERROR_MULTIPLICATIVE } rk_ets_error;
typedef enum { RK_TREND_NONE, RK_TREND_ADDITIVE, RK_TREND_DAMPED } rk_ets_trend;
typedef enum { RK_SEASON_NONE, RK_SEASON_ADDITIVE, RK_SEASON_MULTIPLICATIVE } rk_ets_season;

enum { RK_PERIOD_MAX = 366 }; /* days of a year, hours of two weeks */

typedef struct {
    rk_ets_error error;
    rk_ets_trend trend;
    rk_ets_season season;
    size_t period; /* steps of a season, 2 .. RK_PERIOD_MAX; 1 without season */
} rk_ets_form;

typedef struct {
    double alpha, beta, gamma; /* how much of an error goes to level, trend, season */
    double phi;                /* how much of the trend is left after a step; 1 = all */
    double level, trend;       /* per step */
    double *season;            /* [period] a ring; NULL = none */
    size_t phase;              /* of the next step in season */
} rk_ets_state;

/* "ETS(M,Ad,A)[7]" */
void rk_ets_name(rk_ets_form form, rk_text *out);
/* What the next value should be. */
double rk_ets_foresee(const rk_ets_form *form, const rk_ets_state *state);
/* Moves on by a step on which the value was r above foreseen. */
void rk_ets_step(const rk_ets_form *form, rk_ets_state *state, double r);

/* Whether the forecast is linear in the errors and the errors are additive: variances have a formula (class 1 of
 * Hyndman, Koehler, Ord and Snyder 2008). */
bool rk_ets_is_linear(const rk_ets_form *form);
/* How an error now moves the value j >= 1 steps on; of a linear form. */
double rk_ets_echo(const rk_ets_form *form, const rk_ets_state *state, size_t j);

#endif

/* traffic_forecast.h - the requests of a service in the months of a plan, from a history of its days.
 *
 * Days of the plan that lie in the history use what happened; the others are foretold. Event days are divided by their
 * factor before the fit, and what is foretold is multiplied by it afterwards. Whether a trend goes on or dies away, and
 * how wide an interval must be, is tried on the history itself (forecast/backtest.h).
 */
#ifndef RECKON_DECIDE_TRAFFIC_FORECAST_H
#define RECKON_DECIDE_TRAFFIC_FORECAST_H

#include "cost/plan.h"
#include "data/history.h"
#include "forecast/backtest.h"

/* How a trend goes on that the history has. AUTO: as the backtest, or where it says nothing AICc, has it. */
typedef enum { RK_TRENDS_AUTO, RK_TRENDS_DAMPED, RK_TRENDS_STRAIGHT, RK_TRENDS_ANY, RK_TRENDS_ONLY_NONE } rk_trends;
const char *rk_trends_name(rk_trends trends); /* "damped" */

typedef struct {
    rk_trends trends;
    double level; /* of the intervals, inside 0..1 */
} rk_traffic_options;

typedef struct {
    int64_t first_day, last_day;                  /* of the history */
    size_t n_days, n_missing, n_events, n_filled; /* events: days that were divided; filled: days of the plan that the
                                                   * history lacks */
    size_t n_ahead; /* days foretold; 0 = the history reaches the plan's end: no model, no backtest */
    const char *model, *why;
    rk_ets_trend trend;         /* of the model */
    rk_trends taken;            /* never AUTO: ANY where AICc decided */
    rk_backtest backtest;       /* of what was taken */
    double other_error;         /* of the other of damped and straight, where the backtest decided; NaN elsewhere */
    double widened;             /* intervals were multiplied by it, at least 1; NaN = as the model has them, untested */
    bool has_weekdays;          /* the history shows a whole month of weeks and more */
    double weekdays[7];         /* weights with mean 1, Monday first */
    double *known;              /* [n_months] requests that came */
    double *point, *low, *high; /* [n_months] these and what is foretold */
} rk_traffic_forecast;

enum { RK_TRAFFIC_BLOCK_DAYS = 28 }; /* of the backtest: four weeks stand for a month */

/* RK_BAD_INPUT when the plan begins before the history, or ends too far behind it. at: of the history, for messages.
 * Everything of *out lives in the arena. */
RK_MUST_CHECK rk_status rk_traffic_foretell(const rk_plan *plan, uint32_t service, const rk_history *history,
                                            const char *path, const rk_traffic_options *options, const rk_run *run,
                                            rk_arena *arena, rk_traffic_forecast *out, rk_error *err);

#endif

/* demand.h - how many requests a service is asked on each day of a month, exact.
 *
 *   requests(d) = requests_per_day x (1 + growth)^m x weekday weight / mean weight x event factors
 *
 * or, of a month whose requests are written, these x weekday weight x event factors / their sum over the days of the month.
 * The first factors are one number a month, the scale; days that share the rest form a class. So whatever is summed
 * over the 720 hours of a month is summed over a few classes, in small fractions, and scaled once.
 */
#ifndef RECKON_COST_DEMAND_H
#define RECKON_COST_DEMAND_H

#include "cost/plan.h"

enum { RK_DAYS_MAX = 31 };

typedef struct {
    mpq_t weight; /* weekday weight x event factors */
    unsigned n_days;
} rk_day_class;

typedef struct {
    rk_day_class day[RK_DAYS_MAX]; /* [n] used, all initialised */
    unsigned n;
} rk_day_classes;

/* Event factors of a day, 1 when there is none; and weekday weight x these. */
void rk_demand_events(const rk_traffic *traffic, int64_t day, mpq_t out);
void rk_demand_weight(const rk_traffic *traffic, int64_t day, mpq_t out);

void rk_day_classes_init(rk_day_classes *classes);
void rk_day_classes_release(rk_day_classes *classes);
/* The classes of month m, in order of their first day. */
void rk_day_classes_fill(rk_day_classes *classes, const rk_plan *plan, const rk_traffic *traffic, uint32_t m);

/* requests_per_day x (1 + growth)^m / mean of the weekday weights; or requests of the month / sum of its days' weights */
void rk_demand_scale(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out);
/* Most requests a second in any hour of the month. */
void rk_demand_peak(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out);
/* Requests of the whole month. */
void rk_demand_month(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out);
/* Requests of the month as the plan writes them; NULL = they follow from requests_per_day. */
const rk_number *rk_demand_written(const rk_traffic *traffic, uint32_t m);
/* The weights of the days of month m added up. */
void rk_demand_weights_sum(const rk_plan *plan, const rk_traffic *traffic, uint32_t m, mpq_t out);

#endif

/* hours.h - the hours of a month by what a fleet is asked in them, exact.
 *
 *   load(d, h) = sum over its services of requests/s(d, h) / capacity of one machine
 *
 * in machines of the fleet's first kind at their full capacity. Days that are alike for every service of the fleet are
 * counted once.
 */
#ifndef RECKON_COST_HOURS_H
#define RECKON_COST_HOURS_H

#include "cost/plan.h"

typedef struct {
    mpq_t load;
    int64_t n; /* so many hours of the month */
} rk_hour;

typedef struct {
    rk_hour *hour; /* [n] */
    unsigned n;
} rk_hours;

/* services: [n_services], indices in the plan; each has a capacity. Release also when it failed. */
RK_MUST_CHECK rk_status rk_hours_count(const rk_plan *plan, const uint32_t *services, uint32_t n_services, uint32_t m,
                                       rk_hours *out, rk_error *err);
void rk_hours_release(rk_hours *hours);

#endif

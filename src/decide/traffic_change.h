/* traffic_change.h - the requests of a service month by month, as a change that `--set` takes. */
#ifndef RECKON_DECIDE_TRAFFIC_CHANGE_H
#define RECKON_DECIDE_TRAFFIC_CHANGE_H

#include "cost/plan.h"

#define RK_NOT_WRITTEN INT64_MIN

/* "services.NAME.traffic.months={2026-11: 1234.5, ...}". micros: [n_months] millionths of a request, not below 0;
 * months with RK_NOT_WRITTEN follow from requests_per_day. In the arena; NULL when memory is short. */
const char *rk_traffic_change(const rk_plan *plan, const char *service, const int64_t *micros, rk_arena *arena);

#endif

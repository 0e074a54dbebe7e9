/* event_log.h - how many behaviour events a log holds that forgets what is too old.
 *
 * On the evening of day d it holds the events of that day and of the retention_days - 1 before it. What a month costs
 * follows the mean evening: the sum over its days / their number. Events of a day follow the traffic of that very day
 * (weekday, growth, days unlike others), or are `events_per_day`. Those before the plan, since the log was begun, are
 * so many a day as on the mean day of the plan's first month.
 */
#ifndef RECKON_COST_EVENT_LOG_H
#define RECKON_COST_EVENT_LOG_H

#include "cost/account.h"
#include "cost/estimating.h"

enum { RK_RETENTION_DAYS_MAX = 18300 };

typedef struct {
    int64_t first_day;      /* of the log, as base/clock.h counts days */
    int64_t retention_days; /* 0 = nothing is ever forgotten */
} rk_event_log;

/* out = sum over the evenings of month m of the events held, of service s or of RK_ALL_SERVICES. */
void rk_event_log_evenings(const rk_account *account, const rk_event_log *log, uint32_t s, uint32_t m, mpq_t out);
/* The same in draws. */
rk_figure rk_event_log_figure(rk_estimating *e, const rk_event_log *log, uint32_t s, uint32_t m);

#endif

/* budget.h - the budget of a plan from the traffic that was: requests and costs by month, and how far both may be off.
 *
 *     rk_budget_make(&source, histories, n, &options, &run, &forecast, err);
 *     ... forecast.months[m].cost[RK_AT_POINT] ...
 *     rk_budget_release(&forecast);
 *
 * The accountant runs three times, with the requests of every month at the point, at the low and at the high end of
 * their intervals; nothing is scaled. A total at the low end has all months and services low together, so totals lie
 * inside their two ends more often than months do.
 */
#ifndef RECKON_DECIDE_BUDGET_H
#define RECKON_DECIDE_BUDGET_H

#include "base/arena.h"
#include "decide/traffic_forecast.h"

typedef enum { RK_AT_LOW, RK_AT_POINT, RK_AT_HIGH, RK_N_ENDS } rk_traffic_end;
const char *rk_traffic_end_name(rk_traffic_end end); /* "low" */

/* Where the days of a service stand. */
typedef struct {
    const char *service; /* NULL: the only one of the plan */
    const char *path;    /* as rk_history_read */
} rk_budget_source;

typedef struct {
    const char *name, *path; /* of the service; of the history, NULL = none: as planned */
    rk_traffic_forecast traffic;
    const char *change[RK_N_ENDS]; /* what `--set` takes to have these requests */
    const char *weekdays; /* the same for the shape of the week; NULL = the plan has one, or the history none */
} rk_budget_service;

typedef struct {
    char name[8]; /* "2026-11" */
    int64_t requests_micros[RK_N_ENDS];
    rk_money cost[RK_N_ENDS];
    rk_money budget; /* without meaning when the plan has none */
} rk_budget_month;

typedef struct {
    rk_arena arena;
    const char *name, *currency;
    rk_basis basis; /* of the costs: that of the plan's budget */
    double level;
    bool has_budget;
    rk_budget_month *months; /* [n_months] */
    rk_budget_month total;
    uint32_t n_months, n_services;
    int64_t shortfall_micros[RK_N_ENDS]; /* requests beyond what fleets with a max answer */
    rk_budget_service *services;         /* [n_services] of the plan */
    const char **notes;                  /* [n_notes] warnings of the accountant at the point */
    size_t n_notes;
} rk_budget_forecast;

/* sources: [n], at least one. *out is released by the caller when RK_OK. */
RK_MUST_CHECK rk_status rk_budget_make(const rk_plan_source *source, const rk_budget_source *sources, size_t n,
                                       const rk_traffic_options *options, const rk_run *run, rk_budget_forecast *out,
                                       rk_error *err);
void rk_budget_release(rk_budget_forecast *forecast);                  /* accepts a zeroed one */
void rk_budget_json(const rk_budget_forecast *forecast, rk_text *out); /* one line */
void rk_budget_csv(const rk_budget_forecast *forecast, rk_text *out);  /* a row a month */

#endif

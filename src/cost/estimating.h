/* estimating.h - the estimator at work: figures for numbers, demand and prices, and the one place where a cost is added.
 *
 * A kind of element estimates with the same words it books with; what is constant folds away by itself.
 */
#ifndef RECKON_COST_ESTIMATING_H
#define RECKON_COST_ESTIMATING_H

#include "cost/demand.h"
#include "cost/estimator.h"
#include "cost/plan.h"
#include "math/tape.h"

typedef struct rk_estimating {
    const rk_plan *plan;
    const rk_ledger *ledger;
    rk_tape *tape;
    rk_figure *requests;      /* [n_services x n_months] demand of the month */
    rk_figure *machine_hours; /* the same: paid, once fleets are estimated; 0 without a fleet */
    rk_figure *direct;        /* the same: costs of the service alone, of what is estimated so far */
    uint32_t *column;    /* [plan->uncertain.n] the input it is; UINT32_MAX = not asked for yet */
    uint32_t n_inputs;
    rk_vec costs; /* of what is being estimated */
    bool failed;  /* memory was short */
} rk_estimating;

/* A number as written, or what is drawn for it. */
rk_figure rk_estimate_number(rk_estimating *e, const rk_number *number);
/* A price of a book, in the plan's currency. */
rk_figure rk_estimate_price(rk_estimating *e, const rk_number *number, const rk_price *price);
rk_figure rk_estimate_person(rk_estimating *e, const rk_price *person); /* a person-month */
rk_figure rk_estimate_requests(const rk_estimating *e, uint32_t s, uint32_t m);
/* first + grows x m, not below 0 in any draw. */
rk_figure rk_estimate_growing(rk_estimating *e, const rk_number *first, const rk_number *grows, uint32_t m);

/* element_person.c: as rk_plan_persons. */
rk_figure rk_estimate_persons(rk_estimating *e, uint32_t s, uint32_t m);
/* Depreciation of month k, as rk_asset_depreciation. */
rk_figure rk_estimate_depreciation(rk_estimating *e, const rk_price *asset, int64_t k);

/* Days of a month that are alike: weekday weight x event factors. */
typedef struct {
    rk_figure weight[RK_DAYS_MAX];
    unsigned n_days[RK_DAYS_MAX], n;
} rk_estimated_days;
void rk_estimate_days(rk_estimating *e, const rk_traffic *traffic, uint32_t m, rk_estimated_days *out);
/* Counts a day so many times among those like it. */
void rk_estimate_add_day(rk_estimating *e, const rk_traffic *traffic, int64_t day, unsigned times,
                         rk_estimated_days *days);
rk_figure rk_estimate_days_sum(rk_estimating *e, const rk_estimated_days *days); /* of weight x days */
rk_figure rk_estimate_scale(rk_estimating *e, const rk_traffic *traffic, uint32_t m); /* as rk_demand_scale */

/* amount in month m: to the element's service, to each its own, or shared out. */
void rk_estimate_book(rk_estimating *e, const rk_element *element, rk_category category, uint32_t m, rk_figure amount);
/* To service s, whatever the element's target. */
void rk_estimate_book_one(rk_estimating *e, rk_category category, uint32_t s, uint32_t m, rk_figure amount);

/* As rk_account_book_filled: what fill says of RK_ALL_SERVICES when shared, otherwise of each service that bears it. */
typedef rk_figure rk_estimate_fill(rk_estimating *e, const rk_element *element, uint32_t s, uint32_t m);
void rk_estimate_book_filled(rk_estimating *e, const rk_element *element, uint32_t m, rk_estimate_fill *fill);

/* A cost as booked: what estimator.c makes outputs of. */
typedef struct {
    rk_category category;
    uint32_t m, s;             /* s: RK_ALL_SERVICES = shared as the element says */
    const rk_element *element; /* of a shared one */
    rk_figure amount;
} rk_estimated_cost;

/* fleet_estimate.c: machines of a fleet in every month, and what its services bear. *peak: loads beyond RK_MACHINES_MAX are absurd; 0 = bounded. */
RK_MUST_CHECK rk_status rk_estimate_fleet(rk_estimating *e, const rk_cost_fleet *which, rk_figure *peak,
                                          rk_error *err);

#endif

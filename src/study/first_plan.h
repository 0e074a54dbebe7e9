/* first_plan.h - a first plan and its price book, from a measured profile and a bill: something to correct, not a blank
 * page.
 *
 * The service, its capacity and the bytes of an answer come from the profile. Every service and unit of pricing on the
 * bill becomes a rate (what was paid for a unit over the whole bill), an element with the mean month's quantity, and a
 * rule by which later bills meet it. What cannot be planned is named in the plan with the reason.
 */
#ifndef RECKON_STUDY_FIRST_PLAN_H
#define RECKON_STUDY_FIRST_PLAN_H

#include "base/run.h"
#include "math/money.h"

typedef struct {
    const char *folder;  /* of plan.yaml, prices.yaml and a copy of the profile */
    const char *profile; /* that reckon measure wrote */
    const char *bill;    /* FOCUS; NULL = none */
    const char *machine; /* of the price books that reckon ships; NULL = no fleet */
    const char *service, *product_line;
    const char *currency; /* NULL: the bill's, or USD */
    const char *start;    /* "2026-10"; NULL: the first month of the bill, or that of the profile */
    double slo_ms;
    uint64_t requests_per_day, n_months;
} rk_first_plan_ask;

typedef struct {
    char start[8], currency[4];
    size_t n_elements, n_left_out; /* of the bill */
    rk_money total;                /* of the plan, all months */
} rk_first_plan;

/* Writes the files, none of which may be there, and accounts for the plan; when that fails they are taken away again.
 */
RK_MUST_CHECK rk_status rk_first_plan_write(const rk_first_plan_ask *ask, const rk_run *run, rk_first_plan *out,
                                            rk_error *err);

#endif

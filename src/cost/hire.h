/* hire.h - machines that elements rent by the hour: which one, by which purchase option, at what price. */
#ifndef RECKON_COST_HIRE_H
#define RECKON_COST_HIRE_H

#include "cost/made.h"

typedef struct {
    const char *machine, *option; /* keys as read; option NULL = on_demand */
    const rk_price *price;
    const rk_hour_price *hour;
} rk_hire;

/* key: under which the machine is named. */
RK_MUST_CHECK rk_status rk_hire_check(rk_plan *plan, const rk_element *element, const char *key, rk_hire *hire,
                                      rk_error *err);
/* What was made there must fit; another number of cores is noted. */
RK_MUST_CHECK rk_status rk_hire_check_made(rk_plan *plan, const rk_element *element, const rk_hire *hire,
                                           const rk_made *made, rk_error *err);
/* The machine must have a vcpu; what for: "bill: cpu". */
RK_MUST_CHECK rk_status rk_hire_need_vcpu(const rk_element *element, const rk_hire *hire, const char *what_for,
                                          rk_error *err);
/* out = price of a machine-hour in the plan's currency, which goes to the inputs. */
void rk_hire_price(const rk_hire *hire, rk_account *account, rk_vec *inputs, mpq_t out);

#endif

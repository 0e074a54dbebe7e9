/* fleet_estimate.c - the machines of a fleet in draws: the staircase of fleet.c with loads that vary.
 *
 * As many machines are reserved as the plan has at its points; what a draw needs beyond them is rented on demand.
 */
#include "cost/estimating.h"

#include <stdlib.h>

#include "cost/ledger_parts.h"
#include "cost/term.h"
#include "math/rational.h"

enum { STEPS_MAX = 24 * RK_DAYS_MAX };

/* One service at work. */
typedef struct {
    rk_estimating *e;
    const rk_service *service;
    uint32_t s;
    rk_figure work;         /* what turns requests a day into machines in use: 1 / (3600 x hour weights x planned rate) */
    rk_figure highest_hour; /* weight */
    double n_reserved;
} fleet;

static rk_figure capacity_of(rk_estimating *e, const rk_capacity *capacity)
{
    rk_number drawn = {.uncertain = capacity->uncertain};
    return capacity->uncertain ? rk_estimate_number(e, &drawn)
                               : rk_tape_constant(e->tape, rk_rational_real(capacity->rps));
}

static void set_constants(fleet *f)
{
    rk_tape *tape = f->e->tape;
    rk_figure sum = rk_tape_constant(tape, 0), rate = capacity_of(f->e, &f->service->capacity);
    f->highest_hour = sum;
    for (unsigned h = 0; h < 24; h++) {
        rk_figure weight = rk_estimate_number(f->e, &f->service->traffic.hours[h]);
        sum = rk_tape_add(tape, sum, weight);
        f->highest_hour = rk_tape_max(tape, f->highest_hour, weight);
    }
    rate = rk_tape_mul(tape, rate, rk_estimate_number(f->e, &f->service->fleet.utilisation));
    f->work = rk_tape_div(tape, rk_tape_constant(tape, 1.0 / 3600), rk_tape_mul(tape, sum, rate));
    f->n_reserved = (double)f->e->ledger->services[f->s].n_reserved;
}

/* Machine-hours beyond the reserved ones in month m; *peak at least the load of its busiest hour. */
static rk_figure hours_on_demand(const fleet *f, uint32_t m, rk_figure *peak)
{
    const rk_traffic *traffic = &f->service->traffic;
    const rk_fleet *plan = &f->service->fleet;
    rk_tape *tape = f->e->tape;
    rk_estimated_days days;
    rk_step steps[STEPS_MAX];
    size_t n = 0;
    rk_figure scale = rk_tape_mul(tape, rk_estimate_scale(f->e, traffic, m), f->work);
    rk_figure highest_day = rk_tape_constant(tape, 0);
    rk_estimate_days(f->e, traffic, m, &days);
    for (unsigned i = 0; i < days.n; i++) {
        rk_figure load = rk_tape_mul(tape, scale, days.weight[i]);
        highest_day = rk_tape_max(tape, highest_day, days.weight[i]);
        for (unsigned h = 0; h < 24; h++) {
            rk_figure hour = rk_estimate_number(f->e, &traffic->hours[h]);
            steps[n++] = (rk_step){rk_tape_mul(tape, load, hour), 1, days.n_days[i]};
        }
    }
    *peak = rk_tape_max(tape, *peak, rk_tape_mul(tape, scale, rk_tape_mul(tape, highest_day, f->highest_hour)));
    rk_stairs stairs = {.steps = steps,
                        .n_steps = n,
                        .least = rk_decimal_real(plan->min.value),
                        .spare = rk_decimal_real(plan->spare.value),
                        .most = plan->max.is_set ? rk_decimal_real(plan->max.value) : RK_MACHINES_MAX,
                        .level = f->n_reserved};
    return rk_tape_stairs(tape, &stairs);
}

static rk_status book_month(const fleet *f, uint32_t m, rk_figure *peak, rk_error *err)
{
    const rk_fleet *plan = &f->service->fleet;
    rk_tape *tape = f->e->tape;
    rk_figure extra = hours_on_demand(f, m, peak), cost = rk_tape_constant(tape, 0);
    if (plan->on_demand) {
        cost = rk_tape_mul(tape, extra, rk_estimate_price(f->e, &plan->on_demand->hour, plan->price));
    } else if (!rk_tape_is_constant(tape, extra, NULL)) {
        return rk_fail_at(err, plan->at, "'%.60s' has no on_demand price, and a draw may need more than its %.0f reserved "
                                         "machines",
                          plan->machine, f->n_reserved);
    }
    double hours = f->n_reserved * 24 * rk_plan_days(f->e->plan, m);
    f->e->machine_hours[(size_t)f->s * f->e->plan->n_months + m] =
        rk_tape_add(tape, extra, rk_tape_constant(tape, hours));
    if (hours > 0) {
        rk_figure price = rk_estimate_price(f->e, &plan->reserved->hour, plan->price);
        rk_term term = {.terms = plan->reserved->terms, .price = plan->price};
        cost = rk_tape_add(tape, cost,
                           rk_term_figure(f->e, &term, m, rk_tape_constant(tape, f->n_reserved),
                                          rk_tape_constant(tape, hours), price));
    }
    rk_estimate_book_one(f->e, RK_HARDWARE, f->s, m, cost);
    return RK_OK;
}

rk_status rk_estimate_fleet(rk_estimating *e, uint32_t s, rk_figure *peak, rk_error *err)
{
    fleet f = {.e = e, .service = &e->plan->services[s], .s = s};
    rk_status status = RK_OK;
    *peak = rk_tape_constant(e->tape, 0);
    if (f.service->fleet.name || f.service->fleet.n_others > 0) {
        return rk_fail_at(err, f.service->fleet.at,
                          "the fleet of '%.60s' is %s: it cannot be drawn", f.service->name,
                          f.service->fleet.name ? "shared" : "of several machines, whose mix would be another in each draw");
    }
    set_constants(&f);
    for (uint32_t m = 0; m < e->plan->n_months && !status; m++) {
        status = book_month(&f, m, peak, err);
    }
    if (f.service->fleet.max.is_set) {
        *peak = rk_tape_constant(e->tape, 0);
    }
    return status;
}

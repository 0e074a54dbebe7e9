/* fleet_estimate.c - the machines of a fleet in draws: the staircase of fleet.c with loads that vary.
 *
 * As many machines are reserved as the plan has at its points; what a draw needs beyond them is rented on demand. A
 * fleet of several kinds would be another mix in each draw: it stands as it is in the ledger, or is refused where
 * anything about it varies.
 */
#include "cost/estimating.h"

#include <stdlib.h>
#include <string.h>

#include "cost/ledger_parts.h"
#include "cost/term.h"
#include "math/rational.h"

enum { STEPS_MAX = 24 * RK_DAYS_MAX };

/* One service on the fleet. */
typedef struct {
    const rk_traffic *traffic;
    uint32_t s;
    rk_figure rps;          /* that one machine answers */
    rk_figure work;         /* what turns requests a day into machines: 1 / (3600 x hour weights x planned rate) */
    rk_figure highest_hour; /* weight */
    rk_figure scale;        /* of the month at hand x work */
    rk_figure weight[RK_DAYS_MAX]; /* of the month's classes of days */
} member;

typedef struct {
    rk_estimating *e;
    const rk_fleet *plan;
    member *members; /* [n_members] */
    uint32_t n_members;
    unsigned n_days[RK_DAYS_MAX], n_classes; /* days of the month at hand, alike for all members */
    double n_reserved;
} fleet;

static rk_figure capacity_of(rk_estimating *e, const rk_capacity *capacity)
{
    rk_number drawn = {.uncertain = capacity->uncertain};
    return capacity->uncertain ? rk_estimate_number(e, &drawn)
                               : rk_tape_constant(e->tape, rk_rational_real(capacity->rps));
}

static void set_member(fleet *f, member *at)
{
    rk_tape *tape = f->e->tape;
    rk_figure sum = rk_tape_constant(tape, 0);
    const rk_service *service = &f->e->plan->services[at->s];
    at->traffic = &service->traffic;
    at->rps = capacity_of(f->e, &service->capacity);
    at->highest_hour = sum;
    for (unsigned h = 0; h < 24; h++) {
        rk_figure weight = rk_estimate_number(f->e, &at->traffic->hours[h]);
        sum = rk_tape_add(tape, sum, weight);
        at->highest_hour = rk_tape_max(tape, at->highest_hour, weight);
    }
    rk_figure rate = rk_tape_mul(tape, at->rps, rk_estimate_number(f->e, &f->plan->utilisation));
    at->work = rk_tape_div(tape, rk_tape_constant(tape, 1.0 / 3600), rk_tape_mul(tape, sum, rate));
}

/* ---- hours ---- */

static bool is_alike(const fleet *f, unsigned a, unsigned b)
{
    bool same = true;
    for (uint32_t i = 0; i < f->n_members && same; i++) {
        same = f->members[i].weight[a] == f->members[i].weight[b];
    }
    return same;
}

/* The month's classes of days, and its scale. */
static void set_month(fleet *f, uint32_t m)
{
    f->n_classes = 0;
    for (unsigned d = 0; d < rk_plan_days(f->e->plan, m); d++) {
        unsigned c = 0;
        for (uint32_t i = 0; i < f->n_members; i++) {
            rk_estimated_days day = {.n = 0};
            rk_estimate_add_day(f->e, f->members[i].traffic, rk_plan_first_day(f->e->plan, m) + d, 1, &day);
            f->members[i].weight[f->n_classes] = day.weight[0];
        }
        while (c < f->n_classes && !is_alike(f, c, f->n_classes)) {
            c++;
        }
        f->n_days[c] = c < f->n_classes ? f->n_days[c] + 1 : 1;
        f->n_classes += c == f->n_classes;
    }
    for (uint32_t i = 0; i < f->n_members; i++) {
        member *at = &f->members[i];
        at->scale = rk_tape_mul(f->e->tape, rk_estimate_scale(f->e, at->traffic, m), at->work);
    }
}

static rk_figure load_of(const fleet *f, unsigned c, unsigned h)
{
    rk_tape *tape = f->e->tape;
    rk_figure load = rk_tape_constant(tape, 0);
    for (uint32_t i = 0; i < f->n_members; i++) {
        const member *at = &f->members[i];
        rk_figure day = rk_tape_mul(tape, at->scale, at->weight[c]);
        load = rk_tape_add(tape, load, rk_tape_mul(tape, day, rk_estimate_number(f->e, &at->traffic->hours[h])));
    }
    return load;
}

/* At least the load of the month's busiest hour. */
static rk_figure peak_of(const fleet *f)
{
    rk_tape *tape = f->e->tape;
    rk_figure sum = rk_tape_constant(tape, 0);
    for (uint32_t i = 0; i < f->n_members; i++) {
        const member *at = &f->members[i];
        rk_figure highest_day = rk_tape_constant(tape, 0);
        for (unsigned c = 0; c < f->n_classes; c++) {
            highest_day = rk_tape_max(tape, highest_day, at->weight[c]);
        }
        sum = rk_tape_add(tape, sum, rk_tape_mul(tape, at->scale, rk_tape_mul(tape, highest_day, at->highest_hour)));
    }
    return sum;
}

/* Machine-hours beyond the reserved ones in the month at hand. */
static rk_figure hours_on_demand(const fleet *f)
{
    rk_step steps[STEPS_MAX];
    size_t n = 0;
    for (unsigned c = 0; c < f->n_classes; c++) {
        for (unsigned h = 0; h < 24; h++) {
            steps[n++] = (rk_step){load_of(f, c, h), 1, f->n_days[c]};
        }
    }
    const rk_fleet *plan = f->plan;
    rk_stairs stairs = {.steps = steps,
                        .n_steps = n,
                        .least = rk_decimal_real(plan->min.value),
                        .spare = rk_decimal_real(plan->spare.value),
                        .most = plan->max.is_set ? rk_decimal_real(plan->max.value) : RK_MACHINES_MAX,
                        .level = f->n_reserved};
    return rk_tape_stairs(f->e->tape, &stairs);
}

/* ---- money ---- */

/* To the services by their machine-hours of work; evenly without any. */
static void book_parts(const fleet *f, uint32_t m, rk_figure cost, rk_figure hours)
{
    rk_estimating *e = f->e;
    rk_figure sum = rk_tape_constant(e->tape, 0), even = rk_tape_constant(e->tape, 1.0 / f->n_members);
    for (uint32_t i = 0; i < f->n_members; i++) {
        rk_figure work = rk_tape_div(e->tape, rk_estimate_requests(e, f->members[i].s, m), f->members[i].rps);
        sum = rk_tape_add(e->tape, sum, work);
    }
    for (uint32_t i = 0; i < f->n_members; i++) {
        uint32_t s = f->members[i].s;
        rk_figure work = rk_tape_div(e->tape, rk_estimate_requests(e, s, m), f->members[i].rps);
        rk_figure part = rk_tape_part(e->tape, work, sum, even);
        e->machine_hours[(size_t)s * e->plan->n_months + m] = rk_tape_mul(e->tape, hours, part);
        rk_estimate_book_one(e, RK_HARDWARE, s, m, rk_tape_mul(e->tape, cost, part));
    }
}

static rk_status book_month(fleet *f, uint32_t m, rk_figure *peak, rk_error *err)
{
    const rk_fleet *plan = f->plan;
    rk_tape *tape = f->e->tape;
    set_month(f, m);
    *peak = rk_tape_max(tape, *peak, peak_of(f));
    rk_figure extra = hours_on_demand(f), cost = rk_tape_constant(tape, 0);
    if (plan->on_demand) {
        cost = rk_tape_mul(tape, extra, rk_estimate_price(f->e, &plan->on_demand->hour, plan->price));
    } else if (!rk_tape_is_constant(tape, extra, NULL)) {
        return rk_fail_at(err, plan->at,
                          "'%.60s' has no on_demand price, and a draw may need more than its %.0f reserved machines",
                          plan->machine, f->n_reserved);
    }
    double reserved = f->n_reserved * 24 * rk_plan_days(f->e->plan, m);
    if (reserved > 0) {
        rk_figure price = rk_estimate_price(f->e, &plan->reserved->hour, plan->price);
        rk_term term = {.terms = plan->reserved->terms, .price = plan->price};
        cost = rk_tape_add(tape, cost,
                           rk_term_figure(f->e, &term, m, rk_tape_constant(tape, f->n_reserved),
                                          rk_tape_constant(tape, reserved), price));
    }
    rk_figure hours = rk_tape_add(tape, extra, rk_tape_constant(tape, reserved));
    if (plan->name) {
        book_parts(f, m, cost, hours);
    } else {
        f->e->machine_hours[(size_t)f->members[0].s * f->e->plan->n_months + m] = hours;
        rk_estimate_book_one(f->e, RK_HARDWARE, f->members[0].s, m, cost);
    }
    return RK_OK;
}

/* ---- several kinds ---- */

static bool is_sure_price(rk_estimating *e, const rk_hour_price *option, const rk_price *price)
{
    rk_tape *tape = e->tape;
    bool sure = true;
    const rk_number *numbers[] = {option ? &option->terms.interruption_rate : NULL,
                                  option ? &option->terms.restart_hours : NULL};
    if (option) {
        sure = rk_tape_is_constant(tape, rk_estimate_price(e, &option->hour, price), NULL) &&
               rk_tape_is_constant(tape, rk_estimate_price(e, &option->terms.upfront, price), NULL);
    }
    for (size_t i = 0; i < RK_COUNT_OF(numbers) && option && sure; i++) {
        sure = rk_tape_is_constant(tape, rk_estimate_number(e, numbers[i]), NULL);
    }
    return sure;
}

static bool is_sure_month(fleet *f, uint32_t m)
{
    bool sure = true;
    set_month(f, m);
    for (unsigned i = 0; i < 24 * f->n_classes && sure; i++) {
        sure = rk_tape_is_constant(f->e->tape, load_of(f, i / 24, i % 24), NULL);
    }
    return sure;
}

/* Nothing about it varies: its lines are those of the ledger. */
static rk_status take_mix(fleet *f, rk_error *err)
{
    rk_estimating *e = f->e;
    bool sure = true;
    for (uint32_t k = 0; k <= f->plan->n_others && sure; k++) {
        rk_fleet_kind kind = rk_fleet_kind_at(f->plan, k);
        sure = is_sure_price(e, kind.on_demand, kind.price) && is_sure_price(e, kind.reserved, kind.price);
    }
    for (uint32_t m = 0; m < e->plan->n_months && sure; m++) {
        sure = is_sure_month(f, m);
    }
    for (uint32_t i = 0; i < f->n_members && sure; i++) {
        size_t first = (size_t)f->members[i].s * e->plan->n_months;
        for (uint32_t m = 0; m < e->plan->n_months; m++) {
            double hours = (double)e->ledger->months[first + m].paid_hours_micros / 1e6;
            e->machine_hours[first + m] = rk_tape_constant(e->tape, hours);
        }
    }
    return sure ? RK_OK
                : rk_fail_at(err, f->plan->at,
                             "the cheapest mix of %.60s and others would be another one in each draw: name one "
                             "machine, or numbers that are certain",
                             f->plan->machine);
}

/* ---- one fleet ---- */

static rk_status estimate(fleet *f, rk_figure *peak, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < f->n_members; i++) {
        set_member(f, &f->members[i]);
    }
    if (f->plan->n_others > 0) {
        return take_mix(f, err);
    }
    f->n_reserved = (double)f->e->ledger->services[f->members[0].s].n_reserved;
    for (uint32_t m = 0; m < f->e->plan->n_months && !status; m++) {
        status = book_month(f, m, peak, err);
    }
    if (f->plan->max.is_set) {
        *peak = rk_tape_constant(f->e->tape, 0);
    }
    return status;
}

rk_status rk_estimate_fleet(rk_estimating *e, const rk_cost_fleet *which, rk_figure *peak, rk_error *err)
{
    fleet f = {.e = e,
               .plan = &e->plan->services[which->service[0]].fleet,
               .members = calloc(which->n_services, sizeof *f.members),
               .n_members = which->n_services};
    *peak = rk_tape_constant(e->tape, 0);
    for (uint32_t i = 0; f.members && i < f.n_members; i++) {
        f.members[i].s = which->service[i];
    }
    rk_status status = f.members ? estimate(&f, peak, err) : rk_fail_memory(err, "a fleet");
    free(f.members);
    return status;
}

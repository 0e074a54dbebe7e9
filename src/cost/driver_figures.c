/* driver_figures.c - see driver_figures.h. */
#include "cost/driver_figures.h"

#include "cost/element.h"

rk_figure rk_figure_month(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure, (void)s, (void)m;
    return rk_tape_constant(e->tape, 1);
}

rk_figure rk_figure_hour(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure, (void)s;
    return rk_tape_constant(e->tape, 24 * rk_plan_days(e->plan, m));
}

rk_figure rk_figure_request(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure;
    return rk_estimate_requests(e, s, m);
}

rk_figure rk_figure_thousand(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure;
    return rk_tape_scale(e->tape, rk_estimate_requests(e, s, m), 1e-3);
}

static rk_figure each_request(rk_estimating *e, const rk_number *each, uint32_t s, uint32_t m, double factor)
{
    rk_figure sum = rk_tape_mul(e->tape, rk_estimate_requests(e, s, m), rk_estimate_number(e, each));
    return rk_tape_scale(e->tape, sum, factor);
}

rk_figure rk_figure_gb(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure;
    return each_request(e, &e->plan->services[s].response_bytes, s, m, 1e-9);
}

rk_figure rk_figure_cpu(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure;
    return each_request(e, &e->plan->services[s].cpu_ms_per_request, s, m, 1e-3);
}

rk_figure rk_figure_event(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    const rk_number *daily = s == RK_ALL_SERVICES ? &e->plan->events_per_day : &e->plan->services[s].events_per_day;
    (void)measure;
    return daily->is_set ? rk_tape_scale(e->tape, rk_estimate_number(e, daily), rk_plan_days(e->plan, m))
                         : each_request(e, &e->plan->services[s].events_per_request, s, m, 1);
}

/* ---- measures ---- */

static rk_figure measure_in(rk_estimating *e, const rk_measure *measure, uint32_t m)
{
    if (measure->months && measure->months[m].is_set) {
        return rk_estimate_number(e, &measure->months[m]);
    }
    rk_figure growth = rk_estimate_number(e, &measure->growth_per_month);
    growth = rk_tape_power(e->tape, rk_tape_add(e->tape, rk_tape_constant(e->tape, 1), growth), m);
    return rk_tape_mul(e->tape, rk_estimate_number(e, &measure->first), growth);
}

rk_figure rk_figure_measure(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    const rk_measure *source = rk_plan_measure_source(e->plan, (rk_measure_kind)measure, s);
    if (!source) {
        return rk_tape_constant(e->tape, 0);
    }
    if (s != RK_ALL_SERVICES || source != &e->plan->services[0].measures[measure]) {
        return measure_in(e, source, m);
    }
    rk_figure sum = rk_tape_constant(e->tape, 0); /* the plan says nothing itself: its services add up */
    for (uint32_t i = 0; i < e->plan->n_services; i++) {
        sum = rk_tape_add(e->tape, sum, measure_in(e, &e->plan->services[i].measures[measure], m));
    }
    return sum;
}

rk_figure rk_figure_heads(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    return rk_plan_has_measure(e->plan, (rk_measure_kind)measure, s) ? rk_figure_measure(e, measure, s, m)
                                                                     : rk_estimate_persons(e, s, m);
}

/* ---- machines and what was booked ---- */

rk_figure rk_figure_machine_hours(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure;
    return e->machine_hours[(size_t)s * e->plan->n_months + m];
}

rk_figure rk_figure_instance(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    rk_figure hours = rk_figure_machine_hours(e, measure, s, m);
    return rk_tape_scale(e->tape, hours, 1.0 / (24 * rk_plan_days(e->plan, m)));
}

rk_figure rk_figure_core(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    const rk_price *machine = e->plan->services[s].fleet.price;
    rk_figure n = rk_figure_instance(e, measure, s, m);
    return machine ? rk_tape_mul(e->tape, n, rk_estimate_number(e, &machine->as.machine.vcpu)) : n;
}

rk_figure rk_figure_direct(rk_estimating *e, int measure, uint32_t s, uint32_t m)
{
    (void)measure;
    return e->direct[(size_t)s * e->plan->n_months + m];
}

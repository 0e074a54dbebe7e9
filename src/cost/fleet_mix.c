/* fleet_mix.c - the machines of a fleet of several kinds: from exact loads to mix.h's whole numbers and back.
 *
 *   need(d, h) = load / utilisation + spare x the largest machine in use,
 * no more than max machines of the largest kind could do. So `spare` of the largest machines may fail, and the rest
 * still carries the load; which kind is the largest in use is tried out. A machine of another kind counts as so many of
 * the first kind as it does for the service that gains least by it, so a mix never promises too much. Kinds share the
 * load by their size.
 *
 * Unit: 10^-14 of the smallest machine. Needs are lowered by 10^-9 of a machine, as the ceiling of other fleets
 * forgives; the rounding of 10,000 machines is less than that by far. Prices are taken to 10^-12 of the currency; what
 * is booked is exact.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cost/fleet_parts.h"
#include "cost/ledger_parts.h"
#include "cost/mix.h"
#include "math/rational.h"

enum { MACHINES_MAX = 10000, SIZES_MAX = 1000 }; /* smallest machines at one time; the largest by the smallest */

static const int64_t one_machine = INT64_C(100000000000000), forgiven = 100000; /* units */

typedef struct {
    rk_fleet_work *f;
    mpq_t smallest; /* of the kinds' sizes */
    int64_t size[RK_KINDS_MAX];
    rk_mix_problem problem;
    rk_mix_answer answer;
    rk_mix_hour *hours; /* [n_hours] of all months */
    size_t n_hours;
    int64_t largest;   /* size of the largest kind that is used */
    uint32_t n_months; /* counted so far */
} mixing;

/* value x 10^14 / smallest, rounded; false beyond 64 bits. */
static bool to_units(const mixing *x, const mpq_t value, int64_t *out)
{
    mpq_t scaled;
    mpq_init(scaled);
    mpq_div(scaled, value, x->smallest);
    rk_rational_mul(scaled, (rk_decimal){.units = 100000000}); /* the other 10^6 are millionths */
    bool fits = rk_rational_micros(scaled, out);
    mpq_clear(scaled);
    return fits;
}

/* A price in 10^-12. */
static bool to_price(const mpq_t value, int64_t *out)
{
    mpq_t scaled;
    mpq_init(scaled);
    mpq_set(scaled, value);
    rk_rational_mul(scaled, (rk_decimal){.units = 1000000});
    bool fits = rk_rational_micros(scaled, out);
    mpq_clear(scaled);
    return fits;
}

/* Of a reserved machine an hour, with what is paid upfront and for restarts. */
static bool reserved_price(const mixing *x, uint32_t k, int64_t *out)
{
    const rk_fleet_work *f = x->f;
    int64_t hours = x->problem.plan_hours;
    mpq_t cost, part;
    mpq_inits(cost, part, NULL);
    rk_term_cost(f->account->plan, &f->term[k], hours, f->n_months, f->reserved[k], cost);
    mpq_set_si(part, hours, 1);
    mpq_div(cost, cost, part);
    bool fits = to_price(cost, out);
    mpq_clears(cost, part, NULL);
    return fits;
}

static rk_status set_kinds(mixing *x, rk_error *err)
{
    const rk_fleet_work *f = x->f;
    mpq_set(x->smallest, f->size[0]);
    for (uint32_t k = 1; k < f->n_kinds; k++) {
        if (mpq_cmp(f->size[k], x->smallest) < 0) {
            mpq_set(x->smallest, f->size[k]);
        }
    }
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        const rk_fleet_kind *kind = &f->kind[k];
        rk_mix_kind *out = &x->problem.kind[k];
        *out = (rk_mix_kind){.on_demand = RK_NOT_SOLD, .reserved = RK_NOT_SOLD, .fixed = kind->n_reserved.value.units};
        if (!to_units(x, f->size[k], &out->size) || out->size > SIZES_MAX * one_machine) {
            return rk_fail_at(err, kind->at, "%.60s does more than %d times as much as another machine of the fleet",
                              kind->machine, SIZES_MAX);
        }
        if ((kind->on_demand && !to_price(f->on_demand[k], &out->on_demand)) ||
            (kind->reserved && !reserved_price(x, k, &out->reserved))) {
            return rk_fail_at(err, kind->at, "the price of %.60s is absurdly large", kind->machine);
        }
        if (out->fixed > MACHINES_MAX || f->plan->spare.value.units > MACHINES_MAX * one_machine / out->size) {
            return rk_fail_at(err, kind->at, "a mix has at most %d machines, reserved or spare", MACHINES_MAX);
        }
        x->size[k] = out->size;
    }
    return RK_OK;
}

/* Units that an hour needs, spare machines aside. */
static rk_status need_of(const mixing *x, const mpq_t load, uint32_t m, int64_t *out, rk_error *err)
{
    const rk_fleet_work *f = x->f;
    mpq_t needed;
    mpq_init(needed);
    mpq_div(needed, load, f->utilisation);
    bool fits = to_units(x, needed, out) && *out <= MACHINES_MAX * one_machine;
    mpq_clear(needed);
    if (!fits && f->plan->max.is_set && f->plan->max.value.units <= MACHINES_MAX) {
        *out = MACHINES_MAX * one_machine;
        fits = true;
    }
    *out = *out > forgiven ? *out - forgiven : 0;
    return fits ? RK_OK
                : rk_fail_at(err, f->plan->at,
                             "'%.60s' would need more than %d of its smallest machines in %s: a mix "
                             "is not searched that far",
                             f->name, MACHINES_MAX, f->account->ledger->month[m]);
}

/* What max machines of this size come to. */
static int64_t at_most(const mixing *x, int64_t size)
{
    const rk_number *max = &x->f->plan->max;
    int64_t all = 0;
    return !max->is_set || __builtin_mul_overflow(max->value.units, size, &all) ? INT64_MAX : all;
}

/* What the machines of one hour must come to. */
static int64_t with_spare(const mixing *x, int64_t need)
{
    int64_t all = at_most(x, x->largest);
    need += x->f->plan->spare.value.units * x->largest;
    return need < all ? need : all;
}

static int by_need(const void *a, const void *b)
{
    const rk_mix_hour *x = a, *y = b;
    return (x->need < y->need) - (x->need > y->need);
}

/* All hours of the plan, alike ones together, with what they need before spare machines. */
static rk_status gather_hours(mixing *x, rk_error *err)
{
    const rk_fleet_work *f = x->f;
    size_t n = 0;
    for (uint32_t m = 0; m < f->n_months; m++) {
        n += f->months[m].hours.n;
    }
    x->hours = calloc(n + 1, sizeof *x->hours);
    rk_status status = x->hours ? RK_OK : rk_fail_memory(err, "a fleet");
    for (uint32_t m = 0; m < f->n_months && !status; m++) {
        for (unsigned i = 0; i < f->months[m].hours.n && !status; i++) {
            const rk_hour *hour = &f->months[m].hours.hour[i];
            rk_mix_hour *out = &x->hours[x->n_hours++];
            out->hours = hour->n;
            status = need_of(x, hour->load, m, &out->need, err);
        }
    }
    if (status) {
        return status;
    }
    qsort(x->hours, x->n_hours, sizeof *x->hours, by_need);
    size_t kept = 0;
    for (size_t i = 1; i < x->n_hours; i++) {
        if (x->hours[i].need == x->hours[kept].need) {
            x->hours[kept].hours += x->hours[i].hours;
        } else {
            x->hours[++kept] = x->hours[i];
        }
    }
    x->n_hours = kept + 1;
    return RK_OK;
}

/* ---- the search ---- */

/* With no machine larger than `largest`; what it needs goes to a copy of the hours. */
static rk_status solve_up_to(mixing *x, int64_t largest, bool is_fixed, const int64_t *fixed, rk_mix_answer *out,
                             rk_error *err)
{
    const rk_fleet *plan = x->f->plan;
    rk_mix_problem problem = x->problem;
    rk_mix_hour *hours = calloc(x->n_hours, sizeof *hours);
    if (!hours) {
        return rk_fail_memory(err, "a fleet");
    }
    x->largest = largest;
    for (size_t i = 0; i < x->n_hours; i++) {
        hours[i] = (rk_mix_hour){with_spare(x, x->hours[i].need), x->hours[i].hours};
    }
    problem.hour = hours;
    problem.n_hours = x->n_hours;
    problem.n_kinds = x->f->n_kinds;
    problem.min = plan->min.value.units + plan->spare.value.units;
    problem.max = plan->max.is_set ? plan->max.value.units : INT64_MAX;
    problem.min = problem.min < problem.max ? problem.min : problem.max;
    problem.is_fixed = is_fixed;
    for (uint32_t k = 0; k < problem.n_kinds; k++) {
        rk_mix_kind *kind = &problem.kind[k];
        kind->fixed = fixed[k];
        if (kind->size > largest) {
            kind->on_demand = kind->reserved = RK_NOT_SOLD;
        }
    }
    rk_status status = rk_mix_solve(&problem, out, err);
    free(hours);
    return status;
}

/* Whether machines up to this size may stand alone: they hold every reserved one, and no max makes them too few. */
static bool may_be_largest(const mixing *x, uint32_t k, bool is_fixed, const int64_t *fixed)
{
    const rk_fleet *plan = x->f->plan;
    bool is_largest = true, holds = true;
    for (uint32_t i = 0; i < x->f->n_kinds; i++) {
        is_largest = is_largest && x->size[i] <= x->size[k];
        holds = holds && (!is_fixed || fixed[i] == 0 || x->size[i] <= x->size[k]);
    }
    bool is_enough = x->hours[0].need + plan->spare.value.units * x->size[k] <= at_most(x, x->size[k]);
    return is_largest || (plan->spare.value.units > 0 && holds && is_enough);
}

/* The cheapest over the kinds that could be the largest in use; without spare machines that makes no difference. */
static rk_status solve(mixing *x, bool is_fixed, const int64_t *fixed, rk_mix_answer *out, int64_t *largest,
                       rk_error *err)
{
    rk_status status = RK_OK;
    bool is_proven = true;
    double bound = HUGE_VAL;
    *out = (rk_mix_answer){0};
    for (uint32_t k = 0; k < x->f->n_kinds && !status; k++) {
        rk_mix_answer answer;
        bool is_seen = false;
        for (uint32_t i = 0; i < k; i++) {
            is_seen = is_seen || x->size[i] == x->size[k];
        }
        if (is_seen || !may_be_largest(x, k, is_fixed, fixed)) {
            continue;
        }
        status = solve_up_to(x, x->size[k], is_fixed, fixed, &answer, err);
        if (status || !answer.has_one) {
            continue;
        }
        is_proven = is_proven && answer.is_proven;
        bound = fmin(bound, answer.bound);
        if (!out->has_one || answer.cost < out->cost) {
            *out = answer;
            *largest = x->size[k];
        }
    }
    out->is_proven = is_proven;
    out->bound = bound;
    return status;
}

/* ---- and back ---- */

static bool add_stair(rk_vec *stairs, const int64_t *n, uint32_t n_kinds, int64_t all, int64_t hours)
{
    rk_stair *at = stairs->data;
    rk_stair stair = {.all = all, .hours = hours};
    memcpy(stair.n, n, n_kinds * sizeof *n);
    for (size_t i = 0; i < stairs->n; i++) {
        if (memcmp(at[i].n, stair.n, sizeof stair.n) == 0) {
            at[i].hours += hours;
            return true;
        }
    }
    return rk_vec_push(stairs, &stair);
}

static int by_machines(const void *a, const void *b)
{
    const rk_stair *x = a, *y = b;
    int order = (x->all > y->all) - (x->all < y->all);
    for (uint32_t k = RK_FLEET_KINDS; order == 0 && k-- > 0;) {
        order = (x->n[k] > y->n[k]) - (x->n[k] < y->n[k]);
    }
    return order;
}

/* Machines of an hour in those of the first kind. */
static void together(const rk_fleet_work *f, const int64_t *n, mpq_t out)
{
    mpq_t part;
    mpq_init(part);
    mpq_set_ui(out, 0, 1);
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        mpq_set_si(part, n[k], 1);
        mpq_mul(part, part, f->size[k]);
        mpq_add(out, out, part);
    }
    mpq_clear(part);
}

/* Work that is done and left undone; kinds do it by their size. */
static void use_hour(rk_fleet_work *f, rk_fleet_work_month *month, const rk_hour *hour, const int64_t *n, int64_t all)
{
    const rk_number *max = &f->plan->max;
    mpq_t can, load, part, hours;
    mpq_inits(can, load, part, hours, NULL);
    together(f, n, can);
    mpq_set(load, hour->load);
    mpq_set_si(hours, hour->n, 1);
    if (max->is_set && all >= max->value.units && mpq_cmp(load, can) > 0) {
        mpq_sub(part, load, can);
        mpq_mul(part, part, hours);
        mpq_add(month->beyond, month->beyond, part);
        mpq_set(load, can);
    }
    for (uint32_t k = 0; k < f->n_kinds && mpq_sgn(can) > 0; k++) {
        mpq_set_si(part, n[k], 1);
        mpq_mul(part, part, load);
        mpq_div(part, part, can); /* hours filled of each of the n machines x n */
        mpq_mul(part, part, hours);
        mpq_add(month->used[k], month->used[k], part);
    }
    mpq_clears(can, load, part, hours, NULL);
}

static rk_status fill_hour(mixing *x, const rk_mix_problem *problem, uint32_t m, const rk_hour *hour, rk_error *err)
{
    rk_fleet_work *f = x->f;
    rk_fleet_work_month *month = &f->months[m];
    int64_t need = 0, on_demand[RK_KINDS_MAX] = {0}, all = 0, size = 0;
    rk_mix_cost cost;
    rk_status status = need_of(x, hour->load, m, &need, err);
    need = with_spare(x, need);
    if (!status && !rk_mix_fill(problem, f->n_reserved, need, on_demand, &cost)) {
        status = rk_fail_at(err, f->plan->at, "no mix of the machines of '%.60s' meets every hour", f->name);
    }
    for (uint32_t k = 0; k < f->n_kinds && !status; k++) {
        month->on_demand[k] += on_demand[k] * hour->n;
        on_demand[k] += f->n_reserved[k];
        all += on_demand[k];
        size = size > INT64_MAX / 2 ? size : size + on_demand[k] * (x->size[k] / 1000);
    }
    if (!status && size < need / 1000 - all) { /* looked at once more, whatever found it */
        status = rk_fail_at(err, f->plan->at, "the mix found for '%.60s' is too small", f->name);
    }
    if (status) {
        return status;
    }
    month->most = month->most > all ? month->most : all;
    use_hour(f, month, hour, on_demand, all);
    return add_stair(&month->stairs, on_demand, f->n_kinds, all, hour->n) ? RK_OK : rk_fail_memory(err, "a fleet");
}

static rk_status fill_months(mixing *x, int64_t largest, rk_error *err)
{
    rk_fleet_work *f = x->f;
    rk_mix_problem problem = x->problem;
    rk_status status = RK_OK;
    x->largest = largest;
    problem.n_kinds = f->n_kinds;
    problem.max = f->plan->max.is_set ? f->plan->max.value.units : INT64_MAX;
    problem.min = f->plan->min.value.units + f->plan->spare.value.units;
    problem.min = problem.min < problem.max ? problem.min : problem.max;
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        if (problem.kind[k].size > largest) {
            problem.kind[k].on_demand = RK_NOT_SOLD;
        }
    }
    for (uint32_t m = 0; m < f->n_months && !status; m++) {
        rk_fleet_work_month *month = &f->months[m];
        for (unsigned i = 0; i < month->hours.n && !status; i++) {
            status = fill_hour(x, &problem, m, &month->hours.hour[i], err);
        }
        if (month->stairs.n > 1) {
            qsort(month->stairs.data, month->stairs.n, sizeof(rk_stair), by_machines);
        }
    }
    return status;
}

/* 10^-12 -> currency */
static void set_cost(mpq_t out, rk_mix_cost cost)
{
    const rk_mix_cost half = (rk_mix_cost)1 << 60;
    const rk_decimal pico = {.units = 1, .places = 12};
    mpq_t low;
    mpq_init(low);
    mpq_set_si(out, (int64_t)(cost / half), 1); /* costs are no more than 2^120 */
    mpq_mul_2exp(out, out, 60);
    mpq_set_si(low, (int64_t)(cost % half), 1);
    mpq_add(out, out, low);
    rk_rational_mul(out, pico);
    mpq_clear(low);
}

/* What the mix would cost without reserved machines. */
static rk_status price_on_demand(mixing *x, rk_error *err)
{
    static const int64_t none[RK_KINDS_MAX];
    rk_fleet_work *f = x->f;
    rk_mix_answer answer;
    int64_t largest;
    rk_status status = solve(x, true, none, &answer, &largest, err);
    if (!status && answer.has_one) {
        set_cost(f->all_on_demand, answer.cost);
        f->has_all_on_demand = true;
    }
    return status;
}

static rk_status mix(mixing *x, rk_error *err)
{
    rk_fleet_work *f = x->f;
    int64_t fixed[RK_KINDS_MAX] = {0}, largest = 0;
    rk_mix_answer answer;
    if (f->plan->min.value.units > MACHINES_MAX || f->plan->spare.value.units > MACHINES_MAX) {
        return rk_fail_at(err, f->plan->at, "a mix has at most %d machines", MACHINES_MAX);
    }
    for (uint32_t m = 0; m < f->n_months; m++) {
        x->problem.plan_hours += rk_fleet_month_hours(f, m);
    }
    rk_status status = set_kinds(x, err);
    status = status ? status : gather_hours(x, err);
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        fixed[k] = x->problem.kind[k].fixed;
    }
    status = status ? status : solve(x, !f->plan->reserve_best, fixed, &answer, &largest, err);
    if (!status && !answer.has_one) {
        status = rk_fail_at(err, f->plan->at, "no mix of the machines of '%.60s' meets every hour%s", f->name,
                            f->plan->reserved || f->kind[0].on_demand ? "" : ": some are not sold on demand");
    }
    if (status) {
        return status;
    }
    memcpy(f->n_reserved, answer.reserved, f->n_kinds * sizeof *f->n_reserved);
    f->bound = answer.bound / 1e12;
    f->is_proven = answer.is_proven;
    status = fill_months(x, largest, err);
    return status ? status : price_on_demand(x, err);
}

rk_status rk_fleet_mix(rk_fleet_work *f, rk_error *err)
{
    mixing x = {.f = f};
    mpq_init(x.smallest);
    rk_status status = mix(&x, err);
    free(x.hours);
    mpq_clear(x.smallest);
    return status;
}

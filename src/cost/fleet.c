/* fleet.c - from demand to machines: how many in every hour, how many of them reserved.
 *
 *   n(d, h) = min(max, max(min, ceil(load / utilisation)) + spare),  load = sum over services of rps / capacity
 *
 * A month is a staircase: how many hours need n machines, for each n. All costs are sums over stairs, so the search for
 * the best number of reserved machines does not look at hours again: with r reserved, the cost
 *   r x (hours x reserved price + upfront) + sum over stairs of max(0, n - r) x hours x on-demand price
 * is convex and bends only where r equals some n, so its smallest minimum is 0 or one of the n. That is exact.
 * Fleets of several kinds of machines are fleet_mix.c's; what is booked is in fleet_lines.c.
 */
#include <stdlib.h>
#include <string.h>

#include "cost/fleet_parts.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

const rk_service *rk_fleet_member(const rk_fleet_work *f, uint32_t i)
{
    return &f->account->plan->services[f->members[i]];
}

int64_t rk_fleet_month_hours(const rk_fleet_work *f, uint32_t m)
{
    return 24 * (int64_t)rk_plan_days(f->account->plan, m);
}

rk_status rk_fleet_need_on_demand(const rk_fleet_work *f, uint32_t k, rk_error *err)
{
    const rk_hour_price *found = NULL;
    const rk_fleet_kind *kind = &f->kind[k];
    return kind->on_demand ? RK_OK : rk_price_option(kind->price, "on_demand", kind->at, &found, err);
}

/* ---- hours to machines ---- */

/* load: of so many machines at their full capacity. */
static bool machines_for(const rk_fleet_work *f, const mpq_t load, int64_t *out)
{
    const rk_fleet *plan = f->plan;
    mpq_t ratio;
    mpq_init(ratio);
    mpq_div(ratio, load, f->utilisation);
    bool fits = rk_rational_ceil(ratio, out) && *out <= RK_MACHINES_MAX;
    mpq_clear(ratio);
    if (!fits && !plan->max.is_set) {
        return false;
    }
    if (!fits) {
        *out = RK_MACHINES_MAX;
    }
    *out = *out > plan->min.value.units ? *out : plan->min.value.units;
    *out += plan->spare.value.units;
    *out = plan->max.is_set && *out > plan->max.value.units ? plan->max.value.units : *out;
    return *out <= RK_MACHINES_MAX;
}

/* Only a binding max leaves requests unanswered; what the forgiving ceiling passes over is none. */
static bool is_at_max(const rk_fleet_work *f, int64_t n)
{
    const rk_number *max = &f->plan->max;
    return max->is_set && n == max->value.units;
}

static bool add_stair(rk_vec *stairs, int64_t n, int64_t hours)
{
    rk_stair *at = stairs->data;
    for (size_t i = 0; i < stairs->n; i++) {
        if (at[i].all == n) {
            at[i].hours += hours;
            return true;
        }
    }
    return rk_vec_push(stairs, &(rk_stair){.n = {n}, .all = n, .hours = hours});
}

static int by_n(const void *a, const void *b)
{
    const rk_stair *x = a, *y = b;
    return (x->all > y->all) - (x->all < y->all);
}

static void sort_stairs(rk_vec *stairs)
{
    if (stairs->n > 1) {
        qsort(stairs->data, stairs->n, sizeof(rk_stair), by_n);
    }
}

static rk_status count_hour(rk_fleet_work *f, uint32_t m, const rk_hour *hour, rk_error *err)
{
    rk_fleet_work_month *month = &f->months[m];
    int64_t n = 0;
    if (!machines_for(f, hour->load, &n)) {
        return rk_fail_at(err, f->plan->at, "'%.60s' would need more than %d machines in %s", f->name, RK_MACHINES_MAX,
                          f->account->ledger->month[m]);
    }
    if (is_at_max(f, n) && mpq_cmp_si(hour->load, n, 1) > 0) {
        mpq_t part, hours;
        mpq_inits(part, hours, NULL);
        mpq_set_si(part, n, 1);
        mpq_sub(part, hour->load, part);
        mpq_set_si(hours, hour->n, 1);
        mpq_mul(part, part, hours);
        mpq_add(month->beyond, month->beyond, part);
        mpq_clears(part, hours, NULL);
    }
    return add_stair(&month->stairs, n, hour->n) ? RK_OK : rk_fail_memory(err, "a fleet");
}

/* Machine-hours of work that member i asks for in month m. */
static void work_of(const rk_fleet_work *f, uint32_t i, uint32_t m, mpq_t out)
{
    mpq_set_ui(out, 3600, 1);
    mpq_mul(out, out, rk_fleet_member(f, i)->capacity.rps);
    mpq_div(out, rk_account_requests(f->account, f->members[i], m), out);
}

static rk_status count_month(rk_fleet_work *f, uint32_t m, rk_error *err)
{
    rk_fleet_work_month *month = &f->months[m];
    mpq_t part;
    mpq_init(part);
    for (uint32_t i = 0; i < f->n_members; i++) {
        work_of(f, i, m, part);
        mpq_add(month->asked, month->asked, part);
    }
    mpq_clear(part);
    rk_status status = rk_hours_count(f->account->plan, f->members, f->n_members, m, &month->hours, err);
    if (status || f->n_kinds > 1) {
        return status;
    }
    for (unsigned i = 0; i < month->hours.n && !status; i++) {
        status = count_hour(f, m, &month->hours.hour[i], err);
    }
    rk_hours_release(&month->hours);
    sort_stairs(&month->stairs);
    mpq_sub(month->used[0], month->asked, month->beyond);
    return status;
}

/* ---- how many to reserve ---- */

/* Machine-hours above r. */
static int64_t hours_above(const rk_vec *stairs, int64_t r)
{
    const rk_stair *at = stairs->data;
    int64_t sum = 0;
    for (size_t i = 0; i < stairs->n; i++) {
        sum += at[i].all > r ? (at[i].all - r) * at[i].hours : 0;
    }
    return sum;
}

static void cost_with(const rk_fleet_work *f, const rk_vec *all, int64_t hours, int64_t r, mpq_t out)
{
    mpq_t part;
    mpq_init(part);
    rk_term_cost(f->account->plan, &f->term[0], hours, f->n_months, f->reserved[0], out);
    mpq_set_si(part, r, 1);
    mpq_mul(out, out, part);
    mpq_set_si(part, hours_above(all, r), 1);
    mpq_mul(part, part, f->on_demand[0]);
    mpq_add(out, out, part);
    mpq_clear(part);
}

/* The stairs of all months together; hours: of the plan. */
static bool join_stairs(const rk_fleet_work *f, rk_vec *all, int64_t *hours)
{
    bool ok = true;
    for (uint32_t m = 0; m < f->n_months; m++) {
        const rk_stair *at = f->months[m].stairs.data;
        for (size_t i = 0; i < f->months[m].stairs.n && ok; i++) {
            ok = add_stair(all, at[i].all, at[i].hours);
        }
        *hours += rk_fleet_month_hours(f, m);
    }
    sort_stairs(all);
    return ok;
}

static int64_t best_reserved(const rk_fleet_work *f, const rk_vec *all, int64_t hours)
{
    int64_t best = 0;
    mpq_t least, cost;
    mpq_inits(least, cost, NULL);
    cost_with(f, all, hours, 0, least);
    for (size_t i = 0; i < all->n; i++) {
        int64_t r = ((const rk_stair *)all->data)[i].all;
        cost_with(f, all, hours, r, cost);
        if (mpq_cmp(cost, least) < 0) {
            mpq_set(least, cost);
            best = r;
        }
    }
    mpq_clears(least, cost, NULL);
    return best;
}

static rk_status choose_reserved(rk_fleet_work *f, rk_error *err)
{
    rk_vec all = {.item_bytes = sizeof(rk_stair)};
    int64_t hours = 0;
    rk_status status = f->plan->reserve_best ? rk_fleet_need_on_demand(f, 0, err) : RK_OK;
    if (!status && !join_stairs(f, &all, &hours)) {
        status = rk_fail_memory(err, "a fleet");
    }
    if (!status) {
        int64_t written = f->kind[0].reserved ? f->kind[0].n_reserved.value.units : 0;
        f->n_reserved[0] = f->plan->reserve_best ? best_reserved(f, &all, hours) : written;
        if (f->kind[0].on_demand) {
            mpq_set_si(f->all_on_demand, hours_above(&all, 0), 1);
            mpq_mul(f->all_on_demand, f->all_on_demand, f->on_demand[0]);
            f->has_all_on_demand = true;
        }
    }
    for (uint32_t m = 0; m < f->n_months && !status; m++) {
        rk_fleet_work_month *month = &f->months[m];
        const rk_stair *top = (const rk_stair *)month->stairs.data + month->stairs.n - 1;
        month->on_demand[0] = hours_above(&month->stairs, f->n_reserved[0]);
        month->most = top->all > f->n_reserved[0] ? top->all : f->n_reserved[0];
    }
    rk_vec_release(&all);
    return status;
}

/* ---- one fleet ---- */

static rk_status run_fleet(rk_fleet_work *f, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t m = 0; m < f->n_months && !status; m++) {
        status = count_month(f, m, err);
    }
    status = status ? status : f->n_kinds > 1 ? rk_fleet_mix(f, err) : choose_reserved(f, err);
    return status ? status : rk_fleet_book(f, err);
}

static void set_prices(rk_fleet_work *f, uint32_t k)
{
    const rk_fleet_kind *kind = &f->kind[k];
    mpq_t rate;
    mpq_init(rate);
    rk_plan_exchange(f->account->plan, kind->price->currency, rate);
    if (kind->reserved) {
        rk_rational_set(f->reserved[k], kind->reserved->hour.value);
        mpq_mul(f->reserved[k], f->reserved[k], rate);
        f->term[k] = (rk_term){.terms = kind->reserved->terms, .price = kind->price};
    }
    if (kind->on_demand) {
        rk_rational_set(f->on_demand[k], kind->on_demand->hour.value);
        mpq_mul(f->on_demand[k], f->on_demand[k], rate);
    }
    mpq_clear(rate);
}

/* The least of what a machine of kind k does for a service, in machines of the first kind. */
static void set_size(rk_fleet_work *f, uint32_t k)
{
    mpq_t ratio;
    mpq_init(ratio);
    mpq_set_ui(f->size[k], 1, 1);
    for (uint32_t i = 0; i < f->n_members && k > 0; i++) {
        const rk_service *service = rk_fleet_member(f, i);
        mpq_div(ratio, service->others[k - 1].rps, service->capacity.rps);
        if (i == 0 || mpq_cmp(ratio, f->size[k]) < 0) {
            mpq_set(f->size[k], ratio);
        }
    }
    mpq_clear(ratio);
}

static void fleet_init(rk_fleet_work *f)
{
    mpq_inits(f->utilisation, f->all_on_demand, NULL);
    rk_rational_set(f->utilisation, f->plan->utilisation.value);
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        mpq_inits(f->on_demand[k], f->reserved[k], f->size[k], NULL);
        f->kind[k] = rk_fleet_kind_at(f->plan, k);
        set_prices(f, k);
        set_size(f, k);
    }
    for (uint32_t m = 0; f->months && m < f->n_months; m++) {
        f->months[m].stairs.item_bytes = sizeof(rk_stair);
        mpq_inits(f->months[m].asked, f->months[m].beyond, NULL);
        for (uint32_t k = 0; k < f->n_kinds; k++) {
            mpq_init(f->months[m].used[k]);
        }
    }
}

static void fleet_release(rk_fleet_work *f)
{
    mpq_clears(f->utilisation, f->all_on_demand, NULL);
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        mpq_clears(f->on_demand[k], f->reserved[k], f->size[k], NULL);
    }
    for (uint32_t m = 0; f->months && m < f->n_months; m++) {
        rk_hours_release(&f->months[m].hours);
        rk_vec_release(&f->months[m].stairs);
        mpq_clears(f->months[m].asked, f->months[m].beyond, NULL);
        for (uint32_t k = 0; k < f->n_kinds; k++) {
            mpq_clear(f->months[m].used[k]);
        }
    }
    free(f->months);
}

static rk_status account_fleet(rk_account *account, const rk_fleet *plan, const char *name, const uint32_t *members,
                               uint32_t n_members, rk_error *err)
{
    rk_fleet_work f = {.account = account,
                       .plan = plan,
                       .name = name,
                       .members = members,
                       .n_members = n_members,
                       .n_months = account->plan->n_months,
                       .n_kinds = 1 + plan->n_others,
                       .months = calloc(account->plan->n_months, sizeof *f.months)};
    fleet_init(&f);
    rk_status status = f.months ? RK_OK : rk_fail_memory(err, "a fleet");
    status = status ? status : run_fleet(&f, err);
    fleet_release(&f);
    return status;
}

/* ---- all fleets ---- */

/* The services on the fleet of service s, when it is the first of them. */
static uint32_t find_members(const rk_plan *plan, uint32_t s, uint32_t *members)
{
    const char *name = plan->services[s].fleet.name;
    uint32_t n = 0;
    for (uint32_t i = 0; i < plan->n_services; i++) {
        const char *other = plan->services[i].fleet.name;
        if (i == s || (name && other && strcmp(name, other) == 0)) {
            members[n++] = i;
        }
    }
    return members[0] == s ? n : 0;
}

rk_status rk_account_fleets(rk_account *account, rk_error *err)
{
    const rk_plan *plan = account->plan;
    uint32_t *members = calloc(plan->n_services, sizeof *members);
    rk_status status = members ? RK_OK : rk_fail_memory(err, "fleets");
    for (uint32_t s = 0; s < plan->n_services && !status; s++) {
        const rk_fleet *fleet = &plan->services[s].fleet;
        uint32_t n = fleet->machine ? find_members(plan, s, members) : 0;
        if (n > 0) {
            status = account_fleet(account, fleet, fleet->name ? fleet->name : plan->services[s].name, members, n, err);
        }
        rk_progress(account->run, "accounting", "fleets", s + 1, plan->n_services);
    }
    free(members);
    return status;
}

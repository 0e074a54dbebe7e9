/* fleet.c - from demand to machines: how many in every hour, how many of them reserved, what they cost.
 *
 *   n(d, h) = min(max, max(min, ceil(rps / (capacity x utilisation))) + spare)
 *
 * A month is a staircase: how many hours need n machines, for each n. All costs are sums over stairs, so the search for
 * the best number of reserved machines does not look at hours again: with r reserved, the cost
 *   r x (hours x reserved price + upfront) + sum over stairs of max(0, n - r) x hours x on-demand price
 * is convex and bends only where r equals some n, so its smallest minimum is 0 or one of the n. That is exact.
 */
#include <stdlib.h>
#include <string.h>

#include "cost/account.h"
#include "cost/demand.h"
#include "cost/ledger_parts.h"
#include "cost/term.h"
#include "math/rational.h"

typedef struct {
    int64_t n, hours; /* so many hours need n machines */
} stair;

/* One service at work. */
typedef struct {
    rk_account *account;
    const rk_service *service;
    uint32_t s;
    rk_vec *stairs;            /* [n_months] of stair, by n ascending */
    mpq_ptr served;            /* [n_months] machine-hours of work: served requests / capacity / 3600 */
    mpq_t hour_weights;        /* sum of the 24 */
    mpq_t utilisation;         /* the share of the capacity that is planned with */
    mpq_t reserved, on_demand; /* prices in the plan's currency */
    rk_term term;              /* of the reserved machines */
    int64_t n_reserved;
} fleet;

/* ---- hours to machines ---- */

/* load: of so many machines at their full capacity. */
static bool machines_for(const fleet *f, const mpq_t load, int64_t *out)
{
    const rk_fleet *plan = &f->service->fleet;
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
static bool is_at_max(const fleet *f, int64_t n)
{
    const rk_number *max = &f->service->fleet.max;
    return max->is_set && n == max->value.units;
}

static bool add_stair(rk_vec *stairs, int64_t n, int64_t hours)
{
    stair *at = stairs->data;
    for (size_t i = 0; i < stairs->n; i++) {
        if (at[i].n == n) {
            at[i].hours += hours;
            return true;
        }
    }
    return rk_vec_push(stairs, &(stair){n, hours});
}

static int by_n(const void *a, const void *b)
{
    const stair *x = a, *y = b;
    return (x->n > y->n) - (x->n < y->n);
}

/* What a month adds up to before it is scaled: small fractions and whole numbers. */
typedef struct {
    mpq_t weight;       /* sum of weight x hours */
    mpq_t short_weight; /* of the hours with more load than machines */
    int64_t short_can;  /* machine-hours that those hours have */
} month_sums;

/* One kind of hour: `hours` of them with this weight; its load is scale x weight. */
static rk_status count_hour(fleet *f, uint32_t m, const mpq_t scale, const mpq_t weight, unsigned hours,
                            month_sums *sums, rk_error *err)
{
    int64_t n = 0;
    mpq_t load, part;
    mpq_inits(load, part, NULL);
    mpq_mul(load, scale, weight);
    bool fits = machines_for(f, load, &n);
    mpq_set_ui(part, hours, 1);
    mpq_mul(part, part, weight);
    mpq_add(sums->weight, sums->weight, part);
    if (fits && is_at_max(f, n) && mpq_cmp_si(load, n, 1) > 0) {
        mpq_add(sums->short_weight, sums->short_weight, part);
        sums->short_can += n * hours;
    }
    mpq_clears(load, part, NULL);
    if (!fits) {
        return rk_fail_at(err, f->service->fleet.at, "'%.60s' would need more than %d machines in %s", f->service->name,
                          RK_MACHINES_MAX, f->account->ledger->month[m]);
    }
    return add_stair(&f->stairs[m], n, hours) ? RK_OK : rk_fail_memory(err, "a fleet");
}

/* Every class of day by every hour. */
static rk_status count_hours(fleet *f, uint32_t m, const mpq_t scale, month_sums *sums, rk_error *err)
{
    const rk_traffic *traffic = &f->service->traffic;
    rk_day_classes classes;
    rk_status status = RK_OK;
    mpq_t weight;
    mpq_init(weight);
    rk_day_classes_init(&classes);
    rk_day_classes_fill(&classes, f->account->plan, traffic, m);
    for (unsigned i = 0; i < classes.n * 24 && !status; i++) {
        rk_rational_set(weight, traffic->hours[i % 24].value);
        mpq_mul(weight, weight, classes.day[i / 24].weight);
        status = count_hour(f, m, scale, weight, classes.day[i / 24].n_days, sums, err);
    }
    if (!status) {
        qsort(f->stairs[m].data, f->stairs[m].n, sizeof(stair), by_n);
    }
    rk_day_classes_release(&classes);
    mpq_clear(weight);
    return status;
}

static rk_status count_month(fleet *f, uint32_t m, rk_error *err)
{
    rk_fleet_month *month = &f->account->ledger->months[(size_t)f->s * f->account->plan->n_months + m];
    month_sums sums = {.short_can = 0};
    mpq_t scale, part, beyond;
    mpq_inits(scale, part, beyond, sums.weight, sums.short_weight, NULL);
    rk_demand_scale(f->account->plan, &f->service->traffic, m, scale);
    mpq_set_ui(part, 3600, 1);
    mpq_mul(part, part, f->hour_weights);
    mpq_mul(part, part, f->service->capacity.rps);
    mpq_div(scale, scale, part);
    rk_status status = count_hours(f, m, scale, &sums, err);

    mpq_set_si(part, sums.short_can, 1); /* what is beyond the machines, in machine-hours */
    mpq_mul(beyond, scale, sums.short_weight);
    mpq_sub(beyond, beyond, part);
    mpq_mul(f->served + m, scale, sums.weight);
    mpq_sub(f->served + m, f->served + m, beyond);
    mpq_set_ui(part, 3600, 1);
    mpq_mul(beyond, beyond, part);
    mpq_mul(beyond, beyond, f->service->capacity.rps);
    if (!status && !rk_rational_micros(beyond, &month->shortfall_micros)) {
        status = rk_fail_at(err, f->service->fleet.at, "the shortfall of '%.60s' is absurdly large", f->service->name);
    }
    mpq_clears(scale, part, beyond, sums.weight, sums.short_weight, NULL);
    return status;
}

/* ---- how many to reserve ---- */

static int64_t month_hours(const fleet *f, uint32_t m) { return 24 * (int64_t)rk_plan_days(f->account->plan, m); }

/* Machine-hours above r. */
static int64_t hours_above(const rk_vec *stairs, int64_t r)
{
    const stair *at = stairs->data;
    int64_t sum = 0;
    for (size_t i = 0; i < stairs->n; i++) {
        sum += at[i].n > r ? (at[i].n - r) * at[i].hours : 0;
    }
    return sum;
}

static void cost_with(const fleet *f, const rk_vec *all, int64_t hours, int64_t r, mpq_t out)
{
    mpq_t part;
    mpq_init(part);
    rk_term_cost(f->account->plan, &f->term, hours, f->account->plan->n_months, f->reserved, out);
    mpq_set_si(part, r, 1);
    mpq_mul(out, out, part);
    mpq_set_si(part, hours_above(all, r), 1);
    mpq_mul(part, part, f->on_demand);
    mpq_add(out, out, part);
    mpq_clear(part);
}

static rk_status best_reserved(fleet *f, rk_error *err)
{
    rk_vec all = {.item_bytes = sizeof(stair)};
    int64_t hours = 0;
    for (uint32_t m = 0; m < f->account->plan->n_months; m++) {
        const stair *at = f->stairs[m].data;
        for (size_t i = 0; i < f->stairs[m].n; i++) {
            if (!add_stair(&all, at[i].n, at[i].hours)) {
                rk_vec_release(&all);
                return rk_fail_memory(err, "a fleet");
            }
        }
        hours += month_hours(f, m);
    }
    qsort(all.data, all.n, sizeof(stair), by_n);
    mpq_t least, cost;
    mpq_inits(least, cost, NULL);
    f->n_reserved = 0;
    cost_with(f, &all, hours, 0, least);
    for (size_t i = 0; i < all.n; i++) {
        int64_t r = ((const stair *)all.data)[i].n;
        cost_with(f, &all, hours, r, cost);
        if (mpq_cmp(cost, least) < 0) {
            mpq_set(least, cost);
            f->n_reserved = r;
        }
    }
    mpq_clears(least, cost, NULL);
    rk_vec_release(&all);
    return RK_OK;
}

static rk_status need_on_demand(const fleet *f, rk_error *err)
{
    const rk_hour_price *found = NULL;
    const rk_fleet *plan = &f->service->fleet;
    return plan->on_demand ? RK_OK : rk_price_option(plan->price, "on_demand", plan->at, &found, err);
}

static rk_status choose_reserved(fleet *f, rk_error *err)
{
    const rk_fleet *plan = &f->service->fleet;
    f->n_reserved = plan->reserved && !plan->reserve_best ? plan->n_reserved.value.units : 0;
    if (!plan->reserve_best) {
        return RK_OK;
    }
    rk_status status = need_on_demand(f, err);
    return status ? status : best_reserved(f, err);
}

/* ---- lines ---- */

static const char *shape_words(rk_account *account, const rk_number *weights, unsigned n)
{
    rk_text text = {0};
    for (unsigned i = 0; i < n; i++) {
        rk_text_add(&text, i ? " " : "");
        rk_decimal_print(weights[i].value, false, &text);
    }
    return rk_account_keep(account, &text);
}

static void demand_inputs(const fleet *f, uint32_t m, rk_vec *inputs)
{
    const rk_traffic *t = &f->service->traffic;
    if (rk_demand_written(t, m)) {
        rk_account_input(f->account, inputs, "requests of the month", rk_demand_written(t, m), "requests");
        return;
    }
    rk_account_input(f->account, inputs, "requests_per_day", &t->requests_per_day, "requests");
    rk_account_input(f->account, inputs, "growth_per_month", &t->growth_per_month, "a month");
}

static void fleet_inputs(const fleet *f, rk_vec *inputs)
{
    rk_account *account = f->account;
    const rk_traffic *t = &f->service->traffic;
    const rk_fleet *plan = &f->service->fleet;
    const rk_capacity *capacity = &f->service->capacity;
    rk_text rps = {0};
    if (t->weekdays[0].is_set) {
        rk_account_input_text(account, inputs, "weekdays", shape_words(account, t->weekdays, 7), "weights",
                              rk_account_words(account, "%s:%zu", t->weekdays[0].at.path, t->weekdays[0].at.line));
    }
    if (t->hours[0].is_set) {
        rk_account_input_text(account, inputs, "hours", shape_words(account, t->hours, 24), "weights",
                              rk_account_words(account, "%s:%zu", t->hours[0].at.path, t->hours[0].at.line));
    }
    for (uint32_t e = 0; e < t->n_events; e++) {
        rk_account_input(account, inputs, t->events[e].name ? t->events[e].name : "event", &t->events[e].factor,
                         "times the requests");
    }
    rk_text_add_real(&rps, rk_rational_real(capacity->rps));
    rk_account_input_text(account, inputs, "capacity", rk_account_keep(account, &rps), "requests/s",
                          rk_account_words(account, "%s:%zu, %s, %s", capacity->at.path, capacity->at.line,
                                           rk_origin_name(capacity->origin), capacity->words));
    rk_account_input(account, inputs, "utilisation", &plan->utilisation, "of the capacity");
    rk_account_input(account, inputs, "min", &plan->min, "machines");
    rk_account_input(account, inputs, "spare", &plan->spare, "machines");
    rk_account_input(account, inputs, "max", &plan->max, "machines");
}

/* "2 in 719 h, 3 in 1 h" */
static void input_stairs(const fleet *f, uint32_t m, rk_vec *inputs)
{
    enum { SHOWN = 24 };
    rk_text text = {0};
    const stair *at = f->stairs[m].data;
    for (size_t i = 0; i < f->stairs[m].n && i < SHOWN; i++) {
        rk_text_addf(&text, "%s%lld in %lld h", i ? ", " : "", (long long)at[i].n, (long long)at[i].hours);
    }
    rk_text_add(&text, f->stairs[m].n > SHOWN ? ", ..." : "");
    rk_account_input_text(f->account, inputs, "machines needed", rk_account_keep(f->account, &text), "",
                          "max(min, ceil(requests/s / (capacity x utilisation))) + spare, at most max, hour by hour");
}

/* What its lines are booked as: nobody wrote an element for it. */
static rk_element element_of(const fleet *f)
{
    return (rk_element){.name = f->service->name,
                        .at = f->service->fleet.at,
                        .category = RK_HARDWARE,
                        .layer = RK_LAYER_SERVICE,
                        .service = f->s};
}

/* What is paid upfront for the reserved machines: in month m its part, once for all months the payments. */
static rk_status book_upfront(fleet *f, uint32_t m,
                              rk_status (*book)(rk_account *, const rk_term *, const rk_entry *, rk_error *),
                              rk_error *err)
{
    rk_element element = element_of(f);
    mpq_t machines;
    mpq_init(machines);
    mpq_set_si(machines, f->n_reserved, 1);
    rk_entry entry = {.element = &element,
                      .category = RK_HARDWARE,
                      .m = m,
                      .quantity = machines,
                      .driver = f->service->fleet.machine,
                      .origin = f->service->capacity.origin};
    rk_status status = book(f->account, &f->term, &entry, err);
    mpq_clear(machines);
    return status;
}

static rk_status book_hours(fleet *f, uint32_t m, bool is_reserved, int64_t hours, const rk_vec *inputs, rk_error *err)
{
    const rk_service *service = f->service;
    const rk_hour_price *option = is_reserved ? service->fleet.reserved : service->fleet.on_demand;
    rk_element element = element_of(f);
    rk_vec own = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t quantity;
    mpq_init(quantity);
    mpq_set_si(quantity, hours, 1);
    demand_inputs(f, m, &own);
    f->account->failed = !rk_vec_extend(&own, inputs->data, inputs->n) || f->account->failed;
    rk_account_input_price(f->account, &own, option->option, &option->hour, "machine-hour", service->fleet.price);
    rk_account_input_exchange(f->account, &own, service->fleet.price);
    if (!is_reserved) {
        input_stairs(f, m, &own);
    }
    rk_entry entry = {.element = &element,
                      .category = RK_HARDWARE,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = is_reserved ? f->reserved : f->on_demand,
                      .unit = "machine-hour",
                      .driver = service->fleet.machine,
                      .behaviour = is_reserved ? RK_FIXED : RK_STEP,
                      .origin = service->capacity.origin,
                      .inputs = &own};
    if (is_reserved) {
        entry.name = rk_account_words(f->account, "%s machine reserved", service->name);
        entry.quantity_words = rk_account_words(f->account, "%lld machines x %lld h", (long long)f->n_reserved,
                                                (long long)month_hours(f, m));
    } else {
        entry.name = rk_account_words(f->account, "%s machine on demand", service->name);
        entry.quantity_words =
            rk_account_words(f->account, "sum over %lld hours of max(0, machines needed - %lld reserved)",
                             (long long)month_hours(f, m), (long long)f->n_reserved);
    }
    rk_status status = rk_account_book_one(f->account, &entry, f->s, err);
    status = status || !is_reserved ? status : rk_term_book_restarts(f->account, &f->term, &entry, err);
    mpq_clear(quantity);
    rk_vec_release(&own);
    return status;
}

static rk_status book_month(fleet *f, uint32_t m, const rk_vec *inputs, rk_error *err)
{
    rk_fleet_month *month = &f->account->ledger->months[(size_t)f->s * f->account->plan->n_months + m];
    const stair *top = (const stair *)f->stairs[m].data + f->stairs[m].n - 1;
    int64_t fixed = f->n_reserved * month_hours(f, m), extra = hours_above(&f->stairs[m], f->n_reserved);
    rk_status status = fixed > 0 ? book_hours(f, m, true, fixed, inputs, err) : RK_OK;
    status = status || fixed == 0 ? status : book_upfront(f, m, rk_term_book, err);
    if (!status && extra > 0) {
        status = need_on_demand(f, err);
        status = status ? status : book_hours(f, m, false, extra, inputs, err);
    }
    mpq_t idle;
    mpq_init(idle);
    mpq_set_si(idle, fixed + extra, 1);
    mpq_sub(idle, idle, f->served + m);
    bool fits = rk_rational_micros(idle, &month->idle_hours_micros);
    month->paid_hours_micros = (fixed + extra) * 1000000; /* at most 1e6 machines x 744 h x 2 */
    month->n_machines_max = top->n > f->n_reserved ? top->n : f->n_reserved;
    mpq_clear(idle);
    return status || fits
               ? status
               : rk_fail_at(err, f->service->fleet.at, "the fleet of '%.60s' is absurdly large", f->service->name);
}

static rk_status note_shortfall(const fleet *f, rk_error *err)
{
    const rk_ledger *ledger = f->account->ledger;
    const rk_fleet_month *months = ledger->services[f->s].months;
    uint32_t n = 0, worst = 0;
    for (uint32_t m = 0; m < f->account->plan->n_months; m++) {
        n += months[m].shortfall_micros > 0;
        worst = months[m].shortfall_micros > months[worst].shortfall_micros ? m : worst;
    }
    if (n == 0) {
        return RK_OK;
    }
    rk_text words = {0};
    rk_money_print((rk_money){months[worst].shortfall_micros}, 0, &words);
    rk_status status = rk_plan_note(
        ledger->plan, err,
        "%s:%zu: '%s' is asked more than its %lld machines can answer in %u of %u months; %s requests in %s",
        f->service->fleet.at.path, f->service->fleet.at.line, f->service->name,
        (long long)f->service->fleet.max.value.units, n, f->account->plan->n_months, words.at ? words.at : "",
        ledger->month[worst]);
    rk_text_release(&words);
    return status;
}

/* ---- one service ---- */

static rk_status run_fleet(fleet *f, rk_error *err)
{
    rk_status status = RK_OK;
    uint32_t n_months = f->account->plan->n_months;
    for (uint32_t m = 0; m < n_months && !status; m++) {
        status = count_month(f, m, err);
    }
    status = status ? status : choose_reserved(f, err);
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    if (!status) {
        fleet_inputs(f, &inputs);
    }
    status = status || f->n_reserved == 0 ? status : book_upfront(f, 0, rk_term_settle, err);
    for (uint32_t m = 0; m < n_months && !status; m++) {
        status = book_month(f, m, &inputs, err);
    }
    rk_vec_release(&inputs);
    f->account->ledger->services[f->s].n_reserved = f->n_reserved;
    return status ? status : note_shortfall(f, err);
}

static void set_prices(fleet *f)
{
    const rk_fleet *plan = &f->service->fleet;
    mpq_t rate;
    mpq_init(rate);
    rk_plan_exchange(f->account->plan, plan->price->currency, rate);
    if (plan->reserved) {
        rk_rational_set(f->reserved, plan->reserved->hour.value);
        mpq_mul(f->reserved, f->reserved, rate);
        f->term = (rk_term){.terms = plan->reserved->terms, .price = plan->price};
        f->term.name = rk_account_words(f->account, "%s machine reserved", f->service->name);
    }
    if (plan->on_demand) {
        rk_rational_set(f->on_demand, plan->on_demand->hour.value);
        mpq_mul(f->on_demand, f->on_demand, rate);
    }
    mpq_clear(rate);
}

static void set_constants(fleet *f)
{
    mpq_t weight;
    mpq_init(weight);
    for (unsigned h = 0; h < 24; h++) {
        rk_rational_set(weight, f->service->traffic.hours[h].value);
        mpq_add(f->hour_weights, f->hour_weights, weight);
    }
    mpq_clear(weight);
    rk_rational_set(f->utilisation, f->service->fleet.utilisation.value);
    set_prices(f);
}

static rk_status account_fleet(rk_account *account, uint32_t s, rk_error *err)
{
    uint32_t n_months = account->plan->n_months;
    fleet f = {.account = account,
               .service = &account->plan->services[s],
               .s = s,
               .stairs = calloc(n_months, sizeof *f.stairs),
               .served = calloc(n_months, sizeof *f.served)};
    mpq_inits(f.hour_weights, f.utilisation, f.reserved, f.on_demand, NULL);
    for (uint32_t m = 0; f.stairs && f.served && m < n_months; m++) {
        f.stairs[m].item_bytes = sizeof(stair);
        mpq_init(f.served + m);
    }
    set_constants(&f);
    rk_status status = f.stairs && f.served ? run_fleet(&f, err) : rk_fail_memory(err, "a fleet");
    for (uint32_t m = 0; f.stairs && f.served && m < n_months; m++) {
        rk_vec_release(&f.stairs[m]);
        mpq_clear(f.served + m);
    }
    free(f.stairs);
    free(f.served);
    mpq_clears(f.hour_weights, f.utilisation, f.reserved, f.on_demand, NULL);
    return status;
}

rk_status rk_account_fleets(rk_account *account, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t s = 0; s < account->plan->n_services && !status; s++) {
        status = account->plan->services[s].fleet.machine ? account_fleet(account, s, err) : RK_OK;
        rk_progress(account->run, "accounting", "fleets", s + 1, account->plan->n_services);
    }
    return status;
}

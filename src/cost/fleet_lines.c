/* fleet_lines.c - what is booked of a fleet: lines month by month, and the figures of its services.
 *
 * A service alone on its fleet bears it whole. On a shared one money, hours paid, hours idle and requests beyond max go
 * to the services by the machine-hours of work that they ask for in the month (requests / capacity of one machine /
 * 3600): whole millionths by largest remainder, ties to the service named first, evenly when nothing is asked. What is
 * paid upfront goes by the work of the whole plan.
 */
#include <stdlib.h>
#include <string.h>

#include "cost/demand.h"
#include "cost/fleet_parts.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

enum { STAIRS_SHOWN = 24 };

static const char work_words[] = "machine-hours of work";

/* One month's booking. */
typedef struct {
    rk_fleet_work *f;
    uint32_t m;
    mpq_ptr weights; /* [services of the plan] machine-hours of work; 0 of services elsewhere */
    mpq_ptr all;     /* the same over all months */
    const rk_vec *inputs;
} booking;

/* ---- inputs ---- */

static const char *shape_words(rk_account *account, const rk_number *weights, unsigned n)
{
    rk_text text = {0};
    for (unsigned i = 0; i < n; i++) {
        rk_text_add(&text, i ? " " : "");
        rk_decimal_print(weights[i].value, false, &text);
    }
    return rk_account_keep(account, &text);
}

/* What an input is called: on a shared fleet whose it is. */
static const char *named(const rk_fleet_work *f, const rk_service *service, const char *name)
{
    return f->plan->name ? rk_account_words(f->account, "%s: %s", service->name, name) : name;
}

/* What the traffic of month m follows from. */
static void demand_inputs(const rk_fleet_work *f, uint32_t m, rk_vec *inputs)
{
    for (uint32_t i = 0; i < f->n_members; i++) {
        const rk_service *service = rk_fleet_member(f, i);
        const rk_traffic *t = &service->traffic;
        const rk_number *written = rk_demand_written(t, m);
        if (written) {
            rk_account_input(f->account, inputs, named(f, service, "requests of the month"), written, "requests");
            continue;
        }
        rk_account_input(f->account, inputs, named(f, service, "requests_per_day"), &t->requests_per_day, "requests");
        rk_account_input(f->account, inputs, named(f, service, "growth_per_month"), &t->growth_per_month, "a month");
    }
}

static void traffic_inputs(const rk_fleet_work *f, const rk_service *service, rk_vec *inputs)
{
    rk_account *account = f->account;
    const rk_traffic *t = &service->traffic;
    if (t->weekdays[0].is_set) {
        rk_account_input_text(account, inputs, named(f, service, "weekdays"), shape_words(account, t->weekdays, 7),
                              "weights",
                              rk_account_words(account, "%s:%zu", t->weekdays[0].at.path, t->weekdays[0].at.line));
    }
    if (t->hours[0].is_set) {
        rk_account_input_text(account, inputs, named(f, service, "hours"), shape_words(account, t->hours, 24),
                              "weights", rk_account_words(account, "%s:%zu", t->hours[0].at.path, t->hours[0].at.line));
    }
    for (uint32_t e = 0; e < t->n_events; e++) {
        rk_account_input(account, inputs, named(f, service, t->events[e].name ? t->events[e].name : "event"),
                         &t->events[e].factor, "times the requests");
    }
}

static const rk_capacity *capacity_on(const rk_service *service, uint32_t k)
{
    return k > 0 ? &service->others[k - 1] : &service->capacity;
}

static void capacity_input(const rk_fleet_work *f, const rk_service *service, uint32_t k, rk_vec *inputs)
{
    rk_account *account = f->account;
    const rk_capacity *capacity = capacity_on(service, k);
    const char *name = f->n_kinds > 1 ? rk_account_words(account, "capacity of %s", f->kind[k].machine) : "capacity";
    rk_text rps = {0};
    rk_text_add_real(&rps, rk_rational_real(capacity->rps));
    rk_account_input_text(account, inputs, named(f, service, name), rk_account_keep(account, &rps), "requests/s",
                          rk_account_words(account, "%s:%zu, %s, %s", capacity->at.path, capacity->at.line,
                                           rk_origin_name(capacity->origin), capacity->words));
}

static void fleet_inputs(const rk_fleet_work *f, rk_vec *inputs)
{
    for (uint32_t i = 0; i < f->n_members; i++) {
        const rk_service *service = rk_fleet_member(f, i);
        traffic_inputs(f, service, inputs);
        for (uint32_t k = 0; k < f->n_kinds; k++) {
            capacity_input(f, service, k, inputs);
        }
    }
    rk_account_input(f->account, inputs, "utilisation", &f->plan->utilisation, "of the capacity");
    rk_account_input(f->account, inputs, "min", &f->plan->min, "machines");
    rk_account_input(f->account, inputs, "spare", &f->plan->spare, "machines");
    rk_account_input(f->account, inputs, "max", &f->plan->max, "machines");
}

/* "2 in 719 h, 3 in 1 h"; of a mix "2 c7i.xlarge + 1 c7g.2xlarge in 300 h, ..." */
static void input_stairs(const rk_fleet_work *f, uint32_t m, rk_vec *inputs)
{
    rk_text text = {0};
    const rk_vec *stairs = &f->months[m].stairs;
    const rk_stair *at = stairs->data;
    for (size_t i = 0; i < stairs->n && i < STAIRS_SHOWN; i++) {
        const char *between = i ? ", " : "";
        if (f->n_kinds == 1) {
            rk_text_addf(&text, "%s%lld", between, (long long)at[i].all);
        } else if (at[i].all == 0) {
            rk_text_addf(&text, "%snone", between);
        }
        for (uint32_t k = 0; k < f->n_kinds && f->n_kinds > 1; k++) {
            if (at[i].n[k] > 0) {
                rk_text_addf(&text, "%s%lld %s", between, (long long)at[i].n[k], f->kind[k].machine);
                between = " + ";
            }
        }
        rk_text_addf(&text, " in %lld h", (long long)at[i].hours);
    }
    rk_text_add(&text, stairs->n > STAIRS_SHOWN ? ", ..." : "");
    rk_account_input_text(f->account, inputs, "machines needed", rk_account_keep(f->account, &text), "",
                          f->n_kinds > 1 ? "the mix that costs least over the plan, hour by hour (docs/plan.md)"
                          : f->plan->name
                              ? "max(min, ceil(sum of requests/s / (capacity x utilisation))) + spare, at most max, "
                                "hour by hour"
                              : "max(min, ceil(requests/s / (capacity x utilisation))) + spare, at most max, hour by "
                                "hour");
}

/* ---- lines ---- */

/* Assumed when the capacity of any service is. */
static rk_origin origin_of(const rk_fleet_work *f)
{
    rk_origin origin = rk_fleet_member(f, 0)->capacity.origin;
    for (uint32_t i = 1; i < f->n_members; i++) {
        rk_origin other = rk_fleet_member(f, i)->capacity.origin;
        origin = other == RK_ASSUMED ? other : origin;
    }
    return origin;
}

/* Nobody wrote an element for a fleet. */
static rk_element element_of(const rk_fleet_work *f, uint32_t k)
{
    return (rk_element){.name = f->name,
                        .at = f->kind[k].at,
                        .category = RK_HARDWARE,
                        .layer = RK_LAYER_SERVICE,
                        .target = f->plan->name ? RK_TARGET_SHARED : RK_TARGET_ONE,
                        .share_by = RK_SHARE_EVEN,
                        .service = f->members[0]};
}

/* "search machine reserved", of a mix with the machine behind it. */
static const char *line_name(const rk_fleet_work *f, uint32_t k, const char *what)
{
    bool is_mixed = f->n_kinds > 1;
    return rk_account_words(f->account, "%s machine %s%s%s", f->name, what, is_mixed ? " " : "",
                            is_mixed ? f->kind[k].machine : "");
}

/* What is paid upfront for the reserved machines: the part of a month, or once for all months the payments. */
static rk_status book_upfront(const booking *b, uint32_t k, mpq_srcptr weights,
                              rk_status (*book)(rk_account *, const rk_term *, const rk_entry *, rk_error *),
                              rk_error *err)
{
    rk_fleet_work *f = b->f;
    rk_element element = element_of(f, k);
    mpq_t machines;
    mpq_init(machines);
    mpq_set_si(machines, f->n_reserved[k], 1);
    rk_entry entry = {.element = &element,
                      .category = RK_HARDWARE,
                      .m = b->m,
                      .quantity = machines,
                      .driver = f->kind[k].machine,
                      .origin = origin_of(f),
                      .weights = weights,
                      .weights_words = work_words};
    f->term[k].name = line_name(f, k, "reserved");
    rk_status status = f->n_reserved[k] > 0 ? book(f->account, &f->term[k], &entry, err) : RK_OK;
    mpq_clear(machines);
    return status;
}

static void name_line(const booking *b, uint32_t k, bool is_reserved, rk_entry *entry)
{
    const rk_fleet_work *f = b->f;
    long long hours = rk_fleet_month_hours(f, b->m), reserved = f->n_reserved[k];
    entry->name = line_name(f, k, is_reserved ? "reserved" : "on demand");
    entry->quantity_words =
        is_reserved ? rk_account_words(f->account, "%lld machines x %lld h", reserved, hours)
                    : rk_account_words(f->account, "sum over %lld hours of max(0, machines needed - %lld reserved)",
                                       hours, reserved);
}

static rk_status book_hours(const booking *b, uint32_t k, bool is_reserved, int64_t hours, rk_error *err)
{
    const rk_fleet_work *f = b->f;
    const rk_fleet_kind *kind = &f->kind[k];
    const rk_hour_price *option = is_reserved ? kind->reserved : kind->on_demand;
    rk_element element = element_of(f, k);
    rk_vec own = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t quantity;
    mpq_init(quantity);
    mpq_set_si(quantity, hours, 1);
    demand_inputs(f, b->m, &own);
    f->account->failed = !rk_vec_extend(&own, b->inputs->data, b->inputs->n) || f->account->failed;
    rk_account_input_price(f->account, &own, option->option, &option->hour, "machine-hour", kind->price);
    rk_account_input_exchange(f->account, &own, kind->price);
    if (!is_reserved) {
        input_stairs(f, b->m, &own);
    }
    rk_entry entry = {.element = &element,
                      .category = RK_HARDWARE,
                      .m = b->m,
                      .quantity = quantity,
                      .unit_price = is_reserved ? f->reserved[k] : f->on_demand[k],
                      .unit = "machine-hour",
                      .driver = kind->machine,
                      .behaviour = is_reserved ? RK_FIXED : RK_STEP,
                      .origin = origin_of(f),
                      .inputs = &own,
                      .weights = b->weights,
                      .weights_words = work_words};
    name_line(b, k, is_reserved, &entry);
    rk_status status = rk_account_book(f->account, &entry, err);
    status = status || !is_reserved ? status : rk_term_book_restarts(f->account, &f->term[k], &entry, err);
    mpq_clear(quantity);
    rk_vec_release(&own);
    return status;
}

static rk_status book_lines(const booking *b, rk_error *err)
{
    const rk_fleet_work *f = b->f;
    rk_status status = RK_OK;
    for (uint32_t k = 0; k < f->n_kinds && !status; k++) {
        int64_t fixed = f->n_reserved[k] * rk_fleet_month_hours(f, b->m), extra = f->months[b->m].on_demand[k];
        status = fixed > 0 ? book_hours(b, k, true, fixed, err) : RK_OK;
        status = status ? status : book_upfront(b, k, b->weights, rk_term_book, err);
        if (!status && extra > 0) {
            status = rk_fleet_need_on_demand(f, k, err);
            status = status ? status : book_hours(b, k, false, extra, err);
        }
    }
    return status;
}

/* ---- figures of the services ---- */

/* Work of every service of the plan on this fleet; when none is asked for, one each. */
static bool set_weights(booking *b)
{
    const rk_fleet_work *f = b->f;
    bool any = false;
    mpq_t hour;
    mpq_init(hour);
    for (uint32_t i = 0; i < f->n_members; i++) {
        mpq_ptr weight = b->weights + f->members[i];
        mpq_set_ui(hour, 3600, 1);
        mpq_mul(hour, hour, rk_fleet_member(f, i)->capacity.rps);
        mpq_div(weight, rk_account_requests(f->account, f->members[i], b->m), hour);
        any = any || mpq_sgn(weight) != 0;
    }
    for (uint32_t i = 0; i < f->n_members && !any; i++) {
        mpq_set_ui(b->weights + f->members[i], 1, 1);
    }
    mpq_clear(hour);
    return any;
}

/* Requests of member i that max leaves unanswered: its part of the machine-hours beyond, at its own capacity. */
static bool share_shortfall(const booking *b, uint32_t i, bool any, int64_t *micros)
{
    const rk_fleet_work_month *month = &b->f->months[b->m];
    mpq_t part, hour;
    mpq_inits(part, hour, NULL);
    if (any && mpq_sgn(month->beyond) > 0) {
        mpq_div(part, b->weights + b->f->members[i], month->asked);
        mpq_mul(part, part, month->beyond);
        mpq_set_ui(hour, 3600, 1);
        mpq_mul(part, part, hour);
        mpq_mul(part, part, rk_fleet_member(b->f, i)->capacity.rps);
    }
    bool fits = rk_rational_micros(part, micros);
    mpq_clears(part, hour, NULL);
    return fits;
}

/* Hours of one kind in the whole fleet. */
static bool hours_of(const booking *b, uint32_t k, rk_kind_hours *out)
{
    const rk_fleet_work *f = b->f;
    int64_t paid = f->n_reserved[k] * rk_fleet_month_hours(f, b->m) + f->months[b->m].on_demand[k];
    mpq_t idle;
    mpq_init(idle);
    mpq_set_si(idle, paid, 1);
    mpq_sub(idle, idle, f->months[b->m].used[k]);
    bool fits = rk_rational_micros(idle, &out->idle_micros);
    out->paid_micros = paid * 1000000; /* at most 2e6 machines x 744 h */
    mpq_clear(idle);
    return fits;
}

/* total split over the services of the plan; what the forgiving ceiling makes negative is nothing. */
static bool split(const booking *b, int64_t total, int64_t *parts)
{
    uint32_t n = b->f->account->plan->n_services;
    return rk_rational_share(total > 0 ? total : 0, b->weights, n, parts);
}

static rk_fleet_month *month_of(const booking *b, uint32_t service)
{
    const rk_account *account = b->f->account;
    return &account->ledger->months[(size_t)service * account->plan->n_months + b->m];
}

/* Adds hours of kind k to the services; room: [2 x services of the plan]. */
static bool spread_hours(const booking *b, uint32_t k, const rk_kind_hours *hours, int64_t *room, rk_kind_hours *kinds)
{
    const rk_fleet_work *f = b->f;
    int64_t *paid = room, *idle = room + f->account->plan->n_services;
    if (!f->plan->name) {
        paid[f->members[0]] = hours->paid_micros;
        idle[f->members[0]] = hours->idle_micros;
    } else if (!split(b, hours->paid_micros, paid) || !split(b, hours->idle_micros, idle)) {
        return false;
    }
    for (uint32_t i = 0; i < f->n_members; i++) {
        rk_fleet_month *month = month_of(b, f->members[i]);
        rk_kind_hours part = {paid[f->members[i]], idle[f->members[i]]};
        month->paid_hours_micros += part.paid_micros;
        month->idle_hours_micros += part.idle_micros;
        if (kinds) {
            kinds[(size_t)i * f->n_kinds + k] = part;
            month->by_kind = kinds + (size_t)i * f->n_kinds;
        }
    }
    return true;
}

/* Figures of the whole fleet into *all, and every service's part into its own. */
static rk_status set_figures(const booking *b, bool any, int64_t *room, rk_fleet_month *all, rk_error *err)
{
    const rk_fleet_work *f = b->f;
    rk_arena *arena = &f->account->ledger->arena;
    bool is_mixed = f->n_kinds > 1, fits = true;
    rk_kind_hours *kinds = is_mixed ? RK_TAKE(arena, rk_kind_hours, (size_t)f->n_kinds * (f->n_members + 1)) : NULL;
    if (is_mixed && !kinds) {
        return rk_fail_memory(err, "a fleet");
    }
    rk_kind_hours *own = kinds ? kinds + (size_t)f->n_members * f->n_kinds : NULL;
    all->by_kind = own;
    all->n_machines_max = f->months[b->m].most;
    for (uint32_t k = 0; k < f->n_kinds && fits; k++) {
        rk_kind_hours hours = {0};
        fits = hours_of(b, k, &hours);
        if (fits && !spread_hours(b, k, &hours, room, kinds)) {
            return rk_fail_memory(err, "a fleet");
        }
        if (own) {
            own[k] = hours;
        }
        all->paid_hours_micros += hours.paid_micros;
        all->idle_hours_micros += hours.idle_micros;
    }
    for (uint32_t i = 0; i < f->n_members && fits; i++) {
        rk_fleet_month *month = month_of(b, f->members[i]);
        month->n_machines_max = f->months[b->m].most;
        fits = share_shortfall(b, i, any, &month->shortfall_micros) &&
               !__builtin_add_overflow(all->shortfall_micros, month->shortfall_micros, &all->shortfall_micros) &&
               !__builtin_add_overflow(all->requests_micros, month->requests_micros, &all->requests_micros);
    }
    return fits ? RK_OK : rk_fail_at(err, f->plan->at, "the fleet of '%.60s' is absurdly large", f->name);
}

/* ---- warnings ---- */

static rk_status note_shortfall(const rk_fleet_work *f, const rk_fleet_month *months, rk_error *err)
{
    uint32_t n = 0, worst = 0;
    for (uint32_t m = 0; m < f->n_months; m++) {
        n += months[m].shortfall_micros > 0;
        worst = months[m].shortfall_micros > months[worst].shortfall_micros ? m : worst;
    }
    if (n == 0) {
        return RK_OK;
    }
    const rk_ledger *ledger = f->account->ledger;
    rk_text words = {0};
    rk_money_print((rk_money){months[worst].shortfall_micros}, 0, &words);
    rk_status status = rk_plan_note(
        ledger->plan, err,
        "%s:%zu: '%s' is asked more than its %lld machines can answer in %u of %u months; %s requests in %s",
        f->plan->at.path, f->plan->at.line, f->name, (long long)f->plan->max.value.units, n, f->n_months,
        words.at ? words.at : "", ledger->month[worst]);
    rk_text_release(&words);
    return status;
}

static rk_status note_search(const rk_fleet_work *f, rk_error *err)
{
    return f->n_kinds == 1 || f->is_proven
               ? RK_OK
               : rk_plan_note(f->account->ledger->plan, err,
                              "%s:%zu: the search for the cheapest mix of '%s' gave up before it was sure; see its gap "
                              "in reckon cost capacity",
                              f->plan->at.path, f->plan->at.line, f->name);
}

/* ---- the fleet in the ledger ---- */

static void fill_fleet(const rk_fleet_work *f, uint32_t *services, double *peaks, const char **machines,
                       int64_t *reserved, rk_fleet_capacity *capacities)
{
    mpq_t peak;
    mpq_init(peak);
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        machines[k] = f->kind[k].machine;
        reserved[k] = f->n_reserved[k];
    }
    for (uint32_t i = 0; i < f->n_members; i++) {
        const rk_service *service = rk_fleet_member(f, i);
        services[i] = f->members[i];
        for (uint32_t m = 0; m < f->n_months; m++) {
            rk_demand_peak(f->account->plan, &service->traffic, m, peak);
            peaks[i] = peaks[i] > rk_rational_real(peak) ? peaks[i] : rk_rational_real(peak);
        }
        for (uint32_t k = 0; k < f->n_kinds; k++) {
            const rk_capacity *capacity = capacity_on(service, k);
            capacities[(size_t)i * f->n_kinds + k] = (rk_fleet_capacity){
                machines[k], service->name, rk_rational_real(capacity->rps), capacity->origin, capacity->words};
        }
    }
    mpq_clear(peak);
}

static rk_status add_fleet(const rk_fleet_work *f, const rk_fleet_month *months, int64_t cost, rk_error *err)
{
    rk_ledger *ledger = f->account->ledger;
    uint32_t *services = RK_TAKE(&ledger->arena, uint32_t, f->n_members);
    double *peaks = RK_TAKE(&ledger->arena, double, f->n_members);
    const char **machines = RK_TAKE(&ledger->arena, const char *, f->n_kinds);
    int64_t *reserved = RK_TAKE(&ledger->arena, int64_t, f->n_kinds);
    rk_fleet_capacity *capacities = RK_TAKE(&ledger->arena, rk_fleet_capacity, (size_t)f->n_members * f->n_kinds);
    if (!services || !peaks || !machines || !reserved || !capacities) {
        return rk_fail_memory(err, "a fleet");
    }
    fill_fleet(f, services, peaks, machines, reserved, capacities);
    rk_cost_fleet fleet = {.name = f->name,
                           .is_shared = f->plan->name != NULL,
                           .n_services = f->n_members,
                           .n_kinds = f->n_kinds,
                           .service = services,
                           .peak_rps = peaks,
                           .machine = machines,
                           .n_reserved = reserved,
                           .capacity = capacities,
                           .utilisation = rk_decimal_real(f->plan->utilisation.value),
                           .months = months,
                           .cost = {cost},
                           .bound = f->bound,
                           .is_proven = f->is_proven};
    fleet.has_all_on_demand = f->has_all_on_demand && rk_rational_micros(f->all_on_demand, &fleet.all_on_demand.micros);
    return rk_vec_push(&ledger->fleets, &fleet) ? RK_OK : rk_fail_memory(err, "a fleet");
}

/* "c7i.xlarge + c7g.2xlarge", and how many are reserved of all kinds. */
static void name_machines(const rk_fleet_work *f)
{
    int64_t n_reserved = 0;
    rk_text text = {0};
    for (uint32_t k = 0; k < f->n_kinds; k++) {
        n_reserved += f->n_reserved[k];
        rk_text_addf(&text, "%s%s", k ? " + " : "", f->kind[k].machine);
    }
    const char *machines = rk_account_keep(f->account, &text);
    for (uint32_t i = 0; i < f->n_members; i++) {
        rk_cost_service *service = &f->account->ledger->services[f->members[i]];
        service->machine = machines;
        service->n_reserved = n_reserved;
    }
}

/* Payments upfront, once for the plan. */
static rk_status settle(booking *b, rk_error *err)
{
    rk_status status = RK_OK;
    uint32_t n = b->f->account->plan->n_services;
    bool any = false;
    for (b->m = 0; b->m < b->f->n_months; b->m++) {
        bool is_asked = set_weights(b);
        for (uint32_t s = 0; s < n && is_asked; s++) {
            mpq_add(b->all + s, b->all + s, b->weights + s);
        }
        any = any || is_asked;
    }
    for (uint32_t s = 0; s < n && !any; s++) {
        mpq_set(b->all + s, b->weights + s); /* evenly */
    }
    b->m = 0;
    for (uint32_t k = 0; k < b->f->n_kinds && !status; k++) {
        status = book_upfront(b, k, b->all, rk_term_settle, err);
    }
    return status;
}

static rk_status book_months(booking *b, int64_t *room, rk_fleet_month *months, rk_error *err)
{
    rk_status status = settle(b, err);
    for (b->m = 0; b->m < b->f->n_months && !status; b->m++) {
        bool any = set_weights(b);
        status = book_lines(b, err);
        status = status ? status : set_figures(b, any, room, &months[b->m], err);
    }
    return status;
}

rk_status rk_fleet_book(rk_fleet_work *f, rk_error *err)
{
    rk_ledger *ledger = f->account->ledger;
    uint32_t n = ledger->plan->n_services;
    int64_t before = ledger->total_micros, *room = calloc(2 * (size_t)n, sizeof *room);
    mpq_ptr weights = calloc(2 * (size_t)n, sizeof *weights);
    rk_fleet_month *months = RK_TAKE(&ledger->arena, rk_fleet_month, f->n_months);
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_status status = room && weights && months ? RK_OK : rk_fail_memory(err, "a fleet");
    for (uint32_t s = 0; weights && s < 2 * n; s++) {
        mpq_init(weights + s);
    }
    fleet_inputs(f, &inputs);
    name_machines(f);
    booking b = {.f = f, .weights = weights, .all = weights ? weights + n : NULL, .inputs = &inputs};
    status = status ? status : book_months(&b, room, months, err);
    status = status ? status : add_fleet(f, months, ledger->total_micros - before, err);
    status = status ? status : note_shortfall(f, months, err);
    status = status ? status : note_search(f, err);
    for (uint32_t s = 0; weights && s < 2 * n; s++) {
        mpq_clear(weights + s);
    }
    free(weights);
    free(room);
    rk_vec_release(&inputs);
    return status;
}

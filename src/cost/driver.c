/* driver.c - see driver.h. A row knows one service; of all services together there is the sum, unless the row has a
 * figure for the whole plan, as of users, who may use two services.
 */
#include "cost/driver.h"

#include <stdio.h>
#include <string.h>

#include "cost/driver_figures.h"
#include "cost/element.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

typedef struct {
    rk_account *account;
    uint32_t s, m;
    const char *prefix; /* of the names of inputs: "" or "search " */
    rk_text *words;     /* NULL = the inputs only */
    rk_vec *inputs;
} telling;

struct rk_driver {
    const char *per, *share_by; /* NULL = not for this */
    const char *lack;           /* the key that a service without it lacks */
    const char *sum;            /* what is summed over services: "requests x response_bytes / 10^9" */
    bool is_time, is_direct_cost;
    rk_behaviour behaviour;
    int measure; /* rk_measure_kind, for the rows of measures */
    bool (*has)(const rk_driver *, const rk_plan *, uint32_t s);
    bool (*has_none)(const rk_plan *, uint32_t s); /* it lacks nothing and has none of it: no fleet, no machines */
    bool (*is_whole)(const rk_driver *, const rk_plan *); /* it takes RK_ALL_SERVICES; NULL = it never does */
    void (*amount)(const rk_driver *, const rk_account *, uint32_t s, uint32_t m, mpq_t out);
    rk_driver_figures *figure; /* the same in draws */
    rk_origin (*origin)(const rk_driver *, const rk_plan *, uint32_t s); /* NULL = assumed */
    void (*tell)(const rk_driver *, const telling *);
};

static const rk_service *service_of(const rk_plan *plan, uint32_t s) { return &plan->services[s]; }

static void add_micros(rk_text *words, mpq_srcptr value)
{
    int64_t micros = 0;
    if (words && rk_rational_micros(value, &micros)) {
        rk_rational_print_micros(micros, words);
    }
}

static void add_number(rk_text *words, const char *before, const rk_number *number, const char *after)
{
    if (words) {
        rk_text_add(words, before);
        rk_decimal_print(number->value, false, words);
        rk_text_add(words, after);
    }
}

static void tell_input(const telling *t, const char *name, const rk_number *number, const char *unit)
{
    rk_account_input(t->account, t->inputs, *t->prefix ? rk_account_words(t->account, "%s%s", t->prefix, name) : name,
                     number, unit);
}

/* "86400.0 requests" */
static void tell_demand(const telling *t)
{
    if (t->words) {
        add_micros(t->words, rk_account_requests(t->account, t->s, t->m));
        rk_text_add(t->words, " requests");
    }
    const rk_traffic *traffic = &service_of(t->account->plan, t->s)->traffic;
    const rk_number *month = rk_demand_written(traffic, t->m);
    tell_input(t, month ? "requests of the month" : "requests_per_day", month ? month : &traffic->requests_per_day,
               "requests");
}

/* ---- the calendar ---- */

static void month_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d, (void)account, (void)s, (void)m;
    mpq_set_ui(out, 1, 1);
}

static void hour_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d, (void)s;
    mpq_set_ui(out, 24UL * rk_plan_days(account->plan, m), 1);
}

static void month_tell(const rk_driver *d, const telling *t)
{
    (void)d;
    if (t->words) {
        rk_text_add(t->words, "1 month");
    }
}

static void hour_tell(const rk_driver *d, const telling *t)
{
    (void)d;
    if (t->words) {
        rk_text_addf(t->words, "%u h", 24 * rk_plan_days(t->account->plan, t->m));
    }
}

/* ---- requests ---- */

static bool has_always(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d, (void)plan, (void)s;
    return true;
}

static void request_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d;
    mpq_set(out, rk_account_requests(account, s, m));
}

static void request_tell(const rk_driver *d, const telling *t)
{
    (void)d;
    tell_demand(t);
}

static void thousand_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d;
    mpq_set(out, rk_account_requests(account, s, m));
    rk_rational_mul(out, (rk_decimal){.units = 1, .places = 3});
}

static void thousand_tell(const rk_driver *d, const telling *t)
{
    (void)d;
    tell_demand(t);
    if (t->words) {
        rk_text_add(t->words, " / 1000");
    }
}

/* ---- GB answered ---- */

static bool has_bytes(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d;
    return service_of(plan, s)->response_bytes.is_set;
}

static void gb_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d;
    mpq_set(out, rk_account_requests(account, s, m));
    rk_rational_mul(out, service_of(account->plan, s)->response_bytes.value);
    rk_rational_mul(out, (rk_decimal){.units = 1, .places = 9});
}

static rk_origin gb_origin(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d;
    return service_of(plan, s)->bytes_origin;
}

static void gb_tell(const rk_driver *d, const telling *t)
{
    const rk_number *bytes = &service_of(t->account->plan, t->s)->response_bytes;
    (void)d;
    tell_input(t, "response_bytes", bytes, "bytes");
    tell_demand(t);
    add_number(t->words, " x ", bytes, " bytes / 10^9");
}

/* ---- processor time ---- */

static bool has_cpu(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d;
    return service_of(plan, s)->cpu_ms_per_request.is_set;
}

static void cpu_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d;
    mpq_set(out, rk_account_requests(account, s, m));
    rk_rational_mul(out, service_of(account->plan, s)->cpu_ms_per_request.value);
    rk_rational_mul(out, (rk_decimal){.units = 1, .places = 3});
}

static rk_origin cpu_origin(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d;
    return service_of(plan, s)->cpu_origin;
}

static void cpu_tell(const rk_driver *d, const telling *t)
{
    const rk_number *cpu = &service_of(t->account->plan, t->s)->cpu_ms_per_request;
    (void)d;
    tell_input(t, "cpu_ms_per_request", cpu, "ms");
    tell_demand(t);
    add_number(t->words, " x ", cpu, " ms / 1000");
}

/* ---- behaviour events: so many for each request, or so many a day ---- */

static bool has_events(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d;
    return service_of(plan, s)->events_per_request.is_set || service_of(plan, s)->events_per_day.is_set;
}

static bool events_whole(const rk_driver *d, const rk_plan *plan)
{
    (void)d;
    return plan->events_per_day.is_set;
}

static const rk_number *daily_events(const rk_plan *plan, uint32_t s)
{
    return s == RK_ALL_SERVICES ? &plan->events_per_day : &service_of(plan, s)->events_per_day;
}

static void event_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    const rk_number *daily = daily_events(account->plan, s);
    (void)d;
    if (daily->is_set) {
        mpq_set_ui(out, rk_plan_days(account->plan, m), 1);
        rk_rational_mul(out, daily->value);
    } else {
        mpq_set(out, rk_account_requests(account, s, m));
        rk_rational_mul(out, service_of(account->plan, s)->events_per_request.value);
    }
}

static void event_tell(const rk_driver *d, const telling *t)
{
    const rk_number *daily = daily_events(t->account->plan, t->s);
    (void)d;
    if (daily->is_set) {
        tell_input(t, "events_per_day", daily, "events");
        add_number(t->words, "", daily, " events x ");
        if (t->words) {
            rk_text_addf(t->words, "%u days", rk_plan_days(t->account->plan, t->m));
        }
        return;
    }
    const rk_number *each = &service_of(t->account->plan, t->s)->events_per_request;
    tell_input(t, "events_per_request", each, "events");
    tell_demand(t);
    add_number(t->words, " x ", each, " events");
}

/* ---- active users, orders, revenue ---- */

static bool has_measure(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    return rk_plan_has_measure(plan, (rk_measure_kind)d->measure, s);
}

static bool measure_whole(const rk_driver *d, const rk_plan *plan)
{
    return rk_plan_has_measure(plan, (rk_measure_kind)d->measure, RK_ALL_SERVICES);
}

static void measure_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)rk_plan_measure(account->plan, (rk_measure_kind)d->measure, s, m, out);
}

static rk_origin measure_origin(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    const rk_measure *source = rk_plan_measure_source(plan, (rk_measure_kind)d->measure, s);
    return source ? source->origin : RK_ASSUMED;
}

static void measure_tell(const rk_driver *d, const telling *t)
{
    const rk_measure_row *row = &rk_measure_rows[d->measure];
    const rk_measure *source = rk_plan_measure_source(t->account->plan, (rk_measure_kind)d->measure, t->s);
    const rk_number *month = source && source->months && source->months[t->m].is_set ? &source->months[t->m] : NULL;
    mpq_t amount;
    mpq_init(amount);
    measure_amount(d, t->account, t->s, t->m, amount);
    if (t->words) {
        add_micros(t->words, amount);
        rk_text_addf(t->words, " %s", *row->unit ? row->name : t->account->plan->currency);
    }
    if (source) {
        tell_input(t, row->name, month ? month : &source->first, *row->unit ? row->name : t->account->plan->currency);
        tell_input(t, "growth_per_month", &source->growth_per_month, "a month");
    }
    mpq_clear(amount);
}

/* ---- heads: as measured, or the persons of the plan ---- */

static bool has_heads(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    return has_measure(d, plan, s) || rk_plan_has_persons(plan);
}

static bool heads_whole(const rk_driver *d, const rk_plan *plan)
{
    return measure_whole(d, plan) || rk_plan_has_persons(plan);
}

static void heads_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    if (!rk_plan_measure(account->plan, (rk_measure_kind)d->measure, s, m, out)) {
        rk_plan_persons(account->plan, s, m, out);
    }
}

static void heads_tell(const rk_driver *d, const telling *t)
{
    if (has_measure(d, t->account->plan, t->s)) {
        measure_tell(d, t);
        return;
    }
    mpq_t heads;
    mpq_init(heads);
    rk_plan_persons(t->account->plan, t->s, t->m, heads);
    rk_account_persons_inputs(t->account, t->s, t->m, t->inputs);
    add_micros(t->words, heads);
    if (t->words) {
        rk_text_add(t->words, " persons");
    }
    mpq_clear(heads);
}

/* ---- machines that are paid ---- */

static bool has_fleet(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    (void)d;
    return service_of(plan, s)->fleet.machine != NULL;
}

static bool has_no_fleet(const rk_plan *plan, uint32_t s) { return !service_of(plan, s)->fleet.machine; }

static bool has_cores(const rk_driver *d, const rk_plan *plan, uint32_t s)
{
    const rk_fleet *fleet = &service_of(plan, s)->fleet;
    bool has = has_fleet(d, plan, s);
    for (uint32_t k = 0; has && k <= fleet->n_others; k++) {
        has = rk_fleet_kind_at(fleet, k).price->as.machine.vcpu.is_set;
    }
    return has;
}

static const rk_fleet_month *fleet_month(const rk_account *account, uint32_t s, uint32_t m)
{
    return &account->ledger->months[(size_t)s * account->plan->n_months + m];
}

static void machine_hours_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d;
    rk_rational_set_micros(out, fleet_month(account, s, m)->paid_hours_micros);
}

static void instance_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    mpq_t hours;
    mpq_init(hours);
    hour_amount(d, account, s, m, hours);
    machine_hours_amount(d, account, s, m, out);
    mpq_div(out, out, hours);
    mpq_clear(hours);
}

/* Machine-hours of kind k of the service's fleet. */
static int64_t kind_hours(const rk_fleet_month *month, uint32_t k)
{
    return month->by_kind ? month->by_kind[k].paid_micros : month->paid_hours_micros;
}

static void core_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    const rk_fleet *fleet = &service_of(account->plan, s)->fleet;
    mpq_t part;
    mpq_init(part);
    mpq_set_ui(out, 0, 1);
    for (uint32_t k = 0; fleet->machine && k <= fleet->n_others; k++) {
        rk_rational_set_micros(part, kind_hours(fleet_month(account, s, m), k));
        rk_rational_mul(part, rk_fleet_kind_at(fleet, k).price->as.machine.vcpu.value);
        mpq_add(out, out, part);
    }
    hour_amount(d, account, s, m, part);
    mpq_div(out, out, part);
    mpq_clear(part);
}

static void instance_tell(const rk_driver *d, const telling *t)
{
    mpq_t hours;
    if (!t->words) {
        return;
    }
    mpq_init(hours);
    machine_hours_amount(d, t->account, t->s, t->m, hours);
    add_micros(t->words, hours);
    rk_text_addf(t->words, " machine-hours / %u h", 24 * rk_plan_days(t->account->plan, t->m));
    mpq_clear(hours);
}

/* "(720 machine-hours x 4 vcpu + 96 machine-hours x 8 vcpu) / 720 h" */
static void mixed_tell(const rk_fleet *fleet, const telling *t)
{
    mpq_t hours;
    mpq_init(hours);
    for (uint32_t k = 0; k <= fleet->n_others; k++) {
        rk_rational_set_micros(hours, kind_hours(fleet_month(t->account, t->s, t->m), k));
        rk_text_add(t->words, k ? " + " : "(");
        add_micros(t->words, hours);
        add_number(t->words, " machine-hours x ", &rk_fleet_kind_at(fleet, k).price->as.machine.vcpu, " vcpu");
    }
    rk_text_addf(t->words, ") / %u h", 24 * rk_plan_days(t->account->plan, t->m));
    mpq_clear(hours);
}

static void core_tell(const rk_driver *d, const telling *t)
{
    const rk_fleet *fleet = &service_of(t->account->plan, t->s)->fleet;
    if (!fleet->machine || fleet->n_others == 0) {
        instance_tell(d, t);
    } else if (t->words) {
        mixed_tell(fleet, t);
    }
    for (uint32_t k = 0; fleet->machine && k <= fleet->n_others; k++) {
        const rk_price *machine = rk_fleet_kind_at(fleet, k).price;
        if (fleet->n_others == 0) {
            add_number(t->words, " x ", &machine->as.machine.vcpu, " vcpu");
        }
        rk_account_input_book(t->account, t->inputs, rk_account_words(t->account, "%svcpu", t->prefix),
                              &machine->as.machine.vcpu, "vcpu", machine);
    }
}

/* ---- what was booked before ---- */

static void direct_amount(const rk_driver *d, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    (void)d;
    rk_rational_set_micros(out, account->direct[(size_t)s * account->plan->n_months + m]);
}

/* ---- the table ---- */

static const rk_driver drivers[] = {
    {.per = "month", .is_time = true, .has = has_always, .amount = month_amount, .figure = rk_figure_month, .tell = month_tell},
    {.per = "hour", .is_time = true, .has = has_always, .amount = hour_amount, .figure = rk_figure_hour, .tell = hour_tell},
    {.per = "request",
     .share_by = "requests",
     .sum = "requests",
     .behaviour = RK_VARIABLE,
     .has = has_always,
     .amount = request_amount,
     .figure = rk_figure_request,
     .tell = request_tell},
    {.per = "thousand_requests",
     .sum = "requests / 1000",
     .behaviour = RK_VARIABLE,
     .has = has_always,
     .amount = thousand_amount,
     .figure = rk_figure_thousand,
     .tell = thousand_tell},
    {.per = "response_gb",
     .share_by = "gb",
     .lack = "response_bytes",
     .sum = "requests x response_bytes / 10^9",
     .behaviour = RK_VARIABLE,
     .has = has_bytes,
     .amount = gb_amount,
     .figure = rk_figure_gb,
     .origin = gb_origin,
     .tell = gb_tell},
    {.per = "cpu_second",
     .share_by = "cpu_seconds",
     .lack = "cpu_ms_per_request",
     .sum = "requests x cpu_ms_per_request / 1000",
     .behaviour = RK_VARIABLE,
     .has = has_cpu,
     .amount = cpu_amount,
     .figure = rk_figure_cpu,
     .origin = cpu_origin,
     .tell = cpu_tell},
    {.per = "event",
     .share_by = "events",
     .lack = "events_per_request or events_per_day",
     .sum = "events",
     .behaviour = RK_VARIABLE,
     .has = has_events,
     .is_whole = events_whole,
     .amount = event_amount,
     .figure = rk_figure_event,
     .tell = event_tell},
    {.per = "active_user",
     .share_by = "active_users",
     .lack = "active_users",
     .sum = "active_users",
     .measure = RK_ACTIVE_USERS,
     .has = has_measure,
     .is_whole = measure_whole,
     .amount = measure_amount,
     .figure = rk_figure_measure,
     .origin = measure_origin,
     .tell = measure_tell},
    {.per = "order",
     .share_by = "orders",
     .lack = "orders",
     .sum = "orders",
     .measure = RK_ORDERS,
     .has = has_measure,
     .is_whole = measure_whole,
     .amount = measure_amount,
     .figure = rk_figure_measure,
     .origin = measure_origin,
     .tell = measure_tell},
    {.per = "revenue",
     .share_by = "revenue",
     .lack = "revenue",
     .sum = "revenue",
     .measure = RK_REVENUE,
     .has = has_measure,
     .is_whole = measure_whole,
     .amount = measure_amount,
     .figure = rk_figure_measure,
     .origin = measure_origin,
     .tell = measure_tell},
    {.per = "head",
     .share_by = "head",
     .lack = "heads, and the plan has no person",
     .sum = "heads",
     .measure = RK_HEADS,
     .has = has_heads,
     .is_whole = heads_whole,
     .amount = heads_amount,
     .figure = rk_figure_heads,
     .origin = measure_origin,
     .tell = heads_tell},
    {.share_by = "machine_hours",
     .lack = "fleet",
     .sum = "machine-hours",
     .has = has_fleet,
     .has_none = has_no_fleet,
     .amount = machine_hours_amount,
     .figure = rk_figure_machine_hours,
     .tell = instance_tell},
    {.per = "instance",
     .lack = "fleet",
     .sum = "machine-hours / hours of the month",
     .behaviour = RK_STEP,
     .has = has_fleet,
     .has_none = has_no_fleet,
     .amount = instance_amount,
     .figure = rk_figure_instance,
     .tell = instance_tell},
    {.per = "core",
     .lack = "fleet of machines with a vcpu",
     .sum = "machine-hours / hours of the month x vcpu",
     .behaviour = RK_STEP,
     .has = has_cores,
     .has_none = has_no_fleet,
     .amount = core_amount,
     .figure = rk_figure_core,
     .tell = core_tell},
    {.share_by = "direct_cost", .is_direct_cost = true, .has = has_always, .amount = direct_amount, .figure = rk_figure_direct},
};

static const char *name_of(const rk_driver *driver, bool is_share) { return is_share ? driver->share_by : driver->per; }

static rk_status not_found(const char *name, bool is_share, rk_place at, rk_error *err)
{
    const char *names[RK_COUNT_OF(drivers)];
    char all[256] = "";
    size_t n = 0, used = 0;
    for (size_t i = 0; i < RK_COUNT_OF(drivers); i++) {
        const char *known = name_of(&drivers[i], is_share);
        if (known && used < sizeof all) {
            used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", n ? ", " : "", known);
            names[n++] = known;
        }
    }
    const char *near = rk_nearest_name(name, names, n);
    return rk_fail_at(err, at, "'%s' must be one of %s%s, got '%.60s'%s%s%s", is_share ? "share_by" : "per", all,
                      is_share ? ", even, or weights by service" : "", name, near ? "; did you mean '" : "",
                      near ? near : "", near ? "'?" : "");
}

static rk_status find(const char *name, bool is_share, rk_place at, const rk_driver **out, rk_error *err)
{
    for (size_t i = 0; i < RK_COUNT_OF(drivers); i++) {
        const char *known = name_of(&drivers[i], is_share);
        if (known && strcmp(known, name) == 0) {
            *out = &drivers[i];
            return RK_OK;
        }
    }
    return not_found(name, is_share, at, err);
}

rk_status rk_driver_find_per(const char *name, rk_place at, const rk_driver **out, rk_error *err)
{
    return find(name, false, at, out, err);
}

rk_status rk_driver_find_share(const char *name, rk_place at, const rk_driver **out, rk_error *err)
{
    return find(name, true, at, out, err);
}

const char *rk_driver_per(const rk_driver *driver) { return driver->per; }
const char *rk_driver_share(const rk_driver *driver) { return driver->share_by; }
bool rk_driver_is_time(const rk_driver *driver) { return driver->is_time; }
bool rk_driver_is_direct_cost(const rk_driver *driver) { return driver->is_direct_cost; }

/* ---- asking ---- */

static bool is_whole(const rk_driver *driver, const rk_plan *plan)
{
    return driver->is_whole && driver->is_whole(driver, plan);
}

rk_status rk_driver_check(const rk_driver *driver, const rk_plan *plan, const rk_element *element, rk_place at,
                          const char *rule, rk_error *err)
{
    uint32_t missing = RK_ALL_SERVICES, idle = RK_ALL_SERVICES, n_have = 0;
    bool needs_parts = element->target != RK_TARGET_SHARED || driver == element->share_driver;
    for (uint32_t s = 0; s < plan->n_services && (needs_parts || !is_whole(driver, plan)); s++) {
        bool meant = element->target != RK_TARGET_ONE || element->service == s;
        bool has = meant && driver->has(driver, plan, s);
        uint32_t *lacking = driver->has_none && driver->has_none(plan, s) ? &idle : &missing;
        n_have += has;
        *lacking = meant && !has && *lacking == RK_ALL_SERVICES ? s : *lacking;
    }
    missing = missing == RK_ALL_SERVICES && n_have == 0 ? idle : missing;
    if (missing == RK_ALL_SERVICES) {
        return RK_OK;
    }
    return rk_fail_at(err, at, "element '%.60s' %s, and service '%.60s' has no %s", element->name, rule,
                      plan->services[missing].name, driver->lack);
}

void rk_driver_amount(const rk_driver *driver, const rk_account *account, uint32_t s, uint32_t m, mpq_t out)
{
    const rk_plan *plan = account->plan;
    if (s != RK_ALL_SERVICES || driver->is_time || is_whole(driver, plan)) {
        driver->amount(driver, account, s, m, out);
        return;
    }
    mpq_t part;
    mpq_init(part);
    mpq_set_ui(out, 0, 1);
    for (uint32_t i = 0; i < plan->n_services; i++) {
        driver->amount(driver, account, i, m, part);
        mpq_add(out, out, part);
    }
    mpq_clear(part);
}

rk_figure rk_driver_figure(const rk_driver *driver, rk_estimating *e, uint32_t s, uint32_t m)
{
    if (s != RK_ALL_SERVICES || driver->is_time || is_whole(driver, e->plan)) {
        return driver->figure(e, driver->measure, s, m);
    }
    rk_figure sum = rk_tape_constant(e->tape, 0);
    for (uint32_t i = 0; i < e->plan->n_services; i++) {
        sum = rk_tape_add(e->tape, sum, driver->figure(e, driver->measure, i, m));
    }
    return sum;
}

rk_origin rk_driver_origin(const rk_driver *driver, const rk_plan *plan, uint32_t s)
{
    if (!driver->origin || s != RK_ALL_SERVICES || is_whole(driver, plan)) {
        return driver->origin ? driver->origin(driver, plan, s) : RK_ASSUMED;
    }
    rk_origin origin = RK_MEASURED;
    for (uint32_t i = 0; i < plan->n_services; i++) {
        origin = driver->origin(driver, plan, i) == RK_MEASURED ? origin : RK_ASSUMED;
    }
    return origin;
}

/* Events of so many a day do not follow the traffic. */
rk_behaviour rk_driver_behaviour(const rk_driver *driver, const rk_plan *plan, uint32_t s)
{
    bool is_daily = driver->amount == event_amount;
    if (is_daily && s == RK_ALL_SERVICES && !is_whole(driver, plan)) {
        for (uint32_t i = 0; i < plan->n_services; i++) {
            is_daily = is_daily && daily_events(plan, i)->is_set;
        }
    } else if (is_daily) {
        is_daily = daily_events(plan, s)->is_set;
    }
    return is_daily ? RK_FIXED : driver->behaviour;
}

void rk_driver_tell(const rk_driver *driver, rk_account *account, uint32_t s, uint32_t m, rk_text *words,
                    rk_vec *inputs)
{
    telling one = {account, s, m, "", words, inputs};
    if (s != RK_ALL_SERVICES || driver->is_time || is_whole(driver, account->plan)) {
        driver->tell(driver, &one);
        return;
    }
    if (words) {
        rk_text_addf(words, "sum over services of %s", driver->sum);
    }
    for (uint32_t i = 0; i < account->plan->n_services; i++) {
        telling part = {account, i, m, rk_account_words(account, "%s ", account->plan->services[i].name), NULL, inputs};
        driver->tell(driver, &part);
    }
}

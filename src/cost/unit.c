/* unit.c - see unit.h: the table of units, and the two divisions.
 *
 * Costs are gathered once per service and month, so that a question sums a few numbers and not the ledger again.
 */
#include "cost/unit.h"

#include <stdlib.h>
#include <string.h>

#include "cost/account.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

/* ---- gathering ---- */

void rk_account_machine_time(const rk_plan *plan, const rk_service *service, mpq_t out)
{
    bool any = false;
    mpq_t part, each;
    mpq_inits(part, each, NULL);
    mpq_set_ui(out, 0, 1);
    for (uint32_t k = 0; service->fleet.machine && k <= service->fleet.n_others; k++) {
        rk_fleet_kind kind = rk_fleet_kind_at(&service->fleet, k);
        const rk_hour_price *option = kind.on_demand ? kind.on_demand : kind.reserved;
        if (!option) {
            continue;
        }
        rk_plan_exchange(plan, kind.price->currency, each);
        rk_rational_mul(each, option->hour.value);
        mpq_set_ui(part, 3600, 1);
        mpq_mul(part, part, k > 0 ? service->others[k - 1].rps : service->capacity.rps);
        rk_rational_mul(part, service->fleet.utilisation.value);
        mpq_div(each, each, part);
        if (!any || mpq_cmp(each, out) < 0) {
            mpq_set(out, each);
        }
        any = true;
    }
    mpq_clears(part, each, NULL);
}

static void gather_lines(rk_ledger *ledger, int64_t *variable)
{
    for (size_t i = 0; i < ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        size_t at = (size_t)line->service * ledger->plan->n_months + line->month;
        rk_unit_month *month = &ledger->units[at];
        month->full += line->amount.micros;
        variable[at] += line->behaviour == RK_VARIABLE ? line->amount.micros : 0;
        if (line->is_training) {
            month->training += line->amount.micros;
            month->training_step += line->behaviour == RK_FIXED ? 0 : line->amount.micros;
            month->runs += line->runs_micros;
        }
    }
}

rk_status rk_account_units(rk_account *account, rk_error *err)
{
    const rk_plan *plan = account->plan;
    rk_ledger *ledger = account->ledger;
    size_t n = (size_t)plan->n_services * plan->n_months;
    int64_t *variable = calloc(n, sizeof *variable);
    ledger->units = calloc(n, sizeof *ledger->units);
    if (!variable || !ledger->units) {
        free(variable);
        return rk_fail_memory(err, "unit costs");
    }
    gather_lines(ledger, variable);
    mpq_t time, part;
    mpq_inits(time, part, NULL);
    for (uint32_t s = 0; s < plan->n_services; s++) {
        rk_account_machine_time(plan, &plan->services[s], time);
        for (uint32_t m = 0; m < plan->n_months; m++) {
            size_t at = (size_t)s * plan->n_months + m;
            mpq_init(ledger->units[at].marginal);
            mpq_mul(ledger->units[at].marginal, time, rk_account_requests(account, s, m));
            rk_rational_set_micros(part, variable[at]);
            mpq_add(ledger->units[at].marginal, ledger->units[at].marginal, part);
        }
    }
    mpq_clears(time, part, NULL);
    free(variable);
    return RK_OK;
}

void rk_ledger_free_units(rk_ledger *ledger)
{
    size_t n = (size_t)ledger->plan->n_services * ledger->plan->n_months;
    for (size_t i = 0; ledger->units && i < n; i++) {
        mpq_clear(ledger->units[i].marginal);
    }
    free(ledger->units);
}

/* ---- scopes ---- */

static bool is_first_of_line(const rk_plan *plan, uint32_t s)
{
    bool first = true;
    for (uint32_t i = 0; first && i < s; i++) {
        first = strcmp(plan->services[i].product_line, plan->services[s].product_line) != 0;
    }
    return first;
}

static bool is_in(const rk_plan *plan, const rk_scope *scope, uint32_t s)
{
    return scope->kind == RK_SCOPE_SERVICE ? scope->service == s
                                           : !scope->line || strcmp(plan->services[s].product_line, scope->line) == 0;
}

static size_t n_lines(const rk_plan *plan)
{
    size_t n = 0;
    for (uint32_t s = 0; s < plan->n_services; s++) {
        n += is_first_of_line(plan, s);
    }
    return n;
}

size_t rk_ledger_n_scopes(const rk_ledger *ledger) { return 1 + n_lines(ledger->plan) + ledger->plan->n_services; }

rk_scope rk_ledger_scope_of_service(const rk_ledger *ledger, uint32_t s)
{
    const rk_service *service = &ledger->plan->services[s];
    return (rk_scope){RK_SCOPE_SERVICE, service->name, service->product_line, s, 1};
}

rk_scope rk_ledger_scope(const rk_ledger *ledger, size_t i)
{
    const rk_plan *plan = ledger->plan;
    rk_scope scope = {.kind = RK_SCOPE_PLAN, .name = "all together"};
    size_t n = n_lines(plan), seen = 0;
    if (i > n) {
        return rk_ledger_scope_of_service(ledger, (uint32_t)(i - n - 1));
    }
    for (uint32_t s = 0; i > 0 && s < plan->n_services && seen < i; s++) {
        seen += is_first_of_line(plan, s);
        scope.name = scope.line = plan->services[s].product_line;
        scope.kind = RK_SCOPE_PRODUCT_LINE;
    }
    for (uint32_t s = 0; s < plan->n_services; s++) {
        scope.n_services += is_in(plan, &scope, s);
    }
    return scope;
}

/* ---- how many ---- */

typedef struct {
    const rk_ledger *ledger;
    const rk_scope *scope;
    uint32_t m;
} question;

static const rk_fleet_month *fleet_month(const question *q, uint32_t s)
{
    return &q->ledger->months[(size_t)s * q->ledger->plan->n_months + q->m];
}

static const rk_unit_month *unit_month(const question *q, uint32_t s)
{
    return &q->ledger->units[(size_t)s * q->ledger->plan->n_months + q->m];
}

static bool requests(const question *q, uint32_t s, mpq_t out)
{
    rk_rational_set_micros(out, fleet_month(q, s)->requests_micros);
    return true;
}

static bool gigabytes(const question *q, uint32_t s, mpq_t out)
{
    rk_rational_set_micros(out, fleet_month(q, s)->response_gb_micros);
    return q->ledger->plan->services[s].response_bytes.is_set;
}

static bool training_runs(const question *q, uint32_t s, mpq_t out)
{
    rk_rational_set_micros(out, unit_month(q, s)->runs);
    return true;
}

static bool active_users(const question *q, uint32_t s, mpq_t out)
{
    return rk_plan_measure(q->ledger->plan, RK_ACTIVE_USERS, s, q->m, out);
}

static bool orders(const question *q, uint32_t s, mpq_t out)
{
    return rk_plan_measure(q->ledger->plan, RK_ORDERS, s, q->m, out);
}

static bool revenue(const question *q, uint32_t s, mpq_t out)
{
    return rk_plan_measure(q->ledger->plan, RK_REVENUE, s, q->m, out);
}

/* ---- the table ---- */

struct rk_unit {
    const char *count_key, *cost_key, *words;
    unsigned per;
    bool (*count)(const question *q, uint32_t s, mpq_t out); /* of service s; false = the plan does not say */
    int measure;      /* rk_measure_kind: the plan may say it for all together; -1 = it cannot */
    bool adds_up;     /* the services' make that of several */
    bool of_training; /* bears the lines of training only */
    bool is_share;
};

static const rk_unit units[] = {
    {"requests", "per_1000_requests", "1,000 requests", 1000, requests, -1, .adds_up = true},
    {"active_users", "per_active_user", "active user and month", 1, active_users, RK_ACTIVE_USERS},
    {"orders", "per_order", "order", 1, orders, RK_ORDERS, .adds_up = true},
    {"response_gb", "per_gb", "GB answered", 1, gigabytes, -1, .adds_up = true},
    {"training_runs", "per_training_run", "training run", 1, training_runs, -1, .adds_up = true, .of_training = true},
    {"revenue", "share_of_revenue", "share of revenue", 1, revenue, RK_REVENUE, .adds_up = true, .is_share = true},
};

size_t rk_n_units(void) { return RK_COUNT_OF(units); }
const rk_unit *rk_unit_at(size_t i) { return &units[i]; }
const char *rk_unit_count_key(const rk_unit *unit) { return unit->count_key; }
const char *rk_unit_cost_key(const rk_unit *unit) { return unit->cost_key; }
const char *rk_unit_words(const rk_unit *unit) { return unit->words; }
bool rk_unit_is_share(const rk_unit *unit) { return unit->is_share; }

/* Units of a scope in a month. */
static bool count(const rk_unit *unit, const question *q, mpq_t out)
{
    const rk_plan *plan = q->ledger->plan;
    if (q->scope->kind == RK_SCOPE_PLAN && unit->measure >= 0) {
        return rk_plan_measure(plan, (rk_measure_kind)unit->measure, RK_ALL_SERVICES, q->m, out);
    }
    bool ok = unit->adds_up || q->scope->n_services == 1;
    mpq_t part;
    mpq_init(part);
    mpq_set_ui(out, 0, 1);
    for (uint32_t s = 0; ok && s < plan->n_services; s++) {
        if (is_in(plan, q->scope, s)) {
            ok = unit->count(q, s, part);
            mpq_add(out, out, part);
        }
    }
    mpq_clear(part);
    return ok;
}

/* Adds a month's costs of the scope. */
static void add_costs(const rk_unit *unit, const question *q, int64_t *full, mpq_t marginal)
{
    mpq_t part;
    mpq_init(part);
    for (uint32_t s = 0; s < q->ledger->plan->n_services; s++) {
        if (!is_in(q->ledger->plan, q->scope, s)) {
            continue;
        }
        const rk_unit_month *month = unit_month(q, s);
        *full += unit->of_training ? month->training : month->full; /* their total fits */
        if (unit->of_training) {
            rk_rational_set_micros(part, month->training_step);
            mpq_add(marginal, marginal, part);
        } else {
            mpq_add(marginal, marginal, month->marginal);
        }
    }
    mpq_clear(part);
}

/* out = per x money / units; false when it does not fit. */
static bool divide(const mpq_t money, const mpq_t n_units, unsigned per, rk_money *out)
{
    mpq_t value;
    mpq_init(value);
    mpq_set_ui(value, per, 1);
    mpq_mul(value, value, money);
    mpq_div(value, value, n_units);
    bool fits = rk_rational_micros(value, &out->micros);
    mpq_clear(value);
    return fits;
}

rk_unit_cost rk_ledger_unit_cost(const rk_ledger *ledger, const rk_unit *unit, const rk_scope *scope, uint32_t month)
{
    question q = {ledger, scope, month == RK_ALL_MONTHS ? 0 : month};
    uint32_t end = month == RK_ALL_MONTHS ? ledger->plan->n_months : month + 1;
    rk_unit_cost out = {.is_counted = true};
    mpq_t full, marginal, n_units, part;
    mpq_inits(full, marginal, n_units, part, NULL);
    for (; q.m < end; q.m++) {
        add_costs(unit, &q, &out.cost.micros, marginal);
        out.is_counted = out.is_counted && count(unit, &q, part);
        mpq_add(n_units, n_units, part);
    }
    rk_rational_set_micros(full, out.cost.micros);
    out.n_units = rk_rational_real(n_units);
    out.is_known = out.is_counted && mpq_sgn(n_units) > 0 && divide(full, n_units, unit->per, &out.full) &&
                   divide(marginal, n_units, unit->per, &out.marginal);
    mpq_clears(full, marginal, n_units, part, NULL);
    return out;
}

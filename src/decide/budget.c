/* budget.c - see budget.h. */
#include "decide/budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decide/traffic_change.h"
#include "decide/what_if.h"

static const double requests_max = 1e12; /* of a month */

typedef struct {
    const rk_plan_source *source;
    const rk_traffic_options *options;
    const rk_run *run;
    rk_plan *plan;
    rk_budget_forecast *out;
} work;

const char *rk_traffic_end_name(rk_traffic_end end)
{
    static const char *const names[] = {[RK_AT_LOW] = "low", [RK_AT_POINT] = "point", [RK_AT_HIGH] = "high"};
    return names[end];
}

static rk_status no_memory(rk_error *err) { return rk_fail_memory(err, "a budget"); }

/* ---- traffic ---- */

/* The service that a history is of. */
static rk_status find_service(const rk_plan *plan, const rk_budget_source *of, uint32_t *out, rk_error *err)
{
    const char *names[RK_SERVICES_MAX];
    for (uint32_t s = 0; s < plan->n_services; s++) {
        names[s] = plan->services[s].name;
        if (of->service ? strcmp(of->service, names[s]) == 0 : plan->n_services == 1) {
            *out = s;
            return RK_OK;
        }
    }
    if (!of->service) {
        return rk_fail(err, RK_BAD_USAGE,
                       "the plan has %u services, from '%.60s' on: say whose traffic it is with --history SERVICE=FILE",
                       plan->n_services, names[0]);
    }
    const char *near = rk_nearest_name(of->service, names, plan->n_services);
    return rk_fail(err, RK_BAD_USAGE, "--history: the plan has no service '%.60s'%s%s%s", of->service,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Whole requests, so that they can be written in a plan and give the same costs. */
static rk_status set_change(work *w, rk_budget_service *service, rk_traffic_end end, const double *requests,
                            rk_error *err)
{
    int64_t micros[RK_MONTHS_MAX];
    for (uint32_t m = 0; m < w->plan->n_months; m++) {
        if (requests[m] > requests_max) {
            return rk_fail(err, RK_BAD_INPUT, "%s: the forecast for '%.60s' in %s is absurdly large", service->path,
                           service->name, w->out->months[m].name);
        }
        micros[m] = (int64_t)round(requests[m]) * 1000000;
    }
    service->change[end] = rk_traffic_change(w->plan, service->name, micros, &w->out->arena);
    return service->change[end] ? RK_OK : no_memory(err);
}

static rk_status set_weekdays(work *w, rk_budget_service *service, const rk_service *planned, rk_error *err)
{
    rk_text text = {0};
    if (planned->traffic.weekdays[0].is_set || !service->traffic.has_weekdays) {
        return RK_OK;
    }
    rk_text_addf(&text, "services.%s.traffic.weekdays=[", service->name);
    for (unsigned i = 0; i < 7; i++) {
        rk_text_add(&text, i ? ", " : "");
        rk_text_add_fixed(&text, service->traffic.weekdays[i], 3);
    }
    rk_text_add(&text, "]");
    service->weekdays = text.failed ? NULL : rk_arena_copy(&w->out->arena, text.at, text.n);
    rk_text_release(&text);
    return service->weekdays ? RK_OK : no_memory(err);
}

static rk_status foretell(work *w, const rk_budget_source *of, rk_error *err)
{
    uint32_t s = 0;
    rk_history history = {0};
    rk_status status = find_service(w->plan, of, &s, err);
    if (status) {
        return status;
    }
    rk_budget_service *service = &w->out->services[s];
    if (service->path) {
        return rk_fail(err, RK_BAD_USAGE, "'%.60s' has two histories, %s and %s", service->name, service->path,
                       of->path);
    }
    service->path = rk_arena_copy(&w->out->arena, of->path, strlen(of->path));
    status = service->path ? rk_history_read(of->path, &history, err) : no_memory(err);
    status = status ? status
                    : rk_traffic_foretell(w->plan, s, &history, of->path, w->options, w->run, &w->out->arena,
                                          &service->traffic, err);
    rk_history_release(&history);
    status = status ? status : set_change(w, service, RK_AT_LOW, service->traffic.low, err);
    status = status ? status : set_change(w, service, RK_AT_POINT, service->traffic.point, err);
    status = status ? status : set_change(w, service, RK_AT_HIGH, service->traffic.high, err);
    return status ? status : set_weekdays(w, service, &w->plan->services[s], err);
}

/* ---- costs ---- */

static rk_status keep_notes(work *w, const rk_ledger *ledger, rk_error *err)
{
    size_t n = rk_ledger_n_notes(ledger);
    const char **notes = RK_TAKE(&w->out->arena, const char *, n);
    for (size_t i = 0; notes && i < n; i++) {
        const char *note = rk_ledger_note(ledger, i);
        notes[i] = rk_arena_copy(&w->out->arena, note, strlen(note));
        notes = notes[i] ? notes : NULL;
    }
    w->out->notes = notes;
    w->out->n_notes = notes ? n : 0;
    return notes ? RK_OK : no_memory(err);
}

/* Sums of what a ledger has; its totals fit, so the sums do. */
static void take_ledger(work *w, const rk_ledger *ledger, rk_traffic_end end)
{
    rk_budget_forecast *out = w->out;
    for (size_t i = 0; i < rk_ledger_n_entries(ledger, out->basis); i++) {
        const rk_cost_line *line = rk_ledger_entry(ledger, out->basis, i);
        if (line) {
            out->months[line->month].cost[end].micros += line->amount.micros;
            out->total.cost[end].micros += line->amount.micros;
        }
    }
    for (uint32_t s = 0; s < out->n_services; s++) {
        for (uint32_t m = 0; m < out->n_months; m++) {
            const rk_fleet_month *month = &rk_ledger_service(ledger, s)->months[m];
            int64_t *of_month = &out->months[m].requests_micros[end], *sum = &out->total.requests_micros[end];
            bool fits = !__builtin_add_overflow(*of_month, month->requests_micros, of_month) &&
                        !__builtin_add_overflow(*sum, month->requests_micros, sum);
            *sum = fits ? *sum : INT64_MAX;
            if (__builtin_add_overflow(out->shortfall_micros[end], month->shortfall_micros,
                                       &out->shortfall_micros[end])) {
                out->shortfall_micros[end] = INT64_MAX;
            }
        }
    }
}

static rk_status account(work *w, rk_traffic_end end, rk_error *err)
{
    const char **changes = RK_TAKE(&w->out->arena, const char *, 2 * (size_t)w->out->n_services);
    size_t n = 0;
    rk_ledger *ledger = NULL;
    if (!changes) {
        return no_memory(err);
    }
    for (uint32_t s = 0; s < w->out->n_services; s++) {
        const rk_budget_service *service = &w->out->services[s];
        if (service->path) {
            changes[n++] = service->change[end];
        }
        if (service->weekdays) {
            changes[n++] = service->weekdays;
        }
    }
    rk_status status = rk_what_if_ledger(w->source, changes, n, &ledger, err);
    if (!status) {
        take_ledger(w, ledger, end);
        status = end == RK_AT_POINT ? keep_notes(w, ledger, err) : RK_OK;
    }
    rk_ledger_free(ledger);
    return status;
}

/* ---- the whole ---- */

static rk_status begin(work *w, rk_error *err)
{
    rk_budget_forecast *out = w->out;
    const rk_plan *plan = w->plan;
    const struct rk_budget *budget = plan->budget;
    const rk_budget_row *whole = budget && budget->rows.n > 0 ? budget->rows.data : NULL;
    out->level = w->options->level;
    out->n_months = plan->n_months;
    out->n_services = plan->n_services;
    out->basis = budget ? budget->basis : RK_ACCRUAL;
    out->has_budget = whole && !whole->name;
    out->name = rk_arena_copy(&out->arena, plan->name, strlen(plan->name));
    out->currency = rk_arena_copy(&out->arena, plan->currency, strlen(plan->currency));
    out->months = RK_TAKE(&out->arena, rk_budget_month, plan->n_months);
    out->services = RK_TAKE(&out->arena, rk_budget_service, plan->n_services);
    if (!out->name || !out->currency || !out->months || !out->services) {
        return no_memory(err);
    }
    memcpy(out->total.name, "total", sizeof "total");
    for (uint32_t m = 0; m < plan->n_months; m++) {
        rk_plan_month(plan, m, out->months[m].name);
        out->months[m].budget = out->has_budget ? whole->months[m] : (rk_money){0};
    }
    out->total.budget = out->has_budget ? whole->total : (rk_money){0};
    for (uint32_t s = 0; s < plan->n_services; s++) {
        const char *name = plan->services[s].name;
        out->services[s].name = rk_arena_copy(&out->arena, name, strlen(name));
        if (!out->services[s].name) {
            return no_memory(err);
        }
    }
    return RK_OK;
}

rk_status rk_budget_make(const rk_plan_source *source, const rk_budget_source *sources, size_t n,
                         const rk_traffic_options *options, const rk_run *run, rk_budget_forecast *out, rk_error *err)
{
    work w = {.source = source, .options = options, .run = run, .out = out};
    *out = (rk_budget_forecast){.n_months = 0};
    rk_status status = rk_plan_read(source, &w.plan, err);
    status = status ? status : begin(&w, err);
    for (size_t i = 0; i < n && !status; i++) {
        status = foretell(&w, &sources[i], err);
    }
    for (int end = 0; end < RK_N_ENDS && !status; end++) {
        status = account(&w, (rk_traffic_end)end, err);
    }
    rk_plan_free(w.plan);
    if (status) {
        rk_budget_release(out);
    }
    return status;
}

void rk_budget_release(rk_budget_forecast *forecast)
{
    rk_arena_release(&forecast->arena);
    *forecast = (rk_budget_forecast){.n_months = 0};
}

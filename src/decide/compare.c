/* compare.c - see compare.h. */
#include "decide/compare.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/plan.h"
#include "cost/unit.h"
#include "decide/break_even.h"

/* ---- columns ---- */

static const char *keep(rk_arena *arena, const char *words)
{
    return words ? rk_arena_copy(arena, words, strlen(words)) : NULL;
}

/* Money that leaves in each month: lines paid in their month, and payments for more than one. */
static const rk_money *paid_by_month(const rk_ledger *ledger, rk_arena *arena)
{
    rk_money *months = RK_TAKE(arena, rk_money, rk_ledger_n_months(ledger));
    for (size_t i = 0; months && i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        months[line->month].micros += line->is_cash ? line->amount.micros : 0;
    }
    for (size_t i = 0; months && i < rk_ledger_n_payments(ledger); i++) {
        const rk_cost_line *payment = rk_ledger_payment(ledger, i);
        months[payment->month].micros += payment->amount.micros;
    }
    return months;
}

/* What is left on the books when the plan ends. */
static rk_status closing_value(const rk_ledger *ledger, rk_money *out, rk_error *err)
{
    rk_vec rows = {.item_bytes = sizeof(rk_book_row)};
    rk_status status = rk_ledger_books(ledger, &rows, err);
    for (size_t i = 0; i < rows.n && !status; i++) {
        out->micros += ((const rk_book_row *)rows.data)[i].closing.micros;
    }
    rk_vec_release(&rows);
    return status;
}

static rk_status fill_service(const rk_ledger *ledger, const rk_plan *plan, uint32_t s, rk_arena *arena,
                              rk_compared_service *out, rk_error *err)
{
    const rk_cost_service *from = rk_ledger_service(ledger, s);
    const rk_service *planned = &plan->services[s];
    rk_scope scope = rk_ledger_scope_of_service(ledger, s);
    rk_unit_cost unit = rk_ledger_unit_cost(ledger, rk_unit_at(0), &scope, RK_ALL_MONTHS);
    *out = (rk_compared_service){
        .name = keep(arena, from->name),
        .variant = planned->variant ? keep(arena, planned->variant->name) : NULL,
        .machine = keep(arena, from->machine),
        .quality = planned->variant && planned->variant->quality.is_set ? rk_decimal_real(planned->variant->quality.value)
                                                                        : NAN,
        .capacity_rps = from->capacity_rps,
        .memory_bytes = planned->capacity.memory_bytes,
        .full_per_1000 = unit.full,
        .has_per_1000 = unit.is_known,
    };
    for (uint32_t m = 0; m < plan->n_months; m++) {
        int64_t n = from->months[m].n_machines_max;
        out->n_machines_max = n > out->n_machines_max ? n : out->n_machines_max;
    }
    return out->name ? RK_OK : rk_fail_memory(err, "a comparison");
}

static rk_status fill_column(const rk_ledger *ledger, const rk_plan *plan, rk_arena *arena, rk_compared *out,
                             rk_error *err)
{
    rk_compared_service *services = RK_TAKE(arena, rk_compared_service, plan->n_services);
    out->months = paid_by_month(ledger, arena);
    out->services = services;
    out->n_services = plan->n_services;
    if (!services || !out->months) {
        return rk_fail_memory(err, "a comparison");
    }
    out->total = rk_ledger_total(ledger);
    out->paid = rk_ledger_cash(ledger);
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        out->by_category[line->category].micros += line->amount.micros;
    }
    rk_status status = closing_value(ledger, &out->closing, err);
    for (uint32_t s = 0; s < plan->n_services && !status; s++) {
        for (uint32_t m = 0; m < plan->n_months; m++) {
            const rk_fleet_month *month = &rk_ledger_service(ledger, s)->months[m];
            out->requests += (double)month->requests_micros / 1e6;
            out->shortfall_micros += month->shortfall_micros;
        }
        status = fill_service(ledger, plan, s, arena, &services[s], err);
    }
    return status;
}

/* What must be the same, so that columns can be set beside each other. */
static rk_status check_alike(const rk_plan *first, const rk_plan *other, rk_error *err)
{
    if (strcmp(first->currency, other->currency) != 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s is in %s, %s in %s: plans are compared in one currency", first->path,
                       first->currency, other->path, other->currency);
    }
    if (first->start.value != other->start.value || first->n_months != other->n_months) {
        char a[8], b[8];
        rk_plan_month(first, 0, a);
        rk_plan_month(other, 0, b);
        return rk_fail(err, RK_BAD_INPUT, "%s is of %u months from %s, %s of %u from %s: plans are compared month by "
                                          "month",
                       first->path, first->n_months, a, other->path, other->n_months, b);
    }
    return RK_OK;
}

static rk_status read_column(rk_compared *column, const rk_plan *first, const rk_run *run, rk_arena *arena,
                             rk_error *err)
{
    rk_plan *plan = NULL;
    rk_ledger *ledger = NULL;
    rk_status status = rk_plan_read(&column->source, &plan, err);
    status = status || !first ? status : check_alike(first, plan, err);
    status = status ? status : rk_cost_run(&column->source, run, &ledger, err);
    if (!status && !column->name) {
        column->name = keep(arena, plan->name);
    }
    status = status ? status : fill_column(ledger, plan, arena, column, err);
    rk_ledger_free(ledger);
    rk_plan_free(plan);
    return status;
}

/* ---- which columns ---- */

/* A column more: the source with one change behind its own. */
static rk_status add_changed(const rk_plan_source *source, const char *name, const char *change, rk_comparison *out,
                             rk_error *err)
{
    const char **changes = RK_TAKE(&out->arena, const char *, source->n_changes + 1);
    if (!changes || !name || !change) {
        return rk_fail_memory(err, "a comparison");
    }
    if (out->n == RK_COMPARE_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "the plan names more than %d variants: choose some and compare plans",
                       RK_COMPARE_MAX - 1);
    }
    for (size_t i = 0; i < source->n_changes; i++) {
        changes[i] = source->changes[i];
    }
    changes[source->n_changes] = change;
    rk_compared *column = &out->columns[out->n++];
    column->name = name;
    column->source = *source;
    column->source.changes = changes;
    column->source.n_changes = source->n_changes + 1;
    return RK_OK;
}

static const char *variant_words(rk_arena *arena, const char *before, const char *service, const char *between,
                                 const char *variant)
{
    rk_text text = {0};
    rk_text_addf(&text, "%s%s%s%s", before, service, between, variant);
    const char *kept = text.failed ? NULL : rk_arena_copy(arena, text.at, text.n);
    rk_text_release(&text);
    return kept;
}

static rk_status add_variants(const rk_plan_source *source, const rk_plan *plan, rk_comparison *out, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint32_t s = 0; s < plan->n_services; s++) {
        const rk_service *service = &plan->services[s];
        for (uint32_t v = 0; v < service->n_variants && !status; v++) {
            const char *variant = service->variants[v].name;
            if (&service->variants[v] != service->variant) {
                status = add_changed(source, variant_words(&out->arena, "", service->name, ": ", variant),
                                     variant_words(&out->arena, "services.", service->name, ".variant=", variant), out,
                                     err);
            }
        }
    }
    if (!status && out->n < 2) {
        status = rk_fail(err, RK_BAD_USAGE, "one plan without variants has nothing to be compared with: name two plans, "
                                            "or 'variants' in a service");
    }
    return status;
}

static rk_status list_columns(const rk_plan_source *sources, size_t n, const rk_plan *first, rk_comparison *out,
                              rk_error *err)
{
    if (n > RK_COMPARE_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "at most %d plans are compared at a time, got %zu", RK_COMPARE_MAX, n);
    }
    for (size_t i = 0; i < n; i++) {
        out->columns[out->n++].source = sources[i];
    }
    return n == 1 ? add_variants(&sources[0], first, out, err) : RK_OK;
}

/* ---- against the first ---- */

static void value_savings(const rk_comparison *out, rk_compared *column)
{
    const rk_compared *first = &out->columns[0];
    double sum = 0;
    column->saving_micros = first->total.micros - column->total.micros;
    column->payback_month = -1;
    for (uint32_t m = 0; m < out->n_months; m++) {
        double saved = (double)(first->months[m].micros - column->months[m].micros) / 1e6;
        column->npv += saved / pow(1 + out->discount_yearly, m / 12.0);
        sum += saved;
        column->payback_month = sum <= 0 ? -1 : column->payback_month < 0 ? (int)m : column->payback_month;
    }
}

rk_status rk_compare(const rk_plan_source *sources, size_t n, const rk_compare_options *options, const rk_run *run,
                     rk_comparison *out, rk_error *err)
{
    rk_plan *first = NULL;
    *out = (rk_comparison){.discount_yearly = options->discount_yearly};
    out->columns = RK_TAKE(&out->arena, rk_compared, RK_COMPARE_MAX);
    rk_status status = out->columns ? rk_plan_read(&sources[0], &first, err) : rk_fail_memory(err, "a comparison");
    if (!status) {
        out->n_months = first->n_months;
        out->currency = keep(&out->arena, first->currency);
        status = list_columns(sources, n, first, out, err);
    }
    for (size_t i = 0; i < out->n && !status; i++) {
        status = read_column(&out->columns[i], i ? first : NULL, run, &out->arena, err);
        rk_progress(run, "comparing", "plans", i + 1, out->n);
    }
    for (size_t i = 1; i < out->n && !status; i++) {
        value_savings(out, &out->columns[i]);
        status = rk_break_even_find(&out->columns[0].source, &out->columns[i].source, run, &out->columns[i].below,
                                    &out->columns[i].above, err);
    }
    rk_plan_free(first);
    if (status) {
        rk_comparison_release(out);
    }
    return status;
}

void rk_comparison_release(rk_comparison *comparison) { rk_arena_release(&comparison->arena); }

/* ---- for machines ---- */

static void add_real(rk_json *json, const char *key, double value)
{
    if (isfinite(value) && value != 0) {
        rk_json_real(json, key, value);
    }
}

static void add_service(const rk_compared_service *service, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "service", service->name);
    rk_json_cstring(json, "variant", service->variant);
    rk_json_cstring(json, "machine", service->machine);
    add_real(json, "quality", service->quality);
    add_real(json, "capacity_rps", service->capacity_rps);
    add_real(json, "memory_bytes", service->memory_bytes);
    rk_json_i64(json, "machines_max", service->n_machines_max);
    if (service->has_per_1000) {
        rk_json_i64(json, "full_per_1000_requests", service->full_per_1000.micros);
    }
    rk_json_end_object(json);
}

static void add_break_even(const rk_break_even *at, const char *key, rk_json *json)
{
    if (at->factor > 0) {
        rk_json_object(json, key);
        rk_json_real(json, "traffic_factor", at->factor);
        rk_json_real(json, "requests_per_day", at->requests_per_day);
        rk_json_bool(json, "first_is_cheaper_below", at->first_is_cheaper_below);
        rk_json_end_object(json);
    }
}

static void add_column(const rk_comparison *c, size_t i, rk_json *json)
{
    const rk_compared *column = &c->columns[i];
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", column->name);
    rk_json_cstring(json, "file", column->source.path);
    rk_json_i64(json, "total", column->total.micros);
    rk_json_object(json, "by_category");
    for (int k = 0; k < RK_N_CATEGORIES; k++) {
        rk_json_i64(json, rk_category_name((rk_category)k), column->by_category[k].micros);
    }
    rk_json_end_object(json);
    rk_json_i64(json, "paid", column->paid.micros);
    rk_json_i64(json, "on_books_at_end", column->closing.micros);
    rk_json_real(json, "requests", column->requests);
    rk_json_real(json, "shortfall_requests", (double)column->shortfall_micros / 1e6);
    rk_json_array(json, "services");
    for (uint32_t s = 0; s < column->n_services; s++) {
        add_service(&column->services[s], json);
    }
    rk_json_end_array(json);
    if (i > 0) {
        rk_json_i64(json, "saving", column->saving_micros);
        rk_json_real(json, "npv", round(column->npv * 1e2) / 1e2);
        if (column->payback_month >= 0) {
            rk_json_i64(json, "payback_month", column->payback_month);
        } else {
            rk_json_null(json, "payback_month");
        }
        add_break_even(&column->below, "break_even_below", json);
        add_break_even(&column->above, "break_even_above", json);
    }
    rk_json_end_object(json);
}

void rk_comparison_json(const rk_comparison *comparison, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "currency", comparison->currency);
    rk_json_u64(&json, "months", comparison->n_months);
    rk_json_real(&json, "discount_yearly", comparison->discount_yearly);
    rk_json_array(&json, "columns");
    for (size_t i = 0; i < comparison->n; i++) {
        add_column(comparison, i, &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

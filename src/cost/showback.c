/* showback.c - see showback.h. Idle is never more than the fleet costs, so nothing here is negative. */
#include "cost/showback.h"

#include <string.h>

#include "cost/ledger_parts.h"
#include "math/rational.h"

/* Direct and shared lines; of the direct ones those of fleets wait in `idle`. */
static void add_lines(const rk_ledger *ledger, rk_showback *rows)
{
    for (size_t i = 0; i < ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        rk_showback *row = &rows[(size_t)line->service * ledger->plan->n_months + line->month];
        rk_money *part = line->is_shared ? &row->shared : line->is_fleet ? &row->idle : &row->used;
        part->micros += line->amount.micros;
        row->total.micros += line->amount.micros;
    }
}

/* cost x idle / paid, to the nearest millionth: no more than cost, which fits. Of a part of a fleet both are rounded, and
 * idle may be a millionth more than paid. */
static int64_t idle_part(int64_t cost, const rk_fleet_month *month)
{
    int64_t part = 0;
    mpq_t value, money;
    if (month->idle_hours_micros >= month->paid_hours_micros) {
        return cost;
    }
    mpq_inits(value, money, NULL);
    mpq_set_si(value, month->idle_hours_micros, (unsigned long)month->paid_hours_micros);
    mpq_canonicalize(value);
    rk_rational_set_micros(money, cost);
    mpq_mul(value, value, money);
    (void)rk_rational_micros(value, &part);
    mpq_clears(value, money, NULL);
    return part;
}

rk_status rk_ledger_showback(const rk_ledger *ledger, rk_vec *out, rk_error *err)
{
    rk_vec rows = {.item_bytes = sizeof(rk_showback)};
    size_t n = (size_t)ledger->plan->n_services * ledger->plan->n_months;
    for (size_t i = 0; i < n; i++) {
        if (!rk_vec_push(&rows, &(rk_showback){.used = {0}})) {
            rk_vec_release(&rows);
            return rk_fail_memory(err, "a showback");
        }
    }
    rk_showback *row = rows.data;
    add_lines(ledger, row);
    for (size_t i = 0; i < n; i++) {
        int64_t fleet = row[i].idle.micros, idle = idle_part(fleet, &ledger->months[i]);
        row[i].idle.micros = idle;
        row[i].used.micros += fleet - idle;
    }
    *out = rows;
    return RK_OK;
}

static bool is_in(const rk_ledger *ledger, const rk_scope *scope, uint32_t s)
{
    switch (scope->kind) {
    case RK_SCOPE_SERVICE:
        return scope->service == s;
    case RK_SCOPE_PRODUCT_LINE:
        return strcmp(ledger->services[s].product_line, scope->line) == 0;
    case RK_SCOPE_PLAN:
        break;
    }
    return true;
}

rk_showback rk_showback_sum(const rk_ledger *ledger, const rk_vec *showback, const rk_scope *scope, uint32_t month)
{
    uint32_t n_months = ledger->plan->n_months;
    uint32_t first = month == RK_ALL_MONTHS ? 0 : month, end = month == RK_ALL_MONTHS ? n_months : month + 1;
    rk_showback sum = {.used = {0}};
    for (uint32_t s = 0; s < ledger->plan->n_services; s++) {
        const rk_showback *rows = (const rk_showback *)showback->data + (size_t)s * n_months;
        for (uint32_t m = is_in(ledger, scope, s) ? first : end; m < end; m++) {
            sum.used.micros += rows[m].used.micros;
            sum.idle.micros += rows[m].idle.micros;
            sum.shared.micros += rows[m].shared.micros;
            sum.total.micros += rows[m].total.micros;
        }
    }
    return sum;
}

static void scope_json(const rk_ledger *ledger, const rk_vec *showback, const rk_scope *scope, rk_json *json)
{
    static const char *const kinds[] = {"plan", "product_line", "service"};
    rk_showback sum = rk_showback_sum(ledger, showback, scope, RK_ALL_MONTHS);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "scope", kinds[scope->kind]);
    if (scope->kind != RK_SCOPE_PLAN) {
        rk_json_cstring(json, "name", scope->name);
    }
    rk_json_i64(json, "used", sum.used.micros);
    rk_json_i64(json, "idle", sum.idle.micros);
    rk_json_i64(json, "shared", sum.shared.micros);
    rk_json_i64(json, "total", sum.total.micros);
    rk_json_object(json, "idle_by_month");
    for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
        rk_json_i64(json, ledger->month[m], rk_showback_sum(ledger, showback, scope, m).idle.micros);
    }
    rk_json_end_object(json);
    rk_json_end_object(json);
}

void rk_showback_json(const rk_ledger *ledger, rk_json *json)
{
    rk_vec rows;
    if (rk_ledger_showback(ledger, &rows, NULL)) {
        json->text->failed = true;
        return;
    }
    rk_json_array(json, "showback");
    for (size_t i = 0; i < rk_ledger_n_scopes(ledger); i++) {
        rk_scope scope = rk_ledger_scope(ledger, i);
        scope_json(ledger, &rows, &scope, json);
    }
    rk_json_end_array(json);
    rk_vec_release(&rows);
}

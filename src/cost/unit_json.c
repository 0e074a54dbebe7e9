/* unit_json.c - unit costs for machines: an object for every service, product line and everything, by month and whole.
 */
#include "cost/ledger_parts.h"
#include "cost/unit.h"
#include "math/rational.h"

/* "full_per_order": millionths of the currency; a share as a number; null where it has no meaning. */
static void add_cost(rk_json *json, const char *what, const rk_unit *unit, bool is_known, rk_money cost)
{
    rk_text key = {0}, share = {0};
    rk_text_addf(&key, "%s_%s", what, rk_unit_cost_key(unit));
    rk_rational_print_micros(cost.micros, &share);
    const char *name = key.at ? key.at : what;
    if (!is_known) {
        rk_json_null(json, name);
    } else if (rk_unit_is_share(unit)) {
        rk_json_raw(json, name, share.at ? share.at : "0.0");
    } else {
        rk_json_i64(json, name, cost.micros);
    }
    json->text->failed = json->text->failed || key.failed || share.failed;
    rk_text_release(&key);
    rk_text_release(&share);
}

static void text_or_null(rk_json *json, const char *key, const char *value)
{
    if (value) {
        rk_json_cstring(json, key, value);
    } else {
        rk_json_null(json, key);
    }
}

static void add_object(const rk_ledger *ledger, const rk_scope *scope, uint32_t month, rk_json *json)
{
    static const char *const kinds[] = {"plan", "product_line", "service"};
    rk_json_object(json, NULL);
    rk_json_cstring(json, "scope", kinds[scope->kind]);
    text_or_null(json, "service", scope->kind == RK_SCOPE_SERVICE ? scope->name : NULL);
    text_or_null(json, "product_line", scope->line);
    rk_json_cstring(json, "period", month == RK_ALL_MONTHS ? "all" : ledger->month[month]);
    for (size_t i = 0; i < rk_n_units(); i++) {
        rk_unit_cost cost = rk_ledger_unit_cost(ledger, rk_unit_at(i), scope, month);
        if (i == 0) {
            rk_json_i64(json, "full_cost", cost.cost.micros);
        }
        if (cost.is_counted) {
            rk_json_real(json, rk_unit_count_key(rk_unit_at(i)), cost.n_units);
        } else {
            rk_json_null(json, rk_unit_count_key(rk_unit_at(i)));
        }
        add_cost(json, "full", rk_unit_at(i), cost.is_known, cost.full);
        add_cost(json, "marginal", rk_unit_at(i), cost.is_known, cost.marginal);
    }
    rk_json_end_object(json);
}

void rk_ledger_unit_json(const rk_ledger *ledger, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", ledger->plan->name);
    rk_json_cstring(&json, "currency", ledger->plan->currency);
    rk_json_array(&json, "units");
    for (size_t i = 0; i < rk_ledger_n_scopes(ledger); i++) {
        rk_scope scope = rk_ledger_scope(ledger, i);
        for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
            add_object(ledger, &scope, m, &json);
        }
        add_object(ledger, &scope, RK_ALL_MONTHS, &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* unit_json.c - unit costs for machines: an object for every service and month, then for all months of the service. */
#include "cost/ledger_parts.h"

static void micros_or_null(rk_json *json, const char *key, bool known, rk_money amount)
{
    if (known) {
        rk_json_i64(json, key, amount.micros);
    } else {
        rk_json_null(json, key);
    }
}

static rk_status add_object(const rk_ledger *ledger, uint32_t s, uint32_t month, rk_json *json)
{
    rk_unit_cost unit;
    rk_status status = rk_ledger_unit_cost(ledger, s, month, &unit, NULL);
    if (status) {
        return status;
    }
    rk_json_object(json, NULL);
    rk_json_cstring(json, "service", ledger->services[s].name);
    rk_json_cstring(json, "product_line", ledger->services[s].product_line);
    rk_json_cstring(json, "period", month == RK_ALL_MONTHS ? "all" : ledger->month[month]);
    rk_json_real(json, "requests", unit.requests);
    rk_json_real(json, "response_gb", unit.response_gb);
    rk_json_i64(json, "full_cost", unit.full_cost.micros);
    micros_or_null(json, "full_per_1000_requests", unit.has_requests, unit.full_per_1000);
    micros_or_null(json, "marginal_per_1000_requests", unit.has_requests, unit.marginal_per_1000);
    micros_or_null(json, "full_per_gb", unit.has_gb, unit.full_per_gb);
    rk_json_end_object(json);
    return RK_OK;
}

void rk_ledger_unit_json(const rk_ledger *ledger, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", ledger->plan->name);
    rk_json_cstring(&json, "currency", ledger->plan->currency);
    rk_json_array(&json, "units");
    rk_status status = RK_OK;
    for (uint32_t s = 0; s < ledger->plan->n_services && !status; s++) {
        for (uint32_t m = 0; m < ledger->plan->n_months && !status; m++) {
            status = add_object(ledger, s, m, &json);
        }
        status = status ? status : add_object(ledger, s, RK_ALL_MONTHS, &json);
    }
    out->failed = out->failed || status;
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

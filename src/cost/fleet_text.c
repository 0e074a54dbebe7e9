/* fleet_text.c - the fleets of a ledger as JSON: reckon cost capacity --json. */
#include "cost/ledger.h"
#include "math/rational.h"

static void add_capacities(const rk_cost_fleet *fleet, rk_json *json)
{
    rk_json_array(json, "capacity");
    for (uint32_t c = 0; c < fleet->n_services * fleet->n_kinds; c++) {
        const rk_fleet_capacity *capacity = &fleet->capacity[c];
        rk_json_object(json, NULL);
        rk_json_cstring(json, "service", capacity->service);
        rk_json_cstring(json, "machine", capacity->machine);
        rk_json_real(json, "rps", capacity->rps);
        rk_json_real(json, "peak_rps", fleet->peak_rps[c / fleet->n_kinds]);
        rk_json_cstring(json, "origin", rk_origin_name(capacity->origin));
        rk_json_cstring(json, "found", capacity->words);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void add_kinds(const rk_ledger *ledger, const rk_cost_fleet *fleet, uint32_t m, rk_json *json)
{
    const rk_fleet_month *month = &fleet->months[m];
    rk_json_array(json, "kinds");
    for (uint32_t k = 0; k < fleet->n_kinds; k++) {
        rk_kind_hours hours =
            month->by_kind ? month->by_kind[k] : (rk_kind_hours){month->paid_hours_micros, month->idle_hours_micros};
        int64_t reserved = fleet->n_reserved[k] * rk_ledger_month_hours(ledger, m);
        rk_json_object(json, NULL);
        rk_json_cstring(json, "machine", fleet->machine[k]);
        rk_json_i64(json, "reserved_hours", reserved);
        rk_json_i64(json, "on_demand_hours", hours.paid_micros / 1000000 - reserved);
        rk_rational_json_micros(json, "idle_hours", hours.idle_micros);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void add_months(const rk_ledger *ledger, const rk_cost_fleet *fleet, rk_json *json)
{
    rk_json_array(json, "months");
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
        const rk_fleet_month *month = &fleet->months[m];
        double paid = (double)month->paid_hours_micros, idle = (double)month->idle_hours_micros;
        rk_json_object(json, NULL);
        rk_json_cstring(json, "month", rk_ledger_month(ledger, m));
        rk_json_i64(json, "machines_max", month->n_machines_max);
        rk_json_real(json, "machines_mean", paid / 1e6 / (double)rk_ledger_month_hours(ledger, m));
        rk_rational_json_micros(json, "paid_hours", month->paid_hours_micros);
        rk_rational_json_micros(json, "idle_hours", month->idle_hours_micros);
        rk_json_real(json, "idle_share", paid > 0 ? idle / paid : 0);
        rk_rational_json_micros(json, "shortfall_requests", month->shortfall_micros);
        add_kinds(ledger, fleet, m, json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void add_fleet(const rk_ledger *ledger, const rk_cost_fleet *fleet, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "fleet", fleet->name);
    rk_json_bool(json, "shared", fleet->is_shared);
    rk_json_real(json, "utilisation", fleet->utilisation);
    add_capacities(fleet, json);
    rk_json_object(json, "reserved");
    for (uint32_t k = 0; k < fleet->n_kinds; k++) {
        rk_json_i64(json, fleet->machine[k], fleet->n_reserved[k]);
    }
    rk_json_end_object(json);
    rk_json_i64(json, "cost", fleet->cost.micros);
    if (fleet->has_all_on_demand) {
        rk_json_i64(json, "all_on_demand", fleet->all_on_demand.micros);
    }
    if (fleet->n_kinds > 1) {
        double cost = (double)fleet->cost.micros / 1e6;
        rk_json_real(json, "bound", fleet->bound);
        rk_json_real(json, "gap", cost > 0 ? (cost - fleet->bound) / cost : 0);
        rk_json_bool(json, "proven", fleet->is_proven);
    }
    add_months(ledger, fleet, json);
    rk_json_end_object(json);
}

void rk_ledger_capacity_json(const rk_ledger *ledger, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", rk_ledger_name(ledger));
    rk_json_cstring(&json, "currency", rk_ledger_currency(ledger));
    rk_json_array(&json, "fleets");
    for (size_t i = 0; i < rk_ledger_n_fleets(ledger); i++) {
        add_fleet(ledger, rk_ledger_fleet(ledger, i), &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* footprint_text.c - a footprint for machines: one line of JSON. Numbers are exact decimals of at most six places. */
#include <string.h>

#include "cost/footprint_parts.h"
#include "math/rational.h"

static void sum_fields(rk_json *json, const rk_footprint_sum *sum)
{
    rk_rational_json_micros(json, "requests", sum->requests_micros);
    rk_rational_json_micros(json, "kwh", sum->kwh_micros);
    rk_rational_json_micros(json, "operational_kg", sum->operational_mg);
    rk_rational_json_micros(json, "embodied_kg", sum->embodied_mg);
    if (sum->has_sci) {
        rk_rational_json_micros(json, "sci_g_per_1000_requests", sum->sci_micros);
    } else {
        rk_json_null(json, "sci_g_per_1000_requests");
    }
}

static void by_service(const rk_footprint *footprint, rk_json *json)
{
    const rk_ledger *ledger = footprint->ledger;
    rk_json_array(json, "services");
    for (uint32_t s = 0; s < ledger->plan->n_services; s++) {
        for (uint32_t m = 0; m <= ledger->plan->n_months; m++) {
            bool is_last = m == ledger->plan->n_months;
            rk_footprint_sum sum =
                rk_footprint_sum_of(footprint, (rk_footprint_pick){s, is_last ? RK_ALL_MONTHS : m, NULL});
            rk_json_object(json, NULL);
            rk_json_cstring(json, "service", ledger->services[s].name);
            rk_json_cstring(json, "period", is_last ? "all" : ledger->month[m]);
            sum_fields(json, &sum);
            rk_json_end_object(json);
        }
    }
    rk_json_end_array(json);
}

/* A line is first when no service before has it. */
static bool is_first(const rk_ledger *ledger, uint32_t s)
{
    for (uint32_t i = 0; i < s; i++) {
        if (strcmp(ledger->services[i].product_line, ledger->services[s].product_line) == 0) {
            return false;
        }
    }
    return true;
}

static void by_product_line(const rk_footprint *footprint, rk_json *json)
{
    const rk_ledger *ledger = footprint->ledger;
    rk_json_object(json, "product_lines");
    for (uint32_t s = 0; s < ledger->plan->n_services; s++) {
        if (is_first(ledger, s)) {
            const char *line = ledger->services[s].product_line;
            rk_footprint_sum sum =
                rk_footprint_sum_of(footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, line});
            rk_json_object(json, line);
            sum_fields(json, &sum);
            rk_json_end_object(json);
        }
    }
    rk_json_end_object(json);
}

static void inputs(const rk_footprint_line *line, rk_json *json)
{
    rk_json_array(json, "inputs");
    for (uint32_t i = 0; i < line->n_inputs; i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "name", line->inputs[i].name);
        rk_json_cstring(json, "value", line->inputs[i].value);
        rk_json_cstring(json, "unit", line->inputs[i].unit);
        rk_json_cstring(json, "from", line->inputs[i].from);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void lines(const rk_footprint *footprint, rk_json *json)
{
    const rk_ledger *ledger = footprint->ledger;
    rk_json_array(json, "lines");
    for (size_t i = 0; i < footprint->lines.n; i++) {
        const rk_footprint_line *line = rk_footprint_line_at(footprint, i);
        rk_json_object(json, NULL);
        rk_json_cstring(json, "period", ledger->month[line->month]);
        rk_json_cstring(json, "service", ledger->services[line->service].name);
        rk_json_cstring(json, "part", rk_footprint_part_name(line->part));
        rk_json_cstring(json, "name", line->name);
        rk_rational_json_micros(json, "kwh", line->kwh_micros);
        rk_rational_json_micros(json, "operational_kg", line->operational_mg);
        rk_rational_json_micros(json, "embodied_kg", line->embodied_mg);
        rk_json_cstring(json, "energy", line->energy);
        rk_json_cstring(json, "operational", line->operational);
        rk_json_cstring(json, "embodied", line->embodied);
        inputs(line, json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

void rk_footprint_json(const rk_footprint *footprint, rk_text *out)
{
    rk_json json = {.text = out};
    rk_footprint_sum total = rk_footprint_sum_of(footprint, (rk_footprint_pick){RK_ALL_SERVICES, RK_ALL_MONTHS, NULL});
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", footprint->ledger->plan->name);
    rk_json_cstring(&json, "basis", "location-based");
    sum_fields(&json, &total);
    by_product_line(footprint, &json);
    by_service(footprint, &json);
    lines(footprint, &json);
    rk_json_array(&json, "omitted");
    for (size_t i = 0; i < footprint->omitted.n; i++) {
        rk_json_cstring(&json, NULL, rk_footprint_omitted(footprint, i));
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

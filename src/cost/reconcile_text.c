/* reconcile_text.c - a bill against its plan for machines. Money is whole millionths in JSON, decimals in CSV. */
#include <string.h>

#include "cost/ledger_parts.h"
#include "cost/reconcile.h"
#include "math/rational.h"

static void row_json(const rk_ledger *ledger, const rk_reconciled *row, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "period", ledger->month[row->month]);
    rk_json_cstring(json, "element", row->element);
    rk_json_cstring(json, "service", row->service);
    rk_json_u64(json, "bill_lines", row->n_bill_lines);
    rk_json_cstring(json, "unit", row->unit);
    rk_rational_json_micros(json, "planned_quantity", row->planned_quantity);
    rk_rational_json_micros(json, "actual_quantity", row->actual_quantity);
    rk_json_cstring(json, "planned_unit_price", row->planned_price);
    rk_json_cstring(json, "actual_unit_price", row->actual_price);
    rk_json_i64(json, "planned", row->planned.micros);
    rk_json_i64(json, "actual", row->actual.micros);
    rk_json_cstring(json, "actual_exact", row->actual_exact);
    rk_json_i64(json, "price_variance", row->price_variance.micros);
    rk_json_i64(json, "usage_variance", row->usage_variance.micros);
    rk_json_i64(json, "variance", row->variance.micros);
    rk_json_end_object(json);
}

static void unbooked_json(const rk_unbooked *line, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_u64(json, "row", line->row);
    rk_json_u64(json, "line", line->line);
    rk_json_cstring(json, "period", line->period);
    rk_json_cstring(json, "service_name", line->service_name);
    rk_json_cstring(json, "resource", line->resource);
    rk_json_cstring(json, "sku", line->sku);
    rk_json_cstring(json, "charge_category", line->charge_category);
    rk_json_cstring(json, "description", line->description);
    rk_json_cstring(json, "cost", *line->cost ? line->cost : NULL);
    rk_json_cstring(json, "reason", line->reason);
    rk_json_end_object(json);
}

static const char *reason_of(const rk_unbilled *unbilled)
{
    return unbilled->has_rule ? "no line of the bill" : "no rule for it";
}

static void unbilled_json(const rk_ledger *ledger, const rk_unbilled *unbilled, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "id", unbilled->line->id);
    rk_json_cstring(json, "period", ledger->month[unbilled->line->month]);
    rk_json_cstring(json, "element", unbilled->line->element);
    rk_json_cstring(json, "service", unbilled->line->service_name);
    rk_json_i64(json, "amount", unbilled->line->amount.micros);
    rk_json_cstring(json, "reason", reason_of(unbilled));
    rk_json_end_object(json);
}

static void anomaly_json(const rk_anomaly *anomaly, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "what", anomaly->what);
    rk_json_cstring(json, "day", anomaly->day);
    rk_json_real(json, "cost", anomaly->cost);
    rk_json_real(json, "median", anomaly->median);
    rk_json_real(json, "score", anomaly->score);
    rk_json_end_object(json);
}

static void totals_json(const rk_reconciliation *r, rk_json *json)
{
    rk_json_i64(json, "bill_total", r->bill_total.micros);
    rk_json_cstring(json, "bill_total_exact", r->bill_exact);
    rk_json_i64(json, "plan_total", r->plan_total.micros);
    rk_json_i64(json, "planned", r->planned.micros);
    rk_json_i64(json, "actual", r->actual.micros);
    rk_json_i64(json, "price_variance", r->price.micros);
    rk_json_i64(json, "usage_variance", r->usage.micros);
    rk_json_i64(json, "variance", r->variance.micros);
    rk_json_i64(json, "unmatched_bill_total", r->unbooked_total.micros);
    rk_json_i64(json, "unmatched_plan_total", r->unbilled_total.micros);
    rk_json_i64(json, "rounding", r->rounding.micros);
}

static void heads_json(const rk_ledger *ledger, const rk_reconciliation *r, rk_json *json)
{
    rk_json_cstring(json, "plan", ledger->plan->name);
    rk_json_cstring(json, "bill", r->bill);
    rk_json_cstring(json, "currency", ledger->plan->currency);
    rk_json_cstring(json, "cost", r->cost_column);
    rk_json_u64(json, "rows", r->n_rows);
    rk_json_array(json, "months");
    for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
        if (r->compared[m]) {
            rk_json_cstring(json, NULL, ledger->month[m]);
        }
    }
    rk_json_end_array(json);
    totals_json(r, json);
    rk_json_array(json, "rules");
    for (size_t i = 0; i < r->n_rules; i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "element", rk_reconcile_rule(ledger, i));
        rk_json_u64(json, "bill_lines", r->n_by_rule[i]);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

void rk_reconciliation_json(const rk_ledger *ledger, const rk_reconciliation *r, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    heads_json(ledger, r, &json);
    rk_json_array(&json, "matched");
    for (size_t i = 0; i < r->n_matched; i++) {
        row_json(ledger, &r->rows[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "unmatched_bill");
    for (size_t i = 0; i < r->n_unbooked; i++) {
        unbooked_json(&r->unbooked[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "unmatched_plan");
    for (size_t i = 0; i < r->n_unbilled; i++) {
        unbilled_json(ledger, &r->unbilled[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "anomalies");
    for (size_t i = 0; i < r->n_anomalies; i++) {
        anomaly_json(&r->anomalies[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* ---- CSV ---- */

static void cell(rk_text *out, const char *words) { rk_text_add_cell(out, rk_slice_of(words), false); }

static void money_cell(rk_text *out, int64_t micros)
{
    rk_text_add(out, ",");
    rk_money_print_exact((rk_money){micros}, out);
}

void rk_reconciliation_csv(const rk_ledger *ledger, const rk_reconciliation *r, rk_text *out)
{
    rk_text_add(out, "kind,period,element,service,planned_quantity,actual_quantity,unit,planned_unit_price,"
                     "actual_unit_price,planned,actual,price_variance,usage_variance,variance,bill_row,service_name,"
                     "resource,sku,charge_category,reason\n");
    for (size_t i = 0; i < r->n_matched; i++) {
        const rk_reconciled *row = &r->rows[i];
        rk_text_addf(out, "matched,%s", ledger->month[row->month]);
        cell(out, row->element);
        cell(out, row->service);
        money_cell(out, row->planned_quantity);
        money_cell(out, row->actual_quantity);
        cell(out, row->unit);
        cell(out, row->planned_price);
        cell(out, row->actual_price);
        money_cell(out, row->planned.micros);
        money_cell(out, row->actual.micros);
        money_cell(out, row->price_variance.micros);
        money_cell(out, row->usage_variance.micros);
        money_cell(out, row->variance.micros);
        rk_text_add(out, ",,,,,,\n");
    }
    for (size_t i = 0; i < r->n_unbooked; i++) {
        const rk_unbooked *line = &r->unbooked[i];
        rk_text_addf(out, "bill only,%s,,,,,,,,,%s,,,,%llu", line->period, line->cost, (unsigned long long)line->row);
        cell(out, line->service_name);
        cell(out, line->resource);
        cell(out, line->sku);
        cell(out, line->charge_category);
        cell(out, line->reason);
        rk_text_add(out, "\n");
    }
    for (size_t i = 0; i < r->n_unbilled; i++) {
        const rk_cost_line *line = r->unbilled[i].line;
        rk_text_addf(out, "plan only,%s", ledger->month[line->month]);
        cell(out, line->element);
        cell(out, line->service_name);
        money_cell(out, line->quantity_micros);
        cell(out, NULL);
        cell(out, line->unit);
        cell(out, line->unit_price);
        cell(out, NULL);
        money_cell(out, line->amount.micros);
        rk_text_add(out, ",,,,,,,,,");
        cell(out, reason_of(&r->unbilled[i]));
        rk_text_add(out, "\n");
    }
}

/* ledger_text.c - a ledger for machines: JSON on one line, CSV one row a line. Money is whole millionths in both. */
#include <string.h>

#include "cost/ledger_parts.h"
#include "cost/showback.h"
#include "math/rational.h"

static void sums(const rk_ledger *ledger, rk_basis basis, rk_dimension dimension, const char *key, rk_json *json)
{
    rk_view view;
    if (rk_ledger_view(ledger, basis, dimension, RK_BY_ORIGIN, &view, NULL)) {
        json->text->failed = true;
        return;
    }
    rk_json_object(json, key);
    for (uint32_t r = 0; r < view.n_rows; r++) {
        rk_json_i64(json, view.row[r], view.row_sum[r].micros);
    }
    rk_json_end_object(json);
    rk_view_release(&view);
}

static void line_fields(const rk_ledger *ledger, const rk_cost_line *line, rk_json *json)
{
    rk_json_cstring(json, "id", line->id);
    rk_json_cstring(json, "period", ledger->month[line->month]);
    rk_json_cstring(json, "element", line->element);
    rk_json_cstring(json, "service", line->service_name);
    rk_json_cstring(json, "product_line", line->product_line);
    rk_json_cstring(json, "category", rk_category_name(line->category));
    rk_json_cstring(json, "layer", rk_layer_name(line->layer));
    rk_json_cstring(json, "driver", line->driver);
    rk_rational_json_micros(json, "quantity", line->quantity_micros);
    rk_json_cstring(json, "unit", line->unit);
    rk_json_cstring(json, "unit_price", line->unit_price);
    rk_json_real(json, "share", line->share);
    rk_json_i64(json, "amount", line->amount.micros);
    rk_json_cstring(json, "behaviour", rk_behaviour_name(line->behaviour));
    rk_json_cstring(json, "origin", rk_origin_name(line->origin));
    rk_json_cstring(json, "spend", rk_spend_name(line->spend));
    rk_json_bool(json, "is_cash", line->is_cash);
    rk_json_cstring(json, "formula", line->formula);
}

static void lines(const rk_ledger *ledger, const char *key, const rk_vec *list, rk_json *json)
{
    const rk_cost_line *line = list->data;
    rk_json_array(json, key);
    for (size_t i = 0; i < list->n; i++) {
        rk_json_object(json, NULL);
        line_fields(ledger, &line[i], json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void books(const rk_ledger *ledger, rk_json *json)
{
    rk_vec rows;
    if (rk_ledger_books(ledger, &rows, NULL)) {
        json->text->failed = true;
        return;
    }
    const rk_book_row *row = rows.data;
    rk_json_array(json, "books");
    for (size_t i = 0; i < rows.n; i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "element", row[i].element);
        rk_json_i64(json, "opening", row[i].opening.micros);
        rk_json_i64(json, "paid", row[i].paid.micros);
        rk_json_i64(json, "used_up", row[i].used_up.micros);
        rk_json_i64(json, "closing", row[i].closing.micros);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_vec_release(&rows);
}

static void budget_months(const rk_ledger *ledger, const char *key, const rk_money *months, rk_json *json)
{
    rk_json_object(json, key);
    for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
        rk_json_i64(json, ledger->month[m], months[m].micros);
    }
    rk_json_end_object(json);
}

/* One object for everything and for every category and product line that has a budget. */
static void budgets(const rk_ledger *ledger, rk_json *json)
{
    rk_budget_view view;
    rk_json_array(json, "budget");
    for (size_t i = 0; i < rk_ledger_n_budgets(ledger); i++) {
        if (rk_ledger_budget(ledger, i, &view, NULL)) {
            json->text->failed = true;
            break;
        }
        rk_json_object(json, NULL);
        rk_json_cstring(json, "of", view.name ? rk_dimension_name(view.dimension) : "plan");
        if (view.name) {
            rk_json_cstring(json, "name", view.name);
        }
        rk_json_cstring(json, "basis", rk_basis_name(view.basis));
        rk_json_i64(json, "budget", view.budget_total.micros);
        rk_json_i64(json, "planned", view.planned_total.micros);
        rk_json_i64(json, "left", view.budget_total.micros - view.planned_total.micros);
        budget_months(ledger, "budget_by_month", view.budget, json);
        budget_months(ledger, "planned_by_month", view.planned, json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void month_values(rk_json *json, const char *key, const rk_ledger *ledger, const rk_fleet_month *months,
                         size_t field)
{
    rk_json_array(json, key);
    for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
        int64_t micros = 0;
        memcpy(&micros, (const char *)&months[m] + field, sizeof micros);
        rk_rational_json_micros(json, NULL, micros);
    }
    rk_json_end_array(json);
}

static void fleets(const rk_ledger *ledger, rk_json *json)
{
    rk_json_object(json, "fleet");
    for (uint32_t s = 0; s < ledger->plan->n_services; s++) {
        const rk_cost_service *service = &ledger->services[s];
        bool is_short = false;
        if (!service->machine) {
            continue;
        }
        rk_json_object(json, service->name);
        rk_json_i64(json, "reserved", service->n_reserved);
        month_values(json, "requests", ledger, service->months, offsetof(rk_fleet_month, requests_micros));
        month_values(json, "idle_machine_hours", ledger, service->months, offsetof(rk_fleet_month, idle_hours_micros));
        for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
            is_short = is_short || service->months[m].shortfall_micros > 0;
        }
        if (is_short) {
            month_values(json, "shortfall_requests", ledger, service->months,
                         offsetof(rk_fleet_month, shortfall_micros));
        }
        rk_json_end_object(json);
    }
    rk_json_end_object(json);
}

void rk_ledger_json(const rk_ledger *ledger, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", ledger->plan->name);
    rk_json_cstring(&json, "currency", ledger->plan->currency);
    rk_json_i64(&json, "total", ledger->total_micros);
    sums(ledger, RK_ACCRUAL, RK_BY_CATEGORY, "by_category", &json);
    sums(ledger, RK_ACCRUAL, RK_BY_LAYER, "by_layer", &json);
    sums(ledger, RK_ACCRUAL, RK_BY_PRODUCT_LINE, "by_product_line", &json);
    sums(ledger, RK_ACCRUAL, RK_BY_MONTH, "by_month", &json);
    sums(ledger, RK_ACCRUAL, RK_BY_ORIGIN, "by_origin", &json);
    sums(ledger, RK_ACCRUAL, RK_BY_SPEND, "by_spend", &json);
    rk_json_i64(&json, "cash_total", ledger->cash_micros);
    sums(ledger, RK_CASH, RK_BY_CATEGORY, "cash_by_category", &json);
    sums(ledger, RK_CASH, RK_BY_MONTH, "cash_by_month", &json);
    sums(ledger, RK_CASH, RK_BY_SPEND, "cash_by_spend", &json);
    books(ledger, &json);
    budgets(ledger, &json);
    rk_showback_json(ledger, &json);
    rk_json_u64(&json, "n_lines", ledger->lines.n);
    fleets(ledger, &json);
    lines(ledger, "lines", &ledger->lines, &json);
    lines(ledger, "payments", &ledger->paid, &json);
    rk_json_array(&json, "notes");
    for (size_t i = 0; i < rk_ledger_n_notes(ledger); i++) {
        rk_json_cstring(&json, NULL, rk_ledger_note(ledger, i));
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

void rk_ledger_view_json(const rk_ledger *ledger, rk_basis basis, rk_dimension rows, rk_dimension columns, rk_text *out)
{
    rk_view view;
    rk_json json = {.text = out};
    if (rk_ledger_view(ledger, basis, rows, columns, &view, NULL)) {
        out->failed = true;
        return;
    }
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", ledger->plan->name);
    rk_json_cstring(&json, "currency", ledger->plan->currency);
    rk_json_cstring(&json, "basis", rk_basis_name(basis));
    rk_json_cstring(&json, "rows", rk_dimension_name(rows));
    rk_json_cstring(&json, "columns", rk_dimension_name(columns));
    rk_json_i64(&json, "total", view.total.micros);
    rk_json_object(&json, "cells");
    for (uint32_t r = 0; r < view.n_rows; r++) {
        rk_json_object(&json, view.row[r]);
        for (uint32_t c = 0; c < view.n_columns; c++) {
            rk_json_i64(&json, view.column[c], view.cell[(size_t)r * view.n_columns + c].micros);
        }
        rk_json_end_object(&json);
    }
    rk_json_end_object(&json);
    rk_json_end_object(&json);
    rk_view_release(&view);
}

void rk_cost_line_json(const rk_ledger *ledger, const rk_cost_line *line, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    line_fields(ledger, line, &json);
    rk_json_array(&json, "inputs");
    for (uint32_t i = 0; i < line->n_inputs; i++) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "name", line->inputs[i].name);
        rk_json_cstring(&json, "value", line->inputs[i].value);
        rk_json_cstring(&json, "unit", line->inputs[i].unit);
        rk_json_cstring(&json, "from", line->inputs[i].from);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* ---- CSV ---- */

static void cell(rk_text *out, const char *words) { rk_text_add_cell(out, rk_slice_of(words), false); }

static void micros_cell(rk_text *out, int64_t micros)
{
    rk_text number = {0};
    rk_rational_print_micros(micros, &number);
    cell(out, number.at ? number.at : "");
    out->failed = out->failed || number.failed;
    rk_text_release(&number);
}

static void money_cell(rk_text *out, rk_money amount)
{
    rk_text number = {0};
    rk_money_print_exact(amount, &number);
    cell(out, number.at ? number.at : "");
    out->failed = out->failed || number.failed;
    rk_text_release(&number);
}

void rk_ledger_csv(const rk_ledger *ledger, rk_text *out)
{
    rk_text_add(out,
                "id,period,element,service,product_line,category,layer,driver,quantity,unit,unit_price,share,amount,"
                "currency,behaviour,origin,spend,is_cash,formula\n");
    for (size_t i = 0; i < ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        rk_text_add_cell(out, rk_slice_of(line->id), true);
        cell(out, ledger->month[line->month]);
        cell(out, line->element);
        cell(out, line->service_name);
        cell(out, line->product_line);
        cell(out, rk_category_name(line->category));
        cell(out, rk_layer_name(line->layer));
        cell(out, line->driver);
        micros_cell(out, line->quantity_micros);
        cell(out, line->unit);
        cell(out, line->unit_price);
        rk_text_add(out, ",");
        rk_text_add_real(out, line->share);
        money_cell(out, line->amount);
        cell(out, ledger->plan->currency);
        cell(out, rk_behaviour_name(line->behaviour));
        cell(out, rk_origin_name(line->origin));
        cell(out, rk_spend_name(line->spend));
        cell(out, line->is_cash ? "true" : "false");
        cell(out, line->formula);
        rk_text_add(out, "\n");
    }
}

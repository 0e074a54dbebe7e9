/* explain.c - one line of the ledger, with every figure that went into it and where that stands written. */
#include "math/rational.h"
#include "report/statement.h"

static void field(rk_text *out, const char *name, const char *value) { rk_text_addf(out, "%-13s %s\n", name, value); }

static void add_inputs(const rk_cost_line *line, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"input", false}, {"value", true}, {"unit", false}, {"from", false}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    for (uint32_t i = 0; i < line->n_inputs; i++) {
        rk_table_add(&table, line->inputs[i].name);
        rk_table_add(&table, line->inputs[i].value);
        rk_table_add(&table, line->inputs[i].unit);
        rk_table_add(&table, line->inputs[i].from);
    }
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

void rk_report_line(const rk_ledger *ledger, const rk_cost_line *line, rk_table_style style, rk_text *out)
{
    rk_text_addf(out, "%s\n\n", line->id);
    field(out, "element", line->element);
    rk_text_addf(out, "%-13s %s (product line %s)\n", "service", line->service_name, line->product_line);
    rk_text_addf(out, "%-13s %s, layer %s\n", "category", rk_category_name(line->category), rk_layer_name(line->layer));
    rk_text_addf(out, "%-13s %s, %s\n", "behaviour", rk_behaviour_name(line->behaviour),
                 line->behaviour == RK_FIXED  ? "it does not follow the traffic"
                 : line->behaviour == RK_STEP ? "it follows the traffic in whole machines"
                                              : "it follows every request");
    rk_text_addf(out, "%-13s %s, %s\n", "spend", rk_spend_name(line->spend),
                 line->is_cash ? "paid in this month" : "paid in another month");
    rk_text_addf(out, "%-13s ", "quantity");
    rk_rational_print_micros(line->quantity_micros, out);
    rk_text_addf(out, " %s of %s, %s%s\n", line->unit, line->driver, rk_origin_name(line->origin),
                 line->origin == RK_ASSUMED ? " (written in the plan, nobody measured it)" : "");
    rk_text_addf(out, "%-13s %s %s\n", "unit price", line->unit_price, rk_ledger_currency(ledger));
    if (line->share < 1) {
        rk_text_addf(out, "%-13s ", "share");
        rk_text_add_real(out, line->share);
        rk_text_add(out, " of the element\n");
    }
    rk_text_addf(out, "%-13s ", "amount");
    rk_money_print(line->amount, 6, out);
    rk_text_addf(out, " %s\n\n%s\n", rk_ledger_currency(ledger), line->formula);
    if (line->n_inputs > 0) {
        add_inputs(line, style, out);
    }
}

/* budget_table.c - the plan held against its budget: month by month, its parts, and a sentence for whoever signs. */
#include "report/grid.h"
#include "report/statement.h"

static unsigned places_of(const rk_ledger *ledger, const rk_budget_view *view)
{
    unsigned places = rk_grid_places(ledger);
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
        places = rk_money_places(view->budget[m], places);
    }
    return places;
}

static rk_money left_of(rk_money budget, rk_money planned) { return (rk_money){budget.micros - planned.micros}; }

static void add_months(const rk_ledger *ledger, const rk_budget_view *view, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {
        {"budget by month", false}, {"budget", true}, {"planned", true}, {"left", true}, {"left so far", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
    unsigned places = places_of(ledger, view);
    rk_money so_far = {0};
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
        rk_money left = left_of(view->budget[m], view->planned[m]);
        so_far.micros += left.micros; /* of two totals that fit */
        rk_table_add(&table, rk_ledger_month(ledger, m));
        rk_table_add_money(&table, view->budget[m], places);
        rk_table_add_money(&table, view->planned[m], places);
        rk_table_add_money(&table, left, places);
        rk_table_add_money(&table, so_far, places);
    }
    rk_table_add(&table, "total");
    rk_table_add_money(&table, view->budget_total, places);
    rk_table_add_money(&table, view->planned_total, places);
    rk_table_add_money(&table, so_far, places);
    rk_table_add_money(&table, so_far, places);
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

typedef struct {
    uint32_t n, worst; /* months over their budget, and the one that is most */
    rk_money most;
} excess;

static excess excess_of(const rk_ledger *ledger, const rk_budget_view *view)
{
    excess found = {0};
    for (uint32_t m = 0; m < rk_ledger_n_months(ledger); m++) {
        rk_money over = left_of(view->planned[m], view->budget[m]);
        found.n += over.micros > 0;
        if (over.micros > found.most.micros) {
            found.most = over;
            found.worst = m;
        }
    }
    return found;
}

/* In a sentence cents do, unless there is less than one. */
static void add_amount(const rk_ledger *ledger, rk_money amount, rk_text *out)
{
    rk_money_print(amount, amount.micros == 0 || amount.micros >= 10000 ? 2 : 6, out);
    rk_text_addf(out, " %s", rk_ledger_currency(ledger));
}

/* "the plan is 1,234.50 EUR (1.37 %) over its budget of 90,000.00 EUR" */
static void add_verdict(const rk_ledger *ledger, const rk_budget_view *view, rk_text *out)
{
    rk_money left = left_of(view->budget_total, view->planned_total);
    rk_money size = {left.micros < 0 ? -left.micros : left.micros};
    rk_text_addf(out, "counting what is %s, the plan is ", view->basis == RK_CASH ? "paid" : "used up");
    if (left.micros == 0) {
        rk_text_add(out, "exactly its budget of ");
    } else {
        add_amount(ledger, size, out);
        if (view->budget_total.micros > 0) {
            rk_text_add(out, " (");
            rk_text_add_fixed(out, 100 * (double)size.micros / (double)view->budget_total.micros, 2);
            rk_text_add(out, " %)");
        }
        rk_text_addf(out, " %s its budget of ", left.micros < 0 ? "over" : "under");
    }
    add_amount(ledger, view->budget_total, out);
    rk_text_add(out, "\n");
}

/* "5 of 12 months are over, most of all 2026-11, by 512.44 EUR" */
static void add_excess(const rk_ledger *ledger, const rk_budget_view *view, rk_text *out)
{
    excess over = excess_of(ledger, view);
    if (over.n == 0) {
        rk_text_add(out, "no month is over\n");
        return;
    }
    rk_text_addf(out, "%u of %u months %s over%s %s, by ", over.n, rk_ledger_n_months(ledger),
                 over.n == 1 ? "is" : "are", over.n == 1 ? "," : ", most of all", rk_ledger_month(ledger, over.worst));
    add_amount(ledger, over.most, out);
    rk_text_add(out, "\n");
}

static bool add_part(const rk_ledger *ledger, size_t i, rk_table *table)
{
    rk_budget_view view;
    if (rk_ledger_budget(ledger, i, &view, NULL)) {
        return false;
    }
    unsigned places = rk_money_places(view.budget_total, rk_grid_places(ledger));
    excess over = excess_of(ledger, &view);
    if (view.name) {
        rk_table_add(table, view.name);
        rk_table_add(table, rk_dimension_words(view.dimension));
        rk_table_add_money(table, view.budget_total, places);
        rk_table_add_money(table, view.planned_total, places);
        rk_table_add_money(table, left_of(view.budget_total, view.planned_total), places);
        rk_table_addf(table, "%u", over.n);
    }
    return true;
}

static bool add_parts(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"budget by part", false}, {"part", false}, {"budget", true},
                                      {"planned", true},         {"left", true},  {"months over", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    bool ok = true;
    for (size_t i = 0; ok && i < rk_ledger_n_budgets(ledger); i++) {
        ok = add_part(ledger, i, &table);
    }
    if (rk_table_n_rows(&table) > 0) {
        rk_text_add(out, "\n");
        rk_table_print(&table, style, out);
    }
    rk_table_release(&table);
    return ok;
}

void rk_report_budget(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    rk_budget_view whole;
    if (rk_ledger_n_budgets(ledger) == 0) {
        return;
    }
    bool ok = rk_ledger_budget(ledger, 0, &whole, NULL) == RK_OK;
    if (ok && !whole.name) {
        add_months(ledger, &whole, style, out);
        add_verdict(ledger, &whole, out);
        add_excess(ledger, &whole, out);
    }
    ok = ok && add_parts(ledger, style, out);
    out->failed = out->failed || !ok;
}

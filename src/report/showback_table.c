/* showback_table.c - who bears what, and what stands idle, as tables. */
#include "cost/showback.h"
#include "report/grid.h"
#include "report/statement.h"

static unsigned places_of(const rk_ledger *ledger, const rk_vec *rows)
{
    unsigned places = rk_grid_places(ledger);
    for (size_t i = 0; i < rows->n; i++) { /* used = a sum of amounts - idle, so idle tells */
        places = rk_money_places(((const rk_showback *)rows->data)[i].idle, places);
    }
    return places;
}

static void add_row(const char *name, const rk_showback *sum, unsigned places, rk_table *table)
{
    rk_table_add(table, name);
    rk_table_add_money(table, sum->used, places);
    rk_table_add_money(table, sum->idle, places);
    rk_table_add_money(table, sum->shared, places);
    rk_table_add_money(table, sum->total, places);
}

/* The scopes of one kind, and everything below them. */
static void add_scopes(const rk_ledger *ledger, const rk_vec *rows, rk_scope_kind kind, const char *title,
                       rk_table_style style, rk_text *out)
{
    rk_column heads[] = {
        {title, false}, {"direct, used", true}, {"direct, idle", true}, {"shared", true}, {"total", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
    unsigned places = places_of(ledger, rows);
    for (size_t i = 0; i < rk_ledger_n_scopes(ledger); i++) {
        rk_scope scope = rk_ledger_scope(ledger, i);
        if (scope.kind == kind) {
            rk_showback sum = rk_showback_sum(ledger, rows, &scope, RK_ALL_MONTHS);
            add_row(scope.name, &sum, places, &table);
        }
    }
    rk_scope all = {.kind = RK_SCOPE_PLAN};
    rk_showback sum = rk_showback_sum(ledger, rows, &all, RK_ALL_MONTHS);
    add_row("total", &sum, places, &table);
    rk_text_add(out, "\n");
    rk_table_print(&table, style, out);
    rk_table_release(&table);
}

/* Paid and idle machine-hours of every fleet and month, and what the idle ones cost. */
static void add_idle(const rk_ledger *ledger, const rk_vec *rows, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"idle", false},      {"machine", false},   {"month", false},
                                      {"paid hours", true}, {"idle hours", true}, {"idle cost", true}};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads)};
    uint32_t n_months = rk_ledger_n_months(ledger);
    unsigned places = places_of(ledger, rows);
    for (uint32_t s = 0; s < rk_ledger_n_services(ledger); s++) {
        const rk_cost_service *service = rk_ledger_service(ledger, s);
        for (uint32_t m = 0; service->machine && m < n_months; m++) {
            rk_table_add(&table, service->name);
            rk_table_add(&table, service->machine);
            rk_table_add(&table, rk_ledger_month(ledger, m));
            rk_table_add_money(&table, (rk_money){service->months[m].paid_hours_micros}, 0);
            rk_table_add_money(&table, (rk_money){service->months[m].idle_hours_micros}, 1);
            rk_table_add_money(&table, ((const rk_showback *)rows->data)[(size_t)s * n_months + m].idle, places);
        }
    }
    if (rk_table_n_rows(&table) > 0) {
        rk_text_add(out, "\n");
        rk_table_print(&table, style, out);
        rk_text_add(out, "idle: machine-hours that are paid and answer nothing, at what an hour of the fleet costs in "
                         "that month;\nspare machines and the planned rest of the capacity are idle, too\n");
    }
    rk_table_release(&table);
}

void rk_report_showback(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    rk_vec rows;
    if (rk_ledger_showback(ledger, &rows, NULL)) {
        out->failed = true;
        return;
    }
    add_scopes(ledger, &rows, RK_SCOPE_PRODUCT_LINE, "product line", style, out);
    add_scopes(ledger, &rows, RK_SCOPE_SERVICE, "service", style, out);
    add_idle(ledger, &rows, style, out);
    rk_vec_release(&rows);
}

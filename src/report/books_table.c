/* books_table.c - expense and investment, use and payment: what a month uses up, what it pays, what is left on the
 * books.
 */
#include <string.h>

#include "report/grid.h"
#include "report/statement.h"

/* Of row m, or of all rows when m is their number. */
static rk_money capex_of(const rk_view *view, uint32_t m)
{
    rk_money found = {0};
    for (uint32_t c = 0; c < view->n_columns; c++) {
        if (strcmp(view->column[c], rk_spend_name(RK_CAPEX)) == 0) {
            found = m < view->n_rows ? view->cell[(size_t)m * view->n_columns + c] : view->column_sum[c];
        }
    }
    return found;
}

static void fill_spend(const rk_view *used, const rk_view *paid, unsigned places, rk_table *table)
{
    for (uint32_t m = 0; m <= used->n_rows; m++) {
        bool is_total = m == used->n_rows;
        rk_money sum = is_total ? used->total : used->row_sum[m], capex = capex_of(used, m);
        rk_table_add(table, is_total ? "total" : used->row[m]);
        rk_table_add_money(table, (rk_money){sum.micros - capex.micros}, places);
        rk_table_add_money(table, capex, places);
        rk_table_add_money(table, sum, places);
        rk_table_add_money(table, is_total ? paid->total : paid->row_sum[m], places);
        rk_table_add_money(table, capex_of(paid, m), places);
    }
}

static void add_spend(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {{"use and payment", false}, {"opex", true}, {"capex", true},
                                      {"used up", true},          {"paid", true}, {"of it capex", true}};
    rk_view used = {0}, paid = {0};
    rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
    bool ok = !rk_ledger_view(ledger, RK_ACCRUAL, RK_BY_MONTH, RK_BY_SPEND, &used, NULL) &&
              !rk_ledger_view(ledger, RK_CASH, RK_BY_MONTH, RK_BY_SPEND, &paid, NULL);
    if (ok) {
        fill_spend(&used, &paid, rk_grid_places(ledger), &table);
        rk_text_add(out, "\n");
        rk_table_print(&table, style, out);
    }
    out->failed = out->failed || !ok;
    rk_table_release(&table);
    rk_view_release(&used);
    rk_view_release(&paid);
}

static rk_book_row fill_books(const rk_vec *rows, unsigned places, rk_table *table)
{
    rk_book_row total = {.element = "total"};
    for (size_t i = 0; i <= rows->n; i++) {
        const rk_book_row *row = i < rows->n ? (const rk_book_row *)rows->data + i : &total;
        rk_table_add(table, row->element);
        rk_table_add_money(table, row->opening, places);
        rk_table_add_money(table, row->paid, places);
        rk_table_add_money(table, row->used_up, places);
        rk_table_add_money(table, row->closing, places);
        if (i < rows->n) { /* totals that fit */
            total.opening.micros += row->opening.micros;
            total.paid.micros += row->paid.micros;
            total.used_up.micros += row->used_up.micros;
            total.closing.micros += row->closing.micros;
        }
    }
    return total;
}

/* "Used up 210.00 + left at the end 1,020.00 - there at the start 0.00 = paid 1,230.00 USD." */
static void add_bridge(const rk_ledger *ledger, const rk_book_row *total, unsigned places, rk_text *out)
{
    rk_text_add(out, "used up ");
    rk_money_print(rk_ledger_total(ledger), places, out);
    rk_text_add(out, " + on the books at the end ");
    rk_money_print(total->closing, places, out);
    rk_text_add(out, " - at the start ");
    rk_money_print(total->opening, places, out);
    rk_text_add(out, " = paid ");
    rk_money_print(rk_ledger_cash(ledger), places, out);
    rk_text_addf(out, " %s\n", rk_ledger_currency(ledger));
}

void rk_report_books(const rk_ledger *ledger, rk_table_style style, rk_text *out)
{
    static const rk_column heads[] = {
        {"on the books", false}, {"at the start", true}, {"paid", true}, {"used up", true}, {"at the end", true}};
    rk_vec rows;
    if (rk_ledger_books(ledger, &rows, NULL)) {
        out->failed = true;
        return;
    }
    if (rows.n == 0) {
        rk_text_add(out, "\neverything is paid in the month that uses it up\n");
    } else {
        unsigned places = rk_grid_places(ledger);
        for (size_t i = 0; i < rows.n; i++) {
            places = rk_money_places(((const rk_book_row *)rows.data)[i].opening, places);
        }
        rk_table table = {.columns = heads, .n_columns = RK_COUNT_OF(heads), .has_total = true};
        add_spend(ledger, style, out);
        rk_book_row total = fill_books(&rows, places, &table);
        rk_text_add(out, "\n");
        rk_table_print(&table, style, out);
        add_bridge(ledger, &total, places, out);
        rk_table_release(&table);
    }
    rk_vec_release(&rows);
}

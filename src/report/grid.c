/* grid.c - see grid.h. */
#include "report/grid.h"

#include <stdlib.h>

void rk_table_add_share(rk_table *table, int64_t micros)
{
    rk_text text = {0};
    rk_text_add_fixed(&text, (double)micros / 1e4, 2);
    rk_text_add(&text, " %");
    rk_table_take(table, &text);
    rk_text_release(&text);
}

unsigned rk_money_places(rk_money amount, unsigned at_least)
{
    static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    unsigned places = at_least;
    while (places < 6 && amount.micros % units[places] != 0) {
        places++;
    }
    return places;
}

unsigned rk_grid_places(const rk_ledger *ledger)
{
    unsigned places = 2;
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        places = rk_money_places(rk_ledger_line(ledger, i)->amount, places);
    }
    for (size_t i = 0; i < rk_ledger_n_payments(ledger); i++) {
        places = rk_money_places(rk_ledger_payment(ledger, i)->amount, places);
    }
    return places;
}

static void fill(const rk_view *view, unsigned places, rk_table *table)
{
    for (uint32_t r = 0; r < view->n_rows; r++) {
        rk_table_add(table, view->row[r]);
        for (uint32_t c = 0; c < view->n_columns; c++) {
            rk_table_add_money(table, view->cell[(size_t)r * view->n_columns + c], places);
        }
        rk_table_add_money(table, view->row_sum[r], places);
    }
    rk_table_add(table, "total");
    for (uint32_t c = 0; c < view->n_columns; c++) {
        rk_table_add_money(table, view->column_sum[c], places);
    }
    rk_table_add_money(table, view->total, places);
}

void rk_grid_print(const rk_ledger *ledger, const char *title, rk_basis basis, rk_dimension rows, rk_dimension columns,
                   rk_table_style style, rk_text *out)
{
    rk_view view;
    if (rk_ledger_view(ledger, basis, rows, columns, &view, NULL)) {
        out->failed = true;
        return;
    }
    rk_column *heads = calloc((size_t)view.n_columns + 2, sizeof *heads);
    if (heads) {
        heads[0].title = title;
        for (uint32_t c = 0; c < view.n_columns; c++) {
            heads[c + 1] = (rk_column){view.column[c], true};
        }
        heads[view.n_columns + 1] = (rk_column){"total", true};
        rk_table table = {.columns = heads, .n_columns = (size_t)view.n_columns + 2, .has_total = true};
        fill(&view, rk_grid_places(ledger), &table);
        rk_text_add(out, "\n");
        style.width = RK_GRID_WIDTH;
        rk_table_print(&table, style, out);
        rk_table_release(&table);
    }
    out->failed = out->failed || !heads;
    free(heads);
    rk_view_release(&view);
}

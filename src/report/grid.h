/* grid.h - money in tables for a terminal: cells, and a view of a ledger as a table that stays readable. */
#ifndef RECKON_REPORT_GRID_H
#define RECKON_REPORT_GRID_H

#include "cost/ledger.h"
#include "report/table.h"

enum { RK_GRID_WIDTH = 100 }; /* of a terminal; wider grids are cut into blocks */

/* Digits after the point, at_least or more, that make the amount exact; and (2 to 6) every amount of the ledger. */
unsigned rk_money_places(rk_money amount, unsigned at_least);
unsigned rk_grid_places(const rk_ledger *ledger);
/* "12.34 %" of a fraction in millionths. */
void rk_table_add_share(rk_table *table, int64_t micros);

/* A blank line and the view with its sums; title heads the first column. */
void rk_grid_print(const rk_ledger *ledger, const char *title, rk_basis basis, rk_dimension rows, rk_dimension columns,
                   rk_table_style style, rk_text *out);

#endif

/* statement.h - a ledger as words and tables for people: the statement, unit costs, one line explained.
 *
 * Amounts have as many places (2 to 6) as make every one of them exact, so that each table adds up as printed.
 */
#ifndef RECKON_REPORT_STATEMENT_H
#define RECKON_REPORT_STATEMENT_H

#include "cost/ledger.h"
#include "report/table.h"

typedef struct {
    rk_basis basis;
    bool has_view; /* one grid, rows by columns, and nothing else */
    rk_dimension rows, columns;
    bool is_showback; /* who bears what, and nothing else */
    bool has_months;  /* also every element month by month, of a long plan year by year */
} rk_statement_options;

/* Appended to out. */
void rk_report_statement(const rk_ledger *ledger, const rk_statement_options *options, rk_table_style style,
                         rk_text *out);
/* Parts of a statement: the budget, if there is one; what is paid and what is left on the books. */
void rk_report_budget(const rk_ledger *ledger, rk_table_style style, rk_text *out);
void rk_report_books(const rk_ledger *ledger, rk_table_style style, rk_text *out);
/* What each product line and service uses, leaves idle and shares; idle machines month by month. */
void rk_report_showback(const rk_ledger *ledger, rk_table_style style, rk_text *out);
void rk_report_units(const rk_ledger *ledger, rk_table_style style, rk_text *out);
void rk_report_line(const rk_ledger *ledger, const rk_cost_line *line, rk_table_style style, rk_text *out);

#endif

/* statement.h - a ledger as words and tables for people: the statement, unit costs, one line explained.
 *
 * Amounts have as many places (2 to 6) as make every one of them exact, so that each table adds up as printed.
 */
#ifndef RECKON_REPORT_STATEMENT_H
#define RECKON_REPORT_STATEMENT_H

#include "cost/ledger.h"
#include "report/table.h"

/* Appended to out. */
void rk_report_statement(const rk_ledger *ledger, rk_table_style style, rk_text *out);
void rk_report_units(const rk_ledger *ledger, rk_table_style style, rk_text *out);
void rk_report_line(const rk_ledger *ledger, const rk_cost_line *line, rk_table_style style, rk_text *out);

#endif

/* bills.h - what was found out about a bill, as words and tables for people. */
#ifndef RECKON_REPORT_BILLS_H
#define RECKON_REPORT_BILLS_H

#include "bill/focus.h"
#include "cost/reconcile.h"
#include "report/table.h"

/* The verdict first, then one row a broken rule, then the first places of each. Appended to out. */
void rk_report_focus(const rk_focus_report *report, const char *name, rk_table_style style, rk_text *out);

/* The bridge from the plan to the bill first, then a row an element and month, then what is unmatched, then odd days.
 */
void rk_report_reconciliation(const rk_ledger *ledger, const rk_reconciliation *r, rk_table_style style, rk_text *out);

#endif

/* export.h - a ledger for other programs: lines as FOCUS 1.2, or everything as an SQLite database. CSV and JSON are in
 * ledger.h.
 */
#ifndef RECKON_COST_EXPORT_H
#define RECKON_COST_EXPORT_H

#include "cost/ledger.h"

/* A bill of FOCUS 1.2, one row a line, owned machines and people among them; docs/focus.md says what stands where. It
 * passes rk_focus_check with every criterion, and its costs add up to the ledger's total. Appended to out. */
RK_MUST_CHECK rk_status rk_ledger_focus(const rk_ledger *ledger, rk_text *out, rk_error *err);

/* Writes a database whole or not at all: tables plan, lines, inputs, fleet and notes, and views that sum. The same
 * ledger gives the same bytes. */
RK_MUST_CHECK rk_status rk_ledger_sqlite(const rk_ledger *ledger, const char *path, rk_error *err);

#endif

/* capacity_words.h - the fleets of a ledger for people: what a machine does, what is asked, how many machines, which.
 */
#ifndef RECKON_REPORT_CAPACITY_WORDS_H
#define RECKON_REPORT_CAPACITY_WORDS_H

#include "cost/ledger.h"
#include "report/table.h"

/* Appended to out. */
void rk_report_capacity(const rk_ledger *ledger, rk_table_style style, rk_text *out);
/* "one c7i.xlarge answers 240 requests/s of search (measured: ...)", a line for each machine and service. */
void rk_report_capacity_lines(const rk_ledger *ledger, rk_text *out);

#endif

/* actuals_words.h - a closed month for people: by month, by element, and what the year comes to. */
#ifndef RECKON_REPORT_ACTUALS_WORDS_H
#define RECKON_REPORT_ACTUALS_WORDS_H

#include "decide/actuals.h"
#include "report/table.h"

void rk_report_actuals(const rk_ledger *ledger, const rk_actuals *actuals, rk_table_style style, rk_text *out);

#endif

/* budget_words.h - a budget from a history, for people. */
#ifndef RECKON_REPORT_BUDGET_WORDS_H
#define RECKON_REPORT_BUDGET_WORDS_H

#include "decide/budget.h"
#include "report/table.h"

void rk_report_budget_forecast(const rk_budget_forecast *forecast, rk_table_style style, rk_text *out);

#endif

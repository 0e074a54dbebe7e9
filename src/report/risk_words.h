/* risk_words.h - what a plan may cost, for people. */
#ifndef RECKON_REPORT_RISK_WORDS_H
#define RECKON_REPORT_RISK_WORDS_H

#include "decide/risk.h"
#include "report/table.h"

void rk_report_risk(const rk_risk *risk, rk_table_style style, rk_text *out);

#endif

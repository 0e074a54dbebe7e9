/* compare_words.h - plans side by side, for people. */
#ifndef RECKON_REPORT_COMPARE_WORDS_H
#define RECKON_REPORT_COMPARE_WORDS_H

#include "decide/compare.h"
#include "report/table.h"

void rk_report_comparison(const rk_comparison *comparison, rk_table_style style, rk_text *out);

#endif

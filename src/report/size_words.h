/* size_words.h - the sizing of a large model, and its calibration, for people. */
#ifndef RECKON_REPORT_SIZE_WORDS_H
#define RECKON_REPORT_SIZE_WORDS_H

#include "size/size_fit.h"
#include "report/table.h"

void rk_report_size(const rk_size_ask *ask, const rk_size_answer *answer, rk_table_style style, rk_text *out);
void rk_report_size_fit(const rk_size_fit *fit, rk_table_style style, rk_text *out);
void rk_report_size_tables(rk_table_style style, rk_text *out); /* the models and accelerators known */

#endif

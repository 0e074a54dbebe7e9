/* evaluation_words.h - how good a model is, for people. */
#ifndef RECKON_REPORT_EVALUATION_WORDS_H
#define RECKON_REPORT_EVALUATION_WORDS_H

#include "eval/eval.h"
#include "report/table.h"

/* The figures, then the breakdowns that were asked for, then what they were counted over. */
void rk_report_evaluation(const rk_evaluation *evaluation, rk_table_style style, rk_text *out);

#endif

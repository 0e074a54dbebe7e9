/* evaluation_words.h - how good models are, for people. */
#ifndef RECKON_REPORT_EVALUATION_WORDS_H
#define RECKON_REPORT_EVALUATION_WORDS_H

#include "eval/contest.h"
#include "report/table.h"

/* The figures, then the breakdowns that were asked for, then what they were counted over. */
void rk_report_evaluation(const rk_evaluation *evaluation, rk_table_style style, rk_text *out);
/* Each model against the first, then the sentence that says which to take; breakdowns of each. */
void rk_report_contest(const rk_contest *contest, rk_table_style style, rk_text *out);

#endif

/* relevance_words.h - what tuning the settings of a search index came to, for people and for machines. */
#ifndef RECKON_REPORT_RELEVANCE_WORDS_H
#define RECKON_REPORT_RELEVANCE_WORDS_H

#include "report/table.h"
#include "tune/tune_relevance.h"

/* out_path, ranker_path: what was written, or NULL. */
void rk_report_relevance_tuning(const rk_relevance_tuning *tuning, const char *out_path, const char *ranker_path,
                                rk_table_style style, rk_text *out);
/* One line. */
void rk_relevance_tuning_json(const rk_relevance_tuning *tuning, rk_text *out);

#endif

/* tune_words.h - what a study found, for people and for machines. */
#ifndef RECKON_REPORT_TUNE_WORDS_H
#define RECKON_REPORT_TUNE_WORDS_H

#include "report/table.h"
#include "tune/tune.h"

/* The leaders of each model, or of one model its best trials; then how to train the winner by hand. */
void rk_report_tuning(const rk_tuning *tuning, rk_table_style style, rk_text *out);
/* One line. out_path: the model that was written, or NULL. */
void rk_tuning_json(const rk_tuning *tuning, const char *out_path, rk_text *out);

#endif

/* rate_words.h - a rate card as tables for people. */
#ifndef RECKON_REPORT_RATE_WORDS_H
#define RECKON_REPORT_RATE_WORDS_H

#include "cost/rate_card.h"
#include "report/table.h"

/* The rates, and what they come to against the ledger; appended to out. */
void rk_report_rates(const rk_rate_card *card, rk_table_style style, rk_text *out);

#endif

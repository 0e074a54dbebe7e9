/* actions_words.h - advice for people: a table of actions, what each changes, and how to try it by hand. */
#ifndef RECKON_REPORT_ACTIONS_WORDS_H
#define RECKON_REPORT_ACTIONS_WORDS_H

#include "decide/action.h"
#include "report/table.h"

void rk_report_actions(const rk_actions *actions, rk_table_style style, rk_text *out);

#endif

/* clean_rows.h - the cleaning rules at work on an intake. */
#ifndef RECKON_DATA_CLEAN_ROWS_H
#define RECKON_DATA_CLEAN_ROWS_H

#include "data/intake.h"

/* Decides every row: columns.flags becomes 0 for a row that is kept, 1 + rule for one that was taken. n_known_*: ids
 * from here on are unknown to --like; UINT32_MAX = no such thing. counts: [RK_N_CLEAN_RULES]. */
RK_MUST_CHECK rk_status rk_clean_rows(rk_intake *intake, const rk_clean_options *options, uint32_t n_known_users,
                                      uint32_t n_known_items, const rk_run *run, rk_clean_count *counts, rk_error *err);
/* Whether the rule is on for this log. */
bool rk_clean_rule_is_on(rk_clean_rule rule, const rk_clean_options *options, const rk_intake *intake);

/* Sets flag on every row that is the same as an earlier one. */
RK_MUST_CHECK rk_status rk_duplicates_mark(rk_columns *columns, uint16_t flag, const rk_run *run, rk_error *err);

#endif

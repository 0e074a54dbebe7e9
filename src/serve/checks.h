/* checks.h - what a new model has to show before it answers in the place of the old one.
 *
 * 1. It opens, every byte against its checksum (live.h). 2. The golden queries hold (golden.h). 3. On what shoppers
 * took lately and neither model has learned from, it does not find clearly less than the old one: for each of the
 * shoppers the newest such item is held out, and counts as found when it is among the best 20 of the model. The new
 * model is refused when it finds fewer by more than a given share, and by more than chance explains (McNemar's test of
 * the pairs that only one of the two finds, one-sided at 5%).
 */
#ifndef RECKON_SERVE_CHECKS_H
#define RECKON_SERVE_CHECKS_H

#include "serve/live.h"
#include "serve/recent.h"

enum {
    RK_CHECK_USERS_MAX = 2000, /* of whom an item is held out */
    RK_CHECK_TOP = 20,         /* places that count as found */
};

typedef struct {
    const char *golden_path; /* NULL: none */
    double quality_drop;     /* share of the old model's finds that may go missing; 1: not looked at */
} rk_check_options;

typedef struct {
    size_t n_golden;
    uint32_t n_held_out, n_found_before, n_found_now; /* before: by the old model */
} rk_check_result;

/* before: the model that answers, NULL: none yet; recent NULL: no events are taken. RK_BAD_INPUT: refused, and why;
 * *out is filled as far as it went. */
RK_MUST_CHECK rk_status rk_checks_run(const rk_check_options *options, const rk_live *before, const rk_live *now,
                                      rk_recent *recent, rk_check_result *out, rk_error *err);

#endif

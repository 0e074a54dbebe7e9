/* what_if.h - the same plan under another condition: accounted for in full, and set beside the plan as it stands.
 *
 * A condition is a list of changes as `--set` takes them, so whatever is found here can be tried by hand.
 */
#ifndef RECKON_DECIDE_WHAT_IF_H
#define RECKON_DECIDE_WHAT_IF_H

#include "base/arena.h"
#include "cost/ledger.h"

/* An element of one service, over the whole horizon. */
typedef struct {
    const char *element, *service;
    rk_money amount;
} rk_element_total;

typedef struct {
    rk_money total;
    int64_t requests_micros, shortfall_micros; /* of all services */
    const rk_element_total *elements;          /* [n_elements] in order of first appearance */
    size_t n_elements;
} rk_outcome;

/* What the ledger adds up to; texts and rows live in the arena. */
RK_MUST_CHECK rk_status rk_outcome_of(const rk_ledger *ledger, rk_arena *arena, rk_outcome *out, rk_error *err);

/* The plan with its own changes and then these; the ledger is the caller's. */
RK_MUST_CHECK rk_status rk_what_if_ledger(const rk_plan_source *source, const char *const *changes, size_t n_changes,
                                          rk_ledger **out, rk_error *err);
RK_MUST_CHECK rk_status rk_what_if(const rk_plan_source *source, const char *const *changes, size_t n_changes,
                                   rk_arena *arena, rk_outcome *out, rk_error *err);

/* What changed between two outcomes: an element that costs something else, before and after; 0 = not there. */
typedef struct {
    const char *element, *service;
    rk_money before, after;
} rk_outcome_change;
RK_MUST_CHECK rk_status rk_outcome_compare(const rk_outcome *before, const rk_outcome *after, rk_arena *arena,
                                           const rk_outcome_change **out, size_t *n, rk_error *err);

#endif

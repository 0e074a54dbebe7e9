/* actuals.h - the close of a month: what was billed beside what was planned, and the rest of the plan rolled forward.
 *
 * Months that the bills reach are closed; the others are open. For an element that a rule of the plan's bill matches:
 *   closed month   what was billed
 *   open month     planned x (billed / planned over the closed months), rounded half-even to a millionth;
 *                  where nothing was planned so far, the mean of what was billed a month
 * An element that no rule matches stands as planned: nobody has billed it. Lines of the bills that no element has are a
 * row of their own, rolled forward by their mean. Every table adds up: rows = months = total.
 */
#ifndef RECKON_DECIDE_ACTUALS_H
#define RECKON_DECIDE_ACTUALS_H

#include "base/arena.h"
#include "cost/reconcile.h"

typedef enum {
    RK_ROLL_RATIO, /* as above */
    RK_ROLL_PLAN,  /* open months as planned; what nobody planned is not expected again */
} rk_roll;

typedef enum { RK_ACTUAL_BILLED, RK_ACTUAL_AS_PLANNED, RK_ACTUAL_UNPLANNED } rk_actual_basis;

typedef struct {
    const char *element; /* of the ledger; NULL = lines of bills in no element */
    rk_actual_basis basis;
    rk_money *planned, *outlook; /* [n_months]; outlook: actual when closed, rolled forward when open */
    rk_money planned_closed, actual_closed, planned_total, outlook_total;
} rk_actual_row;

typedef struct {
    rk_arena arena;
    uint32_t n_months, n_closed;
    const bool *is_closed;             /* [n_months] */
    rk_actual_row *rows;               /* [n_rows] in order of the ledger, bills in no element last */
    size_t n_rows;
    const rk_money *planned, *outlook; /* [n_months] sums of rows */
    rk_money planned_closed, actual_closed, planned_total, outlook_total;
} rk_actuals;

/* reconciliations: [n] of bills against the ledger; a month that two of them reach has the sum of both. n_closed_max:
 * months from this one on stay open although a bill reaches them (an unfinished month); UINT32_MAX = none.
 * *out borrows names from the ledger and is released by the caller when RK_OK. */
RK_MUST_CHECK rk_status rk_actuals_find(const rk_ledger *ledger, const rk_reconciliation *const *reconciliations,
                                        size_t n, rk_roll roll, uint32_t n_closed_max, rk_actuals *out, rk_error *err);
void rk_actuals_release(rk_actuals *actuals);
void rk_actuals_json(const rk_ledger *ledger, const rk_actuals *actuals, rk_text *out);
void rk_actuals_csv(const rk_ledger *ledger, const rk_actuals *actuals, rk_text *out); /* element by month */

#endif

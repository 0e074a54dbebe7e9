/* reconcile.h - a bill against a plan: what was paid more or less, because of the price or because of the use.
 *
 * Every line of the bill goes to the element that the plan's rules name, or is listed as unmatched. For each element
 * and month, with AQ and AC the quantity and the cost of the bill, SQ and SC those of the plan, AP = AC / AQ and SP =
 * SC / SQ:
 *
 *   price variance   (AP - SP) x AQ = AC - SP x AQ
 *   usage variance   (AQ - SQ) x SP = SP x AQ - SC
 *   variance         AC - SC, their sum
 *
 * exact fractions, rounded once to a millionth: the variance and the price variance are, the usage variance is what
 * remains. Nothing planned (SQ = 0): all of it is usage. Nothing used (AQ = 0) or no quantities compared: SP x AQ is 0,
 * or SC. Only months that the bill reaches are compared.
 */
#ifndef RECKON_COST_RECONCILE_H
#define RECKON_COST_RECONCILE_H

#include "bill/bill.h"
#include "cost/ledger.h"

/* One element in one month. Quantities in the plan's units, in millionths, rounded; prices exact or "" when there are
 * none. */
typedef struct {
    uint32_t month;
    const char *element, *service; /* service NULL: of all together */
    const char *unit;              /* of the plan; "" when nothing was planned */
    uint64_t n_bill_lines;
    int64_t planned_quantity, actual_quantity;
    const char *planned_price, *actual_price; /* per unit */
    const char *actual_exact;                 /* every place of the cost */
    rk_money planned, actual, variance, price_variance, usage_variance;
} rk_reconciled;

/* A line of the bill that no element has. */
typedef struct {
    uint64_t row, line;
    const char *period; /* "2026-10", "" when unreadable */
    const char *service_name, *resource, *sku, *charge_category, *description;
    const char *cost; /* exact, in the plan's currency; "" = none */
    const char *reason;
} rk_unbooked;

/* A line of the ledger that no bill line went to. */
typedef struct {
    const rk_cost_line *line;
    bool has_rule;
} rk_unbilled;

/* A day on which one element cost unlike its other days. */
typedef struct {
    const char *what; /* "event log", or "service Amazon S3" of unmatched lines */
    char day[11];
    double cost, median, score;
} rk_anomaly;

typedef struct {
    const char *bill, *cost_column;
    uint64_t n_rows;
    const char *bill_exact;                           /* sum of the whole bill */
    rk_money bill_total, plan_total;                  /* the bill; the plan in the months compared */
    rk_money planned, actual, price, usage, variance; /* sums of rows */
    rk_money unbooked_total, unbilled_total;
    rk_money rounding;    /* bill_total - actual - unbooked_total: each row is rounded by itself */
    const bool *compared;              /* [months of the plan] */
    const rk_money *unbooked_by_month; /* [months of the plan] of unbooked lines that lie in it */
    const rk_reconciled *rows;
    const rk_unbooked *unbooked;
    const rk_unbilled *unbilled;
    const rk_anomaly *anomalies;
    const uint64_t *n_by_rule; /* [n_rules] lines taken */
    size_t n_matched, n_unbooked, n_unbilled, n_anomalies, n_rules;
} rk_reconciliation;

/* *out is the caller's; it borrows from the ledger. End with rk_reconciliation_free. The bill is read to its end. */
RK_MUST_CHECK rk_status rk_reconcile(const rk_ledger *ledger, rk_bill *bill, const rk_run *run, rk_reconciliation **out,
                                     rk_error *err);
void rk_reconciliation_free(rk_reconciliation *r); /* accepts NULL */

/* What a rule of the plan is about, and how many there are, for those who print n_by_rule. */
const char *rk_reconcile_rule(const rk_ledger *ledger, size_t i);

void rk_reconciliation_json(const rk_ledger *ledger, const rk_reconciliation *r, rk_text *out);
void rk_reconciliation_csv(const rk_ledger *ledger, const rk_reconciliation *r, rk_text *out);

#endif

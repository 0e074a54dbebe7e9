/* term.h - what a purchase option costs beside its hours: a payment at the start of each term, work lost to
 * interruptions.
 *
 * Terms follow one another without a gap. Each is paid upfront in its first month and used up in equal parts over its
 * months. Of an interrupted machine the hours of a restart are paid once more: hours x interruption_rate x
 * restart_hours.
 */
#ifndef RECKON_COST_TERM_H
#define RECKON_COST_TERM_H

#include "cost/account.h"
#include "cost/estimating.h"

typedef struct {
    rk_terms terms;        /* of the purchase option, or as the element says */
    const rk_price *price; /* in whose currency upfront is; NULL = the plan's */
    int64_t first;         /* month of the plan in which a term begins; none begin before it; may be negative */
    const char *name;      /* of the lines: "search machine reserved" of "search machine reserved upfront" */
} rk_term;

/* base: element, category, driver, origin and quantity = machines; each books what there is of it. */
/* Once: payments, what is carried from before the plan, and a note of what is paid for months beyond it. */
RK_MUST_CHECK rk_status rk_term_settle(rk_account *account, const rk_term *term, const rk_entry *base, rk_error *err);
/* The part of the upfront that month base->m uses up. */
RK_MUST_CHECK rk_status rk_term_book(rk_account *account, const rk_term *term, const rk_entry *base, rk_error *err);
/* The hours that interruptions cost; base: quantity = the machine-hours meant, unit price, inputs as booked for these.
 */
RK_MUST_CHECK rk_status rk_term_book_restarts(rk_account *account, const rk_term *term, const rk_entry *base,
                                              rk_error *err);
/* out = what one machine costs in the plan's currency: so many hours at this price, with their restarts, and the parts
 * of the upfront of so many months. */
void rk_term_cost(const rk_plan *plan, const rk_term *term, int64_t hours, int64_t months, const mpq_t hour, mpq_t out);

/* The same of month m in draws: hours at price hour with their restarts, and the upfront of so many machines. */
rk_figure rk_term_figure(rk_estimating *e, const rk_term *term, uint32_t m, rk_figure machines, rk_figure hours,
                         rk_figure hour);

#endif

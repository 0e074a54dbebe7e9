/* bill_sums.h - what a bill comes to, by service and unit of pricing: effective cost and quantity, exact.
 *
 * Lines without an effective cost count for nothing. A bill in two currencies is refused.
 */
#ifndef RECKON_BILL_BILL_SUMS_H
#define RECKON_BILL_BILL_SUMS_H

#include "base/arena.h"
#include "base/run.h"
#include "base/vec.h"
#include "bill/bill.h"

typedef struct {
    const char *service, *unit; /* ServiceName and PricingUnit; NULL = null */
    const char *category;       /* ServiceCategory of the first line; "" = null */
    uint64_t n_lines;
    mpq_t cost, quantity; /* of lines that have one */
} rk_bill_sum;

typedef struct {
    rk_arena arena;
    rk_vec sums;                     /* rk_bill_sum, the dearest first, equal ones as they came */
    const char *currency;            /* "USD"; "" of a bill without lines */
    int32_t first_month, last_month; /* of charges, from January of year 0 */
    uint64_t n_rows;
} rk_bill_sums;

/* Reads the bill to its end. *out is released by the caller when RK_OK. */
RK_MUST_CHECK rk_status rk_bill_sums_make(rk_bill *bill, const rk_run *run, rk_bill_sums *out, rk_error *err);
void rk_bill_sums_release(rk_bill_sums *sums); /* accepts a zeroed one */
const rk_bill_sum *rk_bill_sums_at(const rk_bill_sums *sums, size_t i);

#endif

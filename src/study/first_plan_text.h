/* first_plan_text.h - the text of a first plan: pure functions of what was read. Private to study/. */
#ifndef RECKON_STUDY_FIRST_PLAN_TEXT_H
#define RECKON_STUDY_FIRST_PLAN_TEXT_H

#include "base/text.h"
#include "bill/bill_sums.h"
#include "study/first_plan.h"

/* A sum of the bill as an element of the plan, or why it is none. */
typedef struct {
    const rk_bill_sum *sum;
    const char *left_out;    /* the reason; NULL = planned */
    bool is_money;           /* no quantity to count by: so much a month */
    unsigned thousands;      /* the plan counts in units of 1000^this */
    int64_t price_nanos;     /* of such a unit, 10^-9 */
    int64_t quantity_micros; /* of the mean month */
} rk_first_item;

/* n_months: that the bill reaches. */
void rk_first_item_make(const rk_bill_sum *sum, unsigned n_months, rk_first_item *out);

typedef struct {
    const rk_first_plan_ask *ask;
    const char *start, *currency, *profile; /* profile: its name beside the plan */
    const char *capacity_words;             /* how the capacity was found */
    bool has_bytes;                         /* the profile measured the answers */
    const rk_bill_sums *sums;               /* NULL = no bill */
    const rk_first_item *items;             /* [n_items] */
    size_t n_items;
    char first_month[8], last_month[8]; /* of the bill */
    unsigned n_months_billed;
} rk_first_texts;

void rk_first_plan_text(const rk_first_texts *t, rk_text *out);
void rk_first_prices_text(const rk_first_texts *t, rk_text *out);

#endif

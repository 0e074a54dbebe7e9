/* element_amount.c - a sum of money, once or in equal parts from its month on.
 *
 * Every month of `when` has the whole amount; without `when` it falls in the first month. Parts are millionths by
 * largest remainder, so they add up; those outside the plan's months are not booked, and a note says how much that is.
 * A sum that is spread is paid at once, in its own month; what is left of one from before the plan is on the books.
 */
#include <stdlib.h>

#include "cost/element.h"
#include "cost/estimating.h"
#include "math/rational.h"

typedef struct {
    rk_number amount, spread_months;
    int64_t *parts; /* [n_parts] millionths */
    uint32_t n_parts;
    int spend; /* rk_spend; -1 = not said */
} settings;

static const rk_key rows[] = {
    {"amount", RK_KEY_NUMBER, offsetof(settings, amount), .required = true, .help = "in the plan's currency"},
    {"spread_months", RK_KEY_COUNT, offsetof(settings, spread_months), .min = 1, .max = 600,
     .help = "in so many equal parts, the first in its own month (default 1)"},
    {"spend", RK_KEY_CHOICE, offsetof(settings, spend), .choices = "opex|capex",
     .help = "a running expense, or something bought for longer (default opex)"},
};

static int64_t first_month(const rk_plan *plan, const rk_element *element, uint32_t i)
{
    return element->when ? (int64_t)element->when[i].value - plan->start.value : 0;
}

static uint32_t n_starts(const rk_element *element) { return element->when ? element->n_when : 1; }

static rk_status note_outside(rk_plan *plan, const rk_element *element, const settings *s, rk_error *err)
{
    rk_money outside = {0};
    for (uint32_t i = 0; i < n_starts(element); i++) {
        for (uint32_t p = 0; p < s->n_parts; p++) {
            int64_t m = first_month(plan, element, i) + p;
            if ((m < 0 || m >= plan->n_months) && !rk_money_add(outside, (rk_money){s->parts[p]}, &outside)) {
                return rk_fail_at(err, s->amount.at, "the amount of '%.60s' is absurdly large", element->name);
            }
        }
    }
    if (outside.micros == 0) {
        return RK_OK;
    }
    rk_text words = {0};
    rk_money_print(outside, 2, &words);
    rk_status status =
        rk_plan_note(plan, err, "%s:%zu: %s %s of '%s' fall outside the months of this plan", element->at.path,
                     element->at.line, words.at ? words.at : "", plan->currency, element->name);
    rk_text_release(&words);
    return status;
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    int64_t total = 0;
    mpq_t amount;
    s->n_parts = s->spread_months.is_set ? (uint32_t)s->spread_months.value.units : 1;
    s->parts = RK_TAKE(&plan->arena, int64_t, s->n_parts);
    if (!s->parts) {
        return rk_fail_memory(err, "parts of an amount");
    }
    mpq_init(amount);
    rk_rational_set(amount, s->amount.value);
    bool fits = rk_rational_micros(amount, &total);
    mpq_clear(amount);
    if (!fits) {
        return rk_fail_at(err, s->amount.at, "the amount of '%.60s' is absurdly large", element->name);
    }
    if (!rk_rational_share(total, NULL, s->n_parts, s->parts)) {
        return rk_fail_memory(err, "parts of an amount");
    }
    return note_outside(plan, element, s, err);
}

static rk_spend spend_of(const settings *s) { return s->spend == (int)RK_CAPEX ? RK_CAPEX : RK_OPEX; }

/* An entry of this sum; quantity is 1. */
static rk_entry entry_of(rk_account *account, const rk_element *element, const settings *s, const rk_money *amount,
                         mpq_t quantity, rk_vec *inputs)
{
    mpq_set_ui(quantity, 1, 1);
    rk_account_input(account, inputs, "amount", &s->amount, account->plan->currency);
    rk_account_input(account, inputs, "spread_months", &s->spread_months, "months");
    return (rk_entry){.element = element,
                      .category = element->category,
                      .quantity = quantity,
                      .unit_price = quantity,
                      .amount = amount,
                      .unit = "one-off",
                      .driver = "amount",
                      .behaviour = RK_FIXED,
                      .spend = spend_of(s),
                      .is_prepaid = s->n_parts > 1,
                      .origin = RK_ASSUMED,
                      .inputs = inputs};
}

static rk_status book_part(rk_account *account, const rk_element *element, const settings *s, uint32_t m, uint32_t p,
                           rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_money part = {s->parts[p]};
    rk_text words = {0};
    mpq_t one;
    mpq_init(one);
    rk_entry entry = entry_of(account, element, s, &part, one, &inputs);
    entry.m = m;
    if (s->n_parts > 1) {
        rk_decimal_print(s->amount.value, false, &words);
        entry.quantity_words = rk_account_words(account, "part %u of %u of %s %s", p + 1, s->n_parts,
                                                words.at ? words.at : "", account->plan->currency);
    }
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clear(one);
    rk_text_release(&words);
    rk_vec_release(&inputs);
    return status;
}

/* The sum that starts in month `first` of the plan: paid then, or before it what is left of it is carried. */
static rk_status settle_one(rk_account *account, const rk_element *element, const settings *s, int64_t first,
                            rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_money left = {0};
    mpq_t one;
    mpq_init(one);
    for (int64_t p = first < 0 ? -first : 0; p < s->n_parts; p++) {
        left.micros += s->parts[p]; /* of an amount that fits */
    }
    rk_entry entry = entry_of(account, element, s, &left, one, &inputs);
    entry.name = rk_account_words(account, "%s payment", element->name);
    entry.m = first < 0 ? 0 : (uint32_t)first;
    rk_status status = first < 0 ? rk_account_carry(account, &entry, err) : rk_account_pay(account, &entry, err);
    mpq_clear(one);
    rk_vec_release(&inputs);
    return status;
}

static rk_status settle(rk_account *account, const rk_element *element, rk_error *err)
{
    const settings *s = element->settings;
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < n_starts(element) && s->n_parts > 1 && !status; i++) {
        int64_t first = first_month(account->plan, element, i);
        if (first < account->plan->n_months) {
            status = settle_one(account, element, s, first, err);
        }
    }
    return status;
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < n_starts(element) && !status; i++) {
        int64_t p = (int64_t)m - first_month(account->plan, element, i);
        if (p >= 0 && p < s->n_parts) {
            status = book_part(account, element, s, m, (uint32_t)p, err);
        }
    }
    return status;
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    const settings *s = element->settings;
    rk_figure part = rk_tape_scale(e->tape, rk_estimate_number(e, &s->amount), 1.0 / s->n_parts);
    for (uint32_t i = 0; i < n_starts(element); i++) {
        int64_t p = (int64_t)m - first_month(e->plan, element, i);
        if (p >= 0 && p < s->n_parts) {
            rk_estimate_book(e, element, element->category, m, part);
        }
    }
}

const rk_element_kind rk_element_amount = {.name = "amount",
                                           .marks = "amount|spread_months",
                                           .keys = rows,
                                           .n_keys = RK_COUNT_OF(rows),
                                           .settings_bytes = sizeof(settings),
                                           .check = check,
                                           .book = book,
                                           .estimate = estimate,
                                           .settle = settle,
                                           .is_dated = true};

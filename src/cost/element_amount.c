/* element_amount.c - a sum of money, once or in equal parts from its month on.
 *
 * Every month of `when` has the whole amount; without `when` it falls in the first month. Parts are millionths by
 * largest remainder, so they add up; those outside the plan's months are not booked, and a note says how much that is.
 */
#include <stdlib.h>

#include "cost/element.h"
#include "math/rational.h"

typedef struct {
    rk_number amount, spread_months;
    int64_t *parts; /* [n_parts] millionths */
    uint32_t n_parts;
} settings;

static const rk_key rows[] = {
    {"amount", RK_KEY_NUMBER, offsetof(settings, amount), .required = true, .help = "in the plan's currency"},
    {"spread_months", RK_KEY_COUNT, offsetof(settings, spread_months), .min = 1, .max = 600,
     .help = "in so many equal parts, the first in its own month (default 1)"},
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

static rk_status book_part(rk_account *account, const rk_element *element, const settings *s, uint32_t m, uint32_t p,
                           rk_error *err)
{
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_money part = {s->parts[p]};
    rk_text words = {0};
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    rk_account_input(account, &inputs, "amount", &s->amount, account->plan->currency);
    rk_account_input(account, &inputs, "spread_months", &s->spread_months, "months");
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = one,
                      .unit_price = one,
                      .amount = &part,
                      .unit = "one-off",
                      .driver = "amount",
                      .behaviour = RK_FIXED,
                      .origin = RK_ASSUMED,
                      .inputs = &inputs};
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

const rk_element_kind rk_element_amount = {.name = "amount",
                                           .marks = "amount|spread_months",
                                           .keys = rows,
                                           .n_keys = RK_COUNT_OF(rows),
                                           .settings_bytes = sizeof(settings),
                                           .check = check,
                                           .book = book,
                                           .is_dated = true};

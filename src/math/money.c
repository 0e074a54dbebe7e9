/* money.c - see money.h. Whole numbers only: nothing here is ever a double. */
#include "math/money.h"

#include <assert.h>
#include <string.h>

enum { MICRO_DIGITS = 6 };

/* |micros|, defined for INT64_MIN too. */
static uint64_t magnitude(rk_money amount)
{
    return amount.micros < 0 ? 0 - (uint64_t)amount.micros : (uint64_t)amount.micros;
}

bool rk_money_add(rk_money a, rk_money b, rk_money *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a.micros, b.micros, &sum)) {
        return false;
    }
    out->micros = sum;
    return true;
}

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    for (unsigned i = 0; i < exponent; i++) {
        power *= 10;
    }
    return power;
}

static uint64_t round_half_even(uint64_t value, uint64_t unit)
{
    uint64_t quotient = value / unit, rest = value % unit;
    bool is_up = rest > unit - rest || (rest == unit - rest && quotient % 2 == 1);
    return quotient + is_up;
}

/* Writes the number backwards, so that the digits and the grouping need no second pass. */
static void add_number(rk_text *out, bool is_negative, uint64_t units, unsigned n_digits, bool is_grouped)
{
    char room[40];
    char *at = room + sizeof room - 1;
    *at = '\0';
    for (unsigned i = 0; i < n_digits; i++, units /= 10) {
        *--at = (char)('0' + units % 10);
    }
    if (n_digits > 0) {
        *--at = '.';
    }
    unsigned n_whole = 0;
    do {
        if (is_grouped && n_whole > 0 && n_whole % 3 == 0) {
            *--at = ',';
        }
        *--at = (char)('0' + units % 10);
        units /= 10;
        n_whole++;
    } while (units > 0);
    if (is_negative) {
        *--at = '-';
    }
    rk_text_add(out, at);
}

void rk_money_print(rk_money amount, unsigned n_digits, rk_text *out)
{
    assert(n_digits <= MICRO_DIGITS);
    uint64_t units = round_half_even(magnitude(amount), power_of_ten(MICRO_DIGITS - n_digits));
    add_number(out, amount.micros < 0 && units > 0, units, n_digits, true);
}

void rk_money_print_exact(rk_money amount, rk_text *out)
{
    uint64_t units = magnitude(amount);
    unsigned n_digits = MICRO_DIGITS;
    while (n_digits > 0 && units % 10 == 0) {
        units /= 10;
        n_digits--;
    }
    add_number(out, amount.micros < 0, units, n_digits, false);
}

/* money.h - exact money: an integer count of millionths, and decimals read from text without a double in between. */
#ifndef RECKON_MATH_MONEY_H
#define RECKON_MATH_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/text.h"

/* Its own type, so that adding it to a latency does not compile. The currency is the plan's. */
typedef struct {
    int64_t micros;
} rk_money;

/* false, *out untouched, on overflow. */
bool rk_money_add(rk_money a, rk_money b, rk_money *out);

/* "1,234.56" with n_digits (0..6) after the point, rounded half-even, thousands grouped; "-0.00" never appears. */
void rk_money_print(rk_money amount, unsigned n_digits, rk_text *out);
/* "1234.567890" shortest exact form: no grouping, trailing zeros of the fraction dropped. */
void rk_money_print_exact(rk_money amount, rk_text *out);

#endif

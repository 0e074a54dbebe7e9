/* decimal.h - an exact decimal number as people write it: 12_000_000, 0.1785, -0.03, 1e6.
 *
 * A plain value: no memory to free. Wide arithmetic on it is math/rational.h.
 */
#ifndef RECKON_BASE_DECIMAL_H
#define RECKON_BASE_DECIMAL_H

#include <stdint.h>

#include "base/slice.h"
#include "base/text.h"

enum { RK_DECIMAL_PLACES_MAX = 18, RK_DECIMAL_DIGITS_MAX = 18 };

/* units x 10^-places; trailing zeros of the fraction are gone, so equal numbers are equal fields. */
typedef struct {
    int64_t units; /* at most 18 digits */
    uint8_t places;
} rk_decimal;

/* NULL and *out filled, or what is wrong with the text ("a comma is not allowed"), *out untouched. Strict: '_' only
 * between digits, no leading zero, sign '-', digits on both sides of the point, no hex, nan or infinity. */
const char *rk_decimal_parse(rk_slice text, rk_decimal *out);
double rk_decimal_real(rk_decimal value); /* the nearest double */
/* What the shortest text of a double says; its nearest to 9 places where that has too many digits; 0 when neither fits. */
rk_decimal rk_decimal_of_real(double value);
/* "0.1785"; the whole part grouped by ',' when grouped. */
void rk_decimal_print(rk_decimal value, bool grouped, rk_text *out);

#endif

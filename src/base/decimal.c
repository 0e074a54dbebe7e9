/* decimal.c - see decimal.h. Grammar: '-'? ('0' | [1-9] ('_'? [0-9])*) ('.' [0-9] ('_'? [0-9])*)? ([eE] [+-]? [0-9]+)?
 *
 * Digits gather in one 64-bit integer while the point and the exponent only move a counter, so nothing is rounded: what
 * does not fit 18 digits or 18 places is refused.
 */
#include "base/decimal.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

typedef struct {
    const char *at, *end;
    uint64_t units;
    int n_digits;   /* significant so far */
    int n_fraction; /* behind the point */
    const char *wrong;
} scanner;

static void take_digits(scanner *s, bool is_fraction)
{
    const char *first = s->at;
    while (s->at < s->end && !s->wrong) {
        if (*s->at == '_') {
            bool between = s->at > first && is_digit(s->at[-1]) && s->at + 1 < s->end && is_digit(s->at[1]);
            s->wrong = between ? NULL : "'_' may only stand between digits";
            s->at++;
            continue;
        }
        if (!is_digit(*s->at)) {
            break;
        }
        s->n_digits += s->units > 0 || *s->at != '0';
        s->n_fraction += is_fraction;
        s->units = s->units * 10 + (uint64_t)(*s->at++ - '0');
        if (s->n_digits > RK_DECIMAL_DIGITS_MAX || s->n_fraction > 64) {
            s->wrong = "it has more than 18 digits";
        }
    }
    if (s->at == first && !s->wrong) {
        s->wrong = is_fraction ? "a digit must follow the point" : "it must start with a digit";
    }
}

static int take_exponent(scanner *s)
{
    bool negative = false;
    int exponent = 0;
    s->at++;
    if (s->at < s->end && (*s->at == '-' || *s->at == '+')) {
        negative = *s->at++ == '-';
    }
    if (s->at == s->end || !is_digit(*s->at)) {
        s->wrong = "a digit must follow the exponent mark";
    }
    for (; s->at < s->end && is_digit(*s->at) && exponent < 1000; s->at++) {
        exponent = exponent * 10 + (*s->at - '0');
    }
    return negative ? -exponent : exponent;
}

/* What the first byte that no rule took says about the mistake. */
static const char *stray(const scanner *s, const char *first)
{
    if (*s->at == ',') {
        return "a comma is not allowed; '_' may group digits";
    }
    if ((*s->at == 'x' || *s->at == 'o' || *s->at == 'b') && s->at == first + 1 && *first == '0') {
        return "only base ten is read";
    }
    return "it has characters that belong to no number";
}

static const char *finish(uint64_t units, int places, bool negative, rk_decimal *out)
{
    while (units > 0 && units % 10 == 0 && places > 0) {
        units /= 10;
        places--;
    }
    for (; units > 0 && places < 0; places++) {
        if (units >= UINT64_C(100000000000000000)) {
            return "it has more than 18 digits";
        }
        units *= 10;
    }
    if (units > 0 && places > RK_DECIMAL_PLACES_MAX) {
        return "it has more than 18 places behind the point";
    }
    out->units = negative ? -(int64_t)units : (int64_t)units;
    out->places = (uint8_t)(units > 0 ? places : 0);
    return NULL;
}

const char *rk_decimal_parse(rk_slice text, rk_decimal *out)
{
    bool negative = text.n > 0 && text.at[0] == '-';
    scanner s = {.at = text.at + negative, .end = text.at + text.n};
    const char *first = s.at;
    int exponent = 0;

    take_digits(&s, false);
    if (!s.wrong && s.at - first > 1 && *first == '0') {
        s.wrong = "it must not start with a needless 0";
    }
    if (!s.wrong && s.at < s.end && *s.at == '.') {
        s.at++;
        take_digits(&s, true);
    }
    if (!s.wrong && s.at < s.end && (*s.at == 'e' || *s.at == 'E')) {
        exponent = take_exponent(&s);
    }
    if (!s.wrong && s.at < s.end) {
        s.wrong = stray(&s, first);
    }
    return s.wrong ? s.wrong : finish(s.units, s.n_fraction - exponent, negative, out);
}

double rk_decimal_real(rk_decimal value)
{
    static const double tens[RK_DECIMAL_PLACES_MAX + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                                           1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    const int64_t exact = INT64_C(1) << 53;
    if (value.units >= -exact && value.units <= exact) { /* both are doubles, so the quotient is rounded once */
        return (double)value.units / tens[value.places];
    }
    char text[32];
    double real = 0;
    int n = snprintf(text, sizeof text, "%llde-%u", (long long)value.units, (unsigned)value.places);
    (void)rk_parse_real((rk_slice){text, (size_t)n}, &real);
    return real;
}

void rk_decimal_print(rk_decimal value, bool grouped, rk_text *out)
{
    char digits[48], *at = digits + sizeof digits;
    uint64_t rest = value.units < 0 ? 0 - (uint64_t)value.units : (uint64_t)value.units;
    int n = 0;
    for (; rest > 0 || n <= value.places; n++, rest /= 10) {
        if (n == value.places && n > 0) {
            *--at = '.';
        } else if (grouped && n > value.places && (n - value.places) % 3 == 0) {
            *--at = ',';
        }
        *--at = (char)('0' + rest % 10);
    }
    if (value.units < 0) {
        *--at = '-';
    }
    rk_text_add_slice(out, (rk_slice){at, (size_t)(digits + sizeof digits - at)});
}

rk_decimal rk_decimal_of_real(double value)
{
    rk_decimal out = {0};
    rk_text text = {0};
    rk_text_add_real(&text, value);
    if (text.at && rk_decimal_parse((rk_slice){text.at, text.n}, &out)) {
        rk_text_clear(&text);
        rk_text_add_fixed(&text, value, 9);
        (void)rk_decimal_parse((rk_slice){text.at, text.n}, &out);
    }
    rk_text_release(&text);
    return out;
}

/* slice_number.c - decimal text to numbers, exactly, without a locale.
 *
 * Real numbers
 *   The text is cut into digits and a decimal exponent: value = digits * 10^exponent.
 *   Fast: when digits < 2^53 and |exponent| <= 22 both digits and 10^|exponent| are doubles, so one multiplication
 *   or division rounds once and therefore correctly (Clinger 1990). That is nearly every number in a shop's log.
 *   Slow: the digits are rewritten as "DDDDeX" and given to strtod_l in the "C" locale. A double is decided by at most
 *   767 significant digits plus "was there anything behind", so a longer text is cut there and a '1' put at its end.
 *   newlocale hands out glibc's static "C" locale without allocating, which saves us a global.
 */
#include "base/slice.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 768                    /* significant digits that can matter */
#define EXPONENT_MAX ((int64_t)1 << 60)   /* where a written exponent saturates */
#define EXACT_INTEGER ((uint64_t)1 << 53) /* integers up to here are doubles */

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

bool rk_parse_u64(rk_slice text, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!is_digit(text.at[i]) || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.at[i] - '0'), &value)) {
            return false;
        }
    }
    if (text.n == 0) {
        return false;
    }
    *out = value;
    return true;
}

bool rk_parse_i64(rk_slice text, int64_t *out)
{
    bool is_negative = text.n > 0 && text.at[0] == '-';
    uint64_t size;
    if (!rk_parse_u64((rk_slice){text.at + is_negative, text.n - is_negative}, &size) ||
        size > (uint64_t)INT64_MAX + is_negative) {
        return false;
    }
    *out = is_negative ? (int64_t)(0 - size) : (int64_t)size;
    return true;
}

/* The exact doubles among the powers of ten. */
static const double exact_power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* "17.95": a short number without an exponent, as nearly all are. false: not this kind, or no number at all. */
static bool read_plain(rk_slice text, double *out)
{
    size_t begin = text.n > 0 && text.at[0] == '-', point = text.n;
    if (text.n - begin > 19) {
        return false;
    }
    uint64_t digits = 0;
    for (size_t i = begin; i < text.n; i++) {
        if (is_digit(text.at[i])) {
            digits = digits * 10 + (uint64_t)(text.at[i] - '0');
        } else if (text.at[i] == '.' && point == text.n) {
            point = i;
        } else {
            return false;
        }
    }
    size_t n_fraction = point < text.n ? text.n - point - 1 : 0;
    if (digits > EXACT_INTEGER || point - begin + n_fraction == 0) {
        return false;
    }
    double size = (double)digits / exact_power[n_fraction];
    *out = begin ? -size : size;
    return true;
}

/* What a text says: sign, significant digits (leading zeros dropped) and where the point stands. */
typedef struct {
    bool is_negative, has_digit, has_rest; /* rest: a digit other than 0 behind the kept ones */
    uint64_t leading;                      /* the digits as a number while n_kept <= 19 */
    size_t n_kept;
    int64_t exponent; /* value = kept digits * 10^exponent */
    char kept[DIGITS_MAX];
} decimal;

static void keep_digit(decimal *d, char c, bool after_point)
{
    d->has_digit = true;
    d->exponent -= after_point;
    if (d->n_kept == 0 && c == '0') {
        return;
    }
    if (d->n_kept == DIGITS_MAX) {
        d->has_rest |= c != '0';
        d->exponent++;
        return;
    }
    d->kept[d->n_kept++] = c;
    d->leading = d->n_kept <= 19 ? d->leading * 10 + (uint64_t)(c - '0') : UINT64_MAX;
}

/* "e-5" from at to end into *exponent, saturating; false when it is anything else. */
static bool parse_exponent(const char *at, const char *end, int64_t *exponent)
{
    at++;
    bool is_negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end) {
        return false;
    }
    int64_t value = 0;
    for (; at < end; at++) {
        if (!is_digit(*at)) {
            return false;
        }
        value = value < EXPONENT_MAX / 10 ? value * 10 + (*at - '0') : EXPONENT_MAX;
    }
    *exponent += is_negative ? -value : value;
    return true;
}

static bool parse_decimal(rk_slice text, decimal *d)
{
    const char *at = text.at, *end = text.at + text.n;
    d->is_negative = d->has_digit = d->has_rest = false;
    d->leading = d->n_kept = 0;
    d->exponent = 0;
    if (at < end && *at == '-') {
        d->is_negative = true;
        at++;
    }
    for (; at < end && is_digit(*at); at++) {
        keep_digit(d, *at, false);
    }
    if (at < end && *at == '.') {
        for (at++; at < end && is_digit(*at); at++) {
            keep_digit(d, *at, true);
        }
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        return d->has_digit && parse_exponent(at, end, &d->exponent);
    }
    return d->has_digit && at == end;
}

static bool read_exactly(const decimal *d, double *out)
{
    if (d->leading > EXACT_INTEGER || d->exponent < -22 || d->exponent > 22) {
        return false;
    }
    double digits = (double)d->leading;
    *out = d->exponent < 0 ? digits / exact_power[-d->exponent] : digits * exact_power[d->exponent];
    return true;
}

static bool read_slowly(const decimal *d, double *out)
{
    char text[DIGITS_MAX + 32];
    memcpy(text, d->kept, d->n_kept);
    size_t n = d->n_kept;
    int64_t exponent = d->exponent;
    if (d->has_rest) {
        text[n++] = '1';
        exponent--;
    }
    exponent = exponent < -9999 ? -9999 : exponent > 9999 ? 9999 : exponent; /* 0 or too large, whatever the digits */
    snprintf(text + n, sizeof text - n, "e%d", (int)exponent);
    locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!locale) {
        return false;
    }
    *out = strtod_l(text, NULL, locale);
    freelocale(locale);
    return isfinite(*out);
}

bool rk_parse_real(rk_slice text, double *out)
{
    if (read_plain(text, out)) {
        return true;
    }
    decimal d; /* its digits are written as they are read: zeroing 768 bytes would cost more than the rest */
    double value = 0;
    if (!parse_decimal(text, &d) || (d.n_kept > 0 && !read_exactly(&d, &value) && !read_slowly(&d, &value))) {
        return false;
    }
    *out = d.is_negative ? -value : value;
    return true;
}

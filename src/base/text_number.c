/* text_number.c - numbers as text: exactly for machines, in three figures for people.
 *
 * The shortest decimal: a decimal of at most 15 significant digits survives the way into a double and back (DBL_DIG),
 * so "m / 10^k with m < 10^15" is the shortest text as soon as the division gives the value back. That catches money
 * and metrics without printf. The rest tries %.15g, %.16g and %.17g; only subnormals can have fewer digits.
 */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FRACTION_DIGITS_MAX 9 /* of the path without printf */

/* m / 10^k as text: 17140, 4 -> "1.7140" */
static void add_scaled(rk_text *text, uint64_t m, unsigned k)
{
    char digits[32];
    size_t at = sizeof digits;
    for (unsigned n = 0; m > 0 || n <= k; n++, m /= 10) {
        if (n == k && k > 0) {
            digits[--at] = '.';
        }
        digits[--at] = (char)('0' + m % 10);
    }
    rk_text_add_slice(text, (rk_slice){digits + at, sizeof digits - at});
}

static bool add_short_real(rk_text *text, double size)
{
    double power = 1;
    for (unsigned k = 0; k <= FRACTION_DIGITS_MAX; k++, power *= 10) {
        double m = nearbyint(size * power);
        if (m >= 1e15) {
            return false;
        }
        if (m / power == size) {
            add_scaled(text, (uint64_t)m, k);
            return true;
        }
    }
    return false;
}

void rk_text_add_real(rk_text *text, double value)
{
    if (!isfinite(value)) {
        rk_text_add(text, "null");
        return;
    }
    rk_text_add(text, signbit(value) ? "-" : "");
    double size = fabs(value);
    if (add_short_real(text, size)) {
        return;
    }
    size_t begin = text->n;
    for (int n_digits = size < DBL_MIN ? 1 : 15; n_digits <= 17; n_digits++) {
        double back;
        text->n = begin;
        rk_text_addf(text, "%.*g", n_digits, size);
        if (text->failed || (rk_parse_real((rk_slice){text->at + begin, text->n - begin}, &back) && back == size)) {
            return;
        }
    }
}

/* Commas between groups of three in the digits from text->at[begin] on: both ends move towards the first group. */
static void group_thousands(rk_text *text, size_t begin)
{
    size_t n_whole = strspn(text->at + begin, "0123456789"), n_before = text->n;
    for (size_t i = 3; i < n_whole; i += 3) {
        rk_text_add(text, ",");
    }
    if (text->failed) {
        return;
    }
    char *from = text->at + begin + n_whole, *to = from + (text->n - n_before);
    memmove(to, from, n_before - begin - n_whole);
    for (size_t i = 0; to != from; i++) {
        if (i > 0 && i % 3 == 0) {
            *--to = ',';
        }
        *--to = *--from;
    }
}

void rk_text_add_fixed(rk_text *text, double value, int n_digits)
{
    if (!isfinite(value)) {
        rk_text_add(text, isnan(value) ? "n/a" : value > 0 ? "inf" : "-inf");
        return;
    }
    size_t begin = text->n;
    rk_text_addf(text, "%.*f", n_digits, value);
    if (text->failed) {
        return;
    }
    bool is_negative = text->at[begin] == '-';
    if (is_negative && strspn(text->at + begin, "-0.") == text->n - begin) { /* "-0.00" */
        text->n = begin;
        rk_text_addf(text, "%.*f", n_digits, 0.0);
        is_negative = false;
    }
    group_thousands(text, begin + is_negative);
}

/* Three figures without useless zeros, and the unit: 1.5 MB, 12.3 kB, 456 B. */
static void add_figures(rk_text *text, double value, const char *unit)
{
    double size = fabs(value);
    int n_digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
    rk_text_addf(text, "%.*f", n_digits, value);
    if (!text->failed && n_digits > 0) {
        while (text->at[text->n - 1] == '0') {
            text->n--;
        }
        text->n -= text->at[text->n - 1] == '.';
    }
    rk_text_addf(text, " %s", unit);
}

void rk_text_add_bytes(rk_text *text, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t i = 0;
    for (; i + 1 < RK_COUNT_OF(units) && fabs(bytes) >= 999.5; i++) {
        bytes /= 1000;
    }
    add_figures(text, bytes, units[i]);
}

static void add_long_time(rk_text *text, double seconds)
{
    static const struct {
        const char *big, *small;
        double big_s, small_s, below_s;
    } rows[] = {{"min", "s", 60, 1, 3600}, {"h", "min", 3600, 60, 172800}, {"d", "h", 86400, 3600, INFINITY}};
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        double n_small = nearbyint(seconds / rows[i].small_s), per_big = rows[i].big_s / rows[i].small_s;
        if (n_small * rows[i].small_s < rows[i].below_s) {
            double n_big = floor(n_small / per_big);
            rk_text_addf(text, "%.0f %s %02.0f %s", n_big, rows[i].big, n_small - n_big * per_big, rows[i].small);
            return;
        }
    }
}

void rk_text_add_seconds(rk_text *text, double seconds)
{
    static const char *const units[] = {"s", "ms", "us", "ns"};
    if (!isfinite(seconds)) {
        rk_text_add_fixed(text, seconds, 0);
        return;
    }
    rk_text_add(text, seconds < 0 ? "-" : "");
    double size = fabs(seconds);
    if (size >= 59.95) {
        add_long_time(text, size);
        return;
    }
    size_t i = 0;
    for (; i + 1 < RK_COUNT_OF(units) && size > 0 && size < 0.9995; i++) {
        size *= 1000;
    }
    add_figures(text, size, units[i]);
}

/* text_number.c - numbers as text: exactly for machines, in three figures for people.
 *
 * The shortest decimal of a double v = f * 2^-s (f < 2^53): the decimal m / 10^k reads back as v when it lies closer to
 * v than half a step of f, that is |m * 2^s - f * 10^k| < 10^k / 2. For v in [1e-5, 1e15) and up to 17 digits all of
 * this fits into 128-bit integers, exactly: f * 10^k < 2^53 * 10^21 and s <= 69. Digits are tried from 15 on, as every
 * decimal of at most 15 digits survives the way into a double and back (DBL_DIG): a shorter one shows as trailing
 * zeros. The rest (tiny, huge, a long power of two, whose lower neighbour is nearer) goes through %.15g, %.16g, %.17g.
 */
#include "base/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

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

__extension__ typedef unsigned __int128 wide;

static wide power_of_ten(unsigned k)
{
    wide power = 1;
    for (; k > 0; k--) {
        power *= 10;
    }
    return power;
}

/* floor(log10(size)) for size in [1e-5, 1e15); one too small when size is the double just below a power of ten. */
static int decimal_exponent(double size)
{
    static const double power[] = {1e-4, 1e-3, 1e-2, 1e-1, 1e0,  1e1,  1e2,  1e3,  1e4, 1e5,
                                   1e6,  1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14};
    int exponent = -5;
    for (size_t i = 0; i < RK_COUNT_OF(power) && size >= power[i]; i++) {
        exponent++;
    }
    return exponent;
}

/* m / 10^k without the zeros at its end. */
static void add_trimmed(rk_text *text, uint64_t m, unsigned k)
{
    for (; k > 0 && m % 10 == 0; k--) {
        m /= 10;
    }
    add_scaled(text, m, k);
}

static bool add_exactly(rk_text *text, double size)
{
    int exponent;
    if (!(size >= 1e-5 && size < 1e15)) {
        return false;
    }
    wide f = (wide)ldexp(frexp(size, &exponent), DBL_MANT_DIG);
    unsigned s = (unsigned)(DBL_MANT_DIG - exponent), k = (unsigned)(14 - decimal_exponent(size));
    bool is_power_of_two = f == (wide)1 << (DBL_MANT_DIG - 1); /* half as near below: safe only well inside */
    unsigned n_digits_max = is_power_of_two ? 15 : DBL_DECIMAL_DIG, margin = is_power_of_two ? 4 : 2;
    wide power = power_of_ten(k);
    for (unsigned n_digits = 15; n_digits <= n_digits_max; n_digits++) {
        wide exact = f * power, m = (exact + ((wide)1 << (s - 1))) >> s, back = m << s;
        if ((back > exact ? back - exact : exact - back) * margin < power) {
            add_trimmed(text, (uint64_t)m, k);
            return true;
        }
        power *= 10;
        k++;
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
    if (size == 0) {
        rk_text_add(text, "0");
    }
    if (size == 0 || add_exactly(text, size)) {
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

/* bill_cell.c - what the cells of a bill say: numbers as exact fractions, moments as seconds. */
#include <string.h>

#include "base/clock.h"
#include "bill/bill.h"

enum { DIGITS_MAX = 60, EXPONENT_MAX = 60 };

/* ---- numbers ---- */

typedef struct {
    char digits[DIGITS_MAX + 2]; /* sign and digits, NUL-terminated, no point */
    unsigned n, n_whole, n_fraction;
    int exponent;
    bool is_loose;
} number;

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool take_digits(const char **at, const char *end, number *out, unsigned *count)
{
    for (; *at < end && is_digit(**at); ++*at, ++*count) {
        if (out->n >= DIGITS_MAX) {
            return false;
        }
        out->digits[out->n++] = **at;
    }
    return true;
}

static bool take_exponent(const char *at, const char *end, number *out)
{
    bool is_negative = at < end && *at == '-';
    out->is_loose |= at < end && *at == '+';
    at += at < end && (*at == '-' || *at == '+');
    if (at == end) {
        return false;
    }
    for (; at < end && is_digit(*at) && out->exponent <= EXPONENT_MAX; at++) {
        out->exponent = out->exponent * 10 + (*at - '0');
    }
    if (at != end || out->exponent > EXPONENT_MAX) {
        return false;
    }
    out->exponent = is_negative ? -out->exponent : out->exponent;
    return true;
}

static bool scan_number(rk_slice text, number *out)
{
    const char *at = text.at, *end = text.at + text.n;
    *out = (number){0};
    if (text.n == 0) {
        return false;
    }
    if (*at == '-' || *at == '+') {
        out->is_loose = *at == '+';
        if (*at == '-') {
            out->digits[out->n++] = '-';
        }
        at++;
    }
    bool fits = take_digits(&at, end, out, &out->n_whole);
    bool has_point = fits && at < end && *at == '.';
    if (has_point) {
        at++;
        fits = take_digits(&at, end, out, &out->n_fraction);
    }
    out->is_loose |= out->n_whole == 0 || (has_point && out->n_fraction == 0);
    if (!fits || out->n_whole + out->n_fraction == 0) {
        return false;
    }
    return at == end || ((*at == 'E' || *at == 'e') && take_exponent(at + 1, end, out));
}

rk_cell_quality rk_bill_number(rk_slice text, mpq_ptr out)
{
    number n;
    if (!scan_number(text, &n)) {
        return RK_CELL_BAD;
    }
    if (!out) {
        return n.is_loose ? RK_CELL_LOOSE : RK_CELL_GOOD;
    }
    int scale = n.exponent - (int)n.n_fraction;
    mpz_t power;
    mpz_init(power);
    mpz_ui_pow_ui(power, 10, (unsigned)(scale < 0 ? -scale : scale));
    mpz_set_str(mpq_numref(out), n.digits, 10);
    mpz_set_ui(mpq_denref(out), 1);
    if (scale < 0) {
        mpz_set(mpq_denref(out), power);
        mpq_canonicalize(out);
    } else {
        mpz_mul(mpq_numref(out), mpq_numref(out), power);
    }
    mpz_clear(power);
    return n.is_loose ? RK_CELL_LOOSE : RK_CELL_GOOD;
}

unsigned rk_bill_places(rk_slice text)
{
    number n;
    if (!scan_number(text, &n) || n.exponent != 0) {
        return 0;
    }
    unsigned places = n.n_fraction;
    while (places > 0 && n.digits[n.n - 1] == '0') {
        places--;
        n.n--;
    }
    return places;
}

/* ---- moments ---- */

static bool take_number(const char **at, const char *end, int n_digits, int *out)
{
    *out = 0;
    for (; n_digits > 0; n_digits--, ++*at) {
        if (*at >= end || !is_digit(**at)) {
            return false;
        }
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

static bool take_char(const char **at, const char *end, char wanted)
{
    bool is_there = *at < end && **at == wanted;
    *at += is_there;
    return is_there;
}

static bool take_date(const char **at, const char *end, int64_t *days)
{
    int year, month, day;
    if (!take_number(at, end, 4, &year) || !take_char(at, end, '-') || !take_number(at, end, 2, &month) ||
        !take_char(at, end, '-') || !take_number(at, end, 2, &day) || month < 1 || month > 12 || day < 1 ||
        (unsigned)day > rk_days_in_month(year, (unsigned)month)) {
        return false;
    }
    *days = rk_days_of_date(year, (unsigned)month, (unsigned)day);
    return true;
}

static bool take_clock(const char **at, const char *end, int *seconds)
{
    int hour, minute, second;
    if (!take_number(at, end, 2, &hour) || !take_char(at, end, ':') || !take_number(at, end, 2, &minute) ||
        !take_char(at, end, ':') || !take_number(at, end, 2, &second) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

/* "+01:00" */
static bool take_offset(const char **at, const char *end, int *seconds)
{
    int hour, minute;
    int sign = *at < end && **at == '-' ? -1 : 1;
    if (!take_char(at, end, '+') && !take_char(at, end, '-')) {
        return false;
    }
    if (!take_number(at, end, 2, &hour) || !take_char(at, end, ':') || !take_number(at, end, 2, &minute) || hour > 14 ||
        minute > 59) {
        return false;
    }
    *seconds = sign * (hour * 3600 + minute * 60);
    return true;
}

rk_cell_quality rk_bill_time(rk_slice text, int64_t *unix_s)
{
    const char *at = text.at, *end = text.at + text.n;
    int64_t days;
    int seconds = 0, offset = 0;
    if (text.n == 0 || !take_date(&at, end, &days)) {
        return RK_CELL_BAD;
    }
    bool is_good = false;
    if (at < end) {
        bool has_t = take_char(&at, end, 'T');
        if ((!has_t && !take_char(&at, end, ' ')) || !take_clock(&at, end, &seconds)) {
            return RK_CELL_BAD;
        }
        bool has_fraction = take_char(&at, end, '.');
        while (has_fraction && at < end && is_digit(*at)) {
            at++;
        }
        bool has_z = take_char(&at, end, 'Z');
        if (!has_z && at < end && !take_offset(&at, end, &offset)) {
            return RK_CELL_BAD;
        }
        is_good = has_t && has_z && !has_fraction;
    }
    if (at != end) {
        return RK_CELL_BAD;
    }
    *unix_s = days * 86400 + seconds - offset;
    return is_good ? RK_CELL_GOOD : RK_CELL_LOOSE;
}

/* cell.c - see cell.h. Straight-line readers over a cursor; each takes what it knows or leaves the cursor alone. */
#include "data/cell.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"

enum { DIGITS_EXACT = 18, PLACES_MAX = 18, DAY_S = 86400, YEAR_MIN = 1, YEAR_MAX = 9999 };

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Eight digits at once (little endian); false when one of them is none. */
static bool eight_digits(const char *at, uint64_t *out)
{
    uint64_t v;
    memcpy(&v, at, sizeof v);
    if ((v & 0xf0f0f0f0f0f0f0f0u) != 0x3030303030303030u ||
        ((v + 0x0606060606060606u) & 0xf0f0f0f0f0f0f0f0u) != 0x3030303030303030u) {
        return false;
    }
    v = (v & 0x0f0f0f0f0f0f0f0fu) * 2561 >> 8;     /* pairs: 10 a + b */
    v = (v & 0x00ff00ff00ff00ffu) * 6553601 >> 16; /* fours */
    *out = (v & 0x0000ffff0000ffffu) * 42949672960001u >> 32;
    return true;
}

/* ---- amounts ---- */

static const double powers_of_ten[PLACES_MAX + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                                     1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

/* Anything unusual: exponents, many digits, nonsense. */
static bool parse_unusual(rk_slice text, rk_amount *out)
{
    double real;
    if (text.n > 1 && text.at[0] == '+' && text.at[1] != '-') {
        text = (rk_slice){text.at + 1, text.n - 1};
    }
    if (!rk_parse_real(text, &real)) {
        return false;
    }
    *out = (rk_amount){.real = real};
    return true;
}

bool rk_amount_parse(rk_slice text, rk_amount *out)
{
    size_t i = text.n > 0 && text.at[0] == '-' ? 1 : 0;
    bool is_negative = i == 1;
    int64_t units = 0;
    size_t n_digits = 0, places = 0;
    bool has_point = false;
    for (; i < text.n; i++) {
        char c = text.at[i];
        if (is_digit(c) && n_digits < DIGITS_EXACT) {
            units = units * 10 + (c - '0');
            n_digits++;
            places += has_point;
        } else if (c == '.' && !has_point) {
            has_point = true;
        } else {
            return parse_unusual(text, out);
        }
    }
    if (n_digits == 0) {
        return false;
    }
    if (units > 1ll << 53) { /* dividing would round twice */
        rk_amount rounded;
        if (!parse_unusual(text, &rounded)) {
            return false;
        }
        *out = (rk_amount){rounded.real, is_negative ? -units : units, (uint8_t)places, true};
        return true;
    }
    double real = places ? (double)units / powers_of_ten[places] : (double)units;
    *out = (rk_amount){is_negative ? -real : real, is_negative ? -units : units, (uint8_t)places, true};
    return true;
}

/* ---- moments ---- */

typedef struct {
    const char *at, *end;
} cursor;

static bool take(cursor *c, char wanted)
{
    bool is_there = c->at < c->end && *c->at == wanted;
    c->at += is_there;
    return is_there;
}

/* min to max digits. */
static bool take_number(cursor *c, unsigned min_digits, unsigned max_digits, unsigned *out)
{
    unsigned n = 0, value = 0;
    while (n < max_digits && c->at < c->end && is_digit(*c->at)) {
        value = value * 10 + (unsigned)(*c->at++ - '0');
        n++;
    }
    *out = value;
    return n >= min_digits;
}

static bool days_of(unsigned year, unsigned month, unsigned day, int64_t *out)
{
    bool is_date = year >= YEAR_MIN && year <= YEAR_MAX && month >= 1 && month <= 12 && day >= 1 &&
                   day <= rk_days_in_month((int)year, month);
    if (is_date) {
        *out = rk_days_of_date((int)year, month, day);
    }
    return is_date;
}

/* "8:26", "08:26:00", "08:26:00.125" */
static bool take_clock(cursor *c, int64_t *seconds)
{
    unsigned hour, minute, second = 0, fraction;
    if (!take_number(c, 1, 2, &hour) || !take(c, ':') || !take_number(c, 2, 2, &minute)) {
        return false;
    }
    if (take(c, ':') && !take_number(c, 2, 2, &second)) {
        return false;
    }
    if ((take(c, '.') || take(c, ',')) && !take_number(c, 1, 9, &fraction)) {
        return false;
    }
    *seconds = (int64_t)hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second <= 60; /* a leap second counts as the next minute's first */
}

/* "Z", "+01:00", "+0100", "+01", " UTC" or nothing. */
static bool take_offset(cursor *c, int64_t *seconds)
{
    unsigned hours, minutes = 0;
    *seconds = 0;
    if (take(c, 'Z') || take(c, 'z') || c->at == c->end) {
        return true;
    }
    if (c->end - c->at == 4 && c->at[0] == ' ' && c->at[1] == 'U' && c->at[2] == 'T' && c->at[3] == 'C') {
        c->at = c->end;
        return true;
    }
    bool is_west = take(c, '-');
    if (!is_west && !take(c, '+')) {
        return false;
    }
    if (!take_number(c, 2, 2, &hours)) {
        return false;
    }
    (void)take(c, ':');
    if (c->at < c->end && !take_number(c, 2, 2, &minutes)) {
        return false;
    }
    *seconds = ((int64_t)hours * 3600 + minutes * 60) * (is_west ? -1 : 1);
    return hours <= 18 && minutes < 60;
}

/* What follows a date. */
static bool take_rest(cursor c, int64_t days, int64_t *out)
{
    int64_t clock = 0, offset = 0;
    if (c.at < c.end) {
        if (!take(&c, 'T') && !take(&c, ' ') && !take(&c, 't')) {
            return false;
        }
        if (!take_clock(&c, &clock) || !take_offset(&c, &offset)) {
            return false;
        }
    }
    *out = days * DAY_S + clock - offset;
    return c.at == c.end;
}

/* 2010-12-01, 2010/12/01 */
static bool parse_year_first(cursor c, int64_t *out)
{
    unsigned year, month, day;
    int64_t days;
    if (!take_number(&c, 4, 4, &year)) {
        return false;
    }
    char between = c.at < c.end ? *c.at : '\0';
    return (between == '-' || between == '/') && take(&c, between) && take_number(&c, 1, 2, &month) &&
           take(&c, between) && take_number(&c, 1, 2, &day) && days_of(year, month, day, &days) &&
           take_rest(c, days, out);
}

/* 12/1/2010 */
static bool parse_month_first(cursor c, int64_t *out)
{
    unsigned year, month, day;
    int64_t days;
    return take_number(&c, 1, 2, &month) && take(&c, '/') && take_number(&c, 1, 2, &day) && take(&c, '/') &&
           take_number(&c, 4, 4, &year) && days_of(year, month, day, &days) && take_rest(c, days, out);
}

/* Whole numbers of some unit, told by their size; a fraction is cut off. */
static bool parse_count(rk_slice text, int64_t *out)
{
    static const int64_t tops[] = {100000000000, 100000000000000, 100000000000000000};
    int64_t value = 0, scale = 1, days;
    uint64_t eight;
    size_t i = 0;
    if (text.n >= 8 && eight_digits(text.at, &eight)) {
        value = (int64_t)eight;
        i = 8;
    }
    for (; i < text.n && i < DIGITS_EXACT && is_digit(text.at[i]); i++) {
        value = value * 10 + (text.at[i] - '0');
    }
    if (i == DIGITS_EXACT && i < text.n && is_digit(text.at[i]) &&
        (__builtin_mul_overflow(value, 10, &value) ||
         __builtin_add_overflow(value, (int64_t)(text.at[i++] - '0'), &value))) {
        return false;
    }
    bool is_whole = i == text.n;
    if (i == 0 || (!is_whole && text.at[i] != '.')) {
        return false;
    }
    for (size_t k = i + 1; k < text.n; k++) {
        if (!is_digit(text.at[k])) {
            return false;
        }
    }
    if (is_whole && i == 8 && value >= 19000101 && value <= 20991231 &&
        days_of((unsigned)(value / 10000), (unsigned)(value / 100 % 100), (unsigned)(value % 100), &days)) {
        *out = days * DAY_S;
        return true;
    }
    for (size_t k = 0; k < RK_COUNT_OF(tops) && value >= tops[k]; k++) {
        scale *= 1000;
    }
    *out = value / scale;
    return true;
}

bool rk_moment_parse(rk_slice text, int64_t *out)
{
    cursor c = {text.at, text.at + text.n};
    bool may_be_date = text.n > 4 && (text.at[4] == '-' || text.at[4] == '/');
    return (may_be_date && parse_year_first(c, out)) || parse_count(text, out) || parse_month_first(c, out);
}

/* cell.c - see cell.h. Cursors over the bytes; nothing follows a locale or a time zone of the machine. */
#include "data/cell.h"

#include "base/clock.h"

typedef struct {
    const char *at, *end;
} cursor;

/* 1 to max_digits digits as a number; -1 when there is none. */
static int64_t take_number(cursor *c, unsigned max_digits, unsigned *n_digits)
{
    int64_t value = 0;
    unsigned n = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9' && n < max_digits; c->at++, n++) {
        value = value * 10 + (*c->at - '0');
    }
    *n_digits = n;
    return n ? value : -1;
}

static bool take_char(cursor *c, char wanted)
{
    if (c->at < c->end && *c->at == wanted) {
        c->at++;
        return true;
    }
    return false;
}

/* [:SS[.fff]] after HH:MM, then Z or an offset; adds all to *seconds. */
static bool take_clock(cursor *c, int64_t *seconds)
{
    unsigned n;
    int64_t hour = take_number(c, 2, &n);
    if (hour < 0 || hour > 23 || !take_char(c, ':')) {
        return false;
    }
    int64_t minute = take_number(c, 2, &n), second = 0;
    if (n != 2 || minute > 59) {
        return false;
    }
    if (take_char(c, ':')) {
        second = take_number(c, 2, &n);
        if (n != 2 || second > 60) {
            return false;
        }
        if (take_char(c, '.') && take_number(c, 9, &n) < 0) {
            return false;
        }
    }
    *seconds += hour * 3600 + minute * 60 + second;
    return true;
}

static bool take_zone(cursor *c, int64_t *seconds)
{
    if (c->at == c->end || take_char(c, 'Z')) {
        return c->at == c->end;
    }
    int sign = take_char(c, '+') ? -1 : take_char(c, '-') ? 1 : 0;
    unsigned n;
    int64_t hour = take_number(c, 2, &n);
    if (sign == 0 || n != 2 || hour > 23) {
        return false;
    }
    (void)take_char(c, ':');
    int64_t minute = take_number(c, 2, &n);
    if ((n != 2 && n != 0) || minute > 59) {
        return false;
    }
    *seconds += sign * (hour * 3600 + (n ? minute : 0) * 60);
    return c->at == c->end;
}

static bool finish_time(cursor c, int64_t year, int64_t month, int64_t day, int64_t *out)
{
    if (month < 1 || month > 12 || day < 1 || year < 1 || day > rk_days_in_month((int)year, (unsigned)month)) {
        return false;
    }
    int64_t seconds = rk_days_of_date((int)year, (unsigned)month, (unsigned)day) * 86400;
    if (c.at < c.end) {
        if (!take_char(&c, ' ') && !take_char(&c, 'T')) {
            return false;
        }
        if (!take_clock(&c, &seconds) || !take_zone(&c, &seconds)) {
            return false;
        }
    }
    *out = seconds;
    return true;
}

static bool unix_time(int64_t value, int64_t *out)
{
    int64_t magnitude = value < 0 ? -value : value;
    *out = magnitude >= 100000000000000 ? value / 1000000 : magnitude >= 100000000000 ? value / 1000 : value;
    return true;
}

bool rk_cell_time(rk_slice cell, int64_t *out)
{
    cursor c = {cell.at, cell.at + cell.n};
    unsigned n;
    bool is_negative = take_char(&c, '-');
    int64_t first = take_number(&c, 18, &n);
    if (first < 0) {
        return false;
    }
    if (c.at == c.end || (*c.at == '.' && n >= 9)) { /* 1291191960 or 1291191960.25 */
        if (c.at < c.end) {
            c.at++;
            (void)take_number(&c, 18, &n);
        }
        return c.at == c.end && unix_time(is_negative ? -first : first, out);
    }
    if (is_negative) {
        return false;
    }
    char separator = *c.at++;
    unsigned n_second, n_third;
    int64_t second = take_number(&c, 2, &n_second);
    if (second < 0 || !take_char(&c, separator)) {
        return false;
    }
    int64_t third = take_number(&c, 4, &n_third);
    if (third < 0) {
        return false;
    }
    if (n == 4 && n_third <= 2 && (separator == '-' || separator == '/')) {
        return finish_time(c, first, second, third, out);
    }
    return n <= 2 && n_third == 4 && separator == '/' && finish_time(c, third, first, second, out);
}

bool rk_cell_micros(rk_slice cell, int64_t *out)
{
    cursor c = {cell.at, cell.at + cell.n};
    bool is_negative = take_char(&c, '-');
    unsigned n_whole, n_part = 0;
    int64_t whole = take_number(&c, 12, &n_whole), part = 0;
    if (whole < 0) {
        return false;
    }
    if (take_char(&c, '.')) {
        part = take_number(&c, 6, &n_part);
        if (part < 0) {
            return false;
        }
        for (; c.at < c.end && *c.at == '0'; c.at++) { /* zeros behind the sixth digit change nothing */
        }
    }
    if (c.at != c.end) {
        return false;
    }
    for (unsigned i = n_part; i < 6; i++) {
        part *= 10;
    }
    int64_t micros = whole * 1000000 + part;
    *out = is_negative ? -micros : micros;
    return true;
}

bool rk_cell_float(rk_slice cell, float *out)
{
    cursor c = {cell.at, cell.at + cell.n};
    bool is_negative = take_char(&c, '-');
    unsigned n;
    int64_t whole = take_number(&c, 15, &n);
    if (whole >= 0 && c.at == c.end) {
        *out = (float)(is_negative ? -whole : whole);
        return true;
    }
    double value;
    if (!rk_parse_real(cell, &value)) {
        return false;
    }
    *out = (float)value;
    return true;
}

/* cell.h - what the text of a cell means: an amount or a moment. */
#ifndef RECKON_DATA_CELL_H
#define RECKON_DATA_CELL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* real is the nearest double; units x 10^-places is the number itself, when is_exact (up to 18 digits, no exponent). */
typedef struct {
    double real;
    int64_t units;
    uint8_t places;
    bool is_exact;
} rk_amount;

/* Digits with an optional sign, point and exponent; finite. No blanks, no thousands separators, no currency. */
bool rk_amount_parse(rk_slice text, rk_amount *out);

/* Seconds since 1970 UTC, rounded down. Reads
 *   1292103545, 1292103545.25     seconds; from 10^11 milliseconds, from 10^14 microseconds, from 10^17 nanoseconds
 *   20101201                      eight digits that are a date of 1900 to 2099
 *   2010-12-01[ T]08:26[:00[.5]][Z|+01:00|+0100|+01], also with / between the date's parts, also the date alone
 *   12/1/2010 8:26[:00]           month first; also the date alone
 * Without an offset a time is UTC. */
bool rk_moment_parse(rk_slice text, int64_t *out);

#endif

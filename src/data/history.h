/* history.h - how many requests came on each day: a CSV with the columns `date` and `requests`.
 *
 *     date,requests
 *     2026-01-01,10450
 *
 * Rows in any order, other columns ignored. A day twice is an error; days without a row, or without a number in it, are
 * missing: NaN, counted.
 */
#ifndef RECKON_DATA_HISTORY_H
#define RECKON_DATA_HISTORY_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum { RK_HISTORY_DAYS_MAX = 36600 }; /* a century */
#define RK_HISTORY_REQUESTS_MAX 1e15  /* a day; whole numbers are exact up to there */

typedef struct {
    int64_t first_day; /* since 1970-01-01 */
    double *requests;  /* [n_days], NaN = missing; owned */
    size_t n_days, n_missing;
} rk_history;

/* path: plain, .gz or .zst, "-" for standard input. End with release. */
RK_MUST_CHECK rk_status rk_history_read(const char *path, rk_history *out, rk_error *err);
RK_MUST_CHECK rk_status rk_history_parse(rk_slice text, const char *name, rk_history *out, rk_error *err);
void rk_history_release(rk_history *history); /* accepts a zeroed one */

/* Requests of the days begin_day .. end_day - 1 that are known. */
double rk_history_sum(const rk_history *history, int64_t begin_day, int64_t end_day);

/* Cuts n_days from first_day on where months end: end: [n_days / 28 + 2] offsets behind the last day of each, the last
 * n_days. Returns how many. */
size_t rk_months_cut(int64_t first_day, size_t n_days, size_t *end);

#endif

/* bill.h - a cloud bill in the FOCUS format (1.0 to 1.2): CSV, row by row, with exact figures.
 *
 * Read as a stream by data/csv.h, and as strictly. A null is a cell with nothing in it, or the word NULL without
 * quotes; an empty text in quotes is a text.
 */
#ifndef RECKON_BILL_BILL_H
#define RECKON_BILL_BILL_H

#include <gmp.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "bill/focus_table.h"

typedef struct {
    rk_slice text; /* without its quotes; empty when null */
    bool is_null;
} rk_bill_cell;

typedef struct {
    uint64_t row, line;        /* from 1; the header stands on line 1 and is no row */
    const rk_bill_cell *cells; /* [n_columns] */
} rk_bill_row;

typedef struct rk_bill rk_bill;

/* Reads the header. Owned by the caller; end with close. path (and text) are borrowed until then. */
RK_MUST_CHECK rk_status rk_bill_open(const char *path, rk_bill **out, rk_error *err);
RK_MUST_CHECK rk_status rk_bill_open_text(rk_slice text, const char *name, rk_bill **out, rk_error *err);
void rk_bill_close(rk_bill *bill); /* accepts NULL */

const char *rk_bill_name(const rk_bill *bill);
size_t rk_bill_n_columns(const rk_bill *bill);
rk_slice rk_bill_column(const rk_bill *bill, size_t i);
/* Where a column of FOCUS stands, or -1. */
int rk_bill_find(const rk_bill *bill, rk_focus_column column);

/* The next row, borrowed until the next call; *out NULL at the end. */
RK_MUST_CHECK rk_status rk_bill_next(rk_bill *bill, const rk_bill_row **out, rk_error *err);
/* The cell of a column of FOCUS; null when the bill has no such column. */
rk_bill_cell rk_bill_cell_of(const rk_bill *bill, const rk_bill_row *row, rk_focus_column column);

/* ---- what a cell says ---- */
typedef enum {
    RK_CELL_BAD,   /* it is none */
    RK_CELL_LOOSE, /* it can be read, but is not written as FOCUS wants it */
    RK_CELL_GOOD,
} rk_cell_quality;

/* A decimal or mEn of at most 60 digits and an exponent to +-60, exact; out may be NULL. Loose:
 * +1, 1E+3, .5, 5. */
rk_cell_quality rk_bill_number(rk_slice text, mpq_ptr out);
/* Decimal places of a number without the zeros at its end; 0 when it has none or an exponent. */
unsigned rk_bill_places(rk_slice text);
/* Seconds since 1970 of 2026-10-01T00:00:00Z. Loose: a blank for the T, no Z (taken as UTC), +01:00, no time, a
 * fraction of a second. */
rk_cell_quality rk_bill_time(rk_slice text, int64_t *unix_s);

#endif

/* csv.h - a strict CSV (RFC 4180) as a stream: the names of its columns, then row by row.
 *
 * A file may be longer than memory. A ragged row, a stray quote, a column twice or a byte that is no UTF-8 is an error
 * with its line; blank lines are passed over. (The readers of shop logs, which mend what they can, are elsewhere:
 * ingest.h.)
 */
#ifndef RECKON_DATA_CSV_H
#define RECKON_DATA_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

enum { RK_CSV_COLUMNS_MAX = 1000, RK_CSV_ROW_BYTES_MAX = 8 << 20 };

typedef struct {
    rk_slice text; /* without its quotes */
    bool is_quoted;
} rk_csv_cell;

typedef struct {
    uint64_t row, line;       /* from 1; the header stands on line 1 and is no row */
    const rk_csv_cell *cells; /* [n_columns] */
} rk_csv_row;

typedef struct rk_csv rk_csv;

/* Reads the header. path: plain, .gz or .zst, "-" for standard input. Owned by the caller; end with close. path (and
 * text) are borrowed until then. */
RK_MUST_CHECK rk_status rk_csv_open(const char *path, rk_csv **out, rk_error *err);
RK_MUST_CHECK rk_status rk_csv_open_text(rk_slice text, const char *name, rk_csv **out, rk_error *err);
void rk_csv_close(rk_csv *csv); /* accepts NULL */

const char *rk_csv_name(const rk_csv *csv); /* for messages */
size_t rk_csv_n_columns(const rk_csv *csv);
rk_slice rk_csv_column(const rk_csv *csv, size_t i);
int rk_csv_find(const rk_csv *csv, const char *name); /* -1: no such column */

/* The next row, borrowed until the next call; *out NULL at the end. */
RK_MUST_CHECK rk_status rk_csv_next(rk_csv *csv, const rk_csv_row **out, rk_error *err);

#endif

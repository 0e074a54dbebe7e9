/* csv.h - a strict CSV (RFC 4180), or its like with another delimiter, as a stream: the names of its columns, then row
 * by row.
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
#include "data/source.h"

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
/* delimiter: ',' for a CSV. */
RK_MUST_CHECK rk_status rk_csv_open_text(rk_slice text, const char *name, char delimiter, rk_csv **out, rk_error *err);
/* A source of which some bytes were looked at already: begun, copied. Takes the source, well or not. */
RK_MUST_CHECK rk_status rk_csv_open_source(rk_source *source, rk_slice begun, char delimiter, rk_csv **out,
                                           rk_error *err);
void rk_csv_close(rk_csv *csv); /* accepts NULL */

uint64_t rk_csv_bytes_in(const rk_csv *csv); /* taken from the file so far, before decompression */
const char *rk_csv_name(const rk_csv *csv);  /* for messages */
size_t rk_csv_n_columns(const rk_csv *csv);
rk_slice rk_csv_column(const rk_csv *csv, size_t i);
int rk_csv_find(const rk_csv *csv, const char *name); /* -1: no such column */

/* The next row, borrowed until the next call; *out NULL at the end. */
RK_MUST_CHECK rk_status rk_csv_next(rk_csv *csv, const rk_csv_row **out, rk_error *err);

#endif

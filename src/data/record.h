/* record.h - one record of a log after another, whatever the format: a row per format, one cursor for all.
 *
 * A cursor walks a piece of text that begins and ends at record boundaries (rk_record_cut finds them). Cells are slices
 * into the text, or into the cursor's own scratch where quotes or escapes had to be undone; valid until the next call.
 */
#ifndef RECKON_DATA_RECORD_H
#define RECKON_DATA_RECORD_H

#include <stdint.h>

#include "base/vec.h"
#include "data/role.h"

typedef enum { RK_RECORD_CELLS, RK_RECORD_JSON, RK_RECORD_LIST } rk_record_kind;

/* How the text is to be read; fixed for a file. */
typedef struct {
    rk_record_kind kind;
    char delimiter;                 /* cells */
    size_t n_columns;               /* cells: of the header */
    int8_t role_of[RK_COLUMNS_MAX]; /* cells: the role a column plays, -1 = none */
    rk_slice names[RK_N_ROLES];     /* json: the key of each role; n 0 = none */
} rk_layout;

typedef struct {
    const rk_layout *layout; /* borrowed */
    const char *path;
    const char *at, *end;
    uint64_t line;   /* of `at`, from 1 */
    bool has_quotes; /* cells: the piece holds a quote at all */
    uint64_t mask;   /* cells: delimiters and newlines of the block, those behind `at` */
    const char *block, *next_block;
    rk_slice user;  /* lists: of the line being read */
    rk_vec scratch; /* of char: undone quotes and escapes of this record */
} rk_cursor;

typedef struct {
    rk_slice cell[RK_N_ROLES]; /* n 0 = missing */
    rk_slice raw;              /* the record without its line end */
    uint64_t line;             /* where it begins */
    bool is_ragged;            /* cells: more or fewer than columns */
} rk_record;

void rk_cursor_start(rk_cursor *cursor, const rk_layout *layout, const char *path, rk_slice piece, uint64_t line);
void rk_cursor_release(rk_cursor *cursor);
/* *has_record false at the end. Errors name the line. Empty lines are skipped. */
RK_MUST_CHECK rk_status rk_cursor_next(rk_cursor *cursor, rk_record *record, bool *has_record, rk_error *err);

/* Behind the first record that ends after offset `from`, or text.n; text begins at a record. *is_open: text ends inside
 * quotes. */
size_t rk_record_cut(const rk_layout *layout, rk_slice text, size_t from, bool *is_open);

/* One line of cells split at the delimiter, quotes undone into scratch; for headers. Returns how many; at most max. */
size_t rk_cells_split(rk_slice line, char delimiter, rk_vec *scratch, rk_slice *cells, size_t max);

#endif

/* price_list.h - a price list as CSV (RFC 4180), plain or compressed, read strictly, row by row.
 *
 * The first line names the columns; lines of '#' may stand before it. ';' separates where the head has no ','. Every
 * row has as many cells as the head, else it is an error with its place: a list that lost a comma gives no prices.
 */
#ifndef RECKON_PRICE_PRICE_LIST_H
#define RECKON_PRICE_PRICE_LIST_H

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

enum { RK_LIST_BYTES_MAX = 64 << 20, RK_LIST_COLUMNS_MAX = 64 };

typedef struct {
    rk_slice text; /* quotes taken off */
    size_t column; /* byte of the line where it begins, from 1 */
} rk_list_cell;

typedef struct {
    const char *path; /* borrowed, for places */
    char *text;       /* owned; quoted cells are unquoted in place */
    size_t n_bytes, at;
    char delimiter;
    size_t n_columns;
    rk_slice head; /* the first line as it stands, without its end */
    rk_slice names[RK_LIST_COLUMNS_MAX];
    rk_list_cell cells[RK_LIST_COLUMNS_MAX]; /* [n_columns] of the row at hand */
    size_t line, next_line;                  /* of the row at hand; of what follows it */
} rk_price_list;

/* End with release, also after an error. */
RK_MUST_CHECK rk_status rk_price_list_open(const char *path, rk_price_list *out, rk_error *err);
RK_MUST_CHECK rk_status rk_price_list_parse(rk_slice text, const char *path, rk_price_list *out, rk_error *err);
/* The next row into cells; *more = false at the end. */
RK_MUST_CHECK rk_status rk_price_list_next(rk_price_list *list, bool *more, rk_error *err);
/* Where cell c of the row at hand stands. */
rk_place rk_price_list_at(const rk_price_list *list, size_t c);
void rk_price_list_release(rk_price_list *list);

#endif

/* table.h - a small table of texts, printed for a terminal or as HTML from the same cells.
 *
 *     rk_table table = {.columns = columns, .n_columns = 3};
 *     rk_table_add(&table, "fp32"); rk_table_addf(&table, "%d", 42); ...      row by row, left to right
 *     rk_table_print(&table, (rk_table_style){.indent = 2}, out);
 *     rk_table_release(&table);
 */
#ifndef RECKON_REPORT_TABLE_H
#define RECKON_REPORT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/text.h"
#include "base/vec.h"
#include "math/money.h"

typedef struct {
    const char *title;
    bool is_number; /* to the right */
} rk_column;

typedef struct {
    const rk_column *columns; /* borrowed */
    size_t n_columns;
    const char *caption; /* HTML only; NULL = none */
    bool has_total;      /* the last row sums the others */
    size_t strong_row;   /* 1 = the first row stands out; 0 = none */
    rk_vec cells;        /* char *, in the arena */
    rk_arena arena;
    bool failed; /* memory was short; the prints then do nothing */
} rk_table;

typedef struct {
    bool color;      /* bold head, strong and total rows by terminal codes */
    unsigned indent; /* blanks before each line */
    unsigned width;  /* a wider table is cut into blocks of columns, the first one repeated; 0 = as wide as it is */
} rk_table_style;

void rk_table_add(rk_table *table, const char *words); /* NULL = an empty cell */
void rk_table_addf(rk_table *table, const char *fmt, ...) RK_PRINTF(2, 3);
void rk_table_take(rk_table *table, rk_text *text); /* adds what text holds and clears it */
void rk_table_add_money(rk_table *table, rk_money amount, unsigned n_digits);
void rk_table_add_fixed(rk_table *table, double value, int n_digits); /* "1,234.5"; "n/a" for NaN */
size_t rk_table_n_rows(const rk_table *table);      /* full rows only */
const char *rk_table_cell(const rk_table *table, size_t row, size_t column);
void rk_table_release(rk_table *table);

/* Aligned by display width; control characters become '?', so that data cannot drive the terminal. */
void rk_table_print(const rk_table *table, rk_table_style style, rk_text *out);
/* <table> with caption and scopes; every text escaped. */
void rk_table_html(const rk_table *table, rk_text *out);

/* Columns of a terminal that UTF-8 text takes: 0 for combining marks, 2 for East Asian wide and emoji. */
size_t rk_display_width(rk_slice text);

#endif

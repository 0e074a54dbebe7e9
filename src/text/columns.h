/* columns.h - what items are filtered, counted and sorted by: for every brand, category and attribute its different
 * values, folded once, with the items that have each.
 *
 * A column is a field of the catalogue: 0 the brand, 1 the category, 2 + a the attribute a of the dataset. The values
 * of a column stand together, by their folded text bytewise, so that one value is found by bisection and a category
 * with all below it is a run of values. Values that fold alike are one, named as it was written first.
 *
 * Sections of an index:
 *   column.first     u32  [n_columns + 1]  values of column c: first[c] .. first[c + 1] - 1
 *   column.folded.*  names [n_values]      words with a blank behind each; of categories '>' behind each level
 *   column.name.*    names [n_values]      as written first
 *   column.number    f64  [n_values]       a number, or a day or moment as seconds since 1970; NaN: neither
 *   column.start     u64  [n_values + 1]   into column.item
 *   column.item      u32  [...]            items of a value, ascending
 *   column.single    u32  [n_items x 2]    value of the brand and of the category, RK_NO_ID = none
 *   column.events    u32  [n_items]        events of the item in the log; absent without a log
 *   column.since     i64  [n_items]        time of its first event, INT64_MIN = none; absent without times
 */
#ifndef RECKON_TEXT_COLUMNS_H
#define RECKON_TEXT_COLUMNS_H

#include "base/text.h"
#include "data/dataset.h"
#include "text/analyse.h"

enum { RK_COLUMN_BRAND, RK_COLUMN_CATEGORY, RK_COLUMN_ATTRIBUTES };

typedef struct {
    uint32_t n_columns, n_values;
    const uint32_t *first;
    rk_names folded, name;
    const double *number;
    const uint64_t *start;
    const uint32_t *item;
    const uint32_t *single;
    const uint32_t *events; /* NULL: no log */
    const int64_t *since;   /* NULL: no times */
} rk_columns;

/* Values a run of: begin .. end - 1. */
typedef struct {
    uint32_t begin, end;
} rk_value_run;

/* How values are read for comparing: an analyser that keeps every word whole. */
extern const rk_analysis rk_value_analysis;
/* The folded form of a value; is_path: by levels, between > / | or . */
RK_MUST_CHECK rk_status rk_value_fold(rk_analyser *folder, rk_slice value, bool is_path, rk_text *out, rk_error *err);
/* The number of a value: "12.5", "2009-12-10", "2009-12-10T00:00:00Z"; NaN. */
double rk_value_number(rk_slice value);

/* Checks every shape and place. dataset: the item tables of the artefact. */
RK_MUST_CHECK rk_status rk_columns_open(const rk_artefact *artefact, const rk_dataset *items, rk_columns *out,
                                        rk_error *err);
/* Of a dataset, or of item tables alone. */
RK_MUST_CHECK rk_status rk_columns_write(const rk_dataset *dataset, rk_artefact_writer *writer, rk_error *err);

/* Values of a column that are this one, or, of categories, begin with it. */
rk_value_run rk_columns_find(const rk_columns *columns, uint32_t column, rk_slice folded, bool is_beginning);

#endif

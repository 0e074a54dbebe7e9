/* best_rows.h - a sparse matrix that is too large to be made: each row is summed by itself and its best entries stay.
 *
 * A row is poured into a pile, rated, and picked from; rows are shared out to threads in fixed chunks and depend on
 * nothing but themselves, so any number of threads gives the same bits. Memory: what is kept, and a pile per thread.
 */
#ifndef RECKON_MATH_BEST_ROWS_H
#define RECKON_MATH_BEST_ROWS_H

#include "math/csr.h"
#include "math/pile.h"

/* One thread's place on a row. */
typedef struct {
    rk_pile pile;
    uint32_t first, end; /* pour adds to columns first .. end - 1 only */
    uint64_t *cursor; /* [n_cursors] pour's own, to go on with in the next block of columns; first is 0 in the first */
} rk_row_bench;

typedef struct {
    uint32_t n_rows, n_cols;
    size_t n_best;       /* at most so many entries of a row stay */
    uint32_t block_cols; /* columns that are poured at a time; 0 = all */
    size_t n_cursors;
    const void *context;
    /* No more columns than that are touched by a row; NULL = any number. */
    uint64_t (*most)(const void *context, uint32_t row);
    /* Adds to the pile what the row has between first and end. */
    void (*pour)(const void *context, uint32_t row, rk_row_bench *bench);
    /* Makes scores of sums, in place; what stays, moved together, must be > 0. Returns how many stay. NULL: the sums,
     * without the column whose number is the row's. */
    size_t (*rate)(const void *context, uint32_t row, uint32_t *col, float *score, size_t n);
    /* Last words on the entries that stay, by ascending column; NULL = none. */
    void (*finish)(const void *context, uint32_t row, const uint32_t *col, float *score, size_t n);
} rk_best_rows;

/* Owned result, with values. */
RK_MUST_CHECK rk_status rk_best_rows_make(const rk_best_rows *rows, rk_pool *pool, rk_csr *out, rk_error *err);
/* Most memory that takes beside the result, bytes. */
uint64_t rk_best_rows_bytes(const rk_best_rows *rows, unsigned n_threads);

#endif

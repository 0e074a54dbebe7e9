/* csr.c - see csr.h.
 *
 * Everything is one stable counting sort. Triples sorted by column and then, by transposing, sorted by row come out
 * with ascending columns and duplicates side by side in input order: linear time, no comparison, no recursion.
 */
#include "math/csr.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static rk_status allocate(uint32_t n_rows, uint32_t n_cols, uint64_t n, bool has_value, rk_csr *out, rk_error *err)
{
    size_t room = n ? (size_t)n : 1;
    *out = (rk_csr){
        .n_rows = n_rows,
        .n_cols = n_cols,
        .start = calloc((size_t)n_rows + 1, sizeof *out->start),
        .col = calloc(room, sizeof *out->col),
        .value = has_value ? calloc(room, sizeof *out->value) : NULL,
    };
    if (!out->start || !out->col || (has_value && !out->value)) {
        rk_csr_release(out);
        return rk_fail_memory(err, "a sparse matrix");
    }
    return RK_OK;
}

/* start[r] holds the count of row r and becomes the place of its first entry. */
static void counts_to_places(rk_csr *csr)
{
    uint64_t place = 0;
    for (uint32_t r = 0; r <= csr->n_rows; r++) {
        uint64_t count = csr->start[r];
        csr->start[r] = place;
        place += count;
    }
}

/* The next place of the row, which moves on ... */
static void put(rk_csr *csr, uint32_t row, uint32_t col, float value)
{
    uint64_t at = csr->start[row]++;
    csr->col[at] = col;
    if (csr->value) {
        csr->value[at] = value;
    }
}

/* ... so that each row's start now is the next row's, and all shift by one. */
static void places_to_starts(rk_csr *csr)
{
    memmove(csr->start + 1, csr->start, csr->n_rows * sizeof *csr->start);
    csr->start[0] = 0;
}

static float value_at(const float *values, uint64_t i) { return values ? values[i] : 1.0f; }

rk_status rk_csr_transpose(const rk_csr *in, rk_csr *out, rk_error *err)
{
    rk_csr turned;
    uint64_t n = in->start[in->n_rows];
    rk_status status = allocate(in->n_cols, in->n_rows, n, in->value != NULL, &turned, err);
    if (status) {
        return status;
    }
    for (uint64_t i = 0; i < n; i++) {
        turned.start[in->col[i]]++;
    }
    counts_to_places(&turned);
    for (uint32_t r = 0; r < in->n_rows; r++) {
        for (uint64_t i = in->start[r]; i < in->start[r + 1]; i++) {
            put(&turned, in->col[i], r, value_at(in->value, i));
        }
    }
    places_to_starts(&turned);
    *out = turned;
    return RK_OK;
}

/* Rows are the columns of the triples, in input order, duplicates and all. */
static rk_status sort_by_column(uint32_t n_rows, uint32_t n_cols, uint64_t n, const uint32_t *row, const uint32_t *col,
                                const float *value, rk_csr *out, rk_error *err)
{
    rk_status status = allocate(n_cols, n_rows, n, value != NULL, out, err);
    if (status) {
        return status;
    }
    for (uint64_t i = 0; i < n; i++) {
        if (row[i] >= n_rows || col[i] >= n_cols) {
            rk_csr_release(out);
            return rk_fail(err, RK_BAD_INPUT, "matrix entry %llu is (%u, %u), outside of %u x %u",
                           (unsigned long long)i, row[i], col[i], n_rows, n_cols);
        }
        out->start[col[i]]++;
    }
    counts_to_places(out);
    for (uint64_t i = 0; i < n; i++) {
        put(out, col[i], row[i], value_at(value, i));
    }
    places_to_starts(out);
    return RK_OK;
}

static bool has_duplicates(const rk_csr *csr)
{
    for (uint32_t r = 0; r < csr->n_rows; r++) {
        for (uint64_t i = csr->start[r] + 1; i < csr->start[r + 1]; i++) {
            if (csr->col[i] == csr->col[i - 1]) {
                return true;
            }
        }
    }
    return false;
}

/* Adds neighbours of one column together, in place; value must be there. */
static void merge_duplicates(rk_csr *csr)
{
    uint64_t n = 0, i = 0;
    for (uint32_t r = 0; r < csr->n_rows; r++) {
        uint64_t first = n;
        for (; i < csr->start[r + 1]; i++) {
            if (n > first && csr->col[n - 1] == csr->col[i]) {
                csr->value[n - 1] += csr->value[i];
            } else {
                csr->col[n] = csr->col[i];
                csr->value[n++] = csr->value[i];
            }
        }
        csr->start[r + 1] = n;
    }
}

/* start[r + 1] is read before it is overwritten, so merging needs no second array. Shrinking may fail: then it stays.
 */
static rk_status merge_and_trim(rk_csr *csr, rk_error *err)
{
    uint64_t n = csr->start[csr->n_rows];
    if (!csr->value) {
        csr->value = malloc(n * sizeof *csr->value);
        if (!csr->value) {
            return rk_fail_memory(err, "a sparse matrix");
        }
        for (uint64_t i = 0; i < n; i++) {
            csr->value[i] = 1.0f;
        }
    }
    merge_duplicates(csr);
    n = csr->start[csr->n_rows];
    uint32_t *col = realloc(csr->col, n * sizeof *col);
    csr->col = col ? col : csr->col;
    float *value = realloc(csr->value, n * sizeof *value);
    csr->value = value ? value : csr->value;
    return RK_OK;
}

rk_status rk_csr_of_triples(uint32_t n_rows, uint32_t n_cols, uint64_t n, const uint32_t *row, const uint32_t *col,
                            const float *value, rk_csr *out, rk_error *err)
{
    rk_csr by_col, csr;
    rk_status status = sort_by_column(n_rows, n_cols, n, row, col, value, &by_col, err);
    if (status) {
        return status;
    }
    status = rk_csr_transpose(&by_col, &csr, err);
    rk_csr_release(&by_col);
    if (!status && has_duplicates(&csr)) {
        status = merge_and_trim(&csr, err);
        if (status) {
            rk_csr_release(&csr);
        }
    }
    if (!status) {
        *out = csr;
    }
    return status;
}

void rk_csr_release(rk_csr *csr)
{
    free(csr->start);
    free(csr->col);
    free(csr->value);
    *csr = (rk_csr){0};
}

uint64_t rk_csr_longest_row(const rk_csr *csr)
{
    uint64_t longest = 0;
    for (uint32_t r = 0; r < csr->n_rows; r++) {
        uint64_t n = csr->start[r + 1] - csr->start[r];
        longest = n > longest ? n : longest;
    }
    return longest;
}

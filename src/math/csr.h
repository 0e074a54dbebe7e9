/* csr.h - compressed sparse rows. */
#ifndef RECKON_MATH_CSR_H
#define RECKON_MATH_CSR_H

#include <stdint.h>

#include "base/error.h"
#include "base/thread.h"

/* Row r holds entries start[r] .. start[r + 1] - 1; columns ascend inside a row, no duplicates. */
typedef struct {
    uint32_t n_rows, n_cols;
    uint64_t *start; /* [n_rows + 1] */
    uint32_t *col;   /* [start[n_rows]] */
    float *value;    /* [start[n_rows]]; NULL = all 1 */
} rk_csr;

/* Entries in any order; duplicates are added up in input order. All arrays [n]; value NULL = 1 each, and then the result has
 * values only where there were duplicates. An entry outside of n_rows x n_cols is RK_BAD_INPUT. Owned result. */
RK_MUST_CHECK rk_status rk_csr_of_triples(uint32_t n_rows, uint32_t n_cols, uint64_t n, const uint32_t *row,
                                          const uint32_t *col, const float *value, rk_csr *out, rk_error *err);
RK_MUST_CHECK rk_status rk_csr_transpose(const rk_csr *in, rk_csr *out, rk_error *err);
void rk_csr_release(rk_csr *csr);
uint64_t rk_csr_longest_row(const rk_csr *csr); /* entries; what a scratch buffer for one row must hold */

#endif

/* svd.h - the largest singular values of a sparse matrix, and their vectors on the side of its columns.
 *
 * Precision: single, like the matrix: a singular value below 1/500 of the largest passes for 0.
 * Cost:      for k vectors of a matrix with n columns a basis of about 2.5 k: 25 n k^2 multiplications, 10 n k bytes.
 * Bits:      depend on the matrix and the seed only, not on the number of threads.
 */
#ifndef RECKON_MATH_SVD_H
#define RECKON_MATH_SVD_H

#include "math/csr.h"
#include "math/pace.h"

typedef struct {
    size_t n_vectors; /* wanted, >= 1 */
    double tolerance; /* enough when |A'A v - s^2 v| is below this share of the largest s^2, for every vector */
    uint64_t seed;
} rk_svd_wish;

typedef struct {
    size_t n;        /* vectors found: as many as wanted, or the rank when that is less */
    float *value;    /* [n] descending, > 0 */
    float *vector;   /* [n_cols x n]; columns of length 1, at right angles */
    double residual; /* the largest |A'A v - s^2 v| as a share of the largest s^2, multiplied out */
    size_t n_basis;  /* vectors that it took */
} rk_svd;

/* transposed: of a. Owned result, end with release. RK_BAD_INPUT when a number is not finite. */
RK_MUST_CHECK rk_status rk_svd_largest(const rk_csr *a, const rk_csr *transposed, rk_svd_wish wish, rk_pool *pool,
                                       rk_svd *out, rk_error *err);
void rk_svd_release(rk_svd *svd); /* accepts a zeroed one */

/* Most memory that takes, the result included, bytes. */
uint64_t rk_svd_bytes(uint32_t n_rows, uint32_t n_cols, size_t n_vectors);
rk_work rk_svd_work(uint64_t n_entries, uint32_t n_cols, size_t n_vectors);

#endif

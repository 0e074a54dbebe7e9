/* blas.h - the dense algebra we take from OpenBLAS and LAPACK, row-major, always one BLAS thread.
 *
 * Threads are ours, across users; BLAS threads inside them are 15 times slower. Call rk_blas_init once per process
 * (rk_pool users may call it again; it is idempotent).
 */
#ifndef RECKON_MATH_BLAS_H
#define RECKON_MATH_BLAS_H

#include <stdbool.h>
#include <stddef.h>

void rk_blas_init(void);

/* C[m x n] = alpha * A[m x k] * B'[k x n] + beta * C, B stored [n x k]; ld = row strides in elements. */
void rk_gemm_nt(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m, size_t n,
                size_t k, float alpha, float beta);
/* C[m x n] = alpha * A[m x k] * B[k x n] + beta * C. */
void rk_gemm_nn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m, size_t n,
                size_t k, float alpha, float beta);
/* C[m x n] = alpha * A'[m x k] * B[k x n] + beta * C, A stored [k x m]. */
void rk_gemm_tn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m, size_t n,
                size_t k, float alpha, float beta);
/* Lower triangle of C[n x n] = alpha * A'A + beta * C, A stored [k x n]. */
void rk_syrk_tn(float *c, size_t ldc, const float *a, size_t lda, size_t n, size_t k, float alpha, float beta);
/* Solves A x = b in place of b; A[n x n] symmetric positive definite, lower triangle given, overwritten.
 * false when A is not positive definite. */
bool rk_solve_spd(float *a, size_t lda, float *b, size_t n);
/* Thin SVD of A[m x n], m >= n: A = U diag(s) V'; a becomes U [m x n], s [n] descending, vt [n x n]. false on failure.
 */
bool rk_svd_thin(float *a, size_t m, size_t n, float *s, float *vt);

#endif

/* blas.c - see blas.h.
 *
 * LAPACK is column-major: row-major A read by columns is A'. A symmetric matrix is its own transpose, so the lower
 * triangle of ours is the upper triangle of theirs, and nothing is copied. For the SVD, A = U S V' reads as
 * A' = V S U' there: ask for it with U and V' exchanged. LAPACKE's own row-major calls would transpose in the heap.
 */
#include "math/blas.h"

#include <assert.h>
#include <limits.h>

#include <cblas.h>
#include <lapacke.h>

void rk_blas_init(void) { openblas_set_num_threads(1); }

static int to_int(size_t n)
{
    assert(n <= INT_MAX);
    return (int)n;
}

static void gemm(CBLAS_TRANSPOSE how_a, CBLAS_TRANSPOSE how_b, float *c, size_t ldc, const float *a, size_t lda,
                 const float *b, size_t ldb, size_t m, size_t n, size_t k, float alpha, float beta)
{
    cblas_sgemm(CblasRowMajor, how_a, how_b, to_int(m), to_int(n), to_int(k), alpha, a, to_int(lda), b, to_int(ldb),
                beta, c, to_int(ldc));
}

void rk_gemm_nt(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m, size_t n,
                size_t k, float alpha, float beta)
{
    gemm(CblasNoTrans, CblasTrans, c, ldc, a, lda, b, ldb, m, n, k, alpha, beta);
}

void rk_gemm_nn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m, size_t n,
                size_t k, float alpha, float beta)
{
    gemm(CblasNoTrans, CblasNoTrans, c, ldc, a, lda, b, ldb, m, n, k, alpha, beta);
}

void rk_gemm_tn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t m, size_t n,
                size_t k, float alpha, float beta)
{
    gemm(CblasTrans, CblasNoTrans, c, ldc, a, lda, b, ldb, m, n, k, alpha, beta);
}

void rk_syrk_tn(float *c, size_t ldc, const float *a, size_t lda, size_t n, size_t k, float alpha, float beta)
{
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, to_int(n), to_int(k), alpha, a, to_int(lda), beta, c,
                to_int(ldc));
}

bool rk_solve_spd(float *a, size_t lda, float *b, size_t n)
{
    return LAPACKE_sposv_work(LAPACK_COL_MAJOR, 'U', to_int(n), 1, a, to_int(lda), b, to_int(n > 0 ? n : 1)) == 0;
}

/* For m > n LAPACK leaves its right vectors, our U, in a and writes its left ones, our V', to vt. A square matrix
 * counts as tall there: the two come out the other way round. */
bool rk_svd_thin(float *a, size_t m, size_t n, float *s, float *vt)
{
    assert(m >= n && n > 0);
    lapack_int rows = to_int(n), cols = to_int(m);
    if (LAPACKE_sgesdd(LAPACK_COL_MAJOR, 'O', rows, cols, a, rows, s, vt, rows, vt, rows) != 0) {
        return false;
    }
    for (size_t i = 0; m == n && i < n * n; i++) {
        float swapped = a[i];
        a[i] = vt[i];
        vt[i] = swapped;
    }
    return true;
}

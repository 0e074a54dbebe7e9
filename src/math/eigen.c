/* eigen.c - see eigen.h. LAPACK's divide and conquer, on one thread like all our BLAS. */
#include "math/eigen.h"

#include <lapacke.h>
#include <math.h>

#include "math/blas.h"

bool rk_eigen_symmetric(double *a, size_t n, double *value)
{
    if (n == 0) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            if (!isfinite(a[i * n + j])) {
                return false;
            }
        }
    }
    rk_blas_init();
    /* Our lower triangle is the upper one of column-major; its columns of eigenvectors are our rows. */
    return LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, a, (lapack_int)n, value) == 0;
}

bool rk_solve_spd_many(float *a, size_t lda, float *b, size_t ldb, size_t n, size_t n_rhs)
{
    return n == 0 || LAPACKE_sposv_work(LAPACK_COL_MAJOR, 'U', (lapack_int)n, (lapack_int)n_rhs, a, (lapack_int)lda, b,
                                        (lapack_int)ldb) == 0;
}

/* Their upper triangle U is our L', and U^-1 our L^-1, transposed. */
bool rk_cholesky_inverse(double *a, double *half, size_t n)
{
    lapack_int size = (lapack_int)n;
    rk_blas_init();
    if (n == 0) {
        return true;
    }
    if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'U', size, a, size) != 0 ||
        LAPACKE_dtrtri_work(LAPACK_COL_MAJOR, 'U', 'N', size, a, size) != 0) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            half[i * n + j] = j <= i ? a[i * n + j] : 0;
        }
    }
    return true;
}

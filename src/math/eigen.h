/* eigen.h - eigenvectors of a symmetric matrix, and systems with one. */
#ifndef RECKON_MATH_EIGEN_H
#define RECKON_MATH_EIGEN_H

#include <stdbool.h>
#include <stddef.h>

/* a: [n x n], only the lower triangle is read; becomes the orthonormal eigenvectors, one a row, by ascending
 * value[n]. false when it does not converge or a number is not finite. */
bool rk_eigen_symmetric(double *a, size_t n, double *value);

/* Solves A x = b for every row of b [n_rhs x n], in place. A[n x n] symmetric positive definite, lower triangle given,
 * overwritten. false when it is not positive definite. */
bool rk_solve_spd_many(float *a, size_t lda, float *b, size_t ldb, size_t n, size_t n_rhs);

/* half[n x n] = L^-1 for a = L L', zeros above its diagonal; so a^-1 = half' half. a[n x n] symmetric positive
 * definite, lower triangle given, is overwritten. false when it is not positive definite. */
bool rk_cholesky_inverse(double *a, double *half, size_t n);

#endif

/* test_blas.c - dense algebra against three nested loops, with strides wider than the rows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "math/blas.h"
#include "math/random.h"

enum { MAX = 24, LD = MAX + 3 };

/* A sum of at most 24 products of about 1 is off by at most 24 roundings of about 24. */
static const double tolerance = 24 * 24 * 6e-8;

static void fill(rk_random *random, float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        values[i] = (float)rk_random_normal(random);
    }
}

static void products_agree_with_three_loops(void **state)
{
    (void)state;
    rk_random random = rk_random_of(1, 0);
    static const size_t shapes[][3] = {{1, 1, 1}, {3, 5, 7}, {24, 1, 8}, {16, 24, 24}, {2, 23, 1}};
    rk_blas_init();
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t m = shapes[s][0], n = shapes[s][1], k = shapes[s][2];
        float a[MAX * LD], b[MAX * LD], bt[MAX * LD], before[MAX * LD], nt[MAX * LD], nn[MAX * LD];
        fill(&random, a, MAX * LD);
        fill(&random, b, MAX * LD);
        fill(&random, before, MAX * LD);
        memcpy(nt, before, sizeof nt);
        memcpy(nn, before, sizeof nn);
        for (size_t i = 0; i < MAX; i++) {
            for (size_t j = 0; j < MAX; j++) {
                bt[i * LD + j] = b[j * LD + i];
            }
        }
        rk_gemm_nn(nn, LD, a, LD, b, LD, m, n, k, 2.0f, 0.5f);
        rk_gemm_nt(nt, LD, a, LD, bt, LD, m, n, k, 2.0f, 0.5f);
        for (size_t i = 0; i < MAX * LD; i++) {
            size_t row = i / LD, col = i % LD;
            double expected = before[i];
            if (row < m && col < n) {
                expected *= 0.5;
                for (size_t x = 0; x < k; x++) {
                    expected += 2.0 * (double)a[row * LD + x] * (double)b[x * LD + col];
                }
            }
            assert_true(fabs((double)nn[i] - expected) < tolerance);
            assert_true(fabs((double)nt[i] - expected) < tolerance);
        }
    }
}

/* G = A'A + shift on the diagonal, lower triangle only; the rest stays NaN to show that nobody reads it. */
static void gramian(float *g, const float *a, size_t n, size_t k, float shift)
{
    for (size_t i = 0; i < MAX * LD; i++) {
        g[i] = NAN;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            g[i * LD + j] = i == j ? shift : 0.0f;
        }
    }
    rk_syrk_tn(g, LD, a, LD, n, k, 1.0f, 1.0f);
}

static void a_gramian_fills_the_lower_triangle_only(void **state)
{
    (void)state;
    enum { N = 9, K = 20 };
    rk_random random = rk_random_of(2, 0);
    float a[MAX * LD], g[MAX * LD];
    fill(&random, a, MAX * LD);
    gramian(g, a, N, K, 0.5f);
    for (size_t i = 0; i < MAX * LD; i++) {
        size_t row = i / LD, col = i % LD;
        if (row >= N || col > row) {
            assert_true(isnan(g[i]));
            continue;
        }
        double expected = row == col ? 0.5 : 0.0;
        for (size_t x = 0; x < K; x++) {
            expected += (double)a[x * LD + row] * (double)a[x * LD + col];
        }
        assert_true(fabs((double)g[i] - expected) < tolerance);
    }
}

static void a_solution_solves_the_system(void **state)
{
    (void)state;
    rk_random random = rk_random_of(3, 0);
    for (size_t n = 1; n <= MAX; n++) {
        float a[MAX * LD], g[MAX * LD], factor[MAX * LD], b[MAX], x[MAX];
        fill(&random, a, MAX * LD);
        fill(&random, b, MAX);
        gramian(g, a, n, MAX, 5.0f); /* smallest eigenvalue at least 5: well conditioned */
        memcpy(factor, g, sizeof g);
        memcpy(x, b, sizeof b);
        assert_true(rk_solve_spd(factor, LD, x, n));
        for (size_t i = 0; i < n; i++) {
            double sum = 0.0;
            for (size_t j = 0; j < n; j++) {
                sum += (double)(j <= i ? g[i * LD + j] : g[j * LD + i]) * (double)x[j];
            }
            assert_true(fabs(sum - (double)b[i]) < 1e-4); /* condition number up to ~20, entries up to ~50 */
        }
    }
}

static void an_indefinite_matrix_is_refused(void **state)
{
    (void)state;
    float a[] = {1.0f, 0.0f, 2.0f, 1.0f}, b[] = {1.0f, 1.0f}; /* 1 2 / 2 1 */
    assert_false(rk_solve_spd(a, 2, b, 2));
}

static void assert_orthonormal_columns(const float *u, size_t m, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0.0;
            for (size_t r = 0; r < m; r++) {
                sum += (double)u[r * n + i] * (double)u[r * n + j];
            }
            assert_true(fabs(sum - (i == j)) < 1e-5);
        }
    }
}

static void a_thin_svd_multiplies_back(void **state)
{
    (void)state;
    rk_random random = rk_random_of(4, 0);
    static const size_t shapes[][2] = {{1, 1}, {5, 5}, {24, 24}, {24, 1}, {24, 7}, {8, 7}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t m = shapes[s][0], n = shapes[s][1];
        float a[MAX * MAX], u[MAX * MAX], vt[MAX * MAX], v[MAX * MAX], sigma[MAX];
        fill(&random, a, MAX * MAX);
        memcpy(u, a, sizeof a);
        assert_true(rk_svd_thin(u, m, n, sigma, vt));
        for (size_t i = 0; i < m * n; i++) {
            double sum = 0.0;
            for (size_t x = 0; x < n; x++) {
                sum += (double)u[i / n * n + x] * (double)sigma[x] * (double)vt[x * n + i % n];
            }
            assert_true(fabs(sum - (double)a[i]) < 2e-5); /* sigma up to ~10, 24 terms */
        }
        for (size_t i = 0; i < n * n; i++) {
            v[i % n * n + i / n] = vt[i];
        }
        for (size_t i = 0; i + 1 < n; i++) {
            assert_true(sigma[i] >= sigma[i + 1] && sigma[i + 1] >= 0.0f);
        }
        assert_orthonormal_columns(u, m, n);
        assert_orthonormal_columns(v, n, n);
    }
}

static void an_svd_of_nonsense_fails(void **state)
{
    (void)state;
    float a[] = {NAN, 1.0f}, s[1], vt[1];
    assert_false(rk_svd_thin(a, 2, 1, s, vt));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree_with_three_loops), cmocka_unit_test(a_gramian_fills_the_lower_triangle_only),
        cmocka_unit_test(a_solution_solves_the_system),    cmocka_unit_test(an_indefinite_matrix_is_refused),
        cmocka_unit_test(a_thin_svd_multiplies_back),      cmocka_unit_test(an_svd_of_nonsense_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_spd.c - inverses of large matrices against Gauss and Jordan in double precision, and against themselves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/dot.h"
#include "math/random.h"
#include "math/spd.h"
#include "math/spd_kernel.h"
#include "support/faults.h"
#include "support/test.h"

/* [n x n] A'A / depth + shift I of random numbers, both triangles, each entry rounded to a float. */
static double *random_matrix(uint32_t n, uint32_t depth, double shift)
{
    rk_random random = rk_random_of(5, n);
    double *rows = calloc((size_t)n * depth + 1, sizeof *rows), *a = calloc((size_t)n * n, sizeof *a);
    assert_true(rows && a);
    for (size_t i = 0; i < (size_t)n * depth; i++) {
        rows[i] = rk_random_normal(&random);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = i == j ? shift : 0;
            for (size_t k = 0; k < depth; k++) {
                sum += rows[i * depth + k] * rows[j * depth + k] / depth;
            }
            a[i * n + j] = a[j * n + i] = (double)(float)sum;
        }
    }
    free(rows);
    return a;
}

static rk_spd *spd_of(const double *a, uint32_t n)
{
    rk_spd *spd = rk_spd_new(n);
    float *row = calloc(n, sizeof *row);
    assert_true(spd && row);
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t j = 0; j <= i; j++) {
            row[j] = (float)a[(size_t)i * n + j];
        }
        rk_spd_put_row(spd, i, row);
    }
    free(row);
    return spd;
}

/* a becomes its inverse. */
static void gauss_jordan(double *a, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        double pivot = 1 / a[p * n + p];
        a[p * n + p] = 1;
        for (size_t j = 0; j < n; j++) {
            a[p * n + j] *= pivot;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = a[i * n + p];
            if (i == p) {
                continue;
            }
            a[i * n + p] = 0;
            for (size_t j = 0; j < n; j++) {
                a[i * n + j] -= factor * a[p * n + j];
            }
        }
    }
}

static rk_status invert(rk_spd *spd, unsigned n_threads, rk_error *err)
{
    rk_run run = {.pool = rk_pool_new(n_threads)};
    rk_status status = rk_spd_invert(spd, &run, err);
    rk_pool_free(run.pool);
    return status;
}

static void the_inverse_is_that_of_gauss_and_jordan(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 15, 16, 17, 63, 64, 65, 128, 200, 333, 450};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t n = sizes[s];
        rk_error err = {0};
        double *a = random_matrix(n, n / 2 + 1, 0.5);
        rk_spd *spd = spd_of(a, n);
        assert_int_equal(invert(spd, 1, &err), RK_OK);
        gauss_jordan(a, n);
        for (uint32_t i = 0; i < n; i++) {
            for (uint32_t j = 0; j < n; j++) {
                /* entries up to 2, condition number up to 20 */
                assert_true(fabs((double)rk_spd_at(spd, i, j) - a[(size_t)i * n + j]) < 2e-6);
            }
        }
        rk_spd_free(spd);
        free(a);
    }
}

static void rows_come_whole_from_the_half_that_is_stored(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 16, 40, 64, 130};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        uint32_t n = sizes[s];
        double *a = random_matrix(n, 3, 1);
        rk_spd *spd = spd_of(a, n);
        float *rows = malloc((size_t)RK_SPD_ROWS * n * sizeof *rows);
        for (uint32_t first = 0; first < n; first += RK_SPD_ROWS) {
            memset(rows, 0xff, (size_t)RK_SPD_ROWS * n * sizeof *rows);
            rk_spd_get_rows(spd, first, rows);
            for (size_t cell = 0; cell < (size_t)RK_SPD_ROWS * n; cell++) {
                size_t i = first + cell / n;
                assert_true(rows[cell] == (i < n ? (float)a[i * n + cell % n] : 0));
            }
        }
        free(rows);
        rk_spd_free(spd);
        free(a);
    }
}

static void the_thread_count_changes_no_bit(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {300, 2100}; /* tiles of 64, tiles of 128 */
    for (size_t s = 0; s < 2; s++) {
        uint32_t n = sizes[s];
        rk_error err = {0};
        double *a = random_matrix(n, 4, 3);
        rk_spd *one = spd_of(a, n);
        assert_int_equal(invert(one, 1, &err), RK_OK);
        for (unsigned n_threads = 2; n_threads <= 4; n_threads += 2) {
            rk_spd *many = spd_of(a, n);
            assert_int_equal(invert(many, n_threads, &err), RK_OK);
            for (uint32_t i = 0; i < n; i++) {
                for (uint32_t j = 0; j <= i; j++) {
                    assert_true(rk_spd_at(one, i, j) == rk_spd_at(many, i, j));
                }
            }
            rk_spd_free(many);
        }
        rk_spd_free(one);
        free(a);
    }
}

/* (A + I shift)^-1 of A = v v' is known: (I - v v' / (shift + v'v)) / shift. */
static void an_inverse_in_larger_tiles_is_the_one_known_in_advance(void **state)
{
    (void)state;
    enum { N = 2100 };
    const double shift = 2;
    rk_error err = {0};
    rk_spd *spd = rk_spd_new(N);
    float *row = calloc(N, sizeof *row), *v = calloc(N, sizeof *v);
    double square = 0;
    rk_random random = rk_random_of(6, 0);
    assert_true(spd && row && v);
    for (uint32_t i = 0; i < N; i++) {
        v[i] = (float)rk_random_normal(&random);
        square += (double)v[i] * (double)v[i];
    }
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t j = 0; j <= i; j++) {
            row[j] = v[i] * v[j] + (i == j ? (float)shift : 0);
        }
        rk_spd_put_row(spd, i, row);
    }
    assert_int_equal(invert(spd, 2, &err), RK_OK);
    for (uint32_t i = 0; i < N; i += 7) {
        for (uint32_t j = 0; j <= i; j++) {
            double wanted = ((i == j) - (double)v[i] * (double)v[j] / (shift + square)) / shift;
            assert_true(fabs((double)rk_spd_at(spd, i, j) - wanted) < 1e-4); /* condition number 1,000 */
        }
    }
    free(row);
    free(v);
    rk_spd_free(spd);
}

static void what_is_not_positive_definite_is_refused(void **state)
{
    (void)state;
    rk_error err = {0};
    double *a = random_matrix(100, 20, 1);
    a[70 * 100 + 70] = -1;
    rk_spd *spd = spd_of(a, 100);
    assert_int_equal(invert(spd, 1, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "the matrix is not positive definite in single precision, seen at row 64");
    rk_spd_free(spd);
    a[70 * 100 + 70] = (double)NAN;
    spd = spd_of(a, 100);
    assert_int_equal(invert(spd, 1, &err), RK_BAD_INPUT);
    rk_spd_free(spd);
    free(a);
}

enum { SIZE = 192 };

/* Strips of random numbers, zero above the diagonal of the rows they hold where asked. */
static float *random_strips(uint64_t stream, bool is_triangular)
{
    rk_random random = rk_random_of(7, stream);
    float *strips = aligned_alloc(64, SIZE * SIZE * sizeof *strips);
    assert_non_null(strips);
    for (size_t i = 0; i < SIZE * SIZE; i++) {
        size_t row = i / (16 * SIZE) * 16 + i % 16, k = i / 16 % SIZE;
        float value = (float)rk_random_normal(&random);
        strips[i] = is_triangular && k > row ? 0 : value;
    }
    return strips;
}

static double product_at(const float *a, const float *b, size_t row, size_t column)
{
    double sum = 0;
    for (size_t k = 0; k < SIZE; k++) {
        sum += (double)a[row / 16 * 16 * SIZE + k * 16 + row % 16] *
               (double)b[column / 16 * 16 * SIZE + k * 16 + column % 16];
    }
    return sum;
}

static void check_kernel(rk_spd_kernel *kernel, rk_spd_product product)
{
    float *c = aligned_alloc(64, SIZE * SIZE * sizeof *c);
    assert_non_null(c);
    for (size_t i = 0; i < SIZE * SIZE; i++) {
        c[i] = (float)(i % 7);
    }
    product.c = c;
    kernel(&product);
    for (size_t i = 0; i < SIZE * SIZE; i++) {
        bool is_inside = i / SIZE < product.rows && i % SIZE < product.columns;
        if (i % SIZE <= i / SIZE || !product.is_half) {
            double wanted = (double)(i % 7) - (is_inside ? product_at(product.a, product.b, i / SIZE, i % SIZE) : 0);
            assert_true(fabs((double)c[i] - wanted) < 1e-3); /* 192 roundings of sums of about 100 in size */
        }
    }
    free(c);
}

static void every_kernel_multiplies_strips(void **state)
{
    (void)state;
    rk_spd_kernel *const kernels[] = {
        rk_spd_kernel_portable,
        rk_spd_kernel_best(),
#if defined(__x86_64__)
        __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? rk_spd_kernel_avx2 : rk_spd_kernel_portable,
#endif
    };
    float *a = random_strips(1, false), *b = random_strips(2, false), *half = random_strips(3, true);
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++) {
        check_kernel(kernels[k], (rk_spd_product){NULL, a, b, SIZE, SIZE, SIZE, false, false});
        check_kernel(kernels[k], (rk_spd_product){NULL, a, a, SIZE, SIZE, SIZE, true, false});
        check_kernel(kernels[k], (rk_spd_product){NULL, a, b, SIZE, 160, 96, false, false});
        check_kernel(kernels[k], (rk_spd_product){NULL, a, half, SIZE, SIZE, SIZE, false, true});
    }
    free(a);
    free(b);
    free(half);
}

static void every_failed_allocation_is_an_error(void **state)
{
    (void)state;
    rk_error err = {0};
    double *a = random_matrix(70, 5, 1);
    for (size_t nth = 1; nth <= 2; nth++) {
        rk_spd *spd = spd_of(a, 70);
        fault_arm(nth);
        rk_status status = rk_spd_invert(spd, &(rk_run){0}, &err);
        assert_true(fault_disarm());
        assert_int_equal(status, RK_NO_MEMORY);
        fault_arm(nth);
        assert_null(rk_spd_new(70));
        assert_true(fault_disarm());
        rk_spd_free(spd);
    }
    free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_inverse_is_that_of_gauss_and_jordan),
        cmocka_unit_test(rows_come_whole_from_the_half_that_is_stored),
        cmocka_unit_test(the_thread_count_changes_no_bit),
        cmocka_unit_test(an_inverse_in_larger_tiles_is_the_one_known_in_advance),
        cmocka_unit_test(what_is_not_positive_definite_is_refused),
        cmocka_unit_test(every_kernel_multiplies_strips),
        cmocka_unit_test(every_failed_allocation_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

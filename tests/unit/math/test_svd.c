/* test_svd.c - the largest singular values of sparse matrices against LAPACK's of the same, made dense. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "math/random.h"
#include "math/strip.h"
#include "math/svd.h"
#include "support/faults.h"
#include "support/test.h"

/* A matrix with its transpose, and the same dense. */
typedef struct {
    rk_csr a, transposed;
    float *dense; /* [n_rows x n_cols] */
} sample;

static void release(sample *s)
{
    rk_csr_release(&s->a);
    rk_csr_release(&s->transposed);
    free(s->dense);
}

/* dense is moved in. */
static sample sample_of_dense(float *dense, uint32_t n_rows, uint32_t n_cols)
{
    sample s = {.dense = dense};
    size_t n = 0, cells = (size_t)n_rows * n_cols;
    uint32_t *row = malloc((cells + 1) * sizeof *row), *col = malloc((cells + 1) * sizeof *col);
    float *value = malloc((cells + 1) * sizeof *value);
    assert_true(row && col && value);
    for (size_t i = 0; i < cells; i++) {
        if (dense[i] < 0 || dense[i] > 0) {
            row[n] = (uint32_t)(i / n_cols);
            col[n] = (uint32_t)(i % n_cols);
            value[n++] = dense[i];
        }
    }
    rk_error err;
    assert_int_equal(rk_csr_of_triples(n_rows, n_cols, n, row, col, value, &s.a, &err), RK_OK);
    assert_int_equal(rk_csr_transpose(&s.a, &s.transposed, &err), RK_OK);
    free(row);
    free(col);
    free(value);
    return s;
}

static float *zeros(size_t n)
{
    float *at = calloc(n + 1, sizeof *at);
    assert_non_null(at);
    return at;
}

/* Popular columns first. */
static sample random_sample(uint64_t seed, uint32_t n_rows, uint32_t n_cols, uint32_t n_entries)
{
    float *dense = zeros((size_t)n_rows * n_cols);
    rk_random random = rk_random_of(seed, 0);
    for (uint32_t e = 0; e < n_entries; e++) {
        uint32_t r = rk_random_below(&random, n_rows), a = rk_random_below(&random, n_cols);
        uint32_t b = rk_random_below(&random, n_cols);
        dense[(size_t)r * n_cols + (a < b ? a : b)] = (float)(0.2 + rk_random_uniform(&random));
    }
    return sample_of_dense(dense, n_rows, n_cols);
}

/* All singular values by LAPACK, descending. */
static float *dense_values(const sample *s)
{
    uint32_t m = s->a.n_rows, n = s->a.n_cols, small = m < n ? m : n, large = m < n ? n : m;
    float *copy = zeros((size_t)m * n), *value = zeros(small), *vt = zeros((size_t)small * small);
    for (uint32_t r = 0; r < m; r++) {
        for (uint32_t c = 0; c < n; c++) {
            copy[m < n ? (size_t)c * m + r : (size_t)r * n + c] = s->dense[(size_t)r * n + c];
        }
    }
    rk_blas_init();
    assert_true(rk_svd_thin(copy, large, small, value, vt));
    free(copy);
    free(vt);
    return value;
}

static rk_svd find(const sample *s, size_t k, double tolerance, rk_pool *pool)
{
    rk_svd svd = {0};
    rk_error err;
    rk_svd_wish wish = {.n_vectors = k, .tolerance = tolerance, .seed = 5};
    assert_int_equal(rk_svd_largest(&s->a, &s->transposed, wish, pool, &svd, &err), RK_OK);
    return svd;
}

static double product(const rk_svd *svd, size_t n, size_t i, size_t j)
{
    double sum = 0;
    for (size_t r = 0; r < n; r++) {
        sum += (double)svd->vector[r * svd->n + i] * (double)svd->vector[r * svd->n + j];
    }
    return sum;
}

/* |A'A v - s^2 v|, dense and in double. */
static double residual_of(const sample *s, const rk_svd *svd, size_t v)
{
    uint32_t m = s->a.n_rows, n = s->a.n_cols;
    double square = 0, value = (double)svd->value[v] * (double)svd->value[v];
    double *image = calloc(m + 1u, sizeof *image), *back = calloc(n + 1u, sizeof *back);
    assert_true(image && back);
    for (size_t cell = 0; cell < (size_t)m * n; cell++) {
        image[cell / n] += (double)s->dense[cell] * (double)svd->vector[cell % n * svd->n + v];
    }
    for (size_t cell = 0; cell < (size_t)m * n; cell++) {
        back[cell % n] += (double)s->dense[cell] * image[cell / n];
    }
    for (uint32_t c = 0; c < n; c++) {
        double off = back[c] - value * (double)svd->vector[c * svd->n + v];
        square += off * off;
    }
    free(image);
    free(back);
    return sqrt(square);
}

static void assert_good(const sample *s, const rk_svd *svd, const float *value, double tolerance)
{
    double largest = (double)value[0] * (double)value[0], worst = 0;
    for (size_t v = 0; v < svd->n; v++) {
        double square = (double)svd->value[v] * (double)svd->value[v];
        /* an eigenvalue is off by the square of what its vector is, beyond rounding */
        assert_true(fabs(square - (double)value[v] * (double)value[v]) < (tolerance * tolerance * 10 + 1e-6) * largest);
        worst = fmax(worst, residual_of(s, svd, v));
        for (size_t w = 0; w <= v; w++) {
            assert_true(fabs(product(svd, s->a.n_cols, v, w) - (v == w)) < 2e-5);
        }
    }
    assert_true(worst <= (tolerance + 1e-6) * largest);
    assert_true(fabs(worst / largest - svd->residual) < 2e-6);
}

static size_t count_above(const float *value, size_t n, float least)
{
    size_t n_above = 0;
    for (size_t i = 0; i < n; i++) {
        n_above += value[i] > least;
    }
    return n_above;
}

static void values_and_vectors_agree_with_dense_ones(void **state)
{
    (void)state;
    static const uint32_t shapes[][4] = {/* rows, columns, entries, k */ {60, 45, 700, 45},
                                         {45, 60, 700, 45},
                                         {300, 250, 4000, 30},
                                         {250, 300, 4000, 7},
                                         {400, 33, 3000, 33},
                                         {40, 500, 2500, 40},
                                         {1, 9, 5, 1},
                                         {9, 1, 5, 1}};
    for (size_t i = 0; i < RK_COUNT_OF(shapes); i++) {
        sample s = random_sample(i + 1, shapes[i][0], shapes[i][1], shapes[i][2]);
        float *value = dense_values(&s);
        rk_svd svd = find(&s, shapes[i][3], 1e-5, NULL);
        assert_int_equal(svd.n, count_above(value, shapes[i][3], value[0] / 500));
        assert_good(&s, &svd, value, 1e-5);
        rk_svd_release(&svd);
        free(value);
        release(&s);
    }
}

static void a_loose_tolerance_needs_a_smaller_basis_and_is_kept(void **state)
{
    (void)state;
    sample s = random_sample(11, 900, 800, 12000);
    float *value = dense_values(&s);
    rk_svd loose = find(&s, 40, 0.02, NULL), tight = find(&s, 40, 1e-4, NULL);
    assert_true(loose.n_basis < tight.n_basis && tight.n_basis < 800);
    assert_good(&s, &loose, value, 0.02);
    assert_good(&s, &tight, value, 1e-4);
    rk_svd_release(&loose);
    rk_svd_release(&tight);
    free(value);
    release(&s);
}

/* 150 blocks of 4 x 3 ones: the largest singular value is there 150 times, four times as often as a block is wide. */
static void a_value_that_is_there_often_is_found_as_often(void **state)
{
    (void)state;
    enum { ISLANDS = 150, ROWS = 4, COLS = 3 };
    float *dense = zeros((size_t)ISLANDS * ROWS * ISLANDS * COLS);
    for (size_t i = 0; i < (size_t)ISLANDS * ROWS; i++) {
        for (size_t c = 0; c < COLS; c++) {
            dense[i * ISLANDS * COLS + i / ROWS * COLS + c] = 1;
        }
    }
    sample s = sample_of_dense(dense, ISLANDS * ROWS, ISLANDS * COLS);
    rk_svd svd = find(&s, ISLANDS + 20, 1e-4, NULL);
    assert_int_equal(svd.n, ISLANDS);
    for (size_t v = 0; v < ISLANDS; v++) {
        assert_true(fabs((double)svd.value[v] - sqrt(ROWS * COLS)) < 1e-4);
    }
    assert_true(svd.residual < 1e-4);
    rk_svd_release(&svd);
    release(&s);
}

static void there_are_no_more_vectors_than_the_rank(void **state)
{
    (void)state;
    enum { N = 90, RANK = 37 };
    float left[N * RANK], right[N * RANK], *dense = zeros((size_t)N * N);
    rk_random random = rk_random_of(3, 0);
    for (size_t i = 0; i < (size_t)N * RANK; i++) {
        left[i] = (float)rk_random_normal(&random);
        right[i] = (float)rk_random_normal(&random);
    }
    rk_blas_init();
    rk_gemm_nt(dense, N, left, RANK, right, RANK, N, N, RANK, 1, 0);
    sample s = sample_of_dense(dense, N, N);
    rk_svd svd = find(&s, N, 1e-5, NULL);
    assert_int_equal(svd.n, RANK);
    rk_svd_release(&svd);
    release(&s);
}

static void nothing_comes_of_an_empty_matrix(void **state)
{
    (void)state;
    sample s = sample_of_dense(zeros(12), 3, 4);
    rk_svd svd = find(&s, 2, 1e-3, NULL);
    assert_int_equal(svd.n, 0);
    rk_svd_release(&svd);
    release(&s);
}

static void what_is_no_number_is_refused(void **state)
{
    (void)state;
    static const float odd[] = {NAN, INFINITY, 3e38f};
    for (size_t i = 0; i < RK_COUNT_OF(odd); i++) {
        sample s = random_sample(4, 30, 20, 100);
        rk_svd svd = {0};
        rk_error err = {0};
        for (uint64_t e = 0; e < s.a.start[s.a.n_rows]; e++) {
            s.a.value[e] = s.transposed.value[e] = odd[i];
        }
        rk_svd_wish wish = {.n_vectors = 3, .tolerance = 1e-3};
        assert_int_equal(rk_svd_largest(&s.a, &s.transposed, wish, NULL, &svd, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, "no number, or too large"));
        assert_null(svd.vector);
        release(&s);
    }
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    sample s = random_sample(8, 3000, 2600, 40000);
    rk_svd one = find(&s, 50, 0.01, NULL);
    for (unsigned t = 2; t <= 4; t++) {
        rk_pool *pool = rk_pool_new(t);
        rk_svd many = find(&s, 50, 0.01, pool);
        assert_int_equal(many.n_basis, one.n_basis);
        assert_memory_equal(many.value, one.value, one.n * sizeof *one.value);
        assert_memory_equal(many.vector, one.vector, s.a.n_cols * one.n * sizeof *one.vector);
        rk_svd_release(&many);
        rk_pool_free(pool);
    }
    rk_svd_release(&one);
    release(&s);
}

static void a_strip_is_multiplied_row_by_row(void **state)
{
    (void)state;
    sample s = random_sample(9, 700, 40, 5000);
    float *x = rk_strip_new(40), *y = rk_strip_new(700);
    rk_strip_square *parts = malloc(rk_strip_chunks(700) * sizeof *parts), dot;
    assert_true(x && y && parts);
    rk_random random = rk_random_of(1, 0);
    for (size_t i = 0; i < (size_t)40 * RK_STRIP; i++) {
        x[i] = (float)rk_random_normal(&random);
    }
    rk_strip_times(&s.a, x, y, NULL);
    for (size_t i = 0; i < (size_t)700 * RK_STRIP; i++) {
        double sum = 0;
        for (size_t c = 0; c < 40; c++) {
            sum += (double)s.dense[i / RK_STRIP * 40 + c] * (double)x[c * RK_STRIP + i % RK_STRIP];
        }
        assert_true(fabs(sum - (double)y[i]) < 1e-5); /* about 7 terms of about 1 */
    }
    rk_strip_dot(y, y, 700, parts, NULL, dot);
    for (size_t i = 0; i < (size_t)RK_STRIP * RK_STRIP; i++) {
        double sum = 0;
        for (size_t r = 0; r < 700; r++) {
            sum += (double)y[r * RK_STRIP + i / RK_STRIP] * (double)y[r * RK_STRIP + i % RK_STRIP];
        }
        assert_true(fabs(sum - dot[i]) < 1e-9 * (1 + fabs(sum)));
    }
    free(x);
    free(y);
    free(parts);
    release(&s);
}

static bool try_to_find(void *context)
{
    const sample *s = context;
    rk_svd svd = {0};
    rk_error err;
    rk_svd_wish wish = {.n_vectors = 20, .tolerance = 1e-3};
    rk_status status = rk_svd_largest(&s->a, &s->transposed, wish, NULL, &svd, &err);
    rk_svd_release(&svd);
    return status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    sample s = random_sample(6, 200, 150, 2000);
    assert_true(fault_each(try_to_find, &s) > 12);
    release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_vectors_agree_with_dense_ones),
        cmocka_unit_test(a_loose_tolerance_needs_a_smaller_basis_and_is_kept),
        cmocka_unit_test(a_value_that_is_there_often_is_found_as_often),
        cmocka_unit_test(there_are_no_more_vectors_than_the_rank),
        cmocka_unit_test(nothing_comes_of_an_empty_matrix),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(a_strip_is_multiplied_row_by_row),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_dot.c - every kernel gives the bits that dot.h promises, for any length, stride and address. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "math/dot.h"
#include "math/random.h"

enum { DIM_MAX = 300, ROWS_MAX = 19, STRIDE_MAX = DIM_MAX + 5, N = ROWS_MAX * STRIDE_MAX, KERNELS_MAX = 8 };

typedef struct {
    float f32[N];
    rk_half f16[N];
    int8_t i8[N];
    float query[DIM_MAX];
    int8_t query_i8[DIM_MAX];
    size_t dim, stride, n_rows;
} problem;

/* The promise, word by word. */
static float slow_dot(const float *a, const float *b, size_t n)
{
    float s[16] = {0};
    for (size_t i = 0; i < (n + 15) / 16 * 16; i++) {
        s[i % 16] = fmaf(i < n ? a[i] : 0.0f, i < n ? b[i] : 0.0f, s[i % 16]);
    }
    for (int half = 8; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            s[i] = s[i] + s[i + half];
        }
    }
    return s[0];
}

static int64_t slow_dot_i8(const int8_t *a, const int8_t *b, size_t n)
{
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (int64_t)a[i] * b[i];
    }
    return sum;
}

static void assert_bits(const char *kernel, size_t dim, float got, float expected)
{
    if (memcmp(&got, &expected, sizeof got) != 0) {
        fail_msg("%s, dim %zu: %a is not %a", kernel, dim, (double)got, (double)expected);
    }
}

/* Twelve magnitudes apart, so that a different order of adding shows in the bits. */
static float any_float(rk_random *random)
{
    return ldexpf((float)rk_random_normal(random), (int)rk_random_below(random, 12) - 6);
}

static int8_t any_byte(rk_random *random, bool is_extreme)
{
    static const int8_t extremes[] = {-128, -127, 127, 0};
    return is_extreme ? extremes[rk_random_below(random, 4)] : (int8_t)((int)rk_random_below(random, 256) - 128);
}

static void make(problem *p, rk_random *random)
{
    p->dim = rk_random_below(random, 4) ? rk_random_below(random, DIM_MAX + 1) : 64 * rk_random_below(random, 5);
    p->stride = p->dim + rk_random_below(random, 6);
    p->n_rows = rk_random_below(random, ROWS_MAX + 1);
    bool is_extreme = rk_random_below(random, 3) == 0;
    for (size_t i = 0; i < N; i++) {
        p->f32[i] = any_float(random);
        p->f16[i] = rk_half_of(any_float(random));
        p->i8[i] = any_byte(random, is_extreme);
    }
    for (size_t i = 0; i < DIM_MAX; i++) {
        p->query[i] = any_float(random);
        p->query_i8[i] = any_byte(random, is_extreme);
    }
}

static void check_floats(const rk_kernels *k, const problem *p)
{
    float out[ROWS_MAX + 1], row[DIM_MAX];
    out[p->n_rows] = 123.0f; /* nobody may write here */
    k->rows_f32(out, p->f32, p->stride, p->n_rows, p->query, p->dim);
    for (size_t r = 0; r < p->n_rows; r++) {
        float expected = slow_dot(p->f32 + r * p->stride, p->query, p->dim);
        assert_bits(k->name, p->dim, out[r], expected);
        assert_bits(k->name, p->dim, k->dot_f32(p->f32 + r * p->stride, p->query, p->dim), expected);
    }
    k->rows_f16(out, p->f16, p->stride, p->n_rows, p->query, p->dim);
    for (size_t r = 0; r < p->n_rows; r++) {
        for (size_t i = 0; i < p->dim; i++) {
            row[i] = rk_half_value(p->f16[r * p->stride + i]);
        }
        assert_bits(k->name, p->dim, out[r], slow_dot(row, p->query, p->dim));
    }
    const rk_bf16 *bf16 = p->f16; /* the same bits, read otherwise */
    k->rows_bf16(out, bf16, p->stride, p->n_rows, p->query, p->dim);
    for (size_t r = 0; r < p->n_rows; r++) {
        for (size_t i = 0; i < p->dim; i++) {
            row[i] = rk_bf16_value(bf16[r * p->stride + i]);
        }
        assert_bits(k->name, p->dim, out[r], slow_dot(row, p->query, p->dim));
    }
    assert_true(out[p->n_rows] == 123.0f);
}

/* The first m rows with all of them. */
static void check_product(const rk_kernels *k, const problem *p, size_t m)
{
    float out[ROWS_MAX * (ROWS_MAX + 1)], expected[ROWS_MAX + 1];
    size_t out_stride = p->n_rows + 1;
    for (size_t i = 0; i < RK_COUNT_OF(out); i++) {
        out[i] = 123.0f;
    }
    k->product_f32(&(rk_dot_product){.out = out,
                                     .out_stride = out_stride,
                                     .a = p->f32,
                                     .a_stride = p->stride,
                                     .m = m,
                                     .b = p->f32,
                                     .b_stride = p->stride,
                                     .n = p->n_rows,
                                     .dim = p->dim});
    for (size_t r = 0; r < m; r++) {
        k->rows_f32(expected, p->f32, p->stride, p->n_rows, p->f32 + r * p->stride, p->dim);
        for (size_t c = 0; c < p->n_rows; c++) {
            assert_bits(k->name, p->dim, out[r * out_stride + c], expected[c]);
        }
        assert_true(out[r * out_stride + p->n_rows] == 123.0f); /* between the rows */
    }
    assert_true(out[m * out_stride] == 123.0f);
}

static void check_bytes(const rk_kernels *k, const problem *p)
{
    int32_t out[ROWS_MAX + 1];
    out[p->n_rows] = 123;
    k->rows_i8(out, p->i8, p->stride, p->n_rows, p->query_i8, p->dim);
    for (size_t r = 0; r < p->n_rows; r++) {
        assert_int_equal(out[r], slow_dot_i8(p->i8 + r * p->stride, p->query_i8, p->dim));
    }
    assert_int_equal(out[p->n_rows], 123);
}

/* The bytes of the problem as pairs, in rows of whole RK_INT4_ALIGN. */
static void check_pairs(const rk_kernels *k, const problem *p)
{
    int32_t out[ROWS_MAX + 1];
    size_t stride = RK_INT4_ALIGN * (1 + p->dim % 2), n_rows = N / stride < p->n_rows ? N / stride : p->n_rows;
    const uint8_t *rows = (const uint8_t *)p->i8;
    const int8_t *even = p->query_i8, *odd = p->query_i8 + stride;
    out[n_rows] = 123;
    k->rows_i4(out, rows, stride, n_rows, even, odd);
    for (size_t r = 0; r < n_rows; r++) {
        int32_t expected = 0;
        for (size_t i = 0; i < stride; i++) {
            expected +=
                rk_int4_at(rows + r * stride, 2 * i) * even[i] + rk_int4_at(rows + r * stride, 2 * i + 1) * odd[i];
        }
        assert_int_equal(out[r], expected);
    }
    assert_int_equal(out[n_rows], 123);
}

static void every_kernel_gives_the_promised_bits(void **state)
{
    (void)state;
    static problem p;
    const rk_kernels *all[KERNELS_MAX];
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    rk_random random = rk_random_of(1, 0);
    for (int round = 0; round < 300; round++) {
        make(&p, &random);
        for (size_t i = 0; i < n; i++) {
            check_floats(all[i], &p);
            check_product(all[i], &p, p.n_rows > 0 ? rk_random_below(&random, (uint32_t)p.n_rows) : 0);
            check_bytes(all[i], &p);
            check_pairs(all[i], &p);
        }
    }
}

/* Rows end where their memory ends, so that a checker sees any load beyond. */
static void no_kernel_reads_past_the_last_row(void **state)
{
    (void)state;
    const rk_kernels *all[KERNELS_MAX];
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    for (size_t dim = 1; dim <= 70; dim++) {
        size_t n_rows = 9;
        float *f32 = calloc(n_rows * dim, sizeof *f32), *query = calloc(dim, sizeof *query);
        rk_half *f16 = calloc(n_rows * dim, sizeof *f16);
        int8_t *i8 = calloc(n_rows, dim), *query_i8 = calloc(1, dim);
        assert_true(f32 && query && f16 && i8 && query_i8);
        for (size_t i = 0; i < n; i++) {
            float out[9], product[81];
            int32_t out_i8[9];
            all[i]->rows_f32(out, f32, dim, n_rows, query, dim);
            all[i]->rows_f16(out, f16, dim, n_rows, query, dim);
            all[i]->rows_bf16(out, f16, dim, n_rows, query, dim);
            all[i]->rows_i8(out_i8, i8, dim, n_rows, query_i8, dim);
            all[i]->product_f32(&(rk_dot_product){product, 9, f32, dim, n_rows, f32, dim, n_rows, dim});
            all[i]->axpy_f32(f32, query, 2.0f, dim);
            assert_true(out[8] == 0.0f && product[80] == 0.0f && out_i8[8] == 0);
        }
        free(f32);
        free(query);
        free(f16);
        free(i8);
        free(query_i8);
    }
}

static void the_longest_int8_rows_do_not_overflow(void **state)
{
    (void)state;
    enum { LONGEST = 65536 };
    static int8_t row[LONGEST], query[LONGEST];
    static const int8_t values[][2] = {{-128, -128}, {-128, 127}, {127, 127}, {127, -128}};
    const rk_kernels *all[KERNELS_MAX];
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    for (size_t v = 0; v < 4; v++) {
        memset(row, values[v][0], LONGEST);
        memset(query, values[v][1], LONGEST);
        for (size_t i = 0; i < n; i++) {
            int32_t out[8];
            all[i]->rows_i8(out, row, 0, 8, query, LONGEST);
            for (int r = 0; r < 8; r++) {
                assert_int_equal(out[r], slow_dot_i8(row, query, LONGEST));
            }
        }
    }
}

static void the_upper_half_of_a_float_is_rounded_to_even(void **state)
{
    (void)state;
    static const float values[][2] = {{1, 1},
                                      {1.00390625f, 1},         /* halfway: down to even */
                                      {1.01171875f, 1.015625f}, /* halfway: up to even */
                                      {-1.00390637f, -1.0078125f},
                                      {0, 0},
                                      {INFINITY, INFINITY}};
    for (size_t i = 0; i < RK_COUNT_OF(values); i++) {
        assert_true(rk_bf16_value(rk_bf16_of(values[i][0])) == values[i][1]);
    }
    assert_true(fabsf(rk_bf16_value(rk_bf16_of(3.38e38f)) / 3.38e38f - 1) < 1.0f / 256);
    assert_true(isnan(rk_bf16_value(rk_bf16_of(NAN))));
}

static void axpy_rounds_once_and_keeps_its_bounds(void **state)
{
    (void)state;
    const rk_kernels *all[KERNELS_MAX];
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    rk_random random = rk_random_of(2, 0);
    for (size_t dim = 0; dim < 80; dim++) {
        float x[80], before[81], y[81], a = any_float(&random);
        for (size_t i = 0; i < 80; i++) {
            x[i] = any_float(&random);
            before[i] = any_float(&random);
        }
        before[80] = 1.0f;
        for (size_t k = 0; k < n; k++) {
            memcpy(y, before, sizeof y);
            all[k]->axpy_f32(y, x, a, dim);
            for (size_t i = 0; i < 81; i++) {
                assert_bits(all[k]->name, dim, y[i], i < dim ? fmaf(a, x[i], before[i]) : before[i]);
            }
        }
    }
}

static void the_environment_can_ask_for_a_lesser_kernel(void **state)
{
    (void)state;
    const rk_kernels *all[KERNELS_MAX], *first;
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    assert_in_range(n, 1, KERNELS_MAX);
    assert_string_equal(all[n - 1]->name, "portable");
    assert_int_equal(rk_kernels_all(&first, 1), n);
    assert_ptr_equal(first, all[0]);
    const char *before = getenv("RECKON_KERNELS");
    char *saved = before ? strdup(before) : NULL;
    for (size_t i = 0; i < n; i++) {
        setenv("RECKON_KERNELS", all[i]->name, 1);
        assert_ptr_equal(rk_kernels_best(), all[i]);
    }
    setenv("RECKON_KERNELS", "abacus", 1);
    assert_ptr_equal(rk_kernels_best(), all[0]);
    unsetenv("RECKON_KERNELS");
    assert_ptr_equal(rk_kernels_best(), all[0]);
    if (saved) {
        setenv("RECKON_KERNELS", saved, 1);
    }
    free(saved);
}

/* By arithmetic instead of bits. */
static double slow_half_value(unsigned half)
{
    int exponent = (int)(half >> 10 & 31);
    double fraction = half & 1023, sign = half & 0x8000 ? -1.0 : 1.0;
    if (exponent == 31) {
        return fraction > 0.0 ? (double)NAN : sign * (double)INFINITY;
    }
    return sign * (exponent == 0 ? ldexp(fraction, -24) : ldexp(1024.0 + fraction, exponent - 25));
}

static void all_halves_have_their_value_and_come_back(void **state)
{
    (void)state;
    for (unsigned half = 0; half < 65536; half++) {
        double expected = slow_half_value(half);
        float got = rk_half_value((rk_half)half);
        if (isnan(expected)) {
            assert_true(isnan(got) && isnan(rk_half_value(rk_half_of(got))));
            continue;
        }
        assert_true((double)got == expected && (signbit(got) != 0) == (half >> 15 != 0));
        assert_int_equal(rk_half_of(got), half);
    }
}

/* Between neighbours h and h + 1: below the middle goes down, above up, the middle itself to the even one. */
static void floats_round_to_the_nearest_half(void **state)
{
    (void)state;
    for (unsigned half = 0; half < 0x7BFF; half++) {
        float middle = (float)((slow_half_value(half) + slow_half_value(half + 1)) / 2);
        assert_int_equal(rk_half_of(middle), half + (half & 1));
        assert_int_equal(rk_half_of(-middle), 0x8000 | (half + (half & 1)));
        assert_int_equal(rk_half_of(nextafterf(middle, 0.0f)), half);
        assert_int_equal(rk_half_of(nextafterf(middle, INFINITY)), half + 1);
    }
    assert_int_equal(rk_half_of(65519.0f), 0x7BFF);
    assert_int_equal(rk_half_of(65520.0f), 0x7C00);
    assert_int_equal(rk_half_of(3.4e38f), 0x7C00);
    assert_int_equal(rk_half_of(-INFINITY), 0xFC00);
    assert_int_equal(rk_half_of(1e-45f), 0);
    const float values[] = {1.0f, -2.0f, 0.1f};
    rk_half out[3];
    rk_half_of_row(out, values, 3);
    assert_int_equal(out[0], 0x3C00);
    assert_int_equal(out[1], 0xC000);
    assert_int_equal(out[2], 0x2E66);
}

static void int8_rows_use_the_whole_range(void **state)
{
    (void)state;
    const float values[] = {2.54f, -2.54f, 0.01f, 0.0f, 0.03f, -0.05f};
    int8_t out[6];
    assert_true(rk_int8_of_row(out, values, 6) == 2.54f / 127.0f);
    assert_int_equal(out[0], 127);
    assert_int_equal(out[1], -127);
    const float halves[] = {127.0f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f};
    static const int8_t even[] = {127, 0, 2, 2, 0, -2};
    assert_true(rk_int8_of_row(out, halves, 6) == 1.0f);
    assert_memory_equal(out, even, 6);
    const float none[] = {0.0f, -0.0f};
    assert_true(rk_int8_of_row(out, none, 2) == 0.0f);
    assert_int_equal(out[0] | out[1], 0);
    const float tiny[] = {1e-45f, 3e-44f, -1e-43f}; /* hardly any bits left in the scale */
    float scale = rk_int8_of_row(out, tiny, 3);
    assert_true(scale >= 0.0f && out[2] >= -127 && out[2] <= 0);
}

static void int8_rows_are_off_by_half_a_step_at_most(void **state)
{
    (void)state;
    rk_random random = rk_random_of(3, 0);
    for (int round = 0; round < 200; round++) {
        float values[DIM_MAX];
        int8_t out[DIM_MAX];
        for (size_t i = 0; i < DIM_MAX; i++) {
            values[i] = any_float(&random);
        }
        float scale = rk_int8_of_row(out, values, DIM_MAX);
        for (size_t i = 0; i < DIM_MAX; i++) {
            assert_true(out[i] >= -127);
            assert_true(fabs((double)values[i] - (double)scale * out[i]) <= 0.50001 * (double)scale);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_upper_half_of_a_float_is_rounded_to_even),
        cmocka_unit_test(every_kernel_gives_the_promised_bits),
        cmocka_unit_test(no_kernel_reads_past_the_last_row),
        cmocka_unit_test(the_longest_int8_rows_do_not_overflow),
        cmocka_unit_test(axpy_rounds_once_and_keeps_its_bounds),
        cmocka_unit_test(the_environment_can_ask_for_a_lesser_kernel),
        cmocka_unit_test(all_halves_have_their_value_and_come_back),
        cmocka_unit_test(floats_round_to_the_nearest_half),
        cmocka_unit_test(int8_rows_use_the_whole_range),
        cmocka_unit_test(int8_rows_are_off_by_half_a_step_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_sobol.c - the sequence against an independent one, its evenness bit by bit, and what the evenness buys. */
#include "support/test.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "math/sobol.h"
#include "math/sobol_table.h"
#include "support/faults.h"

static const rk_points all_points[] = {RK_POINTS_SCRAMBLED, RK_POINTS_PLAIN, RK_POINTS_RANDOM};

static rk_sobol *sobol_of(size_t n_dims, rk_points points, uint64_t seed)
{
    rk_sobol *sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = n_dims, .points = points, .seed = seed});
    assert_non_null(sobol);
    return sobol;
}

/* The 32 bits behind a coordinate. */
static uint32_t digits_of(double coordinate)
{
    double scaled = coordinate * 0x1p32 - 0.5;
    assert_true(scaled == floor(scaled) && scaled >= 0 && scaled <= UINT32_MAX);
    return (uint32_t)scaled;
}

static uint32_t digits_at(const rk_sobol *sobol, size_t dim, uint64_t index)
{
    double value;
    rk_sobol_fill(sobol, dim, index, 1, &value);
    return digits_of(value);
}

/* scipy 1.17.1: qmc.Sobol(d, scramble=False, bits=32).random(n), times the power of two that makes them whole. */
static void points_are_those_of_another_program(void **state)
{
    (void)state;
    static const uint32_t eighths[8][5] = {{0, 0, 0, 0, 0}, {4, 4, 4, 4, 4}, {6, 2, 2, 2, 6}, {2, 6, 6, 6, 2},
                                           {3, 3, 5, 7, 3}, {7, 7, 1, 3, 7}, {5, 1, 7, 5, 5}, {1, 5, 3, 1, 1}};
    static const struct {
        uint64_t index;
        size_t dim;
        uint32_t digits;
    } far[] = {
        {12345, 1, 3493593088u},   {12345, 37, 1384382464u},   {65537, 100, 297238528u},
        {99999, 255, 3796008960u}, {131071, 256, 2778431488u}, {100000, 511, 2016575488u},
    };
    rk_sobol *sobol = sobol_of(RK_SOBOL_DIMS, RK_POINTS_PLAIN, 0);
    for (uint64_t i = 0; i < 8; i++) {
        for (size_t dim = 0; dim < 5; dim++) {
            assert_int_equal(digits_at(sobol, dim, i), eighths[i][dim] << 29);
        }
    }
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        assert_int_equal(digits_at(sobol, far[i].dim, far[i].index), far[i].digits);
    }
    rk_sobol_free(sobol);
}

static bool is_primitive(uint32_t polynomial, unsigned degree)
{
    uint32_t residue = 1, order = 0;
    do {
        residue <<= 1;
        residue ^= residue >> degree ? polynomial : 0;
        order++;
    } while (residue > 1);
    return residue == 1 && order == (1u << degree) - 1;
}

static void the_table_holds_different_primitive_polynomials_and_odd_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < RK_SOBOL_DIMS - 1; i++) {
        const rk_sobol_row *row = &rk_sobol_table[i];
        unsigned degree = 31u - (unsigned)__builtin_clz(row->polynomial);
        assert_true(degree <= RK_SOBOL_DEGREE_MAX && is_primitive(row->polynomial, degree));
        for (unsigned k = 0; k < RK_SOBOL_DEGREE_MAX; k++) {
            assert_true(k < degree ? row->initial[k] % 2 == 1 && row->initial[k] < 2u << k : row->initial[k] == 0);
        }
        for (size_t j = 0; j < i; j++) {
            assert_int_not_equal(row->polynomial, rk_sobol_table[j].polynomial);
        }
    }
}

/* Whether each of the 2^k equal parts holds one of the 2^k numbers. */
static bool is_even(const double *column, unsigned k)
{
    bool *seen = calloc((size_t)1 << k, 1);
    bool even = true;
    assert_non_null(seen);
    for (size_t i = 0; i < (size_t)1 << k; i++) {
        size_t part = (size_t)(column[i] * (double)((size_t)1 << k));
        even = even && !seen[part];
        seen[part] = true;
    }
    free(seen);
    return even;
}

static void every_aligned_block_of_two_to_the_k_fills_every_axis_evenly(void **state)
{
    (void)state;
    enum { N = 4096 };
    static double column[N];
    for (rk_points points = RK_POINTS_SCRAMBLED; points <= RK_POINTS_PLAIN; points++) {
        rk_sobol *sobol = sobol_of(RK_SOBOL_DIMS + 1, points, 11);
        for (size_t dim = 0; dim < RK_SOBOL_DIMS; dim++) {
            rk_sobol_fill(sobol, dim, 3 * N, N, column);
            for (unsigned k = 0; k <= 12; k++) {
                assert_true(is_even(column, k) && is_even(column + N - ((size_t)1 << k), k));
            }
        }
        rk_sobol_fill(sobol, RK_SOBOL_DIMS, 3 * N, N, column);
        assert_false(is_even(column, 12)); /* random beyond the table */
        rk_sobol_free(sobol);
    }
}

static void columns_do_not_depend_on_how_they_are_cut(void **state)
{
    (void)state;
    enum { N = 5000 };
    static double whole[N], parts[N];
    uint64_t random = 5;
    for (size_t p = 0; p < 3; p++) {
        rk_sobol *sobol = sobol_of(RK_SOBOL_DIMS + 2, all_points[p], 99);
        for (size_t dim = 0; dim < RK_SOBOL_DIMS + 2; dim += 73) {
            rk_sobol_fill(sobol, dim, 1000003, N, whole);
            for (size_t done = 0, part = 0; done < N; done += part) {
                part = test_random(&random) % 200;
                part = part < N - done ? part : N - done;
                rk_sobol_fill(sobol, dim, 1000003 + done, part, parts + done);
            }
            assert_memory_equal(parts, whole, sizeof whole);
        }
        rk_sobol_free(sobol);
    }
}

static void the_last_of_two_to_the_32_points_is_inside_too(void **state)
{
    (void)state;
    for (size_t p = 0; p < 3; p++) {
        rk_sobol *sobol = sobol_of(RK_SOBOL_DIMS + 1, all_points[p], 1);
        double ends[2];
        for (size_t dim = 0; dim <= RK_SOBOL_DIMS; dim += 64) {
            rk_sobol_fill(sobol, dim, UINT32_MAX - UINT64_C(1), 2, ends);
            assert_true(ends[0] > 0 && ends[0] < 1 && ends[1] > 0 && ends[1] < 1);
        }
        rk_sobol_fill(sobol, 0, (uint64_t)1 << 32, 0, ends);
        rk_sobol_free(sobol);
    }
}

/* Owen: two numbers that share their first j digits share exactly j digits after scrambling. */
static void scrambling_keeps_the_common_digits_of_any_two(void **state)
{
    (void)state;
    enum { N = 300 };
    for (uint64_t seed = 0; seed < 5; seed++) {
        rk_sobol *scrambled = sobol_of(40, RK_POINTS_SCRAMBLED, seed), *plain = sobol_of(40, RK_POINTS_PLAIN, seed);
        for (size_t dim = 0; dim < 40; dim += 13) {
            for (uint64_t i = 1; i < N; i++) {
                uint64_t j = i * 7 % i, k = i * 1103515245u % 100000;
                k += k == i;
                uint32_t near = digits_at(plain, dim, i) ^ digits_at(plain, dim, j);
                uint32_t far = digits_at(plain, dim, i) ^ digits_at(plain, dim, k);
                assert_int_equal(__builtin_clz(digits_at(scrambled, dim, i) ^ digits_at(scrambled, dim, j)),
                                 __builtin_clz(near));
                assert_int_equal(__builtin_clz(digits_at(scrambled, dim, i) ^ digits_at(scrambled, dim, k)),
                                 __builtin_clz(far));
            }
        }
        rk_sobol_free(scrambled);
        rk_sobol_free(plain);
    }
}

/* One point in two dimensions over many seeds: 8 x 8 cells, chi squared with 63 degrees is above 104 once in 1,000. */
static void over_seeds_a_scrambled_point_is_uniform(void **state)
{
    (void)state;
    enum { SEEDS = 12800, CELLS = 64 };
    for (uint64_t index = 0; index < 40; index += 13) {
        unsigned count[CELLS] = {0};
        double chi = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            rk_sobol *sobol = sobol_of(4, RK_POINTS_SCRAMBLED, seed);
            count[(digits_at(sobol, 0, index) >> 29) * 8 + (digits_at(sobol, 3, index) >> 29)]++;
            rk_sobol_free(sobol);
        }
        for (size_t cell = 0; cell < CELLS; cell++) {
            double off = (double)count[cell] - (double)SEEDS / CELLS;
            chi += off * off / ((double)SEEDS / CELLS);
        }
        assert_true(chi < 104);
    }
}

/* Warnock's formula for the squared L2 star discrepancy of n points in the square; random points: 5/36 / n on average.
 */
static double discrepancy_2d(const double *x, const double *y, size_t n)
{
    double single = 0, pairs = 0;
    for (size_t i = 0; i < n; i++) {
        single += (1 - x[i] * x[i]) * (1 - y[i] * y[i]);
        for (size_t j = 0; j < n; j++) {
            pairs += (1 - fmax(x[i], x[j])) * (1 - fmax(y[i], y[j]));
        }
    }
    return 1.0 / 9 - single / (2 * (double)n) + pairs / ((double)n * (double)n);
}

static void pairs_of_dimensions_are_far_more_even_than_random_ones(void **state)
{
    (void)state;
    enum { N = 512, DIMS = 24 };
    static double column[DIMS][N];
    double sum[3] = {0}, worst[3] = {0};
    for (size_t p = 0; p < 3; p++) {
        rk_sobol *sobol = sobol_of(DIMS, all_points[p], 3);
        for (size_t dim = 0; dim < DIMS; dim++) {
            rk_sobol_fill(sobol, dim, 0, N, column[dim]);
        }
        for (size_t dim = 1; dim < DIMS; dim++) {
            double square = discrepancy_2d(column[dim - 1], column[dim], N);
            sum[p] += square;
            worst[p] = fmax(worst[p], square);
        }
        rk_sobol_free(sobol);
    }
    const double random = 5.0 / 36 / N;
    assert_true(sum[2] / (DIMS - 1) > random / 2 && sum[2] / (DIMS - 1) < random * 2);
    assert_true(sum[0] / (DIMS - 1) < random / 20 && worst[0] < random / 5);
    assert_true(sum[1] / (DIMS - 1) < random / 10 && worst[1] < random / 3);
}

/* The mean of prod(1 + 0.3 (exp(x) - (e - 1))) over the cube is 1. Root mean square error over seeds. */
static double product_error(rk_points points, size_t n, size_t n_seeds)
{
    enum { DIMS = 6, N_MAX = 4096 };
    static double value[N_MAX], column[N_MAX];
    double squares = 0;
    for (uint64_t seed = 0; seed < n_seeds; seed++) {
        rk_sobol *sobol = sobol_of(DIMS, points, seed);
        double sum = 0;
        for (size_t dim = 0; dim < DIMS; dim++) {
            rk_sobol_fill(sobol, dim, 0, n, column);
            for (size_t i = 0; i < n; i++) {
                value[i] = (dim ? value[i] : 1) * (1 + 0.3 * (exp(column[i]) - 1.718281828459045));
            }
        }
        for (size_t i = 0; i < n; i++) {
            sum += value[i];
        }
        squares += (sum / (double)n - 1) * (sum / (double)n - 1);
        rk_sobol_free(sobol);
    }
    return sqrt(squares / (double)n_seeds);
}

static void errors_of_a_smooth_mean_fall_as_promised(void **state)
{
    (void)state;
    double slope[3];
    for (size_t p = 0; p < 3; p++) {
        size_t n_seeds = all_points[p] == RK_POINTS_PLAIN ? 1 : 100;
        slope[p] = log2(product_error(all_points[p], 4096, n_seeds) / product_error(all_points[p], 64, n_seeds)) / 6;
    }
    assert_true(slope[0] < -1.1);                      /* scrambled: up to n^-1.5 */
    assert_true(slope[1] < -0.85);                     /* plain: n^-1, but for logarithms */
    assert_true(slope[2] > -0.62 && slope[2] < -0.38); /* random: n^-0.5 */
    assert_true(product_error(RK_POINTS_SCRAMBLED, 4096, 100) < product_error(RK_POINTS_RANDOM, 4096, 100) / 50);
}

static void seeds_and_dimensions_give_other_points(void **state)
{
    (void)state;
    for (size_t p = 0; p < 3; p++) {
        rk_sobol *one = sobol_of(RK_SOBOL_DIMS + 2, all_points[p], 1),
                 *two = sobol_of(RK_SOBOL_DIMS + 2, all_points[p], 2);
        for (size_t dim = 0; dim < RK_SOBOL_DIMS + 2; dim += RK_SOBOL_DIMS) {
            bool same = digits_at(one, dim, 100003) == digits_at(two, dim, 100003);
            assert_true(same == (all_points[p] == RK_POINTS_PLAIN && dim < RK_SOBOL_DIMS));
            assert_int_not_equal(digits_at(one, dim, 100003), digits_at(one, dim + 1, 100003));
        }
        rk_sobol_free(one);
        rk_sobol_free(two);
    }
}

static void short_memory_gives_no_points(void **state)
{
    (void)state;
    fault_arm(1);
    assert_null(rk_sobol_new(&(rk_sobol_options){.n_dims = 3}));
    assert_true(fault_disarm());
    rk_sobol_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_those_of_another_program),
        cmocka_unit_test(the_table_holds_different_primitive_polynomials_and_odd_numbers),
        cmocka_unit_test(every_aligned_block_of_two_to_the_k_fills_every_axis_evenly),
        cmocka_unit_test(columns_do_not_depend_on_how_they_are_cut),
        cmocka_unit_test(the_last_of_two_to_the_32_points_is_inside_too),
        cmocka_unit_test(scrambling_keeps_the_common_digits_of_any_two),
        cmocka_unit_test(over_seeds_a_scrambled_point_is_uniform),
        cmocka_unit_test(pairs_of_dimensions_are_far_more_even_than_random_ones),
        cmocka_unit_test(errors_of_a_smooth_mean_fall_as_promised),
        cmocka_unit_test(seeds_and_dimensions_give_other_points),
        cmocka_unit_test(short_memory_gives_no_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

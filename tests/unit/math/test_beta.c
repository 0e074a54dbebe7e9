/* test_beta.c - beta shares against 40-digit arithmetic, inverses by going there and back, the table against both. */
#include "support/test.h"

#include <math.h>

#include "math/beta.h"
#include "math/beta_table.h"
#include "support/faults.h"

static const double shapes[][2] = {{1, 5}, {5, 1}, {3, 3}, {2.2, 3.8}, {1.0001, 4.9999}, {4.3, 1.7}};

static void assert_near(double got, double expected, double tolerance)
{
    if (!(fabs(got - expected) <= tolerance)) {
        fail_msg("%.17g is further than %g from %.17g", got, tolerance, expected);
    }
}

static void shares_are_right(void **state)
{
    (void)state;
    /* mpmath 1.3.0 at 40 digits: betainc(a, b, 0, x, regularized=True). */
    static const double expected[][4] = {
        {1, 5, 0.1, 0.409510000000000018},         {3, 3, 0.5, 0.5},
        {2.5, 3.5, 0.2, 0.132817309778049126},     {2.5, 3.5, 0.9, 0.997826227157272924},
        {0.5, 0.5, 0.3, 0.369010119565545375},     {50, 3, 0.95, 0.514569522163019793},
        {4.3, 1.7, 1e-4, 2.18822247223080681e-17},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        assert_near(rk_beta_share(expected[i][0], expected[i][1], expected[i][2]), expected[i][3],
                    1e-13 * expected[i][3]);
    }
    assert_near(rk_beta_share(2000, 3000, 0.41), 0.925262126208304175, 1e-11); /* large shapes cancel */
    assert_true(rk_beta_share(2, 3, 0) == 0 && rk_beta_share(2, 3, 1) == 1);
}

static void a_quantile_leads_back_to_its_share(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        double a = shapes[i][0], b = shapes[i][1];
        for (double u = 1e-99; u < 0.9999; u = u < 1e-3 ? u * 1000 : u + 0.01) {
            double x = rk_beta_quantile(a, b, u);
            assert_near(rk_beta_share(a, b, x), u, 1e-13 * u);
        }
        assert_true(rk_beta_quantile(a, b, 0) == 0 && rk_beta_quantile(a, b, 1) == 1);
    }
    assert_near(rk_beta_quantile(1, 5, 0.3), 1 - pow(0.7, 0.2), 1e-15);
    assert_near(rk_beta_quantile(5, 1, 1e-20), 1e-4, 1e-18);
}

/* scipy 1.17.1: stats.t.ppf. Binomials: sums of exact terms at 40 digits, and for a million stats.binom.sf. */
static void tails_of_binomials_and_of_student_are_right(void **state)
{
    (void)state;
    assert_near(rk_binomial_at_least(3, 10, 0.25), 0.474407196044921875, 1e-14);
    assert_near(rk_binomial_at_least(60, 100, 0.5), 0.0284439668204903958, 1e-14);
    assert_near(rk_binomial_at_least(998, 1000, 0.99), 0.0026794319937915143, 1e-14);
    assert_near(rk_binomial_at_least(501000, 1000000, 0.5), 0.0228041499326948, 1e-9);
    assert_true(rk_binomial_at_least(0, 10, 0.25) == 1 && rk_binomial_at_least(11, 10, 0.25) == 0);
    assert_near(rk_student_quantile(1, 0.975), 12.706204736174694, 1e-12);
    assert_near(rk_student_quantile(15, 0.975), 2.131449545559776, 1e-13);
    assert_near(rk_student_quantile(31, 0.95), 1.6955187825458649, 1e-13);
    assert_near(rk_student_quantile(3, 0.1), -1.6377443536962089, 1e-13);
}

static double exact(double a, double b, double u)
{
    return u < 0.5 ? rk_beta_quantile(a, b, u) : 1 - rk_beta_quantile(b, a, 1 - u);
}

/* Middles of cells, where a cubic is worst, and any place between. */
static void the_table_keeps_its_error_bound_for_every_shape_of_a_pert(void **state)
{
    (void)state;
    uint64_t random = 3;
    for (double a = 1; a <= 5; a += 1.0 / 16) {
        rk_beta_table *table = rk_beta_table_new(a, 6 - a);
        assert_non_null(table);
        for (int i = 0; i < 1000; i++) {
            double v = ldexp(64 + i % 64 + (i < 500 ? 0.5 : test_random(&random) * 0x1p-31), -8 - i % 15), x;
            double u = i % 2 ? v : 1 - v;
            rk_beta_table_fill(table, &u, 1, &x);
            assert_near(x, exact(a, 6 - a, u), 2e-10);
        }
        rk_beta_table_free(table);
    }
}

/* Neighbours on the lattice of 2^-32 around every knot and in both thin ends. */
static void the_table_rises_from_each_lattice_point_to_the_next(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        rk_beta_table *table = rk_beta_table_new(shapes[i][0], shapes[i][1]);
        assert_non_null(table);
        double highest = 0;
        for (int cell = -64; cell <= 2 * 14 * 64 + 64; cell++) {
            int from_end = cell <= 14 * 64 ? cell : 2 * 14 * 64 - cell;
            double v = ldexp(1 + (double)((from_end + 128) % 64) / 64, (from_end + 128) / 64 - 17), u[8], x[8];
            double knot = cell <= 14 * 64 ? v : 1 - v;
            for (int k = 0; k < 8; k++) {
                u[k] = knot + (k - 3.5) * 0x1p-32;
            }
            rk_beta_table_fill(table, u, 8, x);
            for (int k = 0; k < 8; k++) {
                assert_true(x[k] > highest && x[k] < 1);
                highest = x[k];
            }
        }
        rk_beta_table_free(table);
    }
}

static void short_memory_gives_no_table(void **state)
{
    (void)state;
    fault_arm(1);
    assert_null(rk_beta_table_new(2, 4));
    assert_true(fault_disarm());
    rk_beta_table_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_right),
        cmocka_unit_test(a_quantile_leads_back_to_its_share),
        cmocka_unit_test(tails_of_binomials_and_of_student_are_right),
        cmocka_unit_test(the_table_keeps_its_error_bound_for_every_shape_of_a_pert),
        cmocka_unit_test(the_table_rises_from_each_lattice_point_to_the_next),
        cmocka_unit_test(short_memory_gives_no_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

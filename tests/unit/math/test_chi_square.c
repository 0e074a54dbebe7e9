/* test_chi_square.c - tails against values of a table, and against each other. */
#include "math/chi_square.h"

#include <math.h>
#include <stddef.h>

#include "support/test.h"

static void tails_are_those_of_the_tables(void **state)
{
    (void)state;
    static const struct {
        unsigned df;
        double x, above;
    } table[] = {
        {1, 3.841458820694124, 0.05},   {2, 5.991464547107979, 0.05}, {3, 7.814727903251179, 0.05},
        {4, 9.487729036781154, 0.05},   {5, 15.08627246938899, 0.01}, {10, 18.307038053275146, 0.05},
        {15, 24.995790139728616, 0.05},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        assert_true(fabs(rk_chi_square_above(table[i].df, table[i].x) / table[i].above - 1) < 1e-12);
    }
    assert_true(rk_chi_square_above(3, 0) == 1 && rk_chi_square_above(3, -1) == 1 && rk_chi_square_above(2, 1e6) == 0);
}

/* P(df + 2) - P(df) = (x/2)^(df/2) e^(-x/2) / gamma(df/2 + 1) */
static void tails_follow_their_recurrence(void **state)
{
    (void)state;
    for (unsigned df = 1; df < 40; df++) {
        for (double x = 0.5; x < 60; x *= 1.7) {
            double step = exp(df / 2.0 * log(x / 2) - x / 2 - lgamma(df / 2.0 + 1));
            assert_true(fabs(rk_chi_square_above(df + 2, x) - rk_chi_square_above(df, x) - step) < 1e-13);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_are_those_of_the_tables),
        cmocka_unit_test(tails_follow_their_recurrence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

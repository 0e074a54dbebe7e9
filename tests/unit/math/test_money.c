/* test_money.c - money as people read it, to the last millionth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "math/money.h"
#include "math/random.h"

static void assert_prints(int64_t micros, unsigned n_digits, const char *expected)
{
    rk_text out = {0};
    rk_money_print((rk_money){micros}, n_digits, &out);
    assert_string_equal(out.at, expected);
    rk_text_release(&out);
}

static void assert_prints_exactly(int64_t micros, const char *expected)
{
    rk_text out = {0};
    rk_money_print_exact((rk_money){micros}, &out);
    assert_string_equal(out.at, expected);
    rk_text_release(&out);
}

static void amounts_print_grouped_with_their_digits(void **state)
{
    (void)state;
    assert_prints(0, 2, "0.00");
    assert_prints(1234560000, 2, "1,234.56");
    assert_prints(-1234560000, 2, "-1,234.56");
    assert_prints(999000000, 0, "999");
    assert_prints(1000000000000, 0, "1,000,000");
    assert_prints(50000, 6, "0.050000");
    assert_prints(1, 6, "0.000001");
    assert_prints(INT64_MAX, 6, "9,223,372,036,854.775807");
    assert_prints(INT64_MIN, 6, "-9,223,372,036,854.775808");
    assert_prints(INT64_MIN, 0, "-9,223,372,036,855");
}

static void halves_go_to_the_even_neighbour(void **state)
{
    (void)state;
    assert_prints(125000, 2, "0.12");
    assert_prints(135000, 2, "0.14");
    assert_prints(125001, 2, "0.13");
    assert_prints(500000, 0, "0");
    assert_prints(1500000, 0, "2");
    assert_prints(2500000, 0, "2");
    assert_prints(-2500000, 0, "-2");
    assert_prints(-3500000, 0, "-4");
    assert_prints(999995000, 2, "1,000.00"); /* the carry goes through the comma */
}

static void there_is_no_negative_zero(void **state)
{
    (void)state;
    assert_prints(-1, 2, "0.00");
    assert_prints(-5000, 2, "0.00");
    assert_prints(-5001, 2, "-0.01");
    assert_prints_exactly(-1, "-0.000001");
}

static void exact_prints_drop_only_zeros(void **state)
{
    (void)state;
    assert_prints_exactly(0, "0");
    assert_prints_exactly(1000000, "1");
    assert_prints_exactly(1234567890, "1234.56789");
    assert_prints_exactly(1200000000, "1200");
    assert_prints_exactly(-100000, "-0.1");
    assert_prints_exactly(INT64_MAX, "9223372036854.775807");
    assert_prints_exactly(INT64_MIN, "-9223372036854.775808");
}

/* The reference rounds by asking which of the two neighbours is nearer. */
static void rounding_agrees_with_the_nearest_neighbour(void **state)
{
    (void)state;
    rk_random random = rk_random_of(1, 0);
    for (int round = 0; round < 20000; round++) {
        int64_t micros = (int64_t)rk_random_below(&random, 4000) * 2500, unit = 10000;
        int64_t below = micros / unit * unit, above = below + unit;
        int64_t nearest = micros - below < above - micros   ? below
                          : micros - below > above - micros ? above
                          : below / unit % 2 == 0           ? below
                                                            : above;
        rk_text rounded = {0}, expected = {0};
        rk_money_print((rk_money){micros}, 2, &rounded);
        rk_money_print((rk_money){nearest}, 6, &expected);
        assert_memory_equal(rounded.at, expected.at, rounded.n);
        assert_int_equal(expected.n, rounded.n + 4);
        rk_text_release(&rounded);
        rk_text_release(&expected);
    }
}

static void sums_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    rk_money sum = {7};
    assert_false(rk_money_add((rk_money){INT64_MAX}, (rk_money){1}, &sum));
    assert_false(rk_money_add((rk_money){INT64_MIN}, (rk_money){-1}, &sum));
    assert_int_equal(sum.micros, 7);
    assert_true(rk_money_add((rk_money){INT64_MAX}, (rk_money){INT64_MIN}, &sum));
    assert_int_equal(sum.micros, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_print_grouped_with_their_digits),
        cmocka_unit_test(halves_go_to_the_even_neighbour),
        cmocka_unit_test(there_is_no_negative_zero),
        cmocka_unit_test(exact_prints_drop_only_zeros),
        cmocka_unit_test(rounding_agrees_with_the_nearest_neighbour),
        cmocka_unit_test(sums_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

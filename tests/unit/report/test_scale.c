#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "report/scale.h"

static void expect_ticks(rk_ticks ticks, const char *want)
{
    rk_text words = {0};
    for (size_t i = 0; i < ticks.n; i++) {
        rk_text_add(&words, i ? " " : "");
        rk_tick_print(ticks.at[i], &words);
    }
    assert_string_equal(words.at ? words.at : "", want);
    rk_text_release(&words);
}

static void linear_ticks_are_round_numbers(void **state)
{
    (void)state;
    expect_ticks(rk_ticks_linear(0, 1, 5), "0 0.2 0.4 0.6 0.8 1");
    expect_ticks(rk_ticks_linear(0, 0.15, 4), "0 0.05 0.1 0.15");
    expect_ticks(rk_ticks_linear(0, 15000, 4), "0 5k 10k 15k");
    expect_ticks(rk_ticks_linear(-3, 4, 4), "-2 0 2 4");
    expect_ticks(rk_ticks_linear(7, 7.1, 3), "7 7.05 7.1");
}

static void log_ticks_are_one_two_five_or_decades(void **state)
{
    (void)state;
    expect_ticks(rk_ticks_log(0.1, 10), "0.1 0.2 0.5 1 2 5 10");
    expect_ticks(rk_ticks_log(0.05, 2000), "0.1 1 10 100 1k");
}

static void hopeless_ranges_have_no_ticks(void **state)
{
    (void)state;
    assert_int_equal(rk_ticks_linear(1, 1, 4).n, 0);
    assert_int_equal(rk_ticks_linear(2, 1, 4).n, 0);
    assert_int_equal(rk_ticks_linear(NAN, 1, 4).n, 0);
    assert_int_equal(rk_ticks_linear(0, INFINITY, 4).n, 0);
    assert_int_equal(rk_ticks_log(0, 1).n, 0);
    assert_int_equal(rk_ticks_log(-1, 1).n, 0);
}

static void ticks_are_few_inside_and_ascending_for_any_range(void **state)
{
    (void)state;
    for (double max = 1e-9; max < 1e12; max *= 1.37)
        for (size_t n_wanted = 3; n_wanted <= 12; n_wanted++) {
            rk_ticks ticks = rk_ticks_linear(0, max, n_wanted);
            assert_in_range(ticks.n, 2, n_wanted + 1);
            for (size_t i = 0; i < ticks.n; i++)
                assert_true(ticks.at[i] <= max * (1 + 1e-9) && (i == 0 || ticks.at[i] > ticks.at[i - 1]));
            assert_true(rk_nice_end(max, n_wanted) >= max * (1 - 1e-9));
            assert_true(rk_nice_end(max, n_wanted) <= max * 2);
        }
}

static void a_scale_never_leaves_its_room(void **state)
{
    (void)state;
    const rk_scale up = {.min = 0, .max = 10, .from = 200, .to = 20};
    const double wild[] = {NAN, INFINITY, -INFINITY, -1, 11, 1e300};
    for (size_t i = 0; i < RK_COUNT_OF(wild); i++) {
        double at = rk_scale_at(&up, wild[i]);
        assert_true(at >= 20 && at <= 200);
    }
    assert_true(rk_scale_at(&up, 5) == 110);
    const rk_scale log_scale = {.min = 0.1, .max = 10, .from = 0, .to = 100, .is_log = true};
    assert_true(fabs(rk_scale_at(&log_scale, 1) - 50) < 1e-9);
    assert_true(rk_scale_at(&log_scale, 0) == 0);
}

static void tick_words_are_short(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *words;
    } rows[] = {{0, "0"},          {0.05, "0.05"},      {0.0002, "0.0002"}, {1, "1"},
                {2.5, "2.5"},      {999, "999"},        {1000, "1k"},       {2500, "2.5k"},
                {12345, "12.35k"}, {3e6, "3M"},         {2e9, "2G"},        {-500, "-500"},
                {-0.25, "-0.25"},  {999.9999999, "1k"}, {NAN, "?"},         {INFINITY, "inf"}};
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        rk_text words = {0};
        rk_tick_print(rows[i].value, &words);
        assert_string_equal(words.at, rows[i].words);
        rk_text_release(&words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_ticks_are_round_numbers),
        cmocka_unit_test(log_ticks_are_one_two_five_or_decades),
        cmocka_unit_test(hopeless_ranges_have_no_ticks),
        cmocka_unit_test(ticks_are_few_inside_and_ascending_for_any_range),
        cmocka_unit_test(a_scale_never_leaves_its_room),
        cmocka_unit_test(tick_words_are_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

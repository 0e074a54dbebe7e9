/* Claims about decimal.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "support/test.h"

static void assert_reads(const char *text, int64_t units, unsigned places)
{
    rk_decimal value = {0};
    const char *wrong = rk_decimal_parse(rk_slice_of(text), &value);
    if (wrong) {
        fail_msg("'%s': %s", text, wrong);
    }
    assert_int_equal(value.units, units);
    assert_int_equal(value.places, places);
}

static void numbers_are_read_exactly(void **state)
{
    (void)state;
    assert_reads("0", 0, 0);
    assert_reads("-0", 0, 0);
    assert_reads("0.000", 0, 0);
    assert_reads("12", 12, 0);
    assert_reads("-0.03", -3, 2);
    assert_reads("0.1785", 1785, 4);
    assert_reads("47.50", 475, 1);
    assert_reads("12_000_000", 12000000, 0);
    assert_reads("1_0.2_5", 1025, 2);
    assert_reads("1e6", 1000000, 0);
    assert_reads("2.5e-3", 25, 4);
    assert_reads("1.25E+1", 125, 1);
    assert_reads("999999999999999999", 999999999999999999, 0);
    assert_reads("0.999999999999999999", 999999999999999999, 18);
    assert_reads("0.000000000000000001", 1, 18);
    assert_reads("1000e-3", 1, 0);
    assert_reads("0e999", 0, 0);
}

static void what_hides_a_mistake_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1,000",
                                      "010",
                                      "00",
                                      "0x10",
                                      "0b1",
                                      "0o7",
                                      ".5",
                                      "5.",
                                      "1__0",
                                      "_1",
                                      "1_",
                                      "1_.5",
                                      "1._5",
                                      "1e",
                                      "1e+",
                                      "1e_5",
                                      "nan",
                                      ".nan",
                                      "inf",
                                      "1.2.3",
                                      "1-2",
                                      "1e18",
                                      "1e400",
                                      "--1",
                                      "1f",
                                      "1.5%",
                                      "\xc2\xbd",
                                      "0.0000000000000000001",
                                      "1234567890123456789"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        rk_decimal value = {7, 7};
        if (!rk_decimal_parse(rk_slice_of(bad[i]), &value)) {
            fail_msg("'%s' was read", bad[i]);
        }
        assert_int_equal(value.units, 7); /* untouched */
    }
}

static void what_is_printed_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        rk_decimal value, again = {0};
        rk_text text = {0};
        value.units = (int64_t)test_random(&seed) * (test_random(&seed) % 1000000) * (i % 2 ? 1 : -1);
        value.places = (uint8_t)(value.units == 0 ? 0 : test_random(&seed) % 19);
        while (value.places > 0 && value.units % 10 == 0) {
            value.units /= 10;
            value.places--;
        }
        rk_decimal_print(value, false, &text);
        assert_null(rk_decimal_parse((rk_slice){text.at, text.n}, &again));
        assert_int_equal(again.units, value.units);
        assert_int_equal(again.places, value.places);
        rk_text_release(&text);
    }
}

static void grouping_marks_thousands(void **state)
{
    (void)state;
    rk_text text = {0};
    rk_decimal_print((rk_decimal){-1234567891, 3}, true, &text);
    assert_string_equal(text.at, "-1,234,567.891");
    rk_text_clear(&text);
    rk_decimal_print((rk_decimal){999, 0}, true, &text);
    assert_string_equal(text.at, "999");
    rk_text_clear(&text);
    rk_decimal_print((rk_decimal){5, 3}, true, &text);
    assert_string_equal(text.at, "0.005");
    rk_text_release(&text);
}

static void the_double_is_the_nearest(void **state)
{
    (void)state;
    assert_true(rk_decimal_real((rk_decimal){1785, 4}) == 0.1785);
    assert_true(rk_decimal_real((rk_decimal){-3, 2}) == -0.03);
    assert_true(rk_decimal_real((rk_decimal){999999999999999999, 18}) == 1.0);
    uint64_t seed = 7;
    for (int i = 0; i < 20000; i++) { /* beside the C library's, small and large */
        char text[40];
        int64_t units = (int64_t)(((uint64_t)test_random(&seed) << 32 | test_random(&seed)) % 1000000000000000000u);
        rk_decimal value = {i % 2 ? units : units % 100000, (uint8_t)(test_random(&seed) % 19)};
        snprintf(text, sizeof text, "%llde-%d", (long long)value.units, value.places);
        assert_true(rk_decimal_real(value) == strtod(text, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_exactly),   cmocka_unit_test(what_hides_a_mistake_is_refused),
        cmocka_unit_test(what_is_printed_reads_back), cmocka_unit_test(grouping_marks_thousands),
        cmocka_unit_test(the_double_is_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_cell.c - amounts and moments as logs write them. */
#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "data/cell.h"
#include "math/random.h"
#include "support/test.h"

static void amounts_are_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double real;
        int64_t units;
        unsigned places;
        bool is_exact;
    } cases[] = {
        {"6", 6, 6, 0, true},
        {"-11062.06", -11062.06, -1106206, 2, true},
        {"0.001", 0.001, 1, 3, true},
        {".5", 0.5, 5, 1, true},
        {"1e3", 1000, 0, 0, false},
        {"+2.5", 2.5, 0, 0, false},
        {"007", 7, 7, 0, true},
        {"123456789012345678", 123456789012345678.0, 123456789012345678, 0, true},
        {"0.1234567890123456789", 0.1234567890123456789, 0, 0, false},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_amount amount;
        assert_true(rk_amount_parse(rk_slice_of(cases[i].text), &amount));
        assert_true(amount.real == cases[i].real);
        assert_int_equal(amount.is_exact, cases[i].is_exact);
        if (cases[i].is_exact) {
            assert_int_equal(amount.units, cases[i].units);
            assert_int_equal(amount.places, cases[i].places);
        }
    }
}

static void amounts_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      "-",    ".",   "1,5", "1.2.3", "nan",      "inf",
                                        "1e999", "0x10", "--1", "+-1", "2 ",    "\302\2432"}; /* a pound sign */
    for (size_t i = 0; i < RK_COUNT_OF(texts); i++) {
        rk_amount amount;
        assert_false(rk_amount_parse(rk_slice_of(texts[i]), &amount));
    }
}

static void moments_are_read_as_logs_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time;
    } cases[] = {
        {"1291191960", 1291191960},
        {"1291191960.75", 1291191960},
        {"1291191960123", 1291191960},
        {"1291191960123456", 1291191960},
        {"1291191960123456789", 1291191960},
        {"0", 0},
        {"20101201", 1291161600},
        {"2010-12-01", 1291161600},
        {"2010-12-01 08:26:00", 1291191960},
        {"2010-12-01T08:26:00Z", 1291191960},
        {"2010-12-01T09:26:00.5+01:00", 1291191960},
        {"2010-12-01 03:26-0500", 1291191960},
        {"2010/12/1 8:26", 1291191960},
        {"12/1/2010 8:26", 1291191960},
        {"12/01/2010 08:26:00 UTC", 1291191960},
        {"12/1/2010", 1291161600},
        {"1969-12-31 23:59:59", -1},
        {"2000-02-29", 951782400},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        int64_t time = 42;
        if (!rk_moment_parse(rk_slice_of(cases[i].text), &time) || time != cases[i].time) {
            fail_msg("'%s' is read as %lld", cases[i].text, (long long)time);
        }
    }
}

static void moments_that_are_none_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "soon",
                                        "2010-13-01",
                                        "2010-02-29",
                                        "2010-12-01 25:00",
                                        "2010-12-01x",
                                        "2010-12-01 8",
                                        "13/1/2010",
                                        "99999999999999999999",
                                        "12.5.x",
                                        "2010-12-01 08:26:00+25:00",
                                        "1/2",
                                        "2010-1201",
                                        "-5",
                                        "2010-12-01 08:26 "};
    for (size_t i = 0; i < RK_COUNT_OF(texts); i++) {
        int64_t time;
        if (rk_moment_parse(rk_slice_of(texts[i]), &time)) {
            fail_msg("'%s' is read as %lld", texts[i], (long long)time);
        }
    }
}

static void a_printed_moment_reads_back(void **state)
{
    (void)state;
    rk_random random = rk_random_of(5, 0);
    for (int i = 0; i < 100000; i++) {
        char text[32];
        int64_t time = (int64_t)(rk_random_u64(&random) % 200000000000u) - 60000000000, back;
        rk_format_time(time, text);
        assert_true(rk_moment_parse(rk_slice_of(text), &back));
        assert_int_equal(back, time);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_read_exactly),
        cmocka_unit_test(amounts_that_are_none_are_refused),
        cmocka_unit_test(moments_are_read_as_logs_write_them),
        cmocka_unit_test(moments_that_are_none_are_refused),
        cmocka_unit_test(a_printed_moment_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_clock.c - dates against a calendar that is walked day by day, clocks against the passing of time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static unsigned slow_days_in_month(int year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

typedef struct {
    int year;
    unsigned month, day;
} date;

static void next_day(date *d)
{
    if (++d->day > slow_days_in_month(d->year, d->month)) {
        d->day = 1;
        d->month++;
    }
    if (d->month > 12) {
        d->month = 1;
        d->year++;
    }
}

static void dates_agree_with_a_slow_calendar_for_20000_years(void **state)
{
    (void)state;
    date slow = {-10000, 1, 1}, fast;
    int64_t days = rk_days_of_date(-10000, 1, 1);
    for (; slow.year <= 10000; next_day(&slow), days++) {
        rk_date_of_days(days, &fast.year, &fast.month, &fast.day);
        bool is_same = fast.year == slow.year && fast.month == slow.month && fast.day == slow.day;
        if (!is_same || rk_days_of_date(slow.year, slow.month, slow.day) != days) {
            fail_msg("day %lld is %d-%u-%u, said %d-%u-%u", (long long)days, slow.year, slow.month, slow.day, fast.year,
                     fast.month, fast.day);
        }
        if (rk_days_in_month(slow.year, slow.month) != slow_days_in_month(slow.year, slow.month)) {
            fail_msg("days in month %u of %d", slow.month, slow.year);
        }
    }
}

static void known_days_have_their_number_and_weekday(void **state)
{
    (void)state;
    assert_int_equal(rk_days_of_date(1970, 1, 1), 0);
    assert_int_equal(rk_days_of_date(2000, 3, 1), 11017);
    assert_int_equal(rk_weekday_of_days(0), 3);                                 /* Thursday */
    assert_int_equal(rk_weekday_of_days(-1), 2);                                /* Wednesday */
    assert_int_equal(rk_weekday_of_days(rk_days_of_date(2010, 12, 1)), 2);      /* Wednesday */
    assert_int_equal(rk_weekday_of_days(rk_days_of_date(1582, 10, 15)), 4);     /* the first Gregorian day, a Friday */
    assert_int_equal(rk_weekday_of_days(rk_days_of_date(-10000, 1, 1) * 7), 3); /* a multiple of 7 days off */
}

static void times_print_in_iso_form_and_are_clamped(void **state)
{
    (void)state;
    static const struct {
        int64_t unix_s;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00Z"},
        {-1, "1969-12-31T23:59:59Z"},
        {1795428900, "2026-11-23T10:15:00Z"},
        {951782399, "2000-02-28T23:59:59Z"},
        {951782400, "2000-02-29T00:00:00Z"},
        {253402300799, "9999-12-31T23:59:59Z"},
        {253402300800, "9999-12-31T23:59:59Z"},
        {INT64_MAX, "9999-12-31T23:59:59Z"},
        {INT64_MIN, "0000-01-01T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[21];
        rk_format_time(cases[i].unix_s, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void a_moment_reads_back_and_nothing_else_does(void **state)
{
    (void)state;
    static const int64_t moments[] = {0, -1, 1795428900, 951782400, 253402300799, -62167219200};
    static const char *const none[] = {"",
                                       "2026-11-23",
                                       "2026-11-23 10:15:00Z",
                                       "2026-11-23T10:15:00",
                                       "2026-11-23T10:15:00Zx",
                                       "2026-13-01T00:00:00Z",
                                       "2026-02-29T00:00:00Z",
                                       "2026-00-10T00:00:00Z",
                                       "2026-01-00T00:00:00Z",
                                       "2026-01-01T24:00:00Z",
                                       "2026-01-01T00:60:00Z",
                                       "2026-01-01T00:00:60Z",
                                       "+026-01-01T00:00:00Z"};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        char text[21];
        int64_t read = 42;
        rk_format_time(moments[i], text);
        assert_true(rk_parse_time(rk_slice_of(text), &read));
        assert_int_equal(read, moments[i]);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        int64_t read = 42;
        assert_false(rk_parse_time(rk_slice_of(none[i]), &read));
        assert_int_equal(read, 42);
    }
}

static void dates_are_read_as_they_are_written(void **state)
{
    (void)state;
    static const int64_t days[] = {0, -1, 20780, 11016, -719528, 2932896};
    static const char *const none[] = {"",           "2026-11-2",   "2026-11-234", "2026/11/23",
                                       "2026-02-29", "2026-11-23T", "2026-11-00"};
    char text[11];
    int64_t read = 42;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(rk_parse_date(rk_slice_of(none[i]), &read));
        assert_int_equal(read, 42);
    }
    assert_false(rk_parse_date((rk_slice){"2026-11-23\0\0", 12}, &read));
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        rk_format_date(days[i], text);
        assert_true(rk_parse_date(rk_slice_of(text), &read));
        assert_int_equal(read, days[i]);
    }
    rk_format_date(20780, text);
    assert_string_equal(text, "2026-11-23");
}

static void a_stopwatch_sees_time_cpu_and_memory(void **state)
{
    (void)state;
    enum { BYTES = 32 << 20, SLACK = 1 << 20 }; /* the kernel counts pages per processor and adds them up lazily */
    rk_stopwatch watch = rk_stopwatch_start();
    int64_t thread_start = rk_clock_thread_ns();
    unsigned char *bytes = malloc(BYTES);
    assert_non_null(bytes);
    volatile unsigned char *touched = bytes;
    while (rk_clock_cpu_ns() - watch.cpu_ns < 20 * 1000 * 1000) {
        for (size_t i = 0; i < BYTES; i += 4096) {
            touched[i]++;
        }
    }
    uint64_t resident = rk_memory_bytes();
    free(bytes);
    rk_usage usage = rk_stopwatch_stop(watch);
    assert_true(usage.wall_s > 0.0 && usage.wall_s < 60.0);
    assert_true(usage.cpu_s >= 0.02 && usage.cpu_s < 60.0);
    assert_true(rk_clock_thread_ns() - thread_start > 10 * 1000 * 1000);
    assert_in_range(resident, BYTES, 1u << 30);
    assert_in_range(usage.peak_bytes, resident - SLACK, 1u << 30);
    assert_int_equal(usage.bytes_in, 0);
}

static void the_machine_has_a_name_cores_and_memory(void **state)
{
    (void)state;
    rk_machine machine = rk_machine_read();
    assert_true(strlen(machine.cpu) > 0);
    assert_null(strchr(machine.cpu, '\n'));
    assert_in_range(machine.cores, 1, 100000);
    assert_true(machine.memory_gib > 0.01);
    assert_true(rk_clock_unix_s() > 1700000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_agree_with_a_slow_calendar_for_20000_years),
        cmocka_unit_test(known_days_have_their_number_and_weekday),
        cmocka_unit_test(times_print_in_iso_form_and_are_clamped),
        cmocka_unit_test(a_moment_reads_back_and_nothing_else_does),
        cmocka_unit_test(dates_are_read_as_they_are_written),
        cmocka_unit_test(a_stopwatch_sees_time_cpu_and_memory),
        cmocka_unit_test(the_machine_has_a_name_cores_and_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

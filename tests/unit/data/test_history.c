/* test_history.c - days in any order, gaps, what is refused, months, and every failing allocation. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/clock.h"
#include "data/history.h"
#include "support/faults.h"
#include "support/test.h"

static rk_history parse(const char *text)
{
    rk_history history = {0};
    rk_error err;
    assert_int_equal(rk_history_parse(rk_slice_of(text), "h.csv", &history, &err), RK_OK);
    return history;
}

static void days_stand_in_order_and_gaps_are_counted(void **state)
{
    (void)state;
    rk_history h = parse("region,requests, date \r\nx,30,2026-03-01\r\n\r\n\"y\",10.5,2026-02-26\r\nz,,2026-02-28\r\n");
    char first[11];
    rk_format_date(h.first_day, first);
    assert_string_equal(first, "2026-02-26");
    assert_int_equal(h.n_days, 4);
    assert_int_equal(h.n_missing, 2); /* the 27th has no row, the 28th no number */
    assert_true(h.requests[0] == 10.5 && isnan(h.requests[1]) && isnan(h.requests[2]) && h.requests[3] == 30);
    assert_true(rk_history_sum(&h, h.first_day, h.first_day + 3) == 10.5);
    assert_true(rk_history_sum(&h, h.first_day - 9, h.first_day + 99) == 40.5);
    rk_history_release(&h);
}

static void a_number_may_be_missing_at_the_end(void **state)
{
    (void)state;
    rk_history h = parse("date,requests\n2026-01-01,5\n2026-01-02,\n");
    assert_true(h.n_days == 2 && h.n_missing == 1 && isnan(h.requests[1]));
    rk_history_release(&h);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"day,requests\n",
         "h.csv:1: a history needs the columns 'date' and 'requests', there is no 'date' (the first is 'day')"},
        {"date\n",
         "h.csv:1: a history needs the columns 'date' and 'requests', there is no 'requests' (the first is 'date')"},
        {"date,requests\n", "h.csv: the history has no day with a number of requests"},
        {"date,requests\n2026-01-01,\n", "h.csv: the history has no day with a number of requests"},
        {"date,requests\n2026-01-01,1\n01/02/2026,1\n", "h.csv:3: a date must look like 2026-01-31, got '01/02/2026'"},
        {"date,requests\n2026-02-29,1\n", "h.csv:2: a date must look like 2026-01-31, got '2026-02-29'"},
        {"date,requests\n2026-01-01,-1\n", "h.csv:2: requests must be a number from 0 to 1e+15, got '-1'"},
        {"date,requests\n2026-01-01,many\n", "h.csv:2: requests must be a number from 0 to 1e+15, got 'many'"},
        {"date,requests\n2026-01-02,1\n2026-01-01,1\n\n2026-01-02,3\n", "h.csv:5: 2026-01-02 stands on line 2 already"},
        {"date,requests\n2026-01-01,1\n1026-01-01,1\n",
         "h.csv:3: from 1026-01-01 to 2026-01-01 are more than 36600 days; is a date wrong?"},
        {"date,requests\n2026-01-01\n", "h.csv:2: row 1 has 1 cells where the header has 2"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_history history = {0};
        rk_error err = {0};
        assert_int_equal(rk_history_parse(rk_slice_of(cases[i].text), "h.csv", &history, &err), RK_BAD_INPUT);
        assert_string_equal(err.message, cases[i].message);
        assert_null(history.requests);
    }
}

static void a_packed_file_is_read_as_well(void **state)
{
    (void)state;
    char path[] = "/tmp/reckon-history-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    gzFile file = gzdopen(fd, "wb");
    gzputs(file, "date,requests\n2026-01-01,7\n");
    gzclose(file);
    rk_history h = {0};
    rk_error err;
    assert_int_equal(rk_history_read(path, &h, &err), RK_OK);
    assert_true(h.n_days == 1 && h.requests[0] == 7);
    rk_history_release(&h);
    unlink(path);
}

static void days_are_cut_where_months_end(void **state)
{
    (void)state;
    size_t end[8];
    int64_t first = rk_days_of_date(2028, 1, 31);
    assert_int_equal(rk_months_cut(first, 31, end), 3);
    assert_true(end[0] == 1 && end[1] == 30 && end[2] == 31); /* February of a leap year */
    assert_int_equal(rk_months_cut(first, 30, end), 2);
    assert_int_equal(rk_months_cut(first, 1, end), 1);
}

static bool attempt(void *context)
{
    rk_history h = {0};
    rk_error err;
    rk_slice text = RK_SLICE("date,requests\n2026-01-01,7\n2026-01-03,9\n");
    (void)context;
    rk_status status = rk_history_parse(text, "h.csv", &h, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    rk_history_release(&h);
    return status == RK_OK;
}

static void a_shortage_of_memory_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(attempt, NULL) >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_stand_in_order_and_gaps_are_counted),
        cmocka_unit_test(a_number_may_be_missing_at_the_end),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_packed_file_is_read_as_well),
        cmocka_unit_test(days_are_cut_where_months_end),
        cmocka_unit_test(a_shortage_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Bills as streams of rows: what is read, what is refused, and what the cells say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "bill/bill.h"
#include "bill/focus.h"
#include "math/rational.h"
#include "support/faults.h"
#include "support/test.h"

static rk_bill *open_text(const char *text)
{
    rk_bill *bill = NULL;
    rk_error err;
    assert_int_equal(rk_bill_open_text(rk_slice_of(text), "b.csv", &bill, &err), RK_OK);
    return bill;
}

/* The message that reading all of text ends with, or "" when it reads. */
static void message_of(const char *text, rk_error *err)
{
    rk_bill *bill = NULL;
    const rk_bill_row *row = NULL;
    memset(err, 0, sizeof *err);
    rk_status status = rk_bill_open_text(rk_slice_of(text), "b.csv", &bill, err);
    do {
        status = status ? status : rk_bill_next(bill, &row, err);
    } while (!status && row);
    rk_bill_close(bill);
    assert_true(status == RK_OK || status == RK_BAD_INPUT);
}

static void assert_cell(rk_bill_cell cell, const char *text)
{
    assert_int_equal(cell.is_null, text == NULL);
    assert_true(rk_slice_is(cell.text, text ? text : ""));
}

static void a_null_is_nothing_or_the_bare_word(void **state)
{
    (void)state;
    const rk_bill_row *row;
    rk_error err;
    rk_bill *bill = open_text("a,b,c,d,e\n,NULL,null,\"\",\"NULL\"\n");
    assert_int_equal(rk_bill_next(bill, &row, &err), RK_OK);
    assert_cell(row->cells[0], NULL);
    assert_cell(row->cells[1], NULL);
    assert_cell(row->cells[2], NULL);
    assert_cell(row->cells[3], "");
    assert_cell(row->cells[4], "NULL");
    assert_int_equal(rk_bill_next(bill, &row, &err), RK_OK);
    assert_null(row);
    rk_bill_close(bill);
}

static void quotes_hide_commas_line_ends_and_quotes(void **state)
{
    (void)state;
    const rk_bill_row *row;
    rk_error err;
    rk_bill *bill = open_text("\xEF\xBB\xBF\"a\",b\r\n\"x,\"\"y\"\"\nz\",1\r\n\r\nlast,\"\"\"\"");
    assert_true(rk_slice_is(rk_bill_column(bill, 0), "a"));
    assert_int_equal(rk_bill_next(bill, &row, &err), RK_OK);
    assert_cell(row->cells[0], "x,\"y\"\nz");
    assert_cell(row->cells[1], "1");
    assert_int_equal(row->line, 2);
    assert_int_equal(rk_bill_next(bill, &row, &err), RK_OK);
    assert_int_equal(row->row, 2);
    assert_int_equal(row->line, 5); /* the quoted line end and the blank line count */
    assert_cell(row->cells[0], "last");
    assert_cell(row->cells[1], "\"");
    rk_bill_close(bill);
}

static void what_is_no_csv_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "b.csv: a CSV must begin with the names of its columns, got nothing"},
        {"a,b\n1\n", "b.csv:2: row 1 has 1 cells where the header has 2"},
        {"a,b\n1,2\n1,2,3\n", "b.csv:3: row 2 has 3 cells where the header has 2"},
        {"a,a\n", "b.csv:1: the column 'a' stands there twice"},
        {"a,\n", "b.csv:1: column 2 has no name"},
        {"a\n\"x\n", "b.csv:2: a quote is opened and not closed: '\"x'"},
        {"a\n\"x\"y\n", "b.csv:2: after a closing quote a comma must follow, got 'y'"},
        {"a\nx\"y\"\n", "b.csv:2: a quote stands inside a cell that does not begin with one: 'x\"y\"'"},
        {"a\n\"\xff\"\n", "b.csv:2: the row is not UTF-8 text, near '\"'"},
        {"a\nx\n", ""},
    };
    rk_error err;
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        message_of(cases[i].text, &err);
        assert_string_equal(err.message, cases[i].message);
    }
}

/* Rows that straddle every chunk of the reader, plain and packed, are the rows that were written. */
static void long_bills_are_read_in_pieces(void **state)
{
    (void)state;
    enum { ROWS = 30000 };
    char path[] = "/tmp/reckon-bill-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    gzFile file = gzdopen(fd, "wb1");
    gzputs(file, "BilledCost,x_Text\n");
    for (int i = 0; i < ROWS; i++) {
        gzprintf(file, "0.%06d,\"%.*s,%d\"\n", i, i % 40, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr", i);
    }
    gzclose(file);
    const rk_bill_row *row;
    rk_error err;
    rk_bill *bill = NULL;
    assert_int_equal(rk_bill_open(path, &bill, &err), RK_OK);
    for (int i = 0; i < ROWS; i++) {
        char want[96];
        assert_int_equal(rk_bill_next(bill, &row, &err), RK_OK);
        assert_non_null(row);
        snprintf(want, sizeof want, "%.*s,%d", i % 40, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr", i);
        assert_cell(row->cells[1], want);
        assert_int_equal(row->line, i + 2);
    }
    assert_int_equal(rk_bill_next(bill, &row, &err), RK_OK);
    assert_null(row);
    rk_bill_close(bill);
    (void)unlink(path);
}

static void assert_number(const char *text, rk_cell_quality quality, const char *printed)
{
    rk_text out = {0};
    mpq_t value;
    mpq_init(value);
    assert_int_equal(rk_bill_number(rk_slice_of(text), value), quality);
    assert_int_equal(rk_bill_number(rk_slice_of(text), NULL), quality);
    if (quality != RK_CELL_BAD) {
        rk_rational_print(value, &out);
        assert_string_equal(out.at, printed);
    }
    mpq_clear(value);
    rk_text_release(&out);
}

static void numbers_are_exact(void **state)
{
    (void)state;
    assert_number("0.00000080000", RK_CELL_GOOD, "0.0000008");
    assert_number("-3.00000000000", RK_CELL_GOOD, "-3");
    assert_number("3.5E-7", RK_CELL_GOOD, "0.00000035");
    assert_number("12e3", RK_CELL_GOOD, "12000");
    assert_number("2.000000000000000", RK_CELL_GOOD, "2");
    assert_number("12345678901234567890.12345", RK_CELL_GOOD, "12345678901234567890.12345");
    assert_number("-0", RK_CELL_GOOD, "0");
    assert_number("+1", RK_CELL_LOOSE, "1");
    assert_number(".5", RK_CELL_LOOSE, "0.5");
    assert_number("5.", RK_CELL_LOOSE, "5");
    assert_number("1E+3", RK_CELL_LOOSE, "1000");
    static const char *const bad[] = {
        "",     "-",   ".",  "1,5", "1/2", "0x1",   "1e",
        "1e61", "nan", "$1", "1 ",  "--1", "1.2.3", "1234567890123456789012345678901234567890123456789012345678901"};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        assert_number(bad[i], RK_CELL_BAD, NULL);
    }
    assert_int_equal(rk_bill_places(RK_SLICE("0.00001605990")), 10);
    assert_int_equal(rk_bill_places(RK_SLICE("12.000")), 0);
    assert_int_equal(rk_bill_places(RK_SLICE("7")), 0);
}

static void moments_are_seconds_of_utc(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        rk_cell_quality quality;
        int64_t unix_s;
    } cases[] = {
        {"2024-09-01T00:00:00Z", RK_CELL_GOOD, 1725148800},
        {"2024-09-01 00:00:00", RK_CELL_LOOSE, 1725148800},
        {"2024-09-01", RK_CELL_LOOSE, 1725148800},
        {"2024-09-01T02:00:00+02:00", RK_CELL_LOOSE, 1725148800},
        {"2024-09-01T00:00:00.000Z", RK_CELL_LOOSE, 1725148800},
        {"2024-02-29T23:59:59Z", RK_CELL_GOOD, 1709251199},
        {"2023-02-29T00:00:00Z", RK_CELL_BAD, 0},
        {"2024-09-01T24:00:00Z", RK_CELL_BAD, 0},
        {"2024-9-1", RK_CELL_BAD, 0},
        {"2024-09-01T00:00Z", RK_CELL_BAD, 0},
        {"2024-09-01T00:00:00Zx", RK_CELL_BAD, 0},
        {"", RK_CELL_BAD, 0},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        int64_t unix_s = 0;
        assert_int_equal(rk_bill_time(rk_slice_of(cases[i].text), &unix_s), cases[i].quality);
        assert_int_equal(unix_s, cases[i].unix_s);
    }
}

static bool read_and_check(void *context)
{
    static const rk_run quiet;
    rk_bill *bill = NULL;
    rk_focus_report *report = NULL;
    rk_error err;
    rk_text out = {0};
    rk_focus_options options = {0};
    rk_status status = rk_bill_open_text(rk_slice_of(context), "b.csv", &bill, &err);
    status = status ? status : rk_focus_check(bill, &options, &quiet, &report, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    if (!status) {
        rk_focus_report_json(report, &out);
        status = out.failed ? RK_NO_MEMORY : RK_OK;
    }
    rk_text_release(&out);
    rk_focus_report_free(report);
    rk_bill_close(bill);
    return status == RK_OK;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    char text[] = "BilledCost,ListCost,ServiceName,ServiceCategory,Id\n\"x\"\"\",1,a,Compute,1\n1,+1,a,Storage,2\n";
    assert_true(fault_each(read_and_check, text) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_null_is_nothing_or_the_bare_word),
        cmocka_unit_test(quotes_hide_commas_line_ends_and_quotes),
        cmocka_unit_test(what_is_no_csv_is_refused_with_its_line),
        cmocka_unit_test(long_bills_are_read_in_pieces),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(moments_are_seconds_of_utc),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Claims about text.h. JSON is read back by jansson, another implementation. */
#include <float.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "support/faults.h"
#include "support/test.h"

typedef void add_number(rk_text *text, double value);

static void assert_numbers(add_number *add, const double *values, const char *const *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rk_text text = {0};
        add(&text, values[i]);
        assert_string_equal(text.at, want[i]);
        rk_text_release(&text);
    }
}

static void text_grows_by_any_piece(void **state)
{
    (void)state;
    rk_text text = {0};
    char want[4000] = "";
    size_t n = 0;
    for (int i = 0; i < 300; i++) {
        rk_text_addf(&text, "%d,%.2f;", i, i / 4.0);
        n += (size_t)snprintf(want + n, sizeof want - n, "%d,%.2f;", i, i / 4.0);
        assert_int_equal(text.n, n);
        assert_string_equal(text.at, want);
    }
    rk_text_clear(&text);
    assert_string_equal(text.at, "");
    rk_text_add(&text, NULL);
    rk_text_add_slice(&text, (rk_slice){"a\0b", 3});
    assert_int_equal(text.n, 3);
    assert_memory_equal(text.at, "a\0b", 4);
    rk_text_release(&text);
}

/* Significant digits of a decimal: 0.00120 has two. */
static int digits_in(const char *text)
{
    int n = 0, n_zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text >= '1' && *text <= '9') {
            n += n_zeros + 1;
            n_zeros = 0;
        } else if (*text == '0' && n > 0) {
            n_zeros++;
        }
    }
    return n;
}

static void assert_shortest(double value)
{
    rk_text text = {0};
    rk_text_add_real(&text, value);
    double back = strtod(text.at, NULL);
    assert_memory_equal(&back, &value, sizeof value);
    char tried[64];
    int n_digits = 0;
    do {
        snprintf(tried, sizeof tried, "%.*e", n_digits++, value);
    } while (strtod(tried, NULL) != value);
    assert_true(digits_in(text.at) <= n_digits);
    rk_text_release(&text);
}

static void reals_are_shortest_and_read_back(void **state)
{
    (void)state;
    static const double values[] = {0,      -0.0,    1,         -2.5, 0.1,      0.1714, 1e15,    1e22, 123456.789,
                                    5e-324, DBL_MAX, 0.1 + 0.2, NAN,  INFINITY, 1e-7,   1.0 / 3, 100};
    static const char *const want[] = {"0",
                                       "-0",
                                       "1",
                                       "-2.5",
                                       "0.1",
                                       "0.1714",
                                       "1e+15",
                                       "1e+22",
                                       "123456.789",
                                       "5e-324",
                                       "1.7976931348623157e+308",
                                       "0.30000000000000004",
                                       "null",
                                       "null",
                                       "1e-07",
                                       "0.3333333333333333",
                                       "100"};
    assert_numbers(rk_text_add_real, values, want, RK_COUNT_OF(values));
    uint64_t random = 5;
    for (int i = 0; i < 60000; i++) {
        uint64_t bits =
            (uint64_t)test_random(&random) << 33 ^ (uint64_t)test_random(&random) << 11 ^ test_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (i % 4 == 1) {
            value = (double)(test_random(&random) % 10000000) / pow(10, i % 12);
        } else if (i % 4 == 2) {
            value = ldexp((double)(bits >> 11), -(int)(test_random(&random) % 80));
        } else if (i % 4 == 3) { /* on and beside powers of two and of ten, where intervals change */
            value = i % 8 == 3 ? ldexp(1, (int)(test_random(&random) % 90) - 30) : pow(10, i % 21 - 6);
            value = i % 3 == 0 ? value : nextafter(value, i % 3 == 1 ? 0 : INFINITY);
        }
        if (isfinite(value)) {
            assert_shortest(value);
        }
    }
}

static void add_fixed_2(rk_text *text, double value) { rk_text_add_fixed(text, value, 2); }

static void fixed_numbers_are_grouped(void **state)
{
    (void)state;
    static const double values[] = {0,      12,   123, 1234,     -1234.5, 999999.999, 1234567890.125,
                                    -0.001, 1e21, NAN, -INFINITY};
    static const char *const want[] = {"0.00",
                                       "12.00",
                                       "123.00",
                                       "1,234.00",
                                       "-1,234.50",
                                       "1,000,000.00",
                                       "1,234,567,890.12",
                                       "0.00",
                                       "1,000,000,000,000,000,000,000.00",
                                       "n/a",
                                       "-inf"};
    assert_numbers(add_fixed_2, values, want, RK_COUNT_OF(values));
}

static void bytes_have_three_figures(void **state)
{
    (void)state;
    static const double values[] = {0, 456, 999.4, 999.6, 12345, 1.5e6, 999499, 999600, 1e18, 2.04e9};
    static const char *const want[] = {"0 B",    "456 B",  "999 B", "1 kB",    "12.3 kB",
                                       "1.5 MB", "999 kB", "1 MB",  "1000 PB", "2.04 GB"};
    assert_numbers(rk_text_add_bytes, values, want, RK_COUNT_OF(values));
}

static void times_have_the_unit_that_fits(void **state)
{
    (void)state;
    static const double values[] = {0,  3e-9,   4.56e-5, .0032,  .9996, 12.34, 59.96,
                                    64, 3599.6, 3725,    172799, 1e6,   -2,    NAN};
    static const char *const want[] = {"0 s",      "3 ns",       "45.6 us",    "3.2 ms",     "1 s",
                                       "12.3 s",   "1 min 00 s", "1 min 04 s", "1 h 00 min", "1 h 02 min",
                                       "2 d 00 h", "11 d 14 h",  "-2 s",       "n/a"};
    assert_numbers(rk_text_add_seconds, values, want, RK_COUNT_OF(values));
}

static void cells_are_quoted_when_they_must_be(void **state)
{
    (void)state;
    rk_text text = {0};
    rk_text_add_cell(&text, RK_SLICE("plain"), true);
    rk_text_add_cell(&text, RK_SLICE(""), false);
    rk_text_add_cell(&text, RK_SLICE("a,b"), false);
    rk_text_add_cell(&text, RK_SLICE("say \"x\"\n"), false);
    assert_string_equal(text.at, "plain,,\"a,b\",\"say \"\"x\"\"\n\"");
    rk_text_clear(&text);
    rk_text_add_html(&text, RK_SLICE("<a href=\"x\">R&D's</a>"));
    assert_string_equal(text.at, "&lt;a href=&quot;x&quot;&gt;R&amp;D&#39;s&lt;/a&gt;");
    rk_text_release(&text);
}

static void write_everything(rk_text *text)
{
    rk_json json = {.text = text};
    rk_json_object(&json, NULL);
    rk_json_string(&json, "s", RK_SLICE("q\" b\\ \x01\n\t\x7f\xc3\xa9"));
    rk_json_cstring(&json, "none", NULL);
    rk_json_array(&json, "a");
    for (int i = 0; i < 3; i++) {
        rk_json_array(&json, NULL);
        rk_json_i64(&json, NULL, INT64_MIN + i);
        rk_json_bool(&json, NULL, i == 1);
        rk_json_object(&json, NULL);
        rk_json_end_object(&json);
        rk_json_end_array(&json);
    }
    rk_json_end_array(&json);
    rk_json_u64(&json, "u", UINT64_MAX);
    rk_json_real(&json, "r", 0.25);
    rk_json_real(&json, "nan", NAN);
    rk_json_raw(&json, "raw", "[1]");
    rk_json_null(&json, "n\"");
    rk_json_end_object(&json);
}

static void json_is_what_it_should_be(void **state)
{
    (void)state;
    rk_text text = {0};
    write_everything(&text);
    assert_string_equal(
        text.at,
        "{\"s\":\"q\\\" b\\\\ \\u0001\\n\\t\x7f\xc3\xa9\",\"none\":null,"
        "\"a\":[[-9223372036854775808,false,{}],[-9223372036854775807,true,{}],[-9223372036854775806,false,{}]],"
        "\"u\":18446744073709551615,\"r\":0.25,\"nan\":null,\"raw\":[1],\"n\\\"\":null}");
    rk_text_release(&text);
}

static void any_bytes_become_a_json_string(void **state)
{
    (void)state;
    uint64_t random = 9;
    for (int i = 0; i < 20000; i++) {
        char bytes[40];
        size_t n = test_random(&random) % sizeof bytes;
        for (size_t j = 0; j < n; j++) {
            bytes[j] = i % 2 ? (char)(test_random(&random) % 128) : (char)test_random(&random);
        }
        rk_text text = {0};
        rk_text_add_json(&text, (rk_slice){bytes, n});
        json_t *back = json_loadb(text.at, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        assert_non_null(back);
        if (rk_utf8_valid_prefix((rk_slice){bytes, n}) == n) {
            assert_int_equal(json_string_length(back), n);
            assert_memory_equal(json_string_value(back), bytes, n);
        }
        json_decref(back);
        rk_text_release(&text);
    }
}

static bool write_much(void *context)
{
    (void)context;
    rk_text text = {0};
    write_everything(&text);
    for (int i = 0; i < 20; i++) {
        rk_text_addf(&text, "%0200d", i);
        rk_text_add_real(&text, 0.1 + 0.2);
        rk_text_add_fixed(&text, 1e9 + i, 3);
        rk_text_add_bytes(&text, 1e9 + i);
        rk_text_add_seconds(&text, i * 1000.0);
        rk_text_add_html(&text, RK_SLICE("<>&"));
        rk_text_add_cell(&text, RK_SLICE("\",\""), false);
    }
    bool is_fine = !text.failed;
    rk_text_release(&text);
    return is_fine;
}

static void a_failure_is_kept_until_asked(void **state)
{
    (void)state;
    assert_true(fault_each(write_much, NULL) >= 5);
    rk_text text = {0};
    rk_text_add_slice(&text, (rk_slice){"", SIZE_MAX / 2});
    assert_true(text.failed);
    rk_text_add(&text, "ignored");
    assert_int_equal(text.n, 0);
    rk_text_release(&text);
}

/* Eight bytes at a time or one by one: any byte at any place of a word gives the same. */
static void a_json_string_is_the_sum_of_its_bytes(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x80; c++) {
        for (size_t at = 0; at < 20; at++) {
            char word[20];
            memset(word, 'a', sizeof word);
            word[at] = (char)c;
            rk_text whole = {0}, pieces = {0}, piece = {0};
            rk_text_add_json(&whole, (rk_slice){word, sizeof word});
            rk_text_add(&pieces, "\"");
            for (size_t i = 0; i < sizeof word; i++) {
                rk_text_clear(&piece);
                rk_text_add_json(&piece, (rk_slice){word + i, 1});
                rk_text_add_slice(&pieces, (rk_slice){piece.at + 1, piece.n - 2});
            }
            rk_text_add(&pieces, "\"");
            assert_string_equal(whole.at, pieces.at);
            rk_text_release(&piece);
            rk_text_release(&whole);
            rk_text_release(&pieces);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_grows_by_any_piece),       cmocka_unit_test(reals_are_shortest_and_read_back),
        cmocka_unit_test(fixed_numbers_are_grouped),     cmocka_unit_test(bytes_have_three_figures),
        cmocka_unit_test(times_have_the_unit_that_fits), cmocka_unit_test(cells_are_quoted_when_they_must_be),
        cmocka_unit_test(json_is_what_it_should_be),     cmocka_unit_test(any_bytes_become_a_json_string),
        cmocka_unit_test(a_failure_is_kept_until_asked), cmocka_unit_test(a_json_string_is_the_sum_of_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

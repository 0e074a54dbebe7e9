/* Claims about slice.h: comparing, UTF-8, names, numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/slice.h"
#include "support/test.h"

static void slices_compare_by_bytes_then_length(void **state)
{
    (void)state;
    assert_true(rk_slice_compare(RK_SLICE("a"), RK_SLICE("ab")) < 0);
    assert_true(rk_slice_compare(RK_SLICE("b"), RK_SLICE("ab")) > 0);
    assert_true(rk_slice_compare(RK_SLICE("\x7f"), RK_SLICE("\x80")) < 0);
    assert_int_equal(rk_slice_compare(RK_SLICE(""), rk_slice_of(NULL)), 0);
    assert_true(rk_slice_equal((rk_slice){NULL, 0}, RK_SLICE("")));
    assert_false(rk_slice_is(RK_SLICE("a\0b"), "a"));
    assert_true(rk_slice_is(rk_slice_trim(RK_SLICE(" \t x y\r\n ")), "x y"));
    assert_int_equal(rk_slice_trim(RK_SLICE(" \n ")).n, 0);
}

/* The definition of UTF-8, spelt out: decode, then look whether it was the shortest form of an allowed character. */
static size_t slow_valid_prefix(const unsigned char *p, size_t n)
{
    static const uint32_t first_of_length[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t i = 0;
    while (i < n) {
        size_t length = p[i] < 0x80 ? 1 : p[i] >> 5 == 6 ? 2 : p[i] >> 4 == 14 ? 3 : p[i] >> 3 == 30 ? 4 : 0;
        if (length == 0 || length > n - i) {
            return i;
        }
        uint32_t code = length == 1 ? p[i] : p[i] & (0x7fu >> length);
        for (size_t j = 1; j < length; j++) {
            if (p[i + j] >> 6 != 2) {
                return i;
            }
            code = code << 6 | (p[i + j] & 0x3f);
        }
        if (code < first_of_length[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
            return i;
        }
        i += length;
    }
    return n;
}

static void utf8_agrees_with_its_definition(void **state)
{
    (void)state;
    static const unsigned char favourites[] = {0x00, 'a',  0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                               0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                               0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff};
    const size_t n = RK_COUNT_OF(favourites);
    for (size_t i = 0; i < n * n * n * n; i++) {
        unsigned char text[4] = {favourites[i % n], favourites[i / n % n], favourites[i / n / n % n],
                                 favourites[i / n / n / n]};
        assert_int_equal(rk_utf8_valid_prefix((rk_slice){(const char *)text, 4}), slow_valid_prefix(text, 4));
    }
}

static void a_bad_byte_is_found_wherever_it_stands(void **state)
{
    (void)state;
    char text[200];
    for (size_t n = 0; n < sizeof text; n++) {
        for (size_t bad = 0; bad <= n; bad++) {
            memset(text, 'x', sizeof text);
            for (size_t i = bad % 3; i + 1 < bad; i += 5) {
                memcpy(text + i, "\xc3\xa9", 2);
            }
            text[bad == n ? 199 : bad] = '\xff';
            assert_int_equal(rk_utf8_valid_prefix((rk_slice){text, n}), bad);
        }
    }
}

static void the_nearest_name_is_near(void **state)
{
    (void)state;
    static const char *const names[] = {"output", "count", "threads", "seed", "factors", "regularisation"};
    static const struct {
        const char *word, *nearest;
    } rows[] = {{"ouptut", "output"},     {"thread", "threads"}, {"sede", "seed"}, {"regularization", "regularisation"},
                {"factros", "factors"},   {"x", NULL},           {"se", NULL},     {"", NULL},
                {"completely-else", NULL}};
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        const char *nearest = rk_nearest_name(rows[i].word, names, RK_COUNT_OF(names));
        assert_true(nearest == rows[i].nearest || (nearest && rows[i].nearest && !strcmp(nearest, rows[i].nearest)));
    }
    char longest[500];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(rk_nearest_name(longest, names, RK_COUNT_OF(names)));
    assert_null(rk_nearest_name("abc", (const char *const[]){longest}, 1));
}

static void integers_are_whole_and_in_range(void **state)
{
    (void)state;
    uint64_t u = 5;
    int64_t i = 5;
    assert_true(rk_parse_u64(RK_SLICE("18446744073709551615"), &u) && u == UINT64_MAX);
    assert_true(rk_parse_u64(RK_SLICE("0007"), &u) && u == 7);
    assert_true(rk_parse_i64(RK_SLICE("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(rk_parse_i64(RK_SLICE("9223372036854775807"), &i) && i == INT64_MAX);
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "18446744073709551616", "--1"};
    for (size_t n = 0; n < RK_COUNT_OF(bad); n++) {
        assert_false(rk_parse_u64(rk_slice_of(bad[n]), &u));
        assert_false(rk_parse_i64(rk_slice_of(bad[n]), &i));
    }
    assert_false(rk_parse_u64(RK_SLICE("-1"), &u));
    assert_false(rk_parse_i64(RK_SLICE("9223372036854775808"), &i));
    assert_false(rk_parse_i64(RK_SLICE("-9223372036854775809"), &i));
    assert_true(u == 7 && i == INT64_MAX); /* untouched by failures */
}

static void assert_reads_like_strtod(const char *text)
{
    double mine = 12345, theirs = strtod(text, NULL);
    assert_int_equal(rk_parse_real(rk_slice_of(text), &mine), isfinite(theirs)); /* "2e308" is refused */
    if (isfinite(theirs) && memcmp(&mine, &theirs, sizeof mine) != 0) {
        fail_msg("'%s' read as %a, strtod says %a", text, mine, theirs);
    }
}

static void reals_are_correctly_rounded(void **state)
{
    (void)state;
    static const char *const rows[] = {"0",
                                       "-0",
                                       "0.1",
                                       ".5",
                                       "5.",
                                       "1e22",
                                       "1e23",
                                       "9007199254740993",
                                       "9007199254740992.00000000000000000000000000001",
                                       "2.2250738585072011e-308",
                                       "4.9e-324",
                                       "2e-324",
                                       "1e-400",
                                       "1.7976931348623157e308",
                                       "179769313486231570000e288",
                                       "0.000000000000000000000000000000000000001e39",
                                       "0e999999999999999999999999",
                                       "00000000000000000000000000000000000000012",
                                       "1E+3",
                                       "1e-0",
                                       "8.5e00000000003",
                                       "123456789012345678901234567890"};
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        assert_reads_like_strtod(rows[i]);
    }
    uint64_t random = 7;
    char text[64];
    for (int i = 0; i < 200000; i++) {
        uint64_t bits =
            (uint64_t)test_random(&random) << 33 ^ (uint64_t)test_random(&random) << 11 ^ test_random(&random);
        double value;
        memcpy(&value, &bits, sizeof value);
        unsigned small = test_random(&random) % 2000000;
        if (i % 2) {
            snprintf(text, sizeof text, "%u.%0*u", small, (int)(1 + i % 12), small / 7);
        } else {
            snprintf(text, sizeof text, "%.*e", i % 25, isfinite(value) ? value : 1.5);
        }
        assert_reads_like_strtod(text);
    }
}

static void a_digit_beyond_every_other_still_breaks_the_tie(void **state)
{
    (void)state;
    char text[2000];
    for (size_t n_zeros = 0; n_zeros < 1500; n_zeros += 97) {
        memset(text, '0', sizeof text);
        memcpy(text, "9007199254740993.", 17); /* half way between two doubles */
        text[17 + n_zeros] = '1';
        text[18 + n_zeros] = '\0';
        double value;
        assert_true(rk_parse_real(rk_slice_of(text), &value));
        assert_true(value == 9007199254740994.0);
    }
}

static void what_is_no_decimal_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",     "-",     ".",      "-.",    "e5",    "1e",   "1e+", "1e-",
                                      "+1",   " 1",    "1 ",     "1,5",   "1.2.3", "0x10", "inf", "nan",
                                      "-inf", "1e400", "-1e400", "1e5.0", "1e5e5", "--1"};
    double value = 3;
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        if (rk_parse_real(rk_slice_of(bad[i]), &value)) {
            fail_msg("accepted '%s'", bad[i]);
        }
    }
    assert_false(rk_parse_real(RK_SLICE("1\0002"), &value));
    assert_true(value == 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_compare_by_bytes_then_length),
        cmocka_unit_test(utf8_agrees_with_its_definition),
        cmocka_unit_test(a_bad_byte_is_found_wherever_it_stands),
        cmocka_unit_test(the_nearest_name_is_near),
        cmocka_unit_test(integers_are_whole_and_in_range),
        cmocka_unit_test(reals_are_correctly_rounded),
        cmocka_unit_test(a_digit_beyond_every_other_still_breaks_the_tie),
        cmocka_unit_test(what_is_no_decimal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

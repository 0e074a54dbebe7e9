/* Claims about error.h. */
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "support/test.h"

static void a_message_is_one_clean_line(void **state)
{
    (void)state;
    rk_error err;
    assert_int_equal(rk_fail(&err, RK_IO, "got '%s'", "a\nb\x1b[31m\xffz\xc3\xa9"), RK_IO);
    assert_int_equal(err.status, RK_IO);
    assert_string_equal(err.message, "got 'a?b?[31m?z\xc3\xa9'");
}

static void a_place_leaves_unknown_parts_out(void **state)
{
    (void)state;
    static const struct {
        rk_place at;
        const char *message;
    } rows[] = {{{"a.csv", 12, 3}, "a.csv:12:3: bad x"},
                {{"a.csv", 12, 0}, "a.csv:12: bad x"},
                {{"a.csv", 0, 0}, "a.csv: bad x"},
                {{NULL, 12, 3}, "12:3: bad x"},
                {{NULL, 0, 0}, "bad x"}};
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        rk_error err;
        assert_int_equal(rk_fail_at(&err, rows[i].at, "bad %s", "x"), RK_BAD_INPUT);
        assert_string_equal(err.message, rows[i].message);
    }
}

static void a_long_message_is_cut_and_says_so(void **state)
{
    (void)state;
    char path[2000];
    memset(path, 'p', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    rk_error err;
    rk_fail(&err, RK_IO, "%s", path);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_string_equal(err.message + sizeof err.message - 6, "pp...");
    rk_fail_at(&err, (rk_place){path, 7, 9}, "the reason");
    assert_non_null(strstr(err.message, "pp:7:9: the reason"));
}

static void a_cut_character_does_not_leave_half_of_itself(void **state)
{
    (void)state;
    char text[1024];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xe2\x82\xac", 4); /* the euro sign */
        }
        rk_error err;
        rk_fail(&err, RK_IO, "%s", text);
        for (const char *c = err.message; *c; c++) {
            assert_true(*c != '\xe2' || (c[1] == '\x82' && c[2] == '\xac'));
        }
    }
}

static void the_old_message_may_be_part_of_the_new(void **state)
{
    (void)state;
    rk_error err;
    rk_fail(&err, RK_IO, "disk full");
    rk_fail(&err, err.status, "model 'm': %s", err.message);
    assert_string_equal(err.message, "model 'm': disk full");
}

static void errno_text_stands_behind(void **state)
{
    (void)state;
    rk_error err;
    assert_int_equal(rk_fail_errno(&err, RK_IO, ENOSPC, "cannot write '%s'", "x"), RK_IO);
    assert_string_equal(err.message, "cannot write 'x': No space left on device");
}

static void nobody_need_listen(void **state)
{
    (void)state;
    assert_int_equal(rk_fail(NULL, RK_IO, "x"), RK_IO);
    assert_int_equal(rk_fail_at(NULL, (rk_place){0}, "x"), RK_BAD_INPUT);
    assert_int_equal(rk_fail_errno(NULL, RK_IO, EIO, "x"), RK_IO);
    assert_int_equal(rk_fail_memory(NULL, "x"), RK_NO_MEMORY);
}

static void exit_codes_keep_the_contract(void **state)
{
    (void)state;
    static const int code[] = {[RK_OK] = 0, [RK_BAD_USAGE] = 2, [RK_BAD_INPUT] = 3,   [RK_NOT_FOUND] = 3,
                               [RK_IO] = 1, [RK_NO_MEMORY] = 1, [RK_UNSUPPORTED] = 1, [RK_STOPPED] = 1};
    for (size_t i = 0; i < RK_COUNT_OF(code); i++) {
        assert_int_equal(rk_exit_code((rk_status)i), code[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_is_one_clean_line),
        cmocka_unit_test(a_place_leaves_unknown_parts_out),
        cmocka_unit_test(a_long_message_is_cut_and_says_so),
        cmocka_unit_test(a_cut_character_does_not_leave_half_of_itself),
        cmocka_unit_test(the_old_message_may_be_part_of_the_new),
        cmocka_unit_test(errno_text_stands_behind),
        cmocka_unit_test(nobody_need_listen),
        cmocka_unit_test(exit_codes_keep_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

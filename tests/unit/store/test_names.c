/* test_names.c - look-up by name agrees with searching through all names; crooked tables are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "store/artefact.h"
#include "support/test.h"

static int make_path(void **state)
{
    char path[] = "/tmp/reckon-names-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    *state = strdup(path);
    return 0;
}

static int remove_path(void **state)
{
    unlink(*state);
    free(*state);
    return 0;
}

enum { N_NAMES = 3000 };

/* Distinct names with long common heads, bytes above 127, and one empty: name i is i in base 7 over a few letters,
 * some of them behind "common-head-". */
static size_t format_name(uint32_t i, char *out)
{
    static const char *const letters[] = {"a", "b", "\xc3\xa9", "Z", "0", " ", "\xe4\xb8\xad"};
    size_t n = 0;
    if (i % 3 == 0 && i > 0) {
        n = (size_t)sprintf(out, "common-head-");
    }
    for (; i > 0; i /= 7) {
        n += (size_t)sprintf(out + n, "%s", letters[i % 7]);
    }
    return n;
}

static rk_status write_names(const char *path, uint32_t n, const uint64_t *start, const char *bytes, rk_error *err)
{
    rk_artefact_writer *writer;
    assert_int_equal(rk_artefact_create(path, "dataset", &writer, err), RK_OK);
    rk_status status = rk_names_add(writer, "users", n, start, bytes, true, err);
    if (status != RK_OK) {
        rk_artefact_abort(writer);
        return status;
    }
    return rk_artefact_commit(writer, NULL, err);
}

static void look_up_agrees_with_searching_through_all(void **state)
{
    static char bytes[N_NAMES * 64];
    static uint64_t start[N_NAMES + 1];
    rk_error err = {0};
    for (uint32_t i = 0; i < N_NAMES; i++) {
        start[i + 1] = start[i] + format_name(i, bytes + start[i]);
    }
    assert_int_equal(write_names(*state, N_NAMES, start, bytes, &err), RK_OK);
    rk_artefact *artefact;
    rk_names names;
    assert_int_equal(rk_artefact_open(*state, "dataset", &artefact, &err), RK_OK);
    assert_int_equal(rk_names_open(artefact, "users", false, &names, &err), RK_OK);
    assert_int_equal(names.n, N_NAMES);
    for (uint32_t i = 0; i < N_NAMES; i++) {
        assert_true(rk_slice_equal(rk_names_get(&names, i), (rk_slice){bytes + start[i], start[i + 1] - start[i]}));
        assert_int_equal(rk_names_find(&names, rk_names_get(&names, i)), i);
    }
    static const char *const absent[] = {"common-head", "common-head-", "zzz", "\xff", "A"};
    for (size_t i = 0; i < RK_COUNT_OF(absent); i++) {
        assert_int_equal(rk_names_find(&names, rk_slice_of(absent[i])), RK_NO_ID);
    }
    rk_artefact_close(artefact);
}

static void a_name_twice_is_refused(void **state)
{
    rk_error err;
    assert_int_equal(write_names(*state, 3, (uint64_t[]){0, 3, 6, 9}, "mugjarmug", &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "the name table 'users' has a name twice at 'mug'"));
}

static void an_empty_table_is_a_table(void **state)
{
    rk_error err;
    rk_artefact *artefact;
    rk_names names;
    assert_int_equal(write_names(*state, 0, (uint64_t[]){0}, "", &err), RK_OK);
    assert_int_equal(rk_artefact_open(*state, NULL, &artefact, &err), RK_OK);
    assert_int_equal(rk_names_open(artefact, "users", false, &names, &err), RK_OK);
    assert_int_equal(names.n, 0);
    assert_int_equal(rk_names_find(&names, RK_SLICE("x")), RK_NO_ID);
    assert_int_equal(rk_names_open(artefact, "items", true, &names, &err), RK_OK);
    assert_int_equal(names.n, 0);
    assert_int_equal(rk_names_open(artefact, "items", false, &names, &err), RK_BAD_INPUT);
    rk_artefact_close(artefact);
}

/* Writes a table as given, right or wrong, and says how opening it ends. */
static void expect_crooked(const char *path, size_t n_start, const uint64_t *start, size_t n_bytes,
                           const uint32_t *order, const char *message)
{
    rk_error err;
    rk_artefact_writer *writer;
    rk_artefact *artefact;
    rk_names names;
    assert_int_equal(rk_artefact_create(path, "dataset", &writer, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "t.start", RK_U64, n_start, 1, start, &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "t.bytes", RK_U8, n_bytes, 1, "abcdef", &err), RK_OK);
    assert_int_equal(rk_artefact_add(writer, "t.order", RK_U32, n_start ? n_start - 1 : 0, 1, order, &err), RK_OK);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    assert_int_equal(rk_artefact_open(path, NULL, &artefact, &err), RK_OK);
    assert_int_equal(rk_names_open(artefact, "t", true, &names, &err), RK_BAD_INPUT);
    assert_int_equal(names.n, 0);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
    rk_artefact_close(artefact);
}

static void crooked_tables_are_refused(void **state)
{
    const uint32_t order[2] = {0, 1};
    const char *starts = "its starts do not ascend from 0 to 6";
    expect_crooked(*state, 3, (uint64_t[]){1, 3, 6}, 6, order, starts);
    expect_crooked(*state, 3, (uint64_t[]){0, 7, 6}, 6, order, starts);
    expect_crooked(*state, 3, (uint64_t[]){0, 3, 7}, 6, order, starts);
    expect_crooked(*state, 0, (uint64_t[]){0}, 6, order, "cannot have 0 starts");
    expect_crooked(*state, 3, (uint64_t[]){0, 3, 6}, 6, (uint32_t[]){1, 0}, "is not in order at 'abc'");
    expect_crooked(*state, 3, (uint64_t[]){0, 3, 6}, 6, (uint32_t[]){0, 0}, "has a name twice at 'abc'");
    expect_crooked(*state, 3, (uint64_t[]){0, 3, 6}, 6, (uint32_t[]){0, 2}, "orders id 2, it has 2");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_path, remove_path)
    const struct CMUnitTest tests[] = {
        CASE(look_up_agrees_with_searching_through_all),
        CASE(a_name_twice_is_refused),
        CASE(an_empty_table_is_a_table),
        CASE(crooked_tables_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

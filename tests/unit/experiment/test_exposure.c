/* test_exposure.c - what is written is read again, and what is none is refused. */
#include "experiment/exposure.h"

#include <string.h>

#include "support/test.h"

static rk_status parse(const char *line, rk_arena *arena, rk_exposure *out, rk_error *err)
{
    return rk_exposure_parse(rk_slice_of(line), (rk_place){"log", 7, 0}, arena, out, err);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    static const rk_slice items[] = {{"a\"b", 3}, {"\xe4\xba\xac", 3}, {"3", 1}};
    static const unsigned char teams[] = {0, 1, 1};
    const rk_exposure wrote = {.id = RK_SLICE("5f-1"),
                               .user = RK_SLICE("u 1"),
                               .experiment = RK_SLICE("x"),
                               .scene = RK_SLICE("home"),
                               .time_s = 1764125715,
                               .propensity = 0.3,
                               .items = items,
                               .n_items = 3,
                               .variants = {RK_SLICE("old"), RK_SLICE("new")},
                               .teams = teams,
                               .place = 2,
                               .place_propensity = 0.025,
                               .choices = items,
                               .n_choices = 2,
                               .asked_n = 9,
                               .asked_item = RK_SLICE("i"),
                               .asked_basket = items,
                               .n_asked_basket = 1,
                               .cpu_ns = 123456789,
                               .bytes = 42};
    rk_text first = {0}, second = {0};
    rk_arena arena = {0};
    rk_exposure read;
    rk_error err;
    rk_exposure_write(&wrote, &first);
    assert_int_equal(parse(first.at, &arena, &read, &err), RK_OK);
    assert_true(read.propensity == 0.3 && read.teams[1] == 1 && read.place == 2 && read.asked_n == 9);
    assert_true(read.n_choices == 2 && read.n_asked_basket == 1 && read.cpu_ns == 123456789 && read.variant.n == 0);
    assert_true(rk_slice_equal(read.items[0], items[0]) && rk_slice_is(read.variants[1], "new"));
    rk_exposure_write(&read, &second);
    assert_string_equal(first.at, second.at);
    rk_text_release(&first);
    rk_text_release(&second);
    rk_arena_release(&arena);
}

static void what_is_none_is_refused(void **state)
{
    (void)state;
#define START "{\"exposure\":\"1\",\"time\":1,\"user\":\"u\",\"items\":[\"a\"],\"propensity\":"
    static const char *const cases[][2] = {
        {"[]", "log:7: an exposure must be an object of JSON, got '[]'"},
        {"{\"exposure\":\"1\",\"time\":1}", "log:7: 'user' of an exposure must be a text"},
        {START "0}", "log:7: 'propensity' of an exposure must be above 0 and at most 1"},
        {START "2}", "log:7: 'propensity' of an exposure must be above 0 and at most 1"},
        {START "1,\"teams\":[0],\"variants\":[\"a\"]}",
         "log:7: 'teams' of an exposure must be one of two variants for each item"},
        {START "1,\"teams\":[2],\"variants\":[\"a\",\"b\"]}", "log:7: 'teams' of an exposure must be 0 or 1"},
        {START "1,\"explored\":{\"place\":2,\"propensity\":1,\"choices\":[]}}",
         "log:7: 'place' of an exposure must be one of the items'"},
        {START "1,\"cpu_ns\":-1}", "log:7: 'cpu_ns' of an exposure must be a count"},
    };
    rk_arena arena = {0};
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_exposure out;
        rk_error err = {0};
        assert_int_equal(parse(cases[i][0], &arena, &out, &err), RK_BAD_INPUT);
        assert_string_equal(err.message, cases[i][1]);
    }
    rk_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(what_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

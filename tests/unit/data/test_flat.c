/* test_flat.c - the flat JSON reader accepts exactly what jansson accepts, and reads the same members. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "data/flat.h"
#include "math/random.h"
#include "support/test.h"

static bool same_member(const json_t *object, const rk_flat_member *member)
{
    char key[512];
    if (member->key.n >= sizeof key) {
        return true;
    }
    memcpy(key, member->key.at, member->key.n);
    key[member->key.n] = '\0';
    const json_t *value = json_object_get(object, key);
    switch (member->kind) {
    case RK_FLAT_TEXT:
        return json_is_string(value) && json_string_length(value) == member->value.n &&
               memcmp(json_string_value(value), member->value.at, member->value.n) == 0;
    case RK_FLAT_NUMBER: {
        double real;
        return json_is_number(value) && rk_parse_real(member->value, &real) && real == json_number_value(value);
    }
    case RK_FLAT_BOOL:
        return json_is_boolean(value) && rk_slice_is(member->value, json_is_true(value) ? "true" : "false");
    case RK_FLAT_NULL:
        return json_is_null(value);
    case RK_FLAT_NESTED:
        return json_is_object(value) || json_is_array(value);
    }
    return false;
}

static void compare(rk_flat *flat, const char *text, size_t n)
{
    char *exact = malloc(n + 1); /* exact size: reading past the end shows under a sanitizer */
    assert_non_null(exact);
    memcpy(exact, text, n);
    json_error_t ignored;
    json_t *wanted = json_loadb(exact, n, JSON_REJECT_DUPLICATES, &ignored);
    bool is_wanted = json_is_object(wanted);
    rk_arena_clear(flat->scratch);
    rk_flat_begin(flat, (rk_slice){exact, n});
    rk_flat_member member;
    size_t n_members = 0;
    while (rk_flat_next(flat, &member)) {
        if (is_wanted && !same_member(wanted, &member)) {
            fail_msg("a member is read differently in %.*s", (int)n, text);
        }
        n_members++;
    }
    if ((flat->fault == NULL) != is_wanted) {
        fail_msg("%s: %.*s (%s)", is_wanted ? "refused" : "accepted", (int)n, text,
                 flat->fault ? flat->fault : ignored.text);
    }
    if (is_wanted) {
        assert_int_equal(n_members, json_object_size(wanted));
    } else {
        assert_true(flat->fault_at >= exact && flat->fault_at <= exact + n);
    }
    json_decref(wanted);
    free(exact);
}

static const char *const lines[] = {
    "{}",
    " { } ",
    "{\"a\":1}",
    "{\"a\":\"b\",\"c\":[1,2,{\"d\":null}],\"e\":{\"f\":true,\"g\":[]}}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":{\"b\":1,\"b\":2}}",
    "{\"a\":{\"b\":1},\"b\":2}",
    "{\"a\":[{\"b\":1},{\"b\":1}]}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "[1]",
    "1",
    "",
    "{\"a\":01}",
    "{\"a\":-0}",
    "{\"a\":-}",
    "{\"a\":1.}",
    "{\"a\":.5}",
    "{\"a\":1e5}",
    "{\"a\":1E+05}",
    "{\"a\":1e400}",
    "{\"a\":-1e400}",
    "{\"a\":1e-400}",
    "{\"a\":9223372036854775807}",
    "{\"a\":9223372036854775808}",
    "{\"a\":-9223372036854775808}",
    "{\"a\":NaN}",
    "{\"a\":tru}",
    "{\"a\":true}x",
    "{\"a\":\"\\u00e9\\ud83d\\ude00\"}",
    "{\"a\":\"\\ud83d\"}",
    "{\"a\":\"\\ude00\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"\\u0061\":1,\"a\":2}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"tab\there\"}",
    "{\"a\":\"caf\xc3\xa9\"}",
    "{\"a\":\"caf\xe9\"}",
    "{\"a\":\"\xc0\x80\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{\"a\":\"open}",
    "{\"a\":[1,2}",
    "{\"a\":[1 2]}",
    "{\"a\":{\"b\" 1}}",
    "{\"a\":[,1]}",
    "{\"a\":[1,]}",
    "{\"a\":{,}}",
    "{\"a\":{\"b\":1,}}",
    "{\"a\":[[[[[[]]]]]]}",
    "{\"user\":\"u1\",\"item\":\"i1\",\"rating\":4.5,\"ts\":1291191960}",
    "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}",
    "{\"a\":1}{\"b\":2}",
    "{\"a\":1 \"b\":2}",
    "{\"a\" : 1 , \"b\" : [ ] }",
    "{\"a\":\"long enough to take eight bytes at a time, and then some \\u20ac\"}",
};

static void it_accepts_what_jansson_accepts(void **state)
{
    for (size_t i = 0; i < RK_COUNT_OF(lines); i++) {
        compare(*state, lines[i], strlen(lines[i]));
    }
}

static void it_agrees_with_jansson_on_broken_lines(void **state)
{
    static const char letters[] = "{}[]\",:\\u0123456789eE+-.tfn ab\xc3\xa9\x80\x01";
    rk_random random = rk_random_of(11, 0);
    for (int round = 0; round < 100000; round++) {
        char text[256];
        size_t n = strlen(lines[rk_random_below(&random, RK_COUNT_OF(lines))]);
        const char *line = lines[rk_random_below(&random, RK_COUNT_OF(lines))];
        n = strlen(line);
        memcpy(text, line, n);
        for (uint32_t k = rk_random_below(&random, 4); k > 0 && n > 0; k--) {
            size_t at = rk_random_below(&random, (uint32_t)n);
            if (rk_random_below(&random, 3) == 0) { /* a letter less */
                memmove(text + at, text + at + 1, --n - at);
            } else {
                text[at] = letters[rk_random_below(&random, sizeof letters - 1)];
            }
        }
        compare(*state, text, n);
    }
}

static void depth_and_number_of_keys_are_limited(void **state)
{
    rk_flat *flat = *state;
    rk_flat_member member;
    rk_text text = {0};
    rk_text_add(&text, "{\"a\":");
    for (int i = 0; i < RK_FLAT_DEPTH_MAX + 1; i++) {
        rk_text_add(&text, "[");
    }
    rk_flat_begin(flat, (rk_slice){text.at, text.n});
    assert_false(rk_flat_next(flat, &member));
    assert_string_equal(flat->fault, "nested too deeply");
    rk_text_clear(&text);
    for (int i = 0; i <= RK_FLAT_KEYS_MAX; i++) {
        rk_text_addf(&text, "%s\"k%d\":%d", i ? "," : "{", i, i);
    }
    rk_flat_begin(flat, (rk_slice){text.at, text.n});
    while (rk_flat_next(flat, &member)) {
    }
    assert_string_equal(flat->fault, "more than 2048 keys in one line");
    rk_text_release(&text);
}

static int make_flat(void **state)
{
    rk_flat *flat = calloc(1, sizeof *flat);
    assert_non_null(flat);
    flat->scratch = calloc(1, sizeof *flat->scratch);
    assert_non_null(flat->scratch);
    *state = flat;
    return 0;
}

static int free_flat(void **state)
{
    rk_flat *flat = *state;
    rk_arena_release(flat->scratch);
    free(flat->scratch);
    free(flat);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_accepts_what_jansson_accepts, make_flat, free_flat),
        cmocka_unit_test_setup_teardown(it_agrees_with_jansson_on_broken_lines, make_flat, free_flat),
        cmocka_unit_test_setup_teardown(depth_and_number_of_keys_are_limited, make_flat, free_flat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

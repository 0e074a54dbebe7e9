/* Claims about yaml.h: the tree, its places, and reading it by a table. */
#include <string.h>

#include "base/yaml.h"
#include "support/faults.h"
#include "support/test.h"

static rk_yaml *parse(const char *text)
{
    rk_yaml *yaml = NULL;
    rk_error err;
    if (rk_yaml_parse(rk_slice_of(text), "f.yaml", &yaml, &err)) {
        fail_msg("%s", err.message);
    }
    return yaml;
}

static void assert_refused(const char *text, const char *message)
{
    rk_yaml *yaml = NULL;
    rk_error err;
    assert_int_equal(rk_yaml_parse(rk_slice_of(text), "f.yaml", &yaml, &err), RK_BAD_INPUT);
    assert_null(yaml);
    assert_string_equal(err.message, message);
}

static void places_count_lines_and_bytes_from_one(void **state)
{
    (void)state;
    rk_yaml *yaml = parse("a: 1\r\n\xc3\xa9t\xc3\xa9: [x, {b: \xe4\xb8\xad, c: 2}]\n\n# c\nz:\n  - q\n");
    const rk_yaml_node *root = rk_yaml_root(yaml);
    assert_int_equal(root->n, 3);
    const rk_yaml_node *list = rk_yaml_find(root, "\xc3\xa9t\xc3\xa9");
    assert_int_equal(list->at.line, 2);
    assert_int_equal(list->at.column, 8); /* behind 5 bytes of three letters, a colon and a blank */
    const rk_yaml_node *map = list->first->next;
    assert_int_equal(map->at.column, 12);
    assert_int_equal(rk_yaml_find(map, "c")->at.column, 24);
    assert_int_equal(rk_yaml_find(map, "c")->key->at.column, 21);
    const rk_yaml_node *z = rk_yaml_find(root, "z");
    assert_int_equal(z->kind, RK_YAML_LIST);
    assert_int_equal(z->first->at.line, 6);
    assert_int_equal(z->first->at.column, 5);
    assert_null(rk_yaml_find(root, "b"));
    rk_yaml_free(yaml);
}

static void quotes_tell_texts_from_numbers(void **state)
{
    (void)state;
    char words[64];
    rk_yaml *yaml = parse("[1, '1', \"1\", ~, '', {}]");
    const rk_yaml_node *c = rk_yaml_root(yaml)->first;
    static const char *const seen[] = {"'1'",     "the quoted text '1'", "the quoted text '1'",
                                       "nothing", "the quoted text ''",  "a map"};
    for (size_t i = 0; c; c = c->next, i++) {
        assert_string_equal(rk_yaml_describe(c, words, sizeof words), seen[i]);
    }
    rk_yaml_free(yaml);
}

static void what_hides_mistakes_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused("", "'f.yaml' is empty");
    assert_refused("# only words\n", "'f.yaml' is empty");
    assert_refused("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: duplicate key 'a', first on line 1");
    assert_refused("a: &x 1\nb: *x\n", "f.yaml:1:4: anchors and aliases are not allowed ('&x'): write the value out");
    assert_refused("a: *x\n", "f.yaml:1:4: anchors and aliases are not allowed ('*x'): write the value out");
    assert_refused("a: !!int 3\n", "f.yaml:1:4: tags are not allowed ('tag:yaml.org,2002:int')");
    assert_refused("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document starts here; one is read");
    assert_refused("a:\n\tb: 1\n", "f.yaml:2:1: not valid YAML: a tab cannot indent, use spaces");
    assert_refused("? [a]\n: 1\n", "f.yaml:1:3: a key must be a plain word");
    assert_refused("a: \"x\\0y\"\n", "f.yaml:1:4: a text must not hold a NUL character");
    assert_refused("a: \xff\n", "f.yaml:1:4: not readable as text: invalid leading UTF-8 octet");
}

static void depth_and_size_are_bounded(void **state)
{
    (void)state;
    char deep[200];
    memset(deep, '[', 100);
    memset(deep + 100, ']', 99);
    deep[199] = '\0';
    assert_refused(deep, "f.yaml:1:25: nested more than 24 deep");
    rk_yaml *yaml = NULL;
    rk_error err;
    assert_int_equal(rk_yaml_parse((rk_slice){deep, RK_YAML_BYTES_MAX + 1u}, "f", &yaml, &err), RK_BAD_INPUT);
}

typedef struct {
    const char *name;
    rk_number share, count;
    rk_when month, day;
    int color;
    const rk_yaml_node *list;
} settings;

static const rk_key keys[] = {
    {"name", RK_KEY_TEXT, offsetof(settings, name), .required = true, .help = "what it is called"},
    {"share", RK_KEY_NUMBER, offsetof(settings, share), .above = true, .max = 1},
    {"count", RK_KEY_COUNT, offsetof(settings, count), .max = 10},
    {"month", RK_KEY_MONTH, offsetof(settings, month)},
    {"day", RK_KEY_DATE, offsetof(settings, day)},
    {"color", RK_KEY_CHOICE, offsetof(settings, color), .choices = "red|green"},
    {"list", RK_KEY_LIST, offsetof(settings, list)},
    {"tomorrow", RK_KEY_LATER, 0},
};

static rk_status fill(const char *text, settings *out, rk_error *err)
{
    rk_yaml *yaml = parse(text);
    memset(out, 0, sizeof *out);
    rk_status status = rk_yaml_fill(rk_yaml_root(yaml), "the thing", keys, RK_COUNT_OF(keys), out, err);
    rk_yaml_free(yaml);
    return status;
}

static void a_table_fills_a_struct(void **state)
{
    (void)state;
    settings s;
    rk_error err;
    assert_int_equal(fill("{name: n, share: 0.25, count: 10, month: 2026-10, day: 2024-02-29, color: green}", &s, &err),
                     0);
    assert_int_equal(s.share.value.units, 25);
    assert_int_equal(s.share.at.column, 18);
    assert_int_equal(s.count.value.units, 10);
    assert_int_equal(s.month.value, 2026 * 12 + 9);
    assert_int_equal(s.day.value, 19782);
    assert_int_equal(s.color, 1);
    assert_int_equal(fill("{name: n}", &s, &err), 0);
    assert_int_equal(s.color, -1);
    assert_false(s.share.is_set);
}

static void assert_fill_fails(const char *text, const char *message)
{
    settings s;
    rk_error err;
    assert_int_equal(fill(text, &s, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, message);
}

static void a_table_refuses_with_place_and_expectation(void **state)
{
    (void)state;
    assert_fill_fails("[1]", "f.yaml:1:1: the thing must be a map of keys, got a list");
    assert_fill_fails("{share: 1}", "f.yaml:1:1: the thing needs the key 'name' (what it is called)");
    assert_fill_fails("{nmae: x}", "f.yaml:1:2: the thing has no key 'nmae'; did you mean 'name'?");
    assert_fill_fails(
        "{qqqqq: x}",
        "f.yaml:1:2: the thing has no key 'qqqqq'; known are name, share, count, month, day, color, list");
    assert_fill_fails("{name: [x]}", "f.yaml:1:8: 'name' must be a text, got a list");
    assert_fill_fails("{share: 0}", "f.yaml:1:9: 'share' must be a number above 0 and at most 1, got '0'");
    assert_fill_fails("{share: 1.01}", "f.yaml:1:9: 'share' must be a number above 0 and at most 1, got '1.01'");
    assert_fill_fails("{count: 1.5}", "f.yaml:1:9: 'count' must be a whole number from 0 to 10, got '1.5'");
    assert_fill_fails("{count: -1}", "f.yaml:1:9: 'count' must be a whole number from 0 to 10, got '-1'");
    assert_fill_fails("{month: 2026-1}", "f.yaml:1:9: 'month' must be a month like 2026-10, got '2026-1'");
    assert_fill_fails("{day: 2023-02-29}", "f.yaml:1:7: 'day' must be a date like 2026-10-31, got '2023-02-29'");
    assert_fill_fails("{color: blue}", "f.yaml:1:9: 'color' must be one of red, green, got 'blue'");
    assert_fill_fails("{list: {a: 1}}", "f.yaml:1:8: 'list' must be a list, got a map");
    assert_fill_fails("{tomorrow: 1}", "f.yaml:1:2: 'tomorrow' is part of the method but not built yet");
    assert_fill_fails("{share: {point: 1}}",
                      "f.yaml:1:9: 'share' has a point and no law: write {point: ..., triangular: [...]}");
}

static bool try_parse(void *context)
{
    (void)context;
    rk_yaml *yaml = NULL;
    rk_error err;
    rk_status status = rk_yaml_parse(RK_SLICE("a: {b: [1, 2, 3], c: x}\nd: 4\n"), "f", &yaml, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    rk_yaml_free(yaml);
    return status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(try_parse, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_count_lines_and_bytes_from_one),
        cmocka_unit_test(quotes_tell_texts_from_numbers),
        cmocka_unit_test(what_hides_mistakes_is_refused_with_its_place),
        cmocka_unit_test(depth_and_size_are_bounded),
        cmocka_unit_test(a_table_fills_a_struct),
        cmocka_unit_test(a_table_refuses_with_place_and_expectation),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

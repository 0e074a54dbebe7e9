/* Claims about the changes of yaml.h: what a path means, what it refuses, and that the way back is the way there. */
#include <string.h>

#include "base/yaml.h"
#include "support/faults.h"
#include "support/test.h"

static const char plan[] = "a: 1\n"
                           "b: {c: 2, c.d: {e: 3}}\n"
                           "list:\n"
                           "  - {name: first one, n: 4}\n"
                           "  - {name: second.one, n: 5}\n"
                           "  - 6\n";

static rk_yaml *parse(void)
{
    rk_yaml *yaml = NULL;
    rk_error err;
    assert_int_equal(rk_yaml_parse(rk_slice_of(plan), "f.yaml", &yaml, &err), RK_OK);
    return yaml;
}

/* The tree as flow YAML. */
static void print(const rk_yaml_node *node, rk_text *out)
{
    if (node->kind == RK_YAML_SCALAR) {
        rk_text_add(out, node->text);
        return;
    }
    rk_text_add(out, node->kind == RK_YAML_MAP ? "{" : "[");
    uint32_t n = 0;
    for (const rk_yaml_node *c = node->first; c; c = c->next) {
        rk_text_addf(out, "%s%s%s", n++ ? ", " : "", c->key ? c->key->text : "", c->key ? ": " : "");
        print(c, out);
    }
    assert_int_equal(n, node->n);
    rk_text_add(out, node->kind == RK_YAML_MAP ? "}" : "]");
}

static void assert_changed(const char *change, const char *expected)
{
    rk_yaml *yaml = parse();
    rk_error err;
    rk_text text = {0};
    if (rk_yaml_change(yaml, change, &err)) {
        fail_msg("%s", err.message);
    }
    print(rk_yaml_root(yaml), &text);
    assert_string_equal(text.at, expected);
    rk_text_release(&text);
    rk_yaml_free(yaml);
}

#define LIST ", list: [{name: first one, n: 4}, {name: second.one, n: 5}, 6]}"

static void a_value_replaces_what_stands_at_its_path(void **state)
{
    (void)state;
    assert_changed("a=7", "{a: 7, b: {c: 2, c.d: {e: 3}}" LIST);
    assert_changed("a={x: [1, 2]}", "{a: {x: [1, 2]}, b: {c: 2, c.d: {e: 3}}" LIST);
    assert_changed("b.c=7", "{a: 1, b: {c: 7, c.d: {e: 3}}" LIST);
    assert_changed("b.c.d.e=a=b", "{a: 1, b: {c: 2, c.d: {e: a=b}}" LIST);
    assert_changed("list.first one.n=7", "{a: 1, b: {c: 2, c.d: {e: 3}}, list: [{name: first one, n: 7}, {name: "
                                         "second.one, n: 5}, 6]}");
    assert_changed("list.second.one.n=7", "{a: 1, b: {c: 2, c.d: {e: 3}}, list: [{name: first one, n: 4}, {name: "
                                          "second.one, n: 7}, 6]}");
    assert_changed("list.2=7", "{a: 1, b: {c: 2, c.d: {e: 3}}, list: [{name: first one, n: 4}, {name: second.one, n: "
                               "5}, 7]}");
}

static void keys_and_items_are_added_and_taken_away(void **state)
{
    (void)state;
    assert_changed("b.new=7", "{a: 1, b: {c: 2, c.d: {e: 3}, new: 7}" LIST);
    assert_changed("a=", "{b: {c: 2, c.d: {e: 3}}" LIST);
    assert_changed("b.c=", "{a: 1, b: {c.d: {e: 3}}" LIST);
    assert_changed("list.0=", "{a: 1, b: {c: 2, c.d: {e: 3}}, list: [{name: second.one, n: 5}, 6]}");
    assert_changed("list.+=7", "{a: 1, b: {c: 2, c.d: {e: 3}}, list: [{name: first one, n: 4}, {name: second.one, n: "
                               "5}, 6, 7]}");
}

static void assert_refused(const char *change, rk_status expected, const char *message)
{
    rk_yaml *yaml = parse();
    rk_error err;
    assert_int_equal(rk_yaml_change(yaml, change, &err), expected);
    assert_string_equal(err.message, message);
    rk_yaml_free(yaml);
}

static void a_path_that_leads_nowhere_is_told(void **state)
{
    (void)state;
    assert_refused("a", RK_BAD_USAGE, "a change is written PATH=VALUE, got 'a'");
    assert_refused("=1", RK_BAD_USAGE, "a change is written PATH=VALUE, got '=1'");
    assert_refused("lits.0.n=1", RK_BAD_INPUT, "--set lits.0.n: there is no 'lits'; did you mean 'list'?");
    assert_refused("a.b=1", RK_BAD_INPUT, "--set a.b: there is no 'b'");
    assert_refused("b.=1", RK_BAD_INPUT, "--set b.: there is no ''");
    assert_refused("list.3=1", RK_BAD_INPUT, "--set list.3: there is no '3'");
    assert_refused("list.third=1", RK_BAD_INPUT, "--set list.third: there is no 'third'");
    assert_refused("b.x=", RK_BAD_INPUT, "--set b.x: there is no 'x'");
    assert_refused("list.+=", RK_BAD_INPUT, "--set list.+: there is no '+'");
    assert_refused("a={", RK_BAD_INPUT,
                   "--set a:1:2: not valid YAML: while parsing a flow node, did not find expected node content");
}

static void a_changed_number_has_the_change_as_its_place(void **state)
{
    (void)state;
    static const rk_key key = {.name = "c", .kind = RK_KEY_NUMBER, .max = 5};
    rk_yaml *yaml = parse();
    rk_error err;
    rk_number number = {0};
    assert_int_equal(rk_yaml_change(yaml, "b.c=9", &err), RK_OK);
    const rk_yaml_node *c = rk_yaml_find(rk_yaml_find(rk_yaml_root(yaml), "b"), "c");
    assert_int_equal(rk_yaml_number(c, &key, &number, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "--set b.c:1:1: 'c' must be a number from 0 to 5, got '9'");
    rk_yaml_free(yaml);
}

static void check_paths(rk_yaml *yaml, const rk_yaml_node *parent)
{
    for (const rk_yaml_node *c = parent->first; c; c = c->next) {
        rk_text path = {0};
        rk_error err;
        assert_true(rk_yaml_path(yaml, c, &path));
        rk_text_add(&path, "=there");
        assert_int_equal(rk_yaml_change(yaml, path.at, &err), RK_OK);
        bool replaced = false;
        for (const rk_yaml_node *now = parent->first; now; now = now->next) {
            replaced = replaced || (now->kind == RK_YAML_SCALAR && strcmp(now->text, "there") == 0);
        }
        assert_true(replaced);
        rk_text_release(&path);
    }
}

/* Deepest first, so that every node is still in the tree when its path is asked for. */
static void the_path_to_a_node_leads_to_it(void **state)
{
    (void)state;
    rk_yaml *yaml = parse();
    const rk_yaml_node *root = rk_yaml_root(yaml), *b = rk_yaml_find(root, "b"), *list = rk_yaml_find(root, "list");
    const rk_yaml_node *stranger = &(rk_yaml_node){0};
    rk_text none = {0};
    assert_false(rk_yaml_path(yaml, stranger, &none));
    check_paths(yaml, rk_yaml_find(b, "c.d"));
    check_paths(yaml, list->first);
    check_paths(yaml, list);
    check_paths(yaml, root);
    rk_yaml_free(yaml);
}

/* ---- uncertain numbers ---- */

static void an_uncertain_number_is_read_as_its_point(void **state)
{
    (void)state;
    static const rk_key key = {.name = "share", .kind = RK_KEY_NUMBER, .above = true, .max = 1};
    rk_yaml *yaml = NULL;
    rk_error err;
    rk_number number = {0};
    assert_int_equal(
        rk_yaml_parse(RK_SLICE("{share: {point: 0.25, triangular: [0.1, 0.25, 0.5]}}"), "f.yaml", &yaml, &err), RK_OK);
    assert_int_equal(rk_yaml_n_uncertain(yaml), 1);
    assert_false(rk_yaml_uncertain(yaml, 0)->is_read);
    assert_int_equal(rk_yaml_number(rk_yaml_root(yaml)->first, &key, &number, &err), RK_OK);
    assert_int_equal(number.value.units, 25);
    const rk_uncertain *record = number.uncertain;
    assert_ptr_equal(record, rk_yaml_uncertain(yaml, 0));
    assert_true(record->is_read && record->min == 0 && record->max == 1);
    assert_string_equal(record->law->key->text, "triangular");
    assert_int_equal(record->law->n, 3);
    rk_yaml_free(yaml);
}

static void assert_number_refused(const char *text, rk_key key, const char *message)
{
    rk_yaml *yaml = NULL;
    rk_error err;
    rk_number number = {0};
    assert_int_equal(rk_yaml_parse(rk_slice_of(text), "f.yaml", &yaml, &err), RK_OK);
    assert_int_equal(rk_yaml_number(rk_yaml_root(yaml), &key, &number, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, message);
    assert_false(number.is_set);
    rk_yaml_free(yaml);
}

static void a_point_needs_one_law_and_its_range(void **state)
{
    (void)state;
    rk_key share = {.name = "share", .kind = RK_KEY_NUMBER, .max = 1}, count = {.name = "n", .kind = RK_KEY_COUNT};
    rk_key sure = {.name = "weight", .kind = RK_KEY_NUMBER, .certain = true};
    assert_number_refused("{point: 1, normal: [1, 2], uniform: [0, 1]}", share,
                          "f.yaml:1:28: 'share' has two laws, 'normal' and 'uniform'");
    assert_number_refused("{point: 2, normal: [1, 2]}", share,
                          "f.yaml:1:9: 'share' must be a number from 0 to 1, got '2'");
    assert_number_refused("{point: [1], normal: [1, 2]}", share,
                          "f.yaml:1:9: 'share' must be a number, got a list (the point)");
    assert_number_refused("{point: 2, normal: [1, 2]}", count, "f.yaml:1:1: 'n' cannot be uncertain: write one number");
    assert_number_refused("{point: 2, normal: [1, 2]}", sure,
                          "f.yaml:1:1: 'weight' cannot be uncertain: write one number");
}

static bool try_change(void *context)
{
    (void)context;
    rk_yaml *yaml = NULL;
    rk_error err;
    rk_status status = rk_yaml_parse(rk_slice_of(plan), "f.yaml", &yaml, &err);
    if (!status) {
        status = rk_yaml_change(yaml, "b.new={point: 1, normal: [1, 2]}", &err);
        rk_yaml_free(yaml);
    }
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    return status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(try_change, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_replaces_what_stands_at_its_path),
        cmocka_unit_test(keys_and_items_are_added_and_taken_away),
        cmocka_unit_test(a_path_that_leads_nowhere_is_told),
        cmocka_unit_test(a_changed_number_has_the_change_as_its_place),
        cmocka_unit_test(the_path_to_a_node_leads_to_it),
        cmocka_unit_test(an_uncertain_number_is_read_as_its_point),
        cmocka_unit_test(a_point_needs_one_law_and_its_range),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_yaml_print.c - what is printed reads back as the same tree: texts that look like something else, lists in lists,
 * every example plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "support/test.h"

static void assert_same(const rk_yaml_node *a, const rk_yaml_node *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->n, b->n);
    if (a->kind == RK_YAML_SCALAR) {
        assert_string_equal(a->text, b->text);
        if (a->is_plain && strpbrk(a->text, "0123456789") == a->text && !strpbrk(a->text, ":, ")) {
            assert_true(b->is_plain); /* a number stays one */
        }
    }
    const rk_yaml_node *d = b->first;
    for (const rk_yaml_node *c = a->first; c; c = c->next, d = d->next) {
        assert_int_equal(c->key != NULL, d->key != NULL);
        if (c->key) {
            assert_string_equal(c->key->text, d->key->text);
        }
        assert_same(c, d);
    }
}

static void assert_round_trip(rk_yaml *yaml)
{
    rk_yaml *again = NULL;
    rk_text text = {0};
    rk_error err;
    rk_yaml_print(rk_yaml_root(yaml), &text);
    assert_false(text.failed);
    if (rk_yaml_parse((rk_slice){text.at, text.n}, "again", &again, &err)) {
        fail_msg("%s\n%s", err.message, text.at);
    }
    assert_same(rk_yaml_root(yaml), rk_yaml_root(again));
    rk_yaml_free(again);
    rk_yaml_free(yaml);
    rk_text_release(&text);
}

static void odd_texts_read_back(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "a: 1\nb: -0.03\nc: 2026-10\nd: 1_000\ne: 'x: y'\nf: \"q\\\"\\n\\tz\"\ng: '# no comment'\nh: '- dash'\ni: ''\n",
        "a: [1, [2, 3], {b: 4}]\nb:\n  - - 1\n    - {c: [], d: {}}\n  - e: 5\n    f: {g: {h: {i: 6}}}\n",
        "'a b': {'c: d': x, 'e#': 'y, z', '[f': '}'}\n\"g\\u00e9\": \xc3\xa9\n'~': null\n'1': yes\n",
        "long: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, "
        "cccccccccccccccccccccccccccccccccc]\n",
        "text: |\n  two\n  lines\nfolded: >\n  of\n  one\nplain: of two\n  lines\nat: a@b.c\nminus: '-'\npercent: "
        "'%x'\n",
        "\"a\\uFEFFb\": \"\\N\\L\\P\\x7f\\e\"\n\xe4\xb8\xad: \xf0\x9f\x9b\x92\n",
        "[]\n",
        "{}\n",
        "just words\n",
        "- 1\n- a: 2\n",
    };
    for (size_t i = 0; i < RK_COUNT_OF(documents); i++) {
        rk_yaml *yaml = NULL;
        rk_error err;
        if (rk_yaml_parse(rk_slice_of(documents[i]), "odd", &yaml, &err)) {
            fail_msg("%s", err.message);
        }
        assert_round_trip(yaml);
    }
}

static void example_plans_read_back(void **state)
{
    (void)state;
    static const char *const plans[] = {"shop/plan.yaml", "double-11/plan.yaml"};
    const char *root = getenv("RECKON_ROOT");
    for (size_t i = 0; root && i < RK_COUNT_OF(plans); i++) {
        char path[4096];
        rk_yaml *yaml = NULL;
        rk_error err;
        snprintf(path, sizeof path, "%s/examples/%s", root, plans[i]);
        if (rk_yaml_read(path, &yaml, &err)) {
            fail_msg("%s", err.message);
        }
        assert_round_trip(yaml);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_texts_read_back),
        cmocka_unit_test(example_plans_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

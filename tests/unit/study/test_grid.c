/* test_grid.c - the grids that come with reckon are sound and grow one out of the other; what a grid may not say. */
#include <stdio.h>
#include <string.h>

#include "compress/compress.h"
#include "study/frontier_grid.h"
#include "support/test.h"

static const rk_grid_variant *find(const rk_grid *grid, const char *name)
{
    for (size_t i = 0; i < grid->n; i++) {
        if (strcmp(grid->variants[i].name, name) == 0) {
            return &grid->variants[i];
        }
    }
    return NULL;
}

static void larger_grids_hold_the_smaller_ones(void **state)
{
    (void)state;
    static const char *const names[] = {"quick", "default", "thorough"};
    rk_arena arena = {0};
    rk_grid grids[3];
    rk_error err;
    for (size_t g = 0; g < 3; g++) {
        if (rk_grid_of_name(names[g], &arena, &grids[g], &err)) {
            fail_msg("%s", err.message);
        }
        assert_string_equal(grids[g].name, names[g]);
        for (size_t i = 0; i < grids[g].n; i++) {
            const rk_grid_variant *v = &grids[g].variants[i];
            bool is_made = v->to || v->index;
            assert_true(v->of <= i && (v->of == i) == !is_made && (v->model != NULL) == !is_made &&
                        !(v->to && v->index));
            assert_int_equal(strspn(v->file, "abcdefghijklmnopqrstuvwxyz0123456789+-._"), strlen(v->file));
        }
        for (size_t i = 0; g > 0 && i < grids[g - 1].n; i++) {
            assert_non_null(find(&grids[g], grids[g - 1].variants[i].name));
        }
        assert_true(g == 0 || grids[g].n > grids[g - 1].n);
    }
    assert_int_equal(rk_grid_of_name("quicker", &arena, &grids[0], &err), RK_BAD_USAGE);
    rk_arena_release(&arena);
}

/* "distil(64)+int8" has the word "int8". */
static bool has_word(const char *to, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = to; *at; at += strcspn(at, "+"), at += *at == '+') {
        if (strcspn(at, "(+") == n && strncmp(at, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static size_t n_with(const rk_grid *grid, const char *word)
{
    size_t n = 0;
    for (size_t i = 0; i < grid->n; i++) {
        n += grid->variants[i].to && has_word(grid->variants[i].to, word);
    }
    return n;
}

static size_t n_indexed(const rk_grid *grid)
{
    size_t n = 0;
    for (size_t i = 0; i < grid->n; i++) {
        n += grid->variants[i].index != NULL;
    }
    return n;
}

static void assert_known_words(const char *to)
{
    for (const char *at = to; *at; at += strcspn(at, "+"), at += *at == '+') {
        char word[32];
        const rk_compressor *compressor;
        rk_error err;
        snprintf(word, sizeof word, "%.*s", (int)strcspn(at, "(+"), at);
        if (rk_compressor_need(word, &compressor, &err)) {
            fail_msg("%s: %s", to, err.message);
        }
    }
}

static void every_way_to_compress_is_known_and_the_default_tries_several(void **state)
{
    (void)state;
    static const char *const of_default[] = {"fp16", "int8", "int4", "prune", "distil"};
    rk_arena arena = {0};
    rk_grid usual, thorough;
    rk_error err;
    assert_int_equal(rk_grid_of_name("default", &arena, &usual, &err), RK_OK);
    assert_int_equal(rk_grid_of_name("thorough", &arena, &thorough, &err), RK_OK);
    for (size_t i = 0; i < RK_COUNT_OF(of_default); i++) {
        assert_true(n_with(&usual, of_default[i]) > 0);
    }
    assert_true(n_indexed(&usual) > 0 && n_indexed(&thorough) > n_indexed(&usual));
    assert_true(n_with(&thorough, "pq") > 0 && n_with(&thorough, "distil") > n_with(&usual, "distil"));
    for (size_t i = 0; i < thorough.n; i++) {
        assert_known_words(thorough.variants[i].to ? thorough.variants[i].to : "");
    }
    rk_arena_release(&arena);
}

static void a_variant_knows_its_steps_its_settings_and_its_file(void **state)
{
    (void)state;
    static const char text[] = "reckon: grid/1\ntune: 3\nrepeats: 5\nseconds: 2.5\nvariants:\n"
                               "  a b: {model: als, set: {factors: 16, weigh: one}}\n"
                               "  a+prune(0.5)+int8: {of: a b, to: prune(0.5)+int8}\n"
                               "  a+prune(0.5)+int8+hnsw: {of: a+prune(0.5)+int8, index: hnsw, recall: 0.9}\n"
                               "  a+auto: {of: a b, index: auto}\n";
    rk_arena arena = {0};
    rk_grid grid;
    rk_error err;
    assert_int_equal(rk_grid_parse(rk_slice_of(text), "g.yaml", &arena, &grid, &err), RK_OK);
    assert_true(grid.n_trials == 3 && grid.repeats == 5 && grid.seconds == 2.5 && grid.n == 4);
    const rk_grid_variant *a = &grid.variants[0], *b = &grid.variants[1], *c = &grid.variants[2], *d = c + 1;
    assert_true(a->n_steps == 1 && a->n_set == 2);
    assert_string_equal(a->set[0], "factors=16");
    assert_string_equal(a->file, "a-b");
    assert_true(b->of == 0 && b->n_steps == 3);
    assert_string_equal(b->file, "a+prune-0.5+int8");
    assert_true(c->of == 1 && c->n_steps == 4 && !c->to && c->recall == 0.9);
    assert_string_equal(c->index, "hnsw");
    assert_true(d->of == 0 && d->n_steps == 2 && d->recall == 0.99);
    rk_arena_release(&arena);
}

static void what_a_grid_may_not_say_is_named_with_its_place(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"  a: {model: alz}\n", "g.yaml:3:6: no model is called 'alz'"},
        {"  a: {of: b, to: int8}\n", "'a' is made of 'b', which is none of those before it"},
        {"  a: {model: als, to: int8}\n", "is trained (model) or made of another (of, to or index), not both"},
        {"  a: {model: als, index: hnsw}\n", "is trained (model) or made of another (of, to or index), not both"},
        {"  a: {model: als}\n  b: {of: a, to: int8, index: hnsw}\n", "'b' wants model"},
        {"  a: {model: als}\n  b: {of: a, to: int8, recall: 0.9}\n", "'b' wants model"},
        {"  a: {model: als}\n  b: {of: a, index: hnws}\n", "g.yaml:4:6: no vector index is called 'hnws'"},
        {"  a: {model: als}\n  b: {of: a, index: hnsw, recall: 1.5}\n", "recall"},
        {"  a: {model: als}\n  b: {of: a, index: hnsw}\n  c: {of: b, to: int8}\n",
         "'c' is made of 'b', which has an index: an index is the last step"},
        {"  a: {set: {factors: 3}}\n", "'a' wants model"},
        {"  a(1: {model: als}\n  a-1: {model: als}\n", "'a(1' and 'a-1' would have the same files"},
        {"  .a: {model: als}\n", "cannot begin a file's name"},
        {"  a: {model: als, set: {factors: [1]}}\n", "'factors' wants one value, got a list"},
        {"  a: {model: als, sett: {}}\n", "a variant has no key 'sett'; did you mean 'set'?"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        char text[256];
        rk_arena arena = {0};
        rk_grid grid;
        rk_error err;
        snprintf(text, sizeof text, "reckon: grid/1\nvariants:\n%s", rows[i][0]);
        assert_int_equal(rk_grid_parse(rk_slice_of(text), "g.yaml", &arena, &grid, &err), RK_BAD_INPUT);
        if (!strstr(err.message, rows[i][1])) {
            fail_msg("%s", err.message);
        }
        rk_arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(larger_grids_hold_the_smaller_ones),
        cmocka_unit_test(every_way_to_compress_is_known_and_the_default_tries_several),
        cmocka_unit_test(a_variant_knows_its_steps_its_settings_and_its_file),
        cmocka_unit_test(what_a_grid_may_not_say_is_named_with_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

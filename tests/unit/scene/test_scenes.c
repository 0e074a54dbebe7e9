/* test_scenes.c - files of scenes: what is read, and how what is wrong is told. */
#include <math.h>
#include <string.h>

#include "base/map.h"
#include "scene/scene.h"
#include "support/faults.h"
#include "support/test.h"

static const char full[] =
    "stock: left\n"
    "models: {together: t.rk}\n"
    "scenes:\n"
    "  basket:\n"
    "    sources:\n"
    "      - {from: similar, to: basket, model: together, n: 50}\n"
    "      - {from: popular, days: 7, weight: 0.25, same: brand}\n"
    "      - {from: listed, items: [a, \"7\"]}\n"
    "      - {from: recommended, only_scores: true}\n"
    "    filter:\n"
    "      taken: keep\n"
    "      in_stock: true\n"
    "      category: Lamps\n"
    "      price: {min: 1.5}\n"
    "      exclude: {brand: [Acme, Bolt]}\n"
    "      price_ratio: {max: 2}\n"
    "    rank: places\n"
    "    diversify: {mmr: 0.7, per_category: 3}\n"
    "    explore: {share: 0.1, place: 2, among: 5}\n"
    "    fill: none\n"
    "    rules:\n"
    "      - {name: launch, pin: {item: [x, y]}, place: 3, from: 2026-11-20, until: 2026-11-20}\n"
    "      - {boost: {price: {max: 3}}, by: 1.5}\n"
    "  home: {sources: [{from: new}]}\n";

static void everything_is_read(void **state)
{
    (void)state;
    rk_scenes *scenes = NULL;
    rk_error err = {0};
    assert_int_equal(rk_scenes_parse(rk_slice_of(full), "dir/s.yaml", &scenes, &err), RK_OK);
    assert_string_equal(scenes->stock, "left");
    assert_string_equal(scenes->model[0].path, "dir/t.rk");
    const rk_scene *basket = rk_scenes_find(scenes, RK_SLICE("basket")),
                   *home = rk_scenes_find(scenes, RK_SLICE("home"));
    assert_non_null(basket);
    assert_null(rk_scenes_find(scenes, RK_SLICE("bask")));
    assert_int_equal(basket->n_sources, 4);
    assert_true(basket->source[0].from == RK_FROM_SIMILAR && basket->source[0].to == RK_TO_BASKET &&
                basket->source[0].model == 0 && basket->source[0].n == 50 && basket->source[0].same == -1);
    assert_true(basket->source[1].days == 7 && basket->source[1].weight == 0.25 &&
                basket->source[1].same == RK_SAME_BRAND && basket->source[1].model == RK_NO_ID);
    assert_string_equal(basket->source[2].items.name[1].text, "7");
    assert_true(basket->source[3].only_scores && basket->keeps_taken && basket->only_in_stock && !basket->fills);
    assert_string_equal(basket->must.categories.name[0].text, "Lamps");
    assert_true(basket->must.price_min == 1.5 && isnan(basket->must.price_max) && basket->n_must_not == 1 &&
                basket->must_not[0].brands.n == 2);
    assert_true(isnan(basket->ratio_min) && basket->ratio_max == 2 && basket->rank == RK_RANK_PLACES);
    assert_true(basket->mmr == 0.7 && basket->per_category == 3 && basket->per_brand == 0);
    assert_true(basket->explore.share == 0.1 && basket->explore.place == 2 && basket->explore.among == 5);
    const rk_scene_rule *launch = &basket->rule[0], *boost = &basket->rule[1];
    assert_true(launch->effect == RK_RULE_PIN && launch->place == 3 && launch->which.items.n == 2);
    assert_int_equal(launch->end_s - launch->from_s, 86400); /* both days count */
    assert_true(boost->effect == RK_RULE_BOOST && boost->by == 1.5 && boost->end_s == INT64_MAX);
    assert_string_equal(boost->name, "boost");
    assert_true(home->mmr == 1 && home->fills && !home->keeps_taken && home->source[0].n == 200 && !home->n_rules);
    rk_scenes_free(scenes);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
#define SCENE "scenes:\n  a:\n    sources: [{from: new}]\n"
    static const char *const cases[][2] = {
        {"scenes: {}\n", "s.yaml:1:9: 'scenes' has 1 to 256 scenes, got 0"},
        {"scene: {}\n", "s.yaml:1:1: the file of scenes has no key 'scene'; did you mean 'scenes'?"},
        {"scenes:\n  a: {sources: []}\n", "s.yaml:2:16: the scene 'a' has no source of candidates"},
        {"scenes:\n  a: {sources: [{from: recommended, only_scores: true}]}\n",
         "s.yaml:2:16: the scene 'a' has no source of candidates"},
        {"scenes:\n  a: {sources: [{from: populr}]}\n",
         "s.yaml:2:24: 'from' must be one of recommended, similar, popular, new, listed, taken, found, got 'populr'"},
        {"scenes:\n  a: {sources: [{from: new, days: 3}]}\n", "s.yaml:2:29: the source 'new' has no key 'days'"},
        {"scenes:\n  a: {sources: [{from: listed}]}\n", "s.yaml:2:17: the source 'listed' needs the key 'items'"},
        {"models: {tog: t.rk}\nscenes:\n  a: {sources: [{from: similar, model: togg}]}\n",
         "s.yaml:3:40: 'models' names no model 'togg'; did you mean 'tog'?"},
        {SCENE "    filter: {in_stock: true}\n",
         "s.yaml:4:24: in_stock needs the file's key 'stock', the attribute that says how many are left"},
        {SCENE "    filter: {price: {min: 3, max: 2}}\n", "s.yaml:4:35: price holds nothing: min 3 is above max 2"},
        {SCENE "    filter: {price: {}}\n", "s.yaml:4:21: price needs 'min', 'max' or both"},
        {SCENE "    filter: {exclude: {}}\n", "s.yaml:4:23: exclude must say which: item, category, brand or price"},
        {SCENE "    filter: {brand: []}\n", "s.yaml:4:21: 'brand' names nothing"},
        {SCENE "    rules: [{by: 2}]\n", "s.yaml:4:13: a rule does one thing: pin, boost, bury or exclude"},
        {SCENE "    rules: [{boost: {brand: x}, bury: {brand: y}, by: 2}]\n",
         "s.yaml:4:13: a rule does one thing: pin, boost, bury or exclude"},
        {SCENE "    rules: [{boost: {brand: x}}]\n", "s.yaml:4:13: a boost needs the key 'by', its factor"},
        {SCENE "    rules: [{bury: {brand: x}, by: 2}]\n", "s.yaml:4:36: 'by' belongs to boost, not to bury"},
        {SCENE "    rules: [{bury: {brand: x}, place: 2}]\n", "s.yaml:4:39: 'place' belongs to pin, not to bury"},
        {SCENE "    rules: [{pin: {brand: x}}]\n", "s.yaml:4:19: a pin names the items, and nothing else"},
        {SCENE "    rules: [{pin: {item: x}, from: 2026-02-02, until: 2026-02-01}]\n",
         "s.yaml:4:55: 'until' is before 'from'"},
        {SCENE "    diversify: {mmr: 1.5}\n", "s.yaml:4:22: 'mmr' must be a number from 0 to 1, got '1.5'"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_scenes *scenes = NULL;
        rk_error err = {0};
        assert_int_equal(rk_scenes_parse(rk_slice_of(cases[i][0]), "s.yaml", &scenes, &err), RK_BAD_INPUT);
        assert_string_equal(err.message, cases[i][1]);
        assert_null(scenes);
    }
}

static bool attempt(void *context)
{
    rk_scenes *scenes = NULL;
    rk_error err = {0};
    (void)context;
    rk_status status = rk_scenes_parse(rk_slice_of(full), "s.yaml", &scenes, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    rk_scenes_free(scenes);
    return status == RK_OK;
}

static void memory_that_is_short_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(attempt, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(memory_that_is_short_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_scene_set.c - scenes over a shop of thirty items: who is offered what, where and why.
 *
 * Items i0 .. i29; item i has the vector (cos, sin) of i * 6 degrees, price i, brand b<i % 3>, category c<i % 5> > x
 * and stock i % 7. User u0 has taken i1, i2 and likes the direction of i0; u1 has taken nothing. Popular: i29 most.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "scene/scene_set.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { ITEMS = 30, USERS = 4, DAY = 86400 };

typedef struct {
    rk_model *model;
    rk_dataset data;
    uint32_t popular[ITEMS];
    float takers[ITEMS];
    rk_desk *desk;
    rk_arena arena;
    rk_scenes *scenes;
    rk_scene_set *set;
} shop;

static char folder[64];

static void write_shop(void)
{
    float item[ITEMS * 2], user[USERS * 2] = {1, 0, 0, 1, -1, 0, 0, -1}, near[ITEMS * ITEMS] = {0};
    bool seen[USERS * ITEMS] = {0};
    int64_t time[USERS * ITEMS] = {0};
    rk_text text = {0};
    rk_error err;
    rk_catalogue_report report;
    rk_text_add(&text, "id,title,brand,category,price,left\n");
    for (int i = 0; i < ITEMS; i++) {
        item[2 * i] = (float)cos(i * 6 * 3.14159265358979 / 180);
        item[2 * i + 1] = (float)sin(i * 6 * 3.14159265358979 / 180);
        near[i * ITEMS + (i + 15) % ITEMS] = 0.5F;
        near[i * ITEMS + (i + 16) % ITEMS] = 0.25F;
        rk_text_addf(&text, "i%d,title %d,b%d,c%d > x,%d,%d\n", i, i, i % 3, i % 5, i, i % 7);
    }
    seen[1] = seen[2] = true;
    for (int i = 0; i < ITEMS; i++) { /* u2 takes all, one a day */
        seen[2 * ITEMS + i] = true;
        time[2 * ITEMS + i] = (int64_t)i * DAY;
    }
    small_model_write(&(small_model){.n_users = USERS,
                                     .n_items = ITEMS,
                                     .dim = 2,
                                     .item_vector = item,
                                     .user_vector = user,
                                     .kind = "popular",
                                     .seen = seen},
                      "model.rk");
    small_model_write(&(small_model){.n_users = USERS, .n_items = ITEMS, .near = near}, "near.rk");
    small_dataset_write(&(small_dataset){.n_users = USERS, .n_items = ITEMS, .is_pair = seen, .time = time}, "log.rk");
    assert_int_equal(rk_file_write_text("p.csv", &text, &err), RK_OK);
    rk_text_release(&text);
    rk_catalogue_options options = {.path = "p.csv", .into_path = "log.rk", .out_path = "shop.rk"};
    assert_int_equal(rk_catalogue_ingest(&options, &(rk_run){0}, &report, &err), RK_OK);
}

static int set_up(void **state)
{
    static shop s;
    rk_error err = {0};
    strcpy(folder, "/tmp/reckon-scene-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder)) {
        return -1;
    }
    write_shop();
    rk_status status = rk_model_open("model.rk", &s.model, &err);
    status = status ? status : rk_dataset_open("shop.rk", &s.data, &err);
    s.desk = rk_desk_new();
    for (uint32_t i = 0; i < ITEMS; i++) {
        s.popular[i] = ITEMS - 1 - i;
        s.takers[i] = (float)(ITEMS - i);
    }
    *state = &s;
    return status || !s.desk;
}

static int tear_down(void **state)
{
    shop *s = *state;
    rk_model_close(s->model);
    rk_dataset_close(&s->data);
    rk_desk_free(s->desk);
    static const char *const files[] = {"model.rk", "near.rk", "log.rk", "shop.rk", "p.csv"};
    for (size_t f = 0; f < RK_COUNT_OF(files); f++) {
        unlink(files[f]);
    }
    return chdir("/") || rmdir(folder);
}

/* ---- asking ---- */

static rk_status set_scene(shop *s, const char *yaml, rk_error *err)
{
    rk_goods_source source = {s->model, &s->data, s->popular, s->takers};
    rk_scene_set_close(s->set);
    rk_scenes_free(s->scenes);
    s->set = NULL;
    s->scenes = NULL;
    rk_status status = rk_scenes_parse(rk_slice_of(yaml), "s.yaml", &s->scenes, err);
    return status ? status : rk_scene_set_open(s->scenes, &source, &(rk_run){0}, &s->set, err);
}

static void use_scene(shop *s, const char *yaml)
{
    rk_error err;
    if (set_scene(s, yaml, &err)) {
        fail_msg("%s", err.message);
    }
}

static rk_scene_answer answer(shop *s, const rk_scene_ask *ask)
{
    rk_scene_answer out;
    rk_error err;
    rk_arena_clear(&s->arena);
    if (rk_scene_set_answer(s->set, rk_scene_set_find(s->set, RK_SLICE("a")), ask, s->desk, &s->arena, &out, &err)) {
        fail_msg("%s", err.message);
    }
    return out;
}

static void end(shop *s)
{
    rk_scene_set_close(s->set);
    rk_scenes_free(s->scenes);
    s->set = NULL;
    s->scenes = NULL;
    rk_arena_release(&s->arena);
}

static rk_scene_ask ask_of(const shop *s, uint32_t user, uint32_t n)
{
    return (rk_scene_ask){.user_name = RK_SLICE("u0"),
                          .user = user,
                          .history = user == RK_NO_ID ? (rk_history){0} : rk_model_seen(s->model, user),
                          .item = RK_NO_ID,
                          .n = n};
}

static void assert_items(const rk_scene_answer *got, const uint32_t *wanted, size_t n)
{
    assert_int_equal(got->n, n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(got->item[i].item, wanted[i]);
    }
}
#define ASSERT_ITEMS(got, ...)                                                                                         \
    assert_items(got, (const uint32_t[]){__VA_ARGS__}, RK_COUNT_OF(((const uint32_t[]){__VA_ARGS__})))

static void assert_json(const shop *s, const rk_scene_answer *got, bool explains, const char *wanted)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_json_object(&json, NULL);
    rk_scene_answer_json(s->set, got, NULL, explains, &json);
    rk_json_end_object(&json);
    const char *items = strstr(text.at, "\"items\"");
    assert_string_equal(items, wanted);
    rk_text_release(&text);
}

/* ---- claims ---- */

static void the_model_ranks_and_the_popular_fill(void **state)
{
    shop *s = *state;
    use_scene(s, "scenes: {a: {sources: [{from: recommended, n: 3}]}}");
    rk_scene_ask ask = ask_of(s, 0, 5), nobody = ask_of(s, RK_NO_ID, 3);
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 0, 3, 4, 29, 28); /* i1 and i2 are taken */
    assert_int_equal(got.total, 3);
    assert_true(got.item[0].value == 1 && got.item[0].source == 0 && got.item[3].is_fill);
    got = answer(s, &nobody);
    ASSERT_ITEMS(&got, 29, 28, 27);
    assert_json(s, &got, false,
                "\"items\":[{\"id\":\"i29\",\"score\":0,\"reasons\":[{\"kind\":\"popular\"}]},"
                "{\"id\":\"i28\",\"score\":0,\"reasons\":[{\"kind\":\"popular\"}]},"
                "{\"id\":\"i27\",\"score\":0,\"reasons\":[{\"kind\":\"popular\"}]}],\"total\":0}");
    end(s);
}

static void filters_reach_into_the_sources(void **state)
{
    shop *s = *state;
    use_scene(s, "stock: left\nscenes: {a: {sources: [{from: recommended, n: 4}], fill: none, filter: {in_stock: true, "
                 "price: {min: 5, max: 20}, category: [c0, c1], exclude: [{item: i6}, {brand: b2, price: {max: 11}}, "
                 "{brand: b2, item: i20}]}}}");
    rk_scene_ask ask = ask_of(s, 0, 10);
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 10, 15, 16); /* 5, 11 and 20 are b2, 6 excluded; 21 too dear */
    ask.category = RK_SLICE("c0 > x");
    ask.exclude = (const uint32_t[]){15};
    ask.n_exclude = 1;
    got = answer(s, &ask);
    ASSERT_ITEMS(&got, 10);
    end(s);
}

static void a_product_page_is_about_its_item(void **state)
{
    shop *s = *state;
    use_scene(s, "models: {near: near.rk}\nscenes: {a: {sources: [{from: similar, n: 5}, {from: similar, model: near, "
                 "weight: 3}], filter: {taken: keep, price_ratio: {max: 3}}, fill: none}}");
    rk_scene_ask ask = ask_of(s, 0, 3);
    ask.item = 8;
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 23, 24, 7); /* 3, 1.5, 1 */
    assert_true(got.item[0].because == 8 && got.item[0].source == 1 && got.item[0].value == 3);
    ask.item = RK_NO_ID; /* one that the model does not know */
    got = answer(s, &ask);
    assert_int_equal(got.n, 0);
    use_scene(s, "scenes: {a: {sources: [{from: similar}], filter: {same_category: true}}}");
    ask.item = 8;
    ask.n = 4;
    got = answer(s, &ask);
    ASSERT_ITEMS(&got, 3, 13, 18, 23);
    end(s);
}

static void a_basket_adds_up(void **state)
{
    shop *s = *state;
    use_scene(s, "models: {near: near.rk}\nscenes: {a: {sources: [{from: similar, to: basket, model: near}], fill: "
                 "none}}");
    rk_scene_ask ask = ask_of(s, RK_NO_ID, 4);
    ask.basket = (const uint32_t[]){3, 4};
    ask.n_basket = 2;
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 19, 18, 20); /* 0.5 + 0.25, 0.5, 0.25 */
    assert_int_equal(got.item[0].because, 4);
    end(s);
}

/* What u0 has taken, i1 and i2, has neighbours 15 and 16 further on. */
static void another_model_may_recommend(void **state)
{
    shop *s = *state;
    use_scene(s, "models: {near: near.rk}\nscenes: {a: {sources: [{from: recommended, model: near}], fill: none}}");
    rk_scene_ask ask = ask_of(s, 0, 3);
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 17, 16, 18); /* 0.5 + 0.25, 0.5, 0.25 */
    assert_int_equal(got.item[0].reason[0], 2);
    assert_int_equal(got.item[1].reason[0], 1);
    rk_text why = {0};
    rk_scene_why(s->set, &got, 1, &why);
    assert_string_equal(why.at, "bought i1");
    rk_text_release(&why);
    end(s);
}

static void orders_of_the_shop(void **state)
{
    shop *s = *state;
    rk_scene_ask ask = ask_of(s, 3, 3);
    use_scene(s, "scenes: {a: {sources: [{from: new}]}}");
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 29, 28, 27);
    use_scene(s, "scenes: {a: {sources: [{from: popular, days: 1}], fill: none}}");
    got = answer(s, &ask);
    ASSERT_ITEMS(&got, 28, 29); /* one event each: the smaller item first */
    use_scene(s, "scenes: {a: {sources: [{from: listed, items: [i7, nothing, i3]}], fill: none}}");
    got = answer(s, &ask);
    ASSERT_ITEMS(&got, 7, 3);
    use_scene(s, "scenes: {a: {sources: [{from: taken}], filter: {taken: keep}, fill: none}}");
    ask = ask_of(s, 0, 3);
    ask.recent = (const uint32_t[]){9, 2};
    ask.n_recent = 2;
    got = answer(s, &ask);
    ASSERT_ITEMS(&got, 9, 2, 1);
    end(s);
}

static void rules_move_and_say_so(void **state)
{
    shop *s = *state;
    use_scene(s, "scenes:\n  a:\n    sources: [{from: listed, items: [i10, i11, i12, i13]}]\n    rules:\n"
                 "      - {name: own, boost: {brand: b0}, by: 2}\n"
                 "      - {name: launch, pin: {item: [i20, i11]}, place: 2}\n"
                 "      - {name: slow, bury: {item: i10}}\n"
                 "      - {name: recall, exclude: {item: i29}}\n"
                 "      - {name: later, pin: {item: i5}, from: 2026-01-01}\n");
    rk_scene_ask ask = ask_of(s, 3, 6);
    rk_scene_answer got = answer(s, &ask);
    /* values 1, 3/4, 1/2, 1/4, of b0 (i12) doubled; i29 may not fill */
    ASSERT_ITEMS(&got, 12, 20, 11, 13, 28, 27);
    assert_int_equal(got.item[0].rule, 0);
    ask.n = 2;
    got = answer(s, &ask);
    assert_json(s, &got, true,
                "\"items\":[{\"id\":\"i12\",\"score\":1,\"reasons\":[{\"kind\":\"listed\"},{\"kind\":\"rule\","
                "\"rule\":\"own\",\"effect\":\"boost\"}],\"place_by_value\":2,\"shares\":[{\"from\":\"listed\","
                "\"source\":0,\"value\":0.5}]},{\"id\":\"i20\",\"score\":0,\"reasons\":[{\"kind\":\"rule\","
                "\"rule\":\"launch\",\"effect\":\"pin\"}],\"place_by_value\":5,\"shares\":[]}],\"total\":4}");
    ask.now_s = INT64_C(1767225600); /* 2026-01-01 */
    ask.n = 1;
    got = answer(s, &ask);
    ASSERT_ITEMS(&got, 5);
    end(s);
}

static void sources_that_only_score_add_nothing(void **state)
{
    shop *s = *state;
    use_scene(s, "scenes: {a: {sources: [{from: found}, {from: recommended, only_scores: true, weight: 2}], fill: "
                 "none}}");
    rk_scene_ask ask = ask_of(s, 0, 5);
    ask.found = (const uint32_t[]){20, 5, 25};
    ask.found_score = (const float[]){3, 2, 1};
    ask.n_found = 3;
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 5, 20, 25); /* 2/3 + 2, 1 + 0.95, 1/3 + 2/3 */
    assert_true(fabs(got.item[0].value - 8.0 / 3) < 1e-6 && fabs(got.item[2].value - 1) < 1e-6);
    end(s);
}

static void places_fuse_by_their_reciprocals(void **state)
{
    shop *s = *state;
    use_scene(s, "scenes: {a: {sources: [{from: listed, items: [i3, i4]}, {from: listed, items: [i4, i5], weight: 2}], "
                 "rank: places, fill: none}}");
    rk_scene_ask ask = ask_of(s, 3, 5);
    rk_scene_answer got = answer(s, &ask);
    ASSERT_ITEMS(&got, 4, 5, 3);
    assert_true(fabs(got.item[0].value - (1.0 / 62 + 2.0 / 61)) < 1e-8);
    end(s);
}

/* Whatever the scene: nothing that is out, nothing twice, as many as are wanted while there are as many. */
static void exactly_n_while_there_are_as_many(void **state)
{
    shop *s = *state;
    static const char *const parts[][4] = {
        {"{from: recommended}", "{from: popular, n: 3}", "{from: similar, to: recent}", "{from: new, weight: 2}"},
        {"", ", diversify: {mmr: 0.3, per_category: 1, per_brand: 2}", ", diversify: {per_brand: 1}",
         ", diversify: {mmr: 0}"},
        {"", ", rules: [{pin: {item: [i3, i9]}, place: 2}, {bury: {brand: b1}}]",
         ", rules: [{boost: {category: c2}, by: 3}, {exclude: {brand: b2}}]", ", rules: [{bury: {price: {min: 0}}}]"},
        {"", ", filter: {price: {max: 8}}", ", filter: {brand: b0}", ", filter: {taken: keep, category: c1 > x}"},
    };
    uint64_t seed = 5;
    for (int round = 0; round < 400; round++) {
        char yaml[600];
        unsigned p[4] = {test_random(&seed) % 4, test_random(&seed) % 4, test_random(&seed) % 4,
                         test_random(&seed) % 4};
        snprintf(yaml, sizeof yaml, "scenes: {a: {sources: [%s]%s%s%s}}", parts[0][p[0]], parts[1][p[1]],
                 parts[2][p[2]], parts[3][p[3]]);
        use_scene(s, yaml);
        rk_scene_ask ask = ask_of(s, test_random(&seed) % 2 ? 0 : 1, 1 + test_random(&seed) % 35);
        ask.recent = (const uint32_t[]){4, 5};
        ask.n_recent = 2;
        rk_scene_answer got = answer(s, &ask);
        size_t n_left = 0;
        for (uint32_t i = 0; i < ITEMS; i++) {
            bool is_taken = p[3] != 3 && (i == 4 || i == 5 || (ask.user == 0 && (i == 1 || i == 2)));
            bool is_out = is_taken || (p[2] == 2 && i % 3 == 2) || (p[3] == 1 && i > 8) || (p[3] == 2 && i % 3 != 0) ||
                          (p[3] == 3 && i % 5 != 1);
            size_t n_times = 0;
            for (size_t k = 0; k < got.n; k++) {
                n_times += got.item[k].item == i;
            }
            assert_true(n_times <= !is_out);
            n_left += !is_out;
        }
        assert_int_equal(got.n, n_left < ask.n ? n_left : ask.n);
    }
    end(s);
}

/* Over many draws each choice stands at the place as often as its propensity says. */
static void draws_come_as_often_as_they_say(void **state)
{
    shop *s = *state;
    use_scene(s, "scenes: {a: {sources: [{from: popular}], explore: {share: 0.4, place: 2, among: 4}}}");
    rk_scene_ask ask = ask_of(s, RK_NO_ID, 3);
    enum { DRAWS = 20000 };
    size_t times[ITEMS] = {0};
    double propensity[ITEMS] = {0};
    for (uint64_t d = 0; d < DRAWS; d++) {
        ask.draw = d;
        rk_scene_answer got = answer(s, &ask);
        assert_true(got.n == 3 && got.n_choices == 4 && got.item[0].item == 29 && got.choice[0] == 28);
        times[got.item[1].item]++;
        propensity[got.item[1].item] = got.propensity;
    }
    for (uint32_t i = 25; i < 29; i++) {
        assert_true(fabs(propensity[i] - (i == 28 ? 0.7 : 0.1)) < 1e-12);
        assert_true(fabs((double)times[i] / DRAWS - propensity[i]) < 0.015); /* four standard errors */
    }
    end(s);
}

static void what_cannot_be_is_told_with_its_place(void **state)
{
    shop *s = *state;
    rk_error err;
    assert_int_equal(set_scene(s, "models: {gone: gone.rk}\nscenes: {a: {sources: [{from: new}]}}", &err),
                     RK_BAD_INPUT);
    assert_string_equal(err.message, "s.yaml:1:16: the model 'gone': no such file 'gone.rk'");
    assert_int_equal(set_scene(s, "stock: shelf\nscenes: {a: {sources: [{from: new}]}}", &err), RK_NOT_FOUND);
    assert_string_equal(err.message, "no item has the attribute 'shelf' that says how many are left");
    rk_scene_answer out;
    rk_scene_ask ask = ask_of(s, 0, 5);
    ask.category = RK_SLICE("lamps");
    use_scene(s, "scenes: {a: {sources: [{from: new}]}}");
    assert_int_equal(
        rk_scene_set_answer(s->set, rk_scene_set_find(s->set, RK_SLICE("a")), &ask, s->desk, &s->arena, &out, &err),
        RK_NOT_FOUND);
    assert_string_equal(err.message, "no such category 'lamps'");
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_ranks_and_the_popular_fill),
        cmocka_unit_test(filters_reach_into_the_sources),
        cmocka_unit_test(a_product_page_is_about_its_item),
        cmocka_unit_test(a_basket_adds_up),
        cmocka_unit_test(another_model_may_recommend),
        cmocka_unit_test(orders_of_the_shop),
        cmocka_unit_test(rules_move_and_say_so),
        cmocka_unit_test(sources_that_only_score_add_nothing),
        cmocka_unit_test(places_fuse_by_their_reciprocals),
        cmocka_unit_test(exactly_n_while_there_are_as_many),
        cmocka_unit_test(draws_come_as_often_as_they_say),
        cmocka_unit_test(what_cannot_be_is_told_with_its_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

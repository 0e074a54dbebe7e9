/* test_forest.c - trees find what no sum can say, grow from chance not at all, and survive their file. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"
#include "rank/ranker.h"
#include "support/faults.h"
#include "support/lesson.h"
#include "support/test.h"

enum { TREES = 30 };

/* Nmiddling cheap nor dear. */
static double middling(const float *feature, double luck)
{
    float price = feature[rk_feature_find("price")];
    return price > 0.4F && price < 0.6F ? 0.9 : luck > 0.97 ? 0.9 : 0;
}

static double by_chance(const float *feature, double luck)
{
    (void)feature;
    return luck;
}

typedef struct {
    rk_lesson lesson;
    uint32_t query[LESSON_QUERIES];
    rk_blend blend;
} course;

static course course_of(lesson_rule *rule, uint64_t seed)
{
    course c = {.lesson = lesson_make(rule, seed), .blend = rk_blend_default()};
    lesson_all(c.query);
    return c;
}

static rk_status grow(const course *c, rk_pool *pool, rk_forest *out, rk_learned *how)
{
    rk_run run = {.pool = pool};
    rk_error err = {0};
    return rk_learn_forest(&c->lesson, c->query, LESSON_QUERIES, &c->blend, TREES, &run, out, how, &err);
}

static void what_no_sum_can_say_is_found(void **state)
{
    course c = course_of(middling, 11);
    rk_forest forest;
    rk_learned how;
    (void)state;
    assert_int_equal(grow(&c, NULL, &forest, &how), RK_OK);
    assert_true(forest.n > 0);
    assert_true(how.gain > how.error && how.after > how.before + 0.1);
    rk_forest_release(&forest);
    rk_lesson_release(&c.lesson);
}

static void chance_seldom_grows(void **state)
{
    size_t n_grown = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        course c = course_of(by_chance, seed);
        rk_forest forest;
        rk_learned how;
        assert_int_equal(grow(&c, NULL, &forest, &how), RK_OK);
        assert_true(forest.n > 0 || how.before == how.after);
        n_grown += forest.n > 0;
        rk_forest_release(&forest);
        rk_lesson_release(&c.lesson);
    }
    assert_true(n_grown <= 1);
}

static void threads_change_nothing(void **state)
{
    course c = course_of(middling, 11);
    rk_forest one, three;
    rk_learned how;
    rk_pool *pool = rk_pool_new(3);
    (void)state;
    assert_non_null(pool);
    assert_int_equal(grow(&c, NULL, &one, &how), RK_OK);
    assert_int_equal(grow(&c, pool, &three, &how), RK_OK);
    assert_int_equal(one.n, three.n);
    assert_memory_equal(one.tree, three.tree, one.n * sizeof *one.tree);
    rk_forest_release(&one);
    rk_forest_release(&three);
    rk_pool_free(pool);
    rk_lesson_release(&c.lesson);
}

static bool grow_once(void *context)
{
    rk_forest forest;
    rk_learned how;
    bool ok = grow(context, NULL, &forest, &how) == RK_OK;
    rk_forest_release(&forest);
    return ok;
}

static void failed_allocations_are_survived(void **state)
{
    course c = course_of(by_chance, 1);
    (void)state;
    assert_true(fault_some(grow_once, &c) > 10);
    rk_lesson_release(&c.lesson);
}

/* ---- files ---- */

static char path[64];

static rk_ranker small_ranker(void)
{
    rk_ranker r = rk_ranker_default();
    r.forest = (rk_forest){calloc(2, sizeof *r.forest.tree), 2};
    assert_non_null(r.forest.tree);
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < RK_TREE_NODES; i++) {
            r.forest.tree[t].feature[i] = (uint8_t)((t + i) % rk_n_features);
            r.forest.tree[t].cut[i] = i == 3 ? INFINITY : 0.25F * (float)i;
        }
        for (size_t i = 0; i < RK_TREE_LEAVES; i++) {
            r.forest.tree[t].leaf[i] = 0.125F * (float)i - (float)t;
        }
    }
    return r;
}

static void trees_come_back_from_their_file(void **state)
{
    rk_ranker ranker = small_ranker(), back;
    rk_error err = {0};
    float feature[RK_FEATURES_MAX];
    (void)state;
    for (size_t f = 0; f < RK_FEATURES_MAX; f++) {
        feature[f] = (float)(f % 7) / 7;
    }
    assert_int_equal(rk_ranker_write(&ranker, NULL, path, NULL, &err), RK_OK);
    assert_int_equal(rk_ranker_open(path, &back, &err), RK_OK);
    assert_int_equal(back.forest.n, 2);
    assert_memory_equal(back.forest.tree, ranker.forest.tree, 2 * sizeof *back.forest.tree);
    assert_true(rk_ranker_score(&back, feature) == rk_ranker_score(&ranker, feature));
    rk_ranker_release(&back);
    rk_ranker_release(&ranker);
}

static void refuse(rk_ranker *ranker, const char *words)
{
    rk_ranker back;
    rk_error err = {0};
    assert_int_equal(rk_ranker_write(ranker, NULL, path, NULL, &err), RK_OK);
    assert_int_equal(rk_ranker_open(path, &back, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, words));
}

static void trees_of_nobody_are_refused(void **state)
{
    rk_ranker ranker = small_ranker();
    (void)state;
    ranker.forest.tree[1].feature[6] = 250;
    refuse(&ranker, "no feature '' of a tree is known here");
    ranker.forest.tree[1].feature[6] = 0;
    ranker.forest.tree[0].leaf[7] = NAN;
    refuse(&ranker, "a leaf of tree 1 is no number");
    rk_ranker_release(&ranker);
}

static int make_path(void **state)
{
    (void)state;
    strcpy(path, "/tmp/reckon-forest-XXXXXX");
    int file = mkstemp(path);
    return file < 0 ? -1 : close(file);
}

static int drop_path(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_sum_can_say_is_found),    cmocka_unit_test(chance_seldom_grows),
        cmocka_unit_test(threads_change_nothing),          cmocka_unit_test(failed_allocations_are_survived),
        cmocka_unit_test(trees_come_back_from_their_file), cmocka_unit_test(trees_of_nobody_are_refused),
    };
    return cmocka_run_group_tests_name("forest", tests, make_path, drop_path);
}

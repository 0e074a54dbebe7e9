/* test_learn.c - what learning finds, what it leaves alone, and that it does not depend on threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "rank/learn.h"
#include "support/faults.h"
#include "support/lesson.h"
#include "support/test.h"

static double mostly_detail(const float *feature, double luck)
{
    return 0.9 * (double)feature[rk_feature_find("detail")] + 0.1 * luck;
}

static double partly_detail(const float *feature, double luck)
{
    return 0.7 * (double)feature[rk_feature_find("detail")] + 0.3 * luck;
}

static double by_chance(const float *feature, double luck)
{
    (void)feature;
    return luck;
}

static double quality_by_sorting(const rk_lesson *l, size_t q, const double *score)
{
    size_t begin = rk_lesson_begin(l, q), order[LESSON_CANDIDATES];
    double sum = 0;
    for (size_t i = 0; i < LESSON_CANDIDATES; i++) {
        size_t at = i;
        for (; at > 0 && score[order[at - 1]] < score[i]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    for (size_t i = 0; i < RK_LESSON_TOP; i++) {
        sum += ((const double *)l->rating.data)[begin + order[i]] / log2((double)i + 2);
    }
    return sum / ((const double *)l->ideal.data)[q];
}

static void quality_is_that_of_sorting(void **state)
{
    rk_lesson l = lesson_make(partly_detail, 11);
    uint64_t seed = 3;
    (void)state;
    for (size_t q = 0; q < LESSON_QUERIES; q++) {
        double score[LESSON_CANDIDATES];
        for (size_t c = 0; c < LESSON_CANDIDATES; c++) {
            score[c] = test_random(&seed) % 8; /* many ties */
        }
        assert_true(fabs(rk_lesson_quality(&l, q, score) - quality_by_sorting(&l, q, score)) < 1e-12);
    }
    rk_lesson_release(&l);
}

static void what_tells_is_found(void **state)
{
    rk_lesson l = lesson_make(mostly_detail, 11);
    rk_error err = {0};
    rk_run run = {0};
    rk_blend blend;
    rk_learned how;
    uint32_t query[LESSON_QUERIES];
    (void)state;
    lesson_all(query);
    assert_int_equal(rk_learn_blend(&l, query, LESSON_QUERIES, &run, &blend, &how, &err), RK_OK);
    assert_true(isfinite(how.penalty));
    assert_true(how.gain > 2 * how.error && how.after > how.before + 0.2);
    assert_true(blend.weight[rk_feature_find("detail")] > 0.5);
    rk_lesson_release(&l);
}

static void chance_seldom_teaches(void **state)
{
    size_t n_taught = 0;
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        rk_lesson l = lesson_make(by_chance, seed);
        rk_error err = {0};
        rk_run run = {0};
        rk_blend blend, base = rk_blend_default();
        rk_learned how;
        uint32_t query[LESSON_QUERIES];
        lesson_all(query);
        assert_int_equal(rk_learn_blend(&l, query, LESSON_QUERIES, &run, &blend, &how, &err), RK_OK);
        assert_int_equal(isinf(how.penalty) != 0, memcmp(&blend, &base, sizeof blend) == 0);
        n_taught += !isinf(how.penalty);
        rk_lesson_release(&l);
    }
    assert_true(n_taught <= 1);
}

static void threads_change_nothing(void **state)
{
    rk_lesson l = lesson_make(partly_detail, 11);
    rk_error err = {0};
    rk_run run = {0}, three = {.pool = rk_pool_new(3)};
    rk_blend a, b;
    rk_learned how;
    uint32_t query[LESSON_QUERIES];
    (void)state;
    lesson_all(query);
    assert_non_null(three.pool);
    assert_int_equal(rk_learn_blend(&l, query, LESSON_QUERIES, &run, &a, &how, &err), RK_OK);
    assert_int_equal(rk_learn_blend(&l, query, LESSON_QUERIES, &three, &b, &how, &err), RK_OK);
    assert_memory_equal(&a, &b, sizeof a);
    rk_pool_free(three.pool);
    rk_lesson_release(&l);
}

static void four_questions_are_too_few(void **state)
{
    rk_lesson l = lesson_make(partly_detail, 11);
    rk_error err = {0};
    rk_run run = {0};
    rk_blend blend;
    rk_learned how;
    uint32_t query[LESSON_QUERIES];
    (void)state;
    lesson_all(query);
    assert_int_equal(rk_learn_blend(&l, query, 4, &run, &blend, &how, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "4 questions with a good item are too few to learn from; 5 is the least");
    rk_lesson_release(&l);
}

static bool learn_from_five(void *lesson)
{
    rk_error err = {0};
    rk_run run = {0};
    rk_blend blend;
    rk_learned how;
    uint32_t query[LESSON_QUERIES];
    lesson_all(query);
    return rk_learn_blend(lesson, query, 5, &run, &blend, &how, &err) == RK_OK;
}

static void failed_allocations_are_survived(void **state)
{
    rk_lesson l = lesson_make(partly_detail, 11);
    (void)state;
    assert_true(fault_some(learn_from_five, &l) > 10);
    rk_lesson_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quality_is_that_of_sorting), cmocka_unit_test(what_tells_is_found),
        cmocka_unit_test(chance_seldom_teaches),      cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(four_questions_are_too_few), cmocka_unit_test(failed_allocations_are_survived),
    };
    return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}

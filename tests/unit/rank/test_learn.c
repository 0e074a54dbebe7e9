/* test_learn.c - what learning finds, what it leaves alone, and that it does not depend on threads. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "rank/learn.h"
#include "support/faults.h"
#include "support/test.h"

enum { QUERIES = 40, CANDIDATES = 30 };

static double uniform(uint64_t *seed) { return test_random(seed) % 100000 / 100000.0; }

static double ideal_of(const double *rating, size_t n)
{
    double sorted[CANDIDATES], sum = 0;
    memcpy(sorted, rating, n * sizeof *rating);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            if (sorted[j] > sorted[i]) {
                double other = sorted[i];
                sorted[i] = sorted[j];
                sorted[j] = other;
            }
        }
        sum += i < RK_LESSON_TOP ? sorted[i] / log2((double)i + 2) : 0;
    }
    return sum;
}

/* Every feature is noise; an item is good when `telling` of its "detail" and the rest of chance says so. */
static rk_lesson make_lesson(double telling)
{
    rk_lesson lesson = rk_lesson_of();
    rk_error err = {0};
    uint64_t seed = 11;
    size_t detail = rk_feature_find("detail");
    for (size_t q = 0; q < QUERIES; q++) {
        float feature[CANDIDATES * RK_FEATURES_MAX];
        double rating[CANDIDATES];
        uint32_t item[CANDIDATES];
        for (size_t c = 0; c < CANDIDATES; c++) {
            for (size_t f = 0; f < rk_n_features; f++) {
                feature[c * rk_n_features + f] = (float)uniform(&seed);
            }
            double luck = telling * (double)feature[c * rk_n_features + detail] + (1 - telling) * uniform(&seed);
            rating[c] = luck > 0.8 ? 3 : 0;
            item[c] = (uint32_t)c;
        }
        rating[q % CANDIDATES] = 1; /* no query without a good item */
        assert_int_equal(rk_lesson_add(&lesson, feature, rating, item, CANDIDATES, ideal_of(rating, CANDIDATES), &err),
                         RK_OK);
    }
    return lesson;
}

static void all_queries(uint32_t query[QUERIES])
{
    for (uint32_t q = 0; q < QUERIES; q++) {
        query[q] = q;
    }
}

static double quality_by_sorting(const rk_lesson *l, size_t q, const double *score)
{
    size_t begin = rk_lesson_begin(l, q), order[CANDIDATES];
    double sum = 0;
    for (size_t i = 0; i < CANDIDATES; i++) {
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
    rk_lesson l = make_lesson(0.5);
    uint64_t seed = 3;
    (void)state;
    for (size_t q = 0; q < QUERIES; q++) {
        double score[CANDIDATES];
        for (size_t c = 0; c < CANDIDATES; c++) {
            score[c] = test_random(&seed) % 8; /* many ties */
        }
        assert_true(fabs(rk_lesson_quality(&l, q, score) - quality_by_sorting(&l, q, score)) < 1e-12);
    }
    rk_lesson_release(&l);
}

static void what_tells_is_found(void **state)
{
    rk_lesson l = make_lesson(0.9);
    rk_error err = {0};
    rk_run run = {0};
    rk_blend blend;
    rk_learned how;
    uint32_t query[QUERIES];
    (void)state;
    all_queries(query);
    assert_int_equal(rk_learn_blend(&l, query, QUERIES, &run, &blend, &how, &err), RK_OK);
    assert_true(isfinite(how.penalty));
    assert_true(how.gain > 2 * how.error && how.after > how.before + 0.2);
    assert_true(blend.weight[rk_feature_find("detail")] > 0.5);
    rk_lesson_release(&l);
}

static void chance_teaches_nothing(void **state)
{
    rk_lesson l = make_lesson(0);
    rk_error err = {0};
    rk_run run = {0};
    rk_blend blend, base = rk_blend_default();
    rk_learned how;
    uint32_t query[QUERIES];
    (void)state;
    all_queries(query);
    assert_int_equal(rk_learn_blend(&l, query, QUERIES, &run, &blend, &how, &err), RK_OK);
    assert_true(isinf(how.penalty));
    assert_memory_equal(&blend, &base, sizeof blend);
    rk_lesson_release(&l);
}

static void threads_change_nothing(void **state)
{
    rk_lesson l = make_lesson(0.7);
    rk_error err = {0};
    rk_run run = {0}, three = {.pool = rk_pool_new(3)};
    rk_blend a, b;
    rk_learned how;
    uint32_t query[QUERIES];
    (void)state;
    all_queries(query);
    assert_non_null(three.pool);
    assert_int_equal(rk_learn_blend(&l, query, QUERIES, &run, &a, &how, &err), RK_OK);
    assert_int_equal(rk_learn_blend(&l, query, QUERIES, &three, &b, &how, &err), RK_OK);
    assert_memory_equal(&a, &b, sizeof a);
    rk_pool_free(three.pool);
    rk_lesson_release(&l);
}

static void four_questions_are_too_few(void **state)
{
    rk_lesson l = make_lesson(0.7);
    rk_error err = {0};
    rk_run run = {0};
    rk_blend blend;
    rk_learned how;
    uint32_t query[QUERIES];
    (void)state;
    all_queries(query);
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
    uint32_t query[QUERIES];
    all_queries(query);
    return rk_learn_blend(lesson, query, 5, &run, &blend, &how, &err) == RK_OK;
}

static void failed_allocations_are_survived(void **state)
{
    rk_lesson l = make_lesson(0.7);
    (void)state;
    assert_true(fault_some(learn_from_five, &l) > 10);
    rk_lesson_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quality_is_that_of_sorting), cmocka_unit_test(what_tells_is_found),
        cmocka_unit_test(chance_teaches_nothing),     cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(four_questions_are_too_few), cmocka_unit_test(failed_allocations_are_survived),
    };
    return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}

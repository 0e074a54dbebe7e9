/* test_smaller.c - fewer factors, and a teacher's lists in short vectors. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/compress.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 120, ITEMS = 90, TASTES = 3, EACH = 8 };

typedef struct {
    small_folder at;
    bool pairs[USERS * ITEMS];
} shop;

/* Users of three tastes, each with items of its own. */
static int make_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    small_folder_make(&s->at);
    rk_random random = rk_random_of(9, 0);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t e = 0; e < EACH; e++) {
            uint32_t taste = rk_random_below(&random, 10) == 0 ? rk_random_below(&random, TASTES) : u % TASTES;
            s->pairs[u * ITEMS + rk_random_below(&random, ITEMS / TASTES) * TASTES + taste] = true;
        }
    }
    small_dataset_write(&(small_dataset){.n_users = USERS, .n_items = ITEMS, .is_pair = s->pairs}, s->at.data);
    *state = s;
    return 0;
}

static int remove_shop(void **state)
{
    shop *s = *state;
    small_folder_remove(&s->at);
    free(s);
    return 0;
}

static void train(const shop *s, const char *name, const char *const *set, size_t n_set)
{
    rk_error err = {0};
    if (rk_model_train(s->at.data, name, set, n_set, s->at.model, &(rk_run){0}, &err)) {
        fail_msg("%s", err.message);
    }
}

static rk_model *compressed(const shop *s, const char *to)
{
    rk_error err = {0};
    rk_compression report;
    if (rk_compress(s->at.model, to, NULL, 0, s->at.small, &(rk_run){0}, &report, &err)) {
        fail_msg("%s", err.message);
    }
    return small_model_open(s->at.small);
}

/* is_new: as somebody unknown with the same history. */
static void scores_of(const rk_model *model, uint32_t user, bool is_new, float *scores)
{
    rk_error err = {0};
    rk_arena arena = {0};
    rk_query query;
    rk_status status = is_new ? rk_model_encode(model, rk_model_seen(model, user), &arena, &query, &err)
                              : rk_model_user_query(model, user, &arena, &query, &err);
    if (status) {
        fail_msg("%s", err.message);
    }
    rk_model_scores(model, &query, 0, ITEMS, scores);
    rk_arena_release(&arena);
}

/* ---- factors ---- */

static void all_factors_keep_every_score(void **state)
{
    const shop *s = *state;
    static const char *const set[] = {"factors=12", "iterations=4"};
    train(s, "als", set, 2);
    rk_model *whole = small_model_open(s->at.model), *same = compressed(s, "factors(12)");
    for (uint32_t u = 0; u < USERS; u++) {
        for (int is_new = 0; is_new < 2; is_new++) {
            float a[ITEMS], b[ITEMS];
            scores_of(whole, u, is_new, a);
            scores_of(same, u, is_new, b);
            for (size_t i = 0; i < ITEMS; i++) {
                assert_true(fabsf(a[i] - b[i]) < 2e-5f);
            }
        }
    }
    rk_model_close(whole);
    rk_model_close(same);
}

/* The sum of squares that the best scores of rank k leave out: all squares less those of the k largest singular
 * values, found by the power method on the scores themselves. */
static double least_error(const float *scores, size_t k)
{
    static double rest[USERS * ITEMS];
    double left = 0;
    for (size_t i = 0; i < USERS * ITEMS; i++) {
        rest[i] = (double)scores[i];
    }
    for (size_t f = 0; f < k; f++) {
        double v[ITEMS], u[USERS];
        for (size_t i = 0; i < ITEMS; i++) {
            v[i] = 1 + (double)((i * 7 + f) % 11);
        }
        for (size_t round = 0; round < 3000; round++) {
            double square = 0;
            memset(u, 0, sizeof u);
            for (size_t r = 0; r < USERS; r++) {
                for (size_t i = 0; i < ITEMS; i++) {
                    u[r] += rest[r * ITEMS + i] * v[i];
                }
            }
            memset(v, 0, sizeof v);
            for (size_t r = 0; r < USERS; r++) {
                for (size_t i = 0; i < ITEMS; i++) {
                    v[i] += rest[r * ITEMS + i] * u[r];
                }
            }
            for (size_t i = 0; i < ITEMS; i++) {
                square += v[i] * v[i];
            }
            for (size_t i = 0; i < ITEMS; i++) {
                v[i] /= sqrt(square);
            }
        }
        for (size_t r = 0; r < USERS; r++) {
            double along = 0;
            for (size_t i = 0; i < ITEMS; i++) {
                along += rest[r * ITEMS + i] * v[i];
            }
            for (size_t i = 0; i < ITEMS; i++) {
                rest[r * ITEMS + i] -= along * v[i];
            }
        }
    }
    for (size_t i = 0; i < USERS * ITEMS; i++) {
        left += rest[i] * rest[i];
    }
    return left;
}

static void fewer_factors_are_the_best_of_their_rank(void **state)
{
    const shop *s = *state;
    static const char *const set[] = {"factors=8", "iterations=4"};
    static float before[USERS * ITEMS], after[USERS * ITEMS];
    train(s, "als", set, 2);
    rk_model *whole = small_model_open(s->at.model), *half = compressed(s, "factors(3)");
    double error = 0, all = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        scores_of(whole, u, false, before + u * ITEMS);
        scores_of(half, u, false, after + u * ITEMS);
    }
    for (size_t i = 0; i < USERS * ITEMS; i++) {
        error += pow((double)(before[i] - after[i]), 2);
        all += pow((double)before[i], 2);
    }
    double least = least_error(before, 3);
    assert_true(fabs(error - least) < 1e-3 * least);
    const json_t *meta = rk_artefact_meta(rk_model_artefact(half));
    const json_t *step = json_array_get(json_object_get(json_object_get(meta, "compression"), "steps"), 0);
    assert_true(fabs(json_real_value(json_object_get(step, "kept_squares")) - (1 - least / all)) < 1e-3);
    rk_model_close(whole);
    rk_model_close(half);
}

static void expect_refusal(const shop *s, const char *to, const char *message)
{
    rk_error err = {0};
    rk_compression report;
    assert_int_not_equal(rk_compress(s->at.model, to, NULL, 0, s->at.small, &(rk_run){0}, &report, &err), RK_OK);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
}

static void what_cannot_be_cut_is_refused(void **state)
{
    const shop *s = *state;
    static const char *const als[] = {"factors=8", "iterations=1"}, *const bpr[] = {"factors=8", "epochs=1"};
    train(s, "als", als, 2);
    expect_refusal(s, "factors(9)", "has 8 factors, and 9 are to stay");
    train(s, "bpr", bpr, 2);
    expect_refusal(s, "factors(4)", "a model 'bpr' cannot fold in new histories over fewer factors");
}

/* ---- distil ---- */

static double share_of_own_taste(const rk_model *model, bool is_new)
{
    rk_error err;
    size_t own = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        float scores[ITEMS];
        uint32_t items[10];
        float best[10];
        rk_history seen = rk_model_seen(model, u);
        rk_topk *topk = rk_topk_new(10);
        scores_of(model, u, is_new, scores);
        rk_topk_offer(topk, 0, scores, ITEMS, seen.item, seen.n);
        assert_int_equal(rk_topk_take(topk, items, best), 10);
        rk_topk_free(topk);
        for (size_t i = 0; i < 10; i++) {
            own += items[i] % TASTES == u % TASTES;
        }
    }
    (void)err;
    return (double)own / (USERS * 10);
}

static void a_student_knows_what_the_teacher_knows(void **state)
{
    const shop *s = *state;
    train(s, "itemknn", NULL, 0);
    rk_model *teacher = small_model_open(s->at.model), *student = compressed(s, "distil(8,epochs=30)");
    assert_string_equal(rk_model_kind_of(student)->name, "linear");
    assert_int_equal(rk_model_dim(student), 8);
    double wanted = share_of_own_taste(teacher, false);
    assert_true(wanted > 0.9);
    assert_true(share_of_own_taste(student, false) > wanted - 0.05);
    assert_true(share_of_own_taste(student, true) > wanted - 0.05);
    rk_model_close(teacher);
    rk_model_close(student);
}

static void reasons_add_up_to_the_score(void **state)
{
    const shop *s = *state;
    rk_error err = {0};
    train(s, "itemknn", NULL, 0);
    rk_model *student = compressed(s, "distil(8,epochs=3)");
    for (uint32_t u = 0; u < USERS; u += 17) {
        rk_arena arena = {0};
        float scores[ITEMS];
        uint32_t items[] = {1, 50, 88};
        rk_history seen = rk_model_seen(student, u);
        float *weight = RK_TAKE(&arena, float, 3 * seen.n);
        scores_of(student, u, true, scores);
        assert_int_equal(rk_model_kind_of(student)->explain(student, seen, items, 3, &arena, weight, &err), RK_OK);
        for (size_t i = 0; i < 3; i++) {
            double sum = 0;
            for (size_t h = 0; h < seen.n; h++) {
                sum += (double)weight[i * seen.n + h];
            }
            assert_true(fabs(sum - (double)scores[items[i]]) < 1e-5);
        }
        rk_arena_release(&arena);
    }
    rk_model_close(student);
}

static void threads_do_not_change_a_student(void **state)
{
    const shop *s = *state;
    rk_error err = {0};
    rk_compression report;
    rk_pool *pool = rk_pool_new(3);
    train(s, "itemknn", NULL, 0);
    rk_model *one = compressed(s, "distil(8,epochs=3)+int8");
    assert_int_equal(rk_compress(s->at.model, "distil(8,epochs=3)+int8", NULL, 0, s->at.again, &(rk_run){.pool = pool},
                                 &report, &err),
                     RK_OK);
    rk_model *three = small_model_open(s->at.again);
    assert_int_equal(rk_model_type(one), RK_I8);
    assert_true(rk_artefact_hash(rk_model_artefact(one)) == rk_artefact_hash(rk_model_artefact(three)));
    rk_model_close(one);
    rk_model_close(three);
    rk_pool_free(pool);
}

static bool try_all(void *context)
{
    const shop *s = context;
    rk_error err;
    rk_compression report;
    bool is_done = rk_compress(s->at.model, "factors(3)+distil(4,epochs=1)+fp16", NULL, 0, s->at.small, &(rk_run){0},
                               &report, &err) == 0;
    assert_int_equal(access(s->at.small, F_OK), is_done ? 0 : -1);
    unlink(s->at.small);
    return is_done;
}

static void every_failed_allocation_is_survived(void **state)
{
    const shop *s = *state;
    static const char *const set[] = {"factors=4", "iterations=1"};
    train(s, "als", set, 2);
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(try_all, *state) > 100);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_shop, remove_shop)
    const struct CMUnitTest tests[] = {
        CASE(all_factors_keep_every_score),        CASE(fewer_factors_are_the_best_of_their_rank),
        CASE(what_cannot_be_cut_is_refused),       CASE(a_student_knows_what_the_teacher_knows),
        CASE(reasons_add_up_to_the_score),         CASE(threads_do_not_change_a_student),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_hybrid.c - blends: scores are the weighted sum of the parts', ranks are fused as written, weights are the best
 * found, and a draft answers as the file does. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/holdout.h"
#include "fixture.h"
#include "model/answer.h"
#include "model/hybrid.h"
#include "support/test.h"

enum { USERS = 120, ITEMS = 300, EVENTS = 5000 };

typedef struct {
    char dir[64], path[256];
    fixture data;
    rk_model *model;
} blend;

static blend make_blend(const char *by, const char *parts)
{
    blend b = {.data = fixture_random(41, USERS, ITEMS, EVENTS)};
    char by_text[32], parts_text[128];
    snprintf(by_text, sizeof by_text, "by=%s", by);
    snprintf(parts_text, sizeof parts_text, "parts=%s", parts);
    const char *const set[] = {parts_text, by_text, "depth=40", NULL};
    rk_error err = {0};
    fixture_folder(b.dir);
    fixture_train_file(&b.data, b.dir, "hybrid", fixture_path(b.path, b.dir, "hybrid.rk"), set);
    if (rk_model_open(b.path, &b.model, &err)) {
        print_error("%s\n", err.message);
        fail();
    }
    return b;
}

static void drop_blend(blend *b)
{
    rk_model_close(b->model);
    fixture_remove(b->dir);
    fixture_release(&b->data);
}

static const char parts[] = "als:factors=8,iterations=3;popular;als:factors=4,weigh=one";

static void a_blend_of_scores_is_the_weighted_sum(void **state)
{
    (void)state;
    blend b = make_blend("scores", parts);
    rk_arena arena = {0};
    rk_error err;
    assert_int_equal(rk_model_n_layers(b.model), 3);
    for (uint32_t u = 0; u < 20; u++) {
        rk_query query;
        float all[ITEMS], one;
        double sum[ITEMS] = {0};
        assert_int_equal(rk_model_user_query(b.model, u, &arena, &query, &err), RK_OK);
        rk_model_scores(b.model, &query, 0, ITEMS, all);
        for (size_t p = 0; p < 3; p++) {
            float weight, part[ITEMS];
            const rk_model *layer = rk_model_layer(b.model, p, &weight);
            rk_query of_part;
            assert_int_equal(rk_model_user_query(layer, u, &arena, &of_part, &err), RK_OK);
            rk_model_scores(layer, &of_part, 0, ITEMS, part);
            for (uint32_t i = 0; i < ITEMS; i++) {
                sum[i] += (double)weight * (double)part[i];
            }
        }
        for (uint32_t i = 0; i < ITEMS; i++) {
            rk_model_scores(b.model, &query, i, 1, &one);
            assert_true(fabs((double)all[i] - sum[i]) < 1e-4 * (1 + fabs(sum[i])));
            assert_true(one == all[i]);
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    drop_blend(&b);
}

/* 1 / (60 + rank) of an item, by counting who stands before it. */
static double fused(const float *score, rk_history seen, uint32_t item, uint32_t depth)
{
    uint32_t rank = 1;
    for (uint32_t i = 0, h = 0; i < ITEMS; i++) {
        while (h < seen.n && seen.item[h] < i) {
            h++;
        }
        bool is_seen = h < seen.n && seen.item[h] == i;
        rank += !is_seen && i != item && (score[i] > score[item] || (score[i] == score[item] && i < item));
    }
    return rank <= depth ? 1 / (60.0 + rank) : 0;
}

static void a_blend_of_ranks_adds_reciprocal_ranks(void **state)
{
    (void)state;
    blend b = make_blend("ranks", parts);
    rk_arena arena = {0};
    rk_error err;
    const json_t *list = json_object_get(rk_artefact_meta(rk_model_artefact(b.model)), "parts");
    assert_int_equal(rk_model_n_layers(b.model), 0);
    for (uint32_t u = 0; u < 20; u++) {
        rk_query query;
        float all[ITEMS], part[ITEMS];
        double sum[ITEMS] = {0};
        rk_history seen = rk_model_seen(b.model, u);
        assert_int_equal(rk_model_user_query(b.model, u, &arena, &query, &err), RK_OK);
        rk_model_scores(b.model, &query, 0, ITEMS, all);
        for (size_t p = 0; p < 3; p++) {
            const rk_model *of = rk_model_part_at(b.model, p);
            double weight = json_number_value(json_object_get(json_array_get(list, p), "weight"));
            rk_model_scores(of, &query.parts[p], 0, ITEMS, part);
            for (uint32_t i = 0, h = 0; i < ITEMS; i++) {
                while (h < seen.n && seen.item[h] < i) {
                    h++;
                }
                sum[i] += h < seen.n && seen.item[h] == i ? 0 : weight * fused(part, seen, i, 40);
            }
        }
        for (uint32_t i = 0; i < ITEMS; i++) {
            assert_true(fabs((double)all[i] - sum[i]) < 1e-6);
        }
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    drop_blend(&b);
}

static void answers_are_full_and_reasons_are_taken_items(void **state)
{
    (void)state;
    static const char *const ways[] = {"scores", "ranks"};
    for (size_t w = 0; w < 2; w++) {
        blend b = make_blend(ways[w], parts);
        rk_desk *desk = rk_desk_new();
        rk_error err = {0};
        rk_answer answer;
        rk_history seen = rk_model_seen(b.model, 3);
        rk_wish wish = {.user = 3, .n = ITEMS, .n_reasons = 1};
        assert_int_equal(rk_answer_recommend(desk, b.model, &wish, &answer, &err), RK_OK);
        assert_int_equal(answer.n, ITEMS - seen.n);
        bool has_reason = false;
        for (uint32_t i = 0; i < answer.n; i++) {
            bool is_taken = false;
            for (size_t h = 0; h < seen.n; h++) {
                is_taken |= answer.reason[i] == seen.item[h];
            }
            has_reason |= is_taken;
            assert_true(is_taken || answer.reason[i] == UINT32_MAX);
        }
        assert_true(has_reason);
        assert_int_equal(rk_answer_similar(desk, b.model, &(rk_like_wish){.item = 5, .n = 4}, &answer, &err), RK_OK);
        assert_int_equal(answer.n, 4);
        rk_desk_free(desk);
        drop_blend(&b);
    }
}

static double uniform(uint64_t *seed) { return test_random(seed) / 2147483648.0; }

static void learned_weights_are_no_worse_than_any_part_alone(void **state)
{
    (void)state;
    enum { N = 60, EACH = 30, PARTS = 3 };
    uint64_t seed = 7, start[N + 1];
    float feature[N * EACH * PARTS];
    unsigned char wanted[N * EACH];
    uint32_t n_wanted[N];
    for (size_t u = 0; u <= N; u++) {
        start[u] = u * EACH;
    }
    for (size_t c = 0; c < (size_t)N * EACH; c++) {
        wanted[c] = c % EACH < 4;
        for (size_t p = 0; p < PARTS; p++) { /* a good part, a fair one, and noise */
            double signal = p == 0 ? 1.0 : p == 1 ? 0.6 : 0;
            feature[c * PARTS + p] = (float)(signal * wanted[c] + 2 * uniform(&seed));
        }
    }
    for (size_t u = 0; u < N; u++) {
        n_wanted[u] = 4;
    }
    rk_blend_table table = {PARTS, N, start, feature, wanted, n_wanted};
    double weight[PARTS] = {1, 1, 1}, learned = rk_blend_learn(&table, NULL, weight);
    assert_true(fabs(learned - rk_blend_quality(&table, weight, NULL)) < 1e-12);
    for (size_t p = 0; p < PARTS; p++) {
        double alone[PARTS] = {0};
        alone[p] = 1;
        assert_true(learned >= rk_blend_quality(&table, alone, NULL));
    }
    assert_true(weight[2] < weight[0] && weight[2] < weight[1]);
}

static void quality_is_ndcg_with_ties_against_the_wanted(void **state)
{
    (void)state;
    uint64_t start[] = {0, 4, 6};
    float feature[] = {3, 2, 2, 1, 0, 0};
    unsigned char wanted[] = {0, 1, 0, 1, 1, 0};
    uint32_t n_wanted[] = {3, 1};
    rk_blend_table table = {1, 2, start, feature, wanted, n_wanted};
    double one = 1, nothing = 0;
    double ideal3 = 1 + 1 / log2(3) + 0.5, first = (1 / log2(4) + 1 / log2(5)) / ideal3, second = 1 / log2(3);
    assert_true(fabs(rk_blend_quality(&table, &one, NULL) - (first + second) / 2) < 1e-12);
    assert_true(rk_blend_quality(&table, &nothing, NULL) < rk_blend_quality(&table, &one, NULL) + 1e-12);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    const char *const set[] = {"parts=als:factors=8,iterations=3;popular", NULL};
    fixture f = fixture_random(42, USERS, ITEMS, EVENTS);
    rk_model_draft one = fixture_train(&f, "hybrid", 1, set);
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        rk_model_draft more = fixture_train(&f, "hybrid", threads, set);
        assert_true(one.parts[0].weight == more.parts[0].weight && one.parts[1].weight == more.parts[1].weight);
        assert_memory_equal(one.parts[0].draft.item_vector, more.parts[0].draft.item_vector,
                            (size_t)ITEMS * 8 * sizeof(float));
        rk_model_draft_release(&more);
    }
    rk_model_draft_release(&one);
    fixture_release(&f);
}

static void foolish_parts_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *parts, *words;
    } cases[] = {
        {"als", "two or more"},
        {"als;", "no model is called ''"},
        {"als;popluar", "did you mean 'popular'?"},
        {"als:factor=3;popular", "factors"},
        {"als;hybrid", "no part of a blend"},
        {"als;als;als;als;als;als;als;als;als", "at most 8"},
    };
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        rk_part_wish wishes[RK_MODEL_PARTS_MAX];
        rk_error err = {0};
        size_t n = 0;
        assert_int_equal(rk_parts_parse(cases[c].parts, wishes, &n, &err), RK_BAD_USAGE);
        if (!strstr(err.message, cases[c].words)) {
            print_error("'%s'\n", err.message);
        }
        assert_non_null(strstr(err.message, cases[c].words));
        rk_parts_release(wishes, n);
    }
}

static void what_is_held_out_is_out(void **state)
{
    (void)state;
    fixture f = fixture_random(43, USERS, ITEMS, EVENTS);
    rk_holdout holdout;
    rk_csr all = {0}, train = {0};
    rk_error err;
    assert_int_equal(rk_holdout_make(&f.dataset, 0.3, 9, &holdout, &err), RK_OK);
    assert_int_equal(rk_dataset_matrix(&f.dataset, RK_PAIR_COUNT, &all, &err), RK_OK);
    assert_int_equal(rk_dataset_matrix(&holdout.train, RK_PAIR_COUNT, &train, &err), RK_OK);
    uint64_t n_all = all.start[USERS], n_train = train.start[USERS], n_test = holdout.test.start[USERS];
    assert_int_equal(n_all, n_train + n_test);
    assert_true(fabs((double)n_test / (double)n_all - 0.3) < 0.05);
    for (uint32_t u = 0; u < USERS; u++) {
        uint64_t a = all.start[u], r = train.start[u], t = holdout.test.start[u];
        for (; a < all.start[u + 1]; a++) { /* each pair is on one side, with all its events */
            bool in_train = r < train.start[u + 1] && train.col[r] == all.col[a];
            assert_true(in_train ? train.value[r] == all.value[a] : holdout.test.col[t] == all.col[a]);
            r += in_train;
            t += !in_train;
        }
        assert_true(all.start[u] == all.start[u + 1] || train.start[u] < train.start[u + 1]);
    }
    for (uint32_t i = 0; i < ITEMS; i++) {
        for (uint64_t e = holdout.train.item_start[i]; e < holdout.train.item_start[i + 1]; e++) {
            assert_int_equal(holdout.train.event_item[holdout.train.item_event[e]], i);
        }
    }
    rk_csr_release(&all);
    rk_csr_release(&train);
    rk_holdout_release(&holdout);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blend_of_scores_is_the_weighted_sum),
        cmocka_unit_test(a_blend_of_ranks_adds_reciprocal_ranks),
        cmocka_unit_test(answers_are_full_and_reasons_are_taken_items),
        cmocka_unit_test(learned_weights_are_no_worse_than_any_part_alone),
        cmocka_unit_test(quality_is_ndcg_with_ties_against_the_wanted),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(foolish_parts_are_refused),
        cmocka_unit_test(what_is_held_out_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_topk.c - the fast heap must agree with sorting everything. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "math/random.h"
#include "math/topk.h"

enum { N = 700 };

typedef struct {
    float score;
    uint32_t item;
} entry;

static int by_score_then_item(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score ? 1 : (x->item > y->item) - (x->item < y->item);
}

static size_t sort_everything(const float *scores, const bool *is_skipped, entry *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < N; i++) {
        if (!isnan(scores[i]) && !is_skipped[i]) {
            out[n++] = (entry){scores[i], i};
        }
    }
    qsort(out, n, sizeof *out, by_score_then_item);
    return n;
}

static void assert_kept(rk_topk *topk, size_t k, const entry *sorted, size_t n_sorted)
{
    uint32_t items[N + 1];
    float scores[N + 1];
    size_t n = rk_topk_take(topk, items, scores);
    assert_int_equal(n, k < n_sorted ? k : n_sorted);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(items[i], sorted[i].item);
        assert_true(scores[i] == sorted[i].score);
    }
    assert_int_equal(rk_topk_take(topk, items, NULL), 0);
}

/* kind 0: few values, many ties; 1: all differ; 2: rising, so that every offer enters; 3: ends of the range and NaN */
static float any_score(rk_random *random, int kind, uint32_t item)
{
    static const float odd[] = {NAN, INFINITY, -INFINITY, 0.0f, -0.0f, 1e-45f, -1e-45f, 3.4e38f, -3.4e38f};
    switch (kind) {
    case 0:
        return (float)rk_random_below(random, 5) - 2.0f;
    case 1:
        return (float)rk_random_normal(random);
    case 2:
        return (float)item;
    default:
        return odd[rk_random_below(random, sizeof odd / sizeof *odd)];
    }
}

/* The pieces of [0, N) are offered in any order, each with the whole skip list. */
static void offer_in_pieces(rk_topk *topk, rk_random *random, const float *scores, const uint32_t *skip, size_t n_skip)
{
    uint32_t piece = 1 + rk_random_below(random, N), order[N];
    uint32_t n_pieces = (N + piece - 1) / piece;
    rk_random_shuffle(random, order, n_pieces);
    for (uint32_t i = 0; i < n_pieces; i++) {
        uint32_t begin = order[i] * piece, end = begin + piece < N ? begin + piece : N;
        rk_topk_offer(topk, begin, scores + begin, end - begin, skip, n_skip);
    }
}

static void the_heap_agrees_with_a_full_sort(void **state)
{
    (void)state;
    static const size_t ks[] = {1, 2, 10, 31, 100, N - 1, N, N + 1};
    rk_random random = rk_random_of(1, 0);
    for (int round = 0; round < 400; round++) {
        float scores[N];
        uint32_t skip[N], n_skip = 0;
        bool is_skipped[N] = {false};
        entry sorted[N];
        size_t k = ks[round % 8];
        for (uint32_t i = 0; i < N; i++) {
            scores[i] = any_score(&random, round / 8 % 4, i);
            is_skipped[i] = rk_random_below(&random, 10) < (uint32_t)(round % 5);
            if (is_skipped[i]) {
                skip[n_skip++] = i;
            }
        }
        size_t n_sorted = sort_everything(scores, is_skipped, sorted);
        rk_topk *topk = rk_topk_new(k);
        assert_non_null(topk);
        offer_in_pieces(topk, &random, scores, skip, n_skip);
        assert_kept(topk, k, sorted, n_sorted);
        for (uint32_t i = N; i-- > 0;) {
            if (!is_skipped[i]) {
                rk_topk_offer_one(topk, i, scores[i]);
            }
        }
        assert_kept(topk, k, sorted, n_sorted);
        rk_topk_free(topk);
    }
}

static void equal_scores_go_to_the_smaller_id(void **state)
{
    (void)state;
    const float scores[] = {0.5f, 0.9f, NAN, 0.9f, 0.1f};
    uint32_t items[3];
    rk_topk *topk = rk_topk_new(3);
    assert_non_null(topk);
    rk_topk_offer(topk, 0, scores, 5, NULL, 0);
    assert_int_equal(rk_topk_take(topk, items, NULL), 3);
    assert_int_equal(items[0], 1);
    assert_int_equal(items[1], 3);
    assert_int_equal(items[2], 0);
    rk_topk_free(topk);
}

static void the_last_ids_and_clearing_work(void **state)
{
    (void)state;
    const float scores[] = {1.0f, -INFINITY};
    const uint32_t skip[] = {3, UINT32_MAX - 1};
    uint32_t items[2];
    float kept[2];
    rk_topk *topk = rk_topk_new(2);
    assert_non_null(topk);
    rk_topk_offer_one(topk, 0, 5.0f);
    rk_topk_clear(topk);
    rk_topk_offer(topk, UINT32_MAX - 1, scores, 2, skip, 2);
    assert_int_equal(rk_topk_take(topk, items, kept), 1);
    assert_int_equal(items[0], UINT32_MAX);
    assert_true(kept[0] == -INFINITY);
    rk_topk_free(topk);
    rk_topk_free(NULL);
    assert_null(rk_topk_new(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heap_agrees_with_a_full_sort),
        cmocka_unit_test(equal_scores_go_to_the_smaller_id),
        cmocka_unit_test(the_last_ids_and_clearing_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

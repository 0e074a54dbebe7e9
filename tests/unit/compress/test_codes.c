/* test_codes.c - a model looked through by product codes: what stays exact, what fills up short lists, what is refused.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/compress.h"
#include "math/random.h"
#include "model/bulk.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 40, ITEMS = 1500, DIM = 20, BEST = 10 };

typedef struct {
    small_folder at;
    float items[ITEMS * DIM], users[USERS * DIM], bias[ITEMS];
    bool seen[USERS * ITEMS];
} shop;

/* Numbers in halves, so that many scores are equal. */
static float coarse(rk_random *random) { return (float)(round(2 * rk_random_normal(random)) / 2); }

static int make_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    rk_random random = rk_random_of(9, 0);
    small_folder_make(&s->at);
    for (size_t i = 0; i < ITEMS * DIM; i++) {
        s->items[i] = coarse(&random);
    }
    for (size_t i = 0; i < USERS * DIM; i++) {
        s->users[i] = coarse(&random);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        s->bias[i] = coarse(&random);
    }
    for (size_t i = 0; i < USERS * ITEMS; i++) {
        s->seen[i] = rk_random_below(&random, 50) == 0;
    }
    small_model_write(&(small_model){USERS, ITEMS, DIM, s->items, s->users, s->bias, .seen = s->seen}, s->at.model);
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

static rk_model *compressed(const shop *s, const char *to, rk_compression *report)
{
    rk_error err = {0};
    if (rk_compress(s->at.model, to, NULL, 0, s->at.small, &(rk_run){0}, report, &err)) {
        fail_msg("%s", err.message);
    }
    return small_model_open(s->at.small);
}

typedef struct {
    uint32_t item[ITEMS], n;
    float score[ITEMS];
} list;

static list best(const rk_model *model, uint32_t user, uint32_t n)
{
    rk_arena arena = {0};
    rk_query query;
    rk_error err = {0};
    list found = {0};
    rk_history seen = rk_model_seen(model, user);
    assert_int_equal(rk_model_user_query(model, user, &arena, &query, &err), RK_OK);
    assert_int_equal(rk_model_best(model, &query, seen.item, seen.n, n, found.item, found.score, &found.n, &err),
                     RK_OK);
    rk_arena_release(&arena);
    return found;
}

static bool same_list(const list *a, const list *b)
{
    return a->n == b->n && memcmp(a->item, b->item, a->n * sizeof *a->item) == 0 &&
           memcmp(a->score, b->score, a->n * sizeof *a->score) == 0;
}

static void a_list_of_everything_is_the_original_s(void **state)
{
    static const char *const to[] = {"pq(4,rerank=1500)", "pq(8,rerank=1500)", "pq(8,rerank=1500,rotate=3)",
                                     "pq(4,rerank=1500,parts=4,rotate=2)"};
    const shop *s = *state;
    rk_compression report;
    for (size_t i = 0; i < RK_COUNT_OF(to); i++) {
        rk_model *model = small_model_open(s->at.model), *coded = compressed(s, to[i], &report);
        for (uint32_t u = 0; u < USERS; u++) {
            list a = best(model, u, BEST), b = best(coded, u, BEST);
            assert_true(same_list(&a, &b));
        }
        rk_model_close(model);
        rk_model_close(coded);
    }
}

static size_t in_common(const list *a, const list *b)
{
    size_t n = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        for (uint32_t j = 0; j < b->n; j++) {
            n += a->item[i] == b->item[j];
        }
    }
    return n;
}

/* How many of the first BEST of all users are among those of the codes. */
static size_t found_by(const shop *s, const char *to, rk_compression *report)
{
    rk_model *model = small_model_open(s->at.model), *coded = compressed(s, to, report);
    size_t n = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        list all = best(model, u, ITEMS), b = best(coded, u, BEST), a = all;
        a.n = BEST;
        assert_int_equal(b.n, BEST);
        n += in_common(&a, &b);
        for (uint32_t i = 0; i < BEST; i++) { /* what is listed scores as it does in the original */
            uint32_t j = 0;
            while (j < all.n && all.item[j] != b.item[i]) {
                j++;
            }
            assert_true(j < all.n && all.score[j] == b.score[i]);
        }
    }
    rk_model_close(model);
    rk_model_close(coded);
    return n;
}

static void a_short_list_has_most_of_the_best_and_their_scores(void **state)
{
    const shop *s = *state;
    rk_compression report;
    size_t half_bytes = found_by(s, "pq(4,rerank=150)", &report);
    assert_true(half_bytes > USERS * BEST * 8 / 10); /* of twenty independent numbers in ten codes; a tenth by chance */
    assert_true(report.bytes_after < report.bytes_before / 2);
    half_bytes = found_by(s, "pq(4,rerank=30)", &report);
    size_t bytes = found_by(s, "pq(8,rerank=30,parts=12)", &report);
    assert_true(bytes > half_bytes);
    assert_true(found_by(s, "pq(8,rerank=30,parts=12,rotate=5)", &report) > half_bytes);
}

static json_int_t item_bytes(const shop *s, const char *to)
{
    rk_compression report;
    rk_model *coded = compressed(s, to, &report);
    const json_t *meta = rk_artefact_meta(rk_model_artefact(coded));
    const json_t *step = json_array_get(json_object_get(json_object_get(meta, "compression"), "steps"), 0);
    json_int_t bytes = json_integer_value(json_object_get(step, "item_bytes"));
    assert_true(json_real_value(json_object_get(step, "lost")) > 0);
    rk_model_close(coded);
    return bytes;
}

/* DIM + 1 numbers with the bias. */
static void codes_are_as_long_as_they_are_told(void **state)
{
    const shop *s = *state;
    assert_int_equal(item_bytes(s, "pq(4)"), 6);
    assert_int_equal(item_bytes(s, "pq(4,parts=8)"), 4);
    assert_int_equal(item_bytes(s, "pq(4,bytes=4)"), 4);
    assert_int_equal(item_bytes(s, "pq(8)"), 8); /* six, and parts come by four */
    assert_int_equal(item_bytes(s, "pq(8,parts=8)"), 8);
    assert_int_equal(item_bytes(s, "pq(8,bytes=4)"), 4);
}

static void lists_longer_than_the_short_list_are_exact(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *model = small_model_open(s->at.model), *coded = compressed(s, "pq(4,rerank=5)", &report);
    for (uint32_t u = 0; u < USERS; u++) {
        list a = best(model, u, 300), b = best(coded, u, 300);
        assert_true(same_list(&a, &b));
    }
    rk_model_close(model);
    rk_model_close(coded);
}

static void many_users_at_once_get_the_same_lists(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_error err = {0};
    rk_model *coded = compressed(s, "int8+pq(4,rerank=40)", &report);
    rk_bulk *bulk = rk_bulk_new(coded);
    for (uint32_t u = 0; u < USERS; u++) {
        rk_query *query;
        assert_int_equal(rk_bulk_seat(bulk, u, &query, &err), RK_OK);
    }
    rk_topk *topk[USERS];
    for (uint32_t u = 0; u < USERS; u++) {
        topk[u] = rk_topk_new(BEST);
    }
    for (uint32_t first = 0; first < ITEMS; first += RK_BULK_ITEMS) {
        uint32_t n = ITEMS - first < RK_BULK_ITEMS ? ITEMS - first : RK_BULK_ITEMS;
        const float *scores = rk_bulk_scores(bulk, first, n);
        for (uint32_t u = 0; u < USERS; u++) {
            rk_history seen = rk_model_seen(coded, u);
            rk_topk_offer(topk[u], first, scores + (size_t)u * RK_BULK_ITEMS, n, seen.item, seen.n);
        }
    }
    for (uint32_t u = 0; u < USERS; u++) {
        list a = best(coded, u, BEST), b = {0};
        b.n = (uint32_t)rk_topk_take(topk[u], b.item, b.score);
        assert_true(same_list(&a, &b));
        rk_topk_free(topk[u]);
    }
    rk_bulk_free(bulk);
    rk_model_close(coded);
}

static void what_is_alike_and_single_scores_are_the_original_s(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_error err = {0};
    rk_model *model = small_model_open(s->at.model), *coded = compressed(s, "pq", &report);
    for (uint32_t i = 0; i < 20; i++) {
        list a = {0}, b = {0};
        assert_int_equal(rk_model_similar(model, i, BEST, a.item, a.score, &a.n, &err), RK_OK);
        assert_int_equal(rk_model_similar(coded, i, BEST, b.item, b.score, &b.n, &err), RK_OK);
        assert_true(same_list(&a, &b));
    }
    rk_arena arena = {0};
    rk_query query, other;
    assert_int_equal(rk_model_user_query(model, 3, &arena, &query, &err), RK_OK);
    assert_int_equal(rk_model_user_query(coded, 3, &arena, &other, &err), RK_OK);
    for (uint32_t i = 0; i < ITEMS; i++) {
        float one, two;
        rk_model_scores(coded, &other, i, 1, &one);
        two = rk_model_score(model, &query, i);
        assert_true(one == two);
    }
    rk_arena_release(&arena);
    rk_model_close(model);
    rk_model_close(coded);
}

static void threads_do_not_change_a_bit(void **state)
{
    const shop *s = *state;
    rk_error err = {0};
    rk_compression report;
    rk_pool *pool = rk_pool_new(4);
    rk_artefact *a = NULL, *b = NULL;
    const char *to = "pq(8,rotate=3)";
    assert_int_equal(rk_compress(s->at.model, to, NULL, 0, s->at.small, &(rk_run){0}, &report, &err), RK_OK);
    assert_int_equal(rk_compress(s->at.model, to, NULL, 0, s->at.again, &(rk_run){.pool = pool}, &report, &err), RK_OK);
    assert_int_equal(rk_artefact_open(s->at.small, "model", &a, &err), RK_OK);
    assert_int_equal(rk_artefact_open(s->at.again, "model", &b, &err), RK_OK);
    assert_true(rk_artefact_hash(a) == rk_artefact_hash(b));
    rk_artefact_close(a);
    rk_artefact_close(b);
    rk_pool_free(pool);
}

static void expect_refusal(const shop *s, const char *from, const char *to, const char *message)
{
    rk_error err = {0};
    rk_compression report;
    assert_int_not_equal(rk_compress(from, to, NULL, 0, s->at.again, &(rk_run){0}, &report, &err), RK_OK);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
}

static void codes_come_last_and_once(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model_close(compressed(s, "pq", &report));
    expect_refusal(s, s->at.small, "pq",
                   "is compressed already (pq), and 'pq' wants all items scored by vectors alone");
    expect_refusal(s, s->at.small, "int8", "is compressed already (pq), and 'int8' wants");
    expect_refusal(s, s->at.small, "factors(4)", "is compressed already (pq), and 'factors' wants");
    expect_refusal(s, s->at.model, "pq(6)", "bits");
    expect_refusal(s, s->at.model, "pq(8,parts=10)", "pq: parts=10 is no multiple of 4");
    expect_refusal(s, s->at.model, "pq(8,parts=8,bytes=4)", "pq: parts=8 and bytes=4: one says what the other would");
    expect_refusal(s, s->at.model, "pq(4,bytes=130)", "pq: bytes=130: codes of 4 bits fill 128 bytes at most");
}

/* Any byte may be damaged: the model is refused, or answers within its bounds. */
static void expect_bounds(const shop *s, const char *to)
{
    rk_compression report;
    rk_model_close(compressed(s, to, &report));
    FILE *file = fopen(s->at.small, "rb");
    unsigned char *bytes = malloc(4 << 20);
    size_t n = fread(bytes, 1, 4 << 20, file);
    fclose(file);
    rk_random random = rk_random_of(5, 0);
    for (size_t round = 0; round < 150; round++) {
        unsigned char *damaged = malloc(n);
        memcpy(damaged, bytes, n);
        for (size_t i = 0; i < 8; i++) {
            damaged[rk_random_below(&random, (uint32_t)n)] = (unsigned char)rk_random_below(&random, 256);
        }
        file = fopen(s->at.again, "wb");
        assert_int_equal(fwrite(damaged, 1, n, file), n);
        fclose(file);
        rk_error err = {0};
        rk_model *model = NULL;
        if (rk_model_open(s->at.again, &model, &err) == RK_OK) {
            best(model, (uint32_t)(round % USERS), BEST);
            rk_model_close(model);
        }
        free(damaged);
    }
    free(bytes);
}

static void a_damaged_file_is_refused_or_answers(void **state)
{
    expect_bounds(*state, "pq(4,rerank=20)");
    expect_bounds(*state, "pq(8,rerank=20)");
}

static bool try_codes(void *context)
{
    const shop *s = context;
    rk_error err;
    rk_compression report;
    bool is_done = rk_compress(s->at.model, "pq(4,rerank=20,parts=4,rotate=1)", NULL, 0, s->at.small, &(rk_run){0},
                               &report, &err) == RK_OK;
    assert_int_equal(access(s->at.small, F_OK), is_done ? 0 : -1);
    unlink(s->at.small);
    return is_done;
}

static void every_failed_allocation_is_survived(void **state)
{
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(try_codes, *state) > 100);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_shop, remove_shop)
    const struct CMUnitTest tests[] = {
        CASE(a_list_of_everything_is_the_original_s),
        CASE(a_short_list_has_most_of_the_best_and_their_scores),
        CASE(codes_are_as_long_as_they_are_told),
        CASE(lists_longer_than_the_short_list_are_exact),
        CASE(many_users_at_once_get_the_same_lists),
        CASE(what_is_alike_and_single_scores_are_the_original_s),
        CASE(threads_do_not_change_a_bit),
        CASE(codes_come_last_and_once),
        CASE(a_damaged_file_is_refused_or_answers),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

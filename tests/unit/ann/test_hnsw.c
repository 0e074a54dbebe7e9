/* test_hnsw.c - the graph: found what a loop finds, also with few allowed, after items came, and after a file. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ann/ann.h"
#include "base/file.h"
#include "math/random.h"
#include "support/test.h"

enum { N = 3000, DIM = 24, QUERIES = 40, K = 10 };

typedef struct {
    float base[N * DIM], query[QUERIES * DIM];
    rk_ann_rows rows;
} shop;

/* Lengths differ fourfold, as those of factors do. */
static shop *make_shop(void)
{
    shop *s = calloc(1, sizeof *s);
    rk_random random = rk_random_of(5, 0);
    assert_non_null(s);
    for (size_t i = 0; i < N; i++) {
        double length = exp(0.35 * rk_random_normal(&random));
        for (size_t d = 0; d < DIM; d++) {
            s->base[i * DIM + d] = (float)(length * rk_random_normal(&random) / sqrt((double)d + 1));
        }
    }
    for (size_t i = 0; i < QUERIES * DIM; i++) {
        s->query[i] = (float)(rk_random_normal(&random) / sqrt((double)(i % DIM) + 1));
    }
    s->rows = (rk_ann_rows){s->base, N, DIM, DIM};
    return s;
}

static rk_ann *build(const rk_ann_rows *rows, unsigned threads)
{
    rk_ann *ann = NULL;
    rk_error err = {0};
    rk_ann_wish wish = {.metric = RK_ANN_INNER};
    rk_run run = {.pool = threads > 1 ? rk_pool_new(threads) : NULL, .seed = 3};
    assert_int_equal(rk_ann_kind_need("hnsw", &wish.kind, &err), RK_OK);
    if (rk_ann_build(rows, &wish, &run, &ann, &err)) {
        fail_msg("%s", err.message);
    }
    rk_pool_free(run.pool);
    return ann;
}

static size_t ask(const rk_ann *ann, const float *query, uint32_t effort, const uint64_t *barred, uint32_t items[K])
{
    rk_ann_desk *desk = NULL;
    rk_error err = {0};
    size_t n = 0;
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    assert_int_equal(rk_ann_search(desk, query, (rk_ann_ask){K, effort, barred}, items, NULL, &n, &err), RK_OK);
    rk_ann_desk_free(desk);
    return n;
}

/* Share of the K truly best that an effort finds. */
static double recall(const rk_ann *ann, const shop *s, uint32_t effort, const uint64_t *barred)
{
    size_t n_found = 0, n_true = 0;
    for (size_t q = 0; q < QUERIES; q++) {
        uint32_t best[K], found[K];
        size_t n = ask(ann, s->query + q * DIM, N, barred, best);
        assert_int_equal(ask(ann, s->query + q * DIM, effort, barred, found), n);
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++) {
                n_found += best[i] == found[k];
            }
        }
        n_true += n;
    }
    return (double)n_found / (double)n_true;
}

static void a_short_walk_finds_most(void **state)
{
    shop *s = *state;
    rk_ann *ann = build(&s->rows, 2);
    assert_true(recall(ann, s, 40, NULL) > 0.9);
    assert_true(recall(ann, s, 200, NULL) > 0.985);
    rk_ann_free(ann);
}

static void few_allowed_are_all_found(void **state)
{
    shop *s = *state;
    rk_ann *ann = build(&s->rows, 1);
    uint64_t half[(N + 63) / 64] = {0}, most[(N + 63) / 64], all[(N + 63) / 64];
    uint32_t items[K];
    memset(most, 0xff, sizeof most);
    memset(all, 0xff, sizeof all);
    for (size_t i = 0; i < N; i++) {
        half[i / 64] |= i % 2 ? UINT64_C(1) << (i % 64) : 0;
        most[i / 64] ^= i % 400 == 7 ? UINT64_C(1) << (i % 64) : 0;
    }
    assert_true(recall(ann, s, 60, half) > 0.95);
    assert_true(recall(ann, s, 10, most) > 0.999); /* eight are allowed, and all are found */
    assert_int_equal(ask(ann, s->query, 10, most, items), 8);
    assert_int_equal(ask(ann, s->query, 10, all, items), 0);
    rk_ann_free(ann);
}

static void items_may_come_and_go(void **state)
{
    shop *s = *state;
    rk_error err = {0};
    rk_run run = {.seed = 3};
    rk_ann_rows first = {s->base, 1000, DIM, DIM};
    rk_ann *ann = build(&first, 1);
    for (size_t n = 1000; n < N; n += 500) {
        rk_ann_rows more = {s->base + n * DIM, 500, DIM, DIM};
        assert_int_equal(rk_ann_add(ann, &more, &run, &err), RK_OK);
    }
    assert_int_equal(rk_ann_n_items(ann), N);
    assert_true(recall(ann, s, 100, NULL) > 0.97);
    uint32_t before[K], after[K];
    ask(ann, s->query, 100, NULL, before);
    assert_int_equal(rk_ann_remove(ann, before[0], &err), RK_OK);
    ask(ann, s->query, 100, NULL, after);
    assert_int_equal(after[0], before[1]);
    rk_ann_free(ann);
}

/* Links and lifts were made for shorter ones. */
static void longer_items_may_come(void **state)
{
    static shop longer;
    rk_error err = {0};
    rk_run run = {.seed = 3};
    longer = *(const shop *)*state;
    for (size_t i = 2000 * DIM; i < N * DIM; i++) {
        longer.base[i] *= 3;
    }
    rk_ann_rows first = {longer.base, 2000, DIM, DIM}, more = {longer.base + 2000 * DIM, N - 2000, DIM, DIM};
    rk_ann *ann = build(&first, 1);
    assert_int_equal(rk_ann_add(ann, &more, &run, &err), RK_OK);
    assert_true(recall(ann, &longer, 100, NULL) > 0.97);
    rk_ann_free(ann);
}

static void write_index(const rk_ann *ann, const char *path)
{
    rk_artefact_writer *writer = NULL;
    rk_error err = {0};
    assert_int_equal(rk_artefact_create(path, RK_ANN_ARTEFACT, &writer, &err), RK_OK);
    assert_int_equal(rk_ann_write(ann, writer, &err), RK_OK);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
}

/* What is opened takes items as what was built does. */
static void a_file_goes_on_where_it_was_left(void **state)
{
    shop *s = *state;
    char path[] = "/tmp/reckon-hnsw-XXXXXX";
    rk_error err = {0};
    rk_run run = {.seed = 3};
    rk_ann_rows first = {s->base, 2000, DIM, DIM}, more = {s->base + 2000 * DIM, N - 2000, DIM, DIM};
    rk_ann *built = build(&first, 1), *opened = NULL;
    close(mkstemp(path));
    write_index(built, path);
    assert_int_equal(rk_ann_open(path, &opened, &err), RK_OK);
    assert_int_equal(rk_ann_add(built, &more, &run, &err), RK_OK);
    assert_int_equal(rk_ann_add(opened, &more, &run, &err), RK_OK);
    for (size_t q = 0; q < QUERIES; q++) {
        uint32_t a[K], b[K];
        assert_int_equal(ask(built, s->query + q * DIM, 30, NULL, a), ask(opened, s->query + q * DIM, 30, NULL, b));
        assert_memory_equal(a, b, sizeof a);
    }
    rk_ann_free(built);
    rk_ann_free(opened);
    unlink(path);
}

static int set_up(void **state)
{
    *state = make_shop();
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_walk_finds_most),
        cmocka_unit_test(few_allowed_are_all_found),
        cmocka_unit_test(items_may_come_and_go),
        cmocka_unit_test(longer_items_may_come),
        cmocka_unit_test(a_file_goes_on_where_it_was_left),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* test_ann.c - every kind of the table against a loop over all items: what each must promise. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ann/ann.h"
#include "base/file.h"
#include "math/dot.h"
#include "math/random.h"

enum { N = 1500, DIM = 19, QUERIES = 12, K_MAX = 40 };

typedef struct {
    float base[N * DIM], query[QUERIES * DIM];
} shop;

/* ties: rows of few small whole numbers, so that many items score alike; else lengths differ a hundredfold. */
static shop *make_shop(bool ties, uint64_t seed)
{
    shop *s = calloc(1, sizeof *s);
    rk_random random = rk_random_of(seed, ties);
    for (size_t i = 0; i < N; i++) {
        float length = (float)exp(rk_random_uniform(&random) * 4.6);
        for (size_t d = 0; d < DIM; d++) {
            s->base[i * DIM + d] =
                ties ? (float)rk_random_below(&random, 3) - 1 : (float)rk_random_normal(&random) * length;
        }
    }
    for (size_t i = 0; i < QUERIES * DIM; i++) {
        s->query[i] = ties ? (float)rk_random_below(&random, 3) - 1 : (float)rk_random_normal(&random);
    }
    return s;
}

static rk_ann_rows base_of(const shop *s) { return (rk_ann_rows){s->base, N, DIM, DIM}; }

typedef struct {
    double score;
    uint32_t item;
} entry;

static int best_first(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score ? 1 : (x->item > y->item) - (x->item < y->item);
}

static bool is_barred(const uint64_t *barred, size_t i) { return barred && (barred[i / 64] >> (i % 64) & 1); }

/* By the inner product in fp32, as the promise says. */
static size_t sort_everything(const shop *s, const float *query, const uint64_t *barred, entry *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < N; i++) {
        if (!is_barred(barred, i)) {
            out[n++] = (entry){(double)rk_kernels_best()->dot_f32(query, s->base + i * DIM, DIM), i};
        }
    }
    qsort(out, n, sizeof *out, best_first);
    return n;
}

static rk_ann *build(const rk_ann_kind *kind, const shop *s, rk_ann_metric metric, unsigned threads)
{
    rk_ann *ann = NULL;
    rk_error err = {0};
    rk_ann_rows base = base_of(s);
    rk_run run = {.pool = threads > 1 ? rk_pool_new(threads) : NULL, .seed = 3};
    rk_ann_wish wish = {.kind = kind, .metric = metric};
    if (rk_ann_build(&base, &wish, &run, &ann, &err)) {
        fail_msg("%s: %s", kind->name, err.message);
    }
    rk_pool_free(run.pool);
    return ann;
}

/* Of one that was never measured: the largest. */
static uint32_t full_effort(const rk_ann *ann) { return rk_ann_effort_for(ann, 1); }

static void assert_exact(const rk_ann *ann, const shop *s, size_t k, const uint64_t *barred)
{
    rk_ann_desk *desk = NULL;
    rk_error err = {0};
    entry *all = malloc(N * sizeof *all);
    uint32_t *items = malloc(k * sizeof *items);
    float *scores = malloc(k * sizeof *scores);
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    for (size_t q = 0; q < QUERIES; q++) {
        size_t n = sort_everything(s, s->query + q * DIM, barred, all), found = 0;
        rk_ann_ask ask = {k, full_effort(ann), barred};
        assert_int_equal(rk_ann_search(desk, s->query + q * DIM, ask, items, scores, &found, &err), RK_OK);
        assert_int_equal(found, n < k ? n : k);
        for (size_t i = 0; i < found; i++) {
            assert_int_equal(items[i], all[i].item);
            assert_true((double)scores[i] == all[i].score);
        }
    }
    rk_ann_desk_free(desk);
    free(all);
    free(items);
    free(scores);
}

static void each_kind(void (*claim)(const rk_ann_kind *kind))
{
    for (size_t i = 0; rk_ann_kind_at(i); i++) {
        claim(rk_ann_kind_at(i));
    }
}

static void full_effort_is_exact(const rk_ann_kind *kind)
{
    for (int ties = 0; ties < 2; ties++) {
        shop *s = make_shop(ties, 1);
        rk_ann *ann = build(kind, s, RK_ANN_INNER, 1);
        assert_exact(ann, s, 1, NULL);
        assert_exact(ann, s, 10, NULL);
        assert_exact(ann, s, N + 5, NULL);
        rk_ann_free(ann);
        free(s);
    }
}
static void at_full_effort_every_kind_agrees_with_a_loop(void **state)
{
    (void)state;
    each_kind(full_effort_is_exact);
}

/* Nearly all items barred, and all but one, and all. */
static void bars_hold(const rk_ann_kind *kind)
{
    shop *s = make_shop(true, 2);
    rk_ann *ann = build(kind, s, RK_ANN_INNER, 1);
    uint64_t barred[(N + 63) / 64];
    rk_random random = rk_random_of(5, 0);
    for (uint32_t keep = 0; keep <= N / 2; keep = keep ? keep * 9 : 1) {
        memset(barred, 0xff, sizeof barred);
        for (uint32_t i = 0; i < keep; i++) {
            uint32_t item = rk_random_below(&random, N);
            barred[item / 64] &= ~(UINT64_C(1) << (item % 64));
        }
        assert_exact(ann, s, 10, barred);
    }
    rk_ann_free(ann);
    free(s);
}
static void barred_items_never_come_and_the_rest_does(void **state)
{
    (void)state;
    each_kind(bars_hold);
}

/* At any effort: as many as asked for while there are as many. */
static void never_fewer(const rk_ann_kind *kind)
{
    shop *s = make_shop(false, 4);
    rk_ann *ann = build(kind, s, RK_ANN_INNER, 1);
    rk_ann_desk *desk = NULL;
    rk_error err = {0};
    uint64_t barred[(N + 63) / 64];
    memset(barred, 0xff, sizeof barred);
    for (uint32_t i = 0; i < N; i += 100) { /* 15 are left */
        barred[i / 64] &= ~(UINT64_C(1) << (i % 64));
    }
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    for (size_t k = 1; k <= K_MAX; k += 3) {
        for (size_t q = 0; q < QUERIES; q++) {
            uint32_t items[K_MAX];
            size_t n = 0;
            rk_ann_ask ask = {k, 1, q % 2 ? barred : NULL};
            assert_int_equal(rk_ann_search(desk, s->query + q * DIM, ask, items, NULL, &n, &err), RK_OK);
            assert_int_equal(n, q % 2 && k > 15 ? 15 : k);
            for (size_t i = 0; i < n; i++) {
                assert_false(is_barred(ask.barred, items[i]));
                for (size_t j = 0; j < i; j++) {
                    assert_int_not_equal(items[i], items[j]);
                }
            }
        }
    }
    rk_ann_desk_free(desk);
    rk_ann_free(ann);
    free(s);
}
static void the_least_effort_still_gives_k(void **state)
{
    (void)state;
    each_kind(never_fewer);
}

/* Distances and angles in double, the slow way; scores agree within rounding, so the order within ties of that. */
static double truth_of(rk_ann_metric metric, const float *q, const float *y)
{
    double product = 0, qq = 0, yy = 0;
    for (size_t d = 0; d < DIM; d++) {
        product += (double)q[d] * (double)y[d];
        qq += (double)q[d] * (double)q[d];
        yy += (double)y[d] * (double)y[d];
    }
    return metric == RK_ANN_COSINE ? product / sqrt(qq * yy) : 2 * product - qq - yy;
}

static void metrics_are_what_they_say(const rk_ann_kind *kind)
{
    for (rk_ann_metric metric = RK_ANN_COSINE; metric <= RK_ANN_L2; metric++) {
        shop *s = make_shop(false, 7);
        rk_ann *ann = build(kind, s, metric, 1);
        rk_ann_desk *desk = NULL;
        rk_error err = {0};
        assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
        for (size_t q = 0; q < QUERIES; q++) {
            const float *query = s->query + q * DIM;
            uint32_t items[10];
            float scores[10];
            size_t n = 0, n_better = 0;
            assert_int_equal(
                rk_ann_search(desk, query, (rk_ann_ask){10, full_effort(ann), NULL}, items, scores, &n, &err), RK_OK);
            assert_int_equal(n, 10);
            double last = truth_of(metric, query, s->base + items[9] * DIM), scale = fabs(last) + 40;
            assert_true(fabs((double)scores[9] - last) < 1e-5 * scale); /* 20 products in floats */
            for (size_t i = 0; i < N; i++) {
                n_better += truth_of(metric, query, s->base + i * DIM) > last + 1e-5 * scale;
            }
            assert_true(n_better <= 9);
        }
        rk_ann_desk_free(desk);
        rk_ann_free(ann);
        free(s);
    }
}
static void cosine_and_distance_become_inner_products(void **state)
{
    (void)state;
    each_kind(metrics_are_what_they_say);
}

/* ---- files ---- */

static void name_file(char path[64], const char *what)
{
    snprintf(path, 64, "/tmp/reckon-ann-%ld-%s.rk", (long)getpid(), what);
}

static uint64_t write_index(const rk_ann *ann, const char *path)
{
    rk_artefact_writer *writer = NULL;
    rk_artefact *artefact = NULL;
    rk_error err = {0};
    assert_int_equal(rk_artefact_create(path, RK_ANN_ARTEFACT, &writer, &err), RK_OK);
    assert_int_equal(rk_ann_write(ann, writer, &err), RK_OK);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    assert_int_equal(rk_artefact_open(path, RK_ANN_ARTEFACT, &artefact, &err), RK_OK);
    uint64_t hash = rk_artefact_hash(artefact);
    rk_artefact_close(artefact);
    return hash;
}

static void files_come_back(const rk_ann_kind *kind)
{
    char path[64];
    shop *s = make_shop(true, 8);
    rk_ann *ann = build(kind, s, RK_ANN_INNER, 1), *opened = NULL;
    rk_ann_rows queries = {s->query, QUERIES, DIM, DIM};
    rk_run run = {0};
    rk_error err = {0};
    const rk_ann_step *steps, *again;
    name_file(path, kind->name);
    assert_int_equal(rk_ann_measure(ann, &queries, &run, &err), RK_OK);
    write_index(ann, path);
    assert_int_equal(rk_ann_open(path, &opened, &err), RK_OK);
    size_t n = rk_ann_steps(ann, &steps);
    assert_int_equal(rk_ann_steps(opened, &again), n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(steps[i].effort, again[i].effort);
        assert_true(steps[i].recall == again[i].recall);
    }
    assert_true(rk_ann_bytes(ann) == rk_ann_bytes(opened));
    rk_ann_free(ann);
    /* One that was not measured: the least effort that found ten of ten may yet differ in ties. */
    rk_ann *fresh = build(kind, s, RK_ANN_INNER, 1);
    write_index(fresh, path);
    rk_ann_free(fresh);
    rk_ann_free(opened);
    assert_int_equal(rk_ann_open(path, &opened, &err), RK_OK);
    assert_exact(opened, s, 10, NULL);
    rk_ann_free(opened);
    unlink(path);
    free(s);
}
static void an_index_comes_back_from_its_file(void **state)
{
    (void)state;
    each_kind(files_come_back);
}

static void threads_do_not_show(const rk_ann_kind *kind)
{
    char path[64];
    uint64_t hash[2];
    shop *s = make_shop(false, 9);
    name_file(path, kind->name);
    for (unsigned i = 0; i < 2; i++) {
        rk_ann *ann = build(kind, s, RK_ANN_INNER, i ? 3 : 1);
        hash[i] = write_index(ann, path);
        rk_ann_free(ann);
    }
    unlink(path);
    free(s);
    assert_true(hash[0] == hash[1]);
}
static void the_number_of_threads_does_not_show(void **state)
{
    (void)state;
    each_kind(threads_do_not_show);
}

/* Each section once with other contents, and searched when it is opened all the same. */
static void spoil(const rk_artefact *from, size_t which, rk_random *random, const char *path)
{
    rk_artefact_writer *writer = NULL;
    rk_error err = {0};
    assert_int_equal(rk_artefact_create(path, RK_ANN_ARTEFACT, &writer, &err), RK_OK);
    for (size_t i = 0; i < rk_artefact_n_sections(from); i++) {
        const rk_section *section = rk_artefact_section_at(from, i);
        if (i != which) {
            assert_int_equal(rk_artefact_add_copy(writer, section, &err), RK_OK);
            continue;
        }
        unsigned char *bytes = malloc(section->bytes + 1);
        memcpy(bytes, section->data, section->bytes);
        for (int n = 0; section->bytes > 0 && n < 20; n++) {
            bytes[rk_random_below(random, (uint32_t)section->bytes)] = (unsigned char)rk_random_u32(random);
        }
        uint64_t rows = section->rows - (section->rows > 1 && rk_random_below(random, 4) == 0);
        assert_int_equal(rk_artefact_add(writer, section->name, section->type, rows, section->cols, bytes, &err),
                         RK_OK);
        free(bytes);
    }
    json_object_update(rk_artefact_writer_meta(writer), (json_t *)(uintptr_t)rk_artefact_meta(from));
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
}

static void search_spoilt(const rk_ann *ann, const shop *s)
{
    rk_ann_desk *desk = NULL;
    rk_error err = {0};
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    for (size_t q = 0; q < QUERIES; q++) {
        uint32_t items[10], effort = q % 2 ? 1 : full_effort(ann);
        size_t n = 0;
        assert_int_equal(rk_ann_search(desk, s->query + q * DIM, (rk_ann_ask){10, effort, NULL}, items, NULL, &n, &err),
                         RK_OK);
        for (size_t i = 0; i < n; i++) {
            assert_true(items[i] < rk_ann_n_items(ann));
        }
    }
    rk_ann_desk_free(desk);
}

static void spoilt_files_are_harmless(const rk_ann_kind *kind)
{
    char path[64], spoilt[64];
    rk_artefact *artefact = NULL;
    rk_error err = {0};
    rk_random random = rk_random_of(11, 0);
    shop *s = make_shop(false, 10);
    rk_ann *ann = build(kind, s, RK_ANN_INNER, 1);
    name_file(path, kind->name);
    name_file(spoilt, "spoilt");
    write_index(ann, path);
    rk_ann_free(ann);
    assert_int_equal(rk_artefact_open(path, RK_ANN_ARTEFACT, &artefact, &err), RK_OK);
    for (size_t round = 0; round < 8; round++) {
        for (size_t i = 0; i < rk_artefact_n_sections(artefact); i++) {
            rk_ann *opened = NULL;
            spoil(artefact, i, &random, spoilt);
            rk_status status = rk_ann_open(spoilt, &opened, &err);
            if (!status) {
                search_spoilt(opened, s);
                rk_ann_free(opened);
            } else {
                assert_int_equal(status, RK_BAD_INPUT);
            }
        }
    }
    rk_artefact_close(artefact);
    unlink(path);
    unlink(spoilt);
    free(s);
}
static void a_damaged_file_is_refused_or_harmless(void **state)
{
    (void)state;
    each_kind(spoilt_files_are_harmless);
}

/* ---- changes ---- */

static void removed_are_gone(const rk_ann_kind *kind)
{
    shop *s = make_shop(false, 12);
    rk_ann *ann = build(kind, s, RK_ANN_INNER, 1);
    rk_error err = {0};
    char path[64];
    uint64_t removed[(N + 63) / 64] = {0};
    for (uint32_t i = 0; i < N; i += 3) {
        assert_int_equal(rk_ann_remove(ann, i, &err), RK_OK);
        removed[i / 64] |= UINT64_C(1) << (i % 64);
    }
    assert_int_equal(rk_ann_remove(ann, N, &err), RK_NOT_FOUND);
    rk_ann_desk *desk = NULL;
    entry all[N];
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    size_t n = 0;
    uint32_t items[10];
    sort_everything(s, s->query, removed, all);
    assert_int_equal(rk_ann_search(desk, s->query, (rk_ann_ask){10, full_effort(ann), NULL}, items, NULL, &n, &err),
                     RK_OK);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(items[i], all[i].item);
    }
    rk_ann_desk_free(desk);
    name_file(path, kind->name);
    write_index(ann, path);
    rk_ann_free(ann);
    assert_int_equal(rk_ann_open(path, &ann, &err), RK_OK);
    assert_int_equal(rk_ann_desk_new(ann, &desk, &err), RK_OK);
    assert_int_equal(rk_ann_search(desk, s->query, (rk_ann_ask){10, full_effort(ann), NULL}, items, NULL, &n, &err),
                     RK_OK);
    assert_int_equal(items[0], all[0].item);
    rk_ann_desk_free(desk);
    rk_ann_free(ann);
    unlink(path);
    free(s);
}
static void removed_items_stay_away(void **state)
{
    (void)state;
    each_kind(removed_are_gone);
}

static void numbers_that_are_none_are_refused(void **state)
{
    (void)state;
    float rows[] = {1, 2, 3, NAN};
    rk_ann_rows base = {rows, 2, 2, 2};
    rk_ann_wish wish = {.kind = rk_ann_kind_at(0)};
    rk_run run = {0};
    rk_ann *ann = NULL;
    rk_error err = {0};
    assert_int_equal(rk_ann_build(&base, &wish, &run, &ann, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "vector 1 has a number that is not finite, at place 1");
    assert_int_equal(rk_ann_kind_need("flatt", &wish.kind, &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "no vector index is called 'flatt', did you mean 'flat'?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_full_effort_every_kind_agrees_with_a_loop),
        cmocka_unit_test(barred_items_never_come_and_the_rest_does),
        cmocka_unit_test(the_least_effort_still_gives_k),
        cmocka_unit_test(cosine_and_distance_become_inner_products),
        cmocka_unit_test(an_index_comes_back_from_its_file),
        cmocka_unit_test(the_number_of_threads_does_not_show),
        cmocka_unit_test(a_damaged_file_is_refused_or_harmless),
        cmocka_unit_test(removed_items_stay_away),
        cmocka_unit_test(numbers_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

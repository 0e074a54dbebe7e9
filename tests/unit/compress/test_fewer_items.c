/* test_fewer_items.c - a model that scans fewer items: the lists of those it knows, new histories, and what is left
 * out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/compress.h"
#include "math/random.h"
#include "model/bulk.h"
#include "model/near.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 60, ITEMS = 3000, EACH = 25, DEPTH = 10 }; /* more items than are scored at once */

typedef struct {
    small_folder at;
    bool pairs[USERS * ITEMS];
} shop;

/* Low items are taken most, and many only once. */
static int make_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    small_folder_make(&s->at);
    rk_random random = rk_random_of(4, 0);
    for (uint32_t u = 0; u < USERS; u++) {
        for (uint32_t e = 0; e < EACH; e++) {
            uint32_t below = 1 + rk_random_below(&random, ITEMS);
            s->pairs[u * ITEMS + (rk_random_below(&random, below) * 7) % ITEMS] = true;
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

static rk_model *compressed(const char *from, const char *to, const char *path)
{
    rk_error err = {0};
    rk_compression report;
    if (rk_compress(from, to, NULL, 0, path, &(rk_run){0}, &report, &err)) {
        fail_msg("%s", err.message);
    }
    rk_model *model = small_model_open(path);
    assert_int_equal(rk_artefact_verify(rk_model_artefact(model), NULL, &err), RK_OK);
    assert_true(report.bytes_after == rk_model_form_bytes(model));
    return model;
}

/* half: as somebody unknown who took every other item of the user's. */
static rk_query query_of(const rk_model *model, uint32_t user, bool half, rk_arena *arena)
{
    rk_error err = {0};
    rk_query query;
    rk_history seen = rk_model_seen(model, user), mine = {NULL, NULL, 0};
    uint32_t *item = RK_TAKE(arena, uint32_t, seen.n);
    for (size_t h = 0; h < seen.n; h += 2) {
        item[mine.n++] = seen.item[h];
    }
    mine.item = item;
    if (half ? rk_model_encode(model, mine, arena, &query, &err)
             : rk_model_user_query(model, user, arena, &query, &err)) {
        fail_msg("%s", err.message);
    }
    return query;
}

static size_t best(const rk_model *model, uint32_t user, uint32_t n, uint32_t *items, float *scores)
{
    rk_error err = {0};
    rk_arena arena = {0};
    rk_query query = query_of(model, user, false, &arena);
    rk_history seen = rk_model_seen(model, user);
    uint32_t found = 0;
    assert_int_equal(rk_model_best(model, &query, seen.item, seen.n, n, items, scores, &found, &err), RK_OK);
    rk_arena_release(&arena);
    return found;
}

static void count_places(const rk_model *model, uint32_t *count)
{
    memset(count, 0, ITEMS * sizeof *count);
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t items[DEPTH];
        float scores[DEPTH];
        size_t n = best(model, u, DEPTH, items, scores);
        for (size_t i = 0; i < n; i++) {
            count[items[i]]++;
        }
    }
}

static void expect_same_lists(const rk_model *whole, const rk_model *less)
{
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t a[DEPTH], b[DEPTH];
        float x[DEPTH], y[DEPTH];
        size_t n = best(whole, u, DEPTH, a, x);
        assert_int_equal(best(less, u, DEPTH, b, y), n);
        assert_memory_equal(a, b, n * sizeof *a);
        assert_memory_equal(x, y, n * sizeof *x);
    }
}

/* Blocks of any place and length, against the whole model; what is not shown has no score. */
static void expect_same_scores(const rk_model *whole, const rk_model *less, bool half)
{
    rk_random random = rk_random_of(2, half);
    for (uint32_t u = 0; u < USERS; u++) {
        rk_arena arena = {0};
        float a[ITEMS], b[ITEMS];
        uint32_t first = rk_random_below(&random, ITEMS), n = rk_random_below(&random, ITEMS - first + 1);
        rk_query x = query_of(whole, u, half, &arena), y = query_of(less, u, half, &arena);
        rk_model_scores(whole, &x, first, n, a);
        rk_model_scores(less, &y, first, n, b);
        for (uint32_t i = 0; i < n; i++) {
            if (rk_model_shows(less, first + i)) {
                assert_memory_equal(&a[i], &b[i], sizeof *a);
            } else {
                assert_true(isnan(b[i]));
            }
        }
        rk_arena_release(&arena);
    }
}

/* Many users at a time get the scores that one gets. */
static void expect_same_bulk(const rk_model *model)
{
    rk_error err = {0};
    rk_bulk *bulk = rk_bulk_new(model);
    rk_query *query[8];
    float one[RK_BULK_ITEMS];
    assert_non_null(bulk);
    for (uint32_t u = 0; u < 8; u++) {
        assert_int_equal(rk_bulk_seat(bulk, u, &query[u], &err), RK_OK);
    }
    for (uint32_t first = 0; first < ITEMS; first += RK_BULK_ITEMS) {
        uint32_t n = ITEMS - first < RK_BULK_ITEMS ? ITEMS - first : RK_BULK_ITEMS;
        const float *all = rk_bulk_scores(bulk, first, n);
        for (size_t u = 0; u < 8; u++) {
            rk_arena arena = {0};
            rk_query again = query_of(model, (uint32_t)u, false, &arena);
            rk_model_scores(model, &again, first, n, one);
            for (uint32_t i = 0; i < n; i++) {
                float x = all[u * RK_BULK_ITEMS + i];
                assert_true(isnan(x) == isnan(one[i]));
                assert_true(isnan(x) || fabsf(x - one[i]) < 1e-5f);
            }
            rk_arena_release(&arena);
        }
    }
    rk_bulk_free(bulk);
}

/* What is like an item, shown or not: the whole model's answer without what is not shown. */
static void expect_same_likeness(const rk_model *whole, const rk_model *less)
{
    static uint32_t a[ITEMS], b[ITEMS];
    static float x[ITEMS], y[ITEMS];
    rk_error err = {0};
    for (uint32_t item = 0; item < ITEMS; item += 97) {
        uint32_t n = 0, m = 0, kept = 0;
        assert_int_equal(rk_model_similar(whole, item, ITEMS, a, x, &n, &err), RK_OK);
        assert_int_equal(rk_model_similar(less, item, ITEMS, b, y, &m, &err), RK_OK);
        for (uint32_t i = 0; i < n; i++) {
            if (rk_model_shows(less, a[i])) {
                assert_true(kept < m && b[kept] == a[i]);
                assert_memory_equal(&y[kept++], &x[i], sizeof *x);
            }
        }
        assert_int_equal(kept, m);
    }
}

static const char *const als[] = {"factors=8", "iterations=3"};
static const char *const blend[] = {"parts=als:factors=8,iterations=3;itemknn", "weights=equal"};
static const char *const ranks[] = {"parts=als:factors=8,iterations=3;itemknn", "weights=equal", "by=ranks"};

static const struct {
    const char *name;
    const char *const *set;
    size_t n_set;
} models[] = {{"als", als, 2}, {"itemknn", NULL, 0}, {"hybrid", blend, 2}};

static void known_users_keep_their_lists(void **state)
{
    const shop *s = *state;
    static uint32_t count[ITEMS];
    for (size_t m = 0; m < RK_COUNT_OF(models); m++) {
        train(s, models[m].name, models[m].set, models[m].n_set);
        rk_model *whole = small_model_open(s->at.model), *less = compressed(s->at.model, "catalogue(10)", s->at.small);
        count_places(whole, count);
        uint32_t shown = 0;
        for (uint32_t i = 0; i < ITEMS; i++) {
            assert_int_equal(rk_model_shows(less, i), count[i] > 0);
            shown += count[i] > 0;
        }
        assert_int_equal(rk_model_n_shown(less), shown);
        assert_true(shown < ITEMS / 2);
        assert_int_equal(rk_filter_count(less, &(rk_filter){0}), shown);
        expect_same_lists(whole, less);
        expect_same_bulk(less);
        rk_model_close(whole);
        rk_model_close(less);
    }
}

/* A history may hold what is not shown. */
static void new_histories_are_answered_as_before(void **state)
{
    const shop *s = *state;
    for (size_t m = 0; m < RK_COUNT_OF(models); m++) {
        train(s, models[m].name, models[m].set, models[m].n_set);
        rk_model *whole = small_model_open(s->at.model), *less = compressed(s->at.model, "catalogue(10)", s->at.small);
        expect_same_scores(whole, less, false);
        expect_same_scores(whole, less, true);
        expect_same_likeness(whole, less);
        rk_model_close(whole);
        rk_model_close(less);
    }
}

/* An index holds all items, and finds those that are shown: the lists that the model alone makes. */
static void an_index_finds_what_is_shown(void **state)
{
    const shop *s = *state;
    rk_error err = {0};
    rk_near_report report;
    rk_near *near;
    train(s, "als", NULL, 0);
    rk_model *less = compressed(s->at.model, "catalogue(10)", s->at.small);
    rk_near_options options = {.kind = "flat", .recall = 1};
    assert_true(rk_model_n_shown(less) < ITEMS / 2);
    assert_int_equal(rk_near_build(s->at.small, &options, s->at.again, &(rk_run){0}, &report, &err), RK_OK);
    assert_int_equal(rk_near_open(s->at.again, less, &near, &err), RK_OK);
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t a[DEPTH], b[DEPTH];
        float x[DEPTH], y[DEPTH];
        rk_arena arena = {0};
        rk_query query = query_of(less, u, false, &arena);
        rk_history seen = rk_model_seen(less, u);
        rk_filter filter = {.skip = seen.item, .n_skip = seen.n};
        rk_topk *topk = rk_topk_new(DEPTH);
        assert_int_equal(rk_near_offer(near, &query, &filter, DEPTH, topk, &err), RK_OK);
        size_t n = best(less, u, DEPTH, a, x);
        assert_int_equal(rk_topk_take(topk, b, y), n);
        assert_memory_equal(a, b, n * sizeof *a);
        assert_memory_equal(x, y, n * sizeof *x);
        rk_topk_free(topk);
        rk_arena_release(&arena);
    }
    rk_near_close(near);
    rk_model_close(less);
}

/* Ranks of the parts are of what is shown: no item that is not shown, and no list that is longer. */
static void blended_ranks_hold_only_what_is_shown(void **state)
{
    const shop *s = *state;
    train(s, "hybrid", ranks, 3);
    rk_model *less = compressed(s->at.model, "catalogue(10)", s->at.small);
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t items[DEPTH];
        float scores[DEPTH];
        size_t n = best(less, u, DEPTH, items, scores);
        for (size_t i = 0; i < n; i++) {
            assert_true(rk_model_shows(less, items[i]));
        }
    }
    rk_model_close(less);
}

static void it_goes_before_and_after_rounding(void **state)
{
    const shop *s = *state;
    static const char *const small[] = {"fp16", "bf16", "int8", "int4"};
    train(s, "als", als, 2);
    for (size_t v = 0; v < RK_COUNT_OF(small); v++) {
        char both[48];
        snprintf(both, sizeof both, "catalogue(10)+%s", small[v]);
        rk_model *rounded = compressed(s->at.model, small[v], s->at.again);
        rk_model *less = compressed(s->at.model, both, s->at.small);
        expect_same_scores(rounded, less, true);
        expect_same_bulk(less);
        expect_same_likeness(rounded, less);
        rk_model_close(less);
        less = compressed(s->at.again, "catalogue(10)", s->at.small);
        expect_same_lists(rounded, less);
        rk_model_close(rounded);
        rk_model_close(less);
    }
}

static double figure(const rk_model *model, const char *name)
{
    const json_t *meta = rk_artefact_meta(rk_model_artefact(model));
    const json_t *step = json_array_get(json_object_get(json_object_get(meta, "compression"), "steps"), 0);
    return json_number_value(json_object_get(step, name));
}

static void a_quality_takes_the_fewest_items(void **state)
{
    const shop *s = *state;
    static uint32_t count[ITEMS];
    train(s, "als", als, 2);
    rk_model *whole = small_model_open(s->at.model),
             *less = compressed(s->at.model, "catalogue(10,agree=0.8)", s->at.small);
    uint32_t all = 0, kept = 0, rarest = UINT32_MAX;
    count_places(whole, count);
    for (uint32_t i = 0; i < ITEMS; i++) {
        all += count[i];
        kept += rk_model_shows(less, i) ? count[i] : 0;
        rarest = rk_model_shows(less, i) && count[i] < rarest ? count[i] : rarest;
    }
    assert_true(kept >= 0.8 * all && kept - rarest < 0.8 * all);
    for (uint32_t i = 0; i < ITEMS; i++) {
        assert_true(rk_model_shows(less, i) || count[i] <= rarest);
    }
    uint32_t same = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        uint32_t items[DEPTH];
        float scores[DEPTH];
        size_t n = best(whole, u, DEPTH, items, scores), shown = 0;
        for (size_t i = 0; i < n; i++) {
            shown += rk_model_shows(less, items[i]);
        }
        same += shown == n;
    }
    assert_true(fabs(figure(less, "agreement") - (double)kept / all) < 1e-12);
    assert_true(fabs(figure(less, "lists_unchanged") - (double)same / USERS) < 1e-12);
    assert_int_equal(figure(less, "items_dropped"), ITEMS - rk_model_n_shown(less));
    rk_model_close(whole);
    rk_model_close(less);
}

static void what_was_taken_often_stays(void **state)
{
    const shop *s = *state;
    train(s, "als", als, 2);
    rk_model *less = compressed(s->at.model, "catalogue(10,agree=0.1,taken=3)", s->at.small);
    for (uint32_t i = 0; i < ITEMS; i++) {
        uint32_t taken = 0;
        for (uint32_t u = 0; u < USERS; u++) {
            taken += s->pairs[u * ITEMS + i];
        }
        assert_true(rk_model_shows(less, i) || taken < 3);
    }
    rk_model_close(less);
}

static void expect_refusal(const char *from, const char *to, const char *path, const char *message)
{
    rk_error err = {0};
    rk_compression report;
    assert_int_equal(rk_compress(from, to, NULL, 0, path, &(rk_run){0}, &report, &err), RK_BAD_INPUT);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
}

static void what_cannot_be_cut_is_refused(void **state)
{
    const shop *s = *state;
    train(s, "itemknn", NULL, 0);
    expect_refusal(s->at.model, "int8+catalogue", s->at.small, "'catalogue' wants a whole catalogue");
    expect_refusal(s->at.model, "catalogue(10)+catalogue", s->at.small, "'catalogue' wants a whole catalogue");
    train(s, "hybrid", blend, 2);
    expect_refusal(s->at.model, "int8+catalogue", s->at.small, "has coded neighbours: drop items before int8");
}

/* The same file with other shown items. */
static void rewrite(const char *from, const char *to, uint32_t n, const uint32_t *shown)
{
    rk_error err = {0};
    rk_artefact *source = NULL;
    rk_artefact_writer *writer = NULL;
    assert_int_equal(rk_artefact_open(from, "model", &source, &err), RK_OK);
    assert_int_equal(rk_artefact_create(to, "model", &writer, &err), RK_OK);
    json_object_update(rk_artefact_writer_meta(writer), (json_t *)(uintptr_t)rk_artefact_meta(source));
    for (size_t i = 0; i < rk_artefact_n_sections(source); i++) {
        const rk_section *section = rk_artefact_section_at(source, i);
        bool is_it = strcmp(section->name, "item.shown") == 0;
        assert_int_equal(is_it ? rk_artefact_add(writer, section->name, RK_U32, n, 1, shown, &err)
                               : rk_artefact_add_copy(writer, section, &err),
                         RK_OK);
    }
    assert_int_equal(rk_artefact_commit(writer, &(rk_usage){0}, &err), RK_OK);
    rk_artefact_close(source);
}

static void a_damaged_choice_is_refused(void **state)
{
    const shop *s = *state;
    static const uint32_t bad[][3] = {{1, 5, 5}, {1, 5, 3}, {1, 5, ITEMS}, {1, 2, 7}};
    train(s, "als", als, 2);
    rk_model_close(compressed(s->at.model, "catalogue(10)", s->at.small));
    for (size_t b = 0; b < RK_COUNT_OF(bad); b++) {
        rk_error err = {0};
        rk_model *model = NULL;
        rewrite(s->at.small, s->at.again, 3, bad[b]);
        rk_status status = rk_model_open(s->at.again, &model, &err);
        assert_int_equal(status, b == 3 ? RK_OK : RK_BAD_INPUT);
        assert_true(b == 3 || strstr(err.message, "item.shown holds an unknown or misplaced item"));
        rk_model_close(model);
    }
}

static bool try_all(void *context)
{
    const shop *s = context;
    rk_error err;
    rk_compression report;
    rk_model *model = NULL;
    bool is_done =
        rk_compress(s->at.model, "catalogue(3)", NULL, 0, s->at.small, &(rk_run){0}, &report, &err) == RK_OK &&
        rk_model_open(s->at.small, &model, &err) == RK_OK;
    rk_model_close(model);
    return is_done;
}

static void every_failed_allocation_is_survived(void **state)
{
    const shop *s = *state;
    train(s, "hybrid", blend, 2);
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(try_all, *state) > 30);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_shop, remove_shop)
    const struct CMUnitTest tests[] = {
        CASE(known_users_keep_their_lists),          CASE(new_histories_are_answered_as_before),
        CASE(blended_ranks_hold_only_what_is_shown), CASE(it_goes_before_and_after_rounding),
        CASE(a_quality_takes_the_fewest_items),      CASE(what_was_taken_often_stays),
        CASE(what_cannot_be_cut_is_refused),         CASE(a_damaged_choice_is_refused),
        CASE(every_failed_allocation_is_survived),   CASE(an_index_finds_what_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_indexed.c - an index that misses nothing changes no answer, whatever form the model's numbers have: lists for
 * shoppers and items like an item, with much or little left out; one that is asked for less recall has at least that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compress/compress.h"
#include "math/random.h"
#include "model/answer.h"
#include "model/near.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 80, ITEMS = 1500, EACH = 25, QUESTIONS = 150, BEST_MAX = 60 };

typedef struct {
    small_folder at;
    bool pairs[USERS * ITEMS];
} shop;

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Low items are taken most, and many never: their vectors are zero, or alike but for their length. */
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

/* A model in this form, and its index. */
static void make(const shop *s, const char *name, const char *form, rk_near_options options, rk_model **model,
                 rk_near **near)
{
    rk_error err = {0};
    rk_compression compression;
    rk_near_report report;
    const char *path = form ? s->at.small : s->at.model;
    if (rk_model_train(s->at.data, name, NULL, 0, s->at.model, &(rk_run){0}, &err) ||
        (form && rk_compress(s->at.model, form, NULL, 0, path, &(rk_run){0}, &compression, &err)) ||
        rk_near_build(path, &options, s->at.again, &(rk_run){0}, &report, &err) || rk_model_open(path, model, &err) ||
        rk_near_open(s->at.again, *model, near, &err)) {
        fail_msg("%s %s: %s", name, form ? form : "", err.message);
    }
}

typedef struct {
    uint32_t item[BEST_MAX];
    float score[BEST_MAX];
    uint32_t n;
    uint64_t total;
} list;

static list copy_of(const rk_answer *answer)
{
    list out = {.n = answer->n, .total = answer->total};
    memcpy(out.item, answer->item, answer->n * sizeof *out.item);
    memcpy(out.score, answer->score, answer->n * sizeof *out.score);
    return out;
}

/* Nothing, a few or nearly all items; ascending. */
static size_t draw_skip(rk_random *random, uint32_t skip[ITEMS])
{
    static const uint32_t tenths[] = {0, 0, 1, 5, 9, 10};
    uint32_t share = tenths[rk_random_below(random, RK_COUNT_OF(tenths))];
    size_t n = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        if (rk_random_below(random, 1000) < share * 99) {
            skip[n++] = i;
        }
    }
    return n;
}

static list recommend(rk_desk *desk, const rk_model *model, rk_wish wish, rk_near *near)
{
    rk_answer answer;
    rk_error err;
    wish.near = near;
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
    return copy_of(&answer);
}

static list similar(rk_desk *desk, const rk_model *model, rk_like_wish wish, rk_near *near)
{
    rk_answer answer;
    rk_error err;
    wish.near = near;
    assert_int_equal(rk_answer_similar(desk, model, &wish, &answer, &err), RK_OK);
    return copy_of(&answer);
}

static void expect_same(const list *a, const list *b, const char *what)
{
    bool is_same = a->n == b->n && a->total == b->total && memcmp(a->item, b->item, a->n * sizeof *a->item) == 0 &&
                   memcmp(a->score, b->score, a->n * sizeof *a->score) == 0;
    for (uint32_t i = 0; !is_same && i < a->n && i < b->n; i++) {
        if (a->item[i] != b->item[i] || memcmp(&a->score[i], &b->score[i], sizeof(float)) != 0) {
            fail_msg("%s: place %u of %u, %u: item %u (%.9g), by the index %u (%.9g)", what, i, a->n, b->n, a->item[i],
                     (double)a->score[i], b->item[i], (double)b->score[i]);
        }
    }
    if (!is_same) {
        fail_msg("%s: %u items of %llu, by the index %u of %llu", what, a->n, (unsigned long long)a->total, b->n,
                 (unsigned long long)b->total);
    }
}

static void an_index_that_misses_nothing_changes_no_answer(void **state)
{
    const shop *s = *state;
    static const struct {
        const char *name, *form;
    } models[] = {{"als", NULL},   {"als", "fp16"},          {"als", "bf16"}, {"als", "int8"},
                  {"als", "int4"}, {"als", "catalogue(10)"}, {"bpr", NULL},   {"bpr", "int8"}};
    static uint32_t skip[ITEMS];
    rk_desk *desk = rk_desk_new();
    rk_random random = rk_random_of(11, 0);
    for (size_t m = 0; m < RK_COUNT_OF(models); m++) {
        rk_model *model;
        rk_near *near;
        char what[80];
        make(s, models[m].name, models[m].form, (rk_near_options){.kind = "flat", .recall = 1}, &model, &near);
        for (uint32_t q = 0; q < QUESTIONS; q++) {
            uint32_t n = 1 + rk_random_below(&random, BEST_MAX), item = rk_random_below(&random, ITEMS);
            size_t n_skip = draw_skip(&random, skip);
            rk_wish wish = {.user = rk_random_below(&random, USERS), .skip = skip, .n_skip = n_skip, .n = n};
            rk_like_wish like = {.item = item, .skip = skip, .n_skip = n_skip, .n = n};
            list a = recommend(desk, model, wish, NULL), b = recommend(desk, model, wish, near);
            snprintf(what, sizeof what, "%s %s, question %u", models[m].name, models[m].form ? models[m].form : "", q);
            expect_same(&a, &b, what);
            a = similar(desk, model, like, NULL);
            b = similar(desk, model, like, near);
            snprintf(what, sizeof what, "%s %s, like %u", models[m].name, models[m].form ? models[m].form : "", item);
            expect_same(&a, &b, what);
            for (uint32_t i = 0; i < b.n; i++) {
                assert_true(b.item[i] != item && rk_model_shows(model, b.item[i]));
                assert_null(bsearch(&b.item[i], skip, n_skip, sizeof *skip, by_id));
            }
        }
        rk_near_close(near);
        rk_model_close(model);
    }
    rk_desk_free(desk);
}

/* Of ten each, more questions than its recall was measured with. */
static void items_like_an_item_are_found_as_often_as_agreed(void **state)
{
    const shop *s = *state;
    rk_model *model;
    rk_near *near;
    rk_desk *desk = rk_desk_new();
    const char *set[] = {"lists=24"};
    rk_near_options options = {.kind = "ivf", .recall = .9, .set = set, .n_set = 1};
    make(s, "als", "int8", options, &model, &near);
    size_t n_found = 0, n_wanted = 0;
    for (uint32_t item = 0; item < ITEMS; item++) {
        rk_like_wish wish = {.item = item, .n = 10};
        if (!rk_near_knows_likeness(near, item)) {
            continue; /* a zero vector: all are scored */
        }
        list a = similar(desk, model, wish, NULL), b = similar(desk, model, wish, near);
        assert_int_equal(a.n, b.n); /* never fewer */
        for (uint32_t i = 0; i < a.n; i++) {
            for (uint32_t j = 0; j < b.n; j++) {
                n_found += a.item[i] == b.item[j];
            }
        }
        n_wanted += a.n;
    }
    assert_true(n_wanted > 0);
    assert_true((double)n_found >= .87 * (double)n_wanted); /* it was measured with 200 items */
    rk_near_close(near);
    rk_model_close(model);
    rk_desk_free(desk);
}

/* One that was made bare knows nothing of likeness, and all items are scored. */
static void a_bare_index_leaves_likeness_to_the_model(void **state)
{
    const shop *s = *state;
    rk_model *model;
    rk_near *near;
    rk_desk *desk = rk_desk_new();
    make(s, "als", NULL, (rk_near_options){.kind = "flat", .recall = 1, .has_no_similar = true}, &model, &near);
    rk_like_wish wish = {.item = 7, .n = 10};
    assert_false(rk_near_knows_likeness(near, 7));
    list a = similar(desk, model, wish, NULL), b = similar(desk, model, wish, near);
    expect_same(&a, &b, "bare");
    rk_near_close(near);
    rk_model_close(model);
    rk_desk_free(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_index_that_misses_nothing_changes_no_answer, make_shop, remove_shop),
        cmocka_unit_test_setup_teardown(items_like_an_item_are_found_as_often_as_agreed, make_shop, remove_shop),
        cmocka_unit_test_setup_teardown(a_bare_index_leaves_likeness_to_the_model, make_shop, remove_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_bulk.c - scores of many users at once are, bit for bit, what each would be told alone. */
#include <string.h>

#include "compress/compress.h"
#include "fixture.h"
#include "model/bulk.h"
#include "support/faults.h"
#include "support/test.h"

enum { USERS = 150, ITEMS = 1100, EVENTS = 6000 }; /* items: two full blocks and a part of one */

static void seat_all(rk_bulk *bulk, uint32_t from, uint32_t n)
{
    rk_error err = {0};
    rk_query *query;
    rk_bulk_clear(bulk);
    for (uint32_t u = from; u < from + n; u++) {
        assert_int_equal(rk_bulk_seat(bulk, u, &query, &err), RK_OK);
    }
}

static void assert_alike(const rk_model *model, rk_bulk *bulk, uint32_t from, uint32_t n_users)
{
    seat_all(bulk, from, n_users);
    for (uint32_t first = 0; first < ITEMS; first += RK_BULK_ITEMS) {
        uint32_t n = ITEMS - first < RK_BULK_ITEMS ? ITEMS - first : RK_BULK_ITEMS;
        const float *scores = rk_bulk_scores(bulk, first, n);
        for (uint32_t u = 0; u < n_users; u++) {
            float alone[RK_BULK_ITEMS];
            rk_arena arena = {0};
            rk_query query;
            rk_error err = {0};
            assert_int_equal(rk_model_user_query(model, from + u, &arena, &query, &err), RK_OK);
            rk_model_scores(model, &query, first, n, alone);
            assert_memory_equal(scores + u * RK_BULK_ITEMS, alone, n * sizeof *alone);
            rk_arena_release(&arena);
        }
    }
}

static void check(const char *path)
{
    rk_model *model = NULL;
    rk_error err = {0};
    assert_int_equal(rk_model_open(path, &model, &err), RK_OK);
    rk_bulk *bulk = rk_bulk_new(model);
    assert_non_null(bulk);
    assert_alike(model, bulk, 0, RK_BULK_SEATS);
    assert_alike(model, bulk, RK_BULK_SEATS, USERS - RK_BULK_SEATS); /* seats are used again */
    rk_bulk_free(bulk);
    rk_model_close(model);
}

static void every_form_scores_as_for_one(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *set[5];
    } cases[] = {
        {"popular", {NULL}},
        {"als", {"factors=19", "iterations=2", NULL}},
        {"mf", {"factors=8", "iterations=2", NULL}},
        {"itemknn", {NULL}},
        {"hybrid", {"parts=als:factors=8,iterations=2;itemknn", NULL}},
        {"hybrid", {"parts=als:factors=8,iterations=2;popular", "by=ranks", NULL}},
    };
    char dir[64], path[256];
    fixture f = fixture_random(20, USERS, ITEMS, EVENTS);
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        fixture_folder(dir);
        fixture_train_file(&f, dir, cases[c].kind, fixture_path(path, dir, "model.rk"), cases[c].set);
        check(path);
        fixture_remove(dir);
    }
    fixture_release(&f);
}

static void smaller_numbers_score_as_for_one(void **state)
{
    (void)state;
    static const char *const kinds[] = {"fp16", "bf16", "int8", "int4"};
    const char *const set[] = {"factors=19", "iterations=2", NULL};
    char dir[64], path[256], small[256];
    rk_error err = {0};
    fixture f = fixture_random(21, USERS, ITEMS, EVENTS);
    fixture_folder(dir);
    fixture_train_file(&f, dir, "als", fixture_path(path, dir, "model.rk"), set);
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        rk_compression report;
        rk_run run = {0};
        fixture_path(small, dir, kinds[k]);
        assert_int_equal(rk_compress(path, kinds[k], NULL, 0, small, &run, &report, &err), RK_OK);
        check(small);
    }
    fixture_remove(dir);
    fixture_release(&f);
}

typedef struct {
    const rk_model *model;
    rk_status status;
} attempt;

static bool seat_one(void *context)
{
    attempt *a = context;
    rk_error err = {0};
    rk_query *query;
    rk_bulk *bulk = rk_bulk_new(a->model);
    a->status = bulk ? rk_bulk_seat(bulk, 3, &query, &err) : RK_NO_MEMORY;
    rk_bulk_free(bulk);
    return a->status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    const char *const set[] = {"parts=als:factors=8,iterations=2;itemknn", NULL};
    char dir[64], path[256];
    rk_error err = {0};
    rk_model *model = NULL;
    fixture f = fixture_random(22, 40, 30, 400);
    fixture_folder(dir);
    fixture_train_file(&f, dir, "hybrid", fixture_path(path, dir, "model.rk"), set);
    assert_int_equal(rk_model_open(path, &model, &err), RK_OK);
    attempt a = {.model = model};
    assert_true(fault_each(seat_one, &a) >= 4);
    rk_model_close(model);
    fixture_remove(dir);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_scores_as_for_one),
        cmocka_unit_test(smaller_numbers_score_as_for_one),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_best_lists.c - the lists of everybody are the answers that each would get. */
#include <math.h>

#include "base/file.h"
#include "fixture.h"
#include "model/best_lists.h"
#include "support/faults.h"
#include "support/test.h"

enum { USERS = 150, ITEMS = 700, EVENTS = 5000 };

static void train(char dir[64], const char *kind, const char *const *set, rk_model **model)
{
    char path[256];
    rk_error err = {0};
    fixture f = fixture_random(30, USERS, ITEMS, EVENTS);
    fixture_folder(dir);
    fixture_train_file(&f, dir, kind, fixture_path(path, dir, "model.rk"), set);
    assert_int_equal(rk_model_open(path, model, &err), RK_OK);
    fixture_release(&f);
}

/* What the lists must say, one answer after the other. */
static void expect(const rk_model *model, rk_wish wish, rk_best_lists_format format, rk_text *out)
{
    rk_desk *desk = rk_desk_new();
    rk_answer answer;
    rk_error err = {0};
    rk_text_add(out, format == RK_BEST_LISTS_CSV ? "user,rank,item,score\n" : "");
    for (wish.user = 0; wish.user < rk_model_n_users(model); wish.user++) {
        assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
        if (format == RK_BEST_LISTS_JSONL) {
            rk_text_addf(out, "{\"user\":\"u%u\",\"items\":[", wish.user);
        }
        for (uint32_t i = 0; i < answer.n; i++) {
            rk_text digits = {0};
            rk_text_add_real(&digits, rint((double)answer.score[i] * 1e6) / 1e6);
            if (format == RK_BEST_LISTS_CSV) {
                rk_text_addf(out, "u%u,%u,i%u,%s\n", wish.user, i + 1, answer.item[i], digits.at);
            } else {
                rk_text_addf(out, "%s{\"id\":\"i%u\",\"score\":%s}", i > 0 ? "," : "", answer.item[i], digits.at);
            }
            rk_text_release(&digits);
        }
        rk_text_add(out, format == RK_BEST_LISTS_CSV ? "" : "]}\n");
    }
    rk_desk_free(desk);
}

static void check(const rk_model *model, const rk_wish *wish, rk_best_lists_format format, const char *dir,
                  rk_pool *pool)
{
    char path[256];
    rk_error err = {0};
    rk_run run = {.pool = pool};
    rk_mapped file;
    rk_text expected = {0};
    fixture_path(path, dir, "lists");
    assert_int_equal(rk_best_lists_write(model, wish, format, path, &run, &err), RK_OK);
    expect(model, *wish, format, &expected);
    assert_int_equal(rk_mapped_open(path, &file, &err), RK_OK);
    assert_int_equal(file.n_bytes, expected.n);
    assert_memory_equal(file.at, expected.at, expected.n);
    rk_mapped_close(&file);
    rk_text_release(&expected);
}

static void everybody_gets_the_answer_he_would_get_alone(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *set[4];
    } cases[] = {
        {"als", {"factors=19", "iterations=2", NULL}}, /* by the shortlist, where the processor has one */
        {"mf", {"factors=8", "iterations=2", NULL}},   /* a bias; ratings */
        {"itemknn", {NULL}},
        {"popular", {NULL}},
    };
    static const uint32_t some[] = {0, 3, 4, 11, 250, 699};
    const rk_wish wishes[] = {
        {.n = 10},
        {.n = 1},
        {.n = 1000},
        {.n = 5, .skip = some, .n_skip = 6},
        {.n = 4, .only = some, .n_only = 6},
        {.n = 4, .only = some, .n_only = 5, .skip = some + 3, .n_skip = 2},
    };
    rk_pool *pool = rk_pool_new(2);
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        char dir[64];
        rk_model *model = NULL;
        train(dir, cases[c].kind, cases[c].set, &model);
        for (size_t w = 0; w < RK_COUNT_OF(wishes); w++) {
            check(model, &wishes[w], w % 2 ? RK_BEST_LISTS_JSONL : RK_BEST_LISTS_CSV, dir, w % 3 ? pool : NULL);
        }
        rk_model_close(model);
        fixture_remove(dir);
    }
    rk_pool_free(pool);
}

static void a_name_tells_the_format(void **state)
{
    (void)state;
    rk_best_lists_format format = RK_BEST_LISTS_CSV;
    rk_error err = {0};
    assert_int_equal(rk_best_lists_format_of("a.b/lists.jsonl", &format, &err), RK_OK);
    assert_int_equal(format, RK_BEST_LISTS_JSONL);
    assert_int_equal(rk_best_lists_format_of("lists.csv", &format, &err), RK_OK);
    assert_int_equal(format, RK_BEST_LISTS_CSV);
    assert_int_equal(rk_best_lists_format_of("lists", &format, &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "lists are written to FILE.csv or FILE.jsonl, not to 'lists'");
}

typedef struct {
    const rk_model *model;
    const char *path;
} attempt;

static bool write_some(void *context)
{
    const attempt *a = context;
    rk_error err = {0};
    rk_run run = {0};
    rk_wish wish = {.n = 3};
    return rk_best_lists_write(a->model, &wish, RK_BEST_LISTS_CSV, a->path, &run, &err) == RK_OK;
}

static void short_memory_leaves_no_file(void **state)
{
    (void)state;
    const char *const set[] = {"factors=4", "iterations=1", NULL};
    char dir[64], path[256];
    rk_model *model = NULL;
    rk_error err = {0};
    rk_mapped file;
    train(dir, "als", set, &model);
    attempt a = {model, fixture_path(path, dir, "lists")};
    fault_arm(5);
    assert_false(write_some(&a));
    assert_true(fault_disarm());
    assert_int_equal(rk_mapped_open(path, &file, &err), RK_NOT_FOUND);
    assert_true(fault_some(write_some, &a) > 10);
    rk_model_close(model);
    fixture_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_gets_the_answer_he_would_get_alone),
        cmocka_unit_test(a_name_tells_the_format),
        cmocka_unit_test(short_memory_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

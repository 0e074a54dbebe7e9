/* test_reckon.c - the public header alone carries a program from a raw log to an answer and its cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "reckon.h"

static char folder[] = "/tmp/reckon-api-XXXXXX";

/* Two tastes that never meet: even users take even items, odd users odd ones. */
static void write_log(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "customer,sku,date\n");
    for (int user = 0; user < 40; user++) {
        for (int i = 0; i < 10; i++) {
            int item = (user / 2 * 3 + i * 7) % 15 * 2 + user % 2;
            fprintf(file, "u%d,i%d,2026-01-%02d\n", user, item, i + 1);
        }
    }
    fclose(file);
}

static void fine(reckon_status status, const reckon_error *err)
{
    if (status) {
        fail_msg("%s", err->message);
    }
}

static int setup(void **state)
{
    reckon_error err;
    reckon_run run = {.seed = 1, .n_threads = 2};
    (void)state;
    if (!mkdtemp(folder) || chdir(folder)) {
        return -1;
    }
    write_log("log.csv");
    fine(reckon_ingest("log.csv", "user=customer,item=sku,time=date", "shop.rk", &run, &err), &err);
    fine(reckon_split("shop.rk", "time", 0.2, "train.rk", "test.rk", &run, &err), &err);
    fine(reckon_train("train.rk", "als", "factors=4,iterations=8", "als.rk", &run, &err), &err);
    fine(reckon_compress("als.rk", "int8", "small.rk", &run, &err), &err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const files[] = {"log.csv", "shop.rk", "train.rk", "test.rk", "als.rk", "small.rk"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        unlink(files[i]);
    }
    return chdir("/") || rmdir(folder);
}

static void an_even_user_is_offered_even_items(void **state)
{
    (void)state;
    reckon_error err;
    reckon_model *model = NULL;
    reckon_item best[3];
    size_t n = 0;
    fine(reckon_model_open("als.rk", &model, &err), &err);
    fine(reckon_recommend(model, "u4", 3, best, &n, &err), &err);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(atoi(best[i].id + 1) % 2, 0);
    }
    reckon_model_close(model);
}

static void a_history_speaks_for_a_stranger(void **state)
{
    (void)state;
    reckon_error err;
    reckon_model *model = NULL;
    reckon_item best[3];
    size_t n = 0;
    static const char *const history[] = {"i1", "i7", "i13", "never seen"};
    fine(reckon_model_open("small.rk", &model, &err), &err);
    fine(reckon_recommend_history(model, history, 4, 3, best, &n, &err), &err);
    assert_int_equal(n, 3);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(atoi(best[i].id + 1) % 2, 1);
    }
    reckon_model_close(model);
}

static void a_stranger_without_history_is_an_error_that_names_him(void **state)
{
    (void)state;
    reckon_error err = {0};
    reckon_model *model = NULL;
    reckon_item best[3];
    size_t n = 77;
    fine(reckon_model_open("als.rk", &model, &err), &err);
    assert_int_equal(reckon_recommend(model, "nobody", 3, best, &n, &err), RECKON_NOT_FOUND);
    assert_non_null(strstr(err.message, "'nobody'"));
    assert_int_equal(n, 77);
    assert_int_equal(reckon_recommend(model, "u4", 0, best, &n, &err), RECKON_BAD_USAGE);
    assert_int_equal(reckon_similar(model, "no such thing", 3, best, &n, &err), RECKON_NOT_FOUND);
    reckon_model_close(model);
}

static void quality_comes_as_json_with_intervals(void **state)
{
    (void)state;
    reckon_error err;
    char *json = NULL;
    fine(reckon_evaluate("als.rk", "test.rk", (const unsigned[]){5, 10}, 2, NULL, &json, &err), &err);
    assert_non_null(strstr(json, "\"ndcg@10\":"));
    assert_non_null(strstr(json, "\"recall@5_ci\":["));
    reckon_free(json);
}

static void a_missing_file_is_not_found(void **state)
{
    (void)state;
    reckon_error err = {0};
    reckon_model *model = NULL;
    char *json = NULL;
    assert_int_equal(reckon_model_open("nothing.rk", &model, &err), RECKON_NOT_FOUND);
    assert_null(model);
    assert_int_not_equal(reckon_cost_statement("nothing.yaml", &json, &err), RECKON_OK);
    assert_null(json);
    assert_int_not_equal(reckon_ingest("nothing.csv", NULL, "x.rk", NULL, &err), RECKON_OK);
    assert_int_not_equal(access("x.rk", F_OK), 0);
}

static void no_step_writes_over_what_it_reads(void **state)
{
    (void)state;
    reckon_error err = {0};
    assert_int_equal(reckon_ingest("log.csv", NULL, "./log.csv", NULL, &err), RECKON_BAD_USAGE);
    assert_string_equal(err.message, "'./log.csv' would replace the file that is read; name another");
    assert_int_equal(reckon_split("shop.rk", "random", 0.2, "shop.rk", "other.rk", NULL, &err), RECKON_BAD_USAGE);
    assert_int_equal(reckon_split("shop.rk", "random", 0.2, "other.rk", "shop.rk", NULL, &err), RECKON_BAD_USAGE);
    assert_int_equal(reckon_split("shop.rk", "random", 0.2, "new.rk", "./new.rk", NULL, &err), RECKON_BAD_USAGE);
    assert_int_equal(reckon_train("train.rk", "popular", NULL, "train.rk", NULL, &err), RECKON_BAD_USAGE);
    assert_int_equal(reckon_compress("als.rk", "fp16", "als.rk", NULL, &err), RECKON_BAD_USAGE);
    assert_int_not_equal(access("other.rk", F_OK), 0);
    assert_int_not_equal(access("new.rk", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_even_user_is_offered_even_items),
        cmocka_unit_test(a_history_speaks_for_a_stranger),
        cmocka_unit_test(a_stranger_without_history_is_an_error_that_names_him),
        cmocka_unit_test(quality_comes_as_json_with_intervals),
        cmocka_unit_test(no_step_writes_over_what_it_reads),
        cmocka_unit_test(a_missing_file_is_not_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}

/* test_taste.c - candidates as the log and a shopper see them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "rank/ranker.h"
#include "support/small_shop.h"
#include "support/test.h"

static char folder[64];

typedef struct {
    rk_index *index;
    rk_asker *asker;
    rk_looker *looker;
    rk_model *model;
    rk_arena arena;
} shop;

/* i2 was taken by three, i1 by one, i0 by nobody; i1 is the newest. The only user likes i1 most, i0 least; the product
 * "new" came after the log. */
static void write_shop(void)
{
    static const bool taken[] = {0, 0, 1, 0, 1, 1, 0, 0, 1};
    static const int64_t time[] = {0, 0, 100, 0, 500, 200, 0, 0, 300};
    static const float item[] = {0.1F, 0.9F, 0.5F}, user[] = {1, -1, 0};
    rk_error err = {0};
    rk_run run = {0};
    rk_text text = {0};
    rk_catalogue_report report;
    rk_index_report built;
    rk_index_options options = rk_index_defaults();
    small_dataset_write(&(small_dataset){.n_users = 3, .n_items = 3, .is_pair = taken, .time = time}, "log.rk");
    small_model_write(&(small_model){.n_users = 3, .n_items = 3, .dim = 1, .item_vector = item, .user_vector = user},
                      "model.rk");
    rk_text_add(&text, "id,title\ni0,red pot\ni1,red pan\ni2,red lid\nnew,red cup\n");
    assert_int_equal(rk_file_write_text("p.csv", &text, &err), RK_OK);
    rk_text_release(&text);
    assert_int_equal(
        rk_catalogue_ingest(&(rk_catalogue_options){.path = "p.csv", .into_path = "log.rk", .out_path = "p.rk"}, &run,
                            &report, &err),
        RK_OK);
    assert_int_equal(rk_index_build("p.rk", &options, "index.rk", &run, &built, &err), RK_OK);
}

static int set_up(void **state)
{
    static shop s;
    rk_error err = {0};
    strcpy(folder, "/tmp/reckon-taste-XXXXXX");
    if (!mkdtemp(folder) || chdir(folder)) {
        return -1;
    }
    write_shop();
    rk_status status = rk_index_open("index.rk", &s.index, &err);
    status = status ? status : rk_asker_new(rk_index_corpus(s.index), &s.asker, &err);
    status = status ? status : rk_looker_new(rk_index_corpus(s.index), &s.looker, &err);
    status = status ? status : rk_model_open("model.rk", &s.model, &err);
    *state = &s;
    return status ? -1 : 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"log.rk", "model.rk", "p.csv", "p.rk", "index.rk"};
    shop *s = *state;
    rk_looker_free(s->looker);
    rk_asker_free(s->asker);
    rk_index_close(s->index);
    rk_model_close(s->model);
    rk_arena_release(&s->arena);
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(files[i]);
    }
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

/* A feature of i0, i1, i2 and the new item. */
static void read_feature(shop *s, const char *name, double out[4])
{
    rk_error err = {0};
    rk_question question;
    rk_findings found;
    rk_looks looks;
    rk_slice text = rk_slice_of("red");
    rk_arena_clear(&s->arena);
    assert_int_equal(rk_question_read(s->asker, text, &question, &err), RK_OK);
    assert_int_equal(rk_question_answer(s->asker, &question, 10, &s->arena, &found, &err), RK_OK);
    assert_int_equal(rk_looker_read(s->looker, text, &question, &found, 10, &s->arena, &looks, &err), RK_OK);
    assert_int_equal(looks.n, 4);
    float *feature = RK_TAKE(&s->arena, float, looks.n *rk_n_features);
    assert_int_equal(rk_features_read(&looks, &s->arena, feature, &err), RK_OK);
    for (size_t i = 0; i < looks.n; i++) {
        out[looks.look[i].item] = (double)feature[i * rk_n_features + rk_feature_find(name)];
    }
}

static void expect(shop *s, const char *name, double i0, double i1, double i2, double fresh)
{
    double value[4], wanted[] = {i0, i1, i2, fresh};
    read_feature(s, name, value);
    for (size_t i = 0; i < 4; i++) {
        assert_true(fabs(value[i] - wanted[i]) < 1e-6);
    }
}

static void the_log_says_what_is_popular_and_new(void **state)
{
    expect(*state, "popularity", 0, 0.5, 1, 0); /* ln 2 / ln 4 */
    expect(*state, "newness", 0, 1, 0, 0);
}

static void shoppers_differ(void **state)
{
    shop *s = *state;
    expect(s, "taste", 0, 0, 0, 0);
    rk_looker_be(s->looker, s->model, 0);
    expect(s, "taste", 1.0 / 3, 1, 2.0 / 3, 0);
    rk_looker_be(s->looker, s->model, 1);
    expect(s, "taste", 1, 1.0 / 3, 2.0 / 3, 0);
    rk_looker_be(s->looker, NULL, 0);
    expect(s, "taste", 0, 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_says_what_is_popular_and_new),
        cmocka_unit_test(shoppers_differ),
    };
    return cmocka_run_group_tests_name("taste", tests, set_up, tear_down);
}

/* test_content.c - likeness by words: against the cosine written out, cold items, products that come later. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "fixture.h"
#include "model/answer.h"
#include "model/content.h"
#include "support/test.h"

static const char products[] = "id,title,brand,category,colour\n"
                               "a,Red cotton shirt,Acme,clothes > shirts,red\n"
                               "b,Blue cotton shirts,Acme,clothes > shirts,blue\n"
                               "c,Red wool socks,Bolt,clothes > socks,red\n"
                               "d,Steel hammer,Bolt,tools,\n"
                               "e,Hammer of steel,Core,tools,\n"
                               "f,Unlike anything,,,\n";

typedef struct {
    char dir[64], catalogue[256], log[256], both[256], model[256];
} shop;

static void write_file(const char *path, const char *text)
{
    rk_error err;
    rk_text content = {0};
    rk_text_add(&content, text);
    assert_int_equal(rk_file_write_text(path, &content, &err), RK_OK);
    rk_text_release(&content);
}

/* A log that knows a and d, and the catalogue beside it, unless it is to stand alone. */
static rk_model *open_shop(shop *s, bool has_log, const char *const *set, size_t n_set)
{
    rk_run run = {.seed = 1};
    rk_error err = {0};
    rk_model *model = NULL;
    char file[256];
    fixture_folder(s->dir);
    write_file(fixture_path(s->catalogue, s->dir, "products.csv"), products);
    if (has_log) {
        write_file(fixture_path(file, s->dir, "log.csv"), "user,item\nu,a\nv,d\nw,d\n");
        const char *const paths[] = {file};
        rk_ingest_options options = rk_ingest_defaults();
        rk_ingest_report report;
        options.paths = paths;
        options.n_paths = 1;
        options.out_path = fixture_path(s->log, s->dir, "log.rk");
        assert_int_equal(rk_ingest(&options, &run, &report, &err), RK_OK);
        rk_ingest_report_release(&report);
    }
    rk_catalogue_report report;
    rk_catalogue_options options = {.path = s->catalogue,
                                    .into_path = has_log ? s->log : NULL,
                                    .out_path = fixture_path(s->both, s->dir, "both.rk")};
    assert_int_equal(rk_catalogue_ingest(&options, &run, &report, &err), RK_OK);
    fixture_path(s->model, s->dir, "content.rk");
    rk_status status = rk_model_train(s->both, "content", set, n_set, s->model, &run, &err);
    status = status ? status : rk_model_open(s->model, &model, &err);
    if (status) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, RK_OK);
    return model;
}

static const char *const plain[] = {"common=1", "stemmer=english"};

static uint32_t id_of(const rk_model *model, const char *name)
{
    return rk_names_find(rk_model_items(model), rk_slice_of(name));
}

/* Which items like one, as names in order: "bc". */
static void assert_like(const rk_model *model, const char *item, const char *wanted)
{
    uint32_t items[8], n_found = 0;
    float scores[8];
    char names[9] = "";
    rk_error err;
    assert_int_equal(rk_model_similar(model, id_of(model, item), 8, items, scores, &n_found, &err), RK_OK);
    for (uint32_t i = 0; i < n_found; i++) {
        names[i] = *rk_names_get(rk_model_items(model), items[i]).at;
        names[i + 1] = '\0';
        assert_true(scores[i] > 0 && scores[i] < 1.0001F && (i == 0 || scores[i] <= scores[i - 1]));
    }
    assert_string_equal(names, wanted);
}

static void items_are_like_those_they_share_words_with(void **state)
{
    (void)state;
    shop s;
    rk_model *model = open_shop(&s, false, plain, 2);
    assert_like(model, "a", "bc");
    assert_like(model, "d", "ec"); /* the same words, then the same brand */
    assert_like(model, "f", "");
    rk_model_close(model);
    fixture_remove(s.dir);
}

static void likeness_is_the_cosine_written_out(void **state)
{
    (void)state;
    shop s;
    const char *const set[] = {"common=1", "brand=0", "category=0", "attributes=0", "stemmer=english"};
    rk_model *model = open_shop(&s, false, set, 5);
    /* a: red cotton shirt, b: blue cotton shirt; red, cotton and shirt are in two items each, blue in one */
    double w2 = log(7 / 2.5), w1 = log(7 / 1.5), a = sqrt(3 * w2 * w2), b = sqrt(2 * w2 * w2 + w1 * w1);
    uint32_t items[2], n_found;
    float scores[2];
    rk_error err;
    assert_int_equal(rk_model_similar(model, id_of(model, "a"), 1, items, scores, &n_found, &err), RK_OK);
    assert_int_equal(items[0], id_of(model, "b"));
    assert_true(fabs((double)scores[0] - 2 * w2 * w2 / (a * b)) < 1e-6);
    rk_model_close(model);
    fixture_remove(s.dir);
}

static void cold_items_are_found_by_what_they_are(void **state)
{
    (void)state;
    shop s;
    rk_model *model = open_shop(&s, true, plain, 2);
    rk_desk *desk = rk_desk_new();
    rk_error err = {0};
    rk_answer answer;
    rk_wish wish = {.user = rk_names_find(rk_model_users(model), RK_SLICE("u")), .n = 10, .n_reasons = 1};
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
    assert_int_equal(answer.n, 5); /* all that u has not taken */
    assert_int_equal(answer.item[0], id_of(model, "b"));
    assert_int_equal(answer.reason[0], id_of(model, "a"));
    assert_int_equal(answer.item[1], id_of(model, "c"));
    assert_int_equal(answer.item[2], id_of(model, "d")); /* popular, where no word speaks */
    rk_desk_free(desk);
    rk_model_close(model);
    fixture_remove(s.dir);
}

static void a_later_product_is_compared_as_if_it_had_been_there(void **state)
{
    (void)state;
    shop s;
    rk_model *model = open_shop(&s, false, plain, 2);
    rk_content_desk *desk = NULL;
    rk_error err = {0};
    assert_int_equal(rk_content_desk_new(model, &desk, &err), RK_OK);
    static const rk_slice attribute[] = {{"colour", 6}}, value[] = {{"red", 3}};
    rk_product again = {.title = RK_SLICE("Red cotton shirt"),
                        .brand = RK_SLICE("Acme"),
                        .category = RK_SLICE("clothes > shirts"),
                        .attribute = attribute,
                        .value = value,
                        .n_attributes = 1};
    uint32_t items[6], others[6], n_found = 0, n_others = 0;
    float scores[6], other_scores[6];
    assert_int_equal(rk_content_similar(desk, &again, 6, items, scores, &n_found, &err), RK_OK);
    assert_int_equal(items[0], id_of(model, "a"));
    assert_true(fabs((double)scores[0] - 1) < 1e-6);
    assert_int_equal(rk_model_similar(model, items[0], 5, others, other_scores, &n_others, &err), RK_OK);
    assert_int_equal(n_found, n_others + 1);
    for (uint32_t i = 0; i < n_others; i++) {
        assert_int_equal(others[i], items[i + 1]);
        assert_true(fabs((double)(other_scores[i] - scores[i + 1])) < 1e-6);
    }
    rk_product strange = {.title = RK_SLICE("quantum zebra")};
    assert_int_equal(rk_content_similar(desk, &strange, 6, items, scores, &n_found, &err), RK_OK);
    assert_int_equal(n_found, 0);
    rk_content_desk_free(desk);
    rk_model_close(model);
    fixture_remove(s.dir);
}

static void a_dataset_that_says_nothing_is_refused(void **state)
{
    (void)state;
    char dir[64], path[256], out[256];
    rk_run run = {0};
    rk_error err = {0};
    fixture_folder(dir);
    write_file(fixture_path(path, dir, "log.csv"), "user,item\nu,a\nv,d\n");
    const char *const paths[] = {path};
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    options.paths = paths;
    options.n_paths = 1;
    options.out_path = fixture_path(out, dir, "log.rk");
    assert_int_equal(rk_ingest(&options, &run, &report, &err), RK_OK);
    rk_ingest_report_release(&report);
    assert_int_equal(rk_model_train(out, "content", NULL, 0, fixture_path(path, dir, "m.rk"), &run, &err),
                     RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "--catalogue"));
    fixture_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_like_those_they_share_words_with),
        cmocka_unit_test(likeness_is_the_cosine_written_out),
        cmocka_unit_test(cold_items_are_found_by_what_they_are),
        cmocka_unit_test(a_later_product_is_compared_as_if_it_had_been_there),
        cmocka_unit_test(a_dataset_that_says_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

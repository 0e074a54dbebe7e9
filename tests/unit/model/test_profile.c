/* test_profile.c - tastes counted by hand, and the model that recommends by them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/ingest.h"
#include "fixture.h"
#include "model/answer.h"
#include "model/taste.h"
#include "support/test.h"

/* 2020-01-01 and days after it; "." is the price. */
static const char log_text[] = "user,item,time,title,category,brand,price\n"
                               "ann,tea,2020-01-01,Green tea,drinks,Acme,2\n"
                               "ann,tea,2020-01-04,Green tea,drinks,Acme,2\n"
                               "ann,pot,2020-01-10,Tea pot,kitchen,Bolt,10\n"
                               "bob,pot,2020-01-02,Tea pot,kitchen,Bolt,10\n"
                               "bob,cup,2020-01-02,Cup,kitchen,Acme,4\n"
                               "cat,cup,2020-01-05,Cup,kitchen,Acme,4\n"
                               "cat,mate,2020-01-06,Mate tea,drinks,Bolt,3\n"
                               "dan,cup,2020-01-07,Cup,kitchen,Acme,4\n"
                               "eve,nail,2020-01-08,Nail,,,\n";

typedef struct {
    char dir[64], log[256], model[256];
    rk_dataset dataset;
} shop;

static void open_shop(shop *s)
{
    char file[256];
    rk_run run = {.seed = 1};
    rk_error err = {0};
    rk_text text = {0};
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    fixture_folder(s->dir);
    rk_text_add(&text, log_text);
    assert_int_equal(rk_file_write_text(fixture_path(file, s->dir, "log.csv"), &text, &err), RK_OK);
    rk_text_release(&text);
    const char *const paths[] = {file};
    options.paths = paths;
    options.n_paths = 1;
    options.out_path = fixture_path(s->log, s->dir, "log.rk");
    options.clean.mode[RK_RULE_DUPLICATE] = RK_RULE_OFF;
    assert_int_equal(rk_ingest(&options, &run, &report, &err), RK_OK);
    rk_ingest_report_release(&report);
    assert_int_equal(rk_dataset_open(s->log, &s->dataset, &err), RK_OK);
}

static void close_shop(shop *s)
{
    rk_dataset_close(&s->dataset);
    fixture_remove(s->dir);
}

static rk_profile_of profile_of(const rk_taste_base *base, const shop *s, const char *name)
{
    rk_profile_of p;
    rk_error err;
    assert_int_equal(rk_profile_make(base, rk_names_find(&s->dataset.users, rk_slice_of(name)), &p, &err), RK_OK);
    return p;
}

static void assert_near(double value, double wanted) { assert_true(fabs(value - wanted) < 1e-9); }

static void tastes_are_shares_beside_everybodys(void **state)
{
    (void)state;
    shop s;
    rk_taste_base *base = NULL;
    rk_error err;
    open_shop(&s);
    assert_int_equal(rk_taste_base_new(&s.dataset, 0, &base, &err), RK_OK);
    rk_profile_of ann = profile_of(base, &s, "ann");
    assert_int_equal(ann.n_events, 3);
    assert_int_equal(ann.n_items, 2);
    assert_int_equal(ann.n_categories, 2);
    assert_true(rk_slice_is(ann.category[0].name, "drinks"));
    assert_near(ann.category[0].share, 2.0 / 3);
    double common = 3.0 / 8; /* drinks: three of the eight events that have a category */
    assert_near(ann.category[0].lift, (2 + 2 * common) / (3 + 2) / common);
    assert_true(rk_slice_is(ann.brand[0].name, "Acme"));
    assert_near(ann.days_between, 4.5); /* three days, then six */
    assert_near(ann.price_median, 2);
    assert_near(ann.price_high, 6);
    assert_near(ann.price_rank, 0);
    assert_int_equal(ann.n_favourites, 1);
    assert_true(rk_slice_is(ann.item[0], "Green tea"));
    assert_int_equal(ann.item_times[0], 2);
    rk_profile_of eve = profile_of(base, &s, "eve");
    assert_int_equal(eve.n_categories + eve.n_brands + eve.n_favourites, 0);
    assert_true(isnan(eve.price_median) && isnan(eve.days_between));
    rk_taste_base_free(base);
    close_shop(&s);
}

static void words_that_all_use_say_nothing(void **state)
{
    (void)state;
    shop s;
    rk_taste_base *base = NULL;
    rk_error err;
    open_shop(&s);
    assert_int_equal(rk_taste_base_new(&s.dataset, 0, &base, &err), RK_OK);
    rk_profile_of ann = profile_of(base, &s, "ann");
    assert_true(rk_slice_is(ann.word[0].name, "green")); /* only ann takes it; tea is common */
    rk_taste_base_free(base);
    close_shop(&s);
}

static void old_events_fade(void **state)
{
    (void)state;
    shop s;
    rk_taste_base *base = NULL;
    rk_error err;
    open_shop(&s);
    assert_int_equal(rk_taste_base_new(&s.dataset, 2, &base, &err), RK_OK);
    rk_profile_of ann = profile_of(base, &s, "ann");
    double drinks = exp2(-9 / 2.0) + exp2(-6 / 2.0), kitchen = 1; /* the newest event is ann's pot */
    assert_true(rk_slice_is(ann.category[0].name, "kitchen"));
    assert_near(ann.category[0].share, kitchen / (kitchen + drinks));
    rk_taste_base_free(base);
    close_shop(&s);
}

static void the_model_offers_what_is_popular_of_the_users_kind(void **state)
{
    (void)state;
    shop s;
    rk_run run = {.seed = 1};
    rk_error err = {0};
    rk_model *model = NULL;
    const char *const set[] = {"brand=0", "price=0", "prior=0"};
    open_shop(&s);
    rk_status status = rk_model_train(s.log, "profile", set, 3, fixture_path(s.model, s.dir, "m.rk"), &run, &err);
    status = status ? status : rk_model_open(s.model, &model, &err);
    if (status) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, RK_OK);
    rk_desk *desk = rk_desk_new();
    rk_answer answer;
    rk_wish wish = {.user = rk_names_find(rk_model_users(model), RK_SLICE("cat")), .n = 10, .n_reasons = 1};
    assert_int_equal(rk_answer_recommend(desk, model, &wish, &answer, &err), RK_OK);
    /* half kitchen, half drinks; tea: one taker of one at most; pot: two takers where cup has three */
    assert_int_equal(answer.n, 3);
    assert_true(rk_slice_is(rk_names_get(rk_model_items(model), answer.item[0]), "tea"));
    assert_true(fabs((double)answer.score[0] - 0.5) < 1e-5);
    assert_true(fabs((double)answer.score[1] - 0.5 * sqrt(3.0 / 4)) < 1e-5);
    assert_true(rk_slice_is(rk_names_get(rk_model_items(model), answer.item[2]), "nail")); /* no feature, still there */
    assert_true(rk_slice_is(rk_names_get(rk_model_items(model), answer.reason[0]), "mate"));
    assert_true(rk_slice_is(rk_names_get(rk_model_items(model), answer.reason[1]), "cup"));
    rk_desk_free(desk);
    rk_model_close(model);
    close_shop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tastes_are_shares_beside_everybodys),
        cmocka_unit_test(words_that_all_use_say_nothing),
        cmocka_unit_test(old_events_fade),
        cmocka_unit_test(the_model_offers_what_is_popular_of_the_users_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

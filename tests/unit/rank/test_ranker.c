/* test_ranker.c - features say what stands where; a blend orders by their sum and keeps the rest behind; files of
 * weights. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "rank/fuse.h"
#include "rank/ranker.h"
#include "support/test.h"

static const char products[] = "id,title,text,brand,category,price,colour,size\n"
                               "1,Notebook sleeve for 15 inch notebooks,A sleeve,Acme,bags,20,grey,15\n"
                               "2,HP ProBook 4520s notebook,Notebook PC,HP,computers,800,black,15\n"
                               "3,Gaming notebook,A PC for gaming,Asus,computers,1200,black,17\n"
                               "4,Board games,Games for the family,Acme,toys,30,,\n"
                               "5,Paper,Nothing else,Acme,office,3,,\n";

typedef struct {
    char folder[64];
    rk_index *index;
    rk_asker *asker;
    rk_looker *looker;
    rk_arena arena;
    rk_question question;
    rk_findings found;
    rk_looks looks;
    float *feature;
} shop;

static int set_up(void **state)
{
    static shop s;
    rk_run run = {0};
    rk_error err = {0};
    rk_text text = {0};
    rk_catalogue_report report;
    rk_index_report built;
    rk_index_options options = rk_index_defaults();
    rk_catalogue_options from = {.path = "p.csv", .out_path = "p.rk"};
    strcpy(s.folder, "/tmp/reckon-rank-XXXXXX");
    if (!mkdtemp(s.folder) || chdir(s.folder)) {
        return -1;
    }
    rk_text_add(&text, products);
    rk_status status = rk_file_write_text("p.csv", &text, &err);
    rk_text_release(&text);
    status = status ? status : rk_catalogue_ingest(&from, &run, &report, &err);
    status = status ? status : rk_index_build("p.rk", &options, "p.index.rk", &run, &built, &err);
    status = status ? status : rk_index_open("p.index.rk", &s.index, &err);
    status = status ? status : rk_asker_new(rk_index_corpus(s.index), &s.asker, &err);
    status = status ? status : rk_looker_new(rk_index_corpus(s.index), &s.looker, &err);
    if (status) {
        print_error("%s\n", err.message);
    }
    *state = &s;
    return status ? -1 : 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"p.csv", "p.rk", "p.index.rk", "r.rk"};
    shop *s = *state;
    rk_looker_free(s->looker);
    rk_asker_free(s->asker);
    rk_index_close(s->index);
    rk_arena_release(&s->arena);
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(files[i]);
    }
    return chdir("/") == 0 ? rmdir(s->folder) : -1;
}

static void find(shop *s, const char *text)
{
    rk_error err = {0};
    rk_arena_clear(&s->arena);
    assert_int_equal(rk_question_read(s->asker, rk_slice_of(text), &s->question, &err), RK_OK);
    assert_int_equal(rk_question_answer(s->asker, &s->question, 10, &s->arena, &s->found, &err), RK_OK);
}

static void look(shop *s, const char *text)
{
    rk_error err = {0};
    find(s, text);
    assert_int_equal(
        rk_looker_read(s->looker, rk_slice_of(text), &s->question, &s->found, 10, &s->arena, &s->looks, &err), RK_OK);
    s->feature = RK_TAKE(&s->arena, float, s->looks.n *rk_n_features);
    assert_int_equal(rk_features_read(&s->looks, &s->arena, s->feature, &err), RK_OK);
}

/* Of an item by its id, which is its number + 1. */
static double value(const shop *s, uint32_t id, const char *name)
{
    size_t f = rk_feature_find(name);
    assert_true(f < rk_n_features);
    for (size_t i = 0; i < s->looks.n; i++) {
        if (s->looks.look[i].item == id - 1) {
            return (double)s->feature[i * rk_n_features + f];
        }
    }
    fail_msg("item %u was not found", id);
    return 0;
}

static void near_to(double value, double wanted) { assert_true(fabs(value - wanted) < 1e-6); }

static void features_say_what_stands_where(void **state)
{
    shop *s = *state;
    look(s, "gaming notebook");
    near_to(value(s, 3, "covered"), 1);
    near_to(value(s, 3, "all"), 1);
    near_to(value(s, 3, "exact"), 1);
    near_to(value(s, 3, "title_density"), 1);
    near_to(value(s, 3, "title_pairs"), 1);
    near_to(value(s, 3, "whole"), 1);
    near_to(value(s, 3, "title_start"), 1);
    near_to(value(s, 3, "title_end"), 1);
    near_to(value(s, 2, "title_density"), 0.25);
    near_to(value(s, 2, "title_end"), 1);
    near_to(value(s, 2, "title_start"), 0.25);
    near_to(value(s, 2, "all"), 0);
    near_to(value(s, 2, "title_pairs"), 0);
    near_to(value(s, 2, "detail"), log(3)); /* colour and size */
    near_to(value(s, 4, "detail"), 0);
    assert_true(value(s, 3, "price") > 0 && value(s, 4, "price") < 0);
}

static void games_are_no_gaming_as_typed(void **state)
{
    shop *s = *state;
    look(s, "gaming");
    near_to(value(s, 4, "covered"), 1);
    near_to(value(s, 4, "exact"), 0);
    near_to(value(s, 4, "best_exact"), 0);
    near_to(value(s, 3, "exact"), 1);
    look(s, "GAMES");
    near_to(value(s, 4, "exact"), 1);
    near_to(value(s, 3, "exact"), 0);
}

static void a_model_number_is_known_as_one(void **state)
{
    shop *s = *state;
    look(s, "notebook 4520s");
    near_to(value(s, 2, "model"), 1);
    near_to(value(s, 1, "model"), 0);
    look(s, "notebook");
    near_to(value(s, 2, "model"), 0);
}

static void companions_share_a_shelf(void **state)
{
    shop *s = *state;
    look(s, "notebook");
    assert_true(value(s, 2, "shelf") > value(s, 1, "shelf"));
    assert_true(value(s, 2, "kind") > 0);
}

static void a_blend_orders_by_its_sum(void **state)
{
    shop *s = *state;
    rk_error err = {0};
    rk_ranker cheap = {0};
    cheap.blend.weight[rk_feature_find("price")] = -1;
    find(s, "notebook");
    size_t n = s->found.n;
    assert_int_equal(n, 3);
    assert_int_equal(
        rk_ranker_rank(&cheap, s->looker, rk_slice_of("notebook"), &s->question, &s->arena, &s->found, &err), RK_OK);
    static const uint32_t by_price[] = {0, 1, 2};
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(s->found.item[i], by_price[i]);
        assert_true(i == 0 || s->found.score[i] < s->found.score[i - 1]);
    }
}

static void places_are_fused(void **state)
{
    float value[] = {3, 0, 1, 0, 3, 0, 2, 0};
    double score[4] = {0};
    uint32_t room[4];
    (void)state;
    rk_fuse_add(value, 4, 2, room, score);
    near_to(score[0], 1.0 / 61);
    near_to(score[2], 1.0 / 61);
    near_to(score[3], 1.0 / 63);
    near_to(score[1], 1.0 / 64);
}

static void fused_orders_need_no_weights(void **state)
{
    shop *s = *state;
    rk_error err = {0};
    rk_ranker fused = rk_ranker_fused();
    find(s, "gaming notebook");
    assert_int_equal(
        rk_ranker_rank(&fused, s->looker, rk_slice_of("gaming notebook"), &s->question, &s->arena, &s->found, &err),
        RK_OK);
    assert_int_equal(s->found.item[0], 2); /* first in all of them */
    assert_true(fabs((double)s->found.score[0] - 5.0 / 61) < 1e-6);
}

static void no_words_are_left_as_they_are(void **state)
{
    shop *s = *state;
    rk_error err = {0};
    rk_ranker ranker = rk_ranker_default();
    find(s, "price<100");
    assert_int_equal(s->found.n, 3);
    assert_int_equal(
        rk_ranker_rank(&ranker, s->looker, rk_slice_of("price<100"), &s->question, &s->arena, &s->found, &err), RK_OK);
    assert_int_equal(s->found.item[0], 0);
    assert_int_equal(s->found.item[2], 4);
}

static void the_untrained_blend_prefers_the_thing_itself(void **state)
{
    shop *s = *state;
    rk_error err = {0};
    rk_ranker ranker = rk_ranker_default();
    find(s, "gaming notebook");
    assert_int_equal(
        rk_ranker_rank(&ranker, s->looker, rk_slice_of("gaming notebook"), &s->question, &s->arena, &s->found, &err),
        RK_OK);
    assert_int_equal(s->found.item[0], 2);
}

static void weights_come_back_from_their_file(void **state)
{
    rk_error err = {0};
    rk_ranker ranker = rk_ranker_default(), back;
    rk_usage making = {0};
    (void)state;
    ranker.blend.weight[rk_feature_find("kind")] = -0.125;
    assert_int_equal(rk_ranker_write(&ranker, NULL, "r.rk", &making, &err), RK_OK);
    assert_int_equal(rk_ranker_open("r.rk", &back, &err), RK_OK);
    for (size_t f = 0; f < rk_n_features; f++) {
        assert_true(back.blend.weight[f] == ranker.blend.weight[f]);
    }
    assert_int_equal(rk_ranker_open("p.rk", &back, &err), RK_BAD_INPUT);
}

static void write_weights(json_t *weights)
{
    rk_artefact_writer *writer = NULL;
    rk_error err = {0};
    assert_int_equal(rk_artefact_create("r.rk", "ranker", &writer, &err), RK_OK);
    json_object_set_new(rk_artefact_writer_meta(writer), "weights", weights);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
}

static void weights_of_other_programs_are_refused(void **state)
{
    rk_error err = {0};
    rk_ranker back;
    (void)state;
    write_weights(json_pack("{s:f}", "charm", 1.0));
    assert_int_equal(rk_ranker_open("r.rk", &back, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "no feature 'charm'"));
    write_weights(json_pack("{s:s}", "title", "much"));
    assert_int_equal(rk_ranker_open("r.rk", &back, &err), RK_BAD_INPUT);
    write_weights(json_object());
    assert_int_equal(rk_ranker_open("r.rk", &back, &err), RK_BAD_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_say_what_stands_where),
        cmocka_unit_test(games_are_no_gaming_as_typed),
        cmocka_unit_test(a_model_number_is_known_as_one),
        cmocka_unit_test(companions_share_a_shelf),
        cmocka_unit_test(a_blend_orders_by_its_sum),
        cmocka_unit_test(places_are_fused),
        cmocka_unit_test(fused_orders_need_no_weights),
        cmocka_unit_test(no_words_are_left_as_they_are),
        cmocka_unit_test(the_untrained_blend_prefers_the_thing_itself),
        cmocka_unit_test(weights_come_back_from_their_file),
        cmocka_unit_test(weights_of_other_programs_are_refused),
    };
    return cmocka_run_group_tests_name("ranker", tests, set_up, tear_down);
}

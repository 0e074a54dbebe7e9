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
    rk_looker_be(s->looker, &(rk_shopper){.model = s->model, .user = 0});
    expect(s, "taste", 1.0 / 3, 1, 2.0 / 3, 0);
    rk_looker_be(s->looker, &(rk_shopper){.model = s->model, .user = 1});
    expect(s, "taste", 1, 1.0 / 3, 2.0 / 3, 0);
    rk_looker_be(s->looker, &(rk_shopper){0});
    expect(s, "taste", 0, 0, 0, 0);
}

/* ---- places fused ---- */

enum { LAMPS = 60, DIM = 4 };

/* Lamps that say the same, a few words more or less; odd ones are of one maker, even ones of another. u0 likes the odd,
 * u1 the even; u2 has no vector and took nothing: its model has no vectors of users. */
static rk_index *open_lamps(uint64_t *seed)
{
    static const char *const words[] = {"desk", "lamp", "brass", "old", "small"};
    rk_error err = {0};
    rk_run run = {0};
    rk_text text = {0};
    rk_catalogue_report report;
    rk_index_report built;
    rk_index *index = NULL;
    rk_index_options options = rk_index_defaults();
    rk_text_add(&text, "id,title\n");
    for (int i = 0; i < LAMPS; i++) {
        rk_text_addf(&text, "i%d,lamp", i);
        for (uint32_t w = test_random(seed) % 5; w > 0; w--) {
            rk_text_addf(&text, " %s", words[test_random(seed) % RK_COUNT_OF(words)]);
        }
        rk_text_add(&text, "\n");
    }
    assert_int_equal(rk_file_write_text("p.csv", &text, &err), RK_OK);
    rk_text_release(&text);
    assert_int_equal(
        rk_catalogue_ingest(&(rk_catalogue_options){.path = "p.csv", .out_path = "p.rk"}, &run, &report, &err), RK_OK);
    assert_int_equal(rk_index_build("p.rk", &options, "index.rk", &run, &built, &err), RK_OK);
    assert_int_equal(rk_index_open("index.rk", &index, &err), RK_OK);
    return index;
}

static rk_model *open_makers(uint64_t *seed, float item[LAMPS * DIM])
{
    static const float user[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    rk_model *model = NULL;
    rk_error err = {0};
    for (int i = 0; i < LAMPS; i++) {
        item[i * DIM] = i % 2 ? 1.0F : 0.0F;
        item[i * DIM + 1] = i % 2 ? 0.0F : 1.0F;
        item[i * DIM + 2] = (float)(test_random(seed) % 100) / 1000.0F;
        item[i * DIM + 3] = (float)(test_random(seed) % 100) / 1000.0F;
    }
    small_model_write(
        &(small_model){.n_users = 3, .n_items = LAMPS, .dim = DIM, .item_vector = item, .user_vector = user},
        "model.rk");
    assert_int_equal(rk_model_open("model.rk", &model, &err), RK_OK);
    return model;
}

/* 1 / (60 + place) by a value, places of equal values the first of them. */
static double part_of(const double *value, size_t n, size_t i)
{
    size_t place = 1;
    for (size_t k = 0; k < n; k++) {
        place += value[k] > value[i];
    }
    return 1 / (60.0 + (double)place);
}

typedef struct {
    double score, by_words;
    uint32_t item;
} place;

static int best_first(const void *a, const void *b)
{
    const place *x = a, *y = b;
    double apart = x->score != y->score ? y->score - x->score : y->by_words - x->by_words;
    return apart > 0 ? 1 : apart < 0 ? -1 : (x->item > y->item) - (x->item < y->item);
}

/* The order that is wanted, from the features alone. */
static void fuse_slowly(const rk_looks *looks, const float *feature, place *out)
{
    rk_blend blend = rk_blend_default();
    size_t n = looks->n, f_taste = rk_feature_find("taste");
    double band[LAMPS], taste[LAMPS], best = 0;
    blend.weight[f_taste] = 0;
    for (size_t i = 0; i < n; i++) {
        const float *own = feature + i * rk_n_features;
        out[i] = (place){0, rk_blend_score(&blend, own), looks->look[i].item};
        taste[i] = (double)own[f_taste];
        best = fmax(best, out[i].by_words);
    }
    for (size_t i = 0; i < n; i++) {
        band[i] = fmin(floor(20 * out[i].by_words / best), 19);
    }
    for (size_t i = 0; i < n; i++) {
        out[i].score = part_of(band, n, i) + part_of(taste, n, i);
    }
    qsort(out, n, sizeof *out, best_first);
}

static void rank_lamps(const rk_index *index, const rk_shopper *shopper, rk_arena *arena, rk_findings *found,
                       place *wanted)
{
    rk_asker *asker = NULL;
    rk_looker *looker = NULL;
    rk_question question;
    rk_looks looks;
    rk_error err = {0};
    rk_ranker ranker = rk_ranker_default();
    rk_slice text = RK_SLICE("lamp");
    assert_int_equal(rk_asker_new(rk_index_corpus(index), &asker, &err), RK_OK);
    assert_int_equal(rk_looker_new(rk_index_corpus(index), &looker, &err), RK_OK);
    rk_looker_be(looker, shopper);
    assert_int_equal(rk_question_read(asker, text, &question, &err), RK_OK);
    assert_int_equal(rk_question_answer(asker, &question, LAMPS, arena, found, &err), RK_OK);
    if (wanted) {
        assert_int_equal(rk_looker_read(looker, text, &question, found, LAMPS, arena, &looks, &err), RK_OK);
        float *feature = RK_TAKE(arena, float, looks.n *rk_n_features);
        assert_int_equal(rk_features_read(&looks, arena, feature, &err), RK_OK);
        fuse_slowly(&looks, feature, wanted);
    }
    assert_int_equal(rk_ranker_rank(&ranker, looker, text, &question, arena, found, &err), RK_OK);
    rk_looker_free(looker);
    rk_asker_free(asker);
}

static void of_what_answers_alike_the_shopper_s_maker_stands_first(void **state)
{
    (void)state;
    for (uint64_t seed = 1, run = 1; run <= 20; run++, seed = run) {
        float item[LAMPS * DIM];
        place wanted[LAMPS];
        rk_findings found, plain;
        rk_arena arena = {0};
        rk_index *index = open_lamps(&seed);
        rk_model *model = open_makers(&seed, item);
        for (uint32_t user = 0; user < 2; user++) {
            rank_lamps(index, &(rk_shopper){.model = model, .user = user}, &arena, &found, wanted);
            assert_int_equal(found.n, LAMPS);
            for (size_t i = 0; i < found.n; i++) {
                assert_int_equal(found.item[i], wanted[i].item);
            }
            assert_int_equal(found.item[0] % 2, 1 - user);
        }
        rank_lamps(index, &(rk_shopper){.user = RK_NO_ID}, &arena, &plain, NULL);
        rank_lamps(index, &(rk_shopper){.model = model, .user = RK_NO_ID}, &arena, &found, NULL);
        for (size_t i = 0; i < found.n; i++) { /* who is new sees what everybody sees */
            assert_int_equal(found.item[i], plain.item[i]);
            assert_memory_equal(&found.score[i], &plain.score[i], sizeof(float));
        }
        rk_model_close(model);
        rk_index_close(index);
        rk_arena_release(&arena);
    }
}

/* The query's vector is the mean of what is found first, by its scores. */
static void like_the_best_is_told_by_vectors(void **state)
{
    (void)state;
    uint64_t seed = 5;
    float item[LAMPS * DIM];
    rk_index *index = open_lamps(&seed);
    rk_model *model = open_makers(&seed, item);
    rk_asker *asker = NULL;
    rk_looker *looker = NULL;
    rk_question question;
    rk_findings found;
    rk_looks looks;
    rk_arena arena = {0};
    rk_error err = {0};
    double query[DIM] = {0}, length = 0;
    assert_int_equal(rk_asker_new(rk_index_corpus(index), &asker, &err), RK_OK);
    assert_int_equal(rk_looker_new(rk_index_corpus(index), &looker, &err), RK_OK);
    rk_looker_be(looker, &(rk_shopper){.model = model, .user = RK_NO_ID});
    assert_int_equal(rk_question_read(asker, RK_SLICE("brass lamp"), &question, &err), RK_OK);
    assert_int_equal(rk_question_answer(asker, &question, LAMPS, &arena, &found, &err), RK_OK);
    assert_int_equal(rk_looker_read(looker, RK_SLICE("brass lamp"), &question, &found, LAMPS, &arena, &looks, &err),
                     RK_OK);
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < looks.n && (pass == 1 || i < 10); i++) {
            const float *v = item + looks.look[i].item * DIM;
            double own = 0, dot = 0;
            for (int d = 0; d < DIM; d++) {
                own += (double)v[d] * (double)v[d];
            }
            for (int d = 0; d < DIM; d++) {
                dot += query[d] * (double)v[d] / sqrt(own);
                query[d] += pass == 0 ? looks.look[i].score * (double)v[d] / sqrt(own) : 0;
            }
            assert_true(pass == 0 || fabs(looks.look[i].vector - dot / sqrt(length)) < 1e-5); /* floats */
        }
        for (int d = 0; d < DIM && pass == 0; d++) {
            length += query[d] * query[d];
        }
    }
    rk_looker_free(looker);
    rk_asker_free(asker);
    rk_model_close(model);
    rk_index_close(index);
    rk_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_says_what_is_popular_and_new),
        cmocka_unit_test(shoppers_differ),
        cmocka_unit_test(of_what_answers_alike_the_shopper_s_maker_stands_first),
        cmocka_unit_test(like_the_best_is_told_by_vectors),
    };
    return cmocka_run_group_tests_name("taste", tests, set_up, tear_down);
}

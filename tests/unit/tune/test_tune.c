/* A study is the same however it is interrupted or spread over threads, and ends in a model of all the data. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "tune/tune.h"

enum { USERS = 480, ITEMS = 24 };

typedef struct {
    char folder[64], data[96], rated[96], valid[96], study[96], out[96], plain[96], scratch[112];
} place;

/* Users of four tastes; the rating of an item falls with its distance from the taste. */
static void write_shop(const char *path, bool is_rated, unsigned part)
{
    static bool is_pair[USERS * ITEMS];
    static float value[USERS * ITEMS];
    uint64_t random = 7;
    for (unsigned u = 0; u < USERS; u++) {
        for (unsigned i = 0; i < ITEMS; i++) {
            unsigned away = (i + ITEMS - u % 4 * 6) % ITEMS, draw = test_random(&random) % 100;
            bool is_taken = draw < (away < 6 ? 70u : 8u);
            bool is_valid = test_random(&random) % 10 == 0;
            is_pair[u * ITEMS + i] = is_taken && (part == 0 || is_valid == (part == 2));
            value[u * ITEMS + i] = (float)(5 - away / 6) + (float)(draw % 3) / 4;
        }
    }
    small_dataset_write(&(small_dataset){USERS, ITEMS, is_pair, is_rated ? value : NULL, NULL, NULL}, path);
}

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    snprintf(p->folder, sizeof p->folder, "/tmp/reckon-tune-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
#define FILE_IN(field, name) snprintf(p->field, sizeof p->field, "%s/%s", p->folder, name)
    FILE_IN(data, "data.rk");
    FILE_IN(rated, "rated.rk");
    FILE_IN(valid, "valid.rk");
    FILE_IN(study, "study.db");
    FILE_IN(out, "best.rk");
    FILE_IN(plain, "plain.rk");
    FILE_IN(scratch, "best.rk.tuning");
    write_shop(p->data, false, 0);
    write_shop(p->rated, true, 0);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    const char *const files[] = {p->data, p->rated, p->valid, p->study, p->out, p->plain};
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(files[i]);
    }
    assert_int_equal(rmdir(p->folder), 0); /* nothing else is left */
    free(p);
    return 0;
}

static const char *const als[] = {"als"}, *const als_set[] = {"iterations=4", "factors=4"};

static rk_tune_options options_of(const place *p, double budget)
{
    return (rk_tune_options){.dataset_path = p->data,
                             .split = {.rule = RK_SPLIT_RANDOM, .test_share = 0.2},
                             .models = als,
                             .n_models = 1,
                             .metric = "ndcg@5",
                             .search = &rk_search_tpe,
                             .budget = budget,
                             .parallel = 1,
                             .set = als_set,
                             .n_set = 2,
                             .out_path = p->out};
}

static rk_tuning *tune_on(const rk_tune_options *options, unsigned n_threads)
{
    rk_tuning *tuning = NULL;
    rk_error err = {0};
    rk_run run = {.pool = n_threads > 1 ? rk_pool_new(n_threads) : NULL, .seed = 1};
    rk_status status = rk_tune(options, &run, &tuning, &err);
    rk_pool_free(run.pool);
    if (status) {
        fail_msg("%s", err.message);
    }
    return tuning;
}

static rk_tuning *tune(const rk_tune_options *options) { return tune_on(options, 1); }

static void same_trials(const rk_tuning *a, const rk_tuning *b)
{
    assert_int_equal(a->n_models, b->n_models);
    for (size_t c = 0; c < a->n_models; c++) {
        const rk_tuned *left = &a->models[c], *right = &b->models[c];
        assert_int_equal(left->trials.n, right->trials.n);
        assert_int_equal(left->best, right->best);
        for (size_t t = 0; t < left->trials.n; t++) {
            const rk_trial *x = rk_tuned_trial(left, t), *y = rk_tuned_trial(right, t);
            assert_memory_equal(x->x, y->x, left->space.n * sizeof(double));
            assert_memory_equal(&x->share, &y->share, sizeof x->share);
            assert_true(!x->error == !y->error);
            assert_true(x->error || !memcmp(&x->value, &y->value, sizeof x->value));
        }
    }
}

static uint64_t hash_of(const char *path)
{
    rk_artefact *artefact;
    assert_int_equal(rk_artefact_open(path, "model", &artefact, NULL), RK_OK);
    uint64_t hash = rk_artefact_hash(artefact);
    rk_artefact_close(artefact);
    return hash;
}

/* ---- claims ---- */

static void a_resumed_study_is_the_uninterrupted_one(void **state)
{
    place *p = *state;
    const rk_search_kind *kind;
    for (size_t k = 0; (kind = rk_search_kind_at(k)); k++) {
        rk_tune_options options = options_of(p, 9);
        static const char *const longer[] = {"iterations=9", "factors=4"};
        options.search = kind;
        options.set = longer;
        rk_tuning *whole = tune(&options);
        uint64_t hash = hash_of(p->out);
        options.study_path = p->study;
        for (double budget = 2; budget < 10; budget += 3.5) {
            options.budget = budget;
            rk_tuning_free(tune(&options));
        }
        options.budget = 9;
        rk_tuning *last = tune(&options);
        same_trials(whole, last);
        assert_int_equal(last->n_new, 0);
        assert_true(hash_of(p->out) == hash);
        rk_tuning_free(whole);
        rk_tuning_free(last);
        unlink(p->study);
    }
}

static void the_number_of_threads_changes_nothing(void **state)
{
    place *p = *state;
    const rk_search_kind *kind;
    for (size_t k = 0; (kind = rk_search_kind_at(k)); k++) {
        rk_tune_options options = options_of(p, 10);
        static const char *const longer[] = {"iterations=9", "factors=4"};
        options.search = kind;
        options.set = longer;
        options.parallel = 3; /* of one thread each, of one thread in all */
        rk_tuning *one = tune_on(&options, 1);
        uint64_t hash = hash_of(p->out);
        rk_tuning *three = tune_on(&options, 3), *seven = tune_on(&options, 7);
        same_trials(one, three);
        same_trials(one, seven);
        assert_true(hash_of(p->out) == hash);
        rk_tuning_free(one);
        rk_tuning_free(three);
        rk_tuning_free(seven);
    }
}

static void the_winner_is_trained_on_all_the_data(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 6);
    rk_run run = {.seed = 1};
    rk_tuning *tuning = tune(&options);
    const rk_tuned *winner = tuning->winner;
    rk_arena arena = {0};
    size_t n;
    const char *const *words = rk_tuned_words(winner, rk_tuned_best(winner)->x, 1, &arena, &n);
    assert_int_equal(n, 5); /* two fixed, three searched */
    assert_int_equal(rk_model_train(p->data, "als", words, n, p->plain, &run, NULL), RK_OK);
    rk_artefact *best, *plain;
    assert_int_equal(rk_artefact_open(p->out, "model", &best, NULL), RK_OK);
    assert_int_equal(rk_artefact_open(p->plain, "model", &plain, NULL), RK_OK);
    assert_int_equal(rk_artefact_n_sections(best), rk_artefact_n_sections(plain));
    for (size_t i = 0; i < rk_artefact_n_sections(best); i++) {
        assert_true(rk_artefact_section_at(best, i)->checksum == rk_artefact_section_at(plain, i)->checksum);
    }
    const json_t *study = json_object_get(rk_artefact_meta(best), "study");
    assert_string_equal(json_string_value(json_object_get(study, "search")), "tpe");
    assert_string_equal(json_string_value(json_object_get(study, "validation")), "random 0.2");
    assert_int_equal(json_integer_value(json_object_get(study, "trials")), 6);
    assert_int_equal(json_integer_value(json_object_get(study, "trial")), winner->best + 1);
    assert_null(json_object_get(rk_artefact_meta(plain), "study"));
    rk_artefact_close(best);
    rk_artefact_close(plain);
    rk_arena_release(&arena);
    rk_tuning_free(tuning);
}

static void no_trial_is_better_than_the_best(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 8);
    static const char *const mf[] = {"mf"}, *const set[] = {"iterations=5"}, *const space[] = {"factors=1..3"};
    options.models = mf;
    options.dataset_path = p->rated;
    options.metric = "rmse"; /* less is better */
    options.set = set;
    options.n_set = 1;
    options.space = space;
    options.n_space = 1;
    rk_tuning *tuning = tune(&options);
    const rk_trial *best = rk_tuned_best(tuning->winner);
    bool is_any_worse = false;
    for (size_t t = 0; t < tuning->winner->trials.n; t++) {
        const rk_trial *trial = rk_tuned_trial(tuning->winner, t);
        assert_true(trial->x[0] >= 1 && trial->x[0] <= 3);
        assert_true(best->value <= trial->value);
        is_any_worse |= best->value < trial->value;
    }
    assert_true(is_any_worse);
    rk_tuning_free(tuning);
}

static void models_are_compared_user_by_user(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 3);
    static const char *const models[] = {"popular", "als", "mf"};
    options.models = models;
    options.n_models = 3;
    options.set = (const char *const[]){"als.iterations=4", "als.factors=4", "half-life=0"};
    options.n_set = 3;
    rk_tuning *tuning = tune(&options);
    const rk_tuned *popular = &tuning->models[0], *best = &tuning->models[1], *failed = &tuning->models[2];
    assert_ptr_equal(tuning->winner, best);
    assert_int_equal(popular->trials.n, 1); /* nothing to search */
    assert_int_equal(best->trials.n, 3);
    const rk_difference *d = &popular->difference;
    double difference = rk_tuned_best(popular)->value - rk_tuned_best(best)->value;
    assert_true(popular->is_compared && d->low <= d->value && d->value <= d->high && d->high < 0);
    assert_true(fabs(d->value - difference) < 1e-12); /* sums over the same users in one order */
    assert_true(d->verdict == RK_IS_WORSE && d->p_holm < 0.05);
    assert_true(!best->is_compared && !failed->is_compared);
    assert_true(tuning->ranking[0] == best && tuning->ranking[1] == popular && tuning->ranking[2] == failed);
    assert_null(rk_tuned_best(failed)); /* no ratings */
    assert_int_equal(failed->n_failed, failed->trials.n);
    assert_non_null(strstr(rk_tuned_trial(failed, 0)->error, "ratings"));
    rk_tuning_free(tuning);
}

static void a_trial_that_fails_is_no_more_than_that(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 4);
    static const char *const popular[] = {"popular"};
    options.models = popular;
    options.n_set = 0;
    rk_tuning *tuning = tune(&options); /* any half-life but the default needs times */
    assert_int_equal(tuning->winner->best, 0);
    assert_int_equal(tuning->winner->n_failed, 3);
    rk_text csv = {0};
    rk_tuning_csv(tuning, &csv);
    assert_non_null(strstr(csv.at, "popular,2,1,,,,"));
    assert_non_null(strstr(csv.at, "half-life and window need event times"));
    rk_text_release(&csv);
    rk_tuning_free(tuning);
}

static void when_all_fail_the_reason_is_told(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 3);
    static const char *const mf[] = {"mf"};
    rk_tuning *tuning = NULL;
    rk_error err;
    options.models = mf;
    options.n_set = 0;
    assert_int_equal(rk_tune(&options, &(rk_run){.seed = 1}, &tuning, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "every trial failed; the first: mf learns from ratings, and this dataset has no "
                                     "values; als needs none");
    assert_int_equal(access(p->out, F_OK), -1);
}

static void a_space_that_is_used_up_ends_the_study(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 20);
    static const char *const set[] = {"iterations=2", "lambda=0.01", "exponent=1", "unobserved=0.1"};
    static const char *const space[] = {"factors=2,4,6"};
    options.set = set;
    options.n_set = 4;
    options.space = space;
    options.n_space = 1;
    rk_tuning *tuning = tune(&options);
    assert_int_equal(tuning->winner->trials.n, 3);
    rk_tuning_free(tuning);
}

static void halving_stays_within_its_budget(void **state)
{
    place *p = *state;
    static const char *const als_and_popular[] = {"als", "popular"};
    rk_tune_options options = options_of(p, 7);
    options.search = &rk_search_halving;
    options.models = als_and_popular; /* one by iterations, one by users */
    options.n_models = 2;
    options.set = (const char *const[]){"iterations=18", "factors=4"};
    rk_tuning *tuning = tune(&options);
    for (size_t c = 0; c < 2; c++) {
        const rk_tuned *tuned = &tuning->models[c];
        double work = 0;
        size_t n_short = 0;
        for (size_t t = 0; t < tuned->trials.n; t++) {
            work += rk_tuned_trial(tuned, t)->share;
            n_short += rk_tuned_trial(tuned, t)->share < 1;
        }
        assert_true(work <= 7 + 1e-9 && n_short > 3);
        assert_true(rk_tuned_best(tuned)->share >= 1);
    }
    rk_tuning_free(tuning);
}

static void a_given_validation_part_is_used(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 2);
    rk_run run = {.seed = 1};
    write_shop(p->data, false, 1);
    write_shop(p->valid, false, 2);
    options.valid_path = p->valid;
    rk_tuning *tuning = tune(&options);
    const rk_trial *best = rk_tuned_best(tuning->winner);
    const rk_eval_plan plan = {.cut = {5}, .n_cuts = 1};
    rk_evaluation evaluation;
    assert_int_equal(rk_evaluate_files(p->out, p->valid, NULL, &plan, &run, &evaluation, NULL), RK_OK);
    assert_true(fabs(rk_evaluation_find(&evaluation, "ndcg@5")->value - best->value) < 1e-12); /* the same training */
    rk_evaluation_release(&evaluation);
    rk_tuning_free(tuning);
}

static void what_a_killed_run_left_is_taken_over(void **state)
{
    place *p = *state;
    rk_tune_options options = options_of(p, 1);
    rk_text words = {0};
    char left[160], other[160];
    rk_text_add(&words, "x");
    snprintf(left, sizeof left, "%s/train.rk.tmp.1.2", p->scratch);
    snprintf(other, sizeof other, "%s/letter.txt", p->scratch);
    assert_int_equal(rk_folder_make(p->scratch, NULL), RK_OK);
    assert_int_equal(rk_file_write_text(left, &words, NULL), RK_OK);
    assert_int_equal(rk_file_write_text(other, &words, NULL), RK_OK);
    rk_tuning_free(tune(&options));
    assert_int_equal(access(left, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0); /* not ours */
    unlink(other);
    assert_int_equal(rmdir(p->scratch), 0);
    rk_text_release(&words);
}

static void files_are_not_written_over_what_is_read(void **state)
{
    place *p = *state;
    rk_tuning *tuning = NULL;
    rk_error err;
    rk_tune_options options = options_of(p, 1);
    options.out_path = p->data;
    assert_int_equal(rk_tune(&options, &(rk_run){.seed = 1}, &tuning, &err), RK_BAD_USAGE);
    options = options_of(p, 1);
    options.study_path = p->out;
    assert_int_equal(rk_tune(&options, &(rk_run){.seed = 1}, &tuning, &err), RK_BAD_USAGE);
    options = options_of(p, 1);
    options.out_path = "/nowhere/best.rk";
    assert_int_not_equal(rk_tune(&options, &(rk_run){.seed = 1}, &tuning, &err), RK_OK);
    assert_null(tuning);
}

typedef struct {
    const place *p;
    rk_tune_options options;
} shortage;

static bool tune_short_of_memory(void *context)
{
    const shortage *s = context;
    rk_tuning *tuning = NULL;
    rk_error err = {0};
    rk_status status = rk_tune(&s->options, &(rk_run){.seed = 1}, &tuning, &err);
    assert_true(!status == (tuning != NULL));
    assert_true(!status || err.message[0]);
    rk_tuning_free(tuning);
    unlink(s->p->study);
    return status == RK_OK;
}

static void memory_that_is_short_is_told_or_survived(void **state)
{
    shortage s = {*state, options_of(*state, 2)};
    static const char *const models[] = {"als", "popular"};
    s.options.models = models;
    s.options.n_models = 2;
    s.options.study_path = s.p->study;
    assert_true(fault_some(tune_short_of_memory, &s) > 10);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CLAIM(a_resumed_study_is_the_uninterrupted_one), CLAIM(the_number_of_threads_changes_nothing),
        CLAIM(the_winner_is_trained_on_all_the_data),    CLAIM(no_trial_is_better_than_the_best),
        CLAIM(models_are_compared_user_by_user),         CLAIM(a_trial_that_fails_is_no_more_than_that),
        CLAIM(when_all_fail_the_reason_is_told),         CLAIM(a_space_that_is_used_up_ends_the_study),
        CLAIM(halving_stays_within_its_budget),          CLAIM(a_given_validation_part_is_used),
        CLAIM(what_a_killed_run_left_is_taken_over),     CLAIM(files_are_not_written_over_what_is_read),
        CLAIM(memory_that_is_short_is_told_or_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

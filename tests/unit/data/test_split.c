/* test_split.c - which event goes where: every event of a log is numbered by its value, and looked for on both sides.
 */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset_write.h"
#include "data/split.h"

enum { USERS = 40, ITEMS = 30, EVENTS = 1003, FOLDS = 5 };

typedef struct {
    char dir[64], log[96], train[96], test[96];
    uint32_t user[EVENTS];
    int64_t time[EVENTS];
} shop;

static void add_names(rk_artefact_writer *writer, const char *prefix, uint32_t n)
{
    char digits[64 * 2] = "";
    uint64_t start[64] = {0};
    rk_error err;
    for (uint32_t i = 0; i < n; i++) {
        digits[2 * i] = (char)('a' + i / 10);
        digits[2 * i + 1] = (char)('0' + i % 10);
        start[i + 1] = 2 * ((uint64_t)i + 1);
    }
    assert_int_equal(rk_names_add(writer, prefix, n, start, digits, true, &err), RK_OK);
}

static int open_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    uint32_t item[EVENTS];
    float value[EVENTS];
    uint64_t random = 7;
    rk_artefact_writer *writer;
    rk_error err;
    strcpy(s->dir, "/tmp/reckon-split-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    snprintf(s->log, sizeof s->log, "%s/log.rk", s->dir);
    snprintf(s->train, sizeof s->train, "%s/train.rk", s->dir);
    snprintf(s->test, sizeof s->test, "%s/test.rk", s->dir);
    for (uint32_t e = 0; e < EVENTS; e++) {
        s->user[e] = test_random(&random) % USERS;
        item[e] = test_random(&random) % ITEMS;
        s->time[e] = test_random(&random) % 500;
        value[e] = (float)e;
    }
    rk_events events = {USERS, ITEMS, EVENTS, s->user, item, s->time, value, NULL, NULL, NULL};
    rk_run run = {.seed = 1};
    assert_int_equal(rk_artefact_create(s->log, "dataset", &writer, &err), RK_OK);
    assert_int_equal(rk_events_add(writer, &events, &run, &err), RK_OK);
    add_names(writer, "users", USERS);
    add_names(writer, "items", ITEMS);
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    *state = s;
    return 0;
}

static int close_shop(void **state)
{
    shop *s = *state;
    unlink(s->log);
    unlink(s->train);
    unlink(s->test);
    rmdir(s->dir);
    free(s);
    return 0;
}

/* Adds one to seen[e] for each event e of a side. Returns how many there are. */
static uint64_t mark(const char *path, unsigned seen[EVENTS])
{
    rk_dataset side;
    rk_error err;
    assert_int_equal(rk_dataset_open(path, &side, &err), RK_OK);
    uint64_t n = side.n_events;
    assert_int_equal(side.n_users, USERS);
    assert_int_equal(side.n_items, ITEMS);
    for (uint64_t e = 0; e < n; e++) {
        seen[(size_t)side.event_value[e]]++;
    }
    rk_dataset_close(&side);
    return n;
}

static rk_split_report split(const shop *s, const rk_split_options *options, uint64_t seed)
{
    rk_run run = {.seed = seed};
    rk_split_report report;
    rk_error err;
    assert_int_equal(rk_split(s->log, options, s->train, s->test, &run, &report, &err), RK_OK);
    return report;
}

static rk_split_options fold_of(uint32_t n_folds, uint32_t fold)
{
    return (rk_split_options){
        .rule = RK_SPLIT_K_FOLD, .n_folds = n_folds, .fold = fold, .keep_cold = true, .keep_repeats = true};
}

static void every_event_is_tested_in_one_fold_and_trained_on_in_the_others(void **state)
{
    const shop *s = *state;
    unsigned tested[EVENTS] = {0}, trained[EVENTS] = {0};
    for (uint32_t fold = 1; fold <= FOLDS; fold++) {
        rk_split_options options = fold_of(FOLDS, fold);
        split(s, &options, 1);
        uint64_t n = mark(s->test, tested);
        assert_true(n == EVENTS / FOLDS || n == EVENTS / FOLDS + 1);
        assert_int_equal(mark(s->train, trained), EVENTS - n);
    }
    for (size_t e = 0; e < EVENTS; e++) {
        assert_int_equal(tested[e], 1);
        assert_int_equal(trained[e], FOLDS - 1);
    }
}

static void a_seed_always_deals_the_same_folds_and_another_seed_others(void **state)
{
    const shop *s = *state;
    unsigned first[EVENTS] = {0}, again[EVENTS] = {0}, other[EVENTS] = {0};
    rk_split_options options = fold_of(FOLDS, 2);
    split(s, &options, 1);
    mark(s->test, first);
    split(s, &options, 1);
    mark(s->test, again);
    split(s, &options, 2);
    mark(s->test, other);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
}

static void unfair_questions_are_left_out_of_a_fold_unless_asked_for(void **state)
{
    const shop *s = *state;
    rk_split_options all = fold_of(FOLDS, 1), fair = all;
    fair.keep_cold = fair.keep_repeats = false;
    rk_split_report kept = split(s, &all, 1), left = split(s, &fair, 1);
    assert_true(kept.n_repeats > 0); /* the log takes pairs twice */
    assert_true(left.n_test < kept.n_test);
    assert_int_equal(left.n_train, kept.n_train);
    assert_true(left.n_test + left.n_repeats + left.n_cold >= kept.n_test);
}

static void folds_that_do_not_exist_are_refused(void **state)
{
    const shop *s = *state;
    static const uint32_t wrong[][2] = {{1, 1}, {0, 0}, {5, 0}, {5, 6}};
    for (size_t i = 0; i < RK_COUNT_OF(wrong); i++) {
        rk_split_options options = fold_of(wrong[i][0], wrong[i][1]);
        rk_run run = {.seed = 1};
        rk_split_report report;
        rk_error err;
        assert_int_equal(rk_split(s->log, &options, s->train, s->test, &run, &report, &err), RK_BAD_USAGE);
        assert_non_null(strstr(err.message, "folds"));
    }
}

static void the_newest_share_of_each_user_is_tested_by_user_time(void **state)
{
    const shop *s = *state;
    unsigned tested[EVENTS] = {0}, trained[EVENTS] = {0};
    size_t n[USERS] = {0}, n_tested[USERS] = {0};
    int64_t oldest[USERS], newest[USERS];
    rk_split_options options = {.rule = RK_SPLIT_USER_TIME, .test_share = 0.3, .keep_cold = true, .keep_repeats = true};
    split(s, &options, 1);
    mark(s->test, tested);
    mark(s->train, trained);
    for (size_t u = 0; u < USERS; u++) {
        oldest[u] = INT64_MAX;
        newest[u] = INT64_MIN;
    }
    for (size_t e = 0; e < EVENTS; e++) {
        uint32_t u = s->user[e];
        assert_int_equal(tested[e] + trained[e], 1);
        n[u]++;
        n_tested[u] += tested[e];
        if (tested[e] && s->time[e] < oldest[u]) {
            oldest[u] = s->time[e];
        }
        if (trained[e] && s->time[e] > newest[u]) {
            newest[u] = s->time[e];
        }
    }
    for (size_t u = 0; u < USERS; u++) {
        assert_int_equal(n_tested[u], (size_t)((double)n[u] * 0.3));
        assert_true(n_tested[u] == 0 || newest[u] <= oldest[u]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_tested_in_one_fold_and_trained_on_in_the_others),
        cmocka_unit_test(a_seed_always_deals_the_same_folds_and_another_seed_others),
        cmocka_unit_test(unfair_questions_are_left_out_of_a_fold_unless_asked_for),
        cmocka_unit_test(folds_that_do_not_exist_are_refused),
        cmocka_unit_test(the_newest_share_of_each_user_is_tested_by_user_time),
    };
    return cmocka_run_group_tests(tests, open_shop, close_shop);
}

/* test_leak.c - what might have leaked from the training data: by hand, and counted the slow way on random times. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "math/random.h"
#include "support/eval_shop.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 40, ITEMS = 30, PAIRS = USERS * ITEMS };
static const rk_eval_plan plan = {{5}, 1, false};

typedef struct {
    bool train[PAIRS], test[PAIRS];
    int64_t train_time[PAIRS], test_time[PAIRS];
    float items[ITEMS], users[USERS];
} log_of_two;

/* Few moments, so that many are equal. */
static log_of_two *random_log(uint64_t seed)
{
    log_of_two *l = calloc(1, sizeof *l);
    rk_random random = rk_random_of(seed, 0);
    for (size_t i = 0; i < PAIRS; i++) {
        l->train[i] = rk_random_below(&random, 5) == 0 && i / ITEMS % 9 != 4;
        l->test[i] = rk_random_below(&random, 8) == 0;
        l->train_time[i] = rk_random_below(&random, 50);
        l->test_time[i] = 20 + rk_random_below(&random, 50);
        l->items[i % ITEMS] = (float)(i % 7);
        l->users[i % USERS] = 1;
    }
    return l;
}

static void write_log(const log_of_two *l, const bool *seen, bool with_times, const eval_paths *p)
{
    small_dataset_write(&(small_dataset){USERS, ITEMS, l->train, .time = with_times ? l->train_time : NULL}, p->train);
    small_dataset_write(&(small_dataset){USERS, ITEMS, l->test, .time = with_times ? l->test_time : NULL}, p->test);
    small_model_write(&(small_model){USERS, ITEMS, 1, l->items, l->users, .seen = seen, .parent = p->train}, p->model);
}

static bool warns(const rk_evaluation *e, const char *of)
{
    for (size_t i = 0; i < e->leak.n_warnings; i++) {
        if (strstr(e->leak.warning[i], of)) {
            return true;
        }
    }
    return false;
}

static void moments_are_those_of_comparing_every_pair(void **state)
{
    const eval_paths *p = *state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        log_of_two *l = random_log(seed);
        uint64_t n = 0, before_newest = 0, before_own = 0, same = 0;
        int64_t newest = 0;
        for (size_t i = 0; i < PAIRS; i++) {
            newest = l->train[i] && l->train_time[i] > newest ? l->train_time[i] : newest;
        }
        for (size_t i = 0; i < PAIRS; i++) {
            int64_t last = INT64_MIN;
            for (size_t other = i - i % ITEMS; other < i - i % ITEMS + ITEMS; other++) {
                last = l->train[other] && l->train_time[other] > last ? l->train_time[other] : last;
            }
            n += l->test[i];
            before_newest += l->test[i] && l->test_time[i] < newest;
            before_own += l->test[i] && l->test_time[i] < last;
            same += l->test[i] && l->train[i] && l->test_time[i] == l->train_time[i];
        }
        write_log(l, l->train, true, p);
        rk_evaluation e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1}); /* found by the header */
        assert_true(e.leak.has_times);
        assert_string_equal(e.leak.training, p->train);
        assert_true(e.leak.test_pairs == n && e.leak.before_newest == before_newest);
        assert_true(e.leak.before_own == before_own && e.leak.same_events == same);
        assert_true(warns(&e, "older than the newest training event"));
        assert_true(warns(&e, "at the same second") == (same > 0));
        rk_evaluation_release(&e);
        free(l);
    }
}

/* A later test is no leak, and what is taken again later is none either. */
static void later_events_are_fair(void **state)
{
    const eval_paths *p = *state;
    log_of_two *l = random_log(7);
    for (size_t i = 0; i < PAIRS; i++) {
        l->test_time[i] += 100;
    }
    write_log(l, l->train, true, p);
    rk_evaluation e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    assert_true(e.repeats > 0);
    assert_int_equal(e.leak.n_warnings, 0);
    rk_evaluation_release(&e);
    free(l);
}

static void pairs_of_both_sides_are_told_where_nothing_is_known_of_times(void **state)
{
    const eval_paths *p = *state;
    log_of_two *l = random_log(8);
    write_log(l, l->train, false, p);
    rk_evaluation e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    assert_false(e.leak.has_times);
    assert_int_equal(e.leak.n_warnings, 1);
    assert_true(warns(&e, "are in the training data, too, and can never be hit"));
    rk_evaluation_release(&e);
    e = eval_files(p->model, p->test, NULL, (rk_eval_plan){{5}, 1, true}, (rk_run){.seed = 1});
    assert_int_equal(e.leak.n_warnings, 0); /* dropped, as was asked for */
    rk_evaluation_release(&e);
    free(l);
}

static void the_training_set_is_no_test_set(void **state)
{
    const eval_paths *p = *state;
    log_of_two *l = random_log(9);
    const bool nothing[PAIRS] = {0};
    write_log(l, nothing, true, p);
    rk_evaluation e = eval_files(p->model, p->train, NULL, plan, (rk_run){.seed = 1});
    assert_true(warns(&e, "the model was trained on the test set itself"));
    rk_evaluation_release(&e);
    small_model_write(&(small_model){USERS, ITEMS, 1, l->items, l->users, .seen = nothing}, p->model);
    e = eval_files(p->model, p->test, p->test, plan, (rk_run){.seed = 1});
    assert_true(warns(&e, "are the same data"));
    rk_evaluation_release(&e);
    free(l);
}

/* What lies under the training data's name by now is not what the model was trained on. */
static void changed_training_data_are_not_believed(void **state)
{
    const eval_paths *p = *state;
    log_of_two *l = random_log(10);
    write_log(l, l->train, true, p);
    l->train_time[0]++;
    l->train[0] = !l->train[0];
    small_dataset_write(&(small_dataset){USERS, ITEMS, l->train, .time = l->train_time}, p->train);
    rk_evaluation e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    assert_null(e.leak.training);
    assert_false(e.leak.has_times);
    rk_evaluation_release(&e);
    unlink(p->train);
    e = eval_files(p->model, p->test, NULL, plan, (rk_run){.seed = 1});
    assert_null(e.leak.training);
    rk_evaluation_release(&e);
    small_dataset_write(&(small_dataset){USERS, ITEMS, l->train, .time = l->train_time}, p->train);
    e = eval_files(p->model, p->test, p->train, plan, (rk_run){.seed = 1}); /* what the caller names is */
    assert_true(e.leak.has_times);
    rk_evaluation_release(&e);
    free(l);
}

/* The other model was made of the first one. */
static void training_is_found_through_a_model_made_of_it(void **state)
{
    const eval_paths *p = *state;
    log_of_two *l = random_log(11);
    write_log(l, l->train, true, p);
    small_model_write(&(small_model){USERS, ITEMS, 1, l->items, l->users, .seen = l->train, .parent = p->model},
                      p->small);
    rk_evaluation e = eval_files(p->small, p->train, NULL, plan, (rk_run){.seed = 1});
    assert_string_equal(e.leak.training, p->train);
    assert_true(warns(&e, "the model was trained on the test set itself"));
    rk_evaluation_release(&e);
    free(l);
}

static bool try_leak(void *context)
{
    const eval_paths *p = context;
    rk_error err;
    rk_evaluation e;
    if (rk_evaluate_files(p->small, p->train, NULL, &plan, &(rk_run){.seed = 1}, &e, &err) != RK_OK) {
        return false;
    }
    rk_evaluation_release(&e);
    return true;
}

static void every_failed_allocation_is_survived(void **state)
{
    eval_paths *p = *state;
    log_of_two *l = random_log(12);
    write_log(l, l->train, true, p);
    small_model_write(&(small_model){USERS, ITEMS, 1, l->items, l->users, .seen = l->train, .parent = p->model},
                      p->small);
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_some(try_leak, p) > 50);
    free(l);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, eval_make_folder, eval_remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(moments_are_those_of_comparing_every_pair),
        CASE(later_events_are_fair),
        CASE(pairs_of_both_sides_are_told_where_nothing_is_known_of_times),
        CASE(the_training_set_is_no_test_set),
        CASE(changed_training_data_are_not_believed),
        CASE(training_is_found_through_a_model_made_of_it),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

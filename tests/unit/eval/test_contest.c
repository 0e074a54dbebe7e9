/* test_contest.c - models against each other: a case worked by hand, strangers and masks, and the slow way. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/contest.h"
#include "support/eval_shop.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

static rk_contest contest_of(const eval_paths *p, rk_eval_plan plan, rk_contest_wish wish, rk_run run)
{
    const char *const paths[] = {p->model, p->small};
    rk_contest contest;
    rk_error err = {0};
    if (rk_contest_files(paths, 2, p->test, NULL, &plan, wish, &run, &contest, &err) != RK_OK) {
        fail_msg("%s", err.message);
    }
    return contest;
}

static const rk_difference *find_difference(const rk_contest *contest, const char *key)
{
    const rk_duel *duel = &contest->duel[1];
    size_t i = 0;
    while (i < duel->n_differences && strcmp(duel->difference[i].key, key) != 0) {
        i++;
    }
    if (i == duel->n_differences) {
        fail_msg("no difference of '%s'", key);
    }
    return &duel->difference[i];
}

static bool is_near(double a, double b) { return fabs(a - b) < 1e-12; }

/* Four users, three items, lists of one; the baseline likes i0 best, the other one i1; u3 has taken i0 and is shown
 * i1 by both. Hits: baseline 1 0 0 0, other 0 1 1 0: differences -1 1 1 0, their mean 1/4. However the three signs are
 * flipped, the sum is 1 or 3 away from 0: all eight ways reach the sum 1, and p = 1. */
static void differences_are_those_worked_by_hand(void **state)
{
    const eval_paths *p = *state;
    const float one[3] = {3, 2, 1}, other[3] = {1, 3, 2}, users[4] = {1, 1, 1, 1};
    const bool seen[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0};
    const bool test[12] = {1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1};
    small_model_write(&(small_model){4, 3, 1, one, users, .seen = seen}, p->model);
    small_model_write(&(small_model){4, 3, 1, other, users, .seen = seen}, p->small);
    small_dataset_write(&(small_dataset){4, 3, test}, p->test);
    rk_contest c = contest_of(p, (rk_eval_plan){{1}, 1, false}, (rk_contest_wish){0}, (rk_run){.seed = 1});
    const rk_difference *recall = find_difference(&c, "recall@1");
    assert_true(recall->baseline == 0.25 && recall->model == 0.5 && recall->value == 0.25);
    assert_true(recall->low < 0 && recall->low >= -1 && recall->high > 0.25 && recall->high <= 1);
    assert_int_equal(c.duel[1].n_flips, 1 << 3); /* u3 differs in nothing */
    assert_true(recall->p == 1 && recall->p_holm == 1);
    assert_int_equal(recall->verdict, RK_NO_DIFFERENCE);
    assert_int_equal(c.duel[1].users, 4);
    assert_string_equal(c.duel[1].difference[c.duel[1].headline].key, "ndcg@1");
    assert_int_equal(c.n_tests, c.duel[1].n_differences);
    rk_contest_release(&c);
}

/* Ten users who all find their item only in the other model's list: of 1,024 flips two are as far out. */
static void a_clear_case_is_decided_and_told(void **state)
{
    const eval_paths *p = *state;
    const float one[2] = {2, 1}, other[2] = {1, 2}, users[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    bool seen[20] = {0}, test[20] = {0};
    for (size_t u = 0; u < 10; u++) {
        test[2 * u + 1] = true;
    }
    small_model_write(&(small_model){10, 2, 1, one, users, .seen = seen}, p->model);
    small_model_write(&(small_model){10, 2, 1, other, users, .seen = seen}, p->small);
    small_dataset_write(&(small_dataset){10, 2, test}, p->test);
    rk_eval_target wanted = {.key = "recall@1", .cut = 1};
    rk_contest c = contest_of(p, (rk_eval_plan){{1}, 1, false}, (rk_contest_wish){&wanted, 1}, (rk_run){.seed = 1});
    assert_int_equal(c.n_tests, 1);
    const rk_difference *recall = find_difference(&c, "recall@1");
    assert_true(recall->value == 1 && recall->low == 1 && recall->high == 1);
    assert_true(recall->p == 2.0 / 1024 && recall->p_holm == recall->p);
    assert_int_equal(recall->verdict, RK_IS_BETTER);
    rk_text text = {0};
    char expected[512];
    rk_duel_sentence(&c, 1, &text);
    snprintf(expected, sizeof expected, "%s ranks better than %s: recall@1 +1.0000 (1.0000 to 1.0000), p = 0.002",
             p->small, p->model);
    assert_string_equal(text.at, expected);
    rk_text_release(&text);
    rk_contest_release(&c);

    wanted = (rk_eval_target){.key = "rmse"}; /* nobody has ratings */
    const char *const paths[] = {p->model, p->small};
    rk_eval_plan plan = {{1}, 1, false};
    rk_error err;
    assert_int_equal(
        rk_contest_files(paths, 2, p->test, NULL, &plan, (rk_contest_wish){&wanted, 1}, &(rk_run){0}, &c, &err),
        RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "cannot be compared by rmse"));
}

/* mu 3 against mu 4 for ratings 4, 4, 3: errors 1 1 0 and 0 0 1; two users. */
static void less_error_is_better(void **state)
{
    const eval_paths *p = *state;
    const float zero[2] = {0, 0};
    const float rated[4] = {4, 4, 3, 0};
    const bool is_pair[4] = {1, 1, 1, 0}, none[4] = {0};
    small_model_write(&(small_model){2, 2, 1, zero, zero, NULL, NULL, none, true, 3}, p->model);
    small_model_write(&(small_model){2, 2, 1, zero, zero, NULL, NULL, none, true, 4}, p->small);
    small_dataset_write(&(small_dataset){2, 2, is_pair, rated}, p->test);
    rk_contest c = contest_of(p, (rk_eval_plan){{1}, 1, false}, (rk_contest_wish){0}, (rk_run){.seed = 1});
    const rk_difference *rmse = find_difference(&c, "rmse");
    assert_true(is_near(rmse->value, sqrt(1.0 / 3) - sqrt(2.0 / 3)));
    assert_true(rmse->p == find_difference(&c, "mse")->p);
    assert_true(rmse->p == 1); /* -2 and +1: flipped -3, 3, 1, -1 */
    assert_string_equal(c.duel[1].difference[c.duel[1].headline].key, "rmse");
    rk_contest_release(&c);
}

/* ---- by name ---- */

/* The other model knows fewer users and items, and numbers them otherwise: the questions are those both understand. */
static void what_one_does_not_know_is_asked_of_nobody(void **state)
{
    const eval_paths *p = *state;
    const float three[3] = {1, 2, 3}, two[2] = {2, 1}, users[3] = {1, 1, 1};
    const bool none[9] = {0};
    const bool test[9] = {1, 0, 1,  /* u2: i0 and i2, of which the other model has heard of i0 */
                          0, 0, 1,  /* u0: i2 only, which it has not */
                          1, 1, 0}; /* u1: i0 and i1 */
    small_model_write(&(small_model){3, 3, 1, three, users, .seen = none}, p->model);
    small_model_write(&(small_model){3, 2, 1, two, users, .seen = none}, p->small);
    small_dataset_write(&(small_dataset){3, 3, test, .user_name = (uint32_t[]){2, 0, 1}}, p->test);
    rk_contest c = contest_of(p, (rk_eval_plan){{1}, 1, false}, (rk_contest_wish){0}, (rk_run){.seed = 1});
    for (size_t m = 0; m < 2; m++) {
        assert_int_equal(c.evaluation[m].users, 2);
        assert_int_equal(c.evaluation[m].test_pairs, 3);
        assert_int_equal(c.evaluation[m].unknown_items, 1);
        assert_int_equal(c.evaluation[m].unknown_pairs, 2);
    }
    assert_int_equal(c.duel[1].users, 2);
    assert_true(find_difference(&c, "recall@1")->baseline == 0); /* i2 leads its lists */
    assert_true(find_difference(&c, "recall@1")->model == 0.75);
    rk_contest_release(&c);
}

/* The other model has seen u0's test item; with repeats dropped u0 is no question to it, so the two are compared by u1.
 */
static void users_judged_by_one_alone_say_nothing(void **state)
{
    const eval_paths *p = *state;
    const float items[2] = {2, 1}, users[2] = {1, 1};
    const bool none[4] = {0}, some[4] = {1, 0, 0, 0}, test[4] = {1, 0, 0, 1};
    small_model_write(&(small_model){2, 2, 1, items, users, .seen = none}, p->model);
    small_model_write(&(small_model){2, 2, 1, items, users, .seen = some}, p->small);
    small_dataset_write(&(small_dataset){2, 2, test}, p->test);
    rk_contest c = contest_of(p, (rk_eval_plan){{1}, 1, true}, (rk_contest_wish){0}, (rk_run){.seed = 1});
    assert_true(eval_value(&c.evaluation[0], "recall@1") == 0.5);
    assert_true(find_difference(&c, "recall@1")->baseline == 0);
    assert_true(find_difference(&c, "recall@1")->value == 0);
    rk_contest_release(&c);
}

/* ---- a shop ---- */

static void write_rivals(shop *s, const eval_paths *p)
{
    shop_write(s, true, p);
    for (size_t i = 0; i < SHOP_ITEMS * SHOP_DIM; i++) {
        s->items[i] += (float)(i % 3) - 1;
    }
    small_model_write(&(small_model){SHOP_USERS, SHOP_ITEMS, SHOP_DIM, s->items, s->users, s->bias, .seen = s->seen},
                      p->small);
}

static void differences_are_those_of_two_evaluations(void **state)
{
    const eval_paths *p = *state;
    shop *s = shop_random(70, true);
    write_rivals(s, p);
    rk_eval_plan plan = {{5, 20}, 2, false};
    rk_run run = {.seed = 3};
    rk_evaluation one = eval_files(p->model, p->test, NULL, plan, run);
    rk_evaluation other = eval_files(p->small, p->test, NULL, plan, run);
    rk_contest c = contest_of(p, plan, (rk_contest_wish){0}, run);
    assert_true(c.duel[1].n_differences >= 20);
    for (size_t i = 0; i < c.duel[1].n_differences; i++) {
        const rk_difference *d = &c.duel[1].difference[i];
        double expected = eval_value(&other, d->key) - eval_value(&one, d->key);
        assert_true(is_near(d->value, expected));
        assert_true(d->low <= d->value && d->value <= d->high);
        assert_true(d->p > 0 && d->p <= d->p_holm && d->p_holm <= 1);
    }
    rk_contest_release(&c);
    rk_evaluation_release(&one);
    rk_evaluation_release(&other);
    free(s);
}

static void a_model_does_not_differ_from_itself(void **state)
{
    const eval_paths *p = *state;
    shop *s = shop_random(71, true);
    shop_write(s, true, p);
    const char *const paths[] = {p->model, p->model, p->model};
    rk_eval_plan plan = {{20}, 1, false};
    rk_contest c;
    rk_error err;
    assert_int_equal(
        rk_contest_files(paths, 3, p->test, p->train, &plan, (rk_contest_wish){0}, &(rk_run){.seed = 1}, &c, &err),
        RK_OK);
    for (size_t m = 1; m < 3; m++) {
        for (size_t i = 0; i < c.duel[m].n_differences; i++) {
            const rk_difference *d = &c.duel[m].difference[i];
            assert_true(d->value == 0 && d->low == 0 && d->high == 0 && d->p == 1);
        }
    }
    assert_int_equal(c.n_tests, 2 * c.duel[1].n_differences);
    rk_contest_release(&c);
    free(s);
}

static void threads_do_not_change_a_bit(void **state)
{
    const eval_paths *p = *state;
    shop *s = shop_random(72, true);
    write_rivals(s, p);
    rk_eval_plan plan = {{5, 20}, 2, false, {true, true}};
    rk_contest one = contest_of(p, plan, (rk_contest_wish){0}, (rk_run){.seed = 4});
    for (unsigned threads = 2; threads <= 4; threads += 2) {
        rk_pool *pool = rk_pool_new(threads);
        rk_contest more = contest_of(p, plan, (rk_contest_wish){0}, (rk_run){.seed = 4, .pool = pool});
        rk_pool_free(pool);
        for (size_t m = 0; m < 2; m++) { /* as text: the shortest that reads back as the same bits */
            one.evaluation[m].seconds = more.evaluation[m].seconds = 0;
        }
        rk_text a = {0}, b = {0};
        rk_json of_one = {.text = &a}, of_more = {.text = &b};
        rk_json_object(&of_one, NULL);
        rk_json_object(&of_more, NULL);
        rk_contest_json(&one, &of_one);
        rk_contest_json(&more, &of_more);
        assert_string_equal(a.at, b.at);
        assert_true(strstr(a.at, "\"strata\":[{\"by\":\"popularity\"") && strstr(a.at, "_p_holm"));
        rk_text_release(&a);
        rk_text_release(&b);
        rk_contest_release(&more);
    }
    rk_contest_release(&one);
    free(s);
}

static bool try_contest(void *context)
{
    const eval_paths *p = context;
    const char *const paths[] = {p->model, p->small};
    rk_error err;
    rk_contest c;
    rk_eval_plan plan = {{2}, 1, false, {true, true}};
    if (rk_contest_files(paths, 2, p->test, p->train, &plan, (rk_contest_wish){0}, &(rk_run){.seed = 1}, &c, &err) !=
        RK_OK) {
        return false;
    }
    assert_int_equal(c.duel[1].users, 2);
    rk_contest_release(&c);
    return true;
}

static void every_failed_allocation_is_survived(void **state)
{
    eval_paths *p = *state;
    const float items[4] = {4, 3, 2, 1}, users[2] = {1, -1};
    const bool seen[8] = {1, 0, 0, 0, 0, 0, 0, 1}, test[8] = {0, 1, 1, 0, 0, 1, 0, 0};
    small_model_write(&(small_model){2, 4, 1, items, users, .seen = seen}, p->model);
    small_model_write(&(small_model){2, 4, 1, items, users, .seen = test}, p->small);
    small_dataset_write(&(small_dataset){2, 4, test}, p->test);
    small_dataset_write(&(small_dataset){2, 4, seen}, p->train);
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_some(try_contest, p) > 50);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, eval_make_folder, eval_remove_folder)
    const struct CMUnitTest tests[] = {
        CASE(differences_are_those_worked_by_hand),
        CASE(a_clear_case_is_decided_and_told),
        CASE(less_error_is_better),
        CASE(what_one_does_not_know_is_asked_of_nobody),
        CASE(users_judged_by_one_alone_say_nothing),
        CASE(differences_are_those_of_two_evaluations),
        CASE(a_model_does_not_differ_from_itself),
        CASE(threads_do_not_change_a_bit),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

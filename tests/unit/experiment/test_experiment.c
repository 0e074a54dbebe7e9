/* test_experiment.c - files of experiments, and who sees what: for good, by weight, and in each experiment anew. */
#include "experiment/experiment.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/faults.h"
#include "support/test.h"

static const char two[] = "salt: s\n"
                          "experiments:\n"
                          "  one:\n"
                          "    scene: home\n"
                          "    variants: [{name: a, scene: home}, {name: b, scene: h2, weight: 3}]\n"
                          "  other:\n"
                          "    scene: page\n"
                          "    share: 0.25\n"
                          "    from: 2026-01-02\n"
                          "    until: 2026-01-03\n"
                          "    variants: [{name: a, scene: page}, {name: b, scene: p2}]\n";

static rk_experiments *parse(const char *yaml)
{
    rk_experiments *all = NULL;
    rk_error err;
    if (rk_experiments_parse(rk_slice_of(yaml), "e.yaml", &all, &err)) {
        fail_msg("%s", err.message);
    }
    return all;
}

static rk_slice user_of(unsigned u, char out[32]) { return (rk_slice){out, (size_t)snprintf(out, 32, "user-%u", u)}; }

static void what_is_wrong_is_told_with_its_place(void **state)
{
    (void)state;
#define HEAD "salt: s\nexperiments:\n  x:\n    scene: home\n"
#define PAIR "    variants: [{name: a, scene: home}, {name: b, scene: h2}]\n"
    static const char *const cases[][2] = {
        {"experiments: {}\n",
         "e.yaml:1:1: the file of experiments needs the key 'salt' (any words; others deal the users "
         "out anew)"},
        {HEAD "    variants: [{name: a, scene: home}]\n",
         "e.yaml:5:15: an experiment compares 2 to 16 variants, got 1"},
        {HEAD "    variants: [{name: a, scene: home}, {name: a, scene: h2}]\n",
         "e.yaml:5:40: the variant 'a' is there twice"},
        {HEAD "    kind: interleave\n    variants: [{name: a, scene: x, weight: 2}, {name: b, scene: y}]\n",
         "e.yaml:6:44: an interleaving has no weights: both variants are in every list"},
        {HEAD PAIR "    from: 2026-02-02\n    until: 2026-02-01\n", "e.yaml:7:12: 'until' is before 'from'"},
        {HEAD PAIR "  y:\n    scene: home\n" PAIR,
         "e.yaml:7:12: the scene 'home' is in the experiment 'x' at the same time"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_experiments *all = NULL;
        rk_error err = {0};
        assert_int_equal(rk_experiments_parse(rk_slice_of(cases[i][0]), "e.yaml", &all, &err), RK_BAD_INPUT);
        assert_string_equal(err.message, cases[i][1]);
        assert_null(all);
    }
}

static void users_stay_and_are_as_many_as_weights_say(void **state)
{
    (void)state;
    enum { USERS = 40000 };
    rk_experiments *all = parse(two);
    const rk_experiment *one = rk_experiments_find(all, RK_SLICE("home"), RK_SLICE("x"), 0);
    size_t n_b = 0;
    assert_string_equal(one->name, "one");
    assert_null(rk_experiments_find(all, RK_SLICE("h2"), RK_SLICE("x"), 0));
    for (unsigned u = 0; u < USERS; u++) {
        char name[32];
        double propensity, again;
        const rk_variant *v = rk_experiment_assign(all, one, user_of(u, name), &propensity);
        assert_ptr_equal(v, rk_experiment_assign(all, one, user_of(u, name), &again));
        assert_true(propensity == (v->name[0] == 'b' ? 0.75 : 0.25));
        n_b += v->name[0] == 'b';
    }
    assert_true(fabs((double)n_b / USERS - 0.75) < 4 * sqrt(0.75 * 0.25 / USERS)); /* four standard errors */
    rk_experiments_free(all);
}

/* Of the users of one variant the other experiment's variants get their parts as of all. */
static void experiments_are_independent(void **state)
{
    (void)state;
    enum { USERS = 40000 };
    rk_experiments *all = parse(two);
    const rk_experiment *one = &all->experiment[0], *other = &all->experiment[1];
    size_t n_both = 0, n_one = 0;
    for (unsigned u = 0; u < USERS; u++) {
        char name[32];
        double ignored;
        bool is_a = rk_experiment_assign(all, one, user_of(u, name), &ignored)->name[0] == 'a';
        n_one += is_a;
        n_both += is_a && rk_experiment_assign(all, other, user_of(u, name), &ignored)->name[0] == 'a';
    }
    assert_true(fabs((double)n_both / (double)n_one - 0.5) < 4 * sqrt(0.25 / (double)n_one));
    rk_experiments_free(all);
}

static void a_greater_share_adds_users_and_moves_none(void **state)
{
    (void)state;
    enum { USERS = 20000, DAY = 86400 };
    const int64_t now_s = INT64_C(1767312000); /* 2026-01-02 */
    rk_experiments *all = parse(two);
    size_t n_before = 0, n_after = 0;
    assert_null(rk_experiments_find(all, RK_SLICE("page"), RK_SLICE("x"), now_s - 1));
    assert_null(rk_experiments_find(all, RK_SLICE("page"), RK_SLICE("x"), now_s + 2 * DAY));
    for (unsigned u = 0; u < USERS; u++) {
        char name[32];
        rk_slice user = user_of(u, name);
        all->experiment[1].share = 0.25;
        bool is_in = rk_experiments_find(all, RK_SLICE("page"), user, now_s) != NULL;
        all->experiment[1].share = 0.6;
        bool is_in_after = rk_experiments_find(all, RK_SLICE("page"), user, now_s) != NULL;
        assert_true(is_in_after || !is_in);
        n_before += is_in;
        n_after += is_in_after;
    }
    assert_true(fabs((double)n_before / USERS - 0.25) < 0.0125 && fabs((double)n_after / USERS - 0.6) < 0.0139);
    rk_experiments_free(all);
}

static bool attempt(void *context)
{
    rk_experiments *all = NULL;
    rk_error err;
    (void)context;
    rk_status status = rk_experiments_parse(rk_slice_of(two), "e.yaml", &all, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    rk_experiments_free(all);
    return status == RK_OK;
}

static void memory_that_is_short_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(attempt, NULL) > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(users_stay_and_are_as_many_as_weights_say),
        cmocka_unit_test(experiments_are_independent),
        cmocka_unit_test(a_greater_share_adds_users_and_moves_none),
        cmocka_unit_test(memory_that_is_short_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

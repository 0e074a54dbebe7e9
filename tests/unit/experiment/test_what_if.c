/* test_what_if.c - logs of a policy that explores, where it is known what another would bring. */
#include "experiment/what_if.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "math/random.h"
#include "support/test.h"
#include "support/trial_log.h"

enum { START = 1700000000, CHOICES = 5 };

/* How often each choice is clicked, by how a user is: the greedy policy shows 'a' to everybody, the other one 'b' to
 * users of kind 0 and 'c' to those of kind 1. */
static const double clicked[2][CHOICES] = {{0.2, 0.5, 0.1, 0.05, 0.3}, {0.2, 0.1, 0.6, 0.4, 0.05}};
static const rk_slice choices[CHOICES] = {{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}};
#define SHARE 0.3
#define TRUTH (0.5 * 0.5 + 0.5 * 0.6)

static rk_status choose(void *context, const rk_shown *shown, uint32_t *choice, rk_error *err)
{
    const rk_journal *j = context;
    (void)err;
    rk_slice user = rk_interner_key(j->users, shown->user);
    *choice = shown->choice[user.at[0] == 'p' ? 1 : 2];
    return RK_OK;
}

static rk_status choose_nothing(void *context, const rk_shown *shown, uint32_t *choice, rk_error *err)
{
    (void)context;
    (void)shown;
    (void)choice;
    (void)err;
    return RK_OK;
}

static void show(trial_log *log, const char *user, size_t chosen, int64_t at)
{
    const rk_slice items[] = {{"top", 3}, choices[chosen], {"last", 4}};
    rk_exposure e = {.id = RK_SLICE("r"),
                     .user = rk_slice_of(user),
                     .scene = RK_SLICE("home"),
                     .time_s = at,
                     .propensity = 1,
                     .items = items,
                     .n_items = 3,
                     .place = 2,
                     .place_propensity = (chosen == 0 ? 1 - SHARE : 0) + SHARE / CHOICES,
                     .choices = choices,
                     .n_choices = CHOICES,
                     .asked_n = 3};
    trial_log_show(log, &e);
}

static trial_log *make_log(rk_random *random, int n_users)
{
    trial_log *log = trial_log_new();
    for (int u = 0; u < n_users; u++) {
        char user[24];
        size_t kind = rk_random_below(random, 2);
        snprintf(user, sizeof user, "%c%d", kind ? 'q' : 'p', u);
        double mood = rk_random_uniform(random) < 0.5 ? 0.5 : 1.5; /* answers of one user go together */
        for (int a = 0; a < 3; a++) {
            size_t chosen = rk_random_uniform(random) < SHARE ? rk_random_below(random, CHOICES) : 0;
            int64_t at = START + a * 100;
            show(log, user, chosen, at);
            if (rk_random_uniform(random) < clicked[kind][chosen] * mood) {
                trial_log_do(log, user, choices[chosen].at, "click", at + 5, 0);
            }
            trial_log_do(log, user, "top", "click", at + 6, 0); /* another place's */
        }
    }
    return log;
}

static const rk_what_if_options options = {.reward = RK_REWARD_CLICKS, .window_s = 86400, .confidence = 0.95};

static rk_what_if estimate(rk_journal *journal, rk_policy *policy)
{
    rk_what_if out;
    rk_error err;
    if (rk_what_if_estimate(journal, &options, policy, journal, &out, &err)) {
        fail_msg("%s", err.message);
    }
    return out;
}

static bool holds(rk_estimate e, double truth) { return e.low <= truth && truth <= e.high; }

static void estimates_are_right_on_average_and_intervals_hold(void **state)
{
    (void)state;
    enum { TRIALS = 400, USERS = 250 };
    double shown_truth = (1 - SHARE) * 0.2, ips = 0, ips2 = 0, snips = 0;
    size_t n_ips = 0, n_snips = 0, n_logged = 0, n_gain = 0;
    for (size_t c = 0; c < CHOICES; c++) {
        shown_truth += SHARE / CHOICES * (clicked[0][c] + clicked[1][c]) / 2;
    }
    for (int t = 0; t < TRIALS; t++) {
        rk_random random = rk_random_of(5, (uint64_t)t);
        trial_log *log = make_log(&random, USERS);
        rk_journal *journal = trial_log_read(log);
        rk_what_if w = estimate(journal, choose);
        assert_true(w.n_answers == 3 * USERS && w.n_users == USERS && w.n_unsupported == 0);
        n_ips += holds(w.ips, TRUTH);
        n_snips += holds(w.snips, TRUTH);
        n_logged += holds(w.logged, shown_truth);
        n_gain += holds(w.snips_gain, TRUTH - shown_truth);
        ips += w.ips.value / TRIALS;
        ips2 += w.ips.value * w.ips.value / TRIALS;
        snips += w.snips.value / TRIALS;
        rk_journal_free(journal);
        trial_log_free(log);
    }
    double error = sqrt((ips2 - ips * ips) / TRIALS);
    assert_true(fabs(ips - TRUTH) < 4 * error);
    assert_true(fabs(snips - TRUTH) < 4 * error);
    /* 95 % of 400, less four standard errors of a count (4.4 each), and a little for few matched users. */
    assert_true(n_ips >= 360 && n_snips >= 360 && n_logged >= 362 && n_gain >= 360);
}

static void what_stood_there_always_is_what_was_logged(void **state)
{
    (void)state;
    trial_log *log = trial_log_new();
    const rk_slice items[] = {{"a", 1}};
    for (int u = 0; u < 5; u++) {
        char user[24];
        snprintf(user, sizeof user, "u%d", u);
        rk_exposure e = {.id = RK_SLICE("r"),
                         .user = rk_slice_of(user),
                         .scene = RK_SLICE("home"),
                         .time_s = START,
                         .propensity = 1,
                         .items = items,
                         .n_items = 1,
                         .place = 1,
                         .place_propensity = 1,
                         .choices = (const rk_slice[]){{"z", 1}, {"a", 1}, {"a", 1}},
                         .n_choices = 3};
        trial_log_show(log, &e);
        if (u < 2) {
            trial_log_do(log, user, "a", "click", START, 0);
        }
    }
    rk_journal *journal = trial_log_read(log);
    rk_what_if w = estimate(journal, choose);
    assert_true(w.logged.value == 0.4 && w.ips.value == 0.4 && w.snips.value == 0.4 && w.n_matched == 5);
    assert_true(fabs(w.effective - 5) < 1e-12 && w.snips_gain.value == 0 && w.snips_gain.high == 0);
    rk_what_if out = {0};
    rk_error err;
    rk_what_if_options other = options;
    other.scene = "page";
    assert_int_equal(rk_what_if_estimate(journal, &other, choose_nothing, NULL, &out, &err), RK_NOT_FOUND);
    assert_string_equal(err.message, "the log holds no answers of the scene 'page' in which a place was explored");
    assert_int_equal(rk_what_if_estimate(journal, &options, choose_nothing, NULL, &out, &err), RK_OK);
    assert_true(out.n_unsupported == 5 && out.n_users == 0 && isnan(out.ips.value));
    rk_journal_free(journal);
    trial_log_free(log);
}

/* A click belongs to the last answer that showed the item. */
static void a_deed_is_counted_once(void **state)
{
    (void)state;
    trial_log *log = trial_log_new();
    show(log, "p", 1, START);
    show(log, "p", 1, START + 10);
    trial_log_do(log, "p", "b", "click", START + 5, 0);
    trial_log_do(log, "p", "b", "click", START + 15, 0);
    trial_log_do(log, "p", "b", "click", START + 16, 0);
    trial_log_do(log, "p", "b", "click", START - 1, 0);
    rk_journal *journal = trial_log_read(log);
    rk_what_if w = estimate(journal, choose);
    assert_true(w.logged.value == 1.5 && w.snips.value == 1.5);
    rk_journal_free(journal);
    trial_log_free(log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(estimates_are_right_on_average_and_intervals_hold),
        cmocka_unit_test(what_stood_there_always_is_what_was_logged),
        cmocka_unit_test(a_deed_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

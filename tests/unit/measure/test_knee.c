/* Claims about knee.h: the search against simulated servers, without a clock: every run answers what the model says. */
#include <math.h>
#include <string.h>

#include "measure/knee.h"
#include "support/test.h"

/* A server that answers `capacity_rps` at the most. Latency is 1 ms below it and grows with what is left lying above. */
typedef struct {
    double capacity_rps;
    unsigned hiccup_at; /* the run (1 = first) that is slow whatever the rate; 0 = none */
    unsigned slow_from; /* from this run on every run is slow; 0 = never */
    unsigned fail_at;   /* the run that cannot be made */
    bool errs;          /* every answer is an error */
    unsigned n_runs;
    double highest_rps;
} server;

static rk_status offer(void *context, double rate_rps, rk_profile_point *out, rk_error *err)
{
    server *s = context;
    s->n_runs++;
    s->highest_rps = fmax(s->highest_rps, rate_rps);
    if (s->n_runs == s->fail_at) {
        return rk_fail(err, RK_IO, "the connection broke");
    }
    bool is_slow = s->n_runs == s->hiccup_at || (s->slow_from && s->n_runs >= s->slow_from);
    double answered = fmin(rate_rps, s->capacity_rps), beyond = rate_rps / s->capacity_rps;
    double p99 = is_slow ? 100 : beyond > 1 ? 1000 * (beyond - 1) + 1 : 1;
    uint64_t requests = (uint64_t)ceil(rate_rps);
    *out = (rk_profile_point){.offered_rps = rate_rps,
                              .achieved_rps = s->errs ? 0 : answered,
                              .latency_ms_p50 = p99 / 2,
                              .latency_ms_p99 = p99,
                              .latency_ms_p999 = p99,
                              .latency_ms_max = p99,
                              .seconds = 1,
                              .requests = requests,
                              .errors = s->errs ? requests : 0};
    return RK_OK;
}

static rk_profile find(server *s, double saturated_rps, unsigned n_runs_max)
{
    static const rk_run quiet;
    rk_profile profile;
    rk_error err;
    rk_profile_init(&profile);
    rk_knee_options options = {
        .offer = offer, .context = s, .slo_ms_p99 = 10, .n_runs_max = n_runs_max, .run = &quiet};
    if (rk_knee_find(&options, saturated_rps, &profile, &err)) {
        fail_msg("%s", err.message);
    }
    return profile;
}

static void assert_points_ascend(const rk_profile *profile)
{
    double before = 0;
    for (size_t i = 0; i < profile->points.n; i++) {
        const rk_profile_point *p = rk_profile_point_at(profile, i);
        assert_true(p->offered_rps > before);
        before = p->offered_rps;
    }
}

/* Within 5 % below what the objective of 10 ms allows: 1.009 times the capacity. */
static void the_knee_is_found_to_a_twentieth(void **state)
{
    (void)state;
    for (double capacity = 3; capacity < 1e6; capacity *= 7.3) {
        server s = {.capacity_rps = capacity};
        rk_profile profile = find(&s, capacity * 0.9, RK_KNEE_RUNS_MAX);
        assert_true(profile.knee_rps <= capacity && profile.knee_rps >= capacity / 1.06);
        assert_true(profile.is_knee_bounded);
        assert_points_ascend(&profile);
        rk_profile_release(&profile);
    }
}

static void the_best_point_is_asked_three_times(void **state)
{
    (void)state;
    server s = {.capacity_rps = 1000};
    rk_profile profile = find(&s, 1000, RK_KNEE_RUNS_MAX);
    unsigned repeats = 0;
    for (size_t i = 0; i < profile.points.n; i++) {
        const rk_profile_point *p = rk_profile_point_at(&profile, i);
        repeats = p->within_slo ? p->repeats : repeats;
    }
    assert_int_equal(repeats, RK_KNEE_REPEATS_MAX);
    rk_profile_release(&profile);
}

/* Whichever run it hits, a hiccup that is not repeated moves the knee by no more than the grain of the search. */
static void one_hiccup_does_not_end_the_search(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 20; at++) {
        server s = {.capacity_rps = 1000, .hiccup_at = at};
        rk_profile profile = find(&s, 1000, RK_KNEE_RUNS_MAX);
        assert_true(profile.knee_rps >= 1000 / 1.06 && profile.knee_rps <= 1000);
        rk_profile_release(&profile);
    }
}

static void the_budget_of_runs_is_kept(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 16; n++) {
        server s = {.capacity_rps = 1000};
        rk_profile profile = find(&s, 40, n);
        assert_true(s.n_runs <= n);
        assert_true(profile.knee_rps <= 1000);
        rk_profile_release(&profile);
    }
}

static void a_server_that_never_fails_has_no_bound(void **state)
{
    (void)state;
    server s = {.capacity_rps = 1e30};
    rk_profile profile = find(&s, 100, 10);
    assert_false(profile.is_knee_bounded);
    assert_true(profile.knee_rps == s.highest_rps);
    rk_profile_release(&profile);
}

static void a_server_that_never_holds_has_no_knee(void **state)
{
    (void)state;
    server slow = {.capacity_rps = 1000, .slow_from = 1}, failing = {.capacity_rps = 1000, .errs = true};
    rk_profile profile = find(&slow, 1000, RK_KNEE_RUNS_MAX);
    assert_true(profile.knee_rps <= 0 && profile.is_knee_bounded);
    rk_profile_release(&profile);
    profile = find(&failing, 1000, RK_KNEE_RUNS_MAX);
    assert_true(profile.knee_rps <= 0 && profile.is_knee_bounded);
    rk_profile_release(&profile);
}

/* Slow from the 6th run on: points that held before and are asked again lose their place. */
static void a_machine_that_turns_busy_lowers_the_knee_and_ends(void **state)
{
    (void)state;
    server s = {.capacity_rps = 1000, .slow_from = 6};
    rk_profile profile = find(&s, 1000, 40);
    assert_true(s.n_runs <= 40);
    assert_true(profile.knee_rps < 1000);
    rk_profile_release(&profile);
}

static void a_run_that_cannot_be_made_ends_it_with_its_error(void **state)
{
    (void)state;
    static const rk_run quiet;
    server s = {.capacity_rps = 1000, .fail_at = 4};
    rk_profile profile;
    rk_error err;
    rk_profile_init(&profile);
    rk_knee_options options = {.offer = offer, .context = &s, .slo_ms_p99 = 10, .n_runs_max = 20, .run = &quiet};
    assert_int_equal(rk_knee_find(&options, 1000, &profile, &err), RK_IO);
    assert_string_equal(err.message, "the connection broke");
    rk_profile_release(&profile);
}

static void one_rate_is_judged_by_its_medians(void **state)
{
    (void)state;
    static const rk_run quiet;
    server s = {.capacity_rps = 1000, .hiccup_at = 2};
    rk_profile profile;
    rk_error err;
    rk_profile_init(&profile);
    rk_knee_options options = {.offer = offer, .context = &s, .slo_ms_p99 = 10, .n_runs_max = 20, .run = &quiet};
    assert_int_equal(rk_knee_repeat(&options, 200, &profile, &err), RK_OK);
    assert_int_equal(profile.points.n, 1);
    const rk_profile_point *p = rk_profile_point_at(&profile, 0);
    assert_int_equal(p->repeats, 3);
    assert_int_equal(p->requests, 600);
    assert_true(p->within_slo && p->latency_ms_p99 < 2);
    assert_true(profile.knee_rps == 200 && !profile.is_knee_bounded);
    rk_profile_release(&profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_knee_is_found_to_a_twentieth),
        cmocka_unit_test(the_best_point_is_asked_three_times),
        cmocka_unit_test(one_hiccup_does_not_end_the_search),
        cmocka_unit_test(the_budget_of_runs_is_kept),
        cmocka_unit_test(a_server_that_never_fails_has_no_bound),
        cmocka_unit_test(a_server_that_never_holds_has_no_knee),
        cmocka_unit_test(a_machine_that_turns_busy_lowers_the_knee_and_ends),
        cmocka_unit_test(a_run_that_cannot_be_made_ends_it_with_its_error),
        cmocka_unit_test(one_rate_is_judged_by_its_medians),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

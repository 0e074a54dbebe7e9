/* test_knee.c - the search for the knee on servers that are a few lines of arithmetic: no clock, no network, no luck.
 */
#include "support/test.h"

#include <math.h>
#include <stdio.h>

#include "measure/knee.h"

enum { SLO_MS = 10, LOG_MAX = 256 };

/* Below its capacity it answers all in a millisecond; above it, what it can, late. */
typedef struct {
    double capacity_rps;
    double keeps_up_to;  /* answers, though late, up to this share of the capacity (0 = 1) */
    double error_share;  /* of its answers */
    unsigned hiccup_run; /* this run (the first is 1) is late, whatever its rate; 0 = none */
    bool falls_behind;   /* and answers only half, in that run */
    double flaky_rps;    /* above this rate only a first run at the rate holds; 0 = nowhere */
    unsigned busy_run;   /* from this run on all are late; 0 = none */
    unsigned fails_run;  /* this run cannot be made at all; 0 = none */
    unsigned n_runs;
    double asked_rps[LOG_MAX];
} fake;

static bool was_asked(const fake *server, double rate_rps)
{
    for (unsigned i = 0; i < server->n_runs; i++) {
        if (server->asked_rps[i] == rate_rps) {
            return true;
        }
    }
    return false;
}

static rk_status offer(void *context, double rate_rps, rk_profile_point *out, rk_error *err)
{
    fake *server = context;
    bool is_flaky = server->flaky_rps > 0 && rate_rps > server->flaky_rps && was_asked(server, rate_rps);
    bool is_over = rate_rps > server->capacity_rps;
    assert_true(server->n_runs < LOG_MAX);
    server->asked_rps[server->n_runs++] = rate_rps;
    if (server->n_runs == server->fails_run) {
        return rk_fail(err, RK_IO, "run %u fell over", server->n_runs);
    }
    bool is_hiccup = server->n_runs == server->hiccup_run;
    double most_rps = server->capacity_rps * fmax(1, server->keeps_up_to);
    bool is_busy = server->busy_run > 0 && server->n_runs >= server->busy_run;
    double latency_ms = is_over || is_hiccup || is_flaky || is_busy ? 500 : 1;
    *out = (rk_profile_point){.offered_rps = rate_rps,
                              .achieved_rps = fmin(rate_rps, most_rps) * (is_hiccup && server->falls_behind ? 0.5 : 1),
                              .latency_ms_p50 = latency_ms / 2,
                              .latency_ms_p99 = latency_ms,
                              .latency_ms_p999 = latency_ms * 2,
                              .requests = 100000,
                              .errors = (uint64_t)(100000 * server->error_share)};
    return RK_OK;
}

/* The profile is released by the caller. */
static rk_profile find(fake *server, double saturated_rps, unsigned n_runs_max)
{
    rk_profile profile;
    rk_error err;
    rk_profile_init(&profile);
    rk_knee_options options = {offer, server, SLO_MS, n_runs_max, &(rk_run){0}};
    assert_int_equal(rk_knee_find(&options, saturated_rps, &profile, &err), RK_OK);
    return profile;
}

static double knee_of(fake *server, double saturated_rps, unsigned n_runs_max)
{
    rk_profile profile = find(server, saturated_rps, n_runs_max);
    double knee_rps = profile.knee_rps;
    rk_profile_release(&profile);
    return knee_rps;
}

static bool is_close(double knee_rps, double capacity_rps)
{
    return knee_rps <= capacity_rps && knee_rps * 1.05 >= capacity_rps;
}

static void the_knee_is_found_within_5_percent_of_any_capacity(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 2000; i++) {
        double capacity = 1.06 * pow(10, 6.0 * test_random(&seed) / UINT32_MAX);
        double saturated = capacity * (0.3 + test_random(&seed) % 100 / 50.0); /* the warm-up misjudges it */
        fake server = {.capacity_rps = capacity, .keeps_up_to = 1 + i % 3};
        rk_profile profile = find(&server, saturated, RK_KNEE_RUNS_MAX);
        assert_true(is_close(profile.knee_rps, capacity));
        assert_true(profile.is_knee_bounded);
        assert_true(server.n_runs < 30); /* it ends by itself */
        rk_profile_release(&profile);
    }
}

static void fourteen_runs_are_enough_for_20_percent(void **state)
{
    (void)state;
    for (double saturated = 500; saturated < 2000; saturated *= 1.01) {
        fake server = {.capacity_rps = 1000};
        double knee = knee_of(&server, saturated, 14);
        assert_true(knee <= 1000 && knee * 1.2 >= 1000);
    }
}

static void the_points_ascend_and_the_knee_is_one_of_them(void **state)
{
    (void)state;
    fake server = {.capacity_rps = 777, .keeps_up_to = 3};
    rk_profile profile = find(&server, 900, RK_KNEE_RUNS_MAX);
    unsigned n_runs = 0, n_knees = 0;
    double before = 0;
    for (size_t i = 0; rk_profile_point_at(&profile, i); i++) {
        const rk_profile_point *p = rk_profile_point_at(&profile, i);
        assert_true(p->offered_rps > before);
        assert_int_equal(p->within_slo, p->offered_rps <= 777);
        n_knees += p->achieved_rps == profile.knee_rps;
        n_runs += p->repeats;
        before = p->offered_rps;
    }
    assert_int_equal(n_knees, 1);
    assert_int_equal(n_runs, server.n_runs);
    rk_profile_release(&profile);
}

static void one_hiccup_at_any_moment_changes_nothing(void **state)
{
    (void)state;
    for (unsigned run = 1; run < 30; run++) {
        fake server = {.capacity_rps = 1000, .hiccup_run = run};
        assert_true(is_close(knee_of(&server, 1000, RK_KNEE_RUNS_MAX), 1000));
    }
}

/* A server that answers half of what is asked is believed at once; one that is merely late is asked twice. */
static void a_failure_is_believed_when_it_repeats_or_is_great(void **state)
{
    (void)state;
    fake late = {.capacity_rps = 1, .keeps_up_to = 1e9}, behind = {.capacity_rps = 1};
    rk_profile profile = find(&late, 800, 2);
    assert_int_equal(late.n_runs, 2);
    assert_true(late.asked_rps[0] == 100 && late.asked_rps[1] == 100);
    assert_int_equal(rk_profile_point_at(&profile, 0)->repeats, 2);
    rk_profile_release(&profile);
    profile = find(&behind, 800, 2);
    assert_true(behind.asked_rps[0] == 100 && behind.asked_rps[1] == 50);
    rk_profile_release(&profile);
    fake once = {.capacity_rps = 1000, .hiccup_run = 1, .falls_behind = true};
    assert_true(knee_of(&once, 1000, RK_KNEE_RUNS_MAX) <= 125); /* the price of believing it: the bracket is below */
}

static void a_server_that_never_holds_has_no_knee_and_ends_the_search(void **state)
{
    (void)state;
    fake servers[] = {{.capacity_rps = 0.4}, {.capacity_rps = 1e9, .error_share = 0.002}};
    for (size_t i = 0; i < RK_COUNT_OF(servers); i++) {
        rk_profile profile = find(&servers[i], 1000, RK_KNEE_RUNS_MAX);
        assert_true(profile.knee_rps == 0 && profile.is_knee_bounded);
        assert_true(servers[i].n_runs < 20);
        assert_true(rk_profile_point_at(&profile, 0)->offered_rps < 1);
        rk_profile_release(&profile);
    }
    fake few_errors = {.capacity_rps = 1000, .error_share = 0.001};
    assert_true(is_close(knee_of(&few_errors, 1000, RK_KNEE_RUNS_MAX), 1000));
}

static void a_server_without_an_end_is_followed_until_the_runs_are_spent(void **state)
{
    (void)state;
    fake server = {.capacity_rps = HUGE_VAL};
    rk_profile profile = find(&server, 80, 9);
    assert_false(profile.is_knee_bounded);
    assert_int_equal(server.n_runs, 9);
    assert_true(profile.knee_rps == 10 * 256);
    rk_profile_release(&profile);
}

static void the_budget_is_kept_to_the_run(void **state)
{
    (void)state;
    for (unsigned n_runs_max = 1; n_runs_max <= RK_KNEE_RUNS_MAX; n_runs_max++) {
        fake servers[] = {{.capacity_rps = 1000},
                          {.capacity_rps = 1000, .keeps_up_to = 100},
                          {.capacity_rps = 1000, .keeps_up_to = 2, .flaky_rps = 20},
                          {.capacity_rps = 1e-9},
                          {.capacity_rps = HUGE_VAL}};
        for (size_t i = 0; i < RK_COUNT_OF(servers); i++) {
            knee_of(&servers[i], 1000, n_runs_max);
            assert_in_range(servers[i].n_runs, 1, n_runs_max);
        }
    }
}

/* Above 600/s it holds when asked once and fails when asked again: no rate there may be the knee. */
static void the_knee_is_judged_by_its_medians(void **state)
{
    (void)state;
    fake server = {.capacity_rps = 1000, .flaky_rps = 600};
    rk_profile profile = find(&server, 1000, RK_KNEE_RUNS_MAX);
    assert_true(is_close(profile.knee_rps, 600));
    bool is_found = false;
    for (size_t i = 0; rk_profile_point_at(&profile, i); i++) {
        const rk_profile_point *p = rk_profile_point_at(&profile, i);
        is_found |= p->achieved_rps == profile.knee_rps && p->within_slo && p->repeats == RK_KNEE_REPEATS_MAX;
    }
    assert_true(is_found);
    rk_profile_release(&profile);
}

static void a_machine_that_turns_busy_lowers_the_knee_and_ends_the_search(void **state)
{
    (void)state;
    for (unsigned run = 1; run <= 10; run++) {
        fake server = {.capacity_rps = 1000, .busy_run = run};
        rk_profile profile = find(&server, 1000, RK_KNEE_RUNS_MAX);
        assert_true(profile.knee_rps < 1000 && profile.is_knee_bounded);
        assert_true(server.n_runs < RK_KNEE_RUNS_MAX);
        rk_profile_release(&profile);
    }
}

static rk_status offer_in_turn(void *context, double rate_rps, rk_profile_point *out, rk_error *err)
{
    (void)err;
    static const double figures[] = {30, 10, 20};
    unsigned *n = context;
    double x = figures[*n];
    *out = (rk_profile_point){rate_rps + x, x, x + 1, x + 2, x + 3, x + 4, x + 5, *n == 0 ? NAN : x, x + 7, 1.5};
    out->requests = 10 + *n;
    out->errors = *n;
    ++*n;
    return RK_OK;
}

static void a_fixed_rate_is_one_point_of_medians_and_sums(void **state)
{
    (void)state;
    unsigned n = 0;
    rk_profile profile;
    rk_error err;
    rk_profile_init(&profile);
    rk_knee_options options = {offer_in_turn, &n, SLO_MS, 1, &(rk_run){0}};
    assert_int_equal(rk_knee_repeat(&options, 100, &profile, &err), RK_OK);
    assert_int_equal(profile.points.n, 1);
    const rk_profile_point *p = rk_profile_point_at(&profile, 0);
    assert_true(p->offered_rps == 120 && p->achieved_rps == 20);
    assert_true(p->latency_ms_p50 == 21 && p->latency_ms_p90 == 22 && p->latency_ms_p99 == 23);
    assert_true(p->latency_ms_p999 == 24 && p->latency_ms_max == 25 && p->generator_cpu_ms_per_request == 27);
    assert_int_equal(p->requests, 33);
    assert_int_equal(p->errors, 3);
    assert_int_equal(p->repeats, 3);
    assert_true(p->seconds == 1.5);
    assert_false(p->within_slo);
    assert_true(profile.knee_rps == 0 && profile.is_knee_bounded);
    rk_profile_release(&profile);
}

static rk_status offer_nothing(void *context, double rate_rps, rk_profile_point *out, rk_error *err)
{
    (void)rate_rps;
    (void)err;
    ++*(unsigned *)context;
    *out = (rk_profile_point){.seconds = 0.3};
    return RK_OK;
}

static void a_run_that_asked_nothing_does_not_hold(void **state)
{
    (void)state;
    unsigned n = 0;
    rk_profile profile;
    rk_error err;
    rk_profile_init(&profile);
    rk_knee_options options = {offer_nothing, &n, SLO_MS, RK_KNEE_RUNS_MAX, &(rk_run){0}};
    assert_int_equal(rk_knee_find(&options, 8, &profile, &err), RK_OK);
    assert_true(profile.knee_rps == 0 && !rk_profile_point_at(&profile, 0)->within_slo);
    assert_int_equal(n, 4); /* at 1/s and at 1/2 a second, twice each */
    rk_profile_release(&profile);
}

static void a_run_that_fails_ends_the_search_with_its_words(void **state)
{
    (void)state;
    for (unsigned run = 1; run <= 12; run++) {
        fake server = {.capacity_rps = 1000, .fails_run = run};
        char want[32];
        rk_profile profile;
        rk_error err;
        rk_profile_init(&profile);
        rk_knee_options options = {offer, &server, SLO_MS, RK_KNEE_RUNS_MAX, &(rk_run){0}};
        assert_int_equal(rk_knee_find(&options, 1000, &profile, &err), RK_IO);
        snprintf(want, sizeof want, "run %u fell over", run);
        assert_string_equal(err.message, want);
        assert_int_equal(server.n_runs, run);
        rk_profile_release(&profile);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_knee_is_found_within_5_percent_of_any_capacity),
        cmocka_unit_test(fourteen_runs_are_enough_for_20_percent),
        cmocka_unit_test(the_points_ascend_and_the_knee_is_one_of_them),
        cmocka_unit_test(one_hiccup_at_any_moment_changes_nothing),
        cmocka_unit_test(a_failure_is_believed_when_it_repeats_or_is_great),
        cmocka_unit_test(a_server_that_never_holds_has_no_knee_and_ends_the_search),
        cmocka_unit_test(a_server_without_an_end_is_followed_until_the_runs_are_spent),
        cmocka_unit_test(the_budget_is_kept_to_the_run),
        cmocka_unit_test(the_knee_is_judged_by_its_medians),
        cmocka_unit_test(a_machine_that_turns_busy_lowers_the_knee_and_ends_the_search),
        cmocka_unit_test(a_fixed_rate_is_one_point_of_medians_and_sums),
        cmocka_unit_test(a_run_that_asked_nothing_does_not_hold),
        cmocka_unit_test(a_run_that_fails_ends_the_search_with_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* knee.c - climb, close in, ask again.
 *
 * 1. Climb: an eighth of the rate at which the server saturates, then twice as much each time, until a point fails the
 *    objective.
 * 2. Close in: between the best point that held and the worst that failed, at their geometric mean, until they are
 *    within 5 %.
 * 3. Ask again: the best point is repeated and judged by its medians; when it fails after all, step 2 goes on below it.
 * A point fails only on the majority of up to three runs, so one hiccup of a shared machine does not end the search.
 * All of it is bounded by a number of runs.
 */
#include "measure/knee.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const double climb_from = 0.125, close_enough = 1.05, achieved_share = 0.99, error_share = 0.001,
                    far_behind = 0.95, lowest_rps = 1;

/* One rate and the runs made at it. */
typedef struct {
    double rate_rps;
    unsigned n_runs, n_held;
    rk_profile_point run[RK_KNEE_REPEATS_MAX];
    rk_profile_point median;
} trial;

typedef struct {
    const rk_knee_options *options;
    unsigned n_runs, n_runs_max, n_trials;
    trial trials[RK_KNEE_RUNS_MAX];
} search;

/* A run in which nothing was asked shows nothing. */
bool rk_knee_holds(double slo_ms_p99, const rk_profile_point *point)
{
    return point->requests > 0 && point->latency_ms_p99 <= slo_ms_p99 &&
           point->achieved_rps >= achieved_share * point->offered_rps &&
           (double)point->errors <= error_share * (double)point->requests;
}

/* ---- repeats and medians ---- */

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of one figure over the runs; the greater of two. */
static double median_of(const trial *t, size_t field)
{
    double values[RK_KNEE_REPEATS_MAX];
    for (unsigned i = 0; i < t->n_runs; i++) {
        memcpy(&values[i], (const char *)&t->run[i] + field, sizeof values[i]);
    }
    qsort(values, t->n_runs, sizeof *values, by_value);
    return values[t->n_runs / 2];
}

static void take_medians(const search *s, trial *t)
{
    static const size_t fields[] = {
        offsetof(rk_profile_point, offered_rps),
        offsetof(rk_profile_point, achieved_rps),
        offsetof(rk_profile_point, latency_ms_p50),
        offsetof(rk_profile_point, latency_ms_p90),
        offsetof(rk_profile_point, latency_ms_p99),
        offsetof(rk_profile_point, latency_ms_p999),
        offsetof(rk_profile_point, latency_ms_max),
        offsetof(rk_profile_point, cpu_ms_per_request),
        offsetof(rk_profile_point, generator_cpu_ms_per_request),
    };
    t->median = t->run[0];
    t->median.requests = t->median.errors = t->median.unanswered = 0;
    t->median.repeats = t->n_runs;
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        double value = median_of(t, fields[f]);
        memcpy((char *)&t->median + fields[f], &value, sizeof value);
    }
    for (unsigned i = 0; i < t->n_runs; i++) {
        t->median.requests += t->run[i].requests;
        t->median.errors += t->run[i].errors;
        t->median.unanswered += t->run[i].unanswered;
        t->median.memory_bytes = t->run[i].memory_bytes;
    }
    t->median.within_slo = rk_knee_holds(s->options->slo_ms_p99, &t->median);
}

static rk_status run_again(search *s, trial *t, rk_error *err)
{
    const rk_run *run = s->options->run;
    rk_profile_point *point = &t->run[t->n_runs];
    rk_status status = s->options->offer(s->options->context, t->rate_rps, point, err);
    if (status != RK_OK) {
        return status;
    }
    point->within_slo = rk_knee_holds(s->options->slo_ms_p99, point);
    s->n_runs++;
    t->n_runs++;
    t->n_held += point->within_slo;
    take_medians(s, t);
    rk_log(run, RK_LOG_DETAIL, "%.0f requests/s offered, %.0f answered, p99 %.2f ms%s", point->offered_rps,
           point->achieved_rps, point->latency_ms_p99, point->within_slo ? "" : ": outside the objective");
    rk_progress(run, "measuring", "runs", s->n_runs, s->n_runs_max);
    return RK_OK;
}

static bool has_budget(const search *s) { return s->n_runs < s->n_runs_max; }

/* A run that held is taken at its word; a failure is believed when it happens twice, or when the server fell far
 * behind. */
static bool is_decided(const trial *t)
{
    const rk_profile_point *last = &t->run[t->n_runs - 1];
    return t->run[0].within_slo || t->n_runs - t->n_held >= 2 || t->n_runs == RK_KNEE_REPEATS_MAX ||
           last->achieved_rps < far_behind * last->offered_rps;
}

static trial *new_trial(search *s, double rate_rps)
{
    trial *t = &s->trials[s->n_trials++];
    *t = (trial){.rate_rps = rate_rps};
    return t;
}

static rk_status try_rate(search *s, double rate_rps, rk_error *err)
{
    trial *t = new_trial(s, rate_rps);
    rk_status status = run_again(s, t, err);
    while (status == RK_OK && !is_decided(t) && has_budget(s)) {
        status = run_again(s, t, err);
    }
    return status;
}

/* ---- the search ---- */

typedef struct {
    trial *good; /* the highest rate that held; NULL = none */
    trial *bad;  /* the lowest that failed above good; NULL = none */
} bracket;

static bracket find_bracket(search *s)
{
    bracket b = {0};
    for (unsigned i = 0; i < s->n_trials; i++) {
        trial *t = &s->trials[i];
        if (t->median.within_slo && (!b.good || t->rate_rps > b.good->rate_rps)) {
            b.good = t;
        }
    }
    for (unsigned i = 0; i < s->n_trials; i++) {
        trial *t = &s->trials[i];
        bool is_above = !b.good || t->rate_rps > b.good->rate_rps;
        if (!t->median.within_slo && is_above && (!b.bad || t->rate_rps < b.bad->rate_rps)) {
            b.bad = t;
        }
    }
    return b;
}

/* The next step, from all that is known. *is_done when nothing is left to learn. */
static rk_status search_step(search *s, bool *is_done, rk_error *err)
{
    bracket b = find_bracket(s);
    if (!b.good) {
        *is_done = b.bad->rate_rps < lowest_rps;
        return *is_done ? RK_OK : try_rate(s, b.bad->rate_rps / 2, err);
    }
    if (!b.bad) {
        return try_rate(s, b.good->rate_rps * 2, err);
    }
    unsigned n_left = s->n_runs_max - s->n_runs, n_repeats = RK_KNEE_REPEATS_MAX - b.good->n_runs;
    if (b.bad->rate_rps / b.good->rate_rps > close_enough && n_left > n_repeats) {
        return try_rate(s, sqrt(b.good->rate_rps * b.bad->rate_rps), err);
    }
    *is_done = n_repeats == 0;
    return *is_done ? RK_OK : run_again(s, b.good, err);
}

static rk_status climb_and_close_in(search *s, double saturated_rps, rk_error *err)
{
    rk_status status = try_rate(s, fmax(saturated_rps * climb_from, lowest_rps), err);
    for (bool is_done = false; status == RK_OK && !is_done && has_budget(s);) {
        status = search_step(s, &is_done, err);
    }
    return status;
}

static rk_status write_down(search *s, rk_profile *out, rk_error *err)
{
    bracket b = find_bracket(s);
    out->knee_rps = b.good ? b.good->median.achieved_rps : 0;
    out->is_knee_bounded = b.bad != NULL;
    for (unsigned i = 0; i < s->n_trials; i++) {
        if (!rk_vec_push(&out->points, &s->trials[i].median)) {
            return rk_fail_memory(err, "the profile");
        }
    }
    rk_profile_sort(out);
    return RK_OK;
}

rk_status rk_knee_find(const rk_knee_options *options, double saturated_rps, rk_profile *out, rk_error *err)
{
    search *s = calloc(1, sizeof *s); /* too large for a stack */
    if (!s) {
        return rk_fail_memory(err, "the search for the knee");
    }
    s->options = options;
    s->n_runs_max = options->n_runs_max;
    rk_status status = climb_and_close_in(s, saturated_rps, err);
    if (status == RK_OK) {
        status = write_down(s, out, err);
    }
    free(s);
    return status;
}

rk_status rk_knee_repeat(const rk_knee_options *options, double rate_rps, rk_profile *out, rk_error *err)
{
    search *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "the search for the knee");
    }
    s->options = options;
    s->n_runs_max = RK_KNEE_REPEATS_MAX;
    trial *t = new_trial(s, rate_rps);
    rk_status status = RK_OK;
    while (status == RK_OK && has_budget(s)) {
        status = run_again(s, t, err);
    }
    if (status == RK_OK) {
        status = write_down(s, out, err);
    }
    free(s);
    return status;
}

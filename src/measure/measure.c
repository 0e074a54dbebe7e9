/* measure.c - the search for the knee, and what is written down on the way.
 *
 * 1. Warm up: all connections ask as fast as they can. This opens them, warms the server's caches, and tells the rate
 *    at which it saturates.
 * 2. Climb: an eighth of that rate, then twice as much each time, until a point fails the objective.
 * 3. Close in: between the best point that held and the worst that failed, at their geometric mean, until they are
 *    within 5 %.
 * 4. Ask again: the best point is repeated and judged by its medians; when it fails after all, step 3 goes on below it.
 * A point fails only on the majority of up to three runs, so one hiccup of a shared machine does not end the search.
 * All of it is bounded by a number of runs, each of the same length.
 */
#include "measure/measure.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/child.h"
#include "measure/load.h"

enum { REPEATS_MAX = 3, POINTS_MIN = 8, POINTS_MAX = 64 };

static const double climb_from = 0.125, close_enough = 1.05, achieved_share = 0.99, error_share = 0.001,
                    far_behind = 0.95, lowest_rps = 1;

/* One rate and the runs made at it. */
typedef struct {
    double rate_rps;
    unsigned n_runs, n_held;
    rk_profile_point run[REPEATS_MAX];
    rk_profile_point median;
} trial;

typedef struct {
    const rk_measure_options *options;
    const rk_run *run;
    rk_endpoint endpoint;
    rk_requests requests;
    rk_load *load;
    rk_child child;
    rk_load_result *result; /* too large for a stack */
    double step_s;
    unsigned n_runs, n_runs_max;
    trial trials[POINTS_MAX];
    unsigned n_trials;
    uint64_t n_good, body_bytes;
    bool has_metrics; /* the server tells its processor time and memory */
} search;

rk_measure_options rk_measure_defaults(void)
{
    return (rk_measure_options){.seconds = 15,
                                .slo_ms_p99 = 10,
                                .points = 15,
                                .connections = 32,
                                .n_items = 10,
                                .schedule = RK_SCHEDULE_POISSON};
}

/* ---- what the server says about itself ---- */

typedef struct {
    double cpu_s;
    uint64_t memory_bytes;
    char model[64];
} server_facts;

/* The value of a metric without labels at the start of a line. */
static double metric_value(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, n) == 0 && at[n] == ' ') {
            double value;
            return rk_parse_real((rk_slice){at + n + 1, strcspn(at + n + 1, "\n")}, &value) ? value : NAN;
        }
        if (*at == '\0') {
            break;
        }
    }
    return NAN;
}

static bool read_facts(const search *s, server_facts *out)
{
    static const char label[] = "reckon_model_info{model=\"";
    rk_text text = {0};
    unsigned status = 0;
    rk_error ignored;
    *out = (server_facts){.cpu_s = NAN};
    bool is_read = rk_http_get(&s->endpoint, "/metrics", &text, &status, &ignored) == RK_OK && status == 200 && text.n;
    if (is_read) {
        out->cpu_s = metric_value(text.at, "process_cpu_seconds_total");
        double memory = metric_value(text.at, "process_resident_memory_bytes");
        out->memory_bytes = memory > 0 ? (uint64_t)memory : 0;
        const char *model = strstr(text.at, label);
        if (model) {
            model += sizeof label - 1;
            snprintf(out->model, sizeof out->model, "%.*s", (int)strcspn(model, "\""), model);
        }
    }
    rk_text_release(&text);
    return is_read;
}

/* ---- one run ---- */

static void describe_run(const search *s, double server_cpu_s, rk_profile_point *out)
{
    const rk_load_result *r = s->result;
    double n_answers = (double)(r->n_good + r->n_errors);
    *out = (rk_profile_point){
        .offered_rps = (double)r->n_meant / r->seconds,
        .achieved_rps = (double)r->n_good / r->seconds,
        .latency_ms_p50 = (double)rk_quantile_at(&r->latency_ns, 0.5) / 1e6,
        .latency_ms_p90 = (double)rk_quantile_at(&r->latency_ns, 0.9) / 1e6,
        .latency_ms_p99 = (double)rk_quantile_at(&r->latency_ns, 0.99) / 1e6,
        .latency_ms_p999 = (double)rk_quantile_at(&r->latency_ns, 0.999) / 1e6,
        .latency_ms_max = (double)r->latency_ns.max / 1e6,
        .cpu_ms_per_request = n_answers > 0 ? server_cpu_s * 1e3 / n_answers : NAN,
        .generator_cpu_ms_per_request = n_answers > 0 ? r->cpu_s * 1e3 / n_answers : NAN,
        .seconds = r->seconds,
        .requests = r->n_meant,
        .errors = r->n_errors,
        .repeats = 1,
    };
}

static bool holds(const search *s, const rk_profile_point *point)
{
    return point->latency_ms_p99 <= s->options->slo_ms_p99 &&
           point->achieved_rps >= achieved_share * point->offered_rps &&
           (double)point->errors <= error_share * (double)point->requests;
}

static rk_status run_once(search *s, double rate_rps, double seconds, rk_profile_point *out, rk_error *err)
{
    double grace_s = fmin(1, fmax(0.1, 2e-3 * s->options->slo_ms_p99));
    server_facts before = {.cpu_s = NAN}, after = {.cpu_s = NAN};
    if (s->has_metrics) {
        read_facts(s, &before);
    }
    rk_status status = rk_load_run(s->load, (rk_load_step){rate_rps, seconds, grace_s}, s->result, err);
    if (status != RK_OK) {
        return status;
    }
    if (s->has_metrics) {
        read_facts(s, &after);
    }
    describe_run(s, after.cpu_s - before.cpu_s, out);
    out->within_slo = holds(s, out);
    s->n_good += s->result->n_good;
    s->body_bytes += s->result->body_bytes;
    return RK_OK;
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
    double values[REPEATS_MAX];
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
    t->median.requests = t->median.errors = 0;
    t->median.repeats = t->n_runs;
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        double value = median_of(t, fields[f]);
        memcpy((char *)&t->median + fields[f], &value, sizeof value);
    }
    for (unsigned i = 0; i < t->n_runs; i++) {
        t->median.requests += t->run[i].requests;
        t->median.errors += t->run[i].errors;
    }
    t->median.within_slo = holds(s, &t->median);
}

static rk_status run_again(search *s, trial *t, rk_error *err)
{
    rk_profile_point *point = &t->run[t->n_runs];
    rk_status status = run_once(s, t->rate_rps, s->step_s, point, err);
    if (status != RK_OK) {
        return status;
    }
    s->n_runs++;
    t->n_runs++;
    t->n_held += point->within_slo;
    take_medians(s, t);
    rk_log(s->run, RK_LOG_DETAIL, "%.0f requests/s offered, %.0f answered, p99 %.2f ms%s", point->offered_rps,
           point->achieved_rps, point->latency_ms_p99, point->within_slo ? "" : ": outside the objective");
    rk_progress(s->run, "measuring", "runs", s->n_runs, s->n_runs_max);
    return RK_OK;
}

static bool has_budget(const search *s) { return s->n_runs < s->n_runs_max && s->n_trials < POINTS_MAX; }

/* A run that held is taken at its word; a failure is believed when it happens twice, or when the server fell far
 * behind. */
static bool is_decided(const trial *t)
{
    const rk_profile_point *last = &t->run[t->n_runs - 1];
    return t->run[0].within_slo || t->n_runs - t->n_held >= 2 || t->n_runs == REPEATS_MAX ||
           last->achieved_rps < far_behind * last->offered_rps;
}

static rk_status try_rate(search *s, double rate_rps, rk_error *err)
{
    trial *t = &s->trials[s->n_trials++];
    *t = (trial){.rate_rps = rate_rps};
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
    unsigned n_left = s->n_runs_max - s->n_runs, n_repeats = REPEATS_MAX - b.good->n_runs;
    if (b.bad->rate_rps / b.good->rate_rps > close_enough && n_left > n_repeats) {
        return try_rate(s, sqrt(b.good->rate_rps * b.bad->rate_rps), err);
    }
    *is_done = n_repeats == 0;
    return *is_done ? RK_OK : run_again(s, b.good, err);
}

static rk_status find_knee(search *s, rk_error *err)
{
    rk_profile_point saturated;
    rk_status status = run_once(s, HUGE_VAL, s->step_s, &saturated, err);
    if (status != RK_OK) {
        return status;
    }
    if (s->result->n_good == 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s answers no request with success", s->endpoint.host);
    }
    rk_log(s->run, RK_LOG_DETAIL, "saturates near %.0f requests/s", saturated.achieved_rps);
    s->n_runs++;
    status = try_rate(s, fmax(saturated.achieved_rps * climb_from, lowest_rps), err);
    for (bool is_done = false; status == RK_OK && !is_done && has_budget(s);) {
        status = search_step(s, &is_done, err);
    }
    return status;
}

static rk_status measure_rate(search *s, double rate_rps, rk_error *err)
{
    rk_profile_point warm_up;
    s->step_s = s->options->seconds * 0.3;
    s->n_runs_max = REPEATS_MAX;
    rk_status status = run_once(s, rate_rps, s->options->seconds * 0.1, &warm_up, err);
    trial *t = &s->trials[s->n_trials++];
    *t = (trial){.rate_rps = rate_rps};
    while (status == RK_OK && t->n_runs < REPEATS_MAX) {
        status = run_again(s, t, err);
    }
    return status;
}

/* ---- from beginning to end ---- */

static int by_rate(const void *a, const void *b)
{
    const trial *x = a, *y = b;
    return (x->rate_rps > y->rate_rps) - (x->rate_rps < y->rate_rps);
}

static rk_status write_down(search *s, rk_profile *out, rk_error *err)
{
    server_facts facts = {0};
    if (s->has_metrics) {
        read_facts(s, &facts);
    }
    snprintf(out->target, sizeof out->target, "%s", s->options->url ? s->options->url : "reckon serve");
    snprintf(out->model, sizeof out->model, "%s", facts.model);
    out->machine = rk_machine_read();
    out->slo_ms_p99 = s->options->slo_ms_p99;
    out->seconds = s->options->seconds;
    out->connections = s->options->connections;
    out->seed = s->run->seed;
    out->is_shared = s->endpoint.is_local;
    out->memory_bytes = facts.memory_bytes;
    out->response_bytes = s->n_good ? (double)s->body_bytes / (double)s->n_good : 0;
    qsort(s->trials, s->n_trials, sizeof *s->trials, by_rate);
    bracket b = find_bracket(s);
    out->knee_rps = b.good ? b.good->median.achieved_rps : 0;
    out->is_knee_bounded = b.bad != NULL;
    for (unsigned i = 0; i < s->n_trials; i++) {
        if (!rk_vec_push(&out->points, &s->trials[i].median)) {
            return rk_fail_memory(err, "the profile");
        }
    }
    rk_profile_sort(out); /* what was offered differs a little from what was asked for */
    return RK_OK;
}

static rk_status check_options(const rk_measure_options *options, rk_error *err)
{
    if (!options->url && !options->model_path) {
        return rk_fail(err, RK_BAD_USAGE, "say what to measure: --url URL or --model M.rk");
    }
    if (!options->model_path && !options->paths_file) {
        return rk_fail(err, RK_BAD_USAGE, "say what to ask: --model M.rk (for its users) or --paths FILE");
    }
    if (!(options->seconds > 0) || !(options->slo_ms_p99 > 0) || !(options->rate_rps >= 0) ||
        options->connections == 0 || options->points < POINTS_MIN || options->points > POINTS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "seconds, slo and connections must be above 0, points %d to %d", POINTS_MIN,
                       POINTS_MAX);
    }
    return RK_OK;
}

/* A server to ask: the one at the URL, or one of our own. */
static rk_status open_target(search *s, rk_error *err)
{
    if (s->options->url) {
        return rk_endpoint_parse(s->options->url, &s->endpoint, err);
    }
    rk_child_options child = {s->options->program, s->options->model_path, s->options->data_path,
                              s->options->server_threads};
    rk_status status = rk_child_start(&child, &s->child, err);
    if (status != RK_OK) {
        return status;
    }
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u", s->child.port);
    return rk_endpoint_parse(url, &s->endpoint, err);
}

static rk_status make_requests(search *s, rk_error *err)
{
    const rk_measure_options *options = s->options;
    if (options->paths_file) {
        return rk_requests_of_file(options->paths_file, s->endpoint.host, &s->requests, err);
    }
    rk_user_draw draw = {options->model_path, s->endpoint.host, options->draw, options->n_items, s->run->seed};
    return rk_requests_of_users(&draw, &s->requests, err);
}

static rk_status open_load(search *s, rk_error *err)
{
    rk_load_options load = {&s->endpoint, &s->requests, s->options->connections, s->options->schedule, s->run->seed};
    s->result = malloc(sizeof *s->result);
    s->load = rk_load_new(&load, err);
    if (!s->load || !s->result) {
        return rk_fail_memory(err, "the load generator");
    }
    server_facts facts;
    s->has_metrics = read_facts(s, &facts);
    return RK_OK;
}

static rk_status measure(search *s, rk_profile *out, rk_error *err)
{
    rk_status status = open_target(s, err);
    if (status == RK_OK) {
        status = make_requests(s, err);
    }
    if (status == RK_OK) {
        status = open_load(s, err);
    }
    if (status == RK_OK) {
        status = s->options->rate_rps > 0 ? measure_rate(s, s->options->rate_rps, err) : find_knee(s, err);
    }
    return status == RK_OK ? write_down(s, out, err) : status;
}

rk_status rk_measure(const rk_measure_options *options, const rk_run *run, rk_profile *out, rk_error *err)
{
    rk_status status = check_options(options, err);
    if (status != RK_OK) {
        return status;
    }
    search *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "the measurement");
    }
    s->options = options;
    s->run = run;
    s->step_s = options->seconds / options->points;
    s->n_runs_max = options->points;
    rk_profile_init(out);
    out->started_unix_s = rk_clock_unix_s();
    status = measure(s, out, err);
    rk_load_free(s->load);
    rk_child_stop(&s->child);
    rk_requests_release(&s->requests);
    free(s->result);
    free(s);
    if (status != RK_OK) {
        rk_profile_release(out);
    }
    return status;
}

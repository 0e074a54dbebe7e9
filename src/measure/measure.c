/* measure.c - a server to ask, a load to ask with, and what is written down on the way.
 *
 * Warm up first: all connections ask as fast as they can (knee) or at the rate (fixed). This opens them, warms the
 * server's caches, and tells the rate at which it saturates; knee.c then chooses the rates. Every run of a search is of
 * the same length.
 */
#include "measure/measure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "measure/child.h"
#include "measure/knee.h"
#include "measure/load.h"

enum { POINTS_MIN = 8, POINTS_MAX = RK_KNEE_RUNS_MAX, ENDING_MS = 200 /* a server that dies, until it is dead */ };

typedef struct {
    const rk_measure_options *options;
    const rk_run *run;
    rk_endpoint endpoint;
    rk_requests requests;
    rk_load *load;
    rk_child child;
    rk_load_result *result; /* too large for a stack */
    double step_s;          /* of one run */
    uint64_t n_good, body_bytes;
    bool has_metrics; /* the server tells its processor time and memory */
} measurement;

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

static bool read_facts(const measurement *s, server_facts *out)
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

static void describe_run(const measurement *s, const rk_load_result *r, double server_cpu_s, const server_facts *after,
                         rk_profile_point *out)
{
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
        .unanswered = r->n_unanswered,
        .memory_bytes = after->memory_bytes,
        .repeats = 1,
    };
    out->within_slo = rk_knee_holds(s->options->slo_ms_p99, out);
}

static rk_status run_once(measurement *s, double rate_rps, double seconds, rk_profile_point *out, rk_error *err)
{
    double grace_s = fmin(1, fmax(0.1, 2e-3 * s->options->slo_ms_p99));
    server_facts before = {.cpu_s = NAN}, after = {.cpu_s = NAN};
    if (s->has_metrics) {
        read_facts(s, &before);
    }
    rk_status status = rk_load_run(s->load, (rk_load_step){rate_rps, seconds, .grace_s = grace_s}, s->result, err);
    if (status != RK_OK) {
        return status;
    }
    if (s->has_metrics) {
        read_facts(s, &after);
    }
    describe_run(s, s->result, after.cpu_s - before.cpu_s, &after, out);
    s->n_good += s->result->n_good;
    s->body_bytes += s->result->body_bytes;
    return RK_OK;
}

/* What the search for the knee calls a run. */
static rk_status offer(void *context, double rate_rps, rk_profile_point *out, rk_error *err)
{
    measurement *s = context;
    return run_once(s, rate_rps, s->step_s, out, err);
}

static rk_status find_knee(measurement *s, rk_profile *out, rk_error *err)
{
    rk_profile_point saturated;
    s->step_s = s->options->seconds / s->options->points;
    rk_status status = offer(s, HUGE_VAL, &saturated, err);
    if (status != RK_OK) {
        return status;
    }
    if (s->result->n_good == 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s answers no request with success", s->endpoint.host);
    }
    rk_log(s->run, RK_LOG_DETAIL, "saturates near %.0f requests/s", saturated.achieved_rps);
    rk_knee_options knee = {offer, s, s->options->slo_ms_p99, s->options->points - 1, s->run};
    return rk_knee_find(&knee, saturated.achieved_rps, out, err);
}

/* ---- a long run, told piece by piece ---- */

typedef struct {
    measurement *of;
    rk_profile *out;
    server_facts before;
    double cpu_s;
    bool is_short_of_memory;
} long_run;

static void tell_part(void *context, const rk_load_result *part)
{
    long_run *l = context;
    server_facts now = {.cpu_s = NAN};
    if (l->of->has_metrics) {
        read_facts(l->of, &now);
    }
    rk_profile_point p;
    describe_run(l->of, part, now.cpu_s - l->before.cpu_s, &now, &p);
    l->cpu_s += now.cpu_s - l->before.cpu_s;
    l->before = now;
    l->is_short_of_memory |= !rk_vec_push(&l->out->parts, &p);
    rk_log(l->of->run, RK_LOG_INFO,
           "%zu: %.0f requests/s, p50 %.2f ms, p99 %.2f, p99.9 %.2f, most %.1f, %llu errors, %llu unanswered, %.1f MB",
           l->out->parts.n, p.achieved_rps, p.latency_ms_p50, p.latency_ms_p99, p.latency_ms_p999, p.latency_ms_max,
           (unsigned long long)p.errors, (unsigned long long)p.unanswered, (double)p.memory_bytes / 1e6);
}

static rk_status measure_long(measurement *s, rk_profile *out, rk_error *err)
{
    long_run l = {.of = s, .out = out};
    read_facts(s, &l.before);
    rk_load_step step = {s->options->rate_rps, s->options->seconds, 1, s->options->every_s, tell_part, &l};
    rk_status status = rk_load_run(s->load, step, s->result, err);
    if (status != RK_OK) {
        return status;
    }
    rk_profile_point whole;
    describe_run(s, s->result, l.cpu_s, &l.before, &whole);
    s->n_good += s->result->n_good;
    s->body_bytes += s->result->body_bytes;
    out->knee_rps = whole.within_slo ? whole.achieved_rps : 0;
    out->is_knee_bounded = !whole.within_slo;
    return l.is_short_of_memory || !rk_vec_push(&out->points, &whole) ? rk_fail_memory(err, "the profile") : RK_OK;
}

static rk_status measure_rate(measurement *s, rk_profile *out, rk_error *err)
{
    rk_profile_point warm_up;
    s->step_s = s->options->seconds * 0.9 / RK_KNEE_REPEATS_MAX;
    double every_s = s->options->every_s;
    double warm_s = 0.1 * (every_s > 0 ? fmin(every_s, s->options->seconds) : s->options->seconds);
    rk_status status = run_once(s, s->options->rate_rps, warm_s, &warm_up, err);
    if (status != RK_OK) {
        return status;
    }
    if (every_s > 0) {
        return measure_long(s, out, err);
    }
    rk_knee_options knee = {offer, s, s->options->slo_ms_p99, RK_KNEE_REPEATS_MAX, s->run};
    return rk_knee_repeat(&knee, s->options->rate_rps, out, err);
}

/* ---- from beginning to end ---- */

static void describe(const measurement *s, rk_profile *out)
{
    server_facts facts = {0};
    if (s->has_metrics) {
        read_facts(s, &facts);
    }
    snprintf(out->target, sizeof out->target, "%s", s->options->url ? s->options->url : "reckon serve");
    snprintf(out->model, sizeof out->model, "%s", facts.model);
    out->machine = rk_machine_read();
    if (!s->options->url) { /* a server of our own */
        out->server_threads = s->options->server_threads ? s->options->server_threads : out->machine.cores;
    }
    out->slo_ms_p99 = s->options->slo_ms_p99;
    out->seconds = s->options->seconds;
    out->connections = s->options->connections;
    out->seed = s->run->seed;
    out->is_shared = s->endpoint.is_local;
    out->memory_bytes = facts.memory_bytes;
    out->response_bytes = s->n_good ? (double)s->body_bytes / (double)s->n_good : 0;
}

static rk_status check_options(const rk_measure_options *options, rk_error *err)
{
    if (!options->url && !options->model_path) {
        return rk_fail(err, RK_BAD_USAGE, "say what to measure: --url URL or --model M.rk");
    }
    if (options->url && (options->data_path || options->index_path)) {
        return rk_fail(err, RK_BAD_USAGE, "--data and --index are handed to a server that is started, not to one at %s",
                       options->url);
    }
    if (!options->model_path && !options->paths_file) {
        return rk_fail(err, RK_BAD_USAGE, "say what to ask: --model M.rk (for its users) or --paths FILE");
    }
    if (!(options->seconds > 0) || !(options->slo_ms_p99 > 0) || !(options->rate_rps >= 0) ||
        options->connections == 0 || options->points < POINTS_MIN || options->points > POINTS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "seconds, slo and connections must be above 0, points %d to %d", POINTS_MIN,
                       POINTS_MAX);
    }
    if (options->every_s > 0 && !(options->rate_rps > 0)) {
        return rk_fail(err, RK_BAD_USAGE, "--every wants a --rate: a search tells its rates itself");
    }
    return RK_OK;
}

/* The first line of the file: a key is no word for a command line, where everybody can read it. */
static rk_status show_key(measurement *s, rk_error *err)
{
    rk_mapped file;
    rk_status status = rk_mapped_open(s->options->key_file, &file, err);
    if (status) {
        return status;
    }
    const char *end = memchr(file.at, '\n', file.n_bytes);
    rk_slice line = {(const char *)file.at, end ? (size_t)(end - (const char *)file.at) : file.n_bytes};
    status = rk_endpoint_show_key(&s->endpoint, rk_slice_trim(line), err);
    rk_mapped_close(&file);
    return status;
}

/* A server to ask: the one at the URL, or one of our own. */
static rk_status open_target(measurement *s, rk_error *err)
{
    if (s->options->url) {
        rk_status of_url = rk_endpoint_parse(s->options->url, &s->endpoint, err);
        return of_url || !s->options->key_file ? of_url : show_key(s, err);
    }
    rk_child_options child = {s->options->program, s->options->model_path, s->options->data_path,
                              s->options->index_path, s->options->server_threads};
    rk_status status = rk_child_start(&child, &s->child, err);
    if (status != RK_OK) {
        return status;
    }
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u", s->child.port);
    return rk_endpoint_parse(url, &s->endpoint, err);
}

static rk_status make_requests(measurement *s, rk_error *err)
{
    const rk_measure_options *options = s->options;
    if (options->paths_file) {
        return rk_requests_of_file(options->paths_file, s->endpoint.headers, &s->requests, err);
    }
    rk_user_draw draw = {options->model_path, s->endpoint.headers, options->draw, options->n_items, s->run->seed};
    return rk_requests_of_users(&draw, &s->requests, err);
}

static rk_status open_load(measurement *s, rk_error *err)
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

static rk_status measure(measurement *s, rk_profile *out, rk_error *err)
{
    rk_status status = open_target(s, err);
    if (status == RK_OK) {
        status = make_requests(s, err);
    }
    if (status == RK_OK) {
        status = open_load(s, err);
    }
    if (status == RK_OK) {
        status = s->options->rate_rps > 0 ? measure_rate(s, out, err) : find_knee(s, out, err);
    }
    if (status == RK_OK) {
        describe(s, out);
    }
    return status;
}

rk_status rk_measure(const rk_measure_options *options, const rk_run *run, rk_profile *out, rk_error *err)
{
    rk_status status = check_options(options, err);
    if (status != RK_OK) {
        return status;
    }
    measurement *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "the measurement");
    }
    s->options = options;
    s->run = run;
    rk_profile_init(out);
    out->started_unix_s = rk_clock_unix_s();
    status = measure(s, out, err);
    rk_error how; /* a server of ours that has ended says more than whoever could not reach it */
    rk_status ended = rk_child_check(&s->child, status ? ENDING_MS : 0, &how);
    status = ended ? rk_fail(err, ended, "the server ended in the midst: %s", how.message) : status;
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

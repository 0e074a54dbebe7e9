/* profile.c - the profile as JSON: written by hand in a fixed order, read back with jansson. */
#include "measure/profile.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/file.h"

static const char version[] = "profile/1";

void rk_profile_init(rk_profile *profile)
{
    memset(profile, 0, sizeof *profile);
    profile->points.item_bytes = profile->parts.item_bytes = sizeof(rk_profile_point);
}

void rk_profile_release(rk_profile *profile)
{
    rk_vec_release(&profile->points);
    rk_vec_release(&profile->parts);
}

const rk_profile_point *rk_profile_point_at(const rk_profile *profile, size_t i)
{
    const rk_profile_point *points = profile->points.data;
    return i < profile->points.n ? &points[i] : NULL;
}

unsigned rk_profile_cores(const rk_profile *profile)
{
    unsigned threads = profile->server_threads, cores = profile->machine.cores;
    return threads && (threads < cores || !cores) ? threads : cores;
}

/* ---- writing ---- */

/* Measured to no more than this; longer tails would only pretend. */
static double rounded(double value, double steps) { return isfinite(value) ? round(value * steps) / steps : value; }

static void write_point(rk_json *json, const rk_profile_point *point)
{
    rk_json_object(json, NULL);
    rk_json_real(json, "offered_rps", rounded(point->offered_rps, 1e2));
    rk_json_real(json, "achieved_rps", rounded(point->achieved_rps, 1e2));
    rk_json_object(json, "latency_ms");
    rk_json_real(json, "p50", rounded(point->latency_ms_p50, 1e4));
    rk_json_real(json, "p90", rounded(point->latency_ms_p90, 1e4));
    rk_json_real(json, "p99", rounded(point->latency_ms_p99, 1e4));
    rk_json_real(json, "p99.9", rounded(point->latency_ms_p999, 1e4));
    rk_json_real(json, "max", rounded(point->latency_ms_max, 1e4));
    rk_json_end_object(json);
    rk_json_real(json, "cpu_ms_per_request", rounded(point->cpu_ms_per_request, 1e6));
    rk_json_u64(json, "errors", point->errors);
    rk_json_u64(json, "requests", point->requests);
    rk_json_u64(json, "unanswered", point->unanswered);
    if (point->memory_bytes) {
        rk_json_u64(json, "memory_bytes", point->memory_bytes);
    }
    rk_json_real(json, "seconds", rounded(point->seconds, 1e3));
    rk_json_u64(json, "repeats", point->repeats);
    rk_json_real(json, "generator_cpu_ms_per_request", rounded(point->generator_cpu_ms_per_request, 1e6));
    rk_json_bool(json, "within_slo", point->within_slo);
    rk_json_end_object(json);
}

static void write_points(rk_json *json, const char *key, const rk_vec *points)
{
    rk_json_array(json, key);
    for (size_t i = 0; i < points->n; i++) {
        write_point(json, (const rk_profile_point *)points->data + i);
    }
    rk_json_end_array(json);
}

static void write_machine(rk_json *json, const rk_profile *profile)
{
    rk_json_object(json, "machine");
    rk_json_cstring(json, "cpu", profile->machine.cpu);
    rk_json_u64(json, "cores", profile->machine.cores);
    rk_json_real(json, "memory_gib", rounded(profile->machine.memory_gib, 1e2));
    rk_json_end_object(json);
}

void rk_profile_format(const rk_profile *profile, rk_text *out)
{
    char started[32];
    rk_format_time(profile->started_unix_s, started);
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "reckon", version);
    rk_json_cstring(&json, "target", profile->target);
    rk_json_cstring(&json, "model", profile->model);
    write_machine(&json, profile);
    rk_json_cstring(&json, "started", started);
    rk_json_real(&json, "seconds", rounded(profile->seconds, 1e3));
    rk_json_u64(&json, "connections", profile->connections);
    if (profile->server_threads) {
        rk_json_u64(&json, "server_threads", profile->server_threads);
    }
    rk_json_u64(&json, "seed", profile->seed);
    rk_json_bool(&json, "shared_machine", profile->is_shared);
    rk_json_object(&json, "slo");
    rk_json_real(&json, "latency_ms_p99", profile->slo_ms_p99);
    rk_json_end_object(&json);
    write_points(&json, "points", &profile->points);
    if (profile->parts.n) {
        write_points(&json, "parts", &profile->parts);
    }
    rk_json_real(&json, "knee_rps", rounded(profile->knee_rps, 1e2));
    rk_json_bool(&json, "knee_bounded", profile->is_knee_bounded);
    rk_json_u64(&json, "memory_bytes", profile->memory_bytes);
    rk_json_real(&json, "response_bytes", rounded(profile->response_bytes, 1e1));
    rk_json_end_object(&json);
    rk_text_add(out, "\n");
}

rk_status rk_profile_write(const rk_profile *profile, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_profile_format(profile, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "the profile") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

/* ---- reading ---- */

/* What a reader carries: the first failure sticks, and later reads do nothing. */
typedef struct {
    const char *path;
    rk_error *err;
    rk_status status;
} reader;

static const json_t *need(reader *r, const json_t *object, const char *key, bool is_right, const char *wanted)
{
    if (r->status == RK_OK && !is_right) {
        r->status = rk_fail(r->err, RK_BAD_INPUT, "%s: %s must be %s", r->path, key, wanted);
    }
    return json_object_get(object, key);
}

static double read_real(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    need(r, object, key, json_is_number(value) || json_is_null(value), "a number");
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static uint64_t read_count(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    need(r, object, key, json_is_integer(value) && json_integer_value(value) >= 0, "a whole number");
    return json_is_integer(value) && json_integer_value(value) >= 0 ? (uint64_t)json_integer_value(value) : 0;
}

static bool read_bool(reader *r, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    need(r, object, key, json_is_boolean(value), "true or false");
    return json_is_true(value);
}

/* Keys beyond the contract of profile/1 may be absent: then NaN, 0 or false. */
static double maybe_real(reader *r, const json_t *object, const char *key)
{
    return json_object_get(object, key) ? read_real(r, object, key) : NAN;
}

static uint64_t maybe_count(reader *r, const json_t *object, const char *key)
{
    return json_object_get(object, key) ? read_count(r, object, key) : 0;
}

static bool maybe_bool(reader *r, const json_t *object, const char *key)
{
    return json_object_get(object, key) && read_bool(r, object, key);
}

static void read_text(reader *r, const json_t *object, const char *key, char *out, size_t out_bytes)
{
    const json_t *value = need(r, object, key, json_is_string(json_object_get(object, key)), "a text");
    snprintf(out, out_bytes, "%s", json_is_string(value) ? json_string_value(value) : "");
}

static void maybe_time(reader *r, const json_t *object, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (value) {
        need(r, object, key, json_is_string(value) && rk_parse_time(rk_slice_of(json_string_value(value)), out),
             "a time like 2026-11-23T10:15:00Z");
    }
}

static void read_point(reader *r, const json_t *json, rk_profile_point *out)
{
    const json_t *latency =
        need(r, json, "latency_ms", json_is_object(json_object_get(json, "latency_ms")), "an object");
    out->offered_rps = read_real(r, json, "offered_rps");
    out->achieved_rps = read_real(r, json, "achieved_rps");
    out->latency_ms_p50 = read_real(r, latency, "p50");
    out->latency_ms_p90 = read_real(r, latency, "p90");
    out->latency_ms_p99 = read_real(r, latency, "p99");
    out->latency_ms_p999 = read_real(r, latency, "p99.9");
    out->latency_ms_max = maybe_real(r, latency, "max");
    out->cpu_ms_per_request = read_real(r, json, "cpu_ms_per_request");
    out->generator_cpu_ms_per_request = maybe_real(r, json, "generator_cpu_ms_per_request");
    out->seconds = maybe_real(r, json, "seconds");
    out->requests = maybe_count(r, json, "requests");
    out->errors = read_count(r, json, "errors");
    out->unanswered = maybe_count(r, json, "unanswered");
    out->memory_bytes = maybe_count(r, json, "memory_bytes");
    out->repeats = (unsigned)maybe_count(r, json, "repeats");
    out->within_slo = maybe_bool(r, json, "within_slo");
}

static void read_machine(reader *r, const json_t *json, rk_machine *out)
{
    read_text(r, json, "cpu", out->cpu, sizeof out->cpu);
    out->cores = (unsigned)read_count(r, json, "cores");
    out->memory_gib = read_real(r, json, "memory_gib");
}

static void read_points(reader *r, const json_t *json, rk_vec *out)
{
    size_t i;
    json_t *item;
    json_array_foreach(json, i, item)
    {
        rk_profile_point point = {0};
        read_point(r, item, &point);
        if (!rk_vec_push(out, &point)) {
            r->status = rk_fail_memory(r->err, "the profile");
            return;
        }
    }
}

static void read_all(reader *r, const json_t *json, rk_profile *out)
{
    char kind[32];
    read_text(r, json, "reckon", kind, sizeof kind);
    if (r->status == RK_OK && strcmp(kind, version) != 0) {
        r->status = rk_fail(r->err, RK_BAD_INPUT, "%s: a '%s' is needed here, this is '%s'", r->path, version, kind);
    }
    read_text(r, json, "target", out->target, sizeof out->target);
    read_text(r, json, "model", out->model, sizeof out->model);
    read_machine(r, need(r, json, "machine", json_is_object(json_object_get(json, "machine")), "an object"),
                 &out->machine);
    maybe_time(r, json, "started", &out->started_unix_s);
    out->seconds = maybe_real(r, json, "seconds");
    out->connections = (unsigned)maybe_count(r, json, "connections");
    out->server_threads = (unsigned)maybe_count(r, json, "server_threads");
    out->seed = maybe_count(r, json, "seed");
    out->is_shared = maybe_bool(r, json, "shared_machine");
    out->slo_ms_p99 = maybe_real(r, json_object_get(json, "slo"), "latency_ms_p99");
    read_points(r, need(r, json, "points", json_is_array(json_object_get(json, "points")), "an array"), &out->points);
    read_points(r, json_object_get(json, "parts"), &out->parts);
    out->knee_rps = read_real(r, json, "knee_rps");
    out->is_knee_bounded = maybe_bool(r, json, "knee_bounded");
    out->memory_bytes = read_count(r, json, "memory_bytes");
    out->response_bytes = read_real(r, json, "response_bytes");
}

static int by_offered(const void *left, const void *right)
{
    const rk_profile_point *a = left, *b = right;
    if (a->offered_rps != b->offered_rps) {
        return a->offered_rps < b->offered_rps ? -1 : 1;
    }
    return (a->achieved_rps > b->achieved_rps) - (a->achieved_rps < b->achieved_rps);
}

void rk_profile_sort(rk_profile *profile)
{
    if (profile->points.n > 1) {
        qsort(profile->points.data, profile->points.n, sizeof(rk_profile_point), by_offered);
    }
}

rk_status rk_profile_read(const char *path, rk_profile *out, rk_error *err)
{
    rk_mapped file;
    rk_status status = rk_mapped_open(path, &file, err);
    if (status != RK_OK) {
        return status;
    }
    json_error_t bad;
    json_t *json = json_loadb((const char *)file.at, file.n_bytes, JSON_REJECT_DUPLICATES, &bad);
    rk_mapped_close(&file);
    if (!json_is_object(json)) {
        rk_place at = {path, json ? 1 : (size_t)bad.line, json ? 1 : (size_t)bad.column};
        json_decref(json);
        return rk_fail_at(err, at, "a profile must be a JSON object");
    }
    rk_profile_init(out);
    reader r = {path, err, RK_OK};
    read_all(&r, json, out);
    rk_profile_sort(out);
    json_decref(json);
    if (r.status != RK_OK) {
        rk_profile_release(out);
    }
    return r.status;
}

/* json_log.c - two buffers: one is filled while the other is being written. */
#include "serve/json_log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "serve/meter.h"

struct rk_json_log {
    int fd;
    rk_json_log_options options;
    rk_voice voice;
    pthread_t writer;
    bool has_writer;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    rk_text lines;              /* waiting */
    uint64_t n_dropped, n_lost; /* lines: since the start, and not told yet */
    bool is_ending;
};

enum { END_MS = 1000 }; /* that the end waits for a reader who stands still */

/* ---- lines ---- */

static void begin_line(rk_json *json, rk_log_level level, const char *kind)
{
    static const char *const levels[] = {"debug", "info", "warning"};
    struct timespec now;
    char second[24], time[40];
    clock_gettime(CLOCK_REALTIME, &now);
    rk_format_time(now.tv_sec, second);
    second[strlen(second) - 1] = '\0'; /* its Z */
    snprintf(time, sizeof time, "%s.%03ldZ", second, now.tv_nsec / 1000000);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "time", time);
    rk_json_cstring(json, "level", levels[level]);
    rk_json_cstring(json, "kind", kind);
}

static void put_line(rk_json_log *log, rk_text *line)
{
    rk_text_add(line, "\n");
    pthread_mutex_lock(&log->lock);
    if (!line->failed && log->lines.n + line->n <= RK_JSON_LOG_BYTES_MAX) {
        rk_text_add_slice(&log->lines, (rk_slice){line->at, line->n});
        pthread_cond_signal(&log->changed);
    } else {
        log->n_dropped++;
        log->n_lost++;
    }
    pthread_mutex_unlock(&log->lock);
    rk_text_release(line);
}

static void hear(void *context, rk_log_level level, const char *words)
{
    rk_json_log *log = context;
    if (level == RK_LOG_DETAIL) {
        return;
    }
    rk_text line = {0};
    rk_json json = {.text = &line};
    begin_line(&json, level, "message");
    rk_json_cstring(&json, "message", words);
    rk_json_end_object(&json);
    put_line(log, &line);
}

static void write_trace(rk_json *json, const rk_trace *trace)
{
    rk_json_cstring(json, "trace_id", trace->trace_id);
    rk_json_cstring(json, "span_id", trace->span_id);
    if (trace->parent_id[0]) {
        rk_json_cstring(json, "parent_id", trace->parent_id);
    }
}

static void write_stages(rk_json *json, const rk_laps *laps)
{
    rk_json_object(json, "stages_ms");
    for (int s = RK_STAGE_HTTP + 1; s < RK_STAGES; s++) {
        if (laps->ns[s] > 0) {
            rk_json_real(json, rk_stage_name((rk_stage)s), (double)laps->ns[s] / 1e6);
        }
    }
    rk_json_end_object(json);
}

void rk_json_log_request(rk_json_log *log, const rk_json_log_entry *entry)
{
    rk_text line = {0};
    rk_json json = {.text = &line};
    begin_line(&json, entry->status >= 500 ? RK_LOG_WARNING : RK_LOG_INFO, "request");
    rk_json_cstring(&json, "request_id", entry->request_id);
    write_trace(&json, entry->trace);
    rk_json_cstring(&json, "method", entry->method);
    rk_json_cstring(&json, "route", entry->route);
    rk_json_u64(&json, "status", entry->status);
    if (entry->model) {
        rk_json_cstring(&json, "model", entry->model);
    }
    rk_json_real(&json, "latency_ms", (double)entry->latency_ns / 1e6);
    write_stages(&json, entry->laps);
    rk_json_u64(&json, "bytes", entry->bytes);
    if (entry->cost_femtos > 0) {
        rk_json_real(&json, "cost_nanos", (double)entry->cost_femtos / 1e6);
    }
    if (entry->problem) {
        rk_json_cstring(&json, "problem", entry->problem);
    }
    rk_json_end_object(&json);
    put_line(log, &line);
}

/* Numbers that follow each other are spread evenly by the golden ratio: of any stretch of them the share is right. */
bool rk_json_log_wants(const rk_json_log *log, uint64_t number, unsigned status, int64_t latency_ns,
                       const rk_trace *trace)
{
    const rk_json_log_options *o = &log->options;
    double place = (double)(number * UINT64_C(0x9e3779b97f4a7c15) >> 11) * 0x1p-53;
    return status >= 500 || (o->slow_ns > 0 && latency_ns > o->slow_ns) || trace->is_sampled || place < o->sample;
}

/* ---- writing ---- */

static bool is_over(rk_json_log *log)
{
    pthread_mutex_lock(&log->lock);
    bool is_ending = log->is_ending;
    pthread_mutex_unlock(&log->lock);
    return is_ending;
}

/* A reader that stands still is waited for, at the end END_MS; one that is gone is no reason to wait. */
static void write_out(rk_json_log *log, const char *at, size_t n)
{
    int waited_ms = 0;
    while (n > 0 && waited_ms < END_MS) {
        enum { STEP_MS = 100 };
        struct pollfd ready = {.fd = log->fd, .events = POLLOUT};
        if (poll(&ready, 1, STEP_MS) == 0) {
            waited_ms += is_over(log) ? STEP_MS : 0;
            continue;
        }
        size_t piece = n < 4096 ? n : 4096; /* what a pipe takes whole once it takes anything */
        ssize_t done = write(log->fd, at, piece);
        if (done < 0 && errno != EINTR && errno != EAGAIN) {
            return;
        }
        at += done > 0 ? done : 0;
        n -= done > 0 ? (size_t)done : 0;
    }
}

static void tell_lost(rk_json_log *log, uint64_t n)
{
    char words[80];
    snprintf(words, sizeof words, "%" PRIu64 " lines of this log found no room and were dropped", n);
    hear(log, RK_LOG_WARNING, words);
}

static void *write_lines(void *context)
{
    rk_json_log *log = context;
    rk_text taken = {0};
    pthread_mutex_lock(&log->lock);
    while (!log->is_ending || log->lines.n > 0) {
        if (log->lines.n == 0) {
            pthread_cond_wait(&log->changed, &log->lock);
            continue;
        }
        rk_text swapped = taken;
        taken = log->lines;
        log->lines = swapped;
        uint64_t n_lost = log->n_lost;
        log->n_lost = 0;
        pthread_mutex_unlock(&log->lock);
        if (n_lost > 0) {
            tell_lost(log, n_lost);
        }
        write_out(log, taken.at, taken.n);
        rk_text_clear(&taken);
        pthread_mutex_lock(&log->lock);
    }
    pthread_mutex_unlock(&log->lock);
    rk_text_release(&taken);
    return NULL;
}

rk_status rk_json_log_new(int fd, const rk_json_log_options *options, rk_json_log **out, rk_error *err)
{
    rk_json_log *log = calloc(1, sizeof *log);
    if (!log) {
        return rk_fail_memory(err, "the log");
    }
    log->fd = fd;
    log->options = *options;
    log->voice = (rk_voice){.context = log, .log = hear};
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->changed, NULL);
    int failure = pthread_create(&log->writer, NULL, write_lines, log);
    log->has_writer = failure == 0;
    if (failure) {
        rk_json_log_free(log);
        return rk_fail_errno(err, RK_IO, failure, "cannot start a thread");
    }
    *out = log;
    return RK_OK;
}

void rk_json_log_free(rk_json_log *log)
{
    if (!log) {
        return;
    }
    pthread_mutex_lock(&log->lock);
    log->is_ending = true;
    pthread_cond_signal(&log->changed);
    pthread_mutex_unlock(&log->lock);
    if (log->has_writer) {
        pthread_join(log->writer, NULL);
    }
    rk_text_release(&log->lines);
    pthread_cond_destroy(&log->changed);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

const rk_voice *rk_json_log_voice(rk_json_log *log) { return &log->voice; }

uint64_t rk_json_log_n_dropped(rk_json_log *log)
{
    pthread_mutex_lock(&log->lock);
    uint64_t n = log->n_dropped;
    pthread_mutex_unlock(&log->lock);
    return n;
}

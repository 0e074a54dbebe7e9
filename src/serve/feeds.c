/* feeds.c - see feeds.h. */
#include "serve/feeds.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stream/stream.h"

enum { TAKE_MS = 200, PAUSE_MS = 500, PAUSE_MAX_MS = 30000, TELL_AGAIN_S = 60, FULL_BYTES = RK_EVENTS_BYTES_MAX / 2 };

typedef struct {
    rk_feeds *all;
    const rk_stream_spec *spec;
    pthread_t thread;
    bool has_thread;
    atomic_uint_least64_t n_kept, n_duplicates, n_refused, n_failures;
    atomic_bool is_well;

    /* The thread's own. */
    rk_stream *source;
    rk_stream_sheet sheet;
    rk_flat *flat;
    rk_arena arena;
    rk_text lines;  /* the batch that is being filled */
    size_t n_lines; /* events of it */
    int64_t told_s; /* when a record that is no event was last told */
    unsigned pause_ms;
} feed;

struct rk_feeds {
    rk_streams sources;
    const char *folder;
    rk_intake *intake;
    const rk_run *run;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* monotonic */
    bool is_ending;
    feed feeds[RK_STREAMS_MAX];
};

/* ---- waiting ---- */

/* Sleeps, unless the feeds end: then at once. false: they end. */
static bool pause_for(rk_feeds *all, unsigned ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = until.tv_nsec + ms * INT64_C(1000000);
    until.tv_sec += (time_t)(ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    pthread_mutex_lock(&all->lock);
    while (!all->is_ending && ms > 0 && pthread_cond_timedwait(&all->changed, &all->lock, &until) != ETIMEDOUT) {
    }
    bool goes_on = !all->is_ending;
    pthread_mutex_unlock(&all->lock);
    return goes_on;
}

/* After a failure: longer each time. */
static bool pause_longer(feed *f, const char *what, const rk_error *err)
{
    atomic_fetch_add_explicit(&f->n_failures, 1, memory_order_relaxed);
    if (atomic_exchange(&f->is_well, false)) {
        rk_log(f->all->run, RK_LOG_WARNING, "source '%s': %s: %s", f->spec->name, what, err->message);
    }
    f->pause_ms = f->pause_ms == 0 ? PAUSE_MS : f->pause_ms < PAUSE_MAX_MS / 2 ? 2 * f->pause_ms : PAUSE_MAX_MS;
    return pause_for(f->all, f->pause_ms);
}

static void be_well(feed *f)
{
    f->pause_ms = 0;
    if (!atomic_exchange(&f->is_well, true)) {
        rk_log(f->all->run, RK_LOG_INFO, "source '%s': events come again", f->spec->name);
    }
}

/* ---- to the log ---- */

/* A batch that a feed waits for. */
typedef struct {
    rk_batch batch;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_done;
} errand;

static void come_back(rk_batch *batch)
{
    errand *e = (errand *)(void *)((char *)batch - offsetof(errand, batch));
    pthread_mutex_lock(&e->lock);
    e->is_done = true;
    pthread_cond_signal(&e->changed);
    pthread_mutex_unlock(&e->lock);
}

/* The lines as one batch; false: the intake ends. */
static bool hand_in(feed *f, errand *e)
{
    e->batch = (rk_batch){.body = {f->lines.at, f->lines.n}, .done = come_back};
    e->is_done = false;
    if (!rk_intake_hand_in(f->all->intake, &e->batch)) {
        return false;
    }
    pthread_mutex_lock(&e->lock);
    while (!e->is_done) {
        pthread_cond_wait(&e->changed, &e->lock);
    }
    pthread_mutex_unlock(&e->lock);
    return true;
}

/* Until the log has the lines. false: the feeds end before that. */
static bool keep_lines(feed *f)
{
    errand e = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    bool goes_on = true, is_kept = f->lines.n == 0;
    while (goes_on && !is_kept) {
        goes_on = hand_in(f, &e);
        is_kept = goes_on && e.batch.problem.status == 0;
        if (goes_on && !is_kept) {
            rk_error err = {0};
            rk_fail(&err, RK_IO, "%s", e.batch.problem.detail);
            goes_on = pause_longer(f, "its events wait", &err);
        }
    }
    if (is_kept && f->lines.n > 0) {
        atomic_fetch_add_explicit(&f->n_kept, e.batch.n_accepted, memory_order_relaxed);
        atomic_fetch_add_explicit(&f->n_duplicates, e.batch.n_duplicates, memory_order_relaxed);
        be_well(f);
    }
    pthread_mutex_destroy(&e.lock);
    pthread_cond_destroy(&e.changed);
    rk_text_clear(&f->lines);
    f->n_lines = 0;
    return is_kept;
}

static void refuse(feed *f, const rk_stream_record *record, const rk_problem *problem)
{
    int64_t now_s = rk_clock_unix_s();
    atomic_fetch_add_explicit(&f->n_refused, 1, memory_order_relaxed);
    if (f->told_s == 0 || now_s - f->told_s >= TELL_AGAIN_S) {
        f->told_s = now_s;
        rk_log(f->all->run, RK_LOG_WARNING, "source '%s': record %.*s is no event and was passed over: %s",
               f->spec->name, (int)record->name.n, record->name.at, problem->detail);
    }
}

/* The event's own id, or the record's name; of several in one record with a number behind it. */
static rk_slice id_of(feed *f, const rk_stream_record *record, const rk_event *event, size_t i, size_t n)
{
    if (event->id.n > 0 || n == 1) {
        return event->id.n > 0 ? event->id : record->name;
    }
    char number[24];
    int n_number = snprintf(number, sizeof number, "#%zu", i);
    char *id = rk_arena_take(&f->arena, record->name.n + (size_t)n_number + 1, 1, 1);
    f->lines.failed |= !id;
    if (id) {
        memcpy(id, record->name.at, record->name.n);
        memcpy(id + record->name.n, number, (size_t)n_number + 1);
    }
    return id ? (rk_slice){id, record->name.n + (size_t)n_number} : record->name;
}

/* Adds a record's events to the lines. */
static void add_record(feed *f, const rk_stream_record *record)
{
    rk_problem problem = {0};
    rk_event *events;
    size_t n;
    rk_arena_clear(&f->arena);
    if (!rk_events_parse(record->event, rk_clock_unix_s(), f->flat, &f->arena, &events, &n, &problem)) {
        refuse(f, record, &problem);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        events[i].id = id_of(f, record, &events[i], i, n);
        rk_event_write(&events[i], &f->lines);
    }
    f->n_lines += n;
}

/* All that was taken. false: the feeds end. */
static bool keep_sheet(feed *f)
{
    const rk_stream_record *records = f->sheet.records.data;
    bool goes_on = true;
    for (size_t i = 0; i < f->sheet.records.n && goes_on; i++) {
        if (f->lines.n + records[i].event.n > FULL_BYTES || f->n_lines >= RK_EVENTS_MAX / 2) {
            goes_on = keep_lines(f);
        }
        if (goes_on) {
            add_record(f, &records[i]);
        }
    }
    atomic_fetch_add_explicit(&f->n_refused, f->sheet.n_left_out, memory_order_relaxed);
    return goes_on && keep_lines(f);
}

/* ---- the threads ---- */

static bool take(feed *f)
{
    rk_error err = {0};
    if (rk_stream_take(f->source, TAKE_MS, &f->sheet, &err)) {
        return pause_longer(f, "it does not answer", &err);
    }
    if (f->sheet.records.n == 0 && f->sheet.n_left_out == 0) {
        return pause_for(f->all, 0);
    }
    if (!keep_sheet(f)) {
        return false;
    }
    /* What is kept and not settled comes again, and is known by its name. */
    return rk_stream_settle(f->source, &err) == RK_OK || pause_longer(f, "it was not told what is kept", &err);
}

static void *feed_on(void *context)
{
    feed *f = context;
    rk_error err = {0};
    bool goes_on = true;
    while (goes_on && !f->source) {
        if (rk_stream_open(f->spec, f->all->folder, &f->source, &err)) {
            goes_on = pause_longer(f, "it could not be opened", &err);
        }
    }
    while (goes_on) {
        goes_on = take(f);
    }
    rk_stream_close(f->source);
    f->source = NULL;
    return NULL;
}

/* Signals are for the program's first thread, also of the threads that libraries start in this one. */
static rk_status start_thread(feed *f, rk_error *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&f->thread, NULL, feed_on, f);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    f->has_thread = failure == 0;
    return failure ? rk_fail_errno(err, RK_IO, failure, "cannot start a thread") : RK_OK;
}

static rk_status start_feed(rk_feeds *all, size_t i, rk_error *err)
{
    feed *f = &all->feeds[i];
    f->all = all;
    f->spec = &all->sources.specs[i];
    f->flat = calloc(1, sizeof *f->flat);
    atomic_store(&f->is_well, true);
    return f->flat ? start_thread(f, err) : rk_fail_memory(err, "a source of events");
}

static void init(rk_feeds *all, const char *folder, rk_intake *intake, const rk_run *run)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&all->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&all->lock, NULL);
    all->folder = folder;
    all->intake = intake;
    all->run = run;
}

rk_status rk_feeds_start(const char *sources_path, const char *folder, rk_intake *intake, const rk_run *run,
                         rk_feeds **out, rk_error *err)
{
    rk_feeds *all = calloc(1, sizeof *all);
    if (!all) {
        return rk_fail_memory(err, "sources of events");
    }
    init(all, folder, intake, run);
    rk_status status = rk_streams_read(sources_path, &all->sources, err);
    for (size_t i = 0; i < all->sources.n && !status; i++) {
        status = start_feed(all, i, err);
    }
    if (status) {
        rk_feeds_stop(all);
        return status;
    }
    *out = all;
    return RK_OK;
}

void rk_feeds_stop(rk_feeds *all)
{
    if (!all) {
        return;
    }
    pthread_mutex_lock(&all->lock);
    all->is_ending = true;
    pthread_cond_broadcast(&all->changed);
    pthread_mutex_unlock(&all->lock);
    for (size_t i = 0; i < all->sources.n; i++) {
        feed *f = &all->feeds[i];
        if (f->has_thread) {
            pthread_join(f->thread, NULL);
        }
        rk_stream_sheet_release(&f->sheet);
        rk_arena_release(&f->arena);
        rk_text_release(&f->lines);
        free(f->flat);
    }
    rk_streams_release(&all->sources);
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->lock);
    free(all);
}

/* ---- /metrics ---- */

static unsigned long long get(const atomic_uint_least64_t *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

void rk_feeds_metrics(const rk_feeds *all, rk_text *out)
{
    if (!all || all->sources.n == 0) {
        return;
    }
    rk_text_add(out, "# HELP reckon_source_events_total Records of a source: kept, known already, or no events.\n"
                     "# TYPE reckon_source_events_total counter\n");
    for (size_t i = 0; i < all->sources.n; i++) {
        const feed *f = &all->feeds[i];
        rk_text_addf(out,
                     "reckon_source_events_total{source=\"%s\",outcome=\"kept\"} %llu\n"
                     "reckon_source_events_total{source=\"%s\",outcome=\"duplicate\"} %llu\n"
                     "reckon_source_events_total{source=\"%s\",outcome=\"refused\"} %llu\n",
                     f->spec->name, get(&f->n_kept), f->spec->name, get(&f->n_duplicates), f->spec->name,
                     get(&f->n_refused));
    }
    rk_text_add(out, "# HELP reckon_source_failures_total Times that a source or the log refused.\n"
                     "# TYPE reckon_source_failures_total counter\n");
    for (size_t i = 0; i < all->sources.n; i++) {
        rk_text_addf(out, "reckon_source_failures_total{source=\"%s\"} %llu\n", all->feeds[i].spec->name,
                     get(&all->feeds[i].n_failures));
    }
    rk_text_add(out, "# HELP reckon_source_up Whether the last thing that was asked of a source was done.\n"
                     "# TYPE reckon_source_up gauge\n");
    for (size_t i = 0; i < all->sources.n; i++) {
        rk_text_addf(out, "reckon_source_up{source=\"%s\"} %d\n", all->feeds[i].spec->name,
                     atomic_load(&all->feeds[i].is_well) ? 1 : 0);
    }
}

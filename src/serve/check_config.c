/* check_config.c - see check_config.h. */
#include "serve/check_config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/pseudonym.h"
#include "serve/config.h"
#include "serve/golden.h"
#include "serve/listen.h"
#include "serve/meter.h"
#include "serve/tls.h"
#include "stream/stream.h"

typedef struct {
    const rk_run *run;
    rk_config_report *report;
    rk_serve_options options;
    bool is_short; /* of memory: the report would not be whole */
} checker;

RK_PRINTF(3, 4) static void put(checker *c, rk_vec *lines, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *line = rk_arena_words(&c->report->arena, fmt, args);
    va_end(args);
    c->is_short = c->is_short || !line || !rk_vec_push(lines, &line);
}

static void take_problem(void *context, const char *words)
{
    checker *c = context;
    put(c, &c->report->problems, "%s", words);
}

/* One thing that was tried: a problem with its reason, or a fact. */
static bool tell(checker *c, rk_status status, const rk_error *err, const char *what, const char *which,
                 const char *fact)
{
    if (status != RK_OK) {
        put(c, &c->report->problems, "%s: %s", what, err->message);
    } else {
        put(c, &c->report->facts, "%s %s%s%s", what, which, fact ? ": " : "", fact ? fact : "");
    }
    return status == RK_OK;
}

/* Opens some of the files, as a server does; true when they are sound. */
static bool try_live(checker *c, const rk_live_source *source, const char *what, const char *which)
{
    rk_live *live = NULL;
    rk_error err;
    rk_status status = rk_live_open(source, c->run, &live, &err);
    bool is_sound = tell(c, status, &err, what, which, status == RK_OK ? rk_live_label(live) : NULL);
    rk_live_release(live);
    return is_sound;
}

/* All of them together, with what needs the whole. */
static void try_whole(checker *c, const rk_live_source *source)
{
    const rk_serve_options *o = &c->options;
    rk_live *live = NULL;
    rk_error err;
    size_t n = 0;
    rk_status status = rk_live_open(source, c->run, &live, &err);
    if (status != RK_OK) {
        tell(c, status, &err, "all together", "", NULL);
    }
    if (status == RK_OK && o->scenes_path) {
        put(c, &c->report->facts, "scenes %s", o->scenes_path);
    }
    if (status == RK_OK && o->experiments_path) {
        put(c, &c->report->facts, "experiments %s", o->experiments_path);
    }
    if (status == RK_OK && o->checks.golden_path) {
        char words[40];
        status = rk_golden_check(o->checks.golden_path, live, &n, &err);
        snprintf(words, sizeof words, "%zu queries hold", n);
        tell(c, status, &err, "golden", o->checks.golden_path, words);
    }
    rk_live_release(live);
}

/* What answers searches: an index, or a live one, which a server may have open meanwhile. */
static bool try_search(checker *c, rk_live_source *search, rk_stock **stock)
{
    const rk_serve_options *o = &c->options;
    rk_error err;
    if (!o->search_path) {
        return true;
    }
    if (rk_wares_is_there(o->search_path)) {
        rk_status status = rk_stock_open(o->search_path, (rk_stock_options){.is_reader = true}, stock, &err);
        search->stock = *stock;
        if (status) {
            return tell(c, status, &err, "search", o->search_path, NULL);
        }
    } else {
        search->search_path = o->search_path;
    }
    if (!try_live(c, search, "search", o->search_path)) {
        return false;
    }
    search->ranker_path = o->ranker_path;
    return !o->ranker_path || try_live(c, search, "rank", o->ranker_path);
}

static void check_files(checker *c)
{
    const rk_serve_options *o = &c->options;
    rk_live_source whole = {.model_path = o->model_path}, search = {0};
    rk_stock *stock = NULL;
    bool has_model = !o->model_path || try_live(c, &whole, "model", o->model_path), is_sound = has_model;
    if (has_model && o->data_path) {
        rk_live_source with = {.model_path = o->model_path, .data_path = o->data_path};
        is_sound &= try_live(c, &with, "data", o->data_path);
    }
    if (has_model && o->index_path) {
        rk_live_source with = {.model_path = o->model_path, .index_path = o->index_path};
        is_sound &= try_live(c, &with, "index", o->index_path);
    }
    is_sound &= try_search(c, &search, &stock);
    bool needs_whole = o->scenes_path || o->experiments_path || o->checks.golden_path;
    if (is_sound && needs_whole) {
        whole = search;
        whole.model_path = o->model_path;
        whole.data_path = o->data_path;
        whole.index_path = o->index_path;
        whole.scenes_path = o->scenes_path;
        whole.experiments_path = o->experiments_path;
        try_whole(c, &whole);
    } else if (o->scenes_path) {
        rk_scenes *scenes = NULL;
        rk_error err;
        tell(c, rk_scenes_read(o->scenes_path, &scenes, &err), &err, "scenes", o->scenes_path, NULL);
        rk_scenes_free(scenes);
    }
    rk_stock_close(stock);
}

static void check_rates(checker *c)
{
    const rk_serve_options *o = &c->options;
    rk_meter *meter = NULL;
    rk_error err;
    if (o->rates_path) {
        rk_status status = rk_meter_open(o->rates_path, o->service, o->variant, 1, &meter, &err);
        tell(c, status, &err, "rates", o->rates_path, status ? NULL : rk_meter_rates(meter)->service);
        rk_meter_free(meter);
    }
}

static void check_keys(checker *c)
{
    rk_guard *guard = NULL;
    rk_error err;
    if (c->options.guard.keys_path) {
        tell(c, rk_guard_open(&c->options.guard, c->run, &guard, &err), &err, "keys", c->options.guard.keys_path, NULL);
        rk_guard_close(guard);
    }
}

static void check_sources(checker *c)
{
    const rk_serve_options *o = &c->options;
    rk_streams streams;
    rk_error err;
    if (!o->sources_path) {
        return;
    }
    if (!o->events_path) {
        take_problem(c, "sources: they need a folder for the log, 'events'");
    }
    rk_status status = rk_streams_read(o->sources_path, &streams, &err);
    tell(c, status, &err, "sources", o->sources_path, NULL);
    rk_streams_release(&streams);
}

static void check_trust(checker *c)
{
    const rk_serve_options *o = &c->options;
    rk_error err;
    rk_status status = rk_cors_check(&o->cors, &err);
    if (status != RK_OK) {
        take_problem(c, err.message);
    }
    if (!o->tls_cert != !o->tls_key) {
        take_problem(c, "TLS takes a certificate and its key");
    } else if (o->tls_cert) {
        rk_tls *tls = NULL;
        status = rk_tls_open(o->tls_cert, o->tls_key, &tls, &err);
        tell(c, status, &err, "TLS", o->tls_cert, NULL);
        rk_tls_close(tls);
    }
    if (o->pseudonyms_path) {
        rk_pseudonyms *pseudonyms = NULL;
        status = rk_pseudonyms_open(o->pseudonyms_path, &pseudonyms, &err);
        tell(c, status, &err, "pseudonyms", o->pseudonyms_path, NULL);
        rk_pseudonyms_close(pseudonyms);
    }
}

static void check_address(checker *c)
{
    rk_listener listener;
    rk_error err;
    rk_status status = rk_listener_open(c->options.address, 0, false, &listener, &err); /* its own port may be in use */
    tell(c, status, &err, "address", c->options.address, NULL);
    if (status == RK_OK) {
        close(listener.fd);
    }
}

/* The folder of a path into out; "." where it names none. */
static void folder_of(const char *path, char out[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    snprintf(out, PATH_MAX, "%.*s", slash ? (int)(n ? n : 1) : 1, slash ? path : ".");
}

/* A folder that is there, or can be made. */
static void check_folder(checker *c, const char *what, const char *path, bool is_made)
{
    struct stat st;
    char parent[PATH_MAX];
    bool is_there = stat(path, &st) == 0;
    folder_of(path, parent);
    if (is_there && !S_ISDIR(st.st_mode)) {
        put(c, &c->report->problems, "%s: '%s' is no folder", what, path);
        return;
    }
    const char *written = is_there || !is_made ? path : parent;
    if (access(written, W_OK | X_OK) != 0) {
        put(c, &c->report->problems, "%s: cannot write to '%s': %s", what, written, strerror(errno));
    } else {
        put(c, &c->report->facts, "%s %s%s", what, path, is_there ? "" : ": will be made");
    }
}

static void check_outputs(checker *c)
{
    if (c->options.events_path) {
        check_folder(c, "events", c->options.events_path, true);
    }
    if (c->options.port_file) {
        char parent[PATH_MAX];
        folder_of(c->options.port_file, parent);
        check_folder(c, "port_file", parent, false);
    }
    if (c->options.audit_path) {
        char parent[PATH_MAX];
        folder_of(c->options.audit_path, parent);
        check_folder(c, "audit", parent, false);
    }
}

rk_status rk_config_check(const char *path, const rk_run *run, rk_config_report *out, rk_error *err)
{
    *out = (rk_config_report){.problems = {.item_bytes = sizeof(const char *)},
                              .facts = {.item_bytes = sizeof(const char *)}};
    checker c = {.run = run, .report = out};
    rk_status status = rk_serve_config_try(path, &out->arena, &c.options, take_problem, &c, err);
    if (status == RK_OK) {
        check_files(&c);
        check_rates(&c);
        check_keys(&c);
        check_sources(&c);
        check_trust(&c);
        check_address(&c);
        check_outputs(&c);
        status = c.is_short ? rk_fail_memory(err, "a report") : RK_OK;
    }
    if (status != RK_OK) {
        rk_config_report_release(out);
    }
    return status;
}

void rk_config_report_release(rk_config_report *report)
{
    rk_vec_release(&report->problems);
    rk_vec_release(&report->facts);
    rk_arena_release(&report->arena);
}

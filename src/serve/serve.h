/* serve.h - a model, an index for search, or both as an HTTP service.
 *
 *   rk_server *server;                               start, ask, reload, stop: from any program
 *   rk_server_start(&options, run, &server, err);
 *   rk_server_reload(server, err);                   the old model answers until the new one has opened
 *   rk_server_stop(server);                          finishes what it has begun
 *
 * rk_serve does all of it for a command: until SIGTERM or SIGINT, with SIGHUP = reload.
 */
#ifndef RECKON_SERVE_SERVE_H
#define RECKON_SERVE_SERVE_H

#include <stdint.h>

#include "base/run.h"
#include "base/text.h"
#include "serve/checks.h"
#include "serve/cors.h"
#include "serve/guard.h"
#include "serve/json_log.h"

typedef struct rk_server rk_server;

#define RK_CACHE_BYTES_MAX INT64_C(34359738368) /* 32 GiB: sixteen shards of 2 */

typedef struct {
    const char *model_path;  /* NULL: search only */
    const char *data_path;   /* dataset that says what is popular; NULL: what the model has seen */
    const char *index_path;  /* of the model's vectors (reckon index MODEL); NULL: all items are scored */
    const char *search_path; /* index for search; NULL: none */
    const char *ranker_path; /* weights of its second look; NULL: those of no training */
    const char *scenes_path; /* what is shown where (scene/scene.h); needs a model; NULL: none */
    /* Which users see which variant of a scene (experiment/experiment.h), NULL: no experiments; folder of the log of
     * what was shown, NULL: "exposures" in events_path, if there is one. */
    const char *experiments_path, *exposures_path;
    const char *events_path; /* folder of the log of events, made where there is none; NULL: no events are taken */
    const char *rates_path;  /* rate card that prices each answer; NULL: none is priced */
    const char *service;     /* whose rates of the card; NULL: its first */
    const char *variant;     /* of that service; NULL: its first */
    rk_check_options checks; /* what a new model has to pass */
    bool logs_json;          /* rk_serve: all that is said, as lines of JSON on standard error */
    double log_sample;       /* share of the requests that it writes down, beside failed and slow ones */
    rk_json_log *json_log;   /* requests are written down there; NULL: nowhere. rk_serve makes one for logs_json */
    bool starts_quickly;     /* answers before every byte of the model has been read; that is done at once, behind it */
    void (*on_doom)(void);   /* what was opened quickly does not hold: end. In a thread of its own; rk_serve sets it */
    bool watches;            /* reload when a file is replaced */
    const char *address;     /* numeric; "127.0.0.1", "::" */
    uint16_t port;           /* 0 = any free one */
    const char *port_file;   /* written once the port is known, atomically; NULL = none */
    unsigned threads;        /* 0 = all processors this process may use */
    unsigned connections;    /* at most; more wait to be accepted */
    unsigned drain_s;        /* how long stop waits for requests in flight */
    unsigned request_s;      /* a request must have arrived whole, and its answer have left, within this time */
    uint32_t recent_max;     /* shoppers, and items, of whom events since the model was made are kept in memory */
    uint32_t items_max;      /* products of a live index, of which a new one more is refused */
    size_t cache_bytes;      /* of answers that are kept to be given again; 0: none */
    unsigned idle_s;         /* a connection may stay silent between two requests */
    rk_guard_options guard;  /* who may ask, and how often */
    const char *tls_cert;    /* PEM; NULL: plain HTTP; tls_key with it */
    const char *tls_key;
    /* File of sources whose events are fetched (feeds.h); NULL: none. Needs events_path. */
    const char *sources_path;
    rk_cors_options cors;        /* pages that browsers let ask */
    const char *pseudonyms_path; /* key by which users are replaced (data/pseudonym.h); NULL: they are not */
    const char *audit_path;      /* who changed what is written down there; NULL: nowhere */
} rk_serve_options;

rk_serve_options rk_serve_defaults(void);

/* options and run are borrowed until stop. RK_IO when the port is taken, as rk_model_open for the model. */
RK_MUST_CHECK rk_status rk_server_start(const rk_serve_options *options, const rk_run *run, rk_server **out,
                                        rk_error *err);
/* Once on_doom was called: why. */
RK_MUST_CHECK rk_status rk_server_doom(const rk_server *server, rk_error *err);
uint16_t rk_server_port(const rk_server *server);
/* Opens the model file anew; on failure the old model stays and the failure is counted in /metrics. Any thread. */
RK_MUST_CHECK rk_status rk_server_reload(rk_server *server, rk_error *err);
/* The same at some later moment; the voice hears how it went. */
void rk_server_reload_later(rk_server *server);
void rk_server_stop(rk_server *server); /* accepts NULL */

/* Serves until SIGTERM or SIGINT. One at a time in a process: signal handlers are set and put back. */
RK_MUST_CHECK rk_status rk_serve(const rk_serve_options *options, const rk_run *run, rk_error *err);

/* The OpenAPI 3.1 description, made from the table of routes. */
void rk_openapi_format(rk_text *out);

#endif

/* server.h - the inside of a running server, shared by its life (server.c) and its requests (http.c). */
#ifndef RECKON_SERVE_SERVER_H
#define RECKON_SERVE_SERVER_H

#include <microhttpd.h>

#include "serve/answers.h"
#include "serve/audit.h"
#include "serve/connections.h"
#include "serve/deliveries.h"
#include "serve/feeds.h"
#include "serve/intake.h"
#include "serve/listen.h"
#include "serve/meter.h"
#include "serve/routes.h"
#include "serve/serve.h"
#include "serve/swap.h"
#include "serve/tls.h"

/* One desk for each worker: as many as questions can be answered at a time. */
typedef struct {
    pthread_mutex_t lock;
    rk_desk **desks; /* [n], those not lent out */
    unsigned n;
} rk_desks;

/* Reloads are done one after another by the keeper; whoever asks gets a number and waits for it. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* monotonic */
    uint64_t n_asked, n_done;
    rk_error outcome;       /* of the last one; status RK_OK when it went well */
    rk_connection *waiting; /* suspended requests */
    bool is_stopping;
} rk_reloads;

struct rk_server {
    rk_serve_options options;
    const rk_run *run;
    rk_listener listener;
    struct MHD_Daemon *daemon;
    pthread_t keeper;
    rk_live_slot live;
    rk_swaps swaps;
    rk_error doom; /* set before on_doom is called */
    rk_metrics metrics;
    rk_meter *meter;
    rk_connections connections;
    rk_desks desks;
    rk_reloads reloads;
    rk_recent recent;
    rk_guard *guard;
    rk_watch trust_watch;      /* files of keys and certificates; the keeper's */
    rk_feeds *feeds;           /* NULL: none are fetched */
    rk_tls *tls;               /* NULL: plain HTTP */
    rk_pseudonyms *pseudonyms; /* NULL: users are known by their own names */
    rk_audit *audit;           /* NULL: none is written */
    rk_users *users;           /* NULL as the intake */
    rk_intake *intake;         /* NULL: no events are taken */
    rk_exposures *exposures;   /* NULL: what is shown is not logged */
    rk_stock *stock;           /* NULL: search is none, or of a file */
    rk_deliveries *deliveries; /* NULL as the stock */
    rk_answers *answers;       /* given before; NULL: none are kept */
    atomic_bool is_draining;
    uint64_t trace_seed;
    uint32_t boot; /* random; begins every request id */
    atomic_uint_least64_t n_requests;
};

/* http.c: what the library calls. */
enum MHD_Result rk_http_on_request(void *server, struct MHD_Connection *handle, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_bytes, void **request);
void *rk_http_on_target(void *server, const char *target, struct MHD_Connection *handle);
void rk_http_on_completed(void *server, struct MHD_Connection *handle, void **request,
                          enum MHD_RequestTerminationCode code);
void rk_http_on_connection(void *server, struct MHD_Connection *handle, void **socket_context,
                           enum MHD_ConnectionNotificationCode code);
size_t rk_http_keep_escapes(void *server, struct MHD_Connection *handle, char *text);

/* server.c: the connection is answered again, with its problem filled, once the model has been reloaded. false: the
 * server is ending. */
bool rk_server_await_reload(rk_server *server, rk_connection *connection);
/* The same once its events are kept; its batch is filled. */
bool rk_server_await_events(rk_server *server, rk_connection *connection);
/* The same once the connection's job is done. */
bool rk_server_await_user(rk_server *server, rk_connection *connection);
/* The same once the connection's delivery is on disk. */
bool rk_server_await_product(rk_server *server, rk_connection *connection);
/* How long those who wait for this have kept the disk busy so far; 0: it is idle. */
int64_t rk_server_disk_ns(const rk_server *server, rk_wait waits, int64_t now_ns);

#endif

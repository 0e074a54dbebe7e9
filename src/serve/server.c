/* server.c - a server's life: open the model, listen, keep, reload, drain, end.
 *
 * The HTTP library's workers answer. One more thread, the keeper, does what must not hold them up: it opens the model
 * anew when asked and, once a second, ends connections that have been slow for too long.
 */
#include "serve/server.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum {
    CONNECTION_BYTES = 32768, /* of the library, for each connection: headers above our own limit still get an answer */
    DRAIN_STEP_MS = 2,
    DRAIN_QUIET_MS = 50, /* what clients had sent when the drain began is read within this */
};

rk_serve_options rk_serve_defaults(void)
{
    return (rk_serve_options){.address = "127.0.0.1",
                              .port = 8080,
                              .connections = 1000,
                              .drain_s = 10,
                              .request_s = 10,
                              .idle_s = 75,
                              .guard = {.client_burst = 20, .load = {.slo_ms = 1000, .n_in_flight = 1000}},
                              .recent_max = 1000000,
                              .items_max = 10000000,
                              .cache_bytes = 64 << 20,
                              .checks = {.quality_drop = 0.2},
                              .log_sample = 0.01};
}

/* ---- the desks ---- */

static void desks_release(rk_desks *desks)
{
    while (desks->n > 0) {
        rk_desk_free(desks->desks[--desks->n]);
    }
    free(desks->desks);
    pthread_mutex_destroy(&desks->lock);
}

static rk_status desks_init(rk_desks *desks, unsigned n, rk_error *err)
{
    pthread_mutex_init(&desks->lock, NULL);
    desks->desks = calloc(n, sizeof(rk_desk *));
    while (desks->desks && desks->n < n) {
        rk_desk *desk = rk_desk_new();
        if (!desk) {
            break;
        }
        desks->desks[desks->n++] = desk;
    }
    return desks->n == n ? RK_OK : rk_fail_memory(err, "the workers' desks");
}

/* ---- reloading ---- */

static void reloads_init(rk_reloads *reloads)
{
    pthread_mutex_init(&reloads->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&reloads->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

/* What a client is told when it fails: 500, or 409 when the new model was refused. */
/* Keys and certificates. */
static rk_status reload_trust(rk_server *server, rk_error *err)
{
    rk_watch_take(&server->trust_watch);
    rk_status status = rk_guard_reload(server->guard, err);
    return status || !server->tls ? status : rk_tls_reload(server->tls, err);
}

/* They need no model: what is replaced is taken by itself. */
static void watch_trust(rk_server *server)
{
    rk_error err;
    if (server->options.watches && rk_watch_look(&server->trust_watch) && reload_trust(server, &err)) {
        rk_log(server->run, RK_LOG_WARNING, "keys and certificates stay as they are: %s", err.message);
    }
}

static unsigned reload_now(rk_server *server, rk_error *outcome)
{
    unsigned http = 500;
    bool is_proof = atomic_load_explicit(&server->swaps.is_unproven, memory_order_relaxed);
    *outcome = (rk_error){0};
    /* The keys first: one that is taken away is gone, whatever ails the model. */
    outcome->status = is_proof ? RK_OK : reload_trust(server, outcome);
    if (outcome->status != RK_OK) {
        atomic_fetch_add_explicit(&server->swaps.n_failed, 1, memory_order_relaxed);
        rk_log(server->run, RK_LOG_WARNING, "reload failed, the old model stays: %s", outcome->message);
    } else {
        outcome->status = rk_swap(&server->swaps, &server->live, server->intake ? &server->recent : NULL, server->run,
                                  &http, outcome);
    }
    if (is_proof && outcome->status != RK_OK && server->options.on_doom) {
        rk_log(server->run, RK_LOG_WARNING, "the model that was opened quickly does not hold: the server ends");
        server->doom = *outcome;
        server->options.on_doom();
    }
    return http;
}

/* One reload, in a thread that gives way: while a model is read and checked, answers come first. */
typedef struct {
    rk_server *server;
    rk_error outcome;
    unsigned http;
} reload_turn;

enum { GIVE_WAY = 10 }; /* a ninth of an answering thread's share, where there is not enough for both */

static void *reload_politely(void *context)
{
    reload_turn *turn = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + GIVE_WAY);
    turn->http = reload_now(turn->server, &turn->outcome);
    return NULL;
}

static void take_turn(reload_turn *turn)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, reload_politely, turn) == 0) {
        pthread_join(thread, NULL);
    } else {
        turn->http = reload_now(turn->server, &turn->outcome);
    }
}

static void resume_waiting(rk_connection *waiting, unsigned http, const rk_error *outcome)
{
    while (waiting) {
        rk_connection *next = waiting->next_waiting;
        waiting->is_over = true;
        if (outcome->status != RK_OK) {
            rk_problem_set(&waiting->problem, http, NULL, "the old model stays: %s", outcome->message);
        }
        MHD_resume_connection(waiting->handle);
        waiting = next;
    }
}

/* The keeper's turn: everything asked up to now is answered by one reload. Called with the lock, which it drops. */
static void serve_reloads(rk_server *server)
{
    rk_reloads *reloads = &server->reloads;
    uint64_t n_asked = reloads->n_asked;
    rk_connection *waiting = reloads->waiting;
    reloads->waiting = NULL;
    pthread_mutex_unlock(&reloads->lock);
    reload_turn turn = {.server = server};
    take_turn(&turn);
    resume_waiting(waiting, turn.http, &turn.outcome);
    pthread_mutex_lock(&reloads->lock);
    reloads->n_done = n_asked;
    reloads->outcome = turn.outcome;
    pthread_cond_broadcast(&reloads->changed);
}

bool rk_server_await_reload(rk_server *server, rk_connection *connection)
{
    rk_reloads *reloads = &server->reloads;
    pthread_mutex_lock(&reloads->lock);
    bool is_stopping = reloads->is_stopping;
    if (is_stopping) {
        connection->is_over = true;
        rk_problem_set(&connection->problem, 503, NULL, "the server is ending");
    } else {
        connection->next_waiting = reloads->waiting;
        reloads->waiting = connection;
        reloads->n_asked++;
        pthread_cond_broadcast(&reloads->changed);
    }
    pthread_mutex_unlock(&reloads->lock);
    return !is_stopping;
}

/* ---- events ---- */

static void resume_kept(rk_batch *batch)
{
    rk_connection *connection = (rk_connection *)(void *)((char *)batch - offsetof(rk_connection, batch));
    connection->is_over = true;
    connection->problem = batch->problem;
    MHD_resume_connection(connection->handle);
}

bool rk_server_await_events(rk_server *server, rk_connection *connection)
{
    rk_batch *batch = &connection->batch;
    *batch = (rk_batch){.body = {connection->received.at ? connection->received.at : "", connection->received.n},
                        .done = resume_kept};
    if (rk_intake_hand_in(server->intake, batch)) {
        return true;
    }
    connection->is_over = true;
    return rk_problem_set(&connection->problem, 503, NULL, "the server is ending");
}

/* ---- users ---- */

static void resume_job(rk_user_job *job)
{
    rk_connection *connection = (rk_connection *)(void *)((char *)job - offsetof(rk_connection, job));
    connection->is_over = true;
    connection->problem = job->problem;
    MHD_resume_connection(connection->handle);
}

bool rk_server_await_user(rk_server *server, rk_connection *connection)
{
    connection->job.out = &connection->body;
    connection->job.done = resume_job;
    if (rk_users_hand_in(server->users, &connection->job)) {
        return true;
    }
    connection->is_over = true;
    return rk_problem_set(&connection->problem, 503, NULL, "the server is ending");
}

/* ---- products ---- */

static void resume_delivered(rk_delivery *delivery)
{
    rk_connection *connection = (rk_connection *)(void *)((char *)delivery - offsetof(rk_connection, delivery));
    connection->is_over = true;
    connection->problem = delivery->problem;
    MHD_resume_connection(connection->handle);
}

bool rk_server_await_product(rk_server *server, rk_connection *connection)
{
    connection->delivery.done = resume_delivered;
    if (rk_deliveries_hand_in(server->deliveries, &connection->delivery)) {
        return true;
    }
    connection->is_over = true;
    return rk_problem_set(&connection->problem, 503, NULL, "the server is ending");
}

int64_t rk_server_disk_ns(const rk_server *server, rk_wait waits, int64_t now_ns)
{
    if (waits == RK_WAIT_EVENTS && server->intake) {
        return rk_line_busy_ns(rk_intake_line(server->intake), now_ns);
    }
    return waits == RK_WAIT_PRODUCT && server->deliveries
               ? rk_line_busy_ns(rk_deliveries_line(server->deliveries), now_ns)
               : 0;
}

void rk_server_reload_later(rk_server *server)
{
    pthread_mutex_lock(&server->reloads.lock);
    server->reloads.n_asked++;
    pthread_cond_broadcast(&server->reloads.changed);
    pthread_mutex_unlock(&server->reloads.lock);
}

rk_status rk_server_reload(rk_server *server, rk_error *err)
{
    rk_reloads *reloads = &server->reloads;
    pthread_mutex_lock(&reloads->lock);
    uint64_t number = ++reloads->n_asked;
    pthread_cond_broadcast(&reloads->changed);
    while (reloads->n_done < number) {
        pthread_cond_wait(&reloads->changed, &reloads->lock);
    }
    rk_error outcome = reloads->outcome;
    pthread_mutex_unlock(&reloads->lock);
    return outcome.status == RK_OK ? RK_OK : rk_fail(err, outcome.status, "%s", outcome.message);
}

/* ---- the keeper ---- */

static void *keep(void *context)
{
    rk_server *server = context;
    rk_reloads *reloads = &server->reloads;
    rk_patience patience = {server->options.request_s * INT64_C(1000000000),
                            server->options.idle_s * INT64_C(1000000000)};
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    pthread_mutex_lock(&reloads->lock);
    while (!reloads->is_stopping || reloads->n_done < reloads->n_asked) {
        if (reloads->n_done < reloads->n_asked) {
            serve_reloads(server);
        } else if (pthread_cond_timedwait(&reloads->changed, &reloads->lock, &next) == ETIMEDOUT) {
            next.tv_sec++;
            pthread_mutex_unlock(&reloads->lock);
            size_t n_swept = rk_connections_sweep(&server->connections, patience, rk_clock_ns());
            atomic_fetch_add_explicit(&server->metrics.n_swept, n_swept, memory_order_relaxed);
            rk_meter_tick(server->meter, rk_clock_ns());
            watch_trust(server);
            bool is_replaced = server->options.watches && rk_watch_look(&server->swaps.watch);
            pthread_mutex_lock(&reloads->lock);
            reloads->n_asked += is_replaced;
        }
    }
    pthread_mutex_unlock(&reloads->lock);
    return NULL;
}

/* ---- the HTTP library ---- */

RK_PRINTF(2, 0)
static void hear_library(void *context, const char *fmt, va_list args)
{
    const rk_server *server = context;
    char line[256];
    int n = vsnprintf(line, sizeof line, fmt, args);
    if (n > 0) {
        line[strcspn(line, "\n")] = '\0';
        rk_log(server->run, RK_LOG_DETAIL, "http: %s", line);
    }
}

static rk_status start_daemon(rk_server *server, rk_error *err)
{
    unsigned n_threads = server->options.threads;
    struct MHD_OptionItem more[4] = {{MHD_OPTION_END, 0, NULL}};
    size_t n_more = 0;
    if (n_threads > 1) {
        more[n_more++] = (struct MHD_OptionItem){MHD_OPTION_THREAD_POOL_SIZE, n_threads, NULL};
    }
    if (server->tls) {
        static char priorities[] = RK_TLS_PRIORITIES;
        more[n_more++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities};
        more[n_more++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)(uintptr_t)rk_tls_retrieve};
    }
    more[n_more] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME |
                     MHD_USE_ERROR_LOG | (server->listener.is_ipv6 ? MHD_USE_IPv6 : 0) |
                     (server->tls ? MHD_USE_TLS : 0);
    server->daemon = MHD_start_daemon(flags, server->listener.port, NULL, NULL, rk_http_on_request, server, //
                                      MHD_OPTION_EXTERNAL_LOGGER, hear_library, server,                     //
                                      MHD_OPTION_LISTEN_SOCKET, server->listener.fd,                        //
                                      MHD_OPTION_CONNECTION_LIMIT, server->options.connections,             //
                                      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,         //
                                      MHD_OPTION_CONNECTION_TIMEOUT, 0u, // ours: see connections.h
                                      MHD_OPTION_STRICT_FOR_CLIENT, 0,   // ours: see request.h
                                      MHD_OPTION_UNESCAPE_CALLBACK, rk_http_keep_escapes, server,  //
                                      MHD_OPTION_URI_LOG_CALLBACK, rk_http_on_target, server,      //
                                      MHD_OPTION_NOTIFY_CONNECTION, rk_http_on_connection, server, //
                                      MHD_OPTION_NOTIFY_COMPLETED, rk_http_on_completed, server,   //
                                      MHD_OPTION_ARRAY, more, MHD_OPTION_END);
    return server->daemon ? RK_OK : rk_fail(err, RK_IO, "the HTTP library could not start on %s", server->listener.url);
}

/* ---- start and stop ---- */

static rk_status write_port_file(const rk_server *server, rk_error *err)
{
    if (!server->options.port_file) {
        return RK_OK;
    }
    rk_text text = {0};
    rk_text_addf(&text, "%u\n", server->listener.port);
    rk_status status = rk_file_write_text(server->options.port_file, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status start_threads(rk_server *server, rk_error *err)
{
    int failure = pthread_create(&server->keeper, NULL, keep, server);
    if (failure) {
        return rk_fail_errno(err, RK_IO, failure, "cannot start a thread");
    }
    rk_status status = start_daemon(server, err);
    return status == RK_OK ? write_port_file(server, err) : status;
}

static void end_keeper(rk_server *server)
{
    pthread_mutex_lock(&server->reloads.lock);
    server->reloads.is_stopping = true;
    pthread_cond_broadcast(&server->reloads.changed);
    pthread_mutex_unlock(&server->reloads.lock);
    if (server->keeper) {
        pthread_join(server->keeper, NULL);
    }
}

static void release(rk_server *server)
{
    rk_users_stop(server->users);
    rk_feeds_stop(server->feeds);
    rk_deliveries_stop(server->deliveries);
    rk_intake_stop(server->intake); /* nobody waits for them when the library ends */
    if (server->daemon) {
        MHD_stop_daemon(server->daemon);
    }
    if (server->listener.fd >= 0) {
        close(server->listener.fd);
    }
    if (server->live.live) {
        rk_live_slot_release(&server->live);
    }
    rk_users_free(server->users);
    rk_deliveries_free(server->deliveries);
    rk_stock_close(server->stock);
    rk_answers_free(server->answers);
    rk_intake_free(server->intake);
    rk_exposures_stop(server->exposures);
    rk_meter_free(server->meter);
    rk_recent_release(&server->recent);
    rk_guard_close(server->guard);
    rk_audit_close(server->audit);
    rk_tls_close(server->tls);
    rk_pseudonyms_close(server->pseudonyms);
    desks_release(&server->desks);
    rk_connections_release(&server->connections);
    pthread_cond_destroy(&server->reloads.changed);
    pthread_mutex_destroy(&server->reloads.lock);
    free(server);
}

static rk_status open_events(rk_server *server, rk_error *err)
{
    if (!server->options.events_path) {
        return RK_OK;
    }
    if (!rk_recent_init(&server->recent, server->options.recent_max)) {
        return rk_fail_memory(err, "what shoppers have done lately");
    }
    return rk_intake_start(server->options.events_path, server->pseudonyms, &server->recent, server->run,
                           &server->intake, err);
}

static rk_status open_exposures(rk_server *server, rk_error *err)
{
    const rk_serve_options *o = &server->options;
    char beside[PATH_MAX];
    if (o->exposures_path) {
        return rk_exposures_start(o->exposures_path, server->run, &server->exposures, err);
    }
    if (!o->events_path && o->experiments_path) {
        return rk_fail(err, RK_BAD_USAGE, "experiments need a log: --events DIR or --exposures DIR");
    }
    if (!o->events_path || !o->scenes_path) {
        return RK_OK;
    }
    int n = snprintf(beside, sizeof beside, "%s/exposures", o->events_path);
    return n > 0 && n < (int)sizeof beside ? rk_exposures_start(beside, server->run, &server->exposures, err)
                                           : rk_fail(err, RK_BAD_USAGE, "the path '%.80s' is too long", o->events_path);
}

static rk_status open_sources(rk_server *server, rk_error *err)
{
    const rk_serve_options *o = &server->options;
    if (o->sources_path && !o->events_path) {
        return rk_fail(err, RK_BAD_USAGE, "sources of events need a folder for the log of events");
    }
    return o->sources_path
               ? rk_feeds_start(o->sources_path, o->events_path, server->intake, server->run, &server->feeds, err)
               : RK_OK;
}

/* Keys, certificates, origins, pseudonyms, the audit log. */
static rk_status open_trust(rk_server *server, rk_error *err)
{
    const rk_serve_options *o = &server->options;
    const char *const watched[] = {o->guard.keys_path, o->tls_cert, o->tls_key};
    rk_watch_init(&server->trust_watch, watched, RK_COUNT_OF(watched));
    rk_status status = rk_guard_open(&o->guard, server->run, &server->guard, err);
    status = status ? status : rk_cors_check(&o->cors, err);
    if (!status && !o->tls_cert != !o->tls_key) {
        status = rk_fail(err, RK_BAD_USAGE, "TLS takes a certificate and its key");
    }
    if (!status && o->tls_cert) {
        status = rk_tls_open(o->tls_cert, o->tls_key, &server->tls, err);
    }
    if (!status && o->pseudonyms_path) {
        status = rk_pseudonyms_open(o->pseudonyms_path, &server->pseudonyms, err);
    }
    return status || !o->audit_path ? status : rk_audit_open(o->audit_path, 0, server->run, &server->audit, err);
}

static rk_status open_users(rk_server *server, rk_error *err)
{
    return server->intake ? rk_users_start(server->intake, server->exposures, &server->live, server->answers,
                                           server->run, &server->users, err)
                          : RK_OK;
}

static rk_status open_parts(rk_server *server, rk_error *err)
{
    rk_live *live = NULL;
    const rk_serve_options *o = &server->options;
    rk_live_source source = {.model_path = o->model_path,
                             .data_path = o->data_path,
                             .index_path = o->index_path,
                             .search_path = o->search_path,
                             .ranker_path = o->ranker_path,
                             .scenes_path = o->scenes_path,
                             .experiments_path = o->experiments_path};
    rk_status status = RK_OK;
    if (rk_wares_is_there(o->search_path)) {
        status = rk_stock_open(o->search_path, (rk_stock_options){.items_max = o->items_max}, &server->stock, err);
        status = status ? status : rk_deliveries_start(server->stock, server->run, &server->deliveries, err);
        source.stock = server->stock;
        source.search_path = NULL; /* nobody else writes it, and nothing of it is opened anew */
    }
    rk_swaps_init(&server->swaps, &source, &o->checks);
    status = status ? status : open_trust(server, err);
    status =
        status ? status : rk_meter_open(o->rates_path, o->service, o->variant, rk_cores_usable(), &server->meter, err);
    status = status ? status : rk_answers_new(o->cache_bytes, &server->answers, err);
    status = status ? status : rk_swap_first(&server->swaps, o->starts_quickly, server->run, &live, err);
    if (status == RK_OK) {
        rk_live_slot_init(&server->live, live);
        status = open_events(server, err);
        status = status ? status : open_exposures(server, err);
        status = status ? status : open_users(server, err);
        status = status ? status : open_sources(server, err);
    }
    if (status == RK_OK) {
        status = rk_listener_open(server->options.address, server->options.port, server->tls != NULL, &server->listener,
                                  err);
    }
    return status == RK_OK ? start_threads(server, err) : status;
}

rk_status rk_server_start(const rk_serve_options *options, const rk_run *run, rk_server **out, rk_error *err)
{
    rk_server *server = calloc(1, sizeof *server);
    if (!server) {
        return rk_fail_memory(err, "the server");
    }
    server->options = *options;
    if (server->options.threads == 0) {
        server->options.threads = rk_machine_read().cores;
    }
    server->run = run;
    server->listener.fd = -1;
    if (getrandom(&server->boot, sizeof server->boot, 0) != sizeof server->boot) {
        server->boot = (uint32_t)rk_clock_ns();
    }
    if (getrandom(&server->trace_seed, sizeof server->trace_seed, 0) != sizeof server->trace_seed) {
        server->trace_seed = (uint64_t)rk_clock_ns();
    }
    reloads_init(&server->reloads);
    rk_connections_init(&server->connections);
    rk_status status = desks_init(&server->desks, server->options.threads, err);
    if (status == RK_OK) {
        status = open_parts(server, err);
    }
    if (status != RK_OK) {
        end_keeper(server);
        release(server);
        return status;
    }
    rk_log(run, RK_LOG_INFO, "listening on %s", server->listener.url);
    if (atomic_load_explicit(&server->swaps.is_unproven, memory_order_relaxed)) {
        rk_server_reload_later(server);
    }
    *out = server;
    return RK_OK;
}

rk_status rk_server_doom(const rk_server *server, rk_error *err)
{
    return server->doom.status ? rk_fail(err, server->doom.status, "%s", server->doom.message) : RK_OK;
}

uint16_t rk_server_port(const rk_server *server) { return server->listener.port; }

static void sleep_ms(long ms) { nanosleep(&(struct timespec){0, ms * 1000000}, NULL); }

/* No request under way for a short while, or the time is up. */
static void drain(rk_server *server)
{
    int64_t end_ns = rk_clock_ns() + server->options.drain_s * INT64_C(1000000000);
    int64_t quiet_since_ns = rk_clock_ns();
    while (rk_clock_ns() < end_ns && rk_clock_ns() - quiet_since_ns < DRAIN_QUIET_MS * INT64_C(1000000)) {
        sleep_ms(DRAIN_STEP_MS);
        if (atomic_load_explicit(&server->metrics.n_active, memory_order_relaxed) > 0) {
            quiet_since_ns = rk_clock_ns();
        }
    }
}

void rk_server_stop(rk_server *server)
{
    if (!server) {
        return;
    }
    atomic_store_explicit(&server->is_draining, true, memory_order_relaxed);
    MHD_quiesce_daemon(server->daemon);
    shutdown(server->listener.fd, SHUT_RDWR); /* new connections are refused from now on */
    drain(server);
    end_keeper(server);
    release(server);
}

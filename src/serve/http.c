/* http.c - one request, from the library's callbacks to its answer.
 *
 * on_target (first line read) -> on_request (headers read, then once per piece of body, then whole) -> on_completed.
 * What is wrong with the headers is answered in the first call, which makes the library read no further and close the
 * connection behind the answer: so a body that is not wanted can never be taken for a second request.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "serve/charge.h"
#include "serve/repeat.h"
#include "serve/server.h"

enum { KEPT_BYTES_MAX = 65536 }; /* an idle connection keeps no more memory than this for its next request */

/* ---- connections come and go ---- */

static void forget_request(rk_server *server, rk_connection *connection)
{
    rk_guard_leave(server->guard, &connection->caller);
    if (connection->is_active) {
        connection->is_active = false;
        atomic_fetch_sub_explicit(&server->metrics.n_active, 1, memory_order_relaxed);
    }
}

void rk_http_on_connection(void *context, struct MHD_Connection *handle, void **socket_context,
                           enum MHD_ConnectionNotificationCode code)
{
    rk_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context = info ? rk_connection_open(&server->connections, info->connect_fd, rk_clock_ns()) : NULL;
        if (*socket_context) {
            atomic_fetch_add_explicit(&server->metrics.n_connections, 1, memory_order_relaxed);
        }
        return;
    }
    rk_connection *connection = *socket_context;
    if (connection) {
        if (connection->is_active) {
            atomic_fetch_add_explicit(&server->metrics.n_broken, 1, memory_order_relaxed);
        }
        forget_request(server, connection);
        rk_charge_end(server, connection);
        atomic_fetch_sub_explicit(&server->metrics.n_connections, 1, memory_order_relaxed);
        rk_connection_close(&server->connections, connection);
    }
}

/* ---- a request begins and ends ---- */

/* Leaves what is percent-encoded alone: we decode the target ourselves, strictly. */
size_t rk_http_keep_escapes(void *server, struct MHD_Connection *handle, char *text)
{
    (void)server;
    (void)handle;
    return strlen(text);
}

void *rk_http_on_target(void *context, const char *target, struct MHD_Connection *handle)
{
    rk_server *server = context;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    rk_connection *connection = info ? info->socket_context : NULL;
    if (!connection) {
        return NULL;
    }
    rk_arena_clear(&connection->arena);
    rk_text_clear(&connection->body);
    connection->n_target = strnlen(target, RK_TARGET_BYTES_MAX + 1);
    connection->target = rk_arena_copy(&connection->arena, target, connection->n_target);
    connection->began_ns = rk_clock_ns();
    connection->is_presented = connection->is_over = connection->is_kept = false;
    connection->is_repeated = connection->is_charged = false;
    connection->arm = RK_ARM_NONE;
    connection->held_ns = 0;
    connection->wait = RK_WAIT_NONE;
    connection->body_bytes = 0;
    rk_text_clear(&connection->received);
    connection->route = rk_route_count();
    connection->number = atomic_fetch_add_explicit(&server->n_requests, 1, memory_order_relaxed);
    connection->trace = (rk_trace){0};
    connection->model[0] = '\0';
    connection->problem.status = 0;
    rk_guard_leave(server->guard, &connection->caller); /* of a request that was broken off */
    if (!connection->is_active) {
        connection->is_active = true;
        atomic_fetch_add_explicit(&server->metrics.n_active, 1, memory_order_relaxed);
    }
    rk_connection_enter(connection, RK_PHASE_READING, connection->began_ns);
    return connection;
}

static unsigned status_of(const rk_connection *connection)
{
    return connection->problem.status ? connection->problem.status : 200;
}

enum { REQUEST_ID_BYTES = 32 };

/* "5f2c01a7-1a": the process, then the request, in hex. */
static void format_request_id(const rk_server *server, uint64_t number, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (int shift = 28; shift >= 0; shift -= 4) {
        *out++ = digits[(server->boot >> shift) & 15];
    }
    *out++ = '-';
    int shift = 60;
    while (shift > 0 && (number >> shift) == 0) {
        shift -= 4;
    }
    for (; shift >= 0; shift -= 4) {
        *out++ = digits[(number >> shift) & 15];
    }
    *out = '\0';
}

static void write_down(rk_server *server, const rk_connection *connection, int64_t latency_ns)
{
    rk_json_log *log = server->options.json_log;
    const rk_problem *problem = &connection->problem;
    unsigned status = status_of(connection);
    char request_id[REQUEST_ID_BYTES];
    if (!log || !rk_json_log_wants(log, connection->number, status, latency_ns, &connection->trace)) {
        return;
    }
    format_request_id(server, connection->number, request_id);
    const rk_route *route = rk_route_at(connection->route);
    rk_json_log_request(log, &(rk_json_log_entry){.request_id = request_id,
                                                  .method = connection->method,
                                                  .route = route ? route->pattern : "other",
                                                  .model = connection->model[0] ? connection->model : NULL,
                                                  .trace = &connection->trace,
                                                  .laps = &connection->laps,
                                                  .status = status,
                                                  .latency_ns = latency_ns,
                                                  .bytes = connection->body.n,
                                                  .cost_femtos = connection->cost_femtos,
                                                  .problem = problem->status ? problem->detail : NULL});
}

void rk_http_on_completed(void *context, struct MHD_Connection *handle, void **request,
                          enum MHD_RequestTerminationCode code)
{
    (void)handle;
    rk_server *server = context;
    rk_connection *connection = *request;
    if (!connection) {
        return;
    }
    *request = NULL;
    int64_t now_ns = rk_clock_ns();
    if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK) {
        rk_metrics_count(&server->metrics, connection->route, status_of(connection), now_ns - connection->began_ns);
        write_down(server, connection, now_ns - connection->began_ns);
        forget_request(server, connection);
    }
    if (connection->body.capacity > KEPT_BYTES_MAX) {
        rk_text_release(&connection->body);
    }
    if (connection->received.capacity > KEPT_BYTES_MAX) {
        rk_text_release(&connection->received);
    }
    if (connection->arena.taken_bytes > KEPT_BYTES_MAX) {
        rk_arena_release(&connection->arena);
    }
    rk_connection_enter(connection, RK_PHASE_IDLE, now_ns);
}

/* ---- checking the headers ---- */

static enum MHD_Result note_header(void *facts, enum MHD_ValueKind kind, const char *name, size_t name_bytes,
                                   const char *value, size_t value_bytes)
{
    (void)kind;
    rk_headers_note(facts, (rk_slice){name, name_bytes}, (rk_slice){value ? value : "", value_bytes});
    return MHD_YES;
}

/* How much of a body is taken, and whether it is kept. What is wrong with the target is said later, and NULL. */
static const rk_route *expect_body(rk_connection *connection, const char *method)
{
    const rk_route *route = NULL;
    rk_problem ignored = {0};
    rk_target target;
    rk_slice variable;
    const char *allow;
    connection->body_bytes_max = RK_BODY_BYTES_MAX;
    if (connection->target &&
        rk_target_split((rk_slice){connection->target, connection->n_target}, &target, &ignored)) {
        route = rk_route_find(rk_slice_of(method), target.path, &connection->arena, &variable, &allow, &ignored);
        connection->is_kept = route && route->body_bytes_max > 0;
        connection->body_bytes_max = connection->is_kept ? route->body_bytes_max : RK_BODY_BYTES_MAX;
    }
    return route;
}

static void check_headers(rk_connection *connection, struct MHD_Connection *handle, const char *version, bool is_get,
                          rk_header_facts *out)
{
    rk_header_facts facts = {0};
    MHD_get_connection_values_n(handle, MHD_HEADER_KIND, note_header, &facts);
    *out = facts;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    bool is_old = strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
    if (rk_headers_judge(&facts, info ? info->header_size : 0, is_old, connection->body_bytes_max,
                         &connection->problem) &&
        is_get && facts.content_length > 0) {
        rk_problem_set(&connection->problem, 400, "Content-Length", "a GET or HEAD request has no body");
    }
}

/* Where somebody follows it: the caller, or the JSON log. */
static void begin_trace(const rk_server *server, rk_connection *connection, const char *method,
                        const rk_header_facts *facts)
{
    bool is_given = facts->n_traceparent == 1 && rk_trace_parse(facts->traceparent, &connection->trace);
    if (is_given || server->options.json_log) {
        rk_trace_begin(&connection->trace, server->trace_seed, connection->number);
        snprintf(connection->method, sizeof connection->method, "%s", method);
    }
}

static rk_address find_client(const rk_server *server, struct MHD_Connection *handle, const rk_header_facts *facts)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return rk_guard_client(server->guard, info ? info->client_addr : NULL, &facts->forwarded);
}

/* What no route answers is no secret: anyone may be told that it is not there. */
static void check_caller(rk_server *server, rk_connection *connection, const rk_route *route,
                         const rk_header_facts *facts)
{
    int64_t waited_ns = server->options.guard.load.slo_ms > 0 ? rk_socket_waited_ns(connection->fd) : 0;
    int64_t disk_ns = route ? rk_server_disk_ns(server, route->waits, connection->began_ns) : 0;
    waited_ns = disk_ns > waited_ns ? disk_ns : waited_ns; /* it will queue behind what is on its way there */
    rk_visit visit = {.needs = route ? rk_route_needs(route, &server->options.guard) : RK_ACCESS_ANYONE,
                      .authorization = facts->authorization,
                      .client = connection->client,
                      .now_ns = connection->began_ns,
                      .waited_ns = waited_ns,
                      .is_patient = route && route->is_patient,
                      .body_bytes = connection->is_kept ? (size_t)facts->content_length : 0};
    connection->has_credentials = facts->authorization.n > 0;
    if (!rk_guard_admit(server->guard, &visit, &connection->caller, &connection->problem)) {
        connection->route = (size_t)(route - rk_route_at(0));
    }
}

/* ---- who did what ---- */

/* status 0: it is about to be done. false: it could not be written down. */
static bool note_deed(rk_server *server, const rk_connection *connection, const rk_route *route, unsigned status)
{
    char request_id[REQUEST_ID_BYTES];
    format_request_id(server, connection->number, request_id);
    return rk_audit_note(server->audit, &(rk_audit_entry){.method = route->method,
                                                          .route = route->pattern,
                                                          .request_id = request_id,
                                                          .status = status,
                                                          .is_write = route->needs == RK_ACCESS_WRITE,
                                                          .caller = &connection->caller,
                                                          .from = connection->client});
}

/* What takes an admin's key is not done unless that is written down. */
static bool may_begin(rk_server *server, rk_connection *connection, const rk_route *route)
{
    return !server->audit || route->needs != RK_ACCESS_ADMIN || note_deed(server, connection, route, 0) ||
           rk_problem_set(&connection->problem, 503, NULL,
                          "nothing was done: the audit log cannot be written; the server's log says why");
}

/* Of whoever was let in, and did or asked more than a reader may. Strangers are counted (guard.h): what anybody can
 * cause has no place in a log of bounded size. */
static void audit(rk_server *server, const rk_connection *connection)
{
    const rk_route *route = rk_route_at(connection->route);
    bool is_stranger = rk_guard_has_keys(server->guard) && !connection->caller.key_id[0];
    if (server->audit && route && !is_stranger && rk_route_needs(route, &server->options.guard) <= RK_ACCESS_WRITE) {
        note_deed(server, connection, route, status_of(connection));
    }
}

/* ---- answering ---- */

static rk_desk *lend_desk(rk_desks *desks)
{
    pthread_mutex_lock(&desks->lock);
    rk_desk *desk = desks->n > 0 ? desks->desks[--desks->n] : NULL;
    pthread_mutex_unlock(&desks->lock);
    return desk;
}

static void return_desk(rk_desks *desks, rk_desk *desk)
{
    pthread_mutex_lock(&desks->lock);
    desks->desks[desks->n++] = desk;
    pthread_mutex_unlock(&desks->lock);
}

/* What fails inside is told to the log; the client gets the number to ask about. */
static void hide_failure(const rk_server *server, const char *request_id, rk_problem *problem)
{
    if (problem->status == 500) {
        rk_log(server->run, RK_LOG_WARNING, "request %s failed: %s", request_id, problem->detail);
        rk_problem_set(problem, 500, NULL, "request %s failed; the server's log says why", request_id);
    }
}

/* Asks the route's handler, with a model and a desk that are given back before the answer leaves. */
static void ask_handler(rk_server *server, const rk_route *route, rk_exchange *exchange, rk_connection *connection)
{
    char request_id[REQUEST_ID_BYTES];
    rk_problem *problem = &connection->problem;
    format_request_id(server, connection->number, request_id);
    exchange->with.request_id = request_id;
    rk_live *live = rk_live_acquire(&server->live);
    exchange->live = live;
    if (server->options.json_log) {
        snprintf(connection->model, sizeof connection->model, "%s", rk_live_label(live));
    }
    rk_repeat repeat;
    connection->is_repeated = rk_repeat_find(exchange, route, &repeat);
    if (connection->is_repeated) {
        rk_lap(exchange->with.laps, RK_STAGE_WRITE);
        rk_live_release(live);
        return;
    }
    exchange->with.desk = lend_desk(&server->desks);
    if (exchange->with.desk) {
        rk_arm arm = {NULL, NULL};
        exchange->with.arm = &arm;
        route->handle(exchange);
        connection->arm = arm.experiment ? rk_meter_arm(server->meter, arm.experiment, arm.variant) : RK_ARM_NONE;
        rk_repeat_keep(exchange, &repeat);
        rk_lap(exchange->with.laps, exchange->with.laps->ns[RK_STAGE_SCORE] ? RK_STAGE_WRITE : RK_STAGE_SCORE);
        return_desk(&server->desks, exchange->with.desk);
        *problem = exchange->problem;
        hide_failure(server, request_id, problem);
    } else {
        rk_problem_set(problem, 503, NULL, "every worker is busy");
    }
    rk_live_release(live);
}

typedef struct {
    const char *type, *allow;
} answer_facts;

/* From here on nothing knows a user but by his pseudonym. */
static bool hide_users(const rk_server *server, const rk_route *route, rk_param_value *values, rk_arena *arena)
{
    for (size_t p = 0; p < route->n_params; p++) {
        if (strcmp(route->params[p].name, "user") == 0 && values[p].text.n > 0) {
            char *room = RK_TAKE(arena, char, RK_PSEUDONYM_BYTES);
            if (!room || !rk_pseudonym_make(server->pseudonyms, values[p].text, room)) {
                return false;
            }
            values[p].text = (rk_slice){room, RK_PSEUDONYM_BYTES};
        }
    }
    return true;
}

static void find_answer(rk_server *server, rk_connection *connection, const char *method, answer_facts *facts)
{
    rk_problem *problem = &connection->problem;
    rk_param_value values[RK_ROUTE_PARAMS_MAX];
    rk_target target;
    rk_slice variable;
    if (!connection->target) {
        rk_problem_set(problem, 503, NULL, "out of memory");
        return;
    }
    if (!rk_target_split((rk_slice){connection->target, connection->n_target}, &target, problem)) {
        return;
    }
    const rk_route *route =
        rk_route_find(rk_slice_of(method), target.path, &connection->arena, &variable, &facts->allow, problem);
    if (!route) {
        return;
    }
    connection->route = (size_t)(route - rk_route_at(0));
    if (!rk_params_parse(route->params, route->n_params, variable, target.query, &connection->arena, values, problem)) {
        return;
    }
    if (server->pseudonyms && !hide_users(server, route, values, &connection->arena)) {
        rk_problem_set(problem, 503, NULL, "out of memory");
        return;
    }
    if (!may_begin(server, connection, route)) {
        return;
    }
    rk_lap(&connection->laps, RK_STAGE_PARSE);
    rk_exchange exchange = {
        .metrics = &server->metrics,
        .meter = server->meter,
        .swaps = &server->swaps,
        .values = values,
        .body = {connection->received.at, connection->received.n},
        .with = {.arena = &connection->arena, .out = &connection->body, .laps = &connection->laps},
        .recent = server->intake ? &server->recent : NULL,
        .feeds = server->feeds,
        .intake = server->intake ? rk_intake_counts_of(server->intake) : NULL,
        .erased = server->intake ? rk_intake_erased(server->intake) : NULL,
        .job = &connection->job,
        .delivery = &connection->delivery,
        .deliveries = server->deliveries ? rk_deliveries_counts_of(server->deliveries) : NULL,
        .exposures = server->exposures,
        .answers = server->answers,
        .guard = server->guard,
        .n_audit_lost = rk_audit_n_lost(server->audit),
        .is_draining = atomic_load_explicit(&server->is_draining, memory_order_relaxed),
        .type = "application/json",
    };
    ask_handler(server, route, &exchange, connection);
    facts->type = exchange.type;
    connection->wait = exchange.wait;
}

/* What a refusal has to say beside its status: which key it wants, when to come again. */
static void add_refusal_headers(const rk_connection *connection, struct MHD_Response *response)
{
    const rk_problem *problem = &connection->problem;
    if (problem->status == 401) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                                connection->has_credentials ? "Bearer realm=\"reckon\", error=\"invalid_token\""
                                                            : "Bearer realm=\"reckon\"");
    }
    if (problem->status == 429 || problem->status == 503) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%u", problem->retry_after_s > 0 ? problem->retry_after_s : 1);
        MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
    }
}

static enum MHD_Result send_answer(rk_server *server, rk_connection *connection, struct MHD_Connection *handle,
                                   const answer_facts *facts)
{
    const char *type = facts->type;
    if (!connection->problem.status && connection->body.failed) {
        rk_problem_set(&connection->problem, 503, NULL, "out of memory");
    }
    if (connection->problem.status) {
        rk_text_clear(&connection->body);
        rk_problem_format(&connection->problem, &connection->body);
        type = "application/problem+json";
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(connection->body.n, connection->body.at, MHD_RESPMEM_PERSISTENT);
    if (!response) {
        return MHD_NO;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    if (facts->allow) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, facts->allow);
    }
    add_refusal_headers(connection, response);
    if (connection->origin) {
        rk_cors_add_headers(response, connection->origin, connection->is_preflight);
    }
    audit(server, connection);
    if (atomic_load_explicit(&server->is_draining, memory_order_relaxed)) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONNECTION, "close");
    }
    rk_charge_answer(server, connection, response);
    if (connection->trace.span_id[0]) {
        char traceparent[RK_TRACEPARENT_BYTES + 1];
        rk_trace_format(&connection->trace, traceparent);
        MHD_add_response_header(response, "traceparent", traceparent);
    }
    rk_connection_enter(connection, RK_PHASE_ANSWERING, connection->began_ns);
    enum MHD_Result queued = MHD_queue_response(handle, status_of(connection), response);
    MHD_destroy_response(response);
    return queued;
}

static void write_kept(rk_server *server, rk_connection *connection)
{
    char request_id[REQUEST_ID_BYTES];
    rk_json json = {.text = &connection->body};
    format_request_id(server, connection->number, request_id);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", request_id);
    rk_json_u64(&json, "accepted", connection->batch.n_accepted);
    rk_json_u64(&json, "duplicates", connection->batch.n_duplicates);
    rk_json_end_object(&json);
}

static void write_delivered(rk_server *server, rk_connection *connection)
{
    const rk_wares_op *op = &connection->delivery.op;
    char request_id[REQUEST_ID_BYTES];
    rk_json json = {.text = &connection->body};
    format_request_id(server, connection->number, request_id);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", request_id);
    rk_json_string(&json, "id", op->product.id);
    rk_json_bool(&json, op->is_delete ? "deleted" : "put", true);
    rk_json_end_object(&json);
}

static void write_reloaded(rk_server *server, rk_connection *connection)
{
    rk_json json = {.text = &connection->body};
    rk_live *live = rk_live_acquire(&server->live);
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "status", "reloaded");
    rk_json_cstring(&json, "model", rk_live_label(live));
    rk_json_end_object(&json);
    rk_live_release(live);
}

/* What was waited for is over. */
static enum MHD_Result send_outcome(rk_server *server, rk_connection *connection, struct MHD_Connection *handle)
{
    static void (*const write[])(rk_server *, rk_connection *) = {
        [RK_WAIT_RELOAD] = write_reloaded,
        [RK_WAIT_EVENTS] = write_kept,
        [RK_WAIT_USER] = NULL, /* whose job has written the answer */
        [RK_WAIT_PRODUCT] = write_delivered,
    };
    if (!connection->problem.status && write[connection->wait]) {
        write[connection->wait](server, connection);
    }
    return send_answer(server, connection, handle, &(answer_facts){.type = "application/json"});
}

static enum MHD_Result answer(rk_server *server, rk_connection *connection, struct MHD_Connection *handle,
                              const char *method)
{
    answer_facts facts = {.type = "application/json"};
    rk_laps_start(&connection->laps);
    if (!connection->problem.status && !connection->is_preflight) {
        find_answer(server, connection, method, &facts);
    }
    if (!connection->problem.status && connection->wait != RK_WAIT_NONE) {
        connection->handle = handle;
        connection->held_ns = rk_meter_hold();
        rk_connection_enter(connection, RK_PHASE_WAITING, connection->began_ns);
        MHD_suspend_connection(handle);
        static bool (*const await[])(rk_server *, rk_connection *) = {
            [RK_WAIT_RELOAD] = rk_server_await_reload,
            [RK_WAIT_EVENTS] = rk_server_await_events,
            [RK_WAIT_USER] = rk_server_await_user,
            [RK_WAIT_PRODUCT] = rk_server_await_product,
        };
        if (!await[connection->wait](server, connection)) {
            MHD_resume_connection(handle);
        }
        return MHD_YES;
    }
    return send_answer(server, connection, handle, &facts);
}

enum MHD_Result rk_http_on_request(void *context, struct MHD_Connection *handle, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_bytes, void **request)
{
    (void)url;
    rk_server *server = context;
    rk_connection *connection = *request;
    if (!connection) {
        return MHD_NO;
    }
    if (connection->is_over) {
        return send_outcome(server, connection, handle);
    }
    if (!connection->is_presented) {
        connection->is_presented = true;
        bool is_get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
        const rk_route *route = expect_body(connection, method);
        rk_header_facts facts;
        check_headers(connection, handle, version, is_get, &facts);
        begin_trace(server, connection, method, &facts);
        bool is_sound = connection->problem.status == 0;
        connection->origin = rk_cors_match(&server->options.cors, facts.origin);
        connection->is_preflight = connection->origin && facts.is_preflight && strcmp(method, "OPTIONS") == 0;
        connection->caller = (rk_caller){0};
        connection->client = find_client(server, handle, &facts);
        if (is_sound && !connection->is_preflight) {
            check_caller(server, connection, route, &facts);
        }
        /* A sound request without a body keeps its connection, even if it is refused: that answer waits for its end. */
        bool can_wait = is_sound && facts.content_length == 0;
        return connection->problem.status && !can_wait ? answer(server, connection, handle, method) : MHD_YES;
    }
    if (*upload_bytes > 0) {
        connection->body_bytes += *upload_bytes;
        if (connection->is_kept && connection->body_bytes <= connection->body_bytes_max) {
            rk_text_add_slice(&connection->received, (rk_slice){upload, *upload_bytes});
        }
        *upload_bytes = 0;
        return connection->body_bytes <= connection->body_bytes_max ? MHD_YES : MHD_NO;
    }
    return answer(server, connection, handle, method);
}

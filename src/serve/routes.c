/* routes.c - the table and its handlers. Handlers ask the lower rooms and write; what is shared lives in answer.c. */
#include "serve/routes.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "serve/route_items.h"
#include "serve/route_recommend.h"
#include "serve/serve.h"
#include "text/suggest.h"

/* The request itself has been checked by now: what the model refuses, other than a name, is the server's fault. */
void rk_exchange_fail(rk_exchange *exchange, rk_status status, const char *field, const rk_error *err)
{
    unsigned http = status == RK_NOT_FOUND ? 404 : status == RK_UNSUPPORTED ? 501 : status == RK_NO_MEMORY ? 503 : 500;
    rk_problem_set(&exchange->problem, http, http == 404 ? field : NULL, "%s", err->message);
}

bool rk_exchange_has_model(rk_exchange *exchange)
{
    return exchange->live->model ||
           rk_problem_set(&exchange->problem, 501, NULL, "the server was started without a model");
}

bool rk_exchange_bars(const rk_exchange *exchange, rk_slice user)
{
    return exchange->erased && rk_erased_find(exchange->erased, user, NULL);
}

enum { SIMILAR_ITEM, SIMILAR_N };
static const rk_param similar_params[] = {
    [SIMILAR_ITEM] = {.name = "item", .kind = RK_PARAM_PATH, .is_required = true, .help = "the item to resemble"},
    [SIMILAR_N] =
        {.name = "n", .kind = RK_PARAM_COUNT, .fallback = 10, .min = 1, .max = RK_ITEMS_MAX, .help = "how many items"},
};

static void handle_similar(rk_exchange *exchange)
{
    if (!rk_exchange_has_model(exchange)) {
        return;
    }
    const rk_param_value *values = exchange->values;
    rk_error err;
    rk_status status = rk_ask_similar(exchange->live, values[SIMILAR_ITEM].text, (uint32_t)values[SIMILAR_N].count,
                                      &exchange->with, &err);
    if (status != RK_OK) {
        rk_exchange_fail(exchange, status, "item", &err);
    }
}

enum {
    SEARCH_Q,
    SEARCH_N,
    SEARCH_FROM,
    SEARCH_FILTER,
    SEARCH_FACETS,
    SEARCH_SORT,
    SEARCH_MARKS,
    SEARCH_EXPLAIN,
    SEARCH_USER
};
static const rk_param search_params[] = {
    [SEARCH_Q] = {.name = "q", .kind = RK_PARAM_TEXT, .help = "words, \"phrases\", -not, field:value, price<20"},
    [SEARCH_N] = {.name = "n", .kind = RK_PARAM_COUNT, .fallback = 10, .max = RK_ITEMS_MAX, .help = "how many items"},
    [SEARCH_FROM] = {.name = "from",
                     .kind = RK_PARAM_COUNT,
                     .max = RK_PAGE_DEPTH_MAX,
                     .help = "pass over the first so many"},
    [SEARCH_FILTER] = {.name = "filter",
                       .kind = RK_PARAM_TEXT,
                       .help = "what must hold beside q, such as brand:(Acme,Bolt) price:5..<20"},
    [SEARCH_FACETS] = {.name = "facets", .kind = RK_PARAM_LIST, .help = "fields whose values are counted"},
    [SEARCH_SORT] = {.name = "sort",
                     .kind = RK_PARAM_TEXT,
                     .help = "relevance, price, newness, popularity or a numeric attribute; -price: dearest first"},
    [SEARCH_MARKS] = {.name = "marks",
                      .kind = RK_PARAM_TEXT,
                      .help = "html: titles and texts with what was found in <em>, all else escaped"},
    [SEARCH_EXPLAIN] = {.name = "explain",
                        .kind = RK_PARAM_COUNT,
                        .max = 1,
                        .help = "1: what makes up the score of each item"},
    [SEARCH_USER] = {.name = "user",
                     .kind = RK_PARAM_TEXT,
                     .help = "who asks: of what answers alike, what suits stands first; who is new changes nothing"},
};

static bool has_finder(rk_exchange *exchange)
{
    return exchange->live->finder ||
           rk_problem_set(&exchange->problem, 501, NULL, "the server was started without an index for search");
}

static bool read_search(rk_exchange *exchange, rk_inquiry *out)
{
    static const rk_marks html = {{"<em>", 4}, {"</em>", 5}, true};
    enum { SNIPPET_BYTES = 160, VALUES = 10 };
    const rk_param_value *values = exchange->values;
    rk_slice marks = values[SEARCH_MARKS].text;
    *out = (rk_inquiry){.text = values[SEARCH_Q].text,
                        .filter = values[SEARCH_FILTER].text,
                        .page = {.n = values[SEARCH_N].count, .from = values[SEARCH_FROM].count},
                        .sort = values[SEARCH_SORT].text,
                        .facets = values[SEARCH_FACETS].list,
                        .n_facets = values[SEARCH_FACETS].n_list,
                        .n_values = VALUES,
                        .marks = marks.n > 0 ? &html : NULL,
                        .snippet_bytes = SNIPPET_BYTES,
                        .explains = values[SEARCH_EXPLAIN].count > 0};
    if (marks.n > 0 && !rk_slice_is(marks, "html")) {
        return rk_problem_set(&exchange->problem, 400, "marks", "marks must be html, got '%.*s'",
                              (int)(marks.n < 40 ? marks.n : 40), marks.at);
    }
    return out->text.n + out->filter.n > 0 ||
           rk_problem_set(&exchange->problem, 400, "q", "q or filter must say what is searched");
}

/* Who asks, with what was taken lately; nobody where there is no model or no user. */
static bool read_shopper(rk_exchange *exchange, rk_shopper *out)
{
    const rk_model *model = exchange->live->model;
    rk_recommend_ask ask = {.user = exchange->values[SEARCH_USER].text, .recent = exchange->recent};
    *out = (rk_shopper){.user = RK_NO_ID};
    if (!model || ask.user.n == 0) {
        return true;
    }
    out->model = model;
    out->user = rk_exchange_bars(exchange, ask.user) ? RK_NO_ID : rk_names_find(rk_model_users(model), ask.user);
    return rk_ask_history(exchange->live, &ask, out->user, exchange->with.arena, &out->history) ||
           rk_problem_set(&exchange->problem, 503, NULL, "out of memory");
}

static void handle_search(rk_exchange *exchange)
{
    rk_inquiry inquiry;
    rk_shopper shopper;
    rk_error err;
    if (!has_finder(exchange) || !read_search(exchange, &inquiry) || !read_shopper(exchange, &shopper)) {
        return;
    }
    rk_status status = rk_finder_search(exchange->live->finder, &inquiry, &shopper, exchange->with.request_id,
                                        exchange->with.arena, exchange->with.out, &err);
    if (status == RK_NOT_FOUND) { /* a sort that nobody knows of is found first */
        bool is_sort = strncmp(err.message, "cannot sort", strlen("cannot sort")) == 0;
        rk_problem_set(&exchange->problem, 400, is_sort ? "sort" : "facets", "%s", err.message);
    } else if (status == RK_BAD_USAGE) {
        rk_problem_set(&exchange->problem, 400, NULL, "%s", err.message);
    } else if (status != RK_OK) {
        rk_exchange_fail(exchange, status, NULL, &err);
    }
}

enum { SUGGEST_Q, SUGGEST_N };
static const rk_param suggest_params[] = {
    [SUGGEST_Q] = {.name = "q", .kind = RK_PARAM_TEXT, .is_required = true, .help = "what has been typed so far"},
    [SUGGEST_N] =
        {.name = "n", .kind = RK_PARAM_COUNT, .fallback = 10, .min = 1, .max = RK_SUGGEST_MAX, .help = "how many"},
};

static void handle_suggest(rk_exchange *exchange)
{
    rk_error err;
    if (!has_finder(exchange)) {
        return;
    }
    rk_status status =
        rk_finder_suggest(exchange->live->finder, exchange->values[SUGGEST_Q].text, exchange->values[SUGGEST_N].count,
                          exchange->with.request_id, exchange->with.out, &err);
    if (status == RK_BAD_USAGE) {
        rk_problem_set(&exchange->problem, 400, "q", "%s", err.message);
    } else if (status != RK_OK) {
        rk_exchange_fail(exchange, status, NULL, &err);
    }
}

static void handle_health(rk_exchange *exchange) { rk_text_add(exchange->with.out, "{\"status\":\"ok\"}"); }

static void handle_ready(rk_exchange *exchange)
{
    if (exchange->is_draining) {
        rk_problem_set(&exchange->problem, 503, NULL, "the server is ending");
        return;
    }
    rk_json json = {.text = exchange->with.out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "status", "ready");
    rk_json_cstring(&json, "model", rk_live_label(exchange->live));
    rk_json_end_object(&json);
}

static void handle_metrics(rk_exchange *exchange)
{
    const char *labels[RK_METRIC_ROUTES_MAX];
    size_t n = rk_route_labels(labels, RK_METRIC_ROUTES_MAX);
    exchange->type = "text/plain; version=0.0.4; charset=utf-8";
    rk_metrics_format(exchange->metrics, labels, n, exchange->live, exchange->with.out);
    rk_guard_metrics(exchange->guard, exchange->n_audit_lost, exchange->with.out);
    rk_swaps_format(exchange->swaps, exchange->with.out);
    if (exchange->answers) {
        rk_metrics_answers(exchange->answers, exchange->with.out);
    }
    rk_meter_format(exchange->meter, labels, n, exchange->with.arena, exchange->with.out);
    if (exchange->intake) {
        rk_metrics_events(exchange->intake, exchange->recent, exchange->with.out);
        rk_feeds_metrics(exchange->feeds, exchange->with.out);
    }
    if (exchange->deliveries) {
        rk_metrics_products(exchange->deliveries, exchange->with.out);
    }
    if (exchange->exposures) {
        rk_exposures_format(exchange->exposures, exchange->with.out);
    }
    if (exchange->live->stock) {
        rk_stock_format(exchange->live->stock, exchange->with.out);
    }
}

static void handle_cost(rk_exchange *exchange)
{
    const char *labels[RK_METRIC_ROUTES_MAX];
    size_t n = rk_route_labels(labels, RK_METRIC_ROUTES_MAX);
    if (!rk_meter_rates(exchange->meter)) {
        rk_problem_set(&exchange->problem, 501, NULL, "the server was started without a rate card");
        return;
    }
    rk_meter_statement(exchange->meter, labels, n, exchange->with.arena, exchange->with.out);
}

static void handle_openapi(rk_exchange *exchange) { rk_openapi_format(exchange->with.out); }

static void handle_reload(rk_exchange *exchange) { exchange->wait = RK_WAIT_RELOAD; }

static void handle_events(rk_exchange *exchange)
{
    if (!exchange->intake) {
        rk_problem_set(&exchange->problem, 501, NULL, "the server was started without a log of events");
        return;
    }
    exchange->wait = RK_WAIT_EVENTS;
}

/* ---- one user ---- */

#define USER_PARAM                                                                                                     \
    {                                                                                                                  \
        .name = "user", .kind = RK_PARAM_PATH, .is_required = true, .help = "whose data"                               \
    }
enum { USER_ID, USER_FROM, USER_EXPOSURES_FROM };
static const rk_param show_user_params[] = {
    [USER_ID] = USER_PARAM,
    [USER_FROM] = {.name = "from",
                   .kind = RK_PARAM_COUNT,
                   .max = INT64_MAX,
                   .help = "where the events begin: next, of the answer before"},
    [USER_EXPOSURES_FROM] = {.name = "exposures_from",
                             .kind = RK_PARAM_COUNT,
                             .max = INT64_MAX,
                             .help = "where what was shown begins: exposures_next, of the answer before"},
};
static const rk_param erase_user_params[] = {[USER_ID] = USER_PARAM};

static void start_job(rk_exchange *exchange, rk_user_task task)
{
    if (!exchange->erased) {
        rk_problem_set(&exchange->problem, 501, NULL, "the server was started without a log of events");
        return;
    }
    *exchange->job = (rk_user_job){.task = task, .user = exchange->values[USER_ID].text};
    if (task == RK_USER_SHOW) {
        exchange->job->from = exchange->values[USER_FROM].count;
        exchange->job->exposures_from = exchange->values[USER_EXPOSURES_FROM].count;
    }
    snprintf(exchange->job->request_id, sizeof exchange->job->request_id, "%s", exchange->with.request_id);
    exchange->wait = RK_WAIT_USER;
}

static void handle_show_user(rk_exchange *exchange) { start_job(exchange, RK_USER_SHOW); }

static void handle_erase_user(rk_exchange *exchange) { start_job(exchange, RK_USER_ERASE); }

static const rk_route routes[] = {
    {"GET", "/v1/recommend", "recommend", "Items for a user, best first, with reasons", RK_ACCESS_READ,
     rk_recommend_params, RK_N_RECOMMEND_PARAMS, rk_handle_recommend, .is_repeatable = true},
    {"GET", "/v1/explain", "explain", "Why an item for a user: its score, its rank, and what each thing taken gave",
     RK_ACCESS_READ, rk_explain_params, RK_N_EXPLAIN_PARAMS, rk_handle_explain, .gives = "Why"},
    {"GET", "/v1/similar/{item}", "similar", "Items like an item, most alike first", RK_ACCESS_READ, similar_params,
     RK_COUNT_OF(similar_params), handle_similar, .is_repeatable = true},
    {"GET", "/v1/search", "search", "Items that answer a question, with facets; what was corrected or relaxed is said",
     RK_ACCESS_READ, search_params, RK_COUNT_OF(search_params), handle_search, .gives = "Found", .is_repeatable = true},
    {"GET", "/v1/suggest", "suggest", "How a question that is being typed may go on", RK_ACCESS_READ, suggest_params,
     RK_COUNT_OF(suggest_params), handle_suggest, .gives = "Suggestions", .is_repeatable = true},
    {"GET", "/v1/items/{id}", "item", "A product of the live index", RK_ACCESS_READ, rk_items_params, RK_N_ITEMS_PARAMS,
     rk_handle_item_get, .gives = "Product"},
    {"PUT", "/v1/items/{id}", "put_item", "Puts a product in the place of the one of this id, or as a new one",
     RK_ACCESS_WRITE, rk_items_params, RK_N_ITEMS_PARAMS, rk_handle_item_put, RK_ITEM_BYTES_MAX, .takes_one = "Product",
     .gives = "Put", .waits = RK_WAIT_PRODUCT},
    {"DELETE", "/v1/items/{id}", "delete_item", "Takes a product away", RK_ACCESS_WRITE, rk_items_params,
     RK_N_ITEMS_PARAMS, rk_handle_item_delete, .gives = "Put", .waits = RK_WAIT_PRODUCT},
    {"POST", "/v1/events", "events", "What shoppers did: one event or many; answered once they are on disk",
     RK_ACCESS_WRITE, NULL, 0, handle_events, RK_EVENTS_BYTES_MAX, .takes = "Event", .gives = "Kept",
     .waits = RK_WAIT_EVENTS},
    {"GET", "/healthz", "healthz", "The process is alive", RK_ACCESS_ANYONE, NULL, 0, handle_health},
    {"GET", "/readyz", "readyz", "The server wants traffic: 503 while it is ending", RK_ACCESS_ANYONE, NULL, 0,
     handle_ready},
    {"GET", "/metrics", "metrics", "Counters and histograms as Prometheus text", RK_ACCESS_READ, NULL, 0,
     handle_metrics, .is_patient = true},
    {"GET", "/openapi.json", "openapi", "This description", RK_ACCESS_READ, NULL, 0, handle_openapi},
    {"GET", "/v1/cost", "cost", "What answering costs, since the start and in the last hour", RK_ACCESS_READ, NULL, 0,
     handle_cost, .is_patient = true, .gives = "Cost"},
    {"GET", "/v1/users/{user}", "show_user", "All that is held of one user", RK_ACCESS_ADMIN, show_user_params,
     RK_COUNT_OF(show_user_params), handle_show_user, .is_patient = true, .gives = "User"},
    {"DELETE", "/v1/users/{user}", "erase_user",
     "Erases one user from memory and from the log, and bars him from the model; answered once that is done",
     RK_ACCESS_ADMIN, erase_user_params, RK_COUNT_OF(erase_user_params), handle_erase_user, .is_patient = true,
     .gives = "Erased"},
    {"POST", "/v1/admin/reload", "reload", "Opens the model file anew; the old model answers until that has worked",
     RK_ACCESS_ADMIN, NULL, 0, handle_reload, .is_patient = true},
};
static_assert(RK_COUNT_OF(routes) < RK_METRIC_ROUTES_MAX, "room for every route and for 'other'");
static_assert((int)RK_METER_ROUTES_MAX == (int)RK_METRIC_ROUTES_MAX, "the meter counts them, too");

rk_access rk_route_needs(const rk_route *route, const rk_guard_options *options)
{
    bool is_metrics = route->handle == handle_metrics;
    return is_metrics && options->has_open_metrics ? RK_ACCESS_ANYONE : route->needs;
}

const rk_route *rk_route_at(size_t i) { return i < RK_COUNT_OF(routes) ? &routes[i] : NULL; }

size_t rk_route_count(void) { return RK_COUNT_OF(routes); }

size_t rk_route_labels(const char **labels, size_t n_max)
{
    size_t n = 0;
    for (; n < RK_COUNT_OF(routes) && n + 1 < n_max; n++) {
        labels[n] = routes[n].pattern;
    }
    labels[n++] = "other";
    return n;
}

/* "GET, HEAD" for the rows of path. */
static const char *allowed_methods(rk_slice path, rk_arena *arena)
{
    enum { ALLOW_BYTES = 64 };
    char *allow = RK_TAKE(arena, char, ALLOW_BYTES);
    rk_slice variable;
    for (size_t i = 0, n = 0; allow && i < RK_COUNT_OF(routes); i++) {
        if (rk_path_match(routes[i].pattern, path, &variable) && n < ALLOW_BYTES) {
            const char *more = strcmp(routes[i].method, "GET") == 0 ? "GET, HEAD" : routes[i].method;
            n += (size_t)snprintf(allow + n, ALLOW_BYTES - n, "%s%s", n ? ", " : "", more);
        }
    }
    return allow ? allow : "";
}

const rk_route *rk_route_find(rk_slice method, rk_slice path, rk_arena *arena, rk_slice *variable, const char **allow,
                              rk_problem *problem)
{
    bool is_path_known = false;
    rk_slice wanted = rk_slice_is(method, "HEAD") ? RK_SLICE("GET") : method;
    for (size_t i = 0; i < RK_COUNT_OF(routes); i++) {
        *variable = (rk_slice){"", 0};
        if (rk_path_match(routes[i].pattern, path, variable)) {
            if (rk_slice_is(wanted, routes[i].method)) {
                return &routes[i];
            }
            is_path_known = true;
        }
    }
    *allow = is_path_known ? allowed_methods(path, arena) : NULL;
    if (is_path_known) {
        rk_problem_set(problem, 405, NULL, "%.*s is not possible here, only %s", (int)(method.n < 20 ? method.n : 20),
                       method.at, *allow);
    } else {
        rk_problem_set(problem, 404, NULL, "nothing is at '%.*s'", (int)(path.n < 100 ? path.n : 100), path.at);
    }
    return NULL;
}

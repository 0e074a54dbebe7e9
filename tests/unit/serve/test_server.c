/* test_server.c - the routes, their answers and their refusals, over a real socket. */
#include "support/test.h"

#include <ctype.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/routes.h"
#include "unit/serve/stage.h"

static json_t *parse(const raw_answer *answer)
{
    json_t *json = json_loads(answer->body, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static json_t *get(const stage *s, const char *target, unsigned status)
{
    raw_answer answer;
    stage_get(s, target, &answer);
    assert_int_equal(answer.status, status);
    assert_true(raw_has_header(&answer, status == 200 ? "Content-Type: application/json\r\n"
                                                      : "Content-Type: application/problem+json\r\n"));
    return parse(&answer);
}

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static void assert_problem(const stage *s, const char *target, unsigned status, const char *detail, const char *field)
{
    json_t *json = get(s, target, status);
    assert_string_equal(text(json, "type"), "about:blank");
    assert_string_equal(text(json, "title"), rk_http_title(status));
    assert_int_equal(json_integer_value(json_object_get(json, "status")), status);
    assert_string_equal(text(json, "detail"), detail);
    assert_string_equal(text(json, "field"), field);
    json_decref(json);
}

static void a_known_user_gets_new_items_with_reasons(void **state)
{
    stage *s = *state;
    json_t *json = get(s, "/v1/recommend?user=u7&n=5", 200), *items = json_object_get(json, "items"), *item;
    size_t i;
    assert_int_equal(json_array_size(items), 5);
    assert_memory_equal(text(json, "model"), "als-", 4);
    assert_true(strlen(text(json, "request_id")) > 8);
    assert_true(json_is_integer(json_object_get(json, "total")));
    double before = 1e9;
    json_array_foreach(items, i, item)
    {
        double score = json_number_value(json_object_get(item, "score"));
        assert_true(score <= before && text(item, "id")[0] == 'i');
        assert_true(json_is_array(json_object_get(item, "reasons")));
        before = score;
    }
    json_decref(json);
}

static void excluded_items_do_not_come_back(void **state)
{
    stage *s = *state;
    json_t *json = get(s, "/v1/recommend?user=u7&n=3", 200), *items = json_object_get(json, "items");
    char target[200];
    snprintf(target, sizeof target, "/v1/recommend?user=u7&n=3&exclude=%s,nonsense,%s",
             text(json_array_get(items, 0), "id"), text(json_array_get(items, 1), "id"));
    json_t *less = get(s, target, 200), *fewer = json_object_get(less, "items");
    assert_int_equal(json_array_size(fewer), 3);
    assert_string_equal(text(json_array_get(fewer, 0), "id"), text(json_array_get(items, 2), "id"));
    json_decref(json);
    json_decref(less);
}

static void a_stranger_is_offered_what_is_popular(void **state)
{
    stage *s = *state;
    static const char *const strangers[] = {"nobody", "u49"}; /* u49 is known and has no history */
    for (size_t u = 0; u < RK_COUNT_OF(strangers); u++) {
        char target[100];
        snprintf(target, sizeof target, "/v1/recommend?user=%s&n=1000&exclude=i5", strangers[u]);
        json_t *json = get(s, target, 200), *items = json_object_get(json, "items"), *item;
        double before = 1e9;
        size_t i;
        assert_int_equal(json_array_size(items), 199);
        assert_int_equal(json_integer_value(json_object_get(json, "total")), 199);
        json_array_foreach(items, i, item)
        {
            double score = json_number_value(json_object_get(item, "score"));
            assert_true(score <= before && strcmp(text(item, "id"), "i5") != 0);
            assert_string_equal(text(json_array_get(json_object_get(item, "reasons"), 0), "kind"), "popular");
            before = score;
        }
        json_decref(json);
    }
}

static void similar_lists_others(void **state)
{
    stage *s = *state;
    json_t *json = get(s, "/v1/similar/i%37?n=20", 200), *items = json_object_get(json, "items"), *item;
    size_t i;
    assert_int_equal(json_array_size(items), 20);
    json_array_foreach(items, i, item) { assert_string_not_equal(text(item, "id"), "i7"); }
    json_decref(json);
}

static void refusals_say_what_and_where(void **state)
{
    stage *s = *state;
    assert_problem(s, "/v1/recommend", 400, "user is required", "user");
    assert_problem(s, "/v1/recommend?user=u1&n=0", 400, "n must be 1 to 1000, got '0'", "n");
    assert_problem(s, "/v1/recommend?user=u1&colour=x", 400, "unknown parameter 'colour'", "colour");
    assert_problem(s, "/v1/recommend?user=u1&category=x", 404, "no such category 'x'", "category");
    assert_problem(s, "/v1/similar/zz", 404, "no such item 'zz'", "item");
    assert_problem(s, "/v1/nothing?x", 404, "nothing is at '/v1/nothing'", "");
    assert_problem(s, "/v1/admin/reload", 405, "GET is not possible here, only POST", "");
    assert_problem(s, "/v1/similar/", 404, "nothing is at '/v1/similar/'", "");
    assert_problem(s, "/v1/recommend?user=%00", 400, "user must not hold control characters", "user");
}

static void long_targets_and_headers_have_their_own_statuses(void **state)
{
    stage *s = *state;
    static char target[5000], request[30000];
    memset(target, 'a', sizeof target - 1);
    target[0] = '/';
    assert_problem(s, target, 414, "the target has more than 4096 bytes", "");
    size_t n = (size_t)snprintf(request, sizeof request, "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: ");
    memset(request + n, 'x', 17000);
    memcpy(request + n + 17000, "\r\n\r\n", 5);
    raw_answer answer;
    raw_ask(s->port, request, &answer);
    assert_int_equal(answer.status, 431);
    assert_non_null(strstr(answer.body, "16384"));
}

static void methods_are_head_get_and_the_tables_own(void **state)
{
    stage *s = *state;
    raw_answer answer;
    raw_ask(s->port, "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    assert_true(raw_has_header(&answer, "Content-Length: 15\r\n"));
    raw_ask(s->port, "DELETE /healthz HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    assert_int_equal(answer.status, 405);
    assert_true(raw_has_header(&answer, "Allow: GET, HEAD\r\n"));
    raw_ask(s->port, "BREW /healthz HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    assert_int_equal(answer.status, 405);
    raw_ask(s->port, "GET http://test/healthz HTTP/1.1\r\nHost: test\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    raw_ask(s->port, "GET /healthz HTTP/1.0\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
}

static void a_connection_answers_many_requests_in_order(void **state)
{
    stage *s = *state;
    static const char pipeline[] = "GET /v1/similar/i1?n=1 HTTP/1.1\r\nHost: a\r\n\r\n"
                                   "GET /v1/similar/zz HTTP/1.1\r\nHost: a\r\n\r\n"
                                   "HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                                   "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";
    int fd = raw_connect(s->port);
    assert_true(raw_send(fd, pipeline, sizeof pipeline - 1));
    static const unsigned statuses[] = {200, 404, 200, 200};
    raw_answer answer;
    for (size_t i = 0; i < RK_COUNT_OF(statuses); i++) {
        raw_receive(fd, &answer, i == 2);
        assert_int_equal(answer.status, statuses[i]);
        assert_false(raw_has_header(&answer, "Connection: close"));
    }
    assert_non_null(strstr(answer.body, "\"ready\""));
    close(fd);
}

/* ---- openapi ---- */

static void the_description_agrees_with_the_table(void **state)
{
    stage *s = *state;
    json_t *json = get(s, "/openapi.json", 200), *paths = json_object_get(json, "paths");
    size_t n_described = 0;
    const char *path;
    json_t *methods;
    json_object_foreach(paths, path, methods) { n_described += json_object_size(methods); }
    assert_int_equal(n_described, rk_route_count());
    for (size_t i = 0; rk_route_at(i); i++) {
        const rk_route *route = rk_route_at(i);
        char method[16] = "";
        for (size_t c = 0; route->method[c]; c++) {
            method[c] = (char)tolower(route->method[c]);
        }
        json_t *described = json_object_get(json_object_get(paths, route->pattern), method);
        json_t *params = json_object_get(described, "parameters");
        assert_string_equal(text(described, "operationId"), route->name);
        assert_int_equal(json_array_size(params), route->n_params);
        for (size_t p = 0; p < route->n_params; p++) {
            assert_string_equal(text(json_array_get(params, p), "name"), route->params[p].name);
        }
    }
    json_decref(json);
}

static void every_described_path_is_served(void **state)
{
    stage *s = *state;
    for (size_t i = 0; rk_route_at(i); i++) {
        const rk_route *route = rk_route_at(i);
        char target[200], request[400];
        const char *brace = strchr(route->pattern, '{');
        size_t n = brace ? (size_t)(brace - route->pattern) : strlen(route->pattern);
        snprintf(target, sizeof target, "%.*s%s", (int)n, route->pattern, brace ? "i1" : "");
        for (size_t p = 0, n_given = 0; p < route->n_params; p++) {
            const rk_param *param = &route->params[p];
            size_t used = strlen(target);
            if (param->is_required && param->kind != RK_PARAM_PATH) {
                snprintf(target + used, sizeof target - used, "%c%s=%s", n_given++ ? '&' : '?', param->name,
                         strcmp(param->name, "item") == 0 ? "i1" : "u1");
            }
        }
        snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: a\r\n\r\n", route->method, target);
        raw_answer answer;
        raw_ask(s->port, request, &answer);
        /* This server was given no log of events, no index for search and no rate card. */
        static const char *const off[] = {"search",     "suggest", "cost",     "show_user",
                                          "erase_user", "item",    "put_item", "delete_item"};
        bool is_off = route->takes != NULL;
        for (size_t o = 0; o < RK_COUNT_OF(off); o++) {
            is_off |= strcmp(route->name, off[o]) == 0;
        }
        assert_int_equal(answer.status, is_off ? 501 : 200);
    }
}

/* ---- metrics ---- */

static double metric(const stage *s, const char *name)
{
    raw_answer answer;
    stage_get(s, "/metrics", &answer);
    assert_int_equal(answer.status, 200);
    assert_true(raw_has_header(&answer, "Content-Type: text/plain; version=0.0.4"));
    const char *found = strstr(answer.body, name);
    return found ? strtod(found + strlen(name), NULL) : -1;
}

/* A request is counted just after its answer is out: waits until only the one that asks is under way. */
static void settle(const stage *s)
{
    int64_t start_ns = rk_clock_ns();
    while (metric(s, "\nreckon_http_requests_active ") != 1) {
        assert_true(rk_clock_ns() - start_ns < INT64_C(60000000000));
        usleep(1000);
    }
}

static void metrics_count_what_was_asked(void **state)
{
    stage *s = *state;
    static const char name[] = "\nreckon_http_requests_total{route=\"/v1/similar/{item}\",status=\"404\"} ";
    static const char slow[] =
        "\nreckon_http_request_duration_seconds_bucket{route=\"/v1/similar/{item}\",le=\"+Inf\"} ";
    settle(s);
    double before = metric(s, name), n_before = metric(s, slow);
    assert_problem(s, "/v1/similar/zz", 404, "no such item 'zz'", "item");
    settle(s);
    assert_true(metric(s, name) == (before < 0 ? 0 : before) + 1);
    assert_true(metric(s, slow) == n_before + 1);
    assert_true(metric(s, "\nprocess_cpu_seconds_total ") > 0);
    assert_true(metric(s, "\nprocess_resident_memory_bytes ") > 1e6);
    assert_true(metric(s, "\nreckon_model_items ") == 200);
}

static int open_stage(void **state)
{
    static stage s;
    stage_open(&s, 0);
    *state = &s;
    return 0;
}

static int close_stage(void **state)
{
    stage_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_user_gets_new_items_with_reasons),
        cmocka_unit_test(excluded_items_do_not_come_back),
        cmocka_unit_test(a_stranger_is_offered_what_is_popular),
        cmocka_unit_test(similar_lists_others),
        cmocka_unit_test(refusals_say_what_and_where),
        cmocka_unit_test(long_targets_and_headers_have_their_own_statuses),
        cmocka_unit_test(methods_are_head_get_and_the_tables_own),
        cmocka_unit_test(a_connection_answers_many_requests_in_order),
        cmocka_unit_test(the_description_agrees_with_the_table),
        cmocka_unit_test(every_described_path_is_served),
        cmocka_unit_test(metrics_count_what_was_asked),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}

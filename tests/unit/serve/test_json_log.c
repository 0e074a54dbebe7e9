/* test_json_log.c - traces read strictly, and a log of requests that never holds up an answer. */
#include "support/test.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/json_log.h"
#include "unit/serve/stage.h"

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static void a_traceparent_is_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        bool is_read;
    } cases[] = {
        {"00-" TRACE "-" SPAN "-01", true},
        {"00-" TRACE "-" SPAN "-00", true},
        {"cc-" TRACE "-" SPAN "-01", true},
        {"cc-" TRACE "-" SPAN "-01-what.comes", true},
        {"cc-" TRACE "-" SPAN "-01.what", false},
        {"00-" TRACE "-" SPAN "-01-more", false},
        {"ff-" TRACE "-" SPAN "-01", false},
        {"00-" TRACE "-" SPAN "-1", false},
        {"00-" TRACE "-0000000000000000-01", false},
        {"00-00000000000000000000000000000000-" SPAN "-01", false},
        {"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", false},
        {"00_" TRACE "-" SPAN "-01", false},
        {" 00-" TRACE "-" SPAN "-01", false},
        {"00-" TRACE "-" SPAN "-0g", false},
        {"", false},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_trace trace;
        if (rk_trace_parse(rk_slice_of(cases[i].header), &trace) != cases[i].is_read) {
            fail_msg("'%s'", cases[i].header);
        }
    }
}

static void a_trace_goes_on_or_begins(void **state)
{
    (void)state;
    rk_trace given, other, none = {0};
    char header[RK_TRACEPARENT_BYTES + 1];
    assert_true(rk_trace_parse(rk_slice_of("00-" TRACE "-" SPAN "-01"), &given));
    rk_trace_begin(&given, 42, 1);
    assert_string_equal(given.trace_id, TRACE);
    assert_string_equal(given.parent_id, SPAN);
    rk_trace_format(&given, header);
    assert_memory_equal(header, "00-" TRACE "-", 36);
    assert_memory_equal(header + 52, "-01", 4);
    rk_trace_begin(&none, 42, 1);
    assert_string_equal(none.span_id, given.span_id);
    other = (rk_trace){0};
    rk_trace_begin(&other, 42, 2);
    assert_string_not_equal(none.span_id, other.span_id);
    assert_string_not_equal(none.trace_id, other.trace_id);
    assert_int_equal(strlen(none.trace_id), 32);
}

static void the_share_of_requests_is_right_everywhere(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_WRONLY);
    rk_json_log *log = NULL;
    rk_error err;
    rk_trace none = {0}, sampled = {.is_sampled = true};
    rk_json_log_options options = {.sample = 0.1, .slow_ns = 1000};
    assert_int_equal(rk_json_log_new(fd, &options, &log, &err), RK_OK);
    for (uint64_t begin = 0; begin < 100000; begin += 1000) {
        unsigned n = 0;
        for (uint64_t i = begin; i < begin + 1000; i++) {
            n += rk_json_log_wants(log, i, 200, 10, &none);
        }
        assert_true(n >= 97 && n <= 103);
    }
    unsigned n = 0;
    for (uint64_t i = 0; i < 20; i++) {
        n += rk_json_log_wants(log, i, 503, 10, &none);
        n += rk_json_log_wants(log, i, 200, 1001, &none);
        n += rk_json_log_wants(log, i, 200, 10, &sampled);
    }
    assert_int_equal(n, 60);
    rk_json_log_free(log);
    close(fd);
}

/* A pipe that nobody reads: what does not fit is dropped, and said once somebody does. */
static void a_reader_that_stands_still_holds_nobody_up(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    int ends[2];
    rk_json_log *log = NULL;
    rk_error err;
    rk_trace trace = {0};
    rk_laps laps = {.ns = {[RK_STAGE_SCORE] = 150000}};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(rk_json_log_new(ends[1], &(rk_json_log_options){.sample = 1}, &log, &err), RK_OK);
    rk_trace_begin(&trace, 1, 1);
    rk_json_log_entry entry = {.request_id = "5f2c01a7-1a",
                               .method = "GET",
                               .route = "/v1/recommend",
                               .trace = &trace,
                               .laps = &laps,
                               .status = 200,
                               .latency_ns = 310000,
                               .bytes = 2180};
    int64_t began_ns = rk_clock_ns();
    for (unsigned i = 0; i < LINES; i++) {
        rk_json_log_request(log, &entry);
    }
    assert_true(rk_clock_ns() - began_ns < INT64_C(20000000000));
    assert_true(rk_json_log_n_dropped(log) > 0);
    uint64_t n_read = 0, n_told = 0;
    FILE *from = fdopen(ends[0], "r");
    char line[1000];
    while (n_told < rk_json_log_n_dropped(log) && fgets(line, sizeof line, from)) { /* told at once or in parts */
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        const char *message = json_string_value(json_object_get(json, "message"));
        assert_non_null(json);
        n_told += message ? strtoull(message, NULL, 10) : 0;
        n_read += message == NULL;
        assert_true(message || json_integer_value(json_object_get(json, "status")) == 200);
        json_decref(json);
    }
    assert_int_equal(n_told, rk_json_log_n_dropped(log));
    assert_true(n_read + n_told <= LINES);
    fclose(from);
    close(ends[1]);
    rk_json_log_free(log);
}

/* A server with a log: each line is a request, traces go on, messages are lines, too. */
static void ask_on(int client, const char *request, raw_answer *out)
{
    assert_true(raw_send(client, request, strlen(request)));
    raw_receive(client, out, false);
}

static void requests_are_written_down_with_their_trace(void **state)
{
    (void)state;
    stage s;
    rk_json_log *log = NULL;
    rk_error err;
    char path[] = "/tmp/test_json_log_XXXXXX", line[2000];
    int fd = mkstemp(path);
    assert_int_equal(rk_json_log_new(fd, &(rk_json_log_options){.sample = 1}, &log, &err), RK_OK);
    stage_prepare(&s);
    s.run.voice = rk_json_log_voice(log);
    stage_start(&s, &(rk_serve_options){.json_log = log});
    raw_answer answer;
    int client = raw_connect(s.port); /* one connection: a request is written down before the next one is read */
    ask_on(client, "GET /v1/recommend?user=u3 HTTP/1.1\r\nHost: a\r\nTraceparent: 00-" TRACE "-" SPAN "-01\r\n\r\n",
           &answer);
    assert_true(raw_has_header(&answer, "traceparent: 00-" TRACE "-"));
    ask_on(client,
           "GET /healthz HTTP/1.1\r\nHost: a\r\nTraceparent: 00-" TRACE "-" SPAN "-01\r\nTraceparent: 00-" TRACE
           "-" SPAN "-01\r\n\r\n",
           &answer);
    assert_false(raw_has_header(&answer, "traceparent: 00-" TRACE));
    ask_on(client, "GET /v1/recommend?user=u3&n=0 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    close(client);
    stage_close(&s);
    rk_json_log_free(log);
    FILE *from = fopen(path, "r");
    const char *routes[] = {"/v1/recommend", "/healthz", "/v1/recommend"};
    size_t n = 0, n_messages = 0;
    while (fgets(line, sizeof line, from)) {
        json_t *json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        const char *route = json_string_value(json_object_get(json, "route"));
        n_messages += route == NULL;
        if (route) {
            assert_true(n < 3);
            assert_string_equal(route, routes[n]);
            const char *trace = json_string_value(json_object_get(json, "trace_id"));
            assert_int_equal(strcmp(trace, TRACE) == 0, n == 0);
            assert_int_equal(json_integer_value(json_object_get(json, "status")), n == 2 ? 400 : 200);
            assert_int_equal(json_is_string(json_object_get(json, "problem")), n == 2);
            assert_null(strstr(line, "u3"));
            assert_true(n != 0 || json_number_value(json_object_get(json_object_get(json, "stages_ms"), "score")) > 0);
            n++;
        }
        json_decref(json);
    }
    assert_int_equal(n, 3);
    assert_true(n_messages >= 1);
    fclose(from);
    close(fd);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_traceparent_is_read_strictly),
        cmocka_unit_test(a_trace_goes_on_or_begins),
        cmocka_unit_test(the_share_of_requests_is_right_everywhere),
        cmocka_unit_test(a_reader_that_stands_still_holds_nobody_up),
        cmocka_unit_test(requests_are_written_down_with_their_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

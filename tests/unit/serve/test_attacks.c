/* Claims about what an enemy sends: refused with a problem that says why, at no great cost, and forgotten. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "serve/event.h"
#include "serve/request.h"
#include "support/test.h"
#include "unit/serve/stage.h"

typedef struct {
    stage s;
    char log[128];
} target;

static int open_target(void **state)
{
    static target t;
    stage_prepare(&t.s);
    snprintf(t.log, sizeof t.log, "%s/events", t.s.folder);
    stage_start(&t.s, &(rk_serve_options){.events_path = t.log, .request_s = 2});
    *state = &t;
    return 0;
}

static int close_target(void **state)
{
    target *t = *state;
    rk_server_stop(t->s.server);
    t->s.server = NULL;
    stage_drop_folder(t->log);
    stage_close(&t->s);
    return 0;
}

static void post(const target *t, const char *body, size_t n, raw_answer *out)
{
    char head[120];
    int fd = raw_connect(t->s.port);
    int n_head = snprintf(head, sizeof head, "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
    out->status = 0;
    if (raw_send(fd, head, (size_t)n_head) && raw_send(fd, body, n)) {
        raw_receive(fd, out, false);
    }
    close(fd);
}

static void assert_refused(const raw_answer *answer, unsigned status, const char *part)
{
    if (answer->status != status || !strstr(answer->body, part) ||
        !raw_has_header(answer, "Content-Type: application/problem+json")) {
        fail_msg("wanted %u '%s', got %u %.400s", status, part, answer->status, answer->status ? answer->body : "");
    }
}

/* "[[[[...", "1111...", as long as wanted. */
static char *repeated(const char *part, size_t n)
{
    char *words = malloc(n * strlen(part) + 1);
    assert_non_null(words);
    for (size_t i = 0; i < n; i++) {
        memcpy(words + i * strlen(part), part, strlen(part));
    }
    words[n * strlen(part)] = '\0';
    return words;
}

static void hostile_events_are_refused_whole(void **state)
{
    const target *t = *state;
    static raw_answer answer;
    static const struct {
        const char *body;
        const char *part;
    } cases[] = {
        {"", "expected an object"},
        {"null", "expected an object"},
        {"{", ""},
        {"[", ""},
        {"[{\"user\":\"a\",\"item\":\"b\"}", "expected ',' or ']'"},
        {"[{\"user\":\"a\",\"item\":\"b\"}] x", "something stands behind"},
        {"{\"user\":\"a\",\"item\":\"b\"} {\"user\":", "event 2"},
        {"{\"user\":\"a\",\"user\":\"c\",\"item\":\"b\"}", ""},
        {"{\"user\":\"\\ud800\",\"item\":\"b\"}", ""},
        {"{\"user\":\"\\u0000\",\"item\":\"b\"}", ""},
        {"{\"user\":\"\xff\xfe\",\"item\":\"b\"}", ""},
        {"{\"user\":\"\xc0\xaf\",\"item\":\"b\"}", ""},
        {"{\"user\":\"\xed\xa0\x80\",\"item\":\"b\"}", ""},
        {"{\"user\":\"a\",\"item\":\"b\",\"price\":1e400}", ""},
        {"{\"user\":\"a\",\"item\":\"b\",\"price\":NaN}", ""},
        {"{\"user\":\"a\",\"item\":\"b\",\"quantity\":0x10}", ""},
        {"{\"user\":\"a\",\"item\":\"b\",\"quantity\":\"2\"}", "quantity"},
        {"{\"user\":\"a\",\"item\":\"b\",\"time\":99999999999999999999}", ""},
        {"{\"user\":\"a\",\"item\":\"b\",\"time\":\"yesterday\"}", "time"},
        {"{\"user\":[\"a\"],\"item\":\"b\"}", "user"},
        {"{\"user\":\"\",\"item\":\"b\"}", "user"},
        {"{\"user\":\"a\\u0001\",\"item\":\"b\"}", "user"},
        {"{\"user\":\"a\",\"item\":\"b\",\"__proto__\":1}", "there is no field"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        post(t, cases[i].body, strlen(cases[i].body), &answer);
        assert_refused(&answer, 400, cases[i].part);
    }
    stage_get(&t->s, "/metrics", &answer);
    assert_non_null(strstr(answer.body, "reckon_events_total{outcome=\"kept\"} 0\n"));
}

/* Great depth, long numbers, long names, many keys: each within the body's limit, and refused in no time. */
static void great_bodies_are_refused_in_no_time(void **state)
{
    const target *t = *state;
    static raw_answer answer;
    enum { MANY = 300000 };
    static const struct {
        const char *before, *part, *after;
        size_t n;
    } cases[] = {
        {"", "[", "", MANY},
        {"{\"user\":", "[", "", MANY},
        {"{\"a\":", "{\"a\":", "", MANY / 3},
        {"{\"user\":\"a\",\"item\":\"b\",\"price\":", "1", "}", MANY},
        {"{\"user\":\"a\",\"item\":\"b\",\"price\":0.", "0", "1}", MANY},
        {"{\"user\":\"", "u", "\",\"item\":\"b\"}", MANY},
        {"{\"user\":\"", "\\u00e9", "\",\"item\":\"b\"}", MANY / 3},
        {"{", "\"k\":1,", "\"user\":\"a\",\"item\":\"b\"}", MANY / 3},
        {"", "   ", "", MANY},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        char *middle = repeated(cases[i].part, cases[i].n);
        size_t n = strlen(cases[i].before) + strlen(middle) + strlen(cases[i].after);
        char *body = malloc(n + 1);
        assert_non_null(body);
        sprintf(body, "%s%s%s", cases[i].before, middle, cases[i].after);
        int64_t cpu_ns = rk_clock_cpu_ns();
        post(t, body, n, &answer);
        assert_refused(&answer, 400, "event 1");
        assert_true(rk_clock_cpu_ns() - cpu_ns < INT64_C(2000000000)); /* 10 ms, and as slow as a sanitizer makes it */
        free(middle);
        free(body);
    }
}

static void too_many_events_are_refused_whole(void **state)
{
    const target *t = *state;
    static raw_answer answer;
    char *body = repeated("{\"user\":\"a\",\"item\":\"b\"}\n", RK_EVENTS_MAX + 1);
    post(t, body, strlen(body), &answer);
    assert_refused(&answer, 413, "more than 10000 events");
    post(t, body, strlen(body) / (RK_EVENTS_MAX + 1) * RK_EVENTS_MAX, &answer);
    assert_int_equal(answer.status, 200);
    free(body);
}

static void hostile_questions_are_refused_by_name(void **state)
{
    const target *t = *state;
    static raw_answer answer;
    static const struct {
        const char *target;
        const char *part;
    } cases[] = {
        {"/v1/recommend?user=%00", "user"},
        {"/v1/recommend?user=%ff%fe", "user"},
        {"/v1/recommend?user=%c0%af", "user"},
        {"/v1/recommend?user=%", "user"},
        {"/v1/recommend?user=%zz", "user"},
        {"/v1/recommend?user=u1&user=u2", "user"},
        {"/v1/recommend?user=u1&n=99999999999999999999999999", "n must be"},
        {"/v1/recommend?user=u1&n=-1", "n must be"},
        {"/v1/recommend?user=u1&n=1e3", "n must be"},
        {"/v1/recommend?user=u1&n=0x10", "n must be"},
        {"/v1/recommend?user=u1&n=%EF%BC%91", "n must be"},
        {"/v1/similar/%00", ""},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        stage_get(&t->s, cases[i].target, &answer);
        assert_refused(&answer, 400, cases[i].part);
    }
    stage_get(&t->s, "/v1/../v1/admin/reload", &answer);
    assert_refused(&answer, 404, "nothing is at");
    char line[RK_TARGET_BYTES_MAX];
    int n = snprintf(line, sizeof line, "/v1/recommend?user=");
    memset(line + n, 'u', RK_VALUE_BYTES_MAX + 1);
    line[n + RK_VALUE_BYTES_MAX + 1] = '\0';
    stage_get(&t->s, line, &answer);
    assert_refused(&answer, 400, "user");
    n = snprintf(line, sizeof line, "/v1/recommend?user=u1&exclude=i1");
    for (int i = 0; i < RK_LIST_VALUES_MAX; i++) {
        n += snprintf(line + n, sizeof line - (size_t)n, ",%d", i);
    }
    stage_get(&t->s, line, &answer);
    assert_refused(&answer, 400, "exclude");
}

/* A body that drips is ended like headers that do, also behind "Expect: 100-continue"; meanwhile others are served. */
static void a_body_that_drips_is_ended_in_time(void **state)
{
    enum { N = 40 };
    const target *t = *state;
    static raw_answer answer;
    static const char head[] = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n%s\r\n{";
    int fds[N];
    for (size_t i = 0; i < N; i++) {
        char request[200];
        int n = snprintf(request, sizeof request, head, i % 2 ? "Expect: 100-continue\r\n" : "");
        fds[i] = raw_connect(t->s.port);
        assert_true(raw_send(fds[i], request, (size_t)n));
    }
    int64_t end_ns = rk_clock_ns() + INT64_C(30000000000);
    size_t n_open = N;
    while (n_open > 0 && rk_clock_ns() < end_ns) {
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        n_open = 0;
        for (size_t i = 0; i < N; i++) {
            n_open += raw_send(fds[i], " ", 1);
        }
        stage_get(&t->s, "/v1/recommend?user=u1", &answer);
        assert_int_equal(answer.status, 200);
    }
    assert_int_equal(n_open, 0);
    for (size_t i = 0; i < N; i++) {
        close(fds[i]);
    }
}

/* Who asks much and reads nothing: his connection is ended, and his answers are not kept in memory without end. */
static void who_reads_nothing_is_ended_in_time(void **state)
{
    const target *t = *state;
    static raw_answer answer;
    static const char question[] = "GET /v1/recommend?user=u1&n=200 HTTP/1.1\r\nHost: a\r\n\r\n";
    int fd = raw_connect(t->s.port);
    uint64_t before = rk_memory_bytes();
    bool is_open = true;
    int64_t end_ns = rk_clock_ns() + INT64_C(30000000000);
    for (int i = 0; i < 2000 && is_open; i++) {
        is_open = raw_send(fd, question, sizeof question - 1);
    }
    while (is_open && rk_clock_ns() < end_ns) {
        nanosleep(&(struct timespec){0, 100000000}, NULL);
        is_open = raw_send(fd, question, 1);
    }
    assert_false(is_open);
    assert_true(rk_memory_bytes() < before + (64 << 20));
    close(fd);
    stage_get(&t->s, "/healthz", &answer);
    assert_int_equal(answer.status, 200);
}

#define ON_TARGET(test) cmocka_unit_test_setup_teardown(test, open_target, close_target)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_TARGET(hostile_events_are_refused_whole),   ON_TARGET(great_bodies_are_refused_in_no_time),
        ON_TARGET(too_many_events_are_refused_whole),  ON_TARGET(hostile_questions_are_refused_by_name),
        ON_TARGET(a_body_that_drips_is_ended_in_time), ON_TARGET(who_reads_nothing_is_ended_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

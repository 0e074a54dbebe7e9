/* test_hostile.c - clients that are slow, wrong or malicious, and a server that changes and ends under them. */
#include "support/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit/serve/stage.h"

static void sleep_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static void assert_alive(const stage *s)
{
    raw_answer answer;
    stage_get(s, "/healthz", &answer);
    assert_int_equal(answer.status, 200);
}

/* The second request hides in what may or may not be the body of the first: it must never be answered. */
static void a_hidden_second_request_is_never_answered(void **state)
{
    stage *s = *state;
    static const struct {
        const char *headers;
        unsigned status;
    } cases[] = {
        {"POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: "
         "chunked\r\n\r\n0\r\n\r\n",
         400},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 40\r\n\r\n", 400},
        {"POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd", 400},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabcde", 400},
        {"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        {"GET /healthz HTTP/1.1\r\n\r\n", 400},
        {"POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", 413},
        {"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\nabcd", 400},
    };
    static const char second[] = "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        int fd = raw_connect(s->port);
        char bytes[1000];
        int n = snprintf(bytes, sizeof bytes, "%s%s", cases[i].headers, second);
        assert_true(raw_send(fd, bytes, (size_t)n));
        raw_answer answer;
        raw_receive(fd, &answer, false);
        assert_int_equal(answer.status, cases[i].status);
        assert_null(strstr(answer.body, "ready"));
        assert_true(raw_is_ended(fd));
        close(fd);
    }
    assert_alive(s);
}

static void garbage_is_refused_and_forgotten(void **state)
{
    stage *s = *state;
    uint64_t random = 5;
    for (int round = 0; round < 200; round++) {
        char bytes[300];
        size_t n = test_random(&random) % sizeof bytes;
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (char)test_random(&random);
        }
        int fd = raw_connect(s->port);
        (void)raw_send(fd, bytes, n);
        close(fd);
    }
    static const char *const lines[] = {"\r\n\r\n",
                                        "GET\r\n\r\n",
                                        "GET /\r\n\r\n",
                                        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
                                        "GET / / HTTP/1.1\r\nHost: a\r\n\r\n",
                                        "\x16\x03\x01\x02\x00\x01"};
    for (size_t i = 0; i < RK_COUNT_OF(lines); i++) {
        int fd = raw_connect(s->port);
        assert_true(raw_send(fd, lines[i], strlen(lines[i])));
        close(fd);
    }
    assert_alive(s);
}

static void a_client_that_drips_is_ended_in_time(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, 1);
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ";
    int silent = raw_connect(s.port), drip = raw_connect(s.port);
    assert_true(raw_send(drip, request, sizeof request - 1));
    int64_t end_ns = rk_clock_ns() + INT64_C(30000000000); /* while it drips, a deadline that begins anew never comes */
    bool is_open = true;
    while (is_open && rk_clock_ns() < end_ns) {
        sleep_ms(50);
        is_open = raw_send(drip, "x", 1);
    }
    assert_false(is_open);
    assert_true(raw_is_ended(silent));
    close(silent);
    close(drip);
    assert_alive(&s);
    stage_close(&s);
}

/* ---- reloading ---- */

/* Another model beside the one that is served. */
static void write_model(const stage *s, const char *name, uint64_t seed)
{
    char data[128], path[128];
    snprintf(data, sizeof data, "%s/next_d.rk", s->folder);
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    shop_model shop = stage_shop;
    shop.seed = seed;
    shop_model_write(&shop, data, path);
    unlink(data);
}

/* Puts it in the served one's place, as a careful administrator would: at once, by a rename. */
static void take_model(const stage *s, const char *name)
{
    char path[128], next[128];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    snprintf(next, sizeof next, "%s/taken", s->folder);
    assert_int_equal(link(path, next), 0);
    assert_int_equal(rename(next, s->model), 0);
    unlink(next); /* still there when both were the same file */
}

static void drop_model(const stage *s, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    unlink(path);
}

static void reload(const stage *s, raw_answer *out)
{
    raw_ask(s->port, "POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", out);
}

static void a_reload_brings_the_new_model(void **state)
{
    stage *s = *state;
    raw_answer before, answer, after;
    stage_get(s, "/readyz", &before);
    write_model(s, "next", 2);
    take_model(s, "next");
    drop_model(s, "next");
    reload(s, &answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"status\":\"reloaded\""));
    stage_get(s, "/readyz", &after);
    assert_string_not_equal(before.body, after.body);
}

static void a_damaged_model_leaves_the_old_one_answering(void **state)
{
    stage *s = *state;
    raw_answer before, answer, after;
    stage_get(s, "/readyz", &before);
    FILE *file = fopen(s->model, "r");
    char kept[128];
    snprintf(kept, sizeof kept, "%s.kept", s->model);
    fclose(file);
    assert_int_equal(rename(s->model, kept), 0);
    file = fopen(s->model, "w");
    fputs("this is no model", file);
    fclose(file);
    reload(s, &answer);
    assert_int_equal(answer.status, 500);
    assert_non_null(strstr(answer.body, "the old model stays: "));
    rk_error err;
    assert_int_not_equal(rk_server_reload(s->server, &err), RK_OK);
    assert_int_equal(rename(kept, s->model), 0);
    stage_get(s, "/readyz", &after);
    assert_string_equal(before.body, after.body);
    assert_int_equal(rk_server_reload(s->server, &err), RK_OK);
}

/* As by `cp new.rk served.rk`: through a view of the file itself, the next answer would be a SIGBUS. */
static void a_model_cut_short_in_place_goes_on_answering(void **state)
{
    stage *s = *state;
    raw_answer answer;
    write_model(s, "next", 5);
    assert_int_equal(truncate(s->model, 0), 0);
    for (unsigned u = 0; u < stage_shop.n_users; u++) {
        char target[64];
        snprintf(target, sizeof target, "/v1/recommend?user=u%u&n=20", u);
        stage_get(s, target, &answer);
        assert_int_equal(answer.status, 200);
    }
    reload(s, &answer);
    assert_int_equal(answer.status, 500);
    take_model(s, "next");
    drop_model(s, "next");
    reload(s, &answer);
    assert_int_equal(answer.status, 200);
}

typedef struct {
    const stage *s;
    atomic_bool is_ending;
    atomic_uint n_good, n_bad;
} asker;

static void *ask_on(void *context)
{
    asker *a = context;
    int fd = raw_connect(a->s->port);
    static const char request[] = "GET /v1/recommend?user=u3&n=20 HTTP/1.1\r\nHost: a\r\n\r\n";
    while (!atomic_load(&a->is_ending)) {
        raw_answer answer;
        bool is_sent = raw_send(fd, request, sizeof request - 1);
        raw_receive(fd, &answer, false);
        atomic_fetch_add(is_sent && answer.status == 200 ? &a->n_good : &a->n_bad, 1);
    }
    close(fd);
    return NULL;
}

static void fifty_swaps_under_load_lose_no_request(void **state)
{
    stage *s = *state;
    asker a = {.s = s};
    pthread_t threads[3];
    write_model(s, "next_0", 3);
    write_model(s, "next_1", 4);
    for (size_t i = 0; i < RK_COUNT_OF(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask_on, &a), 0);
    }
    for (unsigned i = 0; i < 50; i++) {
        rk_error err;
        if (i % 10 == 0) {
            take_model(s, i % 20 == 0 ? "next_0" : "next_1");
        }
        assert_int_equal(rk_server_reload(s->server, &err), RK_OK);
        for (int waited_ms = 0; atomic_load(&a.n_good) <= i && waited_ms < 60000; waited_ms++) {
            sleep_ms(1); /* an answer for every swap, however busy the machine */
        }
    }
    atomic_store(&a.is_ending, true);
    for (size_t i = 0; i < RK_COUNT_OF(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    drop_model(s, "next_0");
    drop_model(s, "next_1");
    assert_int_equal(a.n_bad, 0);
    assert_true(a.n_good >= 50);
}

/* ---- ending ---- */

/* Asked over a connection of its own, whose requests are counted one by one: 1 is this request. */
static long n_under_way(int fd)
{
    static const char request[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", name[] = "\nreckon_http_requests_active ";
    raw_answer answer;
    assert_true(raw_send(fd, request, sizeof request - 1));
    raw_receive(fd, &answer, false);
    const char *found = strstr(answer.body, name);
    assert_non_null(found);
    return strtol(found + sizeof name - 1, NULL, 10);
}

static void wait_until_under_way(int fd, long n)
{
    for (int waited_ms = 0; n_under_way(fd) != n; waited_ms++) {
        assert_true(waited_ms < 60000);
        sleep_ms(1);
    }
}

static void wait_until_refused(uint16_t port)
{
    for (int fd = raw_connect(port), waited_ms = 0; fd >= 0; fd = raw_connect(port), waited_ms++) {
        close(fd);
        assert_true(waited_ms < 60000);
        sleep_ms(1);
    }
}

static void *stop_server(void *context)
{
    rk_server_stop(context);
    return NULL;
}

static void a_request_that_has_begun_is_answered_before_the_end(void **state)
{
    (void)state;
    stage s;
    stage_open(&s, 0);
    int begun = raw_connect(s.port), idle = raw_connect(s.port);
    static const char first[] = "GET /v1/recommend?user=u1 HTTP/1.1\r\nHo", rest[] = "st: a\r\n\r\n";
    raw_answer answer;
    wait_until_under_way(idle, 1);
    assert_true(raw_send(begun, first, sizeof first - 1));
    wait_until_under_way(idle, 2);
    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_server, s.server), 0);
    s.server = NULL;
    wait_until_refused(s.port);
    assert_true(raw_send(begun, rest, sizeof rest - 1));
    raw_receive(begun, &answer, false);
    assert_int_equal(answer.status, 200);
    assert_true(raw_has_header(&answer, "Connection: close"));
    pthread_join(stopper, NULL);
    assert_true(raw_is_ended(idle));
    close(begun);
    close(idle);
    stage_close(&s);
}

static void a_port_in_use_is_a_clear_failure(void **state)
{
    stage *s = *state;
    rk_serve_options options = rk_serve_defaults();
    options.model_path = s->model;
    options.port = s->port;
    rk_server *second;
    rk_error err;
    char expected[64];
    snprintf(expected, sizeof expected, "port %u on 127.0.0.1 is in use", s->port);
    assert_int_equal(rk_server_start(&options, &s->run, &second, &err), RK_IO);
    assert_string_equal(err.message, expected);
    options.address = "localhost";
    assert_int_equal(rk_server_start(&options, &s->run, &second, &err), RK_BAD_USAGE);
    options.model_path = "/nowhere.rk";
    assert_int_equal(rk_server_start(&options, &s->run, &second, &err), RK_NOT_FOUND);
    assert_alive(s);
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
        cmocka_unit_test(a_hidden_second_request_is_never_answered),
        cmocka_unit_test(garbage_is_refused_and_forgotten),
        cmocka_unit_test(a_client_that_drips_is_ended_in_time),
        cmocka_unit_test(a_reload_brings_the_new_model),
        cmocka_unit_test(a_damaged_model_leaves_the_old_one_answering),
        cmocka_unit_test(a_model_cut_short_in_place_goes_on_answering),
        cmocka_unit_test(fifty_swaps_under_load_lose_no_request),
        cmocka_unit_test(a_request_that_has_begun_is_answered_before_the_end),
        cmocka_unit_test(a_port_in_use_is_a_clear_failure),
    };
    return cmocka_run_group_tests(tests, open_stage, close_stage);
}

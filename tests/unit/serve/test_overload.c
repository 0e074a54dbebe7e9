/* Claims about a server that is asked for more than it can do: who has waited is refused, what is under way is bounded.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "serve/load.h"
#include "serve/server.h"
#include "support/test.h"
#include "unit/serve/stage.h"

static void sleep_ms(long ms) { nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL); }

static const char question[] = "GET /v1/recommend?user=u1 HTTP/1.1\r\nHost: a\r\n\r\n";

/* As many connections as the server accepts are held, so that one more waits, with its request, to be accepted. */
static void ask_after_a_wait(const stage *s, long ms, raw_answer *out)
{
    int held[2], fd;
    for (size_t i = 0; i < 2; i++) {
        held[i] = raw_connect(s->port);
    }
    sleep_ms(50);
    fd = raw_connect(s->port);
    assert_true(raw_send(fd, question, sizeof question - 1));
    sleep_ms(ms);
    close(held[0]);
    close(held[1]);
    raw_receive(fd, out, false);
    close(fd);
}

static void who_has_waited_is_refused_at_once(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    stage_prepare(&s);
    stage_start(&s, &(rk_serve_options){.connections = 2, .guard = {.load = {.slo_ms = 400}}});
    ask_after_a_wait(&s, 500, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(raw_has_header(&answer, "Retry-After: 1"));
    assert_non_null(strstr(answer.body, "more is asked than can be answered in time"));
    stage_get(&s, "/v1/recommend?user=u1", &answer); /* and who has not, is answered */
    assert_int_equal(answer.status, 200);
    stage_get(&s, "/metrics", &answer);
    assert_non_null(strstr(answer.body, "reckon_refused_requests_total{reason=\"late\"} 1\n"));
    stage_close(&s);
}

static void without_an_objective_waiting_is_no_fault(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    stage_prepare(&s);
    stage_start(&s, &(rk_serve_options){.connections = 2});
    ask_after_a_wait(&s, 500, &answer);
    assert_int_equal(answer.status, 200);
    stage_close(&s);
}

/* ---- what is under way ---- */

typedef struct {
    stage s;
    char log[128];
} taker;

static int open_taker(taker *t, unsigned n_in_flight)
{
    stage_prepare(&t->s);
    snprintf(t->log, sizeof t->log, "%s/events", t->s.folder);
    stage_start(&t->s, &(rk_serve_options){.events_path = t->log, .guard = {.load = {.n_in_flight = n_in_flight}}});
    return 0;
}

static void close_taker(taker *t)
{
    rk_server_stop(t->s.server);
    t->s.server = NULL;
    stage_drop_folder(t->log);
    stage_close(&t->s);
}

/* Sends the head of events with a body of n bytes, and waits until the server has seen it. */
static int announce(const taker *t, size_t n, size_t n_before)
{
    static raw_answer answer;
    char head[200], line[64];
    int fd = raw_connect(t->s.port);
    int length = snprintf(head, sizeof head, "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
    assert_true(raw_send(fd, head, (size_t)length));
    snprintf(line, sizeof line, "reckon_http_requests_active %zu\n", n_before + 2); /* and the one that asks */
    do {
        stage_get(&t->s, "/metrics", &answer);
    } while (!strstr(answer.body, line));
    sleep_ms(20); /* begun; its headers follow at once */
    return fd;
}

static void requests_under_way_are_bounded(void **state)
{
    (void)state;
    static taker t;
    static raw_answer answer;
    static const char event[] = "{\"user\":\"u1\",\"item\":\"i1\"}";
    open_taker(&t, 1);
    int fd = announce(&t, sizeof event - 1, 0);
    stage_get(&t.s, "/v1/recommend?user=u1", &answer);
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(answer.body, "as many requests as agreed are under way"));
    stage_get(&t.s, "/healthz", &answer);
    assert_int_equal(answer.status, 200);
    assert_true(raw_send(fd, event, sizeof event - 1));
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 200);
    stage_get(&t.s, "/v1/recommend?user=u1", &answer);
    assert_int_equal(answer.status, 200);
    close(fd);
    /* One that is broken off leaves its place, too. */
    fd = announce(&t, 100, 0);
    close(fd);
    for (unsigned i = 0; i < 1000 && answer.status != 200; i++) {
        sleep_ms(10);
        stage_get(&t.s, "/v1/recommend?user=u1", &answer);
    }
    assert_int_equal(answer.status, 200);
    close_taker(&t);
}

/* Clients that announce great bodies and send nothing: together they get what was agreed, and no more. */
static void announced_bodies_are_bounded(void **state)
{
    (void)state;
    enum { BODY = 1 << 20, N = RK_LOAD_BYTES_MAX / BODY };
    static taker t;
    static raw_answer answer;
    int fds[N];
    open_taker(&t, 1000);
    for (size_t i = 0; i < N; i++) {
        fds[i] = announce(&t, BODY, i);
    }
    char head[200];
    int length = snprintf(head, sizeof head, "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", BODY);
    int fd = raw_connect(t.s.port);
    assert_true(raw_send(fd, head, (size_t)length));
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 503);
    close(fd);
    stage_get(&t.s, "/v1/recommend?user=u1", &answer);
    assert_int_equal(answer.status, 200);
    for (size_t i = 0; i < N; i++) {
        close(fds[i]);
    }
    close_taker(&t);
}

/* A disk that does not come back: who would queue behind it is told so at once, questions are answered as ever, and
 * what waits is kept when it comes back after all. */
static void events_behind_a_slow_disk_are_refused(void **state)
{
    (void)state;
    static taker t;
    static raw_answer answer;
    static const char event[] = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 24\r\n\r\n"
                                "{\"user\":\"u1\",\"item\":\"1\"}";
    stage_prepare(&t.s);
    snprintf(t.log, sizeof t.log, "%s/events", t.s.folder);
    stage_start(&t.s, &(rk_serve_options){.events_path = t.log, .guard = {.load = {.slo_ms = 400}}});
    rk_line_pause(rk_intake_line(t.s.server->intake)); /* as a flush that takes its time */
    int fd = raw_connect(t.s.port);
    assert_true(raw_send(fd, event, sizeof event - 1));
    sleep_ms(500);
    raw_ask(t.s.port, event, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(raw_has_header(&answer, "Retry-After: 1"));
    stage_get(&t.s, "/v1/recommend?user=u1", &answer);
    assert_int_equal(answer.status, 200);
    rk_line_resume(rk_intake_line(t.s.server->intake));
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "\"accepted\":1"));
    close(fd);
    raw_ask(t.s.port, event, &answer);
    assert_int_equal(answer.status, 200);
    close_taker(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_has_waited_is_refused_at_once), cmocka_unit_test(without_an_objective_waiting_is_no_fault),
        cmocka_unit_test(requests_under_way_are_bounded),    cmocka_unit_test(events_behind_a_slow_disk_are_refused),
        cmocka_unit_test(announced_bodies_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_intake.c - events over HTTP: at once in the next answer, once in the log, and still there after kill -9. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/wal.h"
#include "support/test.h"
#include "unit/serve/stage.h"

static void log_of(const stage *s, char path[128]) { snprintf(path, 128, "%s/events", s->folder); }

static void remove_log(const stage *s)
{
    char path[128];
    log_of(s, path);
    stage_drop_folder(path);
}

static void post(uint16_t port, const char *body, raw_answer *out)
{
    static const char head[] = "POST /v1/events HTTP/1.1\r\nHost: test\r\nContent-Length: ";
    char *request = malloc(strlen(body) + 200);
    assert_non_null(request);
    sprintf(request, "%s%zu\r\n\r\n%s", head, strlen(body), body);
    raw_ask(port, request, out);
    free(request);
}

static void assert_posted(const stage *s, const char *body, unsigned status, const char *part)
{
    static raw_answer answer;
    post(s->port, body, &answer);
    if (answer.status != status || !strstr(answer.body, part)) {
        fail_msg("%s: %u %s", body, answer.status, answer.body);
    }
}

static int open_stage(void **state)
{
    static stage s;
    char path[128];
    stage_prepare(&s);
    log_of(&s, path);
    stage_start(&s, &(rk_serve_options){.events_path = path});
    *state = &s;
    return 0;
}

static int close_stage(void **state)
{
    stage *s = *state;
    rk_server_stop(s->server);
    s->server = NULL;
    remove_log(s);
    stage_close(s);
    return 0;
}

static void the_next_answer_knows_of_them(void **state)
{
    static raw_answer before, after;
    const stage *s = *state;
    stage_get(s, "/v1/recommend?user=nobody&n=3", &before);
    assert_non_null(strstr(before.body, "popular"));
    assert_posted(s, "{\"user\":\"nobody\",\"item\":\"i7\"}", 200, "\"accepted\":1,\"duplicates\":0");
    stage_get(s, "/v1/recommend?user=nobody&n=3", &after);
    assert_null(strstr(after.body, "popular"));
    assert_non_null(strstr(after.body, "{\"kind\":\"bought\",\"item\":\"i7\"}"));
    stage_get(s, "/v1/recommend?user=u3&n=200", &before);
    char id[32] = "", body[100];
    const char *best = strstr(before.body, "\"id\":\"");
    assert_non_null(best);
    snprintf(id, sizeof id, "%.*s", (int)strcspn(best, ","), best); /* "id":"i11" */
    snprintf(body, sizeof body, "{\"user\":\"u3\",\"item\":%s}", id + 5);
    assert_posted(s, body, 200, "\"accepted\":1");
    stage_get(s, "/v1/recommend?user=u3&n=200", &after); /* what he has taken is not offered again */
    assert_int_equal(after.status, 200);
    assert_null(strstr(after.body, id));
    assert_posted(s, "{\"user\":\"stranger\",\"item\":\"of no model\"}", 200, "\"accepted\":1");
    stage_get(s, "/v1/recommend?user=stranger&n=3", &after);
    assert_non_null(strstr(after.body, "popular"));
}

static void an_event_sent_again_is_kept_once(void **state)
{
    stage *s = *state;
    char path[128];
    log_of(s, path);
    assert_posted(
        s, "[{\"event_id\":\"a\",\"user\":\"u\",\"item\":\"i1\"},{\"event_id\":\"a\",\"user\":\"u\",\"item\":\"i1\"}]",
        200, "\"accepted\":1,\"duplicates\":1");
    assert_posted(s, "{\"event_id\":\"a\",\"user\":\"u\",\"item\":\"i1\"}", 200, "\"accepted\":0,\"duplicates\":1");
    rk_server_stop(s->server);
    stage_start(s, &(rk_serve_options){.events_path = path});
    assert_posted(s, "{\"event_id\":\"a\",\"user\":\"u\",\"item\":\"i1\"}", 200, "\"accepted\":0,\"duplicates\":1");
    assert_posted(s, "{\"event_id\":\"b\",\"user\":\"u\",\"item\":\"i1\"}", 200, "\"accepted\":1,\"duplicates\":0");
}

static void a_bad_event_refuses_all_that_came_with_it(void **state)
{
    static raw_answer answer;
    const stage *s = *state;
    assert_posted(s, "[{\"event_id\":\"good\",\"user\":\"u\",\"item\":\"i1\"},{\"user\":\"u\"}]", 400,
                  "event 2: item is missing");
    assert_posted(s, "{\"event_id\":\"good\",\"user\":\"u\",\"item\":\"i1\"}", 200, "\"accepted\":1");
    stage_get(s, "/metrics", &answer);
    assert_non_null(strstr(answer.body, "reckon_events_total{outcome=\"kept\"} 1\n"));
    assert_non_null(strstr(answer.body, "reckon_events_refused_requests_total 1\n"));
}

static void too_long_a_body_is_refused(void **state)
{
    static raw_answer answer;
    const stage *s = *state;
    raw_ask(s->port, "POST /v1/events HTTP/1.1\r\nHost: test\r\nContent-Length: 1048577\r\n\r\n", &answer);
    assert_int_equal(answer.status, 413);
    raw_ask(s->port, "POST /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 65537\r\n\r\n", &answer);
    assert_int_equal(answer.status, 413);
}

static void without_a_log_none_are_taken(void **state)
{
    (void)state;
    static stage s;
    stage_open(&s, 0);
    assert_posted(&s, "{\"user\":\"u\",\"item\":\"i1\"}", 501, "without a log of events");
    stage_close(&s);
}

/* ---- killed ---- */

enum { CLIENTS = 4, BATCH = 3 };

typedef struct {
    uint16_t port;
    uint32_t me, n_sent;
    atomic_uint n_acknowledged;
} client;

/* Batches until one is not acknowledged; every second one is sent twice. */
static void *send_batches(void *context)
{
    client *c = context;
    raw_answer *answer = malloc(sizeof *answer);
    assert_non_null(answer);
    for (;; c->n_sent++) {
        rk_text body = {0};
        for (int k = 0; k < BATCH; k++) {
            rk_text_addf(&body, "{\"event_id\":\"%u-%u-%d\",\"user\":\"u%u\",\"item\":\"i%d\"}\n", c->me, c->n_sent, k,
                         c->me, k);
        }
        for (uint32_t twice = 0; twice < 1 + c->n_sent % 2; twice++) {
            char request[1000];
            snprintf(request, sizeof request, "POST /v1/events HTTP/1.1\r\nHost: t\r\nContent-Length: %zu\r\n\r\n%s",
                     body.n, body.at);
            int fd = raw_connect(c->port);
            answer->status = 0;
            if (fd >= 0 && raw_send(fd, request, strlen(request))) {
                raw_receive(fd, answer, false);
            }
            if (fd >= 0) {
                close(fd);
            }
            if (answer->status == 200) {
                atomic_store(&c->n_acknowledged, c->n_sent + 1);
            }
        }
        rk_text_release(&body);
        if (answer->status != 200) {
            free(answer);
            return NULL;
        }
    }
}

static pid_t start_child(stage *s, const char *path)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        stage_start(s, &(rk_serve_options){.events_path = path});
        if (write(pipes[1], &s->port, sizeof s->port) == sizeof s->port) {
            pause();
        }
        _exit(1);
    }
    assert_int_equal(read(pipes[0], &s->port, sizeof s->port), sizeof s->port);
    close(pipes[0]);
    close(pipes[1]);
    return child;
}

static unsigned char found[CLIENTS][1 << 14][BATCH];

static void check_log(const char *path, client clients[CLIENTS])
{
    rk_wal_reader *reader = NULL;
    rk_slice record = {"", 0};
    rk_error err = {0};
    uint64_t number;
    memset(found, 0, sizeof found);
    assert_int_equal(rk_wal_reader_open(path, 0, &reader, &err), RK_OK);
    while (rk_wal_next(reader, &number, &record, &err) == RK_OK && record.at) {
        unsigned me, n, k;
        char line[300];
        snprintf(line, sizeof line, "%.*s", (int)record.n, record.at);
        assert_int_equal(sscanf(line, "{\"event_id\":\"%u-%u-%u\"", &me, &n, &k), 3);
        assert_int_equal(found[me][n][k]++, 0); /* nothing is doubled */
    }
    assert_int_equal(err.status, RK_OK);
    rk_wal_reader_close(reader);
    for (uint32_t c = 0; c < CLIENTS; c++) {
        for (uint32_t n = 0; n < atomic_load(&clients[c].n_acknowledged); n++) {
            assert_int_equal(found[c][n][0] + found[c][n][1] + found[c][n][2], 3); /* nothing is lost */
        }
    }
}

static void kill_9_loses_nothing_and_doubles_nothing(void **state)
{
    (void)state;
    const char *rounds = getenv("RECKON_KILLS");
    static stage s;
    static client clients[CLIENTS];
    char path[128];
    uint64_t seed = 3;
    signal(SIGPIPE, SIG_IGN);
    stage_prepare(&s);
    log_of(&s, path);
    memset(clients, 0, sizeof clients);
    for (int round = 0, n = rounds ? atoi(rounds) : 8; round < n; round++) {
        pthread_t threads[CLIENTS];
        pid_t child = start_child(&s, path);
        for (uint32_t c = 0; c < CLIENTS; c++) {
            clients[c].me = c;
            clients[c].port = s.port;
            assert_int_equal(pthread_create(&threads[c], NULL, send_batches, &clients[c]), 0);
        }
        usleep(20000 + (useconds_t)(test_random(&seed) % 100000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        for (uint32_t c = 0; c < CLIENTS; c++) {
            pthread_join(threads[c],
                         NULL); /* the batch that failed is sent again in the next round, under the same ids */
        }
        check_log(path, clients);
    }
    uint32_t n_acknowledged = 0;
    for (uint32_t c = 0; c < CLIENTS; c++) {
        n_acknowledged += atomic_load(&clients[c].n_acknowledged);
    }
    assert_true(n_acknowledged > 0);
    remove_log(&s);
    stage_close(&s);
}

/* ---- a full disk ---- */

static void a_full_disk_stops_writes_and_not_reads(void **state)
{
    static raw_answer answer;
    const stage *s = *state;
    struct rlimit before, limit;
    bool is_refused = false;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){8000, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (int i = 0; i < 1000 && !is_refused; i++) {
        post(s->port, "{\"user\":\"u1\",\"item\":\"i1\"}", &answer);
        is_refused = answer.status == 503;
        assert_true(is_refused || answer.status == 200);
    }
    assert_true(is_refused);
    assert_non_null(strstr(answer.body, "could not be kept"));
    stage_get(s, "/v1/recommend?user=u1&n=3", &answer);
    assert_int_equal(answer.status, 200);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_posted(s, "{\"user\":\"u1\",\"item\":\"i1\"}", 200, "\"accepted\":1");
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STAGE(the_next_answer_knows_of_them),
        ON_STAGE(an_event_sent_again_is_kept_once),
        ON_STAGE(a_bad_event_refuses_all_that_came_with_it),
        ON_STAGE(too_long_a_body_is_refused),
        cmocka_unit_test(without_a_log_none_are_taken),
        ON_STAGE(a_full_disk_stops_writes_and_not_reads),
        cmocka_unit_test(kill_9_loses_nothing_and_doubles_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

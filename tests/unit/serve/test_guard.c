/* Claims about who may ask a running server: keys and their roles, rates, keys taken away while it runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/keys.h"
#include "serve/routes.h"
#include "support/test.h"
#include "unit/serve/stage.h"

typedef struct {
    stage s;
    char keys[128];
    rk_keyring ring;
    char token[4][RK_TOKEN_BYTES]; /* of admin, write, read, and a slow reader */
} guarded;

static void write_ring(guarded *g)
{
    rk_error err;
    assert_int_equal(rk_keyring_write(g->keys, &g->ring, &err), RK_OK);
}

static int open_guarded(void **state)
{
    static guarded g;
    rk_error err;
    stage_prepare(&g.s);
    snprintf(g.keys, sizeof g.keys, "%s/keys.yaml", g.s.folder);
    rk_keyring_init(&g.ring);
    static const rk_api_key wanted[] = {
        {.name = "boss", .role = RK_ACCESS_ADMIN},
        {.name = "till", .role = RK_ACCESS_WRITE},
        {.name = "page", .role = RK_ACCESS_READ},
        {.name = "slow", .role = RK_ACCESS_READ, .rate = 0.01, .burst = 3},
    };
    for (size_t i = 0; i < RK_COUNT_OF(wanted); i++) {
        assert_int_equal(rk_keyring_add(&g.ring, &wanted[i], g.token[i], &err), RK_OK);
    }
    write_ring(&g);
    stage_start(&g.s, &(rk_serve_options){.guard = {.keys_path = g.keys}});
    *state = &g;
    return 0;
}

static int close_guarded(void **state)
{
    guarded *g = *state;
    rk_keyring_release(&g->ring);
    unlink(g->keys);
    stage_close(&g->s);
    return 0;
}

/* token NULL: none. */
static unsigned ask_as(const guarded *g, const char *method, const char *target, const char *token, raw_answer *out)
{
    char request[1000];
    snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: a\r\n%s%s%s\r\n", method, target,
             token ? "Authorization: Bearer " : "", token ? token : "", token ? "\r\n" : "");
    raw_ask(g->s.port, request, out);
    return out->status;
}

/* Every row of the table, with every role and none, and nothing but the row's own column says what comes out. */
static void every_route_asks_for_its_role(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    for (size_t i = 0; rk_route_at(i); i++) {
        const rk_route *route = rk_route_at(i);
        char target[200];
        const char *brace = strchr(route->pattern, '{');
        snprintf(target, sizeof target, "%.*s%s", (int)strcspn(route->pattern, "{"), route->pattern, brace ? "i1" : "");
        unsigned status = ask_as(g, route->method, target, NULL, &answer);
        if (route->needs == RK_ACCESS_ANYONE) {
            assert_int_equal(status, 200);
            continue;
        }
        assert_int_equal(status, 401);
        assert_true(raw_has_header(&answer, "WWW-Authenticate: Bearer realm=\"reckon\""));
        assert_non_null(strstr(answer.body, "\"title\":\"Unauthorized\",\"status\":401"));
        for (rk_access role = RK_ACCESS_ADMIN; role <= RK_ACCESS_READ; role++) {
            status = ask_as(g, route->method, target, g->token[role], &answer);
            if (role > route->needs) {
                assert_int_equal(status, 403);
            } else {
                assert_true(status != 401 && status != 403 && status != 429);
            }
        }
    }
    assert_int_equal(ask_as(g, "GET", "/nothing", NULL, &answer), 404);
}

static void a_wrong_key_is_told_so(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    char token[RK_TOKEN_BYTES];
    strcpy(token, g->token[2]);
    token[RK_TOKEN_BYTES - 2] = token[RK_TOKEN_BYTES - 2] == 'a' ? 'b' : 'a';
    assert_int_equal(ask_as(g, "GET", "/v1/recommend?user=u1", token, &answer), 401);
    assert_true(raw_has_header(&answer, "WWW-Authenticate: Bearer realm=\"reckon\", error=\"invalid_token\""));
    assert_int_equal(ask_as(g, "GET", "/v1/recommend?user=u1", "", &answer), 401);
    char twice[400];
    snprintf(twice, sizeof twice, "%s\r\nAuthorization: Bearer %s", g->token[2], g->token[0]);
    assert_int_equal(ask_as(g, "POST", "/v1/admin/reload", twice, &answer), 400);
    char basic[200];
    snprintf(basic, sizeof basic, "GET /metrics HTTP/1.1\r\nHost: a\r\nAuthorization: Basic %s\r\n\r\n", g->token[2]);
    raw_ask(g->s.port, basic, &answer);
    assert_int_equal(answer.status, 401);
}

/* A refused upload is not read: the answer comes before the body does, and the connection ends. */
static void an_upload_without_a_key_is_refused_unread(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    static const char head[] = "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
    int fd = raw_connect(g->s.port);
    assert_true(raw_send(fd, head, sizeof head - 1));
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 401);
    close(fd);
}

/* A refused question leaves the connection as it was. */
static void a_refused_question_keeps_its_connection(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    char request[400];
    int fd = raw_connect(g->s.port);
    static const char bare[] = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_true(raw_send(fd, bare, sizeof bare - 1));
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 401);
    int n = snprintf(request, sizeof request, "GET /metrics HTTP/1.1\r\nHost: a\r\nauthorization: bearer  %s\r\n\r\n",
                     g->token[2]);
    assert_true(raw_send(fd, request, (size_t)n));
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "reckon_refused_requests_total{reason=\"no_key\"}"));
    close(fd);
}

static void a_key_asks_as_often_as_it_may(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(ask_as(g, "GET", "/v1/recommend?user=u1", g->token[3], &answer), 200);
    }
    assert_int_equal(ask_as(g, "GET", "/v1/recommend?user=u1", g->token[3], &answer), 429);
    assert_non_null(strstr(answer.bytes, "\r\nRetry-After: "));
    unsigned seconds = (unsigned)atoi(strstr(answer.bytes, "\r\nRetry-After: ") + 15);
    assert_in_range(seconds, 60, 100);
    assert_non_null(strstr(answer.body, "this key may not ask that often"));
    assert_int_equal(ask_as(g, "GET", "/v1/recommend?user=u1", g->token[2], &answer), 200); /* another may */
    /* Reading the keys anew forgives nothing. */
    rk_error err;
    assert_int_equal(rk_server_reload(g->s.server, &err), RK_OK);
    assert_int_equal(ask_as(g, "GET", "/v1/recommend?user=u1", g->token[3], &answer), 429);
}

static void keys_change_while_it_runs(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    rk_error err;
    char token[RK_TOKEN_BYTES];
    assert_int_equal(rk_keyring_add(&g->ring, &(rk_api_key){.name = "page", .role = RK_ACCESS_READ}, token, &err),
                     RK_OK);
    write_ring(g);
    assert_int_equal(ask_as(g, "GET", "/metrics", token, &answer), 401);
    assert_int_equal(rk_server_reload(g->s.server, &err), RK_OK);
    assert_int_equal(ask_as(g, "GET", "/metrics", token, &answer), 200);       /* the new one */
    assert_int_equal(ask_as(g, "GET", "/metrics", g->token[2], &answer), 200); /* beside the old one */
    char id[RK_KEY_ID_DIGITS + 1];
    snprintf(id, sizeof id, "%.*s", RK_KEY_ID_DIGITS, g->token[2] + 3);
    assert_int_equal(rk_keyring_remove(&g->ring, id, &err), RK_OK);
    write_ring(g);
    /* A model that fails to open does not keep a key that was taken away. */
    assert_int_equal(truncate(g->s.model, 100), 0);
    assert_int_equal(rk_server_reload(g->s.server, &err), RK_BAD_INPUT);
    assert_int_equal(ask_as(g, "GET", "/metrics", g->token[2], &answer), 401);
    assert_int_equal(ask_as(g, "GET", "/metrics", token, &answer), 200);
    /* A file that cannot be read takes none away. */
    FILE *file = fopen(g->keys, "w");
    assert_non_null(file);
    fputs("reckon: keys/1\nkeys: {}\n", file);
    fclose(file);
    assert_int_equal(rk_server_reload(g->s.server, &err), RK_BAD_INPUT);
    assert_int_equal(ask_as(g, "GET", "/metrics", token, &answer), 200);
}

/* A server that watches its files takes new keys by itself, and the model stays as it is. */
static void watched_keys_are_taken_by_themselves(void **state)
{
    guarded *g = *state;
    static raw_answer answer;
    rk_error err;
    char token[RK_TOKEN_BYTES];
    rk_server_stop(g->s.server);
    stage_start(&g->s, &(rk_serve_options){.watches = true, .guard = {.keys_path = g->keys}});
    assert_int_equal(rk_keyring_add(&g->ring, &(rk_api_key){.name = "new", .role = RK_ACCESS_READ}, token, &err),
                     RK_OK);
    write_ring(g);
    for (unsigned i = 0; i < 300 && ask_as(g, "GET", "/metrics", token, &answer) == 401; i++) {
        usleep(100000);
    }
    assert_int_equal(answer.status, 200);
}

/* Without keys: an address is held to its rate, and health is asked for nothing. */
static void an_address_asks_as_often_as_it_may(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    stage_prepare(&s);
    stage_start(&s, &(rk_serve_options){.guard = {.client_rate = 0.01, .client_burst = 2}});
    unsigned n_answered = 0;
    for (unsigned i = 0; i < 5; i++) {
        stage_get(&s, "/v1/recommend?user=u1", &answer);
        n_answered += answer.status == 200;
    }
    assert_int_equal(n_answered, 2);
    assert_int_equal(answer.status, 429);
    assert_non_null(strstr(answer.body, "this address may not ask that often"));
    stage_get(&s, "/healthz", &answer);
    assert_int_equal(answer.status, 200);
    stage_close(&s);
}

/* Asks with these lines of X-Forwarded-For; returns the status. */
static unsigned ask_for(const stage *s, const char *lines)
{
    static raw_answer answer;
    char request[600];
    snprintf(request, sizeof request, "GET /v1/recommend?user=u1 HTTP/1.1\r\nHost: a\r\n%s\r\n", lines);
    raw_ask(s->port, request, &answer);
    return answer.status;
}

/* Behind a trusted proxy each shopper has a rate of his own, and nobody gets another by what he writes. */
static void a_trusted_proxy_says_who_asks(void **state)
{
    (void)state;
    static stage s;
    static const char *const proxies[] = {"127.0.0.1", "10.0.0.0/8"};
    stage_prepare(&s);
    stage_start(
        &s, &(rk_serve_options){.guard = {.client_rate = 0.01, .client_burst = 2, .proxies = proxies, .n_proxies = 2}});
    for (unsigned shopper = 1; shopper < 5; shopper++) {
        char lines[300];
        for (unsigned i = 0; i < 4; i++) { /* each time with another made-up address before his own */
            snprintf(lines, sizeof lines,
                     "X-Forwarded-For: 198.51.100.%u\r\nx-forwarded-for: 203.0.113.%u, 10.0.0.2\r\n", i, shopper);
            assert_int_equal(ask_for(&s, lines), i < 2 ? 200 : 429);
        }
    }
    assert_int_equal(ask_for(&s, ""), 200); /* the proxy itself */
    assert_int_equal(ask_for(&s, "X-Forwarded-For: 203.0.113.9, unknown\r\n"), 200);
    assert_int_equal(ask_for(&s, "X-Forwarded-For: 203.0.113.10, unknown\r\n"), 429);
    /* A network of 64 bits is one client; IPv4 in the dress of IPv6 is itself. */
    assert_int_equal(ask_for(&s, "X-Forwarded-For: 2001:db8::1\r\n"), 200);
    assert_int_equal(ask_for(&s, "X-Forwarded-For: [2001:db8::2]:80\r\n"), 200);
    assert_int_equal(ask_for(&s, "X-Forwarded-For: 2001:db8::3\r\n"), 429);
    assert_int_equal(ask_for(&s, "X-Forwarded-For: ::ffff:203.0.113.1\r\n"), 429);
    stage_close(&s);
}

static void a_peer_that_nobody_trusts_asks_for_itself(void **state)
{
    (void)state;
    static stage s;
    static const char *const proxies[] = {"10.0.0.0/8", "::1"};
    stage_prepare(&s);
    stage_start(
        &s, &(rk_serve_options){.guard = {.client_rate = 0.01, .client_burst = 2, .proxies = proxies, .n_proxies = 2}});
    for (unsigned i = 0; i < 4; i++) {
        char line[100];
        snprintf(line, sizeof line, "X-Forwarded-For: 203.0.113.%u\r\n", i);
        assert_int_equal(ask_for(&s, line), i < 2 ? 200 : 429);
    }
    stage_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_route_asks_for_its_role, open_guarded, close_guarded),
        cmocka_unit_test_setup_teardown(a_wrong_key_is_told_so, open_guarded, close_guarded),
        cmocka_unit_test_setup_teardown(an_upload_without_a_key_is_refused_unread, open_guarded, close_guarded),
        cmocka_unit_test_setup_teardown(a_refused_question_keeps_its_connection, open_guarded, close_guarded),
        cmocka_unit_test_setup_teardown(a_key_asks_as_often_as_it_may, open_guarded, close_guarded),
        cmocka_unit_test_setup_teardown(keys_change_while_it_runs, open_guarded, close_guarded),
        cmocka_unit_test_setup_teardown(watched_keys_are_taken_by_themselves, open_guarded, close_guarded),
        cmocka_unit_test(an_address_asks_as_often_as_it_may),
        cmocka_unit_test(a_trusted_proxy_says_who_asks),
        cmocka_unit_test(a_peer_that_nobody_trusts_asks_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

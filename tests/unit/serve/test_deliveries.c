/* Claims about products on their way to the disk: many share one flush and hold up nobody, what is acknowledged is
 * there, and what is refused never was. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "math/random.h"
#include "serve/server.h"
#include "support/test.h"
#include "unit/serve/stage.h"

/* ---- a disk that is slow, and counts ---- */

static atomic_uint n_flushes;
static atomic_long flush_ms;

/* In the place of the C library's. */
int fdatasync(int fd)
{
    long ms = atomic_load(&flush_ms);
    atomic_fetch_add(&n_flushes, 1);
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
    return (int)syscall(SYS_fdatasync, fd);
}

/* A disk that takes nothing more of any file, or everything again. */
static void fill_disk(bool is_full)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit.rlim_cur = is_full ? 1 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* ---- a shop ---- */

typedef struct {
    stage stage;
    char wares[128];
} shop;

static int open_shop(void **state)
{
    static shop s;
    rk_error err;
    rk_wares_options options = rk_wares_defaults();
    memset(&s, 0, sizeof s);
    stage_prepare(&s.stage);
    snprintf(s.wares, sizeof s.wares, "%s/wares", s.stage.folder);
    if (rk_wares_create(s.wares, s.stage.data, &options, &s.stage.run, &err)) {
        fail_msg("%s", err.message);
    }
    atomic_store(&flush_ms, 0);
    *state = &s;
    return 0;
}

static void serve(shop *s)
{
    stage_start(&s->stage, &(rk_serve_options){.search_path = s->wares, .threads = 1});
    atomic_store(&n_flushes, 0);
}

static int close_shop(void **state)
{
    shop *s = *state;
    char path[160];
    fill_disk(false);
    rk_server_stop(s->stage.server);
    s->stage.server = NULL;
    snprintf(path, sizeof path, "%s/log", s->wares);
    stage_drop_folder(path);
    stage_drop_folder(s->wares);
    stage_close(&s->stage);
    return 0;
}

static size_t write_put(const char *id, const char *title, char out[400])
{
    char body[200];
    int n = snprintf(body, sizeof body, "{\"title\":\"%s\"}", title);
    return (size_t)snprintf(out, 400, "PUT /v1/items/%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", id, n,
                            body);
}

static size_t write_delete(const char *id, char out[400])
{
    return (size_t)snprintf(out, 400, "DELETE /v1/items/%s HTTP/1.1\r\nHost: a\r\n\r\n", id);
}

static unsigned put(const shop *s, const char *id, const char *title, raw_answer *out)
{
    char request[400];
    write_put(id, title, request);
    raw_ask(s->stage.port, request, out);
    return out->status;
}

static bool has(const shop *s, const char *id, const char *title)
{
    static raw_answer answer;
    char target[100], wanted[100];
    snprintf(target, sizeof target, "/v1/items/%s", id);
    snprintf(wanted, sizeof wanted, "\"title\":\"%s\"", title);
    stage_get(&s->stage, target, &answer);
    assert_true(answer.status == 200 || answer.status == 404);
    return answer.status == 200 && strstr(answer.body, wanted);
}

/* ---- the server ---- */

enum { MANY = 60 };

/* Sends a product on each of many connections. */
static void send_many(const shop *s, int fds[MANY])
{
    for (unsigned i = 0; i < MANY; i++) {
        char id[16], request[400];
        snprintf(id, sizeof id, "p%u", i);
        fds[i] = raw_connect(s->stage.port);
        assert_true(raw_send(fds[i], request, write_put(id, id, request)));
    }
}

static void wait_until_waiting(const shop *s, unsigned n)
{
    static raw_answer answer;
    char line[64];
    snprintf(line, sizeof line, "reckon_products_waiting %u\n", n);
    do {
        stage_get(&s->stage, "/metrics", &answer);
        assert_int_equal(answer.status, 200);
    } while (!strstr(answer.body, line));
}

/* Of a server with one thread, whose disk does not come back for a while. */
static void many_products_share_a_flush_and_hold_up_nobody(void **state)
{
    shop *s = *state;
    static raw_answer answer;
    int fds[MANY];
    serve(s);
    rk_line *line = rk_deliveries_line(s->stage.server->deliveries);
    rk_line_pause(line);
    send_many(s, fds);
    wait_until_waiting(s, MANY); /* all were read by the one thread, which is free */
    for (unsigned i = 0; i < 100; i++) {
        stage_get(&s->stage, "/v1/recommend?user=u1", &answer);
        assert_int_equal(answer.status, 200);
    }
    assert_int_equal(atomic_load(&n_flushes), 0);
    rk_line_resume(line);
    for (unsigned i = 0; i < MANY; i++) {
        raw_receive(fds[i], &answer, false);
        assert_int_equal(answer.status, 200);
        assert_non_null(strstr(answer.body, "\"put\":true"));
        close(fds[i]);
    }
    assert_in_range(atomic_load(&n_flushes), 1, 2); /* of who came first, and of all others */
    for (unsigned i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof id, "p%u", i);
        assert_true(has(s, id, id));
    }
}

/* The same with a disk that is slow, and answers counted while it works. */
static void a_slow_disk_holds_up_products_only(void **state)
{
    shop *s = *state;
    static raw_answer answer;
    int fds[MANY];
    serve(s);
    atomic_store(&flush_ms, 200);
    send_many(s, fds);
    unsigned n_answered = 0;
    while (rk_deliveries_counts_of(s->stage.server->deliveries)->n_kept < MANY) {
        stage_get(&s->stage, "/v1/recommend?user=u1", &answer);
        assert_int_equal(answer.status, 200);
        n_answered++;
    }
    for (unsigned i = 0; i < MANY; i++) {
        raw_receive(fds[i], &answer, false);
        assert_int_equal(answer.status, 200);
        close(fds[i]);
    }
    assert_in_range(atomic_load(&n_flushes), 1, MANY / 4);
    assert_true(n_answered > atomic_load(&n_flushes)); /* a thread that waits for the disk answers none */
}

static void of_one_connection_the_order_stays(void **state)
{
    shop *s = *state;
    static raw_answer answer;
    char request[400];
    static const unsigned wanted[] = {200, 200, 200, 404, 200};
    serve(s);
    atomic_store(&flush_ms, 20);
    int fd = raw_connect(s->stage.port);
    for (unsigned i = 0; i < RK_COUNT_OF(wanted); i++) { /* without waiting for the answers */
        size_t n = i == 0   ? write_put("x", "first", request)
                   : i == 1 ? write_put("x", "second", request)
                   : i < 4  ? write_delete("x", request)
                            : write_put("x", "last", request);
        assert_true(raw_send(fd, request, n));
    }
    for (unsigned i = 0; i < RK_COUNT_OF(wanted); i++) {
        raw_receive(fd, &answer, false);
        assert_int_equal(answer.status, wanted[i]);
    }
    close(fd);
    assert_true(has(s, "x", "last"));
}

static void a_full_disk_refuses_and_changes_nothing(void **state)
{
    shop *s = *state;
    static raw_answer answer;
    char request[400];
    serve(s);
    assert_int_equal(put(s, "x", "old", &answer), 200);
    fill_disk(true);
    assert_int_equal(put(s, "x", "new", &answer), 503);
    assert_non_null(strstr(answer.body, "nothing was changed"));
    assert_true(raw_has_header(&answer, "Retry-After: 1"));
    write_delete("x", request);
    raw_ask(s->stage.port, request, &answer);
    assert_int_equal(answer.status, 503);
    assert_true(has(s, "x", "old"));
    fill_disk(false);
    assert_int_equal(put(s, "x", "new", &answer), 200);
    assert_true(has(s, "x", "new"));
    stage_get(&s->stage, "/metrics", &answer);
    assert_non_null(strstr(answer.body, "reckon_products_total{outcome=\"kept\"} 2\n"));
    assert_non_null(strstr(answer.body, "reckon_products_total{outcome=\"refused\"} 2\n"));
}

static void *stop(void *server)
{
    rk_server_stop(server);
    return NULL;
}

/* What waits when the server is told to end is still kept, and found by the next one. */
static void a_server_that_ends_keeps_what_waits(void **state)
{
    shop *s = *state;
    static raw_answer answer;
    int fds[MANY];
    pthread_t thread;
    serve(s);
    rk_line *line = rk_deliveries_line(s->stage.server->deliveries);
    rk_line_pause(line);
    send_many(s, fds);
    wait_until_waiting(s, MANY);
    assert_int_equal(pthread_create(&thread, NULL, stop, s->stage.server), 0);
    rk_line_resume(line);
    for (unsigned i = 0; i < MANY; i++) {
        raw_receive(fds[i], &answer, false);
        assert_int_equal(answer.status, 200);
        close(fds[i]);
    }
    pthread_join(thread, NULL);
    serve(s);
    for (unsigned i = 0; i < MANY; i++) {
        char id[16];
        snprintf(id, sizeof id, "p%u", i);
        assert_true(has(s, id, id));
    }
}

static void who_would_queue_behind_a_slow_disk_is_told_so(void **state)
{
    shop *s = *state;
    static raw_answer answer;
    char request[400];
    stage_start(&s->stage, &(rk_serve_options){.search_path = s->wares, .threads = 1, .guard.load.slo_ms = 400});
    rk_line *line = rk_deliveries_line(s->stage.server->deliveries);
    rk_line_pause(line);
    int fd = raw_connect(s->stage.port);
    assert_true(raw_send(fd, request, write_put("x", "x", request)));
    nanosleep(&(struct timespec){0, 600000000}, NULL);
    assert_int_equal(put(s, "y", "y", &answer), 503);
    stage_get(&s->stage, "/v1/recommend?user=u1", &answer);
    assert_int_equal(answer.status, 200);
    rk_line_resume(line);
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 200);
    close(fd);
    assert_int_equal(put(s, "y", "y", &answer), 200);
}

/* ---- the room itself ---- */

typedef struct {
    rk_delivery delivery;
    atomic_bool is_done;
} parcel;

static void note_done(rk_delivery *delivery) { atomic_store(&((parcel *)(void *)delivery)->is_done, true); }

static void wait_for(const parcel *p)
{
    while (!atomic_load(&p->is_done)) {
        nanosleep(&(struct timespec){0, 100000}, NULL);
    }
}

static void fill_parcel(parcel *p, const char *id, const char *title)
{
    memset(p, 0, sizeof *p);
    p->delivery.done = note_done;
    p->delivery.op.product = (rk_wares_product){.id = rk_slice_of(id), .title = rk_slice_of(title)};
}

static void what_is_wrong_with_one_is_its_own_fault(void **state)
{
    shop *s = *state;
    rk_stock *stock = NULL;
    rk_deliveries *d = NULL;
    rk_error err;
    parcel all[5];
    static const char *const ids[] = {"a", "b", "", "c", "d"};
    assert_int_equal(rk_stock_open(s->wares, (rk_stock_options){0}, &stock, &err), RK_OK);
    assert_int_equal(rk_deliveries_start(stock, &s->stage.run, &d, &err), RK_OK);
    rk_line_pause(rk_deliveries_line(d));
    for (size_t i = 0; i < RK_COUNT_OF(all); i++) {
        fill_parcel(&all[i], ids[i], "thing");
        assert_true(rk_deliveries_hand_in(d, &all[i].delivery));
    }
    rk_line_resume(rk_deliveries_line(d));
    for (size_t i = 0; i < RK_COUNT_OF(all); i++) {
        wait_for(&all[i]);
        assert_int_equal(all[i].delivery.problem.status, ids[i][0] ? 0 : 500);
    }
    rk_deliveries_stop(d);
    assert_false(rk_deliveries_hand_in(d, &all[0].delivery));
    rk_deliveries_free(d);
    rk_stock_close(stock);
}

enum { HANDS = 4, OWN = 5, STEPS = 60 };

typedef struct {
    rk_deliveries *deliveries;
    unsigned number;
    char title[OWN][16]; /* what each of its products must be in the end; "": not there */
    bool was_told_right;
    pthread_t thread;
} hand;

/* Puts and takes away products of its own at random, and is told of each whether it was there. */
static void *deliver(void *context)
{
    hand *h = context;
    rk_random random = rk_random_of(7, h->number);
    for (unsigned i = 0; i < STEPS; i++) {
        parcel p;
        char id[16], title[16];
        unsigned own = rk_random_below(&random, OWN);
        bool is_delete = rk_random_below(&random, 3) == 0, was_there = h->title[own][0] != '\0';
        snprintf(id, sizeof id, "h%u-%u", h->number, own);
        snprintf(title, sizeof title, "thing%u", i);
        fill_parcel(&p, id, title);
        p.delivery.op.is_delete = is_delete;
        bool is_taken = rk_deliveries_hand_in(h->deliveries, &p.delivery);
        wait_for(&p);
        h->was_told_right &= is_taken && p.delivery.problem.status == (is_delete && !was_there ? 404U : 0U);
        snprintf(h->title[own], sizeof h->title[own], "%s", is_delete ? "" : title);
    }
    return NULL;
}

static void any_order_of_changes_ends_as_one_after_the_other(void **state)
{
    shop *s = *state;
    rk_stock *stock = NULL;
    rk_deliveries *d = NULL;
    rk_error err;
    hand hands[HANDS];
    assert_int_equal(rk_stock_open(s->wares, (rk_stock_options){0}, &stock, &err), RK_OK);
    assert_int_equal(rk_deliveries_start(stock, &s->stage.run, &d, &err), RK_OK);
    atomic_store(&flush_ms, 2);
    for (unsigned i = 0; i < HANDS; i++) {
        hands[i] = (hand){.deliveries = d, .number = i, .was_told_right = true};
        assert_int_equal(pthread_create(&hands[i].thread, NULL, deliver, &hands[i]), 0);
    }
    for (unsigned i = 0; i < HANDS; i++) {
        pthread_join(hands[i].thread, NULL);
        assert_true(hands[i].was_told_right);
    }
    assert_true(rk_deliveries_counts_of(d)->n_rounds < HANDS * STEPS);
    rk_deliveries_free(d);
    rk_stock_close(stock);
    serve(s);
    for (unsigned i = 0; i < HANDS * OWN; i++) {
        char id[16];
        const char *title = hands[i / OWN].title[i % OWN];
        snprintf(id, sizeof id, "h%u-%u", i / OWN, i % OWN);
        assert_true(has(s, id, title) == (title[0] != '\0'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(many_products_share_a_flush_and_hold_up_nobody, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(a_slow_disk_holds_up_products_only, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(of_one_connection_the_order_stays, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(a_full_disk_refuses_and_changes_nothing, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(a_server_that_ends_keeps_what_waits, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(who_would_queue_behind_a_slow_disk_is_told_so, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_one_is_its_own_fault, open_shop, close_shop),
        cmocka_unit_test_setup_teardown(any_order_of_changes_ends_as_one_after_the_other, open_shop, close_shop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

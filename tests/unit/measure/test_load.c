/* test_load.c - the load generator against servers whose faults are known. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "measure/load.h"
#include "unit/measure/fake_server.h"

typedef struct {
    fake_server *server;
    rk_endpoint endpoint;
    rk_requests requests;
    rk_load *load;
    rk_load_result result;
} stage;

static void open_stage(stage *s, fake_behaviour behaviour, unsigned connections, rk_schedule schedule)
{
    char url[64], path[] = "/tmp/test_load_XXXXXX";
    int fd = mkstemp(path);
    rk_error err;
    s->server = fake_server_start(behaviour);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", fake_server_port(s->server));
    assert_int_equal(rk_endpoint_parse(url, &s->endpoint, &err), RK_OK);
    assert_int_equal(write(fd, "/a\n/b?c=1\n", 10), 10);
    close(fd);
    assert_int_equal(rk_requests_of_file(path, s->endpoint.headers, &s->requests, &err), RK_OK);
    unlink(path);
    s->load = rk_load_new(&(rk_load_options){&s->endpoint, &s->requests, connections, schedule, 1}, &err);
    assert_non_null(s->load);
}

static uint64_t close_stage(stage *s)
{
    rk_load_free(s->load);
    rk_requests_release(&s->requests);
    return fake_server_stop(s->server);
}

static void run_with_grace(stage *s, double rate, double seconds, double grace_s)
{
    rk_error err;
    assert_int_equal(rk_load_run(s->load, (rk_load_step){rate, seconds, .grace_s = grace_s}, &s->result, &err), RK_OK);
}

/* Waits for every answer, however slow the machine; no time passes when they come at once. */
static void run(stage *s, double rate, double seconds) { run_with_grace(s, rate, seconds, 60); }

static double quantile_ms(const stage *s, double share)
{
    return (double)rk_quantile_at(&s->result.latency_ns, share) / 1e6;
}

static void every_request_is_counted_once(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, (fake_behaviour){0}, 4, RK_SCHEDULE_FIXED);
    run(&s, 500, 0.4);
    assert_in_range(s.result.n_meant, 198, 200);
    assert_int_equal(s.result.n_good, s.result.n_meant);
    assert_int_equal(s.result.n_errors + s.result.n_unanswered, 0);
    assert_int_equal(s.result.latency_ns.n, s.result.n_meant);
    assert_int_equal(s.result.body_bytes, 2 * s.result.n_good);
    uint64_t n_good = s.result.n_good;
    assert_int_equal(close_stage(&s), n_good);
}

static void a_poisson_schedule_keeps_its_rate_and_repeats_by_seed(void **state)
{
    (void)state;
    stage s;
    uint64_t n[2];
    for (int i = 0; i < 2; i++) {
        open_stage(&s, (fake_behaviour){0}, 8, RK_SCHEDULE_POISSON);
        run(&s, 2000, 0.5);
        n[i] = s.result.n_meant;
        close_stage(&s);
    }
    assert_int_equal(n[0], n[1]);
    assert_in_range(n[0], 850, 1150); /* mean 1000, deviation 32 */
}

/* A stall of 200 ms in a second at 500/s delays a fifth of the requests: a generator that waits for answers before it
 * sends the next would have one slow request for each connection, and a p99 of a millisecond. */
static void a_stall_shows_in_the_tail_as_shoppers_feel_it(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, (fake_behaviour){.stall_after_ms = 400, .stall_ms = 200}, 2, RK_SCHEDULE_FIXED);
    run(&s, 500, 1);
    assert_int_equal(s.result.n_good, s.result.n_meant);
    assert_true(quantile_ms(&s, 0.99) > 150);
    assert_true(quantile_ms(&s, 0.9) > 50);
    assert_true(quantile_ms(&s, 0.5) < quantile_ms(&s, 0.99) / 2); /* and the others do not carry it */
    close_stage(&s);
}

/* What tell() is told, added up. */
typedef struct {
    unsigned n_parts, n_late;
    uint64_t n_meant, n_good, n_latencies, body_bytes;
    double seconds;
} parts_seen;

static void see_part(void *context, const rk_load_result *part)
{
    parts_seen *seen = context;
    seen->n_parts++;
    seen->n_late += rk_quantile_at(&part->latency_ns, 1) > 100 * UINT64_C(1000000);
    seen->n_meant += part->n_meant;
    seen->n_good += part->n_good;
    seen->n_latencies += part->latency_ns.n;
    seen->body_bytes += part->body_bytes;
    seen->seconds += part->seconds;
}

/* Parts of 250 ms; the stall lies in the second and third, and no request that was due between two parts is missing. */
static void a_run_told_in_parts_is_one_run(void **state)
{
    (void)state;
    stage s;
    parts_seen seen = {0};
    rk_error err;
    open_stage(&s, (fake_behaviour){.stall_after_ms = 400, .stall_ms = 200}, 2, RK_SCHEDULE_FIXED);
    rk_load_step step = {500, 1.1, .grace_s = 60, .every_s = 0.25, .tell = see_part, .context = &seen};
    assert_int_equal(rk_load_run(s.load, step, &s.result, &err), RK_OK);
    assert_int_equal(seen.n_parts, 4); /* the rest of 0.1 s belongs to the last */
    assert_true(seen.n_late >= 1);
    assert_in_range(s.result.n_meant, 545, 550);
    assert_int_equal(s.result.n_good, s.result.n_meant);
    assert_int_equal(seen.n_meant, s.result.n_meant);
    assert_int_equal(seen.n_good, s.result.n_good);
    assert_int_equal(seen.n_latencies, s.result.latency_ns.n);
    assert_int_equal(seen.body_bytes, s.result.body_bytes);
    assert_true(fabs(seen.seconds - 1.1) < 1e-6 && fabs(s.result.seconds - 1.1) < 1e-6);
    assert_true(quantile_ms(&s, 0.99) > 150);
    close_stage(&s);
}

static void overload_counts_as_lateness_and_as_missing_answers(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, (fake_behaviour){.service_us = 2000}, 16, RK_SCHEDULE_FIXED); /* carries 500/s at the best */
    run_with_grace(&s, 2000, 0.5, 0.5);
    assert_in_range(s.result.n_meant, 995, 1000);
    assert_true(s.result.n_good < 600);
    assert_int_equal(s.result.n_good + s.result.n_unanswered, s.result.n_meant);
    assert_int_equal(s.result.latency_ns.n, s.result.n_meant);
    assert_true(quantile_ms(&s, 0.99) > 400);
    run(&s, 100, 0.3); /* and the next run begins afresh */
    assert_true(s.result.n_good >= 29);
    close_stage(&s);
}

static void as_fast_as_it_goes_finds_the_saturation(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, (fake_behaviour){.service_us = 1000}, 8, RK_SCHEDULE_FIXED);
    run(&s, HUGE_VAL, 0.4);
    assert_in_range(s.result.n_good, 8, 409); /* one for each connection at the least, however busy the machine */
    assert_int_equal(s.result.n_errors, 0);
    close_stage(&s);
}

static void wrong_answers_are_errors_not_successes(void **state)
{
    (void)state;
    static const char *const replies[] = {
        "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        "SMTP ready\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more",
    };
    for (size_t i = 0; i < RK_COUNT_OF(replies); i++) {
        stage s;
        open_stage(&s, (fake_behaviour){.reply = replies[i]}, 2, RK_SCHEDULE_FIXED);
        run(&s, 200, 0.1);
        assert_int_equal(s.result.n_good, 0);
        assert_int_equal(s.result.n_errors, s.result.n_meant);
        close_stage(&s);
    }
}

static void a_server_that_closes_each_time_is_followed(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, (fake_behaviour){.reply = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"}, 2,
               RK_SCHEDULE_FIXED);
    run(&s, 200, 0.2);
    assert_int_equal(s.result.n_good, s.result.n_meant);
    close_stage(&s);
}

static void nobody_listening_is_a_clear_failure(void **state)
{
    (void)state;
    stage s;
    open_stage(&s, (fake_behaviour){0}, 4, RK_SCHEDULE_FIXED);
    fake_server_stop(s.server);
    rk_error err;
    assert_int_equal(rk_load_run(s.load, (rk_load_step){2000, 5, .grace_s = 0.1}, &s.result, &err), RK_IO);
    assert_non_null(strstr(err.message, "cannot connect to 127.0.0.1:"));
    rk_load_free(s.load);
    rk_requests_release(&s.requests);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_is_counted_once),
        cmocka_unit_test(a_poisson_schedule_keeps_its_rate_and_repeats_by_seed),
        cmocka_unit_test(a_stall_shows_in_the_tail_as_shoppers_feel_it),
        cmocka_unit_test(a_run_told_in_parts_is_one_run),
        cmocka_unit_test(overload_counts_as_lateness_and_as_missing_answers),
        cmocka_unit_test(as_fast_as_it_goes_finds_the_saturation),
        cmocka_unit_test(wrong_answers_are_errors_not_successes),
        cmocka_unit_test(a_server_that_closes_each_time_is_followed),
        cmocka_unit_test(nobody_listening_is_a_clear_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_measure.c - whole measurements of servers of known behaviour, and profiles written and read. */
#include "support/test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure/measure.h"
#include "unit/measure/fake_server.h"

typedef struct {
    fake_server *server;
    char url[64], paths[32], profile[32];
    rk_measure_options options;
} stage;

static void open_stage(stage *s, fake_behaviour behaviour)
{
    *s = (stage){.server = fake_server_start(behaviour),
                 .paths = "/tmp/test_measure_XXXXXX",
                 .profile = "/tmp/test_profile_XXXXXX"};
    int fd = mkstemp(s->paths);
    assert_int_equal(write(fd, "/a\n", 3), 3);
    close(fd);
    close(mkstemp(s->profile));
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", fake_server_port(s->server));
    s->options = rk_measure_defaults();
    s->options.url = s->url;
    s->options.paths_file = s->paths;
    s->options.slo_ms_p99 = 50;
    s->options.seconds = 3;
    s->options.points = 10;
}

static void close_stage(stage *s)
{
    fake_server_stop(s->server);
    unlink(s->paths);
    unlink(s->profile);
}

static rk_status measure(stage *s, rk_profile *out, rk_error *err)
{
    return rk_measure(&s->options, &(rk_run){.seed = 1}, out, err);
}

/* One request at a time, 4 ms each, whatever the machine. A point holds when 99 % of its requests are answered within
 * 50 ms of their time: in a step of 0.5 s so at most 0.55 / 0.004 / 0.99 = 139 requests, 278/s. A slower machine may
 * find any rate below, or none (test_knee.c holds the search itself). */
static void the_knee_of_a_real_server_lies_below_its_capacity(void **state)
{
    (void)state;
    stage s;
    rk_profile profile;
    rk_error err;
    open_stage(&s, (fake_behaviour){.service_us = 4000});
    s.options.schedule = RK_SCHEDULE_FIXED;
    s.options.seconds = 5;
    assert_int_equal(measure(&s, &profile, &err), RK_OK);
    assert_true(profile.knee_rps <= 278);
    assert_true(profile.is_shared);
    assert_true(profile.response_bytes == 2);
    double before = 0, best = 0;
    unsigned n_runs = 0;
    for (size_t i = 0; rk_profile_point_at(&profile, i); i++) {
        const rk_profile_point *p = rk_profile_point_at(&profile, i);
        assert_true(p->offered_rps >= before && p->offered_rps > 0);
        assert_true(p->latency_ms_p50 >= 4 && p->latency_ms_p50 <= p->latency_ms_p99);
        assert_true(p->latency_ms_p99 <= p->latency_ms_p999 && p->latency_ms_p999 <= p->latency_ms_max);
        assert_true(!p->within_slo || p->latency_ms_p99 <= 50);
        assert_true(isnan(p->cpu_ms_per_request)); /* the fake server does not tell */
        best = p->within_slo && p->achieved_rps > best ? p->achieved_rps : best;
        before = p->offered_rps;
        n_runs += p->repeats;
    }
    assert_true(profile.knee_rps == best);
    assert_in_range(n_runs, 1, s.options.points - 1); /* and one to warm up */
    rk_profile_release(&profile);
    close_stage(&s);
}

static void a_fixed_rate_is_one_point_of_three_runs(void **state)
{
    (void)state;
    stage s;
    rk_profile profile;
    rk_error err;
    open_stage(&s, (fake_behaviour){0});
    s.options.rate_rps = 200;
    s.options.seconds = 1;
    s.options.schedule = RK_SCHEDULE_FIXED;
    assert_int_equal(measure(&s, &profile, &err), RK_OK);
    assert_int_equal(profile.points.n, 1);
    const rk_profile_point *p = rk_profile_point_at(&profile, 0);
    assert_int_equal(p->repeats, 3);
    assert_in_range((int)p->offered_rps, 190, 200);
    assert_true(p->errors == 0);
    rk_profile_release(&profile);
    close_stage(&s);
}

static void a_long_run_is_one_point_and_its_parts(void **state)
{
    (void)state;
    stage s;
    rk_profile profile, read;
    rk_error err;
    open_stage(&s, (fake_behaviour){0});
    s.options.rate_rps = 200;
    s.options.seconds = 1;
    s.options.every_s = 0.25;
    s.options.schedule = RK_SCHEDULE_FIXED;
    assert_int_equal(measure(&s, &profile, &err), RK_OK);
    assert_int_equal(profile.points.n, 1);
    assert_int_equal(profile.parts.n, 4);
    const rk_profile_point *parts = profile.parts.data;
    uint64_t n = 0;
    for (size_t i = 0; i < profile.parts.n; i++) {
        n += parts[i].requests;
    }
    assert_in_range(n, 198, 200);
    assert_int_equal(rk_profile_point_at(&profile, 0)->requests, n);
    assert_int_equal(rk_profile_write(&profile, s.profile, &err), RK_OK);
    assert_int_equal(rk_profile_read(s.profile, &read, &err), RK_OK);
    rk_text a = {0}, b = {0};
    rk_profile_format(&profile, &a);
    rk_profile_format(&read, &b);
    assert_string_equal(a.at, b.at);
    rk_text_release(&a);
    rk_text_release(&b);
    rk_profile_release(&profile);
    rk_profile_release(&read);
    s.options.rate_rps = 0;
    assert_int_equal(measure(&s, &profile, &err), RK_BAD_USAGE);
    close_stage(&s);
}

static void a_profile_reads_back_as_it_was_written(void **state)
{
    (void)state;
    stage s;
    rk_profile profile, read;
    rk_error err;
    open_stage(&s, (fake_behaviour){0});
    s.options.rate_rps = 100;
    s.options.seconds = 0.5;
    assert_int_equal(measure(&s, &profile, &err), RK_OK);
    profile.server_threads = profile.machine.cores + 1; /* more threads than cores are no more cores */
    assert_int_equal(rk_profile_write(&profile, s.profile, &err), RK_OK);
    assert_int_equal(rk_profile_read(s.profile, &read, &err), RK_OK);
    rk_text a = {0}, b = {0};
    assert_int_equal(read.server_threads, profile.server_threads);
    assert_int_equal(rk_profile_cores(&read), profile.machine.cores);
    read.server_threads = 1;
    assert_int_equal(rk_profile_cores(&read), 1);
    read.server_threads = profile.server_threads;
    rk_profile_format(&profile, &a);
    rk_profile_format(&read, &b);
    assert_string_equal(a.at, b.at);
    rk_text_release(&a);
    rk_text_release(&b);
    rk_profile_release(&profile);
    rk_profile_release(&read);
    close_stage(&s);
}

static void what_is_no_profile_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "[]",
                                      "{",
                                      "{\"reckon\":\"dataset/1\"}",
                                      "{\"reckon\":\"profile/1\"}",
                                      "{\"reckon\":\"profile/1\",\"reckon\":\"profile/1\"}"};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        char path[] = "/tmp/test_profile_XXXXXX";
        int fd = mkstemp(path);
        assert_int_equal(write(fd, bad[i], strlen(bad[i])), strlen(bad[i]));
        close(fd);
        rk_profile profile;
        rk_error err;
        assert_int_equal(rk_profile_read(path, &profile, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, path));
        unlink(path);
    }
}

static void nothing_to_measure_is_told_at_once(void **state)
{
    (void)state;
    stage s;
    rk_profile profile;
    rk_error err;
    open_stage(&s, (fake_behaviour){.reply = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"});
    assert_int_equal(measure(&s, &profile, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "answers no request with success"));
    s.options.paths_file = NULL;
    assert_int_equal(measure(&s, &profile, &err), RK_BAD_USAGE);
    s.options.url = NULL;
    assert_int_equal(measure(&s, &profile, &err), RK_BAD_USAGE);
    s.options.model_path = "/nowhere.rk";
    s.options.program = "/nowhere/reckon";
    assert_int_equal(measure(&s, &profile, &err), RK_IO);
    assert_string_equal(err.message, "the server's program could not be started");
    close_stage(&s);
}

/* It says its port, as it was told to, and dies of a signal with a word. */
static void measure_dying(stage *s, unsigned port, rk_error *err)
{
    rk_profile profile;
    char program[] = "/tmp/test_program_XXXXXX";
    int fd = mkstemp(program);
    assert_true(dprintf(fd,
                        "#!/bin/sh\n"
                        "echo 'reckon: listening' >&2\n"
                        "while [ \"$1\" != --port-file ]; do shift; done\n"
                        "echo %u >\"$2\"\n"
                        "sleep .05\n"
                        "echo 'reckon: out of luck' >&2\n"
                        "kill -9 $$\n",
                        port) > 0);
    assert_int_equal(fchmod(fd, 0700), 0);
    close(fd);
    s->options.url = NULL;
    s->options.model_path = "/nowhere.rk"; /* nobody reads it: what to ask is in a file */
    s->options.program = program;
    assert_int_equal(measure(s, &profile, err), RK_IO);
    assert_string_equal(err->message, "the server ended in the midst: the server was ended by signal 9: out of luck");
    unlink(program);
}

static void a_server_that_dies_is_told_with_its_last_words(void **state)
{
    (void)state;
    stage s;
    rk_error err;
    open_stage(&s, (fake_behaviour){.service_us = 100});
    measure_dying(&s, 1, &err); /* nobody listens there */
    s.options.seconds = 1;
    measure_dying(&s, fake_server_port(s.server), &err); /* who answers is not who was started */
    close_stage(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_knee_of_a_real_server_lies_below_its_capacity),
        cmocka_unit_test(a_fixed_rate_is_one_point_of_three_runs),
        cmocka_unit_test(a_long_run_is_one_point_and_its_parts),
        cmocka_unit_test(a_profile_reads_back_as_it_was_written),
        cmocka_unit_test(what_is_no_profile_is_refused),
        cmocka_unit_test(nothing_to_measure_is_told_at_once),
        cmocka_unit_test(a_server_that_dies_is_told_with_its_last_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

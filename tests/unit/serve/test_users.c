/* Claims about one user's data: all that is held of him is shown, erasing leaves no byte of him in the folder, and what
 * was asked is done even if the server is killed in the middle of it. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/dataset.h"
#include "data/ingest.h"
#include "serve/exposures.h"
#include "store/erased.h"
#include "store/wal.h"
#include "support/test.h"
#include "text/wares.h"
#include "unit/serve/stage.h"

static const char name[] = "ann-who-leaves";

static void log_of(const stage *s, char path[128]) { snprintf(path, 128, "%s/events", s->folder); }

static void remove_log(const stage *s)
{
    char path[128];
    log_of(s, path);
    stage_drop_folder(path);
}

static void open_log(stage *s)
{
    char path[128];
    log_of(s, path);
    stage_start(s, &(rk_serve_options){.events_path = path});
}

static void reopen(stage *s)
{
    rk_server_stop(s->server);
    open_log(s);
}

static int open_stage(void **state)
{
    static stage s;
    stage_prepare(&s);
    open_log(&s);
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

static void post(const stage *s, const char *user, const char *item, unsigned n)
{
    static raw_answer answer;
    char *body = malloc(n * 200), *request = malloc(n * 200 + 200), *at = body;
    for (unsigned i = 0; i < n; i++) {
        at += sprintf(at, "{\"user\":\"%s\",\"item\":\"%s\",\"time\":%u}\n", user, item, 1700000000 + i);
    }
    sprintf(request, "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
    raw_ask(s->port, request, &answer);
    assert_int_equal(answer.status, 200);
    free(body);
    free(request);
}

static raw_answer *ask(const stage *s, const char *method, const char *user)
{
    static raw_answer answer;
    char request[300];
    snprintf(request, sizeof request, "%s /v1/users/%s HTTP/1.1\r\nHost: a\r\n\r\n", method, user);
    raw_ask(s->port, request, &answer);
    return &answer;
}

static void assert_has(const raw_answer *answer, const char *part)
{
    if (answer->status != 200 || !strstr(answer->body, part)) {
        fail_msg("no '%s' in %u %s", part, answer->status, answer->body);
    }
}

/* How often the words stand in the files of the log. */
static unsigned n_bytes_of(const stage *s, const char *words)
{
    char path[128];
    unsigned n = 0;
    log_of(s, path);
    DIR *dir = opendir(path);
    for (struct dirent *entry; (entry = readdir(dir));) {
        static char bytes[4 << 20];
        int fd = openat(dirfd(dir), entry->d_name, O_RDONLY);
        ssize_t size = read(fd, bytes, sizeof bytes);
        close(fd);
        for (char *at = bytes; size > 0 && (at = memmem(at, (size_t)(bytes + size - at), words, strlen(words))); at++) {
            n++;
        }
    }
    closedir(dir);
    return n;
}

static void all_that_is_held_is_shown(void **state)
{
    stage *s = *state;
    post(s, "u1", "i7", 2);
    post(s, "u2", "i8", 1);
    raw_answer *answer = ask(s, "GET", "u1");
    assert_has(answer, "\"user\":\"u1\",\"model\":{\"label\":\"");
    assert_has(answer, "\"knows\":true,\"barred\":false,\"items\":[\"i");
    assert_has(answer, "\"recent\":[\"i7\"],\"events\":[{\"user\":\"u1\",\"item\":\"i7\",");
    assert_null(strstr(answer->body, "i8"));
    assert_has(ask(s, "GET", "nobody"), "\"knows\":false,\"barred\":false,\"items\":[]},\"recent\":[],\"events\":[]}");
}

static void a_long_history_comes_in_pages(void **state)
{
    enum { N = 10000 };
    stage *s = *state;
    raw_answer *answer;
    post(s, "u2", "i8", 3);
    post(s, "b", "i7", 6000);
    post(s, "b", "i7", 4005);
    answer = malloc(sizeof *answer); /* the answer is longer than the client takes: only its end is wanted */
    assert_non_null(answer);
    raw_ask(s->port, "GET /v1/users/b?from=10003 HTTP/1.1\r\nHost: a\r\n\r\n", answer);
    assert_int_equal(answer->status, 200);
    unsigned n = 0;
    for (const char *at = answer->body; (at = strstr(at, "\"user\":\"b\",\"item\"")); at++) {
        n++;
    }
    assert_int_equal(n, 5);
    assert_null(strstr(answer->body, "\"next\""));
    free(answer);
}

static void erasing_leaves_no_byte_and_says_what_went(void **state)
{
    stage *s = *state;
    for (unsigned i = 0; i < 5; i++) {
        post(s, name, "i3", 3);
        post(s, "u2", "i8", 2);
    }
    assert_int_equal(n_bytes_of(s, name), 15);
    raw_answer *answer = ask(s, "DELETE", name);
    assert_has(answer, "\"memory\":{\"items\":1},\"log\":{\"events\":15,\"files_rewritten\":1,\"records_searched\":25,"
                       "\"left\":0},\"model\":{\"label\":\"");
    assert_has(answer, "\"history\":\"none\"");
    assert_int_equal(n_bytes_of(s, name), 0);
    assert_int_equal(n_bytes_of(s, "\"u2\""), 10);
    assert_has(ask(s, "DELETE", name), "\"events\":0"); /* again: the same, and nothing more to do */
    answer = ask(s, "GET", name);
    assert_has(answer, "\"barred\":true,\"items\":[]},\"recent\":[],\"events\":[]}");
    reopen(s);
    assert_has(ask(s, "GET", name), "\"erased\":\"20");
    assert_has(ask(s, "GET", "u2"), "\"recent\":[\"i8\"]");
    post(s, name, "i4", 1); /* who comes again is somebody new */
    assert_has(ask(s, "GET", name), "\"recent\":[\"i4\"],\"events\":[{");
}

/* The served model knows u1; once he is erased, it answers as to a stranger, also after a restart. */
static void the_model_bars_his_history_at_once(void **state)
{
    static raw_answer before, after;
    stage *s = *state;
    stage_get(s, "/v1/recommend?user=u1&n=5", &before);
    assert_null(strstr(before.body, "\"kind\":\"popular\""));
    assert_has(ask(s, "DELETE", "u1"), "\"history\":\"barred\"");
    for (int i = 0; i < 2; i++) {
        stage_get(s, "/v1/recommend?user=u1&n=5", &after);
        assert_has(&after, "\"kind\":\"popular\"");
        assert_null(strstr(after.body, "\"kind\":\"bought\""));
        stage_get(s, "/v1/explain?user=u1&item=i1", &after);
        assert_has(&after, "\"kind\":\"popular\"");
        stage_get(s, "/v1/recommend?user=u2&n=5", &after);
        assert_null(strstr(after.body, "\"kind\":\"popular\""));
        reopen(s);
    }
}

/* All behind the request's own number. */
static const char *found_by(const stage *s, const char *user, raw_answer *answer)
{
    char target[100];
    snprintf(target, sizeof target, "/v1/search?q=lamp&n=50&user=%s", user);
    stage_get(s, target, answer);
    assert_int_equal(answer->status, 200);
    return strstr(answer->body, "\"items\"");
}

/* His taste orders what he searches for; once he is erased, he finds what a stranger finds. */
static void a_search_bars_his_history_at_once(void **state)
{
    (void)state;
    static stage s;
    static raw_answer his, strangers;
    char events[128], wares[128], path[160];
    rk_wares_options options = rk_wares_defaults();
    rk_error err;
    stage_prepare(&s);
    log_of(&s, events);
    snprintf(wares, sizeof wares, "%s/wares", s.folder);
    assert_int_equal(rk_wares_create(wares, s.data, &options, &s.run, &err), RK_OK);
    stage_start(&s, &(rk_serve_options){.events_path = events, .search_path = wares});
    assert_string_not_equal(found_by(&s, "u1", &his), found_by(&s, "nobody", &strangers));
    assert_has(ask(&s, "DELETE", "u1"), "\"history\":\"barred\"");
    assert_string_equal(found_by(&s, "u1", &his), found_by(&s, "nobody", &strangers));
    rk_server_stop(s.server);
    s.server = NULL;
    remove_log(&s);
    snprintf(path, sizeof path, "%s/log", wares);
    stage_drop_folder(path);
    stage_drop_folder(wares);
    stage_close(&s);
}

static void the_next_model_knows_nothing_of_him(void **state)
{
    stage *s = *state;
    char path[128], out[160];
    rk_error err;
    rk_run run = {0};
    rk_ingest_report report;
    log_of(s, path);
    post(s, name, "i3", 3);
    post(s, "u2", "i8", 4);
    assert_has(ask(s, "DELETE", name), "\"events\":3");
    snprintf(out, sizeof out, "%s/next.rk", s->folder);
    rk_ingest_options options = rk_ingest_defaults();
    const char *paths[] = {path};
    options.paths = paths;
    options.n_paths = 1;
    options.out_path = out;
    if (rk_ingest(&options, &run, &report, &err)) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(report.n_rows, 4); /* and no row to wonder about */
    assert_int_equal(report.n_users_seen, 1);
    rk_ingest_report_release(&report);
    unlink(out);
}

static void a_server_without_a_log_has_nothing_to_erase(void **state)
{
    (void)state;
    static stage s;
    stage_open(&s, 0);
    assert_int_equal(ask(&s, "DELETE", "u1")->status, 501);
    assert_int_equal(ask(&s, "GET", "u1")->status, 501);
    stage_close(&s);
}

/* What was shown to him goes, too, whether it is on disk yet or not. */
static void exposures_are_erased_like_events(void **state)
{
    (void)state;
    static stage s;
    char path[128];
    rk_exposures *exposures;
    rk_erase_proof proof;
    rk_error err;
    rk_slice items[] = {RK_SLICE("i1")};
    stage_prepare(&s);
    log_of(&s, path);
    assert_int_equal(rk_exposures_start(path, &s.run, &exposures, &err), RK_OK);
    for (unsigned i = 0; i < 30; i++) {
        rk_exposures_add(exposures, &(rk_exposure){.id = RK_SLICE("e"),
                                                   .user = i % 3 ? RK_SLICE("u2") : rk_slice_of(name),
                                                   .experiment = RK_SLICE("x"),
                                                   .variant = RK_SLICE("a"),
                                                   .propensity = 0.5,
                                                   .items = items,
                                                   .n_items = 1});
    }
    assert_int_equal(rk_exposures_erase(exposures, rk_slice_of(name), 1, &proof, &err), RK_OK);
    assert_int_equal(proof.n_events, 10);
    assert_int_equal(proof.n_left, 0);
    assert_int_equal(n_bytes_of(&s, name), 0);
    assert_int_equal(n_bytes_of(&s, "\"u2\""), 20);
    rk_exposures_stop(exposures);
    remove_log(&s);
    stage_close(&s);
}

/* ---- pseudonyms ---- */

static void write_file(const char *path, const char *words)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(words, file);
    fclose(file);
}

/* Under a key no file of the server holds a name, what is asked under it is answered as ever, and the dataset that is
 * made of a log with names knows users by the same pseudonyms. */
static void under_a_key_nothing_holds_a_name(void **state)
{
    (void)state;
    static stage s;
    char path[128], key[128], csv[128], out[128], user[64];
    rk_error err;
    rk_run run = {0};
    rk_ingest_report report;
    rk_dataset data;
    stage_prepare(&s);
    log_of(&s, path);
    snprintf(key, sizeof key, "%s/p.key", s.folder);
    snprintf(csv, sizeof csv, "%s/log.csv", s.folder);
    snprintf(out, sizeof out, "%s/hidden.rk", s.folder);
    write_file(key, "thirty-two bytes that are secret.");
    stage_start(&s, &(rk_serve_options){.events_path = path, .pseudonyms_path = key});
    post(&s, name, "i3", 2);
    assert_int_equal(n_bytes_of(&s, name), 0);
    const raw_answer *answer = ask(&s, "GET", name);
    assert_has(answer, "\"recent\":[\"i3\"]");
    const char *found = strstr(answer->body, "\"user\":\"p");
    assert_non_null(found);
    snprintf(user, sizeof user, "%.33s", found + 8);
    assert_int_equal(n_bytes_of(&s, user), 2);
    static raw_answer asked;
    char target[100];
    snprintf(target, sizeof target, "/v1/recommend?user=%s&n=3", name);
    stage_get(&s, target, &asked);
    assert_has(&asked, "{\"kind\":\"bought\",\"item\":\"i3\"}");

    char line[200];
    snprintf(line, sizeof line, "user,item\nother,i1\n%s,i3\n%s,i4\n", name, name);
    write_file(csv, line);
    rk_ingest_options options = rk_ingest_defaults();
    const char *paths[] = {csv};
    options.paths = paths;
    options.n_paths = 1;
    options.out_path = out;
    options.pseudonyms_path = key;
    if (rk_ingest(&options, &run, &report, &err)) {
        fail_msg("%s", err.message);
    }
    rk_ingest_report_release(&report);
    assert_int_equal(rk_dataset_open(out, &data, &err), RK_OK);
    assert_int_equal(data.n_users, 2);
    assert_int_equal(rk_names_find(&data.users, rk_slice_of(user)), 1);
    assert_int_equal(rk_names_find(&data.users, rk_slice_of(name)), RK_NO_ID);
    rk_dataset_close(&data);

    assert_has(ask(&s, "DELETE", name), "\"events\":2");
    assert_int_equal(n_bytes_of(&s, user), 0);
    rk_server_stop(s.server);
    s.server = NULL;
    write_file(key, "short"); /* a key that is none is refused */
    options.pseudonyms_path = key;
    assert_int_equal(rk_ingest(&options, &run, &report, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "32 to 4096 random bytes, this file has 5"));
    rk_ingest_report_release(&report);
    unlink(key);
    unlink(csv);
    unlink(out);
    remove_log(&s);
    stage_close(&s);
}

/* ---- killed ---- */

static pid_t start_child(stage *s)
{
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        open_log(s);
        ssize_t n = write(pipes[1], &s->port, sizeof s->port);
        for (;;) {
            pause();
        }
        _exit(n > 0);
    }
    assert_int_equal(read(pipes[0], &s->port, sizeof s->port), sizeof s->port);
    close(pipes[0]);
    close(pipes[1]);
    return child;
}

/* Killed at any moment of an erasure: what was acknowledged is done; what was begun is ended at the next start. */
static void killed_in_between_it_is_done_at_the_next_start(void **state)
{
    (void)state;
    static stage s;
    uint64_t seed = 11;
    unsigned n_others = 0;
    signal(SIGPIPE, SIG_IGN);
    stage_prepare(&s);
    for (int round = 0; round < 12; round++) {
        char path[128], request[300];
        pid_t child = start_child(&s);
        post(&s, name, "i3", 500);
        post(&s, "u2", "i8", 500);
        n_others += 500;
        snprintf(request, sizeof request, "DELETE /v1/users/%s HTTP/1.1\r\nHost: a\r\n\r\n", name);
        int fd = raw_connect(s.port);
        assert_true(raw_send(fd, request, strlen(request)));
        usleep(test_random(&seed) % 8000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        static raw_answer answer;
        raw_receive(fd, &answer, false);
        close(fd);
        bool is_acknowledged = answer.status == 200;
        if (is_acknowledged) {
            assert_int_equal(n_bytes_of(&s, name), 0);
        }
        log_of(&s, path);
        rk_erased *erased;
        rk_error err;
        assert_int_equal(rk_erased_open(path, &erased, &err), RK_OK);
        bool is_noted = rk_erased_n_asked(erased) > 0;
        rk_erased_close(erased);
        open_log(&s);
        if (is_noted) {
            assert_int_equal(n_bytes_of(&s, name), 0);
        } else if (!is_acknowledged) { /* it had not begun */
            assert_has(ask(&s, "DELETE", name), "\"left\":0");
        }
        assert_int_equal(n_bytes_of(&s, name), 0);
        assert_int_equal(n_bytes_of(&s, "\"u2\""), n_others);
        rk_server_stop(s.server);
        s.server = NULL;
    }
    remove_log(&s);
    stage_close(&s);
}

#define ON_STAGE(test) cmocka_unit_test_setup_teardown(test, open_stage, close_stage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_STAGE(all_that_is_held_is_shown),
        ON_STAGE(a_long_history_comes_in_pages),
        ON_STAGE(erasing_leaves_no_byte_and_says_what_went),
        ON_STAGE(the_model_bars_his_history_at_once),
        ON_STAGE(the_next_model_knows_nothing_of_him),
        cmocka_unit_test(a_search_bars_his_history_at_once),
        cmocka_unit_test(a_server_without_a_log_has_nothing_to_erase),
        cmocka_unit_test(under_a_key_nothing_holds_a_name),
        cmocka_unit_test(exposures_are_erased_like_events),
        cmocka_unit_test(killed_in_between_it_is_done_at_the_next_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

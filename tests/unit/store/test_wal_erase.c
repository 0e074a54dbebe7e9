/* Claims about erasing from a log: the doomed lose their bytes in every file, all others keep theirs, and a crash in
 * between leaves a log that can be read and erased from again. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "store/erased.h"
#include "store/wal.h"
#include "support/test.h"

enum { SMALL_FILE = 3000, N = 400, MARK_EVERY = 7 };
static const char mark[] = "the-one-who-goes";

static int make_folder(void **state)
{
    char folder[] = "/tmp/reckon-erase-XXXXXX";
    assert_non_null(mkdtemp(folder));
    *state = strdup(folder);
    return 0;
}

/* Calls back for every file of a folder. */
static void each_file(const char *folder, void (*visit)(const char *path, void *context), void *context)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[600];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') {
            visit(path, context);
        }
    }
    closedir(dir);
}

static void drop(const char *path, void *context)
{
    (void)context;
    unlink(path);
}

static int remove_folder(void **state)
{
    each_file(*state, drop, NULL);
    rmdir(*state);
    free(*state);
    return 0;
}

static void count_marks(const char *path, void *context)
{
    static char bytes[1 << 20];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, bytes, sizeof bytes);
    close(fd);
    assert_true(n < (ssize_t)sizeof bytes);
    for (const char *at = bytes, *found;
         n > 0 && (found = memmem(at, (size_t)(bytes + n - at), mark, sizeof mark - 1));) {
        ++*(unsigned *)context;
        at = found + 1;
    }
}

static unsigned n_marks(const char *folder)
{
    unsigned n = 0;
    each_file(folder, count_marks, &n);
    return n;
}

static bool is_marked(uint64_t number) { return number % MARK_EVERY == 3; }

static rk_slice record_of(uint64_t number, char room[200])
{
    int n = snprintf(room, 200, "%s record %" PRIu64 "%.*s", is_marked(number) ? mark : "another's", number,
                     (int)(number % 60), "............................................................");
    return (rk_slice){room, (size_t)n};
}

static void append(rk_wal *wal, uint64_t n)
{
    char room[3][200];
    rk_error err;
    for (uint64_t k = 0; k < n;) {
        rk_slice records[3];
        size_t some = 0;
        uint64_t number = rk_wal_end(wal);
        for (; some < 3 && k < n; some++, k++) {
            records[some] = record_of(number + some, room[some]);
        }
        assert_int_equal(rk_wal_append(wal, records, some, NULL, &err), RK_OK);
    }
}

static rk_wal *open_wal(const char *folder)
{
    rk_wal *wal = NULL;
    rk_error err = {0};
    if (rk_wal_open(folder, (rk_wal_options){SMALL_FILE}, &wal, NULL, &err)) {
        fail_msg("%s", err.message);
    }
    return wal;
}

/* Every record from `from` on is its own, or empty, which just marked ones before `erased` may be; returns the end. */
static uint64_t read_on(rk_wal_reader *reader, uint64_t from, uint64_t erased, bool must_be_gone)
{
    rk_error err = {0};
    rk_slice record;
    for (uint64_t number, wanted = from;; wanted++) {
        char room[200];
        if (rk_wal_next(reader, &number, &record, &err)) {
            fail_msg("%s", err.message);
        }
        if (!record.at) {
            return wanted;
        }
        assert_int_equal(number, wanted);
        if (record.n == 0) {
            assert_true(is_marked(number) && number < erased);
        } else {
            assert_false(must_be_gone && is_marked(number) && number < erased);
            assert_true(rk_slice_equal(record, record_of(number, room)));
        }
    }
}

static uint64_t read_all(const char *folder, uint64_t erased, bool must_be_gone)
{
    rk_wal_reader *reader = NULL;
    rk_error err;
    assert_int_equal(rk_wal_reader_open(folder, 0, &reader, &err), RK_OK);
    uint64_t end = read_on(reader, 0, erased, must_be_gone);
    rk_wal_reader_close(reader);
    return end;
}

static bool is_doomed(void *context, uint64_t number, rk_slice record)
{
    (void)context;
    (void)number;
    return memmem(record.at, record.n, mark, sizeof mark - 1) != NULL;
}

static rk_wal_erasure erase(rk_wal *wal, uint64_t end)
{
    rk_error err;
    rk_wal_erasure done;
    if (rk_wal_erase(wal, end, is_doomed, NULL, &done, &err)) {
        fail_msg("%s", err.message);
    }
    return done;
}

static void the_doomed_are_gone_from_every_file(void **state)
{
    rk_wal *wal = open_wal(*state);
    append(wal, N);
    unsigned n_wanted = n_marks(*state);
    assert_true(n_wanted > N / MARK_EVERY - 2);
    rk_wal_erasure done = erase(wal, N);
    assert_int_equal(done.n_records, n_wanted);
    assert_int_equal(done.n_seen, N);
    assert_true(done.n_files > 3);
    assert_int_equal(n_marks(*state), 0);
    assert_int_equal(read_all(*state, N, true), N);
    done = erase(wal, N);
    assert_int_equal(done.n_records + done.n_files, 0);
    append(wal, N); /* what comes later is not touched, and the log goes on where it was */
    assert_int_equal(erase(wal, N).n_records, 0);
    assert_int_equal(read_all(*state, N, true), 2 * N);
    rk_wal_close(wal);
    wal = open_wal(*state);
    assert_int_equal(rk_wal_end(wal), 2 * N);
    rk_wal_close(wal);
}

/* Readers that were there before go on, in old files and in new ones. */
static void a_reader_goes_on_behind_an_erasure(void **state)
{
    rk_wal *wal = open_wal(*state);
    rk_wal_reader *half, *whole;
    rk_error err;
    rk_slice record;
    uint64_t number;
    append(wal, N);
    assert_int_equal(rk_wal_reader_open(*state, 0, &half, &err), RK_OK);
    assert_int_equal(rk_wal_reader_open(*state, 0, &whole, &err), RK_OK);
    for (uint64_t i = 0; i < N / 2; i++) {
        assert_int_equal(rk_wal_next(half, &number, &record, &err), RK_OK);
    }
    assert_int_equal(read_on(whole, 0, 0, false), N);
    erase(wal, N);
    append(wal, N);
    assert_int_equal(read_on(half, N / 2, N, false), 2 * N);
    assert_int_equal(read_on(whole, N, N, false), 2 * N);
    rk_wal_reader_close(half);
    rk_wal_reader_close(whole);
    rk_wal_close(wal);
}

typedef struct {
    rk_wal *wal;
    atomic_bool is_over;
} writer;

static void *write_on(void *context)
{
    writer *w = context;
    while (!atomic_load(&w->is_over)) {
        append(w->wal, 3);
        usleep(1000); /* or a reader never comes to the end */
    }
    return NULL;
}

static void appending_goes_on_meanwhile(void **state)
{
    writer w = {.wal = open_wal(*state)};
    pthread_t thread;
    append(w.wal, N);
    assert_int_equal(pthread_create(&thread, NULL, write_on, &w), 0);
    for (int i = 0; i < 20; i++) {
        uint64_t end = rk_wal_end(w.wal);
        erase(w.wal, end);
        read_all(*state, UINT64_MAX, false);
    }
    atomic_store(&w.is_over, true);
    pthread_join(thread, NULL);
    uint64_t end = rk_wal_end(w.wal);
    erase(w.wal, end);
    assert_int_equal(n_marks(*state), 0);
    assert_int_equal(read_all(*state, end, true), end);
    rk_wal_close(w.wal);
}

/* Killed at any moment of it, the log is whole; the next opening clears what was left, and erasing again ends it. */
static void killed_in_between_nothing_else_is_lost(void **state)
{
    uint64_t seed = 5;
    rk_wal *wal = open_wal(*state);
    append(wal, N);
    rk_wal_close(wal);
    for (int round = 0; round < 15; round++) {
        pid_t child = fork();
        if (child == 0) {
            rk_wal_erasure done;
            wal = open_wal(*state);
            _exit(rk_wal_erase(wal, N, is_doomed, NULL, &done, NULL) ? 1 : 0);
        }
        usleep(test_random(&seed) % 20000);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_int_equal(read_all(*state, N, false), N);
    }
    wal = open_wal(*state);
    erase(wal, N);
    assert_int_equal(n_marks(*state), 0);
    assert_int_equal(read_all(*state, N, true), N);
    rk_wal_close(wal);
}

/* ---- the list ---- */

static void the_list_comes_back_and_names_nobody(void **state)
{
    rk_erased *erased;
    rk_erasure found;
    rk_error err;
    assert_int_equal(rk_erased_open(*state, &erased, &err), RK_OK);
    assert_int_equal(rk_erased_count(erased), 0);
    assert_int_equal(rk_erased_add(erased, rk_slice_of(mark), 17, 1000, &err), RK_OK);
    assert_int_equal(rk_erased_add(erased, RK_SLICE("ann"), 20, 2000, &err), RK_OK);
    assert_int_equal(rk_erased_finish(erased, (rk_slice){"", 0}, &err), RK_OK);
    assert_int_equal(rk_erased_add(erased, RK_SLICE("ann"), 30, 3000, &err), RK_OK); /* again */
    rk_erased_close(erased);
    assert_int_equal(n_marks(*state), 0);
    assert_int_equal(rk_erased_open(*state, &erased, &err), RK_OK);
    assert_int_equal(rk_erased_count(erased), 2);
    assert_int_equal(rk_erased_n_asked(erased), 1);
    assert_true(rk_erased_find(erased, RK_SLICE("ann"), &found));
    assert_true(found.before == 30 && found.time_s == 3000 && !found.is_done);
    assert_true(rk_erased_find(erased, rk_slice_of(mark), &found));
    assert_true(found.before == 17 && found.is_done);
    assert_false(rk_erased_find(erased, RK_SLICE("bob"), NULL));
    rk_erased_close(erased);
}

/* The disk refuses one erasure; the next one, of somebody else, does not call it done. */
static void what_failed_stays_asked_when_another_is_done(void **state)
{
    rk_erased *erased;
    rk_erasure found;
    rk_error err;
    char away[200];
    snprintf(away, sizeof away, "%s.away", (const char *)*state);
    assert_int_equal(rk_erased_open(*state, &erased, &err), RK_OK);
    assert_int_equal(rename(*state, away), 0);
    assert_int_not_equal(rk_erased_add(erased, RK_SLICE("ann"), 17, 1000, &err), RK_OK);
    assert_int_equal(rename(away, *state), 0);
    assert_true(rk_erased_find(erased, RK_SLICE("ann"), &found) && !found.is_done); /* barred all the same */
    assert_int_equal(rk_erased_add(erased, RK_SLICE("bob"), 20, 2000, &err), RK_OK);
    assert_int_equal(rename(*state, away), 0);
    assert_int_not_equal(rk_erased_finish(erased, RK_SLICE("bob"), &err), RK_OK);
    assert_true(rk_erased_find(erased, RK_SLICE("bob"), &found) && !found.is_done);
    assert_int_equal(rename(away, *state), 0);
    assert_int_equal(rk_erased_finish(erased, RK_SLICE("bob"), &err), RK_OK);
    rk_erased_close(erased);
    assert_int_equal(rk_erased_open(*state, &erased, &err), RK_OK);
    assert_true(rk_erased_find(erased, RK_SLICE("bob"), &found) && found.is_done);
    assert_true(rk_erased_find(erased, RK_SLICE("ann"), &found) && !found.is_done && found.before == 17);
    rk_erased_close(erased);
}

static void a_damaged_list_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "reckon erased/2 00\n",
        "reckon erased/1 0011\n",
        "reckon erased/1 "
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
        "\n0011 3 4 done\n",
        "reckon erased/1 "
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
        "\n00112233445566778899aabbccddeeff 3 4 done\n00112233445566778899aabbccddeeff 3 4 done\n",
        "reckon erased/1 "
        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
        "\n00112233445566778899aabbccddeeff 3 4 soon\n",
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        char path[300];
        rk_erased *erased;
        rk_error err;
        snprintf(path, sizeof path, "%s/erased", (const char *)*state);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(cases[i], file);
        fclose(file);
        assert_int_equal(rk_erased_open(*state, &erased, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, "/erased:"));
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(the_doomed_are_gone_from_every_file),
        IN_FOLDER(a_reader_goes_on_behind_an_erasure),
        IN_FOLDER(appending_goes_on_meanwhile),
        IN_FOLDER(killed_in_between_nothing_else_is_lost),
        IN_FOLDER(the_list_comes_back_and_names_nobody),
        IN_FOLDER(what_failed_stays_asked_when_another_is_done),
        IN_FOLDER(a_damaged_list_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_wal.c - what was acknowledged is there, once, after everything that may happen to a process and to its files. */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/wal.h"
#include "support/test.h"

enum { LONGEST = 300, SMALL_FILE = 2000, STRIDE = 5 }; /* STRIDE: of the bytes tried; odd */

static int make_folder(void **state)
{
    char folder[] = "/tmp/reckon-wal-XXXXXX";
    assert_non_null(mkdtemp(folder));
    *state = strdup(folder);
    return 0;
}

static int remove_folder(void **state)
{
    DIR *dir = opendir(*state);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    closedir(dir);
    rmdir(*state);
    free(*state);
    return 0;
}

/* The record of this number: its length and bytes follow from it. */
static rk_slice record_of(uint64_t number, char room[LONGEST])
{
    uint64_t seed = number + 1;
    size_t n = test_random(&seed) % LONGEST;
    for (size_t i = 0; i < n; i++) {
        room[i] = (char)test_random(&seed);
    }
    return (rk_slice){room, n};
}

static rk_wal *open_wal(const char *folder, uint64_t file_bytes, rk_wal_found *found)
{
    rk_wal *wal = NULL;
    rk_error err = {0};
    rk_status status = rk_wal_open(folder, (rk_wal_options){file_bytes}, &wal, found, &err);
    if (status) {
        fail_msg("%s", err.message);
    }
    return wal;
}

/* Groups of one to three records, up to number n. */
static void append_up_to(rk_wal *wal, uint64_t n)
{
    char room[3][LONGEST];
    rk_slice records[3];
    rk_error err;
    for (uint64_t number = rk_wal_end(wal), first; number < n;) {
        size_t k = 0;
        for (; k < 1 + number % 3 && number + k < n; k++) {
            records[k] = record_of(number + k, room[k]);
        }
        assert_int_equal(rk_wal_append(wal, records, k, &first, &err), RK_OK);
        assert_int_equal(first, number);
        number += k;
    }
}

/* Reads on; every record is that of its number. Returns the number after the last. */
static uint64_t read_on(rk_wal_reader *reader, uint64_t first)
{
    rk_error err = {0};
    rk_slice record;
    for (uint64_t number;; first++) {
        char room[LONGEST];
        rk_status status = rk_wal_next(reader, &number, &record, &err);
        if (status) {
            fail_msg("%s", err.message);
        }
        if (!record.at) {
            return first;
        }
        assert_int_equal(number, first);
        assert_true(rk_slice_equal(record, record_of(number, room)));
    }
}

static uint64_t read_all(const char *folder, uint64_t from)
{
    rk_wal_reader *reader = NULL;
    rk_error err;
    assert_int_equal(rk_wal_reader_open(folder, from, &reader, &err), RK_OK);
    uint64_t end = read_on(reader, from);
    rk_wal_reader_close(reader);
    return end;
}

static void records_come_back_across_files_and_openings(void **state)
{
    rk_wal_found found;
    rk_error err;
    for (uint64_t n = 0, before = 0; n <= 400; before = n, n += 80) {
        rk_wal *wal = open_wal(*state, SMALL_FILE, &found);
        assert_int_equal(found.first, 0);
        assert_int_equal(found.end, before);
        assert_int_equal(found.cut_bytes, 0);
        append_up_to(wal, n);
        rk_wal_close(wal);
        assert_int_equal(read_all(*state, 0), n);
        assert_int_equal(read_all(*state, n / 2), n);
    }
    rk_wal *wal = open_wal(*state, SMALL_FILE, NULL);
    assert_int_equal(rk_wal_drop(wal, 250, &err), RK_OK);
    rk_wal_close(wal);
    wal = open_wal(*state, SMALL_FILE, &found);
    assert_in_range(found.first, 200, 250);
    assert_int_equal(found.end, 400);
    rk_wal_close(wal);
    assert_int_equal(read_all(*state, 250), 400);
}

static void a_reader_follows_the_writer(void **state)
{
    rk_wal *wal = open_wal(*state, SMALL_FILE, NULL);
    rk_wal_reader *reader = NULL;
    rk_error err;
    assert_int_equal(rk_wal_reader_open(*state, 0, &reader, &err), RK_OK);
    for (uint64_t n = 0; n < 200; n += 7) {
        append_up_to(wal, n);
        assert_int_equal(read_on(reader, n < 7 ? 0 : n - 7), n);
    }
    rk_wal_reader_close(reader);
    rk_wal_close(wal);
}

static void there_is_one_writer(void **state)
{
    rk_wal *wal = open_wal(*state, 0, NULL), *second = NULL;
    rk_error err;
    assert_int_equal(rk_wal_open(*state, (rk_wal_options){0}, &second, NULL, &err), RK_IO);
    assert_non_null(strstr(err.message, "another process"));
    rk_wal_close(wal);
}

/* ---- files that a crash has left, and damaged ones ---- */

static void path_of(const char *folder, uint64_t first, char path[300])
{
    snprintf(path, 300, "%s/%020" PRIu64 ".wal", folder, first);
}

static size_t load(const char *path, unsigned char *bytes, size_t max)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, max, file);
    fclose(file);
    return n;
}

static void save(const char *path, const unsigned char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

static unsigned char whole[1 << 16], changed[1 << 16];

static void a_torn_end_is_cut_off_wherever_it_is(void **state)
{
    char path[300];
    rk_wal_found found;
    rk_wal *wal = open_wal(*state, 0, NULL);
    append_up_to(wal, 6); /* groups: 0, 1-2, 3, 4-5 */
    rk_wal_close(wal);
    path_of(*state, 0, path);
    size_t n = load(path, whole, sizeof whole);
    uint64_t before = 6;
    for (size_t keep = n - 1; keep<n; keep -= keep> STRIDE || keep == 0 ? STRIDE : 1) { /* the last: 0 */
        save(path, whole, keep);
        wal = open_wal(*state, 0, &found);
        assert_true(found.end == before || found.end + 1 == before);
        before = found.end;
        append_up_to(wal, 7); /* goes on where it ended */
        rk_wal_close(wal);
        assert_int_equal(read_all(*state, 0), 7);
    }
    assert_int_equal(before, 0);
}

/* Where record `number` begins. */
static size_t place_of(uint64_t number)
{
    char room[LONGEST];
    size_t at = 24;
    for (uint64_t i = 0; i < number; i++) {
        at += (24 + record_of(i, room).n + 7) / 8 * 8;
    }
    return at;
}

/* A disk may write the pages of a group in any order before the power fails; zeros may stand where none was written. */
static void parts_of_the_last_group_are_cut_off(void **state)
{
    char path[300];
    rk_wal_found found;
    rk_wal *wal = open_wal(*state, 0, NULL);
    append_up_to(wal, 6);
    rk_wal_close(wal);
    path_of(*state, 0, path);
    size_t n = load(path, whole, sizeof whole), at = place_of(4), end = place_of(5);
    memset(whole + at, 0, end - at);
    save(path, whole, n);
    wal = open_wal(*state, 0, &found);
    assert_int_equal(found.end, 4);
    assert_int_equal(found.cut_bytes, n - at);
    append_up_to(wal, 9);
    rk_wal_close(wal);
    assert_int_equal(read_all(*state, 0), 9);
}

static void any_changed_byte_is_noticed(void **state)
{
    char path[300];
    rk_wal_found found;
    rk_error err;
    rk_wal *wal = open_wal(*state, 0, NULL);
    append_up_to(wal, 6);
    rk_wal_close(wal);
    path_of(*state, 0, path);
    size_t n = load(path, whole, sizeof whole), n_heads = 0, n_inside = 0, n_ends = 0;
    for (size_t at = 0; at < n; at += STRIDE) {
        memcpy(changed, whole, n);
        changed[at] ^= 0x41;
        save(path, changed, n);
        rk_status status = rk_wal_open(*state, (rk_wal_options){0}, &wal, &found, &err);
        if (status) {
            assert_int_equal(status, RK_BAD_INPUT);
            assert_non_null(strstr(err.message, "damaged log"));
            n_heads += at < 24;
            n_inside += at >= 24;
            assert_true(at < place_of(4));
        } else if (found.end == 6) { /* the zeros behind a record */
            n_ends++;
        } else {
            assert_true(found.end >= 4 && at >= place_of(4));
        }
        rk_wal_close(wal);
    }
    assert_int_equal(n_heads, (24 + STRIDE - 1) / STRIDE);
    assert_true(n_inside > 20);
    assert_true(n_ends < 6 * 8);
}

static void a_missing_file_is_noticed(void **state)
{
    char path[300];
    rk_wal_reader *reader = NULL;
    rk_wal *wal = open_wal(*state, SMALL_FILE, NULL);
    rk_error err = {0};
    rk_slice record = {"", 0};
    rk_status status = RK_OK;
    append_up_to(wal, 100);
    rk_wal_close(wal);
    DIR *dir = opendir(*state);
    uint64_t second = UINT64_MAX, number;
    for (struct dirent *entry; (entry = readdir(dir));) {
        uint64_t first = strtoull(entry->d_name, NULL, 10);
        second = first > 0 && first < second ? first : second;
    }
    closedir(dir);
    path_of(*state, second, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rk_wal_reader_open(*state, 0, &reader, &err), RK_OK);
    while (!status && record.at) {
        status = rk_wal_next(reader, &number, &record, &err);
    }
    assert_int_equal(status, RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "cannot be read"));
    rk_wal_reader_close(reader);
}

/* ---- many at once ---- */

enum { WRITERS = 8, EACH = 200 };

typedef struct {
    rk_wal *wal;
    uint32_t me, n;
    uint64_t first[EACH];
    int tell; /* a pipe for what was acknowledged; -1: none */
} writer;

static void *write_some(void *context)
{
    writer *w = context;
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t words[2] = {w->me, i};
        rk_slice pair[2] = {{(const char *)words, sizeof words}, {(const char *)words, sizeof words}};
        rk_error err;
        uint64_t first;
        if (rk_wal_append(w->wal, pair, 2, &first, &err)) {
            return w;
        }
        w->first[i % EACH] = first;
        if (w->tell >= 0 && write(w->tell, words, sizeof words) != sizeof words) {
            return w;
        }
    }
    return NULL;
}

static void run_writers(writer writers[WRITERS], rk_wal *wal, uint32_t n, int tell)
{
    pthread_t threads[WRITERS];
    void *failed;
    for (uint32_t t = 0; t < WRITERS; t++) {
        writers[t] = (writer){.wal = wal, .me = t, .n = n, .tell = tell};
        assert_int_equal(pthread_create(&threads[t], NULL, write_some, &writers[t]), 0);
    }
    for (uint32_t t = 0; t < WRITERS; t++) {
        pthread_join(threads[t], &failed);
        assert_null(failed);
    }
}

static void writers_at_once_get_numbers_of_their_own(void **state)
{
    static writer writers[WRITERS];
    static uint32_t owner[WRITERS * EACH * 2][2];
    rk_wal *wal = open_wal(*state, 1 << 14, NULL);
    rk_wal_reader *reader;
    rk_error err;
    rk_slice record;
    run_writers(writers, wal, EACH, -1);
    assert_int_equal(rk_wal_end(wal), WRITERS * EACH * 2);
    rk_wal_close(wal);
    assert_int_equal(rk_wal_reader_open(*state, 0, &reader, &err), RK_OK);
    for (uint64_t i = 0, number; i < WRITERS * EACH * 2; i++) {
        assert_int_equal(rk_wal_next(reader, &number, &record, &err), RK_OK);
        assert_int_equal(record.n, sizeof owner[i]);
        memcpy(owner[number], record.at, sizeof owner[i]);
    }
    rk_wal_reader_close(reader);
    for (uint32_t t = 0; t < WRITERS; t++) {
        for (uint32_t i = 0; i < EACH; i++) {
            uint64_t first = writers[t].first[i];
            for (uint64_t k = first; k < first + 2; k++) {
                assert_int_equal(owner[k][0], t);
                assert_int_equal(owner[k][1], i);
            }
        }
    }
}

/* ---- killed, and a full disk ---- */

static void write_until_killed(const char *folder, int tell)
{
    static writer writers[WRITERS];
    rk_wal *wal = NULL;
    rk_error err;
    if (rk_wal_open(folder, (rk_wal_options){SMALL_FILE}, &wal, NULL, &err) == RK_OK) {
        run_writers(writers, wal, UINT32_MAX, tell);
    }
    _exit(1);
}

static unsigned char acknowledged[WRITERS][1 << 16], found_records[WRITERS][1 << 16];

static void check_after_kill(const char *folder)
{
    rk_wal_reader *reader;
    rk_error err = {0};
    rk_slice record;
    uint64_t number;
    rk_wal_close(open_wal(folder, SMALL_FILE, NULL));
    assert_int_equal(rk_wal_reader_open(folder, 0, &reader, &err), RK_OK);
    memset(found_records, 0, sizeof found_records);
    while (rk_wal_next(reader, &number, &record, &err) == RK_OK && record.at) {
        uint32_t words[2];
        memcpy(words, record.at, sizeof words);
        found_records[words[0]][words[1] % (1 << 16)]++;
    }
    rk_wal_reader_close(reader);
    for (size_t t = 0; t < WRITERS; t++) {
        for (size_t i = 0; i < 1 << 16; i++) {
            assert_true(found_records[t][i] <= 2);
            assert_true(!acknowledged[t][i] || found_records[t][i] == 2);
        }
    }
}

static void nothing_acknowledged_is_lost_by_kill_9(void **state)
{
    const char *rounds = getenv("RECKON_KILLS");
    uint64_t seed = 11;
    for (int round = 0, n = rounds ? atoi(rounds) : 12; round < n; round++) {
        int pipes[2];
        uint32_t words[2];
        assert_int_equal(pipe(pipes), 0);
        pid_t child = fork();
        if (child == 0) {
            write_until_killed(*state, pipes[1]);
        }
        close(pipes[1]);
        usleep(5000 + (useconds_t)(test_random(&seed) % 60000));
        kill(child, SIGKILL);
        memset(acknowledged, 0, sizeof acknowledged);
        while (read(pipes[0], words, sizeof words) == sizeof words) {
            acknowledged[words[0]][words[1] % (1 << 16)] = 1;
        }
        close(pipes[0]);
        waitpid(child, NULL, 0);
        check_after_kill(*state);
        remove_folder(state); /* numbers of writers begin anew */
        make_folder(state);
    }
}

static int fill_limited(const char *folder)
{
    rk_wal *wal = NULL;
    rk_error err;
    struct rlimit limit = {10000, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    char room[LONGEST];
    uint64_t n = 0;
    signal(SIGXFSZ, SIG_IGN);
    if (rk_wal_open(folder, (rk_wal_options){0}, &wal, NULL, &err) || setrlimit(RLIMIT_FSIZE, &limit)) {
        return 77;
    }
    for (rk_status status = RK_OK; !status; n += !status) {
        rk_slice record = record_of(n, room);
        status = rk_wal_append(wal, &record, 1, NULL, &err);
    }
    if (read_all(folder, 0) != n || rk_wal_end(wal) != n || err.status != RK_IO) {
        return 1;
    }
    setrlimit(RLIMIT_FSIZE, &none); /* there is room again */
    append_up_to(wal, n + 50);
    rk_wal_close(wal);
    return read_all(folder, 0) == n + 50 ? 0 : 2;
}

static void a_full_disk_refuses_and_goes_on_later(void **state)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        _exit(fill_limited(*state));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void too_long_a_record_is_refused(void **state)
{
    rk_wal *wal = open_wal(*state, 0, NULL);
    rk_slice record = {"", (size_t)RK_WAL_RECORD_MAX + 1};
    rk_error err;
    assert_int_equal(rk_wal_append(wal, &record, 1, NULL, &err), RK_BAD_INPUT);
    append_up_to(wal, 3);
    rk_wal_close(wal);
    assert_int_equal(read_all(*state, 0), 3);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(records_come_back_across_files_and_openings),
        IN_A_FOLDER(a_reader_follows_the_writer),
        IN_A_FOLDER(there_is_one_writer),
        IN_A_FOLDER(a_torn_end_is_cut_off_wherever_it_is),
        IN_A_FOLDER(parts_of_the_last_group_are_cut_off),
        IN_A_FOLDER(any_changed_byte_is_noticed),
        IN_A_FOLDER(a_missing_file_is_noticed),
        IN_A_FOLDER(writers_at_once_get_numbers_of_their_own),
        IN_A_FOLDER(nothing_acknowledged_is_lost_by_kill_9),
        IN_A_FOLDER(a_full_disk_refuses_and_goes_on_later),
        IN_A_FOLDER(too_long_a_record_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

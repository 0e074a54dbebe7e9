/* test_file.c - whole or not at all, also when killed or when the disk is full. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/faults.h"

enum { PATH_BYTES = 256, LARGE = 3 << 20 };

typedef struct {
    char folder[64], path[PATH_BYTES], expected[4 * PATH_BYTES];
    rk_error err;
} room;

static int enter(void **state)
{
    room *r = calloc(1, sizeof *r);
    *state = r;
    if (!r) {
        return -1;
    }
    memcpy(r->folder, "/tmp/rk_file_XXXXXX", 20);
    if (!mkdtemp(r->folder)) {
        return -1;
    }
    snprintf(r->path, sizeof r->path, "%s/out.rk", r->folder);
    return 0;
}

static int leave(void **state)
{
    room *r = *state;
    DIR *dir = opendir(r->folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
    rmdir(r->folder);
    free(r);
    return 0;
}

static size_t n_entries(const room *r)
{
    size_t n = 0;
    DIR *dir = opendir(r->folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        n += entry->d_name[0] != '.';
    }
    closedir(dir);
    return n;
}

static void assert_content(const char *path, const void *bytes, size_t n)
{
    rk_mapped mapped;
    rk_error err;
    assert_int_equal(rk_mapped_open(path, &mapped, &err), RK_OK);
    assert_int_equal(mapped.n_bytes, n);
    assert_memory_equal(mapped.at, bytes, n);
    rk_mapped_close(&mapped);
}

static rk_file_writer *open_writer(room *r)
{
    rk_file_writer *writer = NULL;
    assert_int_equal(rk_file_writer_open(r->path, &writer, &r->err), RK_OK);
    return writer;
}

static void write_words(room *r, const char *words)
{
    rk_file_writer *writer = open_writer(r);
    assert_int_equal(rk_file_writer_add(writer, words, strlen(words), &r->err), RK_OK);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_OK);
}

static void a_file_appears_whole_at_commit_and_not_before(void **state)
{
    room *r = *state;
    rk_file_writer *writer = open_writer(r);
    assert_int_equal(rk_file_writer_add(writer, "one ", 4, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_add(writer, "", 0, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_add(writer, "two", 3, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_offset(writer), 7);
    assert_int_equal(access(r->path, F_OK), -1);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_OK);
    assert_content(r->path, "one two", 7);
    assert_int_equal(n_entries(r), 1);
}

static void large_writes_and_patches_land_where_they_belong(void **state)
{
    room *r = *state;
    unsigned char *bytes = malloc(LARGE);
    assert_non_null(bytes);
    for (size_t i = 0; i < LARGE; i++) {
        bytes[i] = (unsigned char)(i * 2654435761u >> 13);
    }
    rk_file_writer *writer = open_writer(r);
    static const size_t pieces[] = {1, 262143, 1, 262144, 262145, 7, 600000, 100};
    size_t at = 0;
    for (size_t i = 0; at < LARGE; i++) {
        size_t n = pieces[i % 8] < LARGE - at ? pieces[i % 8] : LARGE - at;
        assert_int_equal(rk_file_writer_add(writer, bytes + at, n, &r->err), RK_OK);
        at += n;
        assert_int_equal(rk_file_writer_offset(writer), at);
    }
    memset(bytes + 100, 'x', 300000);
    bytes[LARGE - 1] = 'y';
    assert_int_equal(rk_file_writer_patch(writer, 100, bytes + 100, 300000, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_patch(writer, LARGE - 1, "y", 1, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_offset(writer), LARGE);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_OK);
    assert_content(r->path, bytes, LARGE);
    free(bytes);
}

static void an_aborted_writer_leaves_the_old_file_and_nothing_else(void **state)
{
    room *r = *state;
    write_words(r, "old");
    rk_file_writer *writer = open_writer(r);
    assert_int_equal(rk_file_writer_add(writer, "new", 3, &r->err), RK_OK);
    assert_int_equal(n_entries(r), 2);
    rk_file_writer_abort(writer);
    rk_file_writer_abort(NULL);
    assert_content(r->path, "old", 3);
    assert_int_equal(n_entries(r), 1);
}

static void replacing_keeps_permissions_and_follows_links(void **state)
{
    room *r = *state;
    char link[PATH_BYTES];
    struct stat info;
    write_words(r, "old");
    assert_int_equal(chmod(r->path, 0640), 0);
    snprintf(link, sizeof link, "%s/link", r->folder);
    assert_int_equal(symlink("out.rk", link), 0);
    rk_file_writer *writer = NULL;
    assert_int_equal(rk_file_writer_open(link, &writer, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_add(writer, "new", 3, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_OK);
    assert_content(r->path, "new", 3);
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(r->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void two_writers_to_one_path_do_not_meet(void **state)
{
    room *r = *state;
    rk_file_writer *first = open_writer(r), *second = open_writer(r);
    assert_int_equal(rk_file_writer_add(first, "first", 5, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_add(second, "second", 6, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_commit(second, &r->err), RK_OK); /* must not sweep away the first, which lives */
    assert_content(r->path, "second", 6);
    assert_int_equal(rk_file_writer_commit(first, &r->err), RK_OK);
    assert_content(r->path, "first", 5);
    assert_int_equal(n_entries(r), 1);
}

/* The child writes for ever and is killed at some moment; the name never shows anything but a whole file. */
static void a_killed_writer_leaves_a_temporary_file_that_the_next_removes(void **state)
{
    room *r = *state;
    write_words(r, "old");
    for (int round = 0; round < 5; round++) {
        int ready[2];
        char byte;
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            rk_file_writer *writer = NULL;
            char block[4096] = {'n'};
            bool is_open = rk_file_writer_open(r->path, &writer, NULL) == RK_OK;
            for (int i = 0; is_open && rk_file_writer_add(writer, block, sizeof block, NULL) == RK_OK; i++) {
                if (i == 100) {
                    (void)!write(ready[1], "r", 1);
                }
            }
            _exit(1);
        }
        assert_int_equal(read(ready[0], &byte, 1), 1);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, NULL, 0), child);
        close(ready[0]);
        close(ready[1]);
        assert_content(r->path, "old", 3);
    }
    assert_int_equal(n_entries(r), 6);
    char keep[PATH_BYTES];
    snprintf(keep, sizeof keep, "%s/out.rk.tmp.notes", r->folder); /* somebody's own */
    close(open(keep, O_CREAT | O_WRONLY, 0600));
    write_words(r, "new");
    assert_content(r->path, "new", 3);
    assert_int_equal(n_entries(r), 2);
    assert_int_equal(access(keep, F_OK), 0);
}

static void a_full_disk_is_an_error_and_leaves_nothing(void **state)
{
    room *r = *state;
    struct rlimit before, small = {.rlim_cur = 100000};
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    write_words(r, "old");
    unsigned char *bytes = calloc(1, LARGE);
    assert_non_null(bytes);
    for (int is_buffered = 0; is_buffered < 2; is_buffered++) {
        rk_file_writer *writer = open_writer(r);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        rk_status added = rk_file_writer_add(writer, bytes, is_buffered ? 200000 : LARGE, &r->err);
        snprintf(r->expected, sizeof r->expected, "cannot write '%s': File too large", r->path);
        if (!is_buffered) {
            assert_int_equal(added, RK_IO);
            assert_string_equal(r->err.message, r->expected);
            snprintf(r->expected, sizeof r->expected, "cannot write '%s': an earlier write failed", r->path);
        }
        assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_IO);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_string_equal(r->err.message, r->expected);
        assert_content(r->path, "old", 3);
        assert_int_equal(n_entries(r), 1);
    }
    free(bytes);
}

static void devices_are_written_through_and_never_replaced(void **state)
{
    room *r = *state;
    struct stat info;
    rk_file_writer *writer = NULL;
    assert_int_equal(rk_file_writer_open("/dev/null", &writer, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_add(writer, "gone", 4, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_patch(writer, 0, "G", 1, &r->err), RK_BAD_USAGE);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_OK);
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_int_equal(rk_file_writer_open("/dev/full", &writer, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_add(writer, "none", 4, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_IO);
    assert_string_equal(r->err.message, "cannot write '/dev/full': No space left on device");
}

static void a_dash_is_standard_output(void **state)
{
    room *r = *state;
    int saved = dup(STDOUT_FILENO), file = open(r->path, O_CREAT | O_WRONLY, 0600);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    rk_text words = {0};
    rk_text_add(&words, "data\n");
    rk_status status = rk_file_write_text("-", &words, &r->err);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(file);
    rk_text_release(&words);
    assert_int_equal(status, RK_OK);
    assert_content(r->path, "data\n", 5);
}

static void text_is_written_whole(void **state)
{
    room *r = *state;
    rk_text words = {0};
    assert_int_equal(rk_file_write_text(r->path, &words, &r->err), RK_OK);
    assert_content(r->path, "", 0);
    rk_text_add(&words, "a plan");
    assert_int_equal(rk_file_write_text(r->path, &words, &r->err), RK_OK);
    assert_content(r->path, "a plan", 6);
    words.failed = true;
    assert_int_equal(rk_file_write_text(r->path, &words, &r->err), RK_NO_MEMORY);
    assert_content(r->path, "a plan", 6);
    rk_text_release(&words);
}

static void what_cannot_be_opened_says_why(void **state)
{
    room *r = *state;
    rk_mapped mapped = {0};
    rk_file_writer *writer = NULL;
    char pipe_path[PATH_BYTES], lost[PATH_BYTES], folder[PATH_BYTES / 2];
    assert_int_equal(rk_mapped_open(r->path, &mapped, &r->err), RK_NOT_FOUND);
    snprintf(r->expected, sizeof r->expected, "no such file '%s'", r->path);
    assert_string_equal(r->err.message, r->expected);
    assert_int_equal(rk_mapped_open(r->folder, &mapped, &r->err), RK_BAD_INPUT);
    snprintf(r->expected, sizeof r->expected, "'%s' is a folder, not a file", r->folder);
    assert_string_equal(r->err.message, r->expected);
    snprintf(pipe_path, sizeof pipe_path, "%s/pipe", r->folder);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(rk_mapped_open(pipe_path, &mapped, &r->err), RK_BAD_INPUT);
    assert_null(mapped.at);
    rk_mapped_close(&mapped);

    snprintf(folder, sizeof folder, "%s/lost", r->folder);
    snprintf(lost, sizeof lost, "%s/out.rk", folder);
    assert_int_equal(rk_file_writer_open(lost, &writer, &r->err), RK_NOT_FOUND);
    snprintf(r->expected, sizeof r->expected, "no such folder '%s' to write '%s' in", folder, lost);
    assert_string_equal(r->err.message, r->expected);
    assert_int_equal(rk_file_writer_open(r->folder, &writer, &r->err), RK_IO);
    snprintf(r->expected, sizeof r->expected, "cannot write '%s': it is a folder", r->folder);
    assert_string_equal(r->err.message, r->expected);
    assert_null(writer);
}

/* As somebody without rights; the owner of the machine may read everything, so a child steps down. */
static void forbidden_files_and_folders_are_named(void **state)
{
    room *r = *state;
    write_words(r, "secret");
    assert_int_equal(chmod(r->path, 0), 0);
    assert_int_equal(chmod(r->folder, 0555), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        rk_mapped mapped;
        rk_file_writer *writer;
        char other[PATH_BYTES], denied[3 * PATH_BYTES];
        bool is_right = geteuid() != 0 || setuid(65534) == 0;
        snprintf(denied, sizeof denied, "cannot open '%s': Permission denied", r->path);
        is_right =
            is_right && rk_mapped_open(r->path, &mapped, &r->err) == RK_IO && strcmp(r->err.message, denied) == 0;
        snprintf(other, sizeof other, "%s/other", r->folder);
        snprintf(denied, sizeof denied, "cannot create '%s': Permission denied", other);
        is_right =
            is_right && rk_file_writer_open(other, &writer, &r->err) == RK_IO && strcmp(r->err.message, denied) == 0;
        _exit(is_right ? 0 : 1);
    }
    int how = -1;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(chmod(r->folder, 0755), 0);
    assert_int_equal(how, 0);
}

static void a_path_beside_another_shares_its_folder(void **state)
{
    (void)state;
    char out[12];
    assert_true(rk_path_beside("a/plan.yaml", "b.yaml", out, sizeof out));
    assert_string_equal(out, "a/b.yaml");
    assert_true(rk_path_beside("plan.yaml", "b/c", out, sizeof out));
    assert_string_equal(out, "b/c");
    assert_true(rk_path_beside("/plan", "b", out, sizeof out));
    assert_string_equal(out, "/b");
    assert_true(rk_path_beside("a/plan.yaml", "/abs", out, sizeof out));
    assert_string_equal(out, "/abs");
    assert_true(rk_path_beside("a/b", "123456789", out, sizeof out)); /* 11 and a NUL: just fits */
    assert_false(rk_path_beside("a/b", "1234567890", out, sizeof out));
    assert_false(rk_path_beside("123456789012/b", "", out, sizeof out));
}

static bool write_once(void *context)
{
    room *r = context;
    rk_file_writer *writer = NULL;
    rk_status status = rk_file_writer_open(r->path, &writer, &r->err);
    status = status ? status : rk_file_writer_add(writer, "new", 3, &r->err);
    if (status) {
        rk_file_writer_abort(writer);
    } else {
        status = rk_file_writer_commit(writer, &r->err);
    }
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    assert_int_equal(n_entries(r), status == RK_OK);
    return status == RK_OK;
}

static void short_memory_leaves_no_file(void **state)
{
    room *r = *state;
    assert_int_equal(fault_each(write_once, r), 2);
}

/* A view of the file itself would end this program here by SIGBUS. */
static void a_loaded_file_outlives_what_is_done_to_it(void **state)
{
    room *r = *state;
    rk_mapped loaded;
    unsigned char *bytes = malloc(LARGE);
    assert_non_null(bytes);
    memset(bytes, 'a', LARGE);
    rk_file_writer *writer = open_writer(r);
    assert_int_equal(rk_file_writer_add(writer, bytes, LARGE, &r->err), RK_OK);
    assert_int_equal(rk_file_writer_commit(writer, &r->err), RK_OK);
    assert_int_equal(rk_mapped_load(r->path, &loaded, &r->err), RK_OK);
    assert_int_equal(truncate(r->path, 0), 0);
    assert_int_equal(loaded.n_bytes, LARGE);
    assert_memory_equal(loaded.at, bytes, LARGE);
    rk_mapped_close(&loaded);
    free(bytes);
    assert_int_equal(rk_mapped_load(r->path, &loaded, &r->err), RK_OK);
    assert_int_equal(loaded.n_bytes, 0); /* and an empty file is one */
    rk_mapped_close(&loaded);
    assert_int_equal(rk_mapped_load(r->folder, &loaded, &r->err), RK_BAD_INPUT);
    unlink(r->path);
    assert_int_equal(rk_mapped_load(r->path, &loaded, &r->err), RK_NOT_FOUND);
}

static void what_is_read_is_not_written_over(void **state)
{
    room *r = *state;
    char other[PATH_BYTES];
    snprintf(other, sizeof other, "%s/./out.rk", r->folder);
    write_words(r, "old");
    assert_int_equal(rk_path_keep_apart(other, r->path, &r->err), RK_BAD_USAGE);
    snprintf(r->expected, sizeof r->expected, "'%s' would replace the file that is read; name another", other);
    assert_string_equal(r->err.message, r->expected);
    assert_int_equal(rk_path_keep_apart("new.rk", r->path, &r->err), RK_OK);
    assert_int_equal(rk_path_keep_apart("-", "-", &r->err), RK_OK);
}

static void two_names_of_one_file_are_the_same(void **state)
{
    room *r = *state;
    char other[PATH_BYTES], link_path[PATH_BYTES];
    snprintf(other, sizeof other, "%s/./out.rk", r->folder);
    snprintf(link_path, sizeof link_path, "%s/link", r->folder);
    assert_true(rk_path_is_same(r->path, other)); /* neither is there yet */
    assert_false(rk_path_is_same(r->path, link_path));
    write_words(r, "old");
    assert_true(rk_path_is_same(r->path, other));
    assert_false(rk_path_is_same(r->path, link_path)); /* one is there, one is not */
    assert_int_equal(symlink(r->path, link_path), 0);
    assert_true(rk_path_is_same(r->path, link_path));
    assert_false(rk_path_is_same("/dev/null", "/dev/null")); /* takes everything, loses nothing */
}

static void a_target_is_checked_without_a_trace(void **state)
{
    room *r = *state;
    char lost[PATH_BYTES];
    snprintf(lost, sizeof lost, "%s/no/out.rk", r->folder);
    assert_int_equal(rk_file_check_target(r->path, &r->err), RK_OK);
    assert_int_equal(rk_file_check_target("/dev/full", &r->err), RK_OK);
    assert_int_equal(rk_file_check_target("-", &r->err), RK_OK);
    assert_int_equal(rk_file_check_target(lost, &r->err), RK_NOT_FOUND);
    assert_int_equal(rk_file_check_target(r->folder, &r->err), RK_IO);
    assert_int_equal(n_entries(r), 0);
}

#define IN_A_ROOM(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_ROOM(a_file_appears_whole_at_commit_and_not_before),
        IN_A_ROOM(large_writes_and_patches_land_where_they_belong),
        IN_A_ROOM(an_aborted_writer_leaves_the_old_file_and_nothing_else),
        IN_A_ROOM(replacing_keeps_permissions_and_follows_links),
        IN_A_ROOM(two_writers_to_one_path_do_not_meet),
        IN_A_ROOM(a_killed_writer_leaves_a_temporary_file_that_the_next_removes),
        IN_A_ROOM(a_full_disk_is_an_error_and_leaves_nothing),
        IN_A_ROOM(devices_are_written_through_and_never_replaced),
        IN_A_ROOM(a_dash_is_standard_output),
        IN_A_ROOM(text_is_written_whole),
        IN_A_ROOM(what_cannot_be_opened_says_why),
        IN_A_ROOM(forbidden_files_and_folders_are_named),
        cmocka_unit_test(a_path_beside_another_shares_its_folder),
        IN_A_ROOM(a_loaded_file_outlives_what_is_done_to_it),
        IN_A_ROOM(what_is_read_is_not_written_over),
        IN_A_ROOM(two_names_of_one_file_are_the_same),
        IN_A_ROOM(a_target_is_checked_without_a_trace),
        IN_A_ROOM(short_memory_leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

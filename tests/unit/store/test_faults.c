/* test_faults.c - a full disk and kill -9 while an artefact is written: an error, and nothing under the final name. */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/artefact.h"
#include "support/test.h"

static const char block[64 << 10];

static int make_folder(void **state)
{
    char folder[] = "/tmp/reckon-faults-XXXXXX";
    assert_non_null(mkdtemp(folder));
    *state = strdup(folder);
    return 0;
}

static int count_files(const char *folder, const char *prefix)
{
    DIR *dir = opendir(folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        n += entry->d_name[0] != '.' && strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    }
    closedir(dir);
    return n;
}

static void empty_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    char path[512];
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            unlink(path);
        }
    }
    closedir(dir);
}

static int remove_folder(void **state)
{
    empty_folder(*state);
    rmdir(*state);
    free(*state);
    return 0;
}

/* Writes n blocks into one section of FOLDER/full.rk. */
static rk_status write_blocks(const char *folder, int n, rk_error *err)
{
    char path[512];
    snprintf(path, sizeof path, "%s/full.rk", folder);
    rk_artefact_writer *writer;
    rk_status status = rk_artefact_create(path, "dataset", &writer, err);
    if (status != RK_OK) {
        return status;
    }
    status = rk_artefact_begin(writer, "big", RK_U8, 1, err);
    for (int i = 0; i < n && status == RK_OK; i++) {
        status = rk_artefact_append(writer, block, sizeof block, err);
    }
    if (status == RK_OK) {
        status = rk_artefact_end(writer, err);
    }
    if (status == RK_OK) {
        return rk_artefact_commit(writer, NULL, err);
    }
    rk_artefact_abort(writer);
    return status;
}

/* Runs in a child: 0 = failed as it should and left nothing, 77 = could not be tried. */
static int fill_limited(const char *folder)
{
    rk_error err;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){1 << 20, 1 << 20});
    return write_blocks(folder, 32, &err) == RK_IO && count_files(folder, "") == 0 ? 0 : 1;
}

static int fill_tmpfs(const char *folder)
{
    rk_error err;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", folder, "tmpfs", 0, "size=1m") != 0) {
        return 77;
    }
    rk_status status = write_blocks(folder, 32, &err);
    return status == RK_IO && strstr(err.message, "No space left") && count_files(folder, "") == 0 ? 0 : 1;
}

static int in_child(int (*body)(const char *), const char *folder)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(body(folder));
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_file_size_limit_is_an_error_that_leaves_nothing(void **state)
{
    assert_int_equal(in_child(fill_limited, *state), 0);
}

static void a_full_disk_is_an_error_that_leaves_nothing(void **state)
{
    int rc = in_child(fill_tmpfs, *state);
    if (rc == 77) {
        TEST_SKIP("mounting needs root and a kernel that lets it");
    }
    assert_int_equal(rc, 0);
}

static void kill_9_leaves_nothing_under_the_final_name(void **state)
{
    for (int i = 0; i < 5; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            rk_error err;
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            (void)write_blocks(*state, 1 << 20, &err); /* 64 GB: it is killed long before */
            _exit(0);
        }
        while (count_files(*state, "full.rk.tmp") == 0) {
            usleep(1000);
        }
        usleep((useconds_t)(i * 2000));
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal(count_files(*state, "full.rk"), count_files(*state, "full.rk.tmp"));
        empty_folder(*state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_size_limit_is_an_error_that_leaves_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_full_disk_is_an_error_that_leaves_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(kill_9_leaves_nothing_under_the_final_name, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

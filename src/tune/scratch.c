/* scratch.c - see scratch.h. */
#include "tune/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"

static bool is_ours(const char *name)
{
    const char *dot = strstr(name, ".rk");
    return dot && (dot[3] == '\0' || strncmp(dot + 3, ".tmp.", 5) == 0);
}

static void empty(int folder)
{
    int again = dup(folder);
    DIR *dir = again >= 0 ? fdopendir(again) : NULL;
    if (!dir) {
        if (again >= 0) {
            close(again);
        }
        return;
    }
    rewinddir(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (is_ours(entry->d_name)) {
            (void)unlinkat(folder, entry->d_name, 0);
        }
    }
    closedir(dir);
}

rk_status rk_scratch_open(const char *beside, rk_scratch *out, rk_error *err)
{
    rk_scratch scratch;
    int n = snprintf(scratch.path, sizeof scratch.path, "%s.tuning", beside);
    if (n < 0 || (size_t)n >= sizeof scratch.path - 32) {
        return rk_fail(err, RK_BAD_USAGE, "the path is too long: '%.100s...'", beside);
    }
    rk_status status = rk_folder_make(scratch.path, err);
    if (status) {
        return status;
    }
    scratch.lock = open(scratch.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (scratch.lock < 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot open '%.300s'", scratch.path);
    }
    if (flock(scratch.lock, LOCK_EX | LOCK_NB)) {
        close(scratch.lock);
        return rk_fail(err, RK_IO, "'%.300s' is in use by another run", scratch.path);
    }
    empty(scratch.lock);
    *out = scratch;
    return RK_OK;
}

void rk_scratch_close(rk_scratch *scratch)
{
    if (scratch->path[0]) {
        empty(scratch->lock);
        (void)rmdir(scratch->path); /* it stays when somebody else put something there */
        close(scratch->lock);
    }
    *scratch = (rk_scratch){0};
}

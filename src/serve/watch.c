/* watch.c - see watch.h. */
#include "serve/watch.h"

#include <string.h>
#include <sys/stat.h>

static rk_file_mark mark_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return (rk_file_mark){0};
    }
    return (rk_file_mark){st.st_dev, st.st_ino, (uint64_t)st.st_size,
                          st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec};
}

static bool is_same(const rk_file_mark *a, const rk_file_mark *b)
{
    return a->device == b->device && a->number == b->number && a->bytes == b->bytes && a->changed_ns == b->changed_ns;
}

void rk_watch_take(rk_watch *watch)
{
    for (unsigned i = 0; i < watch->n; i++) {
        watch->taken[i] = watch->seen[i] = mark_of(watch->paths[i]);
    }
}

void rk_watch_init(rk_watch *watch, const char *const *paths, unsigned n)
{
    *watch = (rk_watch){0};
    for (unsigned i = 0; i < n && watch->n < RK_WATCH_FILES_MAX; i++) {
        if (paths[i]) {
            watch->paths[watch->n++] = paths[i];
        }
    }
    rk_watch_take(watch);
}

bool rk_watch_look(rk_watch *watch)
{
    bool is_new = false, is_at_rest = true;
    for (unsigned i = 0; i < watch->n; i++) {
        rk_file_mark now = mark_of(watch->paths[i]);
        is_new = is_new || !is_same(&now, &watch->taken[i]);
        is_at_rest = is_at_rest && now.number != 0 && is_same(&now, &watch->seen[i]);
        watch->seen[i] = now;
    }
    return is_new && is_at_rest;
}

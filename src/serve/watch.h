/* watch.h - files that a server answers from: have they been replaced?
 *
 * Looked at once a second by their number, size and time of change: it works on every file system, over a network and
 * through the symbolic links that Kubernetes swaps, where being notified does not. A change counts once it has stayed
 * the same for a look, so that several files that are put in place together are taken together.
 */
#ifndef RECKON_SERVE_WATCH_H
#define RECKON_SERVE_WATCH_H

#include <stdbool.h>
#include <stdint.h>

enum { RK_WATCH_FILES_MAX = 8 };

typedef struct {
    uint64_t device, number, bytes;
    int64_t changed_ns; /* all 0: not there */
} rk_file_mark;

typedef struct {
    const char *paths[RK_WATCH_FILES_MAX]; /* borrowed */
    rk_file_mark taken[RK_WATCH_FILES_MAX], seen[RK_WATCH_FILES_MAX];
    unsigned n;
} rk_watch;

/* paths: [n]; NULL ones are passed over. What is there now has been taken. */
void rk_watch_init(rk_watch *watch, const char *const *paths, unsigned n);
/* Before the files are opened: what is there now has been taken, well or not. */
void rk_watch_take(rk_watch *watch);
/* Once in a while: true when something is there that was not taken, and it is at rest. */
bool rk_watch_look(rk_watch *watch);

#endif

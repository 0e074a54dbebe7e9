/* wal_inside.h - the inside of a log that is written to, shared by appending (wal.c) and erasing (wal_erase.c).
 * Private.
 */
#ifndef RECKON_STORE_WAL_INSIDE_H
#define RECKON_STORE_WAL_INSIDE_H

#include <pthread.h>

#include "store/wal_parts.h"

struct rk_wal {
    char folder[PATH_MAX];
    uint64_t file_bytes;
    int folder_fd, lock_fd;
    pthread_mutex_t lock;
    pthread_cond_t done;
    struct rk_wal_ticket *waiting, **last; /* in the order of arrival */
    bool is_writing;                       /* somebody writes a group; what follows is his */
    rk_wal_file file;                      /* at: the end of what was acknowledged */
    uint64_t end;                          /* number of the next record; changes with the lock held */
    rk_error broken;                       /* set: nothing can be appended any more */
    unsigned char *group;
    size_t n_group, capacity;
};

/* Between enter and leave nobody else touches the newest file, and `end` stays; who appends waits. */
void rk_wal_enter(rk_wal *wal);
void rk_wal_leave(rk_wal *wal);

/* Removes what an erasure that was cut short has left beside the files. */
RK_MUST_CHECK rk_status rk_wal_sweep(const char *folder, rk_error *err);

#endif

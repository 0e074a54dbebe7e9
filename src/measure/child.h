/* child.h - a `reckon serve` of our own: started, waited for, ended, always reaped.
 *
 * It dies with us even when we are killed: the kernel ends it when its parent thread ends. So start and stop it from
 * one thread, which lives at least as long.
 */
#ifndef RECKON_MEASURE_CHILD_H
#define RECKON_MEASURE_CHILD_H

#include <sys/types.h>

#include "base/error.h"

typedef struct {
    const char *program;                             /* NULL = /proc/self/exe */
    const char *model_path, *data_path, *index_path; /* data, index: NULL = none */
    unsigned threads;                                /* 0 = all */
} rk_child_options;

typedef struct {
    pid_t pid; /* 0 = none */
    int log;   /* a file without a name: what it says */
    unsigned port;
} rk_child;

/* Returns when the server listens. On failure nothing is left running and the error holds the server's last words. */
RK_MUST_CHECK rk_status rk_child_start(const rk_child_options *options, rk_child *out, rk_error *err);
/* RK_OK while it runs, or when there is none; else how it ended, with its last words. Waits so long for its end. */
RK_MUST_CHECK rk_status rk_child_check(rk_child *child, unsigned patience_ms, rk_error *err);
/* Asks it to end, waits, and after a while ends it. Accepts a zeroed one. */
void rk_child_stop(rk_child *child);

#endif

/* run.h - what every long step is handed: threads, the seed, and a voice to be heard by. */
#ifndef RECKON_BASE_RUN_H
#define RECKON_BASE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/thread.h"

typedef enum { RK_LOG_DETAIL, RK_LOG_INFO, RK_LOG_WARNING } rk_log_level;

/* Callbacks that cli/ and serve/ set. Called from the thread that runs the step. Either may be NULL. */
typedef struct {
    void *context;
    void (*log)(void *context, rk_log_level level, const char *line);
    /* done of total (total 0 = unknown) of unit, e.g. "rows". The listener limits its own rate. */
    void (*progress)(void *context, const char *step, const char *unit, uint64_t done, uint64_t total);
} rk_voice;

/* Zeroed: one thread, seed 0, silent. */
typedef struct {
    rk_pool *pool;         /* borrowed; NULL = the calling thread */
    uint64_t seed;         /* */
    const rk_voice *voice; /* borrowed; NULL = silent */
} rk_run;

void rk_log(const rk_run *run, rk_log_level level, const char *fmt, ...) RK_PRINTF(3, 4);
void rk_progress(const rk_run *run, const char *step, const char *unit, uint64_t done, uint64_t total);

#endif

/* laps.h - where the time of one answer goes, stage by stage.
 *
 * Stages are timed by the monotonic clock, which costs 20 ns; what an answer took of the processor is read once, by the
 * meter, at 380 ns. The meter shares the one out by the other.
 */
#ifndef RECKON_SERVE_LAPS_H
#define RECKON_SERVE_LAPS_H

#include "base/clock.h"

typedef enum {
    RK_STAGE_HTTP,  /* all that is none of the others: sockets, headers, the HTTP library */
    RK_STAGE_PARSE, /* target and parameters */
    RK_STAGE_SCORE, /* finding the answer */
    RK_STAGE_WRITE, /* the answer as JSON */
    RK_STAGE_LOG,   /* events on their way to the disk, in the clerk's thread */
    RK_STAGES,
} rk_stage;

typedef struct {
    int64_t last_ns;
    int64_t ns[RK_STAGES]; /* wall time, by stage */
} rk_laps;

static inline void rk_laps_start(rk_laps *laps) { *laps = (rk_laps){.last_ns = rk_clock_ns()}; }

/* What has passed since the last lap was of this stage. laps may be NULL. */
static inline void rk_lap(rk_laps *laps, rk_stage stage)
{
    if (laps) {
        int64_t now_ns = rk_clock_ns();
        laps->ns[stage] += now_ns - laps->last_ns;
        laps->last_ns = now_ns;
    }
}

#endif

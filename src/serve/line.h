/* line.h - those who wait for one thread, which takes all who are there at once, in the order of their coming.
 *
 * So whoever hands something in goes on at once, and what the thread does once serves everybody who came during the
 * time before: one flush of a disk, for example.
 *
 * Threads: any may hand in.
 */
#ifndef RECKON_SERVE_LINE_H
#define RECKON_SERVE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* The first member of what waits; the caller's until it is handed in, and again once it is served. */
typedef struct rk_waiting {
    struct rk_waiting *next;
    int64_t handed_ns; /* when it was handed in */
} rk_waiting;

typedef struct rk_line rk_line;

/* serve: in the line's thread, with a list of one or more. */
typedef void rk_line_serve(void *context, rk_waiting *first);
RK_MUST_CHECK rk_status rk_line_start(rk_line_serve *serve, void *context, rk_line **out, rk_error *err);
/* false: the line is closed, and nobody serves it. */
bool rk_line_hand_in(rk_line *line, rk_waiting *one);
/* How long what is being served has taken so far; 0: nothing is. */
int64_t rk_line_busy_ns(const rk_line *line, int64_t now_ns);
/* For serve: what takes time is over, and busy is 0, so that whoever is told next may come again at once. */
void rk_line_is_through(rk_line *line);
/* Between pause and resume nobody is served, and what was served is done. */
void rk_line_pause(rk_line *line);
void rk_line_resume(rk_line *line);
void rk_line_stop(rk_line *line); /* serves those who wait; nobody is let in any more. Accepts NULL */
void rk_line_free(rk_line *line); /* stops it, too; accepts NULL */

#endif

/* intake.h - events on their way to the log: one clerk takes all that wait, writes them down together and answers.
 *
 * Whoever hands in a batch does not wait: the clerk tells when it is on disk, known already, or refused. One clerk, so
 * that two requests with the same event cannot both be new, and one flush of the disk serves everybody who came during
 * the one before (wal.h).
 *
 * An event_id that was seen among the newest RK_INTAKE_IDS_MIN or more is a duplicate: acknowledged, and not kept
 * twice. Ids are told apart by 96 bits of their hash.
 */
#ifndef RECKON_SERVE_INTAKE_H
#define RECKON_SERVE_INTAKE_H

#include <stdatomic.h>

#include "base/run.h"
#include "data/pseudonym.h"
#include "serve/erase.h"
#include "serve/event.h"
#include "serve/line.h"
#include "serve/recent.h"

enum { RK_INTAKE_IDS_MIN = 1 << 21 };

/* A request's events; the caller's until it is handed in, and again from `done` on. */
typedef struct rk_batch {
    rk_waiting waiting;
    rk_slice body;
    void (*done)(struct rk_batch *batch); /* in the clerk's thread */
    size_t n_accepted, n_duplicates;
    uint64_t cpu_ns;    /* its part of the clerk's processor time, by bytes of body */
    rk_problem problem; /* status 0: none */
} rk_batch;

typedef struct {
    atomic_uint_least64_t n_accepted, n_duplicates, n_refused; /* events, events, batches */
    atomic_uint_least64_t n_waiting;                           /* batches, now */
    atomic_int_least64_t newest_unix_s;                        /* when the newest one was kept; 0: none yet */
    atomic_int_least64_t lag_ns;                               /* that the oldest batch of the last round waited */
} rk_intake_counts;

typedef struct rk_intake rk_intake;

/* Opens the log in folder, ends an erasure that was cut short, reads the log, and starts the clerk.
 * recent: takes in what is kept; borrowed.
 * pseudonyms: in whose words users are kept; borrowed, NULL: their own. */
RK_MUST_CHECK rk_status rk_intake_start(const char *folder, const rk_pseudonyms *pseudonyms, rk_recent *recent,
                                        const rk_run *run, rk_intake **out, rk_error *err);
/* false: the intake is ending, and done is not called. */
bool rk_intake_hand_in(rk_intake *intake, rk_batch *batch);
const rk_intake_counts *rk_intake_counts_of(const rk_intake *intake);
/* Its parts, as long as it is not freed. */
rk_line *rk_intake_line(rk_intake *intake); /* paused: what was acknowledged is in the log and in memory */
rk_wal *rk_intake_log(rk_intake *intake);
const char *rk_intake_folder(const rk_intake *intake);
rk_recent *rk_intake_recent(rk_intake *intake);
rk_erased *rk_intake_erased(rk_intake *intake); /* who was erased from the log, and is barred from the model */
void rk_intake_stop(rk_intake *intake);         /* answers those who wait; nothing is taken any more. Accepts NULL */
void rk_intake_free(rk_intake *intake);         /* accepts NULL */

#endif

/* deliveries.h - products on their way to the disk: one thread takes all changes that wait, makes them together with
 * one flush of the disk, and tells each whether it is kept (line.h).
 *
 * In the order of their coming, so that a product put and then taken away is gone. What is wrong with one change is
 * that one's fault only; a full disk refuses all that wait, and nothing of them is done.
 */
#ifndef RECKON_SERVE_DELIVERIES_H
#define RECKON_SERVE_DELIVERIES_H

#include <stdatomic.h>

#include "base/run.h"
#include "serve/line.h"
#include "serve/problem.h"
#include "serve/stock.h"

/* One change; the caller's until it is handed in, and again from `done` on. */
typedef struct rk_delivery {
    rk_waiting waiting;
    rk_wares_op op;                         /* its texts live until it is done */
    void (*done)(struct rk_delivery *done); /* in the thread of the deliveries */
    uint64_t cpu_ns;                        /* its part of that thread's processor time: the same as the others' */
    rk_problem problem;                     /* status 0: it is on disk and found */
} rk_delivery;

typedef struct {
    atomic_uint_least64_t n_kept, n_refused; /* changes */
    atomic_uint_least64_t n_rounds;          /* of one or more changes, each with one flush of the disk */
    atomic_uint_least64_t n_waiting;         /* changes, now */
    atomic_int_least64_t lag_ns;             /* that the oldest of the last round waited */
} rk_delivery_counts;

typedef struct rk_deliveries rk_deliveries;
/* stock: borrowed. */
RK_MUST_CHECK rk_status rk_deliveries_start(rk_stock *stock, const rk_run *run, rk_deliveries **out, rk_error *err);
/* false: the deliveries are ending, and done is not called. */
bool rk_deliveries_hand_in(rk_deliveries *deliveries, rk_delivery *delivery);
rk_line *rk_deliveries_line(rk_deliveries *deliveries);
const rk_delivery_counts *rk_deliveries_counts_of(const rk_deliveries *deliveries);
void rk_deliveries_stop(
    rk_deliveries *deliveries); /* those who wait are told; nothing is taken any more. Accepts NULL */
void rk_deliveries_free(rk_deliveries *deliveries); /* accepts NULL */

#endif

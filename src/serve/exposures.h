/* exposures.h - what was shown to whom, on its way to a log of its own (store/wal.h), for `reckon experiment` to read.
 *
 * An answer does not wait for the disk: its record is handed in, and a clerk writes all that came within a moment with
 * one flush. So kill -9 may lose the last RK_EXPOSURES_MS or so, never an order or a part; an end in good order loses
 * none. What waits is bounded: beyond RK_EXPOSURES_BYTES_MAX, or while the disk is full, records are dropped and
 * counted, and answers go on.
 */
#ifndef RECKON_SERVE_EXPOSURES_H
#define RECKON_SERVE_EXPOSURES_H

#include <stdint.h>

#include "base/run.h"
#include "experiment/exposure.h"
#include "serve/erase.h"

enum { RK_EXPOSURES_MS = 20, RK_EXPOSURES_BYTES_MAX = 32 << 20 };

typedef struct rk_exposures rk_exposures;

/* Opens the log in folder, makes it where there is none, and starts the clerk. */
RK_MUST_CHECK rk_status rk_exposures_start(const char *folder, const rk_run *run, rk_exposures **out, rk_error *err);
void rk_exposures_stop(rk_exposures *exposures); /* writes what waits; accepts NULL */
/* Any thread. */
void rk_exposures_add(rk_exposures *exposures, const rk_exposure *exposure);

/* Erases what was shown to a user, up to now, from the log; what waits is written first. One at a time. */
RK_MUST_CHECK rk_status rk_exposures_erase(rk_exposures *exposures, rk_slice user, int64_t now_s, rk_erase_proof *proof,
                                           rk_error *err);
/* Waits until the log has what was added before, and returns its folder. */
const char *rk_exposures_settle(rk_exposures *exposures);

typedef struct {
    uint64_t n_kept, n_dropped;
} rk_exposures_counts;
rk_exposures_counts rk_exposures_count(rk_exposures *exposures);
void rk_exposures_format(rk_exposures *exposures, rk_text *out); /* Prometheus */

#endif

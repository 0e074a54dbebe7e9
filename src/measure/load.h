/* load.h - an open-loop load: requests leave by the clock, whether or not earlier ones have been answered.
 *
 * Latency counts from the moment a request was meant to leave. When the server stalls, the requests that queue up
 * behind the stall carry it in their latency, as shoppers would ("coordinated omission" is to leave them out).
 * One thread, connections kept alive; a connection asks one thing at a time.
 */
#ifndef RECKON_MEASURE_LOAD_H
#define RECKON_MEASURE_LOAD_H

#include "math/quantile.h"
#include "measure/http_client.h"
#include "measure/requests.h"

typedef struct rk_load rk_load;

typedef struct {
    const rk_endpoint *endpoint; /* borrowed until free */
    const rk_requests *requests; /* borrowed until free; asked in turn */
    unsigned connections;
    rk_schedule schedule;
    uint64_t seed;
} rk_load_options;

/* NULL with err filled when memory or descriptors are short. */
rk_load *rk_load_new(const rk_load_options *options, rk_error *err);
void rk_load_free(rk_load *load); /* accepts NULL */

typedef struct {
    rk_quantile latency_ns;    /* of every request meant to leave; those without an answer count up to the end */
    uint64_t n_meant;          /* requests due in the time */
    uint64_t n_good, n_errors; /* answered 2xx; answered otherwise or with a broken connection */
    uint64_t n_unanswered;     /* still open, or not even sent, at the end */
    uint64_t body_bytes;       /* of good answers */
    double seconds, cpu_s;     /* of sending; of this thread */
} rk_load_result;

typedef struct {
    double rate_rps; /* HUGE_VAL: as fast as the connections allow (no latency is meant then) */
    double seconds;  /* requests are meant to leave for so long */
    double grace_s;  /* and answers are waited for so much longer */
    double every_s;  /* > 0: what was seen since the last time is told so often, and at the end */
    /* Called in the load's own thread: what it takes delays what is due, and is counted. A request belongs to the part
     * in which its answer came. */
    void (*tell)(void *context, const rk_load_result *part);
    void *context;
} rk_load_step;

/* RK_IO when the server cannot be reached at all. Runs in the calling thread. */
RK_MUST_CHECK rk_status rk_load_run(rk_load *load, rk_load_step step, rk_load_result *out, rk_error *err);

#endif

/* json_log.h - what a server says, as lines of JSON for machines that collect them.
 *
 *   {"time":"2026-11-23T10:15:00.123Z","level":"info","kind":"message","message":"listening on http://..."}
 *   {"time":...,"level":"info","kind":"request","request_id":"5f2c01a7-1a","trace_id":...,"span_id":...,
 *    "parent_id":...,"method":"GET","route":"/v1/recommend","status":200,"model":"als-1a2b","latency_ms":0.31,
 *    "stages_ms":{"parse":0.002,"score":0.15,"write":0.02},"bytes":2180,"cost_nanos":40.213077,"problem":"..."}
 *
 * No names of users and no questions: they stand in no line. A request is written down when it failed (5xx), was slow,
 * belongs to a trace that its caller samples, or is one of the share that is asked for.
 *
 * A thread of its own writes, so that a reader of the log that stands still does not hold up answers: what finds no
 * room in the buffer is dropped, and a line says how much. Threads: any.
 */
#ifndef RECKON_SERVE_JSON_LOG_H
#define RECKON_SERVE_JSON_LOG_H

#include "base/run.h"
#include "serve/laps.h"
#include "serve/trace.h"

enum { RK_JSON_LOG_BYTES_MAX = 1 << 20 };

typedef struct rk_json_log rk_json_log;

typedef struct {
    double sample;   /* share of all requests, 0 to 1 */
    int64_t slow_ns; /* 0: none is slow */
} rk_json_log_options;

/* fd is borrowed until free. */
RK_MUST_CHECK rk_status rk_json_log_new(int fd, const rk_json_log_options *options, rk_json_log **out, rk_error *err);
void rk_json_log_free(rk_json_log *log); /* writes what it has, for a second at most; accepts NULL */
/* Messages go to the log by this voice, until free. */
const rk_voice *rk_json_log_voice(rk_json_log *log);

typedef struct {
    const char *request_id, *method, *route, *model; /* model NULL: none was asked */
    const rk_trace *trace;
    const rk_laps *laps;
    unsigned status;
    int64_t latency_ns;
    uint64_t bytes, cost_femtos; /* cost 0: not priced */
    const char *problem;         /* NULL: none */
} rk_json_log_entry;

bool rk_json_log_wants(const rk_json_log *log, uint64_t number, unsigned status, int64_t latency_ns,
                       const rk_trace *trace);
void rk_json_log_request(rk_json_log *log, const rk_json_log_entry *entry);
uint64_t rk_json_log_n_dropped(rk_json_log *log); /* lines */

#endif

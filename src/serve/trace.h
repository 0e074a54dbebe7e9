/* trace.h - where a request stands in a distributed trace: the header traceparent of W3C Trace Context.
 *
 *   traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
 *                version, trace, the caller's span, flags (01: sampled)
 *
 * Read strictly: what is not exactly so begins a trace of its own. A newer version is read as far as 00 goes.
 */
#ifndef RECKON_SERVE_TRACE_H
#define RECKON_SERVE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { RK_TRACEPARENT_BYTES = 55 };

typedef struct {
    char trace_id[33], parent_id[17], span_id[17]; /* parent_id "": the trace begins here */
    bool is_sampled, is_given;                     /* the caller wants it written down; a valid header came */
} rk_trace;

/* false: not a traceparent; *out is zeroed then. span_id stays empty. */
bool rk_trace_parse(rk_slice header, rk_trace *out);
/* The span of this server, and the trace where none was given; random as far as seed is, different for each number. */
void rk_trace_begin(rk_trace *trace, uint64_t seed, uint64_t number);
/* The header of the answer: the same trace, this server's span. */
void rk_trace_format(const rk_trace *trace, char out[RK_TRACEPARENT_BYTES + 1]);

#endif

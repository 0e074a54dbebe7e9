/* fuzz_trace.c - headers of a trace: what is read as one is of the form that it claims, and is told on unchanged. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "serve/trace.h"

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_trace trace, back;
    char header[RK_TRACEPARENT_BYTES + 1];
    rk_slice given = {size > 0 ? (const char *)data : "", size};
    bool is_read = rk_trace_parse(given, &trace);
    insist(is_read == trace.is_given);
    insist(strlen(trace.trace_id) == (is_read ? 32 : 0) && strlen(trace.parent_id) == (is_read ? 16 : 0));
    insist(!is_read || memcmp(trace.trace_id, given.at + 3, 32) == 0);
    rk_trace_begin(&trace, 7, size);
    rk_trace_format(&trace, header);
    insist(rk_trace_parse((rk_slice){header, RK_TRACEPARENT_BYTES}, &back));
    insist(strcmp(back.trace_id, trace.trace_id) == 0 && strcmp(back.parent_id, trace.span_id) == 0);
    insist(back.is_sampled == trace.is_sampled);
    return 0;
}

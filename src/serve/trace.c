/* trace.c - see trace.h. */
#include "serve/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/map.h"

enum { TRACE_AT = 3, SPAN_AT = 36, FLAGS_AT = 53, TRACE_DIGITS = 32, SPAN_DIGITS = 16 };

/* Lower case, as the standard wants it; -1: not one of 0-9a-f. */
static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

/* n digits that are not all zero, into out. */
static bool take_id(const char *at, size_t n, char *out)
{
    bool is_nought = true;
    for (size_t i = 0; i < n; i++) {
        if (digit(at[i]) < 0) {
            return false;
        }
        is_nought = is_nought && at[i] == '0';
    }
    memcpy(out, at, n);
    out[n] = '\0';
    return !is_nought;
}

static bool is_number(const char *at) { return digit(at[0]) >= 0 && digit(at[1]) >= 0; }

static bool parse(rk_slice header, rk_trace *out)
{
    if (header.n < RK_TRACEPARENT_BYTES || !is_number(header.at) || memcmp(header.at, "ff", 2) == 0) {
        return false;
    }
    bool is_first_version = memcmp(header.at, "00", 2) == 0;
    bool is_longer = header.n > RK_TRACEPARENT_BYTES;
    if (is_longer && (is_first_version || header.at[RK_TRACEPARENT_BYTES] != '-')) {
        return false;
    }
    if (header.at[TRACE_AT - 1] != '-' || header.at[SPAN_AT - 1] != '-' || header.at[FLAGS_AT - 1] != '-' ||
        !is_number(header.at + FLAGS_AT)) {
        return false;
    }
    out->is_sampled = digit(header.at[FLAGS_AT + 1]) & 1;
    out->is_given = true;
    return take_id(header.at + TRACE_AT, TRACE_DIGITS, out->trace_id) &&
           take_id(header.at + SPAN_AT, SPAN_DIGITS, out->parent_id);
}

bool rk_trace_parse(rk_slice header, rk_trace *out)
{
    *out = (rk_trace){0};
    bool is_read = parse(header, out);
    if (!is_read) {
        *out = (rk_trace){0};
    }
    return is_read;
}

/* Never 0, which means that there is none. */
static uint64_t random_id(uint64_t seed, uint64_t number, char purpose)
{
    char bytes[sizeof number + 1];
    memcpy(bytes, &number, sizeof number);
    bytes[sizeof number] = purpose;
    uint64_t id = rk_hash((rk_slice){bytes, sizeof bytes}, seed);
    return id ? id : 1;
}

void rk_trace_begin(rk_trace *trace, uint64_t seed, uint64_t number)
{
    if (!trace->is_given) {
        snprintf(trace->trace_id, sizeof trace->trace_id, "%016" PRIx64 "%016" PRIx64, random_id(seed, number, 'a'),
                 random_id(seed, number, 'b'));
    }
    snprintf(trace->span_id, sizeof trace->span_id, "%016" PRIx64, random_id(seed, number, 'c'));
}

void rk_trace_format(const rk_trace *trace, char out[RK_TRACEPARENT_BYTES + 1])
{
    snprintf(out, RK_TRACEPARENT_BYTES + 1, "00-%s-%s-0%d", trace->trace_id, trace->span_id, trace->is_sampled);
}

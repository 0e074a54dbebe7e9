/* request.h - reading a request: pure functions on bytes, so that a fuzzer can reach all of it.
 *
 * The HTTP library hands over the target and the headers as they came; everything that decides whether a request is
 * well formed happens here. Functions return false with the problem filled.
 */
#ifndef RECKON_SERVE_REQUEST_H
#define RECKON_SERVE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "serve/client.h"
#include "serve/problem.h"

enum {
    RK_TARGET_BYTES_MAX = 4096,   /* path and query as sent: else 414 */
    RK_HEADERS_BYTES_MAX = 16384, /* request line and headers: else 431 */
    RK_BODY_BYTES_MAX = 65536,    /* where none is wanted; else 413 */
    RK_VALUE_BYTES_MAX = 512,     /* one decoded parameter */
    RK_LIST_VALUES_MAX = 256,     /* values of one list parameter */
    RK_ROUTE_PARAMS_MAX = 12,     /* */
    RK_ITEMS_MAX = 1000,          /* in one answer */
};

/* The target taken apart; both parts still percent-encoded, borrowed from raw. */
typedef struct {
    rk_slice path, query;
} rk_target;
/* Origin form "/a?b" and absolute form "http://host/a?b". Blanks and control characters are refused. */
bool rk_target_split(rk_slice raw, rk_target *out, rk_problem *problem);

/* "/v1/similar/{item}" against a raw path; *variable is what stands for {item}, still encoded. */
bool rk_path_match(const char *pattern, rk_slice path, rk_slice *variable);

/* Undoes %XX, and '+' = blank in a query. The result must be UTF-8 without control characters. */
bool rk_percent_decode(rk_slice raw, bool is_query, const char *field, rk_arena *arena, rk_slice *out,
                       rk_problem *problem);

/* ---- parameters: a table of them drives parsing, checking and the OpenAPI description ---- */
typedef enum {
    RK_PARAM_PATH,  /* text standing in the path */
    RK_PARAM_TEXT,  /* */
    RK_PARAM_COUNT, /* a whole number from min to max */
    RK_PARAM_LIST,  /* texts between commas; may be given again; an encoded comma belongs to the text */
} rk_param_kind;

typedef struct {
    const char *name;
    rk_param_kind kind;
    bool is_required;
    bool is_drawn;               /* where it is given, the same question has another answer each time */
    uint64_t fallback, min, max; /* RK_PARAM_COUNT */
    const char *help;            /* one line, no full stop */
} rk_param;

typedef struct {
    rk_slice text;
    uint64_t count;
    rk_slice *list; /* [n_list] */
    size_t n_list;
    bool is_given;
} rk_param_value;

/* Fills values[i] for params[i]. An unknown, repeated, missing or ill-formed parameter is a 400 that names it. */
bool rk_params_parse(const rk_param *params, size_t n_params, rk_slice variable, rk_slice query, rk_arena *arena,
                     rk_param_value *values, rk_problem *problem);

/* ---- headers: what could smuggle a second request past a proxy ----
 * The HTTP library's own strictness (0.9.75) answers with two status lines, and so is left off. */
typedef struct {
    unsigned n_host, n_content_length, n_transfer_encoding;
    uint64_t content_length;
    bool is_length_bad;             /* a Content-Length that is not digits alone */
    rk_slice authorization, origin; /* borrowed */
    bool is_preflight;              /* Access-Control-Request-Method: a browser asks what it may ask */
    unsigned n_authorization;
    rk_slice traceparent; /* borrowed; of several none counts */
    unsigned n_traceparent;
    rk_forwarded forwarded; /* borrowed */
    bool is_name_bad;       /* a header name with a blank or another byte that names do not have */
} rk_header_facts;
void rk_headers_note(rk_header_facts *facts, rk_slice name, rk_slice value);
/* headers_bytes: of request line and headers together; is_old: HTTP/1.0, which needs no Host. body_bytes_max: what the
 * route takes. */
bool rk_headers_judge(const rk_header_facts *facts, size_t headers_bytes, bool is_old, size_t body_bytes_max,
                      rk_problem *problem);

#endif

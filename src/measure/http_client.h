/* http_client.h - the little of an HTTP/1.1 client that a load generator needs.
 *
 * The reply parser is a pure function on bytes as they come: a fuzzer reaches all of it.
 */
#ifndef RECKON_MEASURE_HTTP_CLIENT_H
#define RECKON_MEASURE_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/text.h"

/* ---- where ---- */
typedef struct {
    struct sockaddr_storage address;
    socklen_t address_bytes;
    char host[128];    /* as the Host header says it, "127.0.0.1:8080" */
    bool is_local;     /* a loopback address */
    char headers[320]; /* of every request, each line with its end: Host, and Authorization where there is a key */
} rk_endpoint;

/* "http://host[:port][/]"; looks the name up. https, a path or a user name are refused. */
RK_MUST_CHECK rk_status rk_endpoint_parse(const char *url, rk_endpoint *out, rk_error *err);

/* Every request shows this key. RK_BAD_USAGE: it is longer than keys are, or has blanks or other odd characters. */
RK_MUST_CHECK rk_status rk_endpoint_show_key(rk_endpoint *endpoint, rk_slice key, rk_error *err);

/* ---- what comes back ---- */
typedef enum {
    RK_REPLY_STATUS,
    RK_REPLY_HEADER,
    RK_REPLY_BODY,       /* Content-Length bytes */
    RK_REPLY_TO_CLOSE,   /* neither length nor chunks: ends with the connection */
    RK_REPLY_CHUNK_SIZE, /* */
    RK_REPLY_CHUNK,
    RK_REPLY_CHUNK_END,
    RK_REPLY_TRAILER,
    RK_REPLY_DONE,
    RK_REPLY_BROKEN, /* not HTTP */
} rk_reply_state;

enum { RK_REPLY_LINE_BYTES = 256 }; /* of a header line are kept; what we look for fits */

typedef struct {
    rk_reply_state state;
    unsigned status;
    uint64_t body_bytes; /* received so far, without chunk sizes */
    uint64_t left;       /* of the body or the chunk */
    bool is_chunked, has_length, is_closing;
    rk_text *body; /* where to put it; NULL = counted and dropped */
    size_t n_line;
    char line[RK_REPLY_LINE_BYTES];
} rk_reply;

void rk_reply_begin(rk_reply *reply, rk_text *body);
/* Takes bytes until the reply is done or broken; returns how many. Interim replies (100) are passed over. */
size_t rk_reply_feed(rk_reply *reply, const char *bytes, size_t n);
/* The connection ended. true: that was the end of the reply too. */
bool rk_reply_end(rk_reply *reply);

/* ---- one request, waited for (5 s) ---- */
/* RK_OK for any status. *status: HTTP. Appends to body. */
RK_MUST_CHECK rk_status rk_http_get(const rk_endpoint *endpoint, const char *target, rk_text *body, unsigned *status,
                                    rk_error *err);

#endif

/* http_client.c - replies are read line by line up to the body, then by count. */
#include "measure/http_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT_S = 5, READ_BYTES = 65536 };

/* ---- where ---- */

static bool is_loopback(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET6) {
        return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
    }
    return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
}

/* "host", "host:port", "[v6]:port" into two NUL-terminated texts. */
static bool split_authority(const char *text, char *name, size_t name_bytes, char *port, size_t port_bytes)
{
    size_t n = strcspn(text, "/?#@");
    if (text[n] != '\0' && strcmp(text + n, "/") != 0) {
        return false;
    }
    bool is_v6 = text[0] == '[';
    size_t n_name = is_v6 ? strcspn(text + 1, "]") : strcspn(text, ":/");
    const char *rest = text + n_name + (is_v6 ? 2 : 0);
    if (n_name == 0 || n_name >= name_bytes || n_name + (is_v6 ? 2 : 0) > n) {
        return false;
    }
    memcpy(name, text + is_v6, n_name);
    name[n_name] = '\0';
    size_t n_port = (size_t)(text + n - rest);
    if (n_port == 0) {
        snprintf(port, port_bytes, "80");
        return true;
    }
    uint64_t number = 0;
    if (rest[0] != ':' || !rk_parse_u64((rk_slice){rest + 1, n_port - 1}, &number) || number == 0 || number > 65535) {
        return false;
    }
    snprintf(port, port_bytes, "%u", (unsigned)number);
    return true;
}

rk_status rk_endpoint_parse(const char *url, rk_endpoint *out, rk_error *err)
{
    static const char scheme[] = "http://";
    char name[100], port[8];
    if (strncasecmp(url, scheme, sizeof scheme - 1) != 0 ||
        !split_authority(url + sizeof scheme - 1, name, sizeof name, port, sizeof port)) {
        return rk_fail(err, RK_BAD_USAGE, "the URL must look like http://host:port, got '%.80s'", url);
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    int failure = getaddrinfo(name, port, &hints, &found);
    if (failure) {
        return rk_fail(err, RK_NOT_FOUND, "no such host '%s': %s", name, gai_strerror(failure));
    }
    *out = (rk_endpoint){.address_bytes = found->ai_addrlen};
    memcpy(&out->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    out->is_local = is_loopback(&out->address);
    snprintf(out->host, sizeof out->host, strchr(name, ':') ? "[%s]:%s" : "%s:%s", name, port);
    snprintf(out->headers, sizeof out->headers, "Host: %s\r\n", out->host);
    return RK_OK;
}

rk_status rk_endpoint_show_key(rk_endpoint *endpoint, rk_slice key, rk_error *err)
{
    enum { KEY_BYTES_MAX = 128 };
    bool is_good = key.n > 0 && key.n <= KEY_BYTES_MAX;
    for (size_t i = 0; is_good && i < key.n; i++) {
        is_good = key.at[i] > ' ' && key.at[i] < 0x7f;
    }
    if (!is_good) {
        return rk_fail(err, RK_BAD_USAGE, "a key is 1 to %d characters without blanks", (int)KEY_BYTES_MAX);
    }
    snprintf(endpoint->headers, sizeof endpoint->headers, "Host: %s\r\nAuthorization: Bearer %.*s\r\n", endpoint->host,
             (int)key.n, key.at);
    return RK_OK;
}

/* ---- the reply ---- */

void rk_reply_begin(rk_reply *reply, rk_text *body)
{
    reply->state = RK_REPLY_STATUS;
    reply->status = 0;
    reply->body_bytes = reply->left = 0;
    reply->is_chunked = reply->has_length = reply->is_closing = false;
    reply->body = body;
    reply->n_line = 0;
}

static rk_slice slice_after(rk_slice line, size_t n) { return rk_slice_trim((rk_slice){line.at + n, line.n - n}); }

/* "HTTP/1.1 200 OK" */
static void take_status(rk_reply *reply, rk_slice line)
{
    uint64_t status = 0;
    bool is_http = line.n >= 12 && memcmp(line.at, "HTTP/1.", 7) == 0 && line.at[8] == ' ' &&
                   (line.n == 12 || line.at[12] == ' ') && rk_parse_u64((rk_slice){line.at + 9, 3}, &status);
    reply->status = (unsigned)status;
    reply->is_closing = is_http && line.at[7] == '0';
    reply->state = is_http && status >= 100 ? RK_REPLY_HEADER : RK_REPLY_BROKEN;
}

static void end_headers(rk_reply *reply)
{
    if (reply->status < 200) {
        rk_reply_begin(reply, reply->body);
    } else if (reply->status == 204 || reply->status == 304) {
        reply->state = RK_REPLY_DONE;
    } else if (reply->is_chunked) {
        reply->state = RK_REPLY_CHUNK_SIZE;
    } else if (reply->has_length) {
        reply->state = reply->left ? RK_REPLY_BODY : RK_REPLY_DONE;
    } else {
        reply->state = RK_REPLY_TO_CLOSE;
        reply->is_closing = true;
    }
}

static bool begins(rk_slice line, const char *name, size_t n)
{
    return line.n >= n && strncasecmp(line.at, name, n) == 0;
}

static void take_header(rk_reply *reply, rk_slice line)
{
    static const char length[] = "content-length:", transfer[] = "transfer-encoding:", connection[] = "connection:";
    if (line.n == 0) {
        end_headers(reply);
    } else if (begins(line, length, sizeof length - 1)) {
        bool is_number = rk_parse_u64(slice_after(line, sizeof length - 1), &reply->left);
        reply->has_length = true;
        reply->state = is_number ? reply->state : RK_REPLY_BROKEN;
    } else if (begins(line, transfer, sizeof transfer - 1)) {
        rk_slice value = slice_after(line, sizeof transfer - 1);
        reply->is_chunked = value.n >= 7 && strncasecmp(value.at + value.n - 7, "chunked", 7) == 0;
    } else if (begins(line, connection, sizeof connection - 1)) {
        rk_slice value = slice_after(line, sizeof connection - 1);
        reply->is_closing |= value.n == 5 && strncasecmp(value.at, "close", 5) == 0;
    }
}

static void take_chunk_size(rk_reply *reply, rk_slice line)
{
    uint64_t size = 0;
    size_t n = 0;
    for (; n < line.n && n < 15; n++) {
        char c = (char)(line.at[n] | 0x20);
        unsigned digit = line.at[n] >= '0' && line.at[n] <= '9' ? (unsigned)(line.at[n] - '0')
                         : c >= 'a' && c <= 'f'                 ? (unsigned)(c - 'a' + 10)
                                                                : 16;
        if (digit == 16) {
            break;
        }
        size = size * 16 + digit;
    }
    reply->left = size;
    reply->state = n == 0 ? RK_REPLY_BROKEN : size ? RK_REPLY_CHUNK : RK_REPLY_TRAILER;
}

static void take_line(rk_reply *reply)
{
    size_t n = reply->n_line;
    rk_slice line = {reply->line, n > 0 && reply->line[n - 1] == '\r' ? n - 1 : n};
    reply->n_line = 0;
    switch (reply->state) {
    case RK_REPLY_STATUS:
        take_status(reply, line);
        break;
    case RK_REPLY_HEADER:
        take_header(reply, line);
        break;
    case RK_REPLY_CHUNK_SIZE:
        take_chunk_size(reply, line);
        break;
    case RK_REPLY_CHUNK_END:
        reply->state = line.n == 0 ? RK_REPLY_CHUNK_SIZE : RK_REPLY_BROKEN;
        break;
    default:
        reply->state = line.n == 0 ? RK_REPLY_DONE : RK_REPLY_TRAILER;
    }
}

static size_t feed_line(rk_reply *reply, const char *bytes, size_t n)
{
    const char *end = memchr(bytes, '\n', n);
    size_t n_part = end ? (size_t)(end - bytes) : n;
    size_t room = sizeof reply->line - reply->n_line;
    size_t n_kept = n_part < room ? n_part : room;
    memcpy(reply->line + reply->n_line, bytes, n_kept);
    reply->n_line += n_kept;
    if (end) {
        take_line(reply);
        return n_part + 1;
    }
    return n_part;
}

static size_t feed_body(rk_reply *reply, const char *bytes, size_t n)
{
    bool is_counted = reply->state != RK_REPLY_TO_CLOSE;
    size_t taken = is_counted && reply->left < n ? (size_t)reply->left : n;
    if (reply->body) {
        rk_text_add_slice(reply->body, (rk_slice){bytes, taken});
    }
    reply->body_bytes += taken;
    if (is_counted) {
        reply->left -= taken;
        if (reply->left == 0) {
            reply->state = reply->state == RK_REPLY_BODY ? RK_REPLY_DONE : RK_REPLY_CHUNK_END;
        }
    }
    return taken;
}

size_t rk_reply_feed(rk_reply *reply, const char *bytes, size_t n)
{
    size_t at = 0;
    while (at < n && reply->state != RK_REPLY_DONE && reply->state != RK_REPLY_BROKEN) {
        bool is_body =
            reply->state == RK_REPLY_BODY || reply->state == RK_REPLY_CHUNK || reply->state == RK_REPLY_TO_CLOSE;
        at += is_body ? feed_body(reply, bytes + at, n - at) : feed_line(reply, bytes + at, n - at);
    }
    return at;
}

bool rk_reply_end(rk_reply *reply)
{
    if (reply->state == RK_REPLY_TO_CLOSE) {
        reply->state = RK_REPLY_DONE;
    }
    return reply->state == RK_REPLY_DONE;
}

/* ---- one request ---- */

static rk_status exchange(int fd, const rk_endpoint *endpoint, const rk_text *request, rk_reply *reply, rk_error *err)
{
    struct timeval limit = {.tv_sec = TIMEOUT_S};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&endpoint->address, endpoint->address_bytes) != 0) {
        return rk_fail_errno(err, RK_IO, errno, "cannot connect to %s", endpoint->host);
    }
    if (send(fd, request->at, request->n, MSG_NOSIGNAL) != (ssize_t)request->n) {
        return rk_fail_errno(err, RK_IO, errno, "cannot write to %s", endpoint->host);
    }
    char bytes[READ_BYTES];
    while (reply->state != RK_REPLY_DONE && reply->state != RK_REPLY_BROKEN) {
        ssize_t n = recv(fd, bytes, sizeof bytes, 0);
        if (n < 0 && errno != EINTR) {
            return rk_fail_errno(err, RK_IO, errno, "no answer from %s", endpoint->host);
        }
        if (n == 0 && !rk_reply_end(reply)) {
            return rk_fail(err, RK_IO, "%s ended the connection without a whole answer", endpoint->host);
        }
        rk_reply_feed(reply, bytes, n > 0 ? (size_t)n : 0);
    }
    return reply->state == RK_REPLY_DONE ? RK_OK
                                         : rk_fail(err, RK_BAD_INPUT, "%s does not speak HTTP/1.1", endpoint->host);
}

rk_status rk_http_get(const rk_endpoint *endpoint, const char *target, rk_text *body, unsigned *status, rk_error *err)
{
    rk_text request = {0};
    rk_text_addf(&request, "GET %s HTTP/1.1\r\n%sConnection: close\r\n\r\n", target, endpoint->headers);
    rk_reply reply;
    rk_reply_begin(&reply, body);
    int fd = socket(endpoint->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rk_status result = request.failed ? rk_fail_memory(err, "a request")
                       : fd < 0       ? rk_fail_errno(err, RK_IO, errno, "cannot open a socket")
                                      : exchange(fd, endpoint, &request, &reply, err);
    if (fd >= 0) {
        close(fd);
    }
    rk_text_release(&request);
    *status = reply.status;
    return result;
}

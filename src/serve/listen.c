/* listen.c - opened by us and not by the HTTP library, which would only say that it could not start. */
#include "serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static rk_status resolve(const char *address, uint16_t port, struct addrinfo **out, rk_error *err)
{
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    int failure = getaddrinfo(address, service, &hints, out);
    return failure ? rk_fail(err, RK_BAD_USAGE, "address must be numeric, as 127.0.0.1 or ::1, got '%s'", address)
                   : RK_OK;
}

static rk_status bind_and_listen(int fd, const struct addrinfo *where, const char *address, uint16_t port,
                                 rk_error *err)
{
    int yes = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, where->ai_addr, where->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0) {
        return RK_OK;
    }
    if (errno == EADDRINUSE) {
        return rk_fail(err, RK_IO, "port %u on %s is in use", port, address);
    }
    return rk_fail_errno(err, RK_IO, errno, "cannot listen on port %u of %s", port, address);
}

static void describe(const char *address, bool is_tls, rk_listener *out)
{
    struct sockaddr_storage bound;
    socklen_t n = sizeof bound;
    getsockname(out->fd, (struct sockaddr *)&bound, &n);
    out->is_ipv6 = bound.ss_family == AF_INET6;
    out->port =
        ntohs(out->is_ipv6 ? ((struct sockaddr_in6 *)&bound)->sin6_port : ((struct sockaddr_in *)&bound)->sin_port);
    snprintf(out->url, sizeof out->url, out->is_ipv6 ? "%s://[%s]:%u" : "%s://%s:%u", is_tls ? "https" : "http",
             address, out->port);
}

rk_status rk_listener_open(const char *address, uint16_t port, bool is_tls, rk_listener *out, rk_error *err)
{
    struct addrinfo *where = NULL;
    rk_status status = resolve(address, port, &where, err);
    if (status != RK_OK) {
        return status;
    }
    int fd = socket(where->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    status = fd < 0 ? rk_fail_errno(err, RK_IO, errno, "cannot open a socket")
                    : bind_and_listen(fd, where, address, port, err);
    freeaddrinfo(where);
    if (status != RK_OK) {
        if (fd >= 0) {
            close(fd);
        }
        return status;
    }
    *out = (rk_listener){.fd = fd};
    describe(address, is_tls, out);
    return RK_OK;
}

/* listen.h - a listening TCP socket with errors a person can act on. */
#ifndef RECKON_SERVE_LISTEN_H
#define RECKON_SERVE_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct {
    int fd;
    uint16_t port; /* the one given, or found when 0 was asked for */
    bool is_ipv6;
    char url[96]; /* "http://127.0.0.1:8080" */
} rk_listener;

/* address: numeric, IPv4 or IPv6. is_tls: the URL says so. The caller closes fd. */
RK_MUST_CHECK rk_status rk_listener_open(const char *address, uint16_t port, bool is_tls, rk_listener *out,
                                         rk_error *err);

#endif

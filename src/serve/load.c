/* load.c - see load.h. */
#include "serve/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

int64_t rk_socket_waited_ns(int fd)
{
    struct tcp_info info;
    socklen_t n = sizeof info;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) != 0) {
        return 0;
    }
    return info.tcpi_last_data_recv * INT64_C(1000000);
}

/* Adds what stays within the limit; else nothing. */
static bool add_within(atomic_uint_least64_t *sum, uint64_t more, uint64_t limit)
{
    if (atomic_fetch_add_explicit(sum, more, memory_order_relaxed) + more <= limit) {
        return true;
    }
    atomic_fetch_sub_explicit(sum, more, memory_order_relaxed);
    return false;
}

rk_load_verdict rk_load_enter(rk_load *load, int64_t waited_ns, size_t body_bytes)
{
    if (load->options.slo_ms > 0 && waited_ns > load->options.slo_ms * INT64_C(500000)) {
        return RK_LOAD_LATE;
    }
    if (!add_within(&load->n_in_flight, 1, load->options.n_in_flight)) {
        return RK_LOAD_BUSY;
    }
    if (!add_within(&load->n_bytes, body_bytes, RK_LOAD_BYTES_MAX)) {
        atomic_fetch_sub_explicit(&load->n_in_flight, 1, memory_order_relaxed);
        return RK_LOAD_BUSY;
    }
    return RK_LOAD_TAKEN;
}

void rk_load_leave(rk_load *load, size_t body_bytes)
{
    atomic_fetch_sub_explicit(&load->n_in_flight, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&load->n_bytes, body_bytes, memory_order_relaxed);
}

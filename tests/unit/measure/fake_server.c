/* fake_server.c - a poll loop; every request is taken to arrive in one piece, as the load generator sends it. */
#include "unit/measure/fake_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support/test.h"

#include "base/clock.h"

enum { FDS_MAX = 256 };

struct fake_server {
    fake_behaviour behaviour;
    pthread_t thread;
    unsigned port;
    int64_t start_ns;
    atomic_bool is_ending;
    uint64_t n_answers;
    struct pollfd fds[FDS_MAX];
    nfds_t n_fds;
};

static void sleep_us(uint64_t us)
{
    nanosleep(&(struct timespec){(time_t)(us / 1000000), (long)(us % 1000000) * 1000}, NULL);
}

static void spin_us(uint64_t us)
{
    for (int64_t end_ns = rk_clock_ns() + (int64_t)us * 1000; rk_clock_ns() < end_ns;) {
    }
}

static void misbehave(fake_server *server)
{
    bool is_time = rk_clock_ns() - server->start_ns > server->behaviour.stall_after_ms * INT64_C(1000000);
    if (server->behaviour.stall_ms && is_time) {
        sleep_us(server->behaviour.stall_ms * UINT64_C(1000));
        server->behaviour.stall_ms = 0;
    }
    spin_us(server->behaviour.service_us);
}

/* false: the connection has ended. */
static bool answer(fake_server *server, int fd)
{
    char request[4096];
    if (recv(fd, request, sizeof request, 0) <= 0) {
        return false;
    }
    misbehave(server);
    const char *reply =
        server->behaviour.reply ? server->behaviour.reply : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    server->n_answers++;
    return send(fd, reply, strlen(reply), MSG_NOSIGNAL) > 0;
}

static void *serve(void *context)
{
    fake_server *server = context;
    while (!atomic_load(&server->is_ending)) {
        if (poll(server->fds, server->n_fds, 10) <= 0) {
            continue;
        }
        for (nfds_t i = server->n_fds; i-- > 1;) {
            if (server->fds[i].revents && !answer(server, server->fds[i].fd)) {
                close(server->fds[i].fd);
                server->fds[i] = server->fds[--server->n_fds];
            }
        }
        if (server->fds[0].revents && server->n_fds < FDS_MAX) {
            server->fds[server->n_fds++] = (struct pollfd){accept(server->fds[0].fd, NULL, NULL), POLLIN, 0};
        }
    }
    return NULL;
}

fake_server *fake_server_start(fake_behaviour behaviour)
{
    fake_server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, n), 0);
    assert_int_equal(listen(fd, 128), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &n), 0);
    server->behaviour = behaviour;
    server->port = ntohs(address.sin_port);
    server->fds[server->n_fds++] = (struct pollfd){fd, POLLIN, 0};
    server->start_ns = rk_clock_ns();
    assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

unsigned fake_server_port(const fake_server *server) { return server->port; }

uint64_t fake_server_stop(fake_server *server)
{
    atomic_store(&server->is_ending, true);
    pthread_join(server->thread, NULL);
    for (nfds_t i = 0; i < server->n_fds; i++) {
        close(server->fds[i].fd);
    }
    uint64_t n_answers = server->n_answers;
    free(server);
    return n_answers;
}

/* connections.c - a doubly linked list under a lock that is taken when connections come and go, not by requests.
 *
 * A descriptor is shut down only under the lock, and its entry leaves the list under the lock before the library closes
 * it: so the sweeper never touches a descriptor that has become somebody else's.
 */
#include "serve/connections.h"

#include <stdlib.h>
#include <sys/socket.h>

void rk_connections_init(rk_connections *connections)
{
    pthread_mutex_init(&connections->lock, NULL);
    connections->first = NULL;
}

void rk_connections_release(rk_connections *connections) { pthread_mutex_destroy(&connections->lock); }

rk_connection *rk_connection_open(rk_connections *connections, int fd, int64_t now_ns)
{
    rk_connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        return NULL;
    }
    connection->fd = fd;
    atomic_init(&connection->phase, RK_PHASE_READING);
    atomic_init(&connection->since_ns, now_ns);
    pthread_mutex_lock(&connections->lock);
    connection->next = connections->first;
    if (connection->next) {
        connection->next->previous = connection;
    }
    connections->first = connection;
    pthread_mutex_unlock(&connections->lock);
    return connection;
}

void rk_connection_close(rk_connections *connections, rk_connection *connection)
{
    pthread_mutex_lock(&connections->lock);
    if (connection->previous) {
        connection->previous->next = connection->next;
    } else {
        connections->first = connection->next;
    }
    if (connection->next) {
        connection->next->previous = connection->previous;
    }
    pthread_mutex_unlock(&connections->lock);
    rk_arena_release(&connection->arena);
    rk_text_release(&connection->body);
    rk_text_release(&connection->received);
    free(connection);
}

void rk_connection_enter(rk_connection *connection, rk_phase phase, int64_t now_ns)
{
    atomic_store_explicit(&connection->since_ns, now_ns, memory_order_relaxed);
    atomic_store_explicit(&connection->phase, (int)phase, memory_order_release);
}

static bool is_overdue(rk_connection *connection, rk_patience patience, int64_t now_ns)
{
    int phase = atomic_load_explicit(&connection->phase, memory_order_acquire);
    int64_t waited = now_ns - atomic_load_explicit(&connection->since_ns, memory_order_relaxed);
    return phase != RK_PHASE_WAITING && waited > (phase == RK_PHASE_IDLE ? patience.idle_ns : patience.request_ns);
}

size_t rk_connections_sweep(rk_connections *connections, rk_patience patience, int64_t now_ns)
{
    size_t n = 0;
    pthread_mutex_lock(&connections->lock);
    for (rk_connection *at = connections->first; at; at = at->next) {
        if (is_overdue(at, patience, now_ns)) {
            shutdown(at->fd, SHUT_RDWR);
            rk_connection_enter(at, RK_PHASE_WAITING, now_ns); /* once is enough */
            n++;
        }
    }
    pthread_mutex_unlock(&connections->lock);
    return n;
}

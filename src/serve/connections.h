/* connections.h - every open connection, so that slow ones can be ended from outside.
 *
 * The HTTP library's own timeout starts again with every byte, so a client that drips bytes holds a connection for
 * ever. Here a request has one deadline from its first line (or from the connection's start) to its answer.
 */
#ifndef RECKON_SERVE_CONNECTIONS_H
#define RECKON_SERVE_CONNECTIONS_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/text.h"
#include "serve/deliveries.h"
#include "serve/guard.h"
#include "serve/intake.h"
#include "serve/laps.h"
#include "serve/trace.h"
#include "serve/users.h"

struct MHD_Connection;

typedef enum {
    RK_PHASE_READING,   /* a request, or the wait for the very first one */
    RK_PHASE_ANSWERING, /* */
    RK_PHASE_IDLE,      /* between two requests */
    RK_PHASE_WAITING,   /* for another thread: no deadline */
} rk_phase;

/* What an answer has to wait for. */
typedef enum { RK_WAIT_NONE, RK_WAIT_RELOAD, RK_WAIT_EVENTS, RK_WAIT_USER, RK_WAIT_PRODUCT } rk_wait;

typedef struct rk_connection {
    struct rk_connection *previous, *next; /* of the register, under its lock */
    int fd;
    atomic_int phase;
    atomic_int_least64_t since_ns; /* when the phase, or the request, began */

    /* The request at hand: touched only by the thread that serves the connection. */
    rk_arena arena;     /* cleared when the next request begins */
    rk_text body;       /* of the answer, until it has left */
    const char *target; /* as sent, in arena; NULL when memory was short */
    size_t n_target;
    int64_t began_ns;
    bool is_active;    /* begun and not ended */
    bool is_presented; /* the library has shown it to us once */
    size_t body_bytes; /* received, */
    size_t body_bytes_max;
    rk_text received; /* and kept, where the route wants them */
    bool is_kept;
    size_t route; /* for the metrics */
    rk_problem problem;
    rk_address client;    /* who asks */
    rk_caller caller;     /* who was let in */
    const char *origin;   /* whose page asks, as it may be answered; NULL: none that may (cors.h) */
    bool is_preflight;    /* a browser asks what that page may ask */
    bool has_credentials; /* an Authorization header, right or wrong */
    rk_laps laps;
    uint64_t number;      /* of the request, since the server began */
    uint64_t cost_femtos; /* of its answer */
    size_t arm;           /* of an experiment, as the meter numbers them */
    uint64_t held_ns;     /* processor time up to its wait */
    bool is_repeated;     /* the answer was kept, and is given again */
    bool is_charged;
    rk_trace trace;
    char method[8], model[48]; /* for the JSON log; model "": none was asked */

    rk_wait wait;
    struct rk_connection *next_waiting;
    struct MHD_Connection *handle;
    rk_batch batch;
    rk_user_job job;
    rk_delivery delivery;
    bool is_over; /* the wait is; its outcome stands in problem */
} rk_connection;

typedef struct {
    pthread_mutex_t lock;
    rk_connection *first;
} rk_connections;

typedef struct {
    int64_t request_ns, idle_ns;
} rk_patience;

void rk_connections_init(rk_connections *connections);
void rk_connections_release(rk_connections *connections);                               /* must be empty */
rk_connection *rk_connection_open(rk_connections *connections, int fd, int64_t now_ns); /* NULL when memory is short */
void rk_connection_close(rk_connections *connections, rk_connection *connection);
void rk_connection_enter(rk_connection *connection, rk_phase phase, int64_t now_ns);
/* Shuts down every connection over its deadline; the library then sees them end. Returns how many. */
size_t rk_connections_sweep(rk_connections *connections, rk_patience patience, int64_t now_ns);

#endif

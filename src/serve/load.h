/* load.h - whether one more request is taken in: what is under way is bounded, and who has waited too long already is
 * told so at once.
 *
 * A server with more to do than it can has a choice: answer everybody late, or some in time. Here a request that has
 * waited half of what an answer may take is refused before anything is computed for it, at a twentieth of an answer's
 * cost, so the queue shrinks to what can be answered in time. The wait is measured and not guessed: the kernel says
 * when the newest bytes of a connection came (TCP_INFO), and that is when a request began to wait for us, whether its
 * connection was accepted yet or not.
 */
#ifndef RECKON_SERVE_LOAD_H
#define RECKON_SERVE_LOAD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RK_LOAD_BYTES_MAX = 64 << 20 }; /* of bodies that have been announced and not yet answered */

typedef struct {
    unsigned slo_ms;      /* an answer should have left within it; 0: no request is refused for waiting */
    unsigned n_in_flight; /* requests at most that were let in and not answered */
} rk_load_options;

typedef struct {
    rk_load_options options;
    atomic_uint_least64_t n_in_flight, n_bytes;
} rk_load;

typedef enum { RK_LOAD_TAKEN, RK_LOAD_LATE, RK_LOAD_BUSY } rk_load_verdict;

/* waited_ns: of this request till now, or of what it would queue behind. Once taken, call leave with the same bytes
 * when it has been answered. Any thread. */
rk_load_verdict rk_load_enter(rk_load *load, int64_t waited_ns, size_t body_bytes);
void rk_load_leave(rk_load *load, size_t body_bytes);

/* How long the newest bytes of a TCP socket have been here, to the kernel's clock tick of 1 to 10 ms; 0: unknown. */
int64_t rk_socket_waited_ns(int fd);

#endif

/* fake_server.h - an HTTP server whose misbehaviour is known: one thread, a fixed answer, a stall on demand. */
#ifndef RECKON_TESTS_MEASURE_FAKE_SERVER_H
#define RECKON_TESTS_MEASURE_FAKE_SERVER_H

#include <stdint.h>

typedef struct fake_server fake_server;

typedef struct {
    const char *reply;       /* whole, with headers; NULL = 200 with the body "ok" */
    unsigned service_us;     /* time an answer takes, one after another: capacity 1e6 / service_us */
    unsigned stall_after_ms; /* from the start */
    unsigned stall_ms;       /* once; 0 = never */
} fake_behaviour;

fake_server *fake_server_start(fake_behaviour behaviour);
unsigned fake_server_port(const fake_server *server);
uint64_t fake_server_stop(fake_server *server); /* requests answered */

#endif

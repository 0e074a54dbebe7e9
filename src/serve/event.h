/* event.h - what a shop tells about its shoppers: one JSON object, an array of them, or one after the other (NDJSON).
 *
 *   {"event_id":"e-1","user":"17850","item":"84879","type":"purchase","time":"2026-11-23T10:15:00Z","quantity":2,
 *    "price":1.69}
 *
 * user and item are wanted. An event_id makes it safe to send again. Without a time it is now. value: a rating.
 */
#ifndef RECKON_SERVE_EVENT_H
#define RECKON_SERVE_EVENT_H

#include "base/arena.h"
#include "base/text.h"
#include "data/flat.h"
#include "serve/problem.h"

enum { RK_EVENTS_MAX = 10000, RK_EVENTS_BYTES_MAX = 1 << 20 }; /* in one request */

/* Texts are borrowed from the body and the arena; n 0: not given. Numbers as they were written. */
typedef struct {
    rk_slice id, user, item, type, quantity, price, value;
    int64_t time_s;
} rk_event;

/* All events of a body, or none: false with the problem filled, which names the event and the field. flat's scratch
 * must be the arena. now_s: the time of those without one. */
bool rk_events_parse(rk_slice body, int64_t now_s, rk_flat *flat, rk_arena *arena, rk_event **out, size_t *n,
                     rk_problem *problem);

/* The event as one line of JSON, which `reckon ingest` reads: what is kept. */
void rk_event_write(const rk_event *event, rk_text *out);

#endif

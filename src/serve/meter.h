/* meter.h - what answering uses of the machine, and what that costs while it runs.
 *
 * Each answer is charged with the processor time of its thread since the thread's answer before: nothing that a worker
 * does is charged to nobody. What the process uses beside (the keeper, the log's clerk between its rounds) is `other`,
 * what the processors could have done and did not is `idle`. A processor second costs its part of the machine's hour,
 *
 *     hour price / (3600 s x processors this server may use)
 *
 * so that all answers + other + idle = the hour price x the hours since the start, to the nano. Bytes and what is
 * bought by the request are priced beside it, by the rates of the card. Costs are made of whole usages at every
 * reading, so that rounding does not add up.
 *
 * Threads: any may charge or read at any time.
 */
#ifndef RECKON_SERVE_METER_H
#define RECKON_SERVE_METER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "cost/rate_card.h"
#include "serve/laps.h"

enum {
    RK_METER_ROUTES_MAX = 32, /* as routes.h numbers them; the last one takes all beyond */
    RK_METER_MINUTES = 60,    /* of which usage is remembered */
};
#define RK_METER_RATE_MAX INT64_C(1000000000000000) /* a million of the currency: of an hour, a GB, a request */

typedef struct rk_meter rk_meter;

/* card NULL: usage is counted and nothing is priced. Otherwise the rates of service (NULL: the first of the card) and
 * variant (NULL: its first) are copied. RK_BAD_INPUT: no such rates, or a card without the price of a machine-hour. */
RK_MUST_CHECK rk_status rk_meter_new(const rk_rate_card *card, const char *service, const char *variant,
                                     unsigned n_processors, rk_meter **out, rk_error *err);
/* The same with the card of a file; NULL: none. */
RK_MUST_CHECK rk_status rk_meter_open(const char *card_path, const char *service, const char *variant,
                                      unsigned n_processors, rk_meter **out, rk_error *err);
void rk_meter_free(rk_meter *meter); /* accepts NULL */

/* Charges an answer of so many bytes to its route, in the thread that gives it. clerk_ns: processor time that another
 * thread spent on it. Returns its cost in 10^-15 of the currency; what one answer leaves below that is carried to the
 * thread's next. */
uint64_t rk_meter_charge(rk_meter *meter, size_t route, const rk_laps *laps, uint64_t clerk_ns, uint64_t bytes);
/* Once a second or so: remembers what the last hour's beginning was. */
void rk_meter_tick(rk_meter *meter, int64_t now_ns);

/* ---- reading ---- */
typedef struct {
    uint64_t n, bytes;
    uint64_t cpu_ns[RK_STAGES];
} rk_meter_usage;

/* All since the start; the difference of two is an interval. Never falls. */
typedef struct {
    int64_t at_ns; /* monotonic */
    rk_meter_usage route[RK_METER_ROUTES_MAX];
    uint64_t other_ns, idle_ns; /* processor time */
    uint64_t idle_nanos;        /* money: what is left of the machine's price when all else is taken */
} rk_meter_reading;

void rk_meter_read(rk_meter *meter, rk_meter_reading *out);
/* The same with clocks of the caller's: of the process, then monotonic. */
void rk_meter_read_at(rk_meter *meter, int64_t process_ns, int64_t now_ns, rk_meter_reading *out);
/* The reading that the last hour began with; at the start an empty one. */
void rk_meter_hour_ago(rk_meter *meter, rk_meter_reading *out);

/* Nanos of processor time. */
uint64_t rk_meter_cpu_nanos(const rk_meter *meter, uint64_t cpu_ns);
/* Nanos of a part of the card, of one category. */
uint64_t rk_meter_part_nanos(const rk_meter *meter, const rk_meter_usage *usage, rk_rate_part part, int category);

const rk_rates *rk_meter_rates(const rk_meter *meter); /* NULL: nothing is priced */
const char *rk_meter_currency(const rk_meter *meter);
unsigned rk_meter_processors(const rk_meter *meter);
int64_t rk_meter_start_ns(const rk_meter *meter); /* monotonic */
const char *rk_stage_name(rk_stage stage);        /* "score" */

/* ---- words ---- */
/* names: [n_routes] labels. */
void rk_meter_format(rk_meter *meter, const char *const *names, size_t n_routes, rk_text *out);    /* Prometheus */
void rk_meter_statement(rk_meter *meter, const char *const *names, size_t n_routes, rk_text *out); /* JSON, priced */

#endif

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
 * There is an account for each route, outcome and variant of an experiment: opened by its first charge, never closed,
 * whatever is reloaded. Each charge goes to one of them, so that every way to group them comes to the same sum.
 *
 * Threads: any may charge or read at any time.
 */
#ifndef RECKON_SERVE_METER_H
#define RECKON_SERVE_METER_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "cost/rate_card.h"
#include "serve/arm.h"
#include "serve/laps.h"

enum {
    RK_METER_ROUTES_MAX = 32,     /* as routes.h numbers them; the last one takes all beyond */
    RK_METER_ARMS_MAX = 1024,     /* variants of experiments; those beyond are counted as `other` */
    RK_METER_ACCOUNTS_MAX = 4096, /* likewise */
    RK_METER_MINUTES = 60,        /* of which usage is remembered */
};
#define RK_METER_RATE_MAX INT64_C(1000000000000000) /* a million of the currency: of an hour, a GB, a request */

/* How a request ended. */
typedef enum {
    RK_ANSWERED,
    RK_REPEATED, /* with an answer that was kept (answers.h) */
    RK_REFUSED,  /* it was ill-formed, not allowed, too many, or of what is not there: 4xx, 501, 503 */
    RK_FAILED,   /* 500 */
    RK_BROKEN,   /* no answer: it was broken off, or never became a request; counts as none */
    RK_OUTCOMES,
} rk_outcome;
const char *rk_outcome_name(rk_outcome outcome); /* "refused" */

/* Numbers of arms of experiments. That these have no variant's name tells them from what somebody called so. */
enum {
    RK_ARM_NONE,  /* outside of all: "none", "" */
    RK_ARM_OTHER, /* of those for which there was no room: "other", "" */
};

typedef struct rk_meter rk_meter;

/* card NULL: usage is counted and nothing is priced. Otherwise the rates of service (NULL: the first of the card) and
 * variant (NULL: its first) are copied. RK_BAD_INPUT: no such rates, or a card without the price of a machine-hour. */
RK_MUST_CHECK rk_status rk_meter_new(const rk_rate_card *card, const char *service, const char *variant,
                                     unsigned n_processors, rk_meter **out, rk_error *err);
/* The same with the card of a file; NULL: none. */
RK_MUST_CHECK rk_status rk_meter_open(const char *card_path, const char *service, const char *variant,
                                      unsigned n_processors, rk_meter **out, rk_error *err);
void rk_meter_free(rk_meter *meter); /* accepts NULL */

/* The number of an arm; texts are copied when it is new. */
size_t rk_meter_arm(rk_meter *meter, const char *experiment, const char *variant);

typedef struct {
    size_t route, arm;
    rk_outcome outcome;
    const rk_laps *laps; /* NULL: none were timed */
    uint64_t clerk_ns;   /* processor time that another thread spent on it */
    uint64_t bytes;      /* of the answer */
    uint64_t held_ns;    /* what rk_meter_hold gave for it */
} rk_charge;
/* Charges a request in the thread that answers it. Returns the cost of its answer in 10^-15 of the currency; what one
 * leaves below that is carried to the thread's next. */
uint64_t rk_meter_charge(rk_meter *meter, const rk_charge *charge);
/* For a request that waits for another thread: takes the processor time since this thread's last charge, so that the
 * next answer does not pay for it; to be handed in with the request's own charge. */
uint64_t rk_meter_hold(void);
/* Once a second or so: remembers what the last hour's beginning was. */
void rk_meter_tick(rk_meter *meter, int64_t now_ns);

/* ---- reading ---- */
typedef struct {
    uint64_t n, bytes;
    uint64_t cpu_ns[RK_STAGES];
} rk_meter_usage;

typedef struct {
    uint16_t route, arm;
    rk_outcome outcome;
} rk_account;
rk_account rk_meter_account(const rk_meter *meter, size_t i);
rk_arm rk_meter_arm_at(const rk_meter *meter, size_t arm); /* borrowed from the meter */

/* All since the start; the difference of two is an interval. Never falls. */
typedef struct {
    int64_t at_ns;               /* monotonic */
    const rk_meter_usage *usage; /* [n] by account; those of an earlier reading come first */
    size_t n;
    uint64_t other_ns, idle_ns; /* processor time */
    uint64_t idle_nanos;        /* money: what is left of the machine's price when all else is taken */
} rk_meter_reading;

/* Usages lie in the arena. false: memory is short. */
bool rk_meter_read(rk_meter *meter, rk_arena *arena, rk_meter_reading *out);
/* The same with clocks of the caller's: of the process, then monotonic. */
bool rk_meter_read_at(rk_meter *meter, int64_t process_ns, int64_t now_ns, rk_arena *arena, rk_meter_reading *out);
/* The reading that the last hour began with; at the start an empty one. */
bool rk_meter_hour_ago(rk_meter *meter, rk_arena *arena, rk_meter_reading *out);

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
/* names: [n_routes] labels. The arena is for the work. */
void rk_meter_format(rk_meter *meter, const char *const *names, size_t n_routes, rk_arena *arena,
                     rk_text *out); /* Prometheus */
void rk_meter_statement(rk_meter *meter, const char *const *names, size_t n_routes, rk_arena *arena,
                        rk_text *out); /* JSON, priced */

#endif

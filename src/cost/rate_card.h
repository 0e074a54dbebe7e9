/* rate_card.h - what a second of processor time and a GB answered cost, so that a server can price each request.
 *
 * Rates are whole nanos, 10^-9 of the plan's currency, each rounded half-even once from an exact fraction. Two bases:
 *   marginal  what one more request costs: machine time at the planned load, bytes, what is bought by the request
 *   full      machine time with the idle machines spread over it, bytes, and the request's part of everything else
 * A request costs a few nanos of processor time, so rounding shows there: sum usage and price the sum, as counters do.
 *
 * A card is made from a plan (rk_rate_card_make) and read from a file ("rates/1"); pricing allocates nothing and cannot
 * overflow.
 */
#ifndef RECKON_COST_RATE_CARD_H
#define RECKON_COST_RATE_CARD_H

#include "base/arena.h"
#include "base/vec.h"
#include "cost/ledger.h"

enum { RK_RATES_MAX = 32000, RK_RATES_BYTES_MAX = 16 << 20 };
#define RK_RATE_NANOS_MAX INT64_C(1000000000000000000) /* 10^9 of the currency for one unit */

/* What a card prices beside machine time, and whose money that is: the parts of each rate by cost category. */
typedef enum { RK_RATE_GB, RK_RATE_REQUEST, RK_RATE_SHARE, RK_RATE_PARTS } rk_rate_part;

/* Of one service and one model variant. */
typedef struct {
    const char *service, *variant;      /* variant NULL: the plan names none */
    const char *machine;                /* whose hours are priced */
    int64_t machine_hour_nanos;         /* an hour of one machine, on demand or, where it is not sold so, reserved */
    int64_t cpu_second_nanos;           /* a second of processor time at the planned load */
    int64_t cpu_second_with_idle_nanos; /* the same when idle machines are paid by it, too */
    int64_t gb_nanos;                   /* 10^9 bytes answered */
    int64_t request_nanos;              /* what is bought by the request */
    int64_t request_share_nanos;        /* a request's part of what follows no request: people, licences, storage */
    int64_t memory_gib_month_nanos; /* a GiB of the machine held for 730 hours, the whole machine priced by its memory:
                                       another way to count, in none of the others; 0 = memory unknown */
    int64_t by_category[RK_RATE_PARTS]
                       [RK_N_CATEGORIES]; /* of gb_, request_ and request_share_nanos: they add up to it */
    double cpu_ms_per_request;            /* that the rates were made with */
    double response_bytes;                /* 0 = unknown */
} rk_rates;

/* The card against the ledger it was made from: millionths over the whole plan. Only of a card just made. */
typedef struct {
    int64_t marginal_by_card, marginal_by_ledger, full_by_card, full_by_ledger;
} rk_rate_check;

typedef struct {
    rk_arena arena; /* texts */
    const char *plan, *currency, *first_month, *last_month;
    rk_vec rates;  /* rk_rates; by service, its answering variant first */
    rk_vec checks; /* rk_rate_check, one for each of rates; none when read from a file */
    rk_vec notes;  /* const char *: what the card does not price */
} rk_rate_card;

void rk_rate_card_init(rk_rate_card *card);
void rk_rate_card_release(rk_rate_card *card);
const rk_rates *rk_rate_card_at(const rk_rate_card *card, size_t i); /* NULL past the end */
/* Of this service and variant; variant NULL = the one that answers in the plan. NULL when absent. */
const rk_rates *rk_rate_card_find(const rk_rate_card *card, const char *service, const char *variant);

/* ---- pricing ---- */
typedef enum { RK_MARGINAL, RK_FULL } rk_rate_basis;

typedef struct {
    uint64_t requests, cpu_ns, bytes;
} rk_rate_usage;

/* Nanos of one request at the margin, half up; INT64_MAX where they do not fit. */
int64_t rk_rate_card_cost(const rk_rates *rates, uint64_t cpu_ns, uint64_t bytes);
/* Nanos of a usage, one request's or a sum's. */
int64_t rk_rate_card_cost_of(const rk_rates *rates, const rk_rate_usage *used, rk_rate_basis basis);

/* ---- files ---- */
void rk_rate_card_format(const rk_rate_card *card, rk_text *out); /* one line of JSON and a newline; appended */
/* Unknown keys are let pass, and cards of before 0.2 lack machine_hour_nanos (then 0) and by_category (then
 * operations); wrong types, missing keys, rates below 0 or above RK_RATE_NANOS_MAX, a service and variant twice are
 * errors. out is to be released when RK_OK. */
RK_MUST_CHECK rk_status rk_rate_card_read(const char *path, rk_rate_card *out, rk_error *err);
RK_MUST_CHECK rk_status rk_rate_card_parse(rk_slice json, const char *name, rk_rate_card *out, rk_error *err);

/* ---- making ---- */
/* Accounts for the plan once for every variant of every service with a fleet. */
RK_MUST_CHECK rk_status rk_rate_card_make(const rk_plan_source *source, const rk_run *run, rk_rate_card *out,
                                          rk_error *err);

#endif

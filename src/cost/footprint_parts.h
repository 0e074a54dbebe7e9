/* footprint_parts.h - the inside of a footprint, for the files of this folder that make it. */
#ifndef RECKON_COST_FOOTPRINT_PARTS_H
#define RECKON_COST_FOOTPRINT_PARTS_H

#include "cost/account.h"
#include "cost/footprint.h"
#include "cost/footprint_plan.h"
#include "cost/ledger_parts.h"

struct rk_footprint {
    const rk_ledger *ledger; /* texts and inputs are in its arena */
    rk_vec lines;            /* rk_footprint_line */
    rk_vec omitted;          /* const char * */
};

/* A footprint in the making. */
typedef struct {
    rk_account account;
    const rk_footprint_keys *keys;
    rk_footprint *out;
    rk_footprint_sum total; /* of all lines so far: it must fit, and so does every other sum */
} rk_footprint_maker;

/* One month of one cause, before rounding. */
typedef struct {
    rk_footprint_part part;
    const char *name;
    uint32_t m;
    rk_place at;
    mpq_t kwh, embodied_kg;
    const rk_price *grid;       /* NULL = no energy */
    const char *energy_words;   /* how kwh came about; NULL = no energy */
    const char *embodied_words; /* NULL = nothing embodied */
    rk_vec inputs;              /* rk_cost_input */
} rk_footprint_draft;

void rk_footprint_draft_init(rk_footprint_draft *draft, rk_footprint_part part, const char *name, uint32_t m,
                             rk_place at);
void rk_footprint_draft_release(rk_footprint_draft *draft);
/* Rounds, shares by the element (NULL: all of it to service s) and adds the lines. */
RK_MUST_CHECK rk_status rk_footprint_book(rk_footprint_maker *maker, rk_footprint_draft *draft,
                                          const rk_element *element, uint32_t s, rk_error *err);
/* What is not counted; the same words once. */
RK_MUST_CHECK rk_status rk_footprint_omit(rk_footprint_maker *maker, rk_error *err, const char *fmt, ...)
    RK_PRINTF(3, 4);
/* out *= the pue of rented rooms; without one an error that names `what` needs it. */
RK_MUST_CHECK rk_status rk_footprint_pue(rk_footprint_maker *maker, rk_footprint_draft *draft, const char *what,
                                         rk_error *err);
/* The grid of a service: its own, the footprint's, that of the region of its machine; else an error. */
RK_MUST_CHECK rk_status rk_footprint_grid(const rk_footprint_maker *maker, const rk_service *service,
                                          const rk_price **out, rk_error *err);

/* footprint_rented.c: the machines of every fleet. */
RK_MUST_CHECK rk_status rk_footprint_rented(rk_footprint_maker *maker, rk_error *err);

#endif

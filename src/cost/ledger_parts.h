/* ledger_parts.h - the inside of a ledger, for the files of this folder that write it. */
#ifndef RECKON_COST_LEDGER_PARTS_H
#define RECKON_COST_LEDGER_PARTS_H

#include "base/map.h"
#include "cost/plan.h"

/* What a service costs in a month, gathered for unit costs; millionths. */
typedef struct {
    int64_t full;                    /* all lines */
    int64_t training, training_step; /* lines of training, and those of them that are not fixed */
    int64_t runs;                    /* of training */
    mpq_t marginal;                  /* what follows the traffic, in the currency, exact */
} rk_unit_month;
void rk_ledger_free_units(rk_ledger *ledger);

struct rk_ledger {
    rk_arena arena; /* texts, inputs */
    rk_plan *plan;  /* owned: lines borrow its names */
    rk_vec lines;   /* rk_cost_line, what the months use up */
    rk_vec paid;    /* rk_cost_line, payments that stand for lines of other months */
    rk_vec carried; /* rk_cost_line, on the books on the first day */
    rk_vec fleets;  /* rk_cost_fleet */
    rk_interner *ids, *paid_ids;
    rk_cost_service *services; /* [plan->n_services] */
    rk_fleet_month *months;    /* [n_services x n_months] */
    rk_unit_month *units;      /* [n_services x n_months] */
    char (*month)[8];          /* [n_months] "2026-10" */
    char (*year)[8];           /* [n_months] "2026": the month's */
    int64_t total_micros, cash_micros, carried_micros;
};

/* An empty ledger for a plan, which it takes over also when it fails. */
RK_MUST_CHECK rk_status rk_ledger_new(rk_plan *plan, rk_ledger **out, rk_error *err);
typedef enum { RK_LIST_LINES, RK_LIST_PAID, RK_LIST_CARRIED } rk_ledger_list;
/* Appends a line with an id made from its fields; amounts are never negative, and their sum must fit. */
RK_MUST_CHECK rk_status rk_ledger_add(rk_ledger *ledger, rk_ledger_list list, const rk_cost_line *line, rk_error *err);

#endif

/* ledger_parts.h - the inside of a ledger, for the files of this folder that write it. */
#ifndef RECKON_COST_LEDGER_PARTS_H
#define RECKON_COST_LEDGER_PARTS_H

#include "base/map.h"
#include "cost/plan.h"

struct rk_ledger {
    rk_arena arena; /* texts, inputs */
    rk_plan *plan;  /* owned: lines borrow its names */
    rk_vec lines;   /* rk_cost_line */
    rk_interner *ids;
    rk_cost_service *services; /* [plan->n_services] */
    rk_fleet_month *months;    /* [n_services x n_months] */
    rk_money *marginal;        /* [n_services x n_months] */
    char (*month)[8];          /* [n_months] "2026-10" */
    int64_t total_micros;
};

/* An empty ledger for a plan, which it takes over also when it fails. */
RK_MUST_CHECK rk_status rk_ledger_new(rk_plan *plan, rk_ledger **out, rk_error *err);
/* Appends a line with an id made from its fields; amounts are never negative, and their sum must fit. */
RK_MUST_CHECK rk_status rk_ledger_add(rk_ledger *ledger, const rk_cost_line *line, rk_error *err);

#endif

/* ledger_parts.h - the inside of a ledger, for the files of this folder that write it. */
#ifndef RECKON_COST_LEDGER_PARTS_H
#define RECKON_COST_LEDGER_PARTS_H

#include "base/map.h"
#include "cost/plan.h"

struct rk_ledger {
    rk_arena arena; /* texts, inputs */
    rk_plan *plan;  /* owned: lines borrow its names */
    rk_vec lines;   /* rk_cost_line, what the months use up */
    rk_vec paid;    /* rk_cost_line, payments that stand for lines of other months */
    rk_vec carried; /* rk_cost_line, on the books on the first day */
    rk_interner *ids, *paid_ids;
    rk_cost_service *services; /* [plan->n_services] */
    rk_fleet_month *months;    /* [n_services x n_months] */
    rk_money *marginal;        /* [n_services x n_months] */
    char (*month)[8];          /* [n_months] "2026-10" */
    int64_t total_micros, cash_micros, carried_micros;
};

/* An empty ledger for a plan, which it takes over also when it fails. */
RK_MUST_CHECK rk_status rk_ledger_new(rk_plan *plan, rk_ledger **out, rk_error *err);
typedef enum { RK_LIST_LINES, RK_LIST_PAID, RK_LIST_CARRIED } rk_ledger_list;
/* Appends a line with an id made from its fields; amounts are never negative, and their sum must fit. */
RK_MUST_CHECK rk_status rk_ledger_add(rk_ledger *ledger, rk_ledger_list list, const rk_cost_line *line, rk_error *err);

/* What a view on a basis sums: entry i of rk_ledger_n_entries, or NULL where that line is not of the basis. */
size_t rk_ledger_n_entries(const rk_ledger *ledger, rk_basis basis);
const rk_cost_line *rk_ledger_entry(const rk_ledger *ledger, rk_basis basis, size_t i);

#endif

/* footprint_plan.h - the key `footprint` of a plan: what energy and carbon are counted with. */
#ifndef RECKON_COST_FOOTPRINT_PLAN_H
#define RECKON_COST_FOOTPRINT_PLAN_H

#include "cost/plan.h"

/* Energy of a unit of a rate. */
typedef struct {
    const rk_price *rate, *energy;
    rk_place at;
} rk_unit_energy;

typedef struct rk_footprint_keys {
    rk_place at;
    const rk_price *grid;        /* unless a service or an owned machine says otherwise; NULL = not said */
    const rk_price *processor;   /* of rented machines whose entry names none; NULL = not said */
    const rk_price *server;      /* the same */
    rk_number pue;               /* of the rooms of rented machines */
    const rk_unit_energy *units; /* [n_units] */
    uint32_t n_units;
} rk_footprint_keys;

/* Into plan->footprint. */
RK_MUST_CHECK rk_status rk_footprint_keys_read(rk_plan *plan, const rk_yaml_node *map, rk_error *err);

extern const rk_key_table rk_footprint_table;

#endif

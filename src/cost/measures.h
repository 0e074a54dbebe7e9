/* measures.h - what costs are held against: active users, orders, revenue and heads of a month.
 *
 * A measure is of the whole plan or of one service. What the plan does not say is not nothing: a share by revenue or a
 * cost per order needs the figure and asks here whether there is one.
 *   month m:  first x (1 + growth_per_month)^m, or what `months` says for it
 */
#ifndef RECKON_COST_MEASURES_H
#define RECKON_COST_MEASURES_H

#include <gmp.h>

#include "base/yaml.h"
#include "cost/ledger.h"

struct rk_plan;

typedef enum { RK_ACTIVE_USERS, RK_ORDERS, RK_REVENUE, RK_HEADS, RK_N_MEASURES } rk_measure_kind;

typedef struct {
    const char *name; /* the key: "active_users" */
    const char *unit; /* of one: "active user" */
    bool adds_up;     /* the services' figures make the plan's; users do not, who use two services */
} rk_measure_row;
extern const rk_measure_row rk_measure_rows[RK_N_MEASURES];

typedef struct {
    bool is_set;
    rk_place at;
    rk_number first, growth_per_month;
    const rk_number *months; /* [n_months]; those that are set stand for themselves; NULL = none are */
    rk_origin origin;
} rk_measure;

#define RK_ALL_SERVICES UINT32_MAX

/* The figure for service s, or for the whole plan, in month m; false, out untouched, when the plan does not say.
 * Services that were not written take the plan's when there is but one; a plan that was not written takes the sum of
 * the services when each has one and they add up. out is initialised by the caller. */
bool rk_plan_measure(const struct rk_plan *plan, rk_measure_kind kind, uint32_t s, uint32_t m, mpq_t out);
bool rk_plan_has_measure(const struct rk_plan *plan, rk_measure_kind kind, uint32_t s);
/* Where the figure was written and by whom it is vouched for; of a sum, the first service's. NULL = nowhere. */
const rk_measure *rk_plan_measure_source(const struct rk_plan *plan, rk_measure_kind kind, uint32_t s);

/* Reads the value of a measure's key: a number, or a map; node NULL = not said. what: "'orders' of 'search'". */
RK_MUST_CHECK rk_status rk_measure_read(struct rk_plan *plan, const rk_yaml_node *node, const char *what,
                                        rk_measure *out, rk_error *err);

/* Figures of single months, {2026-11: 40}, into out [n_months]; a month outside the plan is noted. */
RK_MUST_CHECK rk_status rk_months_read(struct rk_plan *plan, const rk_yaml_node *map, const rk_key *key, rk_number *out,
                                       rk_error *err);

extern const rk_key_table rk_measure_table;

#endif

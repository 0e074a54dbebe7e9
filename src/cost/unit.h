/* unit.h - what one of something costs: 1,000 requests, an active user, an order, a GB, a training run, a unit of
 * revenue.
 *
 * A unit is a row: how many there are in a month, and which costs they bear. Every unit is asked of a scope - a
 * service, a product line, everything - and of one month or the whole plan, in full and at the margin.
 *
 * - full: all costs of the scope / units
 * - marginal: what follows the traffic / units: the variable lines, and the machine time of the requests at the planned
 *   utilisation, bought on demand
 *
 * So an order more is counted with the requests that an order brings on average. Of training runs only the lines of
 * training count, and at the margin those of them that are not fixed.
 */
#ifndef RECKON_COST_UNIT_H
#define RECKON_COST_UNIT_H

#include "cost/ledger.h"

typedef enum { RK_SCOPE_PLAN, RK_SCOPE_PRODUCT_LINE, RK_SCOPE_SERVICE } rk_scope_kind;

typedef struct {
    rk_scope_kind kind;
    const char *name;    /* "all together", the product line or the service */
    const char *line;    /* product line; NULL = of all */
    uint32_t service;    /* RK_SCOPE_SERVICE */
    uint32_t n_services; /* in it */
} rk_scope;

/* Everything, then the product lines in order of their first service, then the services. */
size_t rk_ledger_n_scopes(const rk_ledger *ledger);
rk_scope rk_ledger_scope(const rk_ledger *ledger, size_t i);
rk_scope rk_ledger_scope_of_service(const rk_ledger *ledger, uint32_t s);

typedef struct rk_unit rk_unit;
size_t rk_n_units(void);
const rk_unit *rk_unit_at(size_t i);                /* 0 = 1,000 requests */
const char *rk_unit_count_key(const rk_unit *unit); /* "requests", "training_runs": how many there are */
const char *rk_unit_cost_key(const rk_unit *unit);  /* "per_1000_requests", "share_of_revenue" */
const char *rk_unit_words(const rk_unit *unit);     /* "1,000 requests" */
bool rk_unit_is_share(const rk_unit *unit);         /* the unit is money: the cost of one is a share */

typedef struct {
    rk_money cost;           /* all costs that the units bear */
    double n_units;          /* requests are counted one by one */
    bool is_counted;         /* the plan says how many there are */
    bool is_known;           /* and they are some, and what they cost fits: full and marginal mean something */
    rk_money full, marginal; /* of one (of 1,000 requests); of a share in millionths of 1 */
} rk_unit_cost;
rk_unit_cost rk_ledger_unit_cost(const rk_ledger *ledger, const rk_unit *unit, const rk_scope *scope, uint32_t month);

#endif

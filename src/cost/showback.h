/* showback.h - who bears what: what a service uses by itself, what of that stands idle, and its part of shared costs.
 *
 *   used + idle            the direct lines of the service
 *   used + idle + shared   all its lines, exactly
 *
 * Idle is the cost of the fleet in a month x idle machine-hours / paid machine-hours, rounded once. Restarts and
 * upfronts of reserved machines are costs of the fleet. Of a fleet that services share, each has its part by its work:
 * that part is direct.
 */
#ifndef RECKON_COST_SHOWBACK_H
#define RECKON_COST_SHOWBACK_H

#include "base/vec.h"
#include "cost/unit.h"

typedef struct {
    rk_money used, idle, shared, total;
} rk_showback;

/* Into out, of rk_showback: that of service s in month m at s x n_months + m. The caller releases it. */
RK_MUST_CHECK rk_status rk_ledger_showback(const rk_ledger *ledger, rk_vec *out, rk_error *err);
/* The sum over the services of a scope, of one month or RK_ALL_MONTHS. */
rk_showback rk_showback_sum(const rk_ledger *ledger, const rk_vec *showback, const rk_scope *scope, uint32_t month);
/* The key "showback" of a statement: a list, one object for each scope. */
void rk_showback_json(const rk_ledger *ledger, rk_json *json);

#endif

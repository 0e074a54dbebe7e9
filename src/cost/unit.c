/* unit.c - what 1,000 requests and one GB cost, in full and at the margin.
 *
 * Full: all lines of the service over its requests. Marginal: what 1,000 more requests of the same shape add: the
 * variable lines per request, and the machine time they occupy at the planned utilisation, bought on demand:
 *   1,000 x variable amount / requests + 1,000 / (capacity x utilisation x 3,600) x on-demand price
 */
#include <stdlib.h>

#include "cost/account.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"

/* out = 1,000 x money / units, where units are millionths; false when units are 0 */
static bool per_thousand(int64_t micros, mpq_srcptr units, mpq_t out)
{
    if (mpq_sgn(units) == 0) {
        mpq_set_ui(out, 0, 1);
        return false;
    }
    mpq_set_si(out, micros, 1000);
    mpq_canonicalize(out);
    mpq_div(out, out, units);
    return true;
}

/* Price of the machine time of 1,000 requests. */
static void machine_time(const rk_plan *plan, const rk_service *service, mpq_t out)
{
    const rk_hour_price *option = service->fleet.on_demand ? service->fleet.on_demand : service->fleet.reserved;
    mpq_t part;
    mpq_init(part);
    rk_plan_exchange(plan, service->fleet.price->currency, out);
    rk_rational_mul(out, option->hour.value);
    mpq_set_ui(part, 3600, 1000);
    mpq_canonicalize(part);
    mpq_mul(part, part, service->capacity.rps);
    rk_rational_mul(part, service->fleet.utilisation.value);
    mpq_div(out, out, part);
    mpq_clear(part);
}

void rk_account_marginal(rk_account *account)
{
    const rk_plan *plan = account->plan;
    rk_ledger *ledger = account->ledger;
    mpq_t sum, part;
    mpq_inits(sum, part, NULL);
    for (size_t i = 0; i < ledger->lines.n; i++) { /* variable money first */
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        if (line->behaviour == RK_VARIABLE) {
            ledger->marginal[(size_t)line->service * plan->n_months + line->month].micros += line->amount.micros;
        }
    }
    for (uint32_t s = 0; s < plan->n_services; s++) {
        const rk_service *service = &plan->services[s];
        mpq_set_ui(sum, 0, 1);
        if (service->fleet.machine && (service->fleet.on_demand || service->fleet.reserved)) {
            machine_time(plan, service, sum);
        }
        for (uint32_t m = 0; m < plan->n_months; m++) {
            rk_money *at = &ledger->marginal[(size_t)s * plan->n_months + m];
            (void)per_thousand(at->micros, rk_account_requests(account, s, m), part);
            mpq_add(part, part, sum);
            if (!rk_rational_micros(part, &at->micros)) { /* next to no requests: the statement stands all the same */
                at->micros = RK_NO_UNIT_COST;
            }
        }
    }
    mpq_clears(sum, part, NULL);
}

/* ---- asking ---- */

/* out = per x money / units; false when it does not fit. */
static bool ratio(int64_t micros, int64_t units_micros, unsigned per, rk_money *out)
{
    mpq_t value, units;
    mpq_inits(value, units, NULL);
    rk_rational_set_micros(units, units_micros);
    rk_rational_set_micros(value, micros);
    mpq_div(value, value, units);
    mpq_set_ui(units, per, 1);
    mpq_mul(value, value, units);
    bool fits = rk_rational_micros(value, &out->micros);
    mpq_clears(value, units, NULL);
    return fits;
}

/* Marginal cost of several months: each month's, weighted by its requests; false when it does not fit. */
static bool mean_marginal(const rk_cost_service *service, uint32_t first, uint32_t end, rk_money *out)
{
    mpq_t sum, weights, price, weight;
    bool fits = true;
    mpq_inits(sum, weights, price, weight, NULL);
    for (uint32_t m = first; m < end; m++) {
        fits = fits && service->marginal[m].micros != RK_NO_UNIT_COST;
        rk_rational_set_micros(price, service->marginal[m].micros);
        rk_rational_set_micros(weight, service->months[m].requests_micros);
        mpq_mul(price, price, weight);
        mpq_add(sum, sum, price);
        mpq_add(weights, weights, weight);
    }
    out->micros = service->marginal[first].micros;
    if (mpq_sgn(weights) != 0) {
        mpq_div(sum, sum, weights);
        fits = rk_rational_micros(sum, &out->micros) && fits;
    }
    mpq_clears(sum, weights, price, weight, NULL);
    return fits;
}

rk_status rk_ledger_unit_cost(const rk_ledger *ledger, uint32_t s, uint32_t month, rk_unit_cost *out, rk_error *err)
{
    const rk_cost_service *service = &ledger->services[s];
    uint32_t first = month == RK_ALL_MONTHS ? 0 : month,
             end = month == RK_ALL_MONTHS ? ledger->plan->n_months : month + 1;
    int64_t requests = 0, gb = 0;
    rk_unit_cost unit = {0};
    rk_status status = RK_OK;
    for (uint32_t m = first; m < end && !status; m++) {
        if (__builtin_add_overflow(requests, service->months[m].requests_micros, &requests) ||
            __builtin_add_overflow(gb, service->months[m].response_gb_micros, &gb)) {
            status = rk_fail(err, RK_BAD_INPUT, "the traffic of '%.60s' is absurdly large", service->name);
        }
    }
    for (size_t i = 0; i < ledger->lines.n; i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        if (line->service == s && line->month >= first && line->month < end) {
            unit.full_cost.micros += line->amount.micros;
        }
    }
    unit.requests = (double)requests / 1e6;
    unit.response_gb = (double)gb / 1e6;
    unit.has_requests = !status && requests > 0 && ratio(unit.full_cost.micros, requests, 1000, &unit.full_per_1000) &&
                        mean_marginal(service, first, end, &unit.marginal_per_1000);
    unit.has_gb = !status && gb > 0 && ratio(unit.full_cost.micros, gb, 1, &unit.full_per_gb);
    *out = unit;
    return status;
}

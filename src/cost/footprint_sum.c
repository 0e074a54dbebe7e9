/* footprint_sum.c - asking a footprint. The sum of all lines fits, so no sum of some can overflow. */
#include <string.h>

#include "cost/footprint_parts.h"
#include "math/rational.h"

const rk_ledger *rk_footprint_ledger(const rk_footprint *footprint) { return footprint->ledger; }
size_t rk_footprint_n_lines(const rk_footprint *footprint) { return footprint->lines.n; }
size_t rk_footprint_n_omitted(const rk_footprint *footprint) { return footprint->omitted.n; }

const rk_footprint_line *rk_footprint_line_at(const rk_footprint *footprint, size_t i)
{
    return (const rk_footprint_line *)footprint->lines.data + i;
}

const char *rk_footprint_omitted(const rk_footprint *footprint, size_t i)
{
    return ((const char *const *)footprint->omitted.data)[i];
}

static bool is_picked(const rk_ledger *ledger, rk_footprint_pick pick, uint32_t service, uint32_t month)
{
    return (pick.service == RK_ALL_SERVICES || pick.service == service) &&
           (pick.month == RK_ALL_MONTHS || pick.month == month) &&
           (!pick.product_line || strcmp(pick.product_line, ledger->services[service].product_line) == 0);
}

/* false when they do not fit */
static bool add_requests(const rk_ledger *ledger, rk_footprint_pick pick, int64_t *out)
{
    *out = 0;
    for (uint32_t s = 0; s < ledger->plan->n_services; s++) {
        for (uint32_t m = 0; m < ledger->plan->n_months; m++) {
            if (is_picked(ledger, pick, s, m) &&
                __builtin_add_overflow(*out, ledger->services[s].months[m].requests_micros, out)) {
                return false;
            }
        }
    }
    return true;
}

/* Milligrams over requests are grams over thousands of requests. */
static bool intensity(rk_footprint_sum *sum)
{
    mpq_t grams, requests;
    mpq_inits(grams, requests, NULL);
    mpq_set_si(grams, sum->operational_mg + sum->embodied_mg, 1);
    rk_rational_set_micros(requests, sum->requests_micros);
    mpq_div(grams, grams, requests);
    bool fits = rk_rational_micros(grams, &sum->sci_micros);
    mpq_clears(grams, requests, NULL);
    return fits;
}

rk_footprint_sum rk_footprint_sum_of(const rk_footprint *footprint, rk_footprint_pick pick)
{
    rk_footprint_sum sum = {0};
    for (size_t i = 0; i < footprint->lines.n; i++) {
        const rk_footprint_line *line = rk_footprint_line_at(footprint, i);
        if (is_picked(footprint->ledger, pick, line->service, line->month)) {
            sum.kwh_micros += line->kwh_micros;
            sum.operational_mg += line->operational_mg;
            sum.embodied_mg += line->embodied_mg;
        }
    }
    bool fits = add_requests(footprint->ledger, pick, &sum.requests_micros);
    sum.has_sci = fits && sum.requests_micros > 0 && intensity(&sum);
    return sum;
}

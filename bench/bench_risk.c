/* bench_risk.c - a million draws of a plan of 12 months, 40 elements and two fleets, and the exact accountant for one.
 *
 * Every number that people are unsure of has a law: 48 of them. Time is that of rk_risk_run as a whole: draws, quantiles
 * of all figures, tornado and Sobol indices.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cost/ledger.h"
#include "decide/risk.h"

enum { DRAWS = 1000000, ELEMENTS = 40 };

static const char head[] =
    "reckon: plan/1\nname: forty elements\ncurrency: USD\nstart: 2026-01\nmonths: 12\n"
    "prices:\n  - currency: USD\n    source: made for this\n    prices:\n"
    "      m: {kind: machine, hour: {on_demand: {point: 0.5, uniform: [0.45, 0.6]}, r: 0.3}}\n"
    "      gb: {kind: rate, unit: GB, price: {point: 0.08, lognormal: [0.08, 0.1]}}\n"
    "      dev: {kind: person, month: {point: 9000, pert: [8000, 9000, 11000]}, overhead: 0.3}\n"
    "      gpu: {kind: asset, price: 9000, life_months: 36, power_kw: 1.2, maintenance_per_year: 0.1}\n"
    "      kwh: {kind: rate, unit: kWh, price: {point: 0.2, triangular: [0.1, 0.2, 0.4]}}\n"
    "services:\n";

static const char service[] =
    "  %s:\n    product_line: %s\n    response_bytes: 2000\n    capacity: {rps: {point: 40, triangular: [30, 40, 45]}}\n"
    "    traffic:\n      requests_per_day: {point: 9e6, lognormal: {p10: 8e6, p90: 11e6}}\n"
    "      growth_per_month: {point: 0.03, triangular: [0.01, 0.03, 0.08]}\n"
    "      hours: [1, 1, 1, 1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 12, 11, 10, 10, 11, 13, 15, 14, 10, 6, 3]\n"
    "      weekdays: [5, 5, 5, 5, 6, 8, 7]\n"
    "      events: [{from: 2026-11-09, to: 2026-11-12, factor: {point: 4, pert: [2, 4, 8]}}]\n"
    "    fleet: {machine: m, utilisation: 0.6, min: 2, spare: 1, reserved: {option: r, count: best}}\n";

/* A kind of element each, over and over; every one has an uncertain number of its own. */
static const char *const elements[] = {
    "use: gb, quantity: {point: 900, normal: [900, 90]}, grows_per_month: 20}",
    "use: gb, per: response_gb, quantity: {point: 1, uniform: [0.8, 1.3]}}",
    "person: dev, fte: {point: 1.5, triangular: [1, 1.5, 3]}}",
    "own: gpu, bought: 2025-08, energy: kwh, count: 2, utilisation: {point: 0.5, uniform: [0.3, 0.8]}}",
    "incidents_per_month: {point: 2, pert: [0, 2, 8]}, hours_each: 6, person: dev}",
    "amount: {point: 5000, discrete: {5000: 3, 9000: 1}}, spread_months: 6}",
};

static void write_plan(rk_text *text)
{
    rk_text_add(text, head);
    rk_text_addf(text, service, "search", "search");
    rk_text_addf(text, service, "feed", "recommendation");
    rk_text_add(text, "elements:\n");
    for (size_t i = 0; i < ELEMENTS; i++) {
        rk_text_addf(text, "  - {name: e%zu, category: data, layer: data, service: shared, share_by: %s, %s\n", i,
                     i % 2 ? "requests" : "even", elements[i % RK_COUNT_OF(elements)]);
    }
}

static double seconds_since(int64_t start) { return (double)(rk_clock_ns() - start) / 1e9; }

static int draw(const rk_ledger *ledger, rk_points points, const char *name, double exact_s)
{
    rk_pool *pool = rk_pool_new(0);
    rk_run run = {.pool = pool, .seed = 1};
    rk_risk risk;
    rk_error err;
    int64_t start = rk_clock_ns();
    if (rk_risk_run(ledger, &(rk_risk_options){.n_draws = DRAWS, .points = points}, &run, &risk, &err)) {
        fprintf(stderr, "%s\n", err.message);
        rk_pool_free(pool);
        return 1;
    }
    double s = seconds_since(start);
    printf("%-12s %zu draws, %zu numbers, %zu x %zu runs for the indices: %.2f s on %u threads; %.2f us a draw, the "
           "accountant %.0f times that\n",
           name, risk.n_draws, risk.n_inputs, risk.n_index_draws, risk.n_inputs + 2, s, rk_pool_threads(pool),
           1e6 * s / (double)risk.n_draws, exact_s * (double)risk.n_draws / s);
    rk_risk_release(&risk);
    rk_pool_free(pool);
    return 0;
}

int main(void)
{
    static const rk_run quiet;
    rk_text text = {0};
    rk_error err;
    rk_ledger *ledger = NULL;
    write_plan(&text);
    rk_plan_source source = {.path = "plan.yaml", .text = {text.at, text.n}};
    int64_t start = rk_clock_ns();
    if (text.failed || rk_cost_run(&source, &quiet, &ledger, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    double exact_s = seconds_since(start);
    printf("the exact accountant: %.1f ms, %zu lines\n", 1e3 * exact_s, rk_ledger_n_lines(ledger));
    int failed = draw(ledger, RK_POINTS_SCRAMBLED, "Sobol", exact_s);
    failed = failed || draw(ledger, RK_POINTS_RANDOM, "Monte Carlo", exact_s);
    rk_ledger_free(ledger);
    rk_text_release(&text);
    return failed;
}

/* ledger_scenario.c - see ledger_scenario.h. */
#include "support/ledger_scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "support/test.h"

static const char book[] =
    "reckon: prices/1\ncurrency: USD\nprices:\n"
    "  m: {kind: machine, memory_gib: 1, hour: {on_demand: 0.5, r: 0.3}}\n"
    "  n: {kind: machine, hour: {on_demand: 0.5, r: 0.1, spot: 0.2}, terms: {r: {term_months: 3, upfront: 100}, "
    "spot: {interruption_rate: 0.005, restart_hours: 2}}}\n"
    "  f: {kind: machine, currency: EUR, hour: {r: 0}, terms: {r: {term_months: 12, upfront: 1000}}}\n"
    "  big: {kind: machine, vcpu: 4, memory_gib: 16, hour: {on_demand: 0.8, r: 0.5}}\n"
    "  dev: {kind: person, month: 1000}\n"
    "  gpu: {kind: asset, price: 1200, life_months: 12, salvage: 120, power_kw: 2, maintenance_per_year: 0.1}\n"
    "  fade: {kind: asset, price: 1200, life_months: 12, salvage: 120, method: declining_balance, rate: 6}\n"
    "  kwh: {kind: rate, unit: kWh, price: 0.25}\n"
    "  gb: {kind: rate, unit: GB, price: 1}\n"
    "  disk: {kind: rate, unit: GB-month, price: 1}\n"
    "  euro: {kind: rate, unit: piece, price: 0.123456789, currency: EUR}\n";

static char folder[] = "/tmp/reckon-cost-XXXXXX", plan_path[64], book_path[64];

int scenario_open(void **state)
{
    (void)state;
    rk_error err;
    rk_text text = {0};
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(plan_path, sizeof plan_path, "%s/p.yaml", folder);
    snprintf(book_path, sizeof book_path, "%s/b.yaml", folder);
    rk_text_add(&text, book);
    int failed = rk_file_write_text(book_path, &text, &err) != RK_OK;
    rk_text_release(&text);
    return failed;
}

int scenario_close(void **state)
{
    (void)state;
    (void)unlink(book_path);
    return rmdir(folder);
}

void scenario_path(const char *name, char *out, size_t out_bytes) { snprintf(out, out_bytes, "%s/%s", folder, name); }

rk_status scenario_run(unsigned n_months, const char *rest, rk_ledger **out, rk_error *err)
{
    static const rk_run quiet;
    rk_text text = {0};
    rk_text_addf(&text,
                 "reckon: plan/1\ncurrency: USD\nstart: 2024-02\nmonths: %u\nprices: [b.yaml]\nexchange: {EUR: 1.1}\n",
                 n_months);
    rk_text_add(&text, rest);
    rk_plan_source source = {.path = plan_path, .text = {text.at, text.n}};
    rk_status status = text.failed ? rk_fail_memory(err, "a plan") : rk_cost_run(&source, &quiet, out, err);
    rk_text_release(&text);
    return status;
}

rk_ledger *scenario_ledger(unsigned n_months, const char *rest)
{
    rk_ledger *ledger = NULL;
    rk_error err;
    if (scenario_run(n_months, rest, &ledger, &err)) {
        fail_msg("%s", err.message);
    }
    return ledger;
}

/* One element of a random plan. */
static void add_element(rk_text *plan, unsigned i, uint64_t *seed)
{
    static const char *const services[] = {
        "a", "b", "each", "shared, share_by: even", "shared, share_by: requests", "shared, share_by: {a: 0.3, b: 2}"};
    static const char *const assets[] = {"gpu", "fade"};
    int month = (int)(test_random(seed) % 30); /* 2022-12 to 2025-05, around a plan of 2024 */
    rk_text_addf(plan, "  - {name: e%u, category: %s, layer: %s, service: %s, ", i,
                 rk_category_name((rk_category)(test_random(seed) % RK_N_CATEGORIES)),
                 rk_layer_name((rk_layer)(test_random(seed) % RK_N_LAYERS)),
                 services[test_random(seed) % RK_COUNT_OF(services)]);
    switch (test_random(seed) % 3) {
    case 0:
        rk_text_addf(plan, "own: %s, count: %u, bought: %d-%02d}\n", assets[test_random(seed) % 2],
                     1 + test_random(seed) % 7, 2022 + (month + 11) / 12, (month + 11) % 12 + 1);
        break;
    case 1:
        rk_text_addf(plan, "amount: %u.%06u, spread_months: %u, when: [%d-%02d]}\n", test_random(seed) % 9000,
                     test_random(seed) % 1000000, 1 + test_random(seed) % 20, 2022 + (month + 11) / 12,
                     (month + 11) % 12 + 1);
        break;
    default:
        rk_text_addf(plan, "use: euro, quantity: %u.%03u}\n", test_random(seed) % 900, test_random(seed) % 1000);
    }
}

rk_ledger *scenario_random(uint64_t *seed)
{
    rk_text plan = {0};
    unsigned n = 1 + test_random(seed) % 8;
    rk_text_add(&plan, "services:\n"
                       "  a: {product_line: x, traffic: {requests_per_day: 1}}\n"
                       "  b: {product_line: y, traffic: {requests_per_day: 2, growth_per_month: 0.1}}\n"
                       "elements:\n");
    for (unsigned e = 0; e < n; e++) {
        add_element(&plan, e, seed);
    }
    rk_ledger *ledger = scenario_ledger(1 + test_random(seed) % 14, plan.at);
    rk_text_release(&plan);
    return ledger;
}

const rk_cost_line *scenario_line(const rk_ledger *ledger, const char *id)
{
    const rk_cost_line *found = rk_ledger_find(ledger, id);
    if (!found) {
        fail_msg("no line %s", id);
    }
    return found;
}

void scenario_refused(unsigned n_months, const char *rest, const char *words)
{
    rk_ledger *ledger = NULL;
    rk_error err;
    assert_int_equal(scenario_run(n_months, rest, &ledger, &err), RK_BAD_INPUT);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
}

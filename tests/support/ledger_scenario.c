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
    "  gpu: {kind: asset, price: 1200, life_months: 12, salvage: 120, power_kw: 2, maintenance_per_year: 0.1}\n"
    "  fade: {kind: asset, price: 1200, life_months: 12, salvage: 120, method: declining_balance, rate: 6}\n"
    "  kwh: {kind: rate, unit: kWh, price: 0.25}\n"
    "  gb: {kind: rate, unit: GB, price: 1}\n"
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

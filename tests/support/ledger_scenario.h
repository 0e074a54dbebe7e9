/* ledger_scenario.h - one price book in a folder of its own, and plans over it: for tests of the accountant.
 *
 * USD, from February 2024 (29 days) on; 1 EUR = 1.1 USD. The book:
 *   m     machine   0.5 an hour on demand, 0.3 as "r"
 *   n     machine   the same; 0.1 and 100 for each 3 months as "r"; 0.2 as "spot", interrupted once in 200 hours, 2 h each
 *   f     machine   1,000 EUR for each 12 months as "r", nothing by the hour
 *   big   machine   4 vcpu, 0.8 an hour on demand, 0.5 as "r"
 *   dev   person    1,000 a month
 *   gpu   asset     1,200, 12 months, salvage 120, straight line, 2 kW, maintenance 10 % a year
 *   fade  asset     1,200, 12 months, salvage 120, declining by half a month
 *   kwh   rate      0.25, in kWh
 *   gb    rate      1, in GB
 *   disk  rate      1, in GB-month
 *   euro  rate      0.123456789 EUR, in pieces
 */
#ifndef RECKON_TESTS_SUPPORT_LEDGER_SCENARIO_H
#define RECKON_TESTS_SUPPORT_LEDGER_SCENARIO_H

#include "cost/ledger.h"

/* Group setup and teardown of cmocka. */
int scenario_open(void **state);
int scenario_close(void **state);
/* Where a file of that name beside the plan stands. */
void scenario_path(const char *name, char *out, size_t out_bytes);
/* The plan of so many months whose keys after 'exchange' are rest. */
rk_status scenario_run(unsigned n_months, const char *rest, rk_ledger **out, rk_error *err);
/* The same; fails the test when it is refused. The caller frees the ledger. */
rk_ledger *scenario_ledger(unsigned n_months, const char *rest);
/* A random plan: two services, a and b, 1 to 14 months, elements that are bought, spread or used, around its months. */
rk_ledger *scenario_random(uint64_t *seed);
/* The line or payment of that id; fails the test when there is none. */
const rk_cost_line *scenario_line(const rk_ledger *ledger, const char *id);
/* Fails the test unless the plan is refused with a message that holds these words. */
void scenario_refused(unsigned n_months, const char *rest, const char *words);

#endif

/* Worked examples of the accountant: every expected figure is derived by hand in the comment beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cost/ledger_parts.h"
#include "math/rational.h"
#include "price/price.h"
#include "support/faults.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define TRAFFIC(rps) "services:\n  a: {product_line: x, traffic: {requests_per_day: " rps "}"
#define TWO_SERVICES                                                                                                   \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 1}}\n  b: {product_line: y, traffic: "              \
    "{requests_per_day: 2}}\n"

static void a_day_with_an_event_needs_more_machines(void **state)
{
    (void)state;
    /* 86,400 a day = 1 request/s; a machine is planned with 2 x 0.5 = 1 request/s: 1 machine, on the leap day x 3: 3.
     * With 1 spare: 2, and 4 on the 29th. February 2024: 28 x 24 x 2 + 24 x 4 = 1,440 machine-hours; March 31 x 24 x 2
     * = 1,488. Reserving 2 at 0.3: 2 x 0.3 < 2 x 0.5 every hour; a third would stand idle but for 24 hours. */
    rk_ledger *ledger =
        scenario_ledger(2, "services:\n  a:\n    product_line: x\n"
                           "    traffic: {requests_per_day: 86400, events: [{from: 2024-02-29, factor: 3}]}\n"
                           "    capacity: {rps: 2}\n"
                           "    fleet: {machine: m, utilisation: 0.5, spare: 1, reserved: {option: r, count: best}}\n");
    const rk_cost_service *service = rk_ledger_service(ledger, 0);
    assert_int_equal(service->n_reserved, 2);
    assert_int_equal(service->months[0].n_machines_max, 4);
    assert_true(service->months[0].requests_micros == INT64_C(86400) * (28 + 3) * 1000000);
    assert_true(scenario_line(ledger, "2024-02/a-machine-reserved/a")->amount.micros == 2 * 29 * 24 * INT64_C(300000));
    assert_true(scenario_line(ledger, "2024-02/a-machine-on-demand/a")->amount.micros == 2 * 24 * INT64_C(500000));
    assert_null(rk_ledger_find(ledger, "2024-03/a-machine-on-demand/a"));
    /* idle: 1,440 paid - 31 days' worth of 1 request/s / 2 = 1,440 - 372 */
    assert_true(service->months[0].idle_hours_micros == INT64_C(1068) * 1000000);
    rk_ledger_free(ledger);
}

static void a_month_whose_requests_are_written_has_just_these(void **state)
{
    (void)state;
    /* 31 x 86,400 in February 2024 of 29 days, the 29th with weight 3: each weight is a day at 1 request/s, as above. In
     * March nothing is written: 172,800 a day x 2 for the growth = 4 requests/s: 4 machines for 744 h. */
    rk_ledger *ledger = scenario_ledger(
        2, "services:\n  a:\n    product_line: x\n    traffic: {requests_per_day: 172800, growth_per_month: 1,\n"
           "      months: {2024-02: 2678400}, events: [{from: 2024-02-29, factor: 3}]}\n"
           "    capacity: {rps: 2}\n    fleet: {machine: m, utilisation: 0.5}\n");
    const rk_fleet_month *months = rk_ledger_service(ledger, 0)->months;
    assert_true(months[0].requests_micros == INT64_C(2678400) * 1000000);
    assert_true(months[0].paid_hours_micros == INT64_C(1000000) * (28 * 24 + 3 * 24));
    assert_true(months[1].requests_micros == INT64_C(345600) * 31 * 1000000);
    assert_true(months[1].paid_hours_micros == INT64_C(1000000) * 4 * 744);
    const rk_cost_line *line = scenario_line(ledger, "2024-02/a-machine-on-demand/a");
    assert_string_equal(line->inputs[0].name, "requests of the month");
    assert_string_equal(line->inputs[0].value, "2,678,400");
    rk_ledger_free(ledger);
}

static void requests_of_a_month_need_a_place_to_come_from_and_days_to_go_to(void **state)
{
    (void)state;
#define OF_A "services: {a: {product_line: x, traffic: "
    scenario_refused(2, OF_A "{months: {2024-03: 5}}}}\n", "says nothing of 2024-02");
    scenario_refused(2, OF_A "{growth_per_month: 1}}}\n", "needs the key 'requests_per_day'");
    scenario_refused(2, OF_A "{requests_per_day: 1, months: {2024-02: -5}}}}\n", "must be a number 0 or more");
    scenario_refused(2, OF_A "{months: {2024-02: 5, 2024-03: 0}, events: [{from: 2024-02-01, to: 2024-03-31, factor: 0}]}}}\n",
                     "every day of it has weight 0");
#undef OF_A
}

static void beyond_max_is_shortfall_and_not_idle(void **state)
{
    (void)state;
    /* 3 requests/s against 1 machine of 2: 1 request/s x 3,600 x 696 h are not served; the machine is never idle */
    rk_ledger *ledger = scenario_ledger(2, TRAFFIC("259200") ", capacity: {rps: 2}, fleet: {machine: m, max: 1}}\n");
    const rk_fleet_month *month = rk_ledger_service(ledger, 0)->months;
    assert_true(month->shortfall_micros == INT64_C(3600) * 696 * 1000000);
    assert_true(month->idle_hours_micros == 0);
    assert_true(month->paid_hours_micros == INT64_C(696) * 1000000);
    assert_int_equal(rk_ledger_n_notes(ledger), 1);
    rk_ledger_free(ledger);
}

static void an_owned_machine_wears_out_wants_care_and_draws_power(void **state)
{
    (void)state;
    /* (1,200 - 120) / 12 = 90 a month from the month after purchase; 1,200 x 0.1 / 12 = 10; 2 kW x 1.5 x 0.5 x 696 h =
     * 1,044 kWh at 0.25 = 261 in February, 2 x 1.5 x 0.5 x 744 = 1,116 kWh = 279 in March */
    rk_ledger *ledger =
        scenario_ledger(2, TRAFFIC("1") "}\nelements:\n  - {name: box, category: hardware, layer: model, service: a, "
                                        "own: gpu, bought: 2024-02, energy: kwh, utilisation: 0.5, pue: 1.5}\n");
    assert_null(rk_ledger_find(ledger, "2024-02/box-depreciation/a"));
    assert_true(scenario_line(ledger, "2024-03/box-depreciation/a")->amount.micros == 90000000);
    assert_true(scenario_line(ledger, "2024-02/box-maintenance/a")->amount.micros == 10000000);
    assert_int_equal(scenario_line(ledger, "2024-02/box-maintenance/a")->category, RK_OPERATIONS);
    assert_true(scenario_line(ledger, "2024-02/box-energy/a")->amount.micros == 261000000);
    assert_true(scenario_line(ledger, "2024-03/box-energy/a")->amount.micros == 279000000);
    rk_ledger_free(ledger);
}

static void parts_that_do_not_divide_go_to_the_larger_remainder(void **state)
{
    (void)state;
    /* 1 USD by requests 1 : 2 = 333,333 1/3 and 666,666 2/3 millionths: the second has the larger remainder.
     * 0.000001 even: both remainders are 1/2, the service named first has it. */
    rk_ledger *ledger = scenario_ledger(
        2, TWO_SERVICES "elements:\n  - {name: one, category: data, layer: data, service: shared, share_by: requests, "
                        "amount: 1}\n  - {name: bit, category: data, layer: data, service: shared, share_by: even, "
                        "amount: 0.000001}\n");
    assert_true(scenario_line(ledger, "2024-02/one/a")->amount.micros == 333333);
    assert_true(scenario_line(ledger, "2024-02/one/b")->amount.micros == 666667);
    assert_true(scenario_line(ledger, "2024-02/bit/a")->amount.micros == 1);
    assert_null(rk_ledger_find(ledger, "2024-02/bit/b"));
    rk_ledger_free(ledger);
}

static void currencies_convert_once_in_the_unit_price(void **state)
{
    (void)state;
    /* 0.123456789 x 1.1 = 0.1358024679 exactly; x 1,000,000 = 135,802.4679; rounding the price first would lose .0021
     */
    rk_ledger *ledger = scenario_ledger(
        2, TRAFFIC("1") "}\nelements:\n  - {name: e, category: data, layer: data, service: a, use: euro, "
                        "quantity: 1000000, when: [2024-03]}\n");
    assert_true(scenario_line(ledger, "2024-03/e/a")->amount.micros == INT64_C(135802467900));
    assert_string_equal(scenario_line(ledger, "2024-03/e/a")->unit_price, "0.1358024679");
    assert_int_equal(rk_ledger_n_lines(ledger), 1);
    rk_ledger_free(ledger);
}

static void every_view_adds_up_to_the_total(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(
        2, TWO_SERVICES
        "elements:\n  - {name: s, category: software, layer: model, service: shared, share_by: {a: 1, b: 3}, "
        "use: gb, quantity: 7.7777777}\n  - {name: t, category: labour, layer: application, service: each, "
        "use: euro, quantity: 3.3333333, grows_per_month: 1.1}\n");
    for (int rows = RK_BY_CATEGORY; rows < (int)RK_N_DIMENSIONS; rows++) {
        for (int columns = RK_BY_CATEGORY; columns < (int)RK_N_DIMENSIONS; columns++) {
            rk_view view;
            rk_error err;
            int64_t cells = 0, row_sums = 0, column_sums = 0;
            assert_int_equal(rk_ledger_view(ledger, RK_ACCRUAL, (rk_dimension)rows, (rk_dimension)columns, &view, &err),
                             RK_OK);
            for (uint32_t i = 0; i < view.n_rows * view.n_columns; i++) {
                cells += view.cell[i].micros;
            }
            for (uint32_t r = 0; r < view.n_rows; r++) {
                row_sums += view.row_sum[r].micros;
            }
            for (uint32_t c = 0; c < view.n_columns; c++) {
                column_sums += view.column_sum[c].micros;
            }
            assert_true(cells == rk_ledger_total(ledger).micros && cells == view.total.micros && cells > 0);
            assert_true(row_sums == cells && column_sums == cells);
            rk_view_release(&view);
        }
    }
    rk_ledger_free(ledger);
}

static const char profile[] =
    "{\"reckon\":\"profile/1\",\"target\":\"x\",\"model\":\"m\",\"machine\":{\"cpu\":\"c\",\"cores\":2,\"memory_gib\":1},"
    "\"points\":[{\"offered_rps\":100,\"achieved_rps\":100,\"latency_ms\":{\"p50\":1,\"p90\":1,\"p99\":2,\"p99.9\":3},"
    "\"cpu_ms_per_request\":0.25,\"errors\":0},{\"offered_rps\":200,\"achieved_rps\":200,\"latency_ms\":{\"p50\":1,"
    "\"p90\":1,\"p99\":6,\"p99.9\":9},\"cpu_ms_per_request\":0.5,\"errors\":0}],\"knee_rps\":100,\"memory_bytes\":1,"
    "\"response_bytes\":2180}";

static void assert_cpu_ms(const char *services, rk_decimal expected, rk_origin origin)
{
    rk_ledger *ledger = scenario_ledger(2, services);
    const rk_service *service = &ledger->plan->services[0];
    assert_true(service->cpu_ms_per_request.value.units == expected.units);
    assert_int_equal(service->cpu_ms_per_request.value.places, expected.places);
    assert_int_equal(service->cpu_origin, origin);
    rk_ledger_free(ledger);
}

static void processor_time_is_measured_where_the_capacity_starts_unless_written(void **state)
{
    (void)state;
    char path[96];
    rk_error err;
    rk_text text = {0};
    rk_text_add(&text, profile);
    scenario_path("f.json", path, sizeof path);
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    /* the objective is met at 100 requests/s, where a request took 0.25 ms, and missed at 200, where it took 0.5 */
    assert_cpu_ms(TRAFFIC("1") ", profile: f.json, slo: {latency_ms_p99: 4}}\n", (rk_decimal){25, 2}, RK_MEASURED);
    assert_cpu_ms(TRAFFIC("1") ", profile: f.json, slo: {latency_ms_p99: 4}, cpu_ms_per_request: measured}\n",
                  (rk_decimal){25, 2}, RK_MEASURED);
    assert_cpu_ms(TRAFFIC("1") ", profile: f.json, slo: {latency_ms_p99: 4}, cpu_ms_per_request: 3}\n",
                  (rk_decimal){3, 0}, RK_ASSUMED);
    scenario_refused(2, TRAFFIC("1") ", cpu_ms_per_request: measured}\n",
                     "'cpu_ms_per_request: measured' needs a profile that measured it");
    rk_text_release(&text);
    (void)unlink(path);
}

static void assert_depreciates(int method, int64_t k, const char *expected)
{
    rk_asset_price asset = {.price.value = {1200, 0},
                            .salvage.value = {120, 0},
                            .life_months.value = {12, 0},
                            .rate.value = {6, 0},
                            .method = method};
    mpq_t value, want;
    mpq_inits(value, want, NULL);
    rk_asset_depreciation(&asset, k, value);
    mpq_set_str(want, expected, 10);
    mpq_canonicalize(want);
    assert_true(mpq_equal(value, want));
    mpq_clears(value, want, NULL);
}

static void depreciation_follows_its_method(void **state)
{
    (void)state;
    assert_depreciates(RK_STRAIGHT_LINE, 0, "0");
    assert_depreciates(RK_STRAIGHT_LINE, 1, "90");
    assert_depreciates(RK_STRAIGHT_LINE, 12, "90");
    assert_depreciates(RK_STRAIGHT_LINE, 13, "0");
    assert_depreciates(RK_SUM_OF_YEARS, 1, "2160/13"); /* 1,080 x 12 / 78 */
    assert_depreciates(RK_SUM_OF_YEARS, 12, "180/13"); /* 1,080 x 1 / 78 */
    /* half a month: 1,200, 600, 300, 150 left; the fourth may only take 30 to the salvage of 120 */
    assert_depreciates(RK_DECLINING_BALANCE, 1, "600");
    assert_depreciates(RK_DECLINING_BALANCE, 3, "150");
    assert_depreciates(RK_DECLINING_BALANCE, 4, "30");
    assert_depreciates(RK_DECLINING_BALANCE, 5, "0");
}

static bool try_account(void *context)
{
    rk_ledger *ledger = NULL;
    rk_error err;
    rk_text out = {0};
    rk_status status = scenario_run(2, context, &ledger, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY || status == RK_BAD_INPUT);
    if (status == RK_OK) {
        rk_ledger_json(ledger, &out);
        rk_ledger_unit_json(ledger, &out);
        rk_ledger_view_json(ledger, RK_CASH, RK_BY_SPEND, RK_BY_MONTH, &out);
        status = out.failed ? RK_NO_MEMORY : RK_OK;
    }
    rk_text_release(&out);
    rk_ledger_free(ledger);
    return status == RK_OK;
}

static void short_memory_is_survived_everywhere(void **state)
{
    (void)state;
    static char rest[] =
        TRAFFIC("86400") ", capacity: {rps: 2}, response_bytes: 9, fleet: {machine: m, max: 1, reserved: {option: r, "
                         "count: best}}}\nelements:\n  - {name: o, category: data, layer: data, service: shared, "
                         "share_by: requests, use: gb, per: response_gb}\n  - {name: p, category: data, layer: data, "
                         "service: each, own: gpu, bought: 2024-03}\n  - {name: q, category: data, layer: data, "
                         "service: a, amount: 9, spread_months: 3}\norders: {first: 2, months: {2024-03: 4}}\n"
                         "budget: {total: 9, months: {2024-03: 4}, category: {data: {per_month: 1}}}\n";
    assert_true(fault_each(try_account, rest) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_with_an_event_needs_more_machines),
        cmocka_unit_test(a_month_whose_requests_are_written_has_just_these),
        cmocka_unit_test(requests_of_a_month_need_a_place_to_come_from_and_days_to_go_to),
        cmocka_unit_test(beyond_max_is_shortfall_and_not_idle),
        cmocka_unit_test(an_owned_machine_wears_out_wants_care_and_draws_power),
        cmocka_unit_test(parts_that_do_not_divide_go_to_the_larger_remainder),
        cmocka_unit_test(currencies_convert_once_in_the_unit_price),
        cmocka_unit_test(every_view_adds_up_to_the_total),
        cmocka_unit_test(processor_time_is_measured_where_the_capacity_starts_unless_written),
        cmocka_unit_test(depreciation_follows_its_method),
        cmocka_unit_test(short_memory_is_survived_everywhere),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

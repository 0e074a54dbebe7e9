/* What holds of every plan, tried on random ones and on long calendars. */
#include <stdio.h>

#include "support/ledger_scenario.h"
#include "support/test.h"

static void assert_adds_up(const rk_ledger *ledger, rk_basis basis, rk_dimension rows, rk_dimension columns,
                           int64_t total)
{
    rk_view view;
    rk_error err;
    int64_t cells = 0, row_sums = 0, column_sums = 0;
    assert_int_equal(rk_ledger_view(ledger, basis, rows, columns, &view, &err), RK_OK);
    for (uint32_t r = 0; r < view.n_rows; r++) {
        int64_t row = 0;
        for (uint32_t c = 0; c < view.n_columns; c++) {
            row += view.cell[(size_t)r * view.n_columns + c].micros;
        }
        assert_true(row == view.row_sum[r].micros);
        cells += row;
        row_sums += view.row_sum[r].micros;
    }
    for (uint32_t c = 0; c < view.n_columns; c++) {
        column_sums += view.column_sum[c].micros;
    }
    assert_true(cells == total && row_sums == total && column_sums == total && view.total.micros == total);
    rk_view_release(&view);
}

static void every_view_on_every_basis_has_the_same_total(void **state)
{
    (void)state;
    uint64_t seed = 99;
    for (int i = 0; i < 40; i++) {
        rk_ledger *ledger = scenario_random(&seed);
        for (int r = 0; r < (int)RK_N_DIMENSIONS; r++) {
            for (int c = 0; c < (int)RK_N_DIMENSIONS; c++) {
                assert_adds_up(ledger, RK_ACCRUAL, (rk_dimension)r, (rk_dimension)c, rk_ledger_total(ledger).micros);
                assert_adds_up(ledger, RK_CASH, (rk_dimension)r, (rk_dimension)c, rk_ledger_cash(ledger).micros);
            }
        }
        rk_ledger_free(ledger);
    }
}

static void a_currency_is_converted_once_and_rounded_once(void **state)
{
    (void)state;
    /* n/1,000 pieces at 0.123456789 EUR x 1.1: the nearest millionth of the exact product, ties to even */
    uint64_t seed = 5;
    for (int i = 0; i < 200; i++) {
        rk_text plan = {0};
        uint32_t n = 1 + test_random(&seed) % 100000000;
        rk_text_addf(&plan,
                     "services:\n  a: {product_line: x, traffic: {requests_per_day: 1}}\nelements:\n"
                     "  - {name: e, category: data, layer: data, service: a, use: euro, quantity: %u.%03u}\n",
                     n / 1000, n % 1000);
        rk_ledger *ledger = scenario_ledger(1, plan.at);
        int64_t exact = (int64_t)n * 1358024679; /* in 10^-13: n x 10^-3 x 1358024679 x 10^-10 */
        int64_t whole = exact / 10000000, rest = exact % 10000000;
        whole += rest > 5000000 || (rest == 5000000 && whole % 2 != 0);
        assert_true(rk_ledger_total(ledger).micros == whole);
        rk_ledger_free(ledger);
        rk_text_release(&plan);
    }
}

static unsigned days_of(unsigned year, unsigned month)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

static void months_have_their_days_for_twenty_years(void **state)
{
    (void)state;
    /* 2 kW all day: 48 kWh a day at 0.25 = 12 USD; one request a second: 86,400 a day */
    rk_ledger *ledger =
        scenario_ledger(240, "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}}\nelements:\n"
                             "  - {name: box, category: hardware, layer: model, service: a, own: gpu, bought: 2024-02, "
                             "energy: kwh}\n");
    int64_t n_days = 0;
    for (uint32_t m = 0; m < 240; m++) {
        char id[64];
        unsigned year = 2024 + (m + 1) / 12, month = (m + 1) % 12 + 1, days = days_of(year, month);
        snprintf(id, sizeof id, "%u-%02u/box-energy/a", year, month);
        assert_true(scenario_line(ledger, id)->amount.micros == days * INT64_C(12000000));
        assert_true(rk_ledger_service(ledger, 0)->months[m].requests_micros == days * INT64_C(86400000000));
        n_days += days;
    }
    assert_int_equal(n_days, 20 * 365 + 5); /* 2024, 2028, 2032, 2036 and 2040 */
    rk_ledger_free(ledger);
}

static void without_traffic_only_fixed_lines_cost(void **state)
{
    (void)state;
    static const char head[] = "services:\n  a: {product_line: x, traffic: {requests_per_day: ";
    static const char rest[] =
        "}, capacity: {rps: 2}, response_bytes: 1e6, fleet: {machine: m}}\n"
        "elements:\n"
        "  - {name: out, category: hardware, layer: service, service: each, use: gb, per: response_gb}\n"
        "  - {name: store, category: data, layer: data, service: a, use: gb, quantity: 3}\n"
        "  - {name: box, category: hardware, layer: model, service: a, own: gpu, bought: 2023-02}\n";
    int64_t fixed[2] = {0};
    for (int busy = 0; busy < 2; busy++) {
        rk_text text = {0};
        rk_text_addf(&text, "%s%d%s", head, busy * 86400, rest);
        rk_ledger *ledger = scenario_ledger(3, text.at);
        for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
            const rk_cost_line *line = rk_ledger_line(ledger, i);
            assert_true(busy || line->behaviour == RK_FIXED);
            fixed[busy] += line->behaviour == RK_FIXED ? line->amount.micros : 0;
        }
        assert_true(busy || fixed[0] == rk_ledger_total(ledger).micros);
        assert_true(!busy || fixed[1] < rk_ledger_total(ledger).micros);
        rk_ledger_free(ledger);
        rk_text_release(&text);
    }
    assert_true(fixed[0] == fixed[1] && fixed[0] > 0);
}

static void twice_the_quantity_of_everything_costs_twice_as_much(void **state)
{
    (void)state;
    /* whole cents times whole units: nothing to round, so exactly twice */
    int64_t totals[2] = {0}, cash[2] = {0};
    for (int k = 1; k <= 2; k++) {
        rk_text plan = {0};
        rk_text_addf(
            &plan,
            "services:\n  a: {product_line: x, traffic: {requests_per_day: 1}}\nelements:\n"
            "  - {name: s, category: data, layer: data, service: a, use: gb, quantity: %d}\n"
            "  - {name: b, category: hardware, layer: data, service: a, own: gpu, bought: 2024-03, count: %d}\n"
            "  - {name: o, category: software, layer: data, service: a, amount: %d, spread_months: 4}\n",
            7 * k, 3 * k, 100 * k);
        rk_ledger *ledger = scenario_ledger(6, plan.at);
        totals[k - 1] = rk_ledger_total(ledger).micros;
        cash[k - 1] = rk_ledger_cash(ledger).micros;
        rk_ledger_free(ledger);
        rk_text_release(&plan);
    }
    assert_true(totals[0] > 0 && totals[1] == 2 * totals[0] && cash[1] == 2 * cash[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_view_on_every_basis_has_the_same_total),
        cmocka_unit_test(a_currency_is_converted_once_and_rounded_once),
        cmocka_unit_test(months_have_their_days_for_twenty_years),
        cmocka_unit_test(without_traffic_only_fixed_lines_cost),
        cmocka_unit_test(twice_the_quantity_of_everything_costs_twice_as_much),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

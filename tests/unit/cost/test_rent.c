/* Rented machines: terms paid upfront, interruptions, fleets of both; worked by hand, 696 h in February 2024, 744 in
 * March, 720 in April. */
#include <stdio.h>
#include <string.h>

#include "cost/ledger.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define SERVICE "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}"
#define RENT(rest) SERVICE "}\nelements:\n  - {name: e, category: hardware, layer: model, service: a, rent: " rest "}\n"

static void assert_amount(const rk_ledger *ledger, const char *id, int64_t micros)
{
    const rk_cost_line *line = scenario_line(ledger, id);
    if (line->amount.micros != micros) {
        fail_msg("%s: %lld, not %lld: %s", id, (long long)line->amount.micros, (long long)micros, line->formula);
    }
}

/* total + closing - opening = cash, and the element's closing. */
static void assert_books(const rk_ledger *ledger, const char *element, int64_t opening, int64_t closing)
{
    rk_vec rows;
    rk_error err;
    int64_t change = 0;
    bool found = false;
    assert_int_equal(rk_ledger_books(ledger, &rows, &err), RK_OK);
    for (size_t i = 0; i < rows.n; i++) {
        const rk_book_row *row = (const rk_book_row *)rows.data + i;
        change += row->closing.micros - row->opening.micros;
        if (strcmp(row->element, element) == 0) {
            assert_true(row->opening.micros == opening && row->closing.micros == closing);
            found = true;
        }
    }
    rk_vec_release(&rows);
    assert_true(found);
    assert_true(rk_ledger_total(ledger).micros + change == rk_ledger_cash(ledger).micros);
}

static void hours_are_those_of_the_month_or_as_said(void **state)
{
    (void)state;
    /* 2 x 696 h x 0.5; half of them; 100 h each */
    rk_ledger *ledger = scenario_ledger(2, RENT("m, count: 2"));
    assert_amount(ledger, "2024-02/e/a", INT64_C(696000000));
    assert_amount(ledger, "2024-03/e/a", INT64_C(744000000));
    rk_ledger_free(ledger);
    ledger = scenario_ledger(2, RENT("m, count: 2, share: 0.5, from: 2024-03"));
    assert_null(rk_ledger_find(ledger, "2024-02/e/a"));
    assert_amount(ledger, "2024-03/e/a", INT64_C(372000000));
    rk_ledger_free(ledger);
    ledger = scenario_ledger(1, RENT("m, option: r, count: 2, hours_per_month: 100"));
    assert_amount(ledger, "2024-02/e/a", INT64_C(60000000));
    rk_ledger_free(ledger);
}

static void an_upfront_is_paid_by_the_term_and_used_up_by_the_month(void **state)
{
    (void)state;
    /* 2 machines x 100 for 3 months: paid 200 in February and 200 in May; 2 x 33.333333.. = 66.666667 a month; of the
     * second term two months lie beyond the plan: 400 - 4 x 66.666667 = 133.333332 stay on the books. */
    rk_ledger *ledger = scenario_ledger(4, RENT("n, option: r, count: 2"));
    assert_amount(ledger, "2024-02/e-upfront/a", 66666667);
    assert_amount(ledger, "2024-05/e-upfront/a", 66666667);
    assert_amount(ledger, "2024-02/e/a", 139200000); /* 2 x 696 x 0.1 */
    assert_amount(ledger, "2024-02/paid/e-upfront-payment/a", 200000000);
    assert_amount(ledger, "2024-05/paid/e-upfront-payment/a", 200000000);
    assert_null(rk_ledger_find(ledger, "2024-03/paid/e-upfront-payment/a"));
    assert_books(ledger, "e", 0, 133333332);
    assert_int_equal(rk_ledger_n_notes(ledger), 1);
    assert_non_null(strstr(rk_ledger_note(ledger, 0), "133.33 USD of the upfront of 'e' are for months beyond"));
    rk_ledger_free(ledger);
}

static void a_term_from_before_the_plan_is_carried(void **state)
{
    (void)state;
    /* a term of December, January and February: of 100 a third is left, 33.333333; the next is paid in March */
    rk_ledger *ledger = scenario_ledger(4, RENT("n, option: r, from: 2023-09"));
    assert_null(rk_ledger_find(ledger, "2024-02/paid/e-upfront-payment/a"));
    assert_amount(ledger, "2024-03/paid/e-upfront-payment/a", 100000000);
    assert_amount(ledger, "2024-02/e-upfront/a", 33333333);
    assert_books(ledger, "e", 33333333, 1); /* 100 - 3 x 33.333333 */
    assert_int_equal(rk_ledger_n_notes(ledger), 0);
    rk_ledger_free(ledger);
    /* 1,000 EUR at 1.1, a twelfth a month; the element's own terms are in USD and go before */
    ledger = scenario_ledger(1, RENT("f, option: r"));
    assert_amount(ledger, "2024-02/e-upfront/a", 91666667);
    rk_ledger_free(ledger);
    ledger = scenario_ledger(1, RENT("f, option: r, upfront: 10, term_months: 1, count: 3"));
    assert_amount(ledger, "2024-02/e-upfront/a", 30000000);
    rk_ledger_free(ledger);
}

static void interruptions_cost_hours_and_fallback_costs_more(void **state)
{
    (void)state;
    /* 696 h, a tenth on demand: 626.4 x 0.2 = 125.28 and 69.6 x 0.5 = 34.8; 626.4 x 0.005 x 2 = 6.264 h x 0.2 */
    rk_ledger *ledger = scenario_ledger(1, RENT("n, option: spot, fallback_share: 0.1"));
    assert_amount(ledger, "2024-02/e/a", 125280000);
    assert_amount(ledger, "2024-02/e-on-demand/a", 34800000);
    assert_amount(ledger, "2024-02/e-restarts/a", 1252800);
    rk_ledger_free(ledger);
    /* its own: once in 10 hours, 1 h each: 69.6 h x 0.2 */
    ledger = scenario_ledger(1, RENT("n, option: spot, interruption_rate: 0.1, restart_hours: 1"));
    assert_amount(ledger, "2024-02/e-restarts/a", 13920000);
    rk_ledger_free(ledger);
}

#define FLEET(reserved) SERVICE ", capacity: {rps: 1}, fleet: {machine: n, min: 2, reserved: " reserved "}}\n"

static void a_fleet_reserves_when_its_upfront_pays(void **state)
{
    (void)state;
    /* One month of 696 h: 0.1 x 696 + 100 / 3 = 102.93 against 348 on demand: both machines are reserved, though 200
     * are paid for three months. With 2 machines of which one is idle: 1 is used 696 h. */
    rk_ledger *ledger = scenario_ledger(1, FLEET("{option: r, count: best}"));
    assert_int_equal(rk_ledger_service(ledger, 0)->n_reserved, 2);
    assert_amount(ledger, "2024-02/a-machine-reserved/a", 139200000);
    assert_amount(ledger, "2024-02/a-machine-reserved-upfront/a", 66666667);
    assert_amount(ledger, "2024-02/paid/a-machine-reserved-upfront-payment/a", 200000000);
    assert_books(ledger, "a", 0, 133333333);
    rk_ledger_free(ledger);
    /* two spot machines, all reserved: 2 x 696 x 0.005 x 2 = 13.92 h x 0.2 */
    ledger = scenario_ledger(1, FLEET("{option: spot, count: 2}"));
    assert_amount(ledger, "2024-02/a-machine-reserved-restarts/a", 2784000);
    rk_ledger_free(ledger);
}

static void an_upfront_can_be_what_makes_a_reservation_too_dear(void **state)
{
    (void)state;
    /* 8 days of two machines: the second is used 192 h: 96 on demand; reserved 69.6 without its upfront, with it 102.93
     */
    rk_ledger *ledger = scenario_ledger(
        1, "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400, events: [{from: 2024-02-01, to: "
           "2024-02-08, factor: 2}]}, capacity: {rps: 1}, fleet: {machine: n, reserved: {option: r, count: best}}}\n");
    assert_int_equal(rk_ledger_service(ledger, 0)->n_reserved, 1);
    rk_ledger_free(ledger);
}

static void terms_are_whole_and_of_an_option(void **state)
{
    (void)state;
    scenario_refused(1, RENT("m, upfront: 10"), "needs upfront and term_months together");
    scenario_refused(1, RENT("m, interruption_rate: 1"), "needs interruption_rate and restart_hours together");
    scenario_refused(1, RENT("m, share: 0.5, hours_per_month: 10"), "which exclude each other");
    scenario_refused(1, RENT("n, option: r, when: [2024-02]"), "'when' does not go with it");
    scenario_refused(1, RENT("f, option: r, fallback_share: 0.5"), "on_demand");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_are_those_of_the_month_or_as_said),
        cmocka_unit_test(an_upfront_is_paid_by_the_term_and_used_up_by_the_month),
        cmocka_unit_test(a_term_from_before_the_plan_is_carried),
        cmocka_unit_test(interruptions_cost_hours_and_fallback_costs_more),
        cmocka_unit_test(a_fleet_reserves_when_its_upfront_pays),
        cmocka_unit_test(an_upfront_can_be_what_makes_a_reservation_too_dear),
        cmocka_unit_test(terms_are_whole_and_of_an_option),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

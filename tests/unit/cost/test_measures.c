/* What costs are held against: figures by month and service, and budgets. Expected figures are derived beside them. */
#include <string.h>

#include "cost/ledger_parts.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define SERVICE(name, more) "  " name ": {product_line: " name "_line, traffic: {requests_per_day: 1}" more "}\n"
#define ONE "services:\n" SERVICE("a", "")

static void assert_measure(const rk_ledger *ledger, rk_measure_kind kind, uint32_t s, uint32_t m, const char *expected)
{
    mpq_t value, want;
    mpq_inits(value, want, NULL);
    assert_true(rk_plan_measure(ledger->plan, kind, s, m, value));
    mpq_set_str(want, expected, 10);
    mpq_canonicalize(want);
    assert_true(mpq_equal(value, want));
    mpq_clears(value, want, NULL);
}

static void a_measure_grows_but_for_the_months_that_are_named(void **state)
{
    (void)state;
    /* 1,000 x 1.1^2 = 1,210 in the third month; the second is written */
    rk_ledger *ledger = scenario_ledger(
        3, "active_users: {first: 1000, growth_per_month: 0.1, months: {2024-03: 7.5}}\norders: 40\n" ONE);
    assert_measure(ledger, RK_ACTIVE_USERS, RK_ALL_SERVICES, 0, "1000");
    assert_measure(ledger, RK_ACTIVE_USERS, RK_ALL_SERVICES, 1, "15/2");
    assert_measure(ledger, RK_ACTIVE_USERS, RK_ALL_SERVICES, 2, "1210");
    assert_measure(ledger, RK_ORDERS, RK_ALL_SERVICES, 2, "40");
    assert_false(rk_plan_has_measure(ledger->plan, RK_REVENUE, RK_ALL_SERVICES));
    rk_ledger_free(ledger);
}

static void orders_of_services_add_up_and_their_users_do_not(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, "services:\n" SERVICE("a", ", orders: 0.1, active_users: 5")
                                               SERVICE("b", ", orders: 0.2, active_users: 6"));
    assert_measure(ledger, RK_ORDERS, RK_ALL_SERVICES, 0, "3/10");
    assert_measure(ledger, RK_ACTIVE_USERS, 1, 0, "6");
    assert_false(rk_plan_has_measure(ledger->plan, RK_ACTIVE_USERS, RK_ALL_SERVICES));
    rk_ledger_free(ledger);
}

static void what_only_some_services_say_is_not_the_whole(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, "services:\n" SERVICE("a", ", orders: 1") SERVICE("b", ""));
    assert_false(rk_plan_has_measure(ledger->plan, RK_ORDERS, RK_ALL_SERVICES));
    assert_false(rk_plan_has_measure(ledger->plan, RK_ORDERS, 1));
    rk_ledger_free(ledger);
}

static void the_only_service_and_the_plan_stand_for_each_other(void **state)
{
    (void)state;
    rk_ledger *ledger =
        scenario_ledger(1, "revenue: 9\nservices:\n" SERVICE("a", ", active_users: {first: 4, origin: measured}"));
    assert_measure(ledger, RK_REVENUE, 0, 0, "9");
    assert_measure(ledger, RK_ACTIVE_USERS, RK_ALL_SERVICES, 0, "4");
    assert_int_equal(rk_plan_measure_source(ledger->plan, RK_ACTIVE_USERS, RK_ALL_SERVICES)->origin, RK_MEASURED);
    assert_int_equal(rk_plan_measure_source(ledger->plan, RK_REVENUE, 0)->origin, RK_ASSUMED);
    rk_ledger_free(ledger);
}

static void measures_without_a_figure_are_refused_with_the_place(void **state)
{
    (void)state;
    scenario_refused(2, "orders: {months: {2024-02: 1}}\n" ONE, "p.yaml:7:9: 'orders' says nothing of 2024-03");
    scenario_refused(2, "orders: {growth_per_month: 0.1}\n" ONE, "'orders' needs the key 'first' to grow from");
    scenario_refused(2, "orders: {frist: 1}\n" ONE, "'orders' has no key 'frist'; did you mean 'first'?");
    scenario_refused(2, "orders: {first: 1, months: {2024-13: 1}}\n" ONE,
                     "must be a month like 2026-10, got '2024-13'");
    scenario_refused(2, "orders: -1\n" ONE, "'orders' must be a number 0 or more, got '-1'");
    scenario_refused(2, "services:\n" SERVICE("a", ", heads: many"), "'heads' must be a number 0 or more, got 'many'");
}

static void a_month_outside_the_plan_is_said(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, "orders: {first: 1, months: {2024-03: 2}}\n" ONE);
    assert_int_equal(rk_ledger_n_notes(ledger), 1);
    assert_non_null(strstr(rk_ledger_note(ledger, 0), "p.yaml:7: 2024-03 is not a month of this plan"));
    rk_ledger_free(ledger);
}

/* ---- budgets ---- */

static rk_budget_view budget(const rk_ledger *ledger, size_t i)
{
    rk_budget_view view;
    rk_error err;
    assert_int_equal(rk_ledger_budget(ledger, i, &view, &err), RK_OK);
    return view;
}

static void a_total_falls_evenly_on_the_months_without_a_figure(void **state)
{
    (void)state;
    /* 100 - 40.000001 = 59.999999 on two months: 30 and 29.999999, the odd millionth goes to the first */
    rk_ledger *ledger = scenario_ledger(3, "budget: {total: 100, months: {2024-03: 40.000001}}\n" ONE);
    assert_int_equal(rk_ledger_n_budgets(ledger), 1);
    rk_budget_view view = budget(ledger, 0);
    assert_true(view.budget[0].micros == 30000000 && view.budget[1].micros == 40000001);
    assert_true(view.budget[2].micros == 29999999 && view.budget_total.micros == 100000000);
    rk_ledger_free(ledger);
}

static void a_budget_meets_the_plan_month_by_month(void **state)
{
    (void)state;
    /* 7 GB a month = 7 USD of data for a; 1,200 in March, spread on 12 months: 100 used up in March, 1,200 paid */
    static const char *const bases[] = {"accrual", "cash"};
    static const int64_t march[] = {107000000, 1207000000};
    for (size_t i = 0; i < 2; i++) {
        rk_text plan = {0};
        rk_text_addf(
            &plan,
            "budget: {per_month: 10, months: {2024-03: 110}, basis: %s, category: {data: {total: 13}}, "
            "product_line: {b_line: {per_month: 1}}}\n"
            "services:\n" SERVICE("a", "") SERVICE(
                "b", "") "elements:\n  - {name: g, category: data, layer: data, service: a, use: gb, quantity: 7}\n"
                         "  - {name: l, category: software, layer: data, service: b, amount: 1200, when: [2024-03], "
                         "spread_months: 12}\n",
            bases[i]);
        rk_ledger *ledger = scenario_ledger(2, plan.at);
        assert_int_equal(rk_ledger_n_budgets(ledger), 3);
        rk_budget_view whole = budget(ledger, 0), data = budget(ledger, 1), b = budget(ledger, 2);
        assert_null(whole.name);
        assert_int_equal(whole.basis, i);
        assert_true(whole.planned[0].micros == 7000000 && whole.planned[1].micros == march[i]);
        assert_true(whole.budget_total.micros == 120000000);
        assert_string_equal(data.name, "data");
        assert_true(data.planned_total.micros == 14000000 && data.budget_total.micros == 13000000);
        assert_string_equal(b.name, "b_line");
        assert_true(b.planned[0].micros == 0 && b.planned[1].micros == march[i] - 7000000);
        rk_ledger_free(ledger);
        rk_text_release(&plan);
    }
}

static void budgets_that_do_not_add_up_are_refused(void **state)
{
    (void)state;
    scenario_refused(2, "budget: {total: 1, months: {2024-02: 2}}\n" ONE,
                     "the months of the budget add up to more than its total");
    scenario_refused(1, "budget: {total: 3, months: {2024-02: 2}}\n" ONE,
                     "the months of the budget add up to less than its total");
    scenario_refused(2, "budget: {total: 1, per_month: 2}\n" ONE,
                     "'total' and 'per_month' of the budget exclude each other");
    scenario_refused(2, "budget: {months: {2024-02: 2}}\n" ONE, "the budget says nothing of 2024-03");
    scenario_refused(2, "budget: {}\n" ONE, "the budget says nothing of 2024-02");
    scenario_refused(2, "budget: {category: {labor: {total: 1}}}\n" ONE,
                     "the category 'labor', which the plan does not have; did you mean 'labour'?");
    scenario_refused(2, "budget: {product_line: {a_lime: {total: 1}}}\n" ONE,
                     "the product line 'a_lime', which the plan does not have; did you mean 'a_line'?");
    scenario_refused(2, "budget: {per_month: {point: 1, triangular: [0, 1, 2]}}\n" ONE,
                     "'per_month' cannot be uncertain");
    scenario_refused(2, "budget: {total: 99999999999999}\n" ONE, "the budget is absurdly large");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_measure_grows_but_for_the_months_that_are_named),
        cmocka_unit_test(orders_of_services_add_up_and_their_users_do_not),
        cmocka_unit_test(what_only_some_services_say_is_not_the_whole),
        cmocka_unit_test(the_only_service_and_the_plan_stand_for_each_other),
        cmocka_unit_test(measures_without_a_figure_are_refused_with_the_place),
        cmocka_unit_test(a_month_outside_the_plan_is_said),
        cmocka_unit_test(a_total_falls_evenly_on_the_months_without_a_figure),
        cmocka_unit_test(a_budget_meets_the_plan_month_by_month),
        cmocka_unit_test(budgets_that_do_not_add_up_are_refused),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

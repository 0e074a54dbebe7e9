/* Who bears what: used, idle and shared, worked by hand over February 2024, 696 h. */
#include "cost/showback.h"

#include "support/ledger_scenario.h"
#include "support/test.h"

static void assert_sum(const rk_ledger *ledger, const rk_vec *rows, rk_scope scope, rk_showback expected)
{
    rk_showback sum = rk_showback_sum(ledger, rows, &scope, RK_ALL_MONTHS);
    assert_true(sum.used.micros == expected.used.micros);
    assert_true(sum.idle.micros == expected.idle.micros);
    assert_true(sum.shared.micros == expected.shared.micros);
    assert_true(sum.total.micros == sum.used.micros + sum.idle.micros + sum.shared.micros);
}

static void idle_machines_are_priced_and_shared_costs_set_apart(void **state)
{
    (void)state;
    /* a: 1 request/s on two machines of 3: 2 x 696 = 1,392 h paid, 232 h of work, 1,160 idle. 1 machine reserved at 0.3
     * and 1 at 0.5: 556.8, of which 556.8 x 1,160 / 1,392 = 464 idle and 92.8 used; 7 USD direct beside. 10 USD are
     * shared 2 : 1, 6.666667 and 3.333333; b, of the same product line, has 1 USD of its own and no machine. */
    rk_ledger *ledger = scenario_ledger(
        1,
        "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}, capacity: {rps: 3}, fleet: {machine: m, "
        "min: 2, reserved: {option: r, count: 1}}}\n  b: {product_line: x, traffic: {requests_per_day: 1}}\n"
        "  c: {product_line: y, traffic: {requests_per_day: 1}}\n"
        "elements:\n  - {name: d, category: data, layer: data, service: a, amount: 7}\n"
        "  - {name: e, category: data, layer: data, service: b, amount: 1}\n"
        "  - {name: f, category: data, layer: data, service: shared, share_by: {a: 2, c: 1}, amount: 10}\n");
    rk_vec rows;
    rk_error err;
    assert_int_equal(rk_ledger_showback(ledger, &rows, &err), RK_OK);
    assert_sum(ledger, &rows, (rk_scope){.kind = RK_SCOPE_SERVICE, .service = 0},
               (rk_showback){{99800000}, {464000000}, {6666667}, {0}});
    assert_sum(ledger, &rows, (rk_scope){.kind = RK_SCOPE_SERVICE, .service = 2},
               (rk_showback){{0}, {0}, {3333333}, {0}});
    assert_sum(ledger, &rows, (rk_scope){.kind = RK_SCOPE_PRODUCT_LINE, .line = "x"},
               (rk_showback){{100800000}, {464000000}, {6666667}, {0}});
    rk_showback all = rk_showback_sum(ledger, &rows, &(rk_scope){.kind = RK_SCOPE_PLAN}, RK_ALL_MONTHS);
    assert_true(all.total.micros == rk_ledger_total(ledger).micros);
    rk_vec_release(&rows);
    rk_ledger_free(ledger);
}

static void upfronts_and_restarts_are_part_of_what_idle_machines_cost(void **state)
{
    (void)state;
    /* without traffic both reserved machines stand idle: 139.2 by the hour and 66.666667 of the upfront */
    rk_ledger *ledger = scenario_ledger(
        1, "services:\n  a: {product_line: x, traffic: {requests_per_day: 0}, capacity: {rps: 3}, fleet: {machine: n, "
           "reserved: {option: r, count: 2}}}\n");
    rk_vec rows;
    rk_error err;
    assert_int_equal(rk_ledger_showback(ledger, &rows, &err), RK_OK);
    assert_sum(ledger, &rows, (rk_scope){.kind = RK_SCOPE_PLAN}, (rk_showback){{0}, {205866667}, {0}, {0}});
    rk_vec_release(&rows);
    rk_ledger_free(ledger);
}

static void machines_of_a_shared_fleet_stand_idle_for_those_who_share_them(void **state)
{
    (void)state;
    /* two machines, 1,392 h at 0.5: 696 USD; 232 h of work are a's and 116 b's, so a has 464 USD of 928 h, 696 of them
     * idle: 348, and b half as much of each. The 3 USD by direct cost are split 464 : 232, too. */
    rk_ledger *ledger = scenario_ledger(
        1, "fleets: {web: {machine: m, min: 2}}\nservices:\n"
           "  a: {product_line: x, traffic: {requests_per_day: 86400}, capacity: {rps: 3}, fleet: web}\n"
           "  b: {product_line: y, traffic: {requests_per_day: 43200}, capacity: {rps: 3}, fleet: web}\n"
           "elements:\n  - {name: f, category: data, layer: data, service: shared, share_by: direct_cost, amount: 3}\n");
    rk_vec rows;
    rk_error err;
    assert_int_equal(rk_ledger_showback(ledger, &rows, &err), RK_OK);
    assert_sum(ledger, &rows, (rk_scope){.kind = RK_SCOPE_SERVICE, .service = 0},
               (rk_showback){{116000000}, {348000000}, {2000000}, {0}});
    assert_sum(ledger, &rows, (rk_scope){.kind = RK_SCOPE_SERVICE, .service = 1},
               (rk_showback){{58000000}, {174000000}, {1000000}, {0}});
    rk_vec_release(&rows);
    rk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_machines_are_priced_and_shared_costs_set_apart),
        cmocka_unit_test(upfronts_and_restarts_are_part_of_what_idle_machines_cost),
        cmocka_unit_test(machines_of_a_shared_fleet_stand_idle_for_those_who_share_them),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

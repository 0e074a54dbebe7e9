/* Draws against laws whose figures are known: a total that is one number, a sum of two, a product. */
#include <math.h>
#include <string.h>

#include "decide/risk.h"
#include "support/faults.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define HEAD "services:\n  a: {product_line: a, traffic: {requests_per_day: 1}}\nelements:\n"
#define GB(name, category, quantity)                                                                                   \
    "  - {name: " name ", category: " category ", layer: data, service: a, use: gb, quantity: " quantity "}\n"

static void assert_real(double value, double wanted, double allowed)
{
    if (!(fabs(value - wanted) <= allowed)) {
        fail_msg("%.9g is not %.9g within %g", value, wanted, allowed);
    }
}

static rk_risk run_with(const rk_ledger *ledger, rk_risk_options options, unsigned n_threads, uint64_t seed)
{
    rk_risk risk;
    rk_error err;
    rk_pool *pool = rk_pool_new(n_threads);
    rk_run run = {.pool = pool, .seed = seed};
    if (rk_risk_run(ledger, &options, &run, &risk, &err)) {
        fail_msg("%s", err.message);
    }
    rk_pool_free(pool);
    return risk;
}

static rk_risk run_risk(const rk_ledger *ledger, rk_risk_options options) { return run_with(ledger, options, 2, 1); }

static void assert_near(rk_estimate estimate, double wanted, double allowed)
{
    if (!(fabs(estimate.value - wanted) <= allowed)) {
        fail_msg("%.9g is not %.9g within %g", estimate.value, wanted, allowed);
    }
    assert_true(estimate.low <= estimate.value && estimate.value <= estimate.high);
    assert_true(estimate.low <= wanted + allowed && wanted - allowed <= estimate.high);
}

static void one_triangular_number_has_its_own_quantiles(void **state)
{
    (void)state;
    /* 1 USD a GB for a month: the total is the number. Below the mode 4 a share u lies at 2 + sqrt(u x 8 x 2), above
     * it at 10 - sqrt((1 - u) x 8 x 6); the mean is (2 + 4 + 10) / 3, the variance (4 + 36 + 12) / 18 */
    rk_ledger *ledger = scenario_ledger(1, HEAD GB("disk", "data", "{point: 3, triangular: [2, 4, 10]}"));
    rk_risk risk = run_risk(ledger, (rk_risk_options){.n_draws = 60000});
    const rk_risk_row *whole = &risk.rows[0];
    assert_int_equal(risk.n_draws, 65536);
    assert_real(whole->point, 3, 0);
    assert_near(whole->mean, 16.0 / 3, 1e-5);
    assert_real(whole->sd, sqrt(52.0 / 18), 1e-4);
    assert_near(whole->p10, 2 + sqrt(0.1 * 8 * 2), 1e-3);
    assert_near(whole->p50, 10 - sqrt(0.5 * 8 * 6), 1e-3);
    assert_near(whole->p90, 10 - sqrt(0.1 * 8 * 6), 1e-3);
    assert_near(whole->p99, 10 - sqrt(0.01 * 8 * 6), 5e-3);
    /* the mean of what lies above the share 1 - v is 10 - sqrt(v x 48) x 2 / 3 */
    assert_near(whole->tail_mean[0], 10 - sqrt(0.1 * 48) * 2 / 3, 1e-3);
    assert_near(whole->tail_mean[2], 10 - sqrt(0.01 * 48) * 2 / 3, 3e-3);
    assert_real(risk.inputs[0].low, 2 + sqrt(0.1 * 8 * 2), 1e-12);
    assert_real(risk.inputs[0].high, 10 - sqrt(0.1 * 8 * 6), 1e-12);
    assert_near(risk.inputs[0].index.first, 1, 0.01);
    rk_risk_release(&risk);
    rk_ledger_free(ledger);
}

static void two_normal_numbers_add_up_to_a_third(void **state)
{
    (void)state;
    /* sd 3 and 4 make 5; P90 of a normal is 1.2815516 sd above the mean, the mean of its dearest 5 % 2.0627128 */
    rk_ledger *ledger = scenario_ledger(1, HEAD GB("x", "data", "{point: 100, normal: [100, 3]}")
                                               GB("y", "software", "{point: 50, normal: [50, 4]}"));
    rk_risk risk = run_risk(ledger, (rk_risk_options){.n_draws = 65536, .budget = 155});
    assert_near(risk.rows[0].mean, 150, 1e-3);
    assert_real(risk.rows[0].sd, 5, 0.01);
    assert_near(risk.rows[0].p90, 150 + 5 * 1.2815516, 0.02);
    assert_near(risk.rows[0].tail_mean[1], 150 + 5 * 2.0627128, 0.03);
    assert_near(risk.rows[0].above, 0.1586553, 0.002); /* one sd above the mean */
    assert_string_equal(risk.inputs[0].input->path, "elements.y.quantity");
    assert_near(risk.inputs[0].index.first, 16.0 / 25, 0.01);
    assert_near(risk.inputs[0].index.total, 16.0 / 25, 0.01);
    assert_near(risk.inputs[1].index.total, 9.0 / 25, 0.01);
    /* the whole, the month, two categories and the product line */
    assert_int_equal(risk.n_rows, 5);
    assert_string_equal(risk.rows[2].name, "software");
    assert_real(risk.rows[2].sd, 4, 0.01);
    rk_risk_release(&risk);
    rk_ledger_free(ledger);
}

static void a_number_that_is_used_twice_is_drawn_once(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, "services:\n  a: {product_line: a, traffic: {requests_per_day: 1}, response_bytes: "
                                "{point: 2e9, uniform: [1e9, 3e9]}}\nelements:\n"
                                "  - {name: x, category: data, layer: data, service: a, use: gb, per: response_gb}\n"
                                "  - {name: y, category: data, layer: data, service: a, use: gb, per: response_gb, "
                                "quantity: 2}\n");
    rk_risk risk = run_risk(ledger, (rk_risk_options){.n_draws = 16384});
    /* 29 requests of February 2024 of 1 to 3 GB, once and twice; drawn apart they would have sqrt(5) / 3 of the sd */
    assert_int_equal(risk.n_inputs, 1);
    assert_near(risk.rows[0].mean, 29 * 2 * 3, 1e-3);
    assert_real(risk.rows[0].sd, 29 * 3 * 2 / sqrt(12), 0.01);
    rk_risk_release(&risk);
    rk_ledger_free(ledger);
}

static void a_product_has_more_with_others_than_alone(void **state)
{
    (void)state;
    /* 41,760 minutes x (1 - up) x loss, both factors even between 0 and 1: of the variance 7 / 144 each has alone
     * 1 / 48 = 3 / 7, with the other 4 / 7 */
    rk_ledger *ledger = scenario_ledger(
        1, HEAD "  - {name: x, category: operations, layer: data, service: a, loss_per_minute: {point: 1, uniform: [0, "
                "1]}, availability: {point: 0.5, uniform: [0, 1]}}\n");
    rk_risk risk = run_risk(ledger, (rk_risk_options){.n_draws = 65536});
    assert_near(risk.rows[0].mean, 41760 * 0.25, 1);
    assert_real(risk.rows[0].sd, 41760 * sqrt(7.0 / 144), 5);
    for (size_t i = 0; i < 2; i++) {
        assert_near(risk.inputs[i].index.first, 3.0 / 7, 0.01);
        assert_near(risk.inputs[i].index.total, 4.0 / 7, 0.01);
    }
    rk_risk_release(&risk);
    rk_ledger_free(ledger);
}

static void budgets_of_the_plan_are_held_against_their_rows(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(2, "budget: {months: {2024-02: 7.5, 2024-03: 2}, category: {data: {total: 18}}}\n" HEAD
                                               GB("x", "data", "{point: 5, uniform: [0, 10]}"));
    rk_risk risk = run_risk(ledger, (rk_risk_options){.n_draws = 16384});
    assert_real(risk.rows[0].budget, 9.5, 0); /* 2 x > 9.5 */
    assert_near(risk.rows[0].above, 1 - 0.475, 0.001);
    assert_near(risk.rows[1].above, 0.25, 0.001);
    assert_near(risk.rows[2].above, 0.8, 0.001);
    assert_near(risk.rows[3].above, 0.1, 0.001); /* 2 x > 18 */
    rk_risk_release(&risk);
    rk_ledger_free(ledger);
}

static void the_same_seed_gives_the_same_bytes_for_any_number_of_threads(void **state)
{
    (void)state;
    static const char plan[] = "services:\n  a: {product_line: a, traffic: {requests_per_day: {point: 1e6, lognormal: "
                               "[1e6, 0.3]}}, capacity: {rps: 3}, fleet: {machine: m}}\nelements:\n" GB(
                                   "x", "data", "{point: 5, normal: [5, 4]}");
    rk_ledger *ledger = scenario_ledger(3, plan);
    rk_text texts[4] = {0}, csv[4] = {0};
    for (unsigned i = 0; i < 4; i++) {
        rk_risk risk = run_with(ledger, (rk_risk_options){.n_draws = 4096, .csv = &csv[i]}, i < 3 ? i + 1 : 1, i < 3 ? 7 : 8);
        rk_risk_json(&risk, &texts[i]);
        rk_risk_release(&risk);
    }
    assert_string_equal(texts[0].at, texts[1].at);
    assert_string_equal(texts[0].at, texts[2].at);
    assert_string_equal(csv[0].at, csv[2].at);
    assert_string_not_equal(texts[0].at, texts[3].at);
    assert_non_null(strstr(csv[0].at, "\n4095,"));
    assert_memory_equal(csv[0].at, "draw,services.a.traffic.requests_per_day,elements.x.quantity,total,2024-02", 74);
    for (unsigned i = 0; i < 4; i++) {
        rk_text_release(&texts[i]);
        rk_text_release(&csv[i]);
    }
    rk_ledger_free(ledger);
}

static void even_points_settle_faster_than_random_ones(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, HEAD GB("x", "data", "{point: 10, pert: [2, 10, 30]}")
                                               GB("y", "software", "{point: 5, uniform: [4, 9]}"));
    rk_risk even = run_risk(ledger, (rk_risk_options){.n_draws = 16384});
    rk_risk random = run_risk(ledger, (rk_risk_options){.n_draws = 16384, .points = RK_POINTS_RANDOM});
    double mean = (2 + 4 * 10 + 30) / 6.0 + 6.5;
    assert_near(even.rows[0].mean, mean, 1e-3);
    assert_near(random.rows[0].mean, mean, 0.15);
    const rk_risk_step *e = &even.steps[even.n_steps - 1], *r = &random.steps[random.n_steps - 1];
    assert_int_equal(e->n, 16384);
    assert_true((e->mean.high - e->mean.low) * 20 < r->mean.high - r->mean.low);
    for (size_t i = 1; i < even.n_steps; i++) {
        assert_int_equal(even.steps[i].n, 2 * even.steps[i - 1].n);
    }
    rk_risk_release(&even);
    rk_risk_release(&random);
    rk_ledger_free(ledger);
}

static void draws_outside_the_range_of_a_key_are_counted(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, HEAD GB("x", "data", "{point: 5, normal: [0, 10]}"));
    rk_risk risk = run_risk(ledger, (rk_risk_options){.n_draws = 4096});
    assert_int_equal(risk.inputs[0].n_moved, 2048); /* half of a normal about 0 */
    rk_risk_release(&risk);
    rk_ledger_free(ledger);
}

static void assert_refused(const char *plan, const char *words)
{
    rk_risk risk;
    rk_error err;
    rk_run run = {.seed = 1};
    rk_ledger *ledger = scenario_ledger(1, plan);
    assert_int_equal(rk_risk_run(ledger, &(rk_risk_options){.n_draws = 1}, &run, &risk, &err), RK_BAD_INPUT);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
    rk_ledger_free(ledger);
}

static void what_cannot_be_drawn_is_said(void **state)
{
    (void)state;
    assert_refused(HEAD GB("x", "data", "5"), "has no uncertain number: write one as growth_per_month: {point: 0.03");
    assert_refused("orders: {point: 5, uniform: [4, 6]}\n" HEAD GB("x", "data", "5"),
                   "p.yaml:7:9: no cost of 'plan' depends on 'orders', and it has no other uncertain number");
    assert_refused("services:\n  a: {product_line: a, traffic: {requests_per_day: {point: 1, lognormal: [1, 12]}}, "
                   "capacity: {rps: 1}, fleet: {machine: m}}\nelements:\n" GB("x", "data", "5"),
                   "draws of 'a' need absurdly many machines");
}

static bool attempt(void *context)
{
    rk_risk risk;
    rk_error err;
    rk_run run = {.seed = 1};
    rk_status status = rk_risk_run(context, &(rk_risk_options){.n_draws = 1}, &run, &risk, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    if (!status) {
        rk_risk_release(&risk);
    }
    return status == RK_OK;
}

static void every_short_allocation_is_told(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(1, HEAD GB("x", "data", "{point: 5, uniform: [4, 6]}"));
    assert_true(fault_each(attempt, ledger) > 30);
    rk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_triangular_number_has_its_own_quantiles),
        cmocka_unit_test(two_normal_numbers_add_up_to_a_third),
        cmocka_unit_test(a_number_that_is_used_twice_is_drawn_once),
        cmocka_unit_test(a_product_has_more_with_others_than_alone),
        cmocka_unit_test(budgets_of_the_plan_are_held_against_their_rows),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes_for_any_number_of_threads),
        cmocka_unit_test(even_points_settle_faster_than_random_ones),
        cmocka_unit_test(draws_outside_the_range_of_a_key_are_counted),
        cmocka_unit_test(what_cannot_be_drawn_is_said),
        cmocka_unit_test(every_short_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

/* What one of something costs: every expected figure is derived by hand in the comment beside it. */
#include <string.h>

#include "cost/account.h"
#include "cost/ledger_parts.h"
#include "cost/unit.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

static const rk_unit *unit_of(const char *key)
{
    for (size_t i = 0; i < rk_n_units(); i++) {
        if (strcmp(rk_unit_cost_key(rk_unit_at(i)), key) == 0) {
            return rk_unit_at(i);
        }
    }
    fail_msg("no unit %s", key);
    return NULL;
}

/* Of the scope of that kind and name. */
static rk_unit_cost ask(const rk_ledger *ledger, const char *key, rk_scope_kind kind, const char *name, uint32_t month)
{
    for (size_t i = 0; i < rk_ledger_n_scopes(ledger); i++) {
        rk_scope scope = rk_ledger_scope(ledger, i);
        if (scope.kind == kind && strcmp(scope.name, name) == 0) {
            return rk_ledger_unit_cost(ledger, unit_of(key), &scope, month);
        }
    }
    fail_msg("no scope %s", name);
    return (rk_unit_cost){0};
}

#define ALL RK_SCOPE_PLAN, "all together"

static void assert_costs(rk_unit_cost cost, int64_t full, int64_t marginal)
{
    assert_true(cost.is_known);
    assert_true(cost.full.micros == full && cost.marginal.micros == marginal);
}

static void a_thousand_requests_cost_in_full_and_at_the_margin(void **state)
{
    (void)state;
    /* 86,400 a day of 1,000,000 bytes: 2,505,600 requests and 2,505.6 GB in February at 1 USD. Machine 696 h x 0.5 =
     * 348. Full per 1,000: 2,853.6 / 2,505.6 = 1.138889. Margin: 1 USD of traffic + 1,000 / (2 x 3,600) h x 0.5
     * = 1.069444; the same for a GB, which is 1,000 requests. */
    rk_ledger *ledger = scenario_ledger(
        1,
        "services:\n  a: {product_line: x, traffic: {requests_per_day: 86400}, capacity: {rps: 2}, "
        "response_bytes: 1000000, fleet: {machine: m}}\n"
        "elements:\n  - {name: out, category: hardware, layer: service, service: each, use: gb, per: response_gb}\n");
    rk_unit_cost requests = ask(ledger, "per_1000_requests", RK_SCOPE_SERVICE, "a", 0);
    assert_true(requests.cost.micros == INT64_C(2853600000) && requests.n_units == 2505600);
    assert_costs(requests, 1138889, 1069444);
    assert_costs(ask(ledger, "per_gb", RK_SCOPE_SERVICE, "a", 0), 1138889, 1069444);
    assert_costs(ask(ledger, "per_1000_requests", ALL, RK_ALL_MONTHS), 1138889, 1069444);
    rk_ledger_free(ledger);
}

/* Two services of one product line and one of another; a answers 1,000 requests a day of 10^9 bytes for 1 USD each. */
static const char shop[] =
    "active_users: {first: 100, months: {2024-03: 300}}\nrevenue: 1000000\n"
    "services:\n"
    "  a: {product_line: x, traffic: {requests_per_day: 1000}, response_bytes: 1e9, orders: 10}\n"
    "  b: {product_line: x, traffic: {requests_per_day: 3000}, response_bytes: 0, orders: 30}\n"
    "  c: {product_line: y, traffic: {requests_per_day: 0}, orders: {first: 40}, active_users: 7}\n"
    "elements:\n"
    "  - {name: out, category: hardware, layer: service, service: a, use: gb, per: response_gb}\n"
    "  - {name: rent, category: hardware, layer: service, service: c, amount: 21000, when: [2024-02, 2024-03]}\n";

static void an_order_costs_what_its_service_costs(void **state)
{
    (void)state;
    /* February: a sends 29,000 GB for 29,000 USD, all of it follows the traffic. Of 10 orders one costs 2,900; of the
     * 40 of line x 725; of the 80 of all (29,000 + 21,000) / 80 = 625, at the margin 29,000 / 80 = 362.5. */
    rk_ledger *ledger = scenario_ledger(2, shop);
    assert_costs(ask(ledger, "per_order", RK_SCOPE_SERVICE, "a", 0), INT64_C(2900000000), INT64_C(2900000000));
    assert_costs(ask(ledger, "per_order", RK_SCOPE_PRODUCT_LINE, "x", 0), 725000000, 725000000);
    assert_costs(ask(ledger, "per_order", ALL, 0), 625000000, 362500000);
    /* 60,000 + 42,000 in both months over 160 orders */
    assert_costs(ask(ledger, "per_order", ALL, RK_ALL_MONTHS), 637500000, 375000000);
    rk_ledger_free(ledger);
}

static void a_user_is_counted_once_a_month(void **state)
{
    (void)state;
    /* 50,000 / 100 in February; in both months (50,000 + 31,000 + 21,000) / (100 + 300) = 255. Line y is c alone: 3,000
     * a user. Line x says nothing of users, and those of services would not add up. */
    rk_ledger *ledger = scenario_ledger(2, shop);
    assert_costs(ask(ledger, "per_active_user", ALL, 0), 500000000, 290000000);
    assert_costs(ask(ledger, "per_active_user", ALL, RK_ALL_MONTHS), 255000000, 150000000);
    assert_costs(ask(ledger, "per_active_user", RK_SCOPE_PRODUCT_LINE, "y", 0), INT64_C(3000000000), 0);
    assert_false(ask(ledger, "per_active_user", RK_SCOPE_PRODUCT_LINE, "x", 0).is_counted);
    rk_ledger_free(ledger);
}

static void the_share_of_revenue_is_a_fraction(void **state)
{
    (void)state;
    /* 50,000 of 1,000,000 = 5 %, 29,000 = 2.9 % follow the traffic; no service says its own */
    rk_ledger *ledger = scenario_ledger(2, shop);
    assert_costs(ask(ledger, "share_of_revenue", ALL, 0), 50000, 29000);
    assert_false(ask(ledger, "share_of_revenue", RK_SCOPE_SERVICE, "a", 0).is_counted);
    rk_ledger_free(ledger);
}

static void nothing_is_divided_by_nothing(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(2, shop);
    rk_unit_cost idle = ask(ledger, "per_1000_requests", RK_SCOPE_SERVICE, "c", 0);
    assert_true(idle.is_counted && !idle.is_known && idle.cost.micros == INT64_C(21000000000));
    assert_false(ask(ledger, "per_gb", RK_SCOPE_SERVICE, "c", 0).is_counted);
    assert_false(ask(ledger, "per_training_run", ALL, 0).is_known);
    rk_ledger_free(ledger);
}

static void scopes_are_everything_then_lines_then_services(void **state)
{
    (void)state;
    static const char *const names[] = {"all together", "x", "y", "a", "b", "c"};
    static const uint32_t sizes[] = {3, 2, 1, 1, 1, 1};
    rk_ledger *ledger = scenario_ledger(2, shop);
    assert_int_equal(rk_ledger_n_scopes(ledger), RK_COUNT_OF(names));
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        assert_string_equal(rk_ledger_scope(ledger, i).name, names[i]);
        assert_int_equal(rk_ledger_scope(ledger, i).n_services, sizes[i]);
    }
    rk_ledger_free(ledger);
}

/* ---- training ---- */

/* Books 30 USD of machine time for 3 runs that all services share evenly, and 6 USD of storage for the same runs. */
static void book_training(rk_account *account)
{
    rk_error err;
    mpq_t quantity, price, runs, none;
    mpq_inits(quantity, price, runs, none, NULL);
    mpq_set_ui(quantity, 3, 1);
    mpq_set_ui(price, 10, 1);
    mpq_set_ui(runs, 3, 1);
    rk_element element = {
        .name = "training", .layer = RK_LAYER_MODEL, .target = RK_TARGET_SHARED, .share_by = RK_SHARE_EVEN};
    rk_entry entry = {.element = &element,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = "machine-hour",
                      .driver = "m",
                      .behaviour = RK_STEP,
                      .runs = runs};
    assert_int_equal(rk_account_book(account, &entry, &err), RK_OK);
    mpq_set_ui(price, 2, 1);
    entry.name = "training storage";
    entry.behaviour = RK_FIXED;
    entry.runs = none;
    assert_int_equal(rk_account_book(account, &entry, &err), RK_OK);
    mpq_clears(quantity, price, runs, none, NULL);
}

static void a_training_run_bears_the_lines_of_training_only(void **state)
{
    (void)state;
    /* 36 USD for 3 runs = 12 a run, 30 / 3 = 10 at the margin, because the storage is fixed; the rent of c is no
     * training. A service bears a third of the money and of the runs. */
    rk_ledger *ledger = scenario_ledger(2, shop);
    static const rk_run quiet;
    rk_account account;
    rk_error err;
    assert_int_equal(rk_account_init(&account, ledger, &quiet, &err), RK_OK);
    book_training(&account);
    rk_ledger_free_units(ledger);
    assert_int_equal(rk_account_units(&account, &err), RK_OK);
    assert_costs(ask(ledger, "per_training_run", ALL, 0), 12000000, 10000000);
    assert_costs(ask(ledger, "per_training_run", RK_SCOPE_SERVICE, "b", RK_ALL_MONTHS), 12000000, 10000000);
    assert_true(ask(ledger, "per_training_run", RK_SCOPE_SERVICE, "b", 0).n_units == 1);
    rk_account_release(&account);
    rk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_requests_cost_in_full_and_at_the_margin),
        cmocka_unit_test(an_order_costs_what_its_service_costs),
        cmocka_unit_test(a_user_is_counted_once_a_month),
        cmocka_unit_test(the_share_of_revenue_is_a_fraction),
        cmocka_unit_test(nothing_is_divided_by_nothing),
        cmocka_unit_test(scopes_are_everything_then_lines_then_services),
        cmocka_unit_test(a_training_run_bears_the_lines_of_training_only),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

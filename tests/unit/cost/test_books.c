/* What is paid against what is used up: every expected figure is derived by hand in the comment beside it. */
#include <string.h>

#include "math/rational.h"
#include "price/price.h"
#include "support/ledger_scenario.h"
#include "support/test.h"

#define TWO                                                                                                            \
    "services:\n  a: {product_line: x, traffic: {requests_per_day: 1}}\n  b: {product_line: y, traffic: "              \
    "{requests_per_day: 2}}\nelements:\n"
#define OWN(name, asset, bought)                                                                                       \
    "  - {name: " name ", category: hardware, layer: model, service: a, own: " asset ", bought: " bought "}\n"

#define USD(n) ((n)*INT64_C(1000000))

static rk_book_row book_of(const rk_ledger *ledger, const char *element)
{
    rk_vec rows;
    rk_error err;
    rk_book_row found = {0};
    assert_int_equal(rk_ledger_books(ledger, &rows, &err), RK_OK);
    for (size_t i = 0; i < rows.n; i++) {
        const rk_book_row *row = (const rk_book_row *)rows.data + i;
        found = strcmp(row->element, element) == 0 ? *row : found;
    }
    rk_vec_release(&rows);
    return found;
}

static void assert_book(const rk_ledger *ledger, const char *element, int64_t opening, int64_t paid, int64_t used_up,
                        int64_t closing)
{
    rk_book_row row = book_of(ledger, element);
    assert_true(row.opening.micros == opening && row.paid.micros == paid);
    assert_true(row.used_up.micros == used_up && row.closing.micros == closing);
}

/* total + closing - opening = cash, and every cash view adds up to it. */
static void assert_identity(const rk_ledger *ledger)
{
    rk_vec rows;
    rk_error err;
    rk_view view;
    int64_t total = rk_ledger_total(ledger).micros, cash = rk_ledger_cash(ledger).micros;
    assert_int_equal(rk_ledger_books(ledger, &rows, &err), RK_OK);
    for (size_t i = 0; i < rows.n; i++) {
        const rk_book_row *row = (const rk_book_row *)rows.data + i;
        total += row->closing.micros - row->opening.micros;
    }
    rk_vec_release(&rows);
    assert_true(total == cash);
    for (int d = 0; d < (int)RK_N_DIMENSIONS; d++) {
        assert_int_equal(rk_ledger_view(ledger, RK_CASH, (rk_dimension)d, RK_BY_MONTH, &view, &err), RK_OK);
        int64_t sum = 0;
        for (uint32_t i = 0; i < view.n_rows * view.n_columns; i++) {
            sum += view.cell[i].micros;
        }
        assert_true(sum == cash && view.total.micros == cash);
        rk_view_release(&view);
    }
}

static void a_purchase_is_paid_once_and_used_up_month_by_month(void **state)
{
    (void)state;
    /* Bought in March for 1,200: nothing in February; 90 in April and in May, so 1,020 are left. Maintenance of 10 is
     * paid as it comes, March to May. Accrual 180 + 30 = 210, cash 1,200 + 30 = 1,230, and 210 + 1,020 = 1,230. */
    rk_ledger *ledger = scenario_ledger(4, TWO OWN("box", "gpu", "2024-03"));
    assert_book(ledger, "box", 0, USD(1200), USD(180), USD(1020));
    assert_true(rk_ledger_total(ledger).micros == USD(210) && rk_ledger_cash(ledger).micros == USD(1230));
    const rk_cost_line *paid = scenario_line(ledger, "2024-03/paid/box-purchase/a");
    assert_true(paid->amount.micros == USD(1200) && paid->spend == RK_CAPEX && paid->is_cash);
    assert_string_equal(paid->cause, "box");
    const rk_cost_line *wear = scenario_line(ledger, "2024-04/box-depreciation/a");
    assert_true(wear->spend == RK_CAPEX && !wear->is_cash);
    const rk_cost_line *care = scenario_line(ledger, "2024-04/box-maintenance/a");
    assert_true(care->spend == RK_OPEX && care->is_cash);
    assert_int_equal(rk_ledger_n_payments(ledger), 1);
    assert_identity(ledger);
    rk_ledger_free(ledger);
}

static void what_was_bought_before_the_plan_is_on_its_books_and_not_paid_again(void **state)
{
    (void)state;
    /* December: 90 are gone in January, 1,110 on 1 February; 2 x 90 in the plan, 930 left. The fading one: 1,200, 600
     * in December, 300 in January; 150 in February, 30 down to the salvage in March. */
    rk_ledger *ledger = scenario_ledger(2, TWO OWN("box", "gpu", "2023-12") OWN("fading", "fade", "2023-11"));
    assert_book(ledger, "box", USD(1110), 0, USD(180), USD(930));
    assert_book(ledger, "fading", USD(300), 0, USD(180), USD(120));
    assert_int_equal(rk_ledger_n_payments(ledger), 0);
    assert_identity(ledger);
    rk_ledger_free(ledger);
}

static void what_is_bought_after_the_plan_is_not_in_it(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(2, TWO OWN("box", "gpu", "2024-04"));
    assert_book(ledger, "box", 0, 0, 0, 0);
    assert_true(rk_ledger_cash(ledger).micros == 0);
    rk_ledger_free(ledger);
}

static void a_spread_sum_is_paid_in_its_own_month(void **state)
{
    (void)state;
    /* 1 USD in three parts: 333,334 + 333,333 + 333,333 millionths. From December on two parts are before the plan and
     * one is left; from March on the plan pays all and uses one up. */
    rk_ledger *ledger =
        scenario_ledger(2, TWO "  - {name: s, category: data, layer: data, service: shared, share_by: even, amount: 1, "
                               "when: [2023-12, 2024-03], spread_months: 3, spend: capex}\n");
    assert_book(ledger, "s", 333333, USD(1), 333333 + 333334, 333333 + 1000000 - 666667);
    assert_true(scenario_line(ledger, "2024-03/paid/s-payment/b")->amount.micros == 500000);
    assert_int_equal(scenario_line(ledger, "2024-03/s/a")->spend, RK_CAPEX);
    assert_identity(ledger);
    rk_ledger_free(ledger);
}

static void a_sum_that_is_not_spread_is_paid_as_it_is_booked(void **state)
{
    (void)state;
    rk_ledger *ledger = scenario_ledger(2, TWO "  - {name: s, category: data, layer: data, service: b, amount: 7}\n");
    assert_true(rk_ledger_cash(ledger).micros == USD(7) && scenario_line(ledger, "2024-02/s/b")->is_cash);
    assert_int_equal(rk_ledger_n_payments(ledger), 0);
    rk_ledger_free(ledger);
}

static void book_value_is_the_price_less_all_depreciation(void **state)
{
    (void)state;
    uint64_t seed = 7;
    mpq_t value, part, left;
    mpq_inits(value, part, left, NULL);
    for (int i = 0; i < 300; i++) {
        int64_t price = 1 + test_random(&seed) % 100000;
        rk_asset_price asset = {.price.value = {price, 0},
                                .salvage.value = {test_random(&seed) % (uint32_t)price, 0},
                                .life_months.value = {1 + test_random(&seed) % 40, 0},
                                .rate.value = {1 + test_random(&seed) % 120, 1},
                                .method = (int)(test_random(&seed) % 3)};
        rk_rational_set(left, asset.price.value);
        for (int64_t k = 0; k < 45; k++) {
            rk_asset_depreciation(&asset, k, part);
            mpq_sub(left, left, part);
            rk_asset_book_value(&asset, k, value);
            assert_true(mpq_equal(value, left));
        }
    }
    mpq_clears(value, part, left, NULL);
}

static void cash_and_use_differ_by_the_books_on_every_plan(void **state)
{
    (void)state;
    uint64_t seed = 2024;
    for (int i = 0; i < 150; i++) {
        rk_ledger *ledger = scenario_random(&seed);
        assert_identity(ledger);
        rk_ledger_free(ledger);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_purchase_is_paid_once_and_used_up_month_by_month),
        cmocka_unit_test(what_was_bought_before_the_plan_is_on_its_books_and_not_paid_again),
        cmocka_unit_test(what_is_bought_after_the_plan_is_not_in_it),
        cmocka_unit_test(a_spread_sum_is_paid_in_its_own_month),
        cmocka_unit_test(a_sum_that_is_not_spread_is_paid_as_it_is_booked),
        cmocka_unit_test(book_value_is_the_price_less_all_depreciation),
        cmocka_unit_test(cash_and_use_differ_by_the_books_on_every_plan),
    };
    return cmocka_run_group_tests(tests, scenario_open, scenario_close);
}

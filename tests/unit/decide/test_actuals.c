/* Claims about actuals.h, worked by hand: what is closed, what stands as planned, and how the rest is rolled forward. */
#include <string.h>

#include "bill/bill.h"
#include "decide/actuals.h"
#include "support/faults.h"
#include "support/test.h"
#include "unit/decide/shop.h"

/* 10 USD of disk and 5 of fees every month; only the disk has a rule. `late` costs 6 from March on. */
static const char plan[] =
    "services: {web: {product_line: search, traffic: {requests_per_day: 1000}}}\n"
    "elements:\n"
    "  - {name: log, category: data, layer: data, service: web, use: disk, quantity: 10}\n"
    "  - {name: fees, category: software, layer: data, service: web, use: disk, quantity: 5}\n"
    "  - {name: late, category: data, layer: data, service: web, use: disk, quantity: 6, when: [2026-03, 2026-04]}\n"
    "bill:\n"
    "  rules:\n"
    "    - {element: log, line: {service_name: Disks}}\n"
    "    - {element: late, line: {service_name: Late}}\n";

#define HEAD "EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,PricingQuantity,PricingUnit\n"
#define JANUARY "2026-01-01T00:00:00Z"
#define FEBRUARY "2026-02-01T00:00:00Z"
static const char january[] = HEAD "12,USD," JANUARY ",Disks,12,GB-Mo\n"
                                   "3,USD," JANUARY ",Surprise,1,x\n";
static const char february[] = HEAD "15,USD," FEBRUARY ",Disks,15,GB-Mo\n"
                                    "4,USD," FEBRUARY ",Late,4,GB-Mo\n";

typedef struct {
    rk_ledger *ledger;
    rk_bill *bills[2];
    rk_reconciliation *r[2];
    rk_actuals actuals;
} close_of_month;

static rk_status close_with(close_of_month *c, const char *a, const char *b, rk_roll roll, uint32_t n_max, rk_error *err)
{
    static const rk_run quiet;
    const char *texts[2] = {a, b};
    rk_plan_source source = shop_plan(plan);
    *c = (close_of_month){0};
    rk_status status = rk_cost_run(&source, &quiet, &c->ledger, err);
    size_t n = b ? 2 : 1;
    for (size_t i = 0; i < n && !status; i++) {
        status = rk_bill_open_text(rk_slice_of(texts[i]), "bill.csv", &c->bills[i], err);
        status = status ? status : rk_reconcile(c->ledger, c->bills[i], &quiet, &c->r[i], err);
    }
    return status ? status
                  : rk_actuals_find(c->ledger, (const rk_reconciliation *const *)c->r, n, roll, n_max, &c->actuals, err);
}

static void leave(close_of_month *c)
{
    for (size_t i = 0; i < 2; i++) {
        rk_reconciliation_free(c->r[i]);
        rk_bill_close(c->bills[i]);
    }
    rk_ledger_free(c->ledger);
}

static void close_month(close_of_month *c, const char *a, const char *b, rk_roll roll, uint32_t n_max)
{
    rk_error err;
    if (close_with(c, a, b, roll, n_max, &err)) {
        fail_msg("%s", err.message);
    }
}

static void assert_row(const close_of_month *c, size_t i, const char *element, const int64_t *usd)
{
    const rk_actual_row *row = &c->actuals.rows[i];
    if (element) {
        assert_string_equal(row->element, element);
    } else {
        assert_null(row->element);
    }
    for (uint32_t m = 0; m < 4; m++) {
        assert_int_equal(row->outlook[m].micros, usd[m] * 10000);
    }
}

static void assert_adds_up(const rk_actuals *a)
{
    int64_t rows = 0, months = 0;
    for (size_t i = 0; i < a->n_rows; i++) {
        rows += a->rows[i].outlook_total.micros;
    }
    for (uint32_t m = 0; m < a->n_months; m++) {
        months += a->outlook[m].micros;
    }
    assert_int_equal(rows, a->outlook_total.micros);
    assert_int_equal(months, a->outlook_total.micros);
}

/* Disk: 12 of 10, so 12 in every open month. Fees stand. The surprise comes back at its mean, 3 a month. */
static void the_rest_is_rolled_forward_by_what_was_billed(void **state)
{
    (void)state;
    close_of_month c;
    close_month(&c, january, NULL, RK_ROLL_RATIO, UINT32_MAX);
    assert_int_equal(c.actuals.n_closed, 1);
    assert_int_equal(c.actuals.n_rows, 4);
    assert_row(&c, 0, "log", (int64_t[]){1200, 1200, 1200, 1200});
    assert_row(&c, 1, "fees", (int64_t[]){500, 500, 500, 500});
    assert_row(&c, 2, "late", (int64_t[]){0, 0, 0, 0}); /* billed 0 so far, and 0 was planned: the mean is 0 */
    assert_row(&c, 3, NULL, (int64_t[]){300, 300, 300, 300});
    assert_int_equal(c.actuals.planned_closed.micros, 15000000);
    assert_int_equal(c.actuals.actual_closed.micros, 20000000);
    assert_int_equal(c.actuals.outlook_total.micros, 12 * 20000000LL);
    assert_adds_up(&c.actuals);
    rk_actuals_release(&c.actuals);
    leave(&c);
}

/* Disk: 27 of 20, so 13.50 from March on. Late: 4 where nothing was planned, a mean of 2. The surprise: 3 in two
 * months, 1.50. */
static void two_bills_close_two_months(void **state)
{
    (void)state;
    close_of_month c;
    close_month(&c, january, february, RK_ROLL_RATIO, UINT32_MAX);
    assert_int_equal(c.actuals.n_closed, 2);
    assert_row(&c, 0, "log", (int64_t[]){1200, 1500, 1350, 1350});
    assert_row(&c, 2, "late", (int64_t[]){0, 400, 200, 200});
    assert_row(&c, 3, NULL, (int64_t[]){300, 0, 150, 150});
    assert_adds_up(&c.actuals);
    rk_actuals_release(&c.actuals);
    leave(&c);
}

static void an_unfinished_month_stays_open(void **state)
{
    (void)state;
    close_of_month c;
    close_month(&c, january, february, RK_ROLL_RATIO, 1);
    assert_int_equal(c.actuals.n_closed, 1);
    assert_row(&c, 0, "log", (int64_t[]){1200, 1200, 1200, 1200});
    rk_actuals_release(&c.actuals);
    leave(&c);
}

static void open_months_may_stand_as_planned(void **state)
{
    (void)state;
    close_of_month c;
    close_month(&c, january, NULL, RK_ROLL_PLAN, UINT32_MAX);
    assert_row(&c, 0, "log", (int64_t[]){1200, 1000, 1000, 1000});
    assert_row(&c, 2, "late", (int64_t[]){0, 0, 600, 600});
    assert_row(&c, 3, NULL, (int64_t[]){300, 0, 0, 0});
    assert_adds_up(&c.actuals);
    rk_actuals_release(&c.actuals);
    leave(&c);
}

static void a_bill_of_another_year_closes_nothing(void **state)
{
    (void)state;
    close_of_month c;
    rk_error err;
    assert_int_equal(
        close_with(&c, HEAD "12,USD,2025-01-01T00:00:00Z,Disks,12,GB-Mo\n", NULL, RK_ROLL_RATIO, UINT32_MAX, &err),
        RK_BAD_INPUT);
    assert_string_equal(err.message, "no bill reaches a month of the plan that may be closed");
    leave(&c);
}

static bool try_close(void *context)
{
    (void)context;
    close_of_month c;
    rk_error err;
    rk_status status = close_with(&c, january, february, RK_ROLL_RATIO, UINT32_MAX, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    if (!status) {
        rk_actuals_release(&c.actuals);
    }
    leave(&c);
    return status == RK_OK;
}

static void short_memory_is_told(void **state)
{
    (void)state;
    assert_true(fault_each(try_close, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_is_rolled_forward_by_what_was_billed),
        cmocka_unit_test(two_bills_close_two_months),
        cmocka_unit_test(an_unfinished_month_stays_open),
        cmocka_unit_test(open_months_may_stand_as_planned),
        cmocka_unit_test(a_bill_of_another_year_closes_nothing),
        cmocka_unit_test(short_memory_is_told),
    };
    return cmocka_run_group_tests(tests, shop_open, shop_close);
}

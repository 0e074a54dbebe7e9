/* Claims about bill_sums.h: sums by service and unit, exact; what is refused. */
#include <string.h>

#include "bill/bill_sums.h"
#include "support/faults.h"
#include "support/test.h"

#define HEAD "EffectiveCost,BillingCurrency,ChargePeriodStart,ServiceName,ServiceCategory,PricingQuantity,PricingUnit\n"
#define OCTOBER ",USD,2026-10-01T00:00:00Z,"
#define NOVEMBER ",USD,2026-11-30T23:00:00Z,"

static rk_status sum(const char *text, rk_bill_sums *out, rk_error *err)
{
    static const rk_run quiet;
    rk_bill *bill = NULL;
    rk_status status = rk_bill_open_text(rk_slice_of(text), "b.csv", &bill, err);
    status = status ? status : rk_bill_sums_make(bill, &quiet, out, err);
    rk_bill_close(bill);
    return status;
}

static void assert_sum(const rk_bill_sum *s, const char *service, const char *unit, unsigned n, long cost_num,
                       unsigned long cost_den, long quantity_num, unsigned long quantity_den)
{
    assert_string_equal(s->service, service);
    assert_string_equal(s->unit ? s->unit : "none", unit);
    assert_int_equal(s->n_lines, n);
    assert_int_equal(mpq_cmp_si(s->cost, cost_num, cost_den), 0);
    assert_int_equal(mpq_cmp_si(s->quantity, quantity_num, quantity_den), 0);
}

/* 0.1 + 0.2 = 3/10 for 1/3 written out + 2; a line without a cost counts for nothing, one without a unit for itself. */
static void lines_add_up_by_service_and_unit_dearest_first(void **state)
{
    (void)state;
    static const char bill[] = HEAD "0.1" OCTOBER "Disks,Storage,0.25,GB\n"
                                    "0.2" NOVEMBER "Disks,Storage,2,GB\n"
                                    "7" OCTOBER "Disks,Storage,,\n"
                                    "7" OCTOBER "Disks,Compute,4,Hours\n"
                                    "NULL,EUR,never,Disks,Storage,x,GB\n"
                                    "-1.5" OCTOBER "Credit,Other,1,Month\n";
    rk_bill_sums sums;
    rk_error err;
    assert_int_equal(sum(bill, &sums, &err), RK_OK);
    assert_int_equal(sums.sums.n, 4);
    assert_sum(rk_bill_sums_at(&sums, 0), "Disks", "none", 1, 7, 1, 0, 1);
    assert_sum(rk_bill_sums_at(&sums, 1), "Disks", "Hours", 1, 7, 1, 4, 1);
    assert_sum(rk_bill_sums_at(&sums, 2), "Disks", "GB", 2, 3, 10, 9, 4);
    assert_sum(rk_bill_sums_at(&sums, 3), "Credit", "Month", 1, -3, 2, 1, 1);
    assert_string_equal(rk_bill_sums_at(&sums, 1)->category, "Compute");
    assert_string_equal(sums.currency, "USD");
    assert_int_equal(sums.first_month, 2026 * 12 + 9);
    assert_int_equal(sums.last_month, 2026 * 12 + 10);
    assert_int_equal(sums.n_rows, 5);
    rk_bill_sums_release(&sums);
}

static void bad_lines_are_refused_by_place(void **state)
{
    (void)state;
    static const struct {
        const char *bill, *wrong;
    } cases[] = {
        {HEAD "much" OCTOBER "Disks,Storage,1,GB\n", "b.csv:2: EffectiveCost must be a number, got 'much'"},
        {HEAD "1" OCTOBER "Disks,Storage,many,GB\n", "b.csv:2: PricingQuantity must be a number, got 'many'"},
        {HEAD "1,USD,soon,Disks,Storage,1,GB\n", "b.csv:2: ChargePeriodStart must be a time"},
        {HEAD "1,US,2026-10-01T00:00:00Z,Disks,Storage,1,GB\n", "b.csv:2: BillingCurrency must be three letters"},
        {HEAD "1" OCTOBER "Disks,Storage,1,GB\n1,EUR,2026-10-01T00:00:00Z,Disks,Storage,1,GB\n",
         "b.csv:3: the bill is in USD and, here, in 'EUR'"},
        {"EffectiveCost,BillingCurrency\n", "b.csv:1: the bill has no column 'ChargePeriodStart'"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_bill_sums sums;
        rk_error err;
        assert_int_equal(sum(cases[i].bill, &sums, &err), RK_BAD_INPUT);
        if (!strstr(err.message, cases[i].wrong)) {
            fail_msg("%s", err.message);
        }
    }
}

static void a_bill_without_lines_has_no_sums(void **state)
{
    (void)state;
    rk_bill_sums sums;
    rk_error err;
    assert_int_equal(sum(HEAD, &sums, &err), RK_OK);
    assert_true(sums.sums.n == 0 && sums.n_rows == 0 && !*sums.currency);
    rk_bill_sums_release(&sums);
}

static bool attempt(void *context)
{
    rk_bill_sums sums;
    rk_error err;
    rk_status status = sum(context, &sums, &err);
    assert_true(status == RK_OK || err.status == RK_NO_MEMORY);
    if (!status) {
        rk_bill_sums_release(&sums);
    }
    return status == RK_OK;
}

static void every_short_allocation_is_told(void **state)
{
    (void)state;
    static char bill[] = HEAD "1" OCTOBER "Disks,Storage,1,GB\n2" OCTOBER "Machines,Compute,1,Hours\n";
    assert_true(fault_each(attempt, bill) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_add_up_by_service_and_unit_dearest_first),
        cmocka_unit_test(bad_lines_are_refused_by_place),
        cmocka_unit_test(a_bill_without_lines_has_no_sums),
        cmocka_unit_test(every_short_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

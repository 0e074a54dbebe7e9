/* A bill against a plan: variances worked by hand, and nothing lost on either side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cost/match.h"
#include "cost/reconcile.h"
#include "support/faults.h"
#include "support/test.h"

static char folder[] = "/tmp/reckon-reconcile-XXXXXX", plan_path[64], book_path[64];
static const rk_run quiet;

/* Planned in February 2024: log 3 GB at 1 for a (2) and b (1); box 10; rent 7. In March the same and extra 4. */
static const char book[] = "reckon: prices/1\ncurrency: USD\nprices:\n"
                           "  gb: {kind: rate, unit: GB, price: 1}\n"
                           "  box: {kind: rate, unit: box, price: 2.5}\n";
static const char head[] =
    "reckon: plan/1\nname: p\ncurrency: USD\nstart: 2024-02\nmonths: 2\nprices: [b.yaml]\nexchange: {EUR: 1.1}\n"
    "services:\n"
    "  a: {product_line: x, traffic: {requests_per_day: 2}}\n"
    "  b: {product_line: y, traffic: {requests_per_day: 1}}\n"
    "elements:\n"
    "  - {name: log, category: data, layer: data, service: shared, share_by: {a: 2, b: 1}, use: gb, quantity: 3}\n"
    "  - {name: box, category: hardware, layer: data, service: a, use: box, quantity: 4}\n"
    "  - {name: rent, category: operations, layer: service, service: b, amount: 7, when: [2024-02, 2024-03]}\n"
    "  - {name: extra, category: data, layer: data, service: a, use: gb, quantity: 4, when: [2024-03]}\n";
static const char rules[] = "bill:\n  rules:\n"
                            "    - {element: log, line: {sku: log*}}\n"
                            "    - {element: box, line: {service_name: Boxes, tags: {team: s?arch}}, units_each: 2}\n"
                            "    - {element: extra, line: {sku: more}}\n";
static const char columns[] =
    "EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,PricingQuantity,PricingUnit,SkuId,ServiceName,"
    "Tags\n";

static int make_folder(void **state)
{
    (void)state;
    rk_error err;
    rk_text text = {0};
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(plan_path, sizeof plan_path, "%s/p.yaml", folder);
    snprintf(book_path, sizeof book_path, "%s/b.yaml", folder);
    rk_text_add(&text, book);
    int failed = rk_file_write_text(book_path, &text, &err) != RK_OK;
    rk_text_release(&text);
    return failed;
}

static int drop_folder(void **state)
{
    (void)state;
    (void)unlink(book_path);
    return rmdir(folder);
}

/* The whole way, from texts; ledger and reconciliation are the caller's. */
static rk_status reconcile(const char *plan_rules, const char *lines, rk_ledger **ledger, rk_reconciliation **r,
                           rk_error *err)
{
    rk_text plan = {0}, text = {0};
    rk_bill *bill = NULL;
    rk_text_add(&plan, head);
    rk_text_add(&plan, plan_rules);
    rk_text_add(&text, columns);
    rk_text_add(&text, lines);
    bool failed = plan.failed || text.failed;
    rk_status status =
        failed ? RK_NO_MEMORY : rk_cost_run(&(rk_plan_source){.path = plan_path, .text = {plan.at, plan.n}}, &quiet, ledger, err);
    status = status ? status : rk_bill_open_text((rk_slice){text.at, text.n}, "b.csv", &bill, err);
    status = status ? status : rk_reconcile(*ledger, bill, &quiet, r, err);
    rk_bill_close(bill);
    rk_text_release(&plan);
    rk_text_release(&text);
    return status;
}

static void assert_row(const rk_reconciled *row, const char *element, int64_t planned, int64_t actual, int64_t price,
                       int64_t usage)
{
    assert_string_equal(row->element, element);
    assert_int_equal(row->planned.micros, planned);
    assert_int_equal(row->actual.micros, actual);
    assert_int_equal(row->price_variance.micros, price);
    assert_int_equal(row->usage_variance.micros, usage);
    assert_int_equal(row->variance.micros, actual - planned);
}

static void assert_bridge(const rk_reconciliation *r)
{
    int64_t sum = 0, price = 0, usage = 0;
    for (size_t i = 0; i < r->n_matched; i++) {
        const rk_reconciled *row = &r->rows[i];
        assert_int_equal(row->variance.micros, row->price_variance.micros + row->usage_variance.micros);
        sum += row->variance.micros;
        price += row->price_variance.micros;
        usage += row->usage_variance.micros;
    }
    assert_int_equal(r->variance.micros, sum);
    assert_int_equal(r->price.micros, price);
    assert_int_equal(r->usage.micros, usage);
    assert_int_equal(r->variance.micros, r->price.micros + r->usage.micros);
    assert_int_equal(r->bill_total.micros - r->plan_total.micros,
                     r->variance.micros + r->unbooked_total.micros - r->unbilled_total.micros + r->rounding.micros);
}

/* log: 2 + 3 = 5 GB for 4.5 + 2 = 6.5 against 3 GB for 3: AP 1.3, SP 1.
 *      price (1.3 - 1) x 5 = 1.5, usage (5 - 3) x 1 = 2, variance 3.5 = 6.5 - 3.
 * box: 1.5 cartons of 2 boxes = 3 boxes for 6 EUR = 6.6 against 4 boxes for 10: AP 2.2, SP 2.5.
 *      price (2.2 - 2.5) x 3 = -0.9, usage (3 - 4) x 2.5 = -2.5, variance -3.4.
 * extra: nothing planned in February, 1 GB for 5: all of it usage.
 * rent: planned 7, no rule. Bill 6.5 + 6.6 + 5 + 0.25 (no rule) = 18.35; plan 3 + 10 + 7 = 20.
 * 18.35 - 20 = -1.65 = (3.5 - 3.4 + 5) + 0.25 - 7. */
static void variances_by_hand(void **state)
{
    (void)state;
    static const char lines[] =
        "4.50,USD,2024-02-01T00:00:00Z,2024-02-02T00:00:00Z,2,GB,log-1,Logs,\n"
        "2,USD,2024-02-29 12:00:00,2024-03-01 00:00:00,3.000,GB,log-2,Logs,\n"
        "6E0,EUR,2024-02-01T00:00:00Z,2024-03-01T00:00:00Z,1.5,Cartons,c,Boxes,\"{\"\"team\"\": \"\"search\"\"}\"\n"
        "5,USD,2024-02-03T00:00:00Z,2024-02-04T00:00:00Z,1,GB,more,Logs,NULL\n"
        "0.25,USD,2024-02-03T00:00:00Z,2024-02-04T00:00:00Z,1,GB,other,Logs,NULL\n";
    rk_ledger *ledger = NULL;
    rk_reconciliation *r = NULL;
    rk_error err;
    assert_int_equal(reconcile(rules, lines, &ledger, &r, &err), RK_OK);
    assert_int_equal(r->n_matched, 3);
    assert_row(&r->rows[0], "log", 3000000, 6500000, 1500000, 2000000);
    assert_string_equal(r->rows[0].actual_price, "1.3");
    assert_string_equal(r->rows[0].planned_price, "1");
    assert_int_equal(r->rows[0].n_bill_lines, 2);
    assert_row(&r->rows[1], "box", 10000000, 6600000, -900000, -2500000);
    assert_int_equal(r->rows[1].actual_quantity, 3000000);
    assert_row(&r->rows[2], "extra", 0, 5000000, 0, 5000000);
    assert_int_equal(r->n_unbooked, 1);
    assert_string_equal(r->unbooked[0].reason, "no rule fits");
    assert_int_equal(r->unbooked[0].row, 5);
    assert_int_equal(r->n_unbilled, 1);
    assert_string_equal(r->unbilled[0].line->element, "rent");
    assert_false(r->unbilled[0].has_rule);
    assert_int_equal(r->bill_total.micros, 18350000);
    assert_int_equal(r->plan_total.micros, 20000000);
    assert_int_equal(r->rounding.micros, 0);
    assert_false(r->compared[1]); /* March is not in the bill, so not compared */
    assert_bridge(r);
    rk_reconciliation_free(r);
    rk_ledger_free(ledger);
}

/* 7 GB for 1 USD against 3 for 3: SP x AQ = 7. Two lines of a third of a millionth each: 0.6666... rounds to one. */
static void each_figure_is_rounded_once(void **state)
{
    (void)state;
    static const char lines[] = "0.00000033333333333333333333,USD,2024-02-01T00:00:00Z,,7,GB,log,Logs,\n"
                                "0.00000033333333333333333333,USD,2024-02-01T00:00:00Z,,0,GB,log,Logs,\n"
                                "0.00000040000000000000000000,USD,2024-02-01T00:00:00Z,,0,GB,none,Logs,\n";
    rk_ledger *ledger = NULL;
    rk_reconciliation *r = NULL;
    rk_error err;
    assert_int_equal(reconcile(rules, lines, &ledger, &r, &err), RK_OK);
    assert_row(&r->rows[0], "log", 3000000, 1, -6999999, 4000000);
    assert_int_equal(r->unbooked_total.micros, 0);
    assert_int_equal(r->bill_total.micros, 1); /* 1.0666... millionths */
    assert_int_equal(r->rounding.micros, 0);
    assert_bridge(r);
    rk_reconciliation_free(r);
    rk_ledger_free(ledger);
}

static void services_apart_money_alone_and_lines_without_a_place(void **state)
{
    (void)state;
    static const char own[] = "bill:\n  cost: effective\n  rules:\n"
                              "    - {element: log, service: b, line: {sku: log-b}}\n"
                              "    - {element: rent, line: {service_name: Rent*}, quantity: none}\n";
    static const char lines[] = "2,USD,2024-02-01T00:00:00Z,,2,GB,log-b,Logs,\n"
                                "9,USD,2024-02-01T00:00:00Z,,50,Chairs,r,Rental,\n"
                                "1,USD,2024-05-01T00:00:00Z,,2,GB,log-b,Logs,\n"
                                "NULL,USD,2024-02-01T00:00:00Z,,2,GB,log-b,Logs,\n";
    rk_ledger *ledger = NULL;
    rk_reconciliation *r = NULL;
    rk_error err;
    assert_int_equal(reconcile(own, lines, &ledger, &r, &err), RK_OK);
    assert_int_equal(r->n_matched, 2);
    assert_row(&r->rows[0], "log", 1000000, 2000000, 0, 1000000); /* b bears 1 of 3 GB */
    assert_string_equal(r->rows[0].service, "b");
    assert_row(&r->rows[1], "rent", 7000000, 9000000, 2000000, 0); /* money alone: all of it price */
    assert_int_equal(r->n_unbooked, 2);
    assert_string_equal(r->unbooked[0].reason, "outside the months of the plan");
    assert_string_equal(r->unbooked[1].reason, "no cost");
    assert_int_equal(r->n_unbilled, 2); /* log of a, box */
    assert_bridge(r);
    rk_reconciliation_free(r);
    rk_ledger_free(ledger);
}

static void nothing_is_lost_on_random_bills(void **state)
{
    (void)state;
    static const char *const skus[] = {"log-1", "log-2", "more", "x", "y"};
    uint64_t seed = 7;
    for (int round = 0; round < 40; round++) {
        rk_text lines = {0};
        unsigned n = test_random(&seed) % 60;
        for (unsigned i = 0; i < n; i++) {
            rk_text_addf(&lines, "%s%u.%09u,%s,2024-%02u-%02uT00:00:00Z,,%u.%03u,GB,%s,%s,\n",
                         test_random(&seed) % 5 ? "" : "-", test_random(&seed) % 90, test_random(&seed) % 1000000000,
                         test_random(&seed) % 3 ? "USD" : "EUR", 1 + test_random(&seed) % 4,
                         1 + test_random(&seed) % 28, test_random(&seed) % 9, test_random(&seed) % 1000,
                         skus[test_random(&seed) % RK_COUNT_OF(skus)], test_random(&seed) % 2 ? "Boxes" : "Logs");
        }
        rk_ledger *ledger = NULL;
        rk_reconciliation *r = NULL;
        rk_error err;
        assert_int_equal(reconcile(rules, lines.at ? lines.at : "", &ledger, &r, &err), RK_OK);
        uint64_t n_lines = r->n_unbooked;
        for (size_t i = 0; i < r->n_matched; i++) {
            n_lines += r->rows[i].n_bill_lines;
        }
        assert_int_equal(n_lines, n);
        assert_true(llabs(r->rounding.micros) <= (int64_t)r->n_matched + 1);
        assert_bridge(r);
        rk_reconciliation_free(r);
        rk_ledger_free(ledger);
        rk_text_release(&lines);
    }
}

/* 20 days of 1.00 to 1.19 and one of 9: median 1.10, MAD 0.05; score 0.6745 x 7.9 / 0.05 = 106.6. */
static void a_day_unlike_the_others_is_flagged(void **state)
{
    (void)state;
    rk_text lines = {0};
    for (unsigned day = 1; day <= 21; day++) {
        rk_text_addf(&lines, "%s%02u,USD,2024-02-%02uT00:00:00Z,2024-02-%02uT00:00:00Z,1,GB,log,Logs,\n",
                     day == 13 ? "9." : "1.",
                     day == 13  ? 0
                     : day < 13 ? day - 1
                                : day - 2,
                     day, day + 1);
    }
    rk_ledger *ledger = NULL;
    rk_reconciliation *r = NULL;
    rk_error err;
    assert_int_equal(reconcile(rules, lines.at, &ledger, &r, &err), RK_OK);
    assert_int_equal(r->n_anomalies, 1);
    assert_string_equal(r->anomalies[0].what, "log");
    assert_string_equal(r->anomalies[0].day, "2024-02-13");
    assert_true(fabs(r->anomalies[0].median - 1.10) < 1e-9);
    assert_true(fabs(r->anomalies[0].score - 0.6745 * 7.9 / 0.05) < 1e-6);
    rk_reconciliation_free(r);
    rk_ledger_free(ledger);
    rk_text_release(&lines);
}

static void what_cannot_be_compared_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *rules, *lines, *message;
    } cases[] = {
        {"", "", "p.yaml: the plan has no key 'bill' that says which lines of a bill belong to which element"},
        {"bill: {rules: [{element: lgo, line: {sku: a}}]}\n", "",
         "p.yaml:16:16: no line of the ledger is called 'lgo'; did you mean 'log'?"},
        {"bill: {rules: [{element: log, line: {skuu: a}}]}\n", "",
         "p.yaml:16:38: the line of a rule has no key 'skuu'; did you mean 'sku'?"},
        {"bill: {rules: [{element: log, line: {}}]}\n", "",
         "p.yaml:16:37: a rule needs at least one pattern in 'line'; to take every line write {charge_category: "
         "\"*\"}"},
        {"bill: {rules: [{element: log, service: c, line: {sku: a}}]}\n", "", "p.yaml:16:40: there is no service 'c'"},
        {"bill: {rules: [{element: log, service: a, line: {sku: a}}, {element: log, line: {sku: b}}]}\n", "",
         "p.yaml:16:60: 'log' has a rule with a service and one without; give all of them one, or none"},
        {rules, "x,USD,2024-02-01,,1,GB,log,,\n", "b.csv:2: EffectiveCost must be a number, got 'x'"},
        {rules, "1,CHF,2024-02-01,,1,GB,log,,\n",
         "b.csv:2: the bill is in 'CHF' and the plan in USD; the plan's 'exchange' has no rate"},
        {rules, "1,USD,soon,,1,GB,log,,\n",
         "b.csv:2: ChargePeriodStart must be a time like 2026-10-01T00:00:00Z, got 'soon'"},
        {rules, "1,USD,2024-02-01,,1,GB,log,,\n1,USD,2024-02-01,,1,MB,log,,\n",
         "b.csv:3: the rule at line 18 of the plan takes lines in 'GB' and, here, in 'MB'; give each unit a rule of "
         "its "
         "own"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rk_ledger *ledger = NULL;
        rk_reconciliation *r = NULL;
        rk_error err = {0};
        assert_int_equal(reconcile(cases[i].rules, cases[i].lines, &ledger, &r, &err), RK_BAD_INPUT);
        const char *words =
            strncmp(err.message, folder, strlen(folder)) == 0 ? err.message + strlen(folder) + 1 : err.message;
        assert_string_equal(words, cases[i].message);
        rk_ledger_free(ledger);
    }
}

static void patterns_match_as_a_shell_would(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool fits;
    } cases[] = {{"*", "", true},       {"", "", true},          {"", "a", false},        {"a*b", "ab", true},
                 {"a*b", "axxb", true}, {"a*b", "axxbc", false}, {"*a*a*", "xaya", true}, {"?", "", false},
                 {"??", "ab", true},    {"a?c", "abc", true},    {"a**", "a", true},      {"*.log", "x.log.log", true},
                 {"[ab]", "a", false}};
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        assert_int_equal(rk_match_glob(cases[i].pattern, rk_slice_of(cases[i].text)), cases[i].fits);
    }
}

static bool try_bill(void *context)
{
    static const char lines[] = "EffectiveCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,PricingQuantity,"
                                "PricingUnit,SkuId\n1,USD,2024-02-01,2024-02-02,1,GB,log\n2,EUR,2024-02-01,,1,GB,z\n";
    rk_ledger *ledger = context;
    rk_bill *bill = NULL;
    rk_reconciliation *r = NULL;
    rk_error err;
    rk_text out = {0};
    rk_status status = rk_bill_open_text(rk_slice_of(lines), "b.csv", &bill, &err);
    status = status ? status : rk_reconcile(ledger, bill, &quiet, &r, &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    if (!status) {
        assert_int_equal(r->n_matched, 1);
        assert_int_equal(r->n_unbilled, 2);
        rk_reconciliation_json(ledger, r, &out);
        rk_reconciliation_csv(ledger, r, &out);
        status = out.failed ? RK_NO_MEMORY : RK_OK;
    }
    rk_text_release(&out);
    rk_reconciliation_free(r);
    rk_bill_close(bill);
    return status == RK_OK;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    rk_ledger *ledger = NULL;
    rk_error err;
    rk_text plan = {0};
    rk_text_add(&plan, head);
    rk_text_add(&plan, rules);
    assert_int_equal(rk_cost_run(&(rk_plan_source){.path = plan_path, .text = {plan.at, plan.n}}, &quiet, &ledger, &err), RK_OK);
    assert_true(fault_each(try_bill, ledger) > 20);
    rk_ledger_free(ledger);
    rk_text_release(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variances_by_hand),
        cmocka_unit_test(each_figure_is_rounded_once),
        cmocka_unit_test(services_apart_money_alone_and_lines_without_a_place),
        cmocka_unit_test(nothing_is_lost_on_random_bills),
        cmocka_unit_test(a_day_unlike_the_others_is_flagged),
        cmocka_unit_test(what_cannot_be_compared_is_refused),
        cmocka_unit_test(patterns_match_as_a_shell_would),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}

/* fuzz_focus.c - bills that mean harm: the CSV reader, the cells, every rule of the validator, and matching to a plan.
 *
 * Sums that come out must be the sums of what the reader gives.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bill/focus.h"
#include "cost/reconcile.h"
#include "math/rational.h"

static const rk_run quiet;

static bool sum_billed(rk_slice text, rk_text *out)
{
    rk_bill *bill = NULL;
    const rk_bill_row *row = NULL;
    rk_error err;
    mpq_t sum, value;
    mpq_inits(sum, value, NULL);
    rk_status status = rk_bill_open_text(text, "bill.csv", &bill, &err);
    while (!status && (status = rk_bill_next(bill, &row, &err)) == RK_OK && row) {
        rk_bill_cell cell = rk_bill_cell_of(bill, row, RK_F_BILLED_COST);
        if (!cell.is_null && rk_slice_trim(cell.text).n > 0 && rk_bill_number(cell.text, value) != RK_CELL_BAD) {
            mpq_add(sum, sum, value);
        }
    }
    rk_rational_print(sum, out);
    mpq_clears(sum, value, NULL);
    rk_bill_close(bill);
    return status == RK_OK;
}

static bool check(rk_slice text, rk_text *sum)
{
    rk_bill *bill = NULL;
    rk_focus_report *report = NULL;
    rk_error err;
    rk_text out = {0};
    rk_focus_options options = {.n_findings = 2};
    rk_status status = rk_bill_open_text(text, "bill.csv", &bill, &err);
    bool has_cost = !status && rk_bill_find(bill, RK_F_BILLED_COST) >= 0;
    status = status ? status : rk_focus_check(bill, &options, &quiet, &report, &err);
    if (!status) {
        rk_focus_report_json(report, &out);
        rk_text_add(sum, has_cost ? rk_focus_report_sum(report, 0)->exact : "0");
    }
    rk_text_release(&out);
    rk_focus_report_free(report);
    rk_bill_close(bill);
    return status == RK_OK;
}

static const char plan[] = "reckon: plan/1\ncurrency: USD\nstart: 2026-02\nmonths: 2\nexchange: {EUR: 1.1}\n"
                           "services: {a: {product_line: x, traffic: {requests_per_day: 1}}}\n"
                           "elements: [{name: rent, category: data, layer: data, service: a, amount: 7}]\n"
                           "bill: {rules: [{element: rent, line: {service_name: '*i*', tags: {app: '?og'}}}, {element: "
                           "rent, line: {sku: '*'}}]}\n";

/* Whatever the bill says, it is the plan plus the variances and what has no partner. */
static void reconcile(rk_slice text)
{
    rk_ledger *ledger = NULL;
    rk_bill *bill = NULL;
    rk_reconciliation *r = NULL;
    rk_error err;
    rk_status status =
        rk_cost_run(&(rk_plan_source){.path = "/no/such/folder/plan.yaml", .text = {plan, sizeof plan - 1}}, &quiet, &ledger, &err);
    if (status) {
        abort();
    }
    status = rk_bill_open_text(text, "bill.csv", &bill, &err);
    status = status ? status : rk_reconcile(ledger, bill, &quiet, &r, &err);
    if (!status) {
        int64_t sum = r->plan_total.micros + r->price.micros + r->usage.micros + r->unbooked_total.micros -
                      r->unbilled_total.micros + r->rounding.micros;
        rk_text out = {0};
        if (sum != r->bill_total.micros) {
            abort();
        }
        rk_reconciliation_json(ledger, r, &out);
        rk_reconciliation_csv(ledger, r, &out);
        rk_text_release(&out);
    }
    rk_reconciliation_free(r);
    rk_bill_close(bill);
    rk_ledger_free(ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_slice text = {(const char *)data, size};
    rk_text a = {0}, b = {0};
    bool is_read = sum_billed(text, &a), is_checked = check(text, &b);
    if (is_read != is_checked || (is_read && strcmp(a.at, b.at) != 0)) {
        abort();
    }
    rk_text_release(&a);
    rk_text_release(&b);
    reconcile(text);
    return 0;
}

/* fuzz_focus.c - bills that mean harm: the CSV reader, the cells, every rule of the validator, and matching to a plan.
 *
 * Sums that come out must be the sums of what the reader gives.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cost/focus.h"
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
    return 0;
}

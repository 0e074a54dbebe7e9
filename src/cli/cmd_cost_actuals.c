/* cmd_cost_actuals.c - reckon cost actuals: the month's close, and the rest of the plan rolled forward. */
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "report/actuals_words.h"

enum { BILLS_MAX = 60 };

typedef struct {
    const char *through, *csv;
    int roll;
} actuals_settings;

static const rk_option actuals_options[] = {
    {"through", 0, RK_OPT_TEXT, offsetof(actuals_settings, through), "MONTH",
     .help = "the last closed month, 2026-11; bills of later ones are of unfinished months"},
    {"roll", 0, RK_OPT_CHOICE, offsetof(actuals_settings, roll), "HOW", "ratio",
     "open months: planned times billed / planned so far, or as planned", .choices = "ratio|plan"},
    {"csv", 0, RK_OPT_TEXT, offsetof(actuals_settings, csv), "FILE",
     .help = "write every element and month there, too", .is_output = true},
};

/* Months up to and with `through`; all when it is not said. */
static rk_status count_months(const rk_ledger *ledger, const char *through, uint32_t *out, rk_error *err)
{
    *out = UINT32_MAX;
    for (uint32_t m = 0; through && m < rk_ledger_n_months(ledger); m++) {
        if (strcmp(rk_ledger_month(ledger, m), through) == 0) {
            *out = m + 1;
            return RK_OK;
        }
    }
    return through ? rk_fail(err, RK_BAD_USAGE, "--through must be a month of the plan, %s to %s, got '%.20s'",
                             rk_ledger_month(ledger, 0), rk_ledger_month(ledger, rk_ledger_n_months(ledger) - 1),
                             through)
                   : RK_OK;
}

static rk_status reconcile(const rk_call *call, const rk_ledger *ledger, size_t i, rk_bill **bill,
                           rk_reconciliation **out, rk_error *err)
{
    rk_status status = rk_bill_open(call->words[i], bill, err);
    return status ? status : rk_reconcile(ledger, *bill, &call->run, out, err);
}

static rk_status write_csv(const rk_ledger *ledger, const rk_actuals *actuals, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_actuals_csv(ledger, actuals, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a CSV file") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status answer(const rk_call *call, const rk_ledger *ledger, const rk_reconciliation *const *r, size_t n,
                        rk_error *err)
{
    const actuals_settings *settings = call->settings;
    rk_actuals actuals;
    uint32_t n_closed_max = 0;
    rk_status status = count_months(ledger, settings->through, &n_closed_max, err);
    status = status ? status : rk_actuals_find(ledger, r, n, (rk_roll)settings->roll, n_closed_max, &actuals, err);
    if (status) {
        return status;
    }
    status = settings->csv ? write_csv(ledger, &actuals, settings->csv, err) : RK_OK;
    if (!status && call->common.json) {
        rk_actuals_json(ledger, &actuals, call->out);
    } else if (!status) {
        rk_report_actuals(ledger, &actuals, (rk_table_style){.color = call->color}, call->out);
    }
    rk_actuals_release(&actuals);
    return status;
}

static rk_status run_actuals(const rk_call *call, rk_error *err)
{
    size_t n = call->n_words - 1;
    rk_ledger *ledger = NULL;
    rk_bill *bills[BILLS_MAX] = {0};
    rk_reconciliation *r[BILLS_MAX] = {0};
    rk_status status = rk_call_ledger(call, &ledger, err);
    for (size_t i = 0; i < n && !status; i++) {
        status = reconcile(call, ledger, i + 1, &bills[i], &r[i], err);
    }
    status = status ? status : answer(call, ledger, (const rk_reconciliation *const *)r, n, err);
    for (size_t i = 0; i < n; i++) {
        rk_reconciliation_free(r[i]);
        rk_bill_close(bills[i]);
    }
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_actuals = {
    .name = "cost actuals",
    .summary = "the month's close: billed beside planned, and the rest of the plan rolled forward",
    .usage = "PLAN.yaml BILL.csv[.gz|.zst]... [--through MONTH] [--csv FILE]",
    .example = "reckon cost actuals plan.yaml october.csv.gz november.csv.gz --through 2026-11",
    .options = actuals_options,
    .n_options = RK_COUNT_OF(actuals_options),
    .settings_bytes = sizeof(actuals_settings),
    .min_words = 2,
    .max_words = BILLS_MAX + 1,
    .run = run_actuals,
    .reads_plan = true,
};

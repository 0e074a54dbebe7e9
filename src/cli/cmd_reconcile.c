/* cmd_reconcile.c - reckon cost reconcile: a cloud bill against the plan. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "report/bills.h"

typedef struct {
    const char *csv;
} reconcile_settings;

static const rk_option reconcile_options[] = {
    {"csv", 0, RK_OPT_TEXT, offsetof(reconcile_settings, csv), "FILE",
     .help = "write every variance and every unmatched line there, too"},
};

static rk_status write_csv(const rk_ledger *ledger, const rk_reconciliation *r, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_reconciliation_csv(ledger, r, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a CSV file") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static void warn_of_idle_rules(const rk_call *call, const rk_ledger *ledger, const rk_reconciliation *r)
{
    for (size_t i = 0; i < r->n_rules; i++) {
        if (r->n_by_rule[i] == 0) {
            rk_log(&call->run, RK_LOG_WARNING, "rule %zu of the plan's bill, for '%s', takes no line", i + 1,
                   rk_reconcile_rule(ledger, i));
        }
    }
}

static rk_status run_reconcile(const rk_call *call, rk_error *err)
{
    const reconcile_settings *settings = call->settings;
    rk_ledger *ledger = NULL;
    rk_bill *bill = NULL;
    rk_reconciliation *r = NULL;
    rk_status status = rk_call_ledger(call, &ledger, err);
    status = status ? status : rk_bill_open(call->words[1], &bill, err);
    status = status ? status : rk_reconcile(ledger, bill, &call->run, &r, err);
    if (!status) {
        warn_of_idle_rules(call, ledger, r);
    }
    if (!status && settings->csv) {
        status = write_csv(ledger, r, settings->csv, err);
    }
    if (!status && call->common.json) {
        rk_reconciliation_json(ledger, r, call->out);
    } else if (!status) {
        rk_report_reconciliation(ledger, r, (rk_table_style){.color = call->color}, call->out);
    }
    rk_reconciliation_free(r);
    rk_bill_close(bill);
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_reconcile = {
    .name = "cost reconcile",
    .summary = "a cloud bill against the plan: what was paid more or less, by the price and by the use",
    .usage = "PLAN.yaml BILL.csv[.gz|.zst] [--csv FILE]",
    .example = "reckon cost reconcile plan.yaml bill.csv.gz --csv variances.csv",
    .options = reconcile_options,
    .n_options = RK_COUNT_OF(reconcile_options),
    .settings_bytes = sizeof(reconcile_settings),
    .min_words = 2,
    .max_words = 2,
    .run = run_reconcile,
    .reads_plan = true,
};

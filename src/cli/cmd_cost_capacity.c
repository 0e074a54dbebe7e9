/* cmd_cost_capacity.c - reckon cost capacity: what a machine does, what is asked, how many machines, which. */
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "report/capacity_words.h"

static rk_status run(const rk_call *call, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_status status = rk_call_ledger(call, &ledger, err);
    if (!status && call->common.json) {
        rk_ledger_capacity_json(ledger, call->out);
    } else if (!status) {
        rk_report_capacity(ledger, (rk_table_style){.color = call->color}, call->out);
    }
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_capacity = {
    .name = "cost capacity",
    .summary = "the machines of a plan: what one does, what is asked, how many, reserved or not, and idle",
    .usage = "PLAN.yaml",
    .example = "reckon cost capacity examples/shop/plan.yaml",
    .min_words = 1,
    .max_words = 1,
    .run = run,
    .reads_plan = true,
};

/* cmd_footprint.c - reckon cost footprint: energy and carbon of a plan. */
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "report/footprint_table.h"

typedef struct {
    bool lines;
} footprint_settings;

static const rk_option footprint_options[] = {
    {"lines", 0, RK_OPT_FLAG, offsetof(footprint_settings, lines), NULL,
     .help = "print every line with its formulas, too"},
};

static rk_status run_footprint(const rk_call *call, rk_error *err)
{
    const footprint_settings *settings = call->settings;
    const rk_table_style style = {.color = call->color};
    rk_ledger *ledger = NULL;
    rk_footprint *footprint = NULL;
    rk_status status = rk_call_ledger(call, &ledger, err);
    status = status ? status : rk_footprint_make(ledger, &call->run, &footprint, err);
    if (!status && call->common.json) {
        rk_footprint_json(footprint, call->out);
    } else if (!status) {
        rk_report_footprint(footprint, style, call->out);
    }
    if (!status && settings->lines && !call->common.json) {
        rk_report_footprint_lines(footprint, style, call->out);
    }
    rk_footprint_free(footprint);
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_footprint = {
    .name = "cost footprint",
    .summary = "energy and carbon of a plan, in total and per 1,000 requests (SCI), location-based",
    .usage = "PLAN.yaml [--lines]",
    .example = "reckon cost footprint examples/shop/plan.yaml",
    .options = footprint_options,
    .n_options = RK_COUNT_OF(footprint_options),
    .settings_bytes = sizeof(footprint_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_footprint,
    .reads_plan = true,
};

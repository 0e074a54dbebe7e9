/* cmd_cost.c - reckon cost statement, unit, explain: one plan, one ledger, three ways to look at it. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "report/statement.h"

typedef struct {
    const char *csv, *by;
    bool cash, months, showback;
} statement_settings;

static const rk_option statement_options[] = {
    {"cash", 0, RK_OPT_FLAG, offsetof(statement_settings, cash), .help = "what is paid, not what is used up"},
    {"by", 0, RK_OPT_TEXT, offsetof(statement_settings, by), "ROWS,COLUMNS",
     .help = "one table only, such as service,month; docs/cost.md names the dimensions"},
    {"showback", 0, RK_OPT_FLAG, offsetof(statement_settings, showback),
     .help = "who bears what: used, idle and shared, by product line and service"},
    {"months", 0, RK_OPT_FLAG, offsetof(statement_settings, months),
     .help = "also every element month by month (more than 24: by year)"},
    {"csv", 0, RK_OPT_TEXT, offsetof(statement_settings, csv), "FILE",
     .help = "write every line of the ledger there, too", .is_output = true},
};

static rk_table_style style_of(const rk_call *call) { return (rk_table_style){.color = call->color}; }

static rk_status write_csv(const rk_ledger *ledger, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_ledger_csv(ledger, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a CSV file") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status run_statement(const rk_call *call, rk_error *err)
{
    const statement_settings *settings = call->settings;
    rk_ledger *ledger = NULL;
    rk_statement_options options = {.basis = settings->cash ? RK_CASH : RK_ACCRUAL,
                                    .has_view = settings->by != NULL,
                                    .is_showback = settings->showback,
                                    .has_months = settings->months};
    if (settings->showback && (settings->cash || settings->by || settings->months)) {
        return rk_fail(err, RK_BAD_USAGE, "--showback is a view of its own, without --cash, --by or --months");
    }
    rk_status status = settings->by ? rk_dimensions_parse(settings->by, &options.rows, &options.columns, err) : RK_OK;
    status = status ? status : rk_call_ledger(call, &ledger, err);
    if (!status && settings->csv) {
        status = write_csv(ledger, settings->csv, err);
    }
    if (!status && call->common.json && options.has_view) {
        rk_ledger_view_json(ledger, options.basis, options.rows, options.columns, call->out);
    } else if (!status && call->common.json) {
        rk_ledger_json(ledger, call->out);
    } else if (!status) {
        rk_report_statement(ledger, &options, style_of(call), call->out);
    }
    rk_ledger_free(ledger);
    return status;
}

static rk_status run_unit(const rk_call *call, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_status status = rk_call_ledger(call, &ledger, err);
    if (!status && call->common.json) {
        rk_ledger_unit_json(ledger, call->out);
    } else if (!status) {
        rk_report_units(ledger, style_of(call), call->out);
    }
    rk_ledger_free(ledger);
    return status;
}

static rk_status run_explain(const rk_call *call, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_status status = rk_call_ledger(call, &ledger, err);
    const rk_cost_line *line = NULL;
    if (!status) {
        status = rk_ledger_need(ledger, call->words[1], &line, err);
    }
    if (!status && call->common.json) {
        rk_cost_line_json(ledger, line, call->out);
    } else if (!status) {
        rk_report_line(ledger, line, style_of(call), call->out);
    }
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_statement = {
    .name = "cost statement",
    .summary = "what a plan costs, by category, layer, product line and month, and against its budget",
    .usage = "PLAN.yaml [--cash] [--by ROWS,COLUMNS] [--showback] [--csv FILE]",
    .example = "reckon cost statement examples/shop/plan.yaml\n"
               "  reckon cost statement examples/shop/plan.yaml --cash --by element,month",
    .options = statement_options,
    .n_options = RK_COUNT_OF(statement_options),
    .settings_bytes = sizeof(statement_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_statement,
    .reads_plan = true,
};

const rk_command rk_command_cost_unit = {
    .name = "cost unit",
    .summary = "what 1,000 requests, a user, an order, a GB, a training run cost, in full and at the margin",
    .usage = "PLAN.yaml",
    .example = "reckon cost unit examples/shop/plan.yaml",
    .min_words = 1,
    .max_words = 1,
    .run = run_unit,
    .reads_plan = true,
};

const rk_command rk_command_cost_explain = {
    .name = "cost explain",
    .summary = "one line of the ledger: its formula, every figure in it and where that stands written",
    .usage = "PLAN.yaml LINE_ID",
    .example = "reckon cost explain examples/shop/plan.yaml 2026-11/search-machine-on-demand/search",
    .min_words = 2,
    .max_words = 2,
    .run = run_explain,
    .reads_plan = true,
};

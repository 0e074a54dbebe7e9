/* cmd_cost_risk.c - reckon cost risk: what a plan may cost when its uncertain numbers turn out otherwise. */
#include "base/file.h"
#include "cli/commands.h"
#include "cli/plan_call.h"
#include "report/risk_words.h"

typedef struct {
    uint64_t draws;
    double budget;
    int method;
    const char *csv;
} risk_settings;

static const rk_option risk_options[] = {
    {"draws", 'n', RK_OPT_COUNT, offsetof(risk_settings, draws), "N", "100000",
     "how many, rounded up to a power of two from 4,096 on", .min = 1, .max = RK_RISK_DRAWS_MAX},
    {"budget", 0, RK_OPT_REAL, offsetof(risk_settings, budget), "MONEY",
     .help = "of the whole, instead of the plan's: how often is it passed", .min = 0, .max = 1e15},
    {"method", 0, RK_OPT_CHOICE, offsetof(risk_settings, method), "METHOD", "sobol",
     "even points or random ones", .choices = "sobol|montecarlo"},
    {"csv", 0, RK_OPT_TEXT, offsetof(risk_settings, csv), "FILE",
     .help = "write every draw there, too: the numbers drawn and what they cost", .is_output = true},
};

static rk_status draw(const rk_call *call, const rk_ledger *ledger, rk_error *err)
{
    const risk_settings *settings = call->settings;
    rk_text csv = {0};
    rk_risk risk;
    rk_risk_options options = {.n_draws = settings->draws,
                               .points = settings->method == 0 ? RK_POINTS_SCRAMBLED : RK_POINTS_RANDOM,
                               .budget = settings->budget,
                               .csv = settings->csv ? &csv : NULL};
    rk_status status = rk_risk_run(ledger, &options, &call->run, &risk, err);
    if (status) {
        rk_text_release(&csv);
        return status;
    }
    if (settings->csv) {
        status = csv.failed ? rk_fail_memory(err, "a CSV file") : rk_file_write_text(settings->csv, &csv, err);
    }
    if (!status && call->common.json) {
        rk_risk_json(&risk, call->out);
    } else if (!status) {
        rk_report_risk(&risk, (rk_table_style){.color = call->color}, call->out);
    }
    rk_text_release(&csv);
    rk_risk_release(&risk);
    return status;
}

static rk_status run_risk(const rk_call *call, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_status status = rk_call_ledger(call, &ledger, err);
    status = status ? status : draw(call, ledger, err);
    rk_ledger_free(ledger);
    return status;
}

const rk_command rk_command_cost_risk = {
    .name = "cost risk",
    .summary = "what a plan may cost when its uncertain numbers turn out otherwise, and which of them matters",
    .usage = "PLAN.yaml [--draws N] [--budget MONEY] [--method METHOD] [--csv FILE]",
    .example = "reckon cost risk plan.yaml --budget 120000",
    .options = risk_options,
    .n_options = RK_COUNT_OF(risk_options),
    .settings_bytes = sizeof(risk_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_risk,
    .reads_plan = true,
};

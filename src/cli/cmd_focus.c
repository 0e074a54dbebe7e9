/* cmd_focus.c - reckon cost check-focus: does a bill keep to FOCUS 1.2, and where not. */
#include "cli/commands.h"
#include "bill/focus.h"
#include "report/bills.h"

typedef struct {
    uint64_t findings;
    rk_vec supports;
} check_settings;

static const rk_option check_options[] = {
    {"findings", 'n', RK_OPT_COUNT, offsetof(check_settings, findings), "N", "3", "places to show of each rule", 1,
     1000000},
    {"supports", 0, RK_OPT_LIST, offsetof(check_settings, supports), "NAME",
     .help = "what the provider supports, or 'all': its columns are required, too (repeat)"},
};

static rk_status read_supports(const check_settings *settings, uint32_t *bits, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < settings->supports.n && !status; i++) {
        uint32_t bit = 0;
        status = rk_focus_criterion_find(((const char *const *)settings->supports.data)[i], &bit, err);
        *bits |= bit;
    }
    return status;
}

static rk_status run_check(const rk_call *call, rk_error *err)
{
    const check_settings *settings = call->settings;
    rk_focus_options options = {.n_findings = settings->findings};
    rk_bill *bill = NULL;
    rk_focus_report *report = NULL;
    rk_status status = read_supports(settings, &options.supports, err);
    status = status ? status : rk_bill_open(call->words[0], &bill, err);
    status = status ? status : rk_focus_check(bill, &options, &call->run, &report, err);
    if (!status && call->common.json) {
        rk_focus_report_json(report, call->out);
    } else if (!status) {
        rk_report_focus(report, rk_bill_name(bill), (rk_table_style){.color = call->color}, call->out);
    }
    if (!status && !rk_focus_report_conforms(report)) {
        status = rk_fail(err, RK_BAD_INPUT, "'%.200s' does not conform to FOCUS 1.2", rk_bill_name(bill));
    }
    rk_focus_report_free(report);
    rk_bill_close(bill);
    return status;
}

const rk_command rk_command_cost_check_focus = {
    .name = "cost check-focus",
    .summary = "does a bill keep to FOCUS 1.2: which rules are broken, in which rows, what stands there",
    .usage = "BILL.csv[.gz|.zst] [--supports NAME]",
    .example = "reckon cost check-focus bill.csv.gz --supports REGION_SUPPORTED",
    .options = check_options,
    .n_options = RK_COUNT_OF(check_options),
    .settings_bytes = sizeof(check_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_check,
};

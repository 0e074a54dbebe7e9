/* cmd_cost_compare.c - reckon cost compare: plans, or the variants of one, side by side. */
#include "cli/commands.h"
#include "report/compare_words.h"

typedef struct {
    double discount;
} compare_settings;

static const rk_option compare_options[] = {
    {"discount", 0, RK_OPT_REAL, offsetof(compare_settings, discount), "RATE", "0.08",
     "yearly rate at which later money counts less", .min = 0, .max = 10},
};

static rk_status run_compare(const rk_call *call, rk_error *err)
{
    const compare_settings *settings = call->settings;
    rk_compare_options options = {.discount_yearly = settings->discount};
    rk_plan_source sources[RK_COMPARE_MAX];
    rk_comparison comparison;
    for (size_t i = 0; i < call->n_words; i++) {
        sources[i] = call->plan;
        sources[i].path = call->words[i];
    }
    rk_status status = rk_compare(sources, call->n_words, &options, &call->run, &comparison, err);
    if (status) {
        return status;
    }
    if (call->common.json) {
        rk_comparison_json(&comparison, call->out);
    } else {
        rk_report_comparison(&comparison, (rk_table_style){.color = call->color}, call->out);
    }
    rk_comparison_release(&comparison);
    return RK_OK;
}

const rk_command rk_command_cost_compare = {
    .name = "cost compare",
    .summary = "plans, or the variants of one, side by side: cost, quality, payback, and the traffic at which the choice turns",
    .usage = "PLAN.yaml [PLAN.yaml...] [--discount RATE]",
    .example = "reckon cost compare rent.yaml own.yaml --discount 0.06",
    .options = compare_options,
    .n_options = RK_COUNT_OF(compare_options),
    .settings_bytes = sizeof(compare_settings),
    .min_words = 1,
    .max_words = RK_COMPARE_MAX,
    .run = run_compare,
    .reads_plan = true,
};

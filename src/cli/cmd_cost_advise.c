/* cmd_cost_advise.c - reckon cost advise: what could be done to make a plan cheaper, tried action by action. */
#include "cli/commands.h"
#include "report/actions_words.h"

typedef struct {
    double keep_quality;
} advise_settings;

static const rk_option advise_options[] = {
    {"keep-quality", 0, RK_OPT_REAL, offsetof(advise_settings, keep_quality), "SHARE", "0.99",
     "a smaller variant must keep so much of the quality of the one that answers", .min = 0, .max = 1},
};

static rk_status run_advise(const rk_call *call, rk_error *err)
{
    const advise_settings *settings = call->settings;
    rk_action_options options = {.keep_quality = settings->keep_quality};
    rk_actions actions;
    rk_status status = rk_actions_find(&call->plan, &options, &call->run, &actions, err);
    if (status) {
        return status;
    }
    if (call->common.json) {
        rk_actions_json(&actions, call->out);
    } else {
        rk_report_actions(&actions, (rk_table_style){.color = call->color}, call->out);
    }
    rk_actions_release(&actions);
    return RK_OK;
}

const rk_command rk_command_cost_advise = {
    .name = "cost advise",
    .summary = "what would make a plan cheaper, and what is given up for it; every saving is accounted for, none estimated",
    .usage = "PLAN.yaml [--keep-quality SHARE]",
    .example = "reckon cost advise examples/shop/plan.yaml",
    .options = advise_options,
    .n_options = RK_COUNT_OF(advise_options),
    .settings_bytes = sizeof(advise_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_advise,
    .reads_plan = true,
};

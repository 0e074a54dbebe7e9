/* cmd_evaluate.c - reckon evaluate: how good a model is on what its users took later. */
#include "cli/commands.h"
#include "report/evaluation_words.h"

typedef struct {
    const char *test, *train, *cuts, *by;
    bool drop_repeats;
} evaluate_settings;

static const rk_option options[] = {
    {"test", 0, RK_OPT_TEXT, offsetof(evaluate_settings, test), "TEST.rk", NULL, "what the users took (required)"},
    {"train", 0, RK_OPT_TEXT, offsetof(evaluate_settings, train), "TRAIN.rk", NULL,
     "mask its items too, beside those that the model has seen"},
    {"k", 'k', RK_OPT_TEXT, offsetof(evaluate_settings, cuts), "N,...", "10,20", "lengths of the lists to judge"},
    {"by", 0, RK_OPT_TEXT, offsetof(evaluate_settings, by), "WHAT,...", NULL,
     "break down by popularity (of the test items), history (of the users)"},
    {"drop-repeats", 0, RK_OPT_FLAG, offsetof(evaluate_settings, drop_repeats),
     .help = "do not judge by test items that the user had taken before"},
};

static rk_status read_plan(const evaluate_settings *settings, rk_eval_plan *plan, rk_error *err)
{
    *plan = (rk_eval_plan){.drop_repeats = settings->drop_repeats};
    if (!settings->test) {
        return rk_fail(err, RK_BAD_USAGE, "evaluate wants --test FILE.rk; see 'reckon evaluate --help'");
    }
    rk_status status = rk_eval_parse_cuts(settings->cuts, plan, err);
    if (status == RK_OK && settings->by) {
        status = rk_eval_parse_by(settings->by, plan, err);
    }
    return status;
}

static rk_status evaluate_one(const rk_call *call, const rk_eval_plan *plan, rk_error *err)
{
    const evaluate_settings *settings = call->settings;
    rk_json json = {.text = call->out};
    rk_evaluation evaluation;
    rk_status status =
        rk_evaluate_files(call->words[0], settings->test, settings->train, plan, &call->run, &evaluation, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < evaluation.leak.n_warnings; i++) {
        rk_log(&call->run, RK_LOG_WARNING, "%s", evaluation.leak.warning[i]);
    }
    if (call->common.json) {
        rk_json_object(&json, NULL);
        rk_evaluation_json(&evaluation, &json);
        rk_json_end_object(&json);
    } else {
        rk_report_evaluation(&evaluation, (rk_table_style){.color = call->color, .indent = 2}, call->out);
    }
    rk_evaluation_release(&evaluation);
    return RK_OK;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    rk_eval_plan plan;
    rk_status status = read_plan(call->settings, &plan, err);
    return status ? status : evaluate_one(call, &plan, err);
}

const rk_command rk_command_evaluate = {
    .name = "evaluate",
    .summary = "how well a model ranks what its users took later, with intervals",
    .usage = "MODEL.rk --test TEST.rk [--train TRAIN.rk] [-k 10,20] [--by popularity,history]",
    .example = "reckon evaluate als.rk --test test.rk -k 10,20 --by popularity,history",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(evaluate_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};

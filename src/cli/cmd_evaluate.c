/* cmd_evaluate.c - reckon evaluate: how good a model is on what its users took later. */
#include "cli/commands.h"
#include "eval/eval.h"

typedef struct {
    const char *test, *train, *cuts;
    bool drop_repeats;
} evaluate_settings;

static const rk_option options[] = {
    {"test", 0, RK_OPT_TEXT, offsetof(evaluate_settings, test), "TEST.rk", NULL, "what the users took (required)"},
    {"train", 0, RK_OPT_TEXT, offsetof(evaluate_settings, train), "TRAIN.rk", NULL,
     "mask its items too, beside those that the model has seen"},
    {"k", 'k', RK_OPT_TEXT, offsetof(evaluate_settings, cuts), "N,...", "10,20", "lengths of the lists to judge"},
    {"drop-repeats", 0, RK_OPT_FLAG, offsetof(evaluate_settings, drop_repeats),
     .help = "do not judge by test items that the user had taken before"},
};

static void answer(const rk_call *call, const rk_evaluation *evaluation)
{
    if (!call->common.json) {
        rk_evaluation_print(evaluation, call->out);
        return;
    }
    rk_json json = {.text = call->out};
    rk_json_object(&json, NULL);
    rk_evaluation_json(evaluation, &json);
    rk_json_end_object(&json);
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const evaluate_settings *settings = call->settings;
    rk_eval_plan plan = {.drop_repeats = settings->drop_repeats};
    rk_evaluation evaluation = {0};
    if (!settings->test) {
        return rk_fail(err, RK_BAD_USAGE, "evaluate wants --test FILE.rk; see 'reckon evaluate --help'");
    }
    rk_status status = rk_eval_parse_cuts(settings->cuts, &plan, err);
    if (status == RK_OK) {
        status =
            rk_evaluate_files(call->words[0], settings->test, settings->train, &plan, &call->run, &evaluation, err);
    }
    if (status == RK_OK) {
        answer(call, &evaluation);
    }
    rk_evaluation_release(&evaluation);
    return status;
}

const rk_command rk_command_evaluate = {
    .name = "evaluate",
    .summary = "how well a model ranks what its users took later, with intervals",
    .usage = "MODEL.rk --test TEST.rk [--train TRAIN.rk] [-k 10,20]",
    .example = "reckon evaluate als.rk --test test.rk -k 10,20",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(evaluate_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};

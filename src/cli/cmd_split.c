/* cmd_split.c - reckon split: a training and a test side of one dataset. */
#include "cli/commands.h"
#include "data/split.h"

typedef struct {
    const char *train, *test_out;
    int by;
    double share;
    uint64_t n_folds, fold;
    bool keep_cold, keep_repeats;
} split_settings;

#define FIELD(name) offsetof(split_settings, name)
static const rk_option options[] = {
    {"output", 'o', RK_OPT_TEXT, FIELD(train), "TRAIN.rk", .help = "training side to write (required)",
     .is_output = true},
    {"test-out", 0, RK_OPT_TEXT, FIELD(test_out), "TEST.rk", .help = "test side to write (required)",
     .is_output = true},
    {"by", 'b', RK_OPT_CHOICE, FIELD(by), "RULE", "time", "what decides the side", .choices = RK_SPLIT_CHOICES},
    {"test", 't', RK_OPT_REAL, FIELD(share), "SHARE", "0.2", "share of events to test on", .min = 1e-6,
     .max = 0.999999},
    {"folds", 0, RK_OPT_COUNT, FIELD(n_folds), "K", "5", "k-fold: how many folds the events are dealt to", .min = 2,
     .max = 1000},
    {"fold", 0, RK_OPT_COUNT, FIELD(fold), "I", "1", "k-fold: the fold to test on, 1 .. K", .min = 1, .max = 1000},
    {"keep-cold", 0, RK_OPT_FLAG, FIELD(keep_cold), .help = "keep test events whose user or item training never saw"},
    {"keep-repeats", 0, RK_OPT_FLAG, FIELD(keep_repeats), .help = "keep test events that the user had in training too"},
};

static void answer(const rk_call *call, const rk_split_report *report)
{
    const split_settings *s = call->settings;
    rk_json json = {.text = call->out};
    if (call->common.json) {
        rk_split_report_json(report, &json, NULL);
        return;
    }
    rk_text_addf(call->out, "train     %llu events\ntest      %llu events of %u users\n",
                 (unsigned long long)report->n_train, (unsigned long long)report->n_test, report->n_test_users);
    rk_text_addf(call->out, "%s %llu test events whose user or item is new, %llu that repeat a training event\n",
                 s->keep_cold && s->keep_repeats ? "kept in  " : "left out ", (unsigned long long)report->n_cold,
                 (unsigned long long)report->n_repeats);
    if (report->cut_time != INT64_MIN) {
        char text[32];
        rk_format_time(report->cut_time, text);
        rk_text_addf(call->out, "cut       test events are at or after %s\n", text);
    }
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const split_settings *s = call->settings;
    rk_split_report report;
    if (!s->train || !s->test_out) {
        return rk_fail(err, RK_BAD_USAGE, "split wants both -o TRAIN.rk and --test-out TEST.rk");
    }
    rk_split_options split = {(rk_split_rule)s->by, s->share,     (uint32_t)s->n_folds,
                              (uint32_t)s->fold,    s->keep_cold, s->keep_repeats};
    rk_status status = rk_split(call->words[0], &split, s->train, s->test_out, &call->run, &report, err);
    if (status == RK_OK) {
        answer(call, &report);
    }
    return status;
}

const rk_command rk_command_split = {
    .name = "split",
    .summary = "divide a dataset into a training and a test side",
    .usage = "D.rk -o TRAIN.rk --test-out TEST.rk [--by RULE]",
    .example = "reckon split shop.rk --by time --test 0.2 -o train.rk --test-out test.rk",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(split_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};

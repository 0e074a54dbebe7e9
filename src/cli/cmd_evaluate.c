/* cmd_evaluate.c - reckon evaluate: how good a model is on what its users took later, or which of several is better. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "report/evaluation_words.h"

typedef struct {
    const char *test, *train, *index, *cuts, *by, *metric;
    bool drop_repeats;
} evaluate_settings;

static const rk_option options[] = {
    {"test", 0, RK_OPT_TEXT, offsetof(evaluate_settings, test), "TEST.rk", NULL, "what the users took (required)"},
    {"train", 0, RK_OPT_TEXT, offsetof(evaluate_settings, train), "TRAIN.rk", NULL,
     "mask its items too, beside those that the model has seen"},
    {"index", 0, RK_OPT_TEXT, offsetof(evaluate_settings, index), "I.rk", NULL,
     "judge the lists that this index of the model finds, as a server with it shows them"},
    {"k", 'k', RK_OPT_TEXT, offsetof(evaluate_settings, cuts), "N,...", "10,20", "lengths of the lists to judge"},
    {"by", 0, RK_OPT_TEXT, offsetof(evaluate_settings, by), "WHAT,...", NULL,
     "break down by popularity (of the test items), history (of the users)"},
    {"metric", 0, RK_OPT_TEXT, offsetof(evaluate_settings, metric), "NAME,...", NULL,
     "compare several models by these figures only, such as ndcg@20 (default: by all)"},
    {"drop-repeats", 0, RK_OPT_FLAG, offsetof(evaluate_settings, drop_repeats),
     .help = "do not judge by test items that the user had taken before"},
};

/* ---- warnings ---- */

static void warn(const rk_call *call, const char *path, const char *warning)
{
    if (path) {
        rk_log(&call->run, RK_LOG_WARNING, "%s: %s", path, warning);
    } else {
        rk_log(&call->run, RK_LOG_WARNING, "%s", warning);
    }
}

/* Whether one of the first n models was warned of the same. */
static bool is_told(const rk_contest *contest, size_t n, const char *warning)
{
    for (size_t m = 0; m < n; m++) {
        const rk_leak *leak = &contest->evaluation[m].leak;
        for (size_t i = 0; i < leak->n_warnings; i++) {
            if (strcmp(leak->warning[i], warning) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void warn_contest(const rk_call *call, const rk_contest *contest)
{
    for (size_t m = 0; m < contest->n_models; m++) {
        const rk_leak *leak = &contest->evaluation[m].leak;
        for (size_t i = 0; i < leak->n_warnings; i++) {
            if (!is_told(contest, m, leak->warning[i])) {
                warn(call, contest->path[m], leak->warning[i]);
            }
        }
    }
}

/* ---- what is asked ---- */

enum { FIGURES_MAX = 32 };

typedef struct {
    rk_eval_plan plan;
    rk_eval_target figure[FIGURES_MAX];
    size_t n_figures;
} questions;

/* "ndcg@20,recall@50": each a figure to compare by; cuts: what --k says, to which theirs are added. */
static rk_status read_metrics(const char *text, questions *q, rk_text *cuts, rk_error *err)
{
    char name[40];
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        if (q->n_figures == FIGURES_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "at most %d figures to compare by, got '%.80s'", FIGURES_MAX, text);
        }
        rk_eval_target *figure = &q->figure[q->n_figures];
        snprintf(name, sizeof name, "%.*s", (int)(n < sizeof name ? n : sizeof name - 1), at);
        rk_status status = rk_eval_parse_target(name, figure, err);
        if (status) {
            return status;
        }
        q->n_figures++;
        if (figure->cut > 0) {
            rk_text_addf(cuts, ",%u", figure->cut);
        }
        at += n;
        if (*at == '\0') {
            return RK_OK;
        }
    }
}

static rk_status read_questions(const rk_call *call, questions *q, rk_error *err)
{
    const evaluate_settings *settings = call->settings;
    rk_text cuts = {0};
    *q = (questions){.plan = {.drop_repeats = settings->drop_repeats, .index_path = settings->index}};
    if (!settings->test) {
        return rk_fail(err, RK_BAD_USAGE, "evaluate wants --test FILE.rk; see 'reckon evaluate --help'");
    }
    if (settings->index && call->n_words > 1) {
        return rk_fail(err, RK_BAD_USAGE, "--index is of one model; %zu are given", call->n_words);
    }
    if (settings->metric && call->n_words == 1) {
        return rk_fail(err, RK_BAD_USAGE, "--metric says what several models are compared by; only '%.200s' is given",
                       call->words[0]);
    }
    rk_text_add(&cuts, settings->cuts);
    rk_status status = settings->metric ? read_metrics(settings->metric, q, &cuts, err) : RK_OK;
    if (status == RK_OK) {
        status = cuts.failed ? rk_fail_memory(err, "lengths of lists") : rk_eval_parse_cuts(cuts.at, &q->plan, err);
    }
    if (status == RK_OK && settings->by) {
        status = rk_eval_parse_by(settings->by, &q->plan, err);
    }
    rk_text_release(&cuts);
    return status;
}

/* ---- one model, or several ---- */

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
        warn(call, NULL, evaluation.leak.warning[i]);
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

static rk_status evaluate_all(const rk_call *call, const questions *q, rk_error *err)
{
    const evaluate_settings *settings = call->settings;
    rk_json json = {.text = call->out};
    rk_contest contest;
    rk_contest_wish wish = {q->figure, q->n_figures};
    rk_status status = rk_contest_files(call->words, call->n_words, settings->test, settings->train, &q->plan, wish,
                                        &call->run, &contest, err);
    if (status) {
        return status;
    }
    warn_contest(call, &contest);
    if (call->common.json) {
        rk_json_object(&json, NULL);
        rk_contest_json(&contest, &json);
        rk_json_end_object(&json);
    } else {
        rk_report_contest(&contest, (rk_table_style){.color = call->color, .indent = 2}, call->out);
    }
    rk_contest_release(&contest);
    return RK_OK;
}

/* On --verbose: what it took. */
static void tell_usage(const rk_call *call, rk_usage usage)
{
    rk_text text = {0};
    rk_text_add_seconds(&text, usage.wall_s);
    rk_text_add(&text, " (cpu ");
    rk_text_add_seconds(&text, usage.cpu_s);
    rk_text_add(&text, "), at most ");
    rk_text_add_bytes(&text, (double)usage.peak_bytes);
    if (!text.failed) {
        rk_log(&call->run, RK_LOG_DETAIL, "evaluated in %s of memory", text.at);
    }
    rk_text_release(&text);
}

static rk_status run(const rk_call *call, rk_error *err)
{
    questions q;
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = read_questions(call, &q, err);
    if (status) {
        return status;
    }
    status = call->n_words > 1 ? evaluate_all(call, &q, err) : evaluate_one(call, &q.plan, err);
    tell_usage(call, rk_stopwatch_stop(watch));
    return status;
}

const rk_command rk_command_evaluate = {
    .name = "evaluate",
    .summary = "how well models rank what their users took later, with intervals; of several, which is better",
    .usage = "MODEL.rk [OTHER.rk...] --test TEST.rk [--train TRAIN.rk] [-k 10,20] [--by popularity,history]",
    .example = "reckon evaluate als.rk --test test.rk -k 10,20 --by popularity,history\n"
               "  reckon evaluate als.rk als.int8.rk --test test.rk --metric ndcg@20",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(evaluate_settings),
    .min_words = 1,
    .max_words = RK_CONTEST_MAX,
    .run = run,
};

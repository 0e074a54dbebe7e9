/* cmd_report.c - reckon report: one self-contained HTML page, from a demo's folder or from single files. */
#include "cli/commands.h"
#include "study/story.h"

typedef struct {
    const char *output, *plan, *cleaning, *title;
    rk_vec profiles, evaluations; /* of const char * */
} report_settings;

static const rk_option options[] = {
    {"output", 'o', RK_OPT_TEXT, offsetof(report_settings, output), "REPORT.html", .help = "where to write (required)",
     .is_output = true},
    {"plan", 0, RK_OPT_TEXT, offsetof(report_settings, plan), "PLAN.yaml", .help = "a cost plan"},
    {"profile", 0, RK_OPT_LIST, offsetof(report_settings, profiles), "FILE.json",
     .help = "written by 'reckon measure'; may be repeated, profile.NAME.json"},
    {"evaluation", 0, RK_OPT_LIST, offsetof(report_settings, evaluations), "FILE.json",
     .help = "printed by 'reckon evaluate --json'; may be repeated, evaluation.NAME.json"},
    {"cleaning", 0, RK_OPT_TEXT, offsetof(report_settings, cleaning), "FILE.json",
     .help = "written by 'reckon ingest --report'"},
    {"title", 0, RK_OPT_TEXT, offsetof(report_settings, title), "WORDS", .help = "heading of the page"},
};

static rk_status run(const rk_call *call, rk_error *err)
{
    const report_settings *settings = call->settings;
    const rk_story_sources sources = {.folder = call->n_words ? call->words[0] : NULL,
                                      .plan = settings->plan,
                                      .cleaning = settings->cleaning,
                                      .title = settings->title,
                                      .profiles = settings->profiles.data,
                                      .n_profiles = settings->profiles.n,
                                      .evaluations = settings->evaluations.data,
                                      .n_evaluations = settings->evaluations.n};
    bool has_files = sources.plan || sources.cleaning || sources.n_profiles || sources.n_evaluations;
    if (!settings->output)
        return rk_fail(err, RK_BAD_USAGE, "report wants -o REPORT.html; see 'reckon report --help'");
    if (has_files == (sources.folder != NULL))
        return rk_fail(err, RK_BAD_USAGE,
                       "report wants either a folder or --plan, --profile, --evaluation, --cleaning");
    rk_status status = rk_story_write(&sources, settings->output, &call->run, err);
    if (!status && call->common.json) {
        rk_json json = {.text = call->out};
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "report", settings->output);
        rk_json_end_object(&json);
    } else if (!status) {
        rk_text_addf(call->out, "wrote %s\n", settings->output);
    }
    return status;
}

const rk_command rk_command_report = {
    .name = "report",
    .summary = "one self-contained HTML page: quality, latency and cost, with how each figure was made",
    .usage = "DIR -o REPORT.html | [--plan PLAN.yaml] [--profile FILE]... [--evaluation FILE]... -o REPORT.html",
    .example = "reckon report out -o report.html",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(report_settings),
    .max_words = 1,
    .run = run,
};

/* cmd_demo.c - reckon demo: the whole story on one log, ending in a table and one sentence of advice. */
#include "base/file.h"
#include "cli/commands.h"
#include "report/report.h"
#include "study/demo.h"
#include "study/story.h"

typedef struct {
    const char *log;
    double requests_per_day, slo_ms;
    bool quick;
} demo_settings;

static const rk_option options[] = {
    {"log", 0, RK_OPT_TEXT, offsetof(demo_settings, log), "FILE",
     .help = "another log with the same kind of columns (default: the bundled Online Retail log)"},
    {"requests-per-day", 0, RK_OPT_REAL, offsetof(demo_settings, requests_per_day), "N",
     .help = "traffic to plan for (default: from the log's own volume)", .min = 1, .max = 1e8},
    {"slo-ms", 0, RK_OPT_REAL, offsetof(demo_settings, slo_ms), "MS", "10", "limit on the p99 latency of an answer",
     .min = 0.1, .max = 10000},
    {"quick", 0, RK_OPT_FLAG, offsetof(demo_settings, quick), .help = "measure shortly: for tests, not for decisions"},
};

static void print_story(const rk_call *call, const rk_report *report, const char *folder)
{
    rk_table table = {0};
    rk_report_variants_table(report, &table);
    rk_text_add(call->out, "\n");
    rk_table_print(&table, (rk_table_style){.color = call->color, .indent = 2}, call->out);
    rk_table_release(&table);
    rk_text_add(call->out, "\n");
    rk_report_capacity_words(report, call->out);
    rk_text_addf(call->out,
                 "\n\n%s\n\nThe whole account: %s/report.html; how the variant was chosen: %s/frontier/report.html\n",
                 report->advice, folder, folder);
}

static rk_status print_json(const rk_call *call, const char *folder, rk_error *err)
{
    char path[4096];
    rk_mapped file;
    snprintf(path, sizeof path, "%s/study.json", folder);
    rk_status status = rk_mapped_open(path, &file, err);
    if (status)
        return status;
    rk_text_add_slice(call->out, (rk_slice){(const char *)file.at, file.n_bytes});
    rk_mapped_close(&file);
    return RK_OK;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const demo_settings *settings = call->settings;
    rk_demo_options demo = rk_demo_defaults();
    rk_story *story = NULL;
    demo.folder = call->n_words ? call->words[0] : "reckon-demo";
    demo.log_path = settings->log;
    demo.requests_per_day = settings->requests_per_day;
    demo.slo_ms = settings->slo_ms;
    demo.quick = settings->quick;
    rk_status status = rk_demo(&demo, &call->run, err);
    if (!status && call->common.json)
        return print_json(call, demo.folder, err);
    status = status ? status : rk_story_open(&(rk_story_sources){.folder = demo.folder}, &call->run, &story, err);
    if (!status)
        print_story(call, rk_story_report(story), demo.folder);
    rk_story_close(story);
    return status;
}

const rk_command rk_command_demo = {
    .name = "demo",
    .summary = "the whole story on the bundled shop log: from raw rows to a report and one sentence of advice",
    .usage = "[DIR] [--quick]",
    .example = "reckon demo out",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(demo_settings),
    .max_words = 1,
    .run = run,
};

/* cmd_frontier.c - reckon frontier: every variant trained, judged, measured and priced, and the choice among them. */
#include "cli/commands.h"
#include "study/frontier.h"

typedef struct {
    const char *folder, *plan, *service, *grid_file, *metric;
    double requests_per_day, quality_min, p99_max, test;
    bool quick, thorough;
} frontier_settings;

#define AT(name) offsetof(frontier_settings, name)

static const rk_option options[] = {
    {"output", 'o', RK_OPT_TEXT, AT(folder), "DIR", .help = "folder of everything that is made (required)"},
    {"quick", 0, RK_OPT_FLAG, AT(quick), .help = "few variants, measured shortly: for tests, not for decisions"},
    {"thorough", 0, RK_OPT_FLAG, AT(thorough), .help = "more variants, tuned and measured longer"},
    {"grid", 0, RK_OPT_TEXT, AT(grid_file), "FILE.yaml", .help = "variants of your own (docs/frontier.md)"},
    {"plan", 0, RK_OPT_TEXT, AT(plan), "PLAN.yaml", .help = "price by this plan (default: one made of the data)"},
    {"service", 0, RK_OPT_TEXT, AT(service), "NAME",
     .help = "of that plan, which the variants would answer (default: its only one)"},
    {"requests-per-day", 0, RK_OPT_REAL, AT(requests_per_day), "N",
     .help = "traffic of the made plan (default: from the log's own volume)", .min = 1, .max = 8e8},
    {"metric", 'm', RK_OPT_TEXT, AT(metric), "NAME", "ndcg@20", "what good means: a mean over users"},
    {"quality-min", 0, RK_OPT_REAL, AT(quality_min), "SHARE", "0.99",
     "of the best variant's quality, surely kept by the one that is chosen", .max = 1},
    {"p99-max", 0, RK_OPT_REAL, AT(p99_max), "MS",
     .help = "most p99 latency, for planning and choosing (default: the plan's, or 10)", .min = 0.1, .max = 60000},
    {"test", 0, RK_OPT_REAL, AT(test), "SHARE", "0.2", "of the events, to judge by: the newest where they have times",
     .min = 0.01, .max = 0.9},
};

static rk_status read_options(const rk_call *call, rk_frontier_options *out, rk_error *err)
{
    const frontier_settings *s = call->settings;
    if (!s->folder) {
        return rk_fail(err, RK_BAD_USAGE, "frontier wants -o DIR, the folder of what it makes");
    }
    if (s->quick + s->thorough + (s->grid_file != NULL) > 1) {
        return rk_fail(err, RK_BAD_USAGE, "one of --quick, --thorough and --grid says which variants, not several");
    }
    if (s->service && !s->plan) {
        return rk_fail(err, RK_BAD_USAGE, "--service names a service of the plan: give that with --plan");
    }
    if (s->requests_per_day > 0 && s->plan) {
        return rk_fail(err, RK_BAD_USAGE, "--requests-per-day is of a made plan; the one of --plan says its own");
    }
    *out = rk_frontier_defaults();
    out->dataset_path = call->words[0];
    out->folder = s->folder;
    out->grid = s->quick ? "quick" : s->thorough ? "thorough" : "default";
    out->grid_path = s->grid_file;
    out->plan_path = s->plan;
    out->service = s->service;
    out->requests_per_day = s->requests_per_day;
    out->metric = s->metric;
    out->quality_min = s->quality_min;
    out->p99_max_ms = s->p99_max;
    out->test_share = s->test;
    return RK_OK;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    rk_frontier_options frontier;
    rk_frontier *made = NULL;
    rk_status status = read_options(call, &frontier, err);
    status = status ? status : rk_frontier_run(&frontier, &call->run, &made, err);
    if (status) {
        return status;
    }
    const rk_frontier_report *report = rk_frontier_report_of(made);
    if (call->common.json) {
        rk_frontier_json(report, call->out);
    } else {
        rk_frontier_words(report, (rk_table_style){.color = call->color, .indent = 2}, call->out);
        rk_text_addf(call->out, "\nThe whole account: %s/report.html; a plan of each variant: %s/plans\n",
                     frontier.folder, frontier.folder);
    }
    rk_frontier_free(made);
    return RK_OK;
}

const rk_command rk_command_frontier = {
    .name = "frontier",
    .summary = "which model is the cheapest that is good enough: variants trained, judged, measured and priced",
    .usage = "D.rk -o DIR [--quick|--thorough|--grid FILE.yaml] [--plan PLAN.yaml]",
    .example = "reckon frontier shop.rk --quality-min 0.99 --p99-max 20 -o frontier",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(frontier_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run,
};

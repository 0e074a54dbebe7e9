/* cmd_cost_plan.c - reckon cost plan: the budget by month from a history of requests. */
#include <string.h>

#include "base/file.h"
#include "cli/commands.h"
#include "report/budget_words.h"

enum { HISTORIES_MAX = 64 };

typedef struct {
    rk_vec histories; /* const char * */
    const char *csv;
    double level;
    int trend;
} plan_settings;

static const rk_option plan_options[] = {
    {"history", 0, RK_OPT_LIST, offsetof(plan_settings, histories), "SERVICE=FILE",
     .help = "whose requests a file has, where the plan has several services; repeatable"},
    {"level", 0, RK_OPT_REAL, offsetof(plan_settings, level), "SHARE", "0.8", "how much the intervals should hold",
     .min = 0.01, .max = 0.99},
    {"trend", 0, RK_OPT_CHOICE, offsetof(plan_settings, trend), "KIND", "auto",
     "how growth goes on; auto asks the past", .choices = "auto|damped|straight|any|none"},
    {"output", 'o', RK_OPT_TEXT, offsetof(plan_settings, csv), "FILE", .help = "write the months there, too, as CSV",
     .is_output = true},
};

/* The word behind the plan, and what --history says: "SERVICE=FILE", cut at the first '='. */
static rk_status list_sources(const rk_call *call, rk_arena *arena, rk_budget_source *out, size_t *n, rk_error *err)
{
    const plan_settings *settings = call->settings;
    const char *const *words = settings->histories.data;
    *n = 0;
    if (call->n_words > 1) {
        out[(*n)++] = (rk_budget_source){NULL, call->words[1]};
    }
    for (size_t i = 0; i < settings->histories.n; i++) {
        const char *equals = strchr(words[i], '=');
        if (!equals || equals == words[i] || !equals[1]) {
            return rk_fail(err, RK_BAD_USAGE, "--history must look like SERVICE=FILE, got '%.100s'", words[i]);
        }
        if (*n == HISTORIES_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "at most %d histories are read", HISTORIES_MAX);
        }
        const char *service = rk_arena_copy(arena, words[i], (size_t)(equals - words[i]));
        if (!service) {
            return rk_fail_memory(err, "a history");
        }
        out[(*n)++] = (rk_budget_source){service, equals + 1};
        rk_status status = settings->csv ? rk_path_keep_apart(settings->csv, equals + 1, err) : RK_OK;
        if (status) {
            return status;
        }
    }
    return *n > 0 ? RK_OK
                  : rk_fail(err, RK_BAD_USAGE, "cost plan needs a history of requests: HISTORY.csv or --history");
}

static rk_status write_csv(const rk_budget_forecast *forecast, const char *path, rk_error *err)
{
    rk_text text = {0};
    rk_budget_csv(forecast, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a CSV file") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status run_plan(const rk_call *call, rk_error *err)
{
    const plan_settings *settings = call->settings;
    rk_traffic_options options = {(rk_trends)settings->trend, settings->level};
    rk_budget_source sources[HISTORIES_MAX];
    rk_budget_forecast forecast = {.n_months = 0};
    rk_arena arena = {0};
    size_t n = 0;
    rk_status status = list_sources(call, &arena, sources, &n, err);
    status = status ? status : rk_budget_make(&call->plan, sources, n, &options, &call->run, &forecast, err);
    for (size_t i = 0; !status && i < forecast.n_notes; i++) {
        rk_log(&call->run, RK_LOG_WARNING, "%s", forecast.notes[i]);
    }
    status = status || !settings->csv ? status : write_csv(&forecast, settings->csv, err);
    if (!status && call->common.json) {
        rk_budget_json(&forecast, call->out);
    } else if (!status) {
        rk_report_budget_forecast(&forecast, (rk_table_style){.color = call->color}, call->out);
    }
    rk_budget_release(&forecast);
    rk_arena_release(&arena);
    return status;
}

const rk_command rk_command_cost_plan = {
    .name = "cost plan",
    .summary = "the budget by month, with intervals, from a history of daily requests",
    .usage = "PLAN.yaml HISTORY.csv [--history SERVICE=FILE]... [--level SHARE] [--trend KIND] [-o BUDGET.csv]",
    .example = "reckon cost plan plan.yaml requests.csv -o budget.csv\n"
               "  reckon cost plan plan.yaml --history search=search.csv --history recommend=recommend.csv",
    .options = plan_options,
    .n_options = RK_COUNT_OF(plan_options),
    .settings_bytes = sizeof(plan_settings),
    .min_words = 1,
    .max_words = 2,
    .run = run_plan,
    .reads_plan = true,
};

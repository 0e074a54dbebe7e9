/* cmd_forecast.c - reckon forecast: the requests of coming days or months from those of past days. */
#include <stdlib.h>

#include "cli/commands.h"
#include "report/forecast_words.h"

enum { BY_MONTH, BY_DAY };

typedef struct {
    const char *levels, *periods;
    uint64_t horizon, paths;
    int by, trend;
} forecast_settings;

#define AT(field) offsetof(forecast_settings, field)
static const rk_option forecast_options[] = {
    {"horizon", 0, RK_OPT_COUNT, AT(horizon), "DAYS", "90", "how many days to foretell", 1, 3660},
    {"by", 0, RK_OPT_CHOICE, AT(by), "WHAT", "month", "a row for each", .choices = "month|day"},
    {"level", 0, RK_OPT_TEXT, AT(levels), "SHARE,...", "0.8,0.95", "how much the intervals should hold, at most 5"},
    {"period", 0, RK_OPT_TEXT, AT(periods), "DAYS,...", "7", "seasons to look for, at most 4, 2 to 366 days; 0 = none"},
    {"trend", 0, RK_OPT_CHOICE, AT(trend), "KIND", "damped", "that may be chosen; none may be, besides",
     .choices = "damped|none|straight|any"},
    {"paths", 0, RK_OPT_COUNT, AT(paths), "N", "5000", "futures to simulate where there is no formula", 100,
     RK_FORECAST_PATHS_MAX},
};

/* "0.8,0.95" into out[max], each from least to most. */
static rk_status parse_list(const char *name, const char *text, double least, double most, double *out, size_t max,
                            size_t *n, rk_error *err)
{
    rk_slice rest = rk_slice_of(text);
    for (*n = 0; *n < max; ++*n) {
        size_t end = 0;
        while (end < rest.n && rest.at[end] != ',') {
            end++;
        }
        if (!rk_parse_real((rk_slice){rest.at, end}, &out[*n]) || out[*n] < least || out[*n] > most) {
            return rk_fail(err, RK_BAD_USAGE, "--%s must be numbers from %g to %g with commas between, got '%.100s'",
                           name, least, most, text);
        }
        if (end == rest.n) {
            ++*n;
            return RK_OK;
        }
        rest = (rk_slice){rest.at + end + 1, rest.n - end - 1};
    }
    return rk_fail(err, RK_BAD_USAGE, "--%s takes at most %zu numbers, got '%.100s'", name, max, text);
}

static rk_status read_options(const forecast_settings *s, rk_forecast_options *out, rk_error *err)
{
    static const unsigned trends[] = {1u << RK_TREND_NONE | 1u << RK_TREND_DAMPED, 1u << RK_TREND_NONE,
                                      1u << RK_TREND_NONE | 1u << RK_TREND_ADDITIVE,
                                      1u << RK_TREND_NONE | 1u << RK_TREND_ADDITIVE | 1u << RK_TREND_DAMPED};
    double periods[RK_FORECAST_PERIODS_MAX];
    size_t n = 0;
    *out = (rk_forecast_options){.trends = trends[s->trend]};
    if (rk_slice_is(rk_slice_of(s->periods), "0")) {
        return RK_OK;
    }
    rk_status status = parse_list("period", s->periods, 2, RK_PERIOD_MAX, periods, RK_FORECAST_PERIODS_MAX, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        out->period[i] = (size_t)periods[i];
        if ((double)out->period[i] < periods[i]) {
            return rk_fail(err, RK_BAD_USAGE, "--period must be whole days, got '%.100s'", s->periods);
        }
    }
    out->n_periods = n;
    return status;
}

static rk_status answer(const rk_call *call, const rk_history *history, const rk_forecast_model *model,
                        const rk_forecast_ask *ask, rk_error *err)
{
    rk_forecast forecast = {0};
    rk_status status = rk_forecast_make(model, ask, &call->run, &forecast, err);
    rk_outlook outlook = {call->words[0], history, model, ask, &forecast};
    if (!status && call->common.json) {
        rk_outlook_json(&outlook, call->out);
    } else if (!status) {
        rk_report_outlook(&outlook, (rk_table_style){.color = call->color}, call->out);
    }
    rk_forecast_release(&forecast);
    return status;
}

static rk_status run_forecast(const rk_call *call, rk_error *err)
{
    const forecast_settings *s = call->settings;
    double levels[RK_OUTLOOK_LEVELS_MAX];
    rk_forecast_ask ask = {.n_steps = s->horizon, .level = levels, .n_paths = s->paths, .never_negative = true};
    rk_forecast_options options;
    rk_history history = {0};
    rk_forecast_model *model = NULL;
    size_t *months = NULL;
    rk_status status = parse_list("level", s->levels, 0.01, 0.999, levels, RK_OUTLOOK_LEVELS_MAX, &ask.n_levels, err);
    status = status ? status : read_options(s, &options, err);
    status = status ? status : rk_history_read(call->words[0], &history, err);
    if (!status && s->by == BY_MONTH) {
        months = malloc((ask.n_steps / 28 + 2) * sizeof *months);
        ask.block_end = months;
        status = months ? RK_OK : rk_fail_memory(err, "months");
    }
    if (!status) {
        rk_series series = {history.requests, history.n_days};
        ask.n_blocks = months ? rk_months_cut(history.first_day + (int64_t)history.n_days, ask.n_steps, months) : 0;
        status = rk_forecast_fit(&series, &options, &call->run, &model, err);
    }
    status = status ? status : answer(call, &history, model, &ask, err);
    rk_forecast_model_free(model);
    rk_history_release(&history);
    free(months);
    return status;
}

const rk_command rk_command_forecast = {
    .name = "forecast",
    .summary = "requests of coming days or months, with intervals, from a history of daily requests",
    .usage = "HISTORY.csv [--horizon DAYS] [--by month|day] [--level SHARE,...]",
    .example = "reckon forecast requests.csv --horizon 90 --by month --level 0.8,0.95",
    .options = forecast_options,
    .n_options = RK_COUNT_OF(forecast_options),
    .settings_bytes = sizeof(forecast_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_forecast,
};

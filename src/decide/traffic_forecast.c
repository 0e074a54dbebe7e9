/* traffic_forecast.c - see traffic_forecast.h. */
#include "decide/traffic_forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cost/demand.h"
#include "math/rational.h"

enum {
    WEEK = 7,
    N_ORIGINS = 8,
    N_BACKTEST_PATHS = 1000,
    BLOCKS_TO_CHOOSE = 3,
    WEEKS_FOR_SHAPE = 4,
    WEEKS_OF_SHAPE = 52
};

static const struct {
    const char *name;
    unsigned trends;
} ways[] = {
    [RK_TRENDS_AUTO] = {"auto", 0},
    [RK_TRENDS_DAMPED] = {"damped", 1u << RK_TREND_NONE | 1u << RK_TREND_DAMPED},
    [RK_TRENDS_STRAIGHT] = {"straight", 1u << RK_TREND_NONE | 1u << RK_TREND_ADDITIVE},
    [RK_TRENDS_ANY] = {"any", 1u << RK_TREND_NONE | 1u << RK_TREND_ADDITIVE | 1u << RK_TREND_DAMPED},
    [RK_TRENDS_ONLY_NONE] = {"none", 1u << RK_TREND_NONE},
};

const char *rk_trends_name(rk_trends trends) { return ways[trends].name; }

typedef struct {
    const rk_plan *plan;
    const rk_traffic *traffic;
    const rk_history *history;
    const char *path;
    const rk_traffic_options *options;
    const rk_run *run;
    rk_arena *arena;
    double *usual;   /* [n_days] the history as if there were no events; NaN = missing */
    int64_t end_day; /* behind the history */
    rk_traffic_forecast *out;
} work;

static rk_forecast_options fit_options(rk_trends trends)
{
    return (rk_forecast_options){.period = {WEEK}, .n_periods = 1, .trends = ways[trends].trends};
}

static double event_factor(const rk_traffic *traffic, int64_t day)
{
    mpq_t factor;
    mpq_init(factor);
    rk_demand_events(traffic, day, factor);
    double real = rk_rational_real(factor);
    mpq_clear(factor);
    return real;
}

/* ---- the history ---- */

static rk_status check_days(const work *w, rk_error *err)
{
    char first[11], month[8];
    rk_place at = {w->path, 0, 0};
    int64_t plan_end = rk_plan_first_day(w->plan, w->plan->n_months - 1) + rk_plan_days(w->plan, w->plan->n_months - 1);
    if (rk_plan_first_day(w->plan, 0) < w->history->first_day) {
        rk_format_date(w->history->first_day, first);
        rk_plan_month(w->plan, 0, month);
        return rk_fail_at(err, at,
                          "the history begins on %s, after the plan's first month %s; begin the plan later "
                          "(--set start=...) or the history earlier",
                          first, month);
    }
    w->out->n_ahead = plan_end > w->end_day ? (size_t)(plan_end - w->end_day) : 0;
    return w->out->n_ahead <= RK_FORECAST_STEPS_MAX
               ? RK_OK
               : rk_fail_at(err, at, "the plan ends %zu days after the history, a forecast reaches %d", w->out->n_ahead,
                            RK_FORECAST_STEPS_MAX);
}

static rk_status take_events_out(work *w, rk_error *err)
{
    rk_traffic_forecast *out = w->out;
    size_t n_known = 0;
    w->usual = malloc(w->history->n_days * sizeof *w->usual);
    if (!w->usual) {
        return rk_fail_memory(err, "a history");
    }
    for (size_t d = 0; d < w->history->n_days; d++) {
        double factor = event_factor(w->traffic, w->history->first_day + (int64_t)d);
        double requests = w->history->requests[d];
        bool is_event = factor < 1 || factor > 1;
        out->n_events += is_event && !isnan(requests);
        w->usual[d] = !is_event ? requests : factor > 0 ? requests / factor : NAN;
        n_known += isnan(w->usual[d]) ? 0 : 1;
    }
    return n_known > 0 ? RK_OK
                       : rk_fail_at(err, (rk_place){w->path, 0, 0}, "every day of the history is an event of factor 0");
}

/* A usual day of the same weekday, from up to four weeks around; else any usual day. */
static double stand_in(const work *w, size_t day)
{
    double sum = 0, all = 0;
    size_t n = 0, n_all = 0;
    for (size_t d = 0; d < w->history->n_days; d++) {
        size_t apart = d > day ? d - day : day - d;
        if (isnan(w->usual[d])) {
            continue;
        }
        all += w->usual[d];
        n_all++;
        if (apart % WEEK == 0 && apart <= (size_t)4 * WEEK) {
            sum += w->usual[d];
            n++;
        }
    }
    return n > 0 ? sum / (double)n : all / (double)n_all;
}

static void count_known(work *w)
{
    for (uint32_t m = 0; m < w->plan->n_months; m++) {
        int64_t first = rk_plan_first_day(w->plan, m), end = first + rk_plan_days(w->plan, m);
        for (int64_t day = first; day < end && day < w->end_day; day++) {
            size_t d = (size_t)(day - w->history->first_day);
            double requests = w->history->requests[d];
            if (isnan(requests)) {
                requests = stand_in(w, d) * event_factor(w->traffic, day);
                w->out->n_filled++;
            }
            w->out->known[m] += requests;
        }
        w->out->point[m] = w->out->low[m] = w->out->high[m] = w->out->known[m];
    }
}

/* Means by weekday over whole weeks at the end: a trend weighs on all of them nearly alike. */
static void find_weekdays(work *w)
{
    double sum[WEEK] = {0}, all = 0;
    size_t n[WEEK] = {0}, n_weeks = w->history->n_days / WEEK;
    n_weeks = n_weeks < WEEKS_OF_SHAPE ? n_weeks : WEEKS_OF_SHAPE;
    for (size_t d = w->history->n_days - n_weeks * WEEK; d < w->history->n_days; d++) {
        unsigned weekday = rk_weekday_of_days(w->history->first_day + (int64_t)d);
        if (!isnan(w->usual[d])) {
            sum[weekday] += w->usual[d];
            n[weekday]++;
        }
    }
    w->out->has_weekdays = true;
    for (unsigned i = 0; i < WEEK; i++) {
        w->out->has_weekdays = w->out->has_weekdays && n[i] >= WEEKS_FOR_SHAPE;
        all += n[i] > 0 ? sum[i] / (double)n[i] : 0;
    }
    w->out->has_weekdays = w->out->has_weekdays && all > 0;
    for (unsigned i = 0; i < WEEK && w->out->has_weekdays; i++) {
        w->out->weekdays[i] = WEEK * sum[i] / (double)n[i] / all;
    }
}

/* ---- the way ---- */

static rk_status backtest(const work *w, rk_trends trends, double level, rk_backtest *out, rk_error *err)
{
    rk_forecast_options options = fit_options(trends);
    size_t half = w->history->n_days / 2;
    rk_backtest_ask ask = {.block = RK_TRAFFIC_BLOCK_DAYS,
                           .n_ahead = (w->out->n_ahead + RK_TRAFFIC_BLOCK_DAYS - 1) / RK_TRAFFIC_BLOCK_DAYS,
                           .n_fit_min = half > RK_TRAFFIC_BLOCK_DAYS ? half : RK_TRAFFIC_BLOCK_DAYS,
                           .n_origins = N_ORIGINS,
                           .level = level,
                           .n_paths = N_BACKTEST_PATHS};
    return rk_backtest_run(&(rk_series){w->usual, w->history->n_days}, &options, &ask, w->run, out, err);
}

static rk_status choose(work *w, rk_error *err)
{
    rk_backtest damped = {0}, straight = {0};
    rk_status status = backtest(w, RK_TRENDS_DAMPED, 0, &damped, err);
    if (status || damped.n_blocks < BLOCKS_TO_CHOOSE || isnan(damped.error)) {
        w->out->taken = RK_TRENDS_ANY;
        return status;
    }
    status = backtest(w, RK_TRENDS_STRAIGHT, 0, &straight, err);
    bool is_straight = straight.error < damped.error;
    w->out->taken = is_straight ? RK_TRENDS_STRAIGHT : RK_TRENDS_DAMPED;
    w->out->other_error = is_straight ? damped.error : straight.error;
    return status;
}

/* ---- ahead ---- */

/* The days ahead by months of the plan; days before it are a block of their own, the first. */
typedef struct {
    size_t *end;     /* [n] */
    uint32_t *month; /* [n] of the plan; UINT32_MAX = before it */
    double *weight;  /* [n_ahead] event factors */
    size_t n;
} ahead;

static bool lay_out(const work *w, ahead *a)
{
    int64_t begin = w->end_day;
    a->end = RK_TAKE(w->arena, size_t, w->plan->n_months + (size_t)1);
    a->month = RK_TAKE(w->arena, uint32_t, w->plan->n_months + (size_t)1);
    a->weight = RK_TAKE(w->arena, double, w->out->n_ahead);
    if (!a->end || !a->month || !a->weight) {
        return false;
    }
    if (begin < rk_plan_first_day(w->plan, 0)) {
        a->end[0] = (size_t)(rk_plan_first_day(w->plan, 0) - begin);
        a->month[a->n++] = UINT32_MAX;
    }
    for (uint32_t m = 0; m < w->plan->n_months; m++) {
        int64_t end = rk_plan_first_day(w->plan, m) + rk_plan_days(w->plan, m);
        if (end > begin) {
            a->end[a->n] = (size_t)(end - begin);
            a->month[a->n++] = m;
        }
    }
    for (size_t d = 0; d < w->out->n_ahead; d++) {
        a->weight[d] = event_factor(w->traffic, begin + (int64_t)d);
    }
    return true;
}

/* A deviation that nobody knows makes no interval. */
static double moved(double point, double end, double times)
{
    return isnan(end) ? point : fmax(point + times * (end - point), 0);
}

static void add_ahead(work *w, const ahead *a, const rk_foretold *blocks)
{
    double times = isnan(w->out->widened) ? 1 : w->out->widened;
    for (size_t b = 0; b < a->n; b++) {
        if (a->month[b] != UINT32_MAX) {
            uint32_t m = a->month[b];
            w->out->point[m] += blocks->value[b];
            w->out->low[m] += moved(blocks->value[b], blocks->low[b], times);
            w->out->high[m] += moved(blocks->value[b], blocks->high[b], times);
        }
    }
}

static rk_status keep_model(work *w, const rk_forecast_model *model, rk_error *err)
{
    rk_text name = {0};
    rk_forecast_model_name(model, &name);
    w->out->model = name.failed ? NULL : rk_arena_copy(w->arena, name.at, name.n);
    w->out->why = rk_arena_copy(w->arena, model->why, strlen(model->why));
    w->out->trend = model->form.trend;
    rk_text_release(&name);
    return w->out->model && w->out->why ? RK_OK : rk_fail_memory(err, "a forecast");
}

static rk_status look_ahead(work *w, rk_error *err)
{
    ahead a = {.n = 0};
    rk_forecast forecast = {0};
    rk_forecast_model *model = NULL;
    rk_forecast_options options = fit_options(w->out->taken);
    if (!lay_out(w, &a)) {
        return rk_fail_memory(err, "a forecast");
    }
    rk_forecast_ask ask = {.n_steps = w->out->n_ahead,
                           .block_end = a.end,
                           .n_blocks = a.n,
                           .weight = a.weight,
                           .level = &w->options->level,
                           .n_levels = 1,
                           .never_negative = true};
    rk_status status = rk_forecast_fit(&(rk_series){w->usual, w->history->n_days}, &options, w->run, &model, err);
    status = status ? status : rk_forecast_make(model, &ask, w->run, &forecast, err);
    status = status ? status : keep_model(w, model, err);
    if (!status) {
        add_ahead(w, &a, &forecast.block);
    }
    rk_forecast_release(&forecast);
    rk_forecast_model_free(model);
    return status;
}

static rk_status foretell(work *w, rk_error *err)
{
    rk_traffic_forecast *out = w->out;
    out->taken = w->options->trends;
    rk_status status = out->taken == RK_TRENDS_AUTO ? choose(w, err) : RK_OK;
    status = status ? status : backtest(w, out->taken, w->options->level, &out->backtest, err);
    out->widened = isnan(out->backtest.widening) ? NAN : fmax(out->backtest.widening, 1);
    return status ? status : look_ahead(w, err);
}

rk_status rk_traffic_foretell(const rk_plan *plan, uint32_t service, const rk_history *history, const char *path,
                              const rk_traffic_options *options, const rk_run *run, rk_arena *arena,
                              rk_traffic_forecast *out, rk_error *err)
{
    *out = (rk_traffic_forecast){.first_day = history->first_day,
                                 .last_day = history->first_day + (int64_t)history->n_days - 1,
                                 .n_days = history->n_days,
                                 .n_missing = history->n_missing,
                                 .other_error = NAN,
                                 .widened = NAN,
                                 .known = RK_TAKE(arena, double, plan->n_months),
                                 .point = RK_TAKE(arena, double, plan->n_months),
                                 .low = RK_TAKE(arena, double, plan->n_months),
                                 .high = RK_TAKE(arena, double, plan->n_months)};
    work w = {plan, &plan->services[service].traffic, history, path, options, run, arena, NULL, out->last_day + 1, out};
    rk_status status =
        out->known && out->point && out->low && out->high ? RK_OK : rk_fail_memory(err, "months of a forecast");
    status = status ? status : check_days(&w, err);
    status = status ? status : take_events_out(&w, err);
    if (!status) {
        count_known(&w);
        find_weekdays(&w);
        status = out->n_ahead > 0 ? foretell(&w, err) : RK_OK;
    }
    free(w.usual);
    return status;
}

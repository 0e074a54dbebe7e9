/* forecast_fit.c - which form a series gets.
 *
 * Every form that the values allow is fitted (in parallel, each into its own place) and the least AICc wins; equal ones
 * go to the earlier row. Never chosen: additive errors with a multiplicative season, whose variance has no bound.
 * What cannot be fitted honestly is not: see be_simple.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/ets_fit.h"
#include "forecast/forecast.h"

static const double size_max = 1e100; /* so that squares and sums have room */
enum { FORMS_MAX = 2 * 3 * (1 + 2 * RK_FORECAST_PERIODS_MAX) };

typedef struct {
    const rk_series *series;
    const rk_forecast_options *options;
    const double *known; /* [n] from the first value on */
    size_t n, n_known;
    double scale, least; /* mean size of the values; the smallest */
    bool is_even;        /* all the same */
    rk_ets_form form[FORMS_MAX];
    rk_ets_fit fit[FORMS_MAX];
    double *room[FORMS_MAX];
    size_t n_forms;
    double *scaled, *rooms; /* [n]; of all forms */
} choice;

static rk_status look_over(choice *c, rk_error *err)
{
    const rk_series *s = c->series;
    size_t first = 0;
    double largest = -INFINITY;
    c->least = INFINITY;
    for (size_t t = 0; t < s->n; t++) {
        if (fabs(s->value[t]) > size_max) {
            return rk_fail(err, RK_BAD_INPUT, "value %zu of the series, %g, is too large", t + 1, s->value[t]);
        }
        if (!isnan(s->value[t])) {
            first = c->n_known == 0 ? t : first;
            c->n_known++;
            c->scale += fabs(s->value[t]);
            c->least = fmin(c->least, s->value[t]);
            largest = fmax(largest, s->value[t]);
        }
    }
    if (c->n_known == 0) {
        return rk_fail(err, RK_BAD_INPUT, "the series has no value");
    }
    c->scale = c->scale > 0 ? c->scale / (double)c->n_known : 1;
    c->known = s->value + first;
    c->n = s->n - first;
    c->is_even = largest <= c->least;
    return RK_OK;
}

/* ---- what is too short or too even ---- */

static double mean_square_of_differences(const choice *c, size_t lag, size_t *n_differences)
{
    double sum = 0;
    *n_differences = 0;
    for (size_t t = lag; t < c->n; t++) {
        double difference = c->known[t] - c->known[t - lag];
        if (!isnan(difference)) {
            sum += difference * difference;
            ++*n_differences;
        }
    }
    return *n_differences > 0 ? sum / (double)*n_differences : NAN;
}

/* The mean, or the last value where all are the same. */
static void be_level(const choice *c, rk_forecast_model *out)
{
    double mean = 0, squares = 0, n = (double)c->n_known;
    for (size_t t = 0; t < c->n; t++) {
        mean += isnan(c->known[t]) ? 0 : c->known[t] / n;
    }
    for (size_t t = 0; t < c->n; t++) {
        squares += isnan(c->known[t]) ? 0 : (c->known[t] - mean) * (c->known[t] - mean);
    }
    out->kind = c->is_even ? RK_FORECAST_NAIVE : RK_FORECAST_MEAN;
    out->form = (rk_ets_form){.period = 1};
    out->state = (rk_ets_state){.alpha = c->is_even, .phi = 1, .level = c->is_even ? c->least : mean};
    /* The mean is itself off by deviation / root of n. */
    out->deviation = c->n_known < 2 ? NAN : c->is_even ? 0 : sqrt(squares / (n - 1) * (1 + 1 / n));
    out->freedom = c->n_known - 1;
    snprintf(out->why, sizeof out->why, "%s",
             c->n_known == 1 ? "one value only"
             : c->is_even    ? "all values are equal"
                             : "too few values for a model");
}

/* The last known value of every place of the season; false where a place has none. */
static bool find_last_season(const choice *c, size_t period, double *season)
{
    for (size_t place = 0; place < period; place++) {
        season[place] = NAN;
        for (size_t t = place; t < c->n; t += period) {
            season[place] = isnan(c->known[t]) ? season[place] : c->known[t];
        }
        if (isnan(season[place])) {
            return false;
        }
    }
    return true;
}

static rk_status be_seasonal(const choice *c, size_t period, double mean_square, size_t n_differences,
                             rk_forecast_model *out, rk_error *err)
{
    double *season = malloc(period * sizeof *season);
    if (!season) {
        return rk_fail_memory(err, "a season");
    }
    if (!find_last_season(c, period, season)) {
        free(season);
        return RK_OK;
    }
    out->kind = RK_FORECAST_SEASONAL_NAIVE;
    out->form = (rk_ets_form){.season = RK_SEASON_ADDITIVE, .period = period};
    out->state = (rk_ets_state){.gamma = 1, .phi = 1, .season = season, .phase = c->n % period};
    out->deviation = sqrt(mean_square);
    out->freedom = n_differences;
    snprintf(out->why, sizeof out->why, "less than two seasons of %zu, and the last season repeats", period);
    return RK_OK;
}

/* Leaves out->kind at RK_FORECAST_ETS unless the series has fewer values than any form needs, equal ones, or a season
 * seen less than twice whose values are half as far (in the mean square) from those a season before as from those a
 * step before. */
static rk_status be_simple(const choice *c, rk_forecast_model *out, rk_error *err)
{
    const rk_ets_form level = {.period = 1};
    rk_status status = RK_OK;
    if (c->is_even || c->n_known < rk_ets_values_min(&level)) {
        be_level(c, out);
        return RK_OK;
    }
    size_t n_steps, n_seasons;
    double by_step = mean_square_of_differences(c, 1, &n_steps);
    for (size_t i = 0; !status && out->kind == RK_FORECAST_ETS && i < c->options->n_periods; i++) {
        size_t period = c->options->period[i];
        double by_season = mean_square_of_differences(c, period, &n_seasons);
        if (c->n_known < 2 * period && n_seasons >= 3 && by_season < by_step / 2) {
            status = be_seasonal(c, period, by_season, n_seasons, out, err);
        }
    }
    return status;
}

/* ---- forms ---- */

static bool is_allowed(const choice *c, const rk_ets_form *form)
{
    bool needs_positive = form->error == RK_ERROR_MULTIPLICATIVE || form->season == RK_SEASON_MULTIPLICATIVE;
    return (!needs_positive || c->least > 0) && c->n_known >= rk_ets_values_min(form);
}

static void offer(choice *c, rk_ets_form form)
{
    unsigned trends = c->options->trends ? c->options->trends : 1u << RK_TREND_NONE | 1u << RK_TREND_DAMPED;
    bool is_unbounded = form.error == RK_ERROR_ADDITIVE && form.season == RK_SEASON_MULTIPLICATIVE;
    if (trends >> form.trend & 1 && !is_unbounded && is_allowed(c, &form)) {
        c->form[c->n_forms++] = form;
    }
}

static void list_forms(choice *c)
{
    for (int error = RK_ERROR_ADDITIVE; error <= RK_ERROR_MULTIPLICATIVE; error++) {
        for (int trend = RK_TREND_NONE; trend <= RK_TREND_DAMPED; trend++) {
            rk_ets_form form = {(rk_ets_error)error, (rk_ets_trend)trend, RK_SEASON_NONE, 1};
            offer(c, form);
            for (size_t i = 0; i < c->options->n_periods; i++) {
                form.period = c->options->period[i];
                form.season = RK_SEASON_ADDITIVE;
                offer(c, form);
                form.season = RK_SEASON_MULTIPLICATIVE;
                offer(c, form);
            }
        }
    }
}

static rk_status name_form(choice *c, rk_error *err)
{
    const rk_ets_form *form = c->options->form;
    if (is_allowed(c, form)) {
        c->form[c->n_forms++] = *form;
        return RK_OK;
    }
    rk_text name = {0};
    rk_ets_name(*form, &name);
    rk_status status =
        c->n_known < rk_ets_values_min(form)
            ? rk_fail(err, RK_BAD_INPUT, "%s needs %zu values, the series has %zu", name.at, rk_ets_values_min(form),
                      c->n_known)
            : rk_fail(err, RK_BAD_INPUT, "%s needs values above 0, the series has %g", name.at, c->least);
    rk_text_release(&name);
    return status;
}

static void fit_chunk(void *context, rk_span span)
{
    choice *c = context;
    rk_ets_history history = {c->scaled, c->n, c->n_known};
    for (size_t i = span.begin; i < span.end; i++) {
        rk_ets_fit_form(&c->form[i], &history, c->room[i], &c->fit[i]);
    }
}

static rk_status fit_forms(choice *c, const rk_run *run, rk_error *err)
{
    size_t n_doubles = 0;
    for (size_t i = 0; i < c->n_forms; i++) {
        n_doubles += rk_ets_room(&c->form[i], c->n);
    }
    c->scaled = malloc(c->n * sizeof *c->scaled);
    c->rooms = malloc(n_doubles * sizeof *c->rooms);
    if (!c->scaled || !c->rooms) {
        return rk_fail_memory(err, "room to fit forecasts");
    }
    for (size_t t = 0; t < c->n; t++) {
        c->scaled[t] = c->known[t] / c->scale;
    }
    double *room = c->rooms;
    for (size_t i = 0; i < c->n_forms; i++) {
        c->room[i] = room;
        room += rk_ets_room(&c->form[i], c->n);
    }
    rk_parallel_for(run->pool, c->n_forms, 1, fit_chunk, c);
    return RK_OK;
}

/* Back to the size of the values. */
static rk_status take_form(const choice *c, size_t best, rk_forecast_model *out, rk_error *err)
{
    const rk_ets_fit *fit = &c->fit[best];
    const rk_ets_form *form = &c->form[best];
    out->form = *form;
    out->state = fit->state;
    out->state.level *= c->scale;
    out->state.trend *= c->scale;
    out->state.season = NULL;
    if (form->season != RK_SEASON_NONE) {
        out->state.season = malloc(form->period * sizeof *out->state.season);
        if (!out->state.season) {
            return rk_fail_memory(err, "a season");
        }
        for (size_t i = 0; i < form->period; i++) {
            out->state.season[i] = fit->state.season[i] * (form->season == RK_SEASON_ADDITIVE ? c->scale : 1);
        }
    }
    out->freedom = c->n_known + 1 - fit->n_parameters; /* the variance is no parameter of itself */
    out->deviation = sqrt(fit->squares / (double)out->freedom) * (form->error == RK_ERROR_ADDITIVE ? c->scale : 1);
    out->aicc = fit->aicc;
    if (c->options->form) {
        snprintf(out->why, sizeof out->why, "as asked");
    } else {
        snprintf(out->why, sizeof out->why, "least AICc of %zu forms", c->n_forms);
    }
    return RK_OK;
}

static rk_status choose(choice *c, const rk_run *run, rk_forecast_model *out, rk_error *err)
{
    rk_status status = RK_OK;
    if (c->options->form) {
        status = name_form(c, err);
    } else {
        list_forms(c);
    }
    status = status ? status : fit_forms(c, run, err);
    size_t best = 0;
    for (size_t i = 1; !status && i < c->n_forms; i++) {
        best = c->fit[i].aicc < c->fit[best].aicc ? i : best;
    }
    if (!status && !isfinite(c->fit[best].aicc)) {
        status = rk_fail(err, RK_BAD_INPUT, "the series allows no fit of that form");
    }
    return status ? status : take_form(c, best, out, err);
}

rk_status rk_forecast_fit(const rk_series *series, const rk_forecast_options *options, const rk_run *run,
                          rk_forecast_model **out, rk_error *err)
{
    assert(options->n_periods <= RK_FORECAST_PERIODS_MAX);
    choice *c = calloc(1, sizeof *c);
    rk_forecast_model *model = calloc(1, sizeof *model);
    rk_status status = c && model ? RK_OK : rk_fail_memory(err, "a forecast");
    if (!status) {
        c->series = series;
        c->options = options;
        model->aicc = NAN;
        status = look_over(c, err);
    }
    if (!status && !options->form) {
        status = be_simple(c, model, err);
    }
    if (!status && model->kind == RK_FORECAST_ETS) {
        status = choose(c, run, model, err);
    }
    if (!status) {
        model->n_known = c->n_known;
        model->n_missing = c->n - c->n_known;
        model->n_tried = c->n_forms;
        *out = model;
        model = NULL;
    }
    rk_forecast_model_free(model);
    if (c) {
        free(c->scaled);
        free(c->rooms);
        free(c);
    }
    return status;
}

void rk_forecast_model_free(rk_forecast_model *model)
{
    if (model) {
        free(model->state.season);
        free(model);
    }
}

void rk_forecast_model_name(const rk_forecast_model *model, rk_text *out)
{
    switch (model->kind) {
    case RK_FORECAST_ETS:
        rk_ets_name(model->form, out);
        break;
    case RK_FORECAST_SEASONAL_NAIVE:
        rk_text_addf(out, "seasonal naive [%zu]", model->form.period);
        break;
    case RK_FORECAST_NAIVE:
        rk_text_add(out, "naive");
        break;
    case RK_FORECAST_MEAN:
        rk_text_add(out, "mean");
        break;
    }
}

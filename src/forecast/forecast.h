/* forecast.h - what comes next in a series, how far it may be off, and what blocks of steps add up to.
 *
 *     rk_forecast_fit(&series, &(rk_forecast_options){.period = {7}, .n_periods = 1}, &run, &model, err);
 *     rk_forecast_make(model, &(rk_forecast_ask){.n_steps = 90, .level = levels, .n_levels = 2}, &run, &f, err);
 *     ... f.step.value[h], f.step.low[h], f.step.low[f.step.n + h] ...      h steps beyond the next, level by level
 *     rk_forecast_release(&f); rk_forecast_model_free(model);
 *
 * The same seed gives the same bits for any number of threads.
 */
#ifndef RECKON_FORECAST_FORECAST_H
#define RECKON_FORECAST_FORECAST_H

#include "base/run.h"
#include "forecast/ets.h"

enum { RK_FORECAST_PERIODS_MAX = 4, RK_FORECAST_STEPS_MAX = 10000, RK_FORECAST_PATHS_MAX = 100000 };

/* Values at equal distances, oldest first; NaN = missing. */
typedef struct {
    const double *value; /* [n], borrowed */
    size_t n;
} rk_series;

/* Zeroed: no season; no trend or a damped one; the form with the least AICc. */
typedef struct {
    size_t period[RK_FORECAST_PERIODS_MAX]; /* candidates, each 2 .. RK_PERIOD_MAX steps */
    size_t n_periods;
    unsigned trends;         /* set of 1 << rk_ets_trend that may be chosen; 0 = none and damped */
    const rk_ets_form *form; /* this one and no other; borrowed; NULL = choose */
} rk_forecast_options;

/* What a series is too short or too even for is foretold by something simpler. */
typedef enum { RK_FORECAST_ETS, RK_FORECAST_SEASONAL_NAIVE, RK_FORECAST_NAIVE, RK_FORECAST_MEAN } rk_forecast_kind;

typedef struct {
    rk_forecast_kind kind;
    rk_ets_form form;   /* the simpler ones are forms too, with weights of 0 and 1 */
    rk_ets_state state; /* after the last value; season owned */
    double deviation;   /* standard deviation of a one-step error, as a share of the foreseen value where errors are
                         * multiplicative; NaN = one value says nothing about it */
    size_t freedom;     /* degrees of it: values less what was fitted to them */
    double aicc;        /* NaN unless ETS */
    size_t n_known, n_missing, n_tried; /* values, gaps behind the first value, forms fitted */
    char why[160];                      /* this kind and form: a clause without full stop */
} rk_forecast_model;

/* RK_BAD_INPUT: no value at all, one beyond 1e100, or a given form that the values do not allow. */
RK_MUST_CHECK rk_status rk_forecast_fit(const rk_series *series, const rk_forecast_options *options, const rk_run *run,
                                        rk_forecast_model **out, rk_error *err);
void rk_forecast_model_free(rk_forecast_model *model); /* accepts NULL */
/* "ETS(M,Ad,A)[7]", "seasonal naive [7]", "naive", "mean" */
void rk_forecast_model_name(const rk_forecast_model *model, rk_text *out);

typedef struct {
    size_t n_steps;          /* 1 .. RK_FORECAST_STEPS_MAX */
    const size_t *block_end; /* [n_blocks] ascending: block b is the steps block_end[b - 1] (0 for the first) up to and
                              * without block_end[b]; none beyond n_steps */
    size_t n_blocks;
    const double *weight; /* [n_steps] how often a step counts in its block; NULL = once */
    const double *level; /* [n_levels] shares that the intervals should hold, inside 0..1 */
    size_t n_levels;
    size_t n_paths;      /* simulated where there is no formula; 0 = 5,000; at most RK_FORECAST_PATHS_MAX */
    bool never_negative; /* counts: nothing is foretold below 0 */
} rk_forecast_ask;

/* Of every step, or the sum of every block. */
typedef struct {
    size_t n;
    double *value;      /* [n] */
    double *low, *high; /* [n_levels x n] */
    bool is_simulated;  /* the intervals; else by formula */
} rk_foretold;

typedef struct {
    rk_foretold step, block;
    double *memory; /* owns what they point to */
} rk_forecast;

RK_MUST_CHECK rk_status rk_forecast_make(const rk_forecast_model *model, const rk_forecast_ask *ask, const rk_run *run,
                                         rk_forecast *out, rk_error *err);
void rk_forecast_release(rk_forecast *forecast); /* accepts a zeroed one */

#endif

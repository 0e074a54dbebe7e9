/* backtest.c - see backtest.h.
 *
 * The widening is split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018) with the interval's own reach
 * as the scale: a block's score is how many reaches it lies from its point, and the level's place among n scores is the
 * ceil((n + 1) level)-th. Its guarantee wants exchangeable blocks, which these are only roughly.
 */
#include "forecast/backtest.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "math/sorted.h"

typedef struct {
    const rk_series *series;
    const rk_forecast_options *options;
    const rk_backtest_ask *ask;
    const rk_run *run;
    size_t *block_end; /* [n_ahead] */
    double *weight;    /* [n_ahead x block] 1 = known */
    double *score;     /* [n_blocks] */
    double errors;     /* sum of relative ones */
    size_t n_errors;
    rk_backtest result;
} work;

static size_t blocks_ahead(const work *w, size_t origin)
{
    size_t n = (w->series->n - origin) / w->ask->block;
    return n < w->ask->n_ahead ? n : w->ask->n_ahead;
}

/* Of the steps begin .. begin + block - 1 those known: their sum, and how many. */
static double sum_known(const work *w, size_t begin, size_t *n_known)
{
    double sum = 0;
    *n_known = 0;
    for (size_t t = begin; t < begin + w->ask->block; t++) {
        if (!isnan(w->series->value[t])) {
            sum += w->series->value[t];
            ++*n_known;
        }
    }
    return sum;
}

static void compare(work *w, size_t origin, const rk_foretold *blocks)
{
    for (size_t b = 0; b < blocks->n; b++) {
        size_t n_known = 0;
        double actual = sum_known(w, origin + b * w->ask->block, &n_known), off = actual - blocks->value[b];
        if (2 * n_known < w->ask->block) {
            continue;
        }
        if (actual > 0) {
            w->errors += fabs(off) / actual;
            w->n_errors++;
        }
        if (w->ask->level > 0) {
            double reach = off < 0 ? blocks->value[b] - blocks->low[b] : blocks->high[b] - blocks->value[b];
            double score = fabs(off) > 0 ? fabs(off) / reach : 0;
            w->score[w->result.n_blocks] = isnan(score) ? INFINITY : score;
            w->result.n_inside += score <= 1;
        }
        w->result.n_blocks++;
    }
}

static rk_status try_origin(work *w, size_t origin, rk_error *err)
{
    rk_forecast forecast = {0};
    rk_forecast_model *model = NULL;
    rk_series past = {w->series->value, origin};
    size_t n = blocks_ahead(w, origin), n_steps = n * w->ask->block;
    for (size_t t = 0; t < n_steps; t++) {
        w->weight[t] = isnan(w->series->value[origin + t]) ? 0 : 1;
    }
    rk_forecast_ask ask = {.n_steps = n_steps,
                           .block_end = w->block_end,
                           .n_blocks = n,
                           .weight = w->weight,
                           .level = &w->ask->level,
                           .n_levels = w->ask->level > 0 ? 1 : 0,
                           .n_paths = w->ask->n_paths,
                           .never_negative = true};
    rk_status status = rk_forecast_fit(&past, w->options, w->run, &model, err);
    status = status ? status : rk_forecast_make(model, &ask, w->run, &forecast, err);
    if (!status) {
        compare(w, origin, &forecast.block);
        w->result.n_origins++;
    }
    rk_forecast_release(&forecast);
    rk_forecast_model_free(model);
    return status;
}

static double find_widening(double *score, size_t n, double level)
{
    size_t rank = (size_t)ceil((double)(n + 1) * level - 1e-9);
    if (rank == 0 || rank > n) {
        return NAN;
    }
    rk_sort_reals(score, n);
    return isfinite(score[rank - 1]) ? score[rank - 1] : NAN;
}

/* Whether a step before the origin is known, so that there is something to fit. */
static bool has_past(const work *w, size_t origin)
{
    size_t t = 0;
    while (t < origin && isnan(w->series->value[t])) {
        t++;
    }
    return t < origin;
}

static rk_status try_origins(work *w, rk_error *err)
{
    rk_status status = RK_OK;
    size_t n = w->series->n;
    for (size_t k = 1; k <= w->ask->n_origins && !status; k++) {
        if (n < k * w->ask->block + w->ask->n_fit_min || !has_past(w, n - k * w->ask->block)) {
            break;
        }
        status = try_origin(w, n - k * w->ask->block, err);
        rk_progress(w->run, "trying the forecast on the past", "starts", k, w->ask->n_origins);
    }
    return status;
}

rk_status rk_backtest_run(const rk_series *series, const rk_forecast_options *options, const rk_backtest_ask *ask,
                          const rk_run *run, rk_backtest *out, rk_error *err)
{
    assert(ask->block >= 1 && ask->n_origins <= RK_BACKTEST_ORIGINS_MAX);
    work w = {.series = series, .options = options, .ask = ask, .run = run};
    size_t n_ahead = ask->n_ahead < ask->n_origins ? ask->n_ahead : ask->n_origins;
    w.block_end = calloc(n_ahead + 1, sizeof *w.block_end);
    w.weight = calloc(n_ahead * ask->block + 1, sizeof *w.weight);
    w.score = calloc(n_ahead * ask->n_origins + 1, sizeof *w.score);
    rk_status status = w.block_end && w.weight && w.score ? RK_OK : rk_fail_memory(err, "a forecast tried on the past");
    for (size_t b = 0; b < n_ahead && !status; b++) {
        w.block_end[b] = (b + 1) * ask->block;
    }
    status = status || n_ahead == 0 ? status : try_origins(&w, err);
    if (!status) {
        w.result.error = w.n_errors > 0 ? w.errors / (double)w.n_errors : NAN;
        w.result.widening = ask->level > 0 ? find_widening(w.score, w.result.n_blocks, ask->level) : NAN;
        *out = w.result;
    }
    free(w.block_end);
    free(w.weight);
    free(w.score);
    return status;
}

/* forecast_make.c - points, intervals and sums.
 *
 * Points: the recursion without errors. Intervals of linear forms: an error at step i moves the value j steps on by
 * echo(j), so a value's variance is deviation^2 (1 + sum of echo^2), and a block's deviation^2 x the sum over i of the
 * square of what error i does to the whole block. All others, sums with weights, and sums of values that must not be
 * negative: the quantiles of simulated paths. As the deviation is itself an estimate, errors have Student's distribution: a path has
 * a deviation of its own. Path p draws from random stream p of the seed, so the thread that runs it does not matter.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecast/forecast.h"
#include "math/beta.h"
#include "math/random.h"
#include "math/sorted.h"

enum { PATHS_DEFAULT = 5000, PATHS_PER_CHUNK = 64 };
static const uint64_t path_stream = UINT64_C(0xf0ca57) << 32; /* apart from other uses of the seed */

typedef struct {
    const rk_forecast_model *model;
    const rk_forecast_ask *ask;
    uint64_t seed;
    size_t n_paths;
    rk_foretold *step, *block; /* those with is_simulated are wanted */
    double *path;              /* [columns x n_paths]: steps, then blocks */
    double *room;              /* [workers x (n_steps + period)] */
} paths;

static rk_ets_state copy_state(const rk_forecast_model *model, double *season)
{
    rk_ets_state state = model->state;
    if (state.season) {
        memcpy(season, state.season, model->form.period * sizeof *season);
        state.season = season;
    }
    return state;
}

/* out: [n_blocks] sums of value[n_steps]. */
static void add_blocks(const rk_forecast_ask *ask, const double *value, double *out)
{
    size_t t = 0;
    for (size_t b = 0; b < ask->n_blocks; b++) {
        out[b] = 0;
        for (; t < ask->block_end[b]; t++) {
            out[b] += ask->weight ? ask->weight[t] * value[t] : value[t];
        }
    }
}

static void find_points(const rk_forecast_model *model, const rk_forecast_ask *ask, double *season, rk_forecast *out)
{
    rk_ets_state state = copy_state(model, season);
    for (size_t h = 0; h < ask->n_steps; h++) {
        double value = rk_ets_foresee(&model->form, &state);
        out->step.value[h] = ask->never_negative ? fmax(value, 0) : value;
        rk_ets_step(&model->form, &state, 0);
    }
    add_blocks(ask, out->step.value, out->block.value);
}

/* ---- by formula ---- */

/* error: the standard deviation of what is foretold, from the one estimated for a step. */
static void put_interval(const rk_forecast_model *model, const rk_forecast_ask *ask, rk_foretold *of, size_t i,
                         double error)
{
    for (size_t l = 0; l < ask->n_levels; l++) {
        double reach = error > 0 ? error * rk_student_quantile((double)model->freedom, (1 + ask->level[l]) / 2) : error;
        double low = of->value[i] - reach, high = of->value[i] + reach;
        of->low[l * of->n + i] = ask->never_negative && low < 0 ? 0 : low;
        of->high[l * of->n + i] = ask->never_negative && high < 0 ? 0 : high;
    }
}

/* effect: [n_steps + 1], effect[j] = what an error does to the j values from its own on, summed. */
static void find_effects(const rk_forecast_model *model, size_t n_steps, double *effect)
{
    effect[0] = 0;
    for (size_t j = 0; j < n_steps; j++) {
        effect[j + 1] = effect[j] + (j == 0 ? 1 : rk_ets_echo(&model->form, &model->state, j));
    }
}

static void find_step_intervals(const rk_forecast_model *model, const rk_forecast_ask *ask, rk_foretold *step)
{
    double squares = 1;
    for (size_t h = 0; h < ask->n_steps; h++) {
        if (h > 0) {
            double echo = rk_ets_echo(&model->form, &model->state, h);
            squares += echo * echo;
        }
        put_interval(model, ask, step, h, model->deviation * sqrt(squares));
    }
}

static void find_block_intervals(const rk_forecast_model *model, const rk_forecast_ask *ask, const double *effect,
                                 rk_foretold *block)
{
    size_t begin = 0;
    for (size_t b = 0; b < ask->n_blocks; b++) {
        size_t end = ask->block_end[b];
        double squares = 0;
        for (size_t i = 0; i < end; i++) {
            double moved = effect[end - i] - (i < begin ? effect[begin - i] : 0);
            squares += moved * moved;
        }
        put_interval(model, ask, block, b, model->deviation * sqrt(squares));
        begin = end;
    }
}

/* ---- by paths ---- */

/* What the estimated deviation is multiplied by to be, perhaps, the true one: root of freedom / chi-squared, which is
 * minus twice the logarithm of a product of freedom / 2 uniform numbers, and the square of a normal one when odd. */
static double draw_doubt(rk_random *random, size_t freedom)
{
    double chi_squared = 0, product = 1;
    for (size_t k = 0; k + 2 <= freedom; k += 2) {
        product *= 1 - rk_random_uniform(random); /* never 0 */
        if (product < 1e-200) {
            chi_squared -= 2 * log(product);
            product = 1;
        }
    }
    chi_squared -= 2 * log(product);
    if (freedom % 2 == 1) {
        double z = rk_random_normal(random);
        chi_squared += z * z;
    }
    return sqrt((double)freedom / chi_squared);
}

/* A multiplicative form is one of positive values: a path stays at 0 or above, and where nothing is foreseen, nothing
 * comes. */
static double draw_value(const rk_forecast_model *model, rk_ets_state *state, double error)
{
    const rk_ets_form *form = &model->form;
    bool is_relative = form->error == RK_ERROR_MULTIPLICATIVE;
    bool is_positive = is_relative || form->season == RK_SEASON_MULTIPLICATIVE;
    double foreseen = rk_ets_foresee(form, state), value = foreseen + (is_relative ? foreseen * error : error);
    if (is_positive && !(foreseen > 0)) {
        rk_ets_step(form, state, 0);
        return 0;
    }
    value = is_positive ? fmax(value, 0) : value;
    rk_ets_step(form, state, value - foreseen);
    return value;
}

static void draw_chunk(void *context, rk_span span)
{
    const paths *w = context;
    const rk_forecast_ask *ask = w->ask;
    double *value = w->room + span.worker * (ask->n_steps + w->model->form.period + ask->n_blocks);
    double *season = value + ask->n_steps, *sum = season + w->model->form.period;
    for (size_t p = span.begin; p < span.end; p++) {
        rk_random random = rk_random_of(w->seed, path_stream + p);
        rk_ets_state state = copy_state(w->model, season);
        double deviation = w->model->deviation * draw_doubt(&random, w->model->freedom);
        for (size_t h = 0; h < ask->n_steps; h++) {
            double drawn = draw_value(w->model, &state, deviation * rk_random_normal(&random));
            value[h] = ask->never_negative ? fmax(drawn, 0) : drawn;
        }
        double *column = w->path;
        for (size_t h = 0; w->step->is_simulated && h < ask->n_steps; h++, column += w->n_paths) {
            column[p] = value[h];
        }
        add_blocks(ask, value, sum);
        for (size_t b = 0; w->block->is_simulated && b < ask->n_blocks; b++, column += w->n_paths) {
            column[p] = sum[b];
        }
    }
}

static void rank_chunk(void *context, rk_span span)
{
    const paths *w = context;
    size_t n_steps = w->step->is_simulated ? w->step->n : 0;
    for (size_t c = span.begin; c < span.end; c++) {
        double *column = w->path + c * w->n_paths;
        rk_foretold *of = c < n_steps ? w->step : w->block;
        size_t i = c < n_steps ? c : c - n_steps;
        rk_sort_reals(column, w->n_paths);
        for (size_t l = 0; l < w->ask->n_levels; l++) {
            double outside = (1 - w->ask->level[l]) / 2;
            of->low[l * of->n + i] = rk_sorted_quantile(column, w->n_paths, outside);
            of->high[l * of->n + i] = rk_sorted_quantile(column, w->n_paths, 1 - outside);
        }
    }
}

static rk_status simulate(const rk_forecast_model *model, const rk_forecast_ask *ask, const rk_run *run,
                          rk_forecast *out, rk_error *err)
{
    paths w = {model, ask, run->seed, ask->n_paths ? ask->n_paths : PATHS_DEFAULT, &out->step, &out->block, NULL, NULL};
    size_t n_columns = (out->step.is_simulated ? ask->n_steps : 0) + (out->block.is_simulated ? ask->n_blocks : 0);
    if (n_columns == 0) {
        return RK_OK;
    }
    size_t room = ask->n_steps + model->form.period + ask->n_blocks;
    w.path = malloc(n_columns * w.n_paths * sizeof *w.path);
    w.room = malloc(rk_pool_threads(run->pool) * room * sizeof *w.room);
    rk_status status = w.path && w.room ? RK_OK : rk_fail_memory(err, "paths of a forecast");
    if (!status) {
        rk_parallel_for(run->pool, w.n_paths, PATHS_PER_CHUNK, draw_chunk, &w);
        rk_parallel_for(run->pool, n_columns, 1, rank_chunk, &w);
    }
    free(w.path);
    free(w.room);
    return status;
}

/* Room for values and intervals of n things; returns what is left. */
static double *lay_out(rk_foretold *of, size_t n, size_t n_levels, double *memory)
{
    of->n = n;
    of->value = memory;
    of->low = memory + n;
    of->high = of->low + n * n_levels;
    return of->high + n * n_levels;
}

rk_status rk_forecast_make(const rk_forecast_model *model, const rk_forecast_ask *ask, const rk_run *run,
                           rk_forecast *out, rk_error *err)
{
    assert(ask->n_steps >= 1 && ask->n_steps <= RK_FORECAST_STEPS_MAX && ask->n_paths <= RK_FORECAST_PATHS_MAX);
    assert(ask->n_blocks == 0 || ask->block_end[ask->n_blocks - 1] <= ask->n_steps);
    size_t n_figures = (ask->n_steps + ask->n_blocks) * (1 + 2 * ask->n_levels);
    size_t n_scratch = ask->n_steps + 1 + model->form.period;
    rk_forecast f = {.memory = malloc((n_figures + n_scratch) * sizeof *f.memory)};
    if (!f.memory) {
        return rk_fail_memory(err, "a forecast");
    }
    double *rest = lay_out(&f.step, ask->n_steps, ask->n_levels, f.memory);
    double *effect = lay_out(&f.block, ask->n_blocks, ask->n_levels, rest), *season = effect + ask->n_steps + 1;
    bool is_known = !isnan(model->deviation), is_linear = rk_ets_is_linear(&model->form);
    find_points(model, ask, season, &f);
    bool is_wanted = ask->n_levels > 0;
    f.step.is_simulated = is_wanted && is_known && !is_linear;
    f.block.is_simulated = is_wanted && is_known && (!is_linear || ask->never_negative || ask->weight);
    if (is_wanted && !f.step.is_simulated) {
        find_step_intervals(model, ask, &f.step);
    }
    if (is_wanted && !f.block.is_simulated) {
        find_effects(model, ask->n_steps, effect);
        find_block_intervals(model, ask, effect, &f.block);
    }
    rk_status status = simulate(model, ask, run, &f, err);
    if (status) {
        rk_forecast_release(&f);
        return status;
    }
    *out = f;
    return RK_OK;
}

void rk_forecast_release(rk_forecast *forecast)
{
    free(forecast->memory);
    *forecast = (rk_forecast){0};
}

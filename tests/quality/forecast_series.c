/* forecast_series.c - what forecasts reach on many series: read from standard input, one a line,
 *
 *     PERIODS HORIZON VALUE VALUE ...      PERIODS "12", "24,168" or "1"; the last HORIZON values are the test
 *
 * prints "METRIC VALUE" lines: sMAPE over all test values, as M3 took it; MASE as the mean over series; the share of
 * test values inside the 80 and 95 % intervals, and of the series whose sum of test values is inside its own. Series
 * are foretold in parallel. Seconds go to standard error.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/vec.h"
#include "forecast/accuracy.h"
#include "forecast/forecast.h"

typedef struct {
    rk_forecast_options options;
    size_t n_steps, first, n; /* values of all series: first .. first + n - 1, history before test */
    double smape, mase, coverage[2], total_coverage[2];
} task;

typedef struct {
    rk_vec tasks, values;
} work;

static rk_status read_line(char *line, work *w, rk_error *err)
{
    task t = {.first = w->values.n};
    char *at = line, *end;
    do {
        size_t period = strtoul(at, &end, 10);
        if (period > 1 && t.options.n_periods < RK_FORECAST_PERIODS_MAX) {
            t.options.period[t.options.n_periods++] = period;
        }
        at = end + 1;
    } while (*end == ',');
    t.n_steps = strtoul(at, &end, 10);
    for (at = end; *at == ' '; at = end) {
        double value = strtod(at, &end);
        if (!rk_vec_push(&w->values, &value)) {
            return rk_fail_memory(err, "values");
        }
    }
    t.n = w->values.n - t.first;
    if (t.n_steps < 1 || t.n <= t.n_steps || *at != '\n') {
        return rk_fail(err, RK_BAD_INPUT, "line %zu is no series", w->tasks.n + 1);
    }
    return rk_vec_push(&w->tasks, &t) ? RK_OK : rk_fail_memory(err, "series");
}

static rk_status foretell(task *t, const double *value, rk_error *err)
{
    static const double levels[] = {0.8, 0.95};
    const rk_run run = {.seed = 1};
    const rk_forecast_ask ask = {
        .n_steps = t->n_steps, .block_end = &t->n_steps, .n_blocks = 1, .level = levels, .n_levels = 2};
    size_t n = t->n - t->n_steps, season = t->options.n_periods > 0 ? t->options.period[0] : 1;
    rk_series series = {value, n};
    rk_forecast_model *model = NULL;
    rk_forecast f = {0};
    rk_status status = rk_forecast_fit(&series, &t->options, &run, &model, err);
    status = status ? status : rk_forecast_make(model, &ask, &run, &f, err);
    if (!status) {
        const double *actual = value + n;
        t->smape = rk_accuracy_smape(actual, f.step.value, t->n_steps);
        t->mase = rk_accuracy_mase(actual, f.step.value, t->n_steps, rk_accuracy_scale(value, n, season));
        double total = 0;
        for (size_t h = 0; h < t->n_steps; h++) {
            total += actual[h];
        }
        for (size_t l = 0; l < 2; l++) {
            size_t at = l * t->n_steps;
            t->coverage[l] = rk_accuracy_coverage(actual, f.step.low + at, f.step.high + at, t->n_steps);
            t->total_coverage[l] = rk_accuracy_coverage(&total, f.block.low + l, f.block.high + l, 1);
        }
    }
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
    return status;
}

static void foretell_chunk(void *context, rk_span span)
{
    work *w = context;
    task *tasks = w->tasks.data;
    for (size_t i = span.begin; i < span.end; i++) {
        rk_error err;
        if (foretell(&tasks[i], (const double *)w->values.data + tasks[i].first, &err)) {
            tasks[i].smape = NAN; /* shows in the sum */
        }
    }
}

static void print(const work *w)
{
    const task *tasks = w->tasks.data;
    double n_series = (double)w->tasks.n, steps = 0, smape = 0, mase = 0, coverage[2] = {0, 0}, total[2] = {0, 0};
    for (size_t i = 0; i < w->tasks.n; i++) {
        double n = (double)tasks[i].n_steps;
        steps += n;
        smape += n * tasks[i].smape;
        mase += tasks[i].mase;
        for (size_t l = 0; l < 2; l++) {
            coverage[l] += n * tasks[i].coverage[l];
            total[l] += tasks[i].total_coverage[l];
        }
    }
    printf("series %zu\nvalues %.0f\nsmape %.17g\nmase %.17g\n", w->tasks.n, steps, smape / steps, mase / n_series);
    printf("coverage_80 %.17g\ncoverage_95 %.17g\n", coverage[0] / steps, coverage[1] / steps);
    printf("total_coverage_80 %.17g\ntotal_coverage_95 %.17g\n", total[0] / n_series, total[1] / n_series);
}

int main(void)
{
    work w = {.tasks = {.item_bytes = sizeof(task)}, .values = {.item_bytes = sizeof(double)}};
    rk_error err;
    char *line = NULL;
    size_t capacity = 0;
    rk_status status = RK_OK;
    while (!status && getline(&line, &capacity, stdin) > 0) {
        status = read_line(line, &w, &err);
    }
    if (!status) {
        rk_pool *pool = rk_pool_new(0);
        rk_stopwatch watch = rk_stopwatch_start();
        rk_parallel_for(pool, w.tasks.n, 8, foretell_chunk, &w);
        fprintf(stderr, "%.2f s, %u threads\n", rk_stopwatch_stop(watch).wall_s, rk_pool_threads(pool));
        print(&w);
        rk_pool_free(pool);
    } else {
        fprintf(stderr, "forecast_series: %s\n", err.message);
    }
    free(line);
    rk_vec_release(&w.tasks);
    rk_vec_release(&w.values);
    return status ? 1 : 0;
}

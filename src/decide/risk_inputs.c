/* risk_inputs.c - which of the uncertain numbers matters: one at a time, and as a part of the variance. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decide/risk_parts.h"

/* ---- each at its ends ---- */

/* Lane 2 i has input i at its P10, lane 2 i + 1 at its P90, for the inputs from `first` on. */
static void set_lanes(const rk_risk_work *work, size_t first, double *inputs)
{
    const rk_risk *out = work->out;
    for (size_t i = 0; i < out->n_inputs; i++) {
        double *column = inputs + i * RK_TAPE_LANES;
        for (size_t lane = 0; lane < RK_TAPE_LANES; lane++) {
            column[lane] = out->inputs[i].input->point;
        }
        if (i >= first && i < first + RK_TAPE_LANES / 2) {
            column[2 * (i - first)] = out->inputs[i].p10;
            column[2 * (i - first) + 1] = out->inputs[i].p90;
        }
    }
}

static int by_swing(const void *a, const void *b)
{
    const rk_risk_input *x = a, *y = b;
    if (x->swing != y->swing) {
        return x->swing > y->swing ? -1 : 1;
    }
    return strcmp(x->input->path, y->input->path);
}

rk_status rk_risk_tornado(rk_risk_work *work, rk_error *err)
{
    rk_risk *out = work->out;
    rk_risk_bench *bench = &work->bench[0];
    for (size_t i = 0; i < out->n_inputs; i++) {
        double ends[] = {0.1, 0.9};
        (void)rk_plan_input_draw(out->inputs[i].input, 2, ends);
        out->inputs[i].p10 = ends[0];
        out->inputs[i].p90 = ends[1];
    }
    for (size_t i = 0; i < out->n_inputs; i++) {
        size_t lane = i % (RK_TAPE_LANES / 2);
        if (lane == 0) {
            set_lanes(work, i, bench->inputs);
            rk_estimator_run(work->estimator, bench->inputs, bench->outputs, bench->room);
        }
        out->inputs[i].low = bench->outputs[2 * lane];
        out->inputs[i].high = bench->outputs[2 * lane + 1];
        out->inputs[i].swing = fabs(out->inputs[i].high - out->inputs[i].low);
        if (!isfinite(out->inputs[i].swing)) {
            return rk_fail(err, RK_BAD_INPUT, "'%.120s' at its ends does not fit a number: its law is too wide",
                           out->inputs[i].input->path);
        }
    }
    qsort(out->inputs, out->n_inputs, sizeof *out->inputs, by_swing);
    return RK_OK;
}

/* ---- Sobol's indices ---- */

typedef struct {
    rk_risk_work *work;
    rk_sobol *sobol;
    size_t n;   /* rows */
    double *of; /* [(n_inputs + 2) x n] the whole on A, on B, on each AB_i */
} design;

static void run_rows(void *context, rk_span span)
{
    const design *d = context;
    const rk_risk_work *work = d->work;
    rk_risk_bench *bench = &work->bench[span.worker];
    size_t n_inputs = work->out->n_inputs, bytes = RK_TAPE_LANES * sizeof(double);
    for (size_t block = span.begin; block < span.end; block++) {
        size_t first = block * RK_TAPE_LANES;
        double kept[RK_TAPE_LANES];
        rk_risk_fill(work, d->sobol, n_inputs, first, bench->others, NULL);
        rk_estimator_run(work->estimator, bench->others, bench->outputs, bench->room);
        memcpy(d->of + d->n + first, bench->outputs, bytes);
        rk_risk_fill(work, d->sobol, 0, first, bench->inputs, NULL);
        rk_estimator_run(work->estimator, bench->inputs, bench->outputs, bench->room);
        memcpy(d->of + first, bench->outputs, bytes);
        for (size_t i = 0; i < n_inputs; i++) {
            double *column = bench->inputs + i * RK_TAPE_LANES;
            memcpy(kept, column, bytes);
            memcpy(column, bench->others + i * RK_TAPE_LANES, bytes);
            rk_estimator_run(work->estimator, bench->inputs, bench->outputs, bench->room);
            memcpy(d->of + (i + 2) * d->n + first, bench->outputs, bytes);
            memcpy(column, kept, bytes);
        }
    }
}

static void read_indices(void *context, rk_span span)
{
    const design *d = context;
    for (size_t i = span.begin; i < span.end; i++) {
        d->work->out->inputs[i].index =
            rk_sensitivity_of(d->of, d->of + d->n, d->of + (i + 2) * d->n, d->n, rk_risk_confidence);
    }
}

/* As many runs as there are draws, but enough for a figure and no more than it needs. */
static size_t choose_rows(const rk_risk *out)
{
    enum { LEAST = 1024, MOST = 16384 };
    size_t n = LEAST;
    while (n < MOST && 2 * n * (out->n_inputs + 2) <= out->n_draws) {
        n *= 2;
    }
    return n;
}

rk_status rk_risk_indices(rk_risk_work *work, rk_error *err)
{
    rk_risk *out = work->out;
    design d = {.work = work, .n = choose_rows(out)};
    d.of = malloc((out->n_inputs + 2) * d.n * sizeof *d.of);
    d.sobol = rk_sobol_new(&(rk_sobol_options){.n_dims = 2 * out->n_inputs,
                                               .points = out->points,
                                               .seed = rk_risk_seed(out->seed, RK_RISK_REPLICATES)});
    rk_status status = d.of && d.sobol ? RK_OK : rk_fail_memory(err, "the draws");
    if (!status) {
        rk_parallel_for(work->run->pool, d.n / RK_TAPE_LANES, 1, run_rows, &d);
        for (size_t i = 0; i < (out->n_inputs + 2) * d.n && !status; i++) {
            status = isfinite(d.of[i]) ? RK_OK : rk_fail(err, RK_BAD_INPUT, "a draw does not fit a number: a law is too wide");
        }
    }
    if (!status) {
        rk_parallel_for(work->run->pool, out->n_inputs, 1, read_indices, &d);
        out->n_index_draws = d.n;
    }
    free(d.of);
    rk_sobol_free(d.sobol);
    return status;
}

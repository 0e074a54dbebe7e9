/* size_fit.c - the factors that measured throughput implies, searched in their logarithms.
 *
 * Errors count in the logarithm, quadratically up to 20 % and linearly beyond, so that a row that the estimate cannot
 * explain does not bend the rest; a weak pull towards the starting factors holds those that no row speaks about.
 */
#include "size/size_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/simplex.h"

enum { FREE = 4, ROUNDS = 500, HARDWARE_MAX = 64 };

typedef struct {
    const rk_size_row *rows;
    size_t n;
    const char *without; /* hardware left out, NULL = none */
    rk_size_factors start;
} rows_to_fit;

/* at: [FREE] log of mfu, mbu, link, layer_us */
static void to_point(const rk_size_factors *f, double *at)
{
    const double values[FREE] = {f->mfu, f->mbu, f->link, f->layer_us};
    for (int i = 0; i < FREE; i++) {
        at[i] = log(values[i]);
    }
}

static rk_size_factors to_factors(const rows_to_fit *problem, const double *at)
{
    rk_size_factors f = problem->start;
    f.mfu = fmin(1, exp(at[0]));
    f.mbu = fmin(1, exp(at[1]));
    f.link = fmin(1, exp(at[2]));
    f.layer_us = exp(at[3]);
    return f;
}

static bool is_throughput(const rk_size_row *row) { return !row->aside && strcmp(row->metric, "output_tok_s") == 0; }

/* Seconds in the queue where more ask than fit: the waiting ones, over the rate at which answers end. */
static double queue_time(const rk_size_row *row, double batch, const rk_size_step *step)
{
    return row->concurrency > batch ? (row->concurrency - batch) * row->ask.osl * step->total / batch : 0;
}

double rk_size_row_estimate(const rk_size_row *row, const rk_size_factors *factors)
{
    rk_size_ask ask = row->ask;
    ask.factors = *factors;
    double room = fmax(1, rk_size_remember(&ask, ask.tp, ask.pp).batch);
    double batch = row->concurrency > 0 ? fmin(row->concurrency, room) : room;
    rk_size_step step = rk_size_take_step(&ask, ask.tp, ask.pp, batch);
    double prefill = rk_size_prefill(&ask, ask.tp, 1, ask.isl);
    double first = prefill + (batch > 1 ? step.total : 0) + queue_time(row, batch, &step);
    if (strcmp(row->metric, "output_tok_s") == 0) {
        return batch / step.total;
    }
    if (strcmp(row->metric, "decode_tok_s") == 0) {
        return batch / step.token;
    }
    if (strcmp(row->metric, "prefill_tok_s") == 0) {
        return ask.isl / prefill;
    }
    if (strcmp(row->metric, "ttft_ms") == 0) {
        return first * 1e3;
    }
    if (strcmp(row->metric, "prefill_ms") == 0) {
        return prefill * 1e3;
    }
    return (strcmp(row->metric, "total_ms") == 0 ? first + step.token * (ask.osl - 1) : step.token) * 1e3;
}

static double loss_at(void *context, const double *at)
{
    static const double bend = 0.2, pull = 0.02;
    const rows_to_fit *problem = context;
    rk_size_factors factors = to_factors(problem, at);
    double start[FREE], loss = 0;
    to_point(&problem->start, start);
    for (int i = 0; i < FREE; i++) {
        loss += pull * (at[i] - start[i]) * (at[i] - start[i]);
    }
    for (size_t i = 0; i < problem->n; i++) {
        const rk_size_row *row = &problem->rows[i];
        if (is_throughput(row) && (!problem->without || strcmp(row->hardware, problem->without) != 0)) {
            double off = fabs(log(rk_size_row_estimate(row, &factors) / row->value));
            loss += off < bend ? off * off : bend * (2 * off - bend);
        }
    }
    return loss;
}

static rk_size_factors fit(rows_to_fit *problem)
{
    static const double step[FREE] = {0.3, 0.3, 0.3, 0.3};
    double at[FREE];
    to_point(&problem->start, at);
    rk_simplex how = {.dim = FREE, .step = step, .tolerance = 1e-10, .max_rounds = ROUNDS};
    (void)rk_simplex_descend(&how, loss_at, problem, at);
    return to_factors(problem, at);
}

/* ---- errors ---- */

static double off(double estimate, double value) { return fabs(estimate / value - 1); }

/* Rows for which test is true. */
static void add_error(rk_size_fit *f, const char *what, bool (*test)(const rk_size_row *))
{
    const rk_size_row *rows = f->rows.data;
    rk_size_error e = {.what = what};
    for (size_t i = 0; i < f->rows.n; i++) {
        if (!rows[i].aside && test(&rows[i])) {
            e.n++;
            e.plain += off(rows[i].plain, rows[i].value);
            e.fitted += off(rows[i].fitted, rows[i].value);
            e.crossed += off(rows[i].crossed, rows[i].value);
            e.worst = fmax(e.worst, off(rows[i].crossed, rows[i].value));
        }
    }
    if (e.n > 0 && f->n_errors < RK_SIZE_ERRORS_MAX) {
        e.plain /= (double)e.n;
        e.fitted /= (double)e.n;
        e.crossed /= (double)e.n;
        f->errors[f->n_errors++] = e;
    }
}

static bool is_dense_throughput(const rk_size_row *r) { return is_throughput(r) && !r->is_sparse; }
static bool is_sparse_throughput(const rk_size_row *r) { return is_throughput(r) && r->is_sparse; }
static bool is_token_time(const rk_size_row *r)
{
    return strcmp(r->metric, "itl_ms") == 0 || strcmp(r->metric, "decode_ms_per_tok") == 0;
}
static bool is_first_time(const rk_size_row *r)
{
    return strcmp(r->metric, "ttft_ms") == 0 || strcmp(r->metric, "prefill_ms") == 0;
}
static bool is_other(const rk_size_row *r) { return !is_throughput(r) && !is_token_time(r) && !is_first_time(r); }
static bool is_any(const rk_size_row *r) { return r != NULL; }

/* Fits, leaving out each hardware in turn; a file of one hardware has no crossed figures (NaN). */
static void cross(rk_size_fit *f, rows_to_fit *problem)
{
    rk_size_row *rows = f->rows.data;
    const char *seen[HARDWARE_MAX];
    size_t n_seen = 0;
    for (size_t i = 0; i < f->rows.n; i++) {
        rows[i].crossed = NAN;
    }
    for (size_t i = 0; i < f->rows.n; i++) {
        size_t k = 0;
        while (k < n_seen && (rows[i].aside || strcmp(seen[k], rows[i].hardware) != 0)) {
            k++;
        }
        if (!rows[i].aside && k == n_seen && n_seen < HARDWARE_MAX) {
            seen[n_seen++] = rows[i].hardware;
        }
    }
    for (size_t k = 0; k < n_seen && n_seen > 1; k++) {
        problem->without = seen[k];
        rk_size_factors factors = fit(problem);
        for (size_t i = 0; i < f->rows.n; i++) {
            if (!rows[i].aside && strcmp(rows[i].hardware, seen[k]) == 0) {
                rows[i].crossed = rk_size_row_estimate(&rows[i], &factors);
            }
        }
    }
    problem->without = NULL;
}

static rk_status fit_serving(rk_size_fit *f, const rk_size_ask *start, rk_error *err)
{
    rk_size_row *rows = f->rows.data;
    rows_to_fit problem = {rows, f->rows.n, NULL, start->factors};
    size_t n = 0;
    for (size_t i = 0; i < f->rows.n; i++) {
        n += is_throughput(&rows[i]);
    }
    if (n == 0) {
        return rk_fail(err, RK_BAD_INPUT,
                       "no row of output_tok_s can be used, and these are what the factors are fitted to");
    }
    f->factors = fit(&problem);
    cross(f, &problem);
    for (size_t i = 0; i < f->rows.n; i++) {
        if (!rows[i].aside) {
            rows[i].plain = rk_size_row_estimate(&rows[i], &start->factors);
            rows[i].fitted = rk_size_row_estimate(&rows[i], &f->factors);
        }
    }
    add_error(f, "output tokens/s, dense", is_dense_throughput);
    add_error(f, "output tokens/s, experts", is_sparse_throughput);
    add_error(f, "time per token", is_token_time);
    add_error(f, "time to first token", is_first_time);
    add_error(f, "other", is_other);
    return RK_OK;
}

rk_status rk_size_calibrate(const char *path, const rk_size_ask *start, rk_size_fit *out, rk_error *err)
{
    *out = (rk_size_fit){0};
    rk_status status = rk_size_rows_read(path, start, out, err);
    rk_size_row *rows = out->rows.data;
    if (!status && out->kind == RK_FIT_SERVING) {
        status = fit_serving(out, start, err);
    } else if (!status) {
        for (size_t i = 0; i < out->rows.n; i++) {
            rows[i].fitted = rows[i].crossed = rows[i].plain; /* nothing is fitted */
            out->inside += !rows[i].aside && rows[i].low <= rows[i].value && rows[i].value <= rows[i].high;
        }
        out->inside /= (double)out->n_used;
        add_error(out, out->kind == RK_FIT_RUNS ? "device hours, middle of the band" : "training MFU", is_any);
    }
    if (status) {
        rk_size_fit_release(out);
    }
    return status;
}

void rk_size_fit_release(rk_size_fit *fit)
{
    rk_vec_release(&fit->rows);
    rk_arena_release(&fit->arena);
}

/* ---- for machines ---- */

static void rows_json(const rk_size_fit *f, rk_json *json)
{
    const rk_size_row *rows = f->rows.data;
    rk_json_array(json, "rows");
    for (size_t i = 0; i < f->rows.n; i++) {
        rk_json_object(json, NULL);
        rk_json_u64(json, "line", rows[i].line);
        rk_json_cstring(json, "model", rows[i].model);
        rk_json_cstring(json, "hardware", rows[i].hardware);
        rk_json_cstring(json, "metric", rows[i].metric);
        rk_json_cstring(json, "aside", rows[i].aside);
        if (!rows[i].aside) {
            rk_json_real(json, "value", rows[i].value);
            rk_json_real(json, "uncalibrated", rows[i].plain);
            rk_json_real(json, "calibrated", rows[i].fitted);
            rk_json_real(json, "left_out", rows[i].crossed);
        }
        if (!rows[i].aside && f->kind == RK_FIT_RUNS) {
            rk_json_real(json, "low", rows[i].low);
            rk_json_real(json, "high", rows[i].high);
        }
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

void rk_size_fit_json(const rk_size_fit *f, rk_text *out)
{
    static const char *const kinds[] = {"serving", "training runs", "training throughput"};
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "kind", kinds[f->kind]);
    rk_json_u64(&json, "used", f->n_used);
    rk_json_u64(&json, "aside", f->rows.n - f->n_used);
    if (f->kind == RK_FIT_SERVING) {
        rk_json_object(&json, "factors");
        rk_json_real(&json, "mfu", f->factors.mfu);
        rk_json_real(&json, "mbu", f->factors.mbu);
        rk_json_real(&json, "link", f->factors.link);
        rk_json_real(&json, "layer_us", f->factors.layer_us);
        rk_json_end_object(&json);
    } else if (f->kind == RK_FIT_RUNS) {
        rk_json_real(&json, "inside_band", f->inside);
    }
    rk_json_array(&json, "errors");
    for (size_t i = 0; i < f->n_errors; i++) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "what", f->errors[i].what);
        rk_json_u64(&json, "rows", f->errors[i].n);
        rk_json_real(&json, "uncalibrated", f->errors[i].plain);
        rk_json_real(&json, "calibrated", f->errors[i].fitted);
        rk_json_real(&json, "left_out", f->errors[i].crossed);
        rk_json_real(&json, "worst", f->errors[i].worst);
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rows_json(f, &json);
    rk_json_end_object(&json);
}

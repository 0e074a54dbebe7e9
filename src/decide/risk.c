/* risk.c - see risk.h: the draws, and what each figure's draws say.
 *
 * Draws are made block by block, each block of one set of points; which thread makes a block changes nothing. Figures
 * are kept as columns, because each is then sorted on its own.
 */
#include "decide/risk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decide/risk_parts.h"
#include "math/draws.h"
#include "math/random.h"

enum { CHUNK_BLOCKS = 4 };
static const size_t values_max = (size_t)1 << 28; /* 2 GiB of draws */
const double rk_risk_tails[RK_RISK_TAILS] = {0.90, 0.95, 0.99};

/* ---- draws ---- */

uint64_t rk_risk_seed(uint64_t seed, uint64_t which)
{
    rk_random random = rk_random_of(seed, which);
    return rk_random_u64(&random);
}

void rk_risk_fill(const rk_risk_work *work, const rk_sobol *sobol, size_t dim, uint64_t first, double *inputs,
                  size_t *n_moved)
{
    for (size_t i = 0; i < rk_estimator_n_inputs(work->estimator); i++) {
        double *column = inputs + i * RK_TAPE_LANES;
        rk_sobol_fill(sobol, dim + i, first, RK_TAPE_LANES, column);
        size_t moved = rk_plan_input_draw(rk_estimator_input(work->estimator, i), RK_TAPE_LANES, column);
        if (n_moved) {
            n_moved[i] += moved;
        }
    }
}

static size_t set_draws(const rk_risk_work *work) { return work->out->n_draws / RK_RISK_REPLICATES; }

/* The inputs of the block that starts with draw `first`. */
static void fill_block(const rk_risk_work *work, size_t first, double *inputs, size_t *n_moved)
{
    size_t n = set_draws(work);
    rk_risk_fill(work, work->sobol[first / n], 0, first % n, inputs, n_moved);
}

static void draw_blocks(void *context, rk_span span)
{
    rk_risk_work *work = context;
    rk_risk_bench *bench = &work->bench[span.worker];
    size_t n_outputs = rk_estimator_n_outputs(work->estimator);
    for (size_t block = span.begin; block < span.end; block++) {
        size_t first = block * RK_TAPE_LANES;
        fill_block(work, first, bench->inputs, bench->n_moved);
        rk_estimator_run(work->estimator, bench->inputs, bench->outputs, bench->room);
        const char *overrun = rk_estimator_overrun(work->estimator, bench->outputs, RK_TAPE_LANES);
        work->overrun[span.chunk] = work->overrun[span.chunk] ? work->overrun[span.chunk] : overrun;
        for (size_t i = 0; i < n_outputs; i++) {
            memcpy(work->values + i * work->out->n_draws + first, bench->outputs + i * RK_TAPE_LANES,
                   RK_TAPE_LANES * sizeof(double));
        }
    }
}

static rk_status check_draws(const rk_risk_work *work, size_t n_chunks, rk_error *err)
{
    for (size_t i = 0; i < n_chunks; i++) {
        if (work->overrun[i]) {
            return rk_fail(err, RK_BAD_INPUT,
                           "draws of '%.60s' need absurdly many machines: a law of its traffic or capacity is too wide",
                           work->overrun[i]);
        }
    }
    for (size_t i = 0; i < work->out->n_draws; i++) {
        if (!isfinite(work->values[i])) {
            return rk_fail(err, RK_BAD_INPUT, "a draw does not fit a number: a law is too wide");
        }
    }
    return RK_OK;
}

static rk_status draw(rk_risk_work *work, rk_error *err)
{
    size_t n_blocks = work->out->n_draws / RK_TAPE_LANES, n_chunks = rk_chunk_count(n_blocks, CHUNK_BLOCKS);
    size_t n_outputs = rk_estimator_n_outputs(work->estimator);
    if (n_outputs * work->out->n_draws > values_max) {
        return rk_fail(err, RK_BAD_USAGE, "%zu draws of %zu figures do not fit in memory; at most %zu fit",
                       work->out->n_draws, n_outputs, values_max / n_outputs);
    }
    work->values = malloc(n_outputs * work->out->n_draws * sizeof *work->values);
    work->overrun = calloc(n_chunks, sizeof *work->overrun);
    bool ok = work->values && work->overrun;
    for (size_t r = 0; r < RK_RISK_REPLICATES && ok; r++) {
        work->sobol[r] = rk_sobol_new(&(rk_sobol_options){.n_dims = rk_estimator_n_inputs(work->estimator),
                                                          .points = work->out->points,
                                                          .seed = rk_risk_seed(work->out->seed, r)});
        ok = work->sobol[r] != NULL;
    }
    if (!ok) {
        return rk_fail_memory(err, "the draws");
    }
    rk_parallel_for(work->run->pool, n_blocks, CHUNK_BLOCKS, draw_blocks, work);
    return check_draws(work, n_chunks, err);
}

/* ---- for a spreadsheet ---- */

static void add_heads(const rk_risk_work *work, rk_text *csv)
{
    rk_text_add_cell(csv, rk_slice_of("draw"), true);
    for (size_t i = 0; i < rk_estimator_n_inputs(work->estimator); i++) {
        rk_text_add_cell(csv, rk_slice_of(rk_estimator_input(work->estimator, i)->path), false);
    }
    for (size_t i = 0; i < rk_estimator_n_outputs(work->estimator); i++) {
        const char *name = rk_estimator_output(work->estimator, i)->name;
        rk_text_add_cell(csv, rk_slice_of(name ? name : "total"), false);
    }
    rk_text_add(csv, "\n");
}

static void add_draws(const rk_risk_work *work, rk_text *csv)
{
    size_t n_inputs = rk_estimator_n_inputs(work->estimator), n_outputs = rk_estimator_n_outputs(work->estimator);
    double *inputs = work->bench[0].inputs;
    add_heads(work, csv);
    for (size_t d = 0; d < work->out->n_draws; d++) {
        if (d % RK_TAPE_LANES == 0) {
            fill_block(work, d, inputs, NULL);
        }
        rk_text_addf(csv, "%zu", d);
        for (size_t i = 0; i < n_inputs; i++) {
            rk_text_add(csv, ",");
            rk_text_add_real(csv, inputs[i * RK_TAPE_LANES + d % RK_TAPE_LANES]);
        }
        for (size_t i = 0; i < n_outputs; i++) {
            rk_text_add(csv, ",");
            rk_text_add_real(csv, round(work->values[i * work->out->n_draws + d] * 1e6) / 1e6);
        }
        rk_text_add(csv, "\n");
    }
}

/* ---- what they say ---- */

/* The mean of the first n draws of each set. */
static rk_estimate mean_of_sets(const rk_risk_work *work, const double *values, size_t n)
{
    double mean[RK_RISK_REPLICATES];
    for (size_t r = 0; r < RK_RISK_REPLICATES; r++) {
        mean[r] = rk_draws_mean(values + r * set_draws(work), n, rk_risk_confidence).value;
    }
    return rk_replicates_mean(mean, RK_RISK_REPLICATES, rk_risk_confidence);
}

static rk_estimate p90_of_sets(const rk_risk_work *work, size_t n, double *copy, double *room)
{
    double p90[RK_RISK_REPLICATES];
    for (size_t r = 0; r < RK_RISK_REPLICATES; r++) {
        memcpy(copy, work->values + r * set_draws(work), n * sizeof *copy);
        rk_draws_sort(copy, n, room);
        p90[r] = rk_draws_quantile(copy, n, 0.9, rk_risk_confidence).value;
    }
    return rk_replicates_mean(p90, RK_RISK_REPLICATES, rk_risk_confidence);
}

/* The whole over the first 2^k draws of every set: how fast it settles. */
static rk_status converge(rk_risk_work *work, rk_error *err)
{
    enum { FIRST = 32 };
    size_t n = set_draws(work);
    double *copy = malloc(2 * n * sizeof *copy);
    if (!copy) {
        return rk_fail_memory(err, "the draws");
    }
    for (size_t k = FIRST; k <= n && work->out->n_steps < RK_RISK_STEPS_MAX; k *= 2) {
        work->out->steps[work->out->n_steps++] = (rk_risk_step){
            k * RK_RISK_REPLICATES, mean_of_sets(work, work->values, k), p90_of_sets(work, k, copy, copy + n)};
    }
    free(copy);
    return RK_OK;
}

typedef struct {
    rk_risk_work *work;
    double **room; /* [threads] of n_draws */
} sorting;

static void describe(void *context, rk_span span)
{
    const sorting *s = context;
    const rk_risk *out = s->work->out;
    for (size_t i = span.begin; i < span.end; i++) {
        double *values = s->work->values + i * out->n_draws;
        rk_risk_row *row = &out->rows[i];
        row->mean = mean_of_sets(s->work, values, set_draws(s->work));
        row->sd = rk_draws_sd(values, out->n_draws);
        rk_draws_sort(values, out->n_draws, s->room[span.worker]);
        rk_estimate *quantile[] = {&row->p10, &row->p50, &row->p90, &row->p99};
        const double share[] = {0.1, 0.5, 0.9, 0.99};
        for (size_t q = 0; q < RK_COUNT_OF(share); q++) {
            *quantile[q] = rk_draws_quantile(values, out->n_draws, share[q], rk_risk_confidence);
        }
        for (size_t t = 0; t < RK_RISK_TAILS; t++) {
            row->tail_mean[t] = rk_draws_tail_mean(values, out->n_draws, rk_risk_tails[t], rk_risk_confidence);
        }
        if (row->budget > 0) {
            row->above = rk_draws_above(values, out->n_draws, row->budget, rk_risk_confidence);
        }
    }
}

/* Every figure, also those that are nothing in every draw: they fall out afterwards. */
static rk_status describe_all(rk_risk_work *work, rk_error *err)
{
    unsigned n_threads = rk_pool_threads(work->run->pool);
    sorting s = {work, calloc(n_threads, sizeof *s.room)};
    bool ok = s.room != NULL;
    for (unsigned t = 0; ok && t < n_threads; t++) {
        s.room[t] = malloc(work->out->n_draws * sizeof **s.room);
        ok = s.room[t] != NULL;
    }
    if (ok) {
        rk_parallel_for(work->run->pool, work->out->n_rows, 1, describe, &s);
    }
    for (unsigned t = 0; s.room && t < n_threads; t++) {
        free(s.room[t]);
    }
    free(s.room);
    return ok ? RK_OK : rk_fail_memory(err, "the draws");
}

static void drop_empty_rows(rk_risk *out)
{
    size_t n = 0;
    for (size_t i = 0; i < out->n_rows; i++) {
        if (i == 0 || out->rows[i].mean.value != 0 || out->rows[i].point != 0) {
            out->rows[n++] = out->rows[i];
        }
    }
    out->n_rows = n;
}

/* ---- budgets ---- */

static void set_budget(rk_risk *out, rk_dimension dimension, const char *name, rk_money budget)
{
    for (size_t i = 0; i < out->n_rows; i++) {
        rk_risk_row *row = &out->rows[i];
        bool same = row->name && name ? row->dimension == dimension && strcmp(row->name, name) == 0 : row->name == name;
        row->budget = same ? (double)budget.micros / 1e6 : row->budget;
    }
}

/* The plan's, where it is of what is used up, as the draws are. */
static rk_status set_budgets(rk_risk *out, double whole, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < rk_ledger_n_budgets(out->ledger) && !status; i++) {
        rk_budget_view view;
        status = rk_ledger_budget(out->ledger, i, &view, err);
        if (status || view.basis != RK_ACCRUAL) {
            continue;
        }
        set_budget(out, view.dimension, view.name, view.budget_total);
        for (uint32_t m = 0; m < rk_ledger_n_months(out->ledger) && !view.name; m++) {
            set_budget(out, RK_BY_MONTH, rk_ledger_month(out->ledger, m), view.budget[m]);
        }
    }
    out->rows[0].budget = whole > 0 ? whole : out->rows[0].budget;
    return status;
}

/* ---- the whole ---- */

static size_t round_up(uint64_t wanted)
{
    size_t n = RK_RISK_DRAWS_MIN;
    while (n < wanted && n < RK_RISK_DRAWS_MAX) {
        n *= 2;
    }
    return n;
}

static rk_status need_inputs(const rk_estimator *estimator, const rk_ledger *ledger, rk_error *err)
{
    if (rk_estimator_n_inputs(estimator) > 0) {
        return RK_OK;
    }
    if (rk_estimator_n_idle(estimator) > 0) {
        const rk_plan_input *idle = rk_estimator_idle(estimator, 0);
        return rk_fail_at(err, idle->record->node->at,
                          "no cost of '%.60s' depends on '%.120s', and it has no other uncertain number",
                          rk_ledger_name(ledger), idle->path);
    }
    return rk_fail(err, RK_BAD_INPUT,
                   "'%.60s' has no uncertain number: write one as growth_per_month: {point: 0.03, triangular: [0.01, "
                   "0.03, 0.08]}",
                   rk_ledger_name(ledger));
}

static bool list_rows(rk_risk_work *work)
{
    rk_risk *out = work->out;
    size_t n_inputs = rk_estimator_n_inputs(work->estimator);
    out->n_rows = rk_estimator_n_outputs(work->estimator);
    out->rows = RK_TAKE(&out->arena, rk_risk_row, out->n_rows);
    out->inputs = RK_TAKE(&out->arena, rk_risk_input, n_inputs);
    out->n_idle = rk_estimator_n_idle(work->estimator);
    out->idle = RK_TAKE(&out->arena, const rk_plan_input *, out->n_idle);
    for (size_t i = 0; out->rows && i < out->n_rows; i++) {
        const rk_estimated *from = rk_estimator_output(work->estimator, i);
        out->rows[i] = (rk_risk_row){
            .dimension = from->dimension, .name = from->name, .point = (double)from->point.micros / 1e6};
    }
    for (size_t i = 0; out->inputs && i < n_inputs; i++) {
        out->inputs[i].input = rk_estimator_input(work->estimator, i);
    }
    for (size_t i = 0; out->idle && i < out->n_idle; i++) {
        out->idle[i] = rk_estimator_idle(work->estimator, i);
    }
    out->n_inputs = n_inputs;
    return out->rows && out->inputs && out->idle;
}

static bool set_benches(rk_risk_work *work)
{
    unsigned n_threads = rk_pool_threads(work->run->pool);
    size_t n_in = rk_estimator_n_inputs(work->estimator) * RK_TAPE_LANES;
    size_t n_out = rk_estimator_n_columns(work->estimator) * RK_TAPE_LANES;
    bool ok = (work->bench = calloc(n_threads, sizeof *work->bench)) != NULL;
    for (unsigned t = 0; t < n_threads && ok; t++) {
        rk_risk_bench *bench = &work->bench[t];
        bench->all = malloc((2 * n_in + n_out + rk_estimator_room(work->estimator)) * sizeof *bench->all);
        bench->n_moved = calloc(work->out->n_inputs, sizeof *bench->n_moved);
        ok = bench->all && bench->n_moved;
        if (ok) {
            bench->inputs = bench->all;
            bench->others = bench->inputs + n_in;
            bench->outputs = bench->others + n_in;
            bench->room = bench->outputs + n_out;
            rk_estimator_prepare(work->estimator, bench->room);
        }
    }
    return ok;
}

static void work_release(rk_risk_work *work)
{
    for (unsigned t = 0; work->bench && t < rk_pool_threads(work->run->pool); t++) {
        free(work->bench[t].all);
        free(work->bench[t].n_moved);
    }
    free(work->bench);
    for (size_t r = 0; r < RK_RISK_REPLICATES; r++) {
        rk_sobol_free(work->sobol[r]);
    }
    free(work->overrun);
    free(work->values);
}

static void sum_moved(rk_risk_work *work)
{
    for (size_t i = 0; i < work->out->n_inputs; i++) {
        for (unsigned t = 0; t < rk_pool_threads(work->run->pool); t++) {
            work->out->inputs[i].n_moved += work->bench[t].n_moved[i];
        }
    }
}

/* The totals outlive the work; the other columns do not. */
static rk_status keep_totals(rk_risk_work *work, rk_error *err)
{
    double *totals = realloc(work->values, work->out->n_draws * sizeof *totals);
    if (!totals) {
        return rk_fail_memory(err, "the draws");
    }
    work->out->totals = totals;
    work->values = NULL;
    return RK_OK;
}

static rk_status run_all(rk_risk_work *work, const rk_risk_options *options, rk_error *err)
{
    rk_status status = list_rows(work) && set_benches(work) ? RK_OK : rk_fail_memory(err, "the draws");
    status = status ? status : set_budgets(work->out, options->budget, err);
    status = status ? status : draw(work, err);
    if (status) {
        return status;
    }
    sum_moved(work);
    if (options->csv) {
        add_draws(work, options->csv);
    }
    status = converge(work, err);
    status = status ? status : describe_all(work, err);
    status = status ? status : rk_risk_indices(work, err);
    status = status ? status : rk_risk_tornado(work, err);
    drop_empty_rows(work->out);
    return status ? status : keep_totals(work, err);
}

rk_status rk_risk_run(const rk_ledger *ledger, const rk_risk_options *options, const rk_run *run, rk_risk *out,
                      rk_error *err)
{
    rk_estimator *estimator = NULL;
    *out = (rk_risk){.ledger = ledger,
                     .points = options->points,
                     .seed = run->seed,
                     .n_draws = round_up(options->n_draws)};
    rk_status status = rk_estimator_new(ledger, &estimator, err);
    status = status ? status : need_inputs(estimator, ledger, err);
    if (!status) {
        rk_risk_work work = {.estimator = estimator, .run = run, .out = out};
        status = run_all(&work, options, err);
        work_release(&work);
    }
    rk_estimator_free(estimator);
    if (status) {
        rk_risk_release(out);
    }
    return status;
}

void rk_risk_release(rk_risk *risk)
{
    free(risk->totals);
    risk->totals = NULL;
    rk_arena_release(&risk->arena);
}

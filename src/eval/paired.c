/* paired.c - see paired.h: one table with a column a model and one for the weight, resampled once. */
#include "eval/paired.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/bootstrap.h"
#include "eval/metric.h"
#include "store/artefact.h"

/* ---- a file ---- */

static rk_status write_columns(const rk_evaluation *evaluation, const rk_figure *figure, rk_artefact_writer *writer,
                               rk_error *err)
{
    size_t n = evaluation->n_rows;
    double *column = malloc(2 * (n + 1) * sizeof *column);
    if (!column) {
        return rk_fail_memory(err, "the figures of users");
    }
    for (size_t row = 0; row < n; row++) {
        const double *cells = evaluation->table + row * evaluation->n_columns;
        column[row] = cells[figure->column];
        column[n + row] = cells[figure->over];
    }
    rk_status status = rk_artefact_add(writer, "value", RK_F64, n, 1, column, err);
    status = status ? status : rk_artefact_add(writer, "weight", RK_F64, n, 1, column + n, err);
    free(column);
    return status;
}

rk_status rk_user_figures_write(const rk_evaluation *evaluation, const char *key, const char *path, rk_error *err)
{
    const rk_figure *figure = rk_evaluation_find(evaluation, key);
    if (!figure || !figure->has_interval || figure->metric->finish) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' of this model is no mean over users", key);
    }
    rk_artefact_writer *writer;
    rk_status status = rk_artefact_create(path, RK_USER_FIGURES_ARTEFACT, &writer, err);
    if (status) {
        return status;
    }
    status = json_object_set_new(rk_artefact_writer_meta(writer), "figure", json_string(key))
                 ? rk_fail_memory(err, "the figures of users")
                 : write_columns(evaluation, figure, writer, err);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    return rk_artefact_commit(writer, NULL, err);
}

/* ---- many files ---- */

static const char *figure_of(const rk_artefact *artefact)
{
    const char *key = json_string_value(json_object_get(rk_artefact_meta(artefact), "figure"));
    return key ? key : "";
}

/* The files, and the table that they make: [n_rows x (n + 1)], the last column the weight. */
typedef struct {
    rk_artefact *artefact[RK_PAIRED_MAX];
    const double *value[RK_PAIRED_MAX], *weight;
    size_t n, n_rows;
    double *table;
} pairing;

static void release(pairing *p)
{
    for (size_t i = 0; i < p->n; i++) {
        rk_artefact_close(p->artefact[i]);
    }
    free(p->table);
}

static rk_status open_one(pairing *p, const char *path, rk_error *err)
{
    const rk_section *value = NULL, *weight = NULL;
    rk_artefact *artefact;
    rk_status status = rk_artefact_open(path, RK_USER_FIGURES_ARTEFACT, &artefact, err);
    if (status) {
        return status;
    }
    size_t i = p->n++;
    p->artefact[i] = artefact;
    status = rk_artefact_need(artefact, "value", RK_F64, UINT64_MAX, 1, &value, err);
    status = status ? status : rk_artefact_need(artefact, "weight", RK_F64, value->rows, 1, &weight, err);
    if (status) {
        return status;
    }
    if (i == 0) {
        p->weight = weight->data;
        p->n_rows = value->rows;
    }
    p->value[i] = value->data;
    bool is_same = value->rows == p->n_rows && memcmp(weight->data, p->weight, weight->bytes) == 0 &&
                   strcmp(figure_of(artefact), figure_of(p->artefact[0])) == 0;
    return is_same ? RK_OK
                   : rk_fail(err, RK_BAD_INPUT, "%s and %s are of different users or figures, and cannot be compared",
                             rk_artefact_path(p->artefact[0]), path);
}

static rk_status fill_table(pairing *p, rk_error *err)
{
    size_t n_columns = p->n + 1;
    p->table = malloc((p->n_rows * n_columns + 1) * sizeof *p->table);
    if (!p->table) {
        return rk_fail_memory(err, "a comparison");
    }
    for (size_t row = 0; row < p->n_rows; row++) {
        double *cells = p->table + row * n_columns;
        for (size_t i = 0; i < p->n; i++) {
            cells[i] = p->value[i][row];
        }
        cells[p->n] = p->weight[row];
    }
    return RK_OK;
}

/* ---- what the resamples say ---- */

typedef struct {
    size_t n;           /* models */
    const double *mean; /* [RK_EVAL_RESAMPLES x (n + 1)] */
    double *room;       /* [RK_EVAL_RESAMPLES] */
} resamples;

static double mean_of(const resamples *r, size_t resample, size_t model)
{
    return r->mean[resample * (r->n + 1) + model];
}

static rk_interval figure_interval(const resamples *r, size_t model)
{
    for (size_t i = 0; i < RK_EVAL_RESAMPLES; i++) {
        r->room[i] = mean_of(r, i, model);
    }
    return rk_interval_of(r->room, RK_EVAL_RESAMPLES);
}

static rk_interval ratio_interval(const resamples *r, size_t model, size_t reference)
{
    for (size_t i = 0; i < RK_EVAL_RESAMPLES; i++) {
        double below = mean_of(r, i, reference);
        r->room[i] = below > 0 ? mean_of(r, i, model) / below : NAN;
    }
    return rk_interval_of(r->room, RK_EVAL_RESAMPLES);
}

static bool is_better(const resamples *r, size_t model, size_t other)
{
    for (size_t i = 0; i < RK_EVAL_RESAMPLES; i++) {
        r->room[i] = mean_of(r, i, model) - mean_of(r, i, other);
    }
    return rk_interval_of(r->room, RK_EVAL_RESAMPLES).low > 0;
}

static void judge(const resamples *r, const double *mean, rk_paired *out)
{
    for (size_t i = 0; i < r->n; i++) {
        rk_interval interval = figure_interval(r, i);
        out->figure[i] = (rk_estimate){mean[i], interval.low, interval.high};
        out->best = mean[i] > mean[out->best] ? i : out->best;
    }
    for (size_t i = 0; i < r->n; i++) {
        rk_interval interval = ratio_interval(r, i, out->best);
        double below = mean[out->best];
        out->kept[i] = i == out->best ? (rk_estimate){1, 1, 1}
                                      : (rk_estimate){below > 0 ? mean[i] / below : NAN, interval.low, interval.high};
        for (size_t j = 0; j < r->n; j++) {
            out->better[i * r->n + j] = i != j && is_better(r, i, j);
        }
    }
}

static rk_status compare(pairing *p, const rk_run *run, rk_paired *out, rk_error *err)
{
    size_t n_columns = p->n + 1, over[RK_PAIRED_MAX + 1];
    for (size_t i = 0; i < n_columns; i++) {
        over[i] = p->n;
    }
    double *mean = malloc((RK_EVAL_RESAMPLES + 1) * (n_columns + 1) * sizeof *mean);
    double *room = malloc(RK_EVAL_RESAMPLES * sizeof *room);
    *out = (rk_paired){.n = p->n, .n_users = p->n_rows, .better = calloc(p->n * p->n, sizeof *out->better)};
    bool is_short = !mean || !room || !out->better;
    if (!is_short) {
        rk_sample sample = {p->table, p->n_rows, n_columns, over, NULL};
        double *whole = mean + RK_EVAL_RESAMPLES * n_columns;
        rk_sample_mean(&sample, whole);
        rk_sample_resample(&sample, RK_EVAL_RESAMPLES, run, mean);
        judge(&(resamples){p->n, mean, room}, whole, out);
    } else {
        rk_paired_release(out);
    }
    free(mean);
    free(room);
    return is_short ? rk_fail_memory(err, "a comparison") : RK_OK;
}

rk_status rk_paired_files(const char *const *paths, size_t n, const rk_run *run, rk_paired *out, rk_error *err)
{
    pairing p = {0};
    rk_status status = RK_OK;
    assert(n >= 1 && n <= RK_PAIRED_MAX);
    for (size_t i = 0; i < n && !status; i++) {
        status = open_one(&p, paths[i], err);
    }
    if (!status && p.n_rows == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "%s has no users", paths[0]);
    }
    status = status ? status : fill_table(&p, err);
    status = status ? status : compare(&p, run, out, err);
    release(&p);
    return status;
}

void rk_paired_release(rk_paired *paired)
{
    free(paired->better);
    paired->better = NULL;
}

/* ann.c - the table of kinds, and what all kinds share: the metric, removals, desks.
 *
 * Cosine: rows of the base and queries are brought to length 1. L2: |q - y|^2 = |q|^2 - 2 (<q, y> - |y|^2 / 2), so rows
 * get one more number, -|y|^2 / 2, and queries a 1: the largest inner product is the smallest distance.
 */
#include "ann/ann.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "math/dot.h"

static const rk_ann_kind *const kinds[] = {
    &rk_ann_flat,
    &rk_ann_ivf,
    &rk_ann_hnsw,
};

const rk_ann_kind *rk_ann_kind_at(size_t i) { return i < RK_COUNT_OF(kinds) ? kinds[i] : NULL; }

rk_status rk_ann_kind_need(const char *name, const rk_ann_kind **out, rk_error *err)
{
    const char *names[RK_COUNT_OF(kinds)];
    for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
        names[i] = kinds[i]->name;
        if (strcmp(name, names[i]) == 0) {
            *out = kinds[i];
            return RK_OK;
        }
    }
    const char *nearest = rk_nearest_name(name, names, RK_COUNT_OF(names));
    return rk_fail(err, RK_BAD_USAGE, "no vector index is called '%.40s'%s%s%s", name,
                   nearest ? ", did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

const char *rk_ann_metric_name(rk_ann_metric metric)
{
    static const char *const names[] = {"inner", "cosine", "l2"};
    return names[metric];
}

/* ---- the base ---- */

static double square_of(const float *row, size_t dim)
{
    double sum = 0;
    for (size_t d = 0; d < dim; d++) {
        sum += (double)row[d] * (double)row[d];
    }
    return sum;
}

double rk_ann_length(const float *vector, size_t dim) { return sqrt(square_of(vector, dim)); }

/* One row as the metric wants it; out: [dim], for L2 [dim + 1]. */
static void shape_row(rk_ann_metric metric, const float *row, size_t dim, float *out)
{
    double square = square_of(row, dim);
    float factor = metric == RK_ANN_COSINE && square > 0 ? (float)(1 / sqrt(square)) : 1;
    for (size_t d = 0; d < dim; d++) {
        out[d] = row[d] * factor;
    }
    if (metric == RK_ANN_L2) {
        out[dim] = (float)(-square / 2);
    }
}

const float *rk_ann_prepare(const rk_ann *ann, const float *query, float *room)
{
    if (ann->metric == RK_ANN_INNER) {
        return query;
    }
    shape_row(ann->metric, query, ann->dim, room);
    if (ann->metric == RK_ANN_L2) {
        room[ann->dim] = 1;
    }
    return room;
}

static size_t base_dim(rk_ann_metric metric, size_t dim) { return dim + (metric == RK_ANN_L2); }

static rk_status check_rows(const rk_ann_rows *rows, const char *what, rk_error *err)
{
    for (size_t r = 0; r < rows->n; r++) {
        const float *row = rk_ann_row(rows, r);
        for (size_t d = 0; d < rows->dim; d++) {
            if (!isfinite(row[d])) {
                return rk_fail(err, RK_BAD_INPUT, "%s %zu has a number that is not finite, at place %zu", what, r, d);
            }
        }
    }
    return RK_OK;
}

/* Makes the base our own, with room for n_more rows behind it. */
static rk_status own_base(rk_ann *ann, size_t n_more, rk_error *err)
{
    size_t dim = ann->base.dim, n = ann->base.n + n_more;
    float *at = realloc(ann->own, (n * dim + 1) * sizeof *at);
    if (!at) {
        return rk_fail_memory(err, "vectors of an index");
    }
    for (size_t r = 0; !ann->own && r < ann->base.n; r++) {
        memcpy(at + r * dim, rk_ann_row(&ann->base, r), dim * sizeof *at);
    }
    ann->own = at;
    ann->base.at = at;
    ann->base.stride = dim;
    return RK_OK;
}

/* The base of the kind from the caller's. */
static rk_status take_base(rk_ann *ann, const rk_ann_rows *base, rk_error *err)
{
    ann->base = *base;
    if (ann->metric == RK_ANN_INNER) {
        return RK_OK;
    }
    ann->base = (rk_ann_rows){.dim = base_dim(ann->metric, base->dim)};
    rk_status status = own_base(ann, base->n, err);
    for (size_t r = 0; !status && r < base->n; r++) {
        shape_row(ann->metric, rk_ann_row(base, r), base->dim, ann->own + r * ann->base.dim);
    }
    ann->base.n = base->n;
    return status;
}

/* ---- building ---- */

static rk_status read_settings(rk_ann *ann, const rk_ann_wish *wish, void *settings, rk_error *err)
{
    rk_option_table table = {ann->kind->options, ann->kind->n_options, settings};
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_options_defaults(table);
    for (size_t i = 0; i < wish->n_set; i++) {
        rk_status status = rk_options_set(table, wish->set[i], err);
        if (status) {
            return status;
        }
    }
    rk_options_json(table, &json, NULL);
    ann->options = text.at;
    return text.failed || !text.at ? rk_fail_memory(err, "the settings of an index") : RK_OK;
}

/* A sample of queries as the kind sees them. */
static rk_status shape_queries(const rk_ann *ann, const rk_ann_rows *queries, float **room, rk_ann_rows *out,
                               rk_error *err)
{
    *out = *queries;
    if (queries->n == 0 || ann->metric == RK_ANN_INNER) {
        return RK_OK;
    }
    size_t dim = ann->base.dim;
    *room = malloc(queries->n * dim * sizeof **room);
    if (!*room) {
        return rk_fail_memory(err, "queries of an index");
    }
    for (size_t q = 0; q < queries->n; q++) {
        rk_ann_prepare(ann, rk_ann_row(queries, q), *room + q * dim);
    }
    *out = (rk_ann_rows){*room, queries->n, dim, dim};
    return RK_OK;
}

static rk_status build(rk_ann *ann, const rk_ann_wish *wish, const rk_run *run, rk_error *err)
{
    rk_ann_rows queries = {0};
    float *room = NULL;
    void *settings = calloc(1, ann->kind->settings_bytes + 1);
    rk_status status = settings ? read_settings(ann, wish, settings, err) : rk_fail_memory(err, "settings");
    status = status ? status : shape_queries(ann, &wish->queries, &room, &queries, err);
    if (!status) {
        rk_ann_material from = {&ann->base, &queries, run};
        status = ann->kind->build(&from, settings, &ann->index, err);
    }
    free(room);
    free(settings);
    return status;
}

rk_status rk_ann_build(const rk_ann_rows *base, const rk_ann_wish *wish, const rk_run *run, rk_ann **out, rk_error *err)
{
    if (base->n < 1 || base->n >= UINT32_MAX || base->dim < 1 || base->dim >= RK_ANN_DIM_MAX ||
        (wish->queries.n > 0 && wish->queries.dim != base->dim)) {
        return rk_fail(err, RK_BAD_INPUT,
                       "no index of %zu vectors of %zu numbers, asked with %zu: 1 to %d are possible", base->n,
                       base->dim, wish->queries.n > 0 ? wish->queries.dim : base->dim, RK_ANN_DIM_MAX - 1);
    }
    rk_ann *ann = calloc(1, sizeof *ann);
    if (!ann) {
        return rk_fail_memory(err, "an index");
    }
    ann->kind = wish->kind;
    ann->metric = wish->metric;
    ann->dim = base->dim;
    rk_status status = check_rows(base, "vector", err);
    status = status ? status : check_rows(&wish->queries, "query", err);
    status = status ? status : take_base(ann, base, err);
    status = status ? status : build(ann, wish, run, err);
    if (status) {
        rk_ann_free(ann);
        return status;
    }
    *out = ann;
    return RK_OK;
}

void rk_ann_free(rk_ann *ann)
{
    if (ann) {
        if (ann->kind) { /* none: its file was refused before it was known */
            ann->kind->free(ann->index);
        }
        free(ann->own);
        free(ann->removed);
        free(ann->options);
        rk_artefact_close(ann->artefact);
        free(ann);
    }
}

const rk_ann_kind *rk_ann_kind_of(const rk_ann *ann) { return ann->kind; }
rk_ann_metric rk_ann_metric_of(const rk_ann *ann) { return ann->metric; }
size_t rk_ann_n_items(const rk_ann *ann) { return ann->base.n; }
size_t rk_ann_dim(const rk_ann *ann) { return ann->dim; }
const rk_artefact *rk_ann_artefact(const rk_ann *ann) { return ann->artefact; }

uint64_t rk_ann_bytes(const rk_ann *ann)
{
    return ann->kind->bytes(ann->index) + ann->base.n * ann->base.dim * sizeof(float);
}

/* ---- changes ---- */

rk_status rk_ann_add(rk_ann *ann, const rk_ann_rows *vectors, const rk_run *run, rk_error *err)
{
    size_t n = ann->base.n, words = (n + 63) / 64, more = (n + vectors->n + 63) / 64;
    if (!ann->kind->add) {
        return rk_fail(err, RK_UNSUPPORTED, "an index of the kind %s takes no new items; it is built anew",
                       ann->kind->name);
    }
    if (vectors->dim != ann->dim || vectors->n >= UINT32_MAX - n) {
        return rk_fail(err, RK_BAD_INPUT, "%zu vectors of %zu numbers do not fit an index of %zu numbers", vectors->n,
                       vectors->dim, ann->dim);
    }
    rk_status status = check_rows(vectors, "vector", err);
    status = status ? status : own_base(ann, vectors->n, err);
    if (!status && ann->removed) {
        uint64_t *removed = realloc(ann->removed, more * sizeof *removed);
        status = removed ? RK_OK : rk_fail_memory(err, "removed items");
        if (removed) {
            memset(removed + words, 0, (more - words) * sizeof *removed);
            ann->removed = removed;
        }
    }
    if (status) {
        return status;
    }
    for (size_t r = 0; r < vectors->n; r++) {
        shape_row(ann->metric, rk_ann_row(vectors, r), ann->dim, ann->own + (n + r) * ann->base.dim);
    }
    ann->base.n += vectors->n;
    status = ann->kind->add(ann->index, &ann->base, vectors->n, run, err);
    if (status) {
        ann->base.n = n;
    }
    return status;
}

rk_status rk_ann_remove(rk_ann *ann, uint32_t item, rk_error *err)
{
    if (item >= ann->base.n) {
        return rk_fail(err, RK_NOT_FOUND, "no item number %u", item);
    }
    ann->removed = ann->removed ? ann->removed : calloc((ann->base.n + 63) / 64, sizeof *ann->removed);
    if (!ann->removed) {
        return rk_fail_memory(err, "removed items");
    }
    ann->n_removed += !rk_bit(ann->removed, item);
    ann->removed[item / 64] |= UINT64_C(1) << (item % 64);
    if (ann->kind->remove) {
        ann->kind->remove(ann->index, &ann->base, item);
    }
    return RK_OK;
}

/* ---- asking ---- */

void rk_ann_bar(const uint64_t *barred, size_t first, size_t n, float *scores)
{
    for (size_t w = 0; barred && w * 64 < n; w++) {
        for (uint64_t bits = barred[first / 64 + w]; bits; bits &= bits - 1) {
            size_t i = w * 64 + (size_t)__builtin_ctzll(bits);
            if (i < n) {
                scores[i] = NAN;
            }
        }
    }
}

void rk_ann_compare_all(const rk_ann_rows *base, const rk_ann_question *question, rk_topk *topk)
{
    enum { BLOCK = 512 };
    const rk_kernels *kernels = rk_kernels_best();
    float scores[BLOCK];
    for (size_t first = 0; first < base->n; first += BLOCK) {
        size_t n = base->n - first < BLOCK ? base->n - first : BLOCK;
        kernels->rows_f32(scores, rk_ann_row(base, first), base->stride, n, question->query, base->dim);
        rk_ann_bar(question->barred, first, n, scores);
        rk_topk_offer(topk, (uint32_t)first, scores, n, NULL, 0);
    }
}

struct rk_ann_desk {
    const rk_ann *ann;
    void *desk;       /* the kind's */
    float *query;     /* [base.dim] */
    uint64_t *barred; /* [(n + 63) / 64] what is removed or barred; NULL: nothing is removed */
    rk_topk *topk;
    size_t k;        /* of topk */
    uint32_t effort; /* the default */
};

rk_status rk_ann_desk_new(const rk_ann *ann, rk_ann_desk **out, rk_error *err)
{
    rk_ann_desk *desk = calloc(1, sizeof *desk);
    if (!desk) {
        return rk_fail_memory(err, "a desk");
    }
    desk->ann = ann;
    desk->query = malloc(ann->base.dim * sizeof *desk->query);
    desk->barred = ann->n_removed > 0 ? malloc((ann->base.n + 63) / 64 * sizeof *desk->barred) : NULL;
    desk->effort = rk_ann_effort_for(ann, .99);
    rk_status status = desk->query && (desk->barred || ann->n_removed == 0)
                           ? ann->kind->desk_new(ann->index, &ann->base, &desk->desk, err)
                           : rk_fail_memory(err, "a desk");
    if (status) {
        rk_ann_desk_free(desk);
        return status;
    }
    *out = desk;
    return RK_OK;
}

void rk_ann_desk_free(rk_ann_desk *desk)
{
    if (desk) {
        desk->ann->kind->desk_free(desk->desk);
        rk_topk_free(desk->topk);
        free(desk->query);
        free(desk->barred);
        free(desk);
    }
}

static const uint64_t *barred_of(rk_ann_desk *desk, const uint64_t *barred)
{
    if (!desk->barred) {
        return barred;
    }
    for (size_t w = 0; w < (desk->ann->base.n + 63) / 64; w++) {
        desk->barred[w] = desk->ann->removed[w] | (barred ? barred[w] : 0);
    }
    return desk->barred;
}

/* What is added to twice an inner product of L2 to make minus the squared distance. */
static float distance_shift(const rk_ann *ann, const float *query) { return (float)-square_of(query, ann->dim); }

rk_status rk_ann_search(rk_ann_desk *desk, const float *query, rk_ann_ask ask, uint32_t *items, float *scores,
                        size_t *n_found, rk_error *err)
{
    const rk_ann *ann = desk->ann;
    assert(ask.k >= 1 && ask.k <= RK_ANN_K_MAX);
    if (desk->k != ask.k) {
        rk_topk_free(desk->topk);
        desk->topk = rk_topk_new(ask.k);
        desk->k = desk->topk ? ask.k : 0;
        if (!desk->topk) {
            return rk_fail_memory(err, "an answer");
        }
    }
    rk_topk_clear(desk->topk);
    rk_ann_question question = {.query = rk_ann_prepare(ann, query, desk->query),
                                .k = ask.k,
                                .effort = ask.effort > 0 ? ask.effort : desk->effort,
                                .barred = barred_of(desk, ask.barred)};
    rk_status status = ann->kind->search(ann->index, &ann->base, desk->desk, &question, desk->topk, err);
    if (status) {
        return status;
    }
    *n_found = rk_topk_take(desk->topk, items, scores);
    if (scores && ann->metric == RK_ANN_L2) {
        float shift = distance_shift(ann, query);
        for (size_t i = 0; i < *n_found; i++) {
            scores[i] = 2 * scores[i] + shift;
        }
    }
    return RK_OK;
}

/* ann_measure.c - how much of the truth an index finds, at each of its efforts.
 *
 * The truth is what a flat index answers, which is exact. Items that stand in for queries are drawn by the seed; the
 * query's own item counts like any other. Recall does not depend on threads; only the rates do on the machine.
 */
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "base/clock.h"
#include "math/random.h"

enum { K = RK_ANN_RECALL_AT, ROUNDS = 3, QUERIES_OF_ITEMS = 200 };
static const double ENOUGH = .9995; /* efforts beyond this are not worth measuring */
static const double LONG_S = .25;   /* a pass that took longer is not repeated */

typedef struct {
    rk_ann_rows queries;
    float *own;      /* queries drawn from items */
    uint32_t *best;  /* [queries x K] */
    uint8_t *n_best; /* [queries] */
} truth;

static rk_status draw_items(const rk_ann *ann, uint64_t seed, truth *t, rk_error *err)
{
    size_t n = ann->base.n < QUERIES_OF_ITEMS ? ann->base.n : QUERIES_OF_ITEMS;
    rk_random random = rk_random_of(seed, 0x616e6e);
    t->own = malloc(n * ann->dim * sizeof *t->own);
    if (!t->own) {
        return rk_fail_memory(err, "queries");
    }
    for (size_t q = 0; q < n; q++) {
        uint32_t item = rk_random_below(&random, (uint32_t)ann->base.n);
        memcpy(t->own + q * ann->dim, rk_ann_row(&ann->base, item), ann->dim * sizeof *t->own);
    }
    t->queries = (rk_ann_rows){t->own, n, ann->dim, ann->dim};
    return RK_OK;
}

/* The flat index that knows it: over the same base. */
static rk_status find_truth(const rk_ann *ann, const rk_run *run, truth *t, rk_error *err)
{
    rk_ann flat = {.kind = &rk_ann_flat, .metric = ann->metric, .dim = ann->dim, .base = ann->base};
    rk_ann_desk *desk = NULL;
    flat.removed = ann->removed;
    flat.n_removed = ann->n_removed;
    rk_ann_rows none = {0};
    rk_ann_material from = {&flat.base, &none, run};
    void *settings = calloc(1, flat.kind->settings_bytes);
    t->best = malloc(t->queries.n * K * sizeof *t->best);
    t->n_best = malloc(t->queries.n);
    rk_status status = settings && t->best && t->n_best ? RK_OK : rk_fail_memory(err, "what is to be found");
    if (!status) {
        rk_options_defaults((rk_option_table){flat.kind->options, flat.kind->n_options, settings});
        status = flat.kind->build(&from, settings, &flat.index, err);
    }
    status = status ? status : rk_ann_desk_new(&flat, &desk, err);
    for (size_t q = 0; !status && q < t->queries.n; q++) {
        size_t n = 0;
        status = rk_ann_search(desk, rk_ann_row(&t->queries, q), (rk_ann_ask){.k = K}, t->best + q * K, NULL, &n, err);
        t->n_best[q] = (uint8_t)n;
    }
    rk_ann_desk_free(desk);
    flat.kind->free(flat.index);
    free(settings);
    return status;
}

static size_t n_common(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
    size_t n = 0;
    for (size_t i = 0; i < n_a; i++) {
        for (size_t j = 0; j < n_b; j++) {
            n += a[i] == b[j];
        }
    }
    return n;
}

/* One pass over the queries at one effort. */
static rk_status pass(rk_ann_desk *desk, const truth *t, rk_ann_step *step, rk_error *err)
{
    uint64_t n_found = 0, n_wanted = 0;
    rk_status status = RK_OK;
    int64_t begin = rk_clock_thread_ns();
    for (size_t q = 0; !status && q < t->queries.n; q++) {
        uint32_t items[K];
        size_t n = 0;
        rk_ann_ask ask = {.k = K, .effort = step->effort};
        status = rk_ann_search(desk, rk_ann_row(&t->queries, q), ask, items, NULL, &n, err);
        n_found += n_common(items, n, t->best + q * K, t->n_best[q]);
        n_wanted += t->n_best[q];
    }
    double query_s = (double)(rk_clock_thread_ns() - begin) * 1e-9 / (double)t->queries.n;
    step->query_s = step->query_s > 0 && step->query_s < query_s ? step->query_s : query_s;
    step->recall = n_wanted > 0 ? (double)n_found / (double)n_wanted : 1;
    return status;
}

static rk_status measure_steps(rk_ann *ann, const truth *t, const rk_run *run, rk_error *err)
{
    uint32_t efforts[RK_ANN_STEPS_MAX];
    rk_ann_desk *desk = NULL;
    size_t n = ann->kind->efforts(ann->index, &ann->base, efforts);
    rk_status status = rk_ann_desk_new(ann, &desk, err);
    ann->n_steps = 0;
    for (size_t i = 0; !status && i < n; i++) {
        rk_ann_step step = {.effort = efforts[i]};
        bool is_short = true;
        for (int round = 0; !status && is_short && round < ROUNDS; round++) {
            status = pass(desk, t, &step, err);
            is_short = step.query_s * (double)t->queries.n < LONG_S;
        }
        ann->steps[ann->n_steps++] = step;
        rk_progress(run, "measuring recall", "efforts", i + 1, n);
        if (step.recall >= ENOUGH) {
            break;
        }
    }
    rk_ann_desk_free(desk);
    return status;
}

rk_status rk_ann_measure(rk_ann *ann, const rk_ann_rows *queries, const rk_run *run, rk_error *err)
{
    truth t = {.queries = *queries};
    rk_status status = RK_OK;
    ann->queries_given = queries->n > 0;
    if (queries->n == 0) {
        status = draw_items(ann, run->seed, &t, err);
    } else if (queries->dim != ann->dim) {
        return rk_fail(err, RK_BAD_INPUT, "queries have %zu numbers, items %zu", queries->dim, ann->dim);
    }
    t.queries.n = t.queries.n < RK_ANN_QUERIES_MAX ? t.queries.n : RK_ANN_QUERIES_MAX;
    status = status ? status : find_truth(ann, run, &t, err);
    status = status ? status : measure_steps(ann, &t, run, err);
    free(t.own);
    free(t.best);
    free(t.n_best);
    return status;
}

size_t rk_ann_steps(const rk_ann *ann, const rk_ann_step **out)
{
    *out = ann->steps;
    return ann->n_steps;
}

uint32_t rk_ann_effort_for(const rk_ann *ann, double recall)
{
    uint32_t efforts[RK_ANN_STEPS_MAX];
    for (size_t i = 0; i < ann->n_steps; i++) {
        if (ann->steps[i].recall >= recall) {
            return ann->steps[i].effort;
        }
    }
    return efforts[ann->kind->efforts(ann->index, &ann->base, efforts) - 1];
}

/* ivf_ladder.c - which numbers of lists and candidates are worth their time.
 *
 * For every number of lists the sample's true items are looked for among the candidates, and where they stand by their
 * codes tells the recall of every number of candidates at once. Rungs are the pairs that no cheaper pair comes up to;
 * costs are counted, not timed, so that an index is the same wherever it is made.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "ann/ivf.h"
#include "math/dot.h"

enum { K = RK_ANN_RECALL_AT, CANDIDATES_MAX = 4096, GRID_MAX = 40, SEATS = 64, TILE = 256 };
/* In the time that one code takes. */
static const double LIST_COST = 40, CANDIDATE_COST = 40;
/* Each rung loses at most so much of what the one before it lost. */
static const double LESS_LOST = .8, FIRST_RECALL = .5;

typedef struct {
    const rk_ann_rows *base, *queries;
    uint32_t *best; /* [queries x K] RK_NO_ID behind the last */
    size_t n_lists[GRID_MAX], n_candidates[GRID_MAX];
    size_t n_l, n_c;
    double found[GRID_MAX][GRID_MAX]; /* true items, by lists and candidates */
    uint64_t n_true;
} grid;

/* 1, 2, 3, 4, 6, 8, 12, 16, ... up to most, which is the last. */
static size_t steps_to(size_t first, size_t most, size_t *out)
{
    size_t n = 0;
    for (size_t step = first; step < most && n + 1 < GRID_MAX;) {
        out[n++] = step;
        bool is_power = (step & (step - 1)) == 0;
        step += step == 1 ? 1 : is_power ? step / 2 : step / 3;
    }
    out[n++] = most;
    return n;
}

/* ---- the truth ---- */

static rk_status offer_all(const grid *g, size_t first, size_t n, rk_topk **topk, float *scores)
{
    for (size_t item = 0; item < g->base->n; item += TILE) {
        size_t n_items = g->base->n - item < TILE ? g->base->n - item : TILE;
        rk_dot_product product = {.out = scores,
                                  .out_stride = TILE,
                                  .a = rk_ann_row(g->queries, first),
                                  .a_stride = g->queries->stride,
                                  .m = n,
                                  .b = rk_ann_row(g->base, item),
                                  .b_stride = g->base->stride,
                                  .n = n_items,
                                  .dim = g->base->dim};
        rk_kernels_best()->product_f32(&product);
        for (size_t q = 0; q < n; q++) {
            rk_topk_offer(topk[q], (uint32_t)item, scores + q * TILE, n_items, NULL, 0);
        }
    }
    return RK_OK;
}

static rk_status find_truth(grid *g, rk_error *err)
{
    rk_topk *topk[SEATS] = {0};
    float *scores = malloc(SEATS * TILE * sizeof *scores);
    rk_status status = scores && g->best ? RK_OK : rk_fail_memory(err, "what is to be found");
    for (size_t i = 0; !status && i < SEATS; i++) {
        topk[i] = rk_topk_new(K);
        status = topk[i] ? RK_OK : rk_fail_memory(err, "what is to be found");
    }
    for (size_t first = 0; !status && first < g->queries->n; first += SEATS) {
        size_t n = g->queries->n - first < SEATS ? g->queries->n - first : SEATS;
        status = offer_all(g, first, n, topk, scores);
        for (size_t q = 0; q < n; q++) {
            uint32_t *best = g->best + (first + q) * K;
            size_t found = rk_topk_take(topk[q], best, NULL);
            g->n_true += found;
            for (; found < K; found++) {
                best[found] = RK_NO_ID;
            }
        }
    }
    for (size_t i = 0; i < SEATS; i++) {
        rk_topk_free(topk[i]);
    }
    free(scores);
    return status;
}

/* ---- the grid ---- */

/* How many candidates it takes to have item among them; SIZE_MAX: it is not there. */
static size_t place_of(const rk_ivf_desk *desk, uint32_t item)
{
    rk_ivf_key key = 0;
    size_t place = 1;
    for (size_t i = 0; i < desk->n_candidates; i++) {
        key = rk_ivf_number(desk->candidate[i]) == item ? desk->candidate[i] : key;
    }
    for (size_t i = 0; key && i < desk->n_candidates; i++) {
        place += desk->candidate[i] > key;
    }
    return key ? place : SIZE_MAX;
}

static rk_status look(grid *g, const rk_ivf *ivf, size_t l, rk_error *err)
{
    rk_ivf_desk *desk = NULL;
    rk_status status = rk_ivf_desk_new(ivf, &desk, err);
    size_t most = g->n_candidates[g->n_c - 1];
    for (size_t q = 0; !status && q < g->queries->n; q++) {
        status = rk_ivf_collect(ivf, desk, rk_ann_row(g->queries, q), g->n_lists[l], most, 1, NULL, err);
        for (size_t i = 0; !status && i < K && g->best[q * K + i] != RK_NO_ID; i++) {
            size_t place = place_of(desk, g->best[q * K + i]);
            for (size_t c = 0; c < g->n_c; c++) {
                g->found[l][c] += place <= g->n_candidates[c];
            }
        }
    }
    rk_ivf_desk_free(desk);
    return status;
}

typedef struct {
    double cost, recall;
    rk_ivf_rung rung;
} option;

static int by_cost(const void *a, const void *b)
{
    const option *x = a, *y = b;
    int order = (x->cost > y->cost) - (x->cost < y->cost);
    return order ? order : (x->rung.lists > y->rung.lists) - (x->rung.lists < y->rung.lists);
}

static size_t choose(const grid *g, const rk_ivf *ivf, option *all, rk_ivf_rung *rung)
{
    double per_list = (double)ivf->n / (double)ivf->n_lists + LIST_COST, lost = 1;
    size_t n = 0, n_rungs = 0;
    for (size_t l = 0; l < g->n_l; l++) {
        for (size_t c = 0; c < g->n_c; c++) {
            double cost = (double)g->n_lists[l] * per_list + (double)g->n_candidates[c] * CANDIDATE_COST;
            rk_ivf_rung pair = {(uint32_t)g->n_lists[l], (uint32_t)g->n_candidates[c]};
            all[n++] = (option){cost, g->n_true > 0 ? g->found[l][c] / (double)g->n_true : 1, pair};
        }
    }
    qsort(all, n, sizeof *all, by_cost);
    for (size_t i = 0; i < n && n_rungs + 1 < RK_ANN_STEPS_MAX && lost > 0; i++) {
        double loses = 1 - all[i].recall;
        if (loses <= (n_rungs == 0 ? 1 - FIRST_RECALL : LESS_LOST * lost)) {
            rung[n_rungs++] = all[i].rung;
            lost = loses;
        }
    }
    return n_rungs;
}

rk_status rk_ivf_ladder(const rk_ivf *ivf, const rk_ann_rows *base, const rk_ann_rows *queries, rk_ivf_rung *rung,
                        size_t *n_rungs, rk_error *err)
{
    grid *g = calloc(1, sizeof *g);
    option *all = malloc(GRID_MAX * GRID_MAX * sizeof *all);
    if (!g || !all) {
        free(g);
        free(all);
        return rk_fail_memory(err, "what effort is worth");
    }
    g->base = base;
    g->queries = queries;
    g->best = malloc(queries->n * K * sizeof *g->best);
    g->n_l = steps_to(1, ivf->n_lists, g->n_lists);
    g->n_c = steps_to(K, ivf->n < CANDIDATES_MAX ? ivf->n : CANDIDATES_MAX, g->n_candidates);
    rk_status status = find_truth(g, err);
    for (size_t l = 0; !status && l < g->n_l; l++) {
        status = look(g, ivf, l, err);
    }
    if (!status) {
        *n_rungs = choose(g, ivf, all, rung);
    }
    free(g->best);
    free(g);
    free(all);
    return status;
}

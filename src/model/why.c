/* why.c - see why.h. */
#include "model/why.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 1024 };

/* ---- rank ---- */

/* Items that stand before one, counted chunk by chunk; what was taken stands nowhere. */
static rk_status count_before(const rk_model *model, rk_query *query, rk_history history, uint32_t item,
                              rk_arena *arena, rk_why *out, rk_error *err)
{
    uint32_t n_items = rk_model_n_items(model);
    float *scores = RK_TAKE(arena, float, CHUNK), mine = rk_model_score(model, query, item);
    size_t taken = 0;
    if (!scores) {
        return rk_fail_memory(err, "scores");
    }
    for (uint32_t first = 0; first < n_items; first += CHUNK) {
        uint32_t n = n_items - first < CHUNK ? n_items - first : CHUNK;
        rk_model_scores(model, query, first, n, scores);
        for (uint32_t i = 0; i < n; i++) {
            uint32_t other = first + i;
            bool is_taken = taken < history.n && history.item[taken] == other;
            taken += is_taken;
            bool is_candidate = (!is_taken && rk_model_shows(model, other)) || other == item;
            out->is_taken |= is_taken && other == item;
            out->total += is_candidate;
            out->rank += is_candidate && (scores[i] > mine || (scores[i] == mine && other < item));
        }
    }
    out->rank++;
    return RK_OK;
}

/* ---- shares ---- */

typedef struct {
    float share;
    uint32_t item;
} shared;

static int by_size(const void *a, const void *b)
{
    const shared *x = a, *y = b;
    float m = fabsf(x->share), n = fabsf(y->share);
    if (m != n) {
        return m > n ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

static rk_status add_shares(const rk_model *model, rk_history history, uint32_t item, size_t n_most, rk_arena *arena,
                            rk_why *out, rk_error *err)
{
    float *weight = RK_TAKE(arena, float, history.n);
    shared *all = RK_TAKE(arena, shared, history.n);
    uint32_t *items = RK_TAKE(arena, uint32_t, history.n);
    if (!weight || !all || !items) {
        return rk_fail_memory(err, "reasons");
    }
    rk_status status = rk_model_shares(model, history, &item, 1, arena, weight, err);
    size_t n = 0;
    for (size_t h = 0; !status && h < history.n; h++) {
        if (weight[h] != 0) {
            all[n++] = (shared){weight[h], history.item[h]};
            out->shares += (double)weight[h];
        }
    }
    if (n > 0) {
        qsort(all, n, sizeof *all, by_size);
    }
    out->n = n < n_most ? n : n_most;
    for (size_t i = 0; i < out->n; i++) {
        items[i] = all[i].item;
        weight[i] = all[i].share;
    }
    out->item = items;
    out->share = weight;
    return status;
}

rk_status rk_model_why(const rk_model *model, uint32_t user, rk_history history, bool is_newer, uint32_t item,
                       size_t n_most, rk_arena *arena, rk_why *out, rk_error *err)
{
    rk_query query;
    *out = (rk_why){0};
    bool is_stored = user != RK_NO_ID && !is_newer;
    rk_status status = is_stored ? rk_model_user_query(model, user, arena, &query, err)
                                 : rk_model_encode(model, history, arena, &query, err);
    if (status) {
        return status;
    }
    out->score = rk_model_predict(model, &query, item);
    status = count_before(model, &query, history, item, arena, out, err);
    if (!status && history.n > 0 && rk_model_is_personal(model)) {
        status = add_shares(model, history, item, n_most, arena, out, err);
    }
    return status;
}

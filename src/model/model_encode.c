/* model_encode.c - from a history to a query, and from an answer back to the history that speaks for it. */
#include <string.h>

#include "model/model_inside.h"

rk_status rk_model_encode(const rk_model *model, rk_history history, rk_arena *arena, float *query, float *bias,
                          rk_error *err)
{
    *bias = 0;
    if (!model->kind->encode) {
        return rk_fail(err, RK_UNSUPPORTED, "a model '%s' cannot fold in a new history", model->kind->name);
    }
    return model->kind->encode(model, history, arena, query, bias, err);
}

rk_status rk_model_user_query(const rk_model *model, uint32_t user, rk_arena *arena, float *query, float *bias,
                              rk_error *err)
{
    if (model->dim > 0 && !model->user_vector) {
        return rk_model_encode(model, rk_model_seen(model, user), arena, query, bias, err);
    }
    if (model->dim > 0) {
        memcpy(query, model->user_vector + (size_t)user * model->dim, model->dim * sizeof *query);
    }
    *bias = model->user_bias ? model->user_bias[user] : 0;
    return RK_OK;
}

/* The stand-in for an algorithm that explains nothing: likeness of the history's items. */
static rk_status explain_by_likeness(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                                     rk_arena *arena, float *weight, rk_error *err)
{
    float *mine = RK_TAKE(arena, float, model->dim);
    float *theirs = RK_TAKE(arena, float, model->dim);
    if (!mine || !theirs) {
        return rk_fail_memory(err, "reasons");
    }
    for (size_t i = 0; i < n_items; i++) {
        rk_model_item_vector(model, items[i], mine);
        for (size_t h = 0; h < history.n; h++) {
            rk_model_item_vector(model, history.item[h], theirs);
            weight[i * history.n + h] = model->kernels->dot_f32(mine, theirs, model->dim);
        }
    }
    return RK_OK;
}

/* The n entries with the largest positive weights, best first; equal ones by position. */
static void pick(rk_history history, uint32_t self, const float *weight, uint32_t n, uint32_t *reasons)
{
    float limit = 0;
    uint32_t *end = reasons + n, *at = reasons;
    const float *last = NULL; /* weight of the reason chosen before */
    for (; at < end; at++) {
        const float *best = NULL;
        for (const float *w = weight; w < weight + history.n; w++) {
            bool is_after = !last || *w < limit || (*w == limit && w > last);
            if (*w > 0 && is_after && (!best || *w > *best) && history.item[w - weight] != self) {
                best = w;
            }
        }
        if (!best) {
            break;
        }
        *at = history.item[best - weight];
        limit = *best;
        last = best;
    }
    for (; at < end; at++) {
        *at = RK_NO_ID;
    }
}

rk_status rk_model_reasons(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                           uint32_t n_each, rk_arena *arena, uint32_t *reasons, rk_error *err)
{
    memset(reasons, 0xff, n_items * n_each * sizeof *reasons);
    if (model->dim == 0 || history.n == 0 || n_items == 0 || n_each == 0) {
        return RK_OK;
    }
    float *weight = RK_TAKE(arena, float, n_items *history.n);
    if (!weight) {
        return rk_fail_memory(err, "reasons");
    }
    rk_status (*explain)(const rk_model *, rk_history, const uint32_t *, size_t, rk_arena *, float *, rk_error *) =
        model->kind->explain ? model->kind->explain : explain_by_likeness;
    rk_status status = explain(model, history, items, n_items, arena, weight, err);
    for (size_t i = 0; !status && i < n_items; i++) {
        pick(history, items[i], weight + i * history.n, n_each, reasons + i * n_each);
    }
    return status;
}

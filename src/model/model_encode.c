/* model_encode.c - from a history to a query, and from an answer back to the history that speaks for it. */
#include <string.h>

#include "model/codes.h"
#include "model/model_inside.h"

/* A question of nobody known, with the history as its rows. */
static rk_status begin(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    *query = (rk_query){.user = RK_NO_ID,
                        .vector = RK_TAKE(arena, float, model->dim),
                        .parts = RK_TAKE(arena, rk_query, model->n_parts)};
    if (model->near_start) {
        query->rows = rk_model_rows_are_items(model) ? history : (rk_history){0};
    }
    return query->vector && query->parts ? RK_OK : rk_fail_memory(err, "a query");
}

/* encode may have chosen other rows; the cursors are made for those. */
static rk_status end(rk_arena *arena, rk_query *query, rk_error *err)
{
    query->next = 0;
    query->cursor = RK_TAKE(arena, uint64_t, query->rows.n);
    query->reached = RK_TAKE(arena, uint32_t, query->rows.n);
    return query->cursor && query->reached ? RK_OK : rk_fail_memory(err, "a query");
}

static rk_status encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    if (!model->kind->encode && model->dim > 0) {
        return rk_fail(err, RK_UNSUPPORTED, "a model '%s' cannot fold in a new history", model->kind->name);
    }
    rk_status status = model->kind->encode ? model->kind->encode(model, history, arena, query, err) : RK_OK;
    return status ? status : end(arena, query, err);
}

/* A blend asks its parts. */
static rk_status ask_parts(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t p = 0; !status && p < model->n_parts; p++) {
        status = query->user == RK_NO_ID
                     ? rk_model_encode(model->parts[p], history, arena, &query->parts[p], err)
                     : rk_model_user_query(model->parts[p], query->user, arena, &query->parts[p], err);
    }
    return status || model->fuse_depth == 0 ? status : rk_hybrid_fuse(model, history, arena, query, err);
}

rk_status rk_model_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    rk_status status = begin(model, history, arena, query, err);
    if (!status && model->n_parts > 0) {
        return ask_parts(model, history, arena, query, err);
    }
    status = status ? status : encode(model, history, arena, query, err);
    return status || !model->codes ? status : rk_codes_list(model, history.n, arena, query, err);
}

static rk_status ask_user(const rk_model *model, uint32_t user, rk_arena *arena, rk_query *query, rk_error *err)
{
    rk_history seen = rk_model_seen(model, user);
    rk_status status = begin(model, seen, arena, query, err);
    query->user = user;
    if (!status && model->n_parts > 0) {
        return ask_parts(model, seen, arena, query, err);
    }
    if (status || model->near_start || (model->dim > 0 && !model->user_vector)) {
        return status ? status : encode(model, seen, arena, query, err);
    }
    if (model->dim > 0) {
        memcpy(query->vector, model->user_vector + (size_t)user * model->dim, model->dim * sizeof *query->vector);
    }
    query->bias = model->user_bias ? model->user_bias[user] : 0;
    return RK_OK;
}

rk_status rk_model_user_query(const rk_model *model, uint32_t user, rk_arena *arena, rk_query *query, rk_error *err)
{
    rk_status status = ask_user(model, user, arena, query, err);
    return status || !model->codes ? status : rk_codes_list(model, rk_model_seen(model, user).n, arena, query, err);
}

rk_status rk_query_keep(const rk_model *model, rk_query *query, rk_arena *arena, rk_error *err)
{
    size_t n = query->rows.n;
    rk_query kept = *query;
    kept.vector = RK_TAKE(arena, float, model->dim);
    uint32_t *row = RK_TAKE(arena, uint32_t, n);
    float *weight = RK_TAKE(arena, float, n);
    kept.cursor = RK_TAKE(arena, uint64_t, n);
    kept.reached = RK_TAKE(arena, uint32_t, n);
    kept.parts = RK_TAKE(arena, rk_query, model->n_parts);
    uint32_t *listed = RK_TAKE(arena, uint32_t, query->listed.n);
    float *scores = RK_TAKE(arena, float, query->listed.n);
    if (!kept.vector || !row || !weight || !kept.cursor || !kept.reached || !kept.parts || !listed || !scores) {
        return rk_fail_memory(err, "a query");
    }
    memcpy(kept.vector, query->vector, model->dim * sizeof *kept.vector);
    for (size_t r = 0; r < n; r++) {
        row[r] = query->rows.item[r];
        weight[r] = query->rows.value ? query->rows.value[r] : 1;
        kept.cursor[r] = query->cursor[r];
        kept.reached[r] = query->reached[r];
    }
    for (size_t i = 0; i < query->listed.n; i++) {
        listed[i] = query->listed.item[i];
        scores[i] = query->listed.value[i];
    }
    rk_status status = RK_OK;
    for (size_t p = 0; !status && p < model->n_parts; p++) {
        kept.parts[p] = query->parts[p];
        status = rk_query_keep(model->parts[p], &kept.parts[p], arena, err);
    }
    kept.rows = (rk_history){row, weight, n};
    kept.listed = (rk_history){listed, scores, query->listed.n};
    *query = kept;
    return status;
}

/* Where item stands in the history; history.n: nowhere. */
static size_t find_item(rk_history history, uint32_t item)
{
    size_t low = 0, high = history.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history.item[middle] < item) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < history.n && history.item[low] == item ? low : history.n;
}

/* Neighbours whose rows are items: a score is a sum over the history, and the terms are the reasons. */
static rk_status explain_by_rows(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                                 rk_arena *arena, float *weight, rk_error *err)
{
    rk_query query;
    rk_status status = rk_model_encode(model, history, arena, &query, err);
    memset(weight, 0, n_items * history.n * sizeof *weight);
    for (size_t r = 0; !status && r < query.rows.n; r++) {
        size_t h = find_item(history, query.rows.item[r]);
        float each = query.rows.value ? query.rows.value[r] : 1;
        for (size_t i = 0; h < history.n && i < n_items; i++) {
            weight[i * history.n + h] = each * rk_model_near(model, query.rows.item[r], items[i]);
        }
    }
    return status;
}

/* The stand-in for vectors of an algorithm that explains nothing: likeness of the history's items. */
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

/* What a share of one part weighs beside those of others: the part's own weight, by the largest of its shares where
 * ranks are blended and scores mean nothing. */
static float share_scale(const rk_model *model, size_t p, const float *share, size_t n)
{
    float most = 0;
    for (size_t i = 0; model->fuse_depth > 0 && i < n; i++) {
        most = share[i] > most ? share[i] : most;
    }
    return model->part_weight[p] / (most > 0 ? most : 1);
}

static rk_status explain_by_parts(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                                  rk_arena *arena, float *weight, rk_error *err)
{
    size_t n = n_items * history.n;
    float *share = RK_TAKE(arena, float, n);
    rk_status status = share ? RK_OK : rk_fail_memory(err, "reasons");
    memset(weight, 0, n * sizeof *weight);
    for (size_t p = 0; !status && p < model->n_parts; p++) {
        if (rk_model_is_personal(model->parts[p])) {
            status = rk_model_shares(model->parts[p], history, items, n_items, arena, share, err);
            float scale = status ? 0 : share_scale(model, p, share, n);
            for (size_t i = 0; !status && i < n; i++) {
                weight[i] += scale * share[i];
            }
        }
    }
    return status;
}

rk_status rk_model_shares(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                          rk_arena *arena, float *weight, rk_error *err)
{
    bool has_rows = rk_model_rows_are_items(model);
    if (model->n_parts > 0) {
        return explain_by_parts(model, history, items, n_items, arena, weight, err);
    }
    if (model->kind->explain) {
        return model->kind->explain(model, history, items, n_items, arena, weight, err);
    }
    return has_rows ? explain_by_rows(model, history, items, n_items, arena, weight, err)
                    : explain_by_likeness(model, history, items, n_items, arena, weight, err);
}

enum { PICK_RUN = 8 };

/* Whether one of a run is above least; no numbers are not. */
static bool has_above(const float *weight, float least)
{
    int is_above = 0;
    for (size_t i = 0; i < PICK_RUN; i++) {
        is_above |= weight[i] > least;
    }
    return is_above;
}

/* The n entries with the largest positive weights, best first; equal ones by position. n is small, and most entries
 * lose against the worst of those kept, a run of them at a time. kept: [n], for their weights. */
static void pick(rk_history history, uint32_t self, const float *weight, uint32_t n, float *kept, uint32_t *reasons)
{
    uint32_t n_kept = 0;
    for (size_t h = 0; h < history.n; h++) {
        float least = n_kept == n ? kept[n - 1] : 0;
        while (h + PICK_RUN < history.n && !has_above(weight + h, least)) {
            h += PICK_RUN;
        }
        float w = weight[h];
        if (!(w > 0) || (n_kept == n && w <= kept[n - 1]) || history.item[h] == self) {
            continue;
        }
        uint32_t at = n_kept < n ? n_kept++ : n - 1;
        for (; at > 0 && w > kept[at - 1]; at--) {
            kept[at] = kept[at - 1];
            reasons[at] = reasons[at - 1];
        }
        kept[at] = w;
        reasons[at] = history.item[h];
    }
}

rk_status rk_model_reasons(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                           uint32_t n_each, rk_arena *arena, uint32_t *reasons, rk_error *err)
{
    memset(reasons, 0xff, n_items * n_each * sizeof *reasons);
    if (!rk_model_is_personal(model) || history.n == 0 || n_items == 0 || n_each == 0) {
        return RK_OK;
    }
    float *weight = RK_TAKE(arena, float, n_items *history.n), *kept = RK_TAKE(arena, float, n_each);
    if (!weight || !kept) {
        return rk_fail_memory(err, "reasons");
    }
    rk_status status = rk_model_shares(model, history, items, n_items, arena, weight, err);
    for (size_t i = 0; !status && i < n_items; i++) {
        pick(history, items[i], weight + i * history.n, n_each, kept, reasons + i * n_each);
    }
    return status;
}

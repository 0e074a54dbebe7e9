/* model_score.c - the hot path: one query against every item, the best kept.
 *
 * Items are scored in blocks whose scores stay in the first-level cache, and each block is offered to the selector at
 * once. Block borders do not show: a score depends on its own row only, and the selector breaks ties by item id. A
 * query of neighbours remembers where it stands in each of its rows, so that blocks cost it nothing.
 */
#include <math.h>
#include <string.h>

#include "model/codes.h"
#include "model/model_inside.h"
#include "model/shown.h"

enum { BLOCK_ITEMS = 1024, SUMS = 256 };

/* A query as whole numbers, once for many items. */
typedef struct {
    int8_t all[RK_MODEL_DIM_MAX];
    int8_t even[RK_MODEL_DIM_MAX / 2], odd[RK_MODEL_DIM_MAX / 2]; /* of i4x2: apart, zeros behind the end */
    float scale;
} small_query;

static void make_small(const rk_model *model, const float *query, small_query *small)
{
    small->scale = rk_int8_of_row(small->all, query, model->dim);
    for (size_t i = 0; model->type == RK_I4X2 && i < model->stride; i++) {
        small->even[i] = 2 * i < model->dim ? small->all[2 * i] : 0;
        small->odd[i] = 2 * i + 1 < model->dim ? small->all[2 * i + 1] : 0;
    }
}

static void sums_of(const rk_model *model, const small_query *small, size_t row, uint32_t n, int32_t *sums)
{
    const uint8_t *rows = (const uint8_t *)model->item_vector + row * model->stride;
    if (model->type == RK_I8) {
        model->kernels->rows_i8(sums, (const int8_t *)rows, model->stride, n, small->all, model->dim);
    } else {
        model->kernels->rows_i4(sums, rows, model->stride, n, small->even, small->odd);
    }
}

static void scores_small(const rk_model *model, const small_query *small, uint32_t first, uint32_t n, float *scores)
{
    int32_t sums[SUMS];
    for (uint32_t at = 0; at < n; at += SUMS) {
        uint32_t m = n - at < SUMS ? n - at : SUMS;
        const float *item_scale = model->item_scale + first + at;
        sums_of(model, small, first + at, m, sums);
        for (uint32_t i = 0; i < m; i++) {
            scores[at + i] = (float)sums[i] * (small->scale * item_scale[i]);
        }
    }
}

/* Of n rows of vectors from row first on. */
static void dot_rows(const rk_model *model, const float *query, uint32_t first, uint32_t n, float *scores)
{
    size_t at = first * model->stride;
    if (model->dim == 0) {
        memset(scores, 0, n * sizeof *scores);
    } else if (model->type == RK_F32) {
        model->kernels->rows_f32(scores, (const float *)model->item_vector + at, model->stride, n, query, model->dim);
    } else if (model->type == RK_F16) {
        model->kernels->rows_f16(scores, (const rk_half *)model->item_vector + at, model->stride, n, query, model->dim);
    } else if (model->type == RK_BF16) {
        model->kernels->rows_bf16(scores, (const rk_bf16 *)model->item_vector + at, model->stride, n, query,
                                  model->dim);
    } else {
        small_query small;
        make_small(model, query, &small);
        scores_small(model, &small, first, n, scores);
    }
}

/* Of items first .. first + n - 1. */
static void dot_scores(const rk_model *model, const float *query, uint32_t first, uint32_t n, float *scores)
{
    uint32_t n_rows, row = rk_shown_run(model, first, n, &n_rows);
    dot_rows(model, query, row, n_rows, scores);
    rk_shown_spread(model, first, n, n_rows, scores);
}

/* The weighted sum of the parts' scores. */
static void add_parts(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    float part[BLOCK_ITEMS];
    for (size_t p = 0; p < model->n_parts; p++) {
        for (uint32_t at = 0; at < n; at += BLOCK_ITEMS) {
            uint32_t m = n - at < BLOCK_ITEMS ? n - at : BLOCK_ITEMS;
            rk_model_scores(model->parts[p], &query->parts[p], first + at, m, part);
            for (uint32_t i = 0; i < m; i++) {
                scores[at + i] += model->part_weight[p] * part[i];
            }
        }
    }
}

/* The few items that have a score of blended ranks. */
static void add_listed(const rk_history *listed, uint32_t first, uint32_t n, float *scores)
{
    uint64_t at = rk_find_from(listed->item, 0, listed->n, first);
    for (; at < listed->n && listed->item[at] - first < n; at++) {
        scores[listed->item[at] - first] += listed->value[at];
    }
}

const rk_model *rk_model_part_at(const rk_model *model, size_t i)
{
    return i < model->n_parts ? model->parts[i] : NULL;
}

size_t rk_model_n_layers(const rk_model *model) { return model->fuse_depth > 0 ? 0 : model->n_parts; }

const rk_model *rk_model_layer(const rk_model *model, size_t i, float *weight)
{
    *weight = model->part_weight[i];
    return model->parts[i];
}

void rk_model_scores(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    dot_scores(model, query->vector, first, n, scores);
    if (query->rows.n > 0) {
        rk_model_add_near(model, query, first, n, scores);
    }
    if (model->fuse_depth > 0) {
        add_listed(&query->listed, first, n, scores);
    } else if (model->n_parts > 0) {
        add_parts(model, query, first, n, scores);
    }
    if (model->item_bias) {
        for (uint32_t i = 0; i < n; i++) {
            scores[i] += model->item_bias[first + i];
        }
    }
}

float rk_model_score(const rk_model *model, rk_query *query, uint32_t item)
{
    float score;
    dot_rows(model, query->vector, (uint32_t)rk_row_of(model, item), 1, &score);
    if (query->rows.n > 0) {
        rk_model_add_near(model, query, item, 1, &score);
    }
    if (model->fuse_depth > 0) {
        add_listed(&query->listed, item, 1, &score);
    }
    for (size_t p = 0; model->fuse_depth == 0 && p < model->n_parts; p++) {
        score += model->part_weight[p] * rk_model_score(model->parts[p], &query->parts[p], item);
    }
    return score + (model->item_bias ? model->item_bias[item] : 0);
}

void rk_model_round_query(const rk_model *model, const float *query, float *out)
{
    int8_t small[RK_MODEL_DIM_MAX];
    memcpy(out, query, model->dim * sizeof *out);
    if (rk_model_is_scaled(model)) {
        float scale = rk_int8_of_row(small, query, model->dim);
        for (size_t d = 0; d < model->dim; d++) {
            out[d] = scale * (float)small[d];
        }
    }
}

static void dot_each(const rk_model *model, const float *query, const uint32_t *item, size_t n, float *score)
{
    small_query small;
    bool is_small = rk_model_is_scaled(model);
    if (is_small) {
        make_small(model, query, &small);
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t row = (uint32_t)rk_row_of(model, item[i]);
        if (is_small) {
            scores_small(model, &small, row, 1, &score[i]);
        } else {
            dot_rows(model, query, row, 1, &score[i]);
        }
    }
}

void rk_model_score_each(const rk_model *model, const rk_query *query, const uint32_t *item, size_t n, float *score)
{
    dot_each(model, query->vector, item, n, score);
    for (size_t i = 0; model->item_bias && i < n; i++) {
        score[i] += model->item_bias[item[i]];
    }
}

double rk_model_predict(const rk_model *model, rk_query *query, uint32_t item)
{
    float score = rk_model_score(model, query, item);
    return model->is_rating ? model->mu + (double)query->bias + (double)score : (double)score;
}

/* What is left of skip from item first on. */
static void advance(rk_filter *filter, uint32_t first)
{
    while (filter->n_skip > 0 && *filter->skip < first) {
        filter->skip++;
        filter->n_skip--;
    }
}

bool rk_filter_allows(const rk_model *model, const rk_filter *filter, uint32_t item)
{
    uint32_t category = rk_model_category(model, item);
    return !filter->categories || (category != RK_NO_ID && filter->categories[category]);
}

uint64_t rk_filter_count(const rk_model *model, const rk_filter *filter)
{
    bool is_plain = !filter->categories && !model->row;
    uint64_t n = is_plain ? model->n_items - filter->n_skip : 0;
    rk_filter rest = *filter;
    for (uint32_t i = 0; !is_plain && i < model->n_items; i++) {
        advance(&rest, i);
        n += rk_model_shows(model, i) && rk_filter_allows(model, filter, i) && !(rest.n_skip > 0 && *rest.skip == i);
    }
    return n;
}

static void bar(const rk_model *model, const rk_filter *filter, uint32_t first, uint32_t n, float *scores)
{
    for (uint32_t i = 0; i < n; i++) {
        scores[i] = rk_filter_allows(model, filter, first + i) ? scores[i] : NAN;
    }
}

/* What stands in the short list has been offered. */
static void leave_out(const rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    uint64_t at = rk_find_from(query->listed.item, 0, query->listed.n, first);
    for (; at < query->listed.n && query->listed.item[at] - first < n; at++) {
        scores[query->listed.item[at] - first] = NAN;
    }
}

/* Of a model with product codes the short list; all the others too where it did not fill the selector. */
void rk_model_offer(const rk_model *model, rk_query *query, const rk_filter *filter, rk_topk *topk)
{
    if (model->codes) {
        rk_codes_offer(model, query, filter, topk);
        if (rk_topk_least(topk) > -INFINITY) {
            return;
        }
    }
    float scores[BLOCK_ITEMS];
    rk_filter rest = *filter;
    for (uint32_t first = 0; first < model->n_items; first += BLOCK_ITEMS) {
        uint32_t n = model->n_items - first < BLOCK_ITEMS ? model->n_items - first : BLOCK_ITEMS;
        rk_model_scores(model, query, first, n, scores);
        if (model->codes) {
            leave_out(query, first, n, scores);
        }
        if (filter->categories) {
            bar(model, filter, first, n, scores);
        }
        advance(&rest, first);
        rk_topk_offer(topk, first, scores, n, rest.skip, rest.n_skip);
    }
}

/* The model itself, or of a blend the weightiest part, that knows which items are alike; NULL: none does. */
static const rk_model *likeness_of(const rk_model *model)
{
    bool has_rows = rk_model_rows_are_items(model);
    const rk_model *best = model->dim > 0 || has_rows ? model : NULL;
    float most = 0;
    for (size_t p = 0; p < model->n_parts; p++) {
        if (model->part_weight[p] > most && likeness_of(model->parts[p])) {
            most = model->part_weight[p];
            best = model->parts[p];
        }
    }
    return best;
}

rk_status rk_model_need_similar(const rk_model *model, rk_error *err)
{
    return likeness_of(model)
               ? RK_OK
               : rk_fail(err, RK_UNSUPPORTED, "a model '%s' does not know which items are alike", model->kind->name);
}

static void offer_by_cosine(const rk_model *model, uint32_t item, rk_filter skip, rk_topk *topk)
{
    float scores[BLOCK_ITEMS], query[RK_MODEL_DIM_MAX];
    rk_model_item_vector(model, item, query);
    for (uint32_t first = 0; first < model->n_items; first += BLOCK_ITEMS) {
        uint32_t n = model->n_items - first < BLOCK_ITEMS ? model->n_items - first : BLOCK_ITEMS;
        const float *inverse = model->inverse_norm + first;
        dot_scores(model, query, first, n, scores);
        for (uint32_t i = 0; i < n; i++) {
            scores[i] = inverse[i] > 0 ? scores[i] * (inverse[i] * model->inverse_norm[item]) : NAN;
        }
        if (item - first < n) {
            scores[item - first] = NAN;
        }
        advance(&skip, first);
        rk_topk_offer(topk, first, scores, n, skip.skip, skip.n_skip);
    }
}

void rk_model_likeness_each(const rk_model *model, uint32_t item, const uint32_t *like, size_t n, float *score)
{
    float query[RK_MODEL_DIM_MAX];
    rk_model_item_vector(model, item, query);
    dot_each(model, query, like, n, score);
    for (size_t i = 0; i < n; i++) {
        score[i] *= model->inverse_norm[like[i]] * model->inverse_norm[item];
    }
}

void rk_model_offer_similar(const rk_model *whole, uint32_t item, const uint32_t *skip, size_t n_skip, rk_topk *topk)
{
    const rk_model *model = likeness_of(whole);
    if (rk_model_rows_are_items(model)) {
        rk_rows_offer(model, item, skip, n_skip, topk);
    } else {
        offer_by_cosine(model, item, (rk_filter){.skip = skip, .n_skip = n_skip}, topk);
    }
}

rk_status rk_model_best(const rk_model *model, rk_query *query, const uint32_t *skip, size_t n_skip, uint32_t n,
                        uint32_t *items, float *scores, uint32_t *n_found, rk_error *err)
{
    *n_found = 0;
    rk_topk *topk = n > 0 ? rk_topk_new(n) : NULL;
    if (n == 0) {
        return RK_OK;
    }
    if (!topk) {
        return rk_fail_memory(err, "a list of the best items");
    }
    rk_model_offer(model, query, &(rk_filter){.skip = skip, .n_skip = n_skip}, topk);
    *n_found = (uint32_t)rk_topk_take(topk, items, scores);
    rk_topk_free(topk);
    return RK_OK;
}

rk_status rk_model_similar(const rk_model *model, uint32_t item, uint32_t n, uint32_t *items, float *scores,
                           uint32_t *n_found, rk_error *err)
{
    rk_status status = rk_model_need_similar(model, err);
    if (status) {
        return status;
    }
    *n_found = 0;
    rk_topk *topk = n > 0 ? rk_topk_new(n) : NULL;
    if (n == 0) {
        return RK_OK;
    }
    if (!topk) {
        return rk_fail_memory(err, "a list of similar items");
    }
    rk_model_offer_similar(model, item, NULL, 0, topk);
    *n_found = (uint32_t)rk_topk_take(topk, items, scores);
    rk_topk_free(topk);
    return RK_OK;
}

/* neighbours.c - the rows of a sparse matrix, as floats or coded: scored, looked up, offered; coded ones checked.
 *
 * A query goes over its rows block of items by block of items. Entries ascend, so each row is walked through once, and
 * the query remembers where it stands: for floats the entry, for coded rows the byte and the item before it.
 */
#include <math.h>

#include "model/model_inside.h"
#include "model/row_code.h"

/* ---- coded rows ---- */

static rk_row_reader reader_of(const rk_model *model, uint32_t row)
{
    const uint8_t *begin = model->near_code + model->near_start[row],
                  *end = model->near_code + model->near_start[row + 1];
    return (rk_row_reader){begin < end ? begin + 1 : end, end, UINT32_MAX, begin < end ? *begin : 1};
}

/* NULL, or what is wrong. */
static const char *check_row(const rk_model *model, uint32_t row, uint64_t *n)
{
    uint64_t bytes = model->near_start[row + 1] - model->near_start[row];
    rk_row_reader r = reader_of(model, row);
    if (bytes > 0 && ((r.width != 1 && r.width != 2) || bytes == 1 || (bytes - 1) % (r.width + 1) != 0)) {
        return "near.code holds a row that is no row";
    }
    for (; r.at < r.end; rk_row_next(&r)) {
        uint32_t item = rk_row_item(&r);
        bool ascends = r.item == UINT32_MAX || item > r.item;
        if (item >= model->n_items || !ascends) {
            return "near.code holds an unknown or misplaced item";
        }
        *n += rk_row_level_at(&r) != 0;
    }
    return NULL;
}

const char *rk_rows_check(rk_model *model, uint64_t n_bytes)
{
    const uint64_t *start = model->near_start;
    const char *what =
        start[0] == 0 && start[model->n_near_rows] == n_bytes ? NULL : "near.start does not span its code";
    for (uint32_t r = 0; !what && r < model->n_near_rows; r++) {
        what = start[r] > start[r + 1] || start[r + 1] > n_bytes ? "near.start does not ascend"
                                                                 : check_row(model, r, &model->n_near);
    }
    return what;
}

static void skip_below(rk_row_reader *r, uint32_t first)
{
    while (r->at < r->end && rk_row_item(r) < first) {
        rk_row_next(r);
    }
}

/* width: a constant, so that the loop does not ask for it. */
static inline void add_entries(rk_row_reader *r, unsigned width, float each, float scale, uint32_t first, uint32_t n,
                               float *scores)
{
    r->width = width;
    for (; r->at < r->end; rk_row_next(r)) {
        uint32_t place = rk_row_item(r) - first;
        if (place >= n) {
            return;
        }
        scores[place] += each * rk_row_weight(rk_row_level_at(r), scale);
    }
}

static void add_coded(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    bool goes_on = query->next == first && first > 0;
    for (size_t i = 0; i < query->rows.n; i++) {
        uint32_t row = query->rows.item[i];
        float each = query->rows.value ? query->rows.value[i] : 1;
        rk_row_reader r = reader_of(model, row);
        if (goes_on) {
            r.at = model->near_code + query->cursor[i];
            r.item = query->reached[i];
        } else {
            skip_below(&r, first);
        }
        if (r.width == 1) {
            add_entries(&r, 1, each, model->near_scale[row], first, n, scores);
        } else {
            add_entries(&r, 2, each, model->near_scale[row], first, n, scores);
        }
        query->cursor[i] = (uint64_t)(r.at - model->near_code);
        query->reached[i] = r.item;
    }
}

static float near_coded(const rk_model *model, uint32_t row, uint32_t item)
{
    rk_row_reader r = reader_of(model, row);
    skip_below(&r, item);
    return r.at < r.end && rk_row_item(&r) == item ? rk_row_weight(rk_row_level_at(&r), model->near_scale[row]) : 0;
}

/* Whether item stands in what is left of a list; both ascend. */
static bool is_in(rk_history *skip, uint32_t item)
{
    for (; skip->n > 0 && *skip->item < item; skip->item++) {
        skip->n--;
    }
    return skip->n > 0 && *skip->item == item;
}

static void offer_coded(const rk_model *model, uint32_t row, rk_history skip, rk_topk *topk)
{
    for (rk_row_reader r = reader_of(model, row); r.at < r.end; rk_row_next(&r)) {
        int8_t level = rk_row_level_at(&r);
        if (level != 0 && rk_row_item(&r) != row && !is_in(&skip, rk_row_item(&r))) {
            rk_topk_offer_one(topk, rk_row_item(&r), rk_row_weight(level, model->near_scale[row]));
        }
    }
}

/* ---- rows of floats ---- */

static void add_floats(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    bool goes_on = query->next == first && first > 0;
    for (size_t r = 0; r < query->rows.n; r++) {
        uint32_t row = query->rows.item[r];
        float weight = query->rows.value ? query->rows.value[r] : 1;
        uint64_t end = model->near_start[row + 1], at = goes_on ? query->cursor[r] : model->near_start[row];
        at = goes_on || first == 0 ? at : rk_find_from(model->near_item, at, end, first);
        for (; at < end && model->near_item[at] - first < n; at++) {
            scores[model->near_item[at] - first] += weight * model->near_weight[at];
        }
        query->cursor[r] = at;
    }
}

static float near_float(const rk_model *model, uint32_t row, uint32_t item)
{
    uint64_t end = model->near_start[row + 1];
    uint64_t at = rk_find_from(model->near_item, model->near_start[row], end, item);
    return at < end && model->near_item[at] == item ? model->near_weight[at] : 0;
}

static void offer_floats(const rk_model *model, uint32_t row, rk_history skip, rk_topk *topk)
{
    for (uint64_t at = model->near_start[row]; at < model->near_start[row + 1]; at++) {
        if (model->near_item[at] != row && !is_in(&skip, model->near_item[at])) {
            rk_topk_offer_one(topk, model->near_item[at], model->near_weight[at]);
        }
    }
}

/* ---- either ---- */

void rk_model_add_near(const rk_model *model, rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    (model->near_code ? add_coded : add_floats)(model, query, first, n, scores);
    query->next = first + n;
}

float rk_model_near(const rk_model *model, uint32_t row, uint32_t item)
{
    return (model->near_code ? near_coded : near_float)(model, row, item);
}

void rk_rows_offer(const rk_model *model, uint32_t row, const uint32_t *skip, size_t n_skip, rk_topk *topk)
{
    (model->near_code ? offer_coded : offer_floats)(model, row, (rk_history){.item = skip, .n = n_skip}, topk);
}

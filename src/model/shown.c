/* shown.c - see shown.h. */
#include "model/shown.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPREAD_ITEMS = 512 };

const char *rk_shown_open(rk_model *model, const rk_section *section)
{
    const uint32_t *shown = section->data;
    uint64_t n = section->rows;
    for (uint64_t r = 0; r < n; r++) {
        if (shown[r] >= model->n_items || (r > 0 && shown[r] <= shown[r - 1])) {
            return "item.shown holds an unknown or misplaced item";
        }
    }
    model->row = malloc(((size_t)model->n_items + 1) * sizeof *model->row);
    if (!model->row) {
        return "memory is short for its rows";
    }
    model->shown = shown;
    model->n_shown = (uint32_t)n;
    uint32_t lit = 0, dark = (uint32_t)n;
    for (uint32_t i = 0; i < model->n_items; i++) {
        model->row[i] = lit < n && shown[lit] == i ? lit++ : dark++;
    }
    return NULL;
}

bool rk_model_shows(const rk_model *model, uint32_t item) { return !model->row || model->row[item] < model->n_shown; }

uint32_t rk_model_n_shown(const rk_model *model) { return model->row ? model->n_shown : model->n_items; }

uint32_t rk_model_item_at(const rk_model *model, uint32_t row)
{
    uint32_t item = 0;
    if (!model->row || row < model->n_shown) {
        return model->row ? model->shown[row] : row;
    }
    while (model->row[item] != row) {
        item++;
    }
    return item;
}

uint32_t rk_shown_run(const rk_model *model, uint32_t first, uint32_t n, uint32_t *n_rows)
{
    if (!model->row) {
        *n_rows = n;
        return first;
    }
    uint64_t begin = rk_find_from(model->shown, 0, model->n_shown, first);
    uint64_t most = begin + n < model->n_shown ? begin + n : model->n_shown;
    *n_rows = (uint32_t)(rk_find_from(model->shown, begin, most, first + n) - begin);
    return (uint32_t)begin;
}

/* From the last items on, so that scores that still wait stand before those that are in place. Only what is shown is
 * moved one by one: where that is little, to look at every item would take as long as to score it. */
void rk_shown_spread(const rk_model *model, uint32_t first, uint32_t n, uint32_t n_rows, float *scores)
{
    if (!model->row || n == 0) {
        return;
    }
    float room[SPREAD_ITEMS];
    const uint32_t *shown = model->shown + rk_find_from(model->shown, 0, model->n_shown, first);
    for (uint32_t at = (n - 1) / SPREAD_ITEMS * SPREAD_ITEMS, end = n; end > 0; end = at, at -= at ? SPREAD_ITEMS : 0) {
        uint32_t begin = (uint32_t)rk_find_from(shown, 0, n_rows, first + at), m = n_rows - begin;
        memcpy(room, scores + begin, m * sizeof *room);
        for (uint32_t i = at; i < end; i++) {
            scores[i] = NAN;
        }
        for (uint32_t r = 0; r < m; r++) {
            scores[shown[begin + r] - first] = room[r];
        }
        n_rows = begin;
    }
}

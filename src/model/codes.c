/* codes.c - see codes.h. */
#include "model/codes.h"

#include <math.h>
#include <string.h>

#include "ann/ivf.h"
#include "base/map.h"
#include "math/sorted.h"

/* ---- the file ---- */

static rk_status damaged(const rk_model *m, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: %s", rk_artefact_path(m->artefact), what);
}

rk_status rk_codes_open(rk_model *m, rk_error *err)
{
    const json_t *rerank = json_object_get(m->meta, "rerank");
    json_int_t n = json_integer_value(rerank);
    const rk_ann_kind *kind = NULL;
    void *index = NULL;
    if (!rk_artefact_find(m->artefact, "ivf.code")) {
        return RK_OK;
    }
    if (m->dim == 0 || m->n_items == 0 || m->near_start || m->shown || m->n_parts > 0) {
        return damaged(m, "it has product codes, and does not score all items by vectors alone", err);
    }
    if (n < 1 || n > RK_MODEL_RERANK_MAX) {
        return damaged(m, "its product codes come without a length of the list to be ranked again", err);
    }
    rk_ann_rows base = {NULL, m->n_items, m->dim + (m->item_bias != NULL), 0};
    rk_status status = rk_ann_kind_need("ivf", &kind, err);
    status = status ? status : kind->open(m->artefact, NULL, &base, &index, err);
    if (!status) {
        m->codes = index;
        m->rerank = (uint32_t)n;
    }
    return status;
}

void rk_codes_close(rk_model *model) { rk_ivf_free(model->codes); }

bool rk_model_is_coded(const rk_model *model) { return model->codes != NULL; }

/* ---- asking ---- */

static rk_status score_list(const rk_model *model, const rk_ivf_desk *desk, rk_arena *arena, rk_query *query,
                            rk_error *err)
{
    size_t n = desk->n_candidates;
    uint32_t *item = RK_TAKE(arena, uint32_t, n);
    float *score = RK_TAKE(arena, float, n);
    if (!item || !score) {
        return rk_fail_memory(err, "a short list");
    }
    for (size_t i = 0; i < n; i++) {
        item[i] = rk_ivf_number(desk->candidate[i]);
    }
    rk_sort_u32(item, n);
    rk_model_score_each(model, query, item, n, score);
    query->listed = (rk_history){item, score, n};
    return RK_OK;
}

rk_status rk_codes_list(const rk_model *model, size_t n_taken, rk_arena *arena, rk_query *query, rk_error *err)
{
    size_t n = model->rerank + n_taken;
    n = n < model->n_items ? n : model->n_items;
    rk_ivf_desk *desk = NULL;
    float *wide = RK_TAKE(arena, float, (size_t)model->dim + 1);
    rk_status status = wide ? rk_ivf_desk_new(model->codes, &desk, err) : rk_fail_memory(err, "a query");
    if (!status) {
        memcpy(wide, query->vector, model->dim * sizeof *wide);
        wide[model->dim] = 1; /* meets the bias, where there is one */
        status = rk_ivf_collect(model->codes, desk, wide, model->codes->n_lists, n, n, NULL, err);
    }
    status = status ? status : score_list(model, desk, arena, query, err);
    rk_ivf_desk_free(desk);
    return status;
}

void rk_codes_scores(const rk_query *query, uint32_t first, uint32_t n, float *scores)
{
    const rk_history *listed = &query->listed;
    for (uint32_t i = 0; i < n; i++) {
        scores[i] = NAN;
    }
    for (uint64_t at = rk_find_from(listed->item, 0, listed->n, first); at < listed->n && listed->item[at] - first < n;
         at++) {
        scores[listed->item[at] - first] = listed->value[at];
    }
}

void rk_codes_offer(const rk_model *model, const rk_query *query, const rk_filter *filter, rk_topk *topk)
{
    size_t s = 0;
    for (size_t i = 0; i < query->listed.n; i++) {
        uint32_t item = query->listed.item[i];
        while (s < filter->n_skip && filter->skip[s] < item) {
            s++;
        }
        bool is_skipped = s < filter->n_skip && filter->skip[s] == item;
        if (!is_skipped && rk_filter_allows(model, filter, item)) {
            rk_topk_offer(topk, item, &query->listed.value[i], 1, NULL, 0);
        }
    }
}

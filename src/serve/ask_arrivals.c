/* ask_arrivals.c - see ask_arrivals.h. The items that arrivals are like are scored in one call of the model, as the
 * only candidates.
 */
#include "serve/ask_arrivals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "model/lookup.h"

typedef struct {
    const rk_arrival *arrival;
    float score;
} foretold;

static int by_item(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Highest first, then the newer. */
static int best_first(const void *a, const void *b)
{
    const foretold *x = a, *y = b;
    if (x->score < y->score || x->score > y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return (x->arrival > y->arrival) - (x->arrival < y->arrival);
}

static bool is_among(rk_slice id, const rk_slice *ids, size_t n)
{
    bool is = false;
    for (size_t i = 0; i < n && !is; i++) {
        is = rk_slice_equal(ids[i], id);
    }
    return is;
}

/* Those that are wanted: not excluded, not taken lately, of the category. */
static rk_status choose(const rk_live *live, const rk_recommend_ask *ask, rk_arena *arena, rk_arrival **out, size_t *n,
                        rk_error *err)
{
    rk_arrival *all = NULL;
    size_t n_all = 0, n_recent = 0;
    *n = 0;
    rk_status status = rk_joined_arrivals(live->joined, arena, &all, &n_all, err);
    const rk_slice *recent = ask->recent ? rk_recent_items(ask->recent, ask->user, arena, &n_recent) : NULL;
    for (size_t i = 0; !status && i < n_all; i++) {
        bool is_wanted = all[i].n_like > 0 && !is_among(all[i].id, ask->exclude, ask->n_exclude) &&
                         !is_among(all[i].id, recent, n_recent) &&
                         (ask->category.n == 0 || rk_category_is_within(all[i].category, ask->category));
        if (is_wanted) {
            all[(*n)++] = all[i];
        }
    }
    *out = all;
    return status;
}

/* All items that some arrival is like, ascending. NULL: no memory. */
static uint32_t *gather(const rk_arrival *arrivals, size_t n, rk_arena *arena, size_t *n_out)
{
    uint32_t *items = RK_TAKE(arena, uint32_t, n * RK_ARRIVAL_LIKE);
    size_t n_all = 0, kept = 0;
    for (size_t i = 0; items && i < n; i++) {
        memcpy(items + n_all, arrivals[i].like, arrivals[i].n_like * sizeof *items);
        n_all += arrivals[i].n_like;
    }
    if (items && n_all > 1) {
        qsort(items, n_all, sizeof *items, by_item);
    }
    for (size_t i = 0; items && i < n_all; i++) {
        if (kept == 0 || items[kept - 1] != items[i]) {
            items[kept++] = items[i];
        }
    }
    *n_out = kept;
    return items;
}

typedef struct {
    uint32_t item;
    float score;
} scored;

static int by_scored(const void *a, const void *b)
{
    return by_item(&((const scored *)a)->item, &((const scored *)b)->item);
}

/* What the model says of each of items, in their order; NULL: no memory, or *status. */
static const scored *score(const rk_live *live, const rk_wish *wish, const uint32_t *items, size_t n,
                           const rk_asking *with, rk_status *status, rk_error *err)
{
    rk_answer answer;
    scored *out = RK_TAKE(with->arena, scored, n);
    rk_wish only = {.user = wish->user, .history = wish->history, .only = items, .n_only = n, .n = (uint32_t)n};
    *status =
        out ? rk_answer_recommend(with->desk, live->model, &only, &answer, err) : rk_fail_memory(err, "new products");
    if (*status) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = (scored){items[i], 0};
    }
    for (uint32_t r = 0; r < answer.n; r++) {
        scored *found = bsearch(&(scored){answer.item[r], 0}, out, n, sizeof *out, by_scored);
        if (found) {
            found->score = answer.score[r];
        }
    }
    return out;
}

static rk_status foretell(const rk_live *live, const rk_wish *wish, const rk_arrival *arrivals, size_t n,
                          const rk_asking *with, foretold **out, rk_error *err)
{
    size_t n_items = 0;
    rk_status status = RK_OK;
    const uint32_t *items = gather(arrivals, n, with->arena, &n_items);
    *out = RK_TAKE(with->arena, foretold, n);
    if (!items || !*out) {
        return rk_fail_memory(err, "new products");
    }
    const scored *scores = n_items > 0 ? score(live, wish, items, n_items, with, &status, err) : NULL;
    for (size_t i = 0; !status && i < n; i++) {
        (*out)[i] = (foretold){&arrivals[i], 0};
        for (size_t k = 0; k < arrivals[i].n_like; k++) {
            const scored *one = bsearch(&(scored){arrivals[i].like[k], 0}, scores, n_items, sizeof *scores, by_scored);
            (*out)[i].score += arrivals[i].weight[k] * (one ? one->score : 0);
        }
    }
    if (!status && n > 1) {
        qsort(*out, n, sizeof **out, best_first);
    }
    return status;
}

/* ---- writing ---- */

static void begin(const rk_live *live, const rk_asking *with, rk_json *json)
{
    *json = (rk_json){.text = with->out};
    rk_lap(with->laps, RK_STAGE_SCORE);
    rk_json_object(json, NULL);
    rk_json_cstring(json, "request_id", with->request_id);
    rk_json_cstring(json, "model", rk_model_label(live->model));
    rk_json_array(json, "items");
}

static rk_status end(const rk_asking *with, uint64_t total, rk_json *json, rk_error *err)
{
    rk_json_end_array(json);
    rk_json_u64(json, "total", total);
    rk_json_end_object(json);
    return with->out->failed ? rk_fail_memory(err, "the answer") : RK_OK;
}

static void write_item(const rk_live *live, rk_slice id, rk_slice title, double score, const char *kind,
                       uint32_t reason, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_string(json, "id", id);
    rk_json_real(json, "score", rint(score * 1e6) / 1e6);
    if (title.n > 0) {
        rk_json_string(json, "title", title);
    }
    rk_json_array(json, "reasons");
    rk_json_object(json, NULL);
    rk_json_cstring(json, "kind", kind);
    if (reason != RK_NO_ID) {
        rk_json_string(json, "item", rk_names_get(rk_model_items(live->model), reason));
    }
    rk_json_end_object(json);
    rk_json_end_array(json);
    rk_json_end_object(json);
}

/* A copy of the answer that outlives the desk's next one. */
static bool keep(const rk_answer *answer, rk_arena *arena, rk_answer *out)
{
    uint32_t *items = RK_TAKE(arena, uint32_t, answer->n);
    float *scores = RK_TAKE(arena, float, answer->n);
    uint32_t *reasons = RK_TAKE(arena, uint32_t, (size_t)answer->n * answer->n_reasons);
    if (!items || !scores || !reasons) {
        return false;
    }
    *out = *answer;
    if (answer->n > 0) {
        memcpy(items, answer->item, answer->n * sizeof *items);
        memcpy(scores, answer->score, answer->n * sizeof *scores);
    }
    if (answer->reason) {
        memcpy(reasons, answer->reason, (size_t)answer->n * answer->n_reasons * sizeof *reasons);
    }
    out->item = items;
    out->score = scores;
    out->reason = answer->reason ? reasons : NULL;
    return true;
}

rk_status rk_ask_with_arrivals(const rk_live *live, const rk_recommend_ask *ask, const rk_wish *wish,
                               const rk_answer *answer, const rk_asking *with, rk_error *err)
{
    rk_answer known;
    rk_arrival *arrivals = NULL;
    foretold *fresh = NULL;
    rk_json json;
    size_t n = 0;
    if (!keep(answer, with->arena, &known)) {
        return rk_fail_memory(err, "the answer");
    }
    rk_status status = choose(live, ask, with->arena, &arrivals, &n, err);
    status = status ? status : foretell(live, wish, arrivals, n, with, &fresh, err);
    if (status) {
        return status;
    }
    begin(live, with, &json);
    for (size_t listed = 0, a = 0, f = 0; listed < ask->n && (a < known.n || f < n); listed++) {
        if (a < known.n && (f == n || known.score[a] >= fresh[f].score)) {
            rk_answer_item_json(live->model, &known, (uint32_t)a++, &json);
        } else {
            const rk_arrival *one = fresh[f].arrival;
            write_item(live, one->id, one->title, (double)fresh[f++].score, "similar", one->like[0], &json);
        }
    }
    return end(with, known.total + n, &json, err);
}

rk_status rk_ask_similar_arrival(const rk_live *live, rk_slice item, uint32_t n, const rk_asking *with, rk_error *err)
{
    rk_arrival arrival;
    rk_json json;
    uint32_t *gone = NULL;
    size_t n_gone = 0, listed = 0;
    rk_status status = rk_joined_arrival(live->joined, item, with->arena, &arrival, err);
    status = status ? status : rk_joined_gone(live->joined, with->arena, &gone, &n_gone, err);
    if (status) {
        return status;
    }
    const rk_names *items = rk_model_items(live->model), *titles = rk_model_titles(live->model);
    begin(live, with, &json);
    for (size_t i = 0; i < arrival.n_like && listed < n; i++) {
        uint32_t like = arrival.like[i];
        rk_slice title = like < titles->n ? rk_names_get(titles, like) : RK_SLICE("");
        if (!n_gone || !bsearch(&like, gone, n_gone, sizeof like, by_item)) {
            write_item(live, rk_names_get(items, like), title, (double)arrival.weight[i], "similar", RK_NO_ID, &json);
            listed++;
        }
    }
    return end(with, arrival.n_like, &json, err);
}

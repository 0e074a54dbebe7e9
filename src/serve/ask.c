/* ask.c - names to ids, the model's answer or the popular shelf, ids to JSON. */
#include "serve/ask.h"

#include <stdlib.h>

#include "base/map.h"
#include "model/lookup.h"
#include "serve/ask_arrivals.h"

/* Ascending ids, no duplicates. */
typedef struct {
    uint32_t *items;
    size_t n;
} item_set;

static int by_item(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* With those that are not to be had. */
static rk_status add_gone(const rk_live *live, rk_arena *arena, item_set *set, rk_error *err)
{
    uint32_t *gone = NULL, *all = NULL;
    size_t n_gone = 0, n = 0;
    if (!live->joined) {
        return RK_OK;
    }
    rk_status status = rk_joined_gone(live->joined, arena, &gone, &n_gone, err);
    if (!status && !(all = RK_TAKE(arena, uint32_t, set->n + n_gone))) {
        status = rk_fail_memory(err, "the answer");
    }
    for (size_t a = 0, b = 0; !status && (a < set->n || b < n_gone);) {
        uint32_t x = a < set->n ? set->items[a] : UINT32_MAX, y = b < n_gone ? gone[b] : UINT32_MAX;
        all[n++] = x < y ? x : y;
        a += x <= y;
        b += y <= x;
    }
    *set = status ? *set : (item_set){all, n};
    return status;
}

static bool find_excluded(const rk_live *live, const rk_recommend_ask *ask, rk_arena *arena, item_set *out)
{
    *out = (item_set){RK_TAKE(arena, uint32_t, ask->n_exclude), 0};
    if (!out->items) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < ask->n_exclude; i++) {
        uint32_t item = rk_names_find(rk_model_items(live->model), ask->exclude[i]);
        if (item != RK_NO_ID) {
            out->items[n++] = item;
        }
    }
    if (n > 1) {
        qsort(out->items, n, sizeof *out->items, by_item);
    }
    for (size_t i = 0; i < n; i++) {
        if (out->n == 0 || out->items[out->n - 1] != out->items[i]) {
            out->items[out->n++] = out->items[i];
        }
    }
    return true;
}

bool rk_ask_history(const rk_live *live, const rk_recommend_ask *ask, uint32_t user, rk_arena *arena, rk_history *out)
{
    size_t n_recent = 0, n_new = 0;
    bool is_asked = ask->recent && !rk_model_is_rating(live->model);
    *out = (rk_history){0};
    const rk_slice *recent = is_asked ? rk_recent_items(ask->recent, ask->user, arena, &n_recent) : NULL;
    if (n_recent == 0) {
        return true;
    }
    rk_history seen = user != RK_NO_ID ? rk_model_seen(live->model, user) : (rk_history){0};
    uint32_t *fresh = RK_TAKE(arena, uint32_t, n_recent), *items = RK_TAKE(arena, uint32_t, seen.n + n_recent);
    float *values = RK_TAKE(arena, float, seen.n + n_recent);
    if (!fresh || !items || !values) {
        return false;
    }
    for (size_t i = 0; i < n_recent; i++) {
        uint32_t item = rk_names_find(rk_model_items(live->model), recent[i]);
        bool is_seen = item != RK_NO_ID && seen.n > 0 && bsearch(&item, seen.item, seen.n, sizeof item, by_item);
        if (item != RK_NO_ID && !is_seen) {
            fresh[n_new++] = item;
        }
    }
    if (n_new == 0) {
        return true;
    }
    qsort(fresh, n_new, sizeof *fresh, by_item);
    for (size_t a = 0, b = 0; a < seen.n || b < n_new; out->n++) {
        bool is_fresh = a == seen.n || (b < n_new && fresh[b] < seen.item[a]);
        items[out->n] = is_fresh ? fresh[b] : seen.item[a];
        values[out->n] = is_fresh || !seen.value ? 1 : seen.value[a];
        b += is_fresh;
        a += !is_fresh;
    }
    out->item = items;
    out->value = seen.value ? values : NULL;
    return true;
}

static rk_status write_answer(const rk_live *live, const rk_answer *answer, const rk_asking *with, rk_error *err)
{
    rk_json json = {.text = with->out};
    rk_lap(with->laps, RK_STAGE_SCORE);
    rk_answer_json(live->model, answer, with->request_id, &json);
    return with->out->failed ? rk_fail_memory(err, "the answer") : RK_OK;
}

static void write_popular_item(const rk_live *live, uint32_t item, float takers, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_string(json, "id", rk_names_get(rk_model_items(live->model), item));
    rk_json_real(json, "score", (double)takers);
    if (item < rk_model_titles(live->model)->n) {
        rk_json_string(json, "title", rk_names_get(rk_model_titles(live->model), item));
    }
    rk_json_raw(json, "reasons", "[{\"kind\":\"popular\"}]");
    rk_json_end_object(json);
}

static rk_status answer_popular(const rk_live *live, uint32_t n, const rk_filter *filter, const rk_asking *with,
                                rk_error *err)
{
    rk_json json = {.text = with->out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", with->request_id);
    rk_json_cstring(&json, "model", rk_model_label(live->model));
    rk_json_array(&json, "items");
    for (uint32_t i = 0, listed = 0; i < live->n_popular && listed < n; i++) {
        const uint32_t *item = &live->popular[i];
        bool is_skipped = filter->n_skip && bsearch(item, filter->skip, filter->n_skip, sizeof *item, by_item);
        if (!is_skipped && rk_filter_allows(live->model, filter, *item)) {
            write_popular_item(live, *item, live->takers[i], &json);
            listed++;
        }
    }
    rk_json_end_array(&json);
    rk_json_u64(&json, "total", rk_filter_count(live->model, filter));
    rk_json_end_object(&json);
    return with->out->failed ? rk_fail_memory(err, "the answer") : RK_OK;
}

rk_status rk_ask_recommend(const rk_live *live, const rk_recommend_ask *ask, const rk_asking *with, rk_error *err)
{
    item_set excluded;
    if (!find_excluded(live, ask, with->arena, &excluded)) {
        return rk_fail_memory(err, "the answer");
    }
    unsigned char *categories = NULL;
    rk_status status = add_gone(live, with->arena, &excluded, err);
    if (!status && ask->category.n > 0) {
        status = rk_model_find_categories(live->model, ask->category, with->arena, &categories, err);
    }
    if (status == RK_NOT_FOUND) { /* in words that do not name the server's files */
        rk_slice name = ask->category;
        return rk_fail(err, RK_NOT_FOUND, "no such category '%.*s'", (int)(name.n < 80 ? name.n : 80), name.at);
    }
    if (status) {
        return status;
    }
    uint32_t user = ask->is_barred ? RK_NO_ID : rk_names_find(rk_model_users(live->model), ask->user);
    rk_history history;
    if (!rk_ask_history(live, ask, user, with->arena, &history)) {
        return rk_fail_memory(err, "the answer");
    }
    if (history.n == 0 && (user == RK_NO_ID || rk_model_seen(live->model, user).n == 0)) {
        rk_filter filter = {excluded.items, excluded.n, categories};
        return answer_popular(live, ask->n, &filter, with, err);
    }
    rk_wish wish = {.user = user,
                    .history = history,
                    .skip = excluded.items,
                    .n_skip = excluded.n,
                    .categories = categories,
                    .n = ask->n,
                    .n_reasons = RK_ASK_REASONS};
    rk_answer answer;
    status = live->nears ? rk_nears_lend(live->nears, &wish.near, err) : RK_OK;
    status = status ? status : rk_answer_recommend(with->desk, live->model, &wish, &answer, err);
    rk_nears_return(live->nears, wish.near);
    if (!status && live->joined) {
        return rk_ask_with_arrivals(live, ask, &wish, &answer, with, err);
    }
    return status == RK_OK ? write_answer(live, &answer, with, err) : status;
}

rk_status rk_ask_similar(const rk_live *live, rk_slice item, uint32_t n, const rk_asking *with, rk_error *err)
{
    uint32_t id = rk_names_find(rk_model_items(live->model), item);
    if (id == RK_NO_ID && live->joined) {
        return rk_ask_similar_arrival(live, item, n, with, err);
    }
    if (id == RK_NO_ID) {
        return rk_fail(err, RK_NOT_FOUND, "no such item '%.*s'", (int)(item.n < 80 ? item.n : 80), item.at);
    }
    rk_answer answer;
    item_set gone = {0};
    rk_status status = add_gone(live, with->arena, &gone, err);
    rk_like_wish wish = {.item = id, .skip = gone.items, .n_skip = gone.n, .n = n};
    status = status || !live->nears ? status : rk_nears_lend(live->nears, &wish.near, err);
    status = status ? status : rk_answer_similar(with->desk, live->model, &wish, &answer, err);
    rk_nears_return(live->nears, wish.near);
    return status == RK_OK ? write_answer(live, &answer, with, err) : status;
}

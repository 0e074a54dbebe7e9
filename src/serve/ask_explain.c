/* ask_explain.c - names to numbers, model/why.h, numbers to names. */
#include "serve/ask_explain.h"

#include <math.h>

#include "base/map.h"
#include "model/why.h"

static double rounded(double value) { return rint(value * 1e6) / 1e6; }

static void write_title(const rk_model *model, uint32_t item, rk_json *json)
{
    if (item < rk_model_titles(model)->n) {
        rk_json_string(json, "title", rk_names_get(rk_model_titles(model), item));
    }
}

static void write_reasons(const rk_model *model, const rk_why *why, bool is_popular, rk_json *json)
{
    rk_json_array(json, "reasons");
    if (is_popular) {
        rk_json_raw(json, NULL, "{\"kind\":\"popular\"}");
    }
    for (size_t i = 0; i < why->n; i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "kind", "bought");
        rk_json_string(json, "item", rk_names_get(rk_model_items(model), why->item[i]));
        write_title(model, why->item[i], json);
        rk_json_real(json, "share", rounded((double)why->share[i]));
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

/* Where an item stands among the popular, and how many took it. */
static rk_why popularity(const rk_live *live, uint32_t item)
{
    uint32_t at = 0;
    while (at < live->n_popular && live->popular[at] != item) {
        at++;
    }
    return (rk_why){.score = at < live->n_popular ? (double)live->takers[at] : 0,
                    .rank = (uint64_t)at + 1,
                    .total = live->n_popular};
}

static rk_status find_why(const rk_live *live, const rk_explain_ask *ask, uint32_t item, const rk_asking *with,
                          rk_why *out, bool *is_popular, rk_error *err)
{
    rk_recommend_ask about = {.user = ask->user, .recent = ask->recent};
    rk_history history;
    uint32_t user = ask->is_barred ? RK_NO_ID : rk_names_find(rk_model_users(live->model), ask->user);
    if (!rk_ask_history(live, &about, user, with->arena, &history)) {
        return rk_fail_memory(err, "the answer");
    }
    bool is_newer = history.n > 0;
    if (!is_newer && user != RK_NO_ID) {
        history = rk_model_seen(live->model, user);
    }
    *is_popular = history.n == 0;
    if (*is_popular) {
        *out = popularity(live, item);
        return RK_OK;
    }
    return rk_model_why(live->model, user, history, is_newer, item, ask->n, with->arena, out, err);
}

rk_status rk_ask_explain(const rk_live *live, const rk_explain_ask *ask, const rk_asking *with, rk_error *err)
{
    const rk_model *model = live->model;
    uint32_t item = rk_names_find(rk_model_items(model), ask->item);
    rk_why why;
    bool is_popular;
    if (item == RK_NO_ID) {
        return rk_fail(err, RK_NOT_FOUND, "no such item '%.*s'", (int)(ask->item.n < 80 ? ask->item.n : 80),
                       ask->item.at);
    }
    rk_status status = find_why(live, ask, item, with, &why, &is_popular, err);
    if (status) {
        return status;
    }
    rk_lap(with->laps, RK_STAGE_SCORE);
    rk_json json = {.text = with->out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "request_id", with->request_id);
    rk_json_cstring(&json, "model", rk_model_label(model));
    rk_json_string(&json, "user", ask->user);
    rk_json_string(&json, "item", ask->item);
    write_title(model, item, &json);
    rk_json_real(&json, "score", rounded(why.score));
    rk_json_u64(&json, "rank", why.rank);
    rk_json_u64(&json, "total", why.total);
    rk_json_bool(&json, "taken", why.is_taken);
    if (!is_popular) {
        rk_json_real(&json, "shares", rounded(why.shares));
    }
    write_reasons(model, &why, is_popular, &json);
    rk_json_end_object(&json);
    return with->out->failed ? rk_fail_memory(err, "the answer") : RK_OK;
}

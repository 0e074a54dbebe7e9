/* ask_scene.c - names to numbers, the scene's answer, numbers to names. */
#include "serve/ask_scene.h"

#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "serve/taking_part.h"

/* ---- names to numbers ---- */

/* Ids of those the model knows, in their order; false: memory is short. */
static bool find_items(const rk_live *live, const rk_slice *names, size_t n, rk_arena *arena, const uint32_t **out,
                       size_t *n_out)
{
    uint32_t *items = RK_TAKE(arena, uint32_t, n);
    *n_out = 0;
    for (size_t i = 0; items && i < n; i++) {
        uint32_t item = rk_names_find(rk_model_items(live->model), names[i]);
        if (item != RK_NO_ID) {
            items[(*n_out)++] = item;
        }
    }
    *out = items;
    return items != NULL;
}

static bool find_recent(const rk_live *live, const rk_scene_wish *wish, rk_arena *arena, rk_scene_ask *out)
{
    size_t n = 0;
    const rk_slice *names = wish->recent ? rk_recent_items(wish->recent, wish->user, arena, &n) : NULL;
    return n == 0 || find_items(live, names, n, arena, &out->recent, &out->n_recent);
}

/* What was taken, by the model and since; of a model of ratings, what it has seen. */
static bool find_taken(const rk_live *live, const rk_scene_wish *wish, rk_arena *arena, rk_scene_ask *out)
{
    rk_recommend_ask ask = {.user = wish->user, .recent = wish->recent};
    if (!rk_ask_history(live, &ask, out->user, arena, &out->history)) {
        return false;
    }
    out->is_newer = out->history.n > 0;
    if (!out->is_newer && out->user != RK_NO_ID) {
        out->history = rk_model_seen(live->model, out->user);
    }
    return true;
}

/* What is not to be had is excluded, too. */
static rk_status exclude_gone(const rk_live *live, rk_arena *arena, rk_scene_ask *out, rk_error *err)
{
    uint32_t *gone = NULL;
    size_t n = 0;
    rk_status status = live->joined ? rk_joined_gone(live->joined, arena, &gone, &n, err) : RK_OK;
    uint32_t *all = n > 0 ? RK_TAKE(arena, uint32_t, n + out->n_exclude) : NULL;
    if (n > 0 && !all) {
        return rk_fail_memory(err, "the answer");
    }
    if (n > 0) {
        memcpy(all, gone, n * sizeof *all);
        memcpy(all + n, out->exclude, out->n_exclude * sizeof *all);
        out->exclude = all;
        out->n_exclude += n;
    }
    return status;
}

static rk_status resolve(const rk_live *live, const rk_scene_wish *wish, const rk_asking *with, rk_scene_ask *out,
                         rk_error *err)
{
    const rk_model *model = live->model;
    *out = (rk_scene_ask){.user_name = wish->user,
                          .user = wish->is_barred ? RK_NO_ID : rk_names_find(rk_model_users(model), wish->user),
                          .item = wish->item.n > 0 ? rk_names_find(rk_model_items(model), wish->item) : RK_NO_ID,
                          .category = wish->category,
                          .n = wish->n,
                          .now_s = rk_clock_unix_s(),
                          .draw = rk_hash(rk_slice_of(with->request_id), 0)};
    bool is_done = find_taken(live, wish, with->arena, out) && find_recent(live, wish, with->arena, out) &&
                   find_items(live, wish->basket, wish->n_basket, with->arena, &out->basket, &out->n_basket) &&
                   find_items(live, wish->exclude, wish->n_exclude, with->arena, &out->exclude, &out->n_exclude);
    return is_done ? exclude_gone(live, with->arena, out, err) : rk_fail_memory(err, "the answer");
}

/* ---- search ---- */

/* What a search for the words of the wish finds, in the model's numbers. Without words, or without an index: nothing.
 */
static rk_status search(const rk_live *live, const rk_scene_wish *wish, const rk_asking *with, rk_scene_ask *out,
                        rk_error *err)
{
    rk_found_ids found;
    if (wish->words.n == 0 || !live->finder) {
        return RK_OK;
    }
    rk_status status = rk_finder_find(live->finder, wish->words, RK_SCENE_CANDIDATES_MAX, with->arena, &found, err);
    if (status) {
        return status;
    }
    uint32_t *items = RK_TAKE(with->arena, uint32_t, found.n);
    float *scores = RK_TAKE(with->arena, float, found.n);
    if (!items || !scores) {
        return rk_fail_memory(err, "what was found");
    }
    for (size_t i = 0; i < found.n; i++) {
        uint32_t item = rk_names_find(rk_model_items(live->model), found.id[i]);
        if (item != RK_NO_ID) {
            items[out->n_found] = item;
            scores[out->n_found++] = found.score[i];
        }
    }
    out->found = items;
    out->found_score = scores;
    return RK_OK;
}

/* ---- the answer ---- */

static rk_status find_scene(const rk_live *live, rk_slice name, const rk_scene **out, rk_error *err)
{
    if (!live->scene_set) {
        return rk_fail(err, RK_UNSUPPORTED, "the server was started without scenes");
    }
    *out = rk_scene_set_find(live->scene_set, name);
    return *out ? RK_OK : rk_fail(err, RK_NOT_FOUND, "no such scene '%.*s'", (int)(name.n < 80 ? name.n : 80), name.at);
}

/* One scene's answer, or that of the variants of an experiment. */
static rk_status answer_by(const rk_live *live, const rk_scene_wish *wish, const rk_taking_part *part,
                           rk_scene_ask *ask, const rk_asking *with, rk_scene_answer *out, rk_error *err)
{
    bool has_search = false;
    for (size_t s = 0; s < part->n_scenes; s++) {
        has_search |= rk_scene_has(part->scene[s], RK_FROM_FOUND);
    }
    rk_status status = has_search ? search(live, wish, with, ask, err) : RK_OK;
    rk_scene_answer answers[2];
    for (size_t s = 0; !status && s < part->n_scenes; s++) {
        status = rk_scene_set_answer(live->scene_set, part->scene[s], ask, with->desk, with->arena, &answers[s], err);
    }
    if (status || part->n_scenes == 1) {
        *out = answers[0];
        return status;
    }
    return rk_part_interleave(part, answers, ask, with->arena, out, err);
}

/* With the room to ask the vector index in, where there is one. */
static rk_status answer_all(const rk_live *live, const rk_scene_wish *wish, const rk_taking_part *part,
                            rk_scene_ask *ask, const rk_asking *with, rk_scene_answer *out, rk_error *err)
{
    rk_status status = live->nears ? rk_nears_lend(live->nears, &ask->near, err) : RK_OK;
    status = status ? status : answer_by(live, wish, part, ask, with, out, err);
    rk_nears_return(live->nears, ask->near);
    ask->near = NULL;
    return status;
}

rk_status rk_ask_scene(const rk_live *live, const rk_scene_wish *wish, const rk_asking *with, const char **field,
                       rk_error *err)
{
    int64_t began_ns = rk_clock_thread_ns();
    const rk_scene *scene = NULL;
    rk_taking_part part;
    rk_scene_ask ask;
    rk_scene_answer answer;
    *field = "scene";
    rk_status status = find_scene(live, wish->scene, &scene, err);
    status = status ? status : resolve(live, wish, with, &ask, err);
    if (status) {
        return status;
    }
    *field = "category";
    rk_part_find(live, scene, wish->user, ask.now_s, &part);
    if (with->arm) {
        *with->arm = rk_part_arm(&part);
    }
    status = answer_all(live, wish, &part, &ask, with, &answer, err);
    if (status) {
        return status;
    }
    rk_lap(with->laps, RK_STAGE_SCORE);
    rk_json json = {.text = with->out};
    rk_json_object(&json, NULL);
    rk_scene_answer_json(live->scene_set, &answer, with->request_id, wish->explains, &json);
    rk_part_json(&part, &json);
    rk_json_end_object(&json);
    if (with->out->failed) {
        return rk_fail_memory(err, "the answer");
    }
    if (wish->exposures && !wish->is_barred && (part.experiment || answer.n_choices > 0)) {
        uint64_t cpu_ns = (uint64_t)(rk_clock_thread_ns() - began_ns);
        rk_part_shown shown = {live, wish, &part, &ask, &answer, with, cpu_ns};
        rk_part_log(&shown, wish->exposures);
    }
    return RK_OK;
}

rk_status rk_ask_scene_items(const rk_live *live, const rk_scene_wish *wish, const rk_asking *with,
                             rk_scene_answer *out, rk_error *err)
{
    rk_taking_part part = {.propensity = 1, .n_scenes = 1};
    rk_scene_ask ask;
    rk_status status = find_scene(live, wish->scene, &part.scene[0], err);
    status = status ? status : resolve(live, wish, with, &ask, err);
    return status ? status : answer_all(live, wish, &part, &ask, with, out, err);
}

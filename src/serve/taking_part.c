/* taking_part.c - see taking_part.h. */
#include "serve/taking_part.h"

#include "experiment/interleave.h"

void rk_part_find(const rk_live *live, const rk_scene *scene, rk_slice user, int64_t now_s, rk_taking_part *out)
{
    *out = (rk_taking_part){.propensity = 1, .scene = {scene}, .n_scenes = 1};
    const rk_experiments *all = live->experiments;
    out->experiment = all ? rk_experiments_find(all, rk_slice_of(scene->name), user, now_s) : NULL;
    if (!out->experiment) {
        return;
    }
    if (out->experiment->kind == RK_INTERLEAVE) {
        out->n_scenes = 2;
        for (size_t v = 0; v < 2; v++) {
            out->scene[v] = rk_scene_set_find(live->scene_set, rk_slice_of(out->experiment->variant[v].scene));
        }
        return;
    }
    out->variant = rk_experiment_assign(all, out->experiment, user, &out->propensity);
    out->scene[0] = rk_scene_set_find(live->scene_set, rk_slice_of(out->variant->scene));
}

/* ---- two answers as one ---- */

static uint32_t *items_of(const rk_scene_answer *answer, rk_arena *arena)
{
    uint32_t *items = RK_TAKE(arena, uint32_t, answer->n);
    for (size_t i = 0; items && i < answer->n; i++) {
        items[i] = answer->item[i].item;
    }
    return items;
}

rk_status rk_part_interleave(const rk_taking_part *part, const rk_scene_answer answers[2], const rk_scene_ask *ask,
                             rk_arena *arena, rk_scene_answer *out, rk_error *err)
{
    enum { COIN = 1 }; /* a stream of its own: `explore` draws from 0 */
    uint32_t *a = items_of(&answers[0], arena), *b = items_of(&answers[1], arena);
    uint32_t *place = RK_TAKE(arena, uint32_t, ask->n);
    unsigned char *team = RK_TAKE(arena, unsigned char, ask->n);
    rk_scene_item *items = RK_TAKE(arena, rk_scene_item, ask->n);
    if (!a || !b || !place || !team || !items) {
        return rk_fail_memory(err, "the answer");
    }
    rk_random random = rk_random_of(ask->draw, COIN);
    size_t n = rk_team_draft(a, answers[0].n, b, answers[1].n, ask->n, &random, place, team);
    for (size_t i = 0; i < n; i++) {
        items[i] = answers[team[i]].item[place[i]];
        items[i].team = part->experiment->variant[team[i]].name;
    }
    uint64_t total = answers[0].total > answers[1].total ? answers[0].total : answers[1].total;
    *out = (rk_scene_answer){.scene = answers[0].scene, .item = items, .n = n, .total = total};
    return RK_OK;
}

/* ---- words ---- */

rk_arm rk_part_arm(const rk_taking_part *part)
{
    const char *both = rk_experiment_kind_names[RK_INTERLEAVE];
    return part->experiment ? (rk_arm){part->experiment->name, part->variant ? part->variant->name : both}
                            : (rk_arm){NULL, NULL};
}

void rk_part_json(const rk_taking_part *part, rk_json *json)
{
    if (!part->experiment) {
        return;
    }
    rk_json_object(json, "experiment");
    rk_json_cstring(json, "name", part->experiment->name);
    if (part->variant) {
        rk_json_cstring(json, "variant", part->variant->name);
    } else {
        rk_json_cstring(json, "kind", rk_experiment_kind_names[RK_INTERLEAVE]);
    }
    rk_json_end_object(json);
}

static rk_slice *names_of(const rk_model *model, const uint32_t *items, size_t n, rk_arena *arena)
{
    rk_slice *names = RK_TAKE(arena, rk_slice, n);
    for (size_t i = 0; names && i < n; i++) {
        names[i] = rk_names_get(rk_model_items(model), items[i]);
    }
    return names;
}

static bool add_items(const rk_part_shown *shown, rk_exposure *out)
{
    const rk_scene_answer *answer = shown->answer;
    rk_arena *arena = shown->with->arena;
    uint32_t *items = items_of(answer, arena);
    out->items = items ? names_of(shown->live->model, items, answer->n, arena) : NULL;
    out->n_items = answer->n;
    if (out->items && shown->part->n_scenes == 2) {
        unsigned char *teams = RK_TAKE(arena, unsigned char, answer->n);
        for (size_t i = 0; teams && i < answer->n; i++) {
            teams[i] = answer->item[i].team == shown->part->experiment->variant[1].name;
        }
        for (size_t v = 0; v < 2; v++) {
            out->variants[v] = rk_slice_of(shown->part->experiment->variant[v].name);
        }
        out->teams = teams;
        return teams != NULL;
    }
    return out->items != NULL;
}

static bool add_explored(const rk_part_shown *shown, rk_exposure *out)
{
    const rk_scene_answer *answer = shown->answer;
    const rk_scene_wish *wish = shown->wish;
    if (answer->n_choices == 0) {
        return true;
    }
    out->place = answer->scene->explore.place;
    out->place_propensity = answer->propensity;
    out->choices = names_of(shown->live->model, answer->choice, answer->n_choices, shown->with->arena);
    out->n_choices = answer->n_choices;
    out->asked_n = wish->n;
    out->asked_item = wish->item;
    out->asked_category = wish->category;
    out->asked_basket = wish->basket;
    out->n_asked_basket = wish->n_basket;
    return out->choices != NULL;
}

void rk_part_log(const rk_part_shown *shown, rk_exposures *exposures)
{
    const rk_taking_part *part = shown->part;
    rk_exposure exposure = {
        .id = rk_slice_of(shown->with->request_id),
        .user = shown->wish->user,
        .experiment = rk_slice_of(part->experiment ? part->experiment->name : NULL),
        .variant = rk_slice_of(part->variant ? part->variant->name : NULL),
        .scene = rk_slice_of(shown->answer->scene->name),
        .model = rk_slice_of(rk_live_label(shown->live)),
        .time_s = shown->ask->now_s,
        .propensity = part->propensity,
        .cpu_ns = shown->cpu_ns,
        .bytes = shown->with->out->n,
    };
    if (add_items(shown, &exposure) && add_explored(shown, &exposure)) {
        rk_exposures_add(exposures, &exposure);
    }
}

/* scene_policy.c - see scene_policy.h. */
#include "experiment/scene_policy.h"

#include <stdlib.h>

enum { DEPTH = 200 }; /* places looked through for a choice */

struct rk_scene_policy {
    const rk_scene_set *set;
    const rk_scene *scene;
    const rk_model *model;
    const rk_journal *journal;
    uint32_t *to_model; /* [items of the journal] in the model's numbers, RK_NO_ID: not there */
    rk_desk *desk;
    rk_arena arena;
};

rk_status rk_scene_policy_new(const rk_scene_set *set, const rk_scene *scene, const rk_model *model,
                              const rk_journal *journal, rk_scene_policy **out, rk_error *err)
{
    if (rk_scene_has(scene, RK_FROM_FOUND)) {
        return rk_fail(err, RK_UNSUPPORTED,
                       "the scene '%.60s' searches, and the log does not hold what was searched for", scene->name);
    }
    rk_scene_policy *p = calloc(1, sizeof *p);
    uint32_t n = rk_interner_count(journal->items);
    uint32_t *to_model = malloc(((size_t)n + 1) * sizeof *to_model);
    rk_desk *desk = rk_desk_new();
    if (!p || !to_model || !desk) {
        free(p);
        free(to_model);
        rk_desk_free(desk);
        return rk_fail_memory(err, "a policy");
    }
    for (uint32_t i = 0; i < n; i++) {
        to_model[i] = rk_names_find(rk_model_items(model), rk_interner_key(journal->items, i));
    }
    *p = (rk_scene_policy){set, scene, model, journal, to_model, desk, {0}};
    *out = p;
    return RK_OK;
}

void rk_scene_policy_free(rk_scene_policy *p)
{
    if (p) {
        free(p->to_model);
        rk_desk_free(p->desk);
        rk_arena_release(&p->arena);
        free(p);
    }
}

/* ---- what was known ---- */

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool is_among(const uint32_t *items, size_t n, uint32_t item)
{
    for (size_t i = 0; i < n; i++) {
        if (items[i] == item) {
            return true;
        }
    }
    return false;
}

/* Items of the user's deeds before the answer, newest first, each once. */
static bool add_recent(rk_scene_policy *p, const rk_shown *shown, rk_scene_ask *ask)
{
    const rk_journal_user *user = &p->journal->by_user[shown->user];
    uint32_t *recent = RK_TAKE(&p->arena, uint32_t, user->n_deeds);
    for (size_t d = user->n_deeds; recent && d-- > 0;) {
        const rk_deed *deed = &p->journal->deed[user->first_deed + d];
        uint32_t item = p->to_model[deed->item];
        if (deed->time_s < shown->time_s && item != RK_NO_ID && deed->revenue >= 0 &&
            !is_among(recent, ask->n_recent, item)) {
            recent[ask->n_recent++] = item;
        }
    }
    ask->recent = recent;
    return recent != NULL;
}

/* What the model has seen, and what came since. */
static bool add_history(rk_scene_policy *p, rk_scene_ask *ask)
{
    rk_history seen = ask->user != RK_NO_ID ? rk_model_seen(p->model, ask->user) : (rk_history){0};
    uint32_t *items = RK_TAKE(&p->arena, uint32_t, seen.n + ask->n_recent);
    float *values = RK_TAKE(&p->arena, float, seen.n + ask->n_recent);
    size_t n = 0;
    if (!items || !values) {
        return false;
    }
    for (size_t i = 0; i < seen.n; i++) {
        items[n++] = seen.item[i];
    }
    for (size_t r = 0; r < ask->n_recent; r++) {
        if (!seen.n || !bsearch(&ask->recent[r], seen.item, seen.n, sizeof(uint32_t), ascending)) {
            items[n++] = ask->recent[r];
        }
    }
    ask->is_newer = n > seen.n;
    if (!ask->is_newer) {
        ask->history = seen;
        return true;
    }
    qsort(items, n, sizeof *items, ascending);
    for (size_t i = 0, s = 0; i < n; i++) {
        bool is_seen = s < seen.n && seen.item[s] == items[i];
        values[i] = is_seen && seen.value ? seen.value[s] : 1;
        s += is_seen;
    }
    ask->history = (rk_history){items, seen.value ? values : NULL, n};
    return true;
}

/* ---- the choice ---- */

rk_status rk_scene_policy_choose(void *context, const rk_shown *shown, uint32_t *choice, rk_error *err)
{
    rk_scene_policy *p = context;
    rk_scene_answer answer;
    rk_arena_clear(&p->arena);
    uint32_t *basket = RK_TAKE(&p->arena, uint32_t, shown->n_asked_basket);
    rk_scene_ask ask = {.user_name = rk_interner_key(p->journal->users, shown->user),
                        .item = shown->asked_item == RK_NO_ID ? RK_NO_ID : p->to_model[shown->asked_item],
                        .category = shown->asked_category,
                        .basket = basket,
                        .n = DEPTH,
                        .now_s = shown->time_s,
                        .never_explores = true};
    ask.user = rk_names_find(rk_model_users(p->model), ask.user_name);
    for (size_t b = 0; basket && b < shown->n_asked_basket; b++) {
        uint32_t item = p->to_model[shown->asked_basket[b]];
        if (item != RK_NO_ID) {
            basket[ask.n_basket++] = item;
        }
    }
    if (!basket || !add_recent(p, shown, &ask) || !add_history(p, &ask)) {
        return rk_fail_memory(err, "what was known of a user");
    }
    rk_status status = rk_scene_set_answer(p->set, p->scene, &ask, p->desk, &p->arena, &answer, err);
    for (size_t i = 0; !status && i < answer.n; i++) {
        for (size_t c = 0; c < shown->n_choices; c++) {
            if (p->to_model[shown->choice[c]] == answer.item[i].item) {
                *choice = shown->choice[c];
                return RK_OK;
            }
        }
    }
    return status;
}

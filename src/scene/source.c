/* source.c - where candidates come from: one row for each kind of source.
 *
 * Whatever an ask rules out is out before a source is asked: a source goes on until it has as many as it may bring, so
 * that a strict filter leaves no short lists.
 */
#include <math.h>
#include <stdlib.h>

#include "scene/scene_set_parts.h"

enum { RECENT_MAX = 5, SPARE = 64 };

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

bool gathering_allows(const gathering *g, const rk_scene_source *source, uint32_t item)
{
    const rk_goods *goods = g->set->goods;
    if (rk_bits_has(g->out, item)) {
        return false;
    }
    if (!source || source->same < 0 || g->ask->item == RK_NO_ID) {
        return true;
    }
    const uint32_t *of = source->same == RK_SAME_BRAND ? goods->brand : goods->category;
    return of[item] != RK_NO_ID && of[item] == of[g->ask->item];
}

static bool list_init(const gathering *g, size_t n, source_list *out)
{
    out->n = 0;
    out->item = RK_TAKE(g->arena, uint32_t, n);
    out->because = RK_TAKE(g->arena, uint32_t, n);
    out->score = RK_TAKE(g->arena, float, n);
    return out->item && out->because && out->score;
}

static void list_add(source_list *list, uint32_t item, float score, uint32_t because)
{
    list->item[list->n] = item;
    list->score[list->n] = score;
    list->because[list->n++] = because;
}

/* ---- orders that no ask changes ---- */

static rk_status walk(const gathering *g, size_t s, source_list *out, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    const fixed_order *order = &g->bound->order[s];
    (void)err;
    for (uint32_t i = 0; i < order->n && out->n < source->n; i++) {
        if (gathering_allows(g, source, order->item[i])) {
            list_add(out, order->item[i], order->score[i], RK_NO_ID);
        }
    }
    return RK_OK;
}

/* ---- the user ---- */

bool set_history(const joined_model *join, rk_history history, rk_arena *arena, rk_history *out)
{
    *out = history;
    if (!join || history.n == 0) {
        return true;
    }
    uint32_t *items = RK_TAKE(arena, uint32_t, history.n);
    if (!items) {
        return false;
    }
    *out = (rk_history){.item = items};
    for (size_t i = 0; i < history.n; i++) {
        uint32_t item = join->from_main[history.item[i]];
        if (item != RK_NO_ID) {
            items[out->n++] = item;
        }
    }
    if (out->n > 0) {
        qsort(items, out->n, sizeof *items, ascending);
    }
    return true;
}

/* The wish of a user to a model, in its numbers: wish->n 0 when it knows nothing of him. */
static rk_status wish_of(const gathering *g, const rk_scene_source *source, rk_wish *wish, rk_error *err)
{
    const joined_model *join;
    const rk_model *model = set_model(g->set, source->model, &join);
    const rk_scene_ask *ask = g->ask;
    rk_history history;
    *wish = (rk_wish){.user = join ? rk_names_find(rk_model_users(model), ask->user_name) : ask->user};
    if (!set_history(join, ask->history, g->arena, &history)) {
        return rk_fail_memory(err, "a history");
    }
    bool has_seen = wish->user != RK_NO_ID && rk_model_seen(model, wish->user).n > 0;
    if (ask->is_newer || !has_seen) {
        wish->history = history;
    }
    wish->n = has_seen || history.n > 0 ? source->n : 0;
    return RK_OK;
}

/* The items that are out, in the numbers of a model; word NULL: memory is short. */
static rk_bits out_of(const gathering *g, const joined_model *join, const rk_model *model)
{
    uint32_t n = rk_model_n_items(model);
    rk_bits out = join ? rk_bits_of(g->arena, n) : g->out;
    for (uint32_t i = 0; join && out.word && i < n; i++) {
        if (join->to_main[i] == RK_NO_ID || rk_bits_has(g->out, join->to_main[i])) {
            rk_bits_set(out, i);
        }
    }
    return out;
}

/* The index of the served model is no other's. */
static struct rk_near *near_of(const gathering *g, const joined_model *join) { return join ? NULL : g->ask->near; }

/* The items of a model that are out, or those that are not, ascending: whichever are fewer to pass over. */
static bool cut(const gathering *g, const joined_model *join, const rk_model *model, rk_wish *wish)
{
    uint32_t n = rk_model_n_items(model);
    rk_bits out = out_of(g, join, model);
    size_t n_out = out.word ? rk_bits_count(out) : 0;
    bool is_few = n - n_out < n / 4;
    size_t n_listed = is_few ? n - n_out : n_out;
    uint32_t *listed = RK_TAKE(g->arena, uint32_t, n_listed);
    if (!out.word || !listed) {
        return false;
    }
    rk_bits_list(out, !is_few, n, listed);
    wish->skip = is_few ? NULL : listed;
    wish->n_skip = is_few ? 0 : n_listed;
    wish->only = is_few ? listed : NULL;
    wish->n_only = is_few ? n_listed : 0;
    return true;
}

static bool is_taken(const gathering *g, uint32_t item)
{
    const rk_history *h = &g->ask->history;
    return h->n > 0 && bsearch(&item, h->item, h->n, sizeof item, ascending);
}

static rk_status recommended(const gathering *g, size_t s, source_list *out, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    const joined_model *join;
    const rk_model *model = set_model(g->set, source->model, &join);
    rk_wish wish;
    rk_answer answer;
    rk_status status = wish_of(g, source, &wish, err);
    if (status || wish.n == 0) {
        return status;
    }
    if (!cut(g, join, model, &wish)) {
        return rk_fail_memory(err, "candidates");
    }
    wish.n = source->n + (source->same >= 0 ? SPARE + source->n * 3 : 0);
    wish.near = near_of(g, join);
    status = rk_answer_recommend(g->desk, model, &wish, &answer, err);
    for (uint32_t i = 0; !status && i < answer.n && out->n < source->n; i++) {
        uint32_t item = join ? join->to_main[answer.item[i]] : answer.item[i];
        if (!is_taken(g, item) && gathering_allows(g, source, item)) {
            list_add(out, item, answer.score[i], RK_NO_ID);
        }
    }
    return status;
}

typedef struct {
    uint32_t theirs, place; /* item of the model, where it stands among those asked about */
} asked_item;

rk_status source_score(const gathering *g, size_t s, const uint32_t *items, size_t n, float *scores, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    const joined_model *join;
    const rk_model *model = set_model(g->set, source->model, &join);
    rk_wish wish;
    rk_answer answer;
    asked_item *asked = RK_TAKE(g->arena, asked_item, n);
    uint32_t *only = RK_TAKE(g->arena, uint32_t, n);
    rk_status status = asked && only ? wish_of(g, source, &wish, err) : rk_fail_memory(err, "scores");
    size_t n_asked = 0;
    for (size_t i = 0; !status && i < n; i++) {
        uint32_t theirs = join ? join->from_main[items[i]] : items[i];
        scores[i] = NAN;
        if (theirs != RK_NO_ID) {
            asked[n_asked++] = (asked_item){theirs, (uint32_t)i};
        }
    }
    if (status || wish.n == 0 || n_asked == 0) {
        return status;
    }
    qsort(asked, n_asked, sizeof *asked, ascending); /* by theirs, which stands first */
    for (size_t i = 0; i < n_asked; i++) {
        only[i] = asked[i].theirs;
    }
    wish.only = only;
    wish.n_only = n_asked;
    wish.n = (uint32_t)n_asked;
    status = rk_answer_recommend(g->desk, model, &wish, &answer, err);
    for (uint32_t i = 0; !status && i < answer.n; i++) {
        const asked_item *at = bsearch(&answer.item[i], asked, n_asked, sizeof *asked, ascending);
        if (at) {
            scores[at->place] = answer.score[i];
        }
    }
    return status;
}

static rk_status taken(const gathering *g, size_t s, source_list *out, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    const rk_scene_ask *ask = g->ask;
    rk_bits listed = rk_bits_of(g->arena, g->set->goods->n_items);
    if (!listed.word) {
        return rk_fail_memory(err, "candidates");
    }
    size_t n_all = ask->n_recent + ask->history.n;
    for (size_t i = 0; i < n_all && out->n < source->n; i++) {
        uint32_t item = i < ask->n_recent ? ask->recent[i] : ask->history.item[i - ask->n_recent];
        if (!rk_bits_has(listed, item) && gathering_allows(g, source, item)) {
            rk_bits_set(listed, item);
            list_add(out, item, (float)(n_all - i), RK_NO_ID);
        }
    }
    return RK_OK;
}

/* ---- likeness ---- */

typedef struct {
    double score;
    float best;
    uint32_t item, because;
} likeness;

static int by_item(const void *a, const void *b)
{
    const likeness *x = a, *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return (x->because > y->because) - (x->because < y->because);
}

static int by_score(const void *a, const void *b)
{
    const likeness *x = a, *y = b;
    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

static const uint32_t *targets_of(const rk_scene_ask *ask, rk_scene_to to, size_t *n)
{
    if (to == RK_TO_BASKET) {
        *n = ask->n_basket < RK_SCENE_TARGETS_MAX ? ask->n_basket : RK_SCENE_TARGETS_MAX;
        return ask->basket;
    }
    if (to == RK_TO_RECENT) {
        *n = ask->n_recent < RECENT_MAX ? ask->n_recent : RECENT_MAX;
        return ask->recent;
    }
    *n = ask->item != RK_NO_ID;
    return &ask->item;
}

/* Rows of one item become one: the sum of its scores, because of the largest. Sorted by item. */
static size_t add_up(likeness *all, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || all[kept - 1].item != all[i].item) {
            all[kept++] = all[i];
            continue;
        }
        likeness *sum = &all[kept - 1];
        sum->score += all[i].score;
        if (all[i].best > sum->best) {
            sum->best = all[i].best;
            sum->because = all[i].because;
        }
    }
    return kept;
}

/* What is asked of each of several targets: enough for the sums of what they have in common. */
static bool wish_alike(const gathering *g, const rk_scene_source *source, size_t n_targets, const joined_model *join,
                       const rk_model *model, rk_like_wish *out)
{
    rk_bits is_out = out_of(g, join, model);
    size_t n_out = is_out.word ? rk_bits_count(is_out) : 0;
    uint32_t *skip = RK_TAKE(g->arena, uint32_t, n_out);
    if (!is_out.word || !skip) {
        return false;
    }
    rk_bits_list(is_out, true, rk_model_n_items(model), skip);
    *out = (rk_like_wish){.skip = skip, .n_skip = n_out, .n = source->n, .near = near_of(g, join)};
    out->n += n_targets > 1 || source->same >= 0 ? source->n * 3 + SPARE : 0;
    return true;
}

static rk_status similar(const gathering *g, size_t s, source_list *out, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    const joined_model *join;
    const rk_model *model = set_model(g->set, source->model, &join);
    size_t n_targets, n = 0;
    const uint32_t *targets = targets_of(g->ask, (rk_scene_to)source->to, &n_targets);
    rk_like_wish wish;
    if (n_targets == 0) {
        return RK_OK;
    }
    rk_status status = wish_alike(g, source, n_targets, join, model, &wish) ? RK_OK : rk_fail_memory(err, "candidates");
    likeness *all = status ? NULL : RK_TAKE(g->arena, likeness, (size_t)wish.n * n_targets);
    status = all ? RK_OK : rk_fail_memory(err, "candidates");
    for (size_t t = 0; !status && t < n_targets; t++) {
        rk_answer answer = {0};
        wish.item = join ? join->from_main[targets[t]] : targets[t];
        if (wish.item != RK_NO_ID) {
            status = rk_answer_similar(g->desk, model, &wish, &answer, err);
        }
        for (uint32_t i = 0; !status && i < answer.n; i++) {
            uint32_t item = join ? join->to_main[answer.item[i]] : answer.item[i];
            if (item != RK_NO_ID && gathering_allows(g, source, item)) {
                all[n++] = (likeness){(double)answer.score[i], answer.score[i], item, targets[t]};
            }
        }
    }
    if (status || n == 0) {
        return status;
    }
    qsort(all, n, sizeof *all, by_item);
    n = add_up(all, n);
    qsort(all, n, sizeof *all, by_score);
    for (size_t i = 0; i < n && out->n < source->n; i++) {
        list_add(out, all[i].item, (float)all[i].score, all[i].because);
    }
    return RK_OK;
}

/* ---- search ---- */

static rk_status found(const gathering *g, size_t s, source_list *out, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    (void)err;
    for (size_t i = 0; i < g->ask->n_found && out->n < source->n; i++) {
        if (gathering_allows(g, source, g->ask->found[i])) {
            list_add(out, g->ask->found[i], g->ask->found_score[i], RK_NO_ID);
        }
    }
    return RK_OK;
}

/* ---- the table ---- */

static rk_status (*const gather[RK_N_FROM])(const gathering *g, size_t s, source_list *out, rk_error *err) = {
    [RK_FROM_RECOMMENDED] = recommended,
    [RK_FROM_SIMILAR] = similar,
    [RK_FROM_POPULAR] = walk,
    [RK_FROM_NEW] = walk,
    [RK_FROM_LISTED] = walk,
    [RK_FROM_TAKEN] = taken,
    [RK_FROM_FOUND] = found,
};

rk_status source_gather(const gathering *g, size_t s, source_list *out, rk_error *err)
{
    const rk_scene_source *source = &g->scene->source[s];
    return list_init(g, source->n, out) ? gather[source->from](g, s, out, err) : rk_fail_memory(err, "candidates");
}

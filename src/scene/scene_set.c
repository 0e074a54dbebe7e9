/* scene_set.c - one answer: out with what may not be shown, candidates into one pool, values, places, reasons.
 *
 * What is out is a set of bits, copied from the scene's and added to by the ask, before any source is asked. So a
 * filter costs the sources nothing but a bit, and the pool holds only what may be shown.
 */
#include "scene/scene_set.h"

#include <math.h>
#include <stdlib.h>

#include "math/dot.h"
#include "math/random.h"
#include "model/lookup.h"
#include "rank/fuse.h"
#include "scene/pick.h"
#include "scene/scene_set_parts.h"

/* ---- what is out ---- */

static bool is_in_force(const rk_scene_rule *rule, int64_t now_s)
{
    return rule->from_s <= now_s && now_s < rule->end_s;
}

static void drop_all(gathering *g, const uint32_t *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        rk_bits_set(g->out, items[i]);
    }
}

/* categories: [those of the goods] 1: wanted; NULL: all. */
static bool fits_ask(const gathering *g, const unsigned char *categories, uint32_t i)
{
    const rk_goods *goods = g->set->goods;
    const rk_scene *scene = g->scene;
    uint32_t asked = g->ask->item;
    if (categories && (goods->category[i] == RK_NO_ID || !categories[goods->category[i]])) {
        return false;
    }
    if (asked == RK_NO_ID) {
        return true;
    }
    if ((scene->same_category && (goods->category[i] == RK_NO_ID || goods->category[i] != goods->category[asked])) ||
        (scene->same_brand && (goods->brand[i] == RK_NO_ID || goods->brand[i] != goods->brand[asked]))) {
        return false;
    }
    if (isnan(scene->ratio_min) && isnan(scene->ratio_max)) {
        return true;
    }
    double price = (double)goods->price[i], base = (double)goods->price[asked];
    return !isnan(price) && !isnan(base) && !(price < base * scene->ratio_min) && !(price > base * scene->ratio_max);
}

static rk_status find_categories(const gathering *g, unsigned char **out, rk_error *err)
{
    const rk_interner *names = g->set->goods->categories;
    rk_slice wanted = g->ask->category;
    uint32_t n = rk_interner_count(names);
    bool has_any = false;
    *out = RK_TAKE(g->arena, unsigned char, n);
    if (!*out) {
        return rk_fail_memory(err, "categories");
    }
    for (uint32_t c = 0; c < n; c++) {
        (*out)[c] = rk_category_is_within(rk_interner_key(names, c), wanted);
        has_any |= (*out)[c];
    }
    return has_any
               ? RK_OK
               : rk_fail(err, RK_NOT_FOUND, "no such category '%.*s'", (int)(wanted.n < 80 ? wanted.n : 80), wanted.at);
}

static rk_status rule_out(gathering *g, rk_error *err)
{
    const rk_scene_ask *ask = g->ask;
    const rk_scene *scene = g->scene;
    uint32_t n_items = g->set->goods->n_items;
    unsigned char *categories = NULL;
    g->out = rk_bits_of(g->arena, n_items);
    rk_status status = g->out.word ? RK_OK : rk_fail_memory(err, "candidates");
    if (!status && ask->category.n > 0) {
        status = find_categories(g, &categories, err);
    }
    if (status) {
        return status;
    }
    rk_bits_add(g->out, g->bound->out);
    for (size_t r = 0; r < scene->n_rules; r++) {
        if (scene->rule[r].effect == RK_RULE_EXCLUDE && is_in_force(&scene->rule[r], ask->now_s)) {
            rk_bits_add(g->out, g->bound->rule[r]);
        }
    }
    bool is_about = ask->item != RK_NO_ID &&
                    (scene->same_category || scene->same_brand || !isnan(scene->ratio_min) || !isnan(scene->ratio_max));
    for (uint32_t i = 0; (categories || is_about) && i < n_items; i++) {
        if (!fits_ask(g, categories, i)) {
            rk_bits_set(g->out, i);
        }
    }
    drop_all(g, ask->exclude, ask->n_exclude);
    drop_all(g, ask->basket, ask->n_basket);
    drop_all(g, &ask->item, ask->item != RK_NO_ID);
    if (!scene->keeps_taken) {
        drop_all(g, ask->history.item, ask->history.n);
        drop_all(g, ask->recent, ask->n_recent);
    }
    return RK_OK;
}

/* ---- the pool ---- */

typedef struct {
    rk_candidate *candidate; /* [n] */
    float *share;            /* [n x n_sources] */
    uint32_t *because;       /* [n x n_sources] */
    uint32_t *rule;          /* [n] */
    size_t n, n_sources;
    uint32_t *slot; /* [n_slots] a power of two: candidate + 1 by item, 0 = free */
    size_t n_slots;
} pool;

static bool pool_init(pool *p, size_t room, size_t n_sources, rk_arena *arena)
{
    *p = (pool){.n_sources = n_sources, .n_slots = 16};
    while (p->n_slots < room * 2) {
        p->n_slots *= 2;
    }
    p->candidate = RK_TAKE(arena, rk_candidate, room);
    p->share = RK_TAKE(arena, float, room *n_sources);
    p->because = RK_TAKE(arena, uint32_t, room * n_sources);
    p->rule = RK_TAKE(arena, uint32_t, room);
    p->slot = RK_TAKE(arena, uint32_t, p->n_slots);
    return p->candidate && p->share && p->because && p->rule && p->slot;
}

/* The candidate of an item, new or not; its index. */
static size_t pool_put(pool *p, const rk_goods *goods, uint32_t item)
{
    size_t at = item * (size_t)0x9e3779b1u & (p->n_slots - 1);
    while (p->slot[at] && p->candidate[p->slot[at] - 1].item != item) {
        at = (at + 1) & (p->n_slots - 1);
    }
    if (!p->slot[at]) {
        size_t c = p->n++;
        p->slot[at] = (uint32_t)p->n;
        p->candidate[c] = (rk_candidate){.item = item, .category = goods->category[item], .brand = goods->brand[item]};
        p->rule[c] = RK_NO_ID;
        for (size_t s = 0; s < p->n_sources; s++) {
            p->because[c * p->n_sources + s] = RK_NO_ID;
        }
    }
    return p->slot[at] - 1;
}

/* Scores, best first, become what each gives: by their place, or by where they lie between the least, which gives 1 /
 * n, and the most, which gives 1. So whatever a source brings has something of it, and a reason. */
static void to_gains(const rk_scene *scene, const rk_scene_source *source, float *score, size_t n)
{
    double most = n ? (double)score[0] : 0, least = n ? (double)score[n - 1] : 0, floor = n ? 1 / (double)n : 0;
    size_t place = 0;
    float before = 0;
    for (size_t i = 0; i < n; i++) {
        place = i > 0 && score[i] == before ? place : i + 1; /* equal scores share a place */
        before = score[i];
        double part = most > least ? ((double)score[i] - least) / (most - least) : 1;
        double gain = scene->rank == RK_RANK_PLACES ? 1 / (RK_FUSE_SMOOTH + (double)place) : floor + (1 - floor) * part;
        score[i] = (float)(source->weight * gain);
    }
}

static rk_status gather_all(const gathering *g, pool *p, rk_error *err)
{
    const rk_scene *scene = g->scene;
    rk_status status = RK_OK;
    for (size_t s = 0; !status && s < scene->n_sources; s++) {
        source_list list = {0};
        if (scene->source[s].only_scores) {
            continue;
        }
        status = source_gather(g, s, &list, err);
        if (!status) {
            to_gains(scene, &scene->source[s], list.score, list.n);
        }
        for (size_t i = 0; !status && i < list.n; i++) {
            size_t c = pool_put(p, g->set->goods, list.item[i]);
            p->share[c * p->n_sources + s] += list.score[i];
            p->because[c * p->n_sources + s] = list.because[i];
        }
    }
    return status;
}

typedef struct {
    float score;
    uint32_t candidate;
} scored;

static int by_score(const void *a, const void *b)
{
    const scored *x = a, *y = b;
    if (x->score != y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return (x->candidate > y->candidate) - (x->candidate < y->candidate);
}

/* What a source that adds no candidates says of those there are. */
static rk_status score_all(const gathering *g, size_t s, pool *p, rk_error *err)
{
    uint32_t *items = RK_TAKE(g->arena, uint32_t, p->n);
    float *scores = RK_TAKE(g->arena, float, p->n);
    scored *known = RK_TAKE(g->arena, scored, p->n);
    if (!items || !scores || !known) {
        return rk_fail_memory(err, "scores");
    }
    for (size_t c = 0; c < p->n; c++) {
        items[c] = p->candidate[c].item;
        scores[c] = NAN;
    }
    rk_status status = source_score(g, s, items, p->n, scores, err);
    size_t n = 0;
    for (size_t c = 0; !status && c < p->n; c++) {
        if (!isnan(scores[c])) {
            known[n++] = (scored){scores[c], (uint32_t)c};
        }
    }
    if (n == 0) {
        return status;
    }
    qsort(known, n, sizeof *known, by_score);
    for (size_t i = 0; i < n; i++) {
        scores[i] = known[i].score;
    }
    to_gains(g->scene, &g->scene->source[s], scores, n);
    for (size_t i = 0; i < n; i++) {
        p->share[known[i].candidate * p->n_sources + s] = scores[i];
    }
    return RK_OK;
}

/* ---- rules ---- */

static bool is_place_free(const pool *p, uint32_t place)
{
    for (size_t c = 0; c < p->n; c++) {
        if (p->candidate[c].pin == place) {
            return false;
        }
    }
    return true;
}

static void pin(const gathering *g, size_t r, pool *p)
{
    uint32_t place = g->scene->rule[r].place;
    for (size_t i = 0; i < g->bound->n_pinned[r]; i++) {
        uint32_t item = g->bound->pinned[r][i];
        if (!gathering_allows(g, NULL, item)) {
            continue;
        }
        size_t c = pool_put(p, g->set->goods, item);
        while (!p->candidate[c].pin && !is_place_free(p, place)) {
            place++;
        }
        if (!p->candidate[c].pin) {
            p->candidate[c].pin = place++;
            p->rule[c] = (uint32_t)r;
        }
    }
}

/* Rules of one effect, in the order of the file. */
static void apply(const gathering *g, rk_rule_effect effect, pool *p)
{
    for (size_t r = 0; r < g->scene->n_rules; r++) {
        const rk_scene_rule *rule = &g->scene->rule[r];
        if (rule->effect != effect || !is_in_force(rule, g->ask->now_s)) {
            continue;
        }
        if (effect == RK_RULE_PIN) {
            pin(g, r, p);
            continue;
        }
        for (size_t c = 0; c < p->n; c++) {
            if (rk_bits_has(g->bound->rule[r], p->candidate[c].item)) {
                p->candidate[c].value *= effect == RK_RULE_BOOST ? rule->by : 1;
                p->candidate[c].is_buried |= effect == RK_RULE_BURY;
                p->rule[c] = (uint32_t)r;
            }
        }
    }
}

static bool is_buried_by_rule(const gathering *g, uint32_t item)
{
    for (size_t r = 0; r < g->scene->n_rules; r++) {
        if (g->scene->rule[r].effect == RK_RULE_BURY && is_in_force(&g->scene->rule[r], g->ask->now_s) &&
            rk_bits_has(g->bound->rule[r], item)) {
            return true;
        }
    }
    return false;
}

/* Popular items, until as many as are wanted stand in front of the buried ones; then buried ones, if it must be. */
static void fill(const gathering *g, size_t n_wanted, pool *p)
{
    const rk_goods_source *from = &g->set->goods->from;
    for (int buried = 0; buried <= 1; buried++) {
        size_t n = 0;
        for (size_t c = 0; c < p->n; c++) {
            n += buried || !is_buried_by_rule(g, p->candidate[c].item);
        }
        for (uint32_t i = 0; i < g->set->goods->n_items && n < n_wanted; i++) {
            uint32_t item = from->popular[i];
            if (gathering_allows(g, NULL, item) && (buried || !is_buried_by_rule(g, item))) {
                size_t n_before = p->n, c = pool_put(p, g->set->goods, item);
                p->candidate[c].is_fill = c == n_before ? true : p->candidate[c].is_fill;
                n += p->n > n_before;
            }
        }
    }
}

/* ---- places ---- */

static float *unit_vectors(const gathering *g, const pool *p, size_t *dim)
{
    const rk_model *model = g->set->goods->from.model;
    *dim = rk_model_dim(model);
    float *vectors = *dim > 0 ? RK_TAKE(g->arena, float, p->n **dim) : NULL;
    for (size_t c = 0; vectors && c < p->n; c++) {
        float *v = vectors + c * *dim;
        double sum = 0;
        rk_model_item_vector(model, p->candidate[c].item, v);
        for (size_t d = 0; d < *dim; d++) {
            sum += (double)v[d] * (double)v[d];
        }
        for (size_t d = 0; sum > 0 && d < *dim; d++) {
            v[d] = (float)((double)v[d] / sqrt(sum));
        }
    }
    return vectors;
}

/* The item at the place of `explore` becomes one of the choices, drawn; the others move down. */
static void explore(const gathering *g, const pool *p, uint32_t *order, size_t n_picked, rk_scene_answer *out)
{
    const rk_scene_explore *e = &g->scene->explore;
    size_t first = e->place - 1;
    if (e->share <= 0 || g->ask->never_explores || e->place > g->ask->n || first + 1 >= n_picked) {
        return;
    }
    size_t n = n_picked - first < e->among ? n_picked - first : e->among, chosen = 0;
    uint32_t *choices = RK_TAKE(g->arena, uint32_t, n);
    for (size_t i = 0; choices && i < n; i++) {
        choices[i] = p->candidate[order[first + i]].item;
    }
    if (!choices) {
        return; /* as it would be without */
    }
    rk_random random = rk_random_of(g->ask->draw, 0);
    if (rk_random_uniform(&random) < e->share) {
        chosen = rk_random_below(&random, (uint32_t)n);
    }
    uint32_t moved = order[first + chosen];
    memmove(&order[first + 1], &order[first], chosen * sizeof *order);
    order[first] = moved;
    out->choice = choices;
    out->n_choices = n;
    out->propensity = (chosen == 0 ? 1 - e->share : 0) + e->share / (double)n;
}

static uint32_t place_by_value(const pool *p, size_t c)
{
    const rk_candidate *a = &p->candidate[c];
    uint32_t place = 1;
    for (size_t i = 0; i < p->n; i++) {
        const rk_candidate *b = &p->candidate[i];
        place += b->is_fill != a->is_fill ? a->is_fill : b->value != a->value ? b->value > a->value : i < c;
    }
    return place;
}

static void describe(const gathering *g, const pool *p, size_t c, rk_scene_item *out)
{
    const rk_candidate *candidate = &p->candidate[c];
    *out = (rk_scene_item){.item = candidate->item,
                           .scene = g->scene,
                           .value = candidate->value,
                           .share = p->share + c * p->n_sources,
                           .source = RK_NO_ID,
                           .because = RK_NO_ID,
                           .rule = p->rule[c],
                           .by_value = place_by_value(p, c),
                           .is_fill = candidate->is_fill};
    for (size_t r = 0; r < RK_SCENE_REASONS; r++) {
        out->reason[r] = RK_NO_ID;
    }
    float most = 0;
    for (uint32_t s = 0; s < p->n_sources; s++) {
        if (out->share[s] > most) {
            most = out->share[s];
            out->source = s;
            out->because = p->because[c * p->n_sources + s];
        }
    }
}

/* Those asked for, and those that `explore` draws from. */
static size_t places_wanted(const gathering *g)
{
    const rk_scene_explore *e = &g->scene->explore;
    size_t n_explored =
        e->share > 0 && !g->ask->never_explores && e->place <= g->ask->n ? (size_t)e->place - 1 + e->among : 0;
    return n_explored > g->ask->n ? n_explored : g->ask->n;
}

static rk_status place_all(const gathering *g, pool *p, rk_scene_answer *out, rk_error *err)
{
    const rk_scene *scene = g->scene;
    rk_pick_rule rule = {.mmr = scene->mmr, .per_category = scene->per_category, .per_brand = scene->per_brand};
    size_t n_wanted = places_wanted(g), n_picked = 0;
    uint32_t *order = RK_TAKE(g->arena, uint32_t, n_wanted);
    rule.vector = scene->mmr < 1 ? unit_vectors(g, p, &rule.dim) : NULL;
    if (!order || !rk_pick(p->candidate, p->n, &rule, n_wanted, g->arena, order, &n_picked)) {
        return rk_fail_memory(err, "the answer");
    }
    explore(g, p, order, n_picked, out);
    out->n = n_picked < g->ask->n ? n_picked : g->ask->n;
    out->item = RK_TAKE(g->arena, rk_scene_item, out->n);
    for (size_t i = 0; out->item && i < out->n; i++) {
        describe(g, p, order[i], &out->item[i]);
    }
    return out->item ? RK_OK : rk_fail_memory(err, "the answer");
}

/* ---- reasons ---- */

/* What of the history speaks for the items that source s gave most to. */
static rk_status add_reasons(const gathering *g, uint32_t s, rk_scene_answer *out, rk_error *err)
{
    const joined_model *join;
    const rk_model *model = set_model(g->set, g->scene->source[s].model, &join);
    uint32_t *items = RK_TAKE(g->arena, uint32_t, out->n);
    uint32_t *reasons = RK_TAKE(g->arena, uint32_t, out->n * RK_SCENE_REASONS);
    rk_scene_item **placed = RK_TAKE(g->arena, rk_scene_item *, out->n);
    rk_history history;
    if (!items || !reasons || !placed || !set_history(join, g->ask->history, g->arena, &history)) {
        return rk_fail_memory(err, "reasons");
    }
    size_t n = 0;
    for (size_t i = 0; i < out->n; i++) {
        if (out->item[i].source == s) {
            items[n] = join ? join->from_main[out->item[i].item] : out->item[i].item;
            placed[n++] = &out->item[i];
        }
    }
    if (n == 0 || history.n == 0) {
        return RK_OK;
    }
    rk_status status = rk_model_reasons(model, history, items, n, RK_SCENE_REASONS, g->arena, reasons, err);
    for (size_t i = 0; !status && i < n * RK_SCENE_REASONS; i++) {
        uint32_t reason = reasons[i];
        placed[i / RK_SCENE_REASONS]->reason[i % RK_SCENE_REASONS] =
            reason != RK_NO_ID && join ? join->to_main[reason] : reason;
    }
    return status;
}

/* ---- the whole ---- */

static size_t pool_room(const gathering *g)
{
    size_t room = 2 * places_wanted(g);
    for (size_t s = 0; s < g->scene->n_sources; s++) {
        room += g->scene->source[s].n;
    }
    for (size_t r = 0; r < g->scene->n_rules; r++) {
        room += g->bound->n_pinned[r];
    }
    return room;
}

rk_status rk_scene_set_answer(const rk_scene_set *set, const rk_scene *scene, const rk_scene_ask *ask, rk_desk *desk,
                              rk_arena *arena, rk_scene_answer *out, rk_error *err)
{
    gathering g = {.set = set,
                   .scene = scene,
                   .bound = &set->bound[scene - set->scenes->scene],
                   .ask = ask,
                   .desk = desk,
                   .arena = arena};
    pool p;
    *out = (rk_scene_answer){.scene = scene};
    rk_status status = rule_out(&g, err);
    if (!status && !pool_init(&p, pool_room(&g), scene->n_sources, arena)) {
        status = rk_fail_memory(err, "candidates");
    }
    status = status ? status : gather_all(&g, &p, err);
    for (size_t s = 0; !status && s < scene->n_sources; s++) {
        status = scene->source[s].only_scores ? score_all(&g, s, &p, err) : RK_OK;
    }
    if (status) {
        return status;
    }
    for (size_t c = 0; c < p.n; c++) {
        for (size_t s = 0; s < p.n_sources; s++) {
            p.candidate[c].value += (double)p.share[c * p.n_sources + s];
        }
    }
    out->total = p.n;
    if (scene->fills) {
        fill(&g, places_wanted(&g), &p);
    }
    apply(&g, RK_RULE_BOOST, &p);
    apply(&g, RK_RULE_BURY, &p);
    apply(&g, RK_RULE_PIN, &p);
    status = place_all(&g, &p, out, err);
    for (uint32_t s = 0; !status && s < scene->n_sources; s++) {
        status = scene->source[s].from == RK_FROM_RECOMMENDED ? add_reasons(&g, s, out, err) : RK_OK;
    }
    return status;
}

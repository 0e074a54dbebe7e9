/* scene_set_open.c - names become numbers: what a scene says of items becomes sets and orders of the model's items. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/lookup.h"
#include "scene/scene_set_parts.h"

/* ---- further models ---- */

static rk_status join_model(rk_scene_set *set, size_t m, const rk_run *run, rk_error *err)
{
    const rk_scene_model *named = &set->scenes->model[m];
    joined_model *join = &set->model[m];
    rk_error below;
    rk_status status = rk_model_load(named->path, &join->model, &below);
    status = status ? status : rk_artefact_verify(rk_model_artefact(join->model), run, &below);
    if (status) {
        return rk_fail_at(err, named->at, "the model '%.60s': %.300s", named->name, below.message);
    }
    const rk_names *items = rk_model_items(join->model), *main_items = rk_model_items(set->goods->from.model);
    join->to_main = malloc(((size_t)items->n + 1) * sizeof *join->to_main);
    join->from_main = malloc(((size_t)main_items->n + 1) * sizeof *join->from_main);
    if (!join->to_main || !join->from_main) {
        return rk_fail_memory(err, "the items of a further model");
    }
    for (uint32_t i = 0; i < main_items->n; i++) {
        join->from_main[i] = RK_NO_ID;
    }
    for (uint32_t i = 0; i < items->n; i++) {
        join->to_main[i] = rk_names_find(main_items, rk_names_get(items, i));
        if (join->to_main[i] != RK_NO_ID) {
            join->from_main[join->to_main[i]] = i;
        }
    }
    return RK_OK;
}

/* ---- which items ---- */

static void warn(const rk_run *run, const rk_scene_name *name, const char *what)
{
    rk_log(run, RK_LOG_WARNING, "%s:%zu:%zu: no %s '%.80s' is known", name->at.path, name->at.line, name->at.column,
           what, name->text);
}

/* marks[v] of a table's value is 1 when it is named, or, of categories, lies below one that is. */
static unsigned char *mark_values(rk_scene_set *set, const rk_scene_names *names, bool is_category, const rk_run *run)
{
    const rk_interner *values = is_category ? set->goods->categories : set->goods->brands;
    uint32_t n = rk_interner_count(values);
    unsigned char *marks = RK_TAKE(&set->arena, unsigned char, n);
    for (size_t i = 0; marks && i < names->n; i++) {
        rk_slice name = rk_slice_of(names->name[i].text);
        bool is_known = false;
        for (uint32_t v = 0; v < n; v++) {
            rk_slice value = rk_interner_key(values, v);
            bool is_named = is_category ? rk_category_is_within(value, name) : rk_slice_equal(value, name);
            marks[v] |= is_named;
            is_known |= is_named;
        }
        if (!is_known) {
            warn(run, &names->name[i], is_category ? "category" : "brand");
        }
    }
    return marks;
}

static bool is_one_of(const unsigned char *marks, uint32_t value) { return value != RK_NO_ID && marks[value]; }

static bool is_within_prices(const rk_which *which, float price)
{
    bool is_limited = !isnan(which->price_min) || !isnan(which->price_max);
    return !is_limited || (!isnan(price) && !((double)price < which->price_min) && !((double)price > which->price_max));
}

static bool named_items(rk_scene_set *set, const rk_scene_names *names, const rk_run *run, uint32_t **out, size_t *n)
{
    *n = 0;
    *out = RK_TAKE(&set->arena, uint32_t, names->n);
    for (size_t i = 0; *out && i < names->n; i++) {
        uint32_t item = rk_names_find(rk_model_items(set->goods->from.model), rk_slice_of(names->name[i].text));
        if (item != RK_NO_ID) {
            (*out)[(*n)++] = item;
        } else {
            warn(run, &names->name[i], "item");
        }
    }
    return *out != NULL;
}

/* The items that a condition holds of. */
static rk_status bind_which(rk_scene_set *set, const rk_which *which, const rk_run *run, rk_bits *out, rk_error *err)
{
    const rk_goods *goods = set->goods;
    rk_bits named = rk_bits_of(&set->arena, goods->n_items);
    unsigned char *categories = mark_values(set, &which->categories, true, run);
    unsigned char *brands = mark_values(set, &which->brands, false, run);
    uint32_t *items;
    size_t n_items;
    *out = rk_bits_of(&set->arena, goods->n_items);
    if (!named_items(set, &which->items, run, &items, &n_items) || !named.word || !categories || !brands ||
        !out->word) {
        return rk_fail_memory(err, "scenes");
    }
    for (size_t i = 0; i < n_items; i++) {
        rk_bits_set(named, items[i]);
    }
    for (uint32_t i = 0; i < goods->n_items; i++) {
        if ((which->items.n == 0 || rk_bits_has(named, i)) &&
            (which->categories.n == 0 || is_one_of(categories, goods->category[i])) &&
            (which->brands.n == 0 || is_one_of(brands, goods->brand[i])) && is_within_prices(which, goods->price[i])) {
            rk_bits_set(*out, i);
        }
    }
    return RK_OK;
}

/* ---- rules and filter ---- */

static rk_status bind_rules(rk_scene_set *set, const rk_scene *scene, bound_scene *bound, const rk_run *run,
                            rk_error *err)
{
    rk_status status = RK_OK;
    bound->rule = RK_TAKE(&set->arena, rk_bits, scene->n_rules);
    bound->pinned = RK_TAKE(&set->arena, uint32_t *, scene->n_rules);
    bound->n_pinned = RK_TAKE(&set->arena, size_t, scene->n_rules);
    if (!bound->rule || !bound->pinned || !bound->n_pinned) {
        return rk_fail_memory(err, "scenes");
    }
    for (size_t r = 0; !status && r < scene->n_rules; r++) {
        const rk_scene_rule *rule = &scene->rule[r];
        if (rule->effect != RK_RULE_PIN) {
            status = bind_which(set, &rule->which, run, &bound->rule[r], err);
        } else if (!named_items(set, &rule->which.items, run, &bound->pinned[r], &bound->n_pinned[r])) {
            status = rk_fail_memory(err, "scenes");
        }
        bool is_always = rule->from_s == INT64_MIN && rule->end_s == INT64_MAX;
        if (!status && rule->effect == RK_RULE_EXCLUDE && is_always) {
            rk_bits_add(bound->out, bound->rule[r]);
        }
    }
    return status;
}

static rk_status bind_filter(rk_scene_set *set, const rk_scene *scene, bound_scene *bound, const rk_run *run,
                             rk_error *err)
{
    const rk_goods *goods = set->goods;
    rk_bits must, none;
    bound->out = rk_bits_of(&set->arena, goods->n_items);
    rk_status status = bound->out.word ? bind_which(set, &scene->must, run, &must, err) : rk_fail_memory(err, "scenes");
    for (size_t w = 0; !status && w < scene->n_must_not; w++) {
        status = bind_which(set, &scene->must_not[w], run, &none, err);
        if (!status) {
            rk_bits_add(bound->out, none);
        }
    }
    for (uint32_t i = 0; !status && i < goods->n_items; i++) {
        if (!rk_bits_has(must, i) || (scene->only_in_stock && goods->is_out[i])) {
            rk_bits_set(bound->out, i);
        }
    }
    return status;
}

/* ---- sources ---- */

static rk_status bind_listed(rk_scene_set *set, const rk_scene_source *source, const rk_run *run, fixed_order *out,
                             rk_error *err)
{
    uint32_t *items;
    size_t n;
    if (!named_items(set, &source->items, run, &items, &n)) {
        return rk_fail_memory(err, "scenes");
    }
    float *scores = RK_TAKE(&set->arena, float, n);
    if (!scores) {
        return rk_fail_memory(err, "scenes");
    }
    for (size_t i = 0; i < n; i++) {
        scores[i] = (float)(n - i);
    }
    *out = (fixed_order){items, scores, (uint32_t)n, {NULL, NULL}};
    return RK_OK;
}

static rk_status bind_order(rk_scene_set *set, const rk_scene_source *source, fixed_order *out, rk_error *err)
{
    const rk_goods *goods = set->goods;
    uint32_t *items, n;
    float *keys;
    if (source->from == RK_FROM_POPULAR && source->days == 0) {
        *out = (fixed_order){goods->from.popular, goods->from.takers, goods->n_items, {NULL, NULL}};
        return RK_OK;
    }
    rk_status status = source->from == RK_FROM_NEW ? rk_goods_newest(goods, &items, &keys, &n, err)
                                                   : rk_goods_lately(goods, source->days, &items, &keys, &n, err);
    if (!status) {
        *out = (fixed_order){items, keys, n, {items, keys}};
    }
    return status;
}

static rk_status bind_source(rk_scene_set *set, const rk_scene_source *source, const rk_run *run, fixed_order *out,
                             rk_error *err)
{
    const joined_model *join;
    rk_error below = {0};
    rk_status status = RK_OK;
    switch (source->from) {
    case RK_FROM_SIMILAR:
        status = rk_model_need_similar(set_model(set, source->model, &join), &below);
        break;
    case RK_FROM_POPULAR:
    case RK_FROM_NEW:
        status = bind_order(set, source, out, &below);
        break;
    case RK_FROM_LISTED:
        status = bind_listed(set, source, run, out, &below);
        break;
    default:
        break;
    }
    return status ? rk_fail_at(err, source->at, "the source '%s': %.300s", rk_scene_from_names[source->from],
                               below.message)
                  : RK_OK;
}

static rk_status bind_scene(rk_scene_set *set, const rk_scene *scene, bound_scene *bound, const rk_run *run,
                            rk_error *err)
{
    rk_status status = bind_filter(set, scene, bound, run, err);
    status = status ? status : bind_rules(set, scene, bound, run, err);
    for (size_t s = 0; !status && s < scene->n_sources; s++) {
        status = bind_source(set, &scene->source[s], run, &bound->order[s], err);
    }
    return status;
}

/* ---- open and close ---- */

rk_status rk_scene_set_open(const rk_scenes *scenes, const rk_goods_source *source, const rk_run *run,
                            rk_scene_set **out, rk_error *err)
{
    rk_scene_set *set = calloc(1, sizeof *set);
    if (!set) {
        return rk_fail_memory(err, "scenes");
    }
    set->scenes = scenes;
    rk_status status = rk_goods_make(source, scenes->stock, &set->goods, err);
    for (size_t m = 0; !status && m < scenes->n_models; m++) {
        status = join_model(set, m, run, err);
    }
    set->bound = RK_TAKE(&set->arena, bound_scene, scenes->n_scenes);
    status = status || set->bound ? status : rk_fail_memory(err, "scenes");
    for (size_t s = 0; !status && s < scenes->n_scenes; s++) {
        status = bind_scene(set, &scenes->scene[s], &set->bound[s], run, err);
    }
    if (status) {
        rk_scene_set_close(set);
        return status;
    }
    *out = set;
    return RK_OK;
}

void rk_scene_set_close(rk_scene_set *set)
{
    if (!set) {
        return;
    }
    for (size_t s = 0; set->bound && s < set->scenes->n_scenes; s++) {
        for (size_t i = 0; i < RK_SCENE_SOURCES_MAX; i++) {
            free(set->bound[s].order[i].owned[0]);
            free(set->bound[s].order[i].owned[1]);
        }
    }
    for (size_t m = 0; m < set->scenes->n_models; m++) {
        if (set->model[m].model) {
            rk_model_close(set->model[m].model);
        }
        free(set->model[m].to_main);
        free(set->model[m].from_main);
    }
    rk_goods_free(set->goods);
    rk_arena_release(&set->arena);
    free(set);
}

const rk_scene *rk_scene_set_find(const rk_scene_set *set, rk_slice name) { return rk_scenes_find(set->scenes, name); }

bool rk_scene_has(const rk_scene *scene, rk_scene_from from)
{
    for (size_t s = 0; s < scene->n_sources; s++) {
        if (scene->source[s].from == from) {
            return true;
        }
    }
    return false;
}

const rk_model *set_model(const rk_scene_set *set, uint32_t model, const joined_model **join)
{
    *join = model == RK_NO_ID ? NULL : &set->model[model];
    return *join ? (*join)->model : set->goods->from.model;
}

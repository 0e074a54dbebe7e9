/* scene_read.c - a tree of YAML becomes scenes: one table of keys for each kind of map. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "scene/scene.h"

const char *const rk_scene_from_names[RK_N_FROM] = {"recommended", "similar", "popular", "new",
                                                    "listed",      "taken",   "found"};
const char *const rk_rule_effect_names[RK_N_RULES] = {"pin", "boost", "bury", "exclude"};

#define FROM_CHOICES "recommended|similar|popular|new|listed|taken|found"
#define YES_NO "false|true"
enum { DAY_S = 86400, CANDIDATES = 200, CONDITIONS_MAX = 1000, PLACES_MAX = 1000 };

static double real_or(const rk_number *number, double otherwise)
{
    return number->is_set ? rk_decimal_real(number->value) : otherwise;
}

static uint32_t count_or(const rk_number *number, uint32_t otherwise)
{
    return number->is_set ? (uint32_t)rk_decimal_real(number->value) : otherwise;
}

bool rk_which_is_anything(const rk_which *w)
{
    return w->items.n + w->categories.n + w->brands.n == 0 && isnan(w->price_min) && isnan(w->price_max);
}

/* ---- names, prices, conditions ---- */

/* One text, or a list of them. */
static rk_status read_names(const rk_yaml_node *node, const char *what, rk_arena *arena, rk_scene_names *out,
                            rk_error *err)
{
    *out = (rk_scene_names){0};
    if (!node) {
        return RK_OK;
    }
    const rk_yaml_node *first = node->kind == RK_YAML_LIST ? node->first : node;
    out->name = RK_TAKE(arena, rk_scene_name, node->kind == RK_YAML_LIST ? node->n : 1);
    if (!out->name) {
        return rk_fail_memory(err, "scenes");
    }
    for (const rk_yaml_node *n = first; n; n = node->kind == RK_YAML_LIST ? n->next : NULL) {
        if (out->n == CONDITIONS_MAX) {
            return rk_fail_at(err, n->at, "'%s' names more than %d", what, (int)CONDITIONS_MAX);
        }
        rk_status status = rk_yaml_text(n, what, &out->name[out->n].text, err);
        if (status) {
            return status;
        }
        out->name[out->n++].at = n->at;
    }
    return out->n > 0 ? RK_OK : rk_fail_at(err, node->at, "'%s' names nothing", what);
}

typedef struct {
    rk_number min, max;
} band;

static const rk_key band_keys[] = {
    {"min", RK_KEY_NUMBER, offsetof(band, min), .certain = true, .help = "least, inclusive"},
    {"max", RK_KEY_NUMBER, offsetof(band, max), .certain = true, .help = "most, inclusive"},
};

/* NULL: no limits. */
static rk_status read_band(const rk_yaml_node *node, const char *what, double *min, double *max, rk_error *err)
{
    band read = {0};
    *min = *max = NAN;
    rk_status status = node ? rk_yaml_fill(node, what, band_keys, RK_COUNT_OF(band_keys), &read, err) : RK_OK;
    if (status || !node) {
        return status;
    }
    *min = real_or(&read.min, NAN);
    *max = real_or(&read.max, NAN);
    if (!read.min.is_set && !read.max.is_set) {
        return rk_fail_at(err, node->at, "%s needs 'min', 'max' or both", what);
    }
    return *min > *max ? rk_fail_at(err, read.max.at, "%s holds nothing: min %g is above max %g", what, *min, *max)
                       : RK_OK;
}

typedef struct {
    const rk_yaml_node *item, *category, *brand, *price;
} which_keys;

static const rk_key which_table[] = {
    {"item", RK_KEY_NODE, offsetof(which_keys, item), .help = "id of an item, or a list of them"},
    {"category", RK_KEY_NODE, offsetof(which_keys, category), .help = "a category and those below it, or a list"},
    {"brand", RK_KEY_NODE, offsetof(which_keys, brand), .help = "a brand, or a list"},
    {"price", RK_KEY_MAP, offsetof(which_keys, price), .help = "min and max, in the catalogue's currency"},
};

static rk_status take_which(const which_keys *keys, rk_arena *arena, rk_which *out, rk_error *err)
{
    rk_status status = read_names(keys->item, "item", arena, &out->items, err);
    status = status ? status : read_names(keys->category, "category", arena, &out->categories, err);
    status = status ? status : read_names(keys->brand, "brand", arena, &out->brands, err);
    return status ? status : read_band(keys->price, "price", &out->price_min, &out->price_max, err);
}

static rk_status read_which(const rk_yaml_node *node, const char *what, rk_arena *arena, rk_which *out, rk_error *err)
{
    which_keys keys = {0};
    rk_status status = rk_yaml_fill(node, what, which_table, RK_COUNT_OF(which_table), &keys, err);
    status = status ? status : take_which(&keys, arena, out, err);
    return !status && rk_which_is_anything(out)
               ? rk_fail_at(err, node->at, "%s must say which: item, category, brand or price", what)
               : status;
}

/* ---- sources ---- */

typedef struct {
    int from, to, same, only_scores;
    const char *model;
    rk_number weight, n, days;
    const rk_yaml_node *items;
} source_keys;

static const rk_key source_table[] = {
    {"from", RK_KEY_CHOICE, offsetof(source_keys, from), .required = true, .choices = FROM_CHOICES,
     .help = "where candidates come from"},
    {"weight", RK_KEY_NUMBER, offsetof(source_keys, weight), .certain = true, .max = 1e6, .above = true,
     .help = "what its scores or places count beside the other sources' (1)"},
    {"n", RK_KEY_COUNT, offsetof(source_keys, n), .min = 1, .max = RK_SCENE_CANDIDATES_MAX,
     .help = "how many candidates it brings (200)"},
    {"to", RK_KEY_CHOICE, offsetof(source_keys, to), .choices = "item|basket|recent",
     .help = "of similar: to what (item)"},
    {"model", RK_KEY_TEXT, offsetof(source_keys, model), .help = "of recommended and similar: one of models"},
    {"days", RK_KEY_COUNT, offsetof(source_keys, days), .min = 1, .max = 36500,
     .help = "of popular: in the last days of the log"},
    {"same", RK_KEY_CHOICE, offsetof(source_keys, same), .choices = "category|brand",
     .help = "only items of the category or brand of the item asked about"},
    {"items", RK_KEY_NODE, offsetof(source_keys, items), .help = "of listed: their ids, best first"},
    {"only_scores", RK_KEY_CHOICE, offsetof(source_keys, only_scores), .choices = YES_NO,
     .help = "of recommended: scores the candidates of the other sources and adds none"},
};

/* Keys that only some sources know. */
static const struct {
    const char *key;
    unsigned from; /* bits */
} belongs[] = {
    {"to", 1u << RK_FROM_SIMILAR},
    {"model", 1u << RK_FROM_SIMILAR | 1u << RK_FROM_RECOMMENDED},
    {"days", 1u << RK_FROM_POPULAR},
    {"items", 1u << RK_FROM_LISTED},
    {"only_scores", 1u << RK_FROM_RECOMMENDED},
};

static rk_status check_belongs(const rk_yaml_node *node, rk_scene_from from, rk_error *err)
{
    for (size_t i = 0; i < RK_COUNT_OF(belongs); i++) {
        const rk_yaml_node *value = rk_yaml_find(node, belongs[i].key);
        if (value && !(belongs[i].from >> from & 1)) {
            return rk_fail_at(err, value->key->at, "the source '%s' has no key '%s'", rk_scene_from_names[from],
                              belongs[i].key);
        }
    }
    return RK_OK;
}

static rk_status find_model(const rk_scenes *scenes, const rk_yaml_node *node, const char *name, uint32_t *out,
                            rk_error *err)
{
    const char *names[RK_SCENE_MODELS_MAX];
    *out = RK_NO_ID;
    for (uint32_t m = 0; name && m < scenes->n_models; m++) {
        names[m] = scenes->model[m].name;
        if (strcmp(name, names[m]) == 0) {
            *out = m;
        }
    }
    if (!name || *out != RK_NO_ID) {
        return RK_OK;
    }
    const char *near = rk_nearest_name(name, names, scenes->n_models);
    return rk_fail_at(err, rk_yaml_find(node, "model")->at, "'models' names no model '%.60s'%s%.60s%s", name,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static rk_status read_source(rk_scenes *scenes, const rk_yaml_node *node, rk_scene_source *out, rk_error *err)
{
    source_keys keys = {0};
    rk_status status = rk_yaml_fill(node, "a source", source_table, RK_COUNT_OF(source_table), &keys, err);
    status = status ? status : check_belongs(node, (rk_scene_from)keys.from, err);
    if (status) {
        return status;
    }
    *out = (rk_scene_source){.from = (rk_scene_from)keys.from,
                             .weight = real_or(&keys.weight, 1),
                             .n = count_or(&keys.n, CANDIDATES),
                             .to = keys.to < 0 ? RK_TO_ITEM : keys.to,
                             .same = keys.same,
                             .days = count_or(&keys.days, 0),
                             .only_scores = keys.only_scores == 1,
                             .at = node->at};
    if (out->from == RK_FROM_LISTED && !keys.items) {
        return rk_fail_at(err, node->at, "the source 'listed' needs the key 'items'");
    }
    status = find_model(scenes, node, keys.model, &out->model, err);
    return status ? status : read_names(keys.items, "items", &scenes->arena, &out->items, err);
}

static rk_status read_sources(rk_scenes *scenes, const rk_yaml_node *list, rk_scene *scene, rk_error *err)
{
    bool adds = false;
    for (const rk_yaml_node *node = list->first; node; node = node->next) {
        if (scene->n_sources == RK_SCENE_SOURCES_MAX) {
            return rk_fail_at(err, node->at, "a scene has at most %d sources", (int)RK_SCENE_SOURCES_MAX);
        }
        rk_scene_source *source = &scene->source[scene->n_sources++];
        rk_status status = read_source(scenes, node, source, err);
        if (status) {
            return status;
        }
        adds |= !source->only_scores;
    }
    return adds ? RK_OK : rk_fail_at(err, list->at, "the scene '%.60s' has no source of candidates", scene->name);
}

/* ---- filter and diversity ---- */

typedef struct {
    which_keys must;
    const rk_yaml_node *exclude, *price_ratio;
    int taken, in_stock, same_category, same_brand;
} filter_keys;

static const rk_key filter_table[] = {
    {"taken", RK_KEY_CHOICE, offsetof(filter_keys, taken), .choices = "leave_out|keep",
     .help = "what the user has taken (leave_out)"},
    {"in_stock", RK_KEY_CHOICE, offsetof(filter_keys, in_stock), .choices = YES_NO,
     .help = "only what is in stock, by the attribute 'stock' (false)"},
    {"item", RK_KEY_NODE, offsetof(filter_keys, must.item), .help = "only these items"},
    {"category", RK_KEY_NODE, offsetof(filter_keys, must.category), .help = "only these categories"},
    {"brand", RK_KEY_NODE, offsetof(filter_keys, must.brand), .help = "only these brands"},
    {"price", RK_KEY_MAP, offsetof(filter_keys, must.price), .help = "only prices from min to max"},
    {"exclude", RK_KEY_NODE, offsetof(filter_keys, exclude),
     .help = "none of these: item, category, brand, price; one condition or a list of them"},
    {"same_category", RK_KEY_CHOICE, offsetof(filter_keys, same_category), .choices = YES_NO,
     .help = "only the category of the item asked about (false)"},
    {"same_brand", RK_KEY_CHOICE, offsetof(filter_keys, same_brand), .choices = YES_NO,
     .help = "only the brand of the item asked about (false)"},
    {"price_ratio", RK_KEY_MAP, offsetof(filter_keys, price_ratio),
     .help = "price over that of the item asked about, from min to max"},
};

/* One condition, or a list of them; NULL: none. */
static rk_status read_excluded(const rk_yaml_node *node, rk_arena *arena, rk_scene *scene, rk_error *err)
{
    bool is_list = node && node->kind == RK_YAML_LIST;
    rk_status status = RK_OK;
    scene->must_not = RK_TAKE(arena, rk_which, is_list ? node->n : 1);
    if (!scene->must_not) {
        return rk_fail_memory(err, "scenes");
    }
    for (const rk_yaml_node *n = is_list ? node->first : node; !status && n; n = is_list ? n->next : NULL) {
        if (scene->n_must_not == RK_SCENE_RULES_MAX) {
            return rk_fail_at(err, n->at, "a filter has at most %d conditions to exclude", (int)RK_SCENE_RULES_MAX);
        }
        status = read_which(n, "exclude", arena, &scene->must_not[scene->n_must_not++], err);
    }
    return status;
}

static rk_status read_filter(const rk_scenes *scenes, const rk_yaml_node *node, rk_arena *arena, rk_scene *scene,
                             rk_error *err)
{
    filter_keys keys = {.taken = -1, .in_stock = -1, .same_category = -1, .same_brand = -1};
    rk_status status = RK_OK;
    if (node) {
        status = rk_yaml_fill(node, "a filter", filter_table, RK_COUNT_OF(filter_table), &keys, err);
    }
    status = status ? status : take_which(&keys.must, arena, &scene->must, err);
    status = status ? status : read_excluded(keys.exclude, arena, scene, err);
    status = status ? status : read_band(keys.price_ratio, "price_ratio", &scene->ratio_min, &scene->ratio_max, err);
    scene->keeps_taken = keys.taken == 1;
    scene->only_in_stock = keys.in_stock == 1;
    scene->same_category = keys.same_category == 1;
    scene->same_brand = keys.same_brand == 1;
    if (!status && scene->only_in_stock && !scenes->stock) {
        return rk_fail_at(err, rk_yaml_find(node, "in_stock")->at,
                          "in_stock needs the file's key 'stock', the attribute that says how many are left");
    }
    return status;
}

typedef struct {
    rk_number mmr, per_category, per_brand;
} diversify_keys;

static const rk_key diversify_table[] = {
    {"mmr", RK_KEY_NUMBER, offsetof(diversify_keys, mmr), .certain = true, .max = 1,
     .help = "share of an item's value, the rest is its difference from those above (1)"},
    {"per_category", RK_KEY_COUNT, offsetof(diversify_keys, per_category), .min = 1, .max = PLACES_MAX,
     .help = "most items of one category in an answer"},
    {"per_brand", RK_KEY_COUNT, offsetof(diversify_keys, per_brand), .min = 1, .max = PLACES_MAX,
     .help = "most items of one brand in an answer"},
};

static rk_status read_diversify(const rk_yaml_node *node, rk_scene *scene, rk_error *err)
{
    diversify_keys keys = {0};
    rk_status status =
        node ? rk_yaml_fill(node, "diversify", diversify_table, RK_COUNT_OF(diversify_table), &keys, err) : RK_OK;
    scene->mmr = real_or(&keys.mmr, 1);
    scene->per_category = count_or(&keys.per_category, 0);
    scene->per_brand = count_or(&keys.per_brand, 0);
    return status;
}

typedef struct {
    rk_number share, place, among;
} explore_keys;

static const rk_key explore_table[] = {
    {"share", RK_KEY_NUMBER, offsetof(explore_keys, share), .required = true, .certain = true, .above = true, .max = 1,
     .help = "of answers in which the item at the place is drawn"},
    {"place", RK_KEY_COUNT, offsetof(explore_keys, place), .min = 1, .max = PLACES_MAX, .help = "from 1 (1)"},
    {"among", RK_KEY_COUNT, offsetof(explore_keys, among), .min = 2, .max = PLACES_MAX,
     .help = "the best so many of those that might stand there (10)"},
};

static rk_status read_explore(const rk_yaml_node *node, rk_scene *scene, rk_error *err)
{
    explore_keys keys = {0};
    if (!node) {
        return RK_OK;
    }
    rk_status status = rk_yaml_fill(node, "explore", explore_table, RK_COUNT_OF(explore_table), &keys, err);
    scene->explore = (rk_scene_explore){real_or(&keys.share, 0), count_or(&keys.place, 1), count_or(&keys.among, 10)};
    return status;
}

/* ---- rules ---- */

typedef struct {
    const char *name;
    const rk_yaml_node *effect[RK_N_RULES];
    rk_number by, place;
    rk_when from, until;
} rule_keys;

static const rk_key rule_table[] = {
    {"name", RK_KEY_TEXT, offsetof(rule_keys, name), .help = "said in the reasons"},
    {"pin", RK_KEY_MAP, offsetof(rule_keys, effect[RK_RULE_PIN]), .help = "these items stand at 'place'"},
    {"boost", RK_KEY_MAP, offsetof(rule_keys, effect[RK_RULE_BOOST]), .help = "their values are multiplied by 'by'"},
    {"bury", RK_KEY_MAP, offsetof(rule_keys, effect[RK_RULE_BURY]), .help = "they stand behind all others"},
    {"exclude", RK_KEY_MAP, offsetof(rule_keys, effect[RK_RULE_EXCLUDE]), .help = "they are not shown"},
    {"by", RK_KEY_NUMBER, offsetof(rule_keys, by), .certain = true, .above = true, .max = 1000,
     .help = "of boost: the factor"},
    {"place", RK_KEY_COUNT, offsetof(rule_keys, place), .min = 1, .max = PLACES_MAX, .help = "of pin: from 1 (1)"},
    {"from", RK_KEY_DATE, offsetof(rule_keys, from), .help = "first day, UTC"},
    {"until", RK_KEY_DATE, offsetof(rule_keys, until), .help = "last day, UTC"},
};

static rk_status find_effect(const rk_yaml_node *node, const rule_keys *keys, rk_rule_effect *out, rk_error *err)
{
    size_t n = 0;
    for (int e = 0; e < RK_N_RULES; e++) {
        if (keys->effect[e]) {
            *out = (rk_rule_effect)e;
            n++;
        }
    }
    return n == 1 ? RK_OK : rk_fail_at(err, node->at, "a rule does one thing: pin, boost, bury or exclude");
}

/* What only one effect can have, and what it cannot do without. */
static rk_status check_rule(const rk_yaml_node *node, const rule_keys *keys, const rk_scene_rule *rule, rk_error *err)
{
    const rk_which *which = &rule->which;
    if (rule->effect == RK_RULE_PIN && (which->items.n == 0 || which->categories.n + which->brands.n > 0 ||
                                        !isnan(which->price_min) || !isnan(which->price_max))) {
        return rk_fail_at(err, keys->effect[RK_RULE_PIN]->at, "a pin names the items, and nothing else");
    }
    if (rule->effect == RK_RULE_BOOST && !keys->by.is_set) {
        return rk_fail_at(err, node->at, "a boost needs the key 'by', its factor");
    }
    if (rule->effect != RK_RULE_BOOST && keys->by.is_set) {
        return rk_fail_at(err, keys->by.at, "'by' belongs to boost, not to %s", rk_rule_effect_names[rule->effect]);
    }
    if (rule->effect != RK_RULE_PIN && keys->place.is_set) {
        return rk_fail_at(err, keys->place.at, "'place' belongs to pin, not to %s", rk_rule_effect_names[rule->effect]);
    }
    return rule->end_s <= rule->from_s ? rk_fail_at(err, keys->until.at, "'until' is before 'from'") : RK_OK;
}

static rk_status read_rule(rk_arena *arena, const rk_yaml_node *node, rk_scene_rule *out, rk_error *err)
{
    rule_keys keys = {0};
    rk_status status = rk_yaml_fill(node, "a rule", rule_table, RK_COUNT_OF(rule_table), &keys, err);
    status = status ? status : find_effect(node, &keys, &out->effect, err);
    if (!status) {
        status = read_which(keys.effect[out->effect], rk_rule_effect_names[out->effect], arena, &out->which, err);
    }
    if (status) {
        return status;
    }
    out->name = keys.name ? keys.name : rk_rule_effect_names[out->effect];
    out->by = real_or(&keys.by, 1);
    out->place = count_or(&keys.place, 1);
    out->from_s = keys.from.is_set ? (int64_t)keys.from.value * DAY_S : INT64_MIN;
    out->end_s = keys.until.is_set ? ((int64_t)keys.until.value + 1) * DAY_S : INT64_MAX;
    out->at = node->at;
    return check_rule(node, &keys, out, err);
}

static rk_status read_rules(rk_arena *arena, const rk_yaml_node *list, rk_scene *scene, rk_error *err)
{
    rk_status status = RK_OK;
    if (!list) {
        return RK_OK;
    }
    if (list->n > RK_SCENE_RULES_MAX) {
        return rk_fail_at(err, list->at, "a scene has at most %d rules, got %u", (int)RK_SCENE_RULES_MAX, list->n);
    }
    scene->rule = RK_TAKE(arena, rk_scene_rule, list->n);
    if (!scene->rule) {
        return rk_fail_memory(err, "scenes");
    }
    for (const rk_yaml_node *node = list->first; !status && node; node = node->next) {
        status = read_rule(arena, node, &scene->rule[scene->n_rules++], err);
    }
    return status;
}

/* ---- scenes ---- */

typedef struct {
    const rk_yaml_node *sources, *filter, *diversify, *explore, *rules;
    int rank, fill;
} scene_keys;

static const rk_key scene_table[] = {
    {"sources", RK_KEY_LIST, offsetof(scene_keys, sources), .required = true, .help = "where candidates come from"},
    {"filter", RK_KEY_MAP, offsetof(scene_keys, filter), .help = "what may be shown"},
    {"rank", RK_KEY_CHOICE, offsetof(scene_keys, rank), .choices = "scores|places",
     .help = "weighted sum of scores from 0 to 1, or of 1 / (60 + place) (scores)"},
    {"diversify", RK_KEY_MAP, offsetof(scene_keys, diversify), .help = "so that not everything is alike"},
    {"rules", RK_KEY_LIST, offsetof(scene_keys, rules), .help = "what the shop wants: pin, boost, bury, exclude"},
    {"fill", RK_KEY_CHOICE, offsetof(scene_keys, fill), .choices = "popular|none",
     .help = "when there are too few (popular)"},
    {"explore", RK_KEY_MAP, offsetof(scene_keys, explore), .help = "draw the item of a place now and then"},
};

static rk_status read_scene(rk_scenes *scenes, const rk_yaml_node *node, rk_scene *out, rk_error *err)
{
    scene_keys keys = {0};
    char what[80];
    snprintf(what, sizeof what, "scene '%.60s'", node->key->text);
    *out = (rk_scene){.name = node->key->text, .at = node->key->at};
    rk_status status = rk_yaml_fill(node, what, scene_table, RK_COUNT_OF(scene_table), &keys, err);
    status = status ? status : read_sources(scenes, keys.sources, out, err);
    status = status ? status : read_filter(scenes, keys.filter, &scenes->arena, out, err);
    status = status ? status : read_diversify(keys.diversify, out, err);
    status = status ? status : read_explore(keys.explore, out, err);
    status = status ? status : read_rules(&scenes->arena, keys.rules, out, err);
    out->rank = keys.rank == 1 ? RK_RANK_PLACES : RK_RANK_SCORES;
    out->fills = keys.fill != 1;
    return status;
}

static rk_status read_scene_list(rk_scenes *scenes, const rk_yaml_node *map, rk_error *err)
{
    rk_status status = RK_OK;
    if (map->n == 0 || map->n > RK_SCENES_MAX) {
        return rk_fail_at(err, map->at, "'scenes' has 1 to %d scenes, got %u", (int)RK_SCENES_MAX, map->n);
    }
    scenes->scene = RK_TAKE(&scenes->arena, rk_scene, map->n);
    if (!scenes->scene) {
        return rk_fail_memory(err, "scenes");
    }
    for (const rk_yaml_node *node = map->first; !status && node; node = node->next) {
        status = read_scene(scenes, node, &scenes->scene[scenes->n_scenes++], err);
    }
    return status;
}

static rk_status read_models(rk_scenes *scenes, const rk_yaml_node *map, rk_error *err)
{
    char path[PATH_MAX];
    for (const rk_yaml_node *node = map ? map->first : NULL; node; node = node->next) {
        rk_scene_model *model = &scenes->model[scenes->n_models];
        if (scenes->n_models == RK_SCENE_MODELS_MAX) {
            return rk_fail_at(err, node->at, "'models' names at most %d", (int)RK_SCENE_MODELS_MAX);
        }
        const char *text;
        rk_status status = rk_yaml_text(node, "the path of a model", &text, err);
        if (status) {
            return status;
        }
        if (!rk_path_beside(node->at.path, text, path, sizeof path)) {
            return rk_fail_at(err, node->at, "the path '%.80s' is too long", text);
        }
        *model = (rk_scene_model){node->key->text, rk_arena_copy(&scenes->arena, path, strlen(path)), node->at};
        if (!model->path) {
            return rk_fail_memory(err, "scenes");
        }
        scenes->n_models++;
    }
    return RK_OK;
}

/* ---- the file ---- */

typedef struct {
    const char *stock;
    const rk_yaml_node *models, *scenes;
} file_keys;

static const rk_key file_table[] = {
    {"stock", RK_KEY_TEXT, offsetof(file_keys, stock), .help = "attribute that says how many are left"},
    {"models", RK_KEY_MAP, offsetof(file_keys, models), .help = "further models by name: paths beside this file"},
    {"scenes", RK_KEY_MAP, offsetof(file_keys, scenes), .required = true, .help = "scenes by name"},
};

/* Takes the yaml over. */
static rk_status take_file(rk_yaml *yaml, rk_scenes **out, rk_error *err)
{
    file_keys keys = {0};
    rk_scenes *scenes = calloc(1, sizeof *scenes);
    if (!scenes) {
        rk_yaml_free(yaml);
        return rk_fail_memory(err, "scenes");
    }
    scenes->yaml = yaml;
    rk_status status =
        rk_yaml_fill(rk_yaml_root(yaml), "the file of scenes", file_table, RK_COUNT_OF(file_table), &keys, err);
    scenes->stock = keys.stock;
    status = status ? status : read_models(scenes, keys.models, err);
    status = status ? status : read_scene_list(scenes, keys.scenes, err);
    if (status) {
        rk_scenes_free(scenes);
        return status;
    }
    *out = scenes;
    return RK_OK;
}

rk_status rk_scenes_read(const char *path, rk_scenes **out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_read(path, &yaml, err);
    return status ? status : take_file(yaml, out, err);
}

rk_status rk_scenes_parse(rk_slice text, const char *name, rk_scenes **out, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_parse(text, name, &yaml, err);
    return status ? status : take_file(yaml, out, err);
}

void rk_scenes_free(rk_scenes *scenes)
{
    if (scenes) {
        rk_yaml_free(scenes->yaml);
        rk_arena_release(&scenes->arena);
        free(scenes);
    }
}

const rk_scene *rk_scenes_find(const rk_scenes *scenes, rk_slice name)
{
    for (size_t i = 0; i < scenes->n_scenes; i++) {
        if (rk_slice_is(name, scenes->scene[i].name)) {
            return &scenes->scene[i];
        }
    }
    return NULL;
}

/* scene.h - scenes: what a shop shows where, as configuration (strict YAML).
 *
 *   stock: stock                     # attribute of the catalogue that says how many are left
 *   models: {together: together.rk}  # further models, beside this file
 *   scenes:
 *     basket:
 *       sources:                     # where candidates come from, and what each counts
 *         - {from: similar, to: basket, model: together}
 *         - {from: recommended, weight: 0.5}
 *       filter: {in_stock: true, price: {min: 1, max: 200}}
 *       rank: places                 # or scores
 *       diversify: {mmr: 0.7, per_category: 3}
 *       rules:
 *         - {name: launch, pin: {item: 22423}, place: 1, until: 2026-12-24}
 *         - {name: own brand, boost: {brand: Acme}, by: 1.3}
 *
 * candidate sources -> filter -> rank -> diversify -> rules -> reasons; docs/scenes.md tells of every key. This header
 * is the file as it was read; scene_set.h joins it to a model and answers.
 */
#ifndef RECKON_SCENE_SCENE_H
#define RECKON_SCENE_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/yaml.h"

enum {
    RK_SCENES_MAX = 256,
    RK_SCENE_SOURCES_MAX = 16,
    RK_SCENE_RULES_MAX = 64,
    RK_SCENE_MODELS_MAX = 16,
    RK_SCENE_CANDIDATES_MAX = 2000 /* of one source */
};

/* Names as they were written, each with its place. */
typedef struct {
    const char *text;
    rk_place at;
} rk_scene_name;
typedef struct {
    rk_scene_name *name; /* [n] */
    size_t n;
} rk_scene_names;

/* What an item must be: of each list that is given one of, and within the prices. An item whose price is not known is
 * within no prices. */
typedef struct {
    rk_scene_names items, categories, brands;
    double price_min, price_max; /* NaN: no limit */
} rk_which;
bool rk_which_is_anything(const rk_which *which);

typedef enum {
    RK_FROM_RECOMMENDED, /* the model's best for the user */
    RK_FROM_SIMILAR,     /* like the item, the basket or what was taken lately */
    RK_FROM_POPULAR,     /* what most have taken, ever or in the last days of the log */
    RK_FROM_NEW,         /* by their first event, the newest first */
    RK_FROM_LISTED,      /* named in the file, in this order */
    RK_FROM_TAKEN,       /* what the user has taken, the newest first */
    RK_FROM_FOUND,       /* what a search for the words of the request finds */
    RK_N_FROM
} rk_scene_from;
extern const char *const rk_scene_from_names[RK_N_FROM];

typedef enum { RK_TO_ITEM, RK_TO_BASKET, RK_TO_RECENT } rk_scene_to;
typedef enum { RK_SAME_CATEGORY, RK_SAME_BRAND } rk_scene_same;

typedef struct {
    rk_scene_from from;
    double weight;
    uint32_t n;           /* candidates, 1 .. RK_SCENE_CANDIDATES_MAX */
    int to;               /* rk_scene_to; of RK_FROM_SIMILAR */
    int same;             /* rk_scene_same as the item asked about; -1: any */
    uint32_t model;       /* of rk_scenes, RK_NO_ID: the one that is served */
    uint32_t days;        /* of RK_FROM_POPULAR; 0: ever */
    bool only_scores;     /* adds no candidates, but scores those of others */
    rk_scene_names items; /* of RK_FROM_LISTED */
    rk_place at;
} rk_scene_source;

typedef enum { RK_RULE_PIN, RK_RULE_BOOST, RK_RULE_BURY, RK_RULE_EXCLUDE, RK_N_RULES } rk_rule_effect;
extern const char *const rk_rule_effect_names[RK_N_RULES];

typedef struct {
    const char *name; /* said in reasons */
    rk_rule_effect effect;
    rk_which which;
    double by;             /* RK_RULE_BOOST: factor, > 0 */
    uint32_t place;        /* RK_RULE_PIN: from 1; its items stand from there on, as they are named */
    int64_t from_s, end_s; /* in force from, and no more at: seconds since 1970; INT64_MIN, INT64_MAX: always */
    rk_place at;
} rk_scene_rule;

typedef enum { RK_RANK_SCORES, RK_RANK_PLACES } rk_scene_rank;

/* The item at a place is now and then drawn among those that might stand there, so that the log can tell what another
 * scene would have brought (docs/experiments.md). share 0: never. */
typedef struct {
    double share;
    uint32_t place, among;
} rk_scene_explore;

typedef struct {
    const char *name;
    rk_scene_source source[RK_SCENE_SOURCES_MAX];
    size_t n_sources;

    /* filter */
    rk_which must;
    rk_which *must_not; /* [n_must_not] none of these */
    size_t n_must_not;
    bool keeps_taken, only_in_stock;
    bool same_category, same_brand; /* as the item asked about */
    double ratio_min, ratio_max;    /* of the item's price; NaN: no limit */

    rk_scene_rank rank;
    double mmr;                       /* 1: value alone, 0: difference alone */
    uint32_t per_category, per_brand; /* at most, of one answer; 0: any number */
    bool fills;                       /* with what is popular, when there are too few */
    rk_scene_explore explore;
    rk_scene_rule *rule; /* [n_rules] */
    size_t n_rules;
    rk_place at;
} rk_scene;

typedef struct {
    const char *name, *path; /* path: beside the file */
    rk_place at;
} rk_scene_model;

/* A file, read and found well-formed. Everything lives until rk_scenes_free. */
typedef struct rk_scenes {
    rk_arena arena;
    rk_yaml *yaml;     /* whose texts and places are borrowed */
    const char *stock; /* attribute; NULL: everything is in stock */
    rk_scene_model model[RK_SCENE_MODELS_MAX];
    size_t n_models;
    rk_scene *scene; /* [n_scenes] in order of the file */
    size_t n_scenes;
} rk_scenes;

/* Errors are "path:line:column: ...". Opens none of the models: that is for rk_scene_set_open. */
RK_MUST_CHECK rk_status rk_scenes_read(const char *path, rk_scenes **out, rk_error *err);
RK_MUST_CHECK rk_status rk_scenes_parse(rk_slice text, const char *name, rk_scenes **out, rk_error *err);
void rk_scenes_free(rk_scenes *scenes); /* accepts NULL */
/* NULL when there is none of this name. */
const rk_scene *rk_scenes_find(const rk_scenes *scenes, rk_slice name);

#endif

/* scene_set_parts.h - what the files of a set share. */
#ifndef RECKON_SCENE_SCENE_SET_PARTS_H
#define RECKON_SCENE_SCENE_SET_PARTS_H

#include "scene/bits.h"
#include "scene/scene_set.h"

/* A further model, its items joined to the served model's by name. */
typedef struct {
    rk_model *model;               /* owned */
    uint32_t *to_main, *from_main; /* [items of the model], [items of the served one]; RK_NO_ID: not there */
} joined_model;

/* Items in an order that no ask changes. */
typedef struct {
    const uint32_t *item; /* [n], */
    const float *score;   /* descending */
    uint32_t n;
    void *owned[2]; /* behind them; NULL: borrowed */
} fixed_order;

typedef struct {
    rk_bits out;                             /* never shown: by the filter, by rules without dates */
    fixed_order order[RK_SCENE_SOURCES_MAX]; /* of popular, new and listed */
    rk_bits *rule;                           /* [n_rules] the items of each; pins have none */
    uint32_t **pinned;                       /* [n_rules] of pins, [n_pinned] in order */
    size_t *n_pinned;
} bound_scene;

struct rk_scene_set {
    const rk_scenes *scenes;
    rk_goods *goods;
    joined_model model[RK_SCENE_MODELS_MAX];
    bound_scene *bound; /* [scenes] */
    rk_arena arena;     /* of the bound scenes */
};

/* ---- one answer under way ---- */

/* Candidates of one source, best first. */
typedef struct {
    uint32_t *item, *because; /* because: RK_NO_ID: nothing of the ask */
    float *score;
    size_t n;
} source_list;

typedef struct {
    const rk_scene_set *set;
    const rk_scene *scene;
    const bound_scene *bound;
    const rk_scene_ask *ask;
    rk_desk *desk;
    rk_arena *arena;
    rk_bits out; /* no candidates for this ask */
} gathering;

bool gathering_allows(const gathering *g, const rk_scene_source *source, uint32_t item);
/* By the row of its kind; at most source->n, all allowed. */
RK_MUST_CHECK rk_status source_gather(const gathering *g, size_t source, source_list *out, rk_error *err);
/* Scores of items [n] by the model of a source, in the order of items; NAN: it does not know the item or the user. */
RK_MUST_CHECK rk_status source_score(const gathering *g, size_t source, const uint32_t *items, size_t n, float *scores,
                                     rk_error *err);
/* The served model, or a further one with its join. */
const rk_model *set_model(const rk_scene_set *set, uint32_t model, const joined_model **join);
/* The history in the numbers of a model; false: memory is short. */
bool set_history(const joined_model *join, rk_history history, rk_arena *arena, rk_history *out);

#endif

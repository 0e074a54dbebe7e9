/* scene_set.h - scenes joined to a model: who asks, where, gets what, and why.
 *
 *   rk_scenes_read(path, &scenes, err)                what the shop wants (scene.h)
 *   rk_scene_set_open(scenes, &source, run, &set, err)  names become numbers, further models are opened
 *   rk_scene_set_answer(set, scene, &ask, desk, arena, &answer, err)
 *   rk_scene_answer_json(set, &answer, request_id, &json)
 *
 * An answer has exactly as many items as were asked for while the filter leaves as many and the scene fills. The same
 * ask gives the same answer, but for the draws of `explore`.
 *
 *   {"request_id":"...","model":"als-1a2b","scene":"home","items":[{"id":"84879","score":0.93,"title":"...",
 *     "reasons":[{"kind":"bought","item":"22423"},{"kind":"rule","rule":"own brand","effect":"boost"}]}],"total":317}
 *
 * Threads: an open set is read only; any number may ask at once, each with a desk and an arena of its own.
 */
#ifndef RECKON_SCENE_SCENE_SET_H
#define RECKON_SCENE_SCENE_SET_H

#include "model/answer.h"
#include "scene/goods.h"
#include "scene/scene.h"

enum { RK_SCENE_REASONS = 2, RK_SCENE_TARGETS_MAX = 20 }; /* items of a basket that count */

typedef struct rk_scene_set rk_scene_set;
/* scenes and what source borrows must outlive the set. Names that nothing has are warned of, not refused: a shop's
 * range changes. Refused, with the place: a model that cannot be opened or cannot do what its source wants. */
RK_MUST_CHECK rk_status rk_scene_set_open(const rk_scenes *scenes, const rk_goods_source *source, const rk_run *run,
                                          rk_scene_set **out, rk_error *err);
void rk_scene_set_close(rk_scene_set *set); /* accepts NULL */
const rk_scene *rk_scene_set_find(const rk_scene_set *set, rk_slice name);
/* Whether one of its sources is of this kind: what is found, the ask must bring. */
bool rk_scene_has(const rk_scene *scene, rk_scene_from from);

typedef struct {
    rk_slice user_name;
    uint32_t user;          /* of the model, RK_NO_ID: unknown */
    rk_history history;     /* what was taken, ascending; n 0: nothing */
    bool is_newer;          /* than what the model was trained on */
    const uint32_t *recent; /* [n_recent] taken lately, newest first */
    size_t n_recent;
    uint32_t item;          /* that is looked at, RK_NO_ID: none */
    const uint32_t *basket; /* [n_basket] */
    size_t n_basket;
    const uint32_t *exclude; /* [n_exclude] */
    size_t n_exclude;
    rk_slice category;        /* n 0: all */
    const uint32_t *found;    /* [n_found] what a search found, best first, */
    const float *found_score; /* and how well it fits */
    size_t n_found;
    struct rk_near
        *near;     /* an index of the served model, of this thread, to find candidates in; NULL: all are scored */
    uint32_t n;    /* 1 .. RK_ANSWER_ITEMS_MAX */
    int64_t now_s; /* rules are in force by it */
    uint64_t draw; /* another number, another draw of `explore` */
    bool never_explores;
} rk_scene_ask;

typedef struct {
    uint32_t item;
    const rk_scene *scene;             /* that offers it: where two are interleaved, one of them, */
    const char *team;                  /* under this name; NULL: nothing is interleaved */
    double value;                      /* by which it was ranked, boosts in it */
    const float *share;                /* [n_sources] of the scene: what each source gave to the value, boosts aside */
    uint32_t source;                   /* that gave most; RK_NO_ID: none, it fills or was pinned */
    uint32_t because;                  /* the item of the ask that it is similar to; RK_NO_ID */
    uint32_t reason[RK_SCENE_REASONS]; /* of the history, RK_NO_ID: none */
    uint32_t rule;                     /* that moved it last: a pin, else a bury, else a boost; RK_NO_ID: none */
    uint32_t by_value;                 /* the place, from 1, that it would have by its value alone */
    bool is_fill;
} rk_scene_item;

typedef struct {
    const rk_scene *scene; /* that was asked for */
    rk_scene_item *item;   /* [n] best place first */
    size_t n;
    uint64_t total; /* candidates that qualified */
    /* of `explore`: what might have stood at its place, best first, and the chance that what stands there had; n 0: it
     * did not apply */
    const uint32_t *choice;
    size_t n_choices;
    double propensity;
} rk_scene_answer;

/* Everything in the arena. RK_NOT_FOUND "no such category 'x'". */
RK_MUST_CHECK rk_status rk_scene_set_answer(const rk_scene_set *set, const rk_scene *scene, const rk_scene_ask *ask,
                                            rk_desk *desk, rk_arena *arena, rk_scene_answer *out, rk_error *err);

/* Why item i stands where it does, in words: "bought 22632, 22633; own brand (boost)". */
void rk_scene_why(const rk_scene_set *set, const rk_scene_answer *answer, size_t i, rk_text *out);
/* The members of an object that the caller opens and ends. explains: "shares" of each source and "place_by_value"
 * beside each item. */
void rk_scene_answer_json(const rk_scene_set *set, const rk_scene_answer *answer, const char *request_id, bool explains,
                          rk_json *json);

#endif

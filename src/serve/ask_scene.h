/* ask_scene.h - a scene asked for in names, answered in JSON (scene/scene_set.h). */
#ifndef RECKON_SERVE_ASK_SCENE_H
#define RECKON_SERVE_ASK_SCENE_H

#include "serve/ask.h"
#include "serve/exposures.h"

/* In names, as they came. Items that the model does not know are let pass: a shop's page has no hole because an item is
 * new. */
typedef struct {
    rk_slice scene, user, item, category; /* n 0: not given, but for scene and user */
    rk_slice words;                       /* of a search; n 0: none */
    const rk_slice *basket, *exclude;     /* [n_basket], [n_exclude] */
    size_t n_basket, n_exclude;
    uint32_t n; /* 1 .. RK_ITEMS_MAX */
    bool explains;
    bool is_barred;          /* as of a question for recommendations (ask.h) */
    rk_recent *recent;       /* NULL: nothing is known of it */
    rk_exposures *exposures; /* what is shown in an experiment, or explored, is logged there; NULL: nowhere */
} rk_scene_wish;

/* *field: the parameter at fault, when the status is RK_NOT_FOUND: "scene", "category". RK_UNSUPPORTED: the server has
 * no scenes. */
RK_MUST_CHECK rk_status rk_ask_scene(const rk_live *live, const rk_scene_wish *wish, const rk_asking *with,
                                     const char **field, rk_error *err);

/* The scene's items themselves, outside any experiment; with->out is left alone. */
RK_MUST_CHECK rk_status rk_ask_scene_items(const rk_live *live, const rk_scene_wish *wish, const rk_asking *with,
                                           rk_scene_answer *out, rk_error *err);

#endif

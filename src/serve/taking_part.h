/* taking_part.h - a request in an experiment: whose scene it gets, what the answer says of it, what is logged. */
#ifndef RECKON_SERVE_TAKING_PART_H
#define RECKON_SERVE_TAKING_PART_H

#include "experiment/experiment.h"
#include "serve/ask_scene.h"

typedef struct {
    const rk_experiment *experiment; /* NULL: the scene that was asked for answers */
    const rk_variant *variant;       /* NULL: interleaved */
    double propensity;
    const rk_scene *scene[2]; /* [n_scenes] that answer: 1, or both of an interleaving */
    size_t n_scenes;
} rk_taking_part;

/* Of the experiment that runs on the scene and that the user takes part in, if there is one. */
void rk_part_find(const rk_live *live, const rk_scene *scene, rk_slice user, int64_t now_s, rk_taking_part *out);
/* The answers of both scenes as one; in the arena. */
RK_MUST_CHECK rk_status rk_part_interleave(const rk_taking_part *part, const rk_scene_answer answers[2],
                                           const rk_scene_ask *ask, rk_arena *arena, rk_scene_answer *out,
                                           rk_error *err);
/* experiment NULL: outside of all. */
rk_arm rk_part_arm(const rk_taking_part *part);
/* "experiment":{"name":"front-page","variant":"diverse"}, or "kind":"interleave"; nothing outside an experiment. */
void rk_part_json(const rk_taking_part *part, rk_json *json);

typedef struct {
    const rk_live *live;
    const rk_scene_wish *wish;
    const rk_taking_part *part;
    const rk_scene_ask *ask;
    const rk_scene_answer *answer;
    const rk_asking *with;
    uint64_t cpu_ns;
} rk_part_shown;
/* Where memory is short nothing is logged. */
void rk_part_log(const rk_part_shown *shown, rk_exposures *exposures);

#endif

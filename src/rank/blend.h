/* blend.h - a weighted sum of features, and the candidates of a question in its order. */
#ifndef RECKON_RANK_BLEND_H
#define RECKON_RANK_BLEND_H

#include "rank/feature.h"

enum { RK_BLEND_DEPTH = 200 }; /* findings that get a second look; the others stay behind them */

typedef struct {
    double weight[RK_FEATURES_MAX]; /* of rk_features */
} rk_blend;

/* What nobody has trained: the weights of the feature table. */
rk_blend rk_blend_default(void);
double rk_blend_score(const rk_blend *blend, const float *feature);

/* Sorts the first RK_BLEND_DEPTH findings by the sum, which takes the place of their scores, equal ones by smaller
 * item; those behind them keep their order and get what keeps scores descending. text: of the question. */
RK_MUST_CHECK rk_status rk_blend_rank(const rk_blend *blend, rk_looker *looker, rk_slice text,
                                      const rk_question *question, rk_arena *arena, rk_findings *findings,
                                      rk_error *err);

/* A file of weights: an artefact of kind "ranker", meta {"weights":{"first_look":1,...}}; how: what else
 * its meta says of its making, NULL: nothing. */
RK_MUST_CHECK rk_status rk_blend_write(const rk_blend *blend, const json_t *how, const char *path,
                                       const rk_usage *making, rk_error *err);
RK_MUST_CHECK rk_status rk_blend_read(const char *path, rk_blend *out, rk_error *err);

#endif

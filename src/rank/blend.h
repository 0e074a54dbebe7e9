/* blend.h - a weighted sum of features. */
#ifndef RECKON_RANK_BLEND_H
#define RECKON_RANK_BLEND_H

#include "rank/feature.h"

typedef struct {
    double weight[RK_FEATURES_MAX]; /* of rk_features */
} rk_blend;

/* What nobody has trained: the weights of the feature table. */
rk_blend rk_blend_default(void);
double rk_blend_score(const rk_blend *blend, const float *feature);

#endif

/* feature.h - what may speak for an item that answers a question: one row per feature in feature.c.
 *
 * Scores of words are divided by the idf of all words asked, so that they mean the same for long and short questions.
 */
#ifndef RECKON_RANK_FEATURE_H
#define RECKON_RANK_FEATURE_H

#include "rank/look.h"

enum { RK_FEATURES_MAX = 64 };

typedef struct {
    const char *name, *what;
    double weight; /* in the sum that nobody has trained */
} rk_feature;
extern const rk_feature rk_features[];
extern const size_t rk_n_features;
size_t rk_feature_find(const char *name); /* rk_n_features: none */

/* feature: [looks->n x rk_n_features]. Scratch from the arena. */
RK_MUST_CHECK rk_status rk_features_read(const rk_looks *looks, rk_arena *arena, float *feature, rk_error *err);

#endif

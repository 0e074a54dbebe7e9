/* forest.h - small trees whose leaves add to a score: what a sum of features cannot say, "cheap, unless it is a bag".
 *
 * Learned by LambdaMART (Burges, "From RankNet to LambdaRank to LambdaMART: an overview", 2010): every tree fits what
 * would raise nDCG most, pair by pair, from where a blend and the trees before it stand. What we do differently: the
 * start is the blend, and the number of trees is decided on folds of the questions by the rule of learn.h, so that
 * it is none where there is too little to learn from.
 */
#ifndef RECKON_RANK_FOREST_H
#define RECKON_RANK_FOREST_H

#include "rank/learn.h"

enum { RK_TREE_NODES = 7, RK_TREE_LEAVES = 8, RK_FOREST_TREES_MAX = 1000 };

/* Three questions deep. Node i goes on at 2 i + 1, or at 2 i + 2 when the feature is above the cut. */
typedef struct {
    uint8_t feature[RK_TREE_NODES];
    float cut[RK_TREE_NODES]; /* INFINITY: no question */
    float leaf[RK_TREE_LEAVES];
} rk_tree;

typedef struct {
    rk_tree *tree; /* owned, [n] */
    size_t n;
} rk_forest;

double rk_forest_score(const rk_forest *forest, const float *feature);
void rk_forest_release(rk_forest *forest); /* accepts a zeroed one */

/* Up to most trees (1 .. RK_FOREST_TREES_MAX) on top of the blend; query: [n] questions of the lesson to learn from.
 * how->penalty is not set. Deterministic for any number of threads. */
RK_MUST_CHECK rk_status rk_learn_forest(const rk_lesson *lesson, const uint32_t *query, size_t n, const rk_blend *blend,
                                        size_t most, const rk_run *run, rk_forest *out, rk_learned *how, rk_error *err);

#endif

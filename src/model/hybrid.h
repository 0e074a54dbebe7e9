/* hybrid.h - what a blend is made of and how its weights are found; for hybrid.c and its tests. */
#ifndef RECKON_MODEL_HYBRID_H
#define RECKON_MODEL_HYBRID_H

#include "model/model.h"

enum { RK_BLEND_BEST = 200, RK_BLEND_CANDIDATES_MAX = RK_BLEND_BEST * RK_MODEL_PARTS_MAX }; /* of a part; of a user */

/* A part as it is asked for: "als:factors=32,iterations=5". */
typedef struct {
    const rk_model_kind *kind;
    rk_option_table table; /* its settings are owned; end with rk_parts_release */
    char *words;           /* owned: texts that settings point into */
} rk_part_wish;

/* "NAME[:KEY=VALUE,...];NAME...": 2 .. RK_MODEL_PARTS_MAX of them into out: [RK_MODEL_PARTS_MAX]. RK_BAD_USAGE. */
RK_MUST_CHECK rk_status rk_parts_parse(const char *text, rk_part_wish *out, size_t *n, rk_error *err);
void rk_parts_release(rk_part_wish *parts, size_t n);

/* What the parts say of the candidates of some users: the best of every part. */
typedef struct {
    size_t n_parts, n_users;
    uint64_t *start;          /* [n_users + 1] candidates */
    float *feature;           /* [start[n_users] x n_parts] scores, or 1 / (60 + rank) */
    unsigned char *is_wanted; /* [start[n_users]] it was held out */
    uint32_t *n_wanted;       /* [n_users] held out, candidates or not */
} rk_blend_table;
void rk_blend_table_release(rk_blend_table *table);

/* Mean NDCG@20 of ranking by the weighted sum of features. */
double rk_blend_quality(const rk_blend_table *table, const double *weight, rk_pool *pool);
/* The weights [n_parts] of about the best quality, by a simplex from several starts; returns the quality. */
double rk_blend_learn(const rk_blend_table *table, rk_pool *pool, double *weight);

#endif

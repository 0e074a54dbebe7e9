/* hnsw.h - a graph that is walked towards the query: Malkov, Yashunin, "Efficient and robust approximate nearest
 * neighbor search using hierarchical navigable small world graphs" (TPAMI 2020).
 *
 * What we do differently
 *   Inner products are no distance, and a graph whose links go by them loses items that nobody likes best. Links go by
 * the distance of the items lifted to a sphere, (y, sqrt(M^2 - |y|^2)) with M the longest (Bachrach et al., "Speeding
 * up the Xbox recommender system", 2014), whose order for a query (q, 0) is that of inner products. Vectors are walked
 * as bytes with a scale each; what the walk ends with is scored in floats. Items come in batches: each of a batch looks
 * for its links in the graph as it was before, and the way back is linked for every old item by itself. So any number
 * of threads makes the same graph. An answer has its k items: barred ones lead on and are not listed; where few are
 * allowed, or the walk ends with too few, all allowed items are compared.
 */
#ifndef RECKON_ANN_HNSW_H
#define RECKON_ANN_HNSW_H

#include "ann/ann.h"

enum { RK_HNSW_LINKS_MAX = 128, RK_HNSW_LEVELS_MAX = 16, RK_HNSW_REACH_MAX = 4096 };

typedef struct {
    uint64_t links, reach;
} rk_hnsw_settings;

/* Arrays are owned when built or grown (is_own), else the artefact's; above is owned always. */
typedef struct {
    size_t n, dim, stride; /* stride: of bytes, padded with zeros */
    uint32_t links;        /* of an item on each level, twice as many on the lowest */
    uint32_t reach, entry, top;
    float longest; /* M */
    uint64_t seed;
    const int8_t *bytes;   /* [n x stride] */
    const float *scale;    /* [n] */
    const float *lift;     /* [n] sqrt(M^2 - |y|^2) */
    const uint8_t *level;  /* [n] */
    const uint32_t *near;  /* [n x (2 links + 1)] how many, then items */
    const uint32_t *above; /* [n + 1] where the rows of an item on levels 1, 2, ... begin */
    const uint32_t *upper; /* [above[n] x (links + 1)] */
    bool is_own;
} rk_hnsw;

/* A place in a walk: score of the walk, and whether it has been walked on from. */
typedef struct {
    float score;
    uint32_t item; /* the highest bit: walked on from */
} rk_hnsw_place;

/* What a walk works with. */
typedef struct {
    uint32_t *stamp; /* [n] the walk that met each item last */
    uint32_t walk;
    rk_hnsw_place *places; /* [reach + 1] best first */
    size_t n_places, reach;
    int8_t *query; /* [stride] */
    float query_scale, query_lift;
} rk_hnsw_desk;

RK_MUST_CHECK rk_status rk_hnsw_desk_init(rk_hnsw_desk *desk, const rk_hnsw *h, size_t reach, rk_error *err);
void rk_hnsw_desk_release(rk_hnsw_desk *desk); /* accepts a zeroed one */

static inline uint32_t *rk_hnsw_row(const rk_hnsw *h, uint32_t item, unsigned level)
{
    const uint32_t *row = level == 0 ? h->near + (size_t)item * (2 * h->links + 1)
                                     : h->upper + ((size_t)h->above[item] + level - 1) * (h->links + 1);
    return (uint32_t *)(uintptr_t)row;
}

/* Greedily from the entry down to the level above `level`; returns where it ends. */
uint32_t rk_hnsw_descend(const rk_hnsw *h, rk_hnsw_desk *desk, unsigned level);
/* From an item on a level: the desk's places are the best `reach` that were met. */
void rk_hnsw_walk(const rk_hnsw *h, rk_hnsw_desk *desk, uint32_t from, unsigned level, size_t reach);

RK_MUST_CHECK rk_status rk_hnsw_build(const rk_ann_material *from, const rk_hnsw_settings *settings, rk_hnsw *out,
                                      rk_error *err);
/* The last n_new rows of base are new. */
RK_MUST_CHECK rk_status rk_hnsw_grow(rk_hnsw *h, const rk_ann_rows *base, size_t n_new, const rk_run *run,
                                     rk_error *err);
void rk_hnsw_release(rk_hnsw *h);

#endif

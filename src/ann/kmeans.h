/* kmeans.h - centres that many rows are near to: Lloyd's algorithm at the pace of a matrix product.
 *
 * Bits: the same for any number of threads: rows find their centre on their own, and a centre adds up its rows in
 * their order.
 */
#ifndef RECKON_ANN_KMEANS_H
#define RECKON_ANN_KMEANS_H

#include "ann/ann.h"

typedef struct {
    size_t k, n_rounds;
    uint64_t seed, stream;
} rk_kmeans_wish;

/* centres: [k x dim], the caller's. Fewer rows than k: the last centres are copies of rows. */
RK_MUST_CHECK rk_status rk_kmeans(const rk_ann_rows *rows, rk_kmeans_wish wish, rk_pool *pool, float *centres,
                                  rk_error *err);

/* Centres to be compared with. */
typedef struct {
    const float *centre; /* [k x dim] */
    float *half_square;  /* owned; [k] half the squared length of each */
    size_t k, dim;
} rk_centres;
RK_MUST_CHECK rk_status rk_centres_init(const float *centre, size_t k, size_t dim, rk_centres *out, rk_error *err);
void rk_centres_release(rk_centres *centres);

enum { RK_CENTRES_ROWS = 64, RK_CENTRES_TILE = 256 };
/* The nearest to each of up to RK_CENTRES_ROWS rows, the first of equals. room: [ROWS x TILE] floats. */
void rk_centres_nearest(const rk_centres *centres, const rk_ann_rows *rows, float *room, uint32_t *nearest);

#endif

/* fuse.h - one order out of several, by places alone: reciprocal rank fusion.
 *
 * score = sum over the orders of 1 / (60 + place), places from 1, equal values at the place of the first of them
 * (Cormack, Clarke, Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods",
 * SIGIR 2009). It needs no weights and no common scale, and knows nothing of how far apart two items are.
 */
#ifndef RECKON_RANK_FUSE_H
#define RECKON_RANK_FUSE_H

#include <stddef.h>
#include <stdint.h>

enum { RK_FUSE_SMOOTH = 60 };

/* Adds to score what the order by value gives, larger first; both [n], value `stride` floats apart. room: [n]. */
void rk_fuse_add(const float *value, size_t n, size_t stride, uint32_t *room, double *score);

#endif

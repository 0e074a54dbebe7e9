/* random.h - counter-based random numbers: value i of stream s is a pure function of (seed, s, i).
 *
 * So any thread can draw any part, and the thread count never changes a result. Philox4x32-10 (Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */
#ifndef RECKON_MATH_RANDOM_H
#define RECKON_MATH_RANDOM_H

#include <stdint.h>

typedef struct {
    uint64_t seed, stream, counter;
    uint32_t block[4];
    unsigned n_left; /* of block */
} rk_random;

rk_random rk_random_of(uint64_t seed, uint64_t stream);
uint32_t rk_random_u32(rk_random *random);
uint64_t rk_random_u64(rk_random *random);
uint32_t rk_random_below(rk_random *random, uint32_t n); /* 0 .. n - 1, without bias; n >= 1 */
double rk_random_uniform(rk_random *random);             /* [0, 1), 53 bits */
double rk_random_normal(rk_random *random);              /* mean 0, variance 1; Box-Muller */
/* A permutation of 0 .. n - 1. */
void rk_random_shuffle(rk_random *random, uint32_t *items, uint32_t n);

#endif

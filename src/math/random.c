/* random.c - Philox4x32-10: ten rounds of multiply and swap turn a 128-bit counter into 128 random bits.
 *
 * Counter: [counter low, counter high, stream low, stream high]; key: [seed low, seed high]. So streams of one seed
 * never overlap, and a stream is 2^64 blocks long.
 * Why not a generator with state (xoshiro, PCG): jumping to value i of stream s must cost nothing.
 */
#include "math/random.h"

#include <assert.h>
#include <math.h>

enum { ROUNDS = 10, WORDS = 4 };

static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u; /* the golden ratio */
        k1 += 0xBB67AE85u; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

rk_random rk_random_of(uint64_t seed, uint64_t stream) { return (rk_random){.seed = seed, .stream = stream}; }

uint32_t rk_random_u32(rk_random *random)
{
    if (random->n_left == 0) {
        const uint32_t counter[4] = {(uint32_t)random->counter, (uint32_t)(random->counter >> 32),
                                     (uint32_t)random->stream, (uint32_t)(random->stream >> 32)};
        const uint32_t key[2] = {(uint32_t)random->seed, (uint32_t)(random->seed >> 32)};
        philox(counter, key, random->block);
        random->counter++;
        random->n_left = WORDS;
    }
    return random->block[WORDS - random->n_left--];
}

uint64_t rk_random_u64(rk_random *random)
{
    uint64_t low = rk_random_u32(random);
    return low | (uint64_t)rk_random_u32(random) << 32;
}

/* Lemire's multiplication; a draw falls into the biased part with probability n / 2^32. */
uint32_t rk_random_below(rk_random *random, uint32_t n)
{
    assert(n > 0);
    uint64_t product = (uint64_t)rk_random_u32(random) * n;
    if ((uint32_t)product < n) {
        uint32_t n_biased = (0u - n) % n; /* 2^32 mod n */
        while ((uint32_t)product < n_biased) {
            product = (uint64_t)rk_random_u32(random) * n;
        }
    }
    return (uint32_t)(product >> 32);
}

double rk_random_uniform(rk_random *random) { return (double)(rk_random_u64(random) >> 11) * 0x1p-53; }

/* Only the cosine half is used: a second value kept for later would make the state larger than the counter. */
double rk_random_normal(rk_random *random)
{
    const double two_pi = 6.283185307179586;
    double radius = sqrt(-2.0 * log(1.0 - rk_random_uniform(random))); /* 1 - u is never 0 */
    return radius * cos(two_pi * rk_random_uniform(random));
}

void rk_random_shuffle(rk_random *random, uint32_t *items, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t j = rk_random_below(random, i + 1);
        items[i] = i;
        items[i] = items[j];
        items[j] = i;
    }
}

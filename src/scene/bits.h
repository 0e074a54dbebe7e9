/* bits.h - a set of items, one bit each. */
#ifndef RECKON_SCENE_BITS_H
#define RECKON_SCENE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

typedef struct {
    uint64_t *word; /* [words]; NULL: empty */
    size_t n_words;
} rk_bits;

/* Empty, for items 0 .. n - 1; word NULL when memory is short. */
static inline rk_bits rk_bits_of(rk_arena *arena, size_t n)
{
    rk_bits bits = {.n_words = (n + 63) / 64};
    bits.word = RK_TAKE(arena, uint64_t, bits.n_words);
    return bits;
}

static inline void rk_bits_set(rk_bits bits, uint32_t item) { bits.word[item / 64] |= UINT64_C(1) << item % 64; }

static inline bool rk_bits_has(rk_bits bits, uint32_t item)
{
    return bits.word && (bits.word[item / 64] >> item % 64 & 1);
}

/* into becomes the union; both of the same size, or what is added empty. */
static inline void rk_bits_add(rk_bits into, rk_bits added)
{
    for (size_t w = 0; added.word && w < into.n_words; w++) {
        into.word[w] |= added.word[w];
    }
}

static inline size_t rk_bits_count(rk_bits bits)
{
    size_t n = 0;
    for (size_t w = 0; w < bits.n_words; w++) {
        n += (size_t)__builtin_popcountll(bits.word[w]);
    }
    return n;
}

/* Those of 0 .. n - 1 that are in the set, or that are not, ascending, into items, which has room for them. */
static inline void rk_bits_list(rk_bits bits, bool are_in, uint32_t n, uint32_t *items)
{
    for (size_t w = 0; w < bits.n_words; w++) {
        for (uint64_t left = are_in ? bits.word[w] : ~bits.word[w]; left; left &= left - 1) {
            size_t item = w * 64 + (size_t)__builtin_ctzll(left);
            if (item < n) {
                *items++ = (uint32_t)item;
            }
        }
    }
}

#endif

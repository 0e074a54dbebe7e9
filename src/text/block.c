/* block.c - see block.h. One routine for each number of bits, unrolled by the compiler from one body. */
#include "text/block.h"

#include <string.h>

typedef uint32_t lanes __attribute__((vector_size(16)));

enum { ROWS = RK_BLOCK / 4 };

unsigned rk_block_bits(const uint32_t ids[RK_BLOCK], uint32_t before)
{
    uint32_t all = 0;
    for (size_t i = 0; i < RK_BLOCK; i++) {
        all |= ids[i] - before;
        before = ids[i];
    }
    return all ? 32 - (unsigned)__builtin_clz(all) : 0;
}

void rk_block_pack(const uint32_t ids[RK_BLOCK], uint32_t before, unsigned bits, uint32_t *out)
{
    memset(out, 0, 16 * (size_t)bits);
    for (size_t i = 0; i < RK_BLOCK; i++) {
        uint32_t difference = ids[i] - before;
        unsigned at = (unsigned)(i / 4) * bits, word = at / 32, shift = at % 32;
        before = ids[i];
        if (bits > 0) {
            out[word * 4 + i % 4] |= difference << shift;
        }
        if (bits > 0 && shift + bits > 32) {
            out[(word + 1) * 4 + i % 4] |= difference >> (32 - shift);
        }
    }
}

static inline __attribute__((always_inline)) lanes load(const uint32_t *at)
{
    lanes value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Running sums within four, from what stands before them. */
static inline __attribute__((always_inline)) lanes add_up(lanes d, lanes before)
{
    const lanes zero = {0, 0, 0, 0};
    d += __builtin_shufflevector(zero, d, 0, 4, 5, 6);
    d += __builtin_shufflevector(zero, d, 0, 1, 4, 5);
    return d + __builtin_shufflevector(before, before, 3, 3, 3, 3);
}

static inline __attribute__((always_inline)) void unpack(const uint32_t *in, uint32_t first, unsigned bits,
                                                         uint32_t *ids)
{
    lanes sum = {first, first, first, first};
    const uint32_t ones = bits == 32 ? UINT32_MAX : (1u << bits) - 1;
    const lanes mask = {ones, ones, ones, ones};
    for (unsigned r = 0; r < ROWS; r++) {
        unsigned at = r * bits, word = at / 32, shift = at % 32;
        lanes d = {0, 0, 0, 0};
        if (bits > 0) {
            d = load(in + word * 4) >> shift;
            if (shift + bits > 32) {
                d |= load(in + (word + 1) * 4) << (32 - shift);
            }
            d &= mask;
        }
        sum = add_up(d, sum);
        memcpy(ids + r * 4, &sum, sizeof sum);
    }
}

#define CASE(n)                                                                                                        \
    case n:                                                                                                            \
        unpack(in, before, n, ids);                                                                                    \
        break;

void rk_block_unpack(const uint32_t *in, uint32_t before, unsigned bits, uint32_t ids[RK_BLOCK])
{
    switch (bits) {
        CASE(0)
        CASE(1)
        CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14)
            CASE(15) CASE(16) CASE(17) CASE(18) CASE(19) CASE(20) CASE(21) CASE(22) CASE(23) CASE(24) CASE(25) CASE(26)
                CASE(27) CASE(28) CASE(29) CASE(30) CASE(31) CASE(32) default : break;
    }
}

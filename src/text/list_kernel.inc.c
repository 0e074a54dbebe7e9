/* list_kernel.inc.c - the loops of list_kernel.h; included once per instruction set.
 *
 * The includer defines TABLE, NAME, TARGET and mark_all: a bit for each of 64 levels that is `least` or more. The rest
 * is left to the compiler's vectors: unpacking has one routine for each number of bits, unrolled from one body.
 */
typedef uint32_t lanes __attribute__((vector_size(16)));

enum { ROWS = RK_BLOCK / 4 };

#define INLINE TARGET __attribute__((always_inline)) static inline

INLINE lanes load(const uint32_t *at)
{
    lanes value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* Running sums within four, from what stands before them. */
INLINE lanes add_up(lanes d, lanes before)
{
    const lanes zero = {0, 0, 0, 0};
    d += __builtin_shufflevector(zero, d, 0, 4, 5, 6);
    d += __builtin_shufflevector(zero, d, 0, 1, 4, 5);
    return d + __builtin_shufflevector(before, before, 3, 3, 3, 3);
}

INLINE void unpack_rows(const uint32_t *in, uint32_t first, unsigned bits, uint32_t *ids)
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
        unpack_rows(in, before, n, ids);                                                                               \
        break;

TARGET static void unpack(const uint32_t *in, uint32_t before, unsigned bits, uint32_t ids[RK_BLOCK])
{
    switch (bits) {
        CASE(0)
        CASE(1)
        CASE(2)
        CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14) CASE(15)
            CASE(16) CASE(17) CASE(18) CASE(19) CASE(20) CASE(21) CASE(22) CASE(23) CASE(24) CASE(25) CASE(26) CASE(27)
                CASE(28) CASE(29) CASE(30) CASE(31) CASE(32) default : break;
    }
}

TARGET static uint32_t count_before(const uint32_t ids[RK_BLOCK], uint32_t item)
{
    uint32_t n = 0;
    for (size_t i = 0; i < RK_BLOCK; i++) {
        n += ids[i] < item;
    }
    return n;
}

TARGET static void mark(const uint8_t *levels, uint32_t n, uint8_t least, uint64_t marks[2])
{
    uint8_t rest[RK_BLOCK];
    if (n < RK_BLOCK) { /* what lies behind may be outside the file */
        memset(rest, 0, sizeof rest);
        memcpy(rest, levels, n);
        levels = rest;
    }
    marks[0] = mark_all(levels, least);
    marks[1] = mark_all(levels + 64, least);
    if (n < RK_BLOCK) {
        marks[0] &= n < 64 ? (UINT64_C(1) << n) - 1 : UINT64_MAX;
        marks[1] &= n > 64 ? (UINT64_C(1) << (n - 64)) - 1 : 0;
    }
}

TARGET static void weigh(uint32_t *gain, const double *value, size_t n, double weight)
{
    for (size_t i = 0; i < n; i++) {
        double one = rint(weight * value[i]);
        gain[i] = (uint32_t)(int32_t)(one < 1 ? 1 : one);
    }
}

const rk_list_kernels TABLE = {NAME, unpack, count_before, mark, weigh};

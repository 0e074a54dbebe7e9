/* list_kernel_generic.c - the loops of list_kernel.inc.c for any processor, and the choice among the three. */
#include <math.h>
#include <string.h>

#include "math/dot.h"
#include "text/list_kernel.h"

#define TABLE rk_list_kernels_generic
#define NAME "portable"
#define TARGET

/* Eight levels a word: the high bit of each byte tells, and a product gathers the eight. */
static inline uint64_t mark_all(const uint8_t *levels, uint8_t least)
{
    const uint64_t high = UINT64_C(0x8080808080808080), bar = UINT64_C(0x0101010101010101) * least;
    uint64_t marks = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t eight;
        memcpy(&eight, levels + (size_t)i * 8, sizeof eight);
        uint64_t low_is = (eight | high) - (bar & ~high); /* high bit: the lower seven bits are enough */
        uint64_t is = ((eight & ~bar) | (~(eight ^ bar) & low_is)) & high;
        marks |= ((is >> 7) * UINT64_C(0x0102040810204080)) >> 56 << (i * 8);
    }
    return marks;
}

#include "text/list_kernel.inc.c"

const rk_list_kernels *rk_list_kernels_best(void)
{
#if defined(__x86_64__)
    const char *level = rk_kernels_best()->name;
    if (strcmp(level, rk_list_kernels_avx512.name) == 0) {
        return &rk_list_kernels_avx512;
    }
    if (strcmp(level, rk_list_kernels_avx2.name) == 0) {
        return &rk_list_kernels_avx2;
    }
#endif
    return &rk_list_kernels_generic;
}

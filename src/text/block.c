/* block.c - see block.h; unpacking is in list_kernel.inc.c. */
#include "text/block.h"

#include <string.h>

#include "text/list_kernel.h"

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

void rk_block_unpack(const uint32_t *in, uint32_t before, unsigned bits, uint32_t ids[RK_BLOCK])
{
    rk_list_kernels_generic.unpack(in, before, bits, ids);
}

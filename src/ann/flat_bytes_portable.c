/* flat_bytes_portable.c - the loop of flat_bytes.h in plain C, and which loop runs here. */
#include <string.h>

#include "ann/flat_bytes.h"
#include "math/dot.h"

static int32_t sum_of(const uint8_t *item, const int8_t *query, size_t n_quads)
{
    int32_t sum = 0;
    for (size_t i = 0; i < n_quads; i++) {
        for (size_t j = 0; j < RK_FLAT_QUAD; j++) {
            sum += item[i * RK_FLAT_GROUP * RK_FLAT_QUAD + j] * query[i * RK_FLAT_QUAD + j];
        }
    }
    return sum;
}

void rk_flat_kernel_portable(const rk_flat_scan *scan, size_t first, size_t n, uint16_t *may)
{
    size_t group_bytes = RK_FLAT_GROUP * RK_FLAT_QUAD * scan->bytes->n_quads;
    for (size_t g = first; g < first + n; g++) {
        const uint8_t *items = scan->bytes->bytes + g * group_bytes;
        float limit = rk_flat_limit(scan, g);
        unsigned bits = 0;
        for (size_t i = 0; i < RK_FLAT_GROUP; i++) {
            int32_t sum = scan->start + sum_of(items + i * RK_FLAT_QUAD, scan->query, scan->bytes->n_quads);
            bits |= (unsigned)!((float)sum * scan->bytes->scale[g * RK_FLAT_GROUP + i] < limit) << i;
        }
        may[g - first] = (uint16_t)bits;
    }
}

rk_flat_kernel *rk_flat_kernel_best(void)
{
#if defined(__x86_64__)
    const char *name = rk_kernels_best()->name;
    if (strcmp(name, "avx512") == 0) {
        return rk_flat_kernel_avx512;
    }
    if (strcmp(name, "avx2") == 0) {
        return rk_flat_kernel_avx2;
    }
#endif
    return rk_flat_kernel_portable;
}

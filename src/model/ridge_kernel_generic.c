/* ridge_kernel_generic.c - the loops of ridge_kernel.inc.c for any processor, and the choice among the three. */
#include <string.h>

#include "math/dot.h"
#include "model/lanes.h"
#include "model/ridge_kernel.h"

#define TILE_ROWS 4
#define TILE 2
#define TABLE rk_ridge_kernels_generic
#define NAME "portable"

#include "model/ridge_kernel.inc.c"

const rk_ridge_kernels *rk_ridge_kernels_best(void)
{
#if defined(__x86_64__)
    const char *level = rk_kernels_best()->name;
    if (strcmp(level, rk_ridge_kernels_avx512.name) == 0) {
        return &rk_ridge_kernels_avx512;
    }
    if (strcmp(level, rk_ridge_kernels_avx2.name) == 0) {
        return &rk_ridge_kernels_avx2;
    }
#endif
    return &rk_ridge_kernels_generic;
}

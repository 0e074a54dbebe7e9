/* ridge_kernel_generic.c - the loops of ridge_kernel.inc.c for any processor, and the choice among the three. */
#include <string.h>

#include "math/dot.h"
#include "model/ridge_kernel.h"

#define LANES 4
#define TILE_ROWS 4
#define TILE 2
#define TARGET
#define TABLE rk_ridge_kernels_generic
#define NAME "portable"

typedef float lanes __attribute__((vector_size(16), may_alias));

static inline lanes fused(lanes a, lanes b, lanes c) { return a * b + c; }

static inline void sum4(float *out, lanes a, lanes b, lanes c, lanes d)
{
    out[0] = (a[0] + a[1]) + (a[2] + a[3]);
    out[1] = (b[0] + b[1]) + (b[2] + b[3]);
    out[2] = (c[0] + c[1]) + (c[2] + c[3]);
    out[3] = (d[0] + d[1]) + (d[2] + d[3]);
}

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

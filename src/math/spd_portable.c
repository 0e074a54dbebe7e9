/* spd_portable.c - products of strips for any processor, and the choice among the three. */
#include <string.h>

#include "math/dot.h"
#include "math/spd_kernel.h"

#define LANES 4
#define ROWS 4
#define VECTORS 2
#define TARGET
#define KERNEL rk_spd_kernel_portable

typedef float lanes __attribute__((vector_size(16), may_alias));

static inline lanes fused(lanes a, lanes b, lanes c) { return a * b + c; }

#include "math/spd_kernel.inc.c"

rk_spd_kernel *rk_spd_kernel_best(void)
{
#if defined(__x86_64__)
    const char *set = rk_kernels_best()->name;
    if (strcmp(set, "avx512") == 0) {
        return rk_spd_kernel_avx512;
    }
    if (strcmp(set, "avx2") == 0) {
        return rk_spd_kernel_avx2;
    }
#endif
    return rk_spd_kernel_portable;
}

/* mf_kernel_generic.c - the steps of mf_kernel.inc.c for any processor, and the choice among the three. */
#include "model/mf_kernel.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "math/dot.h"
#include "model/lanes.h"

#define TABLE rk_mf_kernels_generic
#define NAME "portable"

#include "model/mf_kernel.inc.c"

const rk_mf_kernels *rk_mf_kernels_best(void)
{
#if defined(__x86_64__)
    const char *level = rk_kernels_best()->name;
    if (strcmp(level, rk_mf_kernels_avx512.name) == 0) {
        return &rk_mf_kernels_avx512;
    }
    if (strcmp(level, rk_mf_kernels_avx2.name) == 0) {
        return &rk_mf_kernels_avx2;
    }
#endif
    return &rk_mf_kernels_generic;
}

/* contrast_kernel_generic.c - the loops of contrast_kernel.inc.c for any processor, and the choice among the three. */
#include <string.h>

#include "math/dot.h"
#include "model/contrast_kernel.h"
#include "model/lanes.h"

#define TABLE rk_contrast_kernels_generic
#define NAME "portable"

#include "model/contrast_kernel.inc.c"

const rk_contrast_kernels *rk_contrast_kernels_best(void)
{
#if defined(__x86_64__)
    const char *level = rk_kernels_best()->name;
    if (strcmp(level, rk_contrast_kernels_avx512.name) == 0) {
        return &rk_contrast_kernels_avx512;
    }
    if (strcmp(level, rk_contrast_kernels_avx2.name) == 0) {
        return &rk_contrast_kernels_avx2;
    }
#endif
    return &rk_contrast_kernels_generic;
}

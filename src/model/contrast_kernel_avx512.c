/* contrast_kernel_avx512.c - the loops of contrast_kernel.inc.c on 16 floats at a time. */
#if defined(__x86_64__)
#include <string.h>

#define LANES_AVX512
#include "model/contrast_kernel.h"
#include "model/lanes.h"

#define TABLE rk_contrast_kernels_avx512
#define NAME "avx512"

#include "model/contrast_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

/* ridge_kernel_avx512.c - the loops of ridge_kernel.inc.c on 16 floats at a time. */
#if defined(__x86_64__)
#include <string.h>

#define LANES_AVX512
#include "model/lanes.h"
#include "model/ridge_kernel.h"

#define TILE_ROWS 8
#define TILE 2
#define TABLE rk_ridge_kernels_avx512
#define NAME "avx512"

#include "model/ridge_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

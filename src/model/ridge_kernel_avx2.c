/* ridge_kernel_avx2.c - the loops of ridge_kernel.inc.c on 8 floats at a time. */
#if defined(__x86_64__)
#include <string.h>

#define LANES_AVX2
#include "model/lanes.h"
#include "model/ridge_kernel.h"

#define TILE_ROWS 4
#define TILE 2
#define TABLE rk_ridge_kernels_avx2
#define NAME "avx2"

#include "model/ridge_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

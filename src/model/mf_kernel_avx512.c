/* mf_kernel_avx512.c - the steps of mf_kernel.inc.c on 16 floats at a time. */
#if defined(__x86_64__)
#include <math.h>
#include <stdbool.h>

#define LANES_AVX512
#include "model/lanes.h"
#include "model/mf_kernel.h"

#define TABLE rk_mf_kernels_avx512
#define NAME "avx512"

#include "model/mf_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

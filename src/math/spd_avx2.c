/* spd_avx2.c - products of strips, 4 x 16 sums in 8 of the 16 registers. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "math/spd_kernel.h"

#define LANES 8
#define ROWS 4
#define VECTORS 2
#define TARGET __attribute__((target("avx2,fma")))
#define KERNEL rk_spd_kernel_avx2

typedef float lanes __attribute__((vector_size(32), may_alias));

TARGET static inline lanes fused(lanes a, lanes b, lanes c)
{
    return (lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

#include "math/spd_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

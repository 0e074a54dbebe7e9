/* spd_avx512.c - products of strips, 8 x 32 sums in 16 of the 32 registers. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "math/spd_kernel.h"

#define LANES 16
#define ROWS 8
#define VECTORS 2
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define KERNEL rk_spd_kernel_avx512

typedef float lanes __attribute__((vector_size(64), may_alias));

TARGET static inline lanes fused(lanes a, lanes b, lanes c)
{
    return (lanes)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

#include "math/spd_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

/* ridge_kernel_avx2.c - the loops of ridge_kernel.inc.c on 8 floats at a time. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "model/ridge_kernel.h"

#define LANES 8
#define TILE_ROWS 4
#define TILE 2
#define TARGET __attribute__((target("avx2,fma")))
#define TABLE rk_ridge_kernels_avx2
#define NAME "avx2"

typedef float lanes __attribute__((vector_size(32), may_alias));

TARGET static inline lanes fused(lanes a, lanes b, lanes c)
{
    return (lanes)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
}

TARGET static inline void sum4(float *out, lanes a, lanes b, lanes c, lanes d)
{
    __m256 ab = _mm256_hadd_ps((__m256)a, (__m256)b), cd = _mm256_hadd_ps((__m256)c, (__m256)d);
    __m256 all = _mm256_hadd_ps(ab, cd);
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}

#include "model/ridge_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

/* ridge_kernel_avx512.c - the loops of ridge_kernel.inc.c on 16 floats at a time. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "model/ridge_kernel.h"

#define LANES 16
#define TILE_ROWS 8
#define TILE 2
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#define TABLE rk_ridge_kernels_avx512
#define NAME "avx512"

typedef float lanes __attribute__((vector_size(64), may_alias));

TARGET static inline lanes fused(lanes a, lanes b, lanes c)
{
    return (lanes)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
}

TARGET static inline __m256 fold(lanes v)
{
    return _mm256_add_ps(_mm512_castps512_ps256((__m512)v), _mm512_extractf32x8_ps((__m512)v, 1));
}

TARGET static inline void sum4(float *out, lanes a, lanes b, lanes c, lanes d)
{
    __m256 ab = _mm256_hadd_ps(fold(a), fold(b)), cd = _mm256_hadd_ps(fold(c), fold(d));
    __m256 all = _mm256_hadd_ps(ab, cd);
    _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}

#include "model/ridge_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

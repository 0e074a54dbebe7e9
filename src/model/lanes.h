/* lanes.h - floats side by side, for kernels that are compiled once per instruction set.
 *
 * The includer defines LANES_AVX512 or LANES_AVX2, or neither for any processor, and gets
 *   lanes, LANES               a vector of LANES floats
 *   TARGET                     the attribute of every function that touches one
 *   load, store, spread        from memory and back, aligned; one number in all places
 *   fused(a, b, c)             a * b + c
 *   sum1(v), sum4(out, a, b, c, d)  one sum over lanes, or four
 */
#ifndef RECKON_MODEL_LANES_H
#define RECKON_MODEL_LANES_H

#if defined(LANES_AVX512) || defined(LANES_AVX2)
#include <immintrin.h>
#endif

#if defined(LANES_AVX512)

#define LANES 16
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))

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

TARGET static inline float sum1(lanes v)
{
    __m256 half = fold(v);
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

#elif defined(LANES_AVX2)

#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))

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

TARGET static inline float sum1(lanes v)
{
    __m128 sum = _mm_add_ps(_mm256_castps256_ps128((__m256)v), _mm256_extractf128_ps((__m256)v, 1));
    sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
    return _mm_cvtss_f32(_mm_add_ss(sum, _mm_movehdup_ps(sum)));
}

#else

#define LANES 4
#define TARGET

typedef float lanes __attribute__((vector_size(16), may_alias));

static inline lanes fused(lanes a, lanes b, lanes c) { return a * b + c; }

static inline float sum1(lanes v) { return (v[0] + v[2]) + (v[1] + v[3]); }

static inline void sum4(float *out, lanes a, lanes b, lanes c, lanes d)
{
    out[0] = (a[0] + a[1]) + (a[2] + a[3]);
    out[1] = (b[0] + b[1]) + (b[2] + b[3]);
    out[2] = (c[0] + c[1]) + (c[2] + c[3]);
    out[3] = (d[0] + d[1]) + (d[2] + d[3]);
}

#endif

TARGET static inline lanes load(const float *at) { return *(const lanes *)(const void *)at; }
TARGET static inline void store(float *at, lanes v) { *(lanes *)(void *)at = v; }
TARGET static inline lanes spread(float value) { return value - (lanes){0}; }

#endif

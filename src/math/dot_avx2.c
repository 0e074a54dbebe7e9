/* dot_avx2.c - kernels for x86-64 with AVX2, FMA and F16C (Haswell and Zen onwards).
 *
 * Sixteen float lanes are two registers. Four rows at a time: eight sums in flight hide the latency of the fused
 * multiply-add, and with the query they fit the sixteen registers.
 * int8: both sides widened to 16 bits, products added in pairs to 32: exact for all values. (Multiplying bytes directly
 * saturates at -128 * -128 twice.)
 */
#include "math/dot_kernels.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma,f16c")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { BATCH = 4, TILE = 2, GROUP_I8 = 16, GROUP_I4 = 32 };

typedef struct {
    __m256 low, high;
} lanes;

INLINE lanes zero(void) { return (lanes){_mm256_setzero_ps(), _mm256_setzero_ps()}; }

INLINE lanes load(const float *from) { return (lanes){_mm256_loadu_ps(from), _mm256_loadu_ps(from + 8)}; }

INLINE lanes load_half(const rk_half *from)
{
    const __m128i *halves = (const __m128i *)(const void *)from;
    return (lanes){_mm256_cvtph_ps(_mm_loadu_si128(halves)), _mm256_cvtph_ps(_mm_loadu_si128(halves + 1))};
}

INLINE lanes load_part(const float *from, size_t n)
{
    float padded[16] = {0};
    memcpy(padded, from, n * sizeof *from);
    return load(padded);
}

INLINE lanes load_half_part(const rk_half *from, size_t n)
{
    rk_half padded[16] = {0};
    memcpy(padded, from, n * sizeof *from);
    return load_half(padded);
}

INLINE lanes multiply_add(lanes s, lanes a, lanes b)
{
    return (lanes){_mm256_fmadd_ps(a.low, b.low, s.low), _mm256_fmadd_ps(a.high, b.high, s.high)};
}

INLINE lanes add(lanes s, const float *row, lanes q) { return multiply_add(s, load(row), q); }

INLINE lanes add_part(lanes s, const float *row, lanes q, size_t n) { return multiply_add(s, load_part(row, n), q); }

INLINE lanes add_half(lanes s, const rk_half *row, lanes q) { return multiply_add(s, load_half(row), q); }

INLINE lanes add_half_part(lanes s, const rk_half *row, lanes q, size_t n)
{
    return multiply_add(s, load_half_part(row, n), q);
}

INLINE lanes load_bf16(const rk_bf16 *from)
{
    __m256i all = _mm256_loadu_si256((const __m256i *)(const void *)from);
    __m256i low = _mm256_cvtepu16_epi32(_mm256_castsi256_si128(all));
    __m256i high = _mm256_cvtepu16_epi32(_mm256_extracti128_si256(all, 1));
    return (lanes){_mm256_castsi256_ps(_mm256_slli_epi32(low, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(high, 16))};
}

INLINE lanes add_bf16(lanes s, const rk_bf16 *row, lanes q) { return multiply_add(s, load_bf16(row), q); }

INLINE lanes add_bf16_part(lanes s, const rk_bf16 *row, lanes q, size_t n)
{
    rk_bf16 padded[16] = {0};
    memcpy(padded, row, n * sizeof *row);
    return multiply_add(s, load_bf16(padded), q);
}

/* 8 + 8, then 4 + 4. */
INLINE __m128 four_sums(lanes s)
{
    __m256 eight = _mm256_add_ps(s.low, s.high);
    return _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
}

/* 2 + 2 and 1 + 1 of four rows, side by side. */
INLINE __m128 four_rows(__m128 a, __m128 b, __m128 c, __m128 d)
{
    __m128 ab = _mm_add_ps(_mm_movelh_ps(a, b), _mm_movehl_ps(b, a)); /* a0 a1 b0 b1 */
    __m128 cd = _mm_add_ps(_mm_movelh_ps(c, d), _mm_movehl_ps(d, c));
    return _mm_add_ps(_mm_shuffle_ps(ab, cd, _MM_SHUFFLE(2, 0, 2, 0)), _mm_shuffle_ps(ab, cd, _MM_SHUFFLE(3, 1, 3, 1)));
}

INLINE float total(lanes s)
{
    __m128 sums = four_sums(s);
    return _mm_cvtss_f32(four_rows(sums, sums, sums, sums));
}

INLINE void totals(float *out, const lanes s[BATCH])
{
    _mm_storeu_ps(out, four_rows(four_sums(s[0]), four_sums(s[1]), four_sums(s[2]), four_sums(s[3])));
}

INLINE void tile_totals(float *out, size_t stride, const lanes s[TILE * TILE])
{
    __m128 sums = four_rows(four_sums(s[0]), four_sums(s[1]), four_sums(s[2]), four_sums(s[3]));
    _mm_storel_pi((__m64 *)(void *)out, sums);
    _mm_storeh_pi((__m64 *)(void *)(out + stride), sums);
}

typedef __m256i lanes_i8; /* 8 sums */
typedef __m256i group_i8; /* 16 numbers of 16 bits */

INLINE lanes_i8 start_i8(const int8_t *query, size_t dim)
{
    (void)query;
    (void)dim;
    return _mm256_setzero_si256();
}

INLINE group_i8 load_i8(const int8_t *from)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)from));
}

INLINE group_i8 load_part_i8(const int8_t *from, size_t n)
{
    int8_t padded[16] = {0};
    memcpy(padded, from, n);
    return load_i8(padded);
}

INLINE lanes_i8 add_i8(lanes_i8 s, const int8_t *row, group_i8 q)
{
    return _mm256_add_epi32(s, _mm256_madd_epi16(load_i8(row), q));
}

INLINE lanes_i8 add_part_i8(lanes_i8 s, const int8_t *row, group_i8 q, size_t n)
{
    return _mm256_add_epi32(s, _mm256_madd_epi16(load_part_i8(row, n), q));
}

INLINE __m128i four_rows_i8(lanes_i8 a, lanes_i8 b, lanes_i8 c, lanes_i8 d)
{
    __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

INLINE int32_t total_i8(lanes_i8 s) { return _mm_cvtsi128_si32(four_rows_i8(s, s, s, s)); }

INLINE void totals_i8(int32_t *out, const lanes_i8 s[BATCH])
{
    _mm_storeu_si128((__m128i *)(void *)out, four_rows_i8(s[0], s[1], s[2], s[3]));
}

typedef __m256i lanes_i4; /* 8 sums */

INLINE lanes_i4 zero_i4(void) { return _mm256_setzero_si256(); }

/* A pair of products is at most 2 * 15 * 128 and two pairs fit into 16 bits. */
INLINE lanes_i4 add_i4(lanes_i4 s, const uint8_t *row, const int8_t *even, const int8_t *odd)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)row), half = _mm256_set1_epi8(15);
    __m256i low = _mm256_and_si256(bytes, half), high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    __m256i a = _mm256_maddubs_epi16(low, _mm256_loadu_si256((const __m256i *)(const void *)even));
    __m256i b = _mm256_maddubs_epi16(high, _mm256_loadu_si256((const __m256i *)(const void *)odd));
    return _mm256_add_epi32(s, _mm256_madd_epi16(_mm256_add_epi16(a, b), _mm256_set1_epi16(1)));
}

INLINE int32_t total_i4(lanes_i4 s) { return total_i8(s); }

#define NAME "avx2"
#define KERNELS rk_kernels_avx2
#include "math/dot_kernel.inc.c"

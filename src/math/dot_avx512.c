/* dot_avx512.c - kernels for x86-64 with AVX-512 F, BW, VL and VNNI (Ice Lake, Zen 4 and onwards).
 *
 * Sixteen float lanes are one register; eight rows at a time keep both multiply-add units busy. Tails are masked loads.
 * int8: VPDPBUSD multiplies unsigned by signed bytes and adds four products to each 32-bit lane without saturating.
 * Rows become unsigned by adding 128 (flipping the top bit), which adds 128 * sum(query) to each result; so every sum
 * starts at minus that. Exact for all values, -128 included; the padding of a tail meets zeros of the query.
 */
#include "math/dot_kernels.h"

#include <immintrin.h>
#include <math.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma,f16c")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { BATCH = 8, TILE = 4, GROUP_I8 = 64, GROUP_I4 = 64 };

typedef __m512 lanes;

INLINE lanes zero(void) { return _mm512_setzero_ps(); }

INLINE __mmask16 first_of_16(size_t n) { return (__mmask16)((1u << n) - 1u); }

INLINE lanes load(const float *from) { return _mm512_loadu_ps(from); }

INLINE lanes load_part(const float *from, size_t n) { return _mm512_maskz_loadu_ps(first_of_16(n), from); }

INLINE lanes add(lanes s, const float *row, lanes q) { return _mm512_fmadd_ps(load(row), q, s); }

INLINE lanes add_part(lanes s, const float *row, lanes q, size_t n) { return _mm512_fmadd_ps(load_part(row, n), q, s); }

INLINE lanes add_half(lanes s, const rk_half *row, lanes q)
{
    return _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)row)), q, s);
}

INLINE lanes add_half_part(lanes s, const rk_half *row, lanes q, size_t n)
{
    return _mm512_fmadd_ps(_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first_of_16(n), row)), q, s);
}

INLINE lanes widen_bf16(__m256i bits)
{
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

INLINE lanes add_bf16(lanes s, const rk_bf16 *row, lanes q)
{
    return _mm512_fmadd_ps(widen_bf16(_mm256_loadu_si256((const __m256i *)(const void *)row)), q, s);
}

INLINE lanes add_bf16_part(lanes s, const rk_bf16 *row, lanes q, size_t n)
{
    return _mm512_fmadd_ps(widen_bf16(_mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), row)), q, s);
}

/* 8 + 8 */
INLINE __m256 eight_sums(lanes s)
{
    __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(s), 1));
    return _mm256_add_ps(_mm512_castps512_ps256(s), high);
}

/* 4 + 4 of two rows: a0 a1 a2 a3 b0 b1 b2 b3 */
INLINE __m256 two_rows(lanes a, lanes b)
{
    __m256 x = eight_sums(a), y = eight_sums(b);
    return _mm256_add_ps(_mm256_permute2f128_ps(x, y, 0x20), _mm256_permute2f128_ps(x, y, 0x31));
}

/* 2 + 2 of two pairs: a0 a1 c0 c1 b0 b1 d0 d1 */
INLINE __m256 four_rows(__m256 ab, __m256 cd)
{
    __m256d x = _mm256_castps_pd(ab), y = _mm256_castps_pd(cd);
    return _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(x, y)), _mm256_castpd_ps(_mm256_unpackhi_pd(x, y)));
}

/* 1 + 1: in order when the first argument holds the rows 0 4 1 5 and the second 2 6 3 7, each as a c b d above */
INLINE __m256 eight_rows(__m256 x, __m256 y)
{
    return _mm256_add_ps(_mm256_shuffle_ps(x, y, _MM_SHUFFLE(2, 0, 2, 0)),
                         _mm256_shuffle_ps(x, y, _MM_SHUFFLE(3, 1, 3, 1)));
}

INLINE float total(lanes s)
{
    __m256 two = two_rows(s, s), four = four_rows(two, two);
    return _mm256_cvtss_f32(eight_rows(four, four));
}

INLINE void totals(float *out, const lanes s[BATCH])
{
    __m256 left = four_rows(two_rows(s[0], s[4]), two_rows(s[1], s[5]));
    __m256 right = four_rows(two_rows(s[2], s[6]), two_rows(s[3], s[7]));
    _mm256_storeu_ps(out, eight_rows(left, right));
}

/* 8 + 8 of a and of b: a0..a7 b0..b7 */
INLINE lanes eights(lanes a, lanes b)
{
    return _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xEE));
}

/* 4 + 4 of ab and cd: a0..a3 b0..b3 c0..c3 d0..d3 */
INLINE lanes fours(lanes ab, lanes cd)
{
    return _mm512_add_ps(_mm512_shuffle_f32x4(ab, cd, 0x88), _mm512_shuffle_f32x4(ab, cd, 0xDD));
}

/* 2 + 2, side by side within each quarter */
INLINE lanes twos(lanes x, lanes y)
{
    __m512d a = _mm512_castps_pd(x), b = _mm512_castps_pd(y);
    return _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
}

/* A quarter of each vector for every row; the vectors are the columns. */
INLINE lanes column(const lanes s[TILE * TILE], int c)
{
    return fours(eights(s[c], s[c + 4]), eights(s[c + 8], s[c + 12]));
}

INLINE void tile_totals(float *out, size_t stride, const lanes s[TILE * TILE])
{
    lanes left = twos(column(s, 0), column(s, 1)), right = twos(column(s, 2), column(s, 3));
    lanes sums = _mm512_add_ps(_mm512_shuffle_ps(left, right, _MM_SHUFFLE(2, 0, 2, 0)),
                               _mm512_shuffle_ps(left, right, _MM_SHUFFLE(3, 1, 3, 1)));
    _mm_storeu_ps(out, _mm512_castps512_ps128(sums));
    _mm_storeu_ps(out + stride, _mm512_extractf32x4_ps(sums, 1));
    _mm_storeu_ps(out + 2 * stride, _mm512_extractf32x4_ps(sums, 2));
    _mm_storeu_ps(out + 3 * stride, _mm512_extractf32x4_ps(sums, 3));
}

typedef __m512i lanes_i8; /* 16 sums */
typedef __m512i group_i8; /* 64 bytes */

INLINE __mmask64 first_of_64(size_t n) { return ((__mmask64)1 << n) - 1; }

INLINE __m512i top_bits(void) { return _mm512_set1_epi8((char)0x80); }

INLINE group_i8 load_i8(const int8_t *from) { return _mm512_loadu_si512(from); }

INLINE group_i8 load_part_i8(const int8_t *from, size_t n) { return _mm512_maskz_loadu_epi8(first_of_64(n), from); }

INLINE lanes_i8 start_i8(const int8_t *query, size_t dim)
{
    __m512i sums = _mm512_setzero_si512();
    for (size_t i = 0; i < dim; i += GROUP_I8) {
        size_t left = dim - i;
        __m512i q = left < GROUP_I8 ? load_part_i8(query + i, left) : load_i8(query + i);
        sums = _mm512_dpbusd_epi32(sums, top_bits(), q);
    }
    return _mm512_sub_epi32(_mm512_setzero_si512(), sums);
}

INLINE lanes_i8 add_i8(lanes_i8 s, const int8_t *row, group_i8 q)
{
    return _mm512_dpbusd_epi32(s, _mm512_xor_si512(load_i8(row), top_bits()), q);
}

INLINE lanes_i8 add_part_i8(lanes_i8 s, const int8_t *row, group_i8 q, size_t n)
{
    return _mm512_dpbusd_epi32(s, _mm512_xor_si512(load_part_i8(row, n), top_bits()), q);
}

INLINE __m256i eight_sums_i8(lanes_i8 s)
{
    return _mm256_add_epi32(_mm512_castsi512_si256(s), _mm512_extracti64x4_epi64(s, 1));
}

INLINE __m256i four_rows_i8(const lanes_i8 s[4])
{
    return _mm256_hadd_epi32(_mm256_hadd_epi32(eight_sums_i8(s[0]), eight_sums_i8(s[1])),
                             _mm256_hadd_epi32(eight_sums_i8(s[2]), eight_sums_i8(s[3])));
}

INLINE int32_t total_i8(lanes_i8 s) { return _mm512_reduce_add_epi32(s); }

INLINE void totals_i8(int32_t *out, const lanes_i8 s[BATCH])
{
    __m256i x = four_rows_i8(s), y = four_rows_i8(s + 4);
    __m256i sums = _mm256_add_epi32(_mm256_permute2x128_si256(x, y, 0x20), _mm256_permute2x128_si256(x, y, 0x31));
    _mm256_storeu_si256((__m256i *)(void *)out, sums);
}

typedef __m512i lanes_i4; /* 16 sums */

INLINE lanes_i4 zero_i4(void) { return _mm512_setzero_si512(); }

INLINE lanes_i4 add_i4(lanes_i4 s, const uint8_t *row, const int8_t *even, const int8_t *odd)
{
    __m512i bytes = _mm512_loadu_si512(row), half = _mm512_set1_epi8(15);
    s = _mm512_dpbusd_epi32(s, _mm512_and_si512(bytes, half), _mm512_loadu_si512(even));
    return _mm512_dpbusd_epi32(s, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half), _mm512_loadu_si512(odd));
}

INLINE int32_t total_i4(lanes_i4 s) { return _mm512_reduce_add_epi32(s); }

#define NAME "avx512"
#define KERNELS rk_kernels_avx512
#include "math/dot_kernel.inc.c"

/* flat_bytes_avx2.c - the loop of flat_bytes.h for AVX2.
 *
 * VPMADDUBSW multiplies unsigned by signed bytes and adds pairs to 16 bits, saturating: with the size of an item's byte
 * on one side and its sign on the query's, which reaches 127, a pair is at most 2 * 128 * 127 and nothing saturates.
 */
#include "ann/flat_bytes.h"

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx2,fma")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { LINE = RK_FLAT_GROUP * RK_FLAT_QUAD, HALF = LINE / 2 };

INLINE __m256i add(__m256i sum, const uint8_t *items, __m256i query)
{
    __m256i signs = _mm256_set1_epi8(INT8_MIN);
    __m256i item = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(const void *)items), signs);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(item), _mm256_sign_epi8(query, item));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

INLINE unsigned passing(__m256i sum, const float *scale, float limit)
{
    __m256 score = _mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_loadu_ps(scale));
    return (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(score, _mm256_set1_ps(limit), _CMP_NLT_UQ));
}

TARGET void rk_flat_kernel_avx2(const rk_flat_scan *scan, size_t first, size_t n, uint16_t *may)
{
    size_t n_quads = scan->bytes->n_quads;
    for (size_t g = first; g < first + n; g++) {
        const uint8_t *items = scan->bytes->bytes + g * n_quads * LINE;
        const float *scale = scan->bytes->scale + g * RK_FLAT_GROUP;
        float limit = rk_flat_limit(scan, g);
        __m256i low = _mm256_setzero_si256(), high = low;
        for (size_t i = 0; i < n_quads; i++) {
            int32_t four;
            memcpy(&four, scan->query + i * RK_FLAT_QUAD, sizeof four);
            low = add(low, items + i * LINE, _mm256_set1_epi32(four));
            high = add(high, items + i * LINE + HALF, _mm256_set1_epi32(four));
        }
        may[g - first] =
            (uint16_t)(passing(low, scale, limit) | passing(high, scale + HALF / RK_FLAT_QUAD, limit) << 8);
    }
}

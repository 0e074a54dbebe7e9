/* ivf_bytes_avx2.c - the loop of ivf.h over bytes for AVX2: entries are gathered, eight items at a time.
 *
 * A gather reads four bytes where one is wanted, so a table ends RK_IVF_TABLE_PAD bytes before its room does.
 */
#include "ann/ivf.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { EIGHT = 8, N_EIGHTS = RK_IVF_BLOCK / EIGHT };

/* The entries of eight codes. */
INLINE __m256i look_up(const uint8_t *table, const uint8_t *code)
{
    __m256i at = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)code));
    return _mm256_and_si256(_mm256_i32gather_epi32((const int *)(const void *)table, at, 1), _mm256_set1_epi32(255));
}

/* Sums below 2^16 of sixteen items. */
INLINE __m256i pack(__m256i a, __m256i z)
{
    return _mm256_permute4x64_epi64(_mm256_packus_epi32(a, z), _MM_SHUFFLE(3, 1, 2, 0));
}

INLINE __m256i reach(__m256i sum, __m256i least) { return _mm256_cmpeq_epi16(_mm256_max_epu16(sum, least), sum); }

TARGET void rk_ivf_bytes_avx2(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    const __m256i least = _mm256_set1_epi16((short)(uint16_t)scan->least);
    const uint8_t *code = scan->code;
    for (size_t b = 0; b < scan->n_blocks; b++, sum += RK_IVF_BLOCK) {
        __m256i s[N_EIGHTS] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                               _mm256_setzero_si256()};
        for (size_t p = 0; p < scan->n_parts; p++, code += RK_IVF_BLOCK) {
            const uint8_t *table = scan->table + p * RK_IVF_WORDS_MAX;
            for (size_t e = 0; e < N_EIGHTS; e++) {
                s[e] = _mm256_add_epi32(s[e], look_up(table, code + e * EIGHT));
            }
        }
        __m256i a = pack(s[0], s[1]), z = pack(s[2], s[3]);
        _mm256_storeu_si256((__m256i *)(void *)sum, a);
        _mm256_storeu_si256((__m256i *)(void *)(sum + RK_IVF_BLOCK / 2), z);
        __m256i both = _mm256_packs_epi16(reach(a, least), reach(z, least));
        may[b] = (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(both, _MM_SHUFFLE(3, 1, 2, 0)));
    }
}

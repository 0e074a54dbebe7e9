/* ivf_scan_avx2.c - the loop of ivf.h for AVX2: a shuffle looks up two parts of sixteen items; see ivf_scan_avx512.c.
 */
#include "ann/ivf.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { HALF = RK_IVF_BLOCK / 2, LINE = 2 * HALF };

/* Sums of sixteen items, spread over the two lanes of 128 bits. */
typedef struct {
    __m256i both, upper;
} sums;

INLINE void add(sums *s, __m256i bytes)
{
    s->both = _mm256_add_epi16(s->both, bytes);
    s->upper = _mm256_add_epi16(s->upper, _mm256_srli_epi16(bytes, 8));
}

INLINE __m128i over_lanes(__m256i v)
{
    return _mm_add_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

INLINE __m256i total(sums s)
{
    __m128i upper = over_lanes(s.upper), lower = _mm_sub_epi16(over_lanes(s.both), _mm_slli_epi16(upper, 8));
    return _mm256_setr_m128i(_mm_unpacklo_epi16(lower, upper), _mm_unpackhi_epi16(lower, upper));
}

/* All bits of the lanes that are no smaller. */
INLINE __m256i reach(__m256i sum, __m256i least) { return _mm256_cmpeq_epi16(_mm256_max_epu16(sum, least), sum); }

INLINE uint32_t mask_of(__m256i a, __m256i z)
{
    __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, z), _MM_SHUFFLE(3, 1, 2, 0));
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

TARGET void rk_ivf_kernel_avx2(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    const __m256i halves = _mm256_set1_epi8(15), least = _mm256_set1_epi16((short)(uint16_t)scan->least);
    const uint8_t *code = scan->code;
    for (size_t b = 0; b < scan->n_blocks; b++, sum += RK_IVF_BLOCK) {
        sums first = {_mm256_setzero_si256(), _mm256_setzero_si256()}, last = first;
        for (size_t p = 0; p < scan->n_parts; p += 2, code += LINE) {
            __m256i table = _mm256_loadu_si256((const __m256i *)(const void *)(scan->table + p * RK_IVF_WORDS));
            __m256i two = _mm256_loadu_si256((const __m256i *)(const void *)code);
            add(&first, _mm256_shuffle_epi8(table, _mm256_and_si256(two, halves)));
            add(&last, _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(two, 4), halves)));
        }
        __m256i a = total(first), z = total(last);
        _mm256_storeu_si256((__m256i *)(void *)sum, a);
        _mm256_storeu_si256((__m256i *)(void *)(sum + HALF), z);
        may[b] = mask_of(reach(a, least), reach(z, least));
    }
}

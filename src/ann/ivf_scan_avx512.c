/* ivf_scan_avx512.c - the loop of ivf.h for AVX-512: a shuffle looks up four parts of sixteen items.
 *
 * Bytes are added up as they lie, two neighbours in a lane of 16 bits: the upper of each pair is also added by itself,
 * and taken out of the lower at the end. That is exact modulo 2^16, which the sums stay below.
 */
#include "ann/ivf.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { HALF = RK_IVF_BLOCK / 2, LINE = RK_IVF_PARTS_STEP * HALF };

/* Sums of sixteen items, spread over the four lanes of 128 bits. */
typedef struct {
    __m512i both, upper;
} sums;

INLINE void add(sums *s, __m512i bytes)
{
    s->both = _mm512_add_epi16(s->both, bytes);
    s->upper = _mm512_add_epi16(s->upper, _mm512_srli_epi16(bytes, 8));
}

INLINE __m128i over_lanes(__m512i v)
{
    __m256i two = _mm256_add_epi16(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
    return _mm_add_epi16(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
}

INLINE __m256i total(sums s)
{
    __m128i upper = over_lanes(s.upper), lower = _mm_sub_epi16(over_lanes(s.both), _mm_slli_epi16(upper, 8));
    return _mm256_setr_m128i(_mm_unpacklo_epi16(lower, upper), _mm_unpackhi_epi16(lower, upper));
}

TARGET void rk_ivf_kernel_avx512(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    const __m512i halves = _mm512_set1_epi8(15);
    const __m256i least = _mm256_set1_epi16((short)(uint16_t)scan->least);
    const uint8_t *code = scan->code;
    for (size_t b = 0; b < scan->n_blocks; b++, sum += RK_IVF_BLOCK) {
        sums first = {_mm512_setzero_si512(), _mm512_setzero_si512()}, last = first;
        for (size_t p = 0; p < scan->n_parts; p += RK_IVF_PARTS_STEP, code += LINE) {
            __m512i table = _mm512_loadu_si512(scan->table + p * RK_IVF_WORDS), two = _mm512_loadu_si512(code);
            add(&first, _mm512_shuffle_epi8(table, _mm512_and_si512(two, halves)));
            add(&last, _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(two, 4), halves)));
        }
        __m256i a = total(first), z = total(last);
        _mm256_storeu_si256((__m256i *)(void *)sum, a);
        _mm256_storeu_si256((__m256i *)(void *)(sum + HALF), z);
        may[b] = (uint32_t)_mm256_cmpge_epu16_mask(a, least) | (uint32_t)_mm256_cmpge_epu16_mask(z, least) << HALF;
    }
}

/* ivf_bytes_avx2.c - the loop of ivf.h over bytes for AVX2: the 256 entries of a part are sixteen rows of sixteen.
 *
 * A shuffle looks up the lower half of 32 codes in each row, and the bits of the upper half choose among rows, two by
 * two. On Zen 5 that takes six tenths of the time of gathering. Bytes are added up as in ivf_scan_avx512.c.
 */
#include "ann/ivf.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { HALF = RK_IVF_BLOCK / 2 };

/* Codes in parts: bit 7 of a byte of the others chooses by bit 4, 5, 6 or 7 of the code. */
typedef struct {
    __m256i low, bit4, bit5, bit6, bit7;
} split;

INLINE __m256i row(const uint8_t *table, __m256i low)
{
    __m128i entries = _mm_loadu_si128((const __m128i *)(const void *)table);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(entries), low);
}

INLINE __m256i two(const uint8_t *table, const split *s)
{
    return _mm256_blendv_epi8(row(table, s->low), row(table + 16, s->low), s->bit4);
}

INLINE __m256i four(const uint8_t *table, const split *s)
{
    return _mm256_blendv_epi8(two(table, s), two(table + 32, s), s->bit5);
}

INLINE __m256i eight(const uint8_t *table, const split *s)
{
    return _mm256_blendv_epi8(four(table, s), four(table + 64, s), s->bit6);
}

INLINE __m256i look_up(const uint8_t *table, const uint8_t *code)
{
    __m256i all = _mm256_loadu_si256((const __m256i *)(const void *)code);
    split s = {_mm256_and_si256(all, _mm256_set1_epi8(15)), _mm256_slli_epi16(all, 3), _mm256_slli_epi16(all, 2),
               _mm256_slli_epi16(all, 1), all};
    return _mm256_blendv_epi8(eight(table, &s), eight(table + 128, &s), s.bit7);
}

INLINE __m256i reach(__m256i sum, __m256i least) { return _mm256_cmpeq_epi16(_mm256_max_epu16(sum, least), sum); }

TARGET void rk_ivf_bytes_avx2(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    const __m256i least = _mm256_set1_epi16((short)(uint16_t)scan->least);
    const uint8_t *code = scan->code;
    for (size_t b = 0; b < scan->n_blocks; b++, sum += RK_IVF_BLOCK) {
        __m256i both = _mm256_setzero_si256(), upper = both;
        for (size_t p = 0; p < scan->n_parts; p++, code += RK_IVF_BLOCK) {
            __m256i bytes = look_up(scan->table + p * RK_IVF_WORDS_MAX, code);
            both = _mm256_add_epi16(both, bytes);
            upper = _mm256_add_epi16(upper, _mm256_srli_epi16(bytes, 8));
        }
        __m256i lower = _mm256_sub_epi16(both, _mm256_slli_epi16(upper, 8));
        __m256i first = _mm256_unpacklo_epi16(lower, upper), last = _mm256_unpackhi_epi16(lower, upper);
        __m256i a = _mm256_permute2x128_si256(first, last, 0x20), z = _mm256_permute2x128_si256(first, last, 0x31);
        _mm256_storeu_si256((__m256i *)(void *)sum, a);
        _mm256_storeu_si256((__m256i *)(void *)(sum + HALF), z);
        __m256i reached = _mm256_packs_epi16(reach(a, least), reach(z, least));
        may[b] = (uint32_t)_mm256_movemask_epi8(_mm256_permute4x64_epi64(reached, _MM_SHUFFLE(3, 1, 2, 0)));
    }
}

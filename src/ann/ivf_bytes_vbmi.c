/* ivf_bytes_vbmi.c - the loop of ivf.h over bytes for AVX-512 with VBMI: the 256 entries of a part are four registers.
 *
 * Two permutations look up 64 codes in either half of a table, and their upper bit says which half counts. Four blocks
 * go together, so that a table is read once for 128 items. Bytes are added up as in ivf_scan_avx512.c.
 */
#include "ann/ivf.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { PAIRS = 2, LINE = 64 };

/* Of the items of two blocks. */
typedef struct {
    __m512i both, upper;
} sums;

/* The entries of a part. */
typedef struct {
    __m512i at[RK_IVF_WORDS_MAX / LINE];
} part_table;

INLINE __m512i look_up(const part_table *t, __m512i codes)
{
    __m512i low = _mm512_permutex2var_epi8(t->at[0], codes, t->at[1]);
    __m512i high = _mm512_permutex2var_epi8(t->at[2], codes, t->at[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(codes), low, high);
}

INLINE void add(sums *s, __m512i bytes)
{
    s->both = _mm512_add_epi16(s->both, bytes);
    s->upper = _mm512_add_epi16(s->upper, _mm512_srli_epi16(bytes, 8));
}

INLINE __m512i two_blocks(const uint8_t *a, const uint8_t *z)
{
    __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)a);
    return _mm512_inserti64x4(_mm512_castsi256_si512(first), _mm256_loadu_si256((const __m256i *)(const void *)z), 1);
}

/* Lanes of 128 bits hold sixteen items each; at: where the eight halves of a block are in the two. */
INLINE __m512i block_of(const sums *s, __m512i at)
{
    __m512i lower = _mm512_sub_epi16(s->both, _mm512_slli_epi16(s->upper, 8));
    __m512i first = _mm512_unpacklo_epi16(lower, s->upper), last = _mm512_unpackhi_epi16(lower, s->upper);
    return _mm512_permutex2var_epi64(first, at, last);
}

INLINE void put(__m512i block, __m512i least, uint16_t *sum, uint32_t *may)
{
    _mm512_storeu_si512(sum, block);
    *may = _mm512_cmpge_epu16_mask(block, least);
}

TARGET void rk_ivf_bytes_vbmi(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    const __m512i least = _mm512_set1_epi16((short)(uint16_t)scan->least);
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    size_t block_bytes = scan->n_parts * RK_IVF_BLOCK, last = scan->n_blocks - 1;
    for (size_t b = 0; b < scan->n_blocks; b += 2 * PAIRS) {
        const uint8_t *code[2 * PAIRS];
        sums s[PAIRS];
        for (size_t i = 0; i < 2 * PAIRS; i++) { /* behind the last: the last again */
            code[i] = scan->code + (b + i < last ? b + i : last) * block_bytes;
            s[i / 2] = (sums){_mm512_setzero_si512(), _mm512_setzero_si512()};
        }
        for (size_t p = 0; p < scan->n_parts; p++) {
            const uint8_t *table = scan->table + p * RK_IVF_WORDS_MAX;
            part_table t = {{_mm512_loadu_si512(table), _mm512_loadu_si512(table + LINE),
                             _mm512_loadu_si512(table + 2 * LINE), _mm512_loadu_si512(table + 3 * LINE)}};
            for (size_t i = 0; i < PAIRS; i++) {
                add(&s[i], look_up(&t, two_blocks(code[2 * i] + p * RK_IVF_BLOCK, code[2 * i + 1] + p * RK_IVF_BLOCK)));
            }
        }
        for (size_t i = 0; i < 2 * PAIRS && b + i <= last; i++) {
            put(block_of(&s[i / 2], i % 2 == 0 ? first : second), least, sum + (b + i) * RK_IVF_BLOCK, may + b + i);
        }
    }
}

bool rk_ivf_has_vbmi(void) { return __builtin_cpu_supports("avx512vbmi") != 0; }

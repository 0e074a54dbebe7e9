/* marks.c - compare 64 bytes at once, take the bits out one by one.
 *
 * A block gives a 64-bit mask of its marks (Langdale and Lemire, "Parsing gigabytes of JSON per second", 2019). Taking
 * bits out in groups of eight, written without looking whether there are as many, saves the branch that would be
 * guessed wrong at each block; what is written too much is overwritten by the next block, or lies in the slack.
 */
#include "data/marks.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { BLOCK_BYTES = 64, GROUP = 8 };

typedef uint64_t block_mask(const char *block, char a, char b);

/* The bits of mask, as offsets from base; returns how many. */
static inline __attribute__((always_inline)) size_t put_bits(uint64_t mask, uint32_t base, uint32_t *out)
{
    size_t n = (size_t)__builtin_popcountll(mask);
    for (size_t begin = 0; begin < n; begin += GROUP) {
        for (size_t i = 0; i < GROUP; i++) {
            out[begin + i] = base + (uint32_t)__builtin_ctzll(mask | 1ull << 63);
            mask &= mask - 1;
        }
    }
    return n;
}

static inline __attribute__((always_inline)) size_t walk(const char *text, size_t n, char a, char b, uint32_t *marks,
                                                         block_mask *mask_of)
{
    size_t n_marks = 0;
    for (size_t at = 0; at < n; at += BLOCK_BYTES) {
        uint64_t mask = mask_of(text + at, a, b);
        if (n - at < BLOCK_BYTES) {
            mask &= (1ull << (n - at)) - 1;
        }
        n_marks += put_bits(mask, (uint32_t)at, marks + n_marks);
    }
    return n_marks;
}

/* ---- the masks ---- */

/* 0x80 in every byte of word that equals the byte repeated in pattern; exact, no carries between bytes. */
static inline uint64_t equal_bytes(uint64_t word, uint64_t pattern)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7full;
    uint64_t x = word ^ pattern;
    return ~(((x & low) + low) | x | low);
}

static inline __attribute__((always_inline)) uint64_t mask_generic(const char *block, char a, char b)
{
    const uint64_t ones = 0x0101010101010101ull;
    uint64_t mask = 0;
    for (unsigned i = 0; i < BLOCK_BYTES / 8; i++) {
        uint64_t word;
        memcpy(&word, block + 8u * i, 8);
        uint64_t hits = equal_bytes(word, ones * (unsigned char)a) | equal_bytes(word, ones * (unsigned char)b);
        mask |= ((hits >> 7) * 0x0102040810204080ull >> 56) << 8u * i; /* bit 8 k -> bit k */
    }
    return mask;
}

static size_t marks_generic(const char *text, size_t n, char a, char b, uint32_t *marks)
{
    return walk(text, n, a, b, marks, mask_generic);
}

#if defined(__x86_64__)
static inline __attribute__((always_inline)) uint64_t mask_sse2(const char *block, char a, char b)
{
    const __m128i va = _mm_set1_epi8(a), vb = _mm_set1_epi8(b);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 4; i++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(block + 16u * i));
        __m128i hits = _mm_or_si128(_mm_cmpeq_epi8(bytes, va), _mm_cmpeq_epi8(bytes, vb));
        mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(hits) << 16u * i;
    }
    return mask;
}

static size_t marks_sse2(const char *text, size_t n, char a, char b, uint32_t *marks)
{
    return walk(text, n, a, b, marks, mask_sse2);
}

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
static inline __attribute__((always_inline)) AVX2 uint64_t mask_avx2(const char *block, char a, char b)
{
    const __m256i va = _mm256_set1_epi8(a), vb = _mm256_set1_epi8(b);
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)block);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
    low = _mm256_or_si256(_mm256_cmpeq_epi8(low, va), _mm256_cmpeq_epi8(low, vb));
    high = _mm256_or_si256(_mm256_cmpeq_epi8(high, va), _mm256_cmpeq_epi8(high, vb));
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 static size_t marks_avx2(const char *text, size_t n, char a, char b, uint32_t *marks)
{
    return walk(text, n, a, b, marks, mask_avx2);
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx2,bmi,bmi2,popcnt")))
static inline __attribute__((always_inline)) AVX512 uint64_t mask_avx512(const char *block, char a, char b)
{
    __m512i bytes = _mm512_loadu_si512(block);
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(a)) | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(b));
}

AVX512 static size_t marks_avx512(const char *text, size_t n, char a, char b, uint32_t *marks)
{
    return walk(text, n, a, b, marks, mask_avx512);
}
#endif

/* ---- the choice ---- */

rk_marks_kernel *rk_marks_kernel_named(const char *name)
{
#if defined(__x86_64__)
    if (strcmp(name, "avx512") == 0) {
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi2") ? marks_avx512 : NULL;
    }
    if (strcmp(name, "avx2") == 0) {
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") ? marks_avx2 : NULL;
    }
    if (strcmp(name, "sse2") == 0) {
        return marks_sse2;
    }
#endif
    return strcmp(name, "generic") == 0 ? marks_generic : NULL;
}

size_t rk_marks_find(const char *text, size_t n, char a, char b, uint32_t *marks)
{
    static const char *const best_first[] = {"avx512", "avx2", "sse2", "generic"};
    rk_marks_kernel *kernel = NULL;
    for (size_t i = 0; !kernel; i++) {
        kernel = rk_marks_kernel_named(best_first[i]);
    }
    return kernel(text, n, a, b, marks);
}

/* list_kernel_avx2.c - the loops of list_kernel.inc.c with AVX2. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "text/list_kernel.h"

#define TABLE rk_list_kernels_avx2
#define NAME "avx2"
#define TARGET __attribute__((target("avx2")))

TARGET static inline uint64_t mark_all(const uint8_t *levels, uint8_t least)
{
    const __m256i *at = (const __m256i *)(const void *)levels, bar = _mm256_set1_epi8((char)least);
    __m256i low = _mm256_loadu_si256(at), high = _mm256_loadu_si256(at + 1);
    uint32_t in_low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(low, bar), low));
    uint32_t in_high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(_mm256_max_epu8(high, bar), high));
    return in_low | (uint64_t)in_high << 32;
}

#include "text/list_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

/* list_kernel_avx512.c - the loops of list_kernel.inc.c with AVX-512. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "text/list_kernel.h"

#define TABLE rk_list_kernels_avx512
#define NAME "avx512"
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))

TARGET static inline uint64_t mark_all(const uint8_t *levels, uint8_t least)
{
    return _mm512_cmpge_epu8_mask(_mm512_loadu_si512(levels), _mm512_set1_epi8((char)least));
}

#include "text/list_kernel.inc.c"
#else
typedef int nothing_here; /* a file must hold something */
#endif

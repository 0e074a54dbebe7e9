/* sieve_avx512.c - the loop of sieve.h for AVX-512 with VNNI: 64 products of bytes an instruction.
 *
 * Eight queries meet thirty-two items: sixteen sums stay in registers, and what is loaded of the items serves all
 * eight.
 */
#include "math/sieve_kernel.h"

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma")))

enum { GROUP = 16, QUAD = 4, GROUPS = RK_SIEVE_ITEMS / GROUP };

static inline TARGET __attribute__((always_inline)) uint16_t
passing(const rk_sieve *sieve, const rk_sieve_queries *queries, size_t q, size_t at, __m512i sum)
{
    __m512 bound = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(queries->scale[q]));
    bound = _mm512_fmadd_ps(bound, _mm512_load_ps(sieve->scale + at), _mm512_load_ps(sieve->extra + at));
    bound = _mm512_fmadd_ps(_mm512_set1_ps(queries->length[q]), _mm512_load_ps(sieve->error + at), bound);
    bound = _mm512_fmadd_ps(_mm512_set1_ps(queries->error[q]), _mm512_load_ps(sieve->length + at), bound);
    return _mm512_cmp_ps_mask(bound, _mm512_set1_ps(queries->least[q]), _CMP_GE_OQ);
}

TARGET void rk_sieve_kernel_avx512(const rk_sieve *sieve, const rk_sieve_queries *queries, size_t from, size_t n,
                                   uint16_t *may)
{
    size_t n_quads = sieve->n_quads, group_bytes = GROUP * QUAD * n_quads;
    for (size_t at = from; at < from + n; at += RK_SIEVE_ITEMS, may += GROUPS * RK_SIEVE_QUERIES) {
        const uint8_t *items = sieve->bytes + at / GROUP * group_bytes;
        __m512i sum[RK_SIEVE_QUERIES][GROUPS];
        for (size_t q = 0; q < RK_SIEVE_QUERIES; q++) {
            sum[q][0] = sum[q][1] = _mm512_set1_epi32(queries->start[q]);
        }
        for (size_t i = 0; i < n_quads; i++) {
            __m512i left = _mm512_load_si512(items + i * GROUP * QUAD);
            __m512i right = _mm512_load_si512(items + group_bytes + i * GROUP * QUAD);
            for (size_t q = 0; q < RK_SIEVE_QUERIES; q++) {
                int32_t four;
                memcpy(&four, queries->bytes + (q * n_quads + i) * QUAD, sizeof four);
                sum[q][0] = _mm512_dpbusd_epi32(sum[q][0], left, _mm512_set1_epi32(four));
                sum[q][1] = _mm512_dpbusd_epi32(sum[q][1], right, _mm512_set1_epi32(four));
            }
        }
        for (size_t q = 0; q < RK_SIEVE_QUERIES; q++) {
            may[q] = passing(sieve, queries, q, at, sum[q][0]);
            may[RK_SIEVE_QUERIES + q] = passing(sieve, queries, q, at + GROUP, sum[q][1]);
        }
    }
}

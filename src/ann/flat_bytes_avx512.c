/* flat_bytes_avx512.c - the loop of flat_bytes.h with VNNI: 64 products of bytes an instruction, no sum over lanes.
 *
 * Four groups walk together, so that their sums do not wait for each other: as fast as the bytes arrive.
 */
#include "ann/flat_bytes.h"

#include <immintrin.h>
#include <string.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma")))
#define INLINE static inline TARGET __attribute__((always_inline))

enum { TEAM = 4, LINE = RK_FLAT_GROUP * RK_FLAT_QUAD };

INLINE uint16_t passing(const rk_flat_scan *scan, size_t group, __m512i sum)
{
    __m512 scale = _mm512_loadu_ps(scan->bytes->scale + group * RK_FLAT_GROUP);
    __m512 score = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale);
    return _mm512_cmp_ps_mask(score, _mm512_set1_ps(rk_flat_limit(scan, group)), _CMP_NLT_UQ);
}

INLINE __m512i four_of(const int8_t *query, size_t quad)
{
    int32_t four;
    memcpy(&four, query + quad * RK_FLAT_QUAD, sizeof four);
    return _mm512_set1_epi32(four);
}

INLINE void team(const rk_flat_scan *scan, size_t first, size_t n, uint16_t *may)
{
    size_t n_quads = scan->bytes->n_quads;
    const uint8_t *items = scan->bytes->bytes + first * n_quads * LINE;
    __m512i sum[TEAM];
    for (size_t t = 0; t < n; t++) {
        sum[t] = _mm512_set1_epi32(scan->start);
    }
    for (size_t i = 0; i < n_quads; i++) {
        __m512i query = four_of(scan->query, i);
        for (size_t t = 0; t < n; t++) {
            sum[t] = _mm512_dpbusd_epi32(sum[t], _mm512_loadu_si512(items + (t * n_quads + i) * LINE), query);
        }
    }
    for (size_t t = 0; t < n; t++) {
        may[t] = passing(scan, first + t, sum[t]);
    }
}

TARGET void rk_flat_kernel_avx512(const rk_flat_scan *scan, size_t first, size_t n, uint16_t *may)
{
    size_t g = 0;
    for (; g + TEAM <= n; g += TEAM) {
        team(scan, first + g, TEAM, may + g);
    }
    for (; g < n; g++) {
        team(scan, first + g, 1, may + g);
    }
}

/* ivf_scan_portable.c - the loops of ivf.h in plain C, and which run here. */
#include <string.h>

#include "ann/ivf.h"
#include "math/dot.h"

enum { HALF = RK_IVF_BLOCK / 2 };

static uint32_t reach(const uint16_t *sum, uint32_t least)
{
    uint32_t may = 0;
    for (size_t i = 0; i < RK_IVF_BLOCK; i++) {
        may |= (uint32_t)(sum[i] >= least) << i;
    }
    return may;
}

void rk_ivf_kernel_portable(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    for (size_t b = 0; b < scan->n_blocks; b++, sum += RK_IVF_BLOCK) {
        const uint8_t *code = scan->code + b * scan->n_parts * HALF;
        memset(sum, 0, RK_IVF_BLOCK * sizeof *sum);
        for (size_t p = 0; p < scan->n_parts; p++) {
            const uint8_t *table = scan->table + p * RK_IVF_WORDS;
            for (size_t i = 0; i < HALF; i++) {
                uint8_t two = code[p * HALF + i];
                sum[i] = (uint16_t)(sum[i] + table[two & 15]);
                sum[HALF + i] = (uint16_t)(sum[HALF + i] + table[two >> 4]);
            }
        }
        may[b] = reach(sum, scan->least);
    }
}

void rk_ivf_bytes_portable(const rk_ivf_scan *scan, uint16_t *sum, uint32_t *may)
{
    const uint8_t *code = scan->code;
    for (size_t b = 0; b < scan->n_blocks; b++, sum += RK_IVF_BLOCK) {
        memset(sum, 0, RK_IVF_BLOCK * sizeof *sum);
        for (size_t p = 0; p < scan->n_parts; p++, code += RK_IVF_BLOCK) {
            const uint8_t *table = scan->table + p * RK_IVF_WORDS_MAX;
            for (size_t i = 0; i < RK_IVF_BLOCK; i++) {
                sum[i] = (uint16_t)(sum[i] + table[code[i]]);
            }
        }
        may[b] = reach(sum, scan->least);
    }
}

rk_ivf_kernel *rk_ivf_kernel_best(size_t n_words)
{
    bool is_byte = n_words > RK_IVF_WORDS;
#if defined(__x86_64__)
    const char *name = rk_kernels_best()->name;
    if (strcmp(name, "avx512") == 0) {
        return !is_byte ? rk_ivf_kernel_avx512 : rk_ivf_has_vbmi() ? rk_ivf_bytes_vbmi : rk_ivf_bytes_avx2;
    }
    if (strcmp(name, "avx2") == 0) {
        return is_byte ? rk_ivf_bytes_avx2 : rk_ivf_kernel_avx2;
    }
#endif
    return is_byte ? rk_ivf_bytes_portable : rk_ivf_kernel_portable;
}

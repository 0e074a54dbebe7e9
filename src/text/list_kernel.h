/* list_kernel.h - the inner loops of posting lists, one table per instruction set; all give the same. */
#ifndef RECKON_TEXT_LIST_KERNEL_H
#define RECKON_TEXT_LIST_KERNEL_H

#include "text/block.h"

typedef struct {
    const char *name;
    void (*unpack)(const uint32_t *in, uint32_t before, unsigned bits, uint32_t ids[RK_BLOCK]); /* rk_block_unpack */
    /* How many of the ids lie before item. */
    uint32_t (*count_before)(const uint32_t ids[RK_BLOCK], uint32_t item);
    /* A bit for each of n <= RK_BLOCK levels that is `least` or more. */
    void (*mark)(const uint8_t *levels, uint32_t n, uint8_t least, uint64_t marks[2]);
    /* gain[i] = weight * value[i], rounded, at least 1; below 2^31. */
    void (*weigh)(uint32_t *gain, const double *value, size_t n, double weight);
} rk_list_kernels;

extern const rk_list_kernels rk_list_kernels_generic;
#if defined(__x86_64__)
extern const rk_list_kernels rk_list_kernels_avx2, rk_list_kernels_avx512;
#endif
const rk_list_kernels *rk_list_kernels_best(void);

#endif

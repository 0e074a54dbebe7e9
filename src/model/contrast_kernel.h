/* contrast_kernel.h - the inner loops of contrast.h, one table per instruction set.
 *
 * vectors: [... x width] floats, 64-byte aligned, width a multiple of 16. Lists of scores hold room for n rounded up to
 * RK_CONTRAST_LANES and are 64-byte aligned.
 * Every sum has a fixed order for one instruction set; the sets differ in the last bits.
 */
#ifndef RECKON_MODEL_CONTRAST_KERNEL_H
#define RECKON_MODEL_CONTRAST_KERNEL_H

#include <stddef.h>
#include <stdint.h>

enum { RK_CONTRAST_LANES = 16 };

/* One vector to be moved: y becomes keep * y + add * x, after x has taken pull * y. */
typedef struct {
    uint32_t row;
    float pull, keep, add;
} rk_contrast_move;

typedef struct {
    const char *name;
    /* scores[j] = scale * <x, vector row[j]> */
    void (*score)(float *scores, const float *vectors, const uint32_t *row, size_t n, const float *x, float scale,
                  size_t width);
    /* values[j] = exp(values[j] - *top), *top the largest of them; returns their sum. n >= 1. */
    float (*soften)(float *values, size_t n, float *top);
    /* values[j] = 1 / (1 + exp(-values[j])) */
    void (*squash)(float *values, size_t n);
    /* Values in 0 .. limit become 0 or limit, by a lot that leaves their expectation as it is; larger ones stay.
     * purse: [RK_CONTRAST_LANES] in 0 .. 1, shares of a limit not paid out yet, kept from call to call. */
    void (*draw_lots)(float *values, size_t n, float limit, float *purse);
    /* gathered += the sum of pull * y, and every y moves. */
    void (*move)(float *vectors, const rk_contrast_move *moves, size_t n, const float *x, float *gathered,
                 size_t width);
} rk_contrast_kernels;

extern const rk_contrast_kernels rk_contrast_kernels_generic;
#if defined(__x86_64__)
extern const rk_contrast_kernels rk_contrast_kernels_avx2, rk_contrast_kernels_avx512;
#endif
const rk_contrast_kernels *rk_contrast_kernels_best(void);

#endif

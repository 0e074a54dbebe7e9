/* ridge_kernel.h - the inner loops of ridge.h, one table per instruction set.
 *
 * rows:  [n x width] floats, 64-byte aligned, width a multiple of 16, n a multiple of 4 (zero rows fill up).
 * Every sum has a fixed order for one instruction set; the sets differ in the last bits.
 */
#ifndef RECKON_MODEL_RIDGE_KERNEL_H
#define RECKON_MODEL_RIDGE_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* row j of the result = weight[j] * scale o source[id[j]], o element by element. */
typedef struct {
    const float *source; /* [... x width], 64-byte aligned rows */
    const uint32_t *id;  /* [n] */
    const float *weight; /* [n] */
    const float *scale;  /* [width] */
    size_t n, width;
} rk_ridge_gather;

typedef struct {
    const char *name;
    void (*gather)(float *rows, const rk_ridge_gather *from);
    /* sum += rows' target */
    void (*sum_rows)(float *sum, const float *rows, const float *target, size_t n, size_t width);
    /* matrix [n x n], blocks of 4 x 4 on and below the diagonal = rows rows'. */
    void (*gram_rows)(float *matrix, const float *rows, size_t n, size_t width);
    /* matrix [width x width], 4 x 4 blocks on and below the diagonal += rows' rows. */
    void (*gram_columns)(float *matrix, const float *rows, size_t n, size_t width);
    /* Conjugate gradients on (I + rows' rows) z = sum from z on; work: [3 x width]. */
    void (*descend)(float *z, const float *sum, const float *rows, size_t n, size_t width, unsigned n_steps,
                    float *work);
} rk_ridge_kernels;

extern const rk_ridge_kernels rk_ridge_kernels_generic;
#if defined(__x86_64__)
extern const rk_ridge_kernels rk_ridge_kernels_avx2, rk_ridge_kernels_avx512;
#endif
const rk_ridge_kernels *rk_ridge_kernels_best(void);

#endif

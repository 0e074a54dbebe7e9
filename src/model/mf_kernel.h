/* mf_kernel.h - gradient steps over a run of ratings, one table per instruction set.
 *
 * Vectors: [... x width] floats, 64-byte aligned, width a multiple of 16.
 * Every sum has a fixed order for one instruction set; the sets differ in the last bits.
 */
#ifndef RECKON_MODEL_MF_KERNEL_H
#define RECKON_MODEL_MF_KERNEL_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t user, item;
    float miss; /* rating less the mean */
} rk_mf_rating;

/* How one side's vectors move: x += rate * g, where g = free * error * y - pull * x, element by element, is the way
 * down. rate is step, or, where paths are kept, step / sqrt(path of x): a vector that has come far takes shorter steps
 * (Duchi, Hazan, Singer, "Adaptive subgradient methods", 2011; one rate for all numbers of a vector as in Chin et al.,
 * "A learning-rate schedule for stochastic gradient methods to matrix factorization", 2015). */
typedef struct {
    float *vector;            /* [... x width] */
    float *path;              /* row r's at r >> path_shift, grows by share * |g|^2 with each step; NULL: one rate */
    const float *free, *pull; /* [width], 64-byte aligned; both 0 in columns that stay */
    unsigned path_shift;      /* rows of a tile share their low bits, and no other tile may share their cache lines */
    float step, share;
} rk_mf_pace;

typedef struct {
    const char *name;
    /* A step for each rating, one after the other: both of its vectors move by what they were before. Fastest where
     * ratings of one user stand together. Either both sides keep paths or none. */
    void (*walk)(const rk_mf_pace *users, const rk_mf_pace *items, const rk_mf_rating *ratings, size_t n, size_t width);
} rk_mf_kernels;

extern const rk_mf_kernels rk_mf_kernels_generic;
#if defined(__x86_64__)
extern const rk_mf_kernels rk_mf_kernels_avx2, rk_mf_kernels_avx512;
#endif
const rk_mf_kernels *rk_mf_kernels_best(void);

#endif

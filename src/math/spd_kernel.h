/* spd_kernel.h - the inner loop of spd.h, one per instruction set.
 *
 * A strip is sixteen rows of a matrix turned on their side: [depth][16], so that neither side of a product is ever
 * gathered again. Every entry of a product is a sum over ascending depth, in runs of RK_SPD_RUN, whatever the
 * instruction set; the portable one rounds twice for each term and so differs in the last bits.
 */
#ifndef RECKON_MATH_SPD_KERNEL_H
#define RECKON_MATH_SPD_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

enum { RK_SPD_STRIP = 16, RK_SPD_STEP = 32, RK_SPD_RUN = 256 };

/* The first rows x columns of C[size x size] -= A B' with A and B as strips of depth size. All are multiples of
 * RK_SPD_STEP, everything is aligned to 64 bytes. */
typedef struct {
    float *c;
    const float *a, *b;
    size_t size, rows, columns;
    bool is_half;         /* what lies above the diagonal of C need not be touched */
    bool is_b_triangular; /* B is zero above its diagonal */
} rk_spd_product;

typedef void rk_spd_kernel(const rk_spd_product *product);

rk_spd_kernel rk_spd_kernel_portable;
#if defined(__x86_64__)
rk_spd_kernel rk_spd_kernel_avx2, rk_spd_kernel_avx512;
#endif
/* The one for the set that rk_kernels_best has chosen. */
rk_spd_kernel *rk_spd_kernel_best(void);

#endif

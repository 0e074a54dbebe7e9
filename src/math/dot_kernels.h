/* dot_kernels.h - the kernel sets that dot.c chooses from; each is compiled only for its own family of processors. */
#ifndef RECKON_MATH_DOT_KERNELS_H
#define RECKON_MATH_DOT_KERNELS_H

#include "math/dot.h"

extern const rk_kernels rk_kernels_portable;
extern const rk_kernels rk_kernels_avx2;   /* x86-64 with AVX2, FMA and F16C */
extern const rk_kernels rk_kernels_avx512; /* x86-64 with AVX-512 F, BW, VL and VNNI */
extern const rk_kernels rk_kernels_neon;   /* aarch64 */

#endif

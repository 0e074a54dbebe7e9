/* sieve_kernel.h - the loop of sieve.h, plain and with VNNI. The two agree in all but the last bits of a bound. */
#ifndef RECKON_MATH_SIEVE_KERNEL_H
#define RECKON_MATH_SIEVE_KERNEL_H

#include "math/sieve.h"

typedef void rk_sieve_kernel(const rk_sieve *sieve, const rk_sieve_queries *queries, size_t from, size_t n,
                             uint16_t *may);

rk_sieve_kernel rk_sieve_kernel_portable;
#if defined(__x86_64__)
rk_sieve_kernel rk_sieve_kernel_avx512;
#endif

#endif

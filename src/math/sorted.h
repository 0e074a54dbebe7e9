/* sorted.h - numbers in ascending order, and what lies at a share of them. */
#ifndef RECKON_MATH_SORTED_H
#define RECKON_MATH_SORTED_H

#include <stddef.h>
#include <stdint.h>

void rk_sort_reals(double *values, size_t n); /* none of them NaN */
void rk_sort_u32(uint32_t *values, size_t n);
/* Between the two neighbours of rank share * (n - 1), linearly; share 0..1, n >= 1. */
double rk_sorted_quantile(const double *ascending, size_t n, double share);

#endif

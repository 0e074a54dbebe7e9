/* normal.h - the standard normal's inverse distribution function, to about 1e-15 of the result. */
#ifndef RECKON_MATH_NORMAL_H
#define RECKON_MATH_NORMAL_H

#include <stddef.h>

/* The z below which share u of a standard normal lies; 0 < u < 1. */
double rk_normal_quantile(double u);
/* The same for u: [n]; z: [n], which may be u itself. Bit for bit rk_normal_quantile. */
void rk_normal_fill(const double *u, size_t n, double *z);

#endif

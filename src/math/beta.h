/* beta.h - the beta distribution's function and its inverse, and what follows from them: binomial and Student's tails.
 *
 * Relative error below 1e-13 for shapes up to 100 and shares above 1e-100; for shapes of a million, where the
 * logarithms of gamma functions cancel, 1e-9.
 */
#ifndef RECKON_MATH_BETA_H
#define RECKON_MATH_BETA_H

#include <stdint.h>

/* The logarithm of the beta function, from any thread. */
double rk_log_beta(double a, double b);
/* The share of a beta(a, b) below x: the regularised incomplete beta function. a, b > 0; 0 <= x <= 1. */
double rk_beta_share(double a, double b, double x);
/* The x below which share u lies. 0 <= u <= 1. Near 0 as exact as near 1/2; near 1 ask for (b, a, 1 - u). */
double rk_beta_quantile(double a, double b, double u);

/* The chance that n trials of chance p succeed k times or more. */
double rk_binomial_at_least(uint64_t k, uint64_t n, double p);
/* Student's t with df degrees of freedom: the t below which share u lies; 0 < u < 1. */
double rk_student_quantile(double df, double u);

#endif

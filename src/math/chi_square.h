/* chi_square.h - the chance that a chi-square variable exceeds a value. */
#ifndef RECKON_MATH_CHI_SQUARE_H
#define RECKON_MATH_CHI_SQUARE_H

/* P(X > x) with df >= 1 degrees of freedom; x <= 0 gives 1. Relative error about 1e-14 up to df 100. */
double rk_chi_square_above(unsigned df, double x);

#endif

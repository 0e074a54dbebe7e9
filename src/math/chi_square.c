/* chi_square.c - for whole degrees of freedom the tail is a finite sum (Abramowitz and Stegun, 26.4.4 and 26.4.5):
 *
 *   even df   exp(-x/2) * sum over k = 0 .. df/2 - 1 of (x/2)^k / k!
 *   odd df    erfc(sqrt(x/2)) + exp(-x/2) * sum over k = 1 .. (df - 1)/2 of (x/2)^(k - 1/2) / gamma(k + 1/2)
 */
#include "math/chi_square.h"

#include <math.h>

double rk_chi_square_above(unsigned df, double x)
{
    static const double two_over_root_pi = 1.1283791670955126;
    if (!(x > 0)) {
        return 1;
    }
    double half = x / 2, sum = 0;
    if (df % 2 == 0) {
        double term = 1;
        for (unsigned k = 1; k <= df / 2; k++) {
            sum += term;
            term *= half / k;
        }
        return exp(-half) * sum;
    }
    double term = two_over_root_pi * sqrt(half); /* (x/2)^(1/2) / gamma(3/2) */
    for (unsigned k = 1; k <= (df - 1) / 2; k++) {
        sum += term;
        term *= half / (k + 0.5);
    }
    return erfc(sqrt(half)) + exp(-half) * sum;
}

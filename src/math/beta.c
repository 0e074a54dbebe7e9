/* beta.c - the continued fraction of the incomplete beta function (DLMF 8.17.22), evaluated by Lentz's method in
 * W. J. Thompson and A. R. Barnett's form; its inverse by Newton's method between shrinking bounds.
 *
 * The fraction converges fast for x below the mean only; above it, 1 - x is below the mean of the mirrored
 * distribution.
 */
#include "math/beta.h"

#include <assert.h>
#include <float.h>
#include <math.h>

/* The fraction takes about sqrt(max(a, b)) turns; a bound for shapes of 10^9. */
enum { TURNS_MAX = 200000, STEPS_MAX = 200 };

static double log_gamma(double x)
{
    int sign; /* lgamma would write a global */
    return lgamma_r(x, &sign);
}

double rk_log_beta(double a, double b) { return log_gamma(a) + log_gamma(b) - log_gamma(a + b); }

/* log(x^a (1 - x)^b / B(a, b)) */
static double log_weight(double a, double b, double x) { return a * log(x) + b * log1p(-x) - rk_log_beta(a, b); }

static double not_zero(double x) { return fabs(x) < DBL_MIN ? DBL_MIN : x; }

static double fraction(double a, double b, double x)
{
    double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int i = 1; i < TURNS_MAX; i++) {
        double m = i, even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        value *= d * c;
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        value *= d * c;
        if (fabs(d * c - 1) <= DBL_EPSILON) {
            break;
        }
    }
    return value;
}

double rk_beta_share(double a, double b, double x)
{
    assert(a > 0 && b > 0 && x >= 0 && x <= 1);
    if (x == 0 || x == 1) {
        return x;
    }
    if (x <= (a + 1) / (a + b + 2)) {
        return exp(log_weight(a, b, x)) * fraction(a, b, x) / a;
    }
    return 1 - exp(log_weight(a, b, x)) * fraction(b, a, 1 - x) / b;
}

/* Starts where the head of the distribution, x^a / (a B(a, b)), has share u. Newton on log(share): the head is a power,
 * so there a step is nearly exact however small u is. */
double rk_beta_quantile(double a, double b, double u)
{
    assert(a > 0 && b > 0 && u >= 0 && u <= 1);
    if (u == 0 || u == 1) {
        return u;
    }
    double low = 0, high = 1;
    double x = exp((log(u * a) + rk_log_beta(a, b)) / a);
    x = x < a / (a + b) ? x : a / (a + b);
    for (int step = 0; step < STEPS_MAX; step++) {
        double share = rk_beta_share(a, b, x), density = exp(log_weight(a, b, x)) / (x * (1 - x));
        low = share < u ? x : low;
        high = share < u ? high : x;
        double next = x - log(share / u) * share / density;
        next = next > low && next < high ? next : low + (high - low) / 2;
        if (fabs(next - x) <= 2 * DBL_EPSILON * x) {
            return next;
        }
        x = next;
    }
    return x;
}

double rk_binomial_at_least(uint64_t k, uint64_t n, double p)
{
    return k == 0 ? 1 : k > n ? 0 : rk_beta_share((double)k, (double)(n - k + 1), p);
}

/* df / (df + t^2) is beta(df / 2, 1 / 2). */
double rk_student_quantile(double df, double u)
{
    assert(df > 0 && u > 0 && u < 1);
    double x = rk_beta_quantile(df / 2, 0.5, 2 * (u < 0.5 ? u : 1 - u));
    double t = sqrt(df * (1 - x) / x);
    return u < 0.5 ? -t : t;
}

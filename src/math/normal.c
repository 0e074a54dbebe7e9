/* normal.c - M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37
 * (1988), routine PPND16: three rational functions, of q = u - 1/2 in the middle and of sqrt(-log(tail)) outside.
 *
 * In bulk the middle formula runs over all numbers without a branch, which compilers turn into vector instructions; the
 * 15 % outside are then done over. The middle's denominator has no zero for |q| <= 1/2, so nothing traps on the way.
 */
#include "math/normal.h"

#include <assert.h>
#include <math.h>

enum { TERMS = 8, BLOCK = 256 };

/* Numerator and denominator, constant term first. */
typedef struct {
    double over[TERMS], under[TERMS];
} rational;

static const rational middle = {
    {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
     67265.770927008700853, 33430.575583588128105, 2509.0809287301226727},
    {1, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
     39307.895800092710610, 28729.085735721942674, 5226.4952788528545610}};
static const rational tail = {
    {1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
     1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4},
    {1, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
     0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9}};
static const rational far_tail = {
    {6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
     0.0265321895265761230930, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7},
    {1, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}};
static const double middle_half_width = 0.425, far = 5;

static inline double polynomial(const double term[TERMS], double x)
{
    double sum = term[TERMS - 1];
    for (int i = TERMS - 2; i >= 0; i--) {
        sum = sum * x + term[i];
    }
    return sum;
}

static inline double ratio(const rational *r, double x) { return polynomial(r->over, x) / polynomial(r->under, x); }

static inline double middle_quantile(double q)
{
    return q * ratio(&middle, middle_half_width * middle_half_width - q * q);
}

static double tail_quantile(double u)
{
    double r = sqrt(-log(u < 0.5 ? u : 1 - u));
    double z = r <= far ? ratio(&tail, r - 1.6) : ratio(&far_tail, r - far);
    return u < 0.5 ? -z : z;
}

double rk_normal_quantile(double u)
{
    assert(u > 0 && u < 1);
    return fabs(u - 0.5) <= middle_half_width ? middle_quantile(u - 0.5) : tail_quantile(u);
}

static void fill_block(const double *restrict u, size_t n, double *restrict z)
{
    for (size_t i = 0; i < n; i++) {
        z[i] = middle_quantile(u[i] - 0.5);
    }
    for (size_t i = 0; i < n; i++) {
        if (fabs(u[i] - 0.5) > middle_half_width) {
            z[i] = tail_quantile(u[i]);
        }
    }
}

void rk_normal_fill(const double *u, size_t n, double *z)
{
    for (size_t done = 0; done < n; done += BLOCK) {
        double block[BLOCK]; /* z may be u */
        size_t n_block = n - done < BLOCK ? n - done : BLOCK;
        for (size_t i = 0; i < n_block; i++) {
            block[i] = u[done + i];
        }
        fill_block(block, n_block, z + done);
    }
}

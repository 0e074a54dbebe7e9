/* usl.h - how throughput grows with cores: Gunther's Universal Scalability Law, fitted to measurements.
 *
 *   X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)),  sigma, kappa >= 0
 *
 * lambda is what one core does, sigma the share of the work that queues (contention), kappa the price of keeping the
 * cores of one mind (coherency). With kappa > 0 throughput peaks near sqrt((1 - sigma) / kappa) cores.
 * Three numbers of cores or more fit both; two fit sigma alone; one fits nothing.
 */
#ifndef RECKON_MEASURE_USL_H
#define RECKON_MEASURE_USL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct {
    double cores, rps; /* both above 0 */
} rk_usl_point;

typedef struct {
    double lambda, sigma, kappa;
    double lambda_error, sigma_error, kappa_error; /* standard errors; NaN where nothing is left to judge by; 0 for a
                                                      parameter that is not fitted or stands at its bound of 0 */
    double misfit;                                 /* root mean square of (measured - fitted) / fitted */
    double left_out_error; /* mean of |predicted - measured| / measured, each point left out in turn; NaN below three
                              numbers of cores */
    double cores_min, cores_max; /* measured */
    bool has_kappa;              /* fitted; false: two numbers of cores only */
} rk_usl;

/* points: [n]; several may share a number of cores. RK_BAD_INPUT with fewer than two numbers of cores or a figure that
 * is not above 0. */
RK_MUST_CHECK rk_status rk_usl_fit(const rk_usl_point *points, size_t n, rk_usl *out, rk_error *err);
/* Throughput of so many cores; 0 where the law's denominator is not above 0. */
double rk_usl_at(const rk_usl *usl, double cores);
/* Cores beyond which more do less; HUGE_VAL without kappa. */
double rk_usl_peak(const rk_usl *usl);

#endif

/* sobol.h - points that fill the unit cube evenly: the Sobol sequence, scrambled, or plain random points beside it.
 *
 * Access:   coordinate d of point i is a pure function of (options, d, i): any thread makes any part of any column, and
 *           how the work is cut up never changes a bit.
 * Numbers:  32 bits k a coordinate, given as (k + 1/2) / 2^32: inside (0, 1), never at an end, so that every inverse
 *           distribution function may be applied. The smallest is 2^-33, 6.3 standard deviations of a normal.
 * Evenness: among points j * 2^k .. (j + 1) * 2^k - 1 each of the 2^k equal parts of every axis has exactly one. So
 * take 2^k points from 0 on (or a multiple of 2^k): 1,048,576 are better than 1,000,000, and leaving out the first
 * point spoils the balance. Error:    a mean over n points is off by ~ 1 / n instead of ~ 1 / sqrt(n), scrambled less
 * where the function is smooth. How much a scrambled mean is off is read from several seeds (draws.h:
 * rk_replicates_mean). Beyond RK_SOBOL_DIMS dimensions a coordinate is a counter-based random number (random.h) of the
 * seed; put what matters most into the first dimensions. Cost:     128 bytes a dimension; bench/bench_draws.c tells the
 * time. Threads:  read-only after _new.
 */
#ifndef RECKON_MATH_SOBOL_H
#define RECKON_MATH_SOBOL_H

#include <stddef.h>
#include <stdint.h>

enum { RK_SOBOL_DIMS = 512 };

typedef enum {
    RK_POINTS_SCRAMBLED, /* Owen's nested uniform scrambling: each point is uniform, the set stays even */
    RK_POINTS_PLAIN,     /* the sequence itself; the seed matters beyond RK_SOBOL_DIMS only */
    RK_POINTS_RANDOM,    /* Monte Carlo: every dimension as those beyond RK_SOBOL_DIMS */
} rk_points;

typedef struct {
    size_t n_dims;
    rk_points points;
    uint64_t seed;
} rk_sobol_options;

typedef struct rk_sobol rk_sobol;

/* NULL when memory is short. Owned by the caller; end with rk_sobol_free, which accepts NULL. */
rk_sobol *rk_sobol_new(const rk_sobol_options *options);
void rk_sobol_free(rk_sobol *sobol);

/* column: [n] coordinate dim (< n_dims) of points first .. first + n - 1, in Gray-code order; first + n <= 2^32. */
void rk_sobol_fill(const rk_sobol *sobol, size_t dim, uint64_t first, size_t n, double *column);

#endif

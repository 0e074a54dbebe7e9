/* distribution.h - the kinds of uncertain quantity, each drawn by its inverse distribution function.
 *
 * A draw is quantile(u) with u from sobol.h: the quantile never falls as u rises, so even points stay even. One number
 * u makes one value; two quantities that should move together share their u.
 *
 *     const rk_distribution_kind *kind = rk_distribution_kind_find("pert", (const char *[]){"low", "mode", "high"}, 3);
 *     status = rk_distribution_new(kind, (double[]){80, 100, 150}, 3, &d, err);
 *     rk_sobol_fill(sobol, dim, first, n, column);
 *     rk_distribution_fill(d, column, n, column);
 *
 * Error:   normal about 1e-15 of the result; pert 2e-10 of high - low; the others a few rounding errors.
 * Threads: read-only after _new; the same bits for any n and any chunking.
 */
#ifndef RECKON_MATH_DISTRIBUTION_H
#define RECKON_MATH_DISTRIBUTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { RK_DISTRIBUTION_PARAMS_MAX = 3 };

typedef struct rk_distribution rk_distribution;

/* What is known of a distribution without drawing. */
typedef struct {
    double mean, sd;
    double low, high; /* the support; -INFINITY, INFINITY where it has no end */
} rk_spread;

/* A row of the table. Several rows may share a name and differ in their parameters: lognormal by median and sigma, by
 * p10 and p90, by mean and sd. */
typedef struct {
    const char *name;
    size_t n_params;
    const char *params[RK_DISTRIBUTION_PARAMS_MAX];
    bool is_list; /* the parameters repeat any number of times: value, weight, value, weight, ... */
    /* For distribution.c: finite param [n] of the right number -> RK_BAD_INPUT if they make no sense; then set up. */
    rk_status (*check)(const double *param, size_t n, rk_error *err);
    rk_status (*prepare)(rk_distribution *distribution, const double *param, size_t n, rk_error *err);
    void (*fill)(const rk_distribution *distribution, const double *u, size_t n, double *value);
    rk_spread (*spread)(const rk_distribution *distribution);
} rk_distribution_kind;

extern const rk_distribution_kind rk_distribution_kinds[];
extern const size_t rk_n_distribution_kinds;

/* The row of that name whose parameters have these names, in any order; a list has its names once. NULL when there is
 * none. The values go to _new in the row's order. */
const rk_distribution_kind *rk_distribution_kind_find(const char *name, const char *const *params, size_t n_params);

/* param: [n_param] in the order of kind->params. RK_BAD_INPUT with what is wrong and the offending numbers, without a
 * place: the caller knows it. Owned by the caller; end with rk_distribution_free, which accepts NULL. */
RK_MUST_CHECK rk_status rk_distribution_new(const rk_distribution_kind *kind, const double *param, size_t n_param,
                                            rk_distribution **out, rk_error *err);
void rk_distribution_free(rk_distribution *distribution);

const rk_distribution_kind *rk_distribution_kind_of(const rk_distribution *distribution);
rk_spread rk_distribution_spread(const rk_distribution *distribution);

/* The value below which share u lies, 0 < u < 1; of a discrete distribution the least with that share at or below it.
 */
double rk_distribution_quantile(const rk_distribution *distribution, double u);
/* The same for u: [n], every one inside (0, 1); value: [n], which may be u. */
void rk_distribution_fill(const rk_distribution *distribution, const double *u, size_t n, double *value);

#endif

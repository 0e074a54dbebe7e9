/* distribution_parts.h - what the files of the distributions share. Private to math/. */
#ifndef RECKON_MATH_DISTRIBUTION_PARTS_H
#define RECKON_MATH_DISTRIBUTION_PARTS_H

#include "math/beta_table.h"
#include "math/distribution.h"

typedef struct rk_discrete rk_discrete;

/* After prepare; what each number means is up to the kind. */
struct rk_distribution {
    const rk_distribution_kind *kind;
    double param[RK_DISTRIBUTION_PARAMS_MAX]; /* low, mode, high; mean, sd; median, sigma */
    rk_beta_table *table;                     /* pert */
    rk_discrete *discrete;
};

/* distribution_discrete.c: rows of the table, and the end of what prepare made. */
rk_status rk_discrete_check(const double *param, size_t n, rk_error *err);
rk_status rk_discrete_prepare(rk_distribution *distribution, const double *param, size_t n, rk_error *err);
void rk_discrete_fill(const rk_distribution *distribution, const double *u, size_t n, double *value);
rk_spread rk_discrete_spread(const rk_distribution *distribution);
void rk_discrete_free(rk_discrete *discrete); /* accepts NULL */

#endif

/* distribution.c - the frame: finding a row, checking what all rows ask for, drawing. The rows: distribution_kinds.c.
 */
#include "math/distribution.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/distribution_parts.h"

static bool has_param(const rk_distribution_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->n_params; i++) {
        if (strcmp(kind->params[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* As many as the row's, all of them the row's, none twice. */
static bool takes(const rk_distribution_kind *kind, const char *const *params, size_t n_params)
{
    if (n_params != kind->n_params) {
        return false;
    }
    for (size_t i = 0; i < n_params; i++) {
        if (!has_param(kind, params[i])) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(params[i], params[j]) == 0) {
                return false;
            }
        }
    }
    return true;
}

const rk_distribution_kind *rk_distribution_kind_find(const char *name, const char *const *params, size_t n_params)
{
    for (size_t i = 0; i < rk_n_distribution_kinds; i++) {
        const rk_distribution_kind *kind = &rk_distribution_kinds[i];
        if (strcmp(kind->name, name) == 0 && takes(kind, params, n_params)) {
            return kind;
        }
    }
    return NULL;
}

static rk_status check_count(const rk_distribution_kind *kind, size_t n_param, rk_error *err)
{
    if (kind->is_list && (n_param == 0 || n_param % kind->n_params != 0)) {
        return rk_fail(err, RK_BAD_INPUT, "%s takes a %s with each %s, got %zu numbers", kind->name, kind->params[1],
                       kind->params[0], n_param);
    }
    if (!kind->is_list && n_param != kind->n_params) {
        return rk_fail(err, RK_BAD_INPUT, "%s takes %zu numbers, got %zu", kind->name, kind->n_params, n_param);
    }
    return RK_OK;
}

static rk_status check_params(const rk_distribution_kind *kind, const double *param, size_t n_param, rk_error *err)
{
    rk_status status = check_count(kind, n_param, err);
    for (size_t i = 0; status == RK_OK && i < n_param; i++) {
        if (!isfinite(param[i])) {
            status = rk_fail(err, RK_BAD_INPUT, "%s: %s must be a finite number, got '%g'", kind->name,
                             kind->params[i % kind->n_params], param[i]);
        }
    }
    return status == RK_OK ? kind->check(param, n_param, err) : status;
}

static rk_status check_spread(const rk_distribution *distribution, rk_error *err)
{
    rk_spread spread = distribution->kind->spread(distribution);
    if (!isfinite(spread.mean) || !isfinite(spread.sd)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: too wide to compute with: its mean is %g, its standard deviation %g",
                       distribution->kind->name, spread.mean, spread.sd);
    }
    return RK_OK;
}

rk_status rk_distribution_new(const rk_distribution_kind *kind, const double *param, size_t n_param,
                              rk_distribution **out, rk_error *err)
{
    rk_status status = check_params(kind, param, n_param, err);
    if (status != RK_OK) {
        return status;
    }
    rk_distribution *distribution = calloc(1, sizeof *distribution);
    if (!distribution) {
        return rk_fail_memory(err, "a distribution");
    }
    distribution->kind = kind;
    status = kind->prepare(distribution, param, n_param, err);
    if (status == RK_OK) {
        status = check_spread(distribution, err);
    }
    if (status == RK_OK) {
        *out = distribution; /* moved to the caller */
        distribution = NULL;
    }
    rk_distribution_free(distribution);
    return status;
}

void rk_distribution_free(rk_distribution *distribution)
{
    if (distribution) {
        rk_beta_table_free(distribution->table);
        rk_discrete_free(distribution->discrete);
        free(distribution);
    }
}

const rk_distribution_kind *rk_distribution_kind_of(const rk_distribution *distribution) { return distribution->kind; }

rk_spread rk_distribution_spread(const rk_distribution *distribution)
{
    return distribution->kind->spread(distribution);
}

double rk_distribution_quantile(const rk_distribution *distribution, double u)
{
    double value;
    assert(u > 0 && u < 1);
    distribution->kind->fill(distribution, &u, 1, &value);
    return value;
}

void rk_distribution_fill(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    distribution->kind->fill(distribution, u, n, value);
}

/* distribution_kinds.c - one row per distribution: what it may be given, its moments, its inverse.
 *
 * Variances are taken of differences from low or of low from the mean, so that a narrow spread far from 0 keeps its
 * digits.
 */
#include <math.h>

#include "math/distribution_parts.h"
#include "math/normal.h"

/* ---- between low and high ---- */

static rk_status check_range(const double *param, size_t n, rk_error *err)
{
    double low = param[0], high = param[n - 1];
    return low < high ? RK_OK
                      : rk_fail(err, RK_BAD_INPUT, "low must be below high, got low '%g' and high '%g'", low, high);
}

static rk_status check_mode(const double *param, size_t n, rk_error *err)
{
    if (!(param[0] <= param[1] && param[1] <= param[2])) {
        return rk_fail(err, RK_BAD_INPUT, "mode must lie between low and high, got low '%g', mode '%g' and high '%g'",
                       param[0], param[1], param[2]);
    }
    return check_range(param, n, err);
}

static rk_status keep(rk_distribution *distribution, const double *param, size_t n, rk_error *err)
{
    (void)err;
    for (size_t i = 0; i < n; i++) {
        distribution->param[i] = param[i];
    }
    return RK_OK;
}

static void fill_uniform(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    double low = distribution->param[0], width = distribution->param[1] - low;
    for (size_t i = 0; i < n; i++) {
        value[i] = low + width * u[i];
    }
}

static rk_spread spread_uniform(const rk_distribution *distribution)
{
    double low = distribution->param[0], high = distribution->param[1];
    return (rk_spread){low + (high - low) / 2, (high - low) / sqrt(12), low, high};
}

/* Each side of the mode is the square root of a share of the whole, so one root with its place chosen before serves. */
static void fill_triangular(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    double low = distribution->param[0], high = distribution->param[2], width = high - low;
    double rising = (distribution->param[1] - low) / width, falling = (high - distribution->param[1]) / width;
    for (size_t i = 0; i < n; i++) {
        double root = width * sqrt(u[i] < rising ? u[i] * rising : (1 - u[i]) * falling);
        value[i] = u[i] < rising ? low + root : high - root;
    }
}

static rk_spread spread_triangular(const rk_distribution *distribution)
{
    double low = distribution->param[0], high = distribution->param[2];
    double rise = distribution->param[1] - low, fall = high - distribution->param[1];
    return (rk_spread){low + (2 * rise + fall) / 3, sqrt((rise * rise + fall * fall + rise * fall) / 18), low, high};
}

/* A beta distribution over low .. high whose mean is (low + 4 mode + high) / 6. */
static rk_status prepare_pert(rk_distribution *distribution, const double *param, size_t n, rk_error *err)
{
    double width = param[2] - param[0];
    keep(distribution, param, n, err);
    if (!isfinite(width)) {
        return RK_OK; /* the spread will be found too wide */
    }
    distribution->table =
        rk_beta_table_new(1 + 4 * (param[1] - param[0]) / width, 1 + 4 * (param[2] - param[1]) / width);
    return distribution->table ? RK_OK : rk_fail_memory(err, "the table of a pert distribution");
}

static void fill_pert(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    double low = distribution->param[0], width = distribution->param[2] - low;
    rk_beta_table_fill(distribution->table, u, n, value);
    for (size_t i = 0; i < n; i++) {
        value[i] = low + width * value[i];
    }
}

static rk_spread spread_pert(const rk_distribution *distribution)
{
    double low = distribution->param[0], high = distribution->param[2];
    double above = (4 * (distribution->param[1] - low) + (high - low)) / 6, below = high - low - above;
    return (rk_spread){low + above, sqrt(above * below / 7), low, high};
}

/* ---- normal and lognormal ---- */

static double z_p90(void) { return rk_normal_quantile(0.9); }

static rk_status check_sd(const double *param, size_t n, rk_error *err)
{
    (void)n;
    return param[1] > 0 ? RK_OK : rk_fail(err, RK_BAD_INPUT, "sd must be above 0, got '%g'", param[1]);
}

static rk_status check_p10_p90(const double *param, size_t n, rk_error *err)
{
    (void)n;
    return param[0] < param[1]
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "p10 must be below p90, got p10 '%g' and p90 '%g'", param[0], param[1]);
}

static rk_status prepare_normal_range(rk_distribution *distribution, const double *param, size_t n, rk_error *err)
{
    double width = param[1] - param[0];
    return keep(distribution, (double[]){param[0] + width / 2, width / (2 * z_p90())}, n, err);
}

static void fill_normal(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    double mean = distribution->param[0], sd = distribution->param[1];
    rk_normal_fill(u, n, value);
    for (size_t i = 0; i < n; i++) {
        value[i] = mean + sd * value[i];
    }
}

static rk_spread spread_normal(const rk_distribution *distribution)
{
    return (rk_spread){distribution->param[0], distribution->param[1], -INFINITY, INFINITY};
}

static rk_status check_above_zero(const char *name, double value, rk_error *err)
{
    return value > 0 ? RK_OK : rk_fail(err, RK_BAD_INPUT, "%s must be above 0, got '%g'", name, value);
}

static rk_status check_median_sigma(const double *param, size_t n, rk_error *err)
{
    (void)n;
    rk_status status = check_above_zero("median", param[0], err);
    return status == RK_OK ? check_above_zero("sigma", param[1], err) : status;
}

static rk_status check_positive_range(const double *param, size_t n, rk_error *err)
{
    rk_status status = check_above_zero("p10", param[0], err);
    return status == RK_OK ? check_p10_p90(param, n, err) : status;
}

static rk_status check_mean_sd(const double *param, size_t n, rk_error *err)
{
    rk_status status = check_above_zero("mean", param[0], err);
    return status == RK_OK ? check_sd(param, n, err) : status;
}

static rk_status prepare_lognormal_range(rk_distribution *distribution, const double *param, size_t n, rk_error *err)
{
    double median = sqrt(param[0]) * sqrt(param[1]), sigma = (log(param[1]) - log(param[0])) / (2 * z_p90());
    return keep(distribution, (double[]){median, sigma}, n, err);
}

static rk_status prepare_lognormal_mean(rk_distribution *distribution, const double *param, size_t n, rk_error *err)
{
    double share = param[1] / param[0];
    return keep(distribution, (double[]){param[0] / sqrt(1 + share * share), sqrt(log1p(share * share))}, n, err);
}

static void fill_lognormal(const rk_distribution *distribution, const double *u, size_t n, double *value)
{
    double median = distribution->param[0], sigma = distribution->param[1];
    rk_normal_fill(u, n, value);
    for (size_t i = 0; i < n; i++) {
        value[i] = median * exp(sigma * value[i]);
    }
}

static rk_spread spread_lognormal(const rk_distribution *distribution)
{
    double square = distribution->param[1] * distribution->param[1], mean = distribution->param[0] * exp(square / 2);
    return (rk_spread){mean, mean * sqrt(expm1(square)), 0, INFINITY};
}

/* clang-format off */
const rk_distribution_kind rk_distribution_kinds[] = {
    {"uniform",    2, {"low", "high"},         false, check_range,          keep,                    fill_uniform,     spread_uniform},
    {"triangular", 3, {"low", "mode", "high"}, false, check_mode,           keep,                    fill_triangular,  spread_triangular},
    {"pert",       3, {"low", "mode", "high"}, false, check_mode,           prepare_pert,            fill_pert,        spread_pert},
    {"normal",     2, {"mean", "sd"},          false, check_sd,             keep,                    fill_normal,      spread_normal},
    {"normal",     2, {"p10", "p90"},          false, check_p10_p90,        prepare_normal_range,    fill_normal,      spread_normal},
    {"lognormal",  2, {"median", "sigma"},     false, check_median_sigma,   keep,                    fill_lognormal,   spread_lognormal},
    {"lognormal",  2, {"p10", "p90"},          false, check_positive_range, prepare_lognormal_range, fill_lognormal,   spread_lognormal},
    {"lognormal",  2, {"mean", "sd"},          false, check_mean_sd,        prepare_lognormal_mean,  fill_lognormal,   spread_lognormal},
    {"discrete",   2, {"value", "weight"},     true,  rk_discrete_check,    rk_discrete_prepare,     rk_discrete_fill, rk_discrete_spread},
};
/* clang-format on */
const size_t rk_n_distribution_kinds = RK_COUNT_OF(rk_distribution_kinds);

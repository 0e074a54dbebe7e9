/* bootstrap.h - how far a mean over users could have come out otherwise: resample the users with replacement.
 *
 * Efron's percentile interval. Resample r draws its rows from Philox stream r of the seed, so any thread may do any
 * resample. Private to eval/.
 */
#ifndef RECKON_EVAL_BOOTSTRAP_H
#define RECKON_EVAL_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/run.h"

enum { RK_SAMPLE_COLS_MAX = 512 };

/* One row per user. A figure is sum(column) / sum(weight column). */
typedef struct {
    const double *value; /* [n_rows x n_cols] */
    size_t n_rows, n_cols;
    const size_t *over;  /* [n_cols] the column that weighs this one */
    const uint32_t *row; /* [n_rows] the only rows that count; NULL = value's first n_rows */
} rk_sample;

/* The figure of every column, [n_cols]; NaN where the weights sum to 0. */
void rk_sample_mean(const rk_sample *sample, double *mean);

typedef struct {
    double low, high;
} rk_interval;

/* The figures of each resample: mean: [n_resamples x n_cols]. */
void rk_sample_resample(const rk_sample *sample, size_t n_resamples, const rk_run *run, double *mean);
/* The 95 % interval that estimates lie in, NaN among them left out; sorts them. */
rk_interval rk_interval_of(double *estimates, size_t n);
/* The 95 % interval of every column, [n_cols]. Resamples without weight in a column do not count for it. */
RK_MUST_CHECK rk_status rk_sample_interval(const rk_sample *sample, size_t n_resamples, const rk_run *run,
                                           rk_interval *out, rk_error *err);

#endif

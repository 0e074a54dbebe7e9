/* accuracy.h - how far a forecast was off. Steps whose actual value is NaN are left out; NaN when none is left. */
#ifndef RECKON_FORECAST_ACCURACY_H
#define RECKON_FORECAST_ACCURACY_H

#include <stddef.h>

/* Symmetric mean absolute percentage error, 0..200: 200 |a - f| / (|a| + |f|), 0 where both are 0 (M3, M4). */
double rk_accuracy_smape(const double *actual, const double *foretold, size_t n);
/* Mean absolute error over scale. */
double rk_accuracy_mase(const double *actual, const double *foretold, size_t n, double scale);
/* Mean absolute error of the seasonal naive forecast inside a history: of value t by value t - period. */
double rk_accuracy_scale(const double *history, size_t n, size_t period);
/* The share of actual values inside [low, high]. */
double rk_accuracy_coverage(const double *actual, const double *low, const double *high, size_t n);

#endif

/* accuracy.c - see accuracy.h: Makridakis (1993) and Makridakis and Hibon (2000) for sMAPE, Hyndman and Koehler (2006)
 * for MASE. */
#include "forecast/accuracy.h"

#include <math.h>

double rk_accuracy_smape(const double *actual, const double *foretold, size_t n)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(actual[i])) {
            double size = fabs(actual[i]) + fabs(foretold[i]);
            sum += size > 0 ? 200 * fabs(actual[i] - foretold[i]) / size : 0;
            count++;
        }
    }
    return count > 0 ? sum / count : NAN;
}

double rk_accuracy_mase(const double *actual, const double *foretold, size_t n, double scale)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        double off = fabs(actual[i] - foretold[i]);
        if (!isnan(off)) {
            sum += off;
            count++;
        }
    }
    return count > 0 ? sum / count / scale : NAN;
}

double rk_accuracy_scale(const double *history, size_t n, size_t period)
{
    return period < n ? rk_accuracy_mase(history + period, history, n - period, 1) : NAN;
}

double rk_accuracy_coverage(const double *actual, const double *low, const double *high, size_t n)
{
    double inside = 0, count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(actual[i])) {
            inside += low[i] <= actual[i] && actual[i] <= high[i];
            count++;
        }
    }
    return count > 0 ? inside / count : NAN;
}

/* estimate.h - a figure read from a sample, and the interval in which the true one may be expected. */
#ifndef RECKON_MATH_ESTIMATE_H
#define RECKON_MATH_ESTIMATE_H

#include "base/text.h"

/* low, high: -INFINITY, INFINITY where the sample sets no bound; equal: no interval is known. */
typedef struct {
    double value, low, high;
} rk_estimate;

/* "KEY": value, "KEY_ci": [low, high]; a bound that is none is null. key: under 60 bytes. */
void rk_estimate_json(rk_json *json, const char *key, rk_estimate estimate);

#endif

/* estimate.h - a figure read from a sample, and the interval in which the true one may be expected. */
#ifndef RECKON_MATH_ESTIMATE_H
#define RECKON_MATH_ESTIMATE_H

/* low, high: -INFINITY, INFINITY where the sample sets no bound; equal: no interval is known. */
typedef struct {
    double value, low, high;
} rk_estimate;

#endif

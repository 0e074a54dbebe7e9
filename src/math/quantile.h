/* quantile.h - a latency histogram: log-linear buckets, 1/128 relative error, 1 ns to 292 years, mergeable.
 *
 * HdrHistogram's idea (Tene): a power of two for the magnitude, 64 equal steps inside it. 30 KB, no allocation.
 */
#ifndef RECKON_MATH_QUANTILE_H
#define RECKON_MATH_QUANTILE_H

#include <stdint.h>

enum { RK_QUANTILE_BUCKETS = 64 * 59 };

typedef struct {
    uint64_t count[RK_QUANTILE_BUCKETS];
    uint64_t n;
    uint64_t min, max;
    double sum;
} rk_quantile;

void rk_quantile_clear(rk_quantile *quantile);
void rk_quantile_add(rk_quantile *quantile, uint64_t value);
void rk_quantile_merge(rk_quantile *into, const rk_quantile *from);
/* The value below which share (0..1) of the values lie; 0 when empty; never above max. */
uint64_t rk_quantile_at(const rk_quantile *quantile, double share);
/* How many values are <= limit, to bucket resolution. */
uint64_t rk_quantile_count_to(const rk_quantile *quantile, uint64_t limit);

#endif

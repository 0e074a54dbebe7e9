/* quantile.c - see quantile.h.
 *
 * Values below 128 have a bucket each. Above, the six bits behind the leading one choose among 64 steps of that power
 * of two, so a bucket is at most 1/64 of its values wide and its middle at most 1/128 off:
 *     value       0 .. 127   128 .. 255   256 .. 511   ...   2^63 .. 2^64 - 1
 *     bucket      0 .. 127   128 .. 191   192 .. 255   ...   3712 .. 3775
 *     width       1          2            4                  2^57
 */
#include "math/quantile.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { STEP_BITS = 6, STEPS = 1 << STEP_BITS };

static unsigned bucket_of(uint64_t value)
{
    if (value < 2 * STEPS) {
        return (unsigned)value;
    }
    unsigned shift = 63u - STEP_BITS - (unsigned)__builtin_clzll(value);
    return shift * STEPS + (unsigned)(value >> shift);
}

static uint64_t middle_of(unsigned bucket)
{
    if (bucket < 2 * STEPS) {
        return bucket;
    }
    unsigned shift = bucket / STEPS - 1;
    uint64_t low = (uint64_t)(bucket % STEPS + STEPS) << shift;
    return low + ((uint64_t)1 << (shift - 1));
}

void rk_quantile_clear(rk_quantile *quantile) { memset(quantile, 0, sizeof *quantile); }

void rk_quantile_add(rk_quantile *quantile, uint64_t value)
{
    quantile->min = quantile->n == 0 || value < quantile->min ? value : quantile->min;
    quantile->max = value > quantile->max ? value : quantile->max;
    quantile->count[bucket_of(value)]++;
    quantile->n++;
    quantile->sum += (double)value;
}

void rk_quantile_merge(rk_quantile *into, const rk_quantile *from)
{
    if (from->n == 0) {
        return;
    }
    into->min = into->n == 0 || from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
    into->n += from->n;
    into->sum += from->sum;
    for (unsigned i = 0; i < RK_QUANTILE_BUCKETS; i++) {
        into->count[i] += from->count[i];
    }
}

/* The nearest rank: the smallest value with at least share * n values at or below it. */
uint64_t rk_quantile_at(const rk_quantile *quantile, double share)
{
    assert(share >= 0.0 && share <= 1.0);
    uint64_t rank = (uint64_t)ceil(share * (double)quantile->n), seen = 0;
    if (quantile->n == 0 || rank <= 1) {
        return quantile->min;
    }
    for (unsigned i = bucket_of(quantile->min); i <= bucket_of(quantile->max); i++) {
        seen += quantile->count[i];
        if (seen >= rank) {
            uint64_t middle = middle_of(i);
            return middle < quantile->min ? quantile->min : middle > quantile->max ? quantile->max : middle;
        }
    }
    return quantile->max;
}

uint64_t rk_quantile_count_to(const rk_quantile *quantile, uint64_t limit)
{
    uint64_t seen = 0;
    for (unsigned i = 0; i <= bucket_of(limit); i++) {
        seen += quantile->count[i];
    }
    return seen;
}

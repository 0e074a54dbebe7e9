/* sorted.c - see sorted.h. */
#include "math/sorted.h"

#include <assert.h>
#include <stdlib.h>

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void rk_sort_reals(double *values, size_t n)
{
    if (n > 1) {
        qsort(values, n, sizeof *values, compare_reals);
    }
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void rk_sort_u32(uint32_t *values, size_t n)
{
    if (n > 1) {
        qsort(values, n, sizeof *values, compare_u32);
    }
}

double rk_sorted_quantile(const double *ascending, size_t n, double share)
{
    assert(n > 0);
    double rank = share * (double)(n - 1);
    size_t below = (size_t)rank;
    double low = ascending[below], high = ascending[below + 1 < n ? below + 1 : below];
    return low + (rank - (double)below) * (high - low);
}

/* draws.c - see draws.h.
 *
 * Sums: of 1,024 neighbours first, then of those sums, which keeps rounding errors of a million terms near those of two
 * thousand. Quantiles: nearest rank, as in quantile.h. Interval of a quantile: H. A. David, "Order Statistics", 2.5.
 * Tail mean: R. T. Rockafellar and S. Uryasev, "Optimization of conditional value-at-risk" (2000): q + mean(max(0, x -
 * q)) / (1 - share), whose error to first order does not feel the error of q. Chance: E. B. Wilson (1927).
 *
 * Sorting goes by bytes from the lowest up (radix), with the bits of a double turned so that they order as it does;
 * bytes that all draws share, often the highest, cost no pass.
 */
#include "math/draws.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "math/beta.h"
#include "math/normal.h"

enum { BYTES = 8, BYTE_VALUES = 256, SUM_CHUNK = 1024 };

/* ---- sorting ---- */

/* Negative numbers: all bits turned; others: the sign bit. */
static inline uint64_t key_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits ^ (bits >> 63 ? UINT64_MAX : UINT64_C(1) << 63);
}

static inline unsigned byte_of(double x, unsigned byte) { return key_of(x) >> (8 * byte) & (BYTE_VALUES - 1); }

/* Counts to the place of the first draw of each byte value; false when all draws have the same. */
static bool place(size_t count[BYTE_VALUES], size_t n)
{
    size_t begin = 0;
    for (size_t i = 0; i < BYTE_VALUES; i++) {
        size_t n_here = count[i];
        if (n_here == n) {
            return false;
        }
        count[i] = begin;
        begin += n_here;
    }
    return true;
}

void rk_draws_sort(double *draw, size_t n, double *room)
{
    size_t count[BYTES][BYTE_VALUES] = {{0}};
    double *from = draw, *to = room;
    for (size_t i = 0; i < n; i++) {
        for (unsigned byte = 0; byte < BYTES; byte++) {
            count[byte][byte_of(draw[i], byte)]++;
        }
    }
    for (unsigned byte = 0; byte < BYTES; byte++) {
        if (place(count[byte], n)) {
            for (size_t i = 0; i < n; i++) {
                to[count[byte][byte_of(from[i], byte)]++] = from[i];
            }
            double *swap = from;
            from = to;
            to = swap;
        }
    }
    if (from != draw) {
        memcpy(draw, from, n * sizeof *draw);
    }
}

/* ---- moments ---- */

/* Excess over a limit, squares of deviations: sums of one term per draw. */
typedef double term(double x, double about);

static double itself(double x, double about) { return x - about; }
static double square(double x, double about) { return (x - about) * (x - about); }

static double sum_of(const double *draw, size_t n, term *value, double about)
{
    double sum = 0;
    for (size_t begin = 0; begin < n; begin += SUM_CHUNK) {
        size_t end = n - begin < SUM_CHUNK ? n : begin + SUM_CHUNK;
        double part = 0;
        for (size_t i = begin; i < end; i++) {
            part += value(draw[i], about);
        }
        sum += part;
    }
    return sum;
}

static double mean_of(const double *draw, size_t n) { return draw[0] + sum_of(draw, n, itself, draw[0]) / (double)n; }

double rk_draws_sd(const double *draw, size_t n)
{
    assert(n > 0);
    return n == 1 ? 0 : sqrt(sum_of(draw, n, square, mean_of(draw, n)) / (double)(n - 1));
}

/* The deviation that a normal, either side, passes with chance 1 - confidence. */
static double deviation(double confidence)
{
    assert(confidence > 0 && confidence < 1);
    return -rk_normal_quantile((1 - confidence) / 2);
}

static rk_estimate about(double value, double half_width)
{
    return (rk_estimate){value, value - half_width, value + half_width};
}

rk_estimate rk_draws_mean(const double *draw, size_t n, double confidence)
{
    assert(n > 0);
    double error = n == 1 ? INFINITY : rk_draws_sd(draw, n) / sqrt((double)n);
    return about(mean_of(draw, n), deviation(confidence) * error);
}

rk_estimate rk_replicates_mean(const double *figure, size_t n, double confidence)
{
    assert(n > 1 && confidence > 0 && confidence < 1);
    double t = -rk_student_quantile((double)(n - 1), (1 - confidence) / 2);
    return about(mean_of(figure, n), t * rk_draws_sd(figure, n) / sqrt((double)n));
}

/* ---- quantiles and tails ---- */

/* Outcome number 1 .. n with at least share of all at or below it. The ceiling forgives what 0.9 * 10 is above 9. */
static size_t rank_of(size_t n, double share)
{
    size_t rank = (size_t)ceil(share * (double)n * (1 - 4 * 0x1p-53));
    return rank < 1 ? 1 : rank > n ? n : rank;
}

/* The least rank whose draw lies below the true quantile with a chance of risk at most; n + 1: none. */
static size_t rank_above(size_t n, double share, double risk)
{
    size_t low = 0, high = n + 1; /* chance above risk at low, at most at high */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (rk_binomial_at_least(middle, n, share) <= risk) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

rk_estimate rk_draws_quantile(const double *ascending, size_t n, double share, double confidence)
{
    assert(n > 0 && share > 0 && share < 1 && confidence > 0 && confidence < 1);
    double risk = (1 - confidence) / 2;
    size_t above = rank_above(n, share, risk), below = rank_above(n, 1 - share, risk); /* below: counted from the top */
    return (rk_estimate){
        .value = ascending[rank_of(n, share) - 1],
        .low = below > n ? -INFINITY : ascending[n - below],
        .high = above > n ? INFINITY : ascending[above - 1],
    };
}

rk_estimate rk_draws_tail_mean(const double *ascending, size_t n, double share, double confidence)
{
    assert(n > 0 && share > 0 && share < 1);
    size_t begin = rank_of(n, share) - 1, n_tail = n - begin;
    double at = ascending[begin], n_all = (double)n;
    double excess = sum_of(ascending + begin, n_tail, itself, at) / n_all;
    double variance = sum_of(ascending + begin, n_tail, square, at) / n_all - excess * excess;
    double error = n == 1 ? INFINITY : sqrt(fmax(variance, 0) / (n_all - 1)) / (1 - share);
    return about(at + excess / (1 - share), deviation(confidence) * error);
}

static size_t count_to(const double *ascending, size_t n, double limit)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ascending[middle] <= limit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

rk_estimate rk_draws_above(const double *ascending, size_t n, double limit, double confidence)
{
    assert(n > 0);
    size_t n_above = n - count_to(ascending, n, limit);
    double k = (double)n_above, all = (double)n, z = deviation(confidence), spread = all + z * z;
    double centre = (k + z * z / 2) / spread, half_width = z / spread * sqrt(k * (all - k) / all + z * z / 4);
    return (rk_estimate){
        .value = k / all,
        .low = n_above == 0 ? 0 : centre - half_width,
        .high = n_above == n ? 1 : centre + half_width,
    };
}

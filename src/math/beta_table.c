/* beta_table.c - cubics between knots that crowd towards both ends.
 *
 * Near an end the quantile is a power, u^(1/a), of unbounded slope, which equal steps cannot follow. So a cell is a
 * 64th of a power of two of v = min(u, 1 - u), where a power looks the same in every octave: v            2^-15 ..
 * 2^-14   2^-14 .. 2^-13   ...   1/4 .. 1/2   1/2 cell         0 .. 63          64 .. 127              832 .. 895   896
 * A cell's number and the place in it are the upper and lower bits of the double. Knots and slopes are exact; a slope
 * is held to three times the chord's, which keeps a cubic monotone (Fritsch and Carlson 1980), though on cells so short
 * it never is more. The thinner ends, one draw in 16,000, are solved each time.
 */
#include "math/beta_table.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "math/beta.h"

enum { STEP_BITS = 6, STEPS = 1 << STEP_BITS, OCTAVES = 14, CELLS = OCTAVES * STEPS, MANTISSA = 52 };
static const double least = 0x1p-15; /* 2^-(OCTAVES + 1) */

typedef struct {
    double term[4];
} cubic;

struct rk_beta_table {
    double a, b;
    cubic side[2][CELLS + 1]; /* by u and by 1 - u */
};

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static double real_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static double knot(size_t cell) { return real_of(bits_of(least) + ((uint64_t)cell << (MANTISSA - STEP_BITS))); }

static double slope(double a, double b, double x)
{
    return exp(rk_log_beta(a, b) - (a - 1) * log(x) - (b - 1) * log1p(-x));
}

static void set_side(cubic *side, double a, double b)
{
    double low = rk_beta_quantile(a, b, least), low_slope = slope(a, b, low);
    for (size_t cell = 0; cell < CELLS; cell++) {
        double width = knot(cell + 1) - knot(cell);
        double high = rk_beta_quantile(a, b, knot(cell + 1)), high_slope = slope(a, b, high);
        double rise = high - low, begin = fmin(low_slope * width, 3 * rise), end = fmin(high_slope * width, 3 * rise);
        side[cell] = (cubic){{low, begin, 3 * rise - 2 * begin - end, begin + end - 2 * rise}};
        low = high;
        low_slope = high_slope;
    }
    side[CELLS] = (cubic){{low}};
}

/* From the upper end: x = 1 - the quantile of the mirrored distribution. */
static void mirror(cubic *side)
{
    for (size_t cell = 0; cell <= CELLS; cell++) {
        side[cell].term[0] = 1 - side[cell].term[0];
        for (size_t i = 1; i < 4; i++) {
            side[cell].term[i] = -side[cell].term[i];
        }
    }
}

rk_beta_table *rk_beta_table_new(double a, double b)
{
    assert(a >= 1 && b >= 1);
    rk_beta_table *table = malloc(sizeof *table);
    if (table) {
        table->a = a;
        table->b = b;
        set_side(table->side[0], a, b);
        set_side(table->side[1], b, a);
        mirror(table->side[1]);
    }
    return table;
}

void rk_beta_table_free(rk_beta_table *table) { free(table); }

static double thin_end(const rk_beta_table *table, double u)
{
    return u < 0.5 ? rk_beta_quantile(table->a, table->b, u) : 1 - rk_beta_quantile(table->b, table->a, 1 - u);
}

static inline double interpolate(const rk_beta_table *table, double u)
{
    size_t is_upper = u > 0.5;
    double v = is_upper ? 1 - u : u;
    if (v < least) {
        return thin_end(table, u);
    }
    uint64_t bits = bits_of(v) - bits_of(least), within = bits << STEP_BITS & ((UINT64_C(1) << MANTISSA) - 1);
    const double *term = table->side[is_upper][bits >> (MANTISSA - STEP_BITS)].term;
    double t = real_of(bits_of(1) | within) - 1;
    return term[0] + t * (term[1] + t * (term[2] + t * term[3]));
}

void rk_beta_table_fill(const rk_beta_table *table, const double *u, size_t n, double *x)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = interpolate(table, u[i]);
    }
}

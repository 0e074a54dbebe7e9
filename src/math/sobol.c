/* sobol.c - see sobol.h. The sequence: I. M. Sobol (1967); Gray-code order: Antonov and Saleev (1979).
 *
 * Coordinate i of a dimension is the exclusive or of those direction numbers whose bit is set in gray(i) = i ^ i >> 1.
 * gray is linear over bits, so a block of BLOCK points that starts at a multiple of BLOCK is its first point against
 * one pattern, gray(0) .. gray(BLOCK - 1), the same for all blocks: the inner loop has neither branch nor dependence.
 *
 * Digits are kept reversed, the first binary digit in bit 0. There the scrambling of S. Laine and T. Karras
 * ("Stratified sampling for stochastic transparency", 2011) in the form of B. Burley ("Practical hash-based Owen
 * scrambling", JCGT 2020) is a few multiplications: x ^= x * even, and x += seed, let a digit change by what stands
 * before it only, which is Owen's nesting. A reversal at the end puts the digits in order.
 */
#include "math/sobol.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "math/random.h"
#include "math/sobol_table.h"

enum { DIGITS = 32, BLOCK = 64, WORDS_PER_COUNTER = 4 };
/* Streams apart from other uses of the seed. */
static const uint64_t scramble_stream = UINT64_C(0x50b01) << 32, column_stream = UINT64_C(0x50b02) << 32;

typedef struct {
    uint32_t direction[DIGITS]; /* reversed */
    uint32_t key;               /* of the scrambling */
} axis;

struct rk_sobol {
    rk_sobol_options options;
    size_t n_axes; /* dimensions that are not random */
    axis axes[];
};

static inline uint32_t reverse(uint32_t x)
{
    x = x >> 16 | x << 16;
    x = (x >> 8 & 0x00ff00ffu) | (x & 0x00ff00ffu) << 8;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    return (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
}

static inline uint32_t scramble(uint32_t x, uint32_t key)
{
    x += key;
    x ^= x * 0x6c50b47cu;
    x ^= x * 0xb82f1e52u;
    x ^= x * 0xc7afe638u;
    return x ^ x * 0x8d22f6e6u;
}

/* Through a signed integer, which every vector unit converts. */
static inline double open_unit(uint32_t digits)
{
    return ((double)(int32_t)(digits ^ 0x80000000u) + 2147483648.5) * 0x1p-32;
}

/* Dimension 0 is the van der Corput sequence. Elsewhere the polynomial x^s + a_1 x^(s-1) + ... + 1 continues the
 * initial numbers: v_k = a_1 v_(k-1) ^ ... ^ a_(s-1) v_(k-s+1) ^ v_(k-s) ^ v_(k-s) / 2^s. */
static void set_directions(uint32_t direction[DIGITS], size_t dim)
{
    if (dim == 0) {
        for (unsigned k = 0; k < DIGITS; k++) {
            direction[k] = 1u << k;
        }
        return;
    }
    const rk_sobol_row *row = &rk_sobol_table[dim - 1];
    unsigned degree = 31u - (unsigned)__builtin_clz(row->polynomial);
    for (unsigned k = 0; k < degree; k++) {
        direction[k] = reverse((uint32_t)row->initial[k] << (DIGITS - 1 - k));
    }
    for (unsigned k = degree; k < DIGITS; k++) {
        direction[k] = direction[k - degree] ^ direction[k - degree] << degree;
        for (unsigned j = 1; j < degree; j++) {
            direction[k] ^= row->polynomial >> (degree - j) & 1 ? direction[k - j] : 0;
        }
    }
}

rk_sobol *rk_sobol_new(const rk_sobol_options *options)
{
    size_t n_axes = options->n_dims < RK_SOBOL_DIMS ? options->n_dims : RK_SOBOL_DIMS;
    n_axes = options->points == RK_POINTS_RANDOM ? 0 : n_axes;
    rk_sobol *sobol = malloc(sizeof *sobol + n_axes * sizeof *sobol->axes);
    if (!sobol) {
        return NULL;
    }
    sobol->options = *options;
    sobol->n_axes = n_axes;
    for (size_t dim = 0; dim < n_axes; dim++) {
        rk_random random = rk_random_of(options->seed, scramble_stream + dim);
        set_directions(sobol->axes[dim].direction, dim);
        sobol->axes[dim].key = rk_random_u32(&random);
    }
    return sobol;
}

void rk_sobol_free(rk_sobol *sobol) { free(sobol); }

static uint32_t digits_at(const uint32_t direction[DIGITS], uint32_t index)
{
    uint32_t digits = 0;
    for (uint32_t gray = index ^ index >> 1; gray; gray &= gray - 1) {
        digits ^= direction[__builtin_ctz(gray)];
    }
    return digits;
}

static void scrambled(double *column, const uint32_t *pattern, size_t n, uint32_t base, uint32_t key)
{
    for (size_t i = 0; i < n; i++) {
        column[i] = open_unit(reverse(scramble(pattern[i] ^ base, key)));
    }
}

static void plain(double *column, const uint32_t *pattern, size_t n, uint32_t base)
{
    for (size_t i = 0; i < n; i++) {
        column[i] = open_unit(reverse(pattern[i] ^ base));
    }
}

static void fill_axis(const rk_sobol *sobol, const axis *a, uint64_t first, size_t n, double *column)
{
    uint32_t pattern[BLOCK] = {0};
    for (unsigned i = 1; i < BLOCK; i++) {
        pattern[i] = pattern[i - 1] ^ a->direction[__builtin_ctz(i)];
    }
    for (size_t done = 0, part = 0; done < n; done += part) {
        uint32_t index = (uint32_t)(first + done), skip = index % BLOCK;
        uint32_t base = digits_at(a->direction, index - skip);
        part = n - done < BLOCK - skip ? n - done : BLOCK - skip;
        if (sobol->options.points == RK_POINTS_SCRAMBLED) {
            scrambled(column + done, pattern + skip, part, base, a->key);
        } else {
            plain(column + done, pattern + skip, part, base);
        }
    }
}

/* Number i of the column's stream is word i % 4 of block i / 4. */
static void fill_random(const rk_sobol *sobol, size_t dim, uint64_t first, size_t n, double *column)
{
    rk_random random = rk_random_of(sobol->options.seed, column_stream + dim);
    random.counter = first / WORDS_PER_COUNTER;
    for (uint64_t skip = first % WORDS_PER_COUNTER; skip > 0; skip--) {
        (void)rk_random_u32(&random);
    }
    for (size_t i = 0; i < n; i++) {
        column[i] = open_unit(rk_random_u32(&random));
    }
}

void rk_sobol_fill(const rk_sobol *sobol, size_t dim, uint64_t first, size_t n, double *column)
{
    assert(dim < sobol->options.n_dims && first <= UINT64_C(1) << DIGITS && n <= (UINT64_C(1) << DIGITS) - first);
    if (dim < sobol->n_axes) {
        fill_axis(sobol, &sobol->axes[dim], first, n, column);
    } else {
        fill_random(sobol, dim, first, n, column);
    }
}

/* dot_portable.c - the kernels in plain C: the reference for all others, and the last resort. */
#include "math/dot_kernels.h"

#include <math.h>

enum { LANES = 16, BATCH = 2, TILE = 1, GROUP_I8 = 16, GROUP_I4 = 16 };

typedef struct {
    float at[LANES];
} lanes;

static lanes zero(void) { return (lanes){{0}}; }

static lanes load_part(const float *from, size_t n)
{
    lanes out = zero();
    for (size_t i = 0; i < n; i++) {
        out.at[i] = from[i];
    }
    return out;
}

static lanes load(const float *from) { return load_part(from, LANES); }

static lanes load_half_part(const rk_half *from, size_t n)
{
    lanes out = zero();
    for (size_t i = 0; i < n; i++) {
        out.at[i] = rk_half_value(from[i]);
    }
    return out;
}

static lanes multiply_add(lanes s, lanes a, lanes b)
{
    for (int i = 0; i < LANES; i++) {
        s.at[i] = fmaf(a.at[i], b.at[i], s.at[i]);
    }
    return s;
}

static lanes add(lanes s, const float *row, lanes q) { return multiply_add(s, load(row), q); }

static lanes add_part(lanes s, const float *row, lanes q, size_t n) { return multiply_add(s, load_part(row, n), q); }

static lanes add_half_part(lanes s, const rk_half *row, lanes q, size_t n)
{
    return multiply_add(s, load_half_part(row, n), q);
}

static lanes add_half(lanes s, const rk_half *row, lanes q) { return add_half_part(s, row, q, LANES); }

static lanes add_bf16_part(lanes s, const rk_bf16 *row, lanes q, size_t n)
{
    lanes wide = zero();
    for (size_t i = 0; i < n; i++) {
        wide.at[i] = rk_bf16_value(row[i]);
    }
    return multiply_add(s, wide, q);
}

static lanes add_bf16(lanes s, const rk_bf16 *row, lanes q) { return add_bf16_part(s, row, q, LANES); }

static float total(lanes s)
{
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
            s.at[i] += s.at[i + half];
        }
    }
    return s.at[0];
}

static void totals(float *out, const lanes s[BATCH])
{
    for (int b = 0; b < BATCH; b++) {
        out[b] = total(s[b]);
    }
}

static void tile_totals(float *out, size_t stride, const lanes s[TILE * TILE])
{
    (void)stride;
    *out = total(s[0]);
}

typedef int32_t lanes_i8; /* exact, so one sum will do */
typedef const int8_t *group_i8;

static lanes_i8 add_part_i8(lanes_i8 s, const int8_t *row, group_i8 q, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        s += row[i] * q[i];
    }
    return s;
}

static lanes_i8 add_i8(lanes_i8 s, const int8_t *row, group_i8 q) { return add_part_i8(s, row, q, GROUP_I8); }

static void totals_i8(int32_t *out, const lanes_i8 s[BATCH])
{
    for (int b = 0; b < BATCH; b++) {
        out[b] = s[b];
    }
}

#define start_i8(query, dim) 0
#define load_i8(query) (query)
#define load_part_i8(query, n) (query)
#define total_i8(sums) (sums)
#define TARGET
typedef int32_t lanes_i4;

static lanes_i4 zero_i4(void) { return 0; }

static lanes_i4 add_i4(lanes_i4 s, const uint8_t *row, const int8_t *even, const int8_t *odd)
{
    for (int i = 0; i < GROUP_I4; i++) {
        s += (row[i] & 15) * even[i] + (row[i] >> 4) * odd[i];
    }
    return s;
}

static int32_t total_i4(lanes_i4 s) { return s; }

#define NAME "portable"
#define KERNELS rk_kernels_portable
#include "math/dot_kernel.inc.c"

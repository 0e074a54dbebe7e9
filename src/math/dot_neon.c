/* dot_neon.c - kernels for aarch64.
 *
 * Sixteen float lanes are four registers; four rows at a time use 16 of the 32 for sums and 4 for the query.
 * int8: products of 16 bits (128 * 128 fits) added in pairs to 32: exact for all values.
 */
#include "math/dot_kernels.h"

#include <arm_neon.h>
#include <math.h>
#include <string.h>

#define TARGET
#define INLINE static inline __attribute__((always_inline))

enum { LANES = 16, BATCH = 4, TILE = 2, GROUP_I8 = 16, GROUP_I4 = 16 };

typedef struct {
    float32x4_t at[4];
} lanes;

INLINE lanes zero(void)
{
    float32x4_t none = vdupq_n_f32(0.0f);
    return (lanes){{none, none, none, none}};
}

INLINE lanes load(const float *from)
{
    return (lanes){{vld1q_f32(from), vld1q_f32(from + 4), vld1q_f32(from + 8), vld1q_f32(from + 12)}};
}

INLINE lanes load_half(const rk_half *from)
{
    uint16x8_t low = vld1q_u16(from), high = vld1q_u16(from + 8);
    float16x8_t a = vreinterpretq_f16_u16(low), b = vreinterpretq_f16_u16(high);
    return (lanes){
        {vcvt_f32_f16(vget_low_f16(a)), vcvt_high_f32_f16(a), vcvt_f32_f16(vget_low_f16(b)), vcvt_high_f32_f16(b)}};
}

INLINE lanes load_part(const float *from, size_t n)
{
    float padded[LANES] = {0};
    memcpy(padded, from, n * sizeof *from);
    return load(padded);
}

INLINE lanes load_half_part(const rk_half *from, size_t n)
{
    rk_half padded[LANES] = {0};
    memcpy(padded, from, n * sizeof *from);
    return load_half(padded);
}

INLINE lanes multiply_add(lanes s, lanes a, lanes b)
{
    for (int i = 0; i < 4; i++) {
        s.at[i] = vfmaq_f32(s.at[i], a.at[i], b.at[i]);
    }
    return s;
}

INLINE lanes add(lanes s, const float *row, lanes q) { return multiply_add(s, load(row), q); }

INLINE lanes add_part(lanes s, const float *row, lanes q, size_t n) { return multiply_add(s, load_part(row, n), q); }

INLINE lanes add_half(lanes s, const rk_half *row, lanes q) { return multiply_add(s, load_half(row), q); }

INLINE lanes add_half_part(lanes s, const rk_half *row, lanes q, size_t n)
{
    return multiply_add(s, load_half_part(row, n), q);
}

INLINE lanes load_bf16(const rk_bf16 *from)
{
    lanes out;
    for (int i = 0; i < 4; i++) {
        out.at[i] = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(from + (ptrdiff_t)4 * i), 16));
    }
    return out;
}

INLINE lanes add_bf16(lanes s, const rk_bf16 *row, lanes q) { return multiply_add(s, load_bf16(row), q); }

INLINE lanes add_bf16_part(lanes s, const rk_bf16 *row, lanes q, size_t n)
{
    rk_bf16 padded[16] = {0};
    memcpy(padded, row, n * sizeof *row);
    return multiply_add(s, load_bf16(padded), q);
}

/* 8 + 8, 4 + 4, 2 + 2, 1 + 1 */
INLINE float total(lanes s)
{
    float32x4_t four = vaddq_f32(vaddq_f32(s.at[0], s.at[2]), vaddq_f32(s.at[1], s.at[3]));
    float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(vpadd_f32(two, two), 0);
}

INLINE void totals(float *out, const lanes s[BATCH])
{
    for (int b = 0; b < BATCH; b++) {
        out[b] = total(s[b]);
    }
}

INLINE void tile_totals(float *out, size_t stride, const lanes s[TILE * TILE])
{
    for (int i = 0; i < TILE * TILE; i++) {
        out[(size_t)(i / TILE) * stride + (size_t)(i % TILE)] = total(s[i]);
    }
}

typedef int32x4_t lanes_i8;
typedef int8x16_t group_i8;

INLINE lanes_i8 start_i8(const int8_t *query, size_t dim)
{
    (void)query;
    (void)dim;
    return vdupq_n_s32(0);
}

INLINE group_i8 load_i8(const int8_t *from) { return vld1q_s8(from); }

INLINE group_i8 load_part_i8(const int8_t *from, size_t n)
{
    int8_t padded[GROUP_I8] = {0};
    memcpy(padded, from, n);
    return load_i8(padded);
}

INLINE lanes_i8 multiply_add_i8(lanes_i8 s, group_i8 a, group_i8 b)
{
    s = vpadalq_s16(s, vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    return vpadalq_s16(s, vmull_high_s8(a, b));
}

INLINE lanes_i8 add_i8(lanes_i8 s, const int8_t *row, group_i8 q) { return multiply_add_i8(s, load_i8(row), q); }

INLINE lanes_i8 add_part_i8(lanes_i8 s, const int8_t *row, group_i8 q, size_t n)
{
    return multiply_add_i8(s, load_part_i8(row, n), q);
}

INLINE int32_t total_i8(lanes_i8 s) { return vaddvq_s32(s); }

INLINE void totals_i8(int32_t *out, const lanes_i8 s[BATCH])
{
    for (int b = 0; b < BATCH; b++) {
        out[b] = total_i8(s[b]);
    }
}

typedef int32x4_t lanes_i4;

INLINE lanes_i4 zero_i4(void) { return vdupq_n_s32(0); }

INLINE lanes_i4 add_i4(lanes_i4 s, const uint8_t *row, const int8_t *even, const int8_t *odd)
{
    uint8x16_t bytes = vld1q_u8(row);
    s = multiply_add_i8(s, vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(15))), vld1q_s8(even));
    return multiply_add_i8(s, vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4)), vld1q_s8(odd));
}

INLINE int32_t total_i4(lanes_i4 s) { return vaddvq_s32(s); }

#define NAME "neon"
#define KERNELS rk_kernels_neon
#include "math/dot_kernel.inc.c"

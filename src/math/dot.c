/* dot.c - which kernels run here, and the two small number formats.
 *
 * One source for all: dot_rows.inc.c is the loop, dot_kernel.inc.c puts a set together,
 * dot_{portable,avx2,avx512,neon}.c say how a processor adds sixteen products. All keep the same sixteen partial sums,
 * so all give the same bits.
 */
#include "math/dot.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <cpuid.h>
#endif

#include "math/dot_kernels.h"

enum { KERNELS_MAX = 4 };

/* __builtin_cpu_supports also asks whether the system saves the registers, and remembers. It does not know about halves
 * everywhere: cpuid does, but a virtual machine takes microseconds over it. AVX-512 F brings its own conversion. */
#ifdef __x86_64__
static bool has_avx2(void)
{
    unsigned a, b, c = 0, d;
    bool has_f16c = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C);
    return has_f16c && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void)
{
    return __builtin_cpu_supports("fma") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}
#endif

size_t rk_kernels_all(const rk_kernels **out, size_t max)
{
    const rk_kernels *found[KERNELS_MAX];
    size_t n = 0;
#ifdef __x86_64__
    if (has_avx512()) {
        found[n++] = &rk_kernels_avx512;
    }
    if (has_avx2()) {
        found[n++] = &rk_kernels_avx2;
    }
#endif
#ifdef __aarch64__
    found[n++] = &rk_kernels_neon;
#endif
    found[n++] = &rk_kernels_portable;
    memcpy(out, found, (n < max ? n : max) * sizeof *out);
    return n;
}

const rk_kernels *rk_kernels_best(void)
{
    const rk_kernels *all[KERNELS_MAX];
    const char *wanted = getenv("RECKON_KERNELS");
#ifdef __x86_64__
    if (!wanted && has_avx512()) {
        return &rk_kernels_avx512;
    }
#endif
    size_t n = rk_kernels_all(all, KERNELS_MAX);
    for (size_t i = 0; wanted && i < n; i++) {
        if (strcmp(all[i]->name, wanted) == 0) {
            return all[i];
        }
    }
    return all[0];
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* binary16: 1 sign, 5 exponent (bias 15), 10 fraction; binary32: 1, 8 (bias 127), 23. */
rk_half rk_half_of(float value)
{
    uint32_t bits = bits_of(value), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7FFFFFFFu;
    uint32_t half;
    if (magnitude > 0x7F800000u) {
        half = 0x7E00u | (magnitude >> 13 & 0x3FFu); /* NaN stays NaN, quiet */
    } else if (magnitude >= 0x477FF000u) {
        half = 0x7C00u; /* 65,520 and above rounds to infinity */
    } else if (magnitude < 0x38800000u) {
        /* Below 2^-14 halves are whole multiples of 2^-24; adding 0.5 makes the hardware round to them. */
        half = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
    } else {
        uint32_t is_odd = magnitude >> 13 & 1u;
        half = (magnitude + 0xFFFu + is_odd - (112u << 23)) >> 13;
    }
    return (rk_half)(sign | half);
}

float rk_half_value(rk_half value)
{
    uint32_t sign = (uint32_t)(value & 0x8000u) << 16, exponent = value >> 10 & 31u, fraction = value & 0x3FFu;
    if (exponent == 0) {
        float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    if (exponent == 31) {
        uint32_t quiet = fraction ? 0x400000u : 0u; /* as the hardware does */
        return float_of(sign | 0x7F800000u | quiet | fraction << 13);
    }
    return float_of(sign | (exponent + 112u) << 23 | fraction << 13);
}

void rk_half_of_row(rk_half *out, const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = rk_half_of(values[i]);
    }
}

rk_bf16 rk_bf16_of(float value)
{
    uint32_t bits = bits_of(value), is_odd = bits >> 16 & 1u;
    bool is_nan = (bits & 0x7FFFFFFFu) > 0x7F800000u;
    return (rk_bf16)(is_nan ? bits >> 16 | 0x40u : (bits + 0x7FFFu + is_odd) >> 16);
}

float rk_bf16_value(rk_bf16 value) { return float_of((uint32_t)value << 16); }

/* A row so small that its scale is no normal number any more may round beyond the most: clamped. */
static int quantise(float value, float scale, int most)
{
    long q = lrintf(value / scale);
    return (int)(q > most ? most : q < -most ? -most : q);
}

static float largest_of(const float *values, size_t n)
{
    float largest = 0.0f;
    for (size_t i = 0; i < n; i++) {
        float magnitude = fabsf(values[i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

float rk_int8_of_row(int8_t *out, const float *values, size_t n)
{
    float scale = largest_of(values, n) / 127.0f;
    if (scale == 0.0f) {
        memset(out, 0, n);
        return 0.0f;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = (int8_t)quantise(values[i], scale, 127);
    }
    return scale;
}

float rk_int4_of_row(uint8_t *out, const float *values, size_t n)
{
    float scale = largest_of(values, n) / 7.0f;
    for (size_t i = 0; i < n; i += 2) {
        int low = scale > 0 ? quantise(values[i], scale, 7) : 0;
        int high = scale > 0 && i + 1 < n ? quantise(values[i + 1], scale, 7) : 0;
        out[i / 2] = (uint8_t)((low + 8) | (high + 8) << 4);
    }
    return scale;
}

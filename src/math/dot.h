/* dot.h - inner products of one query with many rows, chosen for the processor at run time.
 *
 * Rows:  [n_rows x dim], row r starts at rows + r * stride (stride >= dim, in elements).
 * Bits:  every kernel of one element type gives the same bits: 16 partial sums (element i goes to sum i % 16, fused
 *        multiply-add; the last group padded with zeros), added pairwise 8+8, 4+4, 2+2, 1+1. So a model answers alike
 *        on every machine.
 * int8:  exact 32-bit sums, -128 included; dim <= 65,536.
 */
#ifndef RECKON_MATH_DOT_H
#define RECKON_MATH_DOT_H

#include <stddef.h>
#include <stdint.h>

typedef uint16_t rk_half; /* IEEE 754 binary16 bits */
typedef uint16_t rk_bf16; /* the upper half of a float's bits */

enum { RK_INT4_ALIGN = 64 }; /* bytes that rows of pairs are padded to */

/* Every row of a with every row of b. Strides in elements. */
typedef struct {
    float *out; /* [m x n] */
    size_t out_stride;
    const float *a; /* [m x dim] */
    size_t a_stride, m;
    const float *b; /* [n x dim] */
    size_t b_stride, n;
    size_t dim;
} rk_dot_product;

typedef struct {
    const char *name; /* "portable", "avx2", "avx512", "neon" */
    float (*dot_f32)(const float *a, const float *b, size_t n);
    void (*rows_f32)(float *out, const float *rows, size_t stride, size_t n_rows, const float *query, size_t dim);
    void (*rows_f16)(float *out, const rk_half *rows, size_t stride, size_t n_rows, const float *query, size_t dim);
    void (*rows_bf16)(float *out, const rk_bf16 *rows, size_t stride, size_t n_rows, const float *query, size_t dim);
    void (*rows_i8)(int32_t *out, const int8_t *rows, size_t stride, size_t n_rows, const int8_t *query, size_t dim);
    /* Rows of pairs as rk_int4_of_row makes them: [n_rows x stride] bytes, stride a multiple of RK_INT4_ALIGN; even,
     * odd: [stride] what meets the first and the second of each pair, zeros behind the end. */
    void (*rows_i4)(int32_t *out, const uint8_t *rows, size_t stride, size_t n_rows, const int8_t *even,
                    const int8_t *odd);
    /* The bits of rows_f32 at the pace of a matrix product. */
    void (*product_f32)(const rk_dot_product *product);
    /* y += a * x, the inner loop of Gramians and conjugate gradients; one rounding per element (fused). */
    void (*axpy_f32)(float *y, const float *x, float a, size_t n);
} rk_kernels;

/* The best this processor runs; environment RECKON_KERNELS=portable|avx2|avx512|neon asks for a lesser one, and is
 * passed over when it names none that runs here. Ask once and keep the pointer. */
const rk_kernels *rk_kernels_best(void);
/* Every one this processor runs, best first; the last is "portable". Returns how many; at most max written. */
size_t rk_kernels_all(const rk_kernels **out, size_t max);

/* Round to nearest even. */
rk_half rk_half_of(float value);
float rk_half_value(rk_half value);
void rk_half_of_row(rk_half *out, const float *values, size_t n);

/* Round to nearest even; NaN stays NaN. */
rk_bf16 rk_bf16_of(float value);
float rk_bf16_value(rk_bf16 value);

/* Symmetric: scale = max|v| / 7, q = round half-even of v / scale; a byte holds the q + 8 of two numbers, the first in
 * its lower half; out: [(n + 1) / 2]. Returns the scale, 0 for a zero row. */
float rk_int4_of_row(uint8_t *out, const float *values, size_t n);
/* Number i of a row, before the scale: -8 .. 7. */
static inline int rk_int4_at(const uint8_t *row, size_t i) { return (row[i / 2] >> (i % 2 * 4) & 15) - 8; }

/* Symmetric: scale = max|v| / 127, q = round half-even of v / scale, in -127..127; a zero row has scale 0.
 * Returns the scale. Values are finite. */
float rk_int8_of_row(int8_t *out, const float *values, size_t n);

#endif

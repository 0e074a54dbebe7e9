/* dot_kernel.inc.c - a whole set of kernels, made of the few operations that the including file knows how to do.
 *
 * The including file defines TARGET (its function attribute), BATCH, TILE, GROUP_I8, NAME and KERNELS, and for floats
 *   lanes (16 of them), zero, load, load_part, add, add_part, add_half, add_half_part, add_bf16, add_bf16_part, total,
 * totals, tile_totals and for int8 lanes_i8 (sums), group_i8, start_i8, load_i8, load_part_i8, add_i8, add_part_i8,
 * total_i8, totals_i8 and for pairs of int4 GROUP_I4 bytes (a divisor of RK_INT4_ALIGN), lanes_i4 (sums), zero_i4,
 * add_i4, total_i4. A _part takes the first n elements of a group; the rest count as zeros.
 */
enum { AHEAD = 8 }; /* rows */

/* By address and not by pointer: near the end it lies outside of the rows, where asking is harmless. */
static inline void prefetch(const void *from, size_t ahead_bytes)
{
    __builtin_prefetch((const void *)((uintptr_t)from + ahead_bytes));
}

#define ROWS rows_f32
#define ONE one_f32
#define OUT float
#define ROW float
#define QUERY float
#define GROUP 16
#define SUMS lanes
#define QUERY_GROUP lanes
#define START(query, dim) zero()
#define LOAD load
#define LOAD_PART load_part
#define ADD add
#define ADD_PART add_part
#define TOTAL total
#define TOTALS totals
#include "math/dot_rows.inc.c"

#include "math/dot_product.inc.c"

#define ROWS rows_f16
#define ONE one_f16
#define OUT float
#define ROW rk_half
#define QUERY float
#define GROUP 16
#define SUMS lanes
#define QUERY_GROUP lanes
#define START(query, dim) zero()
#define LOAD load
#define LOAD_PART load_part
#define ADD add_half
#define ADD_PART add_half_part
#define TOTAL total
#define TOTALS totals
#include "math/dot_rows.inc.c"

#define ROWS rows_bf16
#define ONE one_bf16
#define OUT float
#define ROW rk_bf16
#define QUERY float
#define GROUP 16
#define SUMS lanes
#define QUERY_GROUP lanes
#define START(query, dim) zero()
#define LOAD load
#define LOAD_PART load_part
#define ADD add_bf16
#define ADD_PART add_bf16_part
#define TOTAL total
#define TOTALS totals
#include "math/dot_rows.inc.c"

#define ROWS rows_i8
#define ONE one_i8
#define OUT int32_t
#define ROW int8_t
#define QUERY int8_t
#define GROUP GROUP_I8
#define SUMS lanes_i8
#define QUERY_GROUP group_i8
#define START start_i8
#define LOAD load_i8
#define LOAD_PART load_part_i8
#define ADD add_i8
#define ADD_PART add_part_i8
#define TOTAL total_i8
#define TOTALS totals_i8
#include "math/dot_rows.inc.c"

/* Halves are kept as q + 8, which is taken away from all products at once. Four rows walk together, as in dot_rows. */
static TARGET void rows_i4(int32_t *out, const uint8_t *rows, size_t stride, size_t n_rows, const int8_t *even,
                           const int8_t *odd)
{
    enum { WALKERS = 4 };
    int32_t eights = 0;
    size_t r = 0;
    for (size_t i = 0; i < stride; i++) {
        eights += 8 * (even[i] + odd[i]);
    }
    for (; r + WALKERS <= n_rows; r += WALKERS, rows += WALKERS * stride) {
        lanes_i4 s[WALKERS] = {zero_i4(), zero_i4(), zero_i4(), zero_i4()};
        for (size_t i = 0; i < stride; i += GROUP_I4) {
            for (size_t w = 0; w < WALKERS; w++) {
                prefetch(rows + w * stride + i, AHEAD * stride);
                s[w] = add_i4(s[w], rows + w * stride + i, even + i, odd + i);
            }
        }
        for (size_t w = 0; w < WALKERS; w++) {
            out[r + w] = total_i4(s[w]) - eights;
        }
    }
    for (; r < n_rows; r++, rows += stride) {
        lanes_i4 s = zero_i4();
        for (size_t i = 0; i < stride; i += GROUP_I4) {
            s = add_i4(s, rows + i, even + i, odd + i);
        }
        out[r] = total_i4(s) - eights;
    }
}

static TARGET float dot_f32(const float *a, const float *b, size_t n) { return one_f32(a, b, n, zero()); }

/* The compiler makes vectors of this by itself; fmaf is one instruction wherever a kernel other than portable runs. */
static TARGET void axpy_f32(float *y, const float *x, float a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = fmaf(a, x[i], y[i]);
    }
}

const rk_kernels KERNELS = {NAME, dot_f32, rows_f32, rows_f16, rows_bf16, rows_i8, rows_i4, product_f32, axpy_f32};

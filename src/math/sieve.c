/* sieve.c - see sieve.h.
 *
 * Unsigned times signed bytes is what VNNI multiplies, so items are stored with 128 added and each sum starts at
 * -128 times the sum of the query's bytes. Four elements of sixteen items side by side are one register: no sum over
 * lanes is ever needed.
 * Rounding: whoever compares with the bound has made his product in floats, and so has the bound. Both err by less than
 * |q| |y| (dim / 16 + 16) 2^-23, which is added to the length of the query's error.
 */
#include "math/sieve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/dot.h"
#include "math/sieve_kernel.h"

enum { GROUP = 16, QUAD = 4, OFFSET = 128, ALIGN = 64 };

bool rk_sieve_is_fast(void) { return strcmp(rk_kernels_best()->name, "avx512") == 0; }

static float *room(size_t n) { return aligned_alloc(ALIGN, (n * sizeof(float) + ALIGN) / ALIGN * ALIGN); }

bool rk_sieve_init(rk_sieve *sieve, size_t n, size_t dim)
{
    size_t padded = (n + RK_SIEVE_ITEMS - 1) / RK_SIEVE_ITEMS * RK_SIEVE_ITEMS, n_quads = (dim + QUAD - 1) / QUAD;
    *sieve = (rk_sieve){.n = n, .dim = dim, .n_quads = n_quads, .is_fast = rk_sieve_is_fast()};
    sieve->bytes = aligned_alloc(ALIGN, (padded * n_quads * QUAD + ALIGN) / ALIGN * ALIGN);
    sieve->scale = room(padded);
    sieve->error = room(padded);
    sieve->length = room(padded);
    sieve->extra = room(padded);
    if (!sieve->bytes || !sieve->scale || !sieve->error || !sieve->length || !sieve->extra) {
        return false;
    }
    memset(sieve->bytes, OFFSET, padded * n_quads * QUAD);
    for (size_t i = 0; i < padded; i++) {
        sieve->scale[i] = sieve->error[i] = sieve->length[i] = 0;
        sieve->extra[i] = NAN; /* no comparison with it holds */
    }
    return true;
}

void rk_sieve_release(rk_sieve *sieve)
{
    free(sieve->bytes);
    free(sieve->scale);
    free(sieve->error);
    free(sieve->length);
    free(sieve->extra);
    *sieve = (rk_sieve){0};
}

typedef struct {
    float scale, error, length; /* of the vector */
    float told;                 /* the length of what the bytes say */
} quantised;

/* A little too long rather than too short. */
static float upwards(double square) { return nextafterf((float)sqrt(square), INFINITY); }

static quantised quantise(int8_t *bytes, const float *vector, size_t dim)
{
    quantised out = {.scale = rk_int8_of_row(bytes, vector, dim)};
    double error = 0, length = 0, told = 0;
    for (size_t i = 0; i < dim; i++) {
        double value = (double)vector[i], near = (double)out.scale * bytes[i];
        error += (value - near) * (value - near);
        length += value * value;
        told += near * near;
    }
    out.error = upwards(error);
    out.length = upwards(length);
    out.told = upwards(told);
    return out;
}

void rk_sieve_put(rk_sieve *sieve, size_t at, const float *vector, float extra)
{
    int8_t bytes[RK_SIEVE_DIM_MAX];
    quantised v = quantise(bytes, vector, sieve->dim);
    uint8_t *group = sieve->bytes + at / GROUP * GROUP * QUAD * sieve->n_quads + at % GROUP * QUAD;
    for (size_t i = 0; i < sieve->dim; i++) {
        group[i / QUAD * GROUP * QUAD + i % QUAD] = (uint8_t)(bytes[i] + OFFSET);
    }
    sieve->scale[at] = v.scale;
    sieve->error[at] = v.error;
    sieve->length[at] = v.length;
    sieve->extra[at] = extra + fabsf(extra) * 0x1p-22F; /* adding it to a product rounds, too */
}

size_t rk_sieve_query_bytes(const rk_sieve *sieve) { return RK_SIEVE_QUERIES * QUAD * sieve->n_quads; }

void rk_sieve_queries_clear(const rk_sieve *sieve, int8_t *bytes, rk_sieve_queries *queries)
{
    *queries = (rk_sieve_queries){.n_quads = sieve->n_quads, .bytes = bytes};
    memset(bytes, 0, rk_sieve_query_bytes(sieve));
    for (size_t q = 0; q < RK_SIEVE_QUERIES; q++) {
        queries->least[q] = NAN;
    }
}

void rk_sieve_ask(const rk_sieve *sieve, rk_sieve_queries *queries, size_t at, const float *vector)
{
    int8_t *bytes = queries->bytes + at * QUAD * sieve->n_quads;
    quantised v = quantise(bytes, vector, sieve->dim);
    int32_t sum = 0;
    for (size_t i = 0; i < sieve->dim; i++) {
        sum += bytes[i];
    }
    queries->start[at] = -OFFSET * sum;
    queries->scale[at] = v.scale;
    queries->error[at] = v.error + v.length * (float)(sieve->dim / GROUP + GROUP) * 0x1p-23F;
    queries->length[at] = v.told;
}

static int32_t product(const uint8_t *item, const int8_t *query, size_t n_quads)
{
    int32_t sum = 0;
    for (size_t i = 0; i < n_quads * QUAD; i++) {
        sum += item[i / QUAD * GROUP * QUAD + i % QUAD] * query[i];
    }
    return sum;
}

void rk_sieve_kernel_portable(const rk_sieve *sieve, const rk_sieve_queries *queries, size_t from, size_t n,
                              uint16_t *may)
{
    size_t n_quads = sieve->n_quads;
    for (size_t g = 0; g < n / GROUP; g++) {
        for (size_t q = 0; q < RK_SIEVE_QUERIES; q++) {
            unsigned bits = 0;
            for (size_t i = 0; i < GROUP; i++) {
                size_t at = from + g * GROUP + i;
                const uint8_t *item = sieve->bytes + (from + g * GROUP) * QUAD * n_quads + i * QUAD;
                int32_t sum = queries->start[q] + product(item, queries->bytes + q * QUAD * n_quads, n_quads);
                float bound = (float)sum * queries->scale[q] * sieve->scale[at] + sieve->extra[at];
                bound += queries->length[q] * sieve->error[at] + queries->error[q] * sieve->length[at];
                bits |= (unsigned)(bound >= queries->least[q]) << i;
            }
            may[g * RK_SIEVE_QUERIES + q] = (uint16_t)bits;
        }
    }
}

void rk_sieve_pass(const rk_sieve *sieve, const rk_sieve_queries *queries, size_t from, size_t n, uint16_t *may)
{
#if defined(__x86_64__)
    if (sieve->is_fast) {
        rk_sieve_kernel_avx512(sieve, queries, from, n, may);
        return;
    }
#endif
    rk_sieve_kernel_portable(sieve, queries, from, n, may);
}

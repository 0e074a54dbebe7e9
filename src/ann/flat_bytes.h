/* flat_bytes.h - all items told from bytes: a quarter of the memory traffic of floats, and not one answer different.
 *
 * A vector v is scale * bytes + error, the bytes as rk_int8_of_row makes them. For a query q and an item y
 *     <q, y> <= scale_q scale_y <bytes_q, bytes_y> + |q - error_q| |error_y| + |error_q| |y|        (Cauchy, Schwarz)
 * so what stays below the k-th best score so far is out for certain, and the few that are left are scored in floats.
 * math/sieve.h does the same for eight queries at once, with lengths for each item; here one query reads every byte,
 * so memory is the limit and lengths are kept for sixteen items together. Items stand in order of falling length: those
 * together are alike, and a query ends where |q| |y| falls below the k-th best.
 */
#ifndef RECKON_ANN_FLAT_BYTES_H
#define RECKON_ANN_FLAT_BYTES_H

#include "ann/ann.h"

enum { RK_FLAT_GROUP = 16, RK_FLAT_QUAD = 4, RK_FLAT_BLOCK = 1024 };

typedef struct {
    float error, length; /* the largest of the group */
} rk_flat_group;

/* Pointers are owned when built, else the artefact's. Positions count items in order of falling length. */
typedef struct {
    size_t n, n_groups, n_quads;
    const uint32_t *item;       /* [n] at each position */
    const uint8_t *bytes;       /* [n_groups][n_quads][16][4] bytes + 128; 128 behind the last */
    const float *scale;         /* [n_groups * 16] */
    const rk_flat_group *group; /* [n_groups] falling lengths */
    void *own;                  /* the one allocation behind them; NULL: opened */
} rk_flat_bytes;

RK_MUST_CHECK rk_status rk_flat_bytes_build(const rk_ann_rows *base, const rk_run *run, rk_flat_bytes *out,
                                            rk_error *err);
RK_MUST_CHECK rk_status rk_flat_bytes_write(const rk_flat_bytes *bytes, rk_artefact_writer *writer, rk_error *err);
RK_MUST_CHECK rk_status rk_flat_bytes_open(const rk_artefact *artefact, const rk_ann_rows *base, rk_flat_bytes *out,
                                           rk_error *err);
void rk_flat_bytes_release(rk_flat_bytes *bytes);
uint64_t rk_flat_bytes_size(const rk_flat_bytes *bytes);
/* query_bytes: [n_quads * 4] scratch. Offers what could enter topk. */
void rk_flat_bytes_search(const rk_flat_bytes *bytes, const rk_ann_rows *base, const rk_ann_question *question,
                          int8_t *query_bytes, rk_topk *topk);

/* ---- the loop, one per instruction set; the sums are whole numbers, the same in all ---- */

typedef struct {
    const rk_flat_bytes *bytes;
    const int8_t *query; /* [n_quads * 4] */
    int32_t start;       /* -128 * the sum of query */
    float inverse_scale; /* of the query */
    float told, doubt;   /* |q - error_q|; |error_q| and what floats may round */
    float least;         /* the score to be reached */
} rk_flat_scan;

/* may[g]: bit i tells whether position (first + g) * 16 + i may reach least. Sure of no, never of yes. */
typedef void rk_flat_kernel(const rk_flat_scan *scan, size_t first, size_t n, uint16_t *may);

rk_flat_kernel rk_flat_kernel_portable;
#if defined(__x86_64__)
rk_flat_kernel rk_flat_kernel_avx2, rk_flat_kernel_avx512;
#endif
/* The one for the set that rk_kernels_best has chosen. */
rk_flat_kernel *rk_flat_kernel_best(void);

/* What the sum times the scale of an item must reach, for the items of a group. */
static inline float rk_flat_limit(const rk_flat_scan *scan, size_t group)
{
    const rk_flat_group *g = &scan->bytes->group[group];
    return (scan->least - scan->told * g->error - scan->doubt * g->length) * scan->inverse_scale;
}

#endif

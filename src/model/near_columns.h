/* near_columns.h - the weights of a `neighbours` model, collected item by item as their algorithm finds them.
 *
 * An algorithm solves for one item at a time, from which others a history speaks for it; the model holds the same the
 * other way round, a row for each item of the history.
 */
#ifndef RECKON_MODEL_NEAR_COLUMNS_H
#define RECKON_MODEL_NEAR_COLUMNS_H

#include "math/csr.h"
#include "math/topk.h"

typedef struct {
    uint32_t n_items, most;
    uint32_t *count; /* [n_items] */
    uint32_t *from;  /* [n_items x most] */
    float *weight;   /* [n_items x most] */
} rk_near_columns;

/* most: weights that an item may have. End with release, after a failure too. */
RK_MUST_CHECK rk_status rk_near_columns_init(rk_near_columns *columns, uint32_t n_items, uint32_t most, rk_error *err);
void rk_near_columns_release(rk_near_columns *columns); /* accepts a zeroed one */
uint64_t rk_near_columns_bytes(uint32_t n_items, uint32_t most);

/* Keeps the `most` largest weights by magnitude, of more than threshold each; equal ones by the smaller item.
 * from: [n] ascending, NULL = 0, 1, ...; weight: [n]. best: a selector for `most`. Items may come in any
 * order and from any thread, each once. */
void rk_near_columns_put(rk_near_columns *columns, uint32_t item, const uint32_t *from, const float *weight, uint32_t n,
                         float threshold, rk_topk *best);
/* The rows, with values; frees what was collected. */
RK_MUST_CHECK rk_status rk_near_columns_turn(rk_near_columns *columns, rk_csr *near, rk_error *err);

#endif

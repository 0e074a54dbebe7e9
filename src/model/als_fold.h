/* als_fold.h - folding new histories into a trained ALS model, and explaining its answers. */
#ifndef RECKON_MODEL_ALS_FOLD_H
#define RECKON_MODEL_ALS_FOLD_H

#include "model/als_row.h"

/* The section encode.state from the weights, dim and diagonal of half; *state is malloc'ed. */
RK_MUST_CHECK rk_status rk_als_fold_state(const rk_als_half *half, float **state, size_t *n_state, rk_error *err);
/* See rk_model_kind. */
RK_MUST_CHECK rk_status rk_als_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                      rk_error *err);
RK_MUST_CHECK rk_status rk_als_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                                       rk_arena *arena, float *share, rk_error *err);
RK_MUST_CHECK rk_status rk_als_turn(const rk_model *model, const float *basis, const double *diagonal, size_t k,
                                    float **state, size_t *n_state, rk_error *err);

#endif

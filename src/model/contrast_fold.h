/* contrast_fold.h - folding new histories into a model that contrast.h taught, and explaining its answers. */
#ifndef RECKON_MODEL_CONTRAST_FOLD_H
#define RECKON_MODEL_CONTRAST_FOLD_H

#include "model/contrast.h"

/* The section encode.state of what was learnt; *state is 64-byte aligned, to be freed. */
RK_MUST_CHECK rk_status rk_contrast_fold_state(const rk_contrast *c, float **state, size_t *n_state, rk_error *err);
/* See rk_model_kind. */
RK_MUST_CHECK rk_status rk_contrast_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                           rk_error *err);
RK_MUST_CHECK rk_status rk_contrast_explain(const rk_model *model, rk_history history, const uint32_t *items,
                                            size_t n_items, rk_arena *arena, float *share, rk_error *err);

#endif

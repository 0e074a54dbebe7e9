/* model_draft.c - a draft that answers before it is written: for algorithms that judge what they have so far. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_inside.h"

/* What an opened model has around what a draft holds. */
typedef struct {
    rk_model model;
    rk_section state;
    float *vectors; /* padded to whole strides */
} shell;

static bool pad_vectors(shell *s, const rk_model_draft *draft)
{
    rk_model *m = &s->model;
    m->type = RK_F32;
    m->dim = draft->dim;
    m->stride = rk_model_stride(RK_F32, draft->dim);
    s->vectors = aligned_alloc(64, ((size_t)draft->n_items * m->stride + 16) * sizeof *s->vectors);
    m->inverse_norm = calloc((size_t)draft->n_items + 1, sizeof *m->inverse_norm);
    if (!s->vectors || !m->inverse_norm) {
        return false;
    }
    memset(s->vectors, 0, (size_t)draft->n_items * m->stride * sizeof *s->vectors);
    for (size_t i = 0; i < draft->n_items; i++) {
        const float *row = draft->item_vector + i * draft->dim;
        float square = m->kernels->dot_f32(row, row, draft->dim);
        m->inverse_norm[i] = square > 0 ? 1 / sqrtf(square) : 0;
        memcpy(s->vectors + i * m->stride, row, draft->dim * sizeof *row);
    }
    m->item_vector = s->vectors;
    return true;
}

rk_status rk_model_of_draft(const rk_model_kind *kind, const rk_model_draft *draft, const rk_dataset *dataset,
                            rk_model **out, rk_error *err)
{
    shell *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "a model");
    }
    rk_model *m = &s->model;
    *m = (rk_model){.artefact = dataset->artefact,
                    .kind = kind,
                    .n_users = draft->n_users,
                    .n_items = draft->n_items,
                    .mu = draft->mu,
                    .is_rating = draft->is_rating,
                    .item_bias = draft->item_bias,
                    .user_vector = draft->user_vector,
                    .user_bias = draft->user_bias,
                    .n_near_rows = draft->near.n_rows,
                    .near_start = draft->near.n_rows > 0 ? draft->near.start : NULL,
                    .near_item = draft->near.col,
                    .near_weight = draft->near.value,
                    .n_near = draft->near.n_rows > 0 ? draft->near.start[draft->near.n_rows] : 0,
                    .owner_start = draft->owners.n_rows > 0 ? draft->owners.start : NULL,
                    .owner_row = draft->owners.col,
                    .owner_value = draft->owners.value,
                    .seen_start = draft->seen.start,
                    .seen_item = draft->seen.col,
                    .seen_value = draft->seen.value,
                    .users = dataset->users,
                    .items = dataset->items,
                    .titles = dataset->title,
                    .kernels = rk_kernels_best()};
    snprintf(m->label, sizeof m->label, "%.40s", kind->name);
    if (draft->encode) {
        s->state = (rk_section){.name = "encode.state",
                                .type = RK_F32,
                                .rows = draft->n_encode,
                                .cols = 1,
                                .data = draft->encode,
                                .bytes = draft->n_encode * sizeof(float)};
        m->encode_state = &s->state;
    }
    if (draft->dim > 0 && !pad_vectors(s, draft)) {
        rk_model_of_draft_free(m);
        return rk_fail_memory(err, "a model");
    }
    *out = m;
    return RK_OK;
}

void rk_model_of_draft_free(rk_model *model)
{
    if (model) {
        shell *s = (shell *)model; /* its first member */
        free(s->vectors);
        free(model->inverse_norm);
        free(s);
    }
}

/* graph_fold.c - see graph.h: a new user is one more row of a linear filter. */
#include "model/graph.h"

#include "model/model_inside.h"

/* The two parts of encode.state; NULL for a model without vectors. */
typedef struct {
    const float *frequency, *item;
} state;

static rk_status read_state(const rk_model *model, state *out, rk_error *err)
{
    const rk_section *section = model->encode_state;
    if (model->dim == 0) {
        return RK_OK;
    }
    if (!section || section->rows != (uint64_t)model->dim + model->n_items) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit a graph of %u vectors",
                       rk_artefact_path(model->artefact), model->dim);
    }
    *out = (state){section->data, (const float *)section->data + model->dim};
    return RK_OK;
}

static float value_at(rk_history history, size_t h) { return history.value ? history.value[h] : 1; }

/* The rows of the neighbours are the history itself, as they come. */
rk_status rk_graph_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    state s = {0};
    rk_status status = read_state(model, &s, err);
    float *vector = RK_TAKE(arena, float, model->dim);
    if (!status && !vector) {
        status = rk_fail_memory(err, "a query");
    }
    for (size_t h = 0; !status && model->dim > 0 && h < history.n; h++) {
        uint32_t item = history.item[h];
        rk_model_item_vector(model, item, vector);
        model->kernels->axpy_f32(query->vector, vector, value_at(history, h) * s.item[item], model->dim);
    }
    for (size_t d = 0; !status && d < model->dim; d++) {
        query->vector[d] *= s.frequency[d];
    }
    return status;
}

rk_status rk_graph_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                           rk_arena *arena, float *weight, rk_error *err)
{
    state s = {0};
    rk_status status = read_state(model, &s, err);
    float *mine = RK_TAKE(arena, float, model->dim), *theirs = RK_TAKE(arena, float, model->dim);
    if (!status && (!mine || !theirs)) {
        status = rk_fail_memory(err, "reasons");
    }
    for (size_t i = 0; !status && i < n_items; i++) {
        rk_model_item_vector(model, items[i], mine);
        for (size_t d = 0; d < model->dim; d++) {
            mine[d] *= s.frequency[d];
        }
        for (size_t h = 0; h < history.n; h++) {
            uint32_t item = history.item[h];
            rk_model_item_vector(model, item, theirs);
            float share = model->dim > 0 ? s.item[item] * model->kernels->dot_f32(mine, theirs, model->dim) : 0;
            share += model->near_start ? rk_model_near(model, item, items[i]) : 0;
            weight[i * history.n + h] = value_at(history, h) * share;
        }
    }
    return status;
}

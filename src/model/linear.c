/* linear.c - see linear.h. */
#include "model/linear.h"

#include "model/model_inside.h"

const char rk_linear_name[] = "linear";

typedef struct {
    const float *matrix, *item;
} state;

static rk_status read_state(const rk_model *model, state *out, rk_error *err)
{
    const rk_section *section = model->encode_state;
    if (!section || section->rows != rk_linear_state_size(model->dim, model->n_items)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit a linear encoder of %u factors",
                       rk_artefact_path(model->artefact), model->dim);
    }
    *out = (state){section->data, (const float *)section->data + (size_t)model->dim * model->dim};
    return RK_OK;
}

static float value_at(rk_history history, size_t h) { return history.value ? history.value[h] : 1; }

void rk_linear_mean(const float *vectors, const float *item_weight, size_t dim, rk_history history, float *z)
{
    const rk_kernels *kernels = rk_kernels_best();
    for (size_t h = 0; h < history.n; h++) {
        uint32_t item = history.item[h];
        float weight = value_at(history, h) * item_weight[item] / (float)history.n;
        kernels->axpy_f32(z, vectors + item * dim, weight, dim);
    }
}

static rk_status encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    state s = {0};
    rk_status status = read_state(model, &s, err);
    float *vector = RK_TAKE(arena, float, model->dim), *mean = RK_TAKE(arena, float, model->dim);
    if (!status && (!vector || !mean)) {
        status = rk_fail_memory(err, "a query");
    }
    for (size_t h = 0; !status && h < history.n; h++) {
        float weight = value_at(history, h) * s.item[history.item[h]] / (float)history.n;
        rk_model_item_vector(model, history.item[h], vector);
        model->kernels->axpy_f32(mean, vector, weight, model->dim);
    }
    if (!status) {
        model->kernels->rows_f32(query->vector, s.matrix, model->dim, model->dim, mean, model->dim);
    }
    return status;
}

static rk_status explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                         rk_arena *arena, float *weight, rk_error *err)
{
    state s = {0};
    rk_status status = read_state(model, &s, err);
    float *mine = RK_TAKE(arena, float, model->dim), *asked = RK_TAKE(arena, float, model->dim);
    float *theirs = RK_TAKE(arena, float, model->dim);
    if (!status && (!mine || !asked || !theirs)) {
        status = rk_fail_memory(err, "reasons");
    }
    for (size_t h = 0; !status && h < history.n; h++) {
        rk_model_item_vector(model, history.item[h], theirs);
        model->kernels->rows_f32(asked, s.matrix, model->dim, model->dim, theirs, model->dim);
        float each = value_at(history, h) * s.item[history.item[h]] / (float)history.n;
        for (size_t i = 0; i < n_items; i++) {
            rk_model_item_vector(model, items[i], mine);
            weight[i * history.n + h] = each * model->kernels->dot_f32(asked, mine, model->dim);
        }
    }
    return status;
}

/* It is made of a trained model only. */
static rk_status train(const rk_dataset *dataset, const void *settings, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    (void)dataset, (void)settings, (void)run, (void)out;
    return rk_fail(err, RK_BAD_USAGE,
                   "a 'linear' model is made of a trained one: reckon compress MODEL.rk --to distil");
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings, unsigned n_threads)
{
    (void)dataset, (void)settings, (void)n_threads;
    return 0;
}

const rk_model_kind rk_model_kind_linear = {
    .name = rk_linear_name,
    .summary = "vectors with a linear encoder: what reckon compress --to distil makes of a larger model",
    .train = train,
    .predict_bytes = predict_bytes,
    .encode = encode,
    .explain = explain,
};

/* als_fold.c - a new user is one more row of als.c: the same problem, solved exactly.
 *
 * A score is then a sum over the history (Hu, Koren, Volinsky, section 5): with B = (G'G + I)^-1 in ridge space,
 *     score(i) = <B G'c, D^(-1/2) y_i> = sum over j of c_j <g_j, B D^(-1/2) y_i>
 * and the terms are the reasons. No approximation, and one factorisation for a whole answer.
 *
 *   encode.state[i]  meaning
 *     0..4           lambda, exponent, unobserved weight, alpha, 1 when the confidence is logarithmic
 *     5..            [dim] unobserved weight * eigenvalues of the items' Gramian, in whose basis the vectors are stored
 */
#include "model/als_fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_inside.h"

enum { LAMBDA, EXPONENT, UNOBSERVED, ALPHA, IS_LOG, DIAGONAL };

rk_status rk_als_fold_state(const rk_als_half *half, float **state, size_t *n_state, rk_error *err)
{
    const rk_als_weights *w = &half->weights;
    float *at = malloc((DIAGONAL + half->dim) * sizeof *at);
    if (!at) {
        return rk_fail_memory(err, "the encoder's state");
    }
    at[LAMBDA] = (float)w->lambda;
    at[EXPONENT] = (float)w->exponent;
    at[UNOBSERVED] = (float)w->unobserved;
    at[ALPHA] = (float)w->alpha;
    at[IS_LOG] = w->is_log ? 1 : 0;
    memcpy(at + DIAGONAL, half->diagonal, half->dim * sizeof *at);
    *state = at;
    *n_state = DIAGONAL + half->dim;
    return RK_OK;
}

/* The problem of one history over a model, in rooms from the arena. */
typedef struct {
    rk_als_half half;
    rk_ridge_room room;
} fold;

static rk_status read_state(const rk_model *model, rk_als_half *half, rk_error *err)
{
    const rk_section *section = model->encode_state;
    if (!section || section->rows != DIAGONAL + (uint64_t)model->dim) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit an als of %u factors",
                       rk_artefact_path(model->artefact), model->dim);
    }
    const float *at = section->data;
    half->weights = (rk_als_weights){(double)at[LAMBDA], (double)at[EXPONENT], (double)at[UNOBSERVED],
                                     (double)at[ALPHA], at[IS_LOG] > 0};
    half->n_fixed = model->n_items;
    half->dim = model->dim;
    half->width = rk_ridge_width(model->dim);
    half->diagonal = at + DIAGONAL;
    return RK_OK;
}

/* Copies the history's vectors, whatever their type; then ids are 0, 1, 2, ... */
static rk_status open_fold(const rk_model *model, rk_history history, rk_arena *arena, fold *f, rk_error *err)
{
    rk_status status = read_state(model, &f->half, err);
    if (status) {
        return status;
    }
    size_t width = f->half.width;
    float *vectors = rk_arena_take(arena, (history.n + 1) * width, sizeof *vectors, 64);
    uint32_t *id = RK_TAKE(arena, uint32_t, history.n);
    if (!vectors || !id) {
        return rk_fail_memory(err, "a history's vectors");
    }
    rk_model_expect_vectors(model, history.item, history.n);
    for (size_t j = 0; j < history.n; j++) {
        id[j] = (uint32_t)j;
        rk_model_item_vector(model, history.item[j], vectors + j * width);
    }
    f->half.fixed = vectors;
    status = rk_ridge_room_init_small(&f->room, width, history.n, arena, err);
    if (!status) {
        rk_als_load(&f->half, (rk_history){id, history.value, history.n}, &f->room);
    }
    return status;
}

rk_status rk_als_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    fold f;
    rk_status status = open_fold(model, history, arena, &f, err);
    if (status) {
        return status;
    }
    float *x = rk_arena_take(arena, f.half.width, sizeof *x, 64);
    if (!x) {
        return rk_fail_memory(err, "a query");
    }
    status = rk_als_solve(&f.half, 0, &f.room, x, err);
    if (!status) {
        memcpy(query->vector, x, model->dim * sizeof *x);
    }
    return status;
}

rk_status rk_als_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                         rk_arena *arena, float *share, rk_error *err)
{
    fold f;
    rk_status status = open_fold(model, history, arena, &f, err);
    if (status) {
        return status;
    }
    size_t width = f.half.width;
    float *probes = rk_arena_take(arena, (n_items + 1) * width, sizeof *probes, 64);
    float *kept = RK_TAKE(arena, float, n_items *(f.room.n + 1));
    if (!probes || !kept) {
        return rk_fail_memory(err, "reasons");
    }
    rk_model_expect_vectors(model, items, n_items);
    for (size_t i = 0; i < n_items; i++) {
        float *probe = probes + i * width;
        rk_model_item_vector(model, items[i], probe);
        for (size_t d = 0; d < width; d++) {
            probe[d] *= f.room.scale[d];
        }
    }
    status = rk_ridge_shares(&f.room.ridge, probes, n_items, kept, err);
    memset(share, 0, n_items * history.n * sizeof *share);
    for (size_t i = 0; !status && i < n_items; i++) {
        for (size_t j = 0; j < f.room.n; j++) { /* entries without weight keep their zero */
            share[i * history.n + f.room.id[j]] = kept[i * f.room.n + j];
        }
    }
    return status;
}

/* The penalty knows only |x|, which the basis keeps, and the Gramian, which is diagonal in it. */
rk_status rk_als_turn(const rk_model *model, const float *basis, const double *diagonal, size_t k, float **state,
                      size_t *n_state, rk_error *err)
{
    (void)basis;
    rk_als_half half = {0};
    rk_status status = read_state(model, &half, err);
    float *turned = status ? NULL : malloc((k + 1) * sizeof *turned);
    if (!status && !turned) {
        status = rk_fail_memory(err, "the encoder's state");
    }
    for (size_t i = 0; !status && i < k; i++) {
        turned[i] = (float)(half.weights.unobserved * diagonal[i]);
    }
    half.dim = k;
    half.diagonal = turned;
    status = status ? status : rk_als_fold_state(&half, state, n_state, err);
    free(turned);
    return status;
}

/* mf_fold.c - a new user is one more row of mf_row.h: the step that training ends with.
 *
 * What pulls at a row is not the same in the coordinates of the diagonal form, so the way back T is kept (see
 * mf_diagonal.c): the regression is done where the model was learnt, its answer x is T'x here. After als and bayes it
 * is the very problem that gave the stored users. Gradients stop on their way there: their users are near it.
 *
 * Reasons: x = w + sum over the history of a part for each rating. With c_pj what a unit of target j adds to the score
 * of item p, the score is <y_p, w> + sum of c_pj (r_j - mu - b_j - <y_j, w>), and w is itself a sum over the history,
 * of m_k = |N|^(-1/2) times hint k, shrunk. So rating k speaks with
 *     c_pk (r_k - mu - b_k) + <m_k, y_p - sum over j of c_pj y_j>,
 * by its stars and by being there; the terms add up to the score less all biases.
 *
 *   encode.state[i]  meaning
 *     0              what each rating adds to the penalty of every column
 *     1, 2           1 where hints, variances are kept
 *     3..            [dim + 1] base penalties of the vector's columns and of the bias
 *     ..             [dim x dim] T
 *     ..             [n_items x (dim + 1)] hints of each item about a user's vector and bias, where there are any
 *     ..             [n_items x dim] variances of the item vectors, where learnt
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "model/mf.h"
#include "model/model_inside.h"

enum { EACH, HAS_HINTS, HAS_VARIANCES, BASE };

/* ---- the state ---- */

/* Where its parts lie; NULL: left out. */
typedef struct {
    size_t base, back, hints, variances, n;
} layout;

static layout lay_out(size_t dim, size_t n_items, bool has_hints, bool has_variances)
{
    layout at = {.base = BASE, .back = BASE + dim + 1};
    at.hints = at.back + dim * dim;
    at.variances = at.hints + (has_hints ? n_items * (dim + 1) : 0);
    at.n = at.variances + (has_variances ? n_items * dim : 0);
    return at;
}

rk_status rk_mf_fold_state(const rk_mf *mf, float **state, size_t *n_state, float **back, rk_error *err)
{
    size_t dim = mf->dim, width = mf->width, n_items = mf->items.n;
    const float *hint = mf->users.hint, *variance = mf->items.variance;
    layout at = lay_out(dim, n_items, hint != NULL, variance != NULL);
    float *out = malloc(at.n * sizeof *out);
    if (!out) {
        return rk_fail_memory(err, "the encoder's state");
    }
    out[EACH] = mf->s->solver == RK_MF_BAYES ? 0 : (float)mf->s->lambda;
    out[HAS_HINTS] = hint ? 1 : 0;
    out[HAS_VARIANCES] = variance ? 1 : 0;
    memcpy(out + at.base, mf->users.base, (dim + 1) * sizeof *out);
    for (size_t i = 0; i < n_items && hint; i++) {
        memcpy(out + at.hints + i * (dim + 1), hint + i * width, (dim + 1) * sizeof *out);
    }
    for (size_t i = 0; i < n_items && variance; i++) {
        memcpy(out + at.variances + i * dim, variance + i * width, dim * sizeof *out);
    }
    *back = out + at.back;
    *state = out;
    *n_state = at.n;
    return RK_OK;
}

/* ---- the row of one history ---- */

typedef struct {
    rk_mf_half half;
    rk_mf_room room;
    const float *back, *hint, *variance; /* of the state; NULL: left out */
    float *fixed;                        /* [n x width] the history's items where they were learnt: [T q, 1, b_i] */
    uint32_t *id;                        /* 0, 1, 2, ... */
} fold;

/* A column of the state that must not be negative. */
static bool is_penalty(const float *at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!(at[i] >= 0)) {
            return false;
        }
    }
    return true;
}

static rk_status read_state(const rk_model *model, fold *f, rk_error *err)
{
    const rk_section *section = model->encode_state;
    const float *state = section ? section->data : NULL;
    size_t dim = model->dim;
    bool has_hints = false, has_variances = false, fits = section && section->rows > BASE + dim;
    if (fits) {
        has_hints = state[HAS_HINTS] > 0;
        has_variances = state[HAS_VARIANCES] > 0;
        fits = section->rows == lay_out(dim, model->n_items, has_hints, has_variances).n && is_penalty(state, 1) &&
               is_penalty(state + BASE, dim + 1);
    }
    if (!fits) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit an mf of %u factors",
                       rk_artefact_path(model->artefact), model->dim);
    }
    layout at = lay_out(dim, model->n_items, has_hints, has_variances);
    f->back = state + at.back;
    f->hint = has_hints ? state + at.hints : NULL;
    f->variance = has_variances ? state + at.variances : NULL;
    f->half = (rk_mf_half){.base = state + at.base,
                           .each = state[EACH],
                           .mu = model->mu,
                           .noise = 1,
                           .dim = dim,
                           .width = rk_ridge_width(dim + 2),
                           .bias = dim,
                           .one = dim + 1};
    return RK_OK;
}

/* rows [n x width] = [T q, 1, b_i] of n items, zero beyond. */
static rk_status look_back(const rk_model *model, const fold *f, const uint32_t *items, size_t n, rk_arena *arena,
                           float **rows, rk_error *err)
{
    size_t dim = f->half.dim, width = f->half.width;
    float *vectors = RK_TAKE(arena, float, n *dim);
    *rows = rk_arena_take(arena, (n + 1) * width, sizeof **rows, 64);
    if (!vectors || !*rows) {
        return rk_fail_memory(err, "a history's vectors");
    }
    for (size_t j = 0; j < n; j++) {
        rk_model_item_vector(model, items[j], vectors + j * dim);
        (*rows)[j * width + f->half.bias] = 1;
        (*rows)[j * width + f->half.one] = model->item_bias ? model->item_bias[items[j]] : 0;
    }
    if (n > 0) {
        rk_gemm_nt(*rows, width, vectors, dim, f->back, dim, n, dim, dim, 1, 0);
    }
    return RK_OK;
}

/* z [width]: what the history's being there says of its user. */
static const float *expect(const fold *f, rk_history history, float *z)
{
    size_t columns = f->half.dim + 1;
    float root = 1 / sqrtf((float)history.n);
    for (size_t j = 0; j < history.n; j++) {
        for (size_t d = 0; d < columns; d++) {
            z[d] += f->hint[history.item[j] * columns + d];
        }
    }
    for (size_t d = 0; d < columns; d++) {
        z[d] *= root;
    }
    return z;
}

/* [n x width] of the history's items. */
static rk_status copy_variances(fold *f, rk_history history, rk_arena *arena, rk_error *err)
{
    size_t dim = f->half.dim, width = f->half.width;
    float *variance = rk_arena_take(arena, (history.n + 1) * width, sizeof *variance, 64);
    if (!variance) {
        return rk_fail_memory(err, "a history's variances");
    }
    for (size_t j = 0; j < history.n; j++) {
        memcpy(variance + j * width, f->variance + history.item[j] * dim, dim * sizeof *variance);
    }
    f->half.variance = variance;
    return RK_OK;
}

static rk_status open_fold(const rk_model *model, rk_history history, rk_arena *arena, fold *f, rk_error *err)
{
    *f = (fold){0};
    rk_status status = read_state(model, f, err);
    status = status ? status : look_back(model, f, history.item, history.n, arena, &f->fixed, err);
    status = status || !f->variance ? status : copy_variances(f, history, arena, err);
    status = status ? status : rk_mf_room_init_small(&f->room, f->half.width, history.n, arena, err);
    if (status) {
        return status;
    }
    float *z = RK_TAKE(arena, float, f->half.width);
    f->id = RK_TAKE(arena, uint32_t, history.n + 1);
    if (!z || !f->id) {
        return rk_fail_memory(err, "a history");
    }
    for (uint32_t j = 0; j < history.n; j++) {
        f->id[j] = j;
    }
    f->half.fixed = f->fixed;
    rk_mf_load(&f->half, (rk_history){f->id, history.value, history.n},
               f->hint && history.n > 0 ? expect(f, history, z) : NULL, &f->room);
    return RK_OK;
}

rk_status rk_mf_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    fold f;
    rk_status status = open_fold(model, history, arena, &f, err);
    float *x = status ? NULL : RK_TAKE(arena, float, f.half.width);
    if (status || !x) {
        return status ? status : rk_fail_memory(err, "a query");
    }
    status = rk_mf_solve(&f.half, &f.room, x, NULL, err);
    for (size_t j = 0; !status && j < f.half.dim; j++) {
        double sum = 0;
        for (size_t d = 0; d < f.half.dim; d++) {
            sum += (double)f.back[d * f.half.dim + j] * (double)x[d];
        }
        query->vector[j] = (float)sum;
    }
    query->bias = x[f.half.bias];
    return status;
}

/* ---- reasons ---- */

/* share[k] from c [n] and the probe y [width], which becomes y - sum of c_j y_j. */
static void speak(const fold *f, rk_history history, float *y, float *c)
{
    size_t dim = f->half.dim, width = f->half.width, columns = dim + 1;
    float root = 1 / sqrtf((float)history.n);
    for (size_t j = 0; j < history.n && f->hint; j++) {
        for (size_t d = 0; d < columns; d++) {
            y[d] -= c[j] * f->fixed[j * width + d];
        }
    }
    for (size_t k = 0; k < history.n; k++) {
        double rating = history.value ? (double)history.value[k] : f->half.mu;
        double share = (double)c[k] * (rating - f->half.mu - (double)f->fixed[k * width + f->half.one]);
        for (size_t d = 0; d < columns && f->hint; d++) {
            float penalty = f->half.base[d] + f->half.each * (float)history.n + f->room.doubt[d];
            float shrunk = penalty > 0 ? root * (penalty - f->room.doubt[d]) / penalty : 0;
            share += (double)(shrunk * f->hint[history.item[k] * columns + d]) * (double)y[d];
        }
        c[k] = (float)share;
    }
}

rk_status rk_mf_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                        rk_arena *arena, float *share, rk_error *err)
{
    fold f;
    float *probes = NULL;
    rk_status status = open_fold(model, history, arena, &f, err);
    status = status ? status : look_back(model, &f, items, n_items, arena, &probes, err);
    size_t width = f.half.width;
    float *scaled = status ? NULL : rk_arena_take(arena, (n_items + 1) * width, sizeof *scaled, 64);
    if (status || !scaled) {
        return status ? status : rk_fail_memory(err, "reasons");
    }
    for (size_t i = 0; i < n_items * width; i++) { /* a bias speaks for no item in particular */
        probes[i] = i % width < f.half.dim ? probes[i] : 0;
        scaled[i] = probes[i] * f.room.ridge.scale[i % width];
    }
    for (size_t j = 0; j < history.n; j++) {
        f.room.ridge.ridge.target[j] = 1;
    }
    status = rk_ridge_shares(&f.room.ridge.ridge, scaled, n_items, share, err);
    for (size_t i = 0; !status && i < n_items && history.n > 0; i++) {
        speak(&f, history, probes + i * width, share + i * history.n);
    }
    return status;
}

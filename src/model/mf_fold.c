/* mf_fold.c - the diagonal form, and new users folded into it.
 *
 * P = A diag(a) B' and Q = C diag(c) D' give P Q' = A (diag(a) B' D diag(c)) C'; the small matrix in the middle is
 * U0 diag(S) V0', so U = A U0 and V = C V0, and either side is stored with the root of S.
 *
 * A penalty by occurrence is not the same in the new coordinates, so the way back is kept: an item was T q where it is
 * now q, T = D diag(c) V0 diag(S)^(-1/2), and a user x there is T'x here. A new user is the ridge regression of
 * mf_learn.c's als, with features [T q, 1] and penalty lambda n: exactly the step that training ends with.
 *
 *   encode.state[i]  meaning
 *     0              lambda
 *     1..            T [dim x dim]
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "model/mf.h"
#include "model/model_inside.h"

/* ---- the diagonal form ---- */

/* a [n x dim] = U [n x dim] times core [dim x dim]: a becomes U, orthonormal; core = diag(s) vt. */
static bool factor(float *a, size_t n, size_t dim, float *core)
{
    float *s = calloc(dim, sizeof *s);
    bool is_done = s && rk_svd_thin(a, n, dim, s, core);
    for (size_t i = 0; is_done && i < dim; i++) {
        for (size_t j = 0; j < dim; j++) {
            core[i * dim + j] *= s[i];
        }
    }
    free(s);
    return is_done;
}

/* a [n x dim] = a times turn [dim x dim], then column j times root of s[j]. */
static bool turn(float *a, size_t n, size_t dim, const float *turn, const float *s)
{
    float *copy = malloc((n * dim + 1) * sizeof *copy);
    if (!copy) {
        return false;
    }
    memcpy(copy, a, n * dim * sizeof *copy);
    rk_gemm_nn(a, dim, copy, dim, turn, dim, n, dim, dim, 1, 0);
    free(copy);
    for (size_t r = 0; r < n; r++) {
        for (size_t d = 0; d < dim; d++) {
            a[r * dim + d] *= sqrtf(s[d]);
        }
    }
    return true;
}

static void transpose(float *a, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            float before = a[i * n + j];
            a[i * n + j] = a[j * n + i];
            a[j * n + i] = before;
        }
    }
}

/* back [dim x dim] = core' times vt' with column j divided by the root of s[j]; a vanished direction stays away. */
static void way_back(float *back, const float *core, const float *v, const float *s, size_t dim)
{
    const float vanished = 1e-6F * s[0];
    for (size_t i = 0; i < dim; i++) {
        for (size_t j = 0; j < dim; j++) {
            double sum = 0;
            for (size_t k = 0; k < dim && s[j] > vanished; k++) {
                sum += (double)core[k * dim + i] * (double)v[k * dim + j];
            }
            back[i * dim + j] = s[j] > vanished ? (float)(sum / sqrt((double)s[j])) : 0;
        }
    }
}

rk_status rk_mf_diagonal_form(float *p, size_t n_users, float *q, size_t n_items, size_t dim, float *singular,
                              float *back, rk_error *err)
{
    size_t cells = dim * dim;
    float *room = calloc(4 * cells + 1, sizeof *room);
    if (!room) {
        return rk_fail_memory(err, "the diagonal form");
    }
    float *core_p = room, *core_q = room + cells, *u = room + 2 * cells, *v = room + 3 * cells;
    bool is_done = factor(p, n_users, dim, core_p) && factor(q, n_items, dim, core_q);
    if (is_done) {
        rk_gemm_nt(u, dim, core_p, dim, core_q, dim, dim, dim, dim, 1, 0);
        is_done = rk_svd_thin(u, dim, dim, singular, v);
    }
    if (is_done) {
        transpose(v, dim);
        way_back(back, core_q, v, singular, dim);
        is_done = turn(p, n_users, dim, u, singular) && turn(q, n_items, dim, v, singular);
    }
    free(room);
    return is_done ? RK_OK : rk_fail(err, RK_NO_MEMORY, "mf: the diagonal form could not be computed");
}

/* ---- folding in ---- */

typedef struct {
    rk_ridge_room room;
    size_t dim, width, bias; /* bias: column of the user's */
    const float *back;       /* [dim x dim] T */
} fold;

static rk_status read_state(const rk_model *model, fold *f, double *lambda, rk_error *err)
{
    const rk_section *state = model->encode_state;
    uint64_t cells = (uint64_t)model->dim * model->dim;
    if (!state || state->rows != 1 + cells || !(*(const float *)state->data > 0)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit an mf of %u factors",
                       rk_artefact_path(model->artefact), model->dim);
    }
    *lambda = (double)*(const float *)state->data;
    f->back = (const float *)state->data + 1;
    f->dim = model->dim;
    f->bias = model->dim;
    f->width = rk_ridge_width((size_t)model->dim + 1);
    return RK_OK;
}

/* rows [n x width] = T q of n items, zero beyond. */
static rk_status features(const rk_model *model, const fold *f, const uint32_t *items, size_t n, rk_arena *arena,
                          float **rows, rk_error *err)
{
    float *vectors = RK_TAKE(arena, float, n * f->dim);
    *rows = rk_arena_take(arena, (n + 1) * f->width, sizeof **rows, 64);
    if (!vectors || !*rows) {
        return rk_fail_memory(err, "a history's vectors");
    }
    for (size_t j = 0; j < n; j++) {
        rk_model_item_vector(model, items[j], vectors + j * f->dim);
    }
    if (n > 0) {
        rk_gemm_nt(*rows, f->width, vectors, f->dim, f->back, f->dim, n, f->dim, f->dim, 1, 0);
    }
    return RK_OK;
}

/* The regression of one history: row j is [T q_j, 1], target rating - mu - b_j. */
static rk_status open_fold(const rk_model *model, rk_history history, rk_arena *arena, fold *f, rk_error *err)
{
    double lambda = 0;
    float *rows = NULL;
    rk_status status = read_state(model, f, &lambda, err);
    status = status ? status : features(model, f, history.item, history.n, arena, &rows, err);
    status = status ? status : rk_ridge_room_init_small(&f->room, f->width, history.n, arena, err);
    if (status) {
        return status;
    }
    rk_ridge_room *room = &f->room;
    float scale = (float)(1 / sqrt(lambda * (double)(history.n > 0 ? history.n : 1)));
    for (size_t d = 0; d < f->width; d++) {
        room->scale[d] = d <= f->bias ? scale : 0;
    }
    for (size_t j = 0; j < history.n; j++) {
        double item_bias = model->item_bias ? (double)model->item_bias[history.item[j]] : 0;
        double rating = history.value ? (double)history.value[j] : model->mu;
        rows[j * f->width + f->bias] = 1;
        room->id[j] = (uint32_t)j;
        room->weight[j] = 1;
        room->target[j] = (float)(rating - model->mu - item_bias);
    }
    rk_ridge_gather from = {rows, room->id, room->weight, room->scale, history.n, f->width};
    rk_ridge_load(&room->ridge, &from, room->target);
    return RK_OK;
}

rk_status rk_mf_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    fold f;
    rk_status status = open_fold(model, history, arena, &f, err);
    status = status ? status : rk_ridge_solve(&f.room.ridge, f.room.z, err);
    if (status) {
        return status;
    }
    for (size_t j = 0; j < f.dim; j++) {
        double sum = 0;
        for (size_t d = 0; d < f.dim; d++) {
            sum += (double)f.back[d * f.dim + j] * (double)(f.room.z[d] * f.room.scale[d]);
        }
        query->vector[j] = (float)sum;
    }
    query->bias = f.room.z[f.bias] * f.room.scale[f.bias];
    return RK_OK;
}

/* What each rating adds to <p, q_i>; the user's own bias speaks for no item in particular. */
rk_status rk_mf_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                        rk_arena *arena, float *share, rk_error *err)
{
    fold f;
    rk_status status = open_fold(model, history, arena, &f, err);
    if (status) {
        return status;
    }
    float *probes = NULL;
    status = features(model, &f, items, n_items, arena, &probes, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < n_items * f.width; i++) {
        probes[i] *= f.room.scale[i % f.width];
    }
    return rk_ridge_shares(&f.room.ridge, probes, n_items, share, err);
}

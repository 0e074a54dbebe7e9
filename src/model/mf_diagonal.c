/* mf_diagonal.c - the diagonal form: mu + b_u + b_i + U diag(S) V'.
 *
 * P = A diag(a) B' and Q = C diag(c) D' give P Q' = A (diag(a) B' D diag(c)) C'; the small matrix in the middle is
 * U0 diag(S) V0', so U = A U0 and V = C V0, and either side is stored with the root of S. An item was T q where it is
 * now q, T = D diag(c) V0 diag(S)^(-1/2), and a user x there is T'x here.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "model/mf.h"

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

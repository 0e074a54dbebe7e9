/* item_gram.h - how often items were taken by the same users: G = X'X, never stored, made where it is needed.
 *
 * X is users x items, each row times the root of its user's weight: n^-activity of the n items taken, scaled so that an
 * event weighs 1 on average.
 */
#ifndef RECKON_MODEL_ITEM_GRAM_H
#define RECKON_MODEL_ITEM_GRAM_H

#include "math/csr.h"

typedef struct {
    rk_csr by_user; /* X; all but its values is borrowed; no values = 1 each */
    rk_csr by_item; /* X' */
    float *square;  /* [n_items] the diagonal of G */
} rk_item_gram;

/* taken: users x items, must stay. End with release, after a failure too. */
RK_MUST_CHECK rk_status rk_item_gram_init(rk_item_gram *gram, const rk_csr *taken, double activity, rk_error *err);
void rk_item_gram_release(rk_item_gram *gram); /* accepts a zeroed one */
uint64_t rk_item_gram_bytes(uint32_t n_items, uint64_t n_events);

/* [n_items] base, and of each item's square the share that leaving out `dropout` of every history at random while
 * learning comes to, in expectation. Owned; NULL: no memory. */
float *rk_item_gram_penalties(const rk_item_gram *gram, double base, double dropout);
/* row[0 .. i] = G[i][0 .. i] */
void rk_item_gram_lower_row(const rk_item_gram *gram, uint32_t i, float *row);
/* The largest entry of (G + diag(penalty)) p - e_j, in double. users: [n_users] scratch. */
double rk_item_gram_residual(const rk_item_gram *gram, const float *penalty, uint32_t j, const float *p, double *users);
/* For each item the n_best others that are most like it by the cosine of their columns; values: the cosines. */
RK_MUST_CHECK rk_status rk_item_gram_like(const rk_item_gram *gram, uint32_t n_best, rk_pool *pool, rk_csr *out,
                                          rk_error *err);

#endif

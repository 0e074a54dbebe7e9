/* mf.h - the working state of explicit matrix factorisation, shared by mf.c (begin, end), mf_learn.c (the three ways to
 * learn) and mf_fold.c (diagonal form, folding in).
 *
 * Biases ride along as columns. A user is x = [p, b_u, 1], an item y = [q, 1, b_i]; then mu + x.y is the whole model
 * mu + b_u + b_i + p.q, a ridge regression that ignores one column learns vector and bias at once, and a gradient step
 * needs no cases: it only has to put the 1 back.
 */
#ifndef RECKON_MODEL_MF_H
#define RECKON_MODEL_MF_H

#include "model/model.h"
#include "model/ridge.h"

typedef enum { RK_MF_ALS, RK_MF_SGD, RK_MF_GD } rk_mf_solver;

typedef struct {
    uint64_t factors, iterations;
    double lambda, step, decay;
    int solver;
    bool loss;
} rk_mf_settings;

typedef struct {
    uint32_t n;
    float *vector; /* [n x width] */
    rk_csr events; /* a row for each here; values are ratings */
    size_t bias;   /* column of its own bias */
    size_t one;    /* column that is 1 here: where the other side keeps its bias */
} rk_mf_side;

typedef struct {
    const rk_mf_settings *s;
    const rk_run *run;
    size_t dim, width; /* width = rk_ridge_width(dim + 2) */
    double mu;
    rk_mf_side users, items;
    json_t *losses; /* train mse after each iteration, where asked for */
} rk_mf;

/* Mean squared error over the ratings trained on. */
RK_MUST_CHECK rk_status rk_mf_mse(const rk_mf *mf, double *mse, rk_error *err);
/* Every iteration; appends to losses. */
RK_MUST_CHECK rk_status rk_mf_learn(rk_mf *mf, rk_error *err);

/* mf_fold.c: p and q turned so that P = U diag(S)^(1/2), Q = V diag(S)^(1/2), U'U = V'V = I, S descending.
 * p: [n_users x dim], q: [n_items x dim], in place; singular: [dim]; back: [dim x dim], what takes an item's vector
 * back to where it was learnt. */
RK_MUST_CHECK rk_status rk_mf_diagonal_form(float *p, size_t n_users, float *q, size_t n_items, size_t dim,
                                            float *singular, float *back, rk_error *err);
RK_MUST_CHECK rk_status rk_mf_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                     rk_error *err);
RK_MUST_CHECK rk_status rk_mf_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                                      rk_arena *arena, float *share, rk_error *err);

#endif

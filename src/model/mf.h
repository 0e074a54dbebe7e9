/* mf.h - the working state of explicit matrix factorisation: mf.c begins and ends, mf_learn.c goes round, mf_sweep.c,
 * mf_sgd.c and mf_descent.c are the ways to learn, mf_hint.c is what a rating says by being there, mf_fold.c folds in.
 *
 * Biases ride along as columns. A user is x = [p, b_u, 1], an item y = [q, 1, b_i]; then mu + x.y is the whole model
 * mu + b_u + b_i + p.q, a ridge regression that ignores one column learns vector and bias at once, and a gradient step
 * needs no cases: it only has to put the 1 back.
 */
#ifndef RECKON_MODEL_MF_H
#define RECKON_MODEL_MF_H

#include "model/mf_row.h"
#include "model/model.h"

#define RK_MF_SPREAD 0.1F /* standard deviation of the first random numbers */
/* The same where vectors step at their own rates: long first steps find what matters from near nothing, and leave out
 * what does not, which small steps would take many rounds for. */
#define RK_MF_SPREAD_OWN 0.02F

typedef enum { RK_MF_ALS, RK_MF_BAYES, RK_MF_SGD, RK_MF_GD } rk_mf_solver;
typedef enum { RK_MF_SILENT, RK_MF_USERS, RK_MF_ITEMS, RK_MF_BOTH } rk_mf_implicit; /* whom ratings hint about */
typedef enum { RK_MF_RATES_ONE, RK_MF_RATES_OWN } rk_mf_rates;

typedef struct {
    uint64_t factors, iterations;
    double lambda, step, decay, implicit_lambda;
    int solver, implicit, rates;
    bool loss;
} rk_mf_settings;

typedef struct {
    uint32_t n;
    float *vector;   /* [n x width] */
    float *expected; /* [n x width] where the penalty pulls to, what hints say together; NULL: zero */
    float *hint;     /* [n of the other side x width] NULL: none */
    float *variance; /* [n x width] bayes: how unsure each number is; else NULL */
    float *base;     /* [width] bayes: the penalty of a row without ratings; else zeros */
    rk_csr events;   /* a row for each here; values are ratings */
    size_t bias;     /* column of its own bias */
    size_t one;      /* column that is 1 here: where the other side keeps its bias */
} rk_mf_side;

typedef struct {
    const rk_mf_settings *s;
    const rk_run *run;
    size_t dim, width;   /* width = rk_ridge_width(dim + 2) */
    double mu, variance; /* of the ratings */
    double noise;        /* bayes: variance that the model leaves */
    double missed;       /* bayes: the sum of squares that it left last */
    rk_mf_side users, items;
    json_t *losses; /* train mse after each iteration, where asked for */
} rk_mf;

/* Zeroed vectors [n x width], 64-byte aligned; NULL when memory is short. */
float *rk_mf_new_vectors(size_t n, size_t width);

/* mf_learn.c: mean squared error over the ratings trained on. */
RK_MUST_CHECK rk_status rk_mf_mse(const rk_mf *mf, double *mse, rk_error *err);
/* Every iteration; appends to losses. */
RK_MUST_CHECK rk_status rk_mf_learn(rk_mf *mf, rk_error *err);

/* mf_sweep.c: alternating least squares and variational Bayes. One room for each thread. */
RK_MUST_CHECK rk_status rk_mf_rooms_new(const rk_mf *mf, rk_mf_room **out, rk_error *err);
void rk_mf_rooms_free(const rk_mf *mf, rk_mf_room *rooms); /* accepts NULL */
/* bayes: what one starts from, and what the state so far says of noise and spread. */
RK_MUST_CHECK rk_status rk_mf_bayes_start(rk_mf *mf, rk_error *err);
RK_MUST_CHECK rk_status rk_mf_bayes_relearn(rk_mf *mf, rk_error *err);
/* Items, then users. */
RK_MUST_CHECK rk_status rk_mf_alternate(rk_mf *mf, rk_mf_room *rooms, rk_error *err);

/* mf_hint.c: what the settings want; then hints and expectations of the vectors as they stand. */
RK_MUST_CHECK rk_status rk_mf_hints_start(rk_mf *mf, rk_error *err);
RK_MUST_CHECK rk_status rk_mf_hints_learn(rk_mf *mf, rk_error *err);

/* mf_descent.c: plain gradients. next: room for users and items, swapped with the vectors. */
void rk_mf_descend(rk_mf *mf, float *next[2], float step);

/* mf_sgd.c: stochastic gradients. */
typedef struct rk_mf_tiles rk_mf_tiles;
RK_MUST_CHECK rk_status rk_mf_tiles_new(rk_mf *mf, rk_mf_tiles **out, rk_error *err);
void rk_mf_tiles_free(rk_mf_tiles *tiles); /* accepts NULL */
void rk_mf_tiles_step(rk_mf_tiles *tiles, float step);

/* mf_diagonal.c: p and q turned so that P = U diag(S)^(1/2), Q = V diag(S)^(1/2), U'U = V'V = I, S descending.
 * p: [n_users x dim], q: [n_items x dim], in place; singular: [dim]; back: [dim x dim], what takes an item's vector
 * back to where it was learnt. */
RK_MUST_CHECK rk_status rk_mf_diagonal_form(float *p, size_t n_users, float *q, size_t n_items, size_t dim,
                                            float *singular, float *back, rk_error *err);

/* mf_fold.c: the section encode.state of what was learnt; back: [dim x dim], filled later, points into it. */
RK_MUST_CHECK rk_status rk_mf_fold_state(const rk_mf *mf, float **state, size_t *n_state, float **back, rk_error *err);
RK_MUST_CHECK rk_status rk_mf_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query,
                                     rk_error *err);
RK_MUST_CHECK rk_status rk_mf_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                                      rk_arena *arena, float *share, rk_error *err);

#endif

/* rank.h - ranks the whole catalogue for many users and says where their test items stand. Private to eval/. */
#ifndef RECKON_EVAL_RANK_H
#define RECKON_EVAL_RANK_H

#include "eval/metric.h"
#include "math/csr.h"
#include "model/model.h"
#include "model/near.h"

typedef struct {
    const rk_model *model;
    const rk_near *near; /* lists are what it finds, and outcomes have no wins; NULL: all items are scored */
    const rk_csr *test;  /* in the model's ids; value > 0: a test item; every value: a rating */
    const rk_csr *train; /* masked beside what the model has seen; NULL = nothing more */
    uint32_t n_best;     /* how long the lists are */
    bool drop_repeats;
    /* Called once per user, from any thread; worker is rk_span's. What the outcome points to is borrowed. */
    void (*take)(void *context, unsigned worker, size_t i, const rk_user_outcome *outcome);
    void *context;
} rk_ranking;

/* users: [n], the model's ids; outcome i is that of users[i]. *repeats: test items that were masked. */
RK_MUST_CHECK rk_status rk_rank(const rk_ranking *ranking, const uint32_t *users, size_t n, const rk_run *run,
                                uint64_t *repeats, rk_error *err);

#endif

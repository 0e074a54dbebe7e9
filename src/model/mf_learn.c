/* mf_learn.c - round after round down the objective of mf.c, whichever way the solver goes. */
#include <math.h>
#include <stdlib.h>

#include "model/mf.h"

enum { ROW_CHUNK = 128 };

/* ---- the error ---- */

typedef struct {
    const rk_mf *mf;
    double *sum; /* [chunks] */
} error_job;

static void error_chunk(void *context, rk_span span)
{
    const error_job *job = context;
    const rk_mf *mf = job->mf;
    const rk_csr *csr = &mf->users.events;
    double sum = 0;
    for (size_t u = span.begin; u < span.end; u++) {
        const float *x = mf->users.vector + u * mf->width;
        for (uint64_t e = csr->start[u]; e < csr->start[u + 1]; e++) {
            double miss = (double)csr->value[e] - mf->mu -
                          (double)rk_mf_inner(x, mf->items.vector + csr->col[e] * mf->width, mf->width);
            sum += miss * miss;
        }
    }
    job->sum[span.chunk] = sum;
}

rk_status rk_mf_mse(const rk_mf *mf, double *mse, rk_error *err)
{
    const rk_csr *csr = &mf->users.events;
    size_t n_chunks = rk_chunk_count(mf->users.n, ROW_CHUNK);
    error_job job = {mf, calloc(n_chunks + 1, sizeof *job.sum)};
    double sum = 0;
    if (!job.sum) {
        return rk_fail_memory(err, "error sums");
    }
    rk_parallel_for(mf->run->pool, mf->users.n, ROW_CHUNK, error_chunk, &job);
    for (size_t c = 0; c < n_chunks; c++) {
        sum += job.sum[c];
    }
    free(job.sum);
    *mse = sum / (double)csr->start[csr->n_rows];
    return isfinite(*mse) ? RK_OK
                          : rk_fail(err, RK_BAD_INPUT,
                                    "mf: the steps led away from every solution; "
                                    "a smaller step or more lambda may help");
}

/* ---- the rounds ---- */

/* What a solver needs beside the vectors. */
typedef struct {
    rk_mf *mf;
    rk_mf_room *rooms;  /* als, bayes: [workers] */
    rk_mf_tiles *tiles; /* sgd */
    float *next[2];     /* gd: the users, the items to come */
} learner;

static rk_status make_next(learner *l, rk_error *err)
{
    l->next[0] = rk_mf_new_vectors(l->mf->users.n, l->mf->width);
    l->next[1] = rk_mf_new_vectors(l->mf->items.n, l->mf->width);
    return l->next[0] && l->next[1] ? RK_OK : rk_fail_memory(err, "vectors");
}

static rk_status prepare(learner *l, rk_error *err)
{
    rk_status status = rk_mf_hints_start(l->mf, err);
    if (status) {
        return status;
    }
    switch (l->mf->s->solver) {
    case RK_MF_SGD:
        return rk_mf_tiles_new(l->mf, &l->tiles, err);
    case RK_MF_GD:
        return make_next(l, err);
    case RK_MF_BAYES:
        status = rk_mf_bayes_start(l->mf, err);
        break;
    default:
        break;
    }
    return status ? status : rk_mf_rooms_new(l->mf, &l->rooms, err);
}

/* What the vectors so far say about noise and hints comes first, so that it stands behind the vectors that come out. */
static rk_status iterate(learner *l, uint64_t iteration, rk_error *err)
{
    rk_mf *mf = l->mf;
    float step = (float)(mf->s->step / (1 + mf->s->decay * (double)iteration));
    rk_status status = iteration > 0 ? rk_mf_hints_learn(mf, err) : RK_OK;
    if (status) {
        return status;
    }
    switch (mf->s->solver) {
    case RK_MF_SGD:
        rk_mf_tiles_step(l->tiles, step);
        return RK_OK;
    case RK_MF_GD:
        rk_mf_descend(mf, l->next, step);
        return RK_OK;
    case RK_MF_BAYES:
        status = iteration > 0 ? rk_mf_bayes_relearn(mf, err) : RK_OK;
        break;
    default:
        break;
    }
    return status ? status : rk_mf_alternate(mf, l->rooms, err);
}

static rk_status record(rk_mf *mf, rk_error *err)
{
    double mse;
    rk_status status = rk_mf_mse(mf, &mse, err);
    if (!status && json_array_append_new(mf->losses, json_real(mse))) {
        status = rk_fail_memory(err, "losses");
    }
    return status;
}

rk_status rk_mf_learn(rk_mf *mf, rk_error *err)
{
    learner l = {.mf = mf};
    rk_status status = prepare(&l, err);
    for (uint64_t it = 0; !status && it < mf->s->iterations; it++) {
        rk_progress(mf->run, "mf", "iterations", it, mf->s->iterations);
        status = iterate(&l, it, err);
        status = status || !mf->s->loss ? status : record(mf, err);
    }
    rk_progress(mf->run, "mf", "iterations", mf->s->iterations, mf->s->iterations);
    rk_mf_rooms_free(mf, l.rooms);
    rk_mf_tiles_free(l.tiles);
    free(l.next[0]);
    free(l.next[1]);
    return status;
}

/* mf_learn.c - three ways down the objective of mf.c.
 *
 * als  Each row is the ridge regression of ridge.h with penalty lambda n, its own 1 left out by a zero scale.
 * sgd  Ratings are dealt into BLOCKS x BLOCKS tiles by user and item number; tiles on one diagonal touch different
 * users and items, so they run side by side and a barrier separates the diagonals (Gemulla et al., "Large-scale matrix
 *      factorization with distributed stochastic gradient descent", 2011). The number of tiles depends on the data
 *      alone, never on the threads. Inside a tile the order is random and stays.
 * gd   Every vector steps against its whole gradient, all from the vectors of the iteration before.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/mf.h"

enum { ROW_CHUNK = 128, BLOCKS = 16, BLOCKED_RATINGS_MIN = 100000, ALIGN = 64, STREAM_DEAL = 2 };

/* ---- prediction and error ---- */

/* Eight sums, so that the compiler may use vectors without reordering anything by itself. */
static float inner(const float *a, const float *b, size_t width)
{
    float sum[8] = {0};
    for (size_t d = 0; d < width; d += 8) {
        for (size_t l = 0; l < 8; l++) {
            sum[l] += a[d + l] * b[d + l];
        }
    }
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

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
                          (double)inner(x, mf->items.vector + csr->col[e] * mf->width, mf->width);
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

/* ---- als ---- */

typedef struct {
    const rk_mf *mf;
    rk_mf_side *moving;
    const rk_mf_side *fixed;
    rk_ridge_room *rooms;
    rk_error *errs; /* [workers] */
} sweep;

static rk_status solve_row(const sweep *w, rk_ridge_room *room, size_t r, rk_error *err)
{
    const rk_csr *csr = &w->moving->events;
    uint64_t begin = csr->start[r];
    size_t n = csr->start[r + 1] - begin, width = w->mf->width;
    float *x = w->moving->vector + r * width;
    if (n == 0) {
        return RK_OK;
    }
    float scale = (float)(1 / sqrt(w->mf->s->lambda * (double)n));
    for (size_t d = 0; d < width; d++) {
        room->scale[d] = d < w->mf->dim || d == w->moving->bias ? scale : 0;
    }
    for (size_t j = 0; j < n; j++) {
        const float *y = w->fixed->vector + csr->col[begin + j] * width;
        room->weight[j] = 1;
        room->target[j] = (float)((double)csr->value[begin + j] - w->mf->mu - (double)y[w->fixed->bias]);
    }
    rk_ridge_gather from = {w->fixed->vector, csr->col + begin, room->weight, room->scale, n, width};
    rk_ridge_load(&room->ridge, &from, room->target);
    rk_status status = rk_ridge_solve(&room->ridge, room->z, err);
    for (size_t d = 0; d < width; d++) {
        x[d] = room->z[d] * room->scale[d];
    }
    x[w->moving->one] = 1;
    return status;
}

static void sweep_chunk(void *context, rk_span span)
{
    const sweep *w = context;
    rk_error *err = &w->errs[span.worker];
    for (size_t r = span.begin; r < span.end && !err->status; r++) {
        err->status = solve_row(w, &w->rooms[span.worker], r, err);
    }
}

static rk_status run_sweep(rk_mf *mf, rk_mf_side *moving, const rk_mf_side *fixed, rk_ridge_room *rooms, rk_error *err)
{
    unsigned n_workers = rk_pool_threads(mf->run->pool);
    sweep w = {mf, moving, fixed, rooms, calloc(n_workers, sizeof *w.errs)};
    if (!w.errs) {
        return rk_fail_memory(err, "errors");
    }
    rk_parallel_for(mf->run->pool, moving->n, ROW_CHUNK, sweep_chunk, &w);
    rk_status status = RK_OK;
    for (unsigned t = 0; !status && t < n_workers; t++) {
        status = w.errs[t].status ? rk_fail(err, w.errs[t].status, "mf: %s", w.errs[t].message) : RK_OK;
    }
    free(w.errs);
    return status;
}

/* ---- sgd ---- */

typedef struct {
    uint32_t user, item;
    float miss; /* rating less the mean */
} rating;

typedef struct {
    rk_mf *mf;
    rating *dealt;   /* [ratings] tile by tile */
    size_t *start;   /* [n_blocks^2 + 1] of tile user block * n_blocks + item block */
    size_t n_blocks; /* a side */
    size_t diagonal;
    float step;
} tiles;

static size_t tile_of(const tiles *t, uint32_t user, uint32_t item)
{
    return user % t->n_blocks * t->n_blocks + item % t->n_blocks;
}

/* Ratings in a random order, then sorted by tile, stably. */
static rk_status deal(tiles *t, rk_mf *mf, rk_error *err)
{
    const rk_csr *csr = &mf->users.events;
    uint64_t n = csr->start[csr->n_rows];
    t->mf = mf;
    t->n_blocks = n < BLOCKED_RATINGS_MIN ? 1 : BLOCKS;
    size_t n_tiles = t->n_blocks * t->n_blocks;
    t->start = calloc(n_tiles + 2, sizeof *t->start);
    t->dealt = malloc((n + 1) * sizeof *t->dealt);
    uint32_t *order = malloc((n + 1) * sizeof *order), *user = malloc((n + 1) * sizeof *user);
    rk_status status = RK_OK;
    if (!t->start || !t->dealt || !order || !user) {
        status = rk_fail_memory(err, "tiles of ratings");
        goto done;
    }
    for (uint32_t u = 0; u < csr->n_rows; u++) {
        for (uint64_t e = csr->start[u]; e < csr->start[u + 1]; e++) {
            user[e] = u;
            order[e] = (uint32_t)e;
            t->start[tile_of(t, u, csr->col[e]) + 2]++;
        }
    }
    for (size_t i = 2; i < n_tiles + 2; i++) {
        t->start[i] += t->start[i - 1];
    }
    rk_random random = rk_random_of(mf->run->seed, (uint64_t)STREAM_DEAL << 32);
    rk_random_shuffle(&random, order, (uint32_t)n);
    for (uint64_t i = 0; i < n; i++) {
        uint32_t e = order[i];
        size_t at = t->start[tile_of(t, user[e], csr->col[e]) + 1]++;
        t->dealt[at] = (rating){user[e], csr->col[e], (float)((double)csr->value[e] - mf->mu)};
    }
done:
    free(order);
    free(user);
    return status;
}

static void step_pair(const rk_mf *mf, float *x, float *y, float miss, float step)
{
    float error = step * (miss - inner(x, y, mf->width)), keep = 1 - step * (float)mf->s->lambda;
    for (size_t d = 0; d < mf->width; d++) {
        float before = x[d];
        x[d] = keep * x[d] + error * y[d];
        y[d] = keep * y[d] + error * before;
    }
    x[mf->users.one] = 1;
    y[mf->items.one] = 1;
}

/* One tile of the diagonal for each user block. */
static void tile_chunk(void *context, rk_span span)
{
    const tiles *t = context;
    size_t width = t->mf->width;
    for (size_t block = span.begin; block < span.end; block++) {
        size_t tile = block * t->n_blocks + (block + t->diagonal) % t->n_blocks;
        for (size_t i = t->start[tile]; i < t->start[tile + 1]; i++) {
            const rating *r = &t->dealt[i];
            step_pair(t->mf, t->mf->users.vector + r->user * width, t->mf->items.vector + r->item * width, r->miss,
                      t->step);
        }
    }
}

static void step_all(tiles *t, float step)
{
    t->step = step;
    for (t->diagonal = 0; t->diagonal < t->n_blocks; t->diagonal++) {
        rk_parallel_for(t->mf->run->pool, t->n_blocks, 1, tile_chunk, t);
    }
}

/* ---- gd ---- */

typedef struct {
    const rk_mf *mf;
    const rk_mf_side *moving, *fixed;
    float *next; /* [moving->n x width] */
    float step;
} descent;

static void descent_chunk(void *context, rk_span span)
{
    const descent *d = context;
    const rk_csr *csr = &d->moving->events;
    size_t width = d->mf->width;
    for (size_t r = span.begin; r < span.end; r++) {
        const float *x = d->moving->vector + r * width;
        float *next = d->next + r * width;
        float n = (float)(csr->start[r + 1] - csr->start[r]), keep = 1 - d->step * n * (float)d->mf->s->lambda;
        for (size_t c = 0; c < width; c++) {
            next[c] = keep * x[c];
        }
        for (uint64_t e = csr->start[r]; e < csr->start[r + 1]; e++) {
            const float *y = d->fixed->vector + csr->col[e] * width;
            float error = d->step * ((float)((double)csr->value[e] - d->mf->mu) - inner(x, y, width));
            for (size_t c = 0; c < width; c++) {
                next[c] += error * y[c];
            }
        }
        next[d->moving->one] = 1;
    }
}

static void swap(float **a, float **b)
{
    float *before = *a;
    *a = *b;
    *b = before;
}

/* ---- all of them ---- */

typedef struct {
    rk_mf *mf;
    rk_ridge_room *rooms; /* als: [workers] */
    tiles tiles;          /* sgd */
    float *next[2];       /* gd: the users, the items to come */
} learner;

static rk_status make_rooms(learner *l, rk_error *err)
{
    uint64_t users = rk_csr_longest_row(&l->mf->users.events), items = rk_csr_longest_row(&l->mf->items.events);
    unsigned n_workers = rk_pool_threads(l->mf->run->pool);
    rk_status status = RK_OK;
    l->rooms = calloc(n_workers, sizeof *l->rooms);
    if (!l->rooms) {
        return rk_fail_memory(err, "room to learn in");
    }
    for (unsigned t = 0; !status && t < n_workers; t++) {
        status = rk_ridge_room_init(&l->rooms[t], l->mf->width, users > items ? users : items, err);
    }
    return status;
}

static rk_status make_next(learner *l, rk_error *err)
{
    const rk_mf_side *sides[] = {&l->mf->users, &l->mf->items};
    for (size_t i = 0; i < 2; i++) {
        l->next[i] = aligned_alloc(ALIGN, ((size_t)sides[i]->n + 1) * l->mf->width * sizeof(float));
        if (!l->next[i]) {
            return rk_fail_memory(err, "vectors");
        }
    }
    return RK_OK;
}

static rk_status prepare(learner *l, rk_error *err)
{
    switch (l->mf->s->solver) {
    case RK_MF_ALS:
        return make_rooms(l, err);
    case RK_MF_SGD:
        return deal(&l->tiles, l->mf, err);
    default:
        return make_next(l, err);
    }
}

static void descend_all(learner *l, float step)
{
    rk_mf *mf = l->mf;
    descent users = {mf, &mf->users, &mf->items, l->next[0], step};
    descent items = {mf, &mf->items, &mf->users, l->next[1], step};
    rk_parallel_for(mf->run->pool, mf->users.n, ROW_CHUNK, descent_chunk, &users);
    rk_parallel_for(mf->run->pool, mf->items.n, ROW_CHUNK, descent_chunk, &items);
    swap(&mf->users.vector, &l->next[0]);
    swap(&mf->items.vector, &l->next[1]);
}

static rk_status iterate(learner *l, uint64_t iteration, rk_error *err)
{
    rk_mf *mf = l->mf;
    float step = (float)(mf->s->step / (1 + mf->s->decay * (double)iteration));
    switch (mf->s->solver) {
    case RK_MF_ALS: {
        rk_status status = run_sweep(mf, &mf->items, &mf->users, l->rooms, err);
        return status ? status : run_sweep(mf, &mf->users, &mf->items, l->rooms, err);
    }
    case RK_MF_SGD:
        step_all(&l->tiles, step);
        return RK_OK;
    default:
        descend_all(l, step);
        return RK_OK;
    }
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

static void release(learner *l)
{
    unsigned n_workers = rk_pool_threads(l->mf->run->pool);
    for (unsigned t = 0; l->rooms && t < n_workers; t++) {
        rk_ridge_room_release(&l->rooms[t]);
    }
    free(l->rooms);
    free(l->tiles.dealt);
    free(l->tiles.start);
    free(l->next[0]);
    free(l->next[1]);
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
    release(&l);
    return status;
}

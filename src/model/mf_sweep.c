/* mf_sweep.c - every row of a side at its best while the other side stands still, and in turns: two of the solvers.
 *
 * als    Least squares with penalty lambda for each rating (mf_row.h with base 0 and no variances).
 * bayes  Variational Bayes with a Gaussian of its own for every number (Lim, Teh, "Variational Bayesian approach to
 *        movie rating prediction", KDD Cup 2007; Raiko, Ilin, Karhunen, "Principal component analysis for large scale
 *        problems with lots of missing values", ECML 2007). Given the other side, the means of a row are again a ridge
 *        regression: the prior's precision times the noise is its base, and the variances of the vectors that it is
 *        told by are the penalty that a rating adds. So what other solvers take from lambda is learnt here, for every
 *        row and column: the noise and, for each column of each side, how far rows spread about what is expected of
 *        them. No factor needs to be forbidden: a useless one spreads less and less until it is gone.
 * What we do differently: the means of a row are found all at once, not one number after the other, which is the
 * fixed point of those steps; biases are columns like others and get their own variances.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/column_sums.h"
#include "model/mf.h"

enum { ROW_CHUNK = 128 };

float *rk_mf_new_vectors(size_t n, size_t width)
{
    enum { ALIGN = 64 };
    size_t bytes = (n + 1) * width * sizeof(float);
    float *vectors = aligned_alloc(ALIGN, bytes);
    return vectors ? memset(vectors, 0, bytes) : NULL;
}

rk_status rk_mf_rooms_new(const rk_mf *mf, rk_mf_room **out, rk_error *err)
{
    uint64_t users = rk_csr_longest_row(&mf->users.events), items = rk_csr_longest_row(&mf->items.events);
    unsigned n_workers = rk_pool_threads(mf->run->pool);
    rk_status status = RK_OK;
    *out = calloc(n_workers, sizeof **out);
    if (!*out) {
        return rk_fail_memory(err, "room to learn in");
    }
    for (unsigned t = 0; !status && t < n_workers; t++) {
        status = rk_mf_room_init(&(*out)[t], mf->width, users > items ? users : items, err);
    }
    return status;
}

void rk_mf_rooms_free(const rk_mf *mf, rk_mf_room *rooms)
{
    unsigned n_workers = rk_pool_threads(mf->run->pool);
    for (unsigned t = 0; rooms && t < n_workers; t++) {
        rk_mf_room_release(&rooms[t]);
    }
    free(rooms);
}

/* ---- one side ---- */

typedef struct {
    const rk_mf_side *moving;
    rk_mf_half half;
    rk_mf_room *rooms;
    double *miss;   /* [chunks] expected squares of what the model misses; NULL: not asked for */
    rk_error *errs; /* [workers] */
} sweep;

static rk_status solve_row(const sweep *w, rk_mf_room *room, size_t r, double *miss, rk_error *err)
{
    const rk_mf_side *moving = w->moving;
    size_t width = w->half.width;
    uint64_t begin = moving->events.start[r];
    rk_history row = {moving->events.col + begin, moving->events.value + begin, moving->events.start[r + 1] - begin};
    float *x = moving->vector + r * width, *variance = moving->variance ? moving->variance + r * width : NULL;
    if (row.n == 0) {
        return RK_OK;
    }
    rk_mf_load(&w->half, row, moving->expected ? moving->expected + r * width : NULL, room);
    rk_status status = rk_mf_solve(&w->half, room, x, variance, err);
    if (!status && miss) {
        *miss += rk_mf_row_miss(&w->half, row, room, x, variance);
    }
    return status;
}

static void sweep_chunk(void *context, rk_span span)
{
    const sweep *w = context;
    rk_error *err = &w->errs[span.worker];
    double miss = 0;
    for (size_t r = span.begin; r < span.end && !err->status; r++) {
        err->status = solve_row(w, &w->rooms[span.worker], r, w->miss ? &miss : NULL, err);
    }
    if (w->miss) {
        w->miss[span.chunk] = miss;
    }
}

static rk_mf_half half_of(const rk_mf *mf, const rk_mf_side *moving, const rk_mf_side *fixed)
{
    bool is_bayes = mf->s->solver == RK_MF_BAYES;
    return (rk_mf_half){.fixed = fixed->vector,
                        .variance = fixed->variance,
                        .base = moving->base,
                        .each = is_bayes ? 0 : (float)mf->s->lambda,
                        .mu = mf->mu,
                        .noise = is_bayes ? mf->noise : 1,
                        .dim = mf->dim,
                        .width = mf->width,
                        .bias = moving->bias,
                        .one = moving->one};
}

static rk_status run_sweep(const rk_mf *mf, const rk_mf_side *moving, const rk_mf_side *fixed, rk_mf_room *rooms,
                           double *miss, rk_error *err)
{
    unsigned n_workers = rk_pool_threads(mf->run->pool);
    size_t n_chunks = rk_chunk_count(moving->n, ROW_CHUNK);
    sweep w = {moving, half_of(mf, moving, fixed), rooms, miss ? calloc(n_chunks + 1, sizeof *miss) : NULL,
               calloc(n_workers, sizeof *w.errs)};
    rk_status status = w.errs && (w.miss || !miss) ? RK_OK : rk_fail_memory(err, "a sweep");
    if (!status) {
        rk_parallel_for(mf->run->pool, moving->n, ROW_CHUNK, sweep_chunk, &w);
    }
    for (unsigned t = 0; !status && t < n_workers; t++) {
        status = w.errs[t].status ? rk_fail(err, w.errs[t].status, "mf: %s", w.errs[t].message) : RK_OK;
    }
    for (size_t c = 0; !status && miss && c < n_chunks; c++) {
        *miss += w.miss[c];
    }
    free(w.miss);
    free(w.errs);
    return status;
}

/* Users last, and nothing that they were solved with changes afterwards: folding in finds them again. */
rk_status rk_mf_alternate(rk_mf *mf, rk_mf_room *rooms, rk_error *err)
{
    bool is_bayes = mf->s->solver == RK_MF_BAYES;
    double miss = 0;
    rk_status status = run_sweep(mf, &mf->items, &mf->users, rooms, NULL, err);
    status = status ? status : run_sweep(mf, &mf->users, &mf->items, rooms, is_bayes ? &miss : NULL, err);
    mf->missed = miss;
    return status;
}

/* ---- what bayes learns beside ---- */

/* The first vectors are small and random, and known as badly as they are large; priors are wide and the noise is half
 * of what there is to explain: a narrow start would give factors up before they have learnt anything. */
rk_status rk_mf_bayes_start(rk_mf *mf, rk_error *err)
{
    rk_mf_side *sides[] = {&mf->users, &mf->items};
    mf->noise = mf->variance / 2;
    for (size_t i = 0; i < 2; i++) {
        rk_mf_side *side = sides[i];
        side->variance = rk_mf_new_vectors(side->n, mf->width);
        if (!side->variance) {
            return rk_fail_memory(err, "variances");
        }
        for (size_t r = 0; r < side->n; r++) {
            bool is_rated = side->events.start[r + 1] > side->events.start[r];
            for (size_t d = 0; d < mf->dim && is_rated; d++) {
                side->variance[r * mf->width + d] = RK_MF_SPREAD * RK_MF_SPREAD;
            }
        }
        for (size_t d = 0; d < mf->dim; d++) {
            side->base[d] = (float)(mf->noise / sqrt(mf->variance));
        }
        side->base[side->bias] = (float)(mf->noise / mf->variance);
    }
    return RK_OK;
}

typedef struct {
    const rk_mf_side *side;
    size_t width;
} spread;

static void add_spread(void *context, size_t begin, size_t end, double *sum)
{
    const spread *s = context;
    for (size_t i = begin * s->width; i < end * s->width; i++) {
        double off = (double)s->side->vector[i] - (s->side->expected ? (double)s->side->expected[i] : 0);
        sum[i % s->width] += off * off + (double)s->side->variance[i];
    }
}

static size_t count_rated(const rk_csr *events)
{
    size_t n = 0;
    for (size_t r = 0; r < events->n_rows; r++) {
        n += events->start[r + 1] > events->start[r];
    }
    return n;
}

/* Rows without ratings are all zeros, variances included, and do not count. */
static rk_status relearn_side(rk_mf *mf, rk_mf_side *side, double *sum, rk_error *err)
{
    static const double precision_max = 1e12; /* of a factor that is gone */
    spread s = {side, mf->width};
    rk_status status = rk_column_sums(mf->run->pool, side->n, mf->width, add_spread, &s, sum, err);
    double n_rated = (double)count_rated(&side->events);
    for (size_t d = 0; !status && d < mf->width; d++) {
        bool is_free = d < mf->dim || d == side->bias;
        side->base[d] = is_free ? (float)(mf->noise * fmin(n_rated / sum[d], precision_max)) : 0;
    }
    return status;
}

/* Noise and precisions where the state so far is most likely; ratings that are all foretold leave a trace of noise. */
rk_status rk_mf_bayes_relearn(rk_mf *mf, rk_error *err)
{
    const rk_csr *ratings = &mf->users.events;
    double *sum = malloc(mf->width * sizeof *sum);
    if (!sum) {
        return rk_fail_memory(err, "sums of columns");
    }
    mf->noise = fmax(mf->missed / (double)ratings->start[ratings->n_rows], 1e-6 * mf->variance);
    rk_status status = relearn_side(mf, &mf->users, sum, err);
    status = status ? status : relearn_side(mf, &mf->items, sum, err);
    free(sum);
    return status;
}

/* mf_hint.c - who rated what says something, whatever the stars.
 *
 * A user is expected where the hints h of the items he rated point, z = |N|^(-1/2) sum of h over N, and his own ratings
 * move him from there: x = z + p with p small. That is Koren's SVD++ ("Factorization meets the neighborhood", KDD 2008)
 * read as a prior, the constrained form of Salakhutdinov and Mnih ("Probabilistic matrix factorization", NIPS 2007).
 * The same may be said of an item and the users who rated it; "flipped" in Rendle, Zhang, Koren, "On the difficulty of
 * evaluating baselines" (2019). Biases are expected likewise.
 *
 * What we do differently: given the vectors, the hints are the ridge regression of x on the normalised rows,
 *     min over H of sum over rows r of a_r |x_r - z_r|^2 + lambda |H|^2,    z = W H,
 * one column after the other and all columns at once, so that a few conjugate gradient steps from the hints so far, two
 * passes over the ratings each, keep up with any solver; and nothing about a user's hints depends on item vectors.
 * a_r is 1 where columns have a penalty of their own (bayes), else the row's share of the ratings, as lambda counts
 * them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/column_sums.h"
#include "model/mf.h"

enum { ROW_CHUNK = 128, STEPS = 3 };

/* The regression of one side. */
typedef struct {
    const rk_mf *mf;
    rk_mf_side *side;
    const rk_csr *rows, *columns; /* ratings by row of this side, and by row of the other */
    size_t width, n_hints;
    double lambda;
    float *root;                         /* [side->n] n^(-1/2) */
    float *trust;                        /* [side->n] a_r n^(-1/2) */
    float *across;                       /* [side->n x width] */
    float *residual, *direction, *image; /* [n_hints x width] */
    double *step;                        /* [width] */
} regression;

/* ---- sums over ratings ---- */

typedef struct {
    const rk_csr *csr;
    const float *in, *factor; /* factor: [n_rows] or NULL = 1 */
    float *out;
    size_t width;
} gather;

static void gather_chunk(void *context, rk_span span)
{
    enum { AHEAD = 6, LINE = 16 };
    const gather *g = context;
    size_t width = g->width;
    for (size_t r = span.begin; r < span.end; r++) {
        float *out = g->out + r * width;
        memset(out, 0, width * sizeof *out);
        for (uint64_t e = g->csr->start[r]; e < g->csr->start[r + 1]; e++) {
            const float *in = g->in + g->csr->col[e] * width;
            for (size_t d = 0; e + AHEAD < g->csr->start[r + 1] && d < width; d += LINE) {
                __builtin_prefetch(g->in + g->csr->col[e + AHEAD] * width + d);
            }
            for (size_t d = 0; d < width; d++) {
                out[d] += in[d];
            }
        }
        for (size_t d = 0; g->factor && d < width; d++) {
            out[d] *= g->factor[r];
        }
    }
}

/* out [n_rows x width]: row r = factor[r] times the sum of in over the columns of r. */
static void sum_over(const regression *w, const rk_csr *csr, const float *in, const float *factor, float *out)
{
    gather g = {csr, in, factor, out, w->width};
    rk_parallel_for(w->mf->run->pool, csr->n_rows, ROW_CHUNK, gather_chunk, &g);
}

/* image = W' A W of hints; the penalty is added where it is used. */
static void apply(const regression *w, const float *hints)
{
    sum_over(w, w->rows, hints, w->root, w->across);
    for (size_t r = 0; r < w->side->n; r++) {
        for (size_t d = 0; d < w->width; d++) {
            w->across[r * w->width + d] *= w->trust[r];
        }
    }
    sum_over(w, w->columns, w->across, NULL, w->image);
}

/* ---- conjugate gradients, a step length for each column ---- */

/* residual = W' A x - image - lambda hint, kept as direction, too; sum: its squares. image: what apply made of hint. */
static void begin_rows(void *context, size_t begin, size_t end, double *sum)
{
    const regression *w = context;
    for (size_t i = begin * w->width; i < end * w->width; i++) {
        w->residual[i] -= w->image[i] + (float)w->lambda * w->side->hint[i];
        w->direction[i] = w->residual[i];
        sum[i % w->width] += (double)w->residual[i] * (double)w->residual[i];
    }
}

/* image += lambda direction; sum: direction times image. */
static void measure_rows(void *context, size_t begin, size_t end, double *sum)
{
    const regression *w = context;
    for (size_t i = begin * w->width; i < end * w->width; i++) {
        w->image[i] += (float)w->lambda * w->direction[i];
        sum[i % w->width] += (double)w->direction[i] * (double)w->image[i];
    }
}

/* A step of w->step; sum: squares of the new residual. */
static void move_rows(void *context, size_t begin, size_t end, double *sum)
{
    const regression *w = context;
    for (size_t i = begin * w->width; i < end * w->width; i++) {
        float step = (float)w->step[i % w->width];
        w->side->hint[i] += step * w->direction[i];
        w->residual[i] -= step * w->image[i];
        sum[i % w->width] += (double)w->residual[i] * (double)w->residual[i];
    }
}

/* The next direction: the residual, and w->step of the one before. */
static void turn_rows(void *context, size_t begin, size_t end, double *sum)
{
    const regression *w = context;
    (void)sum;
    for (size_t i = begin * w->width; i < end * w->width; i++) {
        w->direction[i] = w->residual[i] + (float)w->step[i % w->width] * w->direction[i];
    }
}

static double ratio(double a, double b) { return b > 0 ? a / b : 0; }

/* square, next: [width]. */
static rk_status descend(regression *w, double *square, double *next, rk_error *err)
{
    rk_pool *pool = w->mf->run->pool;
    rk_status status = rk_column_sums(pool, w->n_hints, w->width, begin_rows, w, square, err);
    for (unsigned s = 0; !status && s < STEPS; s++) {
        apply(w, w->direction);
        status = rk_column_sums(pool, w->n_hints, w->width, measure_rows, w, next, err);
        for (size_t d = 0; d < w->width; d++) {
            w->step[d] = ratio(square[d], next[d]);
        }
        status = status ? status : rk_column_sums(pool, w->n_hints, w->width, move_rows, w, next, err);
        for (size_t d = 0; !status && d < w->width; d++) {
            w->step[d] = ratio(next[d], square[d]);
            square[d] = next[d];
        }
        status = status ? status : rk_column_sums(pool, w->n_hints, w->width, turn_rows, w, next, err);
    }
    return status;
}

/* ---- a side ---- */

/* across = A W x without the constant; then residual = W' of it. */
static void aim(const regression *w)
{
    for (size_t r = 0; r < w->side->n; r++) {
        for (size_t d = 0; d < w->width; d++) {
            bool is_free = d < w->mf->dim || d == w->side->bias;
            w->across[r * w->width + d] = is_free ? w->trust[r] * w->side->vector[r * w->width + d] : 0;
        }
    }
    sum_over(w, w->columns, w->across, NULL, w->residual);
}

static void weigh(regression *w)
{
    const uint64_t *start = w->rows->start;
    double mean = (double)start[w->side->n] / (double)w->side->n;
    for (size_t r = 0; r < w->side->n; r++) {
        double n = (double)(start[r + 1] - start[r]);
        double counts = w->mf->s->solver == RK_MF_BAYES ? 1 : n / mean;
        w->root[r] = n > 0 ? (float)(1 / sqrt(n)) : 0;
        w->trust[r] = n > 0 ? (float)(counts / sqrt(n)) : 0;
    }
}

static rk_status learn_side(const rk_mf *mf, rk_mf_side *side, const rk_mf_side *other, rk_error *err)
{
    size_t n = side->n, m = other->n, width = mf->width;
    float *room = rk_mf_new_vectors(n + 3 * m, width), *roots = malloc(2 * (n + 1) * sizeof *roots);
    double *sums = calloc(3 * width, sizeof *sums);
    rk_status status = room && roots && sums ? RK_OK : rk_fail_memory(err, "hints");
    if (!status) {
        float *hints = room + n * width;
        regression w = {mf,
                        side,
                        &side->events,
                        &other->events,
                        width,
                        m,
                        mf->s->implicit_lambda,
                        roots,
                        roots + n + 1,
                        room,
                        hints,
                        hints + m * width,
                        hints + 2 * m * width,
                        sums};
        weigh(&w);
        aim(&w);
        apply(&w, side->hint);
        status = descend(&w, sums + width, sums + 2 * width, err);
        sum_over(&w, &side->events, side->hint, w.root, side->expected);
    }
    free(room);
    free(roots);
    free(sums);
    return status;
}

rk_status rk_mf_hints_learn(rk_mf *mf, rk_error *err)
{
    rk_status status = mf->users.hint ? learn_side(mf, &mf->users, &mf->items, err) : RK_OK;
    return status || !mf->items.hint ? status : learn_side(mf, &mf->items, &mf->users, err);
}

static rk_status start_side(const rk_mf *mf, rk_mf_side *side, const rk_mf_side *other, rk_error *err)
{
    side->hint = rk_mf_new_vectors(other->n, mf->width);
    side->expected = rk_mf_new_vectors(side->n, mf->width);
    return side->hint && side->expected ? RK_OK : rk_fail_memory(err, "hints");
}

rk_status rk_mf_hints_start(rk_mf *mf, rk_error *err)
{
    int about = mf->s->implicit;
    rk_status status =
        about == RK_MF_USERS || about == RK_MF_BOTH ? start_side(mf, &mf->users, &mf->items, err) : RK_OK;
    return status || !(about == RK_MF_ITEMS || about == RK_MF_BOTH) ? status
                                                                    : start_side(mf, &mf->items, &mf->users, err);
}

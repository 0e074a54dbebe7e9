/* mf_descent.c - plain gradients: every vector steps against its whole gradient, all from the vectors of the iteration
 * before. */
#include <string.h>

#include "model/mf.h"

enum { ROW_CHUNK = 128 };

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
        const float *x = d->moving->vector + r * width, *z = d->moving->expected;
        float *next = d->next + r * width;
        float shrink = d->step * (float)(csr->start[r + 1] - csr->start[r]) * (float)d->mf->s->lambda;
        for (size_t c = 0; c < width; c++) {
            next[c] = x[c] - shrink * (z ? x[c] - z[r * width + c] : x[c]);
        }
        for (uint64_t e = csr->start[r]; e < csr->start[r + 1]; e++) {
            const float *y = d->fixed->vector + csr->col[e] * width;
            float miss = (float)((double)csr->value[e] - d->mf->mu) - rk_mf_inner(x, y, width);
            for (size_t c = 0; c < width; c++) {
                next[c] += d->step * miss * y[c];
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

void rk_mf_descend(rk_mf *mf, float *next[2], float step)
{
    descent users = {mf, &mf->users, &mf->items, next[0], step};
    descent items = {mf, &mf->items, &mf->users, next[1], step};
    rk_parallel_for(mf->run->pool, mf->users.n, ROW_CHUNK, descent_chunk, &users);
    rk_parallel_for(mf->run->pool, mf->items.n, ROW_CHUNK, descent_chunk, &items);
    swap(&mf->users.vector, &next[0]);
    swap(&mf->items.vector, &next[1]);
}

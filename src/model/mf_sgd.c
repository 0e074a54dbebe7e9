/* mf_sgd.c - stochastic gradients. Ratings are dealt into BLOCKS x BLOCKS tiles by user and item number; tiles on one
 * diagonal touch different users and items, so they run side by side and a barrier separates the diagonals (Gemulla et
 * al., "Large-scale matrix factorization with distributed stochastic gradient descent", 2011). The number of tiles
 * depends on the data alone, never on the threads. Inside a tile the order is random and stays.
 */
#include <stdlib.h>

#include "math/random.h"
#include "model/mf.h"

enum { BLOCKS = 16, BLOCKED_RATINGS_MIN = 100000, STREAM_DEAL = 2 };

typedef struct {
    uint32_t user, item;
    float miss; /* rating less the mean */
} rating;

struct rk_mf_tiles {
    rk_mf *mf;
    rating *dealt;   /* [ratings] tile by tile */
    size_t *start;   /* [n_blocks^2 + 1] of tile user block * n_blocks + item block */
    size_t n_blocks; /* a side */
    size_t diagonal;
    float step;
};
typedef rk_mf_tiles tiles;

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
    float error = step * (miss - rk_mf_inner(x, y, mf->width)), keep = 1 - step * (float)mf->s->lambda;
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

void rk_mf_tiles_step(tiles *t, float step)
{
    t->step = step;
    for (t->diagonal = 0; t->diagonal < t->n_blocks; t->diagonal++) {
        rk_parallel_for(t->mf->run->pool, t->n_blocks, 1, tile_chunk, t);
    }
}

void rk_mf_tiles_free(tiles *t)
{
    if (t) {
        free(t->dealt);
        free(t->start);
        free(t);
    }
}

rk_status rk_mf_tiles_new(rk_mf *mf, tiles **out, rk_error *err)
{
    *out = calloc(1, sizeof **out);
    return *out ? deal(*out, mf, err) : rk_fail_memory(err, "tiles of ratings");
}

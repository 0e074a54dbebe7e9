/* mf_sgd.c - stochastic gradients. Ratings are dealt into BLOCKS x BLOCKS tiles by user and item number; tiles on one
 * diagonal touch different users and items, so they run side by side and a barrier separates the diagonals (Gemulla et
 * al., "Large-scale matrix factorization with distributed stochastic gradient descent", 2011). The number of tiles
 * depends on the data alone, never on the threads. Inside a tile users come in a random order, and so do the ratings of
 * each, which stand together: a user's vector is fetched once, and the tile's items fit the second-level cache.
 */
#include <stdlib.h>

#include "math/random.h"
#include "model/mf.h"
#include "model/mf_kernel.h"

enum {
    BLOCK_BITS = 4,
    BLOCKS = 1 << BLOCK_BITS,
    BLOCKED_RATINGS_MIN = 50000,
    STREAM_DEAL = 2,
    ALIGN = 64,
    N_COLUMNS = 4,
    LINE = 16
};

struct rk_mf_tiles {
    rk_mf *mf;
    const rk_mf_kernels *kernels;
    rk_mf_rating *dealt; /* [ratings] tile by tile */
    size_t *start;       /* [n_blocks^2 + 1] of tile user block * n_blocks + item block */
    size_t n_blocks;     /* a side */
    size_t diagonal;
    float *columns;  /* [N_COLUMNS x width] free and pull of users, then of items */
    float *paths[2]; /* of users, of items: [n_blocks x lane]; NULL: all vectors take the same steps */
    size_t lane[2];  /* rows of a block, to whole cache lines */
};
typedef rk_mf_tiles tiles;

static size_t tile_of(const tiles *t, uint32_t user, uint32_t item)
{
    return user % t->n_blocks * t->n_blocks + item % t->n_blocks;
}

/* Where each tile begins, at start[tile + 1]: dealing moves it to where the tile ends. */
static void measure(tiles *t, const rk_csr *csr)
{
    size_t n_tiles = t->n_blocks * t->n_blocks;
    for (uint32_t u = 0; u < csr->n_rows; u++) {
        for (uint64_t e = csr->start[u]; e < csr->start[u + 1]; e++) {
            t->start[tile_of(t, u, csr->col[e]) + 2]++;
        }
    }
    for (size_t i = 2; i < n_tiles + 2; i++) {
        t->start[i] += t->start[i - 1];
    }
}

static void deal_user(tiles *t, const rk_csr *csr, uint32_t user, uint32_t *order, rk_random *random)
{
    uint64_t begin = csr->start[user];
    uint32_t n = (uint32_t)(csr->start[user + 1] - begin);
    for (uint32_t i = 0; i < n; i++) {
        order[i] = i;
    }
    rk_random_shuffle(random, order, n);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t e = begin + order[i];
        size_t at = t->start[tile_of(t, user, csr->col[e]) + 1]++;
        t->dealt[at] = (rk_mf_rating){user, csr->col[e], (float)((double)csr->value[e] - t->mf->mu)};
    }
}

static rk_status deal(tiles *t, rk_error *err)
{
    const rk_csr *csr = &t->mf->users.events;
    uint64_t n = csr->start[csr->n_rows];
    t->n_blocks = n < BLOCKED_RATINGS_MIN ? 1 : BLOCKS;
    t->start = calloc(t->n_blocks * t->n_blocks + 2, sizeof *t->start);
    t->dealt = malloc((n + 1) * sizeof *t->dealt);
    uint32_t *users = malloc((csr->n_rows + 1) * sizeof *users);
    uint32_t *order = malloc((rk_csr_longest_row(csr) + 1) * sizeof *order);
    rk_status status = RK_OK;
    if (!t->start || !t->dealt || !users || !order) {
        status = rk_fail_memory(err, "tiles of ratings");
        goto done;
    }
    measure(t, csr);
    rk_random random = rk_random_of(t->mf->run->seed, (uint64_t)STREAM_DEAL << 32);
    for (uint32_t u = 0; u < csr->n_rows; u++) {
        users[u] = u;
    }
    rk_random_shuffle(&random, users, csr->n_rows);
    for (uint32_t u = 0; u < csr->n_rows; u++) {
        deal_user(t, csr, users[u], order, &random);
    }
done:
    free(users);
    free(order);
    return status;
}

/* What is 1 stays, and so does the padding, which is 0. */
static rk_mf_pace pace_of(const tiles *t, size_t which, float step)
{
    const rk_mf *mf = t->mf;
    const rk_mf_side *side = which == 0 ? &mf->users : &mf->items;
    float *free = t->columns + 2 * which * mf->width, *pull = free + mf->width;
    for (size_t d = 0; d < mf->width; d++) {
        bool is_free = d < mf->dim || d == side->bias;
        free[d] = is_free ? 1 : 0;
        pull[d] = is_free ? (float)mf->s->lambda : 0;
    }
    return (rk_mf_pace){.vector = side->vector,
                        .path = t->paths[which],
                        .free = free,
                        .pull = pull,
                        .path_shift = t->n_blocks > 1 ? BLOCK_BITS : 0,
                        .step = step,
                        .share = 1 / (float)(mf->dim + 1)};
}

typedef struct {
    const tiles *t;
    rk_mf_pace users, items;
} walk;

/* One tile of the diagonal for each user block. */
static void walk_tiles(void *context, rk_span span)
{
    const walk *w = context;
    const tiles *t = w->t;
    for (size_t block = span.begin; block < span.end; block++) {
        size_t item_block = (block + t->diagonal) % t->n_blocks, tile = block * t->n_blocks + item_block;
        rk_mf_pace users = w->users, items = w->items;
        if (users.path) {
            users.path += block * t->lane[0];
            items.path += item_block * t->lane[1];
        }
        t->kernels->walk(&users, &items, t->dealt + t->start[tile], t->start[tile + 1] - t->start[tile], t->mf->width);
    }
}

void rk_mf_tiles_step(tiles *t, float step)
{
    walk w = {t, pace_of(t, 0, step), pace_of(t, 1, step)};
    for (t->diagonal = 0; t->diagonal < t->n_blocks; t->diagonal++) {
        rk_parallel_for(t->mf->run->pool, t->n_blocks, 1, walk_tiles, &w);
    }
}

void rk_mf_tiles_free(tiles *t)
{
    if (t) {
        free(t->dealt);
        free(t->start);
        free(t->columns);
        free(t->paths[0]);
        free(t->paths[1]);
        free(t);
    }
}

/* A path begins at 1, so that the first steps are of the length that was asked for. */
static rk_status start_paths(tiles *t, rk_error *err)
{
    size_t rows[] = {t->mf->users.n, t->mf->items.n};
    for (size_t side = 0; side < 2; side++) {
        t->lane[side] = (rows[side] / t->n_blocks / LINE + 1) * LINE;
        size_t n = t->n_blocks * t->lane[side];
        t->paths[side] = aligned_alloc(ALIGN, n * sizeof *t->paths[side]);
        if (!t->paths[side]) {
            return rk_fail_memory(err, "rates of vectors");
        }
        for (size_t i = 0; i < n; i++) {
            t->paths[side][i] = 1;
        }
    }
    return RK_OK;
}

rk_status rk_mf_tiles_new(rk_mf *mf, tiles **out, rk_error *err)
{
    tiles *t = *out = calloc(1, sizeof *t);
    if (!t || !(t->columns = aligned_alloc(ALIGN, N_COLUMNS * mf->width * sizeof *t->columns))) {
        return rk_fail_memory(err, "tiles of ratings");
    }
    t->mf = mf;
    t->kernels = rk_mf_kernels_best();
    rk_status status = deal(t, err);
    return status || mf->s->rates == RK_MF_RATES_ONE ? status : start_paths(t, err);
}

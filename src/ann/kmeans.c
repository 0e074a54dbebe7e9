/* kmeans.c - see kmeans.h.
 *
 * |x - c|^2 is least where <x, c> - |c|^2 / 2 is largest. Centres begin as rows that were drawn; one that nobody is
 * near to any more takes half of the largest group, a little aside.
 */
#include "ann/kmeans.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/dot.h"
#include "math/random.h"

static const float ASIDE = 1.0F / 1024;

rk_status rk_centres_init(const float *centre, size_t k, size_t dim, rk_centres *out, rk_error *err)
{
    *out = (rk_centres){centre, malloc(k * sizeof(float)), k, dim};
    if (!out->half_square) {
        return rk_fail_memory(err, "centres");
    }
    for (size_t c = 0; c < k; c++) {
        double square = 0;
        for (size_t d = 0; d < dim; d++) {
            square += (double)centre[c * dim + d] * (double)centre[c * dim + d];
        }
        out->half_square[c] = (float)(square / 2);
    }
    return RK_OK;
}

void rk_centres_release(rk_centres *centres)
{
    free(centres->half_square);
    centres->half_square = NULL;
}

/* Of one row among the centres first .. first + n - 1. */
static void better(const rk_centres *centres, const float *products, size_t first, size_t n, float *best, uint32_t *at)
{
    for (size_t c = 0; c < n; c++) {
        float score = products[c] - centres->half_square[first + c];
        if (score > *best) {
            *best = score;
            *at = (uint32_t)(first + c);
        }
    }
}

void rk_centres_nearest(const rk_centres *centres, const rk_ann_rows *rows, float *room, uint32_t *nearest)
{
    float best[RK_CENTRES_ROWS];
    const rk_kernels *kernels = rk_kernels_best();
    for (size_t r = 0; r < rows->n; r++) {
        best[r] = -INFINITY;
        nearest[r] = 0;
    }
    for (size_t first = 0; first < centres->k; first += RK_CENTRES_TILE) {
        size_t n = centres->k - first < RK_CENTRES_TILE ? centres->k - first : RK_CENTRES_TILE;
        rk_dot_product product = {.out = room,
                                  .out_stride = RK_CENTRES_TILE,
                                  .a = rows->at,
                                  .a_stride = rows->stride,
                                  .m = rows->n,
                                  .b = centres->centre + first * centres->dim,
                                  .b_stride = centres->dim,
                                  .n = n,
                                  .dim = centres->dim};
        kernels->product_f32(&product);
        for (size_t r = 0; r < rows->n; r++) {
            better(centres, room + r * RK_CENTRES_TILE, first, n, &best[r], &nearest[r]);
        }
    }
}

/* ---- rounds ---- */

typedef struct {
    const rk_ann_rows *rows;
    rk_centres centres;
    float *centre;     /* [k x dim] */
    float *room;       /* [threads x ROWS x TILE] */
    uint32_t *nearest; /* [n] */
    uint32_t *member;  /* [n] rows by their centre */
    uint32_t *start;   /* [k + 1] */
} lloyd;

static void assign(void *context, rk_span span)
{
    const lloyd *l = context;
    rk_ann_rows rows = {rk_ann_row(l->rows, span.begin), span.end - span.begin, l->rows->dim, l->rows->stride};
    float *room = l->room + (size_t)span.worker * RK_CENTRES_ROWS * RK_CENTRES_TILE;
    rk_centres_nearest(&l->centres, &rows, room, l->nearest + span.begin);
}

/* Rows by centre, in their order. */
static void gather(lloyd *l, size_t k)
{
    memset(l->start, 0, (k + 1) * sizeof *l->start);
    for (size_t r = 0; r < l->rows->n; r++) {
        l->start[l->nearest[r] + 1]++;
    }
    for (size_t c = 0; c < k; c++) {
        l->start[c + 1] += l->start[c];
    }
    for (size_t r = 0; r < l->rows->n; r++) {
        l->member[l->start[l->nearest[r]]++] = (uint32_t)r;
    }
    memmove(l->start + 1, l->start, k * sizeof *l->start);
    l->start[0] = 0;
}

static void move_centres(void *context, rk_span span)
{
    const lloyd *l = context;
    size_t dim = l->rows->dim;
    for (size_t c = span.begin; c < span.end; c++) {
        float *centre = l->centre + c * dim;
        uint32_t n = l->start[c + 1] - l->start[c];
        if (n == 0) {
            continue;
        }
        memset(centre, 0, dim * sizeof *centre);
        for (uint32_t m = l->start[c]; m < l->start[c + 1]; m++) {
            const float *row = rk_ann_row(l->rows, l->member[m]);
            for (size_t d = 0; d < dim; d++) {
                centre[d] += row[d];
            }
        }
        for (size_t d = 0; d < dim; d++) {
            centre[d] /= (float)n;
        }
    }
}

/* Centres without rows go where most rows are; count is used up. */
static void place_empty(lloyd *l, size_t k, uint32_t *count)
{
    size_t dim = l->rows->dim;
    for (size_t c = 0; c < k; c++) {
        count[c] = l->start[c + 1] - l->start[c];
    }
    for (size_t c = 0; c < k; c++) {
        size_t largest = 0;
        for (size_t o = 1; count[c] == 0 && o < k; o++) {
            largest = count[o] > count[largest] ? o : largest;
        }
        if (count[c] > 0 || count[largest] < 2) {
            continue;
        }
        for (size_t d = 0; d < dim; d++) {
            float value = l->centre[largest * dim + d], off = fabsf(value) * ASIDE;
            off = (d + c) % 2 ? off : -off;
            l->centre[c * dim + d] = value + off;
            l->centre[largest * dim + d] = value - off;
        }
        count[c] = count[largest] / 2;
        count[largest] -= count[c];
    }
}

static rk_status rounds(lloyd *l, rk_kmeans_wish wish, rk_pool *pool, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t round = 0; !status && round < wish.n_rounds; round++) {
        status = rk_centres_init(l->centre, wish.k, l->rows->dim, &l->centres, err);
        if (!status) {
            rk_parallel_for(pool, l->rows->n, RK_CENTRES_ROWS, assign, l);
            gather(l, wish.k);
            rk_parallel_for(pool, wish.k, 8, move_centres, l);
            place_empty(l, wish.k, l->nearest); /* which is read no more in this round, and has room for all centres */
        }
        rk_centres_release(&l->centres);
    }
    return status;
}

/* Rows that are drawn, each once while there are as many. */
static void draw_centres(lloyd *l, rk_kmeans_wish wish)
{
    size_t n = l->rows->n, dim = l->rows->dim;
    rk_random random = rk_random_of(wish.seed, wish.stream);
    rk_random_shuffle(&random, l->member, (uint32_t)n);
    for (size_t c = 0; c < wish.k; c++) {
        memcpy(l->centre + c * dim, rk_ann_row(l->rows, l->member[c % n]), dim * sizeof *l->centre);
    }
}

rk_status rk_kmeans(const rk_ann_rows *rows, rk_kmeans_wish wish, rk_pool *pool, float *centres, rk_error *err)
{
    size_t n = rows->n > wish.k ? rows->n : wish.k;
    lloyd l = {.rows = rows, .centre = centres};
    l.room = malloc(rk_pool_threads(pool) * RK_CENTRES_ROWS * RK_CENTRES_TILE * sizeof *l.room);
    l.nearest = malloc(n * sizeof *l.nearest);
    l.member = malloc(n * sizeof *l.member);
    l.start = malloc((wish.k + 1) * sizeof *l.start);
    rk_status status = RK_OK;
    if (l.room && l.nearest && l.member && l.start) {
        draw_centres(&l, wish);
        status = rounds(&l, wish, pool, err);
    } else {
        status = rk_fail_memory(err, "centres");
    }
    free(l.room);
    free(l.nearest);
    free(l.member);
    free(l.start);
    return status;
}

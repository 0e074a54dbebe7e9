/* hnsw_build.c - the graph: items come in batches, find their links in the graph as it was, and are linked back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "ann/hnsw.h"
#include "math/dot.h"
#include "math/random.h"

enum { ALIGN = 64, LANE = 32, BATCH_MAX = 4096, SHARE = 16, ROW_CHUNK = 256, ITEM_CHUNK = 8 };

void rk_hnsw_release(rk_hnsw *h)
{
    if (h->is_own) {
        const void *const all[] = {h->bytes, h->scale, h->lift, h->level, h->near, h->upper};
        for (size_t i = 0; i < RK_COUNT_OF(all); i++) {
            free((void *)(uintptr_t)all[i]);
        }
    }
    free((void *)(uintptr_t)h->above);
    *h = (rk_hnsw){0};
}

/* ---- vectors as bytes, lifted ---- */

typedef struct {
    const rk_hnsw *h;
    const rk_ann_rows *base;
    size_t first;
} encoding;

static void encode_chunk(void *context, rk_span span)
{
    const encoding *e = context;
    const rk_hnsw *h = e->h;
    for (size_t r = e->first + span.begin; r < e->first + span.end; r++) {
        double length = rk_ann_length(rk_ann_row(e->base, r), h->dim), square = (double)h->longest * (double)h->longest;
        int8_t *bytes = (int8_t *)(uintptr_t)h->bytes + r * h->stride;
        memset(bytes, 0, h->stride);
        ((float *)(uintptr_t)h->scale)[r] = rk_int8_of_row(bytes, rk_ann_row(e->base, r), h->dim);
        ((float *)(uintptr_t)h->lift)[r] = (float)sqrt(fmax(0, square - length * length));
    }
}

/* A level above the lowest for one in `links`, another for one of those in as many, and so on. */
static uint8_t draw_level(const rk_hnsw *h, size_t item)
{
    rk_random random = rk_random_of(h->seed, item);
    double level = -log(1 - rk_random_uniform(&random)) / log((double)h->links);
    return (uint8_t)fmin(level, RK_HNSW_LEVELS_MAX - 1);
}

/* ---- links ---- */

typedef struct {
    rk_hnsw *h;
    size_t first, n; /* items of the batch */
    rk_hnsw_desk *desks;
    rk_hnsw_place *room; /* [workers x (2 links max + reach)] */
    size_t room_each;
} batch;

static float alike(const rk_hnsw *h, const rk_kernels *kernels, uint32_t a, uint32_t b)
{
    int32_t sum;
    kernels->rows_i8(&sum, h->bytes + (size_t)a * h->stride, h->stride, 1, h->bytes + (size_t)b * h->stride, h->stride);
    return (float)sum * (h->scale[a] * h->scale[b]) + h->lift[a] * h->lift[b];
}

/* The heuristic of the paper: of the places, best first, those that are nearer to the item than to any taken so far;
 * what room is left goes to the best of the others. The row is filled up to `most`. */
static void choose(const rk_hnsw *h, const rk_kernels *kernels, const rk_hnsw_place *places, size_t n, uint32_t most,
                   uint32_t *row)
{
    uint32_t others[2 * RK_HNSW_LINKS_MAX], n_others = 0;
    row[0] = 0;
    for (size_t i = 0; i < n && row[0] < most; i++) {
        bool is_good = true;
        for (uint32_t k = 1; k <= row[0] && is_good; k++) {
            is_good = alike(h, kernels, places[i].item, row[k]) < places[i].score;
        }
        if (is_good) {
            row[++row[0]] = places[i].item;
        } else if (n_others < most) {
            others[n_others++] = places[i].item;
        }
    }
    for (uint32_t i = 0; i < n_others && row[0] < most; i++) {
        row[++row[0]] = others[i];
    }
}

static uint32_t most_of(const rk_hnsw *h, unsigned level) { return level == 0 ? 2 * h->links : h->links; }

static void be_query(const rk_hnsw *h, rk_hnsw_desk *desk, uint32_t item)
{
    memcpy(desk->query, h->bytes + (size_t)item * h->stride, h->stride);
    desk->query_scale = h->scale[item];
    desk->query_lift = h->lift[item];
}

/* Each item of the batch finds its own links, on every level that the graph has. */
static void find_chunk(void *context, rk_span span)
{
    const batch *b = context;
    const rk_hnsw *h = b->h;
    rk_hnsw_desk *desk = &b->desks[span.worker];
    const rk_kernels *kernels = rk_kernels_best();
    for (size_t i = b->first + span.begin; i < b->first + span.end; i++) {
        be_query(h, desk, (uint32_t)i);
        unsigned level = h->level[i] < h->top ? h->level[i] : h->top;
        uint32_t from = rk_hnsw_descend(h, desk, level);
        for (unsigned at = level + 1; at-- > 0;) {
            rk_hnsw_walk(h, desk, from, at, h->reach);
            from = desk->places[0].item;
            choose(h, kernels, desk->places, desk->n_places, h->links, rk_hnsw_row(h, (uint32_t)i, at));
        }
    }
}

/* A link back: old item, level, new item. */
typedef struct {
    uint32_t old, level, item;
} back;

static int by_old(const void *a, const void *b)
{
    const back *x = a, *y = b;
    if (x->old != y->old) {
        return x->old < y->old ? -1 : 1;
    }
    if (x->level != y->level) {
        return x->level < y->level ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

static int by_score(const void *a, const void *b)
{
    const rk_hnsw_place *x = a, *y = b;
    if (x->score > y->score || x->score < y->score) {
        return x->score > y->score ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

typedef struct {
    batch *b;
    const back *backs;
    const size_t *start; /* [groups + 1] */
} backlinks;

/* One old item on one level takes what links to it; where that is too much it chooses anew. */
static void link_chunk(void *context, rk_span span)
{
    const backlinks *l = context;
    const rk_hnsw *h = l->b->h;
    const rk_kernels *kernels = rk_kernels_best();
    rk_hnsw_place *room = l->b->room + span.worker * l->b->room_each;
    for (size_t g = span.begin; g < span.end; g++) {
        const back *first = l->backs + l->start[g];
        size_t n_new = l->start[g + 1] - l->start[g], n = 0;
        uint32_t most = most_of(h, first->level), *row = rk_hnsw_row(h, first->old, first->level);
        if (row[0] + n_new <= most) {
            for (size_t i = 0; i < n_new; i++) {
                row[++row[0]] = first[i].item;
            }
            continue;
        }
        for (uint32_t i = 1; i <= row[0]; i++) {
            room[n++] = (rk_hnsw_place){alike(h, kernels, first->old, row[i]), row[i]};
        }
        for (size_t i = 0; i < n_new && n < l->b->room_each; i++) {
            room[n++] = (rk_hnsw_place){alike(h, kernels, first->old, first[i].item), first[i].item};
        }
        qsort(room, n, sizeof *room, by_score);
        choose(h, kernels, room, n, most, row);
    }
}

static rk_status link_back(batch *b, const rk_run *run, rk_error *err)
{
    const rk_hnsw *h = b->h;
    size_t n = 0, n_groups = 0;
    for (size_t i = b->first; i < b->first + b->n; i++) {
        for (unsigned level = 0; level <= h->level[i] && level <= h->top; level++) {
            n += rk_hnsw_row(h, (uint32_t)i, level)[0];
        }
    }
    back *backs = malloc((n + 1) * sizeof *backs);
    size_t *start = malloc((n + 1) * sizeof *start);
    if (!backs || !start) {
        free(backs);
        free(start);
        return rk_fail_memory(err, "links");
    }
    n = 0;
    for (size_t i = b->first; i < b->first + b->n; i++) {
        for (unsigned level = 0; level <= h->level[i] && level <= h->top; level++) {
            const uint32_t *row = rk_hnsw_row(h, (uint32_t)i, level);
            for (uint32_t k = 1; k <= row[0]; k++) {
                backs[n++] = (back){row[k], level, (uint32_t)i};
            }
        }
    }
    qsort(backs, n, sizeof *backs, by_old);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || backs[i].old != backs[i - 1].old || backs[i].level != backs[i - 1].level) {
            start[n_groups++] = i;
        }
    }
    start[n_groups] = n;
    backlinks l = {b, backs, start};
    rk_parallel_for(run->pool, n_groups, ROW_CHUNK, link_chunk, &l);
    free(backs);
    free(start);
    return RK_OK;
}

/* ---- batches ---- */

/* The highest of the batch, the first of equals, becomes the entry when it is above the graph. */
static void raise_entry(rk_hnsw *h, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++) {
        if (h->level[i] > h->top) {
            h->top = h->level[i];
            h->entry = (uint32_t)i;
        }
    }
}

static rk_status insert(rk_hnsw *h, size_t first, const rk_run *run, rk_error *err)
{
    unsigned n_workers = rk_pool_threads(run->pool);
    batch b = {.h = h, .room_each = 2 * RK_HNSW_LINKS_MAX + BATCH_MAX};
    b.desks = calloc(n_workers, sizeof *b.desks);
    b.room = malloc(n_workers * b.room_each * sizeof *b.room);
    rk_status status = b.desks && b.room ? RK_OK : rk_fail_memory(err, "links");
    for (unsigned t = 0; !status && t < n_workers; t++) {
        status = rk_hnsw_desk_init(&b.desks[t], h, h->reach, err);
    }
    for (b.first = first; !status && b.first < h->n; b.first += b.n) {
        size_t share = b.first / SHARE > 0 ? b.first / SHARE : 1, left = h->n - b.first;
        b.n = share < BATCH_MAX ? share : BATCH_MAX;
        b.n = b.n < left ? b.n : left;
        if (b.first == 0) {
            h->entry = 0;
            h->top = h->level[0];
            continue;
        }
        rk_progress(run, "hnsw", "items", b.first, h->n);
        rk_parallel_for(run->pool, b.n, ITEM_CHUNK, find_chunk, &b);
        status = link_back(&b, run, err);
        raise_entry(h, b.first, b.n);
    }
    for (unsigned t = 0; b.desks && t < n_workers; t++) {
        rk_hnsw_desk_release(&b.desks[t]);
    }
    free(b.desks);
    free(b.room);
    return status;
}

/* A copy of n_old things of a size in room for n, zeros behind. */
static void *grown(const void *from, size_t n_old, size_t n, size_t size)
{
    size_t bytes = (n * size + ALIGN) / ALIGN * ALIGN;
    char *at = aligned_alloc(ALIGN, bytes);
    if (at) {
        memset(at + n_old * size, 0, bytes - n_old * size);
        if (n_old > 0) {
            memcpy(at, from, n_old * size);
        }
    }
    return at;
}

/* Every array for n items; those there were are copied. */
static rk_status make_room(rk_hnsw *h, size_t n_old, size_t n, rk_error *err)
{
    rk_hnsw old = *h;
    size_t row = 2 * h->links + 1;
    uint8_t *level = grown(old.level, n_old, n, sizeof *level);
    uint32_t *above = grown(old.above, n_old > 0 ? n_old + 1 : 0, n + 1, sizeof *above);
    for (size_t i = n_old; level && above && i < n; i++) {
        level[i] = draw_level(h, i);
        above[i + 1] = above[i] + level[i];
    }
    h->level = level;
    h->above = above;
    h->bytes = grown(old.bytes, n_old, n, h->stride);
    h->scale = grown(old.scale, n_old, n, sizeof *h->scale);
    h->lift = grown(old.lift, n_old, n, sizeof *h->lift);
    h->near = grown(old.near, n_old, n, row * sizeof *h->near);
    h->upper =
        above ? grown(old.upper, n_old > 0 ? old.above[n_old] : 0, above[n], (h->links + 1) * sizeof *h->upper) : NULL;
    h->n = n;
    bool is_done = level && above && h->bytes && h->scale && h->lift && h->near && h->upper;
    if (!is_done) { /* the old arrays stay as they were */
        rk_hnsw failed = *h;
        failed.is_own = true;
        rk_hnsw_release(&failed);
        *h = old;
        return rk_fail_memory(err, "an index");
    }
    h->is_own = true;
    rk_hnsw_release(&old);
    return RK_OK;
}

rk_status rk_hnsw_grow(rk_hnsw *h, const rk_ann_rows *base, size_t n_new, const rk_run *run, rk_error *err)
{
    size_t first = base->n - n_new;
    rk_status status = make_room(h, first, base->n, err);
    if (status) {
        return status;
    }
    bool is_longer = false;
    for (size_t r = first; r < base->n; r++) {
        float length = (float)rk_ann_length(rk_ann_row(base, r), base->dim);
        is_longer |= length > h->longest;
        h->longest = fmaxf(h->longest, length);
    }
    encoding e = {h, base, is_longer ? 0 : first}; /* a larger sphere: all are lifted anew, and links stay */
    rk_parallel_for(run->pool, base->n - e.first, ROW_CHUNK, encode_chunk, &e);
    return insert(h, first, run, err);
}

rk_status rk_hnsw_build(const rk_ann_material *from, const rk_hnsw_settings *settings, rk_hnsw *out, rk_error *err)
{
    const rk_ann_rows *base = from->base;
    *out = (rk_hnsw){.dim = base->dim,
                     .stride = (base->dim + LANE - 1) / LANE * LANE,
                     .links = (uint32_t)settings->links,
                     .reach = (uint32_t)settings->reach,
                     .seed = from->run->seed};
    return rk_hnsw_grow(out, base, base->n, from->run, err);
}

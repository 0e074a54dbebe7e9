/* hnsw_search.c - walking: a short sorted list of the best met so far, each of which is walked on from once. */
#include <stdlib.h>
#include <string.h>

#include "ann/hnsw.h"
#include "math/dot.h"

enum { ALIGN = 64, LINE = 64 };
#define WALKED UINT32_C(0x80000000)

rk_status rk_hnsw_desk_init(rk_hnsw_desk *desk, const rk_hnsw *h, size_t reach, rk_error *err)
{
    desk->reach = reach;
    desk->stamp = calloc(h->n + 1, sizeof *desk->stamp);
    desk->places = malloc((reach + 1) * sizeof *desk->places);
    desk->query = aligned_alloc(ALIGN, (h->stride + ALIGN - 1) / ALIGN * ALIGN);
    if (!desk->stamp || !desk->places || !desk->query) {
        return rk_fail_memory(err, "a desk");
    }
    memset(desk->query, 0, h->stride);
    return RK_OK;
}

void rk_hnsw_desk_release(rk_hnsw_desk *desk)
{
    free(desk->stamp);
    free(desk->places);
    free(desk->query);
    *desk = (rk_hnsw_desk){0};
}

static void begin_walk(const rk_hnsw *h, rk_hnsw_desk *desk)
{
    if (++desk->walk == 0) {
        memset(desk->stamp, 0, (h->n + 1) * sizeof *desk->stamp);
        desk->walk = 1;
    }
    desk->n_places = 0;
}

static float score_of(const rk_hnsw *h, const rk_hnsw_desk *desk, const rk_kernels *kernels, uint32_t item)
{
    int32_t sum;
    kernels->rows_i8(&sum, h->bytes + (size_t)item * h->stride, h->stride, 1, desk->query, h->stride);
    return (float)sum * (desk->query_scale * h->scale[item]) + desk->query_lift * h->lift[item];
}

static void prefetch(const rk_hnsw *h, uint32_t item)
{
    const int8_t *at = h->bytes + (size_t)item * h->stride;
    for (size_t i = 0; i < h->stride; i += LINE) {
        __builtin_prefetch(at + i);
    }
}

/* Equal scores by smaller item, so that an answer does not depend on the way that was walked. */
static bool is_before(rk_hnsw_place a, rk_hnsw_place b)
{
    return a.score > b.score || (a.score == b.score && (a.item & ~WALKED) < (b.item & ~WALKED));
}

/* Into its place among the best; returns where, or reach when it is none of them. */
static size_t put(rk_hnsw_desk *desk, size_t reach, rk_hnsw_place one)
{
    size_t low = 0, high = desk->n_places;
    if (high == reach && !is_before(one, desk->places[reach - 1])) {
        return reach;
    }
    while (low < high) {
        size_t middle = (low + high) / 2;
        *(is_before(desk->places[middle], one) ? &low : &high) =
            is_before(desk->places[middle], one) ? middle + 1 : middle;
    }
    desk->n_places += desk->n_places < reach;
    memmove(desk->places + low + 1, desk->places + low, (desk->n_places - 1 - low) * sizeof one);
    desk->places[low] = one;
    return low;
}

void rk_hnsw_walk(const rk_hnsw *h, rk_hnsw_desk *desk, uint32_t from, unsigned level, size_t reach)
{
    const rk_kernels *kernels = rk_kernels_best();
    begin_walk(h, desk);
    desk->stamp[from] = desk->walk;
    put(desk, reach, (rk_hnsw_place){score_of(h, desk, kernels, from), from});
    for (size_t at = 0; at < desk->n_places;) {
        if (desk->places[at].item & WALKED) {
            at++;
            continue;
        }
        uint32_t item = desk->places[at].item;
        const uint32_t *row = rk_hnsw_row(h, item, level);
        desk->places[at].item |= WALKED;
        for (uint32_t i = 1; i <= row[0]; i++) {
            __builtin_prefetch(&desk->stamp[row[i]]);
            prefetch(h, row[i]);
        }
        size_t back = ++at;
        for (uint32_t i = 1; i <= row[0]; i++) {
            if (desk->stamp[row[i]] == desk->walk) {
                continue;
            }
            desk->stamp[row[i]] = desk->walk;
            size_t to = put(desk, reach, (rk_hnsw_place){score_of(h, desk, kernels, row[i]), row[i]});
            back = to < back ? to : back;
        }
        at = back;
    }
    for (size_t i = 0; i < desk->n_places; i++) {
        desk->places[i].item &= ~WALKED;
    }
}

uint32_t rk_hnsw_descend(const rk_hnsw *h, rk_hnsw_desk *desk, unsigned level)
{
    const rk_kernels *kernels = rk_kernels_best();
    rk_hnsw_place here = {score_of(h, desk, kernels, h->entry), h->entry};
    for (unsigned at = h->top; at > level; at--) {
        for (bool is_better = true; is_better;) {
            const uint32_t *row = rk_hnsw_row(h, here.item, at);
            is_better = false;
            for (uint32_t i = 1; i <= row[0]; i++) {
                rk_hnsw_place there = {score_of(h, desk, kernels, row[i]), row[i]};
                if (is_before(there, here)) {
                    here = there;
                    is_better = true;
                }
            }
        }
    }
    return here.item;
}

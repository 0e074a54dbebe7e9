/* near_columns.c - see near_columns.h. */
#include "model/near_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

rk_status rk_near_columns_init(rk_near_columns *columns, uint32_t n_items, uint32_t most, rk_error *err)
{
    size_t room = (size_t)n_items * most + 1;
    *columns = (rk_near_columns){
        .n_items = n_items,
        .most = most,
        .count = calloc((size_t)n_items + 1, sizeof *columns->count),
        .from = malloc(room * sizeof *columns->from),
        .weight = malloc(room * sizeof *columns->weight),
    };
    return columns->count && columns->from && columns->weight ? RK_OK : rk_fail_memory(err, "neighbours of items");
}

void rk_near_columns_release(rk_near_columns *columns)
{
    free(columns->count);
    free(columns->from);
    free(columns->weight);
    *columns = (rk_near_columns){0};
}

/* The turned copy is as large again. */
uint64_t rk_near_columns_bytes(uint32_t n_items, uint32_t most)
{
    return 2 * ((uint64_t)n_items * most * 8 + (uint64_t)n_items * 12);
}

static int by_id(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Places of the `most` largest, ascending. The selector knows places, not items: with ascending items that is the same
 * order. */
static uint32_t choose(const float *weight, uint32_t n, float threshold, rk_topk *best, uint32_t *place)
{
    enum { BLOCK = 1024 };
    for (uint32_t first = 0; first < n; first += BLOCK) {
        float size[BLOCK];
        uint32_t m = n - first < BLOCK ? n - first : BLOCK;
        for (uint32_t i = 0; i < m; i++) {
            float magnitude = fabsf(weight[first + i]);
            size[i] = magnitude > threshold ? magnitude : NAN;
        }
        rk_topk_offer(best, first, size, m, NULL, 0);
    }
    uint32_t count = (uint32_t)rk_topk_take(best, place, NULL);
    qsort(place, count, sizeof *place, by_id);
    return count;
}

static uint32_t take_all(const float *weight, uint32_t n, float threshold, uint32_t *place)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        place[count] = i;
        count += fabsf(weight[i]) > threshold;
    }
    return count;
}

void rk_near_columns_put(rk_near_columns *columns, uint32_t item, const uint32_t *from, const float *weight, uint32_t n,
                         float threshold, rk_topk *best)
{
    uint32_t *to = columns->from + (size_t)item * columns->most;
    float *kept = columns->weight + (size_t)item * columns->most;
    uint32_t count = n < columns->most ? take_all(weight, n, threshold, to) : choose(weight, n, threshold, best, to);
    for (uint32_t i = 0; i < count; i++) {
        kept[i] = weight[to[i]];
        to[i] = from ? from[to[i]] : to[i];
    }
    columns->count[item] = count;
}

/* Moves the columns together, in place. */
static void close_gaps(rk_near_columns *columns, uint64_t *start)
{
    for (uint32_t i = 0; i < columns->n_items; i++) {
        uint64_t at = start[i], count = columns->count[i];
        memmove(columns->from + at, columns->from + (size_t)i * columns->most, count * sizeof *columns->from);
        memmove(columns->weight + at, columns->weight + (size_t)i * columns->most, count * sizeof *columns->weight);
        start[i + 1] = at + count;
    }
}

rk_status rk_near_columns_turn(rk_near_columns *columns, rk_csr *near, rk_error *err)
{
    uint64_t *start = calloc((size_t)columns->n_items + 1, sizeof *start);
    rk_status status = RK_OK;
    if (!start) {
        status = rk_fail_memory(err, "neighbours of items");
    } else {
        close_gaps(columns, start);
        rk_csr by_item = {columns->n_items, columns->n_items, start, columns->from, columns->weight};
        status = rk_csr_transpose(&by_item, near, err);
    }
    free(start);
    rk_near_columns_release(columns);
    return status;
}

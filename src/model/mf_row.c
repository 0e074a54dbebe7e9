/* mf_row.c - see mf_row.h. */
#include "model/mf_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64, N_VECTORS = 3, AHEAD = 6, LINE = 16 };

static void lay_out(rk_mf_room *room, float *at, size_t width)
{
    room->mean = at;
    room->doubt = at + width;
    room->square = at + 2 * width;
}

rk_status rk_mf_room_init(rk_mf_room *room, size_t width, size_t longest, rk_error *err)
{
    float *at = aligned_alloc(ALIGN, N_VECTORS * width * sizeof *at);
    if (!at) {
        return rk_fail_memory(err, "room for a row");
    }
    lay_out(room, at, width);
    return rk_ridge_room_init(&room->ridge, width, longest, err);
}

rk_status rk_mf_room_init_small(rk_mf_room *room, size_t width, size_t n, rk_arena *arena, rk_error *err)
{
    float *at = rk_arena_take(arena, N_VECTORS * width, sizeof *at, ALIGN);
    if (!at) {
        return rk_fail_memory(err, "room for a row");
    }
    lay_out(room, at, width);
    return rk_ridge_room_init_small(&room->ridge, width, n, arena, err);
}

void rk_mf_room_release(rk_mf_room *room)
{
    rk_ridge_room_release(&room->ridge);
    free(room->mean);
    *room = (rk_mf_room){0};
}

uint64_t rk_mf_room_bytes(size_t width) { return rk_ridge_bytes(width) + N_VECTORS * width * sizeof(float); }

/* doubt = sum of the variances of the row's vectors. */
static void add_doubt(const rk_mf_half *half, rk_history row, float *doubt)
{
    size_t width = half->width;
    memset(doubt, 0, width * sizeof *doubt);
    for (size_t j = 0; half->variance && j < row.n; j++) {
        if (j + AHEAD < row.n) {
            const float *next = half->variance + row.item[j + AHEAD] * width;
            for (size_t d = 0; d < width; d += LINE) {
                __builtin_prefetch(next + d);
            }
        }
        const float *variance = half->variance + row.item[j] * width;
        for (size_t d = 0; d < width; d++) {
            doubt[d] += variance[d];
        }
    }
}

/* Both pulls, as the scale of the columns and where they pull to. */
static void set_pull(const rk_mf_half *half, size_t n, const float *expected, rk_mf_room *room)
{
    for (size_t d = 0; d < half->width; d++) {
        bool is_free = d < half->dim || d == half->bias;
        float pull = is_free ? half->base[d] + half->each * (float)n : 0, penalty = pull + room->doubt[d];
        room->ridge.scale[d] = is_free && penalty > 0 ? 1 / sqrtf(penalty) : 0;
        room->mean[d] = is_free && expected && penalty > 0 ? expected[d] * (pull / penalty) : 0;
    }
    room->mean[half->one] = 1;
}

void rk_mf_load(const rk_mf_half *half, rk_history row, const float *expected, rk_mf_room *room)
{
    rk_ridge_room *ridge = &room->ridge;
    add_doubt(half, row, room->doubt);
    set_pull(half, row.n, expected, room);
    for (size_t j = 0; j < row.n; j++) {
        double rating = row.value ? (double)row.value[j] : half->mu;
        float foretold = rk_mf_inner(room->mean, half->fixed + row.item[j] * half->width, half->width);
        ridge->weight[j] = 1;
        ridge->target[j] = (float)(rating - half->mu - (double)foretold);
    }
    ridge->n = row.n;
    rk_ridge_gather from = {half->fixed, row.item, ridge->weight, ridge->scale, row.n, half->width};
    rk_ridge_load(&ridge->ridge, &from, ridge->target);
}

rk_status rk_mf_solve(const rk_mf_half *half, rk_mf_room *room, float *x, float *variance, rk_error *err)
{
    rk_ridge_room *ridge = &room->ridge;
    if (variance) {
        rk_ridge_squares(&ridge->ridge, room->square); /* solving overwrites what it needs */
    }
    rk_status status = rk_ridge_solve(&ridge->ridge, ridge->z, err);
    for (size_t d = 0; d < half->width; d++) {
        float scale = ridge->scale[d];
        x[d] = room->mean[d] + ridge->z[d] * scale;
        if (variance) {
            variance[d] = (float)half->noise * scale * scale / (1 + room->square[d]);
        }
    }
    return status;
}

double rk_mf_row_miss(const rk_mf_half *half, rk_history row, const rk_mf_room *room, const float *x,
                      const float *variance)
{
    double sum = 0;
    for (size_t j = 0; j < row.n; j++) {
        double foretold = half->mu + (double)rk_mf_inner(x, half->fixed + row.item[j] * half->width, half->width);
        double miss = (double)row.value[j] - foretold;
        sum += miss * miss;
    }
    for (size_t d = 0; d < half->width; d++) {
        double scale = (double)room->ridge.scale[d], doubt = (double)room->doubt[d];
        double square = scale > 0 ? (double)room->square[d] / (scale * scale) : 0; /* of the y's in this column */
        sum += (double)x[d] * (double)x[d] * doubt + (double)variance[d] * (doubt + square);
    }
    return sum;
}

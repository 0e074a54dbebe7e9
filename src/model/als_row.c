/* als_row.c - see als_row.h. */
#include "model/als_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 64 };

static size_t room_bytes(size_t width, size_t longest)
{
    size_t floats = 3 * longest + 2 * width;
    return (floats * sizeof(float) + ALIGN - 1) / ALIGN * ALIGN;
}

static void lay_out(rk_als_room *room, float *at, size_t width, size_t longest)
{
    room->scale = at;
    room->z = room->scale + width;
    room->weight = room->z + width;
    room->target = room->weight + longest;
    room->id = (uint32_t *)(void *)(room->target + longest);
}

rk_status rk_als_room_init(rk_als_room *room, size_t width, size_t longest, rk_error *err)
{
    room->block = aligned_alloc(ALIGN, room_bytes(width, longest));
    if (!room->block) {
        return rk_fail_memory(err, "room for a history");
    }
    lay_out(room, room->block, width, longest);
    return rk_ridge_init(&room->ridge, width, err);
}

rk_status rk_als_room_init_small(rk_als_room *room, size_t width, size_t n, rk_arena *arena, rk_error *err)
{
    void *block = rk_arena_take(arena, room_bytes(width, n), 1, ALIGN);
    if (!block) {
        return rk_fail_memory(err, "room for a history");
    }
    room->block = NULL;
    lay_out(room, block, width, n);
    return rk_ridge_init_small(&room->ridge, width, n, arena, err);
}

void rk_als_room_release(rk_als_room *room)
{
    rk_ridge_release(&room->ridge);
    free(room->block);
    *room = (rk_als_room){0};
}

double rk_als_penalty(const rk_als_half *half, size_t n_events)
{
    const rk_als_weights *w = &half->weights;
    return w->lambda * pow((double)n_events + w->unobserved * half->n_fixed, w->exponent);
}

double rk_als_confidence(const rk_als_weights *weights, float value)
{
    if (!(value > 0) || !isfinite(value)) {
        return 0;
    }
    return weights->alpha * (weights->is_log ? log2(1 + (double)value) : (double)value);
}

static void set_scale(const rk_als_half *half, double penalty, float *scale)
{
    for (size_t d = 0; d < half->dim; d++) {
        scale[d] = 1 / sqrtf(half->diagonal[d] + (float)penalty);
    }
    for (size_t d = half->dim; d < half->width; d++) {
        scale[d] = 0;
    }
}

void rk_als_load(const rk_als_half *half, rk_history row, rk_als_room *room)
{
    double a = half->weights.unobserved, once = rk_als_confidence(&half->weights, 1);
    room->n = 0;
    for (size_t j = 0; j < row.n; j++) {
        double confidence = row.value ? rk_als_confidence(&half->weights, row.value[j]) : once;
        if (confidence > 0) {
            double root = sqrt(confidence);
            room->id[room->n] = row.item[j];
            room->weight[room->n] = (float)root;
            room->target[room->n++] = (float)((a + confidence) / root);
        }
    }
    room->penalty = rk_als_penalty(half, room->n);
    set_scale(half, room->penalty, room->scale);
    rk_ridge_gather from = {half->fixed, room->id, room->weight, room->scale, room->n, half->width};
    rk_ridge_load(&room->ridge, &from, room->target);
}

rk_status rk_als_solve(const rk_als_half *half, unsigned n_steps, rk_als_room *room, float *x, rk_error *err)
{
    float *z = room->z;
    for (size_t d = 0; d < half->width; d++) {
        z[d] = room->scale[d] > 0 ? x[d] / room->scale[d] : 0;
    }
    rk_status status =
        n_steps > 0 ? rk_ridge_descend(&room->ridge, z, n_steps, err) : rk_ridge_solve(&room->ridge, z, err);
    for (size_t d = 0; d < half->width; d++) {
        x[d] = z[d] * room->scale[d];
    }
    return status;
}

/* als_row.c - see als_row.h. */
#include "model/als_row.h"

#include <math.h>
#include <string.h>

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

/* Values of 1 throughout: one confidence for all, and positive (alpha is). */
static void load_ones(const rk_als_half *half, rk_history row, rk_ridge_room *room)
{
    double confidence = rk_als_confidence(&half->weights, 1), root = sqrt(confidence);
    float weight = (float)root, target = (float)((half->weights.unobserved + confidence) / root);
    memcpy(room->id, row.item, row.n * sizeof *room->id);
    for (size_t j = 0; j < row.n; j++) {
        room->weight[j] = weight;
        room->target[j] = target;
    }
    room->n = row.n;
}

static void load_values(const rk_als_half *half, rk_history row, rk_ridge_room *room)
{
    double a = half->weights.unobserved;
    room->n = 0;
    for (size_t j = 0; j < row.n; j++) {
        double confidence = rk_als_confidence(&half->weights, row.value[j]);
        if (confidence > 0) {
            double root = sqrt(confidence);
            room->id[room->n] = row.item[j];
            room->weight[room->n] = (float)root;
            room->target[room->n++] = (float)((a + confidence) / root);
        }
    }
}

void rk_als_load(const rk_als_half *half, rk_history row, rk_ridge_room *room)
{
    (row.value ? load_values : load_ones)(half, row, room);
    room->penalty = rk_als_penalty(half, room->n);
    set_scale(half, room->penalty, room->scale);
    rk_ridge_gather from = {half->fixed, room->id, room->weight, room->scale, room->n, half->width};
    rk_ridge_load(&room->ridge, &from, room->target);
}

rk_status rk_als_solve(const rk_als_half *half, unsigned n_steps, rk_ridge_room *room, float *x, rk_error *err)
{
    float *z = room->z, penalty = (float)room->penalty;
    memset(z, 0, half->width * sizeof *z);
    for (size_t d = 0; d < half->dim; d++) { /* divided by the scale, which is 1 / sqrt(diagonal + penalty) */
        z[d] = x[d] * room->scale[d] * (half->diagonal[d] + penalty);
    }
    rk_status status =
        n_steps > 0 ? rk_ridge_descend(&room->ridge, z, n_steps, err) : rk_ridge_solve(&room->ridge, z, err);
    for (size_t d = 0; d < half->width; d++) {
        x[d] = z[d] * room->scale[d];
    }
    return status;
}

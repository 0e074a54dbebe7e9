/* als_row.c - see als_row.h. */
#include "model/als_row.h"

#include <math.h>

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

void rk_als_load(const rk_als_half *half, rk_history row, rk_ridge_room *room)
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

rk_status rk_als_solve(const rk_als_half *half, unsigned n_steps, rk_ridge_room *room, float *x, rk_error *err)
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

/* near_inside.h - what making an index (near_build.c) and asking it (near.c) have in common. */
#ifndef RECKON_MODEL_NEAR_INSIDE_H
#define RECKON_MODEL_NEAR_INSIDE_H

#include <string.h>

#include "model/model_inside.h"
#include "model/near.h"

#define RK_NEAR_SIMILAR "similar" /* the part of the file that finds what is alike */

/* RK_UNSUPPORTED: the model does not score by vectors alone. */
RK_MUST_CHECK rk_status rk_near_need(const rk_model *model, rk_error *err);

/* Numbers of an item and of a query: one more where there is a bias. */
static inline size_t rk_near_width(const rk_model *model)
{
    return rk_model_dim(model) + (rk_model_item_bias(model) != NULL);
}

/* A query with the 1 that meets the bias; out: [width]. */
static inline void rk_near_widen(const rk_model *model, const float *vector, float *out)
{
    memcpy(out, vector, rk_model_dim(model) * sizeof *out);
    if (rk_model_item_bias(model)) {
        out[rk_model_dim(model)] = 1;
    }
}

#endif

/* linear.h - vectors with a linear encoder: what distilling (compress/distil.c) makes of a larger model.
 *
 *     query(history) = M z,  z = mean over the history of value_j a_j y_j
 *
 * with y the item vectors of the model, so that they are stored once, a_j what an item of a history counts, and M a
 * square matrix. A score is a sum over the history, and its terms are the reasons.
 *
 *   encode.state[i]   meaning
 *     0..             [dim x dim] M, row-major
 *     dim * dim..     [n_items] a
 */
#ifndef RECKON_MODEL_LINEAR_H
#define RECKON_MODEL_LINEAR_H

#include "model/model.h"

extern const char rk_linear_name[]; /* its row in the registry */
static inline size_t rk_linear_state_size(uint32_t dim, uint32_t n_items) { return (size_t)dim * dim + n_items; }
/* z of a history: [dim], from item vectors [n_items x dim] and a. */
void rk_linear_mean(const float *vectors, const float *item_weight, size_t dim, rk_history history, float *z);

#endif

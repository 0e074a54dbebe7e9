/* why.h - why this item for this shopper: its score, its rank among all, and what each thing taken gave to it. */
#ifndef RECKON_MODEL_WHY_H
#define RECKON_MODEL_WHY_H

#include "model/model.h"

typedef struct {
    double score;         /* a predicted rating for rating models */
    uint64_t rank, total; /* among what was not taken, the item itself included: from 1, of total */
    bool is_taken;        /* the item is in the history: it would not be offered */
    /* [n] what of the history gave most, for or against, the largest first; a share is in units of the score. The sum
     * of all shares, told or not, is the score but for biases where the algorithm is a sum over the history (als,
     * neighbours); for others it stands in: likeness. */
    const uint32_t *item;
    const float *share;
    size_t n;
    double shares; /* of the whole history */
} rk_why;

/* user RK_NO_ID: nobody known. history: what was taken, ascending; is_newer: it says more than what the model has seen
 * of the user, and so takes its place. Arrays in the arena, at most n_most entries. */
RK_MUST_CHECK rk_status rk_model_why(const rk_model *model, uint32_t user, rk_history history, bool is_newer,
                                     uint32_t item, size_t n_most, rk_arena *arena, rk_why *out, rk_error *err);

#endif

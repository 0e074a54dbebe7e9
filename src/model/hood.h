/* hood.h - one item and the few others that may speak for it: a small regression of its own.
 *
 * The regression of an item on its candidates needs their part of the Gram matrix (item_gram.h). That is made of what
 * the users of the candidates took among them, so no Gram matrix of the whole catalogue is ever stored.
 */
#ifndef RECKON_MODEL_HOOD_H
#define RECKON_MODEL_HOOD_H

#include "model/item_gram.h"

/* One per worker, used for item after item. */
typedef struct {
    const rk_item_gram *gram;
    const uint32_t *id; /* [n] the candidates, ascending; borrowed */
    uint32_t n;
    size_t n_users;  /* that took any of them */
    uint32_t *users; /* [n_users] who they are */
    uint32_t *place; /* of a user: 1 + where in users; 0: not there */
    size_t *start;   /* what the user of place p took: slot[start[p]] .. slot[start[p + 1] - 1], ascending */
    uint32_t *slot;  /* [room] a candidate's place in id */
    float *value;    /* [room] beside slot: the value in X */
    size_t room;
} rk_hood;

/* End with release, after a failure too. */
RK_MUST_CHECK rk_status rk_hood_init(rk_hood *hood, const rk_item_gram *gram, rk_error *err);
void rk_hood_release(rk_hood *hood); /* accepts a zeroed one */

/* Gathers the users of the candidates; id: ascending, borrowed until the next. */
RK_MUST_CHECK rk_status rk_hood_gather(rk_hood *hood, const uint32_t *id, uint32_t n, rk_error *err);
/* column[c] = G[id[c]][item] for the first n candidates; item: any. */
void rk_hood_column(const rk_hood *hood, uint32_t item, uint32_t n, float *column);

#endif

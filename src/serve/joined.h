/* joined.h - a model and the products of a live index, joined by their ids: which items of the model are not to be had
 * now, and which products the model does not know yet, with the items that they are like.
 *
 * An item of the model is to be had while the live index has it and does not say that it is out of stock. A product
 * that the model does not know - an arrival - is like the items that a model of content, served alone or as a part of a
 * blend, says by its words; without one, those that a search for its title finds. It is foretold for a shopper what the
 * model foretells for those, by their likeness: for a model whose scores add up, what a vector or a column of their
 * mean would be foretold.
 *
 * Catches up with the stock whenever it is asked. Threads: any, all at once.
 */
#ifndef RECKON_SERVE_JOINED_H
#define RECKON_SERVE_JOINED_H

#include "model/model.h"
#include "serve/stock.h"

enum { RK_ARRIVALS_MAX = 200, RK_ARRIVAL_LIKE = 8 }; /* the newest; the items that one is like, at most */

typedef struct {
    rk_slice id, title, category;
    uint32_t like[RK_ARRIVAL_LIKE]; /* items of the model, most alike first */
    float weight[RK_ARRIVAL_LIKE];  /* of each, above 0; together 1 */
    size_t n_like;                  /* 0: like nothing that is known */
} rk_arrival;

typedef struct rk_joined rk_joined;
/* The model and the stock outlive it. */
RK_MUST_CHECK rk_status rk_joined_open(rk_stock *stock, const rk_model *model, rk_joined **out, rk_error *err);
void rk_joined_close(rk_joined *joined); /* accepts NULL */

/* Items of the model that are not to be had, ascending, in the arena: [*n]. */
RK_MUST_CHECK rk_status rk_joined_gone(rk_joined *joined, rk_arena *arena, uint32_t **out, size_t *n, rk_error *err);
/* The arrivals that are to be had, the newest first, in the arena: [*n]. */
RK_MUST_CHECK rk_status rk_joined_arrivals(rk_joined *joined, rk_arena *arena, rk_arrival **out, size_t *n,
                                           rk_error *err);
/* The same of one product of this id; RK_NOT_FOUND: none such that is to be had. */
RK_MUST_CHECK rk_status rk_joined_arrival(rk_joined *joined, rk_slice id, rk_arena *arena, rk_arrival *out,
                                          rk_error *err);

#endif

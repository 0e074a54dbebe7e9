/* taken.h - what was taken before the test: who took what, how popular each item is, how alike two of them are.
 *
 * "Taken" is what the model has seen of its users, together with what --train says. Private to eval/.
 */
#ifndef RECKON_EVAL_TAKEN_H
#define RECKON_EVAL_TAKEN_H

#include "base/vec.h"
#include "math/csr.h"
#include "model/model.h"

/* Items by popularity: head, middle and tail hold a third of all pairs each; cold ones have none. */
typedef enum { RK_HEAD, RK_MIDDLE, RK_TAIL, RK_COLD, RK_STRATA } rk_stratum;

typedef struct {
    uint32_t n_users, n_items;
    uint32_t n_takers; /* users who took anything */
    uint64_t n_pairs;  /* (user, item), each once */
    uint32_t *taker;   /* [n_items] how many users took the item */
    double *surprise;  /* [n_items] -log2(share of the takers who took it); an item nobody took: as if one had */
    uint8_t *stratum;  /* [n_items] rk_stratum */
    uint32_t least[RK_STRATA], most[RK_STRATA], n_items_of[RK_STRATA]; /* takers of the items in it */
    uint64_t list_steps; /* takers of the n_list most popular items: no list has more */
    uint64_t *start;     /* [n_items + 1] into user */
    uint32_t *user;      /* [n_pairs] who took each item, ascending */
} rk_taken;

/* Appends the items that a user took, ascending, each once: the model's and train's (NULL = nothing more). false when
 * memory is short. */
RK_MUST_CHECK bool rk_taken_row(const rk_model *model, const rk_csr *train, uint32_t user, rk_vec *out);

/* train: in the model's ids, or NULL. n_list: how long the lists will be. */
RK_MUST_CHECK rk_status rk_taken_open(const rk_model *model, const rk_csr *train, size_t n_list, rk_taken *out,
                                      rk_error *err);
void rk_taken_release(rk_taken *taken); /* accepts a zeroed one */

/* alike[r]: the sum, over the pairs among the first r + 1 of list, of the cosine of who took the one and who took the
 * other: users who took both / root of (takers of one x takers of the other). room: [n_users] zeros, left as zeros.
 * Costs two steps per taker of each item. */
void rk_taken_alike(const rk_taken *taken, const uint32_t *list, size_t n, double *room, double *alike);
/* How many of n users may have their lists compared so, for the cost to stay within seconds. */
size_t rk_taken_alike_users(const rk_taken *taken, size_t n);
/* Whether user i of n is among the n_chosen that lie evenly among them. */
bool rk_taken_is_chosen(size_t i, size_t n_chosen, size_t n);

#endif

/* topk.h - keep the k best-scored items of a stream.
 *
 * Order:   higher score first; equal scores by smaller item id, so the order of offers, and so the thread count,
 *          never changes the list.
 * Threads: one rk_topk per thread. No allocation after _new.
 */
#ifndef RECKON_MATH_TOPK_H
#define RECKON_MATH_TOPK_H

#include <stddef.h>
#include <stdint.h>

typedef struct rk_topk rk_topk;

/* A selector for the k best (k >= 1), or NULL when memory is short. */
rk_topk *rk_topk_new(size_t k);
void rk_topk_free(rk_topk *topk); /* accepts NULL */
void rk_topk_clear(rk_topk *topk);

/* scores: [n_items] for items first_item, first_item + 1, ...; NaN = not a candidate. skip: ascending item ids that
 * are no candidates (seen, filtered), may reach beyond this run of items. */
void rk_topk_offer(rk_topk *topk, uint32_t first_item, const float *scores, size_t n_items, const uint32_t *skip,
                   size_t n_skip);
void rk_topk_offer_one(rk_topk *topk, uint32_t item, float score);

/* The score that an item must have to be kept, if it wins its ties: minus infinity while there is room. */
float rk_topk_least(const rk_topk *topk);

/* Moves the kept out, best first, into items: [k] and scores: [k] (may be NULL). Returns how many; leaves it empty. */
size_t rk_topk_take(rk_topk *topk, uint32_t *items, float *scores);

#endif

/* bulk.h - scores of many users at once: the bits of rk_model_scores at the pace of a matrix product.
 *
 * Users take seats, up to RK_BULK_SEATS; then blocks of items pass by, and each block's scores for all seats stand in
 * one table that fits the second-level cache beside the item vectors it was made of. Whoever ranks whole catalogues for
 * many users (eval, recommend --all) goes through here.
 * Of a model with product codes: the scores of each seat's short list, NaN of all other items.
 * Threads: one rk_bulk per thread.
 */
#ifndef RECKON_MODEL_BULK_H
#define RECKON_MODEL_BULK_H

#include "model/model.h"

enum { RK_BULK_SEATS = 128, RK_BULK_ITEMS = 512 };

typedef struct rk_bulk rk_bulk;
rk_bulk *rk_bulk_new(const rk_model *model); /* NULL when memory is short */
void rk_bulk_free(rk_bulk *bulk);            /* accepts NULL */

void rk_bulk_clear(rk_bulk *bulk); /* empties the seats */
/* Seats a user that the model knows; *query is the bulk's, until it is cleared. */
RK_MUST_CHECK rk_status rk_bulk_seat(rk_bulk *bulk, uint32_t user, rk_query **query, rk_error *err);
/* [seats x RK_BULK_ITEMS], seat s and item first + i at s * RK_BULK_ITEMS + i, i < n <= RK_BULK_ITEMS; the caller may
 * overwrite it, until the next block. Ascending blocks are the fast order. Allocates nothing. */
float *rk_bulk_scores(rk_bulk *bulk, uint32_t first, uint32_t n);

#endif

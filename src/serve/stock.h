/* stock.h - the products of a live index as a server keeps them: put, taken away, and their changes told to whoever
 * joins them with a model (joined.h).
 *
 * One for the whole life of a server: a live index has one writer, and a reloaded model goes on with the same products.
 * Threads: any, all at once.
 */
#ifndef RECKON_SERVE_STOCK_H
#define RECKON_SERVE_STOCK_H

#include "text/wares.h"

enum { RK_STOCK_CHANGES = 1 << 16 }; /* that are remembered */

typedef struct rk_stock rk_stock;
typedef struct {
    bool is_reader;     /* to look at only, beside a server that has it open */
    uint32_t items_max; /* products, of which a new one more is refused; 0: as many as come */
} rk_stock_options;
RK_MUST_CHECK rk_status rk_stock_open(const char *folder, rk_stock_options options, rk_stock **out, rk_error *err);
void rk_stock_close(rk_stock *stock); /* when every view is freed. Accepts NULL */
rk_wares *rk_stock_wares(rk_stock *stock);

/* On disk, found by the next search and known to the next answer when it returns; on failure nothing is changed.
 * RK_STOPPED where there would be more products than there may be: one that takes the place of another never is one more.
 * Of several at once each put counts as new that is not there yet, and no deletion: one at a time tells exactly.
 * From one thread. */
RK_MUST_CHECK rk_status rk_stock_change(rk_stock *stock, rk_wares_op *ops, size_t n, rk_error *err);

void rk_stock_format(rk_stock *stock, rk_text *out); /* Prometheus */

/* How many changes there have been. A view taken afterwards shows all of them. */
uint64_t rk_stock_n_changes(const rk_stock *stock);
/* The ids of changes from..to - 1, copied into the arena: [to - from]. *out NULL: some are forgotten. */
RK_MUST_CHECK rk_status rk_stock_changes(rk_stock *stock, uint64_t from, uint64_t to, rk_arena *arena, rk_slice **out,
                                         rk_error *err);

#endif

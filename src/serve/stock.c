/* stock.c - see stock.h. Changes are a ring of ids: who has missed more of them than it holds looks at everything. */
#include "serve/stock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rk_stock {
    rk_wares *wares;
    pthread_mutex_t lock;
    char **ids; /* [RK_STOCK_CHANGES] owned; NULL: none yet, or memory was short */
    atomic_uint_least64_t n_changes;
    uint32_t items_max; /* 0: as many as come */
};

rk_status rk_stock_open(const char *folder, rk_stock_options how, rk_stock **out, rk_error *err)
{
    rk_stock *stock = calloc(1, sizeof *stock);
    if (!stock || !(stock->ids = calloc(RK_STOCK_CHANGES, sizeof *stock->ids))) {
        free(stock);
        return rk_fail_memory(err, "the products of a server");
    }
    rk_wares_options options = rk_wares_defaults();
    options.is_reader = how.is_reader;
    stock->items_max = how.items_max;
    pthread_mutex_init(&stock->lock, NULL);
    rk_status status = rk_wares_open(folder, &options, &stock->wares, err);
    if (status) {
        rk_stock_close(stock);
        return status;
    }
    *out = stock;
    return RK_OK;
}

void rk_stock_close(rk_stock *stock)
{
    if (stock) {
        rk_wares_close(stock->wares);
        for (size_t i = 0; i < RK_STOCK_CHANGES; i++) {
            free(stock->ids[i]);
        }
        free(stock->ids);
        pthread_mutex_destroy(&stock->lock);
        free(stock);
    }
}

rk_wares *rk_stock_wares(rk_stock *stock) { return stock->wares; }

/* ---- changes ---- */

static void note(rk_stock *stock, rk_slice id)
{
    char *copy = strndup(id.at, id.n);
    pthread_mutex_lock(&stock->lock);
    uint64_t n = atomic_load_explicit(&stock->n_changes, memory_order_relaxed);
    free(stock->ids[n % RK_STOCK_CHANGES]);
    stock->ids[n % RK_STOCK_CHANGES] = copy;
    atomic_store_explicit(&stock->n_changes, n + 1, memory_order_release);
    pthread_mutex_unlock(&stock->lock);
}

/* Living products, by the snapshot that a view has. */
static rk_status need_room(rk_stock *stock, const rk_wares_op *ops, size_t n, rk_error *err)
{
    rk_wares_view *view = NULL;
    rk_status status = rk_wares_view_new(stock->wares, &view, err);
    const rk_corpus *corpus = status ? NULL : rk_wares_view_corpus(view);
    uint64_t n_new = 0;
    for (size_t i = 0; corpus && i < n; i++) {
        n_new += !ops[i].is_delete && rk_corpus_find_item(corpus, ops[i].product.id) == RK_NO_ID;
    }
    if (n_new > 0 && corpus->n_items + n_new > stock->items_max) {
        status = rk_fail(err, RK_STOPPED,
                         "there are %u products, and no more are taken than items_max, %u; others may be replaced or "
                         "deleted",
                         (unsigned)corpus->n_items, (unsigned)stock->items_max);
    }
    rk_wares_view_free(view);
    return status;
}

rk_status rk_stock_change(rk_stock *stock, rk_wares_op *ops, size_t n, rk_error *err)
{
    rk_status status = stock->items_max > 0 ? need_room(stock, ops, n, err) : RK_OK;
    status = status ? status : rk_wares_change(stock->wares, ops, n, err);
    for (size_t i = 0; !status && i < n; i++) {
        if (!ops[i].is_delete || ops[i].was_there) {
            note(stock, ops[i].product.id);
        }
    }
    return status;
}

void rk_stock_format(rk_stock *stock, rk_text *out)
{
    rk_wares_view *view = NULL;
    rk_error err;
    if (rk_wares_view_new(stock->wares, &view, &err) == RK_OK) { /* else memory is short, and much else is wrong */
        rk_text_addf(out,
                     "# HELP reckon_live_products Products of the live index.\n"
                     "# TYPE reckon_live_products gauge\nreckon_live_products %llu\n",
                     (unsigned long long)rk_wares_view_corpus(view)->n_items);
    }
    rk_wares_view_free(view);
}

uint64_t rk_stock_n_changes(const rk_stock *stock)
{
    return atomic_load_explicit(&stock->n_changes, memory_order_acquire);
}

rk_status rk_stock_changes(rk_stock *stock, uint64_t from, uint64_t to, rk_arena *arena, rk_slice **out, rk_error *err)
{
    size_t n = (size_t)(to - from);
    rk_slice *ids = n <= RK_STOCK_CHANGES ? RK_TAKE(arena, rk_slice, n) : NULL;
    bool is_known = ids != NULL, is_short = n <= RK_STOCK_CHANGES && !ids;
    pthread_mutex_lock(&stock->lock);
    is_known &= rk_stock_n_changes(stock) - from <= RK_STOCK_CHANGES;
    for (size_t i = 0; i < n && is_known && !is_short; i++) {
        const char *id = stock->ids[(from + i) % RK_STOCK_CHANGES];
        const char *copy = id ? rk_arena_copy(arena, id, strlen(id)) : NULL;
        is_known = id != NULL;
        is_short = id && !copy;
        ids[i] = (rk_slice){copy, copy ? strlen(copy) : 0};
    }
    pthread_mutex_unlock(&stock->lock);
    *out = is_known ? ids : NULL;
    return is_short ? rk_fail_memory(err, "changed products") : RK_OK;
}

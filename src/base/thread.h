/* thread.h - one loop over fixed chunks, the same result for any number of threads.
 *
 * Chunk boundaries depend on n_items and chunk_items only. A body writes to places of its own
 * chunk; sums are kept per chunk and added up afterwards in chunk order. Loops do not nest (asserted).
 */
#ifndef RECKON_BASE_THREAD_H
#define RECKON_BASE_THREAD_H

#include <stddef.h>

typedef struct rk_pool rk_pool;

/* Processors this process may use: its affinity mask, capped by the cgroup's cpu quota (rounded up); at least 1. */
unsigned rk_cores_usable(void);

/* n_threads 0 = rk_cores_usable(). NULL when memory or threads are short. One loop at a time. */
rk_pool *rk_pool_new(unsigned n_threads);
void rk_pool_free(rk_pool *pool); /* accepts NULL */
unsigned rk_pool_threads(const rk_pool *pool); /* NULL pool: 1 */

typedef struct {
    size_t begin, end; /* items */
    size_t chunk;      /* 0 .. n_chunks - 1 */
    unsigned worker;   /* 0 .. rk_pool_threads - 1: picks scratch space, must not pick results */
} rk_span;

typedef void rk_loop_body(void *context, rk_span span);

/* Runs body once for every chunk of [0, n_items); returns when all are done. pool NULL: in the calling thread. */
void rk_parallel_for(rk_pool *pool, size_t n_items, size_t chunk_items, rk_loop_body *body, void *context);
size_t rk_chunk_count(size_t n_items, size_t chunk_items);

#endif

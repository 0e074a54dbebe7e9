/* thread.c - a pool that claims chunks by one atomic counter.
 *
 * The calling thread is worker 0 and starts at once; the others wake, enter the open loop and help. Whoever is free
 * takes the next chunk, so uneven chunks balance themselves; results do not depend on who took what, because chunk
 * boundaries are fixed and bodies write only to their own chunk.
 *
 * Invariants, under the lock
 *   A worker may enter only while is_open, and counts itself in n_inside until it has left.
 *   The caller closes the loop when no chunk is left and waits for n_inside to fall to 0. So a worker that wakes late
 *   costs nothing: it finds the door closed and goes back to sleep; nobody waits for it.
 * Why a condition variable and not spinning: loops here last from 100 us to minutes, and cores are shared.
 */
#include "base/thread.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    rk_loop_body *body;
    void *context;
    size_t n_items, chunk_items, n_chunks;
} loop;

struct rk_pool {
    unsigned n_workers; /* the calling thread included */
    pthread_t *threads; /* [n_workers - 1] */
    pthread_mutex_t lock;
    pthread_cond_t wake, left;
    loop current;
    uint64_t round; /* loops so far, so that a worker enters each at most once */
    unsigned n_inside, n_named;
    bool is_open, is_ending;
    _Alignas(64) atomic_size_t next; /* chunk to claim; alone on its cache line */
};

size_t rk_chunk_count(size_t n_items, size_t chunk_items)
{
    assert(chunk_items > 0);
    return n_items / chunk_items + (n_items % chunk_items != 0);
}

static void run_chunk(const loop *l, size_t chunk, unsigned worker)
{
    size_t begin = chunk * l->chunk_items;
    size_t end = l->n_items - begin > l->chunk_items ? begin + l->chunk_items : l->n_items;
    l->body(l->context, (rk_span){.begin = begin, .end = end, .chunk = chunk, .worker = worker});
}

static void claim_chunks(rk_pool *pool, const loop *l, unsigned worker)
{
    for (;;) {
        size_t chunk = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (chunk >= l->n_chunks) {
            return;
        }
        run_chunk(l, chunk, worker);
    }
}

static void *work(void *argument)
{
    rk_pool *pool = argument;
    uint64_t seen = 0;
    pthread_mutex_lock(&pool->lock);
    unsigned worker = ++pool->n_named;
    for (;;) {
        while (!pool->is_ending && !(pool->is_open && pool->round != seen)) {
            pthread_cond_wait(&pool->wake, &pool->lock);
        }
        if (pool->is_ending) {
            break;
        }
        seen = pool->round;
        loop l = pool->current;
        pool->n_inside++;
        pthread_mutex_unlock(&pool->lock);
        claim_chunks(pool, &l, worker);
        pthread_mutex_lock(&pool->lock);
        if (--pool->n_inside == 0) {
            pthread_cond_signal(&pool->left);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* Signals stay with the program's own threads. */
static bool start_threads(rk_pool *pool, unsigned n_threads)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pool->n_workers = 1;
    while (pool->n_workers < n_threads && pthread_create(&pool->threads[pool->n_workers - 1], NULL, work, pool) == 0) {
        pool->n_workers++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool->n_workers == n_threads;
}

rk_pool *rk_pool_new(unsigned n_threads)
{
    n_threads = n_threads ? n_threads : rk_cores_usable();
    rk_pool *pool = aligned_alloc(_Alignof(rk_pool), sizeof *pool);
    pthread_t *threads = calloc(n_threads, sizeof *threads);
    if (!pool || !threads) {
        free(pool);
        free(threads);
        return NULL;
    }
    memset(pool, 0, sizeof *pool);
    pool->threads = threads;
    atomic_init(&pool->next, 0);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->left, NULL);
    if (!start_threads(pool, n_threads)) {
        rk_pool_free(pool);
        return NULL;
    }
    return pool;
}

void rk_pool_free(rk_pool *pool)
{
    if (!pool) {
        return;
    }
    pthread_mutex_lock(&pool->lock);
    assert(!pool->is_open);
    pool->is_ending = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i + 1 < pool->n_workers; i++) {
        pthread_join(pool->threads[i], NULL);
    }
    pthread_cond_destroy(&pool->left);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}

unsigned rk_pool_threads(const rk_pool *pool) { return pool ? pool->n_workers : 1; }

static void open_loop(rk_pool *pool, const loop *l)
{
    pthread_mutex_lock(&pool->lock);
    assert(!pool->is_open && "loops do not nest, and a pool runs one at a time");
    pool->current = *l;
    pool->round++;
    pool->is_open = true;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    if (l->n_chunks > 2) {
        pthread_cond_broadcast(&pool->wake);
    } else if (l->n_chunks == 2) {
        pthread_cond_signal(&pool->wake);
    }
    pthread_mutex_unlock(&pool->lock);
}

static void close_loop(rk_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->n_inside > 0) {
        pthread_cond_wait(&pool->left, &pool->lock);
    }
    pool->is_open = false;
    pthread_mutex_unlock(&pool->lock);
}

void rk_parallel_for(rk_pool *pool, size_t n_items, size_t chunk_items, rk_loop_body *body, void *context)
{
    loop l = {body, context, n_items, chunk_items, rk_chunk_count(n_items, chunk_items)};
    if (pool) {
        open_loop(pool, &l);
        claim_chunks(pool, &l, 0);
        close_loop(pool);
        return;
    }
    for (size_t chunk = 0; chunk < l.n_chunks; chunk++) {
        run_chunk(&l, chunk, 0);
    }
}

/* Processors allowed by "QUOTA PERIOD" (or "max PERIOD") in a cpu.max file, rounded up; limit when there is none. */
static unsigned quota_cores(const char *path, unsigned limit)
{
    unsigned long long quota, period;
    FILE *file = fopen(path, "re");
    if (!file) {
        return limit;
    }
    if (fscanf(file, "%llu %llu", &quota, &period) == 2 && period > 0) {
        unsigned long long cores = quota / period + (quota % period != 0);
        limit = cores < limit ? (unsigned)cores : limit;
    }
    fclose(file);
    return limit;
}

/* The group's own quota and those of all groups above it (cgroup v2). */
static unsigned cgroup_cores(unsigned limit)
{
    char group[2048] = "", path[4096];
    FILE *file = fopen("/proc/self/cgroup", "re");
    bool is_v2 = file && fscanf(file, "0::%2047[^\n]", group) == 1 && group[0] == '/';
    if (file) {
        fclose(file);
    }
    while (is_v2) {
        snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", group);
        limit = quota_cores(path, limit);
        char *slash = strrchr(group, '/');
        if (!slash) {
            break;
        }
        *slash = '\0';
    }
    return limit ? limit : 1;
}

unsigned rk_cores_usable(void)
{
    enum { CORES_MAX = 8192 };
    unsigned n = 1;
    cpu_set_t *mask = CPU_ALLOC(CORES_MAX);
    if (mask && sched_getaffinity(0, CPU_ALLOC_SIZE(CORES_MAX), mask) == 0) {
        n = (unsigned)CPU_COUNT_S(CPU_ALLOC_SIZE(CORES_MAX), mask);
    }
    CPU_FREE(mask);
    return cgroup_cores(n ? n : 1);
}

/* hoods.c - see hoods.h. Items are solved one by one, each by itself: the thread count changes nothing. */
#include "model/hoods.h"

#include <math.h>
#include <stdlib.h>

#include "math/overlap.h"
#include "model/near_columns.h"

enum { CHUNK_ITEMS = 32, BLOCK_ITEMS = 4096 };

typedef struct {
    rk_hood hood;
    float *aim, *weight; /* [candidates] */
    rk_topk *best;
    rk_error err;
} worker_room;

typedef struct {
    const rk_hoods_job *job;
    rk_csr candidates;  /* a row for each item */
    worker_room *rooms; /* [n_workers] */
    unsigned n_workers;
    uint32_t first; /* item of the block at hand */
    rk_near_columns columns;
} solving;

static uint32_t keep(uint32_t candidates, uint32_t neighbours)
{
    return neighbours > 0 && neighbours < candidates ? neighbours : candidates;
}

static rk_status solve_item(const solving *s, unsigned worker, uint32_t item, rk_error *err)
{
    worker_room *room = &s->rooms[worker];
    uint64_t begin = s->candidates.start[item];
    uint32_t n = (uint32_t)(s->candidates.start[item + 1] - begin);
    rk_status status = rk_hood_gather(&room->hood, s->candidates.col + begin, n, err);
    if (!status) {
        rk_hood_column(&room->hood, item, n, room->aim);
        status = s->job->solve(s->job->context, worker, &room->hood, room->aim, room->weight, err);
    }
    return status;
}

static void solve_chunk(void *context, rk_span span)
{
    solving *s = context;
    worker_room *room = &s->rooms[span.worker];
    for (size_t i = span.begin; i < span.end && !room->err.status; i++) {
        uint32_t item = s->first + (uint32_t)i;
        if (solve_item(s, span.worker, item, &room->err) == RK_OK) {
            rk_near_columns_put(&s->columns, item, room->hood.id, room->weight, room->hood.n, s->job->threshold,
                                room->best);
        }
    }
}

static rk_status set_up(solving *s, const rk_item_gram *gram, const rk_run *run, rk_error *err)
{
    uint32_t candidates = s->job->candidates, kept = keep(candidates, s->job->neighbours);
    s->n_workers = rk_pool_threads(run->pool);
    s->rooms = calloc(s->n_workers, sizeof *s->rooms);
    if (!s->rooms) {
        return rk_fail_memory(err, "neighbourhoods of items");
    }
    for (unsigned w = 0; w < s->n_workers; w++) {
        worker_room *room = &s->rooms[w];
        rk_status status = rk_hood_init(&room->hood, gram, err);
        room->aim = malloc(candidates * sizeof *room->aim);
        room->weight = malloc(candidates * sizeof *room->weight);
        room->best = rk_topk_new(kept);
        if (status || !room->aim || !room->weight || !room->best) {
            return status ? status : rk_fail_memory(err, "neighbourhoods of items");
        }
    }
    rk_status status = rk_near_columns_init(&s->columns, gram->by_item.n_rows, kept, err);
    return status ? status : rk_item_gram_like(gram, candidates, run->pool, &s->candidates, err);
}

static rk_status solve_all(solving *s, const rk_run *run, rk_error *err)
{
    uint32_t n_items = s->candidates.n_rows;
    for (s->first = 0; s->first < n_items; s->first += BLOCK_ITEMS) {
        uint32_t n = n_items - s->first < BLOCK_ITEMS ? n_items - s->first : BLOCK_ITEMS;
        rk_progress(run, s->job->model, "items", s->first, n_items);
        rk_parallel_for(run->pool, n, CHUNK_ITEMS, solve_chunk, s);
        for (unsigned w = 0; w < s->n_workers; w++) {
            if (s->rooms[w].err.status) {
                return rk_fail(err, s->rooms[w].err.status, "%s: %s", s->job->model, s->rooms[w].err.message);
            }
        }
    }
    rk_progress(run, s->job->model, "items", n_items, n_items);
    return RK_OK;
}

static void release(solving *s)
{
    for (unsigned w = 0; s->rooms && w < s->n_workers; w++) {
        rk_hood_release(&s->rooms[w].hood);
        free(s->rooms[w].aim);
        free(s->rooms[w].weight);
        rk_topk_free(s->rooms[w].best);
    }
    free(s->rooms);
    rk_csr_release(&s->candidates);
    rk_near_columns_release(&s->columns);
}

rk_status rk_hoods_solve(const rk_item_gram *gram, const rk_hoods_job *job, const rk_run *run, rk_csr *near,
                         rk_error *err)
{
    solving s = {.job = job};
    rk_status status = set_up(&s, gram, run, err);
    status = status ? status : solve_all(&s, run, err);
    status = status ? status : rk_near_columns_turn(&s.columns, near, err);
    release(&s);
    return status;
}

/* The candidates are found before anything is kept. A neighbourhood may hold every event. */
uint64_t rk_hoods_bytes(const rk_dataset *dataset, uint32_t candidates, uint32_t neighbours, unsigned n_threads)
{
    uint32_t kept = keep(candidates, neighbours), n = dataset->n_items;
    uint64_t room = dataset->n_users * 16 + (uint64_t)candidates * 8 + kept * 8;
    return rk_near_columns_bytes(n, kept) + rk_overlap_bytes(n, dataset->n_users, candidates, n_threads) +
           n_threads * room + dataset->n_events * 12;
}

/* Pairs of items for the candidates, as in itemknn. Then, for each item, the users of its candidates, twice: candidates
 * are as popular as what is found in histories, not as the mean item. */
rk_work rk_hoods_work(const rk_dataset *dataset, uint32_t candidates)
{
    enum { BYTES_A_PAIR = 24, BYTES_A_USER = 40 }; /* found by trial */
    double pairs = 0, squares = 0, n = dataset->n_items, events = (double)dataset->n_events;
    for (uint32_t u = 0; u < dataset->n_users; u++) {
        pairs += pow((double)(dataset->user_start[u + 1] - dataset->user_start[u]), 2);
    }
    for (uint32_t i = 0; i < dataset->n_items; i++) {
        squares += pow((double)(dataset->item_start[i + 1] - dataset->item_start[i]), 2);
    }
    double users = events > 0 ? squares / events : 0;
    return (rk_work){.bytes = BYTES_A_PAIR * pairs + BYTES_A_USER * n * fmin(candidates, n) * users};
}

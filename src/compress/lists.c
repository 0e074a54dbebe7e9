/* lists.c - see lists.h. Users pass by in blocks, as many as take seats at once. */
#include "compress/lists.h"

#include <stdlib.h>
#include <string.h>

#include "model/bulk.h"

typedef struct {
    rk_bulk *bulk;
    rk_topk *topk[RK_BULK_SEATS];
    rk_error err;
} bench;

typedef struct {
    const rk_model *model;
    rk_lists *out;
    bench *benches; /* [threads] */
    const rk_run *run;
} job;

static bool open_bench(bench *b, const rk_model *model, uint32_t depth)
{
    b->bulk = rk_bulk_new(model);
    bool is_good = b->bulk != NULL;
    for (size_t s = 0; s < RK_BULK_SEATS && is_good; s++) {
        b->topk[s] = rk_topk_new(depth);
        is_good = b->topk[s] != NULL;
    }
    return is_good;
}

static void close_bench(bench *b)
{
    rk_bulk_free(b->bulk);
    for (size_t s = 0; s < RK_BULK_SEATS; s++) {
        rk_topk_free(b->topk[s]);
    }
}

static void take_list(const job *j, rk_topk *topk, size_t user)
{
    uint32_t depth = j->out->depth, *item = j->out->item + user * depth;
    size_t n = rk_topk_take(topk, item, j->out->score + user * depth);
    memset(item + n, 0xff, (depth - n) * sizeof *item);
}

static void score_block(const job *j, bench *b, rk_span span)
{
    uint32_t n_items = rk_model_n_items(j->model);
    for (uint32_t first = 0; first < n_items; first += RK_BULK_ITEMS) {
        uint32_t n = n_items - first < RK_BULK_ITEMS ? n_items - first : RK_BULK_ITEMS;
        const float *scores = rk_bulk_scores(b->bulk, first, n);
        for (size_t u = span.begin; u < span.end; u++) {
            rk_history seen = rk_model_seen(j->model, (uint32_t)u);
            size_t s = u - span.begin;
            if (seen.n > 0) {
                rk_topk_offer(b->topk[s], first, scores + s * RK_BULK_ITEMS, n, seen.item, seen.n);
            }
        }
    }
}

static void make_block(void *context, rk_span span)
{
    job *j = context;
    bench *b = &j->benches[span.worker];
    rk_bulk_clear(b->bulk);
    rk_status status = b->err.status;
    for (size_t u = span.begin; u < span.end && !status; u++) {
        rk_query *query;
        status = rk_bulk_seat(b->bulk, (uint32_t)u, &query, &b->err);
    }
    if (!status) {
        score_block(j, b, span);
        for (size_t u = span.begin; u < span.end; u++) {
            take_list(j, b->topk[u - span.begin], u);
        }
    }
}

rk_status rk_lists_make(const rk_model *model, uint32_t depth, const rk_run *run, rk_lists *out, rk_error *err)
{
    size_t n_users = rk_model_n_users(model), n_benches = rk_pool_threads(run->pool), n = n_users * depth;
    *out = (rk_lists){.n_users = (uint32_t)n_users, .depth = depth};
    out->item = malloc((n + 1) * sizeof *out->item);
    out->score = malloc((n + 1) * sizeof *out->score);
    job j = {model, out, calloc(n_benches, sizeof(bench)), run};
    bool is_good = out->item && out->score && j.benches;
    for (size_t t = 0; t < n_benches && is_good; t++) {
        is_good = open_bench(&j.benches[t], model, depth);
    }
    rk_status status = is_good ? RK_OK : rk_fail_memory(err, "lists of users");
    if (!status) {
        rk_parallel_for(run->pool, n_users, RK_BULK_SEATS, make_block, &j);
    }
    for (size_t t = 0; t < n_benches && j.benches; t++) {
        if (!status && j.benches[t].err.status) {
            *err = j.benches[t].err;
            status = err->status;
        }
        close_bench(&j.benches[t]);
    }
    free(j.benches);
    if (status) {
        rk_lists_release(out);
    }
    return status;
}

void rk_lists_release(rk_lists *lists)
{
    free(lists->item);
    free(lists->score);
    *lists = (rk_lists){0};
}

/* deliveries.c - see deliveries.h. */
#include "serve/deliveries.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"

struct rk_deliveries {
    rk_stock *stock;
    const rk_run *run;
    rk_line *line;
    rk_delivery_counts counts;
    rk_vec ops; /* rk_wares_op: of the round */
};

/* The request has been checked by now: what is refused, other than for want of room, is the server's fault. */
static void refuse(const rk_deliveries *d, rk_status status, const rk_error *err, rk_problem *problem)
{
    rk_log(d->run, status == RK_STOPPED ? RK_LOG_DETAIL : RK_LOG_WARNING, "a product was refused: %s", err->message);
    if (status == RK_STOPPED) { /* a full shop */
        rk_problem_set(problem, 409, "id", "%s", err->message);
    } else if (status == RK_IO || status == RK_NO_MEMORY) {
        rk_problem_set(problem, 503, NULL, "nothing was changed: %.200s", err->message);
    } else {
        rk_problem_set(problem, 500, NULL, "nothing was changed; the server's log says why");
    }
}

static void tell(const rk_deliveries *d, rk_status status, const rk_error *err, rk_delivery *one)
{
    rk_slice id = one->op.product.id;
    if (status) {
        refuse(d, status, err, &one->problem);
    } else if (one->op.is_delete && !one->op.was_there) {
        rk_problem_set(&one->problem, 404, "id", "no such item '%.*s'", (int)(id.n < 80 ? id.n : 80), id.at);
    }
}

static void make_alone(rk_deliveries *d, rk_delivery *one)
{
    rk_error err;
    tell(d, rk_stock_change(d->stock, &one->op, 1, &err), &err, one);
}

/* All of them, or none where the disk is full. */
static void make(rk_deliveries *d, rk_delivery *first)
{
    rk_error err;
    rk_status status = RK_OK;
    rk_vec_clear(&d->ops);
    for (rk_delivery *one = first; one && !status; one = (rk_delivery *)one->waiting.next) {
        status = rk_vec_push(&d->ops, &one->op) ? RK_OK : rk_fail_memory(&err, "products");
    }
    const rk_wares_op *ops = d->ops.data;
    status = status ? status : rk_stock_change(d->stock, d->ops.data, d->ops.n, &err);
    size_t i = 0;
    bool is_of_one = status && status != RK_IO && status != RK_NO_MEMORY; /* nobody knows which */
    for (rk_delivery *one = first; one; one = (rk_delivery *)one->waiting.next, i++) {
        if (is_of_one) {
            make_alone(d, one);
        } else {
            one->op.was_there = !status && ops[i].was_there;
            tell(d, status, &err, one);
        }
    }
}

static void serve(void *context, rk_waiting *waiting)
{
    rk_deliveries *d = context;
    rk_delivery *first = (rk_delivery *)waiting;
    int64_t oldest_ns = waiting->handed_ns, began_ns = rk_clock_thread_ns();
    uint64_t n = 0;
    make(d, first);
    for (rk_delivery *one = first; one; one = (rk_delivery *)one->waiting.next) {
        n++;
    }
    uint64_t cpu_ns = (uint64_t)(rk_clock_thread_ns() - began_ns) / n;
    atomic_store_explicit(&d->counts.lag_ns, rk_clock_ns() - oldest_ns, memory_order_relaxed);
    atomic_fetch_add_explicit(&d->counts.n_rounds, 1, memory_order_relaxed);
    rk_line_is_through(d->line);
    for (rk_delivery *one = first, *next; one; one = next) {
        next = (rk_delivery *)one->waiting.next; /* this one may be gone once it is done */
        one->cpu_ns = cpu_ns;
        atomic_fetch_add_explicit(one->problem.status ? &d->counts.n_refused : &d->counts.n_kept, 1,
                                  memory_order_relaxed);
        atomic_fetch_sub_explicit(&d->counts.n_waiting, 1, memory_order_relaxed);
        one->done(one);
    }
}

rk_status rk_deliveries_start(rk_stock *stock, const rk_run *run, rk_deliveries **out, rk_error *err)
{
    rk_deliveries *d = calloc(1, sizeof *d);
    *out = NULL;
    if (!d) {
        return rk_fail_memory(err, "the deliveries of products");
    }
    d->stock = stock;
    d->run = run;
    d->ops.item_bytes = sizeof(rk_wares_op);
    rk_status status = rk_line_start(serve, d, &d->line, err);
    if (status) {
        rk_deliveries_free(d);
        return status;
    }
    *out = d;
    return RK_OK;
}

bool rk_deliveries_hand_in(rk_deliveries *d, rk_delivery *one)
{
    one->problem = (rk_problem){0};
    one->cpu_ns = 0;
    atomic_fetch_add_explicit(&d->counts.n_waiting, 1, memory_order_relaxed);
    bool is_taken = rk_line_hand_in(d->line, &one->waiting);
    if (!is_taken) {
        atomic_fetch_sub_explicit(&d->counts.n_waiting, 1, memory_order_relaxed);
    }
    return is_taken;
}

rk_line *rk_deliveries_line(rk_deliveries *d) { return d->line; }

const rk_delivery_counts *rk_deliveries_counts_of(const rk_deliveries *d) { return &d->counts; }

void rk_deliveries_stop(rk_deliveries *d)
{
    if (d) {
        rk_line_stop(d->line);
    }
}

void rk_deliveries_free(rk_deliveries *d)
{
    if (d) {
        rk_line_free(d->line);
        rk_vec_release(&d->ops);
        free(d);
    }
}

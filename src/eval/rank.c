/* rank.c - blocks of users against blocks of items, so that each item vector is read once per 128 users.
 *
 * The scores of a block come from model/bulk.h and are used up while they are still in the second-level cache. What a
 * user has taken is overwritten with NaN, which no selector accepts and no comparison counts. Memory: one desk per
 * thread, a few hundred kB and the test and seen items of its 128 users, however large the catalogue.
 *
 * With an index of the model each user asks it for his list, as a server does, and no block is scored.
 *
 * AUC needs the rank of every test item, not only the top: their scores are computed first, and while a block is in
 * cache each is compared with all of it.
 */
#include "eval/rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "math/topk.h"
#include "model/bulk.h"

enum { SEATS = RK_BULK_SEATS, BLOCK_ITEMS = RK_BULK_ITEMS, SLAB_USERS = 32 * SEATS };

/* One user of the block. Ranges point into the desk's vectors. */
typedef struct {
    uint32_t user;
    rk_query *query; /* the bulk's */
    size_t skip_from, skip_at, skip_end;
    size_t test_from, test_at, test_end;
    double wins;
    size_t n_hidden; /* items that the model does not scan, neither skipped nor asked for */
} seat;

/* One thread's room. */
typedef struct {
    seat seats[SEATS];
    rk_topk *topk[SEATS];
    rk_bulk *bulk;
    rk_near *near;             /* NULL: no index */
    rk_vec skip, test;         /* of uint32_t, ascending per seat */
    rk_vec test_score;         /* of float, beside test; NaN = masked */
    uint32_t *list, *hit_rank; /* [n_best] */
    uint64_t repeats;
    rk_status status;
    rk_error err;
} desk;

typedef uint64_t count_fn(const float *score, size_t n, float limit);

typedef struct {
    const rk_ranking *ranking;
    const uint32_t *users; /* of the slab */
    size_t first;          /* number of users[0] among all */
    desk *desks;           /* [threads] */
    count_fn *count;
} rank_loop;

/* ---- counting ---- */

/* Twice the number of scores below limit, and once more for each equal one; NaN counts for nothing. */
static inline __attribute__((always_inline)) uint64_t count_below(const float *score, size_t n, float limit)
{
    uint32_t twice = 0;
    for (size_t i = 0; i < n; i++) {
        twice += (uint32_t)(score[i] < limit) + (uint32_t)(score[i] <= limit);
    }
    return twice;
}

static uint64_t count_portable(const float *score, size_t n, float limit) { return count_below(score, n, limit); }

#if defined(__x86_64__)
__attribute__((target("avx2"))) static uint64_t count_avx2(const float *score, size_t n, float limit)
{
    return count_below(score, n, limit);
}

static count_fn *best_count(void) { return __builtin_cpu_supports("avx2") ? count_avx2 : count_portable; }
#else
static count_fn *best_count(void) { return count_portable; }
#endif

/* ---- desks ---- */

static void desk_release(desk *d)
{
    for (size_t s = 0; s < SEATS; s++) {
        rk_topk_free(d->topk[s]);
    }
    rk_bulk_free(d->bulk);
    rk_near_close(d->near);
    free(d->list);
    free(d->hit_rank);
    rk_vec_release(&d->skip);
    rk_vec_release(&d->test);
    rk_vec_release(&d->test_score);
}

static rk_status desk_init(desk *d, const rk_ranking *ranking, rk_error *err)
{
    size_t n_best = ranking->n_best;
    *d = (desk){.skip.item_bytes = sizeof(uint32_t),
                .test.item_bytes = sizeof(uint32_t),
                .test_score.item_bytes = sizeof(float)};
    bool is_good = true;
    for (size_t s = 0; s < SEATS; s++) {
        is_good &= (d->topk[s] = rk_topk_new(n_best)) != NULL;
    }
    d->bulk = rk_bulk_new(ranking->model);
    d->list = malloc(n_best * sizeof *d->list);
    d->hit_rank = malloc(n_best * sizeof *d->hit_rank);
    if (!is_good || !d->bulk || !d->list || !d->hit_rank) {
        return rk_fail_memory(err, "rooms to rank in");
    }
    return ranking->near ? rk_near_again(ranking->near, &d->near, err) : RK_OK;
}

/* ---- taking a seat ---- */

static bool seat_skips(const rk_ranking *ranking, desk *d, seat *s)
{
    s->skip_from = s->skip_at = d->skip.n;
    bool is_good = rk_taken_row(ranking->model, ranking->train, s->user, &d->skip);
    s->skip_end = d->skip.n;
    s->n_hidden = rk_model_n_items(ranking->model) - rk_model_n_shown(ranking->model);
    for (size_t i = s->skip_from; s->n_hidden > 0 && i < s->skip_end; i++) {
        s->n_hidden -= !rk_model_shows(ranking->model, ((const uint32_t *)d->skip.data)[i]);
    }
    return is_good;
}

static int compare_ids(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Whether item is among the ascending entries from .. end - 1. */
static bool has_item(const rk_vec *items, size_t from, size_t end, uint32_t item)
{
    return end > from && bsearch(&item, (const uint32_t *)items->data + from, end - from, sizeof item, compare_ids);
}

/* What is not scanned stands behind all that is. */
static float score_of(const rk_model *model, seat *s, uint32_t item)
{
    float score;
    if (!rk_model_shows(model, item)) {
        s->n_hidden--;
        return -INFINITY;
    }
    rk_model_scores(model, s->query, item, 1, &score);
    return score;
}

static bool seat_tests(const rk_ranking *ranking, desk *d, seat *s)
{
    const rk_csr *test = ranking->test;
    s->test_from = s->test_at = d->test.n;
    for (uint64_t e = test->start[s->user]; e < test->start[s->user + 1]; e++) {
        float score = NAN;
        bool is_masked = has_item(&d->skip, s->skip_from, s->skip_end, test->col[e]);
        if (test->value && !(test->value[e] > 0)) {
            continue;
        }
        d->repeats += is_masked;
        if (is_masked && ranking->drop_repeats) {
            continue;
        }
        if (!is_masked && !ranking->near) {
            score = score_of(ranking->model, s, test->col[e]);
        }
        if (!rk_vec_push(&d->test, &test->col[e]) || !rk_vec_push(&d->test_score, &score)) {
            return false;
        }
    }
    s->test_end = d->test.n;
    return true;
}

static rk_status take_seat(const rank_loop *loop, desk *d, size_t at, uint32_t user)
{
    seat *s = &d->seats[at];
    *s = (seat){.user = user};
    rk_status status = rk_bulk_seat(d->bulk, user, &s->query, &d->err);
    if (status == RK_OK && (!seat_skips(loop->ranking, d, s) || !seat_tests(loop->ranking, d, s))) {
        status = rk_fail_memory(&d->err, "the test items of a block of users");
    }
    return status;
}

/* ---- a block of items ---- */

/* Overwrites the scores of items[*at ..] that lie below end, moving *at behind them. */
static void mask(float *score, uint32_t first, uint32_t n, const uint32_t *items, size_t *at, size_t end)
{
    for (; *at < end && items[*at] < first + n; ++*at) {
        score[items[*at] - first] = NAN;
    }
}

static void use_block(const rank_loop *loop, desk *d, size_t at, float *score, uint32_t first, uint32_t n)
{
    seat *s = &d->seats[at];
    const float *test_score = d->test_score.data;
    mask(score, first, n, d->skip.data, &s->skip_at, s->skip_end);
    rk_topk_offer(d->topk[at], first, score, n, NULL, 0);
    mask(score, first, n, d->test.data, &s->test_at, s->test_end);
    uint64_t twice = 0;
    for (size_t t = s->test_from; t < s->test_end; t++) {
        twice += loop->count(score, n, test_score[t]); /* 0 for a masked one: no comparison with NaN holds */
    }
    s->wins += (double)twice / 2;
}

/* ---- an index ---- */

static const uint32_t *items_from(const rk_vec *items, size_t from)
{
    return items->data ? (const uint32_t *)items->data + from : NULL;
}

static rk_status ask_index(const rank_loop *loop, desk *d, size_t at)
{
    const seat *s = &d->seats[at];
    rk_filter filter = {.skip = items_from(&d->skip, s->skip_from), .n_skip = s->skip_end - s->skip_from};
    return rk_near_offer(d->near, s->query, &filter, loop->ranking->n_best, d->topk[at], &d->err);
}

/* ---- the outcome ---- */

static void add_wins(const rank_loop *loop, const desk *d, const seat *s, rk_user_outcome *outcome)
{
    const float *test_score = d->test_score.data;
    size_t n_ranked = 0;
    double wins = s->wins;
    for (size_t t = s->test_from; t < s->test_end; t++) {
        bool is_ranked = !isnan(test_score[t]);
        n_ranked += is_ranked;
        wins += is_ranked ? (isinf(test_score[t]) ? 0.5 : 1) * (double)s->n_hidden : 0;
    }
    size_t n_others = rk_model_n_items(loop->ranking->model) - (s->skip_end - s->skip_from) - n_ranked;
    outcome->wins = wins;
    outcome->win_pairs = (double)n_ranked * (double)n_others;
}

static double label_loss(double foretold, double label)
{
    double chance = fmin(fmax(foretold, 1e-15), 1 - 1e-15);
    return -(label * log(chance) + (1 - label) * log1p(-chance));
}

static void add_errors(const rank_loop *loop, desk *d, size_t at, rk_user_outcome *outcome)
{
    const rk_csr *test = loop->ranking->test;
    seat *s = &d->seats[at];
    for (uint64_t e = test->start[s->user]; e < test->start[s->user + 1]; e++) {
        double value = test->value ? (double)test->value[e] : 1;
        double foretold = rk_model_predict(loop->ranking->model, s->query, test->col[e]);
        outcome->squared_error += (foretold - value) * (foretold - value);
        outcome->absolute_error += fabs(foretold - value);
        outcome->log_loss += label_loss(foretold, value);
        outcome->n_rated++;
    }
}

static void leave_seat(const rank_loop *loop, desk *d, size_t at, unsigned worker, size_t i)
{
    const seat *s = &d->seats[at];
    rk_user_outcome outcome = {.list = d->list,
                               .n_list = rk_topk_take(d->topk[at], d->list, NULL),
                               .hit_rank = d->hit_rank,
                               .test = items_from(&d->test, s->test_from),
                               .n_test = s->test_end - s->test_from,
                               .taken = items_from(&d->skip, s->skip_from),
                               .n_taken = s->skip_end - s->skip_from};
    for (size_t r = 0; r < outcome.n_list; r++) {
        if (has_item(&d->test, s->test_from, s->test_end, d->list[r])) {
            d->hit_rank[outcome.n_hits++] = (uint32_t)r + 1;
        }
    }
    if (!d->near) {
        add_wins(loop, d, s, &outcome);
    }
    if (rk_model_is_rating(loop->ranking->model)) {
        add_errors(loop, d, at, &outcome);
    }
    loop->ranking->take(loop->ranking->context, worker, i, &outcome);
}

static void scan_all(const rank_loop *loop, desk *d, size_t n_seats)
{
    uint32_t n_items = rk_model_n_items(loop->ranking->model);
    for (uint32_t first = 0; first < n_items; first += BLOCK_ITEMS) {
        uint32_t n = n_items - first < BLOCK_ITEMS ? n_items - first : BLOCK_ITEMS;
        float *scores = rk_bulk_scores(d->bulk, first, n);
        for (size_t at = 0; at < n_seats; at++) {
            use_block(loop, d, at, scores + at * BLOCK_ITEMS, first, n);
        }
    }
}

static rk_status rank_block(const rank_loop *loop, desk *d, rk_span span)
{
    size_t n_seats = span.end - span.begin;
    rk_vec_clear(&d->skip);
    rk_vec_clear(&d->test);
    rk_vec_clear(&d->test_score);
    rk_bulk_clear(d->bulk);
    for (size_t at = 0; at < n_seats; at++) {
        rk_status status = take_seat(loop, d, at, loop->users[span.begin + at]);
        if (status != RK_OK) {
            return status;
        }
    }
    if (!d->near) {
        scan_all(loop, d, n_seats);
    }
    for (size_t at = 0; d->near && at < n_seats; at++) {
        rk_status status = ask_index(loop, d, at);
        if (status != RK_OK) {
            return status;
        }
    }
    for (size_t at = 0; at < n_seats; at++) {
        leave_seat(loop, d, at, span.worker, loop->first + span.begin + at);
    }
    return RK_OK;
}

static void rank_chunk(void *context, rk_span span)
{
    const rank_loop *loop = context;
    desk *d = &loop->desks[span.worker];
    if (d->status == RK_OK) {
        d->status = rank_block(loop, d, span);
    }
}

/* Slab by slab, so that progress is told from this thread. */
static rk_status rank_slabs(rank_loop *loop, const uint32_t *users, size_t n, const rk_run *run, rk_error *err)
{
    unsigned n_desks = rk_pool_threads(run->pool);
    for (size_t first = 0; first < n; first += SLAB_USERS) {
        loop->users = users + first;
        loop->first = first;
        rk_parallel_for(run->pool, n - first < SLAB_USERS ? n - first : SLAB_USERS, SEATS, rank_chunk, loop);
        for (unsigned w = 0; w < n_desks; w++) {
            if (loop->desks[w].status != RK_OK) {
                return rk_fail(err, loop->desks[w].status, "%s", loop->desks[w].err.message);
            }
        }
        rk_progress(run, "ranking", "users", n - first < SLAB_USERS ? n : first + SLAB_USERS, n);
    }
    return RK_OK;
}

rk_status rk_rank(const rk_ranking *ranking, const uint32_t *users, size_t n, const rk_run *run, uint64_t *repeats,
                  rk_error *err)
{
    unsigned n_desks = rk_pool_threads(run->pool);
    rank_loop loop = {.ranking = ranking, .count = best_count(), .desks = calloc(n_desks, sizeof(desk))};
    rk_status status = loop.desks ? RK_OK : rk_fail_memory(err, "rooms to rank in");
    for (unsigned w = 0; w < n_desks && status == RK_OK; w++) {
        status = desk_init(&loop.desks[w], ranking, err);
    }
    if (status == RK_OK) {
        status = rank_slabs(&loop, users, n, run, err);
    }
    *repeats = 0;
    for (unsigned w = 0; w < n_desks && loop.desks; w++) {
        *repeats += loop.desks[w].repeats;
        desk_release(&loop.desks[w]);
    }
    free(loop.desks);
    return status;
}

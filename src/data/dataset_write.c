/* dataset_write.c - events into both directions of a dataset.
 *
 * A stable counting sort by user keeps input order inside a user; logs are almost always in time order already, so a
 * user's run is only sorted where a time descends. Columns are then gathered through the order, one at a time, in
 * pieces, so that no sorted copy of the whole log is ever held.
 */
#include "data/dataset_write.h"

#include <stdlib.h>

#include "data/sort.h"

enum { PIECE_EVENTS = 1 << 18, GATHER_EVENTS = 1 << 14, USERS_A_CHUNK = 1024 };

/* start: [n_keys + 1] zeroed. Fills start and the stable order of keys. order NULL: starts only. */
static void counting_sort(const uint32_t *keys, uint64_t n, uint32_t n_keys, uint64_t *start, uint32_t *order)
{
    for (uint64_t i = 0; i < n; i++) {
        start[keys[i] + 1]++;
    }
    for (uint32_t k = 0; k < n_keys; k++) {
        start[k + 1] += start[k];
    }
    for (uint64_t i = 0; i < n; i++) { /* start[k] walks to the end of k's run: shifted back below */
        order[start[keys[i]]++] = (uint32_t)i;
    }
    for (uint32_t k = n_keys; k > 0; k--) {
        start[k] = start[k - 1];
    }
    start[0] = 0;
}

/* ---- time order inside each user ---- */

typedef struct {
    const int64_t *time;
    const uint64_t *start;
    uint32_t *order;
    uint64_t **scratch; /* [threads] each three times as long as the longest history */
} time_sort;

static bool is_sorted(const int64_t *time, const uint32_t *order, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (time[order[i]] < time[order[i - 1]]) {
            return false;
        }
    }
    return true;
}

/* A stable sort by 32 bits of the time since first, from bit `shift` up. scratch: [3 n]. */
static void sort_by_bits(const int64_t *time, int64_t first, unsigned shift, uint32_t *order, size_t n,
                         uint64_t *scratch)
{
    uint64_t *keys = scratch + n;
    uint32_t *old = (uint32_t *)(void *)(scratch + 2 * n);
    for (size_t i = 0; i < n; i++) {
        uint64_t since = (uint64_t)time[order[i]] - (uint64_t)first;
        keys[i] = (since >> shift & UINT32_MAX) << 32 | i;
        old[i] = order[i];
    }
    rk_sort_u64(keys, n, 32, scratch);
    for (size_t i = 0; i < n; i++) {
        order[i] = old[(uint32_t)keys[i]];
    }
}

/* By time, by input order where times are equal. 32 bits are 136 years: hardly a history needs the second sort. */
static void sort_history(const int64_t *time, uint32_t *order, size_t n, uint64_t *scratch)
{
    int64_t first = time[order[0]], last = first;
    for (size_t i = 1; i < n; i++) {
        first = time[order[i]] < first ? time[order[i]] : first;
        last = time[order[i]] > last ? time[order[i]] : last;
    }
    sort_by_bits(time, first, 0, order, n, scratch);
    if (((uint64_t)last - (uint64_t)first) >> 32) {
        sort_by_bits(time, first, 32, order, n, scratch);
    }
}

static void sort_users(void *context, rk_span span)
{
    const time_sort *sort = context;
    for (size_t user = span.begin; user < span.end; user++) {
        uint32_t *order = sort->order + sort->start[user];
        size_t n = (size_t)(sort->start[user + 1] - sort->start[user]);
        if (!is_sorted(sort->time, order, n)) {
            sort_history(sort->time, order, n, sort->scratch[span.worker]);
        }
    }
}

static rk_status sort_by_time(const rk_events *events, const uint64_t *start, uint32_t *order, const rk_run *run,
                              rk_error *err)
{
    rk_status status = RK_OK;
    unsigned n_threads = rk_pool_threads(run->pool);
    uint64_t longest = 0;
    for (uint32_t user = 0; user < events->n_users; user++) {
        longest = start[user + 1] - start[user] > longest ? start[user + 1] - start[user] : longest;
    }
    uint64_t **scratch = calloc(n_threads, sizeof(uint64_t *));
    for (unsigned t = 0; scratch && t < n_threads; t++) {
        scratch[t] = malloc((size_t)(longest + 1) * 3 * sizeof **scratch);
        if (!scratch[t]) {
            status = RK_NO_MEMORY;
        }
    }
    if (!scratch || status) {
        status = rk_fail_memory(err, "sorting histories by time");
    } else {
        time_sort sort = {events->time, start, order, scratch};
        rk_parallel_for(run->pool, events->n_users, USERS_A_CHUNK, sort_users, &sort);
    }
    for (unsigned t = 0; scratch && t < n_threads; t++) {
        free(scratch[t]);
    }
    free(scratch);
    return status;
}

/* ---- columns through the order ---- */

typedef struct {
    const void *values;
    const uint32_t *order;
    void *piece;
    size_t width;
} gathering;

static void gather(void *context, rk_span span)
{
    const gathering *g = context;
    for (size_t i = span.begin; i < span.end; i++) {
        switch (g->width) {
        case 1:
            ((uint8_t *)g->piece)[i] = ((const uint8_t *)g->values)[g->order[i]];
            break;
        case 4:
            ((uint32_t *)g->piece)[i] = ((const uint32_t *)g->values)[g->order[i]];
            break;
        default:
            ((uint64_t *)g->piece)[i] = ((const uint64_t *)g->values)[g->order[i]];
        }
    }
}

/* Writes values[order[i]] for all i as section `name`; values: [n]. */
static rk_status add_gathered(rk_artefact_writer *writer, const char *name, rk_type type, const void *values,
                              const uint32_t *order, uint64_t n, const rk_run *run, rk_error *err)
{
    gathering g = {.values = values, .width = rk_type_bytes(type)};
    g.piece = malloc(PIECE_EVENTS * g.width);
    if (!g.piece) {
        return rk_fail_memory(err, "a piece of a column");
    }
    rk_status status = rk_artefact_begin(writer, name, type, 1, err);
    for (uint64_t begin = 0; begin < n && status == RK_OK; begin += PIECE_EVENTS) {
        uint64_t m = n - begin < PIECE_EVENTS ? n - begin : PIECE_EVENTS;
        g.order = order + begin;
        rk_parallel_for(run->pool, (size_t)m, GATHER_EVENTS, gather, &g);
        status = rk_artefact_append(writer, g.piece, m, err);
    }
    free(g.piece);
    return status == RK_OK ? rk_artefact_end(writer, err) : status;
}

static rk_status add_columns(rk_artefact_writer *writer, const rk_events *events, const uint32_t *order,
                             const rk_run *run, rk_error *err)
{
    const struct {
        const char *name;
        rk_type type;
        const void *values;
    } columns[] = {
        {"event.item", RK_U32, events->item},   {"event.time", RK_I64, events->time},
        {"event.value", RK_F32, events->value}, {"event.price", RK_F32, events->price},
        {"event.type", RK_U8, events->type},
    };
    rk_status status = RK_OK;
    for (size_t c = 0; c < RK_COUNT_OF(columns) && status == RK_OK; c++) {
        if (columns[c].values) {
            status =
                add_gathered(writer, columns[c].name, columns[c].type, columns[c].values, order, events->n, run, err);
        }
    }
    return status;
}

/* The other direction: event numbers of each item. sorted: scratch [n]. */
static rk_status add_by_item(rk_artefact_writer *writer, const rk_events *events, const uint32_t *order,
                             uint32_t *sorted, uint32_t *by_item, rk_error *err)
{
    uint64_t *start = calloc((size_t)events->n_items + 1, sizeof *start);
    if (!start) {
        return rk_fail_memory(err, "the item direction");
    }
    for (uint64_t i = 0; i < events->n; i++) {
        sorted[i] = events->item[order[i]];
    }
    counting_sort(sorted, events->n, events->n_items, start, by_item);
    rk_status status = rk_artefact_add(writer, "item.start", RK_U64, (uint64_t)events->n_items + 1, 1, start, err);
    if (status == RK_OK) {
        status = rk_artefact_add(writer, "item.event", RK_U32, events->n, 1, by_item, err);
    }
    free(start);
    return status;
}

rk_status rk_events_add(rk_artefact_writer *writer, const rk_events *events, const rk_run *run, rk_error *err)
{
    rk_status status = RK_OK;
    size_t n = (size_t)events->n;
    if (events->n > UINT32_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "%llu events: a dataset holds at most 4,294,967,295",
                       (unsigned long long)events->n);
    }
    uint64_t *start = calloc((size_t)events->n_users + 1, sizeof *start);
    uint32_t *order = malloc((n + 1) * sizeof *order);
    uint32_t *scratch = malloc((n + 1) * 2 * sizeof *scratch);
    if (!start || !order || !scratch) {
        status = rk_fail_memory(err, "sorting events");
        goto done;
    }
    counting_sort(events->user, events->n, events->n_users, start, order);
    if (events->time) {
        status = sort_by_time(events, start, order, run, err);
    }
    if (status == RK_OK) {
        status = rk_artefact_add(writer, "user.start", RK_U64, (uint64_t)events->n_users + 1, 1, start, err);
    }
    if (status == RK_OK) {
        status = add_columns(writer, events, order, run, err);
    }
    if (status == RK_OK) {
        status = add_by_item(writer, events, order, scratch, scratch + n, err);
    }
done:
    free(scratch);
    free(order);
    free(start);
    return status;
}

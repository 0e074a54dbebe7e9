/* dataset_write.c - events into both directions of a dataset.
 *
 * A stable counting sort by user keeps input order inside a user; logs are almost always in time order already, so a
 * user's run is only sorted where a time descends. Columns are then gathered through the order, one at a time, in
 * pieces, so that no sorted copy of the whole log is ever held.
 */
#include "data/dataset_write.h"

#include <stdlib.h>

#include "data/sort.h"

enum { PIECE_EVENTS = 1 << 18, GATHER_EVENTS = 1 << 14, USERS_A_CHUNK = 1024, PARTS_MAX = 64 };

/* ---- a stable counting sort ---- */

typedef struct {
    const uint32_t *keys;
    const uint32_t *via; /* NULL: the i-th key is keys[i], else keys[via[i]] */
    uint32_t n_keys;
    uint32_t *place; /* [n_parts x n_keys] how often each key is in a part, then where its next one there goes */
    uint32_t *order;
} key_sort;

static void count_part(void *context, rk_span span)
{
    const key_sort *sort = context;
    uint32_t *count = sort->place + span.chunk * sort->n_keys;
    for (size_t i = span.begin; i < span.end; i++) {
        count[sort->keys[sort->via ? sort->via[i] : i]]++;
    }
}

static void deal_part(void *context, rk_span span)
{
    const key_sort *sort = context;
    uint32_t *place = sort->place + span.chunk * sort->n_keys;
    for (size_t i = span.begin; i < span.end; i++) {
        sort->order[place[sort->keys[sort->via ? sort->via[i] : i]]++] = (uint32_t)i;
    }
}

/* One for each thread, while all counts together take no more than 4 bytes an event. */
static size_t part_events(uint64_t n, uint32_t n_keys, const rk_run *run)
{
    uint64_t n_parts = rk_pool_threads(run->pool), affordable = n / ((uint64_t)n_keys + 1);
    n_parts = n_parts < affordable ? n_parts : affordable;
    n_parts = n_parts < PARTS_MAX ? n_parts : PARTS_MAX;
    return n_parts > 1 ? (size_t)((n + n_parts - 1) / n_parts) : (size_t)n + 1;
}

/* Fills start[n_keys + 1] and the stable order of n keys: the same for any number of parts. */
static rk_status sort_keys(key_sort sort, uint64_t n, uint64_t *start, const rk_run *run, rk_error *err)
{
    size_t events = part_events(n, sort.n_keys, run), n_parts = rk_chunk_count((size_t)n, events);
    sort.place = calloc(n_parts * sort.n_keys + 1, sizeof *sort.place);
    if (!sort.place) {
        return rk_fail_memory(err, "sorting events");
    }
    rk_parallel_for(run->pool, (size_t)n, events, count_part, &sort);
    uint64_t sum = 0;
    for (uint32_t k = 0; k < sort.n_keys; k++) {
        start[k] = sum;
        for (size_t p = 0; p < n_parts; p++) {
            uint32_t *place = &sort.place[p * sort.n_keys + k], count = *place;
            *place = (uint32_t)sum;
            sum += count;
        }
    }
    start[sort.n_keys] = sum;
    rk_parallel_for(run->pool, (size_t)n, events, deal_part, &sort);
    free(sort.place);
    return RK_OK;
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

/* A piece is gathered while the one before it is written. */
typedef struct {
    const void *values;
    const uint32_t *order; /* from the piece's first event on */
    size_t width, n;       /* of an event; events of the piece */
    void *piece, *ready;
    size_t n_ready; /* events in ready; 0 = nothing is to be written */
    rk_artefact_writer *writer;
    rk_status status; /* of the writing */
    rk_error *err;
} gathering;

static void gather(const gathering *g, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
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

static void write_ready(gathering *g)
{
    g->status = g->n_ready ? rk_artefact_append(g->writer, g->ready, g->n_ready, g->err) : RK_OK;
}

/* Task 0 writes, task i gathers the i-th part of the piece. */
static void gather_or_write(void *context, rk_span span)
{
    gathering *g = context;
    if (span.begin == 0) {
        write_ready(g);
        return;
    }
    size_t begin = (span.begin - 1) * GATHER_EVENTS, end = begin + GATHER_EVENTS;
    gather(g, begin, end < g->n ? end : g->n);
}

static void swap_pieces(gathering *g)
{
    void *piece = g->piece;
    g->piece = g->ready;
    g->ready = piece;
    g->n_ready = g->n;
}

/* Writes values[order[i]] for all i as section `name`; values: [n]. */
static rk_status add_gathered(rk_artefact_writer *writer, const char *name, rk_type type, const void *values,
                              const uint32_t *order, uint64_t n, const rk_run *run, rk_error *err)
{
    gathering g = {.values = values, .width = rk_type_bytes(type), .writer = writer, .err = err};
    void *pieces = malloc(2 * PIECE_EVENTS * g.width);
    if (!pieces) {
        return rk_fail_memory(err, "a piece of a column");
    }
    g.piece = pieces;
    g.ready = (char *)pieces + PIECE_EVENTS * g.width;
    rk_status status = rk_artefact_begin(writer, name, type, 1, err);
    for (uint64_t begin = 0; begin < n && status == RK_OK; begin += PIECE_EVENTS) {
        g.n = n - begin < PIECE_EVENTS ? (size_t)(n - begin) : PIECE_EVENTS;
        g.order = order + begin;
        rk_parallel_for(run->pool, 1 + rk_chunk_count(g.n, GATHER_EVENTS), 1, gather_or_write, &g);
        status = g.status;
        swap_pieces(&g);
    }
    if (status == RK_OK) {
        write_ready(&g);
        status = g.status;
    }
    free(pieces);
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

/* The other direction: event numbers of each item. by_item: scratch [n]. */
static rk_status add_by_item(rk_artefact_writer *writer, const rk_events *events, const uint32_t *order,
                             uint32_t *by_item, const rk_run *run, rk_error *err)
{
    uint64_t *start = malloc(((size_t)events->n_items + 1) * sizeof *start);
    if (!start) {
        return rk_fail_memory(err, "the item direction");
    }
    key_sort sort = {.keys = events->item, .via = order, .n_keys = events->n_items, .order = by_item};
    rk_status status = sort_keys(sort, events->n, start, run, err);
    if (status == RK_OK) {
        status = rk_artefact_add(writer, "item.start", RK_U64, (uint64_t)events->n_items + 1, 1, start, err);
    }
    if (status == RK_OK) {
        status = rk_artefact_add(writer, "item.event", RK_U32, events->n, 1, by_item, err);
    }
    free(start);
    return status;
}

/* start: [n_users + 1], scratch: [2 n]. */
static rk_status add_events(rk_artefact_writer *writer, const rk_events *events, uint64_t *start, uint32_t *scratch,
                            const rk_run *run, rk_error *err)
{
    uint32_t *order = scratch, *by_item = scratch + events->n;
    key_sort sort = {.keys = events->user, .n_keys = events->n_users, .order = order};
    rk_status status = sort_keys(sort, events->n, start, run, err);
    if (status == RK_OK && events->time) {
        status = sort_by_time(events, start, order, run, err);
    }
    if (status == RK_OK) {
        status = rk_artefact_add(writer, "user.start", RK_U64, (uint64_t)events->n_users + 1, 1, start, err);
    }
    if (status == RK_OK) {
        status = add_columns(writer, events, order, run, err);
    }
    return status == RK_OK ? add_by_item(writer, events, order, by_item, run, err) : status;
}

rk_status rk_events_add(rk_artefact_writer *writer, const rk_events *events, const rk_run *run, rk_error *err)
{
    if (events->n > UINT32_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "%llu events: a dataset holds at most 4,294,967,295",
                       (unsigned long long)events->n);
    }
    uint64_t *start = malloc(((size_t)events->n_users + 1) * sizeof *start);
    uint32_t *own = events->scratch ? NULL : malloc(((size_t)events->n + 1) * 2 * sizeof *own);
    uint32_t *scratch = events->scratch ? events->scratch : own;
    rk_status status =
        start && scratch ? add_events(writer, events, start, scratch, run, err) : rk_fail_memory(err, "sorting events");
    free(own);
    free(start);
    return status;
}

/* duplicates.c - rows that are the same as an earlier one.
 *
 * Rows are dealt into buckets by the top bits of their hash, each bucket small enough that its own hash table stays in
 * cache; within a bucket they keep their order, so the first of equal rows is the one that stays. Rows are the same
 * when 64 bits of hash over their bytes and all columns that were read agree.
 */
#include <stdlib.h>
#include <string.h>

#include "data/clean_rows.h"

enum { BITS_MAX = 12, ROWS_A_BUCKET = 32768, ROWS_A_CHUNK = 1 << 18 };

typedef struct {
    uint32_t low, row; /* low bits of the hash */
} dealt;

typedef struct {
    rk_columns *columns;
    uint16_t flag;
    unsigned bits;     /* 1 << bits buckets */
    size_t *count;     /* [n_chunks x buckets], then where the chunk's rows of that bucket go */
    size_t *start;     /* [buckets + 1] */
    dealt *rows;       /* [n] */
    uint32_t **tables; /* [threads] */
} dealing;

static size_t bucket_of(uint64_t hash, unsigned bits) { return bits ? (size_t)(hash >> (64 - bits)) : 0; }

static void count_chunk(void *context, rk_span span)
{
    const dealing *d = context;
    size_t *count = d->count + (span.chunk << d->bits);
    for (size_t i = span.begin; i < span.end; i++) {
        count[bucket_of(d->columns->hash[i], d->bits)]++;
    }
}

static void deal_chunk(void *context, rk_span span)
{
    const dealing *d = context;
    size_t *at = d->count + (span.chunk << d->bits);
    for (size_t i = span.begin; i < span.end; i++) {
        uint64_t hash = d->columns->hash[i];
        d->rows[at[bucket_of(hash, d->bits)]++] = (dealt){(uint32_t)hash, (uint32_t)i};
    }
}

static void counts_to_places(const dealing *d, size_t n_chunks)
{
    size_t place = 0;
    for (size_t b = 0; b < (size_t)1 << d->bits; b++) {
        d->start[b] = place;
        for (size_t c = 0; c < n_chunks; c++) {
            size_t *count = &d->count[(c << d->bits) + b], n = *count;
            *count = place;
            place += n;
        }
    }
    d->start[(size_t)1 << d->bits] = place;
}

static bool same_number(const float *column, uint32_t a, uint32_t b)
{
    return !column || memcmp(&column[a], &column[b], sizeof *column) == 0;
}

static bool same_rows(const rk_columns *c, uint32_t a, uint32_t b)
{
    bool is_same = c->hash[a] == c->hash[b] && (!c->time || c->time[a] == c->time[b]) && same_number(c->value, a, b) &&
                   same_number(c->price, a, b);
    for (size_t k = 0; k < RK_N_KEYS && is_same; k++) {
        is_same = !c->key[k] || c->key[k][a] == c->key[k][b];
    }
    return is_same;
}

/* Slots: 1 + place in rows, 0 = free. */
static void mark_bucket(const dealing *d, const dealt *rows, size_t n, uint32_t *table)
{
    size_t n_slots = 16;
    while (n_slots < 2 * n) {
        n_slots *= 2;
    }
    memset(table, 0, n_slots * sizeof *table);
    for (size_t i = 0; i < n; i++) {
        size_t slot = (rows[i].low * 0x9e3779b1u) & (n_slots - 1);
        while (table[slot] && (rows[table[slot] - 1].low != rows[i].low ||
                               !same_rows(d->columns, rows[table[slot] - 1].row, rows[i].row))) {
            slot = (slot + 1) & (n_slots - 1);
        }
        if (table[slot]) {
            d->columns->flags[rows[i].row] |= d->flag;
        } else {
            table[slot] = (uint32_t)i + 1;
        }
    }
}

static void mark_buckets(void *context, rk_span span)
{
    const dealing *d = context;
    for (size_t b = span.begin; b < span.end; b++) {
        mark_bucket(d, d->rows + d->start[b], d->start[b + 1] - d->start[b], d->tables[span.worker]);
    }
}

/* A table for the largest bucket, for every thread. */
static bool make_tables(dealing *d, unsigned n_threads)
{
    size_t largest = 0;
    for (size_t b = 0; b < (size_t)1 << d->bits; b++) {
        size_t n = d->start[b + 1] - d->start[b];
        largest = n > largest ? n : largest;
    }
    d->tables = calloc(n_threads, sizeof *d->tables);
    bool is_done = d->tables != NULL;
    for (unsigned t = 0; t < n_threads && is_done; t++) {
        d->tables[t] = malloc((4 * largest + 16) * sizeof **d->tables);
        is_done = d->tables[t] != NULL;
    }
    return is_done;
}

rk_status rk_duplicates_mark(rk_columns *columns, uint16_t flag, const rk_run *run, rk_error *err)
{
    dealing d = {.columns = columns, .flag = flag};
    unsigned n_threads = rk_pool_threads(run->pool);
    while (d.bits < BITS_MAX && columns->n >> d.bits > ROWS_A_BUCKET) {
        d.bits++;
    }
    size_t n_buckets = (size_t)1 << d.bits, n_chunks = rk_chunk_count(columns->n, ROWS_A_CHUNK);
    d.count = calloc(n_chunks << d.bits, sizeof *d.count);
    d.start = malloc((n_buckets + 1) * sizeof *d.start);
    d.rows = malloc((columns->n + 1) * sizeof *d.rows);
    bool is_done = d.count && d.start && d.rows;
    if (is_done) {
        rk_parallel_for(run->pool, columns->n, ROWS_A_CHUNK, count_chunk, &d);
        counts_to_places(&d, n_chunks);
        rk_parallel_for(run->pool, columns->n, ROWS_A_CHUNK, deal_chunk, &d);
        is_done = make_tables(&d, n_threads);
    }
    if (is_done) {
        rk_parallel_for(run->pool, n_buckets, 16, mark_buckets, &d);
    }
    for (unsigned t = 0; d.tables && t < n_threads; t++) {
        free(d.tables[t]);
    }
    free(d.tables);
    free(d.rows);
    free(d.start);
    free(d.count);
    return is_done ? RK_OK : rk_fail_memory(err, "looking for duplicates");
}

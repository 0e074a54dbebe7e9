/* raw.c - merging chunks: names serially and in order, so that ids follow first sight; columns in parallel. */
#include "data/raw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

rk_status rk_raw_init(rk_raw *log, rk_error *err)
{
    *log = (rk_raw){
        .users = rk_interner_new(),
        .items = rk_interner_new(),
        .types = rk_interner_new(),
        .documents = rk_interner_new(),
        .texts = rk_interner_new(),
        .user.item_bytes = sizeof(uint32_t),
        .item.item_bytes = sizeof(uint32_t),
        .time.item_bytes = sizeof(int64_t),
        .value.item_bytes = sizeof(float),
        .price.item_bytes = sizeof(float),
        .type.item_bytes = sizeof(uint8_t),
        .flags.item_bytes = sizeof(uint16_t),
        .hash.item_bytes = sizeof(uint64_t),
        .item_price.item_bytes = sizeof(float),
        .stretches.item_bytes = sizeof(rk_raw_stretch),
    };
    for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
        log->item_text[t].item_bytes = sizeof(uint32_t);
    }
    bool is_good = log->users && log->items && log->types && log->documents && log->texts &&
                   rk_interner_add(log->texts, (rk_slice){"", 0}) == 0;
    return is_good ? RK_OK : rk_fail_memory(err, "a log");
}

void rk_raw_release(rk_raw *log)
{
    rk_interner *const names[] = {log->users, log->items, log->types, log->documents, log->texts};
    rk_vec *const columns[] = {&log->user, &log->item,  &log->time, &log->value,      &log->price,
                               &log->type, &log->flags, &log->hash, &log->item_price, &log->stretches};
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        rk_interner_free(names[i]);
    }
    for (size_t i = 0; i < RK_COUNT_OF(columns); i++) {
        rk_vec_release(columns[i]);
    }
    for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
        rk_vec_release(&log->item_text[t]);
    }
}

/* ---- names ---- */

/* The log's id of each of the chunk's names; NULL when memory is short. The caller frees it. */
static uint32_t *merge_names(rk_interner *into, const rk_interner *from)
{
    uint32_t n = rk_interner_count(from);
    uint32_t *ids = malloc(((size_t)n + 1) * sizeof *ids);
    for (uint32_t i = 0; ids && i < n; i++) {
        ids[i] = rk_interner_add(into, rk_interner_key(from, i));
        if (ids[i] == RK_NO_ID) {
            free(ids);
            return NULL;
        }
    }
    return ids;
}

static bool grow_items(rk_raw *log)
{
    size_t n_new = rk_interner_count(log->items) - log->item_price.n;
    float *prices = rk_vec_extend(&log->item_price, NULL, n_new);
    bool is_good = prices || n_new == 0;
    for (size_t i = 0; prices && i < n_new; i++) {
        prices[i] = NAN;
    }
    for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
        is_good &= rk_vec_extend(&log->item_text[t], NULL, n_new) || n_new == 0;
    }
    return is_good;
}

/* What later good rows say of an item replaces what earlier ones said. */
static bool merge_items(rk_raw *log, const rk_chunk *chunk, const uint32_t *ids)
{
    const float *prices = chunk->item_price.data;
    for (uint32_t i = 0; i < chunk->item_price.n; i++) {
        if (!isnan(prices[i])) {
            ((float *)log->item_price.data)[ids[i]] = prices[i];
        }
        for (int t = 0; t < RK_N_ITEM_TEXTS; t++) {
            rk_slice text = ((const rk_slice *)chunk->item_text[t].data)[i];
            uint32_t id = text.n ? rk_interner_add(log->texts, text) : 0;
            if (id == RK_NO_ID) {
                return false;
            }
            if (id > 0) {
                ((uint32_t *)log->item_text[t].data)[ids[i]] = id;
            }
        }
    }
    return true;
}

/* ---- columns ---- */

typedef struct {
    rk_raw *log;
    const rk_chunk *chunks;
    const uint64_t *row; /* [n_chunks] of the log */
    uint32_t **user_ids, **item_ids, **type_ids;
} merge;

static void translate(uint32_t *out, const rk_vec *from, const uint32_t *ids)
{
    const uint32_t *in = from->data;
    for (size_t i = 0; i < from->n; i++) {
        out[i] = in[i] == RK_NO_ID ? RK_NO_ID : ids[in[i]];
    }
}

static void copy_column(rk_vec *into, uint64_t row, const rk_vec *from)
{
    if (from->n > 0) {
        memcpy((char *)into->data + row * into->item_bytes, from->data, from->n * from->item_bytes);
    }
}

static void copy_chunks(void *context, rk_span span)
{
    const merge *m = context;
    for (size_t c = span.begin; c < span.end; c++) {
        const rk_chunk *chunk = &m->chunks[c];
        uint64_t row = m->row[c];
        translate((uint32_t *)m->log->user.data + row, &chunk->user, m->user_ids[c]);
        translate((uint32_t *)m->log->item.data + row, &chunk->item, m->item_ids[c]);
        copy_column(&m->log->time, row, &chunk->time);
        copy_column(&m->log->value, row, &chunk->value);
        copy_column(&m->log->price, row, &chunk->price);
        copy_column(&m->log->flags, row, &chunk->flags);
        copy_column(&m->log->hash, row, &chunk->hash);
        const uint8_t *types = chunk->type.data;
        for (size_t i = 0; i < chunk->type.n; i++) {
            ((uint8_t *)m->log->type.data)[row + i] = (uint8_t)m->type_ids[c][types[i]];
        }
    }
}

static bool extend(rk_vec *column, const rk_vec *like, size_t n)
{
    return n == 0 || like->n == 0 || rk_vec_extend(column, NULL, n) != NULL;
}

/* Room for n more rows in every column that the chunks have. */
static bool extend_columns(rk_raw *log, const rk_chunk *chunks, size_t n_chunks, size_t n)
{
    const rk_chunk *any = chunks;
    for (size_t c = 0; c < n_chunks; c++) {
        any = rk_chunk_rows(&chunks[c]) > 0 ? &chunks[c] : any;
    }
    return extend(&log->user, &any->user, n) && extend(&log->item, &any->item, n) &&
           extend(&log->time, &any->time, n) && extend(&log->value, &any->value, n) &&
           extend(&log->price, &any->price, n) && extend(&log->type, &any->type, n) &&
           extend(&log->flags, &any->flags, n) && extend(&log->hash, &any->hash, n);
}

static void merge_examples(rk_raw *log, const rk_chunk *chunk)
{
    for (int rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        const rk_clean_count *count = &chunk->counts[rule];
        for (unsigned i = 0; i < count->n_examples; i++) {
            const rk_clean_example *example = &count->examples[i];
            rk_clean_example_add(&log->counts[rule], example->path, example->line, rk_slice_of(example->text));
        }
    }
}

/* Names, items, examples and the stretch of one chunk; its columns follow. */
static rk_status merge_chunk(rk_raw *log, const rk_chunk *chunk, uint64_t row, uint32_t **user_ids, uint32_t **item_ids,
                             uint32_t **type_ids, rk_error *err)
{
    *user_ids = merge_names(log->users, chunk->users);
    *item_ids = merge_names(log->items, chunk->items);
    *type_ids = merge_names(log->types, chunk->types);
    uint32_t *document_ids = merge_names(log->documents, chunk->documents);
    free(document_ids);
    rk_raw_stretch stretch = {row, rk_chunk_rows(chunk), chunk->line, chunk->path,
                              rk_chunk_rows(chunk) == chunk->n_lines};
    if (!*user_ids || !*item_ids || !*type_ids || !document_ids || !grow_items(log) ||
        !merge_items(log, chunk, *item_ids) || !rk_vec_push(&log->stretches, &stretch)) {
        return rk_fail_memory(err, "the names of the log");
    }
    if (rk_interner_count(log->types) > UINT8_MAX + 1) {
        return rk_fail(err, RK_BAD_INPUT, "%s: more than 256 kinds of event; is this the right column for event=?",
                       chunk->path);
    }
    merge_examples(log, chunk);
    log->total += chunk->total;
    log->n_mended += chunk->n_mended;
    return RK_OK;
}

rk_status rk_raw_append(rk_raw *log, rk_chunk *chunks, size_t n_chunks, const rk_run *run, rk_error *err)
{
    rk_status status = RK_OK;
    uint32_t **ids = calloc(n_chunks * 3, sizeof *ids);
    uint64_t *row = calloc(n_chunks, sizeof *row), n_rows = log->n_rows;
    if (!ids || !row) {
        status = rk_fail_memory(err, "a round of the log");
    }
    merge m = {log, chunks, row, ids, ids + n_chunks, ids + 2 * n_chunks};
    for (size_t c = 0; c < n_chunks && status == RK_OK; c++) {
        if (chunks[c].status) {
            *err = chunks[c].err;
            status = chunks[c].status;
            break;
        }
        row[c] = n_rows;
        n_rows += rk_chunk_rows(&chunks[c]);
        status = merge_chunk(log, &chunks[c], row[c], &m.user_ids[c], &m.item_ids[c], &m.type_ids[c], err);
    }
    if (status == RK_OK && n_rows > UINT32_MAX) {
        status = rk_fail(err, RK_BAD_INPUT, "more than 4,294,967,295 rows: split the log");
    }
    if (status == RK_OK && !extend_columns(log, chunks, n_chunks, (size_t)(n_rows - log->n_rows))) {
        status = rk_fail_memory(err, "the columns of the log");
    }
    if (status == RK_OK) {
        rk_parallel_for(run->pool, n_chunks, 1, copy_chunks, &m);
        log->n_rows = n_rows;
    }
    for (size_t i = 0; ids && i < n_chunks * 3; i++) {
        free(ids[i]);
    }
    free(ids);
    free(row);
    return status;
}

/* columns_build.c - the columns of a dataset: values are gathered as they are written, folded once each, sorted, and
 * those that fold alike become one; a value's items are then dealt out in the order of the items.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/columns.h"

/* A value as it is written. */
typedef struct {
    rk_slice raw, folded; /* raw: of the dataset; folded: in the arena */
    uint32_t column, value;
} entry;

typedef struct {
    const rk_dataset *dataset;
    rk_analyser *folder;
    rk_interner *written[RK_COLUMN_ATTRIBUTES]; /* brands and categories to numbers ... */
    rk_vec entry_of[RK_COLUMN_ATTRIBUTES];      /* ... uint32_t: and those to entries */
    rk_intmap *pairs;                           /* attribute and value to 1 + entry */
    rk_vec entries;                             /* entry, in order of first sight */
    rk_vec held, holder;                        /* uint32_t: entry and item of each pair, by item */
    rk_arena arena;
    uint32_t n_values;
    uint32_t *single, *first, *item;
    uint64_t *start;
    double *number;
} gathering;

/* ---- entries ---- */

static rk_status short_of_memory(rk_error *err) { return rk_fail_memory(err, "the columns of an index"); }

static bool add_entry(gathering *g, uint32_t column, rk_slice raw, uint32_t *out)
{
    *out = (uint32_t)g->entries.n;
    return rk_vec_push(&g->entries, &(entry){.raw = raw, .column = column});
}

static bool hold(gathering *g, uint32_t item, uint32_t one)
{
    return rk_vec_push(&g->held, &one) && rk_vec_push(&g->holder, &item);
}

/* The brand or category of an item. */
static bool gather_single(gathering *g, uint32_t item, uint32_t column, const rk_names *names)
{
    rk_slice raw = item < names->n ? rk_names_get(names, item) : (rk_slice){"", 0};
    if (raw.n == 0) {
        return true;
    }
    uint32_t one, id = rk_interner_add(g->written[column], raw);
    if (id == RK_NO_ID) {
        return false;
    }
    if (id == g->entry_of[column].n && (!add_entry(g, column, raw, &one) || !rk_vec_push(&g->entry_of[column], &one))) {
        return false;
    }
    return hold(g, item, ((const uint32_t *)g->entry_of[column].data)[id]);
}

static bool gather_attributes(gathering *g, uint32_t item)
{
    const rk_dataset *d = g->dataset;
    for (uint64_t a = d->attribute_start[item]; a < d->attribute_start[item + 1]; a++) {
        bool is_new = false;
        rk_slice raw = rk_names_get(&d->values, d->attribute_value[a]);
        uint64_t key = (uint64_t)d->attribute_name[a] << 32 | d->attribute_value[a];
        uint32_t *one = raw.n > 0 ? rk_intmap_put(g->pairs, key, &is_new) : NULL;
        if (raw.n == 0) {
            continue;
        }
        if (!one || (is_new && !add_entry(g, RK_COLUMN_ATTRIBUTES + d->attribute_name[a], raw, one)) ||
            !hold(g, item, *one)) {
            return false;
        }
    }
    return true;
}

static rk_status gather(gathering *g, rk_error *err)
{
    const rk_dataset *d = g->dataset;
    bool is_done = true;
    for (uint32_t i = 0; is_done && i < d->n_items; i++) {
        is_done = gather_single(g, i, RK_COLUMN_BRAND, &d->brand) &&
                  gather_single(g, i, RK_COLUMN_CATEGORY, &d->category) &&
                  (!d->attribute_start || gather_attributes(g, i));
    }
    return is_done ? RK_OK : short_of_memory(err);
}

static rk_status fold_entries(gathering *g, rk_error *err)
{
    rk_text folded = {0};
    rk_status status = RK_OK;
    entry *entries = g->entries.data;
    for (size_t i = 0; !status && i < g->entries.n; i++) {
        status = rk_value_fold(g->folder, entries[i].raw, entries[i].column == RK_COLUMN_CATEGORY, &folded, err);
        const char *copy = status ? NULL : rk_arena_copy(&g->arena, folded.at, folded.n);
        status = !status && !copy ? short_of_memory(err) : status;
        entries[i].folded = (rk_slice){copy, folded.n};
    }
    rk_text_release(&folded);
    return status;
}

/* ---- values ---- */

static int by_column_and_fold(const void *a, const void *b)
{
    const entry *x = *(const entry *const *)a, *y = *(const entry *const *)b;
    int order = x->column != y->column ? (x->column > y->column ? 1 : -1) : rk_slice_compare(x->folded, y->folded);
    return order ? order : (x > y) - (x < y);
}

static bool is_same_value(const entry *a, const entry *b)
{
    return a->column == b->column && rk_slice_equal(a->folded, b->folded);
}

/* Sorted entries to numbered values; returns one entry of each value, the first seen. NULL: no memory. */
static entry **number_values(gathering *g)
{
    size_t n = g->entries.n;
    entry *entries = g->entries.data, **sorted = malloc((n + 1) * sizeof *sorted);
    for (size_t i = 0; sorted && i < n; i++) {
        sorted[i] = &entries[i];
    }
    if (sorted && n > 1) {
        qsort(sorted, n, sizeof *sorted, by_column_and_fold);
    }
    for (size_t i = 0; sorted && i < n; i++) {
        if (g->n_values == 0 || !is_same_value(sorted[g->n_values - 1], sorted[i])) {
            sorted[g->n_values++] = sorted[i];
        }
        sorted[i]->value = g->n_values - 1;
    }
    return sorted;
}

/* How many items each value has, then where they lie, then the items; an item that has a value twice has it once. */
static rk_status deal_items(gathering *g, rk_error *err)
{
    const uint32_t *held = g->held.data, *holder = g->holder.data;
    const entry *entries = g->entries.data;
    uint64_t *at = calloc((size_t)g->n_values + 1, sizeof *at);
    g->start = calloc((size_t)g->n_values + 1, sizeof *g->start);
    g->item = malloc((g->held.n + 1) * sizeof *g->item);
    if (!at || !g->start || !g->item) {
        free(at);
        return short_of_memory(err);
    }
    for (size_t i = 0; i < g->held.n; i++) {
        g->start[entries[held[i]].value + 1]++; /* an upper bound: doubles are taken out below */
    }
    for (uint32_t v = 0; v < g->n_values; v++) {
        g->start[v + 1] += g->start[v];
        at[v] = g->start[v];
    }
    for (size_t i = 0; i < g->held.n; i++) {
        uint32_t value = entries[held[i]].value;
        if (at[value] == g->start[value] || g->item[at[value] - 1] != holder[i]) {
            g->item[at[value]++] = holder[i];
        }
    }
    uint64_t to = 0;
    for (uint32_t v = 0; v < g->n_values; v++) {
        uint64_t n = at[v] - g->start[v];
        memmove(g->item + to, g->item + g->start[v], n * sizeof *g->item);
        g->start[v] = to;
        to += n;
    }
    g->start[g->n_values] = to;
    free(at);
    return RK_OK;
}

static rk_status fill_columns(gathering *g, entry *const *values, rk_error *err)
{
    const uint32_t *held = g->held.data, *holder = g->holder.data;
    const entry *entries = g->entries.data;
    uint32_t n_columns = RK_COLUMN_ATTRIBUTES + g->dataset->attributes.n;
    g->first = calloc((size_t)n_columns + 1, sizeof *g->first);
    g->number = malloc(((size_t)g->n_values + 1) * sizeof *g->number);
    g->single = malloc(((size_t)g->dataset->n_items + 1) * RK_COLUMN_ATTRIBUTES * sizeof *g->single);
    if (!g->first || !g->number || !g->single) {
        return short_of_memory(err);
    }
    for (uint32_t v = 0; v < g->n_values; v++) {
        g->first[values[v]->column + 1]++;
        g->number[v] = rk_value_number(values[v]->raw);
    }
    for (uint32_t c = 0; c < n_columns; c++) {
        g->first[c + 1] += g->first[c];
    }
    memset(g->single, 0xff, ((size_t)g->dataset->n_items + 1) * RK_COLUMN_ATTRIBUTES * sizeof *g->single);
    for (size_t i = 0; i < g->held.n; i++) {
        const entry *one = &entries[held[i]];
        if (one->column < RK_COLUMN_ATTRIBUTES) {
            g->single[(size_t)holder[i] * RK_COLUMN_ATTRIBUTES + one->column] = one->value;
        }
    }
    return RK_OK;
}

/* ---- the log ---- */

static rk_status write_events(const rk_dataset *d, rk_artefact_writer *writer, rk_error *err)
{
    uint32_t *events = malloc(((size_t)d->n_items + 1) * sizeof *events);
    if (!events) {
        return short_of_memory(err);
    }
    for (uint32_t i = 0; i < d->n_items; i++) {
        events[i] = (uint32_t)(d->item_start[i + 1] - d->item_start[i]);
    }
    rk_status status = rk_artefact_add(writer, "column.events", RK_U32, d->n_items, 1, events, err);
    free(events);
    return status;
}

static rk_status write_since(const rk_dataset *d, rk_artefact_writer *writer, rk_error *err)
{
    int64_t *since = malloc(((size_t)d->n_items + 1) * sizeof *since);
    if (!since) {
        return short_of_memory(err);
    }
    for (uint32_t i = 0; i < d->n_items; i++) {
        since[i] = INT64_MIN;
        for (uint64_t at = d->item_start[i]; at < d->item_start[i + 1]; at++) {
            int64_t time = d->event_time[d->item_event[at]];
            since[i] = at == d->item_start[i] || time < since[i] ? time : since[i];
        }
    }
    rk_status status = rk_artefact_add(writer, "column.since", RK_I64, d->n_items, 1, since, err);
    free(since);
    return status;
}

static rk_status write_log(const rk_dataset *d, rk_artefact_writer *writer, rk_error *err)
{
    if (!d->item_start || d->n_events == 0) {
        return RK_OK;
    }
    rk_status status = write_events(d, writer, err);
    return status || !d->event_time ? status : write_since(d, writer, err);
}

/* ---- the file ---- */

static rk_slice raw_of(const entry *e) { return e->raw; }
static rk_slice folded_of(const entry *e) { return e->folded; }

static rk_status write_names(const gathering *g, entry *const *values, const char *prefix, rk_slice get(const entry *e),
                             rk_artefact_writer *writer, rk_error *err)
{
    rk_text bytes = {0};
    uint64_t *start = calloc((size_t)g->n_values + 1, sizeof *start);
    rk_text_add(&bytes, "");
    for (uint32_t v = 0; start && v < g->n_values; v++) {
        rk_text_add_slice(&bytes, get(values[v]));
        start[v + 1] = bytes.n;
    }
    rk_status status = start && !bytes.failed
                           ? rk_names_add(writer, prefix, g->n_values, start, bytes.at ? bytes.at : "", false, err)
                           : short_of_memory(err);
    rk_text_release(&bytes);
    free(start);
    return status;
}

static rk_status write_columns(gathering *g, rk_artefact_writer *w, rk_error *err)
{
    entry **values = number_values(g);
    uint32_t n_columns = RK_COLUMN_ATTRIBUTES + g->dataset->attributes.n;
    rk_status status = values ? deal_items(g, err) : short_of_memory(err);
    status = status ? status : fill_columns(g, values, err);
    status = status ? status : rk_artefact_add(w, "column.first", RK_U32, (uint64_t)n_columns + 1, 1, g->first, err);
    status = status ? status : write_names(g, values, "column.folded", folded_of, w, err);
    status = status ? status : write_names(g, values, "column.name", raw_of, w, err);
    status = status ? status : rk_artefact_add(w, "column.number", RK_F64, g->n_values, 1, g->number, err);
    status = status ? status : rk_artefact_add(w, "column.start", RK_U64, (uint64_t)g->n_values + 1, 1, g->start, err);
    status = status ? status : rk_artefact_add(w, "column.item", RK_U32, g->start[g->n_values], 1, g->item, err);
    status =
        status ? status
               : rk_artefact_add(w, "column.single", RK_U32, g->dataset->n_items, RK_COLUMN_ATTRIBUTES, g->single, err);
    free(values);
    return status ? status : write_log(g->dataset, w, err);
}

static void release(gathering *g)
{
    for (size_t c = 0; c < RK_COLUMN_ATTRIBUTES; c++) {
        rk_interner_free(g->written[c]);
        rk_vec_release(&g->entry_of[c]);
    }
    rk_intmap_free(g->pairs);
    rk_vec_release(&g->entries);
    rk_vec_release(&g->held);
    rk_vec_release(&g->holder);
    rk_arena_release(&g->arena);
    rk_analyser_free(g->folder);
    free(g->single);
    free(g->first);
    free(g->item);
    free(g->start);
    free(g->number);
}

rk_status rk_columns_write(const rk_dataset *dataset, rk_artefact_writer *writer, rk_error *err)
{
    gathering g = {.dataset = dataset,
                   .written = {rk_interner_new(), rk_interner_new()},
                   .entry_of = {{.item_bytes = sizeof(uint32_t)}, {.item_bytes = sizeof(uint32_t)}},
                   .pairs = rk_intmap_new(dataset->values.n),
                   .entries = {.item_bytes = sizeof(entry)},
                   .held = {.item_bytes = sizeof(uint32_t)},
                   .holder = {.item_bytes = sizeof(uint32_t)}};
    rk_status status = g.written[0] && g.written[1] && g.pairs ? rk_analyser_new(&rk_value_analysis, &g.folder, err)
                                                               : short_of_memory(err);
    status = status ? status : gather(&g, err);
    status = status ? status : fold_entries(&g, err);
    status = status ? status : write_columns(&g, writer, err);
    release(&g);
    return status;
}

/* shelf.c - see shelf.h. */
#include "data/shelf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const rk_shelf_tables[RK_SHELF_TEXTS] = {"title", "category", "brand", "text"};

rk_status rk_shelf_init(rk_shelf *shelf, rk_error *err)
{
    *shelf = (rk_shelf){.items = rk_interner_new(),
                        .attributes = rk_interner_new(),
                        .values = rk_interner_new(),
                        .about = {.item_bytes = sizeof(rk_shelf_item)},
                        .bytes = {.item_bytes = 1},
                        .pairs = {.item_bytes = sizeof(rk_shelf_pair)}};
    return shelf->items && shelf->attributes && shelf->values ? RK_OK : rk_fail_memory(err, "a catalogue");
}

void rk_shelf_release(rk_shelf *shelf)
{
    rk_interner_free(shelf->items);
    rk_interner_free(shelf->attributes);
    rk_interner_free(shelf->values);
    rk_vec_release(&shelf->about);
    rk_vec_release(&shelf->bytes);
    rk_vec_release(&shelf->pairs);
    *shelf = (rk_shelf){0};
}

rk_shelf_item *rk_shelf_item_of(rk_shelf *shelf, rk_slice id, bool *is_new)
{
    uint32_t number = rk_interner_add(shelf->items, id);
    *is_new = number == shelf->about.n;
    if (number == RK_NO_ID || (*is_new && !rk_vec_push(&shelf->about, &(rk_shelf_item){.price = NAN}))) {
        return NULL;
    }
    return (rk_shelf_item *)shelf->about.data + number;
}

bool rk_shelf_put(rk_shelf *shelf, rk_shelf_item *item, rk_shelf_text which, rk_slice text, bool behind)
{
    uint64_t old_at = item->at[which], at = shelf->bytes.n;
    uint32_t old_n = behind ? item->n[which] : 0;
    if (text.n > UINT32_MAX - 1 - old_n || !rk_vec_extend(&shelf->bytes, NULL, old_n + (old_n > 0) + text.n)) {
        return text.n == 0;
    }
    char *bytes = (char *)shelf->bytes.data + at;
    if (old_n > 0) {
        memcpy(bytes, (const char *)shelf->bytes.data + old_at, old_n);
        bytes[old_n++] = ' ';
    }
    if (text.n > 0) {
        memcpy(bytes + old_n, text.at, text.n);
    }
    item->at[which] = at;
    item->n[which] = old_n + (uint32_t)text.n;
    return true;
}

bool rk_shelf_pair_add(rk_shelf *shelf, rk_shelf_item *item, rk_slice attribute, rk_slice value)
{
    rk_shelf_pair pair = {rk_interner_add(shelf->attributes, attribute), rk_interner_add(shelf->values, value)};
    if (item->n_pairs == 0) {
        item->first_pair = shelf->pairs.n;
    }
    item->n_pairs++;
    return pair.attribute != RK_NO_ID && pair.value != RK_NO_ID && rk_vec_push(&shelf->pairs, &pair);
}

/* ---- what a dataset says already ---- */

static const rk_names *table_of(const rk_dataset *dataset, rk_shelf_text which)
{
    const rk_names *const tables[] = {&dataset->title, &dataset->category, &dataset->brand, &dataset->text};
    return tables[which];
}

bool rk_shelf_take(rk_shelf *shelf, const rk_dataset *dataset, uint32_t i)
{
    bool is_new, is_done = true;
    rk_shelf_item *item = rk_shelf_item_of(shelf, rk_names_get(&dataset->items, i), &is_new);
    for (rk_shelf_text which = 0; item && is_done && which < RK_SHELF_TEXTS; which++) {
        const rk_names *names = table_of(dataset, which);
        is_done = names->n == 0 || rk_shelf_put(shelf, item, which, rk_names_get(names, i), false);
    }
    if (item && dataset->item_price) {
        item->price = dataset->item_price[i];
    }
    for (uint64_t p = dataset->attribute_start ? dataset->attribute_start[i] : 0;
         item && is_done && dataset->attribute_start && p < dataset->attribute_start[i + 1]; p++) {
        is_done = rk_shelf_pair_add(shelf, item, rk_names_get(&dataset->attributes, dataset->attribute_name[p]),
                                    rk_names_get(&dataset->values, dataset->attribute_value[p]));
    }
    return item && is_done;
}

rk_status rk_shelf_load(rk_shelf *shelf, const rk_dataset *dataset, rk_error *err)
{
    for (uint32_t i = 0; i < dataset->n_items; i++) {
        if (!rk_shelf_take(shelf, dataset, i)) {
            return rk_fail_memory(err, "the items of a dataset");
        }
    }
    return RK_OK;
}

/* ---- writing ---- */

static rk_status write_text(const rk_shelf *shelf, rk_shelf_text which, rk_artefact_writer *writer, rk_error *err)
{
    const rk_shelf_item *about = shelf->about.data;
    size_t n = shelf->about.n, n_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        n_bytes += about[i].n[which];
    }
    if (n_bytes == 0) {
        return RK_OK;
    }
    uint64_t *start = malloc((n + 1) * sizeof *start);
    char *bytes = malloc(n_bytes);
    if (!start || !bytes) {
        free(start);
        free(bytes);
        return rk_fail_memory(err, "a table of texts");
    }
    start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        memcpy(bytes + start[i], (const char *)shelf->bytes.data + about[i].at[which], about[i].n[which]);
        start[i + 1] = start[i] + about[i].n[which];
    }
    rk_status status = rk_names_add(writer, rk_shelf_tables[which], (uint32_t)n, start, bytes, false, err);
    free(start);
    free(bytes);
    return status;
}

static rk_status write_prices(const rk_shelf *shelf, rk_artefact_writer *writer, rk_error *err)
{
    const rk_shelf_item *about = shelf->about.data;
    size_t n = shelf->about.n;
    bool has_any = false;
    float *price = malloc((n + 1) * sizeof *price);
    for (size_t i = 0; price && i < n; i++) {
        price[i] = about[i].price;
        has_any |= !isnan(price[i]);
    }
    rk_status status = !price    ? rk_fail_memory(err, "prices")
                       : has_any ? rk_artefact_add(writer, "item.price", RK_F32, n, 1, price, err)
                                 : RK_OK;
    free(price);
    return status;
}

static rk_status write_pairs(const rk_shelf *shelf, rk_artefact_writer *writer, rk_error *err)
{
    const rk_shelf_item *about = shelf->about.data;
    const rk_shelf_pair *pairs = shelf->pairs.data;
    size_t n = shelf->about.n, n_pairs = 0;
    if (shelf->pairs.n == 0) {
        return RK_OK;
    }
    uint64_t *start = malloc((n + 1) * sizeof *start);
    uint32_t *attribute = malloc(shelf->pairs.n * sizeof *attribute), *value = malloc(shelf->pairs.n * sizeof *value);
    bool is_done = start && attribute && value;
    for (size_t i = 0; is_done && i < n; i++) {
        start[i] = n_pairs;
        for (uint32_t p = 0; p < about[i].n_pairs; p++, n_pairs++) {
            attribute[n_pairs] = pairs[about[i].first_pair + p].attribute;
            value[n_pairs] = pairs[about[i].first_pair + p].value;
        }
    }
    rk_status status = is_done ? RK_OK : rk_fail_memory(err, "attributes");
    if (is_done) {
        start[n] = n_pairs;
        status = rk_artefact_add(writer, "attribute.start", RK_U64, n + 1, 1, start, err);
    }
    status = status ? status : rk_artefact_add(writer, "attribute.name", RK_U32, n_pairs, 1, attribute, err);
    status = status ? status : rk_artefact_add(writer, "attribute.value", RK_U32, n_pairs, 1, value, err);
    status = status ? status
                    : rk_names_add_keys(writer, "attributes", shelf->attributes, NULL,
                                        rk_interner_count(shelf->attributes), true, err);
    status =
        status ? status
               : rk_names_add_keys(writer, "values", shelf->values, NULL, rk_interner_count(shelf->values), true, err);
    free(start);
    free(attribute);
    free(value);
    return status;
}

/* ---- events ---- */

/* Items that no event knows come last: their runs are empty. */
static rk_status write_item_starts(const rk_shelf *shelf, const rk_dataset *dataset, rk_artefact_writer *writer,
                                   rk_error *err)
{
    size_t n = shelf->about.n;
    uint64_t *start = calloc(n + 1, sizeof *start);
    if (!start) {
        return rk_fail_memory(err, "the events of items");
    }
    for (size_t i = 0; dataset && i <= n; i++) {
        start[i] = i < dataset->n_items ? dataset->item_start[i] : dataset->n_events;
    }
    rk_status status = rk_artefact_add(writer, "item.start", RK_U64, n + 1, 1, start, err);
    free(start);
    return status;
}

static rk_status write_no_events(rk_artefact_writer *writer, rk_error *err)
{
    static const uint64_t start[1] = {0};
    static const uint32_t none[1] = {0};
    rk_status status = rk_artefact_add(writer, "user.start", RK_U64, 1, 1, start, err);
    status = status ? status : rk_artefact_add(writer, "event.item", RK_U32, 0, 1, none, err);
    status = status ? status : rk_artefact_add(writer, "item.event", RK_U32, 0, 1, none, err);
    return status ? status : rk_names_add(writer, "users", 0, start, "", true, err);
}

static rk_status copy_events(const rk_dataset *dataset, rk_artefact_writer *writer, rk_error *err)
{
    static const char *const prefixes[] = {"user.", "event.", "item.event", "users.", "types.", NULL};
    return rk_artefact_add_copies(writer, dataset->artefact, prefixes, err);
}

rk_status rk_shelf_write_items(const rk_shelf *shelf, rk_artefact_writer *writer, rk_error *err)
{
    rk_status status =
        rk_names_add_keys(writer, "items", shelf->items, NULL, rk_interner_count(shelf->items), true, err);
    for (rk_shelf_text which = 0; which < RK_SHELF_TEXTS && !status; which++) {
        status = write_text(shelf, which, writer, err);
    }
    status = status ? status : write_prices(shelf, writer, err);
    return status ? status : write_pairs(shelf, writer, err);
}

rk_status rk_shelf_write(const rk_shelf *shelf, const rk_dataset *dataset, rk_artefact_writer *writer, rk_error *err)
{
    rk_status status = dataset ? copy_events(dataset, writer, err) : write_no_events(writer, err);
    status = status ? status : write_item_starts(shelf, dataset, writer, err);
    return status ? status : rk_shelf_write_items(shelf, writer, err);
}

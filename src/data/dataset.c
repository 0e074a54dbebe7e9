/* dataset.c - opening a dataset believing nothing, and the user x item matrix made of it.
 *
 * Matrix: events of one user are few, so a row is made by sorting (item, position) keys and merging runs of one item;
 * position keeps time order inside a pair, which "the last value counts" needs.
 */
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "data/sort.h"

/* ---- opening ---- */

static rk_status damaged(const rk_artefact *artefact, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged dataset: %s", rk_artefact_path(artefact), what);
}

static bool starts_ascend(const uint64_t *start, uint64_t n, uint64_t total)
{
    bool is_good = start[0] == 0 && start[n] == total;
    for (uint64_t i = 0; i < n && is_good; i++) {
        is_good = start[i] <= start[i + 1];
    }
    return is_good;
}

static bool all_below(const uint32_t *values, uint64_t n, uint64_t limit)
{
    uint32_t highest = 0;
    for (uint64_t i = 0; i < n; i++) {
        highest = values[i] > highest ? values[i] : highest;
    }
    return n == 0 || highest < limit;
}

/* *out: the section's data, or NULL when it is absent. */
static rk_status optional_column(const rk_artefact *artefact, const char *name, rk_type type, uint64_t rows,
                                 const void **out, rk_error *err)
{
    *out = NULL;
    if (!rk_artefact_find(artefact, name)) {
        return RK_OK;
    }
    const rk_section *section;
    rk_status status = rk_artefact_need(artefact, name, type, rows, 1, &section, err);
    if (status == RK_OK) {
        *out = section->data;
    }
    return status;
}

const char *const rk_dataset_item_sections[] = {"items.",     "title.",     "category.",   "brand.",  "text.",
                                                "item.price", "attribute.", "attributes.", "values.", NULL};

static rk_status open_item_names(rk_dataset *dataset, rk_error *err)
{
    const struct {
        const char *prefix;
        rk_names *names;
    } tables[] = {{"title", &dataset->title},
                  {"category", &dataset->category},
                  {"brand", &dataset->brand},
                  {"text", &dataset->text}};
    rk_status status = rk_names_open(dataset->artefact, "items", false, &dataset->items, err);
    dataset->n_items = dataset->items.n;
    for (size_t i = 0; !status && i < RK_COUNT_OF(tables); i++) {
        status = rk_names_open(dataset->artefact, tables[i].prefix, true, tables[i].names, err);
        if (!status && tables[i].names->n && tables[i].names->n != dataset->n_items) {
            return damaged(dataset->artefact, "titles, categories, brands or texts are not one per item", err);
        }
    }
    return !status && !dataset->items.order ? damaged(dataset->artefact, "the names have no order", err) : status;
}

static rk_status open_users(rk_dataset *dataset, rk_error *err)
{
    rk_status status = rk_names_open(dataset->artefact, "users", false, &dataset->users, err);
    dataset->n_users = dataset->users.n;
    return !status && !dataset->users.order ? damaged(dataset->artefact, "the names have no order", err) : status;
}

static rk_status open_directions(rk_dataset *dataset, rk_error *err)
{
    const rk_artefact *artefact = dataset->artefact;
    const rk_section *user_start, *event_item, *item_start, *item_event;
    rk_status status =
        rk_artefact_need(artefact, "user.start", RK_U64, (uint64_t)dataset->n_users + 1, 1, &user_start, err);
    if (status == RK_OK) {
        status = rk_artefact_need(artefact, "event.item", RK_U32, UINT64_MAX, 1, &event_item, err);
    }
    if (status == RK_OK) {
        status = rk_artefact_need(artefact, "item.start", RK_U64, (uint64_t)dataset->n_items + 1, 1, &item_start, err);
    }
    if (status == RK_OK) {
        status = rk_artefact_need(artefact, "item.event", RK_U32, event_item->rows, 1, &item_event, err);
    }
    if (status) {
        return status;
    }
    dataset->n_events = event_item->rows;
    dataset->user_start = user_start->data;
    dataset->event_item = event_item->data;
    dataset->item_start = item_start->data;
    dataset->item_event = item_event->data;
    if (dataset->n_events > UINT32_MAX) {
        return damaged(artefact, "more than 4,294,967,295 events", err);
    }
    if (!starts_ascend(dataset->user_start, dataset->n_users, dataset->n_events) ||
        !starts_ascend(dataset->item_start, dataset->n_items, dataset->n_events)) {
        return damaged(artefact, "row starts do not ascend to the number of events", err);
    }
    if (!all_below(dataset->event_item, dataset->n_events, dataset->n_items) ||
        !all_below(dataset->item_event, dataset->n_events, dataset->n_events)) {
        return damaged(artefact, "an item or event number is out of range", err);
    }
    return RK_OK;
}

static rk_status open_columns(rk_dataset *dataset, rk_error *err)
{
    const void *time, *value, *price;
    const uint64_t n = dataset->n_events;
    rk_status status = optional_column(dataset->artefact, "event.time", RK_I64, n, &time, err);
    if (status == RK_OK) {
        status = optional_column(dataset->artefact, "event.value", RK_F32, n, &value, err);
    }
    if (status == RK_OK) {
        status = optional_column(dataset->artefact, "event.price", RK_F32, n, &price, err);
    }
    if (status == RK_OK) {
        dataset->event_time = time;
        dataset->event_value = value;
        dataset->event_price = price;
    }
    return status;
}

static rk_status open_attributes(rk_dataset *dataset, rk_error *err)
{
    const rk_artefact *artefact = dataset->artefact;
    const rk_section *start, *name, *value;
    if (!rk_artefact_find(artefact, "attribute.start")) {
        return RK_OK;
    }
    rk_status status =
        rk_artefact_need(artefact, "attribute.start", RK_U64, (uint64_t)dataset->n_items + 1, 1, &start, err);
    status = status ? status : rk_artefact_need(artefact, "attribute.name", RK_U32, UINT64_MAX, 1, &name, err);
    status = status ? status : rk_artefact_need(artefact, "attribute.value", RK_U32, name->rows, 1, &value, err);
    status = status ? status : rk_names_open(artefact, "attributes", false, &dataset->attributes, err);
    status = status ? status : rk_names_open(artefact, "values", false, &dataset->values, err);
    if (status) {
        return status;
    }
    dataset->attribute_start = start->data;
    dataset->attribute_name = name->data;
    dataset->attribute_value = value->data;
    if (!dataset->attributes.order || !dataset->values.order) {
        return damaged(artefact, "the attributes have no order", err);
    }
    if (!starts_ascend(dataset->attribute_start, dataset->n_items, name->rows) ||
        !all_below(dataset->attribute_name, name->rows, dataset->attributes.n) ||
        !all_below(dataset->attribute_value, name->rows, dataset->values.n)) {
        return damaged(artefact, "attributes are out of range", err);
    }
    return RK_OK;
}

static rk_status open_items(rk_dataset *dataset, rk_error *err)
{
    const void *price = NULL;
    rk_status status = open_item_names(dataset, err);
    status = status ? status : optional_column(dataset->artefact, "item.price", RK_F32, dataset->n_items, &price, err);
    dataset->item_price = price;
    return status ? status : open_attributes(dataset, err);
}

rk_status rk_dataset_open_items(rk_artefact *artefact, rk_dataset *out, rk_error *err)
{
    rk_dataset dataset = {.artefact = artefact};
    rk_status status = open_items(&dataset, err);
    if (!status) {
        *out = dataset;
    }
    return status;
}

/* The artefact becomes the dataset's, or is closed. */
static rk_status open_artefact(rk_artefact *artefact, rk_dataset *out, rk_error *err)
{
    static rk_status (*const steps[])(rk_dataset *, rk_error *) = {open_users, open_items, open_directions,
                                                                   open_columns};
    rk_dataset dataset = {.artefact = artefact};
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_COUNT_OF(steps) && !status; i++) {
        status = steps[i](&dataset, err);
    }
    if (status) {
        rk_artefact_close(dataset.artefact);
        return status;
    }
    *out = dataset;
    return RK_OK;
}

rk_status rk_dataset_open(const char *path, rk_dataset *out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(path, "dataset", &artefact, err);
    return status ? status : open_artefact(artefact, out, err);
}

rk_status rk_dataset_load(const char *path, rk_dataset *out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_load(path, "dataset", &artefact, err);
    return status ? status : open_artefact(artefact, out, err);
}

void rk_dataset_close(rk_dataset *dataset)
{
    rk_artefact_close(dataset->artefact);
    *dataset = (rk_dataset){0};
}

int64_t rk_dataset_newest(const rk_dataset *dataset)
{
    int64_t latest = INT64_MIN;
    for (uint64_t e = 0; dataset->event_time && e < dataset->n_events; e++) {
        latest = dataset->event_time[e] > latest ? dataset->event_time[e] : latest;
    }
    return latest;
}

/* ---- the matrix ---- */

static float pair_value(const rk_dataset *dataset, const uint64_t *keys, size_t n, rk_pair_rule rule)
{
    switch (rule) {
    case RK_PAIR_ONE:
        return 1.0f;
    case RK_PAIR_COUNT:
        return (float)n;
    case RK_PAIR_SUM: {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += dataset->event_value ? (double)dataset->event_value[(uint32_t)keys[i]] : 1.0;
        }
        return (float)sum;
    }
    case RK_PAIR_LAST:
        return dataset->event_value ? dataset->event_value[(uint32_t)keys[n - 1]] : 1.0f;
    }
    return 0;
}

/* Appends the row of one user to csr at `at`; returns where the next row begins. keys: scratch, twice its events. */
static uint64_t fill_row(const rk_dataset *dataset, uint32_t user, rk_pair_rule rule, uint64_t *keys, rk_csr *csr,
                         uint64_t at)
{
    uint64_t first = dataset->user_start[user];
    size_t n = (size_t)(dataset->user_start[user + 1] - first);
    for (size_t i = 0; i < n; i++) {
        keys[i] = (uint64_t)dataset->event_item[first + i] << 32 | (uint32_t)(first + i);
    }
    rk_sort_u64(keys, n, 32, keys + n);
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1; end < n && keys[end] >> 32 == keys[begin] >> 32; end++) {
        }
        csr->col[at] = (uint32_t)(keys[begin] >> 32);
        if (csr->value) {
            csr->value[at] = pair_value(dataset, keys + begin, end - begin, rule);
        }
        at++;
    }
    return at;
}

static size_t longest_row(const rk_dataset *dataset)
{
    uint64_t longest = 0;
    for (uint32_t user = 0; user < dataset->n_users; user++) {
        uint64_t n = dataset->user_start[user + 1] - dataset->user_start[user];
        longest = n > longest ? n : longest;
    }
    return (size_t)longest;
}

rk_status rk_dataset_matrix(const rk_dataset *dataset, rk_pair_rule rule, rk_csr *out, rk_error *err)
{
    rk_csr csr = {.n_rows = dataset->n_users, .n_cols = dataset->n_items};
    size_t n = (size_t)dataset->n_events;
    uint64_t *keys = malloc((2 * longest_row(dataset) + 1) * sizeof *keys);
    csr.start = calloc((size_t)csr.n_rows + 1, sizeof *csr.start);
    csr.col = malloc((n + 1) * sizeof *csr.col);
    csr.value = rule == RK_PAIR_ONE ? NULL : malloc((n + 1) * sizeof *csr.value);
    if (!keys || !csr.start || !csr.col || (rule != RK_PAIR_ONE && !csr.value)) {
        free(keys);
        rk_csr_release(&csr);
        return rk_fail_memory(err, "the user x item matrix");
    }
    for (uint32_t user = 0; user < csr.n_rows; user++) {
        csr.start[user + 1] = fill_row(dataset, user, rule, keys, &csr, csr.start[user]);
    }
    free(keys);
    *out = csr;
    return RK_OK;
}

/* names.c - tables of names: packed bytes, where each starts, and the ids in bytewise order for look-up by bisection.
 *
 * Why not a hash table: an order is 4 bytes a name, needs no rebuilding on open, lists neighbours for suggestions, and
 * a look-up in a million names is 20 comparisons.
 * Sorting compares the first eight bytes as one number; only equal ones look at the names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "store/artefact_format.h"

typedef char section_name[RK_ARTEFACT_NAME_BYTES_MAX + 1];

static void name_section(section_name out, const char *prefix, const char *part)
{
    int n = snprintf(out, sizeof(section_name), "%s.%s", prefix, part);
    assert(n > 0 && (size_t)n < sizeof(section_name));
    (void)n;
}

rk_slice rk_names_get(const rk_names *names, uint32_t id)
{
    assert(id < names->n);
    return (rk_slice){names->bytes + names->start[id], (size_t)(names->start[id + 1] - names->start[id])};
}

void rk_names_expect(const rk_names *names, const uint32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i] < names->n) {
            __builtin_prefetch(&names->start[ids[i]]);
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (ids[i] < names->n) {
            __builtin_prefetch(names->bytes + names->start[ids[i]]);
        }
    }
}

uint32_t rk_names_find(const rk_names *names, rk_slice name)
{
    assert(names->order || names->n == 0);
    uint32_t low = 0, high = names->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int side = rk_slice_compare(rk_names_get(names, names->order[middle]), name);
        if (side == 0) {
            return names->order[middle];
        }
        if (side < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return RK_NO_ID;
}

/* ---- reading ---- */

static rk_status check_starts(const char *path, const char *prefix, const rk_names *names, uint64_t n_bytes,
                              rk_error *err)
{
    bool is_good = names->start[0] == 0 && names->start[names->n] == n_bytes;
    for (uint32_t i = 0; i < names->n && is_good; i++) {
        is_good = names->start[i] <= names->start[i + 1];
    }
    return is_good ? RK_OK
                   : rk_fail_at(err, (rk_place){.path = path},
                                "the name table '%s' is inconsistent: its starts do not "
                                "ascend from 0 to %llu",
                                prefix, (unsigned long long)n_bytes);
}

/* Strictly ascending names: so no id occurs twice, and n ids below n are a permutation. */
static rk_status check_order(const char *path, const char *prefix, const rk_names *names, rk_error *err)
{
    for (uint32_t i = 0; i < names->n; i++) {
        if (names->order[i] >= names->n) {
            return rk_fail_at(err, (rk_place){.path = path}, "the name table '%s' orders id %u, it has %u", prefix,
                              names->order[i], names->n);
        }
        if (i == 0) {
            continue;
        }
        rk_slice name = rk_names_get(names, names->order[i]);
        int side = rk_slice_compare(rk_names_get(names, names->order[i - 1]), name);
        if (side >= 0) {
            return rk_fail_at(err, (rk_place){.path = path}, "the name table '%s' %s at '%.*s'", prefix,
                              side == 0 ? "has a name twice" : "is not in order", (int)(name.n < 40 ? name.n : 40),
                              name.at);
        }
    }
    return RK_OK;
}

rk_status rk_names_open(const rk_artefact *artefact, const char *prefix, bool optional, rk_names *out, rk_error *err)
{
    section_name start_name, bytes_name, order_name;
    name_section(start_name, prefix, "start");
    name_section(bytes_name, prefix, "bytes");
    name_section(order_name, prefix, "order");
    *out = (rk_names){0};
    if (optional && !rk_artefact_find(artefact, start_name)) {
        return RK_OK;
    }
    const char *path = rk_artefact_path(artefact);
    const rk_section *start = NULL, *bytes = NULL, *order = NULL;
    rk_status status = rk_artefact_need(artefact, start_name, RK_U64, UINT64_MAX, 1, &start, err);
    if (status == RK_OK && (start->rows == 0 || start->rows > UINT32_MAX)) {
        status = rk_fail_at(err, (rk_place){.path = path}, "the name table '%s' cannot have %llu starts", prefix,
                            (unsigned long long)start->rows);
    }
    if (status == RK_OK) {
        status = rk_artefact_need(artefact, bytes_name, RK_U8, UINT64_MAX, 1, &bytes, err);
    }
    if (status == RK_OK && rk_artefact_find(artefact, order_name)) {
        status = rk_artefact_need(artefact, order_name, RK_U32, start->rows - 1, 1, &order, err);
    }
    if (status != RK_OK) {
        return status;
    }
    rk_names names = {(uint32_t)(start->rows - 1), start->data, bytes->data, order ? order->data : NULL};
    status = check_starts(path, prefix, &names, bytes->rows, err);
    if (status == RK_OK && names.order) {
        status = check_order(path, prefix, &names, err);
    }
    if (status == RK_OK) {
        *out = names;
    }
    return status;
}

/* ---- writing ---- */

typedef struct {
    uint64_t head; /* the first eight bytes, first byte highest, zeros behind a short name */
    uint32_t id;
} sort_key;

static uint64_t name_head(rk_slice name)
{
    uint64_t head = 0;
    for (size_t i = 0; i < 8; i++) {
        head = head << 8 | (i < name.n ? (unsigned char)name.at[i] : 0);
    }
    return head;
}

static int compare_keys(const void *a, const void *b, void *context)
{
    const sort_key *x = a, *y = b;
    if (x->head != y->head) {
        return x->head < y->head ? -1 : 1;
    }
    return rk_slice_compare(rk_names_get(context, x->id), rk_names_get(context, y->id));
}

/* The ids in order of name, [n], owned by the caller; NULL when memory is short. */
static uint32_t *sorted_ids(rk_names *names)
{
    sort_key *key = malloc((names->n ? names->n : 1) * sizeof *key);
    uint32_t *order = malloc((names->n ? names->n : 1) * sizeof *order);
    if (!key || !order) {
        free(key);
        free(order);
        return NULL;
    }
    for (uint32_t i = 0; i < names->n; i++) {
        key[i] = (sort_key){name_head(rk_names_get(names, i)), i};
    }
    qsort_r(key, names->n, sizeof *key, compare_keys, names);
    for (uint32_t i = 0; i < names->n; i++) {
        order[i] = key[i].id;
    }
    free(key);
    return order;
}

static rk_status add_order(rk_artefact_writer *writer, const char *prefix, rk_names names, rk_error *err)
{
    section_name order_name;
    name_section(order_name, prefix, "order");
    uint32_t *order = sorted_ids(&names);
    if (!order) {
        return rk_fail_memory(err, "the order of a name table");
    }
    names.order = order;
    rk_status status = check_order("new artefact", prefix, &names, err);
    if (status == RK_OK) {
        status = rk_artefact_add(writer, order_name, RK_U32, names.n, 1, order, err);
    }
    free(order);
    return status;
}

rk_status rk_names_add(rk_artefact_writer *writer, const char *prefix, uint32_t n, const uint64_t *start,
                       const char *bytes, bool with_order, rk_error *err)
{
    section_name start_name, bytes_name;
    name_section(start_name, prefix, "start");
    name_section(bytes_name, prefix, "bytes");
    rk_status status = rk_artefact_add(writer, start_name, RK_U64, (uint64_t)n + 1, 1, start, err);
    if (status == RK_OK) {
        status = rk_artefact_add(writer, bytes_name, RK_U8, start[n], 1, bytes, err);
    }
    if (status == RK_OK && with_order) {
        status = add_order(writer, prefix, (rk_names){n, start, bytes, NULL}, err);
    }
    return status;
}

rk_status rk_names_add_keys(rk_artefact_writer *writer, const char *prefix, const rk_interner *names,
                            const uint32_t *ids, uint32_t n, bool with_order, rk_error *err)
{
    rk_vec bytes = {.item_bytes = 1};
    uint64_t *start = malloc(((size_t)n + 1) * sizeof *start);
    bool is_done = start != NULL;
    for (uint32_t i = 0; is_done && i < n; i++) {
        uint32_t id = ids ? ids[i] : i;
        rk_slice key = id == RK_NO_ID ? RK_SLICE("") : rk_interner_key(names, id);
        start[i] = bytes.n;
        is_done = key.n == 0 || rk_vec_extend(&bytes, key.at, key.n);
    }
    rk_status status = is_done ? RK_OK : rk_fail_memory(err, "a table of names");
    if (!status) {
        start[n] = bytes.n;
        status = rk_names_add(writer, prefix, n, start, bytes.n ? bytes.data : "", with_order, err);
    }
    rk_vec_release(&bytes);
    free(start);
    return status;
}

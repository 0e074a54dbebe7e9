/* small_shop.c - see small_shop.h. */
#include "support/small_shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/test.h"

static void add(rk_artefact_writer *writer, const char *name, rk_type type, uint64_t rows, uint64_t cols,
                const void *data)
{
    rk_error err;
    assert_int_equal(rk_artefact_add(writer, name, type, rows, cols, data, &err), RK_OK);
}

static void add_names(rk_artefact_writer *writer, const char *prefix, uint32_t n, const uint32_t *number)
{
    rk_error err;
    uint64_t *start = calloc(n + 1, sizeof *start);
    char *bytes = malloc((size_t)n * 12 + 1);
    for (uint32_t i = 0; i < n; i++) {
        start[i + 1] = start[i] + (uint64_t)snprintf(bytes + start[i], 12, "%c%u", prefix[0], number ? number[i] : i);
    }
    assert_int_equal(rk_names_add(writer, prefix, n, start, bytes, true, &err), RK_OK);
    free(start);
    free(bytes);
}

/* The pairs as start [n_users + 1] and item, both owned by the caller. */
static void list_pairs(const bool *is_pair, uint32_t n_users, uint32_t n_items, uint64_t **start, uint32_t **item)
{
    *start = calloc(n_users + 1, sizeof **start);
    *item = malloc(((size_t)n_users * n_items + 1) * sizeof **item);
    for (uint32_t u = 0; u < n_users; u++) {
        (*start)[u + 1] = (*start)[u];
        for (uint32_t i = 0; i < n_items && is_pair; i++) {
            if (is_pair[(size_t)u * n_items + i]) {
                (*item)[(*start)[u + 1]++] = i;
            }
        }
    }
}

static void add_vectors(rk_artefact_writer *writer, const small_model *m)
{
    size_t stride = rk_model_stride(RK_F32, m->dim);
    float *padded = calloc((size_t)m->n_items * stride + 1, sizeof *padded);
    for (uint32_t i = 0; i < m->n_items; i++) {
        memcpy(padded + i * stride, m->item_vector + (size_t)i * m->dim, m->dim * sizeof *padded);
    }
    add(writer, "item.vector", RK_F32, m->n_items, stride, padded);
    add(writer, "user.vector", RK_F32, m->n_users, m->dim, m->user_vector);
    free(padded);
}

static void add_near(rk_artefact_writer *writer, const small_model *m)
{
    size_t n = m->n_items;
    uint64_t *start = calloc(n + 1, sizeof *start);
    uint32_t *item = malloc((n * n + 1) * sizeof *item);
    float *weight = malloc((n * n + 1) * sizeof *weight);
    for (size_t row = 0; row < n; row++) {
        start[row + 1] = start[row];
        for (size_t i = 0; i < n; i++) {
            if (m->near[row * n + i] != 0) {
                item[start[row + 1]] = (uint32_t)i;
                weight[start[row + 1]++] = m->near[row * n + i];
            }
        }
    }
    add(writer, "near.start", RK_U64, n + 1, 1, start);
    add(writer, "near.item", RK_U32, start[n], 1, item);
    add(writer, "near.weight", RK_F32, start[n], 1, weight);
    free(start);
    free(item);
    free(weight);
}

void small_model_write(const small_model *m, const char *path)
{
    rk_error err;
    rk_artefact_writer *writer;
    uint64_t *start;
    uint32_t *item;
    assert_int_equal(rk_artefact_create(path, "model", &writer, &err), RK_OK);
    add_names(writer, "users", m->n_users, NULL);
    add_names(writer, "items", m->n_items, NULL);
    if (m->dim > 0) {
        add_vectors(writer, m);
    }
    if (m->near) {
        add_near(writer, m);
    }
    if (m->item_bias) {
        add(writer, "item.bias", RK_F32, m->n_items, 1, m->item_bias);
    }
    if (m->user_bias) {
        add(writer, "user.bias", RK_F32, m->n_users, 1, m->user_bias);
    }
    list_pairs(m->seen, m->n_users, m->n_items, &start, &item);
    add(writer, "seen.start", RK_U64, m->n_users + 1, 1, start);
    add(writer, "seen.item", RK_U32, start[m->n_users], 1, item);
    free(start);
    free(item);
    const char *kind = m->kind ? m->kind : m->dim ? "als" : "popular";
    const char *form = m->near ? "neighbours" : "vectors";
    json_t *meta = json_pack("{s:s,s:s,s:i,s:b,s:f}", "model", kind, "form", form, "dim", (int)m->dim, "rating",
                             m->is_rating, "mu", m->mu);
    assert_int_equal(json_object_update(rk_artefact_writer_meta(writer), meta), 0);
    json_decref(meta);
    if (m->parent) {
        rk_artefact *parent;
        assert_int_equal(rk_artefact_open(m->parent, NULL, &parent, &err), RK_OK);
        assert_int_equal(rk_artefact_add_parent(writer, parent, &err), RK_OK);
        rk_artefact_close(parent);
    }
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
}

rk_model *small_model_open(const char *path)
{
    rk_error err = {0};
    rk_model *model = NULL;
    if (rk_model_open(path, &model, &err)) {
        fail_msg("%s", err.message);
    }
    return model;
}

/* Each user's items by time, and then by id: they come by id. */
static void sort_by_time(const small_dataset *d, const uint64_t *start, uint32_t *item, int64_t *time)
{
    for (uint32_t u = 0; u < d->n_users; u++) {
        for (uint64_t e = start[u]; e < start[u + 1]; e++) {
            uint32_t i = item[e];
            int64_t at = d->time[(size_t)u * d->n_items + i];
            uint64_t to = e;
            for (; to > start[u] && time[to - 1] > at; to--) {
                item[to] = item[to - 1];
                time[to] = time[to - 1];
            }
            item[to] = i;
            time[to] = at;
        }
    }
}

void small_dataset_write(const small_dataset *d, const char *path)
{
    rk_error err;
    rk_artefact_writer *writer;
    uint64_t *start, n = 0, *item_start = calloc(d->n_items + 1, sizeof *item_start);
    uint32_t *item;
    list_pairs(d->is_pair, d->n_users, d->n_items, &start, &item);
    uint64_t n_events = start[d->n_users];
    uint32_t *item_event = malloc((n_events + 1) * sizeof *item_event);
    float *value = malloc((n_events + 1) * sizeof *value);
    int64_t *time = malloc((n_events + 1) * sizeof *time);
    if (d->time) {
        sort_by_time(d, start, item, time);
    }
    for (uint32_t i = 0; i < d->n_items; i++) {
        for (uint64_t e = 0; e < n_events; e++) {
            if (item[e] == i) {
                item_event[n++] = (uint32_t)e;
            }
        }
        item_start[i + 1] = n;
    }
    for (uint32_t u = 0; u < d->n_users && d->value; u++) {
        for (uint64_t e = start[u]; e < start[u + 1]; e++) {
            value[e] = d->value[(size_t)u * d->n_items + item[e]];
        }
    }
    assert_int_equal(rk_artefact_create(path, "dataset", &writer, &err), RK_OK);
    add_names(writer, "users", d->n_users, d->user_name);
    add_names(writer, "items", d->n_items, d->item_name);
    add(writer, "user.start", RK_U64, d->n_users + 1, 1, start);
    add(writer, "event.item", RK_U32, n_events, 1, item);
    add(writer, "item.start", RK_U64, d->n_items + 1, 1, item_start);
    add(writer, "item.event", RK_U32, n_events, 1, item_event);
    if (d->value) {
        add(writer, "event.value", RK_F32, n_events, 1, value);
    }
    if (d->time) {
        add(writer, "event.time", RK_I64, n_events, 1, time);
    }
    assert_int_equal(rk_artefact_commit(writer, NULL, &err), RK_OK);
    free(start);
    free(item);
    free(item_start);
    free(item_event);
    free(value);
    free(time);
}

void small_folder_make(small_folder *folder)
{
    *folder = (small_folder){.path = "/tmp/reckon-small-XXXXXX"};
    assert_non_null(mkdtemp(folder->path));
    snprintf(folder->data, sizeof folder->data, "%s/data.rk", folder->path);
    snprintf(folder->model, sizeof folder->model, "%s/model.rk", folder->path);
    snprintf(folder->small, sizeof folder->small, "%s/small.rk", folder->path);
    snprintf(folder->again, sizeof folder->again, "%s/again.rk", folder->path);
}

void small_folder_remove(const small_folder *folder)
{
    unlink(folder->data);
    unlink(folder->model);
    unlink(folder->small);
    unlink(folder->again);
    assert_int_equal(rmdir(folder->path), 0);
}

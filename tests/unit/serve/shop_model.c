/* shop_model.c - see shop_model.h. */
#include "unit/serve/shop_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

#include "data/dataset_write.h"
#include "model/model.h"

static void add_names(rk_artefact_writer *writer, const char *prefix, uint32_t n, const char *words, bool with_order)
{
    rk_error err;
    uint64_t *start = calloc(n + 1, sizeof *start);
    char *bytes = malloc((size_t)n * 40 + 1);
    for (uint32_t i = 0; i < n; i++) {
        char name[40];
        int length = snprintf(name, sizeof name, "%s%u", words, i);
        memcpy(bytes + start[i], name, (size_t)length);
        start[i + 1] = start[i] + (uint64_t)length;
    }
    assert_int_equal(rk_names_add(writer, prefix, n, start, bytes, with_order, &err), RK_OK);
    free(start);
    free(bytes);
}

/* User u takes n_seen items, those with small numbers more often. */
static void add_events(rk_artefact_writer *writer, const shop_model *shop)
{
    rk_error err;
    uint64_t state = shop->seed;
    size_t n = (size_t)(shop->n_users - 1) * shop->n_seen;
    uint32_t *user = malloc(n * sizeof *user), *item = malloc(n * sizeof *item);
    for (size_t i = 0; i < n; i++) {
        double x = test_random(&state) / 2147483648.0;
        user[i] = (uint32_t)(i / shop->n_seen);
        item[i] = (uint32_t)(x * x * shop->n_items);
    }
    rk_events events = {.n_users = shop->n_users, .n_items = shop->n_items, .n = n, .user = user, .item = item};
    assert_int_equal(rk_events_add(writer, &events, &(rk_run){0}, &err), RK_OK);
    free(user);
    free(item);
}

void shop_model_write(const shop_model *shop, const char *data_path, const char *path)
{
    rk_error err;
    rk_artefact_writer *writer;
    char factors[32];
    snprintf(factors, sizeof factors, "factors=%u", shop->dim);
    assert_int_equal(rk_artefact_create(data_path, "dataset", &writer, &err), RK_OK);
    add_names(writer, "users", shop->n_users, "u", true);
    add_names(writer, "items", shop->n_items, "i", true);
    add_names(writer, "title", shop->n_items, "\"white\" \xe4\xba\xac lamp ", false);
    add_events(writer, shop);
    assert_int_equal(rk_artefact_commit(writer, &(rk_usage){0}, &err), RK_OK);
    const char *const set[] = {factors, "iterations=1"};
    rk_status status = rk_model_train(data_path, "als", set, 2, path, &(rk_run){.seed = shop->seed}, &err);
    if (status != RK_OK) {
        fail_msg("%s", err.message);
    }
}

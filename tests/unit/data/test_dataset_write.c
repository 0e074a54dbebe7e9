/* test_dataset_write.c - both directions of a dataset against a comparison sort, for any number of threads. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/dataset_write.h"

typedef struct {
    uint32_t n_users, n_items;
    uint64_t n;
    bool has_time, lends_scratch;
    unsigned n_threads;
} shape;

typedef struct {
    uint32_t *user, *item;
    int64_t *time;
    float *value;
    uint32_t *order; /* as a comparison sort finds it */
} log_columns;

static const log_columns *sorting; /* for qsort */

static int by_user_time_input(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    const log_columns *c = sorting;
    if (c->user[a] != c->user[b]) {
        return c->user[a] < c->user[b] ? -1 : 1;
    }
    if (c->time && c->time[a] != c->time[b]) {
        return c->time[a] < c->time[b] ? -1 : 1;
    }
    return (a > b) - (a < b);
}

static log_columns make_log(const shape *s)
{
    uint64_t state = s->n;
    size_t n = (size_t)s->n + 1;
    log_columns c = {.user = malloc(n * 4), .item = malloc(n * 4), .value = malloc(n * 4), .order = malloc(n * 4)};
    c.time = s->has_time ? malloc(n * 8) : NULL;
    for (uint32_t i = 0; i < s->n; i++) {
        c.user[i] = test_random(&state) % s->n_users;
        c.item[i] = test_random(&state) % s->n_items;
        c.value[i] = (float)(test_random(&state) % 10);
        c.order[i] = i;
        if (c.time) {
            c.time[i] = test_random(&state) % 50; /* many ties */
        }
    }
    sorting = &c;
    qsort(c.order, (size_t)s->n, sizeof *c.order, by_user_time_input);
    return c;
}

static void release_log(log_columns *c)
{
    free(c->user);
    free(c->item);
    free(c->time);
    free(c->value);
    free(c->order);
}

static void number_names(rk_artefact_writer *writer, const char *prefix, uint32_t n)
{
    rk_error err;
    char *bytes = malloc((size_t)n * 12 + 1);
    uint64_t *start = malloc(((size_t)n + 1) * sizeof *start), at = 0;
    for (uint32_t i = 0; i < n; i++) {
        start[i] = at;
        at += (uint64_t)snprintf(bytes + at, 12, "%u", i);
    }
    start[n] = at;
    assert_int_equal(rk_names_add(writer, prefix, n, start, bytes, true, &err), RK_OK);
    free(start);
    free(bytes);
}

static void write_dataset(const char *path, const shape *s, const log_columns *c)
{
    rk_error err;
    rk_artefact_writer *writer;
    rk_pool *pool = rk_pool_new(s->n_threads);
    void *scratch = s->lends_scratch ? malloc((size_t)s->n * 8) : NULL;
    assert_int_equal(rk_artefact_create(path, "dataset", &writer, &err), RK_OK);
    number_names(writer, "users", s->n_users);
    number_names(writer, "items", s->n_items);
    rk_events events = {.n_users = s->n_users,
                        .n_items = s->n_items,
                        .n = s->n,
                        .user = c->user,
                        .item = c->item,
                        .time = c->time,
                        .value = c->value,
                        .scratch = scratch};
    assert_int_equal(rk_events_add(writer, &events, &(rk_run){.pool = pool}, &err), RK_OK);
    assert_int_equal(rk_artefact_commit(writer, &(rk_usage){0}, &err), RK_OK);
    free(scratch);
    rk_pool_free(pool);
}

/* Each item's events ascend, are its own, and are all of them. */
static void check_items(const rk_dataset *dataset)
{
    assert_int_equal(dataset->item_start[0], 0);
    assert_int_equal(dataset->item_start[dataset->n_items], dataset->n_events);
    for (uint32_t item = 0; item < dataset->n_items; item++) {
        for (uint64_t e = dataset->item_start[item]; e < dataset->item_start[item + 1]; e++) {
            assert_int_equal(dataset->event_item[dataset->item_event[e]], item);
            assert_true(e == dataset->item_start[item] || dataset->item_event[e - 1] < dataset->item_event[e]);
        }
    }
}

static void check(const shape *s)
{
    char path[] = "/tmp/test_dataset_XXXXXX";
    close(mkstemp(path));
    log_columns c = make_log(s);
    write_dataset(path, s, &c);
    rk_dataset dataset;
    rk_error err;
    assert_int_equal(rk_dataset_open(path, &dataset, &err), RK_OK);
    assert_int_equal(dataset.n_events, s->n);
    for (uint64_t i = 0; i < s->n; i++) {
        uint32_t from = c.order[i];
        assert_int_equal(dataset.event_item[i], c.item[from]);
        assert_true(dataset.event_value[i] == c.value[from]);
        assert_true(!c.time || dataset.event_time[i] == c.time[from]);
        assert_in_range(i, dataset.user_start[c.user[from]], dataset.user_start[c.user[from] + 1] - 1);
    }
    check_items(&dataset);
    assert_int_equal(rk_artefact_verify(dataset.artefact, NULL, &err), RK_OK);
    rk_dataset_close(&dataset);
    release_log(&c);
    unlink(path);
}

static void both_directions_are_those_of_a_comparison_sort(void **state)
{
    (void)state;
    static const shape shapes[] = {
        {.n_users = 7, .n_items = 5, .n = 1},
        {.n_users = 7, .n_items = 5, .n = 1000, .has_time = true},
        {.n_users = 1, .n_items = 1, .n = 500, .has_time = true, .lends_scratch = true},
        {.n_users = 3000, .n_items = 9, .n = 1000, .lends_scratch = true}, /* more users than events */
        {.n_users = 300, .n_items = 70, .n = 40000, .has_time = true, .lends_scratch = true},
        {.n_users = 50, .n_items = 2000, .n = 600000, .has_time = true}, /* several pieces of each column */
    };
    for (size_t i = 0; i < RK_COUNT_OF(shapes); i++) {
        for (unsigned n_threads = 1; n_threads <= 5; n_threads += 2) {
            shape s = shapes[i];
            s.n_threads = n_threads;
            check(&s);
        }
    }
}

static void a_disk_that_fills_up_between_pieces_is_told(void **state)
{
    (void)state;
    shape s = {.n_users = 50, .n_items = 20, .n = 600000, .n_threads = 3};
    log_columns c = make_log(&s);
    rk_error err;
    rk_artefact_writer *writer;
    rk_pool *pool = rk_pool_new(s.n_threads);
    assert_int_equal(rk_artefact_create("/dev/full", "dataset", &writer, &err), RK_OK);
    rk_events events = {.n_users = 50, .n_items = 20, .n = s.n, .user = c.user, .item = c.item, .value = c.value};
    assert_int_equal(rk_events_add(writer, &events, &(rk_run){.pool = pool}, &err), RK_IO);
    assert_non_null(strstr(err.message, "No space left"));
    rk_artefact_abort(writer);
    rk_pool_free(pool);
    release_log(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_are_those_of_a_comparison_sort),
        cmocka_unit_test(a_disk_that_fills_up_between_pieces_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

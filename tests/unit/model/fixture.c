/* fixture.c - see fixture.h. */
#include "fixture.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/test.h"

static void *room(size_t n, size_t size)
{
    void *at = calloc(n + 1, size);
    assert_non_null(at);
    return at;
}

/* The item direction, and the pointers of the dataset. */
static void finish(fixture *f)
{
    rk_dataset *d = &f->dataset;
    f->item_start = room((size_t)d->n_items + 1, sizeof *f->item_start);
    f->item_event = room(d->n_events, sizeof *f->item_event);
    for (uint64_t e = 0; e < d->n_events; e++) {
        f->item_start[f->event_item[e] + 1]++;
    }
    for (uint32_t i = 0; i < d->n_items; i++) {
        f->item_start[i + 1] += f->item_start[i];
    }
    uint64_t *next = room(d->n_items, sizeof *next);
    memcpy(next, f->item_start, d->n_items * sizeof *next);
    for (uint64_t e = 0; e < d->n_events; e++) {
        f->item_event[next[f->event_item[e]]++] = (uint32_t)e;
    }
    free(next);
    d->user_start = f->user_start;
    d->item_start = f->item_start;
    d->event_item = f->event_item;
    d->item_event = f->item_event;
    d->event_value = f->event_value;
    d->event_time = f->event_time;
}

fixture fixture_random(uint64_t seed, uint32_t n_users, uint32_t n_items, uint32_t n_events)
{
    fixture f = {.dataset = {.n_users = n_users, .n_items = n_items, .n_events = n_events}};
    f.user_start = room((size_t)n_users + 1, sizeof *f.user_start);
    f.event_item = room(n_events, sizeof *f.event_item);
    f.event_value = room(n_events, sizeof *f.event_value);
    f.event_time = room(n_events, sizeof *f.event_time);
    for (uint32_t e = 0; e < n_events; e++) {
        uint32_t a = test_random(&seed) % n_items, b = test_random(&seed) % n_items;
        f.event_item[e] = a < b ? a : b;
        f.event_value[e] = (float)(1 + test_random(&seed) % 5);
        f.event_time[e] = 1000000 + 60 * (int64_t)e;
        f.user_start[1 + test_random(&seed) % n_users]++;
    }
    for (uint32_t u = 0; u < n_users; u++) {
        f.user_start[u + 1] += f.user_start[u];
    }
    finish(&f);
    return f;
}

fixture fixture_ratings(const float *rating, uint32_t n_users, uint32_t n_items)
{
    fixture f = {.dataset = {.n_users = n_users, .n_items = n_items}};
    size_t n = (size_t)n_users * n_items, at = 0;
    f.user_start = room((size_t)n_users + 1, sizeof *f.user_start);
    f.event_item = room(n, sizeof *f.event_item);
    f.event_value = room(n, sizeof *f.event_value);
    for (size_t cell = 0; cell < n; cell++) {
        if (rating[cell] > 0) {
            f.event_item[at] = (uint32_t)(cell % n_items);
            f.event_value[at++] = rating[cell];
        }
        f.user_start[cell / n_items + 1] = at;
    }
    f.dataset.n_events = at;
    finish(&f);
    return f;
}

void fixture_release(fixture *f)
{
    free(f->user_start);
    free(f->item_start);
    free(f->event_item);
    free(f->item_event);
    free(f->event_value);
    free(f->event_time);
}

static void add(rk_artefact_writer *w, const char *name, rk_type type, uint64_t rows, const void *data)
{
    rk_error err;
    if (data) {
        assert_int_equal(rk_artefact_add(w, name, type, rows, 1, data, &err), RK_OK);
    }
}

static void add_names(rk_artefact_writer *w, const char *prefix, const char *words, uint32_t n, bool with_order)
{
    rk_error err;
    rk_text text = {0};
    uint64_t *start = room((size_t)n + 1, sizeof *start);
    rk_text_add(&text, "");
    for (uint32_t i = 0; i < n; i++) {
        rk_text_addf(&text, "%s%u", words, i);
        start[i + 1] = text.n;
    }
    assert_int_equal(rk_names_add(w, prefix, n, start, text.at ? text.at : "", with_order, &err), RK_OK);
    free(start);
    rk_text_release(&text);
}

void fixture_write(const fixture *f, const char *path)
{
    const rk_dataset *d = &f->dataset;
    rk_artefact_writer *w;
    rk_error err;
    assert_int_equal(rk_artefact_create(path, "dataset", &w, &err), RK_OK);
    add(w, "user.start", RK_U64, (uint64_t)d->n_users + 1, f->user_start);
    add(w, "event.item", RK_U32, d->n_events, f->event_item);
    add(w, "event.value", RK_F32, d->n_events, f->event_value);
    add(w, "event.time", RK_I64, d->n_events, f->event_time);
    add(w, "item.start", RK_U64, (uint64_t)d->n_items + 1, f->item_start);
    add(w, "item.event", RK_U32, d->n_events, f->item_event);
    add_names(w, "users", "u", d->n_users, true);
    add_names(w, "items", "i", d->n_items, true);
    add_names(w, "title", "title of i", d->n_items, false);
    assert_int_equal(rk_artefact_commit(w, NULL, &err), RK_OK);
}

void fixture_folder(char dir[64])
{
    strcpy(dir, "/tmp/reckon-model-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

char *fixture_path(char out[256], const char *dir, const char *name)
{
    snprintf(out, 256, "%.80s/%.100s", dir, name);
    return out;
}

void fixture_remove(const char *dir)
{
    char path[256];
    DIR *folder = opendir(dir);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] != '.') {
            unlink(fixture_path(path, dir, entry->d_name));
        }
    }
    closedir(folder);
    rmdir(dir);
}

rk_model_draft fixture_train(const fixture *f, const char *name, unsigned n_threads, const char *const *set)
{
    rk_error err = {0};
    const rk_model_kind *kind = rk_model_kind_find(name);
    assert_non_null(kind);
    rk_option_table table = {kind->options, kind->n_options, room(1, kind->settings_bytes)};
    rk_options_defaults(table);
    for (; *set; set++) {
        assert_int_equal(rk_options_set(table, *set, &err), RK_OK);
    }
    rk_run run = {.pool = rk_pool_new(n_threads), .seed = 1};
    rk_model_draft draft = {0};
    rk_status status = kind->train(&f->dataset, table.settings, &run, &draft, &err);
    if (status) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, RK_OK);
    rk_pool_free(run.pool);
    rk_options_release(table);
    free(table.settings);
    return draft;
}

void fixture_train_file(const fixture *f, const char *dir, const char *name, const char *path, const char *const *set)
{
    char dataset[256];
    rk_error err = {0};
    rk_run run = {.seed = 1};
    size_t n_set = 0;
    while (set[n_set]) {
        n_set++;
    }
    fixture_write(f, fixture_path(dataset, dir, "dataset.rk"));
    rk_status status = rk_model_train(dataset, name, set, n_set, path, &run, &err);
    if (status) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, RK_OK);
}

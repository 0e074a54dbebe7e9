/* live.c - a reference count under a short lock.
 *
 * Why a lock and not a lock-free pointer: taking a reference must read the pointer and raise its count as one step.
 * The lock is held for two instructions, costs about 20 ns of a request of tens of microseconds, and needs no proof.
 */
#include "serve/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"

/* Users who took an item according to the model; events of the item when there is a dataset. */
static void count_takers(const rk_live *live, uint32_t n_items, uint32_t *n_takers)
{
    for (uint32_t i = 0; live->data_item && i < n_items; i++) {
        if (live->data_item[i] != RK_NO_ID) {
            const uint64_t *start = live->data.item_start + live->data_item[i];
            uint64_t n = start[1] - start[0];
            n_takers[i] = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
        }
    }
    if (live->data_item) {
        return;
    }
    uint32_t n_users = rk_model_n_users(live->model);
    for (uint32_t u = 0; u < n_users; u++) {
        rk_history seen = rk_model_seen(live->model, u);
        for (size_t i = 0; i < seen.n; i++) {
            n_takers[seen.item[i]]++;
        }
    }
}

enum { DIGIT = 1 << 16 };

/* One pass of a radix sort, most takers first; items that are equal in the digit keep their order. start: [DIGIT + 1]
 */
static void sort_by_digit(const uint32_t *n_takers, unsigned shift, const uint32_t *from, uint32_t n, size_t *start,
                          uint32_t *to)
{
    memset(start, 0, (DIGIT + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++) {
        start[DIGIT - (n_takers[from[i]] >> shift) % DIGIT]++;
    }
    for (size_t d = 1; d <= DIGIT; d++) {
        start[d] += start[d - 1];
    }
    for (uint32_t i = 0; i < n; i++) {
        to[start[DIGIT - (n_takers[from[i]] >> shift) % DIGIT - 1]++] = from[i];
    }
}

/* By radix: a catalogue of millions is in order in a few hundredths of a second, and a server starts that much sooner.
 */
static rk_status rank_popular(rk_live *live, rk_error *err)
{
    uint32_t n_items = rk_model_n_items(live->model);
    uint32_t *n_takers = calloc((size_t)n_items + 1, sizeof *n_takers), *half = NULL;
    size_t *start = malloc((DIGIT + 1) * sizeof *start);
    live->popular = malloc(((size_t)n_items + 1) * sizeof *live->popular);
    live->takers = malloc(((size_t)n_items + 1) * sizeof *live->takers);
    half = malloc(((size_t)n_items + 1) * sizeof *half);
    bool has_room = n_takers && half && start && live->popular && live->takers;
    if (has_room) {
        count_takers(live, n_items, n_takers);
        for (uint32_t i = 0; i < n_items; i++) {
            live->popular[i] = i;
        }
        sort_by_digit(n_takers, 0, live->popular, n_items, start, half);
        sort_by_digit(n_takers, 16, half, n_items, start, live->popular);
        for (uint32_t i = 0; i < n_items; i++) {
            live->takers[i] = (float)n_takers[live->popular[i]];
        }
        live->n_popular = n_items;
    }
    free(n_takers);
    free(half);
    free(start);
    return has_room ? RK_OK : rk_fail_memory(err, "the popularity of the items");
}

/* The dataset may count its items otherwise than the model: names join them. */
static rk_status join_data(rk_live *live, const char *path, const rk_run *run, rk_error *err)
{
    rk_status status = rk_dataset_load(path, &live->data, err);
    if (status == RK_OK) {
        status = rk_artefact_verify(live->data.artefact, run, err);
    }
    if (status != RK_OK) {
        return status;
    }
    uint32_t n_items = rk_model_n_items(live->model);
    live->data_item = malloc((n_items ? n_items : 1) * sizeof *live->data_item);
    if (!live->data_item) {
        return rk_fail_memory(err, "the dataset's items");
    }
    for (uint32_t i = 0; i < n_items; i++) {
        live->data_item[i] = rk_names_find(&live->data.items, rk_names_get(rk_model_items(live->model), i));
    }
    return RK_OK;
}

/* What is known of the items comes from the dataset, or else from the index. */
static rk_status open_scenes(rk_live *live, const char *path, const rk_run *run, rk_error *err)
{
    rk_goods_source source = {.model = live->model, .popular = live->popular, .takers = live->takers};
    if (!live->model) {
        return rk_fail(err, RK_BAD_USAGE, "scenes need a model");
    }
    source.about = live->data.n_items > 0                          ? &live->data
                   : live->finder && rk_finder_index(live->finder) ? rk_index_items(rk_finder_index(live->finder))
                                                                   : NULL;
    rk_status status = rk_scenes_read(path, &live->scenes, err);
    return status ? status : rk_scene_set_open(live->scenes, &source, run, &live->scene_set, err);
}

/* Every scene that is named must be there. */
static rk_status check_scenes(const rk_live *live, rk_error *err)
{
    for (size_t i = 0; i < live->experiments->n; i++) {
        const rk_experiment *e = &live->experiments->experiment[i];
        for (size_t v = 0; v <= e->n_variants; v++) {
            const char *name = v < e->n_variants ? e->variant[v].scene : e->scene;
            if (!rk_scenes_find(live->scenes, rk_slice_of(name))) {
                return rk_fail_at(err, v < e->n_variants ? e->variant[v].at : e->at, "there is no scene '%.60s'", name);
            }
        }
    }
    return RK_OK;
}

static rk_status open_experiments(rk_live *live, const char *path, rk_error *err)
{
    if (!live->scenes) {
        return rk_fail(err, RK_BAD_USAGE, "experiments need scenes");
    }
    rk_status status = rk_experiments_read(path, &live->experiments, err);
    return status ? status : check_scenes(live, err);
}

static rk_status open_model(const rk_live_source *source, rk_live *live, rk_error *err)
{
    return source->is_first ? rk_model_open(source->model_path, &live->model, err)
                            : rk_model_load(source->model_path, &live->model, err);
}

/* An index that lacks most of what the model knows is more likely the wrong one than a shop sold out. */
static rk_status join_stock(rk_live *live, const rk_run *run, rk_error *err)
{
    rk_arena arena = {0};
    uint32_t *gone = NULL, n_items = rk_model_n_items(live->model);
    size_t n_gone = 0;
    rk_status status = rk_joined_open(live->stock, live->model, &live->joined, err);
    status = status ? status : rk_joined_gone(live->joined, &arena, &gone, &n_gone, err);
    if (!status && n_gone > n_items / 2) {
        rk_log(run, RK_LOG_WARNING,
               "%zu of the model's %u items are not to be had by the live index: they are not "
               "recommended",
               n_gone, (unsigned)n_items);
    }
    rk_arena_release(&arena);
    return status;
}

rk_status rk_live_open(const rk_live_source *source, const rk_run *run, rk_live **out, rk_error *err)
{
    rk_live *live = calloc(1, sizeof *live);
    if (!live) {
        return rk_fail_memory(err, "the opened model");
    }
    atomic_init(&live->n_readers, 1);
    live->opened_unix_s = rk_clock_unix_s();
    live->stock = source->stock;
    rk_status status = source->model_path ? open_model(source, live, err) : RK_OK;
    if (status == RK_OK && live->model && !source->is_first) {
        status = rk_artefact_verify(rk_model_artefact(live->model), run, err);
    }
    if (status == RK_OK && live->model && source->data_path) {
        status = join_data(live, source->data_path, run, err);
    }
    if (status == RK_OK && live->model) {
        status = rank_popular(live, err);
    }
    if (status == RK_OK && live->model && source->index_path) {
        status = rk_nears_open(source->index_path, live->model, run, &live->nears, err);
    }
    if (status == RK_OK && source->stock) {
        status = rk_finder_open_stock(source->stock, source->ranker_path, &live->finder, err);
    } else if (status == RK_OK && source->search_path) {
        status = rk_finder_open(source->search_path, source->ranker_path, run, &live->finder, err);
    }
    if (status == RK_OK && source->stock && live->model) {
        status = join_stock(live, run, err);
    }
    if (status == RK_OK && source->scenes_path) {
        status = open_scenes(live, source->scenes_path, run, err);
    }
    if (status == RK_OK && source->experiments_path) {
        status = open_experiments(live, source->experiments_path, err);
    }
    if (status != RK_OK) {
        rk_live_release(live);
        return status;
    }
    *out = live;
    return RK_OK;
}

const char *rk_live_label(const rk_live *live)
{
    return live->model ? rk_model_label(live->model) : live->finder ? rk_finder_label(live->finder) : "";
}

void rk_live_release(rk_live *live)
{
    if (!live || atomic_fetch_sub_explicit(&live->n_readers, 1, memory_order_acq_rel) != 1) {
        return;
    }
    rk_experiments_free(live->experiments);
    rk_joined_close(live->joined);
    rk_scene_set_close(live->scene_set);
    rk_scenes_free(live->scenes);
    rk_nears_close(live->nears);
    if (live->model) {
        rk_model_close(live->model);
    }
    rk_finder_close(live->finder);
    rk_dataset_close(&live->data);
    free(live->data_item);
    free(live->popular);
    free(live->takers);
    free(live);
}

void rk_live_slot_init(rk_live_slot *slot, rk_live *live)
{
    pthread_mutex_init(&slot->lock, NULL);
    slot->live = live;
}

rk_live *rk_live_acquire(rk_live_slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    rk_live *live = slot->live;
    atomic_fetch_add_explicit(&live->n_readers, 1, memory_order_relaxed);
    pthread_mutex_unlock(&slot->lock);
    return live;
}

void rk_live_swap(rk_live_slot *slot, rk_live *live)
{
    pthread_mutex_lock(&slot->lock);
    rk_live *old = slot->live;
    live->number = old->number + 1;
    slot->live = live;
    pthread_mutex_unlock(&slot->lock);
    rk_live_release(old);
}

void rk_live_slot_release(rk_live_slot *slot)
{
    rk_live_release(slot->live);
    slot->live = NULL;
    pthread_mutex_destroy(&slot->lock);
}

/* hnsw.c - the row of hnsw in the table of kinds: options, file, asking. See hnsw.h.
 *
 *   SECTION      TYPE  SHAPE                     MEANING
 *   hnsw.bytes   i8    [items x stride]          vectors, zeros behind the last number
 *   hnsw.scale   f32   [items]                   of the bytes
 *   hnsw.lift    f32   [items]                   the number more that makes all as long
 *   hnsw.level   u8    [items]                   the highest level of each
 *   hnsw.near    u32   [items x (2 links + 1)]   how many links on the lowest level, and where to
 *   hnsw.upper   u32   [sum of levels x (links + 1)]  the same on the others, by item
 * Meta: links, reach, entry, longest, seed.
 */
#include "ann/hnsw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "math/dot.h"

enum { LANE = 32, FEW = 64 };

static const rk_option options[] = {
    {"links", 0, RK_OPT_COUNT, offsetof(rk_hnsw_settings, links), "N", "16",
     "links of an item on each level, twice as many on the lowest", 2, RK_HNSW_LINKS_MAX},
    {"reach", 0, RK_OPT_COUNT, offsetof(rk_hnsw_settings, reach), "N", "200",
     "items that are compared for the links of a new one", 10, RK_HNSW_REACH_MAX},
};

static void hnsw_free(void *index)
{
    rk_hnsw *h = index;
    if (h) {
        rk_hnsw_release(h);
        free(h);
    }
}

static rk_status hnsw_build(const rk_ann_material *from, const void *settings, void **index, rk_error *err)
{
    rk_hnsw *h = calloc(1, sizeof *h);
    rk_status status = h ? rk_hnsw_build(from, settings, h, err) : rk_fail_memory(err, "an index");
    if (status) {
        hnsw_free(h);
        return status;
    }
    *index = h;
    return RK_OK;
}

static rk_status hnsw_add(void *index, const rk_ann_rows *base, size_t n, const rk_run *run, rk_error *err)
{
    return rk_hnsw_grow(index, base, n, run, err);
}

/* ---- the file ---- */

static rk_status hnsw_write(const void *index, rk_artefact_writer *w, json_t *meta, rk_error *err)
{
    const rk_hnsw *h = index;
    json_object_set_new(meta, "links", json_integer(h->links));
    json_object_set_new(meta, "reach", json_integer(h->reach));
    json_object_set_new(meta, "entry", json_integer(h->entry));
    json_object_set_new(meta, "longest", json_real((double)h->longest));
    json_object_set_new(meta, "seed", json_integer((json_int_t)h->seed));
    rk_status status = rk_artefact_add(w, "hnsw.bytes", RK_I8, h->n, h->stride, h->bytes, err);
    status = status ? status : rk_artefact_add(w, "hnsw.scale", RK_F32, h->n, 1, h->scale, err);
    status = status ? status : rk_artefact_add(w, "hnsw.lift", RK_F32, h->n, 1, h->lift, err);
    status = status ? status : rk_artefact_add(w, "hnsw.level", RK_U8, h->n, 1, h->level, err);
    status = status ? status : rk_artefact_add(w, "hnsw.near", RK_U32, h->n, 2 * h->links + 1, h->near, err);
    return status ? status : rk_artefact_add(w, "hnsw.upper", RK_U32, h->above[h->n], h->links + 1, h->upper, err);
}

static rk_status damaged(const rk_artefact *a, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(a), what);
}

static bool take_count(const json_t *meta, const char *name, uint64_t min, uint64_t max, uint64_t *out)
{
    const json_t *value = json_object_get(meta, name);
    json_int_t number = json_integer_value(value);
    *out = (uint64_t)number;
    return json_is_integer(value) && number >= 0 && *out >= min && *out <= max;
}

static rk_status read_meta(const rk_artefact *a, const json_t *meta, rk_hnsw *h, rk_error *err)
{
    uint64_t links, reach, entry;
    bool is_good = take_count(meta, "links", 2, RK_HNSW_LINKS_MAX, &links) &&
                   take_count(meta, "reach", 10, RK_HNSW_REACH_MAX, &reach) &&
                   take_count(meta, "entry", 0, h->n > 0 ? h->n - 1 : 0, &entry) &&
                   json_is_real(json_object_get(meta, "longest")) && json_is_integer(json_object_get(meta, "seed"));
    if (!is_good) {
        return damaged(a, "its numbers are none of a graph", err);
    }
    h->links = (uint32_t)links;
    h->reach = (uint32_t)reach;
    h->entry = (uint32_t)entry;
    h->longest = (float)json_real_value(json_object_get(meta, "longest"));
    h->seed = (uint64_t)json_integer_value(json_object_get(meta, "seed"));
    return h->longest >= 0 && isfinite(h->longest) ? RK_OK : damaged(a, "its longest vector has no length", err);
}

/* Where the upper rows of each item begin, from the levels. */
static rk_status count_levels(const rk_artefact *a, rk_hnsw *h, rk_error *err)
{
    uint32_t *above = malloc((h->n + 1) * sizeof *above);
    bool is_good = true;
    uint64_t sum = 0;
    if (!above) {
        return rk_fail_memory(err, "levels");
    }
    for (size_t i = 0; i < h->n; i++) {
        above[i] = (uint32_t)sum;
        sum += h->level[i];
        is_good = is_good && h->level[i] < RK_HNSW_LEVELS_MAX && h->level[i] <= h->level[h->entry] && sum <= UINT32_MAX;
    }
    above[h->n] = (uint32_t)sum;
    h->above = above;
    h->top = h->n > 0 ? h->level[h->entry] : 0;
    return is_good ? RK_OK : damaged(a, "its levels are none of a graph", err);
}

static bool are_links(const rk_hnsw *h, uint32_t item, unsigned level)
{
    const uint32_t *row = rk_hnsw_row(h, item, level);
    uint32_t most = level == 0 ? 2 * h->links : h->links;
    bool is_good = row[0] <= most;
    for (uint32_t i = 1; is_good && i <= row[0]; i++) {
        is_good = row[i] < h->n && h->level[row[i]] >= level;
    }
    return is_good;
}

/* All arrays but `above` become own, too, when items are added: until then they are the file's. */
static rk_status open_sections(const rk_artefact *a, rk_hnsw *h, rk_error *err)
{
    const rk_section *bytes, *scale, *lift, *level, *near, *upper;
    rk_status status = rk_artefact_need(a, "hnsw.bytes", RK_I8, h->n, h->stride, &bytes, err);
    status = status ? status : rk_artefact_need(a, "hnsw.scale", RK_F32, h->n, 1, &scale, err);
    status = status ? status : rk_artefact_need(a, "hnsw.lift", RK_F32, h->n, 1, &lift, err);
    status = status ? status : rk_artefact_need(a, "hnsw.level", RK_U8, h->n, 1, &level, err);
    status = status ? status : rk_artefact_need(a, "hnsw.near", RK_U32, h->n, 2 * h->links + 1, &near, err);
    if (status) {
        return status;
    }
    h->bytes = bytes->data;
    h->scale = scale->data;
    h->lift = lift->data;
    h->level = level->data;
    h->near = near->data;
    status = count_levels(a, h, err);
    status = status ? status : rk_artefact_need(a, "hnsw.upper", RK_U32, h->above[h->n], h->links + 1, &upper, err);
    if (status) {
        return status;
    }
    h->upper = upper->data;
    bool is_good = true;
    for (uint32_t i = 0; i < h->n && is_good; i++) {
        is_good = isfinite(h->scale[i]) && isfinite(h->lift[i]);
        for (unsigned at = 0; at <= h->level[i] && is_good; at++) {
            is_good = are_links(h, i, at);
        }
    }
    return is_good ? RK_OK : damaged(a, "its links lead nowhere", err);
}

static rk_status hnsw_open(const rk_artefact *a, const json_t *meta, const rk_ann_rows *base, void **index,
                           rk_error *err)
{
    rk_hnsw *h = calloc(1, sizeof *h);
    if (!h) {
        return rk_fail_memory(err, "an index");
    }
    h->n = base->n;
    h->dim = base->dim;
    h->stride = (base->dim + LANE - 1) / LANE * LANE;
    rk_status status = read_meta(a, meta, h, err);
    status = status ? status : open_sections(a, h, err);
    if (status) {
        hnsw_free(h);
        return status;
    }
    *index = h;
    return RK_OK;
}

static uint64_t hnsw_bytes(const void *index)
{
    const rk_hnsw *h = index;
    return h->n * (h->stride + 2 * sizeof(float) + 1 + (2 * (uint64_t)h->links + 2) * sizeof(uint32_t)) +
           (uint64_t)h->above[h->n] * (h->links + 1) * sizeof(uint32_t);
}

/* From ten on by steps of a quarter octave or so; the last compares everything. */
static size_t hnsw_efforts(const void *index, const rk_ann_rows *base, uint32_t *effort)
{
    size_t n = 0;
    (void)index;
    for (double reach = 10; n + 1 < RK_ANN_STEPS_MAX && reach < (double)base->n && reach <= RK_HNSW_REACH_MAX;
         reach *= 1.3) {
        effort[n++] = (uint32_t)reach;
    }
    effort[n++] = base->n > 0 ? (uint32_t)base->n : 1;
    return n;
}

/* ---- asking ---- */

static void hnsw_desk_free(void *desk)
{
    if (desk) {
        rk_hnsw_desk_release(desk);
        free(desk);
    }
}

static rk_status hnsw_desk_new(const void *index, const rk_ann_rows *base, void **desk, rk_error *err)
{
    rk_hnsw_desk *walk = calloc(1, sizeof *walk);
    (void)base;
    rk_status status =
        walk ? rk_hnsw_desk_init(walk, index, RK_HNSW_REACH_MAX + RK_ANN_K_MAX, err) : rk_fail_memory(err, "a desk");
    if (status) {
        hnsw_desk_free(walk);
        return status;
    }
    *desk = walk;
    return RK_OK;
}

static size_t count_allowed(const rk_ann_question *question, size_t n)
{
    size_t n_barred = 0;
    for (size_t i = 0; question->barred && i < n; i += 64) {
        uint64_t bits = question->barred[i / 64];
        bits &= n - i < 64 ? (UINT64_C(1) << (n - i)) - 1 : UINT64_MAX;
        n_barred += (size_t)__builtin_popcountll(bits);
    }
    return n - n_barred;
}

/* Offers what the walk has found; returns how many were allowed. */
static size_t offer_found(const rk_hnsw_desk *walk, const rk_ann_rows *base, const rk_ann_question *question,
                          rk_topk *topk)
{
    const rk_kernels *kernels = rk_kernels_best();
    size_t n = 0;
    for (size_t i = 0; i < walk->n_places; i++) {
        uint32_t item = walk->places[i].item;
        if (!(question->barred && rk_bit(question->barred, item))) {
            rk_topk_offer_one(topk, item, kernels->dot_f32(question->query, rk_ann_row(base, item), base->dim));
            n++;
        }
    }
    return n;
}

static rk_status hnsw_search(const void *index, const rk_ann_rows *base, void *desk, const rk_ann_question *question,
                             rk_topk *topk, rk_error *err)
{
    const rk_hnsw *h = index;
    rk_hnsw_desk *walk = desk;
    size_t allowed = count_allowed(question, base->n), wanted = question->k < allowed ? question->k : allowed;
    (void)err;
    if (question->effort >= base->n || allowed < FEW + base->n / 64) {
        rk_ann_compare_all(base, question, topk);
        return RK_OK;
    }
    /* As many more are kept as are barred on the average, so that as many allowed ones are found. */
    double reach =
        (double)(question->effort > question->k ? question->effort : question->k) * (double)base->n / (double)allowed;
    walk->query_scale = rk_int8_of_row(walk->query, question->query, h->dim);
    walk->query_lift = 0;
    rk_hnsw_walk(h, walk, rk_hnsw_descend(h, walk, 0), 0, (size_t)fmin(reach, (double)walk->reach));
    if (offer_found(walk, base, question, topk) < wanted) {
        rk_topk_clear(topk);
        rk_ann_compare_all(base, question, topk);
    }
    return RK_OK;
}

const rk_ann_kind rk_ann_hnsw = {
    .name = "hnsw",
    .summary = "a graph that is walked towards the query; takes new items",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(rk_hnsw_settings),
    .build = hnsw_build,
    .free = hnsw_free,
    .write = hnsw_write,
    .open = hnsw_open,
    .bytes = hnsw_bytes,
    .efforts = hnsw_efforts,
    .desk_new = hnsw_desk_new,
    .desk_free = hnsw_desk_free,
    .search = hnsw_search,
    .add = hnsw_add,
};

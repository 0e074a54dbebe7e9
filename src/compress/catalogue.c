/* catalogue.c - items that no list shows are no longer scanned.
 *
 * The lists of all known users are made, and items are counted by how often they stand there. Those that stand nowhere
 * go, and with `agree` the rarest of the others, as long as that share of all places keeps its item: the fewest items
 * that do so, since each place counts once.
 *
 * An item that goes stays an item: it has its name, its vector behind the others' and its row of neighbours, so a
 * history that holds it is folded in as before and what is like it can be asked. What it loses is its place as a
 * candidate: rows are scanned without it, and no row of neighbours leads to it. So the lists of known users, down to
 * `depth`, are the same to the last bit, and those of new histories lose what nobody known would see.
 */
#include <stdlib.h>
#include <string.h>

#include "compress/compressors.h"
#include "compress/lists.h"
#include "math/random.h"

enum { LIST = 20, NEW_USERS = 200 };

typedef struct {
    uint64_t depth, taken;
    double agree;
} settings;

static const rk_option options[] = {
    {.name = "depth",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, depth),
     .value = "N",
     .fallback = "100",
     .help = "length of the users' lists",
     .min = 1,
     .max = 10000},
    {.name = "agree",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, agree),
     .value = "SHARE",
     .fallback = "1",
     .help = "as few items as keep that share of the lists' places",
     .max = 1},
    {.name = "taken",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, taken),
     .value = "N",
     .fallback = "0",
     .help = "what at least N users have taken stays, too; 0 = not asked"},
};

typedef struct {
    uint32_t n_items, n_shown;
    uint64_t *count;  /* [n_items] places */
    uint32_t *order;  /* [n_items] often shown ones first, then [n_shown] ascending: what stays, then what goes */
    uint8_t *is_dark; /* [n_items] goes */
} choice;

static void release(choice *c)
{
    free(c->count);
    free(c->order);
    free(c->is_dark);
}

/* ---- what stays ---- */

typedef struct {
    uint64_t count;
    uint32_t item;
} standing;

static int often_first(const void *a, const void *b)
{
    const standing *x = a, *y = b;
    int order = (x->count < y->count) - (x->count > y->count);
    return order ? order : (x->item > y->item) - (x->item < y->item);
}

static uint64_t count_places(const rk_lists *lists, choice *c)
{
    uint64_t n = 0;
    for (size_t at = 0; at < (size_t)lists->n_users * lists->depth; at++) {
        if (lists->item[at] != RK_NO_ID) {
            c->count[lists->item[at]]++;
            n++;
        }
    }
    return n;
}

/* The fewest items that hold that share of the places. */
static rk_status keep_often_shown(choice *c, uint64_t n_places, double agree, rk_error *err)
{
    standing *all = malloc(((size_t)c->n_items + 1) * sizeof *all);
    uint64_t held = 0;
    if (!all) {
        return rk_fail_memory(err, "items in order");
    }
    for (uint32_t i = 0; i < c->n_items; i++) {
        all[i] = (standing){c->count[i], i};
    }
    qsort(all, c->n_items, sizeof *all, often_first);
    for (uint32_t i = 0; i < c->n_items; i++) {
        bool is_held = all[i].count > 0 && (double)held < agree * (double)n_places;
        held += is_held ? all[i].count : 0;
        c->is_dark[all[i].item] = !is_held;
    }
    free(all);
    return RK_OK;
}

static void keep_taken(const rk_model *model, choice *c, uint64_t least)
{
    memset(c->count, 0, c->n_items * sizeof *c->count);
    for (uint32_t u = 0; u < rk_model_n_users(model); u++) {
        rk_history seen = rk_model_seen(model, u);
        for (size_t h = 0; h < seen.n; h++) {
            c->count[seen.item[h]]++;
        }
    }
    for (uint32_t i = 0; i < c->n_items; i++) {
        c->is_dark[i] &= c->count[i] < least;
    }
}

static void put_in_order(choice *c)
{
    uint32_t n = 0;
    for (uint8_t dark = 0; dark < 2; dark++) {
        for (uint32_t i = 0; i < c->n_items; i++) {
            if (c->is_dark[i] == dark) {
                c->order[n++] = i;
            }
        }
        c->n_shown = dark == 0 ? n : c->n_shown;
    }
}

static rk_status choose(const rk_compress_job *job, const rk_lists *lists, const settings *s, choice *c, rk_error *err)
{
    c->n_items = rk_model_n_items(job->model);
    c->count = calloc((size_t)c->n_items + 1, sizeof *c->count);
    c->order = malloc(((size_t)c->n_items + 1) * sizeof *c->order);
    c->is_dark = calloc((size_t)c->n_items + 1, 1);
    if (!c->count || !c->order || !c->is_dark) {
        return rk_fail_memory(err, "a choice of items");
    }
    rk_status status = keep_often_shown(c, count_places(lists, c), s->agree, err);
    if (!status && s->taken > 0) {
        keep_taken(job->model, c, s->taken);
    }
    put_in_order(c);
    return status;
}

/* ---- what that does ---- */

/* Of the known users' lists: places that keep their item, lists that keep all. */
static void measure_known(const rk_lists *lists, const choice *c, double *places, double *whole)
{
    uint64_t n_places = 0, n_kept = 0, n_lists = 0, n_whole = 0;
    for (uint32_t u = 0; u < lists->n_users; u++) {
        const uint32_t *list = lists->item + (size_t)u * lists->depth;
        uint32_t n = 0, kept = 0;
        for (; n < lists->depth && list[n] != RK_NO_ID; n++) {
            kept += !c->is_dark[list[n]];
        }
        n_places += n;
        n_kept += kept;
        n_lists += n > 0;
        n_whole += n > 0 && kept == n;
    }
    *places = n_places > 0 ? (double)n_kept / (double)n_places : 1;
    *whole = n_lists > 0 ? (double)n_whole / (double)n_lists : 1;
}

typedef struct {
    const rk_model *model;
    const choice *choice;
    rk_random random;
    rk_arena arena;
    uint64_t n, kept;
} newcomers;

/* The first items for somebody unknown who has taken half of what a user has. */
static rk_status meet_half(newcomers *w, uint32_t user, rk_error *err)
{
    rk_history seen = rk_model_seen(w->model, user);
    uint32_t *item = RK_TAKE(&w->arena, uint32_t, seen.n), list[LIST], n_found = 0;
    float *value = RK_TAKE(&w->arena, float, seen.n), score[LIST];
    rk_history half = {item, seen.value ? value : NULL, 0};
    if (!item || !value) {
        return rk_fail_memory(err, "a history");
    }
    for (size_t h = 0; h < seen.n; h++) {
        if (rk_random_below(&w->random, 2) == 0) {
            item[half.n] = seen.item[h];
            value[half.n++] = seen.value ? seen.value[h] : 1;
        }
    }
    if (half.n == 0) {
        return RK_OK;
    }
    rk_query query;
    rk_status status = rk_model_encode(w->model, half, &w->arena, &query, err);
    status = status ? status : rk_model_best(w->model, &query, half.item, half.n, LIST, list, score, &n_found, err);
    for (uint32_t i = 0; i < n_found; i++) {
        w->kept += !w->choice->is_dark[list[i]];
    }
    w->n += n_found;
    return status;
}

/* *share stays as it is where the model cannot fold in. */
static rk_status measure_new(const rk_compress_job *job, const choice *c, double *share, rk_error *err)
{
    uint32_t n_users = rk_model_n_users(job->model), n = n_users < NEW_USERS ? n_users : NEW_USERS;
    newcomers w = {.model = job->model, .choice = c, .random = rk_random_of(job->run->seed, 0x68616c66)};
    rk_status status = RK_OK;
    for (uint32_t i = 0; i < n && !status; i++) {
        rk_arena_clear(&w.arena);
        status = meet_half(&w, (uint32_t)((uint64_t)i * n_users / n), err);
    }
    rk_arena_release(&w.arena);
    if (!status && w.n > 0) {
        *share = (double)w.kept / (double)w.n;
    }
    return status == RK_UNSUPPORTED ? RK_OK : status;
}

static rk_status measure(rk_compress_job *job, const rk_lists *lists, const choice *c, rk_error *err)
{
    double places, whole, fresh = -1;
    measure_known(lists, c, &places, &whole);
    rk_status status = measure_new(job, c, &fresh, err);
    int failed = json_object_set_new(job->figures, "items", json_integer(c->n_items));
    failed |= json_object_set_new(job->figures, "items_dropped", json_integer(c->n_items - c->n_shown));
    failed |= json_object_set_new(job->figures, "agreement", json_real(places));
    failed |= json_object_set_new(job->figures, "lists_unchanged", json_real(whole));
    if (fresh >= 0) {
        failed |= json_object_set_new(job->figures, "agreement_new", json_real(fresh));
    }
    return status || !failed ? status : rk_fail_memory(err, "figures");
}

/* ---- the sections ---- */

/* Rows of a section in the order of the choice. */
static rk_status write_rows(const rk_compress_job *job, const rk_compress_leaf *leaf, const char *name, const choice *c,
                            rk_error *err)
{
    const rk_section *section = NULL;
    rk_status status = rk_compress_read(leaf, name, &section, err);
    if (status) {
        return status;
    }
    size_t bytes = (size_t)section->cols * rk_type_bytes(section->type);
    unsigned char *rows = malloc(c->n_items * bytes + 1);
    for (uint32_t r = 0; rows && r < c->n_items; r++) {
        memcpy(rows + r * bytes, (const unsigned char *)section->data + c->order[r] * bytes, bytes);
    }
    status = rows ? rk_compress_add(job, leaf, name, section->type, section->rows, section->cols, rows, err)
                  : rk_fail_memory(err, "item vectors");
    free(rows);
    return status;
}

static rk_status write_neighbours(const rk_compress_job *job, const rk_compress_leaf *leaf, const choice *c,
                                  rk_error *err)
{
    rk_float_rows all;
    rk_status status = rk_float_rows_read(leaf, &all, err);
    if (status) {
        return status;
    }
    uint64_t *start = malloc((all.n_rows + 1) * sizeof *start), n = 0;
    uint32_t *item = malloc((all.n + 1) * sizeof *item);
    float *weight = malloc((all.n + 1) * sizeof *weight);
    status = start && item && weight ? RK_OK : rk_fail_memory(err, "neighbours");
    for (size_t r = 0; r < all.n_rows && !status; r++) {
        start[r] = n;
        for (uint64_t e = all.start[r]; e < all.start[r + 1]; e++) {
            item[n] = all.item[e];
            weight[n] = all.weight[e];
            n += !c->is_dark[all.item[e]];
        }
    }
    if (!status) {
        start[all.n_rows] = n;
        status = rk_compress_add(job, leaf, "near.start", RK_U64, all.n_rows + 1, 1, start, err);
    }
    status = status ? status : rk_compress_add(job, leaf, "near.item", RK_U32, n, 1, item, err);
    status = status ? status : rk_compress_add(job, leaf, "near.weight", RK_F32, n, 1, weight, err);
    free(start);
    free(item);
    free(weight);
    return status;
}

static rk_status write_leaf(const rk_compress_job *job, const rk_compress_leaf *leaf, const choice *c, rk_error *err)
{
    rk_status status = rk_model_dim(leaf->model) > 0 ? write_rows(job, leaf, "item.vector", c, err) : RK_OK;
    if (!status && rk_model_section(leaf->model, "item.scale")) {
        status = write_rows(job, leaf, "item.scale", c, err);
    }
    return status || !rk_has_float_rows(leaf->model) ? status : write_neighbours(job, leaf, c, err);
}

static rk_status write_all(rk_compress_job *job, const choice *c, rk_error *err)
{
    const rk_model *part = rk_model_part_at(job->model, 0);
    rk_status status = part ? RK_OK : write_leaf(job, &(rk_compress_leaf){job->model, NULL}, c, err);
    for (size_t p = 0; !status && (part = rk_model_part_at(job->model, p)); p++) {
        status = write_leaf(job, &(rk_compress_leaf){part, NULL}, c, err);
    }
    return status ? status : rk_artefact_add(job->writer, "item.shown", RK_U32, c->n_shown, 1, c->order, err);
}

static bool can_drop(const rk_model *leaf)
{
    bool has_code = rk_model_section(leaf, "near.start") && rk_model_near_is_coded(leaf);
    return rk_model_is_personal(leaf) && !has_code && !rk_model_is_coded(leaf) &&
           rk_model_n_shown(leaf) == rk_model_n_items(leaf);
}

static rk_status run_catalogue(rk_compress_job *job, const void *settings_, rk_error *err)
{
    const settings *s = settings_;
    const rk_model *part;
    for (size_t p = 0; (part = rk_model_part_at(job->model, p)); p++) {
        if (rk_model_is_personal(part) && !can_drop(part)) {
            return rk_fail(err, RK_BAD_INPUT, "%s: part %zu has coded neighbours: drop items before int8",
                           rk_artefact_path(rk_model_artefact(job->model)), p);
        }
    }
    rk_lists lists = {0};
    choice c = {0};
    rk_status status = rk_lists_make(job->model, (uint32_t)s->depth, job->run, &lists, err);
    status = status ? status : choose(job, &lists, s, &c, err);
    status = status ? status : measure(job, &lists, &c, err);
    status = status ? status : write_all(job, &c, err);
    release(&c);
    rk_lists_release(&lists);
    return status;
}

const rk_compressor rk_compressor_catalogue = {
    .name = "catalogue",
    .summary = "items that no user's list shows are no longer scanned; histories may still hold them",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .wants = "a whole catalogue, in vectors or neighbours of floats",
    .fits = can_drop,
    .whole = run_catalogue,
};

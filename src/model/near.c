/* near.c - see near.h.
 *
 * A bias is one more number of an item, which meets a 1 in every query. The sample of queries is users, drawn: the
 * first RK_ANN_QUERIES_MAX of them measure, the others tell the index what is asked.
 */
#include "model/near.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "math/random.h"
#include "model/model_inside.h"

enum { USERS_MAX = 10000 };

static size_t width_of(const rk_model *model) { return rk_model_dim(model) + (rk_model_item_bias(model) != NULL); }

static rk_status need_vectors(const rk_model *model, rk_error *err)
{
    bool is_inner = rk_model_dim(model) > 0 && rk_model_n_near(model) == 0 && !rk_model_part_at(model, 0);
    return is_inner && rk_model_n_items(model) > 0
               ? RK_OK
               : rk_fail(err, RK_UNSUPPORTED, "%s does not score by vectors alone: it has no use for an index of them",
                         rk_artefact_path(rk_model_artefact(model)));
}

/* A query with the 1 that meets the bias; out: [width]. */
static void widen(const rk_model *model, const float *vector, float *out)
{
    memcpy(out, vector, rk_model_dim(model) * sizeof *out);
    if (rk_model_item_bias(model)) {
        out[rk_model_dim(model)] = 1;
    }
}

static rk_status take_items(const rk_model *model, rk_near_material *m, rk_error *err)
{
    size_t n = rk_model_n_items(model), width = width_of(model);
    const float *bias = rk_model_item_bias(model);
    m->own_base = malloc(n * width * sizeof *m->own_base);
    if (!m->own_base) {
        return rk_fail_memory(err, "item vectors");
    }
    for (size_t i = 0; i < n; i++) {
        rk_model_item_vector(model, (uint32_t)i, m->own_base + i * width);
        if (bias) {
            m->own_base[i * width + width - 1] = bias[i];
        }
    }
    m->base = (rk_ann_rows){m->own_base, n, width, width};
    return RK_OK;
}

/* Users, each once; none where the model knows too few to tell anything. */
static rk_status take_users(const rk_model *model, uint64_t seed, rk_near_material *m, rk_error *err)
{
    uint32_t n_users = rk_model_n_users(model);
    size_t n = n_users < USERS_MAX ? n_users : USERS_MAX, width = width_of(model);
    uint32_t *order = malloc((n_users + 1) * sizeof *order);
    m->own_queries = malloc((n * width + 1) * sizeof *m->own_queries);
    rk_status status = order && m->own_queries ? RK_OK : rk_fail_memory(err, "users");
    rk_random random = rk_random_of(seed, 0x6e656172);
    rk_arena arena = {0};
    if (!status) {
        rk_random_shuffle(&random, order, n_users);
    }
    for (size_t i = 0; !status && i < n; i++) {
        rk_query query;
        rk_arena_clear(&arena);
        status = rk_model_user_query(model, order[i], &arena, &query, err);
        if (!status) {
            widen(model, query.vector, m->own_queries + i * width);
        }
    }
    m->queries = (rk_ann_rows){m->own_queries, n, width, width};
    rk_arena_release(&arena);
    free(order);
    return status;
}

rk_status rk_near_material_take(const rk_model *model, uint64_t seed, rk_near_material *out, rk_error *err)
{
    *out = (rk_near_material){0};
    rk_status status = take_items(model, out, err);
    return status ? status : take_users(model, seed, out, err);
}

void rk_near_material_release(rk_near_material *material)
{
    free(material->own_base);
    free(material->own_queries);
}

/* ---- building ---- */

static rk_status write_index(const rk_ann *ann, const rk_model *model, double recall, const char *path,
                             rk_stopwatch watch, rk_near_report *report, rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(path, RK_ANN_ARTEFACT, &writer, err);
    status = status ? status : rk_artefact_add_parent(writer, rk_model_artefact(model), err);
    status = status ? status : rk_ann_write(ann, writer, err);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    json_object_set_new(rk_artefact_writer_meta(writer), "recall_wanted", json_real(recall));
    rk_usage making = rk_stopwatch_stop(watch);
    making.bytes_in = rk_artefact_bytes(rk_model_artefact(model));
    report->wall_s = making.wall_s;
    report->cpu_s = making.cpu_s;
    return rk_artefact_commit(writer, &making, err);
}

/* The first users measure, where enough are left over to tell what is asked. */
static rk_ann_rows split_queries(rk_ann_rows all, rk_ann_rows *told)
{
    rk_ann_rows asked = all;
    asked.n = all.n < RK_ANN_QUERIES_MAX ? all.n : RK_ANN_QUERIES_MAX;
    bool has_more = all.n >= 2 * RK_ANN_QUERIES_MAX;
    *told = all;
    told->at = has_more ? all.at + asked.n * all.stride : all.at;
    told->n = has_more ? all.n - asked.n : all.n;
    return asked;
}

static rk_status build(const rk_model *model, const rk_near_options *options, const char *out_path, const rk_run *run,
                       rk_near_report *report, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_near_material m = {0};
    rk_ann *ann = NULL;
    rk_ann_wish wish = {.set = options->set, .n_set = options->n_set};
    rk_status status = need_vectors(model, err);
    if (!status && strcmp(options->kind, "auto") != 0) {
        status = rk_ann_kind_need(options->kind, &wish.kind, err);
    } else if (!status && options->n_set > 0) {
        status = rk_fail(err, RK_BAD_USAGE, "--set is of one kind of index: name it with --kind");
    }
    status = status ? status : rk_near_material_take(model, run->seed, &m, err);
    rk_ann_rows asked = split_queries(m.queries, &wish.queries);
    status = status ? status : rk_ann_choose(&m.base, &wish, &asked, options->recall, run, &ann, &report->choice, err);
    report->n_items = rk_model_n_items(model);
    report->dim = rk_model_dim(model);
    report->n_queries = asked.n;
    status = status ? status : write_index(ann, model, options->recall, out_path, watch, report, err);
    rk_ann_free(ann);
    rk_near_material_release(&m);
    return status;
}

rk_status rk_near_build(const char *model_path, const rk_near_options *options, const char *out_path, const rk_run *run,
                        rk_near_report *report, rk_error *err)
{
    rk_model *model = NULL;
    *report = (rk_near_report){0};
    rk_status status = rk_path_keep_apart(out_path, model_path, err);
    status = status ? status : rk_model_open(model_path, &model, err);
    status = status ? status : build(model, options, out_path, run, report, err);
    rk_model_close(model);
    return status;
}

/* ---- asking ---- */

struct rk_near {
    const rk_model *model;
    const rk_ann *ann;
    rk_ann *own; /* NULL: another's */
    rk_ann_desk *desk;
    float *query;     /* [width] */
    uint64_t *barred; /* [(n_items + 63) / 64] */
    uint64_t *hidden; /* the same of items that the model does not show; NULL: it shows all */
    uint32_t *found;  /* [room] */
    float *score;     /* [room] */
    size_t room;
    uint32_t effort;
};

/* An index was made of one model, and of no other. */
static rk_status check_parent(const rk_near *near, const char *path, rk_error *err)
{
    const rk_artefact *model = rk_model_artefact(near->model);
    rk_parent parent;
    bool is_child =
        rk_artefact_parent_at(rk_ann_artefact(near->ann), 0, &parent) && parent.hash == rk_artefact_hash(model);
    if (!is_child || rk_ann_n_items(near->ann) != rk_model_n_items(near->model) ||
        rk_ann_dim(near->ann) != width_of(near->model) || rk_ann_metric_of(near->ann) != RK_ANN_INNER) {
        return rk_fail(err, RK_BAD_INPUT, "%s is an index of another model than %s; reckon index makes one", path,
                       rk_artefact_path(model));
    }
    return RK_OK;
}

static size_t bits_bytes(const rk_near *near) { return (rk_model_n_items(near->model) + 63) / 64 * sizeof(uint64_t); }

/* Once for all questions. */
static bool note_hidden(rk_near *near)
{
    uint32_t n = rk_model_n_items(near->model);
    if (rk_model_n_shown(near->model) == n) {
        return true;
    }
    near->hidden = calloc(1, bits_bytes(near));
    for (uint32_t i = 0; near->hidden && i < n; i++) {
        near->hidden[i / 64] |= (uint64_t)!rk_model_shows(near->model, i) << (i % 64);
    }
    return near->hidden != NULL;
}

/* The room to ask in, once the index is there. */
static rk_status furnish(rk_near *near, rk_error *err)
{
    near->query = malloc(width_of(near->model) * sizeof *near->query);
    near->barred = malloc(bits_bytes(near));
    bool is_good = note_hidden(near) && near->query && near->barred;
    return is_good ? rk_ann_desk_new(near->ann, &near->desk, err) : rk_fail_memory(err, "an index");
}

static rk_status load(const char *path, const rk_run *run, rk_ann **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_load(path, RK_ANN_ARTEFACT, &artefact, err);
    status = status ? status : rk_artefact_verify(artefact, run, err);
    if (status) {
        rk_artefact_close(artefact);
        return status;
    }
    return rk_ann_open_artefact(artefact, out, err);
}

/* run NULL: mapped and not verified. */
static rk_status open_index(const char *path, const rk_model *model, const rk_run *run, rk_near **out, rk_error *err)
{
    rk_near *near = calloc(1, sizeof *near);
    rk_status status = near ? need_vectors(model, err) : rk_fail_memory(err, "an index");
    if (!status) {
        near->model = model;
        status = run ? load(path, run, &near->own, err) : rk_ann_open(path, &near->own, err);
        near->ann = near->own;
    }
    status = status ? status : check_parent(near, path, err);
    if (!status) {
        const json_t *wanted = json_object_get(rk_artefact_meta(rk_ann_artefact(near->ann)), "recall_wanted");
        near->effort = rk_ann_effort_for(near->ann, json_is_number(wanted) ? json_number_value(wanted) : 1);
        status = furnish(near, err);
    }
    if (status) {
        rk_near_close(near);
        return status;
    }
    *out = near;
    return RK_OK;
}

rk_status rk_near_open(const char *path, const rk_model *model, rk_near **out, rk_error *err)
{
    return open_index(path, model, NULL, out, err);
}

rk_status rk_near_load(const char *path, const rk_model *model, const rk_run *run, rk_near **out, rk_error *err)
{
    return open_index(path, model, run, out, err);
}

rk_status rk_near_again(const rk_near *first, rk_near **out, rk_error *err)
{
    rk_near *near = calloc(1, sizeof *near);
    if (!near) {
        return rk_fail_memory(err, "an index");
    }
    near->model = first->model;
    near->ann = first->ann;
    near->effort = first->effort;
    rk_status status = furnish(near, err);
    if (status) {
        rk_near_close(near);
        return status;
    }
    *out = near;
    return RK_OK;
}

void rk_near_close(rk_near *near)
{
    if (near) {
        rk_ann_desk_free(near->desk);
        rk_ann_free(near->own);
        free(near->query);
        free(near->barred);
        free(near->hidden);
        free(near->found);
        free(near->score);
        free(near);
    }
}

static void bar_what_is_filtered(rk_near *near, const rk_filter *filter)
{
    uint32_t n = rk_model_n_items(near->model);
    if (near->hidden) {
        memcpy(near->barred, near->hidden, bits_bytes(near));
    } else {
        memset(near->barred, 0, bits_bytes(near));
    }
    for (size_t i = 0; i < filter->n_skip && filter->skip[i] < n; i++) {
        near->barred[filter->skip[i] / 64] |= UINT64_C(1) << (filter->skip[i] % 64);
    }
    for (uint32_t i = 0; filter->categories && i < n; i++) {
        uint64_t is_out = !rk_filter_allows(near->model, filter, i);
        near->barred[i / 64] |= is_out << (i % 64);
    }
}

rk_status rk_near_offer(rk_near *near, rk_query *query, const rk_filter *filter, size_t k, rk_topk *topk, rk_error *err)
{
    size_t n = 0;
    if (near->room < k) {
        free(near->found);
        free(near->score);
        near->found = malloc(k * sizeof *near->found);
        near->score = malloc(k * sizeof *near->score);
        near->room = near->found && near->score ? k : 0;
        if (near->room == 0) {
            return rk_fail_memory(err, "an answer");
        }
    }
    bar_what_is_filtered(near, filter);
    widen(near->model, query->vector, near->query);
    rk_ann_ask ask = {k, near->effort, near->barred};
    rk_status status = rk_ann_search(near->desk, near->query, ask, near->found, NULL, &n, err);
    if (!status) {
        rk_model_score_each(near->model, query, near->found, n, near->score);
    }
    for (size_t i = 0; !status && i < n; i++) {
        rk_topk_offer_one(topk, near->found[i], near->score[i]);
    }
    return status;
}

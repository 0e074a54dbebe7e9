/* near_build.c - see near.h: making an index.
 *
 * A bias is one more number of an item, which meets a 1 in every query. The sample of queries is users, drawn: the
 * first RK_ANN_QUERIES_MAX of them measure, the others tell the index what is asked.
 *
 * Likeness is a cosine, whose nearest are others than those of the inner product: it has an index of its own, the part
 * "similar" of the file. Its queries are items. Each finds itself, which nobody wants to be told: so where a share r of
 * the others is wanted, (9 r + 1) / 10 of all ten must be found.
 */
#include "model/near.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "math/random.h"
#include "model/near_inside.h"

enum { USERS_MAX = 10000 };

rk_status rk_near_need(const rk_model *model, rk_error *err)
{
    bool is_inner = rk_model_dim(model) > 0 && rk_model_n_near(model) == 0 && !rk_model_part_at(model, 0);
    return is_inner && rk_model_n_items(model) > 0
               ? RK_OK
               : rk_fail(err, RK_UNSUPPORTED, "%s does not score by vectors alone: it has no use for an index of them",
                         rk_artefact_path(rk_model_artefact(model)));
}

static rk_status take_items(const rk_model *model, rk_near_material *m, rk_error *err)
{
    size_t n = rk_model_n_items(model), width = rk_near_width(model);
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
    size_t n = n_users < USERS_MAX ? n_users : USERS_MAX, width = rk_near_width(model);
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
            rk_near_widen(model, query.vector, m->own_queries + i * width);
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

typedef struct {
    rk_ann *ann, *similar; /* owned; similar NULL: none is worth it */
} indexes;

static rk_status write_similar(const rk_ann *similar, rk_artefact_writer *writer, rk_error *err)
{
    rk_status status = rk_artefact_writer_part(writer, RK_NEAR_SIMILAR, err);
    status = status ? status : rk_ann_write(similar, writer, err);
    return status ? status : rk_artefact_writer_part(writer, NULL, err);
}

static rk_status write_indexes(const indexes *made, const rk_model *model, double recall, const char *path,
                               rk_stopwatch watch, rk_near_report *report, rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(path, RK_ANN_ARTEFACT, &writer, err);
    status = status ? status : rk_artefact_add_parent(writer, rk_model_artefact(model), err);
    status = status ? status : rk_ann_write(made->ann, writer, err);
    status = status || !made->similar ? status : write_similar(made->similar, writer, err);
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

/* By cosine; not kept where nothing is nearer at hand than to compare all, and the model's own bytes do that as well.
 */
static rk_status build_similar(const rk_model *model, const rk_near_options *options, rk_ann_wish wish,
                               const rk_near_material *m, const rk_run *run, indexes *made, rk_near_report *report,
                               rk_error *err)
{
    rk_ann_rows base = {m->base.at, m->base.n, rk_model_dim(model), m->base.stride}, none = {0};
    rk_ann_choice *choice = &report->similar;
    double recall = rk_near_recall_with_itself(options->recall);
    wish.metric = RK_ANN_COSINE;
    wish.queries = none;
    rk_status status = rk_ann_choose(&base, &wish, &none, recall, run, &made->similar, choice, err);
    bool is_idle = !status && !wish.kind && choice->chosen == 0 && rk_model_is_scaled(model);
    if (is_idle) {
        rk_ann_free(made->similar);
        made->similar = NULL;
    }
    report->has_similar = made->similar != NULL;
    return status;
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
    indexes made = {0};
    rk_ann_wish wish = {.set = options->set, .n_set = options->n_set};
    rk_status status = rk_near_need(model, err);
    if (!status && strcmp(options->kind, "auto") != 0) {
        status = rk_ann_kind_need(options->kind, &wish.kind, err);
    } else if (!status && options->n_set > 0) {
        status = rk_fail(err, RK_BAD_USAGE, "--set is of one kind of index: name it with --kind");
    }
    status = status ? status : rk_near_material_take(model, run->seed, &m, err);
    rk_ann_rows asked = split_queries(m.queries, &wish.queries);
    status =
        status ? status : rk_ann_choose(&m.base, &wish, &asked, options->recall, run, &made.ann, &report->choice, err);
    report->n_items = rk_model_n_items(model);
    report->dim = rk_model_dim(model);
    report->n_queries = asked.n;
    if (!status && !options->has_no_similar) {
        status = build_similar(model, options, wish, &m, run, &made, report, err);
    }
    status = status ? status : write_indexes(&made, model, options->recall, out_path, watch, report, err);
    rk_ann_free(made.ann);
    rk_ann_free(made.similar);
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

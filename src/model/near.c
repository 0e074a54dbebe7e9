/* near.c - see near.h: asking an index.
 *
 * A query is sought as the model's own arithmetic rounds it, and a few more items than wanted: where scores are equal
 * but for the order of a sum, the model decides. So an index that finds everything changes no answer.
 */
#include "model/near.h"

#include <stdlib.h>
#include <string.h>

#include "model/near_inside.h"

enum { RIM = 8 }; /* that are sought beside those wanted */

/* An index and the room to ask it in. */
typedef struct {
    const rk_ann *ann; /* NULL: there is none */
    rk_ann *own;       /* NULL: another's */
    rk_ann_desk *desk;
    uint64_t *never; /* [(n_items + 63) / 64] a bit for each item that is no candidate of any question; NULL: all are */
    uint32_t effort;
} source;

struct rk_near {
    const rk_model *model;
    source best, similar;
    float *query;     /* [width] */
    uint64_t *barred; /* [(n_items + 63) / 64] */
    uint32_t *found;  /* [room] */
    float *score;     /* [room] */
    size_t room;
};

/* ---- opening ---- */

static rk_status other_model(const rk_near *near, const char *path, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s is an index of another model than %s; reckon index makes one", path,
                   rk_artefact_path(rk_model_artefact(near->model)));
}

/* An index was made of one model, and of no other. */
static rk_status check_parent(const rk_near *near, const char *path, rk_error *err)
{
    const rk_artefact *model = rk_model_artefact(near->model);
    const rk_ann *best = near->best.ann, *similar = near->similar.ann;
    rk_parent parent;
    bool is_child = rk_artefact_parent_at(rk_ann_artefact(best), 0, &parent) && parent.hash == rk_artefact_hash(model);
    bool fits = rk_ann_n_items(best) == rk_model_n_items(near->model) &&
                rk_ann_dim(best) == rk_near_width(near->model) && rk_ann_metric_of(best) == RK_ANN_INNER;
    bool is_alike =
        !similar || (rk_ann_n_items(similar) == rk_model_n_items(near->model) &&
                     rk_ann_dim(similar) == rk_model_dim(near->model) && rk_ann_metric_of(similar) == RK_ANN_COSINE);
    return is_child && fits && is_alike ? RK_OK : other_model(near, path, err);
}

static size_t bits_bytes(const rk_near *near) { return (rk_model_n_items(near->model) + 63) / 64 * sizeof(uint64_t); }

/* Whether an item is in no answer: the model does not show it, or, of likeness, its vector is zero. */
static bool is_never(const rk_near *near, const source *s, uint32_t item)
{
    return !rk_model_shows(near->model, item) || (s == &near->similar && !(near->model->inverse_norm[item] > 0));
}

/* Once for all questions. */
static bool note_never(rk_near *near, source *s)
{
    uint32_t n = rk_model_n_items(near->model), n_never = 0;
    uint64_t *bits = calloc(1, bits_bytes(near));
    for (uint32_t i = 0; bits && i < n; i++) {
        uint64_t is = is_never(near, s, i);
        bits[i / 64] |= is << (i % 64);
        n_never += (uint32_t)is;
    }
    s->never = n_never > 0 ? bits : NULL;
    if (bits && n_never == 0) {
        free(bits);
    }
    return bits != NULL;
}

static rk_status furnish_source(rk_near *near, source *s, rk_error *err)
{
    if (!s->ann) {
        return RK_OK;
    }
    return note_never(near, s) ? rk_ann_desk_new(s->ann, &s->desk, err) : rk_fail_memory(err, "an index");
}

/* The room to ask in, once the indexes are there. */
static rk_status furnish(rk_near *near, rk_error *err)
{
    near->query = malloc(rk_near_width(near->model) * sizeof *near->query);
    near->barred = malloc(bits_bytes(near));
    rk_status status = near->query && near->barred ? RK_OK : rk_fail_memory(err, "an index");
    status = status ? status : furnish_source(near, &near->best, err);
    return status ? status : furnish_source(near, &near->similar, err);
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

static rk_status open_similar(rk_near *near, rk_error *err)
{
    rk_artefact *part = NULL;
    rk_status status = rk_artefact_open_part(rk_ann_artefact(near->best.ann), RK_NEAR_SIMILAR, &part, err);
    status = status || !part ? status : rk_ann_open_artefact(part, &near->similar.own, err);
    near->similar.ann = near->similar.own;
    return status;
}

static void choose_efforts(rk_near *near)
{
    const json_t *meta = rk_artefact_meta(rk_ann_artefact(near->best.ann));
    const json_t *number = json_object_get(meta, "recall_wanted");
    double wanted = json_is_number(number) ? json_number_value(number) : 1;
    near->best.effort = rk_ann_effort_for(near->best.ann, wanted);
    if (near->similar.ann) {
        near->similar.effort = rk_ann_effort_for(near->similar.ann, rk_near_recall_with_itself(wanted));
    }
}

/* run NULL: mapped and not verified. */
static rk_status open_index(const char *path, const rk_model *model, const rk_run *run, rk_near **out, rk_error *err)
{
    rk_near *near = calloc(1, sizeof *near);
    rk_status status = near ? rk_near_need(model, err) : rk_fail_memory(err, "an index");
    if (!status) {
        near->model = model;
        status = run ? load(path, run, &near->best.own, err) : rk_ann_open(path, &near->best.own, err);
        near->best.ann = near->best.own;
    }
    status = status ? status : open_similar(near, err);
    status = status ? status : check_parent(near, path, err);
    if (!status) {
        choose_efforts(near);
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
    near->best = (source){.ann = first->best.ann, .effort = first->best.effort};
    near->similar = (source){.ann = first->similar.ann, .effort = first->similar.effort};
    rk_status status = furnish(near, err);
    if (status) {
        rk_near_close(near);
        return status;
    }
    *out = near;
    return RK_OK;
}

static void close_source(source *s)
{
    rk_ann_desk_free(s->desk);
    rk_ann_free(s->own);
    free(s->never);
}

void rk_near_close(rk_near *near)
{
    if (near) {
        close_source(&near->similar); /* a part of the other */
        close_source(&near->best);
        free(near->query);
        free(near->barred);
        free(near->found);
        free(near->score);
        free(near);
    }
}

/* ---- asking ---- */

static void bar(rk_near *near, const source *s, const uint32_t *skip, size_t n_skip)
{
    uint32_t n = rk_model_n_items(near->model);
    if (s->never) {
        memcpy(near->barred, s->never, bits_bytes(near));
    } else {
        memset(near->barred, 0, bits_bytes(near));
    }
    for (size_t i = 0; i < n_skip && skip[i] < n; i++) {
        near->barred[skip[i] / 64] |= UINT64_C(1) << (skip[i] % 64);
    }
}

static void bar_categories(rk_near *near, const rk_filter *filter)
{
    uint32_t n = rk_model_n_items(near->model);
    for (uint32_t i = 0; filter->categories && i < n; i++) {
        uint64_t is_out = !rk_filter_allows(near->model, filter, i);
        near->barred[i / 64] |= is_out << (i % 64);
    }
}

static rk_status make_room(rk_near *near, size_t k, rk_error *err)
{
    if (near->room < k) {
        free(near->found);
        free(near->score);
        near->found = malloc(k * sizeof *near->found);
        near->score = malloc(k * sizeof *near->score);
        near->room = near->found && near->score ? k : 0;
    }
    return near->room > 0 ? RK_OK : rk_fail_memory(err, "an answer");
}

/* What lies nearest to near->query and is not barred, into near->found: k and a few more. */
static rk_status seek(rk_near *near, const source *s, size_t k, size_t *n, rk_error *err)
{
    size_t wide = k + RIM < RK_ANN_K_MAX ? k + RIM : RK_ANN_K_MAX;
    rk_status status = make_room(near, wide, err);
    rk_ann_ask ask = {wide, s->effort, near->barred};
    return status ? status : rk_ann_search(s->desk, near->query, ask, near->found, NULL, n, err);
}

static void offer_found(const rk_near *near, size_t n, rk_topk *topk)
{
    for (size_t i = 0; i < n; i++) {
        rk_topk_offer_one(topk, near->found[i], near->score[i]);
    }
}

rk_status rk_near_offer(rk_near *near, rk_query *query, const rk_filter *filter, size_t k, rk_topk *topk, rk_error *err)
{
    float rounded[RK_MODEL_DIM_MAX];
    size_t n = 0;
    bar(near, &near->best, filter->skip, filter->n_skip);
    bar_categories(near, filter);
    rk_model_round_query(near->model, query->vector, rounded);
    rk_near_widen(near->model, rounded, near->query);
    rk_status status = seek(near, &near->best, k, &n, err);
    if (status) {
        return status;
    }
    rk_model_score_each(near->model, query, near->found, n, near->score);
    offer_found(near, n, topk);
    return RK_OK;
}

bool rk_near_knows_likeness(const rk_near *near, uint32_t item)
{
    return near->similar.ann && near->model->inverse_norm[item] > 0;
}

rk_status rk_near_offer_similar(rk_near *near, uint32_t item, const uint32_t *skip, size_t n_skip, size_t k,
                                rk_topk *topk, rk_error *err)
{
    float vector[RK_MODEL_DIM_MAX];
    size_t n = 0;
    bar(near, &near->similar, skip, n_skip);
    near->barred[item / 64] |= UINT64_C(1) << (item % 64);
    rk_model_item_vector(near->model, item, vector);
    rk_model_round_query(near->model, vector, near->query);
    rk_status status = seek(near, &near->similar, k, &n, err);
    if (status) {
        return status;
    }
    rk_model_likeness_each(near->model, item, near->found, n, near->score);
    offer_found(near, n, topk);
    return RK_OK;
}

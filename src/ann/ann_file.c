/* ann_file.c - an index as an artefact of the kind "vector-index".
 *
 *   SECTION       TYPE  SHAPE              MEANING
 *   base.vector   f32   [items x dim]      the vectors as the kind sees them: scores come from here
 *   base.removed  u64   [(items + 63)/64]  bit i set = item i was removed; absent = none was
 *   KIND.*                                 the kind's own
 * Meta:
 * {"kind":"ivf","metric":"inner","items":n,"dim":64,"options":{...},"index":{the kind's own},
 *  "recall_of":"queries|items","recall":[{"effort":8,"recall_at_10":0.97},...]}
 * Rates are no part of it: a file says what it is, not how fast it was somewhere (artefact.h).
 */
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"

/* ---- writing ---- */

static rk_status write_base(const rk_ann *ann, rk_artefact_writer *writer, rk_error *err)
{
    rk_status status = rk_artefact_begin(writer, "base.vector", RK_F32, ann->base.dim, err);
    for (size_t r = 0; !status && r < ann->base.n; r++) {
        status = rk_artefact_append(writer, rk_ann_row(&ann->base, r), 1, err);
    }
    status = status ? status : rk_artefact_end(writer, err);
    if (!status && ann->n_removed > 0) {
        status = rk_artefact_add(writer, "base.removed", RK_U64, (ann->base.n + 63) / 64, 1, ann->removed, err);
    }
    return status;
}

static json_t *steps_json(const rk_ann *ann)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < ann->n_steps; i++) {
        json_array_append_new(steps, json_pack("{s:I,s:f}", "effort", (json_int_t)ann->steps[i].effort, "recall_at_10",
                                               ann->steps[i].recall));
    }
    return steps;
}

rk_status rk_ann_write(const rk_ann *ann, rk_artefact_writer *writer, rk_error *err)
{
    json_t *meta = rk_artefact_writer_meta(writer), *own = json_object();
    rk_status status = write_base(ann, writer, err);
    status = status ? status : ann->kind->write(ann->index, writer, own, err);
    json_object_set_new(meta, "kind", json_string(ann->kind->name));
    json_object_set_new(meta, "metric", json_string(rk_ann_metric_name(ann->metric)));
    json_object_set_new(meta, "items", json_integer((json_int_t)ann->base.n));
    json_object_set_new(meta, "dim", json_integer((json_int_t)ann->dim));
    json_object_set_new(meta, "options", json_loads(ann->options, 0, NULL));
    json_object_set_new(meta, "index", own);
    if (ann->n_steps > 0) {
        json_object_set_new(meta, "recall_of", json_string(ann->queries_given ? "queries" : "items"));
        json_object_set_new(meta, "recall", steps_json(ann));
    }
    return status;
}

/* ---- opening ---- */

static rk_status damaged(const rk_ann *ann, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(ann->artefact), what);
}

static rk_status open_metric(rk_ann *ann, const char *name, rk_error *err)
{
    for (rk_ann_metric m = RK_ANN_INNER; m <= RK_ANN_L2; m++) {
        if (strcmp(name, rk_ann_metric_name(m)) == 0) {
            ann->metric = m;
            return RK_OK;
        }
    }
    return damaged(ann, "its metric is none", err);
}

static rk_status open_meta(rk_ann *ann, rk_error *err)
{
    const json_t *meta = rk_artefact_meta(ann->artefact), *dim = json_object_get(meta, "dim");
    const char *kind = json_string_value(json_object_get(meta, "kind"));
    const char *metric = json_string_value(json_object_get(meta, "metric"));
    json_t *options = json_object_get(meta, "options");
    if (!kind || !metric || !json_is_integer(dim) || json_integer_value(dim) < 1 ||
        json_integer_value(dim) >= RK_ANN_DIM_MAX || !json_is_object(options)) {
        return damaged(ann, "its meta lacks kind, metric, dim or options", err);
    }
    if (rk_ann_kind_need(kind, &ann->kind, NULL)) {
        return rk_fail(err, RK_BAD_INPUT, "%s: an index of the kind '%.40s', which this reckon does not know",
                       rk_artefact_path(ann->artefact), kind);
    }
    ann->dim = (size_t)json_integer_value(dim);
    ann->options = json_dumps(options, JSON_COMPACT);
    return ann->options ? open_metric(ann, metric, err) : rk_fail_memory(err, "the settings of an index");
}

static rk_status open_steps(rk_ann *ann, rk_error *err)
{
    const json_t *meta = rk_artefact_meta(ann->artefact), *steps = json_object_get(meta, "recall");
    const char *of = json_string_value(json_object_get(meta, "recall_of"));
    ann->queries_given = of && strcmp(of, "queries") == 0;
    for (size_t i = 0; i < json_array_size(steps); i++) {
        const json_t *effort = json_object_get(json_array_get(steps, i), "effort");
        const json_t *recall = json_object_get(json_array_get(steps, i), "recall_at_10");
        json_int_t e = json_integer_value(effort), before = i > 0 ? ann->steps[i - 1].effort : 0;
        if (i == RK_ANN_STEPS_MAX || e <= before || e > UINT32_MAX || !json_is_number(recall)) {
            return damaged(ann, "its recall is no list of ascending efforts", err);
        }
        ann->steps[ann->n_steps++] = (rk_ann_step){.effort = (uint32_t)e, .recall = json_number_value(recall)};
    }
    return RK_OK;
}

static rk_status open_base(rk_ann *ann, rk_error *err)
{
    const rk_section *vectors, *removed;
    size_t dim = ann->dim + (ann->metric == RK_ANN_L2);
    rk_status status = rk_artefact_need(ann->artefact, "base.vector", RK_F32, UINT64_MAX, dim, &vectors, err);
    if (status) {
        return status;
    }
    if (vectors->rows < 1 || vectors->rows >= UINT32_MAX) {
        return damaged(ann, "it has no vectors, or too many", err);
    }
    ann->base = (rk_ann_rows){vectors->data, (size_t)vectors->rows, dim, dim};
    size_t words = (ann->base.n + 63) / 64;
    if (!rk_artefact_find(ann->artefact, "base.removed")) {
        return RK_OK;
    }
    status = rk_artefact_need(ann->artefact, "base.removed", RK_U64, words, 1, &removed, err);
    ann->removed = status ? NULL : malloc(words * sizeof *ann->removed);
    if (!ann->removed) {
        return status ? status : rk_fail_memory(err, "removed items");
    }
    memcpy(ann->removed, removed->data, words * sizeof *ann->removed);
    for (size_t i = 0; i < ann->base.n; i++) {
        ann->n_removed += rk_bit(ann->removed, i);
    }
    return RK_OK;
}

static rk_status open_parts(rk_ann *ann, rk_error *err)
{
    rk_status status = open_meta(ann, err);
    status = status ? status : open_steps(ann, err);
    status = status ? status : open_base(ann, err);
    if (status) {
        return status;
    }
    const json_t *own = json_object_get(rk_artefact_meta(ann->artefact), "index");
    return ann->kind->open(ann->artefact, own, &ann->base, &ann->index, err);
}

rk_status rk_ann_open_artefact(rk_artefact *artefact, rk_ann **out, rk_error *err)
{
    rk_ann *ann = calloc(1, sizeof *ann);
    if (!ann) {
        rk_artefact_close(artefact);
        return rk_fail_memory(err, "an index");
    }
    ann->artefact = artefact;
    rk_status status = open_parts(ann, err);
    if (status) {
        rk_ann_free(ann);
        return status;
    }
    *out = ann;
    return RK_OK;
}

rk_status rk_ann_open(const char *path, rk_ann **out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_status status = rk_artefact_open(path, RK_ANN_ARTEFACT, &artefact, err);
    return status ? status : rk_ann_open_artefact(artefact, out, err);
}

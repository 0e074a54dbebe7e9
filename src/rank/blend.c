/* blend.c - see blend.h. */
#include "rank/blend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

rk_blend rk_blend_default(void)
{
    rk_blend blend = {{0}};
    for (size_t f = 0; f < rk_n_features; f++) {
        blend.weight[f] = rk_features[f].weight;
    }
    return blend;
}

double rk_blend_score(const rk_blend *blend, const float *feature)
{
    double sum = 0;
    for (size_t f = 0; f < rk_n_features; f++) {
        sum += blend->weight[f] * (double)feature[f];
    }
    return sum;
}

/* ---- ranking ---- */

typedef struct {
    double score;
    uint32_t item;
} ranked;

static int best_first(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    return x->score > y->score ? -1 : x->score < y->score ? 1 : (x->item > y->item) - (x->item < y->item);
}

rk_status rk_blend_rank(const rk_blend *blend, rk_looker *looker, rk_slice text, const rk_question *question,
                        rk_arena *arena, rk_findings *findings, rk_error *err)
{
    rk_looks looks;
    size_t n = findings->n < RK_BLEND_DEPTH ? findings->n : RK_BLEND_DEPTH;
    float *feature = RK_TAKE(arena, float, n *rk_n_features);
    ranked *order = RK_TAKE(arena, ranked, n);
    if (!feature || !order) {
        return rk_fail_memory(err, "a second look");
    }
    if (question->n_terms == 0 || n == 0) {
        return RK_OK;
    }
    rk_status status = rk_looker_read(looker, text, question, findings, n, arena, &looks, err);
    status = status ? status : rk_features_read(&looks, arena, feature, err);
    if (status) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        order[i] = (ranked){rk_blend_score(blend, feature + i * rk_n_features), findings->item[i]};
    }
    qsort(order, n, sizeof *order, best_first);
    for (size_t i = 0; i < n; i++) {
        findings->item[i] = order[i].item;
        findings->score[i] = (float)order[i].score;
    }
    for (size_t i = n; i < findings->n; i++) {
        findings->score[i] = fminf(findings->score[i], findings->score[i - 1]);
    }
    return RK_OK;
}

/* ---- files ---- */

rk_status rk_blend_write(const rk_blend *blend, const json_t *how, const char *path, const rk_usage *making,
                         rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(path, "ranker", &writer, err);
    if (status) {
        return status;
    }
    json_t *weights = json_object(), *meta = rk_artefact_writer_meta(writer);
    for (size_t f = 0; f < rk_n_features; f++) {
        if (blend->weight[f] != 0) {
            json_object_set_new(weights, rk_features[f].name, json_real(blend->weight[f]));
        }
    }
    json_object_set_new(meta, "weights", weights);
    if (how) {
        json_object_update(meta, (json_t *)(uintptr_t)how);
    }
    return rk_artefact_commit(writer, making, err);
}

static rk_status read_weights(const char *path, const json_t *weights, rk_blend *out, rk_error *err)
{
    const char *name;
    json_t *value;
    if (!json_is_object(weights) || json_object_size(weights) == 0) {
        return rk_fail(err, RK_BAD_INPUT, "%s has no weights", path);
    }
    json_object_foreach((json_t *)(uintptr_t)weights, name, value)
    {
        size_t f = rk_feature_find(name);
        if (f == rk_n_features) {
            return rk_fail(err, RK_BAD_INPUT, "%s: no feature '%.60s' is known here", path, name);
        }
        if (!json_is_number(value) || !isfinite(json_number_value(value))) {
            return rk_fail(err, RK_BAD_INPUT, "%s: the weight of '%s' is no number", path, name);
        }
        out->weight[f] = json_number_value(value);
    }
    return RK_OK;
}

rk_status rk_blend_read(const char *path, rk_blend *out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_blend blend = {{0}};
    rk_status status = rk_artefact_open(path, "ranker", &artefact, err);
    status = status ? status : read_weights(path, json_object_get(rk_artefact_meta(artefact), "weights"), &blend, err);
    rk_artefact_close(artefact);
    if (!status) {
        *out = blend;
    }
    return status;
}

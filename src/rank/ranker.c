/* ranker.c - see ranker.h. */
#include "rank/ranker.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rank/fuse.h"

enum { BANDS = 20 };

rk_ranker rk_ranker_default(void) { return (rk_ranker){.blend = rk_blend_default(), .is_untrained = true}; }

rk_ranker rk_ranker_fused(void) { return (rk_ranker){.is_fused = true}; }

void rk_ranker_release(rk_ranker *ranker) { rk_forest_release(&ranker->forest); }

double rk_ranker_score(const rk_ranker *ranker, const float *feature)
{
    return rk_blend_score(&ranker->blend, feature) + rk_forest_score(&ranker->forest, feature);
}

bool rk_ranker_fuses(const rk_ranker *ranker, const rk_looker *looker)
{
    return ranker->is_fused || (ranker->is_untrained && rk_looker_has_shopper(looker));
}

/* ---- ranking ---- */

typedef struct {
    double score, by_words; /* the second decides where the first does not */
    uint32_t item;
} ranked;

static int best_first(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->score > y->score || x->score < y->score) {
        return x->score > y->score ? -1 : 1;
    }
    if (x->by_words > y->by_words || x->by_words < y->by_words) {
        return x->by_words > y->by_words ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

/* By words, by each word's better field, by words as they were typed, by what the best say, and by taste. */
static rk_status fuse(const float *feature, size_t n, ranked *order, rk_arena *arena, rk_error *err)
{
    static const char *const orders[] = {"first_look", "best_title_text", "exact", "feedback", "taste"};
    uint32_t *room = RK_TAKE(arena, uint32_t, n);
    double *score = RK_TAKE(arena, double, n);
    if (!room || !score) {
        return rk_fail_memory(err, "a second look");
    }
    for (size_t o = 0; o < RK_COUNT_OF(orders); o++) {
        rk_fuse_add(feature + rk_feature_find(orders[o]), n, rk_n_features, room, score);
    }
    for (size_t i = 0; i < n; i++) {
        order[i].score = score[i];
    }
    return RK_OK;
}

/* By words in bands, and by taste. */
static rk_status fuse_for_shopper(const rk_blend *blend, const float *feature, size_t n, ranked *order, rk_arena *arena,
                                  rk_error *err)
{
    size_t taste = rk_feature_find("taste");
    uint32_t *room = RK_TAKE(arena, uint32_t, n);
    double *score = RK_TAKE(arena, double, n), best = 0;
    float *band = RK_TAKE(arena, float, n);
    if (!room || !score || !band) {
        return rk_fail_memory(err, "a second look");
    }
    for (size_t i = 0; i < n; i++) {
        const float *own = feature + i * rk_n_features;
        order[i].by_words = rk_blend_score(blend, own) - blend->weight[taste] * (double)own[taste];
        best = fmax(best, order[i].by_words);
    }
    for (size_t i = 0; i < n; i++) {
        band[i] = best > 0 ? (float)floor(BANDS * order[i].by_words / best) : 0;
        band[i] = band[i] < BANDS ? band[i] : BANDS - 1; /* the best itself is of the first band */
    }
    rk_fuse_add(band, n, 1, room, score);
    rk_fuse_add(feature + taste, n, rk_n_features, room, score);
    for (size_t i = 0; i < n; i++) {
        order[i].score = score[i];
    }
    return RK_OK;
}

rk_status rk_ranker_rank(const rk_ranker *ranker, rk_looker *looker, rk_slice text, const rk_question *question,
                         rk_arena *arena, rk_findings *findings, rk_error *err)
{
    rk_looks looks;
    size_t n = findings->n < RK_RANKER_DEPTH ? findings->n : RK_RANKER_DEPTH;
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
        double score = ranker->is_fused ? 0 : rk_ranker_score(ranker, feature + i * rk_n_features);
        order[i] = (ranked){score, 0, findings->item[i]};
    }
    if (ranker->is_fused) {
        status = fuse(feature, n, order, arena, err);
    } else if (ranker->is_untrained && looks.has_shopper) {
        status = fuse_for_shopper(&ranker->blend, feature, n, order, arena, err);
    }
    if (status) {
        return status;
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

/* ---- learning ---- */

rk_status rk_ranker_learn(const rk_lesson *lesson, const uint32_t *query, size_t n, size_t most_trees,
                          const rk_run *run, rk_ranker *out, rk_learned *blend, rk_learned *forest, rk_error *err)
{
    *out = (rk_ranker){0};
    *forest = (rk_learned){0};
    rk_status status = rk_learn_blend(lesson, query, n, run, &out->blend, blend, err);
    if (!status && most_trees > 0) {
        status = rk_learn_forest(lesson, query, n, &out->blend, most_trees, run, &out->forest, forest, err);
    }
    return status;
}

/* ---- files ---- */

static rk_status add_trees(rk_artefact_writer *writer, const rk_forest *forest, rk_error *err)
{
    size_t n = forest->n;
    rk_status status = rk_artefact_begin(writer, "tree.feature", RK_U8, RK_TREE_NODES, err);
    for (size_t t = 0; !status && t < n; t++) {
        status = rk_artefact_append(writer, forest->tree[t].feature, 1, err);
    }
    status = status ? status : rk_artefact_end(writer, err);
    status = status ? status : rk_artefact_begin(writer, "tree.cut", RK_F32, RK_TREE_NODES, err);
    for (size_t t = 0; !status && t < n; t++) {
        status = rk_artefact_append(writer, forest->tree[t].cut, 1, err);
    }
    status = status ? status : rk_artefact_end(writer, err);
    status = status ? status : rk_artefact_begin(writer, "tree.leaf", RK_F32, RK_TREE_LEAVES, err);
    for (size_t t = 0; !status && t < n; t++) {
        status = rk_artefact_append(writer, forest->tree[t].leaf, 1, err);
    }
    return status ? status : rk_artefact_end(writer, err);
}

rk_status rk_ranker_write(const rk_ranker *ranker, const json_t *how, const char *path, const rk_usage *making,
                          rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(path, "ranker", &writer, err);
    status = !status && ranker->forest.n > 0 ? add_trees(writer, &ranker->forest, err) : status;
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    json_t *weights = json_object(), *names = json_array(), *meta = rk_artefact_writer_meta(writer);
    for (size_t f = 0; f < rk_n_features; f++) {
        json_array_append_new(names, json_string(rk_features[f].name));
        if (ranker->blend.weight[f] != 0) {
            json_object_set_new(weights, rk_features[f].name, json_real(ranker->blend.weight[f]));
        }
    }
    json_object_set_new(meta, "weights", weights);
    json_object_set_new(meta, "features", names);
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

/* The number here of a feature that the file numbers otherwise. */
static rk_status renumber(const char *path, const json_t *names, uint8_t *feature, rk_error *err)
{
    const char *name = json_string_value(json_array_get(names, *feature));
    size_t f = name ? rk_feature_find(name) : rk_n_features;
    if (f == rk_n_features) {
        return rk_fail(err, RK_BAD_INPUT, "%s: no feature '%.60s' of a tree is known here", path, name ? name : "");
    }
    *feature = (uint8_t)f;
    return RK_OK;
}

static rk_status read_trees(const rk_artefact *a, rk_forest *out, rk_error *err)
{
    const rk_section *feature, *cut, *leaf;
    const json_t *names = json_object_get(rk_artefact_meta(a), "features");
    if (!rk_artefact_find(a, "tree.feature")) {
        return RK_OK;
    }
    rk_status status = rk_artefact_need(a, "tree.feature", RK_U8, UINT64_MAX, RK_TREE_NODES, &feature, err);
    status = status ? status : rk_artefact_need(a, "tree.cut", RK_F32, feature->rows, RK_TREE_NODES, &cut, err);
    status = status ? status : rk_artefact_need(a, "tree.leaf", RK_F32, feature->rows, RK_TREE_LEAVES, &leaf, err);
    if (!status && feature->rows > RK_FOREST_TREES_MAX) {
        status = rk_fail(err, RK_BAD_INPUT, "%s has more than %d trees", rk_artefact_path(a), (int)RK_FOREST_TREES_MAX);
    }
    size_t n = status ? 0 : (size_t)feature->rows;
    out->tree = calloc(n + 1, sizeof *out->tree);
    if (!status && !out->tree) {
        status = rk_fail_memory(err, "trees");
    }
    for (size_t t = 0; !status && t < n; t++) {
        rk_tree *tree = &out->tree[t];
        memcpy(tree->feature, (const uint8_t *)feature->data + t * RK_TREE_NODES, RK_TREE_NODES);
        memcpy(tree->cut, (const float *)cut->data + t * RK_TREE_NODES, sizeof tree->cut);
        memcpy(tree->leaf, (const float *)leaf->data + t * RK_TREE_LEAVES, sizeof tree->leaf);
        for (size_t i = 0; !status && i < RK_TREE_NODES; i++) {
            status = renumber(rk_artefact_path(a), names, &tree->feature[i], err);
        }
        for (size_t i = 0; !status && i < RK_TREE_LEAVES; i++) {
            status = isfinite(tree->leaf[i]) ? RK_OK
                                             : rk_fail(err, RK_BAD_INPUT, "%s: a leaf of tree %zu is no number",
                                                       rk_artefact_path(a), t + 1);
        }
    }
    out->n = n;
    return status;
}

rk_status rk_ranker_open(const char *path, rk_ranker *out, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_ranker ranker = {0};
    rk_status status = rk_artefact_open(path, "ranker", &artefact, err);
    if (!status) {
        status = read_weights(path, json_object_get(rk_artefact_meta(artefact), "weights"), &ranker.blend, err);
        status = status ? status : read_trees(artefact, &ranker.forest, err);
    }
    rk_artefact_close(artefact);
    if (status) {
        rk_ranker_release(&ranker);
        return status;
    }
    *out = ranker;
    return RK_OK;
}

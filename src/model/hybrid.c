/* hybrid.c - a blend of models: the weighted sum of their scores, or of 1 / (60 + rank).
 *
 * Cormack, Clarke, Buettcher, "Reciprocal rank fusion outperforms Condorcet and individual rank learning methods"
 * (SIGIR 2009) for the ranks, with weights. The weights are learned: a tenth of the pairs is held out, the parts are
 * trained on the rest, and the weights are those that rank the held-out pairs best by NDCG@20 - the figure itself, not
 * a stand-in, walked down by a simplex, since there are few weights and a step costs milliseconds. Then the parts are
 * trained on all.
 *
 * A blend of scores is exact and explains itself like its parts: every score is their weighted sum.
 */
#include "model/hybrid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/holdout.h"
#include "math/random.h"
#include "model/model_inside.h"

enum { BY_SCORES, BY_RANKS };
enum { WEIGHTS_LEARNED, WEIGHTS_EQUAL };
enum { RANK_OFFSET = 60, BEST = RK_BLEND_BEST, CHUNK_USERS = 16 };

typedef struct {
    const char *parts;
    int by, weights;
    double holdout;
    uint64_t users, depth;
} settings;

static const rk_option options[] = {
    {.name = "parts",
     .kind = RK_OPT_TEXT,
     .field = offsetof(settings, parts),
     .value = "MODEL;...",
     .fallback = "als;popular",
     .help = "what to blend: NAME[:KEY=VALUE,...];NAME..."},
    {.name = "by",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, by),
     .value = "WHAT",
     .fallback = "scores",
     .help = "what is added up: scores, or 1 / (60 + rank)",
     .choices = "scores|ranks"},
    {.name = "weights",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, weights),
     .value = "HOW",
     .fallback = "learned",
     .help = "learned on a part held out, or equal (scores: by their spread)",
     .choices = "learned|equal"},
    {.name = "holdout",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, holdout),
     .value = "SHARE",
     .fallback = "0.1",
     .help = "share of the pairs to learn the weights from",
     .min = 0.001,
     .max = 0.9},
    {.name = "users",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, users),
     .value = "N",
     .fallback = "5000",
     .help = "users to learn the weights from, drawn",
     .min = 10,
     .max = 1e9},
    {.name = "depth",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, depth),
     .value = "N",
     .fallback = "500",
     .help = "ranks that count, of each part",
     .min = 1,
     .max = RK_MODEL_FUSE_DEPTH_MAX},
};

/* ---- what the parts say of a user ---- */

typedef struct {
    uint32_t item;
    float score;
} entry;

/* Of entries or of bare ids: an id is the first member of an entry. */
static int by_item(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Equal items become one, their scores added. */
static size_t add_up(entry *entries, size_t n)
{
    size_t kept = 0;
    qsort(entries, n, sizeof *entries, by_item);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && entries[kept - 1].item == entries[i].item) {
            entries[kept - 1].score += entries[i].score;
        } else {
            entries[kept++] = entries[i];
        }
    }
    return kept;
}

rk_status rk_hybrid_fuse(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    uint32_t depth = model->fuse_depth, n_found = 0;
    entry *entries = RK_TAKE(arena, entry, model->n_parts * depth);
    uint32_t *items = RK_TAKE(arena, uint32_t, model->n_parts * depth);
    float *scores = RK_TAKE(arena, float, model->n_parts *depth);
    size_t n = 0;
    rk_status status = entries && items && scores ? RK_OK : rk_fail_memory(err, "blended ranks");
    for (size_t p = 0; !status && p < model->n_parts; p++) {
        status = rk_model_best(model->parts[p], &query->parts[p], history.item, history.n, depth, items, scores,
                               &n_found, err);
        for (uint32_t rank = 0; !status && rank < n_found; rank++) {
            entries[n++] = (entry){items[rank], model->part_weight[p] / (float)(RANK_OFFSET + 1 + rank)};
        }
    }
    n = status ? 0 : add_up(entries, n);
    for (size_t i = 0; i < n; i++) {
        items[i] = entries[i].item;
        scores[i] = entries[i].score;
    }
    query->listed = (rk_history){items, scores, n};
    return status;
}

/* ---- the table to learn from ---- */

void rk_blend_table_release(rk_blend_table *table)
{
    free(table->start);
    free(table->feature);
    free(table->is_wanted);
    free(table->n_wanted);
    *table = (rk_blend_table){0};
}

typedef struct {
    rk_model *const *models; /* [n_parts], trained without what was held out */
    size_t n_parts;
    const rk_csr *test;
    const uint32_t *users;
    bool by_ranks;
    uint32_t room;  /* candidates that one user may have */
    uint32_t *n;    /* [n_users] candidates */
    float *feature; /* [n_users x room x n_parts] */
    unsigned char *wanted;
    rk_status *status; /* [n_users] */
    rk_error *err;     /* [workers] */
} gather;

static bool is_in(const uint32_t *items, uint64_t n, uint32_t item)
{
    return bsearch(&item, items, n, sizeof *items, by_item) != NULL;
}

/* The best items of all parts, ascending, each once. */
static rk_status find_candidates(const gather *g, rk_query *queries, rk_history seen, rk_arena *arena, entry *out,
                                 uint32_t *n, float *rank_feature, rk_error *err)
{
    uint32_t *items = RK_TAKE(arena, uint32_t, BEST), n_found = 0;
    float *scores = RK_TAKE(arena, float, BEST);
    entry *all = RK_TAKE(arena, entry, BEST * g->n_parts);
    rk_status status = items && scores && all ? RK_OK : rk_fail_memory(err, "candidates");
    size_t n_all = 0;
    for (size_t p = 0; !status && p < g->n_parts; p++) {
        status = rk_model_best(g->models[p], &queries[p], seen.item, seen.n, BEST, items, scores, &n_found, err);
        for (uint32_t r = 0; !status && r < n_found; r++) {
            all[n_all] = (entry){items[r], 1 / (float)(RANK_OFFSET + 1 + r)};
            rank_feature[n_all++] = (float)p; /* whose it is */
        }
    }
    if (status) {
        return status;
    }
    memcpy(out, all, n_all * sizeof *out);
    *n = (uint32_t)add_up(out, n_all);
    float *ranks = RK_TAKE(arena, float, (size_t)*n * g->n_parts);
    if (!ranks) {
        return rk_fail_memory(err, "candidates");
    }
    for (size_t i = 0; i < n_all; i++) {
        const entry *at = bsearch(&all[i].item, out, *n, sizeof *out, by_item);
        ranks[(size_t)(at - out) * g->n_parts + (size_t)rank_feature[i]] = all[i].score;
    }
    memcpy(rank_feature, ranks, (size_t)*n * g->n_parts * sizeof *ranks);
    return RK_OK;
}

static rk_status gather_user(const gather *g, size_t at, rk_arena *arena, rk_error *err)
{
    uint32_t user = g->users[at], n = 0;
    rk_history seen = rk_model_seen(g->models[0], user);
    rk_query *queries = RK_TAKE(arena, rk_query, g->n_parts);
    entry *candidates = RK_TAKE(arena, entry, g->room);
    float *feature = g->feature + at * g->room * g->n_parts;
    rk_status status = queries && candidates ? RK_OK : rk_fail_memory(err, "candidates");
    for (size_t p = 0; !status && p < g->n_parts; p++) {
        status = rk_model_user_query(g->models[p], user, arena, &queries[p], err);
    }
    status = status ? status : find_candidates(g, queries, seen, arena, candidates, &n, feature, err);
    g->n[at] = status ? 0 : n;
    const uint32_t *test = g->test->col + g->test->start[user];
    uint64_t n_test = g->test->start[user + 1] - g->test->start[user];
    for (uint32_t c = 0; !status && c < n; c++) {
        g->wanted[at * g->room + c] = is_in(test, n_test, candidates[c].item);
        for (size_t p = 0; !g->by_ranks && p < g->n_parts; p++) {
            rk_model_scores(g->models[p], &queries[p], candidates[c].item, 1, &feature[c * g->n_parts + p]);
        }
    }
    return status;
}

static void gather_chunk(void *context, rk_span span)
{
    const gather *g = context;
    rk_arena arena = {0};
    for (size_t at = span.begin; at < span.end; at++) {
        g->status[at] = gather_user(g, at, &arena, &g->err[span.worker]);
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
}

/* Features of a user follow one another at `room` distance; here the gaps go. */
static rk_status close_gaps(const gather *g, size_t n_users, rk_blend_table *out, rk_error *err)
{
    out->n_parts = g->n_parts;
    out->n_users = n_users;
    out->start = calloc(n_users + 1, sizeof *out->start);
    out->n_wanted = calloc(n_users + 1, sizeof *out->n_wanted);
    for (size_t u = 0; out->start && out->n_wanted && u < n_users; u++) {
        uint32_t user = g->users[u];
        out->start[u + 1] = out->start[u] + g->n[u];
        out->n_wanted[u] = (uint32_t)(g->test->start[user + 1] - g->test->start[user]);
        memmove(g->feature + out->start[u] * g->n_parts, g->feature + u * g->room * g->n_parts,
                g->n[u] * g->n_parts * sizeof *g->feature);
        memmove(g->wanted + out->start[u], g->wanted + u * g->room, g->n[u]);
    }
    out->feature = g->feature;
    out->is_wanted = g->wanted;
    return out->start && out->n_wanted ? RK_OK : rk_fail_memory(err, "candidates");
}

static rk_status gather_all(gather *g, size_t n_users, const rk_run *run, rk_blend_table *out, rk_error *err)
{
    size_t cells = n_users * g->room;
    g->n = calloc(n_users + 1, sizeof *g->n);
    g->feature = malloc((cells * g->n_parts + 1) * sizeof *g->feature);
    g->wanted = malloc(cells + 1);
    g->status = calloc(n_users + 1, sizeof *g->status);
    g->err = calloc(rk_pool_threads(run->pool), sizeof *g->err);
    rk_status status = RK_OK;
    if (!g->n || !g->feature || !g->wanted || !g->status || !g->err) {
        status = rk_fail_memory(err, "candidates");
    } else {
        rk_parallel_for(run->pool, n_users, CHUNK_USERS, gather_chunk, g);
    }
    for (size_t u = 0; !status && u < n_users; u++) {
        status = g->status[u] ? rk_fail(err, g->status[u], "hybrid: the parts could not answer") : RK_OK;
    }
    status = status ? status : close_gaps(g, n_users, out, err);
    if (status) {
        free(g->feature);
        free(g->wanted);
        out->feature = NULL;
        out->is_wanted = NULL;
    }
    free(g->n);
    free(g->status);
    free(g->err);
    return status;
}

/* Up to n_max users with something held out, drawn; ascending. *users: owned. */
static rk_status draw_users(const rk_csr *test, uint64_t n_max, uint64_t seed, uint32_t **users, size_t *n,
                            rk_error *err)
{
    uint32_t *all = malloc(((size_t)test->n_rows + 1) * sizeof *all), n_all = 0;
    if (!all) {
        return rk_fail_memory(err, "users");
    }
    for (uint32_t u = 0; u < test->n_rows; u++) {
        if (test->start[u + 1] > test->start[u]) {
            all[n_all++] = u;
        }
    }
    if (n_all > n_max) {
        rk_random random = rk_random_of(seed, 71);
        rk_random_shuffle(&random, all, n_all);
        n_all = (uint32_t)n_max;
        qsort(all, n_all, sizeof *all, by_item);
    }
    *users = all;
    *n = n_all;
    return n_all > 0 ? RK_OK : rk_fail(err, RK_BAD_INPUT, "hybrid: too few events to hold a part out: weights=equal?");
}

/* ---- training ---- */

static rk_status train_part(const rk_part_wish *wish, const rk_dataset *dataset, const rk_run *run, rk_model_draft *out,
                            rk_error *err)
{
    rk_error why = {0};
    rk_status status = wish->kind->train(dataset, wish->table.settings, run, out, &why);
    if (!status && out->is_rating) {
        return rk_fail(err, RK_BAD_USAGE, "hybrid: '%s' foretells ratings, which do not blend with scores",
                       wish->kind->name);
    }
    return status ? rk_fail(err, status, "hybrid: %.400s", why.message) : RK_OK;
}

typedef struct {
    rk_model_draft drafts[RK_MODEL_PARTS_MAX];
    rk_model *models[RK_MODEL_PARTS_MAX];
    size_t n;
} rehearsal;

static void release_rehearsal(rehearsal *r)
{
    for (size_t p = 0; p < r->n; p++) {
        rk_model_of_draft_free(r->models[p]);
        rk_model_draft_release(&r->drafts[p]);
    }
}

/* The parts trained on what was not held out. */
static rk_status rehearse(const rk_part_wish *wishes, size_t n, const rk_dataset *train, const rk_run *run,
                          rehearsal *out, rk_error *err)
{
    rk_status status = RK_OK;
    out->n = n;
    for (size_t p = 0; !status && p < n; p++) {
        status = train_part(&wishes[p], train, run, &out->drafts[p], err);
        status = status ? status : rk_model_of_draft(wishes[p].kind, &out->drafts[p], train, &out->models[p], err);
    }
    return status;
}

/* {"holdout_ndcg@20":{"blend":0.15,"als":0.14,"als 2":0.13,...}} */
static json_t *figures_of(const rk_blend_table *table, const rk_part_wish *wishes, double quality, rk_pool *pool)
{
    json_t *each = json_object(), *figures = json_object();
    json_object_set_new(each, "blend", json_real(quality));
    for (size_t p = 0; p < table->n_parts; p++) {
        double alone[RK_MODEL_PARTS_MAX] = {0};
        char name[64];
        snprintf(name, sizeof name, "%.40s", wishes[p].kind->name);
        for (size_t again = 2; json_object_get(each, name); again++) {
            snprintf(name, sizeof name, "%.40s %zu", wishes[p].kind->name, again);
        }
        alone[p] = 1;
        json_object_set_new(each, name, json_real(rk_blend_quality(table, alone, pool)));
    }
    json_object_set_new(figures, "holdout_ndcg@20", each);
    return figures;
}

/* Equal weights: of scores, one by their spread among the candidates, so that none drowns the others. */
static void equalise(const rk_blend_table *table, bool by_ranks, double *weight)
{
    for (size_t p = 0; p < table->n_parts; p++) {
        double sum = 0, square = 0, n = (double)table->start[table->n_users];
        for (uint64_t c = 0; c < table->start[table->n_users]; c++) {
            double x = (double)table->feature[c * table->n_parts + p];
            sum += x;
            square += x * x;
        }
        double spread = n > 0 ? sqrt(fmax(square / n - sum / n * (sum / n), 0)) : 0;
        weight[p] = by_ranks || !(spread > 0) ? 1 : 1 / spread;
    }
}

static rk_status find_weights(const settings *s, const rk_part_wish *wishes, size_t n, const rk_dataset *dataset,
                              const rk_run *run, double *weight, json_t **figures, rk_error *err)
{
    rk_holdout holdout = {0};
    rehearsal r = {0};
    rk_blend_table table = {0};
    uint32_t *users = NULL;
    size_t n_users = 0;
    rk_status status = rk_holdout_make(dataset, s->holdout, run->seed, &holdout, err);
    status = status ? status : draw_users(&holdout.test, s->users, run->seed, &users, &n_users, err);
    status = status ? status : rehearse(wishes, n, &holdout.train, run, &r, err);
    gather g = {.models = r.models,
                .n_parts = n,
                .test = &holdout.test,
                .users = users,
                .by_ranks = s->by == BY_RANKS,
                .room = (uint32_t)(BEST * n)};
    status = status ? status : gather_all(&g, n_users, run, &table, err);
    if (!status) {
        double unit[RK_MODEL_PARTS_MAX], sum = 0;
        equalise(&table, g.by_ranks, weight);
        memcpy(unit, weight, n * sizeof *unit);
        double quality = s->weights == WEIGHTS_LEARNED ? rk_blend_learn(&table, run->pool, weight)
                                                       : rk_blend_quality(&table, weight, run->pool);
        for (size_t p = 0; p < n; p++) {
            sum += weight[p] / unit[p];
        }
        for (size_t p = 0; p < n; p++) {
            weight[p] /= sum; /* scores of a blend spread about as far as one */
        }
        *figures = figures_of(&table, wishes, quality, run->pool);
        rk_log(run, RK_LOG_INFO, "hybrid: ndcg@20 %.4f on the %zu users held out", quality, n_users);
    }
    rk_blend_table_release(&table);
    release_rehearsal(&r);
    free(users);
    rk_holdout_release(&holdout);
    return status;
}

static rk_status copy_seen(const rk_csr *seen, rk_csr *out, rk_error *err)
{
    size_t n = (size_t)seen->start[seen->n_rows];
    *out = (rk_csr){.n_rows = seen->n_rows, .n_cols = seen->n_cols};
    out->start = malloc(((size_t)seen->n_rows + 1) * sizeof *out->start);
    out->col = malloc((n + 1) * sizeof *out->col);
    if (!out->start || !out->col) {
        return rk_fail_memory(err, "what was taken");
    }
    memcpy(out->start, seen->start, ((size_t)seen->n_rows + 1) * sizeof *out->start);
    memcpy(out->col, seen->col, n * sizeof *out->col);
    return RK_OK;
}

static rk_status train_all(const settings *s, const rk_part_wish *wishes, size_t n, const double *weight,
                           const rk_dataset *dataset, const rk_run *run, rk_model_draft *out, rk_error *err)
{
    rk_status status = RK_OK;
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    out->fuse_depth = s->by == BY_RANKS ? (uint32_t)s->depth : 0;
    out->parts = calloc(n, sizeof *out->parts);
    out->n_parts = out->parts ? n : 0;
    status = out->parts ? RK_OK : rk_fail_memory(err, "parts");
    for (size_t p = 0; !status && p < n; p++) {
        rk_text words = {0};
        rk_json json = {.text = &words};
        out->parts[p] = (rk_model_part){.kind = wishes[p].kind, .weight = weight[p]};
        rk_options_json(wishes[p].table, &json, NULL);
        out->parts[p].options = words.failed ? NULL : json_loads(words.at, 0, NULL);
        rk_text_release(&words);
        status = out->parts[p].options ? train_part(&wishes[p], dataset, run, &out->parts[p].draft, err)
                                       : rk_fail_memory(err, "parts");
    }
    return status ? status : copy_seen(&out->parts[0].draft.seen, &out->seen, err);
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    rk_part_wish wishes[RK_MODEL_PARTS_MAX];
    double weight[RK_MODEL_PARTS_MAX];
    size_t n = 0;
    rk_status status = rk_parts_parse(s->parts, wishes, &n, err);
    status = status ? status : find_weights(s, wishes, n, dataset, run, weight, &out->figures, err);
    status = status ? status : train_all(s, wishes, n, weight, dataset, run, out, err);
    rk_parts_release(wishes, n);
    return status;
}

/* Twice the parts: once without what is held out, which stays while the weights are learned; and the candidates. */
static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    rk_part_wish wishes[RK_MODEL_PARTS_MAX];
    size_t n = 0;
    rk_error ignored;
    uint64_t bytes = 0;
    if (rk_parts_parse(s->parts, wishes, &n, &ignored) == RK_OK) {
        for (size_t p = 0; p < n; p++) {
            bytes += wishes[p].kind->predict_bytes(dataset, wishes[p].table.settings, n_threads);
        }
        bytes += s->users * BEST * n * (n + 1) * sizeof(float) + dataset->n_events * 40;
    }
    rk_parts_release(wishes, n);
    return bytes;
}

const rk_model_kind rk_model_kind_hybrid = {
    .name = "hybrid",
    .summary = "a blend of models, by weights learned on a part held out",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
};

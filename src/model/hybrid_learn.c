/* hybrid_learn.c - the parts of a blend as they are asked for, and the weights that rank best. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/simplex.h"
#include "model/hybrid.h"

enum { QUALITY_K = 20, CHUNK_USERS = 64, ROUNDS = 150 };

/* ---- "als:factors=32,iterations=5;popular" ---- */

void rk_parts_release(rk_part_wish *parts, size_t n)
{
    for (size_t p = 0; p < n; p++) {
        if (parts[p].table.settings) {
            rk_options_release(parts[p].table);
            free(parts[p].table.settings);
        }
        free(parts[p].words);
    }
}

static rk_status parse_part(const char *text, size_t n, rk_part_wish *out, rk_error *err)
{
    char *save = NULL;
    *out = (rk_part_wish){.words = strndup(text, n)};
    if (!out->words) {
        return rk_fail_memory(err, "parts");
    }
    char *colon = strchr(out->words, ':');
    char *settings = colon ? colon + 1 : NULL;
    if (colon) {
        *colon = '\0';
    }
    rk_status status = rk_model_kind_need(out->words, &out->kind, err);
    if (!status && strcmp(out->kind->name, "hybrid") == 0) {
        return rk_fail(err, RK_BAD_USAGE, "parts: a blend is no part of a blend");
    }
    void *room = status ? NULL : calloc(1, out->kind->settings_bytes + 1);
    if (!status && !room) {
        return rk_fail_memory(err, "parts");
    }
    if (status) {
        return status;
    }
    out->table = (rk_option_table){out->kind->options, out->kind->n_options, room};
    rk_options_defaults(out->table);
    for (char *set = settings ? strtok_r(settings, ",", &save) : NULL; !status && set;
         set = strtok_r(NULL, ",", &save)) {
        status = rk_options_set(out->table, set, err);
    }
    return status;
}

rk_status rk_parts_parse(const char *text, rk_part_wish *out, size_t *n, rk_error *err)
{
    rk_status status = RK_OK;
    *n = 0;
    for (const char *at = text; !status && at;) {
        const char *end = strchr(at, ';');
        size_t bytes = end ? (size_t)(end - at) : strlen(at);
        if (*n == RK_MODEL_PARTS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "parts: at most %d models are blended", (int)RK_MODEL_PARTS_MAX);
        }
        status = parse_part(at, bytes, &out[(*n)++], err);
        at = end ? end + 1 : NULL;
    }
    return !status && *n < 2 ? rk_fail(err, RK_BAD_USAGE, "parts: '%.80s' is one model, a blend has two or more", text)
                             : status;
}

/* ---- the weights ---- */

typedef struct {
    const rk_blend_table *table;
    const double *weight;
    double *sum; /* [chunks] */
} judging;

/* NDCG@20 of one user: where the wanted stand among the candidates. Ties go against them, so that a weight of nothing
 * earns nothing. */
static double judge_user(const rk_blend_table *t, const double *weight, size_t u)
{
    double gain = 0, ideal = 0;
    uint64_t begin = t->start[u], end = t->start[u + 1];
    double score[RK_BLEND_CANDIDATES_MAX];
    for (uint64_t c = begin; c < end; c++) {
        double sum = 0;
        for (size_t p = 0; p < t->n_parts; p++) {
            sum += weight[p] * (double)t->feature[c * t->n_parts + p];
        }
        score[c - begin] = sum;
    }
    for (uint64_t c = begin; c < end; c++) {
        if (!t->is_wanted[c]) {
            continue;
        }
        unsigned rank = 1;
        for (uint64_t o = begin; o < end && rank <= QUALITY_K; o++) {
            bool is_before = score[o - begin] > score[c - begin] ||
                             (o != c && score[o - begin] == score[c - begin] && (!t->is_wanted[o] || o < c));
            rank += is_before;
        }
        gain += rank <= QUALITY_K ? 1 / log2(rank + 1.0) : 0;
    }
    for (uint32_t i = 1; i <= t->n_wanted[u] && i <= QUALITY_K; i++) {
        ideal += 1 / log2(i + 1.0);
    }
    return ideal > 0 ? gain / ideal : 0;
}

static void judge_chunk(void *context, rk_span span)
{
    const judging *j = context;
    double sum = 0;
    for (size_t u = span.begin; u < span.end; u++) {
        sum += judge_user(j->table, j->weight, u);
    }
    j->sum[span.chunk] = sum;
}

double rk_blend_quality(const rk_blend_table *table, const double *weight, rk_pool *pool)
{
    size_t n_chunks = rk_chunk_count(table->n_users, CHUNK_USERS);
    double total = 0, *sum = calloc(n_chunks + 1, sizeof *sum);
    if (sum) {
        judging j = {table, weight, sum};
        rk_parallel_for(pool, table->n_users, CHUNK_USERS, judge_chunk, &j);
    }
    for (size_t c = 0; sum && c < n_chunks; c++) {
        total += sum[c];
    }
    free(sum);
    return table->n_users > 0 ? total / (double)table->n_users : 0;
}

typedef struct {
    const rk_blend_table *table;
    const double *unit; /* weights at the origin */
    rk_pool *pool;
} learning;

/* at: the logarithms of the weights in units, all but that of the first part, which stays 1. */
static double loss_at(void *context, const double *at)
{
    const learning *l = context;
    double weight[RK_MODEL_PARTS_MAX];
    weight[0] = l->unit[0];
    for (size_t p = 1; p < l->table->n_parts; p++) {
        weight[p] = l->unit[p] * exp(at[p - 1]);
    }
    return -rk_blend_quality(l->table, weight, l->pool);
}

/* From equal weights, and from each part nearly alone. */
static void start_at(size_t n_parts, size_t start, double *at)
{
    for (size_t p = 1; p < n_parts; p++) {
        at[p - 1] = start == 0 ? 0 : start == 1 ? -2 : p == start - 1 ? 2 : 0;
    }
}

double rk_blend_learn(const rk_blend_table *table, rk_pool *pool, double *weight)
{
    size_t n = table->n_parts;
    double unit[RK_MODEL_PARTS_MAX], step[RK_MODEL_PARTS_MAX], low[RK_MODEL_PARTS_MAX], high[RK_MODEL_PARTS_MAX];
    double best[RK_MODEL_PARTS_MAX] = {0}, least = INFINITY;
    memcpy(unit, weight, n * sizeof *unit);
    for (size_t p = 0; p < n; p++) {
        step[p] = 0.7;
        low[p] = -7;
        high[p] = 7;
    }
    learning l = {table, unit, pool};
    rk_simplex simplex = {n - 1, step, low, high, 1e-6, ROUNDS};
    for (size_t start = 0; start <= n; start++) {
        double at[RK_MODEL_PARTS_MAX];
        start_at(n, start, at);
        double loss = rk_simplex_descend(&simplex, loss_at, &l, at);
        if (loss < least) {
            least = loss;
            memcpy(best, at, (n - 1) * sizeof *best);
        }
    }
    weight[0] = unit[0];
    for (size_t p = 1; p < n; p++) {
        weight[p] = unit[p] * exp(best[p - 1]);
    }
    return -least;
}

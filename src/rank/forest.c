/* forest.c - see forest.h. Features are cut into bins once; a level of a tree is one pass over the candidates, which
 * adds their pulls to a histogram of (node, feature, bin), and one over the histogram for the best cuts.
 */
#include "rank/forest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"

enum { BINS = 32, DEPTH = 3, INNER_FOLDS = 5, CUT_AT = 20, LEAST = 20, QUARTERS = 4, STREAM = 301 };

static const double RATE = 0.1, LAMBDA = 1, SHARE_OF_QUERIES = 0.5, SHARE_OF_FEATURES = 0.5;

/* ---- scoring ---- */

static size_t leaf_of(const rk_tree *tree, const float *feature)
{
    size_t node = 0;
    while (node < RK_TREE_NODES) {
        node = 2 * node + (feature[tree->feature[node]] > tree->cut[node] ? 2 : 1);
    }
    return node - RK_TREE_NODES;
}

double rk_forest_score(const rk_forest *forest, const float *feature)
{
    double sum = 0;
    for (size_t t = 0; t < forest->n; t++) {
        sum += (double)forest->tree[t].leaf[leaf_of(&forest->tree[t], feature)];
    }
    return sum;
}

void rk_forest_release(rk_forest *forest)
{
    free(forest->tree);
    *forest = (rk_forest){0};
}

/* ---- what growing shares ---- */

typedef struct {
    const rk_lesson *lesson;
    const uint32_t *query; /* [n] */
    size_t n, n_candidates, most;
    const rk_blend *blend;
    uint8_t *bin;                     /* [n_candidates x rk_n_features] */
    float cut[RK_FEATURES_MAX][BINS]; /* of each feature, ascending; bin b holds values up to cut[b] */
    size_t n_cuts[RK_FEATURES_MAX];
    uint64_t seed;
} ground;

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Cuts at equal shares of the values, each once; none above the largest value but one. */
static void find_cuts(ground *g, size_t feature, float *room)
{
    size_t n = g->n_candidates, n_cuts = 0;
    for (size_t c = 0; c < n; c++) {
        room[c] = rk_lesson_feature(g->lesson, c)[feature];
    }
    qsort(room, n, sizeof *room, ascending);
    for (size_t b = 1; b < BINS; b++) {
        float cut = room[b * (n - 1) / BINS];
        if (cut < room[n - 1] && (n_cuts == 0 || cut > g->cut[feature][n_cuts - 1])) {
            g->cut[feature][n_cuts++] = cut;
        }
    }
    g->n_cuts[feature] = n_cuts;
}

static uint8_t bin_of(const ground *g, size_t feature, float value)
{
    size_t b = 0;
    while (b < g->n_cuts[feature] && value > g->cut[feature][b]) {
        b++;
    }
    return (uint8_t)b;
}

static bool prepare(ground *g)
{
    float *room = malloc((g->n_candidates + 1) * sizeof *room);
    g->bin = malloc((g->n_candidates + 1) * rk_n_features);
    if (room && g->bin && g->n_candidates > 0) {
        for (size_t f = 0; f < rk_n_features; f++) {
            find_cuts(g, f, room);
        }
        for (size_t c = 0; c < g->n_candidates; c++) {
            for (size_t f = 0; f < rk_n_features; f++) {
                g->bin[c * rk_n_features + f] = bin_of(g, f, rk_lesson_feature(g->lesson, c)[f]);
            }
        }
    }
    free(room);
    return room && g->bin;
}

/* ---- pulls ---- */

typedef struct {
    double pull, weight; /* first and second derivative */
    uint32_t n;
} sums;

typedef struct {
    const ground *ground;
    size_t left_out;                          /* fold that is not learned from */
    double *score;                            /* [n_candidates] */
    sums *pull;                               /* [n_candidates] */
    uint8_t *node;                            /* [n_candidates] */
    uint32_t *order;                          /* [n_candidates] of one query */
    double *discount;                         /* [n_candidates] of one query, by candidate */
    sums (*histogram)[RK_FEATURES_MAX][BINS]; /* [RK_TREE_LEAVES] */
    rk_tree *tree;                            /* [most] */
    double *quality; /* [most + 1] of the queries left out, after so many trees, added up by weigh_up */
    bool is_short;
} grower;

/* Places of a query's candidates: those up to CUT_AT get a discount. */
static void place(grower *w, size_t begin, size_t n)
{
    size_t n_top = 0;
    memset(w->discount, 0, n * sizeof *w->discount);
    for (size_t c = 0; c < n; c++) {
        size_t at = n_top;
        while (at > 0 && w->score[begin + w->order[at - 1]] < w->score[begin + c]) {
            at--;
        }
        if (at < CUT_AT) {
            n_top += n_top < CUT_AT;
            memmove(w->order + at + 1, w->order + at, (n_top - 1 - at) * sizeof *w->order);
            w->order[at] = (uint32_t)c;
        }
    }
    for (size_t k = 0; k < n_top; k++) {
        w->discount[w->order[k]] = 1 / log2((double)k + 2);
    }
}

/* A better candidate is pulled up, and a worse one down, by what their change of places is worth. */
static void pull_pair(grower *w, size_t a, size_t b, double worth)
{
    double rho = 1 / (1 + exp(w->score[a] - w->score[b]));
    double weight = worth * rho * (1 - rho);
    w->pull[a].pull += worth * rho;
    w->pull[b].pull -= worth * rho;
    w->pull[a].weight += weight;
    w->pull[b].weight += weight;
}

static void pull_query(grower *w, size_t query)
{
    const rk_lesson *l = w->ground->lesson;
    size_t begin = rk_lesson_begin(l, query), n = rk_lesson_end(l, query) - begin;
    const double *rating = (const double *)l->rating.data + begin;
    double ideal = ((const double *)l->ideal.data)[query];
    place(w, begin, n);
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b < n && rating[a] > 0; b++) {
            double worth = fabs(w->discount[a] - w->discount[b]) * (rating[a] - fmax(rating[b], 0)) / ideal;
            if (worth > 0) {
                pull_pair(w, begin + a, begin + b, worth);
            }
        }
    }
}

/* ---- a tree ---- */

enum { NOWHERE = 255 };

/* Pulls of the queries drawn for this tree; the candidates of the others are in no node. */
static void pull_all(grower *w, size_t tree)
{
    const ground *g = w->ground;
    memset(w->pull, 0, g->n_candidates * sizeof *w->pull);
    memset(w->node, NOWHERE, g->n_candidates);
    rk_random random = rk_random_of(g->seed, STREAM + tree);
    for (size_t i = 0; i < g->n; i++) {
        bool is_drawn = rk_random_uniform(&random) < SHARE_OF_QUERIES;
        if (is_drawn && rk_learn_fold(i, INNER_FOLDS) != w->left_out) {
            size_t begin = rk_lesson_begin(g->lesson, g->query[i]), end = rk_lesson_end(g->lesson, g->query[i]);
            memset(w->node + begin, 0, end - begin);
            pull_query(w, g->query[i]);
        }
    }
}

static void fill_histogram(grower *w, size_t first, size_t n_nodes, const bool *is_asked)
{
    const ground *g = w->ground;
    memset(w->histogram, 0, n_nodes * sizeof *w->histogram);
    for (size_t c = 0; c < g->n_candidates; c++) {
        if (w->node[c] == NOWHERE) {
            continue;
        }
        const uint8_t *bin = g->bin + c * rk_n_features;
        for (size_t f = 0; f < rk_n_features; f++) {
            if (is_asked[f]) {
                sums *s = &w->histogram[w->node[c] - first][f][bin[f]];
                s->pull += w->pull[c].pull;
                s->weight += w->pull[c].weight;
                s->n++;
            }
        }
    }
}

static double worth_of(sums s) { return s.pull * s.pull / (s.weight + LAMBDA); }

/* The best cut of a node, if any is worth more than none. */
static void cut_node(const grower *w, sums (*histogram)[BINS], const bool *is_asked, uint8_t *feature, float *cut)
{
    double best = 1e-9;
    *feature = 0;
    *cut = INFINITY;
    for (size_t f = 0; f < rk_n_features; f++) {
        sums all = {0}, low = {0};
        for (size_t b = 0; b < BINS && is_asked[f]; b++) {
            all.pull += histogram[f][b].pull;
            all.weight += histogram[f][b].weight;
            all.n += histogram[f][b].n;
        }
        for (size_t b = 0; b < w->ground->n_cuts[f] && is_asked[f]; b++) {
            low.pull += histogram[f][b].pull;
            low.weight += histogram[f][b].weight;
            low.n += histogram[f][b].n;
            sums high = {all.pull - low.pull, all.weight - low.weight, all.n - low.n};
            double gain = worth_of(low) + worth_of(high) - worth_of(all);
            if (low.n >= LEAST && high.n >= LEAST && gain > best) {
                best = gain;
                *feature = (uint8_t)f;
                *cut = w->ground->cut[f][b];
            }
        }
    }
}

static void descend(grower *w, const rk_tree *tree)
{
    const ground *g = w->ground;
    for (size_t c = 0; c < g->n_candidates; c++) {
        if (w->node[c] != NOWHERE) {
            size_t at = w->node[c];
            bool is_above = rk_lesson_feature(g->lesson, c)[tree->feature[at]] > tree->cut[at];
            w->node[c] = (uint8_t)(2 * at + (is_above ? 2 : 1));
        }
    }
}

static void grow_leaves(grower *w, rk_tree *tree)
{
    sums leaf[RK_TREE_LEAVES] = {{0}};
    for (size_t c = 0; c < w->ground->n_candidates; c++) {
        if (w->node[c] != NOWHERE) {
            leaf[w->node[c] - RK_TREE_NODES].pull += w->pull[c].pull;
            leaf[w->node[c] - RK_TREE_NODES].weight += w->pull[c].weight;
        }
    }
    for (size_t l = 0; l < RK_TREE_LEAVES; l++) {
        tree->leaf[l] = (float)(RATE * leaf[l].pull / (leaf[l].weight + LAMBDA));
    }
}

static void grow_tree(grower *w, size_t number)
{
    rk_tree *tree = &w->tree[number];
    bool is_asked[RK_FEATURES_MAX];
    rk_random random = rk_random_of(w->ground->seed, STREAM + RK_FOREST_TREES_MAX + number);
    for (size_t f = 0; f < rk_n_features; f++) {
        is_asked[f] = rk_random_uniform(&random) < SHARE_OF_FEATURES;
    }
    pull_all(w, number);
    for (size_t level = 0; level < DEPTH; level++) {
        size_t first = ((size_t)1 << level) - 1, n_nodes = (size_t)1 << level;
        fill_histogram(w, first, n_nodes, is_asked);
        for (size_t i = 0; i < n_nodes; i++) {
            cut_node(w, w->histogram[i], is_asked, &tree->feature[first + i], &tree->cut[first + i]);
        }
        descend(w, tree);
    }
    grow_leaves(w, tree);
    for (size_t c = 0; c < w->ground->n_candidates; c++) {
        const float *feature = rk_lesson_feature(w->ground->lesson, c);
        w->score[c] += (double)tree->leaf[leaf_of(tree, feature)];
    }
}

/* ---- a forest, and how large ---- */

static bool grower_init(grower *w, const ground *g, size_t left_out)
{
    size_t n = g->n_candidates + 1;
    *w = (grower){.ground = g,
                  .left_out = left_out,
                  .score = malloc(n * sizeof *w->score),
                  .pull = malloc(n * sizeof *w->pull),
                  .node = malloc(n),
                  .order = malloc((n + CUT_AT) * sizeof *w->order),
                  .discount = malloc(n * sizeof *w->discount),
                  .histogram = malloc(RK_TREE_LEAVES * sizeof *w->histogram),
                  .tree = calloc(g->most + 1, sizeof *w->tree),
                  .quality = calloc((g->most + 1) * (g->n + 1), sizeof *w->quality)};
    return w->score && w->pull && w->node && w->order && w->discount && w->histogram && w->tree && w->quality;
}

/* Keeps the trees. */
static void grower_release(grower *w)
{
    free(w->score);
    free(w->pull);
    free(w->node);
    free(w->order);
    free(w->discount);
    free(w->histogram);
    free(w->quality);
}

/* nDCG of the queries left out, after so many trees, into its row. */
static void examine(grower *w, size_t n_trees)
{
    const ground *g = w->ground;
    for (size_t i = 0; i < g->n; i++) {
        if (rk_learn_fold(i, INNER_FOLDS) == w->left_out) {
            w->quality[n_trees * g->n + i] =
                rk_lesson_quality(g->lesson, g->query[i], w->score + rk_lesson_begin(g->lesson, g->query[i]));
        }
    }
}

static void grow(grower *w, size_t n_trees)
{
    const ground *g = w->ground;
    for (size_t c = 0; c < g->n_candidates; c++) {
        w->score[c] = rk_blend_score(g->blend, rk_lesson_feature(g->lesson, c));
    }
    examine(w, 0);
    for (size_t t = 0; t < n_trees; t++) {
        grow_tree(w, t);
        examine(w, t + 1);
    }
}

typedef struct {
    const ground *ground;
    grower grower[INNER_FOLDS];
} folds;

static void grow_folds(void *context, rk_span span)
{
    folds *all = context;
    for (size_t i = span.begin; i < span.end; i++) {
        grower *w = &all->grower[i];
        w->is_short = !grower_init(w, all->ground, i);
        if (!w->is_short) {
            grow(w, all->ground->most);
        }
    }
}

/* The number of trees that gains most on the queries left out, less what may be chance: one of few, since the best of
 * many is chance again. */
static size_t choose_size(const folds *all, rk_learned *how)
{
    const ground *g = all->ground;
    size_t best = 0;
    for (size_t quarter = 1; quarter <= QUARTERS; quarter++) {
        size_t t = (g->most * quarter + QUARTERS - 1) / QUARTERS;
        double sum = 0, squares = 0, n = (double)g->n;
        for (size_t i = 0; i < g->n; i++) {
            const double *quality = all->grower[rk_learn_fold(i, INNER_FOLDS)].quality;
            double d = quality[t * g->n + i] - quality[i];
            sum += d;
            squares += d * d;
        }
        double gain = sum / n, error = sqrt(fmax(squares - sum * sum / n, 0) / (n - 1) / n);
        if (gain - RK_LEARN_SURE * error > fmax(how->gain - RK_LEARN_SURE * how->error, 0)) {
            how->gain = gain;
            how->error = error;
            best = t;
        }
    }
    return best;
}

static double mean_quality(const grower *w)
{
    const ground *g = w->ground;
    double sum = 0;
    for (size_t i = 0; i < g->n; i++) {
        sum += rk_lesson_quality(g->lesson, g->query[i], w->score + rk_lesson_begin(g->lesson, g->query[i]));
    }
    return sum / (double)g->n;
}

/* The forest of all queries. */
static rk_status grow_whole(const ground *g, size_t n_trees, rk_forest *out, rk_learned *how, rk_error *err)
{
    grower w;
    bool is_ready = grower_init(&w, g, INNER_FOLDS);
    if (is_ready) {
        grow(&w, 0);
        how->before = mean_quality(&w);
        grow(&w, n_trees);
        how->after = mean_quality(&w);
        *out = (rk_forest){w.tree, n_trees};
    } else {
        free(w.tree);
    }
    grower_release(&w);
    return is_ready ? RK_OK : rk_fail_memory(err, "trees to be grown");
}

rk_status rk_learn_forest(const rk_lesson *lesson, const uint32_t *query, size_t n, const rk_blend *blend, size_t most,
                          const rk_run *run, rk_forest *out, rk_learned *how, rk_error *err)
{
    ground g = {.lesson = lesson,
                .query = query,
                .n = n,
                .n_candidates = lesson->rating.n,
                .most = most,
                .blend = blend,
                .seed = run->seed};
    folds *all = calloc(1, sizeof *all);
    rk_status status = RK_OK;
    *how = (rk_learned){.n_queries = n};
    *out = (rk_forest){0};
    if (n < INNER_FOLDS) {
        status = rk_fail(err, RK_BAD_INPUT, "%zu questions with a good item are too few to learn from; %d is the least",
                         n, (int)INNER_FOLDS);
    } else if (!all || !prepare(&g)) {
        status = rk_fail_memory(err, "trees to be grown");
    } else {
        all->ground = &g;
        rk_parallel_for(run->pool, INNER_FOLDS, 1, grow_folds, all);
        for (size_t i = 0; !status && i < INNER_FOLDS; i++) {
            status = all->grower[i].is_short ? rk_fail_memory(err, "trees to be grown") : RK_OK;
        }
        status = status ? status : grow_whole(&g, choose_size(all, how), out, how, err);
    }
    for (size_t i = 0; all && i < INNER_FOLDS; i++) {
        free(all->grower[i].tree);
        grower_release(&all->grower[i]);
    }
    free(all);
    free(g.bin);
    return status;
}

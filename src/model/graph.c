/* graph.c - linear filters of the graph of users and items, in closed form.
 *
 * Shen et al., "How powerful is graph convolution for recommendation?" (GF-CF, CIKM 2021); Choi et al.,
 * "Blurring-sharpening process models for collaborative filtering" (BSPM, SIGIR 2023). With A = D_u^(-activity/2) R
 * D_i^(-1/2) and P = A'A, scaled so that its largest eigenvalue is 1, a history r is blurred: P r, and `low_pass` times
 * its projection on the largest eigenvectors of P on top; then sharpened by running the heat equation dr/dt = -P r for
 * a time `sharpen`. Both are functions of P: an eigenvector of eigenvalue e comes out times
 *     f(e) = (e + low_pass) exp(-sharpen (e - e_k))
 * and beyond the k-th, where there is no low pass and the sharpening would be next to 1, times e.
 *
 * What we do differently
 *   - No step is taken, neither Euler's nor Runge and Kutta's: the k largest eigenvectors are at hand, so f is taken of
 *     their eigenvalues, exactly, and f(P) = P + V (f(E) - E) V'. P itself goes to a model's neighbours, the rest to
 * its vectors.
 *   - Users count by a power of their activity, and items are weighed by D_i^(1/2 - alpha) before and by its inverse
 *     after, for all of f alike. (GF-CF does so, with alpha = 1, for the low pass only, which then no longer is a
 *     function of P.)
 * So a question costs the neighbours of a history and one product of vectors, and a new user is served like an old one.
 */
#include "model/graph.h"

#include <math.h>
#include <stdlib.h>

#include "math/overlap.h"
#include "math/svd.h"
#include "model/knn.h"
#include "model/model_inside.h"

static const double TOLERANCE = 0.02; /* of singular vectors: less does not show in any figure */

typedef struct {
    uint64_t vectors, neighbours;
    double alpha, activity, low_pass, sharpen, half_life_days;
    int weigh;
} settings;

static const rk_option options[] = {
    {.name = "vectors",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, vectors),
     .value = "N",
     .fallback = "256",
     .help = "singular vectors whose weight is changed; 0 = none, plain neighbours",
     .max = RK_MODEL_DIM_MAX,
     .is_log_scale = true,
     .tune = "64..1024"},
    {.name = "neighbours",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, neighbours),
     .value = "N",
     .fallback = "500",
     .help = "how many each item keeps; 0 = none, only the singular vectors speak",
     .max = 1e9,
     .is_log_scale = true},
    {.name = "alpha",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alpha),
     .value = "X",
     .fallback = "0.7",
     .help = "share of the norm that is the history's item's: more favours what is popular",
     .max = 1,
     .tune = "0.5..0.9"},
    {.name = "activity",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, activity),
     .value = "X",
     .fallback = "0.6",
     .help = "a user with n items counts n^-X for each pair of them",
     .max = 2,
     .tune = "0.2..1.2"},
    {.name = "low-pass",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, low_pass),
     .value = "X",
     .fallback = "0.03",
     .help = "added to each of the singular vectors, the first of which has 1",
     .max = 100,
     .tune = "0..0.2"},
    {.name = "sharpen",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, sharpen),
     .value = "TIME",
     .fallback = "1",
     .help = "how long the blur is run backwards: what everybody has in common loses weight",
     .max = 100,
     .tune = "0..3"},
    RK_WEIGH_ROW(settings, "one,log"),
    RK_HALF_LIFE_ROW(settings, "an event"),
};

/* ---- the normalised matrix ---- */

typedef struct {
    rk_csr by_user, by_item; /* A and its transpose */
    double *item_degree;     /* [n_items] */
    float *before, *after;   /* [n_items] of the likeness of two items: what divides it */
    rk_svd svd;
} graph;

static void release(graph *g)
{
    rk_csr_release(&g->by_user);
    rk_csr_release(&g->by_item);
    free(g->item_degree);
    free(g->before);
    free(g->after);
    rk_svd_release(&g->svd);
}

/* 0 for what nobody took. */
static double power(double degree, double exponent) { return degree > 0 ? pow(degree, exponent) : 0; }

/* seen is taken over as A: the values become A's. */
static void normalise(graph *g, double activity)
{
    rk_csr *a = &g->by_user;
    for (uint64_t e = 0; e < a->start[a->n_rows]; e++) {
        g->item_degree[a->col[e]] += (double)a->value[e];
    }
    for (uint32_t u = 0; u < a->n_rows; u++) {
        double degree = 0;
        for (uint64_t e = a->start[u]; e < a->start[u + 1]; e++) {
            degree += (double)a->value[e];
        }
        for (uint64_t e = a->start[u]; e < a->start[u + 1]; e++) {
            double value = (double)a->value[e];
            a->value[e] = (float)(value * power(degree, -activity / 2) * power(g->item_degree[a->col[e]], -0.5));
        }
    }
}

/* Transposed twice: a copy whose order nobody has to vouch for. */
static rk_status copy_with_values(const rk_csr *seen, rk_csr *out, rk_error *err)
{
    rk_csr turned;
    rk_status status = rk_csr_transpose(seen, &turned, err);
    if (status) {
        return status;
    }
    status = rk_csr_transpose(&turned, out, err);
    rk_csr_release(&turned);
    uint64_t n = seen->start[seen->n_rows];
    if (!status && !out->value) {
        out->value = malloc((n + 1) * sizeof *out->value);
        for (uint64_t e = 0; out->value && e < n; e++) {
            out->value[e] = 1;
        }
    }
    return status || out->value ? status : rk_fail_memory(err, "a normalised matrix");
}

static rk_status set_up(const rk_csr *seen, const settings *s, graph *g, rk_error *err)
{
    if (seen->start[seen->n_rows] == 0) {
        return rk_fail(err, RK_BAD_INPUT, "graph: there are no events to learn from");
    }
    if (s->vectors == 0 && s->neighbours == 0) {
        return rk_fail(err, RK_BAD_USAGE,
                       "graph: vectors and neighbours are both 0, which leaves nothing to score with");
    }
    g->item_degree = calloc((size_t)seen->n_cols + 1, sizeof *g->item_degree);
    rk_status status = g->item_degree ? RK_OK : rk_fail_memory(err, "counts");
    status = status ? status : copy_with_values(seen, &g->by_user, err);
    if (!status) {
        normalise(g, s->activity);
        status = rk_csr_transpose(&g->by_user, &g->by_item, err);
    }
    return status;
}

/* ---- its parts ---- */

static rk_status find_vectors(graph *g, const settings *s, const rk_run *run, rk_error *err)
{
    rk_svd_wish wish = {.n_vectors = s->vectors, .tolerance = TOLERANCE, .seed = run->seed};
    if (s->vectors == 0) {
        return RK_OK;
    }
    rk_status status = rk_svd_largest(&g->by_user, &g->by_item, wish, run->pool, &g->svd, err);
    if (!status && g->svd.n < s->vectors) {
        return rk_fail(err, RK_BAD_INPUT, "graph: vectors=%llu, but these events have only %zu singular vectors",
                       (unsigned long long)s->vectors, g->svd.n);
    }
    if (!status) {
        rk_log(run, RK_LOG_DETAIL, "graph: %zu singular vectors from %zu, residual %.2g", g->svd.n, g->svd.n_basis,
               g->svd.residual);
    }
    return status;
}

/* Of the largest singular value; 1 when none was looked for, which changes no order. */
static double largest_square(const graph *g)
{
    return g->svd.n > 0 ? (double)g->svd.value[0] * (double)g->svd.value[0] : 1;
}

/* P(i, j) = overlap / (scale d_i^(alpha - 1/2) d_j^(1/2 - alpha)), both sides' roots being in the overlap already. */
static rk_status find_neighbours(graph *g, const settings *s, const rk_run *run, rk_csr *near, rk_error *err)
{
    size_t n = g->by_item.n_rows;
    double shift = s->alpha - 0.5, scale = largest_square(g);
    if (s->neighbours == 0) {
        return RK_OK;
    }
    g->before = malloc((n + 1) * sizeof *g->before);
    g->after = malloc((n + 1) * sizeof *g->after);
    if (!g->before || !g->after) {
        return rk_fail_memory(err, "weights of items");
    }
    for (size_t i = 0; i < n; i++) {
        double degree = g->item_degree[i] > 0 ? g->item_degree[i] : 1;
        g->before[i] = (float)(scale * pow(degree, shift));
        g->after[i] = (float)pow(degree, -shift);
    }
    rk_likeness likeness = {.row = g->before, .col = g->after, .power = 1};
    return rk_overlap_best(&g->by_item, &g->by_user, &likeness, s->neighbours, run->pool, near, err);
}

/* What an eigenvector counts, beside what its neighbours say of it where there are any. */
static double response(const settings *s, double square, double last)
{
    double f = (square + s->low_pass) * exp(-s->sharpen * (square - last));
    return s->neighbours > 0 ? f - square : f;
}

static rk_status hand_over(graph *g, const settings *s, rk_model_draft *out, rk_error *err)
{
    size_t dim = g->svd.n, n = out->n_items;
    double shift = s->alpha - 0.5, scale = largest_square(g);
    json_t *values = json_array();
    out->figures = json_pack("{s:o, s:f, s:I}", "singular_values", values, "residual", g->svd.residual, "basis",
                             (json_int_t)g->svd.n_basis);
    out->encode = malloc((dim + n + 1) * sizeof *out->encode);
    if (!out->encode || !out->figures) {
        return rk_fail_memory(err, "the encoder's state");
    }
    double last = (double)g->svd.value[dim - 1] * (double)g->svd.value[dim - 1] / scale;
    for (size_t d = 0; d < dim; d++) {
        double value = (double)g->svd.value[d];
        out->encode[d] = (float)response(s, value * value / scale, last);
        json_array_append_new(values, json_real(value));
    }
    for (size_t i = 0; i < n; i++) {
        float after = (float)power(g->item_degree[i], shift);
        out->encode[dim + i] = (float)power(g->item_degree[i], -2 * shift);
        for (size_t d = 0; d < dim; d++) {
            g->svd.vector[i * dim + d] *= after;
        }
    }
    out->n_encode = dim + n;
    out->dim = (uint32_t)dim;
    out->item_vector = g->svd.vector;
    g->svd.vector = NULL;
    return RK_OK;
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    graph g = {0};
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    rk_status status = rk_knn_matrix(dataset, (rk_weigh)s->weigh, s->half_life_days, &out->seen, err);
    status = status ? status : set_up(&out->seen, s, &g, err);
    status = status ? status : find_vectors(&g, s, run, err);
    status = status ? status : find_neighbours(&g, s, run, &out->near, err);
    status = status || s->neighbours == 0 ? status : rk_knn_add_bias(out, err);
    status = status || s->vectors == 0 ? status : hand_over(&g, s, out, err);
    release(&g);
    return status;
}

/* ---- before it starts ---- */

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    uint64_t events = dataset->n_events * (sizeof(uint32_t) + sizeof(float));
    uint64_t rows = ((uint64_t)dataset->n_users + dataset->n_items) * sizeof(uint64_t);
    uint64_t vectors = s->vectors > 0 ? rk_svd_bytes(dataset->n_users, dataset->n_items, s->vectors) : 0;
    uint64_t kept = (uint64_t)dataset->n_items * s->vectors * sizeof(float);
    uint64_t near =
        s->neighbours > 0 ? kept + rk_overlap_bytes(dataset->n_items, dataset->n_users, s->neighbours, n_threads) : 0;
    return 4 * (events + rows) + (vectors > near ? vectors : near);
}

/* Every pair of items that a user took is added once in either direction; every block of vectors fetches the matrix
 * there and back. */
static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    enum { BYTES_A_PAIR = 24 }; /* as in itemknn.c */
    const settings *s = settings_;
    double pairs = 0;
    for (uint32_t u = 0; s->neighbours > 0 && u < dataset->n_users; u++) {
        double n = (double)(dataset->user_start[u + 1] - dataset->user_start[u]);
        pairs += n * n;
    }
    rk_work vectors = rk_svd_work(dataset->n_events, dataset->n_items, s->vectors);
    return (rk_work){.flops = vectors.flops, .bytes = vectors.bytes + BYTES_A_PAIR * pairs};
}

const rk_model_kind rk_model_kind_graph = {
    .name = "graph",
    .summary = "users and items as a graph: blurred by its neighbours, sharpened by its frequencies",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .encode = rk_graph_encode,
    .explain = rk_graph_explain,
};

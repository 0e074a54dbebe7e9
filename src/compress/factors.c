/* factors.c - fewer factors, chosen so that scores and not vectors are kept.
 *
 * With queries Q [users x d] and items Y [items x d], the best scores of rank k are the k largest singular values of
 * Q Y'; its right singular vectors span Y C, C = the k largest eigenvectors of G (Y'Y) G taken times G, G^2 = Q'Q. So
 * nothing larger than d x d is ever decomposed. V, an orthonormal basis of C in which the items' Gramian is diagonal,
 * gives the items Y V, and each user the query whose scores are nearest to his old ones, which then are those of the
 * best rank k. Singular values of the items alone would keep directions that nobody asks about.
 *
 * V has orthonormal columns because an encoder that solves a problem with a penalty on |x| must go on doing so: to fold
 * in over Y V is to fold in over Y with x bound to the span of V. The kind says what becomes of its state (turn).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compress/compressors.h"
#include "math/blas.h"
#include "math/eigen.h"

typedef struct {
    uint64_t factors;
} settings;

static const rk_option options[] = {
    {.name = "factors",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, factors),
     .value = "N",
     .fallback = "0",
     .help = "how many stay; 0 = half of them",
     .max = RK_MODEL_DIM_MAX},
};

/* ---- small dense algebra in double: rounding must not decide which directions stay ---- */

/* c[m x n] = a[m x k] b[k x n] */
static void multiply(double *c, const double *a, const double *b, size_t m, size_t k, size_t n)
{
    memset(c, 0, m * n * sizeof *c);
    for (size_t i = 0; i < m; i++) {
        for (size_t l = 0; l < k; l++) {
            double x = a[i * k + l];
            for (size_t j = 0; j < n; j++) {
                c[i * n + j] += x * b[l * n + j];
            }
        }
    }
}

static void transpose(double *out, const double *a, size_t m, size_t n)
{
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            out[j * m + i] = a[i * n + j];
        }
    }
}

/* Rows of length d summed up: gram[d x d], both triangles. Blocks in order, so the bits do not depend on anything. */
static void add_gramian(double *gram, const float *rows, size_t n, size_t stride, size_t d)
{
    for (size_t r = 0; r < n; r++) {
        const float *row = rows + r * stride;
        for (size_t i = 0; i < d; i++) {
            double x = (double)row[i];
            for (size_t j = 0; j <= i; j++) {
                gram[i * d + j] += x * (double)row[j];
            }
        }
    }
}

static void mirror(double *gram, size_t d)
{
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < i; j++) {
            gram[j * d + i] = gram[i * d + j];
        }
    }
}

/* ---- the basis ---- */

typedef struct {
    size_t d, k;
    double *asked, *items; /* [d x d] Q'Q, Y'Y; asked becomes its own root */
    double *a, *b, *c;     /* [d x d] rooms */
    double *value;         /* [d] */
    double *basis;         /* [d x k] V */
    float *turn, *project; /* [d x k] V, and what takes an old query to a new one */
    double *diagonal;      /* [k] of the items' Gramian in V, falling */
} plan;

static void release(plan *p)
{
    free(p->asked);
    free(p->items);
    free(p->a);
    free(p->b);
    free(p->c);
    free(p->value);
    free(p->basis);
    free(p->turn);
    free(p->project);
    free(p->diagonal);
}

static bool make_room(plan *p)
{
    size_t square = p->d * p->d;
    p->asked = calloc(square, sizeof(double));
    p->items = calloc(square, sizeof(double));
    p->a = malloc(square * sizeof(double));
    p->b = malloc(square * sizeof(double));
    p->c = malloc(square * sizeof(double));
    p->value = malloc(p->d * sizeof(double));
    p->basis = malloc(p->d * p->k * sizeof(double));
    p->turn = malloc(p->d * p->k * sizeof(float));
    p->project = malloc(p->d * p->k * sizeof(float));
    p->diagonal = malloc(p->k * sizeof(double));
    return p->asked && p->items && p->a && p->b && p->c && p->value && p->basis && p->turn && p->project && p->diagonal;
}

/* gram[d x d] becomes its symmetric root. */
static bool root(plan *p, double *gram)
{
    size_t d = p->d;
    memcpy(p->a, gram, d * d * sizeof *gram);
    if (!rk_eigen_symmetric(p->a, d, p->value)) {
        return false;
    }
    for (size_t e = 0; e < d; e++) {
        double scale = sqrt(fmax(p->value[e], 0));
        for (size_t j = 0; j < d; j++) {
            p->b[e * d + j] = scale * p->a[e * d + j];
        }
    }
    transpose(p->c, p->a, d, d);
    multiply(gram, p->c, p->b, d, d, d);
    return true;
}

/* The k largest eigenvectors of gram[n x n], largest first, as columns of out[n x k]; gram is overwritten. */
static bool largest(double *gram, size_t n, size_t k, double *value, double *out)
{
    if (!rk_eigen_symmetric(gram, n, value)) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < k; j++) {
            out[i * k + j] = gram[(n - 1 - j) * n + i];
        }
    }
    return true;
}

/* Columns of basis at right angles and of length 1, by the eigenvectors of their Gramian. */
static bool straighten(plan *p)
{
    size_t d = p->d, k = p->k;
    transpose(p->a, p->basis, d, k);
    multiply(p->b, p->a, p->basis, k, d, k);
    if (!largest(p->b, k, k, p->value, p->c)) {
        return false;
    }
    for (size_t j = 0; j < k; j++) {
        double length = p->value[k - 1 - j];
        for (size_t i = 0; i < k; i++) {
            p->c[i * k + j] *= length > 0 ? 1 / sqrt(length) : 0;
        }
    }
    multiply(p->a, p->basis, p->c, d, k, k);
    memcpy(p->basis, p->a, d * k * sizeof *p->a);
    return true;
}

/* Turns the basis so that the items' Gramian is diagonal in it. */
static bool align(plan *p)
{
    size_t d = p->d, k = p->k;
    multiply(p->a, p->items, p->basis, d, d, k);
    transpose(p->b, p->basis, d, k);
    multiply(p->c, p->b, p->a, k, d, k);
    if (!largest(p->c, k, k, p->value, p->b)) {
        return false;
    }
    multiply(p->a, p->basis, p->b, d, k, k);
    memcpy(p->basis, p->a, d * k * sizeof *p->a);
    for (size_t j = 0; j < k; j++) {
        p->diagonal[j] = fmax(p->value[k - 1 - j], 0);
    }
    return true;
}

/* The share of the squares of all scores that k factors keep. */
static bool find_basis(plan *p, double *kept)
{
    size_t d = p->d, k = p->k;
    if (!root(p, p->asked)) {
        return false;
    }
    multiply(p->a, p->items, p->asked, d, d, d);
    multiply(p->b, p->asked, p->a, d, d, d);
    if (!largest(p->b, d, k, p->value, p->c)) {
        return false;
    }
    double all = 0, most = 0;
    for (size_t e = 0; e < d; e++) {
        all += fmax(p->value[e], 0);
        most += e >= d - k ? fmax(p->value[e], 0) : 0;
    }
    *kept = all > 0 ? most / all : 1;
    multiply(p->basis, p->asked, p->c, d, d, k);
    if (!straighten(p) || !align(p)) {
        return false;
    }
    multiply(p->a, p->items, p->basis, d, d, k);
    for (size_t i = 0; i < d * k; i++) {
        double x = p->diagonal[i % k];
        p->turn[i] = (float)p->basis[i];
        p->project[i] = x > 0 ? (float)(p->a[i] / x) : 0;
    }
    return true;
}

/* ---- the model ---- */

/* Queries of all users, [n_users x d]; owned by the caller. */
static rk_status read_queries(const rk_model *model, float **out, rk_error *err)
{
    size_t n = rk_model_n_users(model), d = rk_model_dim(model);
    float *queries = malloc((n * d + 1) * sizeof *queries);
    rk_arena arena = {0};
    rk_status status = queries ? RK_OK : rk_fail_memory(err, "queries of users");
    for (size_t u = 0; u < n && !status; u++) {
        rk_query query;
        rk_arena_clear(&arena);
        status = rk_model_user_query(model, (uint32_t)u, &arena, &query, err);
        if (!status) {
            memcpy(queries + u * d, query.vector, d * sizeof *queries);
        }
    }
    rk_arena_release(&arena);
    if (status) {
        free(queries);
        return status;
    }
    *out = queries;
    return RK_OK;
}

static rk_status write_items(const rk_compress_job *job, const rk_compress_leaf *leaf, const rk_section *vectors,
                             const plan *p, rk_error *err)
{
    size_t n = vectors->rows, stride = rk_model_stride(RK_F32, (uint32_t)p->k);
    float *items = calloc(n * stride + 1, sizeof *items);
    if (!items) {
        return rk_fail_memory(err, "item vectors");
    }
    rk_gemm_nn(items, stride, vectors->data, vectors->cols, p->turn, p->k, n, p->k, p->d, 1, 0);
    rk_status status = rk_compress_add(job, leaf, "item.vector", RK_F32, n, stride, items, err);
    free(items);
    return status;
}

static rk_status write_users(const rk_compress_job *job, const rk_compress_leaf *leaf, const float *queries,
                             const plan *p, rk_error *err)
{
    size_t n = rk_model_n_users(leaf->model);
    if (!rk_model_section(leaf->model, "user.vector")) {
        return RK_OK;
    }
    float *users = malloc((n * p->k + 1) * sizeof *users);
    if (!users) {
        return rk_fail_memory(err, "vectors of users");
    }
    rk_gemm_nn(users, p->k, queries, p->d, p->project, p->k, n, p->k, p->d, 1, 0);
    rk_status status = rk_compress_add(job, leaf, "user.vector", RK_F32, n, p->k, users, err);
    free(users);
    return status;
}

static rk_status write_state(const rk_compress_job *job, const rk_compress_leaf *leaf, const plan *p, rk_error *err)
{
    float *state = NULL;
    size_t n = 0;
    rk_status status = rk_model_kind_of(leaf->model)->turn(leaf->model, p->turn, p->diagonal, p->k, &state, &n, err);
    status = status ? status : rk_compress_add(job, leaf, "encode.state", RK_F32, n, 1, state, err);
    free(state);
    return status;
}

static rk_status write_all(rk_compress_job *job, const rk_compress_leaf *leaf, const rk_section *vectors,
                           const float *queries, const plan *p, double kept, rk_error *err)
{
    rk_status status = write_items(job, leaf, vectors, p, err);
    status = status ? status : write_users(job, leaf, queries, p, err);
    status = status ? status : write_state(job, leaf, p, err);
    int failed = json_object_set_new(leaf->meta, "dim", json_integer((json_int_t)p->k));
    failed |= json_object_set_new(job->figures, "kept_squares", json_real(kept));
    return status || !failed ? status : rk_fail_memory(err, "the meta of a model");
}

static rk_status run_factors(rk_compress_job *job, const rk_compress_leaf *leaf, const void *settings_, rk_error *err)
{
    const settings *s = settings_;
    const rk_section *vectors = NULL;
    const char *path = rk_artefact_path(rk_model_artefact(leaf->model));
    size_t d = rk_model_dim(leaf->model), k = s->factors > 0 ? s->factors : (d + 1) / 2;
    if (!rk_model_kind_of(leaf->model)->turn) {
        return rk_fail(err, RK_UNSUPPORTED, "%s: a model '%s' cannot fold in new histories over fewer factors", path,
                       rk_model_kind_of(leaf->model)->name);
    }
    if (k > d) {
        return rk_fail(err, RK_BAD_USAGE, "%s has %zu factors, and %zu are to stay", path, d, k);
    }
    plan p = {.d = d, .k = k};
    float *queries = NULL;
    double kept = 0;
    rk_status status = rk_compress_read(leaf, "item.vector", &vectors, err);
    status = status ? status : read_queries(leaf->model, &queries, err);
    status = status || make_room(&p) ? status : rk_fail_memory(err, "Gramians");
    if (!status) {
        add_gramian(p.asked, queries, rk_model_n_users(leaf->model), d, d);
        add_gramian(p.items, vectors->data, vectors->rows, vectors->cols, d);
        mirror(p.asked, d);
        mirror(p.items, d);
        status = find_basis(&p, &kept)
                     ? RK_OK
                     : rk_fail(err, RK_BAD_INPUT, "%s has vectors whose Gramian has no eigenvectors", path);
    }
    status = status ? status : write_all(job, leaf, vectors, queries, &p, kept, err);
    free(queries);
    release(&p);
    return status;
}

const rk_compressor rk_compressor_factors = {
    .name = "factors",
    .summary = "vectors turned and cut to the factors that matter most to the scores",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .wants = "vectors of floats",
    .fits = rk_has_float_vectors,
    .each = run_factors,
};

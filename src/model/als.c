/* als.c - matrix factorisation of implicit feedback by alternating least squares.
 *
 * Minimises, over user vectors x and item vectors y,
 *     sum over observed (u, i) of (a + w_ui) (1 - x_u.y_i)^2  +  sum over all others of a (x_u.y_i)^2
 *   + sum over u of lambda (n_u + a |I|)^nu |x_u|^2  +  the same over items
 * with a the unobserved weight and w the confidence: Hu, Koren, Volinsky, "Collaborative filtering for implicit
 * feedback datasets" (2008) with the penalty of Rendle et al., "Revisiting the performance of iALS" (2021).
 *
 * What we do differently: before users are solved, the items are turned to the eigenvectors of their Gramian (scores do
 * not notice). There a Y'Y + lambda I is a diagonal D, for any penalty, and with g = sqrt(w) D^(-1/2) y a user's
 * problem is the plain ridge regression of ridge.h: (I + G'G) z = G'c, x = D^(-1/2) z. So
 *   - no step of conjugate gradients multiplies by the Gramian, and the Gramian is its preconditioner;
 *   - a history shorter than the factors is solved exactly in its own n x n form;
 *   - a trained model carries k numbers, not k^2, to fold in the next user.
 * An iteration solves the items, then the users; so the stored users are what folding in their histories gives.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/dot.h"
#include "math/eigen.h"
#include "math/random.h"
#include "model/als_fold.h"
#include "model/als_row.h"
#include "model/gramian.h"
#include "model/model_inside.h"

enum { SOLVE_CG, SOLVE_CHOLESKY };
enum { CONFIDENCE_LOG, CONFIDENCE_LINEAR };
enum { ROW_CHUNK = 128, ALIGN = 64 };
static const double SPREAD = 0.1; /* of the first random vectors: length about .1 */

typedef struct {
    uint64_t factors, iterations, steps;
    double lambda, exponent, unobserved, alpha;
    int weigh, confidence, solver;
    bool loss;
} settings;

static const rk_option options[] = {
    {.name = "factors",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, factors),
     .value = "N",
     .fallback = "64",
     .help = "length of the vectors",
     .min = 1,
     .max = RK_MODEL_DIM_MAX,
     .is_log_scale = true,
     .tune = "32..256"},
    {.name = "iterations",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, iterations),
     .value = "N",
     .fallback = "15",
     .help = "rounds over items and users",
     .min = 1,
     .max = 10000,
     .is_budget = true},
    {.name = "lambda",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, lambda),
     .value = "X",
     .fallback = "0.003",
     .help = "penalty on long vectors",
     .min = 1e-6,
     .max = 1e6,
     .is_log_scale = true,
     .tune = "0.0001..0.1"},
    {.name = "exponent",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, exponent),
     .value = "X",
     .fallback = "1",
     .help = "how the penalty grows with the number of events: 0 not at all, 1 in proportion",
     .max = 1,
     .tune = "0..1"},
    {.name = "unobserved",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, unobserved),
     .value = "X",
     .fallback = "0.02",
     .help = "weight of what was not taken",
     .min = 1e-6,
     .max = 1e3,
     .is_log_scale = true,
     .tune = "0.001..1"},
    {.name = "alpha",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, alpha),
     .value = "X",
     .fallback = "1",
     .help = "weight of what was taken once",
     .min = 1e-6,
     .max = 1e6,
     .is_log_scale = true},
    {.name = "weigh",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, weigh),
     .value = "HOW",
     .fallback = "count",
     .help = "events of one user and item: one in all, their count, or the sum of their values",
     .choices = "one|count|sum"},
    {.name = "confidence",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, confidence),
     .value = "HOW",
     .fallback = "log",
     .help = "weight of a sum r: alpha log2(1 + r), or alpha r",
     .choices = "log|linear"},
    {.name = "solver",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(settings, solver),
     .value = "HOW",
     .fallback = "cg",
     .help = "conjugate gradients, or exact",
     .choices = "cg|cholesky"},
    {.name = "steps",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, steps),
     .value = "N",
     .fallback = "3",
     .help = "steps of conjugate gradients for each vector",
     .min = 1,
     .max = 1000},
    {.name = "loss",
     .kind = RK_OPT_FLAG,
     .field = offsetof(settings, loss),
     .help = "record the loss after every iteration"},
};

/* ---- training ---- */

typedef struct {
    uint32_t n;
    float *vector; /* [n x width] */
    rk_csr events; /* a row for each here, a column for each of the other side */
} side;

typedef struct {
    const settings *s;
    const rk_run *run;
    size_t dim, width;
    side users, items;
    rk_als_weights weights;
    rk_ridge_room *rooms; /* [n_workers] */
    unsigned n_workers;
    double *gram;    /* [width x width] */
    double *values;  /* [width] its eigenvalues */
    float *basis;    /* [width x width] its eigenvectors, a row each */
    float *diagonal; /* [dim] */
    json_t *losses;
} als;

/* One half of an iteration: every vector of `moving` against the other side. */
typedef struct {
    als *a;
    rk_als_half half;
    side *moving;
    unsigned n_steps;
    const rk_kernels *kernels;
    double *loss;   /* [chunks]; NULL: not asked for */
    rk_error *errs; /* [workers] */
} sweep;

static double row_loss(const rk_als_half *half, const rk_kernels *kernels, const rk_ridge_room *room, const float *x)
{
    double a = half->weights.unobserved, loss = 0, square = 0;
    for (size_t j = 0; j < room->n; j++) {
        double score = (double)kernels->dot_f32(half->fixed + room->id[j] * half->width, x, half->dim);
        double confidence = (double)room->weight[j] * (double)room->weight[j];
        loss += (a + confidence) * (1 - score) * (1 - score) - a * score * score;
    }
    for (size_t d = 0; d < half->dim; d++) {
        double xx = (double)x[d] * (double)x[d];
        loss += (double)half->diagonal[d] * xx; /* all pairs, the unobserved ones among them */
        square += xx;
    }
    return loss + room->penalty * square;
}

/* Asks for the vectors of the history after this one, which then come while this one is being solved. */
static void ask_for(const rk_als_half *half, const uint32_t *item, size_t n)
{
    enum { FLOATS_MAX = 1 << 12, LINE = 16 };
    size_t most = FLOATS_MAX / half->width + 1;
    for (size_t j = 0; j < n && j < most; j++) {
        const float *vector = half->fixed + item[j] * half->width;
        for (size_t i = 0; i < half->width; i += LINE) {
            __builtin_prefetch(vector + i);
        }
    }
}

static void sweep_chunk(void *context, rk_span span)
{
    const sweep *w = context;
    rk_ridge_room *room = &w->a->rooms[span.worker];
    const rk_csr *events = &w->moving->events;
    rk_error *err = &w->errs[span.worker];
    double loss = 0;
    for (size_t r = span.begin; r < span.end && !err->status; r++) {
        uint64_t begin = events->start[r];
        const float *value = events->value ? events->value + begin : NULL;
        float *x = w->moving->vector + r * w->half.width;
        rk_als_load(&w->half, (rk_history){events->col + begin, value, events->start[r + 1] - begin}, room);
        if (r + 1 < span.end) {
            ask_for(&w->half, events->col + events->start[r + 1], events->start[r + 2] - events->start[r + 1]);
        }
        if (rk_als_solve(&w->half, w->n_steps, room, x, err)) {
            return;
        }
        loss += w->loss ? row_loss(&w->half, w->kernels, room, x) : 0;
    }
    if (w->loss) {
        w->loss[span.chunk] = loss;
    }
}

/* Turns both sides to the eigenvectors of the fixed side's Gramian. */
static rk_status turn(als *a, side *fixed, side *moving, rk_error *err)
{
    rk_pool *pool = a->run->pool;
    size_t width = a->width, dim = a->dim;
    rk_status status = rk_gramian(pool, fixed->vector, fixed->n, width, a->gram, err);
    if (status) {
        return status;
    }
    for (size_t i = 1; i < dim; i++) {
        memmove(a->gram + i * dim, a->gram + i * width, dim * sizeof *a->gram);
    }
    if (!rk_eigen_symmetric(a->gram, dim, a->values)) {
        return rk_fail(err, RK_BAD_INPUT, "als: the vectors grew beyond all bounds; more lambda may help");
    }
    for (size_t i = 0; i < dim; i++) {
        a->diagonal[i] = (float)(a->s->unobserved * fmax(a->values[i], 0));
        for (size_t j = 0; j < dim; j++) {
            a->basis[i * width + j] = (float)a->gram[i * dim + j];
        }
    }
    status = rk_gramian_turn(pool, fixed->vector, fixed->n, width, a->basis, err);
    return status ? status : rk_gramian_turn(pool, moving->vector, moving->n, width, a->basis, err);
}

static rk_status run_sweep(als *a, side *fixed, side *moving, double *loss, rk_error *err)
{
    rk_status status = turn(a, fixed, moving, err);
    if (status) {
        return status;
    }
    size_t n_chunks = rk_chunk_count(moving->n, ROW_CHUNK);
    sweep w = {.a = a,
               .half = {a->weights, fixed->n, a->dim, a->width, fixed->vector, a->diagonal},
               .moving = moving,
               .n_steps = a->s->solver == SOLVE_CG ? (unsigned)a->s->steps : 0,
               .kernels = rk_kernels_best(),
               .loss = loss ? calloc(n_chunks + 1, sizeof *loss) : NULL,
               .errs = calloc(a->n_workers, sizeof *w.errs)};
    if (!w.errs || (loss && !w.loss)) {
        status = rk_fail_memory(err, "errors and losses");
    } else {
        rk_parallel_for(a->run->pool, moving->n, ROW_CHUNK, sweep_chunk, &w);
    }
    for (unsigned t = 0; !status && t < a->n_workers; t++) {
        status = w.errs[t].status ? rk_fail(err, w.errs[t].status, "als: %s", w.errs[t].message) : RK_OK;
    }
    for (size_t c = 0; !status && loss && c < n_chunks; c++) {
        *loss += w.loss[c];
    }
    free(w.loss);
    free(w.errs);
    return status;
}

/* The part of the loss that users do not move. */
static double item_penalty(const als *a)
{
    rk_als_half half = {.weights = a->weights, .n_fixed = a->users.n};
    double sum = 0;
    for (uint32_t i = 0; i < a->items.n; i++) {
        const float *y = a->items.vector + i * a->width;
        double square = 0;
        for (size_t d = 0; d < a->dim; d++) {
            square += (double)y[d] * (double)y[d];
        }
        sum += rk_als_penalty(&half, a->items.events.start[i + 1] - a->items.events.start[i]) * square;
    }
    return sum;
}

static rk_status iterate(als *a, rk_error *err)
{
    rk_status status = RK_OK;
    for (uint64_t it = 0; !status && it < a->s->iterations; it++) {
        double loss = 0;
        rk_progress(a->run, "als", "iterations", it, a->s->iterations);
        status = run_sweep(a, &a->users, &a->items, NULL, err);
        status = status ? status : run_sweep(a, &a->items, &a->users, a->s->loss ? &loss : NULL, err);
        if (!status && a->s->loss) {
            loss += item_penalty(a);
            rk_log(a->run, RK_LOG_DETAIL, "als: iteration %llu, loss %.6g", (unsigned long long)it + 1, loss);
            status = json_array_append_new(a->losses, json_real(loss)) ? rk_fail_memory(err, "losses") : RK_OK;
        }
    }
    rk_progress(a->run, "als", "iterations", a->s->iterations, a->s->iterations);
    return status;
}

/* ---- beginning and end ---- */

typedef struct {
    float *vector;
    size_t dim, width;
    uint64_t seed;
} start_job;

static void start_chunk(void *context, rk_span span)
{
    const start_job *job = context;
    double scale = SPREAD / sqrt((double)job->dim);
    for (size_t r = span.begin; r < span.end; r++) {
        rk_random random = rk_random_of(job->seed, r);
        for (size_t d = 0; d < job->dim; d++) {
            job->vector[r * job->width + d] = (float)(scale * rk_random_normal(&random));
        }
    }
}

static float *new_vectors(uint32_t n, size_t width)
{
    size_t bytes = ((size_t)n + 1) * width * sizeof(float);
    float *vectors = aligned_alloc(ALIGN, bytes);
    return vectors ? memset(vectors, 0, bytes) : NULL;
}

static rk_status make_rooms(als *a, rk_error *err)
{
    uint64_t users = rk_csr_longest_row(&a->users.events), items = rk_csr_longest_row(&a->items.events);
    rk_status status = RK_OK;
    a->n_workers = rk_pool_threads(a->run->pool);
    a->rooms = calloc(a->n_workers, sizeof *a->rooms);
    a->gram = malloc(a->width * a->width * sizeof *a->gram);
    a->values = malloc(a->width * sizeof *a->values);
    a->basis = new_vectors((uint32_t)a->width, a->width);
    a->diagonal = calloc(a->width, sizeof *a->diagonal);
    a->losses = json_array();
    if (!a->rooms || !a->gram || !a->values || !a->basis || !a->diagonal || !a->losses) {
        return rk_fail_memory(err, "room to train in");
    }
    for (unsigned t = 0; !status && t < a->n_workers; t++) {
        status = rk_ridge_room_init(&a->rooms[t], a->width, users > items ? users : items, err);
    }
    return status;
}

static bool is_all_one(const rk_csr *csr)
{
    for (uint64_t e = 0; csr->value && e < csr->start[csr->n_rows]; e++) {
        if (csr->value[e] < 1 || csr->value[e] > 1) {
            return false;
        }
    }
    return true;
}

static rk_status set_up(als *a, const rk_dataset *dataset, rk_error *err)
{
    static const rk_pair_rule rules[] = {RK_PAIR_ONE, RK_PAIR_COUNT, RK_PAIR_SUM};
    const settings *s = a->s;
    rk_csr *by_user = &a->users.events;
    rk_status status = rk_dataset_matrix(dataset, rules[s->weigh], by_user, err);
    if (status) {
        return status;
    }
    if (is_all_one(by_user)) {
        free(by_user->value);
        by_user->value = NULL;
    }
    status = rk_csr_transpose(by_user, &a->items.events, err);
    if (status) {
        return status;
    }
    a->dim = s->factors;
    a->width = rk_ridge_width(a->dim);
    a->weights = (rk_als_weights){s->lambda, s->exponent, s->unobserved, s->alpha, s->confidence == CONFIDENCE_LOG};
    a->users.n = dataset->n_users;
    a->items.n = dataset->n_items;
    a->users.vector = new_vectors(a->users.n, a->width);
    a->items.vector = new_vectors(a->items.n, a->width);
    if (!a->users.vector || !a->items.vector) {
        return rk_fail_memory(err, "vectors");
    }
    start_job job = {a->users.vector, a->dim, a->width, a->run->seed};
    rk_parallel_for(a->run->pool, a->users.n, ROW_CHUNK, start_chunk, &job);
    return make_rooms(a, err);
}

/* [n x width] to [n x dim], in place; the caller owns it. */
static float *take_vectors(side *of, size_t dim, size_t width)
{
    float *vector = of->vector;
    for (size_t r = 1; r < of->n && dim < width; r++) {
        memmove(vector + r * dim, vector + r * width, dim * sizeof *vector);
    }
    of->vector = NULL;
    return vector;
}

static rk_status hand_over(als *a, rk_model_draft *out, rk_error *err)
{
    rk_als_half half = {.weights = a->weights, .dim = a->dim, .diagonal = a->diagonal};
    rk_status status = rk_als_fold_state(&half, &out->encode, &out->n_encode, err);
    out->n_users = a->users.n;
    out->n_items = a->items.n;
    out->dim = (uint32_t)a->dim;
    out->user_vector = take_vectors(&a->users, a->dim, a->width);
    out->item_vector = take_vectors(&a->items, a->dim, a->width);
    out->seen = a->users.events;
    a->users.events = (rk_csr){0};
    out->figures = json_object();
    if (!status && a->s->loss) {
        status = json_object_set(out->figures, "loss", a->losses) ? rk_fail_memory(err, "figures") : RK_OK;
    }
    return status;
}

static void release(als *a)
{
    for (unsigned t = 0; a->rooms && t < a->n_workers; t++) {
        rk_ridge_room_release(&a->rooms[t]);
    }
    free(a->rooms);
    free(a->gram);
    free(a->values);
    free(a->basis);
    free(a->diagonal);
    free(a->users.vector);
    free(a->items.vector);
    rk_csr_release(&a->users.events);
    rk_csr_release(&a->items.events);
    json_decref(a->losses);
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    als a = {.s = settings_, .run = run};
    rk_status status = set_up(&a, dataset, err);
    status = status ? status : iterate(&a, err);
    status = status ? status : hand_over(&a, out, err);
    release(&a);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    uint64_t width = rk_ridge_width(s->factors), rows = (uint64_t)dataset->n_users + dataset->n_items;
    uint64_t vectors = rows * width * sizeof(float);
    uint64_t events = dataset->n_events * 2 * (sizeof(uint32_t) + sizeof(float)) + rows * sizeof(uint64_t);
    uint64_t longest = dataset->n_users > dataset->n_items ? dataset->n_users : dataset->n_items;
    uint64_t rooms = n_threads * (rk_ridge_bytes(width) + longest * 3 * sizeof(float));
    uint64_t gramian = (66 * sizeof(float) + 2 * sizeof(double)) * width * width;
    return vectors + events + rooms + gramian;
}

static void add_work(rk_work *sum, const uint64_t *start, uint32_t n_rows, size_t width, unsigned n_steps)
{
    for (uint32_t r = 0; r < n_rows; r++) {
        rk_work row = rk_ridge_work(width, start[r + 1] - start[r], n_steps);
        sum->flops += row.flops;
        sum->bytes += row.bytes;
    }
}

/* The first vectors; then in every iteration both sides once, their Gramians and turns, and the eigenvectors, which are
 * found in double by one thread. On Gowalla and 20 million ratings, 64 to 1024 factors: 0.95 to 1.6 times what
 * processor time it took. */
static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    enum { EIGEN_FLOPS = 9, EIGEN_SLOWER = 12, START_FLOPS = 3000 };
    const settings *s = settings_;
    size_t width = rk_ridge_width(s->factors);
    unsigned n_steps = s->solver == SOLVE_CG ? (unsigned)s->steps : 0;
    double w = (double)width, n_rows = (double)dataset->n_users + (double)dataset->n_items;
    double rounds = (double)s->iterations;
    rk_work work = {.flops = 5 * w * w * n_rows + 2.0 * EIGEN_SLOWER * EIGEN_FLOPS * w * w * w};
    add_work(&work, dataset->user_start, dataset->n_users, width, n_steps);
    add_work(&work, dataset->item_start, dataset->n_items, width, n_steps);
    double start = (double)dataset->n_users * w * START_FLOPS;
    return (rk_work){start + work.flops * rounds, work.bytes * rounds};
}

const rk_model_kind rk_model_kind_als = {
    .name = "als",
    .summary = "implicit feedback: matrix factorisation by alternating least squares",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
    .encode = rk_als_encode,
    .explain = rk_als_explain,
    .turn = rk_als_turn,
};

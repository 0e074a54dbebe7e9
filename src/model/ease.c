/* ease.c - the linear model that foretells every item from all others, in closed form.
 *
 * Minimises, over item-to-item weights B with a zero diagonal,
 *     sum over users u of w_u |x_u - x_u B|^2  +  sum over items i of penalty_i |row i of B|^2
 * with P = (X' W X + diag(penalty))^-1:  B_ij = -P_ij / P_jj, i != j.
 * Steck, "Embarrassingly shallow autoencoders for sparse data" (WWW 2019): w = 1, penalty = lambda. Steck,
 * "Autoencoders that don't overfit towards the identity" (NeurIPS 2020): leaving out a share p of each history at
 * random while learning adds p / (1 - p) G_ii to the penalty of item i; here that is `dropout`.
 *
 * What we do differently:
 *   - the inverse is made in place, in half the room of the matrix, in single precision (math/spd.h), and multiplied
 *     back by the events, in double, on some of its columns: a model says what its inverse is worth (`residual`), and
 * one that is worth nothing is not written;
 *   - of the n weights that speak for an item the largest `neighbours` are kept;
 *   - `activity`: a user of n items counts n^-activity, so that a few long histories do not decide for all;
 *   - `approximate`: column j of B is the ridge regression of item j on all others; on only the M items most like it,
 * it needs no inverse of the whole, and no Gram matrix either (hood.h).
 */
#include <math.h>
#include <stdlib.h>

#include "math/blas.h"
#include "math/spd.h"
#include "model/hoods.h"
#include "model/knn.h"
#include "model/model_inside.h"
#include "model/near_columns.h"

enum { STRIPS_CHECKED = 4 };
static const double RESIDUAL_MOST = 0.01;

typedef struct {
    double lambda, dropout, activity, threshold, half_life_days;
    uint64_t neighbours, approximate;
    int weigh;
} settings;

static const rk_option options[] = {
    {.name = "lambda",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, lambda),
     .value = "X",
     .fallback = "100",
     .help = "penalty on weights, in users",
     .min = 1e-3,
     .max = 1e7,
     .is_log_scale = true,
     .tune = "10..1000"},
    {.name = "dropout",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, dropout),
     .value = "P",
     .fallback = "0",
     .help = "share of histories left out while learning, in expectation: more penalty on popular items",
     .max = 0.95,
     .tune = "0..0.8"},
    {.name = "activity",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, activity),
     .value = "X",
     .fallback = "0",
     .help = "a user of n items counts n^-X",
     .max = 1,
     .tune = "0..1"},
    RK_WEIGH_ROW(settings, NULL),
    RK_HALF_LIFE_ROW(settings, "an event"),
    {.name = "neighbours",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, neighbours),
     .value = "N",
     .fallback = "500",
     .help = "weights kept of those that speak for an item, the largest ones; 0 = all",
     .max = 1e6,
     .is_log_scale = true},
    {.name = "threshold",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, threshold),
     .value = "X",
     .fallback = "0",
     .help = "weights of no more than this, whatever their sign, are dropped",
     .max = 1},
    {.name = "approximate",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, approximate),
     .value = "M",
     .fallback = "0",
     .help = "regress each item on the M most like it only, for catalogues whose inverse does not fit; 0 = on all",
     .max = 20000,
     .is_log_scale = true},
};

/* ---- exact ---- */

typedef struct {
    const settings *s;
    const rk_item_gram *gram;
    const float *penalty; /* [n] */
    uint32_t n;
    rk_spd *spd;
    float *strips;   /* [workers x RK_SPD_ROWS x n] */
    double *users;   /* [workers x n users] */
    rk_topk **best;  /* [workers] */
    float *diagonal; /* [n] of P; only where all weights are kept */
    double residual[STRIPS_CHECKED * RK_SPD_ROWS];
    rk_near_columns columns;
    rk_csr *near; /* all weights */
} exact;

static float *strip_of(const exact *e, unsigned worker) { return e->strips + (size_t)worker * RK_SPD_ROWS * e->n; }

static void fill_chunk(void *context, rk_span span)
{
    const exact *e = context;
    float *row = strip_of(e, span.worker);
    for (size_t i = span.begin; i < span.end; i++) {
        rk_item_gram_lower_row(e->gram, (uint32_t)i, row);
        row[i] += e->penalty[i];
        rk_spd_put_row(e->spd, (uint32_t)i, row);
    }
}

/* Which rows are multiplied back: strips evenly from the first to the last. */
static uint32_t strip_checked(uint32_t n, size_t strip)
{
    uint32_t n_strips = (n + RK_SPD_ROWS - 1) / RK_SPD_ROWS;
    return (uint32_t)(strip * (n_strips - 1) / (STRIPS_CHECKED - 1)) * RK_SPD_ROWS;
}

static void check_chunk(void *context, rk_span span)
{
    exact *e = context;
    float *strip = strip_of(e, span.worker);
    double *users = e->users + span.worker * (size_t)e->gram->by_user.n_rows;
    uint32_t first = strip_checked(e->n, span.begin);
    rk_spd_get_rows(e->spd, first, strip);
    for (uint32_t r = 0; r < RK_SPD_ROWS && first + r < e->n; r++) {
        e->residual[span.begin * RK_SPD_ROWS + r] =
            rk_item_gram_residual(e->gram, e->penalty, first + r, strip + (size_t)r * e->n, users);
    }
}

static void keep_chunk(void *context, rk_span span)
{
    exact *e = context;
    float *strip = strip_of(e, span.worker);
    rk_spd_get_rows(e->spd, (uint32_t)span.begin, strip);
    for (size_t j = span.begin; j < span.end; j++) {
        float *weight = strip + (j - span.begin) * e->n;
        float diagonal = weight[j];
        for (uint32_t i = 0; i < e->n; i++) {
            weight[i] = -weight[i] / diagonal;
        }
        weight[j] = 0;
        rk_near_columns_put(&e->columns, (uint32_t)j, NULL, weight, e->n, (float)e->s->threshold, e->best[span.worker]);
    }
}

/* Row i of B from row i of P. With no array to fill yet, start[i + 1] becomes the number of weights kept. */
static void all_chunk(void *context, rk_span span)
{
    exact *e = context;
    float *strip = strip_of(e, span.worker);
    rk_spd_get_rows(e->spd, (uint32_t)span.begin, strip);
    for (size_t i = span.begin; i < span.end; i++) {
        const float *row = strip + (i - span.begin) * e->n;
        uint64_t at = e->near->col ? e->near->start[i] : 0;
        for (uint32_t j = 0; j < e->n; j++) {
            float weight = -row[j] / e->diagonal[j];
            if (j != i && fabsf(weight) > (float)e->s->threshold) {
                if (e->near->col) {
                    e->near->col[at] = j;
                    e->near->value[at] = weight;
                }
                at++;
            }
        }
        if (!e->near->col) {
            e->near->start[i + 1] = at;
        }
    }
}

static rk_status keep_all(exact *e, const rk_run *run, rk_error *err)
{
    rk_csr *near = e->near;
    e->diagonal = malloc(e->n * sizeof *e->diagonal);
    *near = (rk_csr){.n_rows = e->n, .n_cols = e->n, .start = calloc((size_t)e->n + 1, sizeof *near->start)};
    if (!e->diagonal || !near->start) {
        return rk_fail_memory(err, "all weights");
    }
    for (uint32_t i = 0; i < e->n; i++) {
        e->diagonal[i] = rk_spd_at(e->spd, i, i);
    }
    rk_parallel_for(run->pool, e->n, RK_SPD_ROWS, all_chunk, e);
    for (uint32_t i = 0; i < e->n; i++) {
        near->start[i + 1] += near->start[i];
    }
    uint64_t n = near->start[e->n];
    near->value = malloc((n + 1) * sizeof *near->value);
    near->col = near->value ? malloc((n + 1) * sizeof *near->col) : NULL;
    if (!near->col) {
        return rk_fail_memory(err, "all weights");
    }
    rk_parallel_for(run->pool, e->n, RK_SPD_ROWS, all_chunk, e);
    return RK_OK;
}

static rk_status keep_largest(exact *e, const rk_run *run, rk_error *err)
{
    unsigned n_workers = rk_pool_threads(run->pool);
    uint32_t most = e->s->neighbours < e->n ? (uint32_t)e->s->neighbours : e->n;
    rk_status status = rk_near_columns_init(&e->columns, e->n, most, err);
    e->best = calloc(n_workers, sizeof *e->best);
    for (unsigned w = 0; !status && w < n_workers; w++) {
        status = e->best && (e->best[w] = rk_topk_new(most)) ? RK_OK : rk_fail_memory(err, "the largest weights");
    }
    if (!status) {
        rk_parallel_for(run->pool, e->n, RK_SPD_ROWS, keep_chunk, e);
        rk_spd_free(e->spd);
        e->spd = NULL;
        status = rk_near_columns_turn(&e->columns, e->near, err);
    }
    for (unsigned w = 0; e->best && w < n_workers; w++) {
        rk_topk_free(e->best[w]);
    }
    return status;
}

static rk_status check(exact *e, const rk_run *run, json_t *figures, rk_error *err)
{
    double worst = 0;
    rk_parallel_for(run->pool, STRIPS_CHECKED, 1, check_chunk, e);
    for (size_t c = 0; c < RK_COUNT_OF(e->residual); c++) {
        worst = e->residual[c] <= worst ? worst : e->residual[c]; /* NaN is the worst */
    }
    if (!(worst <= RESIDUAL_MOST)) {
        return rk_fail(
            err, RK_BAD_INPUT,
            "ease: single precision does not carry so little penalty: multiplied back, the inverse is off by "
            "%.2g, %g is allowed; more lambda than %g, or approximate=M, may do",
            worst, RESIDUAL_MOST, e->s->lambda);
    }
    rk_log(run, RK_LOG_DETAIL, "ease: multiplied back, the inverse is off by %.2g", worst);
    return json_object_set_new(figures, "residual", json_real(worst)) ? rk_fail_memory(err, "figures") : RK_OK;
}

static rk_status invert(exact *e, const rk_run *run, json_t *figures, rk_error *err)
{
    rk_error inner = {0};
    rk_parallel_for(run->pool, e->n, RK_SPD_ROWS, fill_chunk, e);
    rk_status status = rk_spd_invert(e->spd, run, &inner);
    if (status) {
        return rk_fail(err, status, "ease: %s%s", inner.message,
                       status == RK_BAD_INPUT ? "; more lambda, or approximate=M, may do" : "");
    }
    return check(e, run, figures, err);
}

static rk_status train_exact(const settings *s, const rk_item_gram *gram, const float *penalty, const rk_run *run,
                             rk_model_draft *out, rk_error *err)
{
    unsigned n_workers = rk_pool_threads(run->pool);
    exact e = {.s = s, .gram = gram, .penalty = penalty, .n = gram->by_item.n_rows, .near = &out->near};
    e.spd = rk_spd_new(e.n);
    e.strips = malloc(n_workers * RK_SPD_ROWS * (size_t)e.n * sizeof *e.strips);
    e.users = malloc(n_workers * ((size_t)gram->by_user.n_rows + 1) * sizeof *e.users);
    rk_status status = e.spd && e.strips && e.users ? RK_OK : rk_fail_memory(err, "a matrix of all items");
    status = status ? status : invert(&e, run, out->figures, err);
    if (!status) {
        status = s->neighbours > 0 ? keep_largest(&e, run, err) : keep_all(&e, run, err);
    }
    rk_spd_free(e.spd);
    free(e.strips);
    free(e.users);
    free(e.best);
    free(e.diagonal);
    rk_near_columns_release(&e.columns);
    return status;
}

/* ---- approximate ---- */

typedef struct {
    const float *penalty;
    uint32_t most;
    float *matrices; /* [workers x most x most] */
} ridge;

static rk_status solve_ridge(void *context, unsigned worker, const rk_hood *hood, const float *aim, float *weight,
                             rk_error *err)
{
    const ridge *r = context;
    float *matrix = r->matrices + (size_t)worker * r->most * r->most;
    for (uint32_t c = 0; c < hood->n; c++) {
        rk_hood_column(hood, hood->id[c], c + 1, matrix + (size_t)c * r->most);
        matrix[(size_t)c * r->most + c] += r->penalty[hood->id[c]];
        weight[c] = aim[c];
    }
    return hood->n == 0 || rk_solve_spd(matrix, r->most, weight, hood->n)
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "single precision does not carry so little penalty; more lambda may do");
}

static rk_status train_approximate(const settings *s, const rk_item_gram *gram, const float *penalty, const rk_run *run,
                                   rk_model_draft *out, rk_error *err)
{
    ridge r = {.penalty = penalty, .most = (uint32_t)s->approximate};
    rk_hoods_job job = {.model = "ease",
                        .candidates = r.most,
                        .neighbours = (uint32_t)s->neighbours,
                        .threshold = (float)s->threshold,
                        .context = &r,
                        .solve = solve_ridge};
    r.matrices = malloc((size_t)rk_pool_threads(run->pool) * r.most * r.most * sizeof *r.matrices);
    rk_blas_init();
    rk_status status =
        r.matrices ? rk_hoods_solve(gram, &job, run, &out->near, err) : rk_fail_memory(err, "small matrices");
    free(r.matrices);
    return status;
}

/* ---- either ---- */

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    rk_item_gram gram = {0};
    float *penalty = NULL;
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    out->figures = json_object();
    rk_status status = out->figures ? RK_OK : rk_fail_memory(err, "figures");
    status = status ? status : rk_knn_matrix(dataset, (rk_weigh)s->weigh, s->half_life_days, &out->seen, err);
    status = status ? status : rk_item_gram_init(&gram, &out->seen, s->activity, err);
    if (!status) {
        penalty = rk_item_gram_penalties(&gram, s->lambda, s->dropout);
        status = penalty ? RK_OK : rk_fail_memory(err, "penalties");
    }
    if (!status) {
        status = (s->approximate > 0 ? train_approximate : train_exact)(s, &gram, penalty, run, out, err);
    }
    status = status ? status : rk_knn_add_bias(out, err);
    free(penalty);
    rk_item_gram_release(&gram);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    uint64_t n = dataset->n_items, kept = s->neighbours > 0 && s->neighbours < n ? s->neighbours : n;
    uint64_t bytes = dataset->n_events * 16 + rk_item_gram_bytes(dataset->n_items, dataset->n_events) + n * 8;
    if (s->approximate > 0) {
        return bytes + n_threads * s->approximate * s->approximate * sizeof(float) +
               rk_hoods_bytes(dataset, (uint32_t)s->approximate, (uint32_t)s->neighbours, n_threads);
    }
    bytes += n_threads * (RK_SPD_ROWS * n * sizeof(float) + dataset->n_users * sizeof(double));
    bytes += s->neighbours == 0 ? n * n * 8 : rk_near_columns_bytes((uint32_t)n, (uint32_t)kept);
    return bytes + rk_spd_bytes(dataset->n_items, n_threads);
}

/* Beside the inverse all is small. Approximate: candidates as of itemknn, then the users of M candidates and a
 * factorisation, for each item. */
static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    const settings *s = settings_;
    double n = dataset->n_items, most = fmin((double)s->approximate, n);
    if (s->approximate > 0) {
        rk_work work = rk_hoods_work(dataset, (uint32_t)s->approximate);
        work.flops += n * most * most * most;
        return work;
    }
    return (rk_work){.flops = n * n * n};
}

const rk_model_kind rk_model_kind_ease = {
    .name = "ease",
    .summary = "every item foretold from all others by one linear model in closed form",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .thrift = "approximate=200",
    .predict_work = predict_work,
};

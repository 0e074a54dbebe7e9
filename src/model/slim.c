/* slim.c - sparse linear methods: every item foretold from a few others, by coordinate descent.
 *
 * For each item j, over the weights w of its candidates, the items most like it:
 *     minimises  1/2 sum over users u of a_u (x_uj - x_u w)^2  +  l2 / 2 |w|^2  +  l1 |w|_1,   w >= 0 unless `negative`
 * Ning, Karypis, "SLIM: sparse linear methods for top-N recommender systems" (ICDM 2011); choosing candidates first is
 * their fsSLIM. Descent on the Gram matrix as in Friedman, Hastie, Tibshirani, "Regularization paths for generalized
 * linear models via coordinate descent" (JSS 2010): the gradient G_j - G w is kept, and a step costs a column of the
 * little Gram matrix (hood.h), which is made when its weight first leaves 0.
 *
 * No warm start along a path of penalties: descending from larger ones first was tried on Gowalla and takes 20 %
 * longer, for few candidates' columns are saved by it (README.md).
 */
#include <math.h>
#include <stdlib.h>

#include "model/hoods.h"
#include "model/knn.h"
#include "model/model_inside.h"

enum { SWEEPS_MAX = 2000 };

typedef struct {
    double l1, l2, dropout, activity, half_life_days, tolerance;
    uint64_t candidates;
    int weigh;
    bool negative;
} settings;

static const rk_option options[] = {
    {.name = "l1",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, l1),
     .value = "X",
     .fallback = "0.5",
     .help = "penalty on the sum of weights, in users: more leaves fewer of them",
     .max = 1e6,
     .tune = "0..3"},
    {.name = "l2",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, l2),
     .value = "X",
     .fallback = "50",
     .help = "penalty on the squares of weights, in users",
     .min = 1e-3,
     .max = 1e7,
     .is_log_scale = true,
     .tune = "5..500"},
    {.name = "dropout",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, dropout),
     .value = "P",
     .fallback = "0",
     .help = "share of histories left out while learning, in expectation: more of l2 on popular items",
     .max = 0.95,
     .tune = "0..0.8"},
    {.name = "candidates",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, candidates),
     .value = "N",
     .fallback = "300",
     .help = "items that may speak for an item, the most like it by cosine",
     .min = 1,
     .max = 20000,
     .is_log_scale = true},
    {.name = "negative",
     .kind = RK_OPT_FLAG,
     .field = offsetof(settings, negative),
     .help = "weights may be below 0, too"},
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
    {.name = "tolerance",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, tolerance),
     .value = "X",
     .fallback = "1e-4",
     .help = "descent ends when no weight moves by more",
     .min = 1e-7,
     .max = 0.1,
     .is_log_scale = true},
};

/* ---- one item ---- */

/* One per worker. */
typedef struct {
    float *gradient, *weight; /* [candidates] */
    float *columns;           /* [candidates x candidates], one for each weight that has left 0 */
    uint32_t *column_of;      /* [candidates] 1 + which; 0: none yet */
    uint32_t *active;         /* [candidates] whose column there is, in order of making */
    uint32_t n_active;
} slope;

typedef struct {
    const settings *s;
    const rk_kernels *kernels;
    const float *square; /* [n_items] the diagonal of G */
    float *penalty;      /* [n_items] */
    slope *slopes;       /* [n_workers] */
    uint64_t *n_sweeps;  /* [n_workers] */
} slim;

static const float *column_of(const slim *m, const rk_hood *hood, slope *at, uint32_t c)
{
    size_t most = m->s->candidates;
    if (at->column_of[c] == 0) {
        at->active[at->n_active] = c;
        at->column_of[c] = ++at->n_active;
        rk_hood_column(hood, hood->id[c], hood->n, at->columns + (at->column_of[c] - 1) * most);
    }
    return at->columns + (at->column_of[c] - 1) * most;
}

/* The candidate's weight becomes the best while all others stand still. Returns by how much it has moved. */
static float step(const slim *m, const rk_hood *hood, slope *at, uint32_t c)
{
    uint32_t item = hood->id[c];
    float square = m->square[item], before = at->weight[c];
    float pull = at->gradient[c] + square * before, over = fabsf(pull) - (float)m->s->l1;
    bool is_zero = over <= 0 || (pull < 0 && !m->s->negative);
    float after = is_zero ? 0 : copysignf(over / (square + m->penalty[item]), pull), change = after - before;
    if (fabsf(change) > 0) {
        m->kernels->axpy_f32(at->gradient, column_of(m, hood, at, c), -change, hood->n);
        at->weight[c] = after;
    }
    return fabsf(change);
}

/* Sweeps over the weights that have left 0 until they stand still, then over all; until those stand still, too. */
static void descend(slim *m, const rk_hood *hood, slope *at, uint64_t *n_sweeps)
{
    float tolerance = (float)m->s->tolerance, moved = INFINITY;
    for (unsigned sweep = 0; moved > tolerance && sweep < SWEEPS_MAX; sweep++) {
        float moved_active = sweep > 0 ? INFINITY : 0;
        for (; moved_active > tolerance && sweep < SWEEPS_MAX; sweep++, ++*n_sweeps) {
            moved_active = 0;
            for (uint32_t a = 0; a < at->n_active; a++) {
                moved_active = fmaxf(moved_active, step(m, hood, at, at->active[a]));
            }
        }
        moved = 0;
        for (uint32_t c = 0; c < hood->n; c++) {
            moved = fmaxf(moved, step(m, hood, at, c));
        }
        ++*n_sweeps;
    }
}

static rk_status solve(void *context, unsigned worker, const rk_hood *hood, const float *aim, float *weight,
                       rk_error *err)
{
    slim *m = context;
    slope *at = &m->slopes[worker];
    (void)err;
    at->n_active = 0;
    for (uint32_t c = 0; c < hood->n; c++) {
        at->gradient[c] = aim[c];
        at->weight[c] = 0;
        at->column_of[c] = 0;
    }
    descend(m, hood, at, &m->n_sweeps[worker]);
    for (uint32_t c = 0; c < hood->n; c++) {
        weight[c] = at->weight[c];
    }
    return RK_OK;
}

/* ---- all items ---- */

static rk_status make_slopes(slim *m, const rk_item_gram *gram, unsigned n_workers, rk_error *err)
{
    size_t most = m->s->candidates;
    m->slopes = calloc(n_workers, sizeof *m->slopes);
    m->n_sweeps = calloc(n_workers, sizeof *m->n_sweeps);
    m->penalty = rk_item_gram_penalties(gram, m->s->l2, m->s->dropout);
    m->square = gram->square;
    m->kernels = rk_kernels_best();
    for (unsigned w = 0; m->slopes && w < n_workers; w++) {
        m->slopes[w] = (slope){
            .gradient = malloc(most * sizeof(float)),
            .weight = malloc(most * sizeof(float)),
            .columns = malloc(most * most * sizeof(float)),
            .column_of = malloc(most * sizeof(uint32_t)),
            .active = malloc(most * sizeof(uint32_t)),
        };
        const slope *at = &m->slopes[w];
        if (!at->gradient || !at->weight || !at->columns || !at->column_of || !at->active) {
            return rk_fail_memory(err, "room to descend in");
        }
    }
    return m->slopes && m->n_sweeps && m->penalty ? RK_OK : rk_fail_memory(err, "room to descend in");
}

static void release(slim *m, unsigned n_workers)
{
    for (unsigned w = 0; m->slopes && w < n_workers; w++) {
        free(m->slopes[w].gradient);
        free(m->slopes[w].weight);
        free(m->slopes[w].columns);
        free(m->slopes[w].column_of);
        free(m->slopes[w].active);
    }
    free(m->slopes);
    free(m->n_sweeps);
    free(m->penalty);
}

/* How many weights an item has, and how many sweeps finding them took, on average. */
static rk_status note_figures(const slim *m, unsigned n_workers, rk_model_draft *out, rk_error *err)
{
    double sweeps = 0, n = out->n_items > 0 ? out->n_items : 1;
    for (unsigned w = 0; w < n_workers; w++) {
        sweeps += (double)m->n_sweeps[w];
    }
    out->figures = json_pack("{s:f,s:f}", "weights_per_item", (double)out->near.start[out->near.n_rows] / n,
                             "sweeps_per_item", sweeps / n);
    return out->figures ? RK_OK : rk_fail_memory(err, "figures");
}

static rk_status learn(const settings *s, const rk_run *run, rk_model_draft *out, rk_error *err)
{
    unsigned n_workers = rk_pool_threads(run->pool);
    rk_item_gram gram = {0};
    slim m = {.s = s};
    rk_hoods_job job = {.model = "slim", .candidates = (uint32_t)s->candidates, .context = &m, .solve = solve};
    rk_status status = rk_item_gram_init(&gram, &out->seen, s->activity, err);
    status = status ? status : make_slopes(&m, &gram, n_workers, err);
    status = status ? status : rk_hoods_solve(&gram, &job, run, &out->near, err);
    status = status ? status : note_figures(&m, n_workers, out, err);
    release(&m, n_workers);
    rk_item_gram_release(&gram);
    return status;
}

static rk_status train(const rk_dataset *dataset, const void *settings_, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    const settings *s = settings_;
    out->n_users = dataset->n_users;
    out->n_items = dataset->n_items;
    rk_status status = rk_knn_matrix(dataset, (rk_weigh)s->weigh, s->half_life_days, &out->seen, err);
    status = status ? status : learn(s, run, out, err);
    return status ? status : rk_knn_add_bias(out, err);
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings_, unsigned n_threads)
{
    const settings *s = settings_;
    return dataset->n_events * 16 + rk_item_gram_bytes(dataset->n_items, dataset->n_events) +
           (uint64_t)dataset->n_items * 4 + n_threads * s->candidates * (s->candidates * 4 + 16) +
           rk_hoods_bytes(dataset, (uint32_t)s->candidates, 0, n_threads);
}

/* Most of it is gathering; a descent makes a quarter of the columns and goes over them some tens of times. */
static rk_work predict_work(const rk_dataset *dataset, const void *settings_)
{
    const settings *s = settings_;
    double n = dataset->n_items, most = fmin((double)s->candidates, n);
    rk_work work = rk_hoods_work(dataset, (uint32_t)s->candidates);
    work.flops += n * most * most * 400;
    return work;
}

const rk_model_kind rk_model_kind_slim = {
    .name = "slim",
    .summary = "every item foretold from a few others, by sparse linear regression",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .predict_work = predict_work,
};

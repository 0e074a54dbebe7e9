/* mf.c - explicit ratings: r = mu + b_u + b_i + U diag(S) V', from the ratings that are there.
 *
 * Minimises the sum over ratings of (r - prediction)^2 + lambda (|p_u|^2 + |q_i|^2 + b_u^2 + b_i^2), mu the mean
 * rating: Koren, Bell, Volinsky, "Matrix factorization techniques for recommender systems" (2009), the penalty by
 * occurrence as in Zhou et al., "Large-scale parallel collaborative filtering for the Netflix prize" (2008). One
 * objective, three ways down: alternating least squares, stochastic gradients, plain gradients. A fourth, variational
 * Bayes, learns the penalty itself (mf_sweep.c); with hints, the penalty is on p_u less what is expected of a user who
 * rated just these items, and likewise on q_i (mf_hint.c).
 *
 * What we do differently: a cell without a rating is not a rating of nothing, it is not there. When learning is done,
 * the vectors are turned to the diagonal form, which the predictions do not notice: columns of U and V are orthonormal,
 * S descends, and each side carries the root of S; folding in is one more least squares step. Learning goes over fixed
 * blocks and chunks, so that any number of threads gives the same bits.
 */
#include "model/mf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/model_inside.h"

enum { STREAM_USERS = 0, STREAM_ITEMS = 1 };

static const rk_option options[] = {
    {.name = "factors",
     .kind = RK_OPT_COUNT,
     .field = offsetof(rk_mf_settings, factors),
     .value = "N",
     .fallback = "32",
     .help = "length of the vectors, at most the number of users or items",
     .min = 1,
     .max = RK_MODEL_DIM_MAX - 2,
     .is_log_scale = true,
     .tune = "8..128"},
    {.name = "iterations",
     .kind = RK_OPT_COUNT,
     .field = offsetof(rk_mf_settings, iterations),
     .value = "N",
     .fallback = "20",
     .help = "rounds over all ratings",
     .min = 1,
     .max = 1000000,
     .is_budget = true},
    {.name = "lambda",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_mf_settings, lambda),
     .value = "X",
     .fallback = "0.1",
     .help = "penalty on long vectors and biases, for each rating",
     .min = 1e-6,
     .max = 1e6,
     .is_log_scale = true,
     .tune = "0.01..1"},
    {.name = "solver",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(rk_mf_settings, solver),
     .value = "HOW",
     .fallback = "als",
     .help = "alternating least squares, variational Bayes, stochastic gradients, plain gradients",
     .choices = "als|bayes|sgd|gd"},
    {.name = "implicit",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(rk_mf_settings, implicit),
     .value = "WHOM",
     .fallback = "none",
     .help = "learn also about users from which items they rated, about items from which users did",
     .choices = "none|users|items|both"},
    {.name = "implicit-lambda",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_mf_settings, implicit_lambda),
     .value = "X",
     .fallback = "1",
     .help = "penalty on what is learnt so",
     .min = 1e-6,
     .max = 1e6,
     .is_log_scale = true},
    {.name = "step",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_mf_settings, step),
     .value = "X",
     .fallback = "0.01",
     .help = "length of a gradient step",
     .min = 1e-9,
     .max = 10,
     .is_log_scale = true},
    {.name = "decay",
     .kind = RK_OPT_REAL,
     .field = offsetof(rk_mf_settings, decay),
     .value = "X",
     .fallback = "0",
     .help = "iteration t steps by step / (1 + decay t)",
     .max = 1e3},
    {.name = "rates",
     .kind = RK_OPT_CHOICE,
     .field = offsetof(rk_mf_settings, rates),
     .value = "WHOSE",
     .fallback = "one",
     .help =
         "sgd: one step for all vectors, or each its own, shorter the more it has moved: a step of 0.2 is right then",
     .choices = "one|own"},
    {.name = "loss",
     .kind = RK_OPT_FLAG,
     .field = offsetof(rk_mf_settings, loss),
     .help = "record the mean squared error after every iteration"},
};

/* Random vectors for whoever has ratings; nobody else is ever moved, so they stay zero. */
static rk_status start(const rk_mf *mf, rk_mf_side *side, uint64_t stream, rk_error *err)
{
    bool is_own = mf->s->solver == RK_MF_SGD && mf->s->rates == RK_MF_RATES_OWN;
    float spread = is_own ? RK_MF_SPREAD_OWN : RK_MF_SPREAD;
    side->vector = rk_mf_new_vectors(side->n, mf->width);
    side->base = calloc(mf->width, sizeof *side->base);
    if (!side->vector || !side->base) {
        return rk_fail_memory(err, "vectors");
    }
    for (size_t r = 0; r < side->n; r++) {
        float *v = side->vector + r * mf->width;
        rk_random random = rk_random_of(mf->run->seed, stream << 32 | r);
        for (size_t d = 0; d < mf->dim && side->events.start[r + 1] > side->events.start[r]; d++) {
            v[d] = (float)((double)spread * rk_random_normal(&random));
        }
        v[side->one] = 1;
    }
    return RK_OK;
}

/* Ratings must be numbers; their mean and variance. */
static rk_status read_ratings(rk_mf *mf, rk_error *err)
{
    const rk_csr *csr = &mf->users.events;
    uint64_t n = csr->start[csr->n_rows];
    double sum = 0, square = 0;
    for (uint64_t e = 0; e < n; e++) {
        if (!isfinite(csr->value[e])) {
            return rk_fail(err, RK_BAD_INPUT, "mf: a rating is not a finite number");
        }
        sum += (double)csr->value[e];
    }
    if (n == 0) {
        return rk_fail(err, RK_BAD_INPUT, "mf: there is no rating to learn from");
    }
    mf->mu = sum / (double)n;
    for (uint64_t e = 0; e < n; e++) {
        square += ((double)csr->value[e] - mf->mu) * ((double)csr->value[e] - mf->mu);
    }
    mf->variance = square > 0 ? square / (double)n : 1; /* all alike: any scale will do */
    return RK_OK;
}

static size_t least(uint64_t a, size_t b, size_t c)
{
    size_t smaller = b < c ? b : c;
    return a < smaller ? (size_t)a : smaller;
}

static rk_status set_up(rk_mf *mf, const rk_dataset *dataset, rk_error *err)
{
    if (!dataset->event_value) {
        return rk_fail(err, RK_BAD_INPUT, "mf learns from ratings, and this dataset has no values; als needs none");
    }
    rk_status status = rk_dataset_matrix(dataset, RK_PAIR_LAST, &mf->users.events, err);
    status = status ? status : read_ratings(mf, err);
    status = status ? status : rk_csr_transpose(&mf->users.events, &mf->items.events, err);
    if (status) {
        return status;
    }
    mf->users.n = dataset->n_users;
    mf->items.n = dataset->n_items;
    mf->dim = least(mf->s->factors, mf->users.n, mf->items.n);
    mf->width = rk_ridge_width(mf->dim + 2);
    mf->users.bias = mf->items.one = mf->dim;
    mf->users.one = mf->items.bias = mf->dim + 1;
    mf->losses = json_array();
    if (!mf->losses) {
        return rk_fail_memory(err, "losses");
    }
    status = start(mf, &mf->users, STREAM_USERS, err);
    return status ? status : start(mf, &mf->items, STREAM_ITEMS, err);
}

/* Splits the columns of a side into a [n x dim] matrix, in place, and its biases. */
static rk_status split(const rk_mf *mf, rk_mf_side *side, float **vector, float **bias, rk_error *err)
{
    *bias = malloc(((size_t)side->n + 1) * sizeof **bias);
    if (!*bias) {
        return rk_fail_memory(err, "biases");
    }
    for (size_t r = 0; r < side->n; r++) {
        const float *v = side->vector + r * mf->width;
        (*bias)[r] = v[side->bias];
        memmove(side->vector + r * mf->dim, v, mf->dim * sizeof *v);
    }
    *vector = side->vector;
    side->vector = NULL;
    return RK_OK;
}

static rk_status tell(const rk_mf *mf, double mse, const float *singular, rk_model_draft *out, rk_error *err)
{
    json_t *values = json_array();
    int failed = 0;
    for (size_t d = 0; d < mf->dim; d++) {
        failed |= json_array_append_new(values, json_real((double)singular[d]));
    }
    out->figures = json_object();
    failed |= json_object_set_new(out->figures, "train_mse", json_real(mse));
    failed |= json_object_set_new(out->figures, "train_rmse", json_real(sqrt(mse)));
    failed |= json_object_set_new(out->figures, "singular_values", values);
    if (mf->s->solver == RK_MF_BAYES) {
        double n = (double)mf->users.events.start[mf->users.n];
        failed |= json_object_set_new(out->figures, "noise", json_real(sqrt(mf->missed / n)));
    }
    if (mf->s->loss) {
        failed |= json_object_set(out->figures, "loss", mf->losses);
    }
    return failed ? rk_fail_memory(err, "figures") : RK_OK;
}

static rk_status hand_over(rk_mf *mf, rk_model_draft *out, rk_error *err)
{
    double mse;
    float *singular = calloc(mf->dim + 1, sizeof *singular);
    float *back = NULL;
    rk_status status =
        singular ? rk_mf_fold_state(mf, &out->encode, &out->n_encode, &back, err) : rk_fail_memory(err, "a model");
    out->n_users = mf->users.n;
    out->n_items = mf->items.n;
    out->dim = (uint32_t)mf->dim;
    out->mu = mf->mu;
    out->is_rating = true;
    status = status ? status : rk_mf_mse(mf, &mse, err);
    status = status ? status : split(mf, &mf->users, &out->user_vector, &out->user_bias, err);
    status = status ? status : split(mf, &mf->items, &out->item_vector, &out->item_bias, err);
    status = status ? status
                    : rk_mf_diagonal_form(out->user_vector, out->n_users, out->item_vector, out->n_items, mf->dim,
                                          singular, back, err);
    status = status ? status : tell(mf, mse, singular, out, err);
    out->seen = mf->users.events;
    mf->users.events = (rk_csr){0};
    free(singular);
    return status;
}

static void release_side(rk_mf_side *side)
{
    free(side->vector);
    free(side->expected);
    free(side->hint);
    free(side->variance);
    free(side->base);
    rk_csr_release(&side->events);
}

static rk_status train(const rk_dataset *dataset, const void *settings, const rk_run *run, rk_model_draft *out,
                       rk_error *err)
{
    rk_mf mf = {.s = settings, .run = run};
    rk_status status = set_up(&mf, dataset, err);
    status = status ? status : rk_mf_learn(&mf, err);
    status = status ? status : hand_over(&mf, out, err);
    release_side(&mf.users);
    release_side(&mf.items);
    json_decref(mf.losses);
    return status;
}

static uint64_t predict_bytes(const rk_dataset *dataset, const void *settings, unsigned n_threads)
{
    const rk_mf_settings *s = settings;
    uint64_t width = rk_ridge_width(s->factors + 2), rows = (uint64_t)dataset->n_users + dataset->n_items;
    uint64_t copies = s->solver == RK_MF_GD || s->solver == RK_MF_BAYES ? 2 : 1;
    uint64_t hints = s->implicit == RK_MF_SILENT ? 0 : s->implicit == RK_MF_BOTH ? 6 : 5; /* 4 of them for a while */
    uint64_t events = dataset->n_events * (uint64_t)(s->solver == RK_MF_SGD ? 28 : 16) + rows * sizeof(uint64_t);
    events += s->rates == RK_MF_RATES_OWN ? rows * sizeof(float) : 0;
    uint64_t rooms = s->solver == RK_MF_ALS || s->solver == RK_MF_BAYES ? n_threads * rk_mf_room_bytes(width) : 0;
    return rows * width * sizeof(float) * (copies + hints) + events + rooms;
}

const rk_model_kind rk_model_kind_mf = {
    .name = "mf",
    .summary = "explicit ratings: mu + b_u + b_i + U diag(S) V'",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(rk_mf_settings),
    .train = train,
    .predict_bytes = predict_bytes,
    .encode = rk_mf_encode,
    .explain = rk_mf_explain,
};

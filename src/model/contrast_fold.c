/* contrast_fold.c - a new user is set against a fixed sample of the items, which stand still.
 *
 * The sample is drawn like the negatives of training and kept with the model; then a few gradient steps find the user.
 * Vectors of length 1 start from the mean of the history less the mean of the items, which is all but there; a sample
 * knows fewer of the items nearby than the catalogue has, so its softmax is taken a quarter softer. Free vectors start
 * from the mean of the users. Whoever has no history is the mean of the users.
 *
 * What a step adds is a sum over the history less a sum over the sample. The former, carried along, says what every
 * entry of the history adds to a score: the reasons are exact.
 *
 *   encode.state[i]  meaning
 *     0..8           loss, likeness, scale of scores, W, weight of the negatives, lambda, alpha,
 *                    1 when events weigh by their values, items in the sample n
 *     16..           [width] mean of the users, [width] mean of the items as negatives, [n x width] the sample;
 *                    width = rk_ridge_width(dim + the columns of biases)
 */
#include "model/contrast_fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/blas.h"
#include "math/random.h"
#include "model/model_inside.h"
#include "model/ridge.h"

enum { LOSS, LIKENESS, SCALE, AGAINST, NEGATIVES, LAMBDA, ALPHA, IS_WEIGHED, N_SAMPLE, HEAD = 16 };
enum { SAMPLE_MAX = 4096, ALIGN = 64, COSINE_STEPS = 5, PRODUCT_STEPS = 8 };
static const float SOFTER = 0.8F, COSINE_STEP = 0.5F, PRODUCT_STEP = 2.0F;

/* ---- the state ---- */

/* Items by their weights as negatives, none before its turn, in the order of the last epoch. */
static size_t choose_sample(const rk_contrast *c, uint32_t *items, size_t n_most)
{
    rk_random random = rk_random_of(c->run->seed, rk_contrast_stream(RK_CONTRAST_STREAM_SAMPLE, 0, 0));
    double share = (double)n_most / c->items.n, carried = rk_random_uniform(&random);
    size_t n = 0;
    for (uint32_t slot = 0; slot < c->items.n; slot++) {
        uint32_t item = c->deal.item_at[slot];
        carried += (double)c->deal.weight[item] * share;
        for (; carried >= 1 && n < n_most; carried--) {
            items[n++] = item;
        }
    }
    return n;
}

/* mean of the vectors of the users who took something; of the items by their weights as negatives. */
static rk_status means(const rk_contrast *c, float *user, float *item, rk_error *err)
{
    size_t width = c->width;
    double *sum = calloc(2 * width, sizeof *sum), n = 0;
    if (!sum) {
        return rk_fail_memory(err, "means");
    }
    for (uint32_t u = 0; u < c->users.n; u++) {
        bool is_known = c->taken.start[u + 1] > c->taken.start[u];
        n += is_known;
        for (size_t d = 0; is_known && d < width; d++) {
            sum[d] += (double)c->users.vector[u * width + d];
        }
    }
    for (uint32_t i = 0; i < c->items.n; i++) {
        for (size_t d = 0; d < width; d++) {
            sum[width + d] += (double)c->deal.weight[i] * (double)c->items.vector[i * width + d];
        }
    }
    for (size_t d = 0; d < width; d++) {
        user[d] = (float)(sum[d] / n);
        item[d] = (float)(sum[width + d] / c->items.n);
    }
    free(sum);
    return RK_OK;
}

static void write_head(const rk_contrast *c, float *at, size_t n_sample)
{
    memset(at, 0, HEAD * sizeof *at);
    at[LOSS] = (float)c->aim.loss;
    at[LIKENESS] = c->aim.is_cosine ? 1 : 0;
    at[SCALE] = c->aim.scale;
    at[AGAINST] = c->aim.against;
    at[NEGATIVES] = c->aim.negatives;
    at[LAMBDA] = (float)c->s->lambda;
    at[ALPHA] = (float)c->s->alpha;
    at[IS_WEIGHED] = c->s->weigh != RK_CONTRAST_ONE ? 1 : 0;
    at[N_SAMPLE] = (float)n_sample;
}

static void place_unknown(const rk_contrast *c, const float *mean)
{
    for (uint32_t u = 0; u < c->users.n; u++) {
        if (c->taken.start[u + 1] == c->taken.start[u]) {
            memcpy(c->users.vector + u * c->width, mean, c->width * sizeof *mean);
        }
    }
}

rk_status rk_contrast_fold_state(const rk_contrast *c, float **state, size_t *n_state, rk_error *err)
{
    size_t width = c->width, n = c->items.n < SAMPLE_MAX ? c->items.n : SAMPLE_MAX;
    uint32_t *items = malloc((n + 1) * sizeof *items);
    float *at = aligned_alloc(ALIGN, (HEAD + (2 + n) * width) * sizeof *at);
    rk_status status = RK_OK;
    *state = at;
    if (!items || !at) {
        status = rk_fail_memory(err, "the encoder's state");
        goto done;
    }
    n = choose_sample(c, items, n);
    *n_state = HEAD + (2 + n) * width;
    write_head(c, at, n);
    status = means(c, at + HEAD, at + HEAD + width, err);
    if (!status) {
        place_unknown(c, at + HEAD);
    }
    for (size_t j = 0; !status && j < n; j++) {
        memcpy(at + HEAD + (2 + j) * width, c->items.vector + items[j] * width, width * sizeof *at);
    }
done:
    free(items);
    return status;
}

/* ---- folding in ---- */

typedef struct {
    rk_contrast_aim aim;
    rk_contrast_match match;
    const rk_kernels *dots;
    size_t dim, n_used, width;
    float lambda, alpha;
    bool is_weighed;
    const float *mean_user, *mean_item, *sample; /* [n_drawn x width] */
    float *taken;                                /* [n_taken x width] vectors of the history */
    uint32_t *id;                                /* 0, 1, 2, ... */
    float *x, *gathered;                         /* [width] */
    float *share;                                /* [n_taken] of each of taken in x */
    float weights;                               /* their sum */
} fold;

static rk_status damaged(const rk_model *model, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged model: encode.state does not fit a %s of %u factors",
                   rk_artefact_path(model->artefact), model->kind->name, model->dim);
}

static rk_status read_state(const rk_model *model, fold *f, rk_error *err)
{
    const rk_section *section = model->encode_state;
    if (!section || section->rows < HEAD) {
        return damaged(model, err);
    }
    const float *at = section->data;
    f->aim = (rk_contrast_aim){
        .kernels = rk_contrast_kernels_best(),
        .loss = at[LOSS] > 0 ? RK_CONTRAST_LOGISTIC : RK_CONTRAST_SOFTMAX,
        .is_cosine = at[LIKENESS] > 0,
        .scale = at[LIKENESS] > 0 ? at[SCALE] * SOFTER : 1,
        .against = at[AGAINST],
        .negatives = at[NEGATIVES],
    };
    f->dots = model->kernels;
    f->dim = model->dim;
    f->n_used = f->dim + (f->aim.is_cosine ? 0 : f->aim.loss == RK_CONTRAST_SOFTMAX ? 1 : 2);
    f->width = rk_ridge_width(f->n_used);
    f->lambda = at[LAMBDA];
    f->alpha = at[ALPHA];
    f->is_weighed = at[IS_WEIGHED] > 0;
    bool fits = at[N_SAMPLE] >= 1 && at[N_SAMPLE] <= SAMPLE_MAX &&
                section->rows == HEAD + (2 + (uint64_t)at[N_SAMPLE]) * f->width;
    f->match.n_drawn = fits ? (size_t)at[N_SAMPLE] : 0;
    f->mean_user = at + HEAD;
    f->mean_item = f->mean_user + f->width;
    f->sample = f->mean_item + f->width;
    return fits ? RK_OK : damaged(model, err);
}

static float *take_floats(rk_arena *arena, size_t n)
{
    return rk_arena_take(arena, n + RK_CONTRAST_LANES, sizeof(float), ALIGN);
}

static rk_status make_room(fold *f, size_t n, rk_arena *arena, rk_error *err)
{
    size_t longest = n > f->match.n_drawn ? n : f->match.n_drawn;
    f->match.n_taken = n;
    f->match.taken = take_floats(arena, n);
    f->match.weight = take_floats(arena, n);
    f->match.drawn = take_floats(arena, f->match.n_drawn);
    f->share = take_floats(arena, n);
    f->taken = take_floats(arena, n * f->width);
    f->x = take_floats(arena, f->width);
    f->gathered = take_floats(arena, f->width);
    f->id = RK_TAKE(arena, uint32_t, longest);
    if (!f->match.taken || !f->match.weight || !f->match.drawn || !f->share || !f->taken || !f->x || !f->gathered ||
        !f->id) {
        return rk_fail_memory(err, "a history's vectors");
    }
    for (size_t j = 0; j < longest; j++) {
        f->id[j] = (uint32_t)j;
    }
    return RK_OK;
}

/* Vectors with their biases, as in training. */
static void load_history(const rk_model *model, fold *f, rk_history history)
{
    memset(f->taken, 0, history.n * f->width * sizeof *f->taken);
    for (size_t j = 0; j < history.n; j++) {
        float *row = f->taken + j * f->width, value = f->is_weighed && history.value ? history.value[j] : 1;
        rk_model_item_vector(model, history.item[j], row);
        if (f->n_used > f->dim) {
            row[f->dim] = model->item_bias ? model->item_bias[history.item[j]] : 0;
        }
        if (f->n_used > f->dim + 1) {
            row[f->dim + 1] = 1;
        }
        f->match.weight[j] = rk_contrast_weight(f->alpha, value);
        f->weights += f->match.weight[j];
    }
}

/* ---- steps ---- */

/* gathered = what the history pulls, and the sample pushes, for each unit of weight; match.taken: pulls. */
static void gather(fold *f)
{
    const rk_contrast_kernels *kernels = f->aim.kernels;
    rk_contrast_match *m = &f->match;
    double loss;
    kernels->score(m->taken, f->taken, f->id, m->n_taken, f->x, f->aim.scale, f->width);
    kernels->score(m->drawn, f->sample, f->id, m->n_drawn, f->x, f->aim.scale, f->width);
    rk_contrast_pulls(&f->aim, m, &loss);
    rk_gemm_nn(f->gathered, f->width, m->taken, m->n_taken, f->taken, f->width, 1, f->width, m->n_taken, 1 / f->weights,
               0);
    rk_gemm_nn(f->gathered, f->width, m->drawn, m->n_drawn, f->sample, f->width, 1, f->width, m->n_drawn,
               -1 / f->weights, 1);
}

/* x = keep * x + step * gathered, and the shares with it. */
static void step(fold *f, float keep, float length)
{
    for (size_t d = 0; d < f->width; d++) {
        f->x[d] = keep * f->x[d] + length * f->gathered[d];
    }
    for (size_t j = 0; j < f->match.n_taken; j++) {
        f->share[j] = keep * f->share[j] + length / f->weights * f->match.taken[j];
    }
}

static void scale_to_one(fold *f)
{
    float square = f->dots->dot_f32(f->x, f->x, f->width), by = square > 0 ? 1 / sqrtf(square) : 0;
    for (size_t d = 0; d < f->width; d++) {
        f->x[d] *= by;
    }
    for (size_t j = 0; j < f->match.n_taken; j++) {
        f->share[j] *= by;
    }
}

static void find_direction(fold *f)
{
    for (size_t d = 0; d < f->width; d++) {
        f->x[d] = -f->mean_item[d];
    }
    for (size_t j = 0; j < f->match.n_taken; j++) {
        f->share[j] = f->match.weight[j] / f->weights;
        f->dots->axpy_f32(f->x, f->taken + j * f->width, f->share[j], f->width);
    }
    scale_to_one(f);
    for (size_t t = 0; t < COSINE_STEPS; t++) {
        gather(f);
        step(f, 1, COSINE_STEP);
        scale_to_one(f);
    }
}

static void find_vector(fold *f)
{
    float energy = 0;
    memcpy(f->x, f->mean_user, f->width * sizeof *f->x);
    memset(f->share, 0, f->match.n_taken * sizeof *f->share);
    for (size_t t = 0; t < PRODUCT_STEPS; t++) {
        gather(f);
        f->gathered[f->dim] = 0; /* the column that is 1 */
        energy += f->dots->dot_f32(f->gathered, f->gathered, f->width);
        float length = PRODUCT_STEP / sqrtf(1e-6F + energy);
        step(f, fmaxf(0, 1 - length * f->lambda), length);
        f->x[f->dim] = 1;
    }
}

static rk_status run(const rk_model *model, rk_history history, rk_arena *arena, fold *f, rk_error *err)
{
    rk_status status = read_state(model, f, err);
    status = status ? status : make_room(f, history.n, arena, err);
    if (status) {
        return status;
    }
    load_history(model, f, history);
    if (!(f->weights > 0)) {
        memcpy(f->x, f->mean_user, f->width * sizeof *f->x);
        memset(f->share, 0, history.n * sizeof *f->share);
    } else if (f->aim.is_cosine) {
        find_direction(f);
    } else {
        find_vector(f);
    }
    return RK_OK;
}

rk_status rk_contrast_encode(const rk_model *model, rk_history history, rk_arena *arena, rk_query *query, rk_error *err)
{
    fold f = {0};
    rk_status status = run(model, history, arena, &f, err);
    if (!status) {
        memcpy(query->vector, f.x, f.dim * sizeof *f.x);
    }
    return status;
}

rk_status rk_contrast_explain(const rk_model *model, rk_history history, const uint32_t *items, size_t n_items,
                              rk_arena *arena, float *share, rk_error *err)
{
    fold f = {0};
    rk_status status = run(model, history, arena, &f, err);
    float *probe = status ? NULL : take_floats(arena, f.width);
    if (status || !probe) {
        return status ? status : rk_fail_memory(err, "reasons");
    }
    for (size_t i = 0; i < n_items; i++) {
        rk_model_item_vector(model, items[i], probe);
        for (size_t j = 0; j < history.n; j++) {
            share[i * history.n + j] = f.share[j] * f.dots->dot_f32(probe, f.taken + j * f.width, f.dim);
        }
    }
    return RK_OK;
}

/* contrast.c - see contrast.h: vectors begin at random, learn for some epochs, and are handed over. */
#include "model/contrast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/contrast_fold.h"
#include "model/model_inside.h"
#include "model/ridge.h"

enum { ALIGN = 64, ROW_CHUNK = 1024 };
static const double SPREAD = 0.1; /* of the first random vectors: length about .1 */

/* ---- beginning ---- */

static float length(const rk_contrast *c, const float *vector)
{
    return sqrtf(c->dots->dot_f32(vector, vector, c->width));
}

static void scale(float *vector, float by, size_t width)
{
    for (size_t d = 0; d < width; d++) {
        vector[d] *= by;
    }
}

static rk_status start(const rk_contrast *c, rk_contrast_side *side, uint32_t n, uint64_t stream, rk_error *err)
{
    size_t bytes = ((size_t)n + 1) * c->width * sizeof(float);
    side->n = n;
    side->vector = aligned_alloc(ALIGN, bytes);
    side->energy = calloc((size_t)n + 1, sizeof *side->energy);
    if (!side->vector || !side->energy) {
        return rk_fail_memory(err, "vectors");
    }
    memset(side->vector, 0, bytes);
    for (size_t r = 0; r < n; r++) {
        float *v = side->vector + r * c->width;
        rk_random random = rk_random_of(c->run->seed, rk_contrast_stream(stream, 0, r));
        for (size_t d = 0; d < c->dim; d++) {
            v[d] = (float)(SPREAD / sqrt((double)c->dim) * rk_random_normal(&random));
        }
        if (c->aim.is_cosine) {
            scale(v, 1 / fmaxf(length(c, v), 1e-6F), c->width);
        }
    }
    return RK_OK;
}

static void set_ones(const rk_contrast *c)
{
    for (size_t u = 0; c->n_used > c->dim && u < c->users.n; u++) {
        c->users.vector[u * c->width + c->dim] = 1;
    }
    for (size_t i = 0; c->n_used > c->dim + 1 && i < c->items.n; i++) {
        c->items.vector[i * c->width + c->dim + 1] = 1;
    }
}

static void set_aim(rk_contrast *c, rk_contrast_loss loss, uint32_t n_items)
{
    const rk_contrast_settings *s = c->s;
    bool is_cosine = s->likeness == RK_CONTRAST_COSINE;
    c->aim = (rk_contrast_aim){
        .kernels = rk_contrast_kernels_best(),
        .loss = loss,
        .is_cosine = is_cosine,
        .with_loss = s->with_loss,
        .scale = is_cosine ? (float)(1 / s->temperature) : 1,
        .against = s->against > 0 ? (float)s->against : (float)n_items,
        .negatives = (float)s->negatives,
    };
    c->dots = rk_kernels_best();
    c->dim = s->factors;
    c->n_used = c->dim + (is_cosine ? 0 : loss == RK_CONTRAST_SOFTMAX ? 1 : 2);
    c->width = rk_ridge_width(c->n_used);
}

/* c->taken is there. */
static rk_status set_up(rk_contrast *c, rk_error *err)
{
    if (c->taken.start[c->taken.n_rows] == 0) {
        return rk_fail(err, RK_BAD_INPUT, "there is no event to learn from");
    }
    rk_status status = start(c, &c->users, c->taken.n_rows, RK_CONTRAST_STREAM_USERS, err);
    status = status ? status : start(c, &c->items, c->taken.n_cols, RK_CONTRAST_STREAM_ITEMS, err);
    if (!status) {
        set_ones(c);
        status = rk_contrast_deal_init(&c->deal, &c->taken, c->width, c->s->popularity, c->s->alpha, err);
    }
    return status;
}

/* ---- learning ---- */

typedef struct {
    const rk_contrast *c;
    rk_contrast_room *rooms; /* [workers] */
    unsigned n_workers;
    uint64_t epoch;
    size_t diagonal;
    double *loss; /* [n_blocks] of this diagonal's tiles */
    json_t *losses;
} learner;

static rk_status make_rooms(learner *l, rk_error *err)
{
    rk_status status = RK_OK;
    l->n_workers = rk_pool_threads(l->c->run->pool);
    l->rooms = calloc(l->n_workers, sizeof *l->rooms);
    l->loss = calloc(l->c->deal.n_blocks, sizeof *l->loss);
    l->losses = json_array();
    if (!l->rooms || !l->loss || !l->losses) {
        return rk_fail_memory(err, "room to learn in");
    }
    for (unsigned t = 0; !status && t < l->n_workers; t++) {
        status = rk_contrast_room_init(&l->rooms[t], l->c, err);
    }
    return status;
}

static void release_rooms(learner *l)
{
    for (unsigned t = 0; l->rooms && t < l->n_workers; t++) {
        rk_contrast_room_release(&l->rooms[t]);
    }
    free(l->rooms);
    free(l->loss);
    json_decref(l->losses);
}

/* One tile of the diagonal for each block of users. */
static void tile_chunk(void *context, rk_span span)
{
    const learner *l = context;
    size_t n = l->c->deal.n_blocks, tile = span.begin * n + (span.begin + l->diagonal) % n;
    l->loss[span.begin] = rk_contrast_tile(l->c, &l->rooms[span.worker], tile, l->epoch);
}

typedef struct {
    const rk_contrast *c;
    const rk_contrast_side *side;
    bool *is_lost; /* [chunks] */
} tidy_job;

/* Lengths of 1 have gathered rounding errors; vectors without bounds are noticed. */
static void tidy_chunk(void *context, rk_span span)
{
    const tidy_job *job = context;
    for (size_t r = span.begin; r < span.end; r++) {
        float *v = job->side->vector + r * job->c->width, now = length(job->c, v);
        job->is_lost[span.chunk] |= !isfinite(now);
        if (job->c->aim.is_cosine) {
            scale(v, 1 / now, job->c->width);
        }
    }
}

static rk_status tidy(const rk_contrast *c, const rk_contrast_side *side, rk_error *err)
{
    size_t n_chunks = rk_chunk_count(side->n, ROW_CHUNK);
    tidy_job job = {c, side, calloc(n_chunks + 1, sizeof *job.is_lost)};
    bool is_lost = false;
    if (!job.is_lost) {
        return rk_fail_memory(err, "a list of vectors");
    }
    rk_parallel_for(c->run->pool, side->n, ROW_CHUNK, tidy_chunk, &job);
    for (size_t chunk = 0; chunk < n_chunks; chunk++) {
        is_lost |= job.is_lost[chunk];
    }
    free(job.is_lost);
    return !is_lost ? RK_OK
                    : rk_fail(err, RK_BAD_INPUT,
                              "the steps led away from every solution; a smaller step or more lambda may help");
}

static rk_status run_epoch(learner *l, rk_contrast *c, rk_error *err)
{
    double loss = 0;
    c->rate = (float)(c->s->step * (1 - (double)l->epoch / (double)c->s->epochs));
    rk_contrast_deal_epoch(&c->deal, &c->taken, l->epoch, c->run);
    for (l->diagonal = 0; l->diagonal < c->deal.n_blocks; l->diagonal++) {
        rk_parallel_for(c->run->pool, c->deal.n_blocks, 1, tile_chunk, l);
        for (size_t block = 0; block < c->deal.n_blocks; block++) {
            loss += l->loss[block];
        }
    }
    loss /= (double)c->taken.start[c->taken.n_rows];
    if (c->s->with_loss) {
        rk_log(c->run, RK_LOG_DETAIL, "epoch %llu, loss %.6g", (unsigned long long)l->epoch + 1, loss);
        if (json_array_append_new(l->losses, json_real(isfinite(loss) ? loss : HUGE_VAL))) {
            return rk_fail_memory(err, "losses");
        }
    }
    rk_status status = tidy(c, &c->users, err);
    return status ? status : tidy(c, &c->items, err);
}

/* What a watch wants to keep. */
typedef struct {
    float *users, *items; /* NULL: nothing yet */
} kept;

static size_t side_bytes(const rk_contrast *c, const rk_contrast_side *side)
{
    return ((size_t)side->n + 1) * c->width * sizeof(float);
}

static rk_status keep(const rk_contrast *c, kept *k, rk_error *err)
{
    k->users = k->users ? k->users : malloc(side_bytes(c, &c->users));
    k->items = k->items ? k->items : malloc(side_bytes(c, &c->items));
    if (!k->users || !k->items) {
        return rk_fail_memory(err, "the best vectors so far");
    }
    memcpy(k->users, c->users.vector, side_bytes(c, &c->users));
    memcpy(k->items, c->items.vector, side_bytes(c, &c->items));
    return RK_OK;
}

static void go_back(rk_contrast *c, kept *k)
{
    if (k->users && k->items) {
        memcpy(c->users.vector, k->users, side_bytes(c, &c->users));
        memcpy(c->items.vector, k->items, side_bytes(c, &c->items));
    }
    free(k->users);
    free(k->items);
}

static rk_status be_watched(const rk_contrast *c, const rk_contrast_watch *watch, uint64_t epoch, kept *k,
                            bool *is_over, rk_error *err)
{
    bool is_best = false;
    rk_status status = watch->look(watch->context, c, epoch, &is_best, is_over, err);
    return status || !is_best ? status : keep(c, k, err);
}

static rk_status learn(rk_contrast *c, const char *name, const rk_contrast_watch *watch, json_t **losses, rk_error *err)
{
    learner l = {.c = c};
    kept best = {NULL, NULL};
    bool is_over = false;
    rk_status status = make_rooms(&l, err);
    for (; !status && !is_over && l.epoch < c->s->epochs; l.epoch++) {
        rk_progress(c->run, name, "epochs", l.epoch, c->s->epochs);
        status = run_epoch(&l, c, err);
        status = status || !watch ? status : be_watched(c, watch, l.epoch + 1, &best, &is_over, err);
    }
    go_back(c, &best);
    rk_progress(c->run, name, "epochs", c->s->epochs, c->s->epochs);
    *losses = json_incref(l.losses);
    release_rooms(&l);
    return status;
}

/* ---- end ---- */

/* Splits the columns of a side into a [n x dim] matrix, in place, and its biases where it has them. */
static float *split(const rk_contrast *c, rk_contrast_side *side, float *bias)
{
    float *vector = side->vector;
    for (size_t r = 0; r < side->n; r++) {
        if (bias) {
            bias[r] = vector[r * c->width + c->dim];
        }
        memmove(vector + r * c->dim, vector + r * c->width, c->dim * sizeof *vector);
    }
    side->vector = NULL;
    return vector;
}

static rk_status hand_over(rk_contrast *c, json_t *losses, rk_model_draft *out, rk_error *err)
{
    rk_status status = rk_contrast_fold_state(c, &out->encode, &out->n_encode, err);
    if (!status && c->n_used > c->dim) {
        out->item_bias = malloc(((size_t)c->items.n + 1) * sizeof *out->item_bias);
        status = out->item_bias ? RK_OK : rk_fail_memory(err, "biases");
    }
    if (status) {
        return status;
    }
    out->n_users = c->users.n;
    out->n_items = c->items.n;
    out->dim = (uint32_t)c->dim;
    out->item_vector = split(c, &c->items, out->item_bias);
    out->user_vector = split(c, &c->users, NULL);
    out->seen = c->taken;
    c->taken = (rk_csr){0};
    if (!c->s->with_loss) {
        return RK_OK;
    }
    out->figures = json_object();
    return json_object_set(out->figures, "loss", losses) ? rk_fail_memory(err, "figures") : RK_OK;
}

static void release(rk_contrast *c)
{
    rk_contrast_deal_release(&c->deal);
    free(c->users.vector);
    free(c->users.energy);
    free(c->items.vector);
    free(c->items.energy);
    rk_csr_release(&c->taken);
}

rk_status rk_contrast_train(const rk_dataset *dataset, const rk_contrast_settings *settings, rk_contrast_loss loss,
                            const rk_run *run, rk_model_draft *out, rk_error *err)
{
    static const rk_pair_rule rules[] = {RK_PAIR_ONE, RK_PAIR_COUNT, RK_PAIR_SUM};
    rk_csr taken = {0};
    rk_status status = rk_dataset_matrix(dataset, rules[settings->weigh], &taken, err);
    return status ? status : rk_contrast_fit(&taken, settings, loss, NULL, run, out, err);
}

rk_status rk_contrast_fit(rk_csr *taken, const rk_contrast_settings *settings, rk_contrast_loss loss,
                          const rk_contrast_watch *watch, const rk_run *run, rk_model_draft *out, rk_error *err)
{
    const char *name = loss == RK_CONTRAST_SOFTMAX ? "bpr" : "logistic";
    json_t *losses = NULL;
    rk_contrast c = {.s = settings, .run = run, .taken = *taken};
    *taken = (rk_csr){0};
    set_aim(&c, loss, c.taken.n_cols);
    rk_status status = set_up(&c, err);
    status = status ? status : learn(&c, name, watch, &losses, err);
    status = status ? status : hand_over(&c, losses, out, err);
    json_decref(losses);
    release(&c);
    return status;
}

/* ---- foretelling ---- */

uint64_t rk_contrast_bytes(const rk_dataset *dataset, const rk_contrast_settings *settings, unsigned n_threads)
{
    uint64_t width = rk_ridge_width(settings->factors + 2), rows = (uint64_t)dataset->n_users + dataset->n_items;
    uint64_t vectors = rows * (width + 1) * sizeof(float);
    uint64_t events = dataset->n_events * (2 * sizeof(uint32_t) + sizeof(rk_contrast_event));
    uint64_t orders = rows * (sizeof(uint64_t) + 3 * sizeof(uint32_t));
    uint64_t drawn = settings->negatives * 32 < dataset->n_items ? settings->negatives * 32 : dataset->n_items;
    return vectors + events + orders + n_threads * (drawn * 40 + dataset->n_items * sizeof(uint32_t));
}

/* Scores are read from a second-level cache, row by row, and moves write what they read. */
rk_work rk_contrast_work(const rk_dataset *dataset, const rk_contrast_settings *s)
{
    enum { SCORE_FLOPS = 2, SCORE_SLOWER = 6, MOVE_FLOPS = 30, EXP_FLOPS = 60 };
    double width = (double)rk_ridge_width(s->factors), n = (double)dataset->n_events * (double)s->epochs;
    double moved = s->moved > 0 && s->moved < s->negatives ? (double)s->moved : (double)s->negatives;
    double negatives = (double)s->negatives;
    return (rk_work){.flops = n * (SCORE_FLOPS * SCORE_SLOWER * width * negatives + EXP_FLOPS * negatives +
                                   MOVE_FLOPS * width * (moved + 1)),
                     .bytes = n * width * sizeof(float)};
}

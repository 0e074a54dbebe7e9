/* distil.c - a large model taught to a small one: vectors that rank as the teacher ranks, whatever the teacher is.
 *
 * The teacher scores every item for every user. The first items of his list, weighed by rank, stand beside what the
 * user has taken, and vectors learn to put both before a sample of everything else (the engine of bpr.c: a softmax over
 * vectors of length 1). Knowledge distillation for rankings: Tang, Wang, "Ranking distillation" (KDD 2018).
 *
 * What we do differently
 *   - The loss. Least squares on the teacher's scores or lists, weighted like als, spends few factors on how high a
 * list stands and not on its order: with 64 factors on Gowalla its NDCG@20 came to .128 at best, that of the softmax to
 * .1445.
 *   - The encoder. Vectors come first; then one matrix M takes the mean of a history's item vectors to the user's
 * vector by least squares, items counted by popularity^-power. That is dim^2 + items numbers beside the item vectors
 * that are there anyway (linear.h), and what somebody took a minute ago counts. The power is the one whose lists, of
 *     users that the fit has not seen, agree best with the teacher's.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compress/baseline.h"
#include "compress/compressors.h"
#include "compress/exam.h"
#include "math/dot.h"
#include "math/eigen.h"
#include "model/contrast.h"
#include "model/linear.h"

enum { LIST = 20, SAMPLE_USERS = 500, USER_CHUNK = 1024 };
static const double POWERS[] = {0, 0.25, 0.5, 0.75, 1};
static const double RIDGE = 1e-6; /* of the mean square of an input, so that any history can be fitted */

typedef struct {
    uint64_t factors, depth, epochs, negatives, exam, patience;
    const char *baseline;
    double seen, fall, temperature, step;
    bool users;
} settings;

static const rk_option options[] = {
    {.name = "factors",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, factors),
     .value = "N",
     .fallback = "64",
     .help = "length of the vectors",
     .min = 1,
     .max = 512},
    {.name = "depth",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, depth),
     .value = "N",
     .fallback = "20",
     .help = "how many items of each user's list are learnt",
     .min = 1,
     .max = 1000},
    {.name = "fall",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, fall),
     .value = "X",
     .fallback = "5",
     .help = "the item at place r, from 0, weighs (1 + r / 10)^-X",
     .max = 10},
    {.name = "seen",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, seen),
     .value = "X",
     .fallback = "4",
     .help = "what an item weighs that the user has taken",
     .max = 1000},
    {.name = "epochs",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, epochs),
     .value = "N",
     .fallback = "30",
     .help = "rounds over all lists",
     .min = 1,
     .max = 1000},
    {.name = "negatives",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, negatives),
     .value = "N",
     .fallback = "128",
     .help = "items drawn against each that is learnt",
     .min = 1,
     .max = 4096},
    {.name = "temperature",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, temperature),
     .value = "X",
     .fallback = "0.045",
     .help = "what cosines are divided by: the lower, the more the nearest items count",
     .min = 0.01,
     .max = 10},
    {.name = "step",
     .kind = RK_OPT_REAL,
     .field = offsetof(settings, step),
     .value = "X",
     .fallback = "1.5",
     .help = "length of a step at first, falling to 0",
     .min = 1e-6,
     .max = 1e3},
    {.name = "exam",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, exam),
     .value = "N",
     .fallback = "300",
     .help = "users of whom a fifth is hidden; the epoch that ranks it best is kept; 0 = the last one",
     .max = 1000000},
    {.name = "patience",
     .kind = RK_OPT_COUNT,
     .field = offsetof(settings, patience),
     .value = "N",
     .fallback = "5",
     .help = "learning ends after N epochs in a row that were not the best; 0 = never before the last",
     .max = 1000},
    {.name = "baseline",
     .kind = RK_OPT_TEXT,
     .field = offsetof(settings, baseline),
     .value = "MODEL.rk",
     .help = "what a small model comes to that is trained directly, to measure the gain by; without: what is popular"},
    {.name = "users",
     .kind = RK_OPT_FLAG,
     .field = offsetof(settings, users),
     .fallback = "yes",
     .help = "keep a vector of each user; without, all are folded in"},
};

/* ---- what is to be learnt ---- */

/* Users x items with weights: what was taken, and the lists. */
static rk_status make_lessons(const rk_model *model, const rk_exam *exam, const rk_lists *lists, const settings *s,
                              rk_csr *out, rk_error *err)
{
    uint64_t n = 0, most = (uint64_t)lists->n_users * lists->depth;
    for (uint32_t u = 0; u < lists->n_users; u++) {
        most += rk_model_seen(model, u).n;
    }
    uint32_t *user = malloc((most + 1) * sizeof *user), *item = malloc((most + 1) * sizeof *item);
    float *weight = malloc((most + 1) * sizeof *weight);
    bool is_good = user && item && weight;
    for (uint32_t u = 0; u < lists->n_users && is_good; u++) {
        rk_history seen = rk_exam_known(exam, u);
        const uint32_t *list = lists->item + (size_t)u * lists->depth;
        for (size_t h = 0; h < seen.n && s->seen > 0; h++, n++) {
            user[n] = u;
            item[n] = seen.item[h];
            weight[n] = (float)s->seen;
        }
        for (uint32_t r = 0; r < lists->depth && list[r] != RK_NO_ID; r++, n++) {
            user[n] = u;
            item[n] = list[r];
            weight[n] = (float)pow(1 + r / 10.0, -s->fall);
        }
    }
    rk_status status = is_good
                           ? rk_csr_of_triples(lists->n_users, rk_model_n_items(model), n, user, item, weight, out, err)
                           : rk_fail_memory(err, "what is to be learnt");
    free(user);
    free(item);
    free(weight);
    return status;
}

static rk_status learn(const rk_compress_job *job, rk_exam *exam, const rk_lists *lists, const settings *s,
                       rk_model_draft *student, rk_error *err)
{
    rk_csr lessons = {0};
    rk_contrast_watch watch = {exam, rk_exam_look};
    rk_contrast_settings how = {.factors = s->factors,
                                .epochs = s->epochs,
                                .negatives = s->negatives,
                                .moved = 8,
                                .step = s->step,
                                .temperature = s->temperature,
                                .alpha = 1,
                                .likeness = RK_CONTRAST_COSINE,
                                .rates = RK_CONTRAST_ADAPTIVE};
    rk_status status = make_lessons(job->model, exam, lists, s, &lessons, err);
    return status ? status
                  : rk_contrast_fit(&lessons, &how, RK_CONTRAST_SOFTMAX, exam->n > 0 ? &watch : NULL, job->run, student,
                                    err);
}

/* ---- the encoder ---- */

typedef struct {
    const rk_model *teacher;
    const rk_model_draft *student;
    const rk_lists *lists;
    const rk_exam *exam;
    const rk_run *run;
    size_t dim, n_sample; /* users 0, n / n_sample, ...: kept out of the fit */
    float *mean;          /* [n_users x dim] of each history */
    float *state;         /* of linear.h: M, then what an item counts */
    float *score;         /* [n_items] */
} encoder;

static float *item_weight(const encoder *e) { return e->state + e->dim * e->dim; }

static uint32_t sampled(const encoder *e, size_t i) { return (uint32_t)(i * e->student->n_users / e->n_sample); }

static void make_means(void *context, rk_span span)
{
    const encoder *e = context;
    memset(e->mean + span.begin * e->dim, 0, (span.end - span.begin) * e->dim * sizeof *e->mean);
    for (size_t u = span.begin; u < span.end; u++) {
        rk_linear_mean(e->student->item_vector, item_weight(e), e->dim, rk_model_seen(e->teacher, (uint32_t)u),
                       e->mean + u * e->dim);
    }
}

/* M = (sum u z') (sum z z')^-1 over the users that are not sampled. */
static rk_status fit_matrix(encoder *e, rk_error *err)
{
    size_t dim = e->dim, next = 0;
    double *inner = calloc(dim * dim, sizeof *inner), *outer = calloc(dim * dim, sizeof *outer), trace = 0;
    float *gram = malloc(dim * dim * sizeof *gram);
    rk_status status = inner && outer && gram ? RK_OK : rk_fail_memory(err, "an encoder");
    for (uint32_t u = 0; u < e->student->n_users && !status; u++) {
        const float *z = e->mean + u * dim, *x = e->student->user_vector + u * dim;
        if (next < e->n_sample && sampled(e, next) == u) {
            next++;
            continue;
        }
        for (size_t i = 0; i < dim; i++) {
            for (size_t j = 0; j < dim; j++) {
                inner[i * dim + j] += (double)z[i] * (double)z[j];
                outer[i * dim + j] += (double)x[i] * (double)z[j];
            }
        }
    }
    for (size_t i = 0; i < dim && !status; i++) {
        trace += inner[i * dim + i];
    }
    for (size_t i = 0; i < dim * dim && !status; i++) {
        gram[i] = (float)(inner[i] + (i % (dim + 1) == 0 ? RIDGE * trace / (double)dim + 1e-30 : 0));
        e->state[i] = (float)outer[i];
    }
    if (!status && !rk_solve_spd_many(gram, dim, e->state, dim, dim, dim)) {
        status = rk_fail(err, RK_BAD_INPUT, "distil: the histories are too much alike to fit an encoder");
    }
    free(inner);
    free(outer);
    free(gram);
    return status;
}

/* How many of the teacher's first items are among those of the query. */
static rk_status count_common(encoder *e, uint32_t user, const float *query, uint32_t *common, uint32_t *all,
                              rk_error *err)
{
    rk_history seen = rk_model_seen(e->teacher, user);
    const uint32_t *wanted = e->lists->item + (size_t)user * e->lists->depth;
    uint32_t n_wanted = e->lists->depth < LIST ? e->lists->depth : LIST, list[LIST];
    float best[LIST];
    rk_topk *topk = rk_topk_new(n_wanted);
    if (!topk) {
        return rk_fail_memory(err, "a list");
    }
    rk_kernels_best()->rows_f32(e->score, e->student->item_vector, e->dim, e->student->n_items, query, e->dim);
    rk_topk_offer(topk, 0, e->score, e->student->n_items, seen.item, seen.n);
    size_t n = rk_topk_take(topk, list, best);
    rk_topk_free(topk);
    for (uint32_t w = 0; w < n_wanted && wanted[w] != RK_NO_ID; w++) {
        ++*all;
        for (size_t i = 0; i < n; i++) {
            *common += list[i] == wanted[w];
        }
    }
    return RK_OK;
}

/* The share of the teacher's lists that the sampled users' lists have; folded: by their histories, else by vectors. */
static rk_status agreement(encoder *e, bool is_folded, double *out, rk_error *err)
{
    float query[RK_MODEL_DIM_MAX];
    uint32_t common = 0, all = 0;
    rk_status status = RK_OK;
    for (size_t i = 0; i < e->n_sample && !status; i++) {
        uint32_t user = sampled(e, i);
        const float *vector = e->student->user_vector + user * e->dim;
        if (is_folded) {
            rk_kernels_best()->rows_f32(query, e->state, e->dim, e->dim, e->mean + user * e->dim, e->dim);
            vector = query;
        }
        status = count_common(e, user, vector, &common, &all, err);
    }
    *out = all > 0 ? (double)common / all : 1;
    return status;
}

static void weigh_items(const encoder *e, const uint32_t *count, double power)
{
    for (uint32_t i = 0; i < e->student->n_items; i++) {
        item_weight(e)[i] = (float)pow(count[i] > 0 ? count[i] : 1, -power);
    }
}

static rk_status fit_power(encoder *e, const uint32_t *count, double power, rk_error *err)
{
    weigh_items(e, count, power);
    rk_parallel_for(e->run->pool, e->student->n_users, USER_CHUNK, make_means, e);
    return fit_matrix(e, err);
}

static rk_status fit_encoder(encoder *e, json_t *figures, rk_error *err)
{
    double best = -1, power = 0, known = 0;
    uint32_t *count = calloc((size_t)e->student->n_items + 1, sizeof *count);
    rk_status status = count ? RK_OK : rk_fail_memory(err, "an encoder");
    for (uint32_t u = 0; u < e->student->n_users && !status; u++) {
        rk_history seen = rk_model_seen(e->teacher, u);
        for (size_t h = 0; h < seen.n; h++) {
            count[seen.item[h]]++;
        }
    }
    for (size_t p = 0; p < RK_COUNT_OF(POWERS) && !status; p++) {
        double agree = 0;
        status = fit_power(e, count, POWERS[p], err);
        status = status ? status : agreement(e, true, &agree, err);
        if (agree > best) {
            best = agree;
            power = POWERS[p];
        }
    }
    status = status ? status : fit_power(e, count, power, err);
    status = status ? status : agreement(e, false, &known, err);
    int failed = json_object_set_new(figures, "agreement", json_real(known));
    failed |= json_object_set_new(figures, "agreement_folded", json_real(best));
    failed |= json_object_set_new(figures, "power", json_real(power));
    free(count);
    return status || !failed ? status : rk_fail_memory(err, "figures");
}

/* ---- the student's file ---- */

static rk_status write_student(rk_compress_job *job, const rk_model_draft *d, const settings *s, const float *state,
                               rk_error *err)
{
    json_t *meta = rk_artefact_writer_meta(job->writer);
    size_t stride = rk_model_stride(RK_F32, d->dim), n_state = rk_linear_state_size(d->dim, d->n_items);
    float *padded = calloc((size_t)d->n_items * stride + 1, sizeof *padded);
    rk_status status = padded ? RK_OK : rk_fail_memory(err, "item vectors");
    for (size_t i = 0; i < d->n_items && padded; i++) {
        memcpy(padded + i * stride, d->item_vector + i * d->dim, d->dim * sizeof *padded);
    }
    status = status ? status : rk_artefact_add(job->writer, "item.vector", RK_F32, d->n_items, stride, padded, err);
    status = status ? status : rk_artefact_add(job->writer, "encode.state", RK_F32, n_state, 1, state, err);
    if (!status && s->users) {
        status = rk_artefact_add(job->writer, "user.vector", RK_F32, d->n_users, d->dim, d->user_vector, err);
    }
    free(padded);
    int failed = json_object_set_new(meta, "teacher", json_string(rk_model_label(job->model)));
    failed |= json_object_set_new(meta, "model", json_string(rk_linear_name));
    failed |= json_object_set_new(meta, "form", json_string("vectors"));
    failed |= json_object_set_new(meta, "dim", json_integer(d->dim));
    failed |= json_object_set_new(meta, "options", json_object());
    failed |= json_object_set_new(meta, "figures", json_object());
    (void)json_object_del(meta, "parts"); /* -1 when there are none: fine */
    (void)json_object_del(meta, "fuse_depth");
    job->is_remade = true;
    return status || !failed ? status : rk_fail_memory(err, "the meta of a model");
}

/* How far the student is on the way from the baseline to the teacher, by what their lists have in common with his. */
static rk_status measure_gain(const encoder *e, const settings *s, json_t *figures, rk_error *err)
{
    uint32_t user[SAMPLE_USERS];
    double before = 0, after = json_real_value(json_object_get(figures, "agreement"));
    for (size_t i = 0; i < e->n_sample; i++) {
        user[i] = sampled(e, i);
    }
    rk_status status = rk_baseline_agreement(e->teacher, e->lists, user, e->n_sample, LIST, s->baseline, &before, err);
    int failed = json_object_set_new(figures, "baseline", json_string(s->baseline ? s->baseline : "popular"));
    failed |= json_object_set_new(figures, "agreement_baseline", json_real(before));
    failed |= json_object_set_new(figures, "gain_kept", json_real(before < 1 ? (after - before) / (1 - before) : 1));
    if (e->exam->n > 0) {
        failed |= json_object_set_new(figures, "epochs", json_integer((json_int_t)e->exam->n_epochs));
        failed |= json_object_set_new(figures, "best_epoch", json_integer((json_int_t)e->exam->best_epoch));
        failed |= json_object_set_new(figures, "exam_ndcg@20", json_real(e->exam->best));
    }
    return status || !failed ? status : rk_fail_memory(err, "figures");
}

static rk_status encode_and_write(rk_compress_job *job, const rk_exam *exam, const rk_lists *lists,
                                  const rk_model_draft *student, const settings *s, rk_error *err)
{
    size_t dim = student->dim, n_users = student->n_users;
    encoder e = {.teacher = job->model,
                 .student = student,
                 .lists = lists,
                 .exam = exam,
                 .run = job->run,
                 .dim = dim,
                 .n_sample = n_users / 10 < SAMPLE_USERS ? n_users / 10 : SAMPLE_USERS,
                 .mean = malloc((n_users * dim + 1) * sizeof(float)),
                 .state = calloc(rk_linear_state_size(student->dim, student->n_items) + 1, sizeof(float)),
                 .score = malloc(((size_t)student->n_items + 1) * sizeof(float))};
    bool is_good = e.mean && e.state && e.score;
    rk_status status = is_good ? fit_encoder(&e, job->figures, err) : rk_fail_memory(err, "an encoder");
    status = status ? status : measure_gain(&e, s, job->figures, err);
    status = status ? status : write_student(job, student, s, e.state, err);
    free(e.mean);
    free(e.state);
    free(e.score);
    return status;
}

static rk_status run_distil(rk_compress_job *job, const void *settings_, rk_error *err)
{
    const settings *s = settings_;
    rk_lists lists = {0};
    rk_exam exam = {0};
    rk_model_draft student = {0};
    if (rk_model_is_rating(job->model)) {
        return rk_fail(err, RK_UNSUPPORTED, "%s foretells ratings, and a student would only rank",
                       rk_artefact_path(rk_model_artefact(job->model)));
    }
    rk_status status = rk_lists_make(job->model, (uint32_t)s->depth, job->run, &lists, err);
    status = status ? status : rk_exam_set(job->model, (uint32_t)s->exam, s->patience, job->run, &exam, err);
    status = status ? status : rk_exam_forget(&exam, &lists, err);
    status = status ? status : learn(job, &exam, &lists, s, &student, err);
    status = status ? status : encode_and_write(job, &exam, &lists, &student, s, err);
    rk_exam_release(&exam);
    rk_model_draft_release(&student);
    rk_lists_release(&lists);
    return status;
}

/* Whatever answers to a history can teach, a blend's parts too. */
static bool can_teach(const rk_model *leaf) { return rk_model_is_personal(leaf); }

const rk_compressor rk_compressor_distil = {
    .name = "distil",
    .summary = "a large model's lists taught to short vectors, whatever the large model is",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(settings),
    .wants = "a model that answers to a history",
    .fits = can_teach,
    .whole = run_distil,
};

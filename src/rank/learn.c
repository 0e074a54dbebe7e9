/* learn.c - see learn.h. A step changes the score of every candidate by a multiple of one feature, so that trying it
 * costs a pass over one column and no more.
 */
#include "rank/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"

enum { ROUNDS = 2, INNER_FOLDS = 5, BAGS = 8, STREAM = 101 };

/* More freedom further on. */
static const double penalties[] = {0.03, 0.01, 0.003};
static const double steps[] = {-0.6, -0.25, -0.1, 0.1, 0.25, 0.6};

size_t rk_learn_fold(size_t i, size_t n_folds) { return i % n_folds; }

/* ---- ascent ---- */

/* What all ascents share. */
typedef struct {
    const rk_lesson *lesson;
    const uint32_t *query; /* [n] */
    size_t n, n_candidates;
    float *column;              /* [rk_n_features x n_candidates] */
    double sd[RK_FEATURES_MAX]; /* 0: the feature is the same for all, and is left alone */
    double unit;                /* the largest untrained weight, times its standard deviation */
    uint64_t seed;
} course;

typedef struct {
    const course *course;
    double penalty;
    double *score, *room; /* [candidates] of the weights so far; of one query */
    uint32_t *times;      /* [n] how often each query counts */
} ascent;

static double distance(const course *k, const rk_blend *w)
{
    double sum = 0;
    rk_blend base = rk_blend_default();
    for (size_t f = 0; f < rk_n_features; f++) {
        double d = (w->weight[f] - base.weight[f]) * k->sd[f] / k->unit;
        sum += d * d;
    }
    return sum;
}

/* Mean nDCG when the weight of a feature changes by d. */
static double try_step(const ascent *a, size_t feature, double d)
{
    const course *k = a->course;
    const float *column = k->column + feature * k->n_candidates;
    double sum = 0, n = 0;
    for (size_t i = 0; i < k->n; i++) {
        if (a->times[i] > 0) {
            size_t begin = rk_lesson_begin(k->lesson, k->query[i]), end = rk_lesson_end(k->lesson, k->query[i]);
            for (size_t c = begin; c < end; c++) {
                a->room[c - begin] = a->score[c] + d * (double)column[c];
            }
            sum += a->times[i] * rk_lesson_quality(k->lesson, k->query[i], a->room);
            n += a->times[i];
        }
    }
    return n > 0 ? sum / n : 0;
}

/* The best step of one feature, taken; whether there is one. */
static bool climb(const ascent *a, size_t feature, rk_blend *w, double *best)
{
    const course *k = a->course;
    const float *column = k->column + feature * k->n_candidates;
    double unit = k->unit / k->sd[feature], kept = 0;
    for (size_t s = 0; s < RK_COUNT_OF(steps); s++) {
        rk_blend one = *w;
        one.weight[feature] += steps[s] * unit;
        double value = try_step(a, feature, steps[s] * unit) - a->penalty * distance(k, &one);
        if (value > *best + 1e-6) {
            *best = value;
            kept = steps[s] * unit;
        }
    }
    w->weight[feature] += kept;
    for (size_t c = 0; c < k->n_candidates && kept != 0; c++) {
        a->score[c] += kept * (double)column[c];
    }
    return kept != 0;
}

static rk_blend ascend(const ascent *a)
{
    const course *k = a->course;
    rk_blend w = rk_blend_default();
    for (size_t c = 0; c < k->n_candidates; c++) {
        a->score[c] = rk_blend_score(&w, rk_lesson_feature(k->lesson, c));
    }
    double best = try_step(a, 0, 0);
    bool is_better = true;
    for (int round = 0; round < ROUNDS && is_better; round++) {
        is_better = false;
        for (size_t f = 0; f < rk_n_features; f++) {
            is_better |= k->sd[f] > 0 && climb(a, f, &w, &best);
        }
    }
    return w;
}

/* As many queries as there are, drawn with replacement from those that are not in the fold left out. */
static void draw(const ascent *a, size_t left_out, size_t bag)
{
    const course *k = a->course;
    rk_random random = rk_random_of(k->seed, STREAM + bag);
    memset(a->times, 0, k->n * sizeof *a->times);
    for (size_t drawn = 0; drawn < k->n;) {
        size_t i = rk_random_below(&random, (uint32_t)k->n);
        if (rk_learn_fold(i, INNER_FOLDS) != left_out) {
            a->times[i]++;
            drawn++;
        }
    }
}

/* ---- how freely ---- */

static double quality_of(const rk_lesson *l, size_t query, const rk_blend *w, double *room)
{
    size_t begin = rk_lesson_begin(l, query), end = rk_lesson_end(l, query);
    for (size_t c = begin; c < end; c++) {
        room[c - begin] = rk_blend_score(w, rk_lesson_feature(l, c));
    }
    return rk_lesson_quality(l, query, room);
}

/* One of the ascents whose mean is a blend. */
typedef struct {
    const course *course;
    double penalty;
    size_t left_out, bag;
    rk_blend out;
    bool is_short;
} task;

static void run_tasks(void *context, rk_span span)
{
    for (size_t t = span.begin; t < span.end; t++) {
        task *one = (task *)context + t;
        size_t n = one->course->n_candidates;
        ascent a = {.course = one->course,
                    .penalty = one->penalty,
                    .score = malloc((n + 1) * sizeof *a.score),
                    .room = malloc((n + 1) * sizeof *a.room),
                    .times = malloc((one->course->n + 1) * sizeof *a.times)};
        one->is_short = !a.score || !a.room || !a.times;
        if (!one->is_short) {
            draw(&a, one->left_out, one->bag);
            one->out = ascend(&a);
        }
        free(a.score);
        free(a.room);
        free(a.times);
    }
}

/* n blends, each the mean of BAGS tasks that stand together. */
static rk_status do_tasks(task *list, size_t n, rk_blend *out, const rk_run *run, rk_error *err)
{
    rk_parallel_for(run->pool, n * BAGS, 1, run_tasks, list);
    for (size_t i = 0; i < n; i++) {
        out[i] = (rk_blend){{0}};
        for (size_t bag = 0; bag < BAGS; bag++) {
            const task *one = &list[i * BAGS + bag];
            if (one->is_short) {
                return rk_fail_memory(err, "weights to be learned");
            }
            for (size_t f = 0; f < rk_n_features; f++) {
                out[i].weight[f] += one->out.weight[f] / BAGS;
            }
        }
    }
    return RK_OK;
}

static void set_tasks(const course *k, double penalty, size_t left_out, task *list)
{
    for (size_t bag = 0; bag < BAGS; bag++) {
        list[bag] = (task){.course = k, .penalty = penalty, .left_out = left_out, .bag = bag};
    }
}

/* Gains over the untrained weights on the queries that were left out, mean and standard error. */
static void weigh_up(const course *k, const rk_blend of_fold[INNER_FOLDS], double *room, double *gain, double *error)
{
    double sum = 0, squares = 0, n = (double)k->n;
    rk_blend base = rk_blend_default();
    for (size_t i = 0; i < k->n; i++) {
        const rk_blend *w = &of_fold[rk_learn_fold(i, INNER_FOLDS)];
        double d = quality_of(k->lesson, k->query[i], w, room) - quality_of(k->lesson, k->query[i], &base, room);
        sum += d;
        squares += d * d;
    }
    *gain = sum / n;
    *error = n > 1 ? sqrt(fmax(squares - sum * sum / n, 0) / (n - 1) / n) : 0;
}

static void choose_penalty(const course *k, const rk_blend *of_fold, double *room, rk_learned *how)
{
    for (size_t p = 0; p < RK_COUNT_OF(penalties); p++) {
        double gain, error;
        weigh_up(k, of_fold + p * INNER_FOLDS, room, &gain, &error);
        if (gain - RK_LEARN_SURE * error > fmax(how->gain - RK_LEARN_SURE * how->error, 0)) {
            how->penalty = penalties[p];
            how->gain = gain;
            how->error = error;
        }
    }
}

/* ---- learning ---- */

/* Columns of the features, and their standard deviations. */
static void measure(course *k)
{
    double n = (double)k->n_candidates;
    rk_blend base = rk_blend_default();
    k->unit = 0;
    for (size_t f = 0; f < rk_n_features; f++) {
        double sum = 0, squares = 0;
        for (size_t c = 0; c < k->n_candidates; c++) {
            float x = rk_lesson_feature(k->lesson, c)[f];
            k->column[f * k->n_candidates + c] = x;
            sum += (double)x;
            squares += (double)x * (double)x;
        }
        double sd = n > 0 ? sqrt(fmax(squares - sum * sum / n, 0) / n) : 0;
        k->sd[f] = sd < 1e-6 ? 0 : sd;
        k->unit = fmax(k->unit, fabs(base.weight[f]) * k->sd[f]);
    }
    k->unit = k->unit > 0 ? k->unit : 1;
}

static double mean_quality(const course *k, const rk_blend *w, double *room)
{
    double sum = 0;
    for (size_t i = 0; i < k->n; i++) {
        sum += quality_of(k->lesson, k->query[i], w, room);
    }
    return sum / (double)k->n;
}

static rk_status learn(course *k, task *list, double *room, const rk_run *run, rk_blend *out, rk_learned *how,
                       rk_error *err)
{
    enum { BLENDS = RK_COUNT_OF(penalties) * INNER_FOLDS };
    rk_blend of_fold[BLENDS], base = rk_blend_default();
    measure(k);
    for (size_t i = 0; i < BLENDS; i++) {
        set_tasks(k, penalties[i / INNER_FOLDS], i % INNER_FOLDS, list + i * BAGS);
    }
    rk_status status = do_tasks(list, BLENDS, of_fold, run, err);
    if (status) {
        return status;
    }
    choose_penalty(k, of_fold, room, how);
    *out = base;
    if (isfinite(how->penalty)) {
        set_tasks(k, how->penalty, INNER_FOLDS, list);
        status = do_tasks(list, 1, out, run, err);
    }
    if (!status) {
        how->before = mean_quality(k, &base, room);
        how->after = mean_quality(k, out, room);
    }
    return status;
}

rk_status rk_learn_blend(const rk_lesson *lesson, const uint32_t *query, size_t n, const rk_run *run, rk_blend *out,
                         rk_learned *how, rk_error *err)
{
    size_t n_candidates = lesson->rating.n;
    *how = (rk_learned){.penalty = INFINITY, .n_queries = n};
    if (n < INNER_FOLDS) {
        return rk_fail(err, RK_BAD_INPUT, "%zu questions with a good item are too few to learn from; %d is the least",
                       n, (int)INNER_FOLDS);
    }
    course k = {.lesson = lesson,
                .query = query,
                .n = n,
                .n_candidates = n_candidates,
                .column = malloc((n_candidates + 1) * rk_n_features * sizeof *k.column),
                .seed = run->seed};
    task *list = calloc(RK_COUNT_OF(penalties) * INNER_FOLDS * BAGS, sizeof *list);
    double *room = malloc((n_candidates + 1) * sizeof *room);
    rk_status status = k.column && list && room ? learn(&k, list, room, run, out, how, err)
                                                : rk_fail_memory(err, "weights to be learned");
    free(k.column);
    free(list);
    free(room);
    return status;
}

/* learn.c - see learn.h. A step changes the score of every candidate by a multiple of one feature, so that trying it
 * costs a pass over one column and no more.
 */
#include "rank/learn.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 3, INNER_FOLDS = 5 };

/* More freedom further on. */
static const double penalties[] = {0.1, 0.03, 0.01, 0.003, 0.001};
static const double steps[] = {-0.6, -0.3, -0.15, -0.07, 0.07, 0.15, 0.3, 0.6};

size_t rk_learn_fold(size_t i, size_t n_folds) { return i % n_folds; }

/* ---- ascent ---- */

typedef struct {
    const rk_lesson *lesson;
    const uint32_t *query; /* [n] */
    size_t n;
    size_t left_out;  /* fold of them that is not learned from; INNER_FOLDS: none */
    const double *sd; /* [rk_n_features] */
    double unit;      /* the largest untrained weight, times its standard deviation */
    double penalty;
    double *score, *room; /* [candidates] of the weights so far; of one query */
} ascent;

static bool is_in(const ascent *a, size_t i) { return rk_learn_fold(i, INNER_FOLDS) != a->left_out; }

static double distance(const ascent *a, const rk_blend *w)
{
    double sum = 0;
    rk_blend base = rk_blend_default();
    for (size_t f = 0; f < rk_n_features; f++) {
        double d = (w->weight[f] - base.weight[f]) * a->sd[f] / a->unit;
        sum += d * d;
    }
    return sum;
}

/* Mean nDCG when the weight of a feature changes by d. */
static double try_step(const ascent *a, size_t feature, double d)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (is_in(a, i)) {
            size_t begin = rk_lesson_begin(a->lesson, a->query[i]), end = rk_lesson_end(a->lesson, a->query[i]);
            for (size_t c = begin; c < end; c++) {
                a->room[c - begin] = a->score[c] + d * (double)rk_lesson_feature(a->lesson, c)[feature];
            }
            sum += rk_lesson_quality(a->lesson, a->query[i], a->room);
            n++;
        }
    }
    return n > 0 ? sum / (double)n : 0;
}

static void add_step(const ascent *a, size_t feature, double d, rk_blend *w)
{
    w->weight[feature] += d;
    for (size_t c = 0; c < a->lesson->rating.n; c++) {
        a->score[c] += d * (double)rk_lesson_feature(a->lesson, c)[feature];
    }
}

/* The best step of one feature; whether there is one. */
static bool climb(const ascent *a, size_t feature, rk_blend *w, double *best)
{
    double unit = a->unit / a->sd[feature], kept = 0;
    for (size_t s = 0; s < RK_COUNT_OF(steps); s++) {
        rk_blend one = *w;
        one.weight[feature] += steps[s] * unit;
        double value = try_step(a, feature, steps[s] * unit) - a->penalty * distance(a, &one);
        if (value > *best + 1e-6) {
            *best = value;
            kept = steps[s] * unit;
        }
    }
    if (kept != 0) {
        add_step(a, feature, kept, w);
    }
    return kept != 0;
}

static rk_blend ascend(const ascent *a)
{
    rk_blend w = rk_blend_default();
    for (size_t c = 0; c < a->lesson->rating.n; c++) {
        a->score[c] = rk_blend_score(&w, rk_lesson_feature(a->lesson, c));
    }
    double best = try_step(a, 0, 0);
    bool is_better = true;
    for (int round = 0; round < ROUNDS && is_better; round++) {
        is_better = false;
        for (size_t f = 0; f < rk_n_features; f++) {
            is_better |= a->sd[f] > 0 && climb(a, f, &w, &best);
        }
    }
    return w;
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

typedef struct {
    ascent base;
    rk_blend out;
    bool is_short;
} task;

typedef struct {
    task *task;
} tasks;

static void run_tasks(void *context, rk_span span)
{
    for (size_t t = span.begin; t < span.end; t++) {
        task *one = &((tasks *)context)->task[t];
        size_t n = one->base.lesson->rating.n;
        one->base.score = malloc((n + 1) * sizeof(double));
        one->base.room = malloc((n + 1) * sizeof(double));
        one->is_short = !one->base.score || !one->base.room;
        if (!one->is_short) {
            one->out = ascend(&one->base);
        }
        free(one->base.score);
        free(one->base.room);
    }
}

static rk_status do_tasks(task *list, size_t n, const rk_run *run, rk_error *err)
{
    tasks all = {list};
    rk_parallel_for(run->pool, n, 1, run_tasks, &all);
    for (size_t t = 0; t < n; t++) {
        if (list[t].is_short) {
            return rk_fail_memory(err, "weights to be learned");
        }
    }
    return RK_OK;
}

/* Gains over the untrained weights on the queries that were left out, mean and standard error. */
static void weigh_up(const task *list, double *room, double *gain, double *error)
{
    const ascent *a = &list->base;
    double sum = 0, squares = 0, n = (double)a->n;
    rk_blend base = rk_blend_default();
    for (size_t i = 0; i < a->n; i++) {
        const rk_blend *w = &list[rk_learn_fold(i, INNER_FOLDS)].out;
        double d = quality_of(a->lesson, a->query[i], w, room) - quality_of(a->lesson, a->query[i], &base, room);
        sum += d;
        squares += d * d;
    }
    *gain = sum / n;
    *error = n > 1 ? sqrt(fmax(squares - sum * sum / n, 0) / (n - 1) / n) : 0;
}

static void choose_penalty(const task *list, double *room, rk_learned *how)
{
    how->penalty = INFINITY;
    for (size_t p = 0; p < RK_COUNT_OF(penalties); p++) {
        double gain, error;
        weigh_up(list + p * INNER_FOLDS, room, &gain, &error);
        if (gain - error > fmax(how->gain - how->error, 0)) {
            how->penalty = penalties[p];
            how->gain = gain;
            how->error = error;
        }
    }
}

/* ---- learning ---- */

static double measure(const ascent *a, double *sd)
{
    size_t n = a->lesson->rating.n;
    double unit = 0;
    rk_blend base = rk_blend_default();
    for (size_t f = 0; f < rk_n_features; f++) {
        double sum = 0, squares = 0;
        for (size_t c = 0; c < n; c++) {
            double x = (double)rk_lesson_feature(a->lesson, c)[f];
            sum += x;
            squares += x * x;
        }
        sd[f] = n > 0 ? sqrt(fmax(squares - sum * sum / (double)n, 0) / (double)n) : 0;
        sd[f] = sd[f] < 1e-6 ? 0 : sd[f];
        unit = fmax(unit, fabs(base.weight[f]) * sd[f]);
    }
    return unit > 0 ? unit : 1;
}

static double mean_quality(const ascent *a, const rk_blend *w, double *room)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++) {
        sum += quality_of(a->lesson, a->query[i], w, room);
    }
    return sum / (double)a->n;
}

rk_status rk_learn_blend(const rk_lesson *lesson, const uint32_t *query, size_t n, const rk_run *run, rk_blend *out,
                         rk_learned *how, rk_error *err)
{
    enum { TASKS = RK_COUNT_OF(penalties) * INNER_FOLDS };
    double sd[RK_FEATURES_MAX] = {0};
    rk_blend base = rk_blend_default();
    *how = (rk_learned){.penalty = INFINITY, .n_queries = n};
    if (n < INNER_FOLDS) {
        return rk_fail(err, RK_BAD_INPUT, "%zu questions with a good item are too few to learn from; %d is the least",
                       n, (int)INNER_FOLDS);
    }
    task *list = calloc(TASKS, sizeof *list);
    double *room = malloc((lesson->rating.n + 1) * sizeof *room);
    rk_status status = list && room ? RK_OK : rk_fail_memory(err, "weights to be learned");
    ascent a = {.lesson = lesson, .query = query, .n = n, .sd = sd, .left_out = INNER_FOLDS};
    a.unit = measure(&a, sd);
    for (size_t t = 0; !status && t < TASKS; t++) {
        list[t].base = a;
        list[t].base.penalty = penalties[t / INNER_FOLDS];
        list[t].base.left_out = t % INNER_FOLDS;
    }
    status = status ? status : do_tasks(list, TASKS, run, err);
    if (!status) {
        choose_penalty(list, room, how);
        list[0].base = a;
        list[0].base.penalty = how->penalty;
        list[0].out = base;
    }
    status = !status && isfinite(how->penalty) ? do_tasks(list, 1, run, err) : status;
    if (!status) {
        *out = list[0].out;
        how->before = mean_quality(&a, &base, room);
        how->after = mean_quality(&a, out, room);
    }
    free(list);
    free(room);
    return status;
}

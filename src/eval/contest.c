/* contest.c - see contest.h: the same questions to every model, then each against the first. */
#include "eval/contest.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/evaluate_parts.h"
#include "eval/sign_flip.h"

/* ---- two models side by side ---- */

/* Two tables become one: of each figure that both have, both columns, under one weight. Where the weights of a user
 * differ, the two were not asked the same of him, and he says nothing. */
typedef struct {
    const rk_evaluation *a, *b;
    const rk_figure *of_a[RK_FLIP_COLS_MAX], *of_b[RK_FLIP_COLS_MAX]; /* [n_figures] */
    size_t n_figures;
    size_t over[RK_SAMPLE_COLS_MAX], n_columns; /* columns 2 i and 2 i + 1: figure i of a, of b; then the weights */
    size_t weight_of_a[RK_SAMPLE_COLS_MAX], weight_of_b[RK_SAMPLE_COLS_MAX]; /* [n_columns] the tables' columns */
    double *value;                                                           /* [n_rows x n_columns] */
} pairing;

static double cell(const rk_evaluation *e, size_t row, size_t column) { return e->table[row * e->n_columns + column]; }

static bool find_figure(pairing *p, const char *key)
{
    const rk_figure *of_a = rk_evaluation_find(p->a, key), *of_b = rk_evaluation_find(p->b, key);
    bool is_found = of_a && of_a->has_interval && of_b && of_b->has_interval;
    if (is_found) {
        assert(p->n_figures < RK_FLIP_COLS_MAX);
        p->of_a[p->n_figures] = of_a;
        p->of_b[p->n_figures++] = of_b;
    }
    return is_found;
}

static rk_status find_figures(pairing *p, rk_contest_wish wish, rk_error *err)
{
    for (size_t i = 0; i < wish.n_figures; i++) {
        if (!find_figure(p, wish.figure[i].key)) {
            return rk_fail(err, RK_BAD_INPUT, "the models cannot be compared by %s, which not all of them have",
                           wish.figure[i].key);
        }
    }
    for (size_t i = 0; wish.n_figures == 0 && i < p->a->n_figures; i++) {
        (void)find_figure(p, p->a->figure[i].key);
    }
    return RK_OK;
}

static void plan_columns(pairing *p)
{
    p->n_columns = 2 * p->n_figures;
    for (size_t i = 0; i < p->n_figures; i++) {
        size_t at = 2 * p->n_figures;
        while (at < p->n_columns && p->weight_of_a[at] != p->of_a[i]->over) {
            at++;
        }
        if (at == p->n_columns) {
            assert(p->n_columns < RK_SAMPLE_COLS_MAX);
            p->weight_of_a[at] = p->of_a[i]->over;
            p->weight_of_b[at] = p->of_b[i]->over;
            p->over[at] = at;
            p->n_columns++;
        }
        p->over[2 * i] = p->over[2 * i + 1] = at;
    }
}

/* Returns in *n_users how many had anything to be compared by. */
static rk_status pair_tables(pairing *p, uint32_t *n_users, rk_error *err)
{
    size_t n_rows = p->a->n_rows;
    p->value = calloc(n_rows * p->n_columns + 1, sizeof *p->value);
    if (!p->value) {
        return rk_fail_memory(err, "a comparison");
    }
    for (size_t r = 0; r < n_rows; r++) {
        double *row = p->value + r * p->n_columns;
        bool is_asked = false;
        for (size_t c = 2 * p->n_figures; c < p->n_columns; c++) {
            double of_a = cell(p->a, r, p->weight_of_a[c]), of_b = cell(p->b, r, p->weight_of_b[c]);
            row[c] = of_a == of_b ? of_a : 0;
            is_asked |= row[c] > 0;
        }
        *n_users += is_asked;
        for (size_t i = 0; i < p->n_figures; i++) {
            if (row[p->over[2 * i]] > 0) {
                row[2 * i] = cell(p->a, r, p->of_a[i]->column);
                row[2 * i + 1] = cell(p->b, r, p->of_b[i]->column);
            }
        }
    }
    return RK_OK;
}

/* ---- differences, intervals, p ---- */

/* means: of all columns, as they are or in one resample. */
static double difference_in(const pairing *p, size_t i, const double *means)
{
    const rk_metric *metric = p->of_a[i]->metric;
    return rk_metric_finish(metric, means[2 * i + 1]) - rk_metric_finish(metric, means[2 * i]);
}

static rk_status estimate(const pairing *p, const rk_run *run, rk_duel *duel, rk_error *err)
{
    double mean[RK_SAMPLE_COLS_MAX], room[RK_EVAL_RESAMPLES];
    rk_sample sample = {p->value, p->a->n_rows, p->n_columns, p->over, NULL};
    double *means = malloc(RK_EVAL_RESAMPLES * p->n_columns * sizeof *means + 1);
    if (!means) {
        return rk_fail_memory(err, "resamples of a comparison");
    }
    rk_sample_mean(&sample, mean);
    rk_sample_resample(&sample, RK_EVAL_RESAMPLES, run, means);
    for (size_t i = 0; i < p->n_figures; i++) {
        rk_difference *d = &duel->difference[i];
        memcpy(d->key, p->of_a[i]->key, sizeof d->key);
        d->baseline = rk_metric_finish(p->of_a[i]->metric, mean[2 * i]);
        d->model = rk_metric_finish(p->of_a[i]->metric, mean[2 * i + 1]);
        d->value = difference_in(p, i, mean);
        for (size_t r = 0; r < RK_EVAL_RESAMPLES; r++) {
            room[r] = difference_in(p, i, means + r * p->n_columns);
        }
        rk_interval interval = rk_interval_of(room, RK_EVAL_RESAMPLES);
        d->low = interval.low;
        d->high = interval.high;
    }
    free(means);
    return RK_OK;
}

/* The root of a mean differs as the mean does: swapping users between two models moves both the same way, so what is
 * tested is the sum. */
static rk_status test(const pairing *p, const rk_run *run, rk_duel *duel, rk_error *err)
{
    double p_value[RK_FLIP_COLS_MAX];
    size_t n = p->n_figures, n_rows = p->a->n_rows;
    double *difference = malloc(n_rows * n * sizeof *difference + 1);
    if (!difference) {
        return rk_fail_memory(err, "the differences of each user");
    }
    for (size_t r = 0; r < n_rows; r++) {
        for (size_t i = 0; i < n; i++) {
            const double *pair = p->value + r * p->n_columns + 2 * i;
            difference[r * n + i] = pair[1] - pair[0];
        }
    }
    rk_status status = rk_sign_flip(difference, n_rows, n, run, p_value, &duel->n_flips, err);
    for (size_t i = 0; i < n && status == RK_OK; i++) {
        duel->difference[i].p = p_value[i];
    }
    free(difference);
    return status;
}

/* Figures that the two were not asked of the same users are no numbers, and no differences. */
static void drop_undefined(rk_duel *duel)
{
    size_t n = 0;
    for (size_t i = 0; i < duel->n_differences; i++) {
        if (!isnan(duel->difference[i].value)) {
            duel->difference[n++] = duel->difference[i];
        }
    }
    duel->n_differences = n;
}

static rk_status fight(const rk_evaluation *a, const rk_evaluation *b, rk_contest_wish wish, const rk_run *run,
                       rk_duel *duel, rk_error *err)
{
    rk_status status = RK_OK;
    pairing *p = calloc(1, sizeof *p);
    if (!p) {
        return rk_fail_memory(err, "a comparison");
    }
    assert(a->n_rows == b->n_rows); /* both were asked what is common to all */
    *p = (pairing){.a = a, .b = b};
    status = find_figures(p, wish, err);
    if (status == RK_OK && p->n_figures == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "the models have no figure in common");
    }
    plan_columns(p);
    duel->difference = calloc(p->n_figures + 1, sizeof *duel->difference);
    if (status == RK_OK && !duel->difference) {
        status = rk_fail_memory(err, "differences");
    }
    status = status ? status : pair_tables(p, &duel->users, err);
    status = status ? status : estimate(p, run, duel, err);
    status = status ? status : test(p, run, duel, err);
    duel->n_differences = status ? 0 : p->n_figures;
    drop_undefined(duel);
    free(p->value);
    free(p);
    return status;
}

/* ---- verdicts ---- */

static rk_verdict judge(const rk_difference *d, rk_metric_better better)
{
    if (!(d->p_holm < RK_CONTEST_LEVEL)) {
        return RK_NO_DIFFERENCE;
    }
    if (better == RK_NEITHER_IS_BETTER) {
        return d->value > 0 ? RK_IS_HIGHER : RK_IS_LOWER;
    }
    return (d->value > 0) == (better == RK_HIGHER_IS_BETTER) ? RK_IS_BETTER : RK_IS_WORSE;
}

/* rmse where there is one, for then ratings were asked for; else the ndcg of the longest lists. */
static size_t find_headline(const rk_duel *duel)
{
    size_t headline = 0;
    for (size_t i = 0; i < duel->n_differences; i++) {
        const char *key = duel->difference[i].key;
        if (strcmp(key, "rmse") == 0) {
            return i;
        }
        headline = strncmp(key, "ndcg@", 5) == 0 ? i : headline;
    }
    return headline;
}

static rk_status correct(rk_contest *contest, rk_contest_wish wish, rk_error *err)
{
    double p[RK_CONTEST_MAX * RK_FLIP_COLS_MAX], adjusted[RK_CONTEST_MAX * RK_FLIP_COLS_MAX];
    size_t n = 0;
    for (size_t m = 1; m < contest->n_models; m++) {
        for (size_t i = 0; i < contest->duel[m].n_differences; i++) {
            p[n++] = contest->duel[m].difference[i].p;
        }
    }
    rk_status status = rk_holm(p, n, adjusted, err);
    contest->n_tests = n;
    n = 0;
    for (size_t m = 1; m < contest->n_models && status == RK_OK; m++) {
        rk_duel *duel = &contest->duel[m];
        for (size_t i = 0; i < duel->n_differences; i++) {
            rk_difference *d = &duel->difference[i];
            d->p_holm = adjusted[n++];
            d->verdict = judge(d, rk_evaluation_find(&contest->evaluation[0], d->key)->metric->better);
        }
        duel->headline = wish.n_figures > 0 ? 0 : find_headline(duel);
    }
    return status;
}

/* ---- the whole ---- */

typedef struct {
    rk_model *model[RK_CONTEST_MAX];
    rk_dataset test, train;
    rk_common common;
} ring;

static rk_status open_all(const char *const *paths, size_t n, const char *test_path, const char *train_path, ring *r,
                          rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t m = 0; m < n && status == RK_OK; m++) {
        status = rk_model_open(paths[m], &r->model[m], err);
    }
    status = status ? status : rk_dataset_open(test_path, &r->test, err);
    if (status == RK_OK && train_path) {
        status = rk_dataset_open(train_path, &r->train, err);
    }
    return status ? status : rk_common_open((const rk_model *const *)r->model, n, &r->test, &r->common, err);
}

static void close_all(ring *r)
{
    for (size_t m = 0; m < RK_CONTEST_MAX; m++) {
        rk_model_close(r->model[m]);
    }
    rk_dataset_close(&r->test);
    rk_dataset_close(&r->train);
    rk_common_release(&r->common);
}

static rk_status warn_of_other_data(rk_contest *contest, size_t m, rk_error *err)
{
    rk_text text = {0};
    rk_leak *leak = &contest->evaluation[m].leak;
    uint64_t first = contest->evaluation[0].leak.trained_on;
    if (first == leak->trained_on || first == 0 || leak->trained_on == 0) {
        return RK_OK;
    }
    rk_text_addf(&text, "it was trained on other data than %s: each is ranked without what it has seen itself",
                 contest->path[0]);
    return rk_leak_warn(leak, &text, err);
}

static rk_status judge_model(rk_contest *contest, const ring *r, size_t m, const char *path, const rk_eval_plan *plan,
                             const rk_run *run, rk_error *err)
{
    const rk_model *model = r->model[m];
    const rk_dataset *train = r->train.artefact ? &r->train : NULL;
    rk_evaluation *evaluation = &contest->evaluation[m];
    contest->path[m] = strdup(path);
    if (!contest->path[m]) {
        return rk_fail_memory(err, "a path");
    }
    memcpy(contest->label[m], rk_model_label(model), strlen(rk_model_label(model)) + 1);
    rk_status status = rk_evaluate_common(model, &r->test, train, &r->common, plan, run, evaluation, err);
    status = status ? status : rk_leak_find(model, &r->test, train, plan, evaluation, err);
    return status ? status : warn_of_other_data(contest, m, err);
}

/* So that no more than two models' tables are there at once. */
static void drop_table(rk_evaluation *evaluation)
{
    free(evaluation->table);
    evaluation->table = NULL;
    evaluation->n_rows = 0;
}

rk_status rk_contest_files(const char *const *paths, size_t n, const char *test_path, const char *train_path,
                           const rk_eval_plan *plan, rk_contest_wish wish, const rk_run *run, rk_contest *out,
                           rk_error *err)
{
    assert(n >= 2 && n <= RK_CONTEST_MAX);
    ring r = {0};
    *out = (rk_contest){.n_models = n};
    rk_status status = open_all(paths, n, test_path, train_path, &r, err);
    for (size_t m = 0; m < n && status == RK_OK; m++) {
        status = judge_model(out, &r, m, paths[m], plan, run, err);
        if (status == RK_OK && m > 0) {
            status = fight(&out->evaluation[0], &out->evaluation[m], wish, run, &out->duel[m], err);
            drop_table(&out->evaluation[m]);
        }
    }
    drop_table(&out->evaluation[0]);
    status = status ? status : correct(out, wish, err);
    close_all(&r);
    if (status) {
        rk_contest_release(out);
    }
    return status;
}

void rk_contest_release(rk_contest *contest)
{
    for (size_t m = 0; m < RK_CONTEST_MAX; m++) {
        free(contest->path[m]);
        free(contest->duel[m].difference);
        rk_evaluation_release(&contest->evaluation[m]);
    }
    *contest = (rk_contest){0};
}

/* tune_leaders.c - the best trial of each model beside the best of all. */
#include <stdio.h>
#include <unistd.h>

#include "tune/tune_parts.h"

/* ---- who leads ---- */

static bool is_ahead(const rk_tuning *tuning, const rk_tuned *a, const rk_tuned *b)
{
    const rk_trial *x = rk_tuned_best(a), *y = rk_tuned_best(b);
    bool is_level = x && y && !(x->value < y->value || x->value > y->value);
    return !is_level && rk_trial_is_better(tuning, x, y);
}

rk_status rk_tune_rank(rk_tuning *tuning, rk_error *err)
{
    const rk_tuned **ranking = RK_TAKE(&tuning->arena, const rk_tuned *, tuning->n_models);
    if (!ranking) {
        return rk_fail_memory(err, "a leaderboard");
    }
    for (size_t m = 0; m < tuning->n_models; m++) {
        size_t at = m;
        for (; at > 0 && is_ahead(tuning, &tuning->models[m], ranking[at - 1]); at--) {
            ranking[at] = ranking[at - 1];
        }
        ranking[at] = &tuning->models[m];
    }
    tuning->ranking = ranking;
    tuning->winner = ranking[0];
    const rk_tuned *first = &tuning->models[0];
    return rk_tuned_best(ranking[0])
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "every trial failed; the first: %s", rk_tuned_trial(first, 0)->error);
}

/* ---- by how much ---- */

/* The winner and up to RK_CONTEST_MAX - 1 others, trained once more. */
typedef struct {
    const rk_bench *bench;
    rk_run run; /* silent */
    rk_tuned *model[RK_CONTEST_MAX];
    char path[RK_CONTEST_MAX][sizeof((rk_bench *)0)->scratch + 32];
    size_t n;
} ring;

static rk_status enter(ring *r, rk_tuned *model, rk_error *err)
{
    const rk_trial *best = rk_tuned_best(model);
    rk_arena arena = {0};
    size_t n_words;
    snprintf(r->path[r->n], sizeof r->path[r->n], "%s/leader%zu.rk", r->bench->scratch, r->n);
    const char *const *words = rk_tuned_words(model, best->x, best->share, &arena, &n_words);
    rk_status status = words ? rk_model_train(rk_tune_side(r->bench, model, best->share)->train_path,
                                              model->model->name, words, n_words, r->path[r->n], &r->run, err)
                             : rk_fail_memory(err, "settings");
    rk_arena_release(&arena);
    r->model[r->n++] = model;
    return status;
}

static rk_status fight(ring *r, rk_error *err)
{
    const rk_eval_target *target = &r->bench->tuning->target;
    const rk_eval_plan plan = {.cut = {target->cut ? target->cut : 10}, .n_cuts = 1};
    const rk_contest_wish wish = {target, 1};
    const char *paths[RK_CONTEST_MAX];
    rk_contest contest = {0};
    for (size_t m = 0; m < r->n; m++) {
        paths[m] = r->path[m];
    }
    rk_status status =
        rk_contest_files(paths, r->n, r->bench->side[0].valid_path, NULL, &plan, wish, &r->run, &contest, err);
    for (size_t m = 1; !status && m < r->n; m++) {
        r->model[m]->is_compared = true;
        r->model[m]->difference = contest.duel[m].difference[0];
    }
    rk_contest_release(&contest);
    return status;
}

/* The winner against the models of the ranking from begin on, as many as a contest takes. */
static rk_status compare_some(rk_bench *bench, size_t begin, rk_error *err)
{
    rk_tuning *tuning = bench->tuning;
    ring r = {.bench = bench, .run = {.pool = bench->run->pool, .seed = bench->run->seed}};
    rk_status status = enter(&r, &tuning->models[tuning->winner - tuning->models], err);
    for (size_t at = begin; !status && at < tuning->n_models && r.n < RK_CONTEST_MAX; at++) {
        rk_tuned *model = &tuning->models[tuning->ranking[at] - tuning->models];
        status = rk_tuned_best(model) ? enter(&r, model, err) : RK_OK;
    }
    if (!status && r.n > 1) {
        status = fight(&r, err);
    }
    for (size_t m = 0; m < r.n; m++) {
        (void)unlink(r.path[m]);
    }
    return status;
}

void rk_tune_compare(rk_bench *bench)
{
    rk_error err = {0};
    rk_status status = RK_OK;
    for (size_t begin = 1; !status && begin < bench->tuning->n_models; begin += RK_CONTEST_MAX - 1) {
        status = compare_some(bench, begin, &err);
    }
    if (status) {
        rk_log(bench->run, RK_LOG_WARNING, "the models are not compared user by user: %s", err.message);
    }
}

/* tune_relevance.c - see tune_relevance.h. */
#include "tune/tune_relevance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SURE = 2 };

typedef struct {
    const rk_relevance_options *options;
    const rk_run *run;
    rk_relevance *relevance;
    rk_space space;
    size_t setting_of[RK_RELEVANCE_SETTINGS]; /* of each axis */
    double start[RK_RELEVANCE_SETTINGS];      /* defaults, and what is fixed */
    rk_vec tried;                             /* rk_tried */
    rk_vec ndcg;                              /* double * of each trial, [n_queries] */
    rk_arena arena;
    rk_relevance_tuning *out;
} tuning;

/* ---- what is searched ---- */

/* "name=text": which setting; *text: what is behind the sign. */
static rk_status find_setting(const char *words, size_t *setting, const char **text, rk_error *err)
{
    const char *names[RK_RELEVANCE_SETTINGS], *sign = strchr(words, '=');
    rk_slice name = {words, sign ? (size_t)(sign - words) : strlen(words)};
    char copy[40];
    for (size_t s = 0; s < RK_RELEVANCE_SETTINGS; s++) {
        names[s] = rk_relevance_settings[s].name;
        if (sign && rk_slice_is(name, names[s])) {
            *setting = s;
            *text = sign + 1;
            return RK_OK;
        }
    }
    snprintf(copy, sizeof copy, "%.*s", (int)(name.n < sizeof copy ? name.n : sizeof copy - 1), name.at);
    const char *nearest = sign ? rk_nearest_name(copy, names, RK_RELEVANCE_SETTINGS) : NULL;
    return rk_fail(err, RK_BAD_USAGE, "an index has no setting '%.60s'%s%s%s", words, nearest ? ", did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?" : "; say k1=0.5");
}

static rk_status fix(tuning *t, bool *is_fixed, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t s = 0; s < RK_RELEVANCE_SETTINGS; s++) {
        rk_parse_real(rk_slice_of(rk_relevance_settings[s].fallback), &t->start[s]);
    }
    for (size_t i = 0; !status && i < t->options->n_set; i++) {
        size_t s;
        const char *text;
        status = find_setting(t->options->set[i], &s, &text, err);
        if (status) {
            break;
        }
        const rk_option *option = &rk_relevance_settings[s];
        double value;
        if (!rk_parse_real(rk_slice_of(text), &value) || value < option->min || value > option->max) {
            status = rk_fail(err, RK_BAD_USAGE, "%s must be a number from %g to %g, got '%.40s'", option->name,
                             option->min, option->max, text);
        } else {
            t->start[s] = value;
            is_fixed[s] = true;
        }
    }
    return status;
}

static rk_status add_axis(tuning *t, size_t setting, const char *values, rk_error *err)
{
    t->setting_of[t->space.n] = setting;
    return rk_space_add(&t->space, &rk_relevance_settings[setting], values, err);
}

static rk_status plan(tuning *t, rk_error *err)
{
    bool is_fixed[RK_RELEVANCE_SETTINGS] = {false};
    rk_status status = fix(t, is_fixed, err);
    for (size_t i = 0; !status && i < t->options->n_space; i++) {
        size_t s = 0;
        const char *text = NULL;
        status = find_setting(t->options->space[i], &s, &text, err);
        if (!status && is_fixed[s]) {
            status = rk_fail(err, RK_BAD_USAGE, "%s is fixed or searched already", rk_relevance_settings[s].name);
        }
        status = status ? status : add_axis(t, s, text, err);
        is_fixed[s] = true;
    }
    for (size_t s = 0; !status && t->options->n_space == 0 && s < RK_RELEVANCE_SETTINGS; s++) {
        status = is_fixed[s] ? RK_OK : add_axis(t, s, NULL, err);
    }
    return status;
}

/* ---- trials ---- */

static double mean(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
    }
    return n > 0 ? sum / (double)n : 0;
}

/* x: [axes], kept in the arena. */
static rk_status make_trial(tuning *t, const double *x, rk_error *err)
{
    rk_relevance_trial trial = {.ndcg = 0};
    double *ndcg = NULL;
    memcpy(trial.value, t->start, sizeof trial.value);
    for (size_t a = 0; a < t->space.n; a++) {
        trial.value[t->setting_of[a]] = x[a];
    }
    rk_status status = rk_relevance_try(t->relevance, trial.value, &ndcg, err);
    if (status) {
        return status;
    }
    trial.ndcg = mean(ndcg, rk_relevance_n_queries(t->relevance));
    rk_tried tried = {x, 1, 1 - trial.ndcg};
    if (!rk_vec_push(&t->ndcg, (void *)&ndcg)) {
        free(ndcg);
        return rk_fail_memory(err, "trials");
    }
    return rk_vec_push(&t->tried, &tried) && rk_vec_push(&t->out->trials, &trial) ? RK_OK
                                                                                  : rk_fail_memory(err, "trials");
}

/* The first is at the start of each axis: the defaults. */
static rk_status make_trials(tuning *t, rk_error *err)
{
    size_t n = t->space.n > 0 ? t->options->n_trials : 1;
    rk_status status = RK_OK;
    for (size_t i = 0; !status && i < n; i++) {
        rk_search search = {.space = &t->space,
                            .seed = t->run->seed,
                            .batch = 1,
                            .n_rungs = 1,
                            .tried = t->tried.data,
                            .n_tried = t->tried.n};
        double *x = RK_TAKE(&t->arena, double, t->space.n);
        status = x ? RK_OK : rk_fail_memory(err, "trials");
        if (!status && i == 0) {
            for (size_t a = 0; a < t->space.n; a++) {
                x[a] = t->start[t->setting_of[a]];
            }
        } else if (!status) {
            status = t->options->search->next(&search, x, err);
        }
        status = status ? status : make_trial(t, x, err);
        rk_progress(t->run, "tuning", "trials", i + 1, n);
    }
    return status;
}

/* ---- which ---- */

static const double *ndcg_of(const tuning *t, size_t trial) { return ((double *const *)t->ndcg.data)[trial]; }

/* The best trial by the queries that are not of a fold; n_folds: by all. */
static size_t best_without(const tuning *t, size_t fold)
{
    size_t best = 0;
    double most = -1;
    for (size_t i = 0; i < t->ndcg.n; i++) {
        double sum = 0;
        for (size_t q = 0; q < t->out->n_queries; q++) {
            sum += q % t->options->n_folds == fold ? 0 : ndcg_of(t, i)[q];
        }
        best = sum > most ? i : best;
        most = sum > most ? sum : most;
    }
    return best;
}

/* Each fold by what the others chose, beside the first trial. */
static rk_status judge_choice(tuning *t, rk_error *err)
{
    rk_relevance_tuning *out = t->out;
    size_t n = out->n_queries, n_folds = t->options->n_folds;
    double *held = calloc(n + 1, sizeof *held), sum = 0;
    if (!held) {
        return rk_fail_memory(err, "trials");
    }
    for (size_t fold = 0; fold < n_folds; fold++) {
        const double *chosen = ndcg_of(t, best_without(t, fold));
        for (size_t q = fold; q < n; q += n_folds) {
            held[q] = chosen[q];
        }
    }
    out->held_out = mean(held, n);
    out->plain = mean(ndcg_of(t, 0), n);
    out->gain = out->held_out - out->plain;
    for (size_t q = 0; q < n; q++) {
        double apart = held[q] - ndcg_of(t, 0)[q] - out->gain;
        sum += apart * apart;
    }
    out->error = n > 1 ? sqrt(sum / (double)(n - 1) / (double)n) : INFINITY;
    out->best = best_without(t, n_folds);
    out->is_sure = out->gain > SURE * out->error;
    out->chosen = out->is_sure ? out->best : 0;
    free(held);
    return RK_OK;
}

static rk_status check(const rk_relevance_options *o, size_t n_queries, rk_error *err)
{
    return n_queries >= o->n_folds
               ? RK_OK
               : rk_fail(err, RK_BAD_INPUT, "%s: %zu queries with a good item are too few for %zu folds",
                         o->judgements_path, n_queries, o->n_folds);
}

static rk_status run_tuning(tuning *t, rk_error *err)
{
    const rk_relevance_options *o = t->options;
    rk_status status = plan(t, err);
    status = status ? status : rk_relevance_open(o->dataset_path, o->judgements_path, t->run, &t->relevance, err);
    status = status ? status : make_trials(t, err);
    t->out->n_queries = status ? 0 : rk_relevance_n_queries(t->relevance);
    status = status ? status : check(o, t->out->n_queries, err);
    status = status ? status : judge_choice(t, err);
    if (!status && o->out_path) {
        const rk_relevance_trial *chosen = (const rk_relevance_trial *)t->out->trials.data + t->out->chosen;
        status = rk_relevance_write(t->relevance, chosen->value, o->out_path, o->ranker_path, o->n_folds,
                                    &t->out->weights, err);
    }
    return status;
}

rk_status rk_tune_relevance(const rk_relevance_options *options, const rk_run *run, rk_relevance_tuning *out,
                            rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    tuning t = {.options = options,
                .run = run,
                .tried = {.item_bytes = sizeof(rk_tried)},
                .ndcg = {.item_bytes = sizeof(double *)},
                .out = out};
    *out = (rk_relevance_tuning){.trials = {.item_bytes = sizeof(rk_relevance_trial)}};
    rk_status status = run_tuning(&t, err);
    out->seconds = rk_stopwatch_stop(watch).wall_s;
    rk_relevance_close(t.relevance);
    for (size_t i = 0; i < t.ndcg.n; i++) {
        free(((double **)t.ndcg.data)[i]);
    }
    rk_vec_release(&t.ndcg);
    rk_vec_release(&t.tried);
    rk_space_release(&t.space);
    rk_arena_release(&t.arena);
    if (status) {
        rk_relevance_tuning_release(out);
    }
    return status;
}

void rk_relevance_tuning_release(rk_relevance_tuning *out) { rk_vec_release(&out->trials); }

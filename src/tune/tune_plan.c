/* tune_plan.c - from models, --set and --space to what is searched of each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tune/tune_parts.h"

enum { LEAST = 2 }; /* of the resource: what the cheapest trial of a halving has */

typedef struct {
    const rk_tune_options *options;
    rk_tuning *tuning;
    bool *set_is_used, *space_is_used; /* [n_set] [n_space] by any model */
} planner;

/* "lambda=1" and "als.lambda=1" are for als; then *rest is "lambda=1". */
static bool is_for_model(const char *assignment, const char *model, const char **rest)
{
    size_t n_key = strcspn(assignment, "="), n_model = strlen(model);
    bool is_named = n_key > n_model && assignment[n_model] == '.' && !strncmp(assignment, model, n_model);
    *rest = is_named ? assignment + n_model + 1 : assignment;
    return is_named || !memchr(assignment, '.', n_key);
}

/* The last of the assignments that is to this option of the model; all that are count as used. NULL: none. */
static const char *find_assignment(const char *const *list, size_t n, const char *model, const rk_option *option,
                                   bool *is_used)
{
    const char *found = NULL, *rest;
    for (size_t i = 0; i < n; i++) {
        if (is_for_model(list[i], model, &rest) && rk_slice_is((rk_slice){rest, strcspn(rest, "=")}, option->name)) {
            found = rest;
            is_used[i] = true;
        }
    }
    return found;
}

static rk_status add_axis(rk_tuned *tuned, const rk_option *option, const char *assignment, rk_error *err)
{
    const char *values = assignment ? strchr(assignment, '=') : NULL;
    if (assignment && !values) {
        return rk_fail(err, RK_BAD_USAGE, "%s wants values to search: %s=LOW..HIGH or %s=A,B,C", option->name,
                       option->name, option->name);
    }
    return rk_space_add(&tuned->space, option, values ? values + 1 : NULL, err);
}

/* One option of a model: fixed, searched, the resource of halving, or left at its fallback. */
static rk_status plan_option(planner *p, rk_tuned *tuned, const rk_option *option, rk_error *err)
{
    const rk_tune_options *o = p->options;
    const char *model = tuned->model->name;
    const char *set = find_assignment(o->set, o->n_set, model, option, p->set_is_used);
    const char *space = find_assignment(o->space, o->n_space, model, option, p->space_is_used);
    bool is_resource = option->is_budget && o->search == &rk_search_halving;
    if (set && space) {
        return rk_fail(err, RK_BAD_USAGE, "%s is fixed by --set and searched by --space", option->name);
    }
    if (is_resource) {
        tuned->resource = option;
    }
    if (is_resource && space) {
        return rk_fail(err, RK_BAD_USAGE, "halving gives trials a share of %s: fix the whole by --set, got '%.60s'",
                       option->name, space);
    }
    if (set) {
        tuned->fixed[tuned->n_fixed++] = set;
        return RK_OK;
    }
    return space || (option->tune && !is_resource) ? add_axis(tuned, option, space, err) : RK_OK;
}

/* Checks the fixed words, and reads what a whole training is. */
static rk_status read_fixed(rk_tuned *tuned, rk_error *err)
{
    const rk_model_kind *model = tuned->model;
    rk_option_table table = {model->options, model->n_options, calloc(1, model->settings_bytes + 1)};
    if (!table.settings) {
        return rk_fail_memory(err, "settings");
    }
    rk_status status = RK_OK;
    rk_options_defaults(table);
    for (size_t i = 0; !status && i < tuned->n_fixed; i++) {
        status = rk_options_set(table, tuned->fixed[i], err);
    }
    if (tuned->resource) {
        tuned->whole = *(const uint64_t *)((const char *)table.settings + tuned->resource->field);
    }
    tuned->n_rungs = 1;
    for (uint64_t least = tuned->whole / 3; least >= LEAST && tuned->n_rungs < RK_RUNGS_MAX; least /= 3) {
        tuned->n_rungs++;
    }
    rk_options_release(table);
    free(table.settings);
    return status;
}

static rk_status plan_model(planner *p, const char *name, rk_tuned *tuned, rk_error *err)
{
    rk_status status = rk_model_kind_need(name, &tuned->model, err);
    if (status) {
        return status;
    }
    tuned->trials.item_bytes = sizeof(rk_trial);
    tuned->best = SIZE_MAX;
    tuned->fixed = RK_TAKE(&p->tuning->arena, const char *, tuned->model->n_options);
    status = tuned->fixed ? RK_OK : rk_fail_memory(err, "settings");
    for (size_t i = 0; !status && i < tuned->model->n_options; i++) {
        status = plan_option(p, tuned, &tuned->model->options[i], err);
    }
    status = status ? status : read_fixed(tuned, err);
    if (!status && tuned->resource && tuned->n_rungs == 1) {
        status = rk_fail(err, RK_BAD_USAGE, "%s=%llu is too little to give shares of; halving wants %d at least",
                         tuned->resource->name, (unsigned long long)tuned->whole, 3 * LEAST);
    }
    return status;
}

/* An assignment that no model took: say so as the option parser would. */
static rk_status refuse_assignment(const planner *p, const char *what, const char *assignment, rk_error *err)
{
    const rk_tuned *first = &p->tuning->models[0];
    const char *names[128];
    char key[80];
    size_t n = 0;
    snprintf(key, sizeof key, "%.*s", (int)strcspn(assignment, "="), assignment);
    for (size_t c = 0; c < p->tuning->n_models; c++) {
        const rk_model_kind *model = p->tuning->models[c].model;
        for (size_t i = 0; i < model->n_options && n < RK_COUNT_OF(names); i++) {
            names[n++] = model->options[i].name;
        }
    }
    const char *nearest = rk_nearest_name(key, names, n);
    return rk_fail(err, RK_BAD_USAGE, "--%s: %s has no option '%.60s'%s%s%s", what,
                   p->tuning->n_models > 1 ? "none of the models" : first->model->name, key,
                   nearest ? "; nearest is '" : "", nearest ? nearest : "", nearest ? "'" : "");
}

static rk_status check_used(const planner *p, rk_error *err)
{
    for (size_t i = 0; i < p->options->n_set; i++) {
        if (!p->set_is_used[i]) {
            return refuse_assignment(p, "set", p->options->set[i], err);
        }
    }
    for (size_t i = 0; i < p->options->n_space; i++) {
        if (!p->space_is_used[i]) {
            return refuse_assignment(p, "space", p->options->space[i], err);
        }
    }
    return RK_OK;
}

static rk_status check_models(const rk_tune_options *options, rk_error *err)
{
    for (size_t i = 0; i < options->n_models; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!strcmp(options->models[i], options->models[j])) {
                return rk_fail(err, RK_BAD_USAGE, "model '%.40s' is named twice", options->models[i]);
            }
        }
    }
    return options->n_models > 0 ? RK_OK : rk_fail(err, RK_BAD_USAGE, "no model is named");
}

rk_status rk_tune_plan(const rk_tune_options *options, rk_tuning *tuning, rk_error *err)
{
    planner p = {options, tuning, RK_TAKE(&tuning->arena, bool, options->n_set + 1),
                 RK_TAKE(&tuning->arena, bool, options->n_space + 1)};
    tuning->models = RK_TAKE(&tuning->arena, rk_tuned, options->n_models + 1);
    if (!p.set_is_used || !p.space_is_used || !tuning->models) {
        return rk_fail_memory(err, "a plan");
    }
    rk_status status = rk_eval_parse_target(options->metric, &tuning->target, err);
    status = status ? status : check_models(options, err);
    for (size_t i = 0; !status && i < options->n_models; i++) {
        tuning->n_models++;
        status = plan_model(&p, options->models[i], &tuning->models[i], err);
    }
    return status ? status : check_used(&p, err);
}

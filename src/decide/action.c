/* action.c - see action.h: trying, choosing, ranking, combining. */
#include "decide/action.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cost/plan.h"
#include "math/rational.h"

static const rk_action_kind *const kinds[] = {
    &rk_action_machine,     &rk_action_reserve, &rk_action_minimum, &rk_action_spare,
    &rk_action_utilisation, &rk_action_together, &rk_action_variant, &rk_action_less,
};

const rk_action_kind *rk_action_kind_at(size_t i) { return i < RK_COUNT_OF(kinds) ? kinds[i] : NULL; }

/* ---- proposing ---- */

const char *rk_propose_words(rk_proposer *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *kept = rk_arena_words(p->arena, fmt, args);
    va_end(args);
    p->failed = p->failed || !kept;
    return kept ? kept : "";
}

void rk_propose(rk_proposer *p, rk_action action, const char *const *changes, size_t n)
{
    const char **kept = RK_TAKE(p->arena, const char *, n);
    for (size_t i = 0; kept && i < n; i++) {
        kept[i] = changes[i];
    }
    action.changes = kept;
    action.n_changes = n;
    p->failed = !kept || !rk_vec_push(p->proposals, &action) || p->failed;
}

/* ---- trying ---- */

typedef struct {
    const rk_plan_source *source;
    const rk_outcome *base;
    rk_action *actions;
    rk_arena *arenas; /* [workers] for what dies with a trial */
    int64_t *totals;  /* [n] */
} trials;

static rk_money yearly(int64_t micros, uint32_t n_months)
{
    rk_money out = {0};
    mpq_t value, times;
    mpq_inits(value, times, NULL);
    rk_rational_set_micros(value, micros);
    mpq_set_ui(times, 12, n_months);
    mpq_canonicalize(times);
    mpq_mul(value, value, times);
    if (!rk_rational_micros(value, &out.micros)) {
        out.micros = INT64_MAX; /* a month's saving that does not fit a year */
    }
    mpq_clears(value, times, NULL);
    return out;
}

/* Everything of a trial lives in the worker's arena; only figures and short texts leave it. */
static void try_one(void *context, rk_span span)
{
    trials *t = context;
    rk_arena *arena = &t->arenas[span.worker];
    for (size_t i = span.begin; i < span.end; i++) {
        rk_action *action = &t->actions[i];
        rk_outcome outcome = {0};
        rk_error error = {0};
        action->status = rk_what_if(t->source, action->changes, action->n_changes, arena, &outcome, &error);
        if (action->status) {
            action->reason = rk_arena_copy(arena, error.message, strlen(error.message));
        } else if (outcome.shortfall_micros > t->base->shortfall_micros) {
            action->status = RK_BAD_INPUT;
            action->reason = "more requests would stay unanswered";
        } else {
            action->saving.micros = t->base->total.micros - outcome.total.micros;
        }
    }
}

/* ---- choosing ---- */

static int by_saving(const void *a, const void *b)
{
    const rk_action *x = a, *y = b;
    if (x->saving.micros != y->saving.micros) {
        return x->saving.micros < y->saving.micros ? 1 : -1;
    }
    int order = strcmp(x->kind, y->kind);
    return order ? order : strcmp(x->what, y->what);
}

static bool is_rival(const rk_action *a, const rk_action *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->about, b->about) == 0;
}

/* Sorted by saving, so the first of rivals is the best of them. */
static bool has_better(const rk_action *kept, size_t n, const rk_action *action)
{
    for (size_t i = 0; i < n; i++) {
        if (is_rival(&kept[i], action)) {
            return true;
        }
    }
    return false;
}

/* A refusal is told when nothing of its kind could be done instead, once. */
static bool is_worth_telling(const rk_actions *out, const rk_action *refused)
{
    return !has_better(out->actions, out->n_actions, refused) && !has_better(out->refused, out->n_refused, refused);
}

static rk_status choose(rk_actions *out, rk_vec *proposals, rk_error *err)
{
    rk_action *all = proposals->data;
    if (proposals->n > 0) {
        qsort(all, proposals->n, sizeof *all, by_saving);
    }
    out->n_tried = proposals->n;
    out->actions = RK_TAKE(&out->arena, rk_action, proposals->n);
    out->refused = RK_TAKE(&out->arena, rk_action, proposals->n);
    if (!out->actions || !out->refused) {
        return rk_fail_memory(err, "actions");
    }
    for (size_t i = 0; i < proposals->n; i++) {
        if (!all[i].status && all[i].saving.micros > 0 && !has_better(out->actions, out->n_actions, &all[i])) {
            out->actions[out->n_actions++] = all[i];
        } else if (!all[i].status) {
            out->n_dearer++;
        }
    }
    for (size_t i = 0; i < proposals->n; i++) {
        if (all[i].status && is_worth_telling(out, &all[i])) {
            rk_action *kept = &out->refused[out->n_refused++];
            *kept = all[i];
            kept->reason = rk_arena_copy(&out->arena, all[i].reason, strlen(all[i].reason));
            if (!kept->reason) {
                return rk_fail_memory(err, "actions");
            }
        }
    }
    return RK_OK;
}

/* ---- the lines that change, and all together ---- */

static rk_status show_lines(const rk_plan_source *source, rk_actions *out, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < out->n_actions && !status; i++) {
        rk_action *action = &out->actions[i];
        rk_outcome outcome;
        action->yearly = yearly(action->saving.micros, out->n_months);
        status = rk_what_if(source, action->changes, action->n_changes, &out->arena, &outcome, err);
        status = status ? status
                        : rk_outcome_compare(&out->base, &outcome, &out->arena, &action->lines, &action->n_lines, err);
    }
    return status;
}

/* Best first, each kept if the whole gets cheaper and no request more stays unanswered. */
static rk_status combine(const rk_plan_source *source, rk_actions *out, rk_error *err)
{
    rk_vec changes = {.item_bytes = sizeof(const char *)};
    rk_arena scratch = {0};
    rk_status status = RK_OK;
    for (size_t i = 0; i < out->n_actions && !status; i++) {
        rk_action *action = &out->actions[i];
        size_t before = changes.n;
        rk_outcome outcome;
        rk_error ignored;
        if (!rk_vec_extend(&changes, action->changes, action->n_changes)) {
            status = rk_fail_memory(err, "a combination");
            break;
        }
        rk_arena_clear(&scratch);
        rk_status tried = rk_what_if(source, changes.data, changes.n, &scratch, &outcome, &ignored);
        int64_t saving = tried ? 0 : out->base.total.micros - outcome.total.micros;
        action->in_combination = saving > out->together.micros && outcome.shortfall_micros <= out->base.shortfall_micros;
        if (action->in_combination) {
            out->together.micros = saving;
        } else {
            changes.n = before;
        }
        status = tried == RK_NO_MEMORY ? rk_fail_memory(err, "a combination") : RK_OK;
    }
    out->together_yearly = yearly(out->together.micros, out->n_months);
    out->total_yearly = yearly(out->base.total.micros, out->n_months);
    rk_arena_release(&scratch);
    rk_vec_release(&changes);
    return status;
}

/* ---- the whole ---- */

static rk_status try_all(const rk_plan_source *source, const rk_run *run, rk_vec *proposals, rk_actions *out,
                         rk_error *err)
{
    unsigned n_workers = rk_pool_threads(run->pool);
    trials t = {.source = source,
                .base = &out->base,
                .actions = proposals->data,
                .arenas = calloc(n_workers, sizeof *t.arenas)};
    if (!t.arenas) {
        return rk_fail_memory(err, "trials");
    }
    rk_parallel_for(run->pool, proposals->n, 1, try_one, &t);
    rk_status status = RK_OK;
    for (size_t i = 0; i < proposals->n && !status; i++) {
        bool is_short = t.actions[i].status == RK_NO_MEMORY || (t.actions[i].status && !t.actions[i].reason);
        status = is_short ? rk_fail_memory(err, "trials") : RK_OK;
    }
    status = status ? status : choose(out, proposals, err);
    for (unsigned w = 0; w < n_workers; w++) {
        rk_arena_release(&t.arenas[w]);
    }
    free(t.arenas);
    return status;
}

static rk_status propose_all(const rk_plan_source *source, const rk_action_options *options, const rk_ledger *ledger,
                             rk_vec *proposals, rk_actions *out, rk_error *err)
{
    rk_plan *plan = NULL;
    rk_status status = rk_plan_read(source, &plan, err);
    if (status) {
        return status;
    }
    rk_proposer p = {
        .plan = plan, .ledger = ledger, .options = options, .arena = &out->arena, .proposals = proposals};
    for (size_t i = 0; i < RK_COUNT_OF(kinds); i++) {
        kinds[i]->propose(&p, kinds[i]->name);
    }
    rk_plan_free(plan);
    return p.failed ? rk_fail_memory(err, "proposals") : RK_OK;
}

rk_status rk_actions_find(const rk_plan_source *source, const rk_action_options *options, const rk_run *run,
                          rk_actions *out, rk_error *err)
{
    rk_ledger *ledger = NULL;
    rk_vec proposals = {.item_bytes = sizeof(rk_action)};
    *out = (rk_actions){.n_months = 0};
    rk_status status = rk_cost_run(source, run, &ledger, err);
    status = status ? status : rk_outcome_of(ledger, &out->arena, &out->base, err);
    if (!status) {
        out->n_months = rk_ledger_n_months(ledger);
        out->currency = rk_arena_copy(&out->arena, rk_ledger_currency(ledger), strlen(rk_ledger_currency(ledger)));
        out->name = rk_arena_copy(&out->arena, rk_ledger_name(ledger), strlen(rk_ledger_name(ledger)));
        status = out->currency && out->name ? propose_all(source, options, ledger, &proposals, out, err)
                                            : rk_fail_memory(err, "actions");
    }
    status = status ? status : try_all(source, run, &proposals, out, err);
    status = status ? status : show_lines(source, out, err);
    status = status ? status : combine(source, out, err);
    rk_vec_release(&proposals);
    rk_ledger_free(ledger);
    if (status) {
        rk_actions_release(out);
    }
    return status;
}

void rk_actions_release(rk_actions *actions) { rk_arena_release(&actions->arena); }

/* ---- for machines ---- */

static void add_lines(const rk_action *action, rk_json *json)
{
    rk_json_array(json, "lines");
    for (size_t i = 0; i < action->n_lines; i++) {
        const rk_outcome_change *line = &action->lines[i];
        rk_json_object(json, NULL);
        rk_json_cstring(json, "element", line->element);
        rk_json_cstring(json, "service", line->service);
        rk_json_i64(json, "before", line->before.micros);
        rk_json_i64(json, "after", line->after.micros);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
}

static void add_action(const rk_action *action, rk_json *json)
{
    rk_json_object(json, NULL);
    rk_json_cstring(json, "kind", action->kind);
    rk_json_cstring(json, "about", action->about);
    rk_json_cstring(json, "what", action->what);
    rk_json_cstring(json, "gives_up", action->gives_up);
    rk_json_array(json, "set");
    for (size_t i = 0; i < action->n_changes; i++) {
        rk_json_cstring(json, NULL, action->changes[i]);
    }
    rk_json_end_array(json);
    if (action->reason) {
        rk_json_cstring(json, "refused", action->reason);
    } else {
        rk_json_i64(json, "saving", action->saving.micros);
        rk_json_i64(json, "yearly_saving", action->yearly.micros);
        rk_json_bool(json, "in_combination", action->in_combination);
        add_lines(action, json);
    }
    rk_json_end_object(json);
}

void rk_actions_json(const rk_actions *actions, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "plan", actions->name);
    rk_json_cstring(&json, "currency", actions->currency);
    rk_json_i64(&json, "total", actions->base.total.micros);
    rk_json_u64(&json, "months", actions->n_months);
    rk_json_u64(&json, "tried", actions->n_tried);
    rk_json_i64(&json, "together", actions->together.micros);
    rk_json_i64(&json, "together_yearly", actions->together_yearly.micros);
    rk_json_i64(&json, "total_yearly", actions->total_yearly.micros);
    rk_json_array(&json, "actions");
    for (size_t i = 0; i < actions->n_actions; i++) {
        add_action(&actions->actions[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_array(&json, "refused");
    for (size_t i = 0; i < actions->n_refused; i++) {
        add_action(&actions->refused[i], &json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
}

/* frontier_choice.c - from the rows to standings, the choice, and what would change it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "decide/break_even.h"
#include "eval/paired.h"
#include "report/frontier_report.h"
#include "study/frontier_parts.h"

/* Assumptions of a plan are not known better than this: a smaller difference in cost is none. */
static const double cost_grain = 0.01;
/* Nor is a latency: what a quantile sketch cannot tell apart. */
static const double latency_grain = 0.02;
enum { CHANGES_MAX = 8 };

/* ---- quality, paired by user ---- */

static rk_status pair(rk_frontier *f, rk_paired *out, rk_error *err)
{
    const char *paths[RK_PAIRED_MAX];
    for (size_t i = 0; i < f->report.n; i++) {
        const char *plan = f->report.rows[i].plan, *file = strrchr(plan, '/') + 1;
        paths[i] =
            rk_frontier_text(f, "%s/evaluations/%.*s.rk", f->options->folder, (int)(strrchr(file, '.') - file), file);
    }
    return rk_paired_files(paths, f->report.n, f->run, out, err);
}

/* ---- standings ---- */

typedef struct {
    double good[RK_PARETO_MAX], cost[RK_PARETO_MAX];
    rk_estimate estimate[RK_PARETO_MAX];
    bool better[RK_PARETO_MAX * RK_PARETO_MAX], cheaper[RK_PARETO_MAX * RK_PARETO_MAX];
    rk_standing standing[RK_PARETO_MAX];
    rk_pareto_ask ask;
} arena_of_choice;

static void set_costs(const rk_frontier_report *r, arena_of_choice *a)
{
    for (size_t i = 0; i < r->n; i++) {
        a->cost[i] = r->rows[i].cost_per_year.value;
        a->estimate[i] = r->rows[i].cost_per_year;
    }
    rk_clearly_less(a->estimate, r->n, cost_grain, a->cheaper);
    a->ask = (rk_pareto_ask){r->n, a->good, a->cost, a->better, a->cheaper};
}

static void stand_by_latency(rk_frontier *f, arena_of_choice *a)
{
    const rk_frontier_report *r = &f->report;
    for (size_t i = 0; i < r->n; i++) {
        a->good[i] = -r->rows[i].p99_ms.value;
        a->estimate[i] = r->rows[i].p99_ms;
    }
    rk_clearly_less(a->estimate, r->n, latency_grain, a->better);
    (void)rk_pareto_find(&a->ask, a->standing);
    for (size_t i = 0; i < r->n; i++) {
        f->rows[i].by_latency = a->standing[i];
    }
}

static void stand_by_cost(rk_frontier *f, const rk_paired *paired, arena_of_choice *a)
{
    rk_frontier_report *r = &f->report;
    for (size_t i = 0; i < r->n; i++) {
        a->good[i] = paired->figure[i].value;
    }
    memcpy(a->better, paired->better, r->n * r->n * sizeof *a->better);
    (void)rk_pareto_find(&a->ask, a->standing);
    for (size_t i = 0; i < r->n; i++) {
        f->rows[i].by_cost = a->standing[i];
    }
    r->knee = rk_pareto_knee(&a->ask, a->standing);
}

static void choose(rk_frontier *f, const arena_of_choice *a)
{
    rk_frontier_report *r = &f->report;
    bool admitted[RK_PARETO_MAX];
    for (size_t i = 0; i < r->n; i++) {
        rk_frontier_row *row = &f->rows[i];
        bool is_good = row->kept.low >= r->quality_min, is_fast = row->p99_ms.low <= r->p99_max_ms;
        admitted[i] = is_good && is_fast;
        row->verdict = !is_good ? RK_FRONTIER_TOO_BAD : !is_fast ? RK_FRONTIER_TOO_SLOW : RK_FRONTIER_DEARER;
    }
    r->chosen = rk_pareto_choose(&a->ask, admitted, RK_PARETO_NONE);
    r->runner_up = r->chosen == RK_PARETO_NONE ? RK_PARETO_NONE : rk_pareto_choose(&a->ask, admitted, r->chosen);
    if (r->chosen != RK_PARETO_NONE) {
        f->rows[r->chosen].verdict = RK_FRONTIER_CHOSEN;
    }
    if (r->runner_up != RK_PARETO_NONE) {
        f->rows[r->runner_up].verdict = RK_FRONTIER_RUNNER_UP;
    }
}

/* ---- words ---- */

static void add_money(const rk_frontier_report *r, double amount, rk_text *out)
{
    double size = fabs(amount);
    rk_text_addf(out, "%s ", r->currency);
    rk_text_add_fixed(out, amount, size >= 100 || size == 0 ? 0 : size >= 1 ? 2 : size >= 0.01 ? 4 : 6);
}

static void add_share(rk_estimate share, rk_text *out)
{
    rk_text_add_fixed(out, 100 * share.value, 1);
    rk_text_add(out, " %");
    if (share.high > share.low) {
        rk_text_add(out, " (");
        rk_text_add_fixed(out, 100 * share.low, 1);
        rk_text_add(out, " to ");
        rk_text_add_fixed(out, 100 * share.high, 1);
        rk_text_add(out, ")");
    }
}

static const char *kept_words(rk_frontier *f, rk_text *text)
{
    const char *kept = rk_frontier_text(f, "%s", text->at ? text->at : "");
    f->is_short |= text->failed;
    rk_text_release(text);
    return kept;
}

static void add_constraints(const rk_frontier_report *r, rk_text *out)
{
    rk_text_addf(out, "%g %% of the best %s and p99 within %g ms", 100 * r->quality_min, r->metric, r->p99_max_ms);
}

static void advise(rk_frontier *f)
{
    rk_frontier_report *r = &f->report;
    rk_text words = {0};
    if (r->chosen == RK_PARETO_NONE) {
        rk_text_add(&words, "No variant surely keeps ");
        add_constraints(r, &words);
        rk_text_add(&words, ": ask for less, or add variants.");
        r->advice = kept_words(f, &words);
        return;
    }
    const rk_frontier_row *row = &r->rows[r->chosen];
    rk_text_addf(&words, "Deploy %s: ", row->name);
    if (r->chosen == r->best) {
        rk_text_addf(&words, "it has the best %s", r->metric);
    } else {
        rk_text_add(&words, "it keeps ");
        add_share(row->kept, &words);
        rk_text_addf(&words, " of the best %s, which %s has", r->metric, r->rows[r->best].name);
    }
    rk_text_add(&words, ", answers with p99 ");
    rk_text_add_fixed(&words, row->p99_ms.value, 1);
    rk_text_add(&words, " ms at the planned load");
    if (row->p99_ms.value > r->p99_max_ms) {
        rk_text_add(&words, " (");
        rk_text_add_fixed(&words, row->p99_ms.low, 1);
        rk_text_addf(&words, " in the quietest of %u measurements; within %g is asked for)", r->repeats, r->p99_max_ms);
    }
    rk_text_add(&words, ", and costs ");
    add_money(r, row->cost_per_year.value, &words);
    rk_text_add(&words, " a year.");
    if (r->runner_up != RK_PARETO_NONE) {
        const rk_frontier_row *next = &r->rows[r->runner_up];
        rk_text_addf(&words, " Runner-up: %s, ", next->name);
        add_money(r, next->cost_per_year.value, &words);
        rk_text_add(&words, " a year.");
    }
    r->advice = kept_words(f, &words);
}

/* ---- what would change it ---- */

typedef struct {
    rk_frontier *f;
    const char **list; /* [CHANGES_MAX] */
    size_t n;
} changes;

static void add_change(changes *c, rk_text *text)
{
    const char *words = kept_words(c->f, text);
    if (c->n < CHANGES_MAX && *words) {
        c->list[c->n++] = words;
    }
}

static bool are_alike_in_cost(const rk_frontier_row *a, const rk_frontier_row *b)
{
    const rk_estimate both[] = {a->cost_per_year, b->cost_per_year};
    bool less[4];
    rk_clearly_less(both, 2, cost_grain, less);
    return !less[1] && !less[2];
}

static void tell_tie(changes *c, const rk_frontier_row *chosen, const rk_frontier_row *next)
{
    if (!are_alike_in_cost(chosen, next)) {
        return;
    }
    rk_text words = {0};
    rk_text_addf(&words, "%s and %s cost the same within the noise of the measurement; ", chosen->name, next->name);
    rk_text_addf(&words, "%s is preferred because it is simpler: fewer steps make it, or the grid has it first.",
                 chosen->name);
    add_change(c, &words);
}

static void add_turn(const rk_break_even *turn, bool is_above, const char *chosen, const char *next, rk_text *out)
{
    if (!(turn->factor > 0)) {
        return;
    }
    bool next_is_cheaper = turn->first_is_cheaper_below == is_above;
    rk_text_add(out, out->n ? " " : "");
    rk_text_addf(out, "%s ", is_above ? "Above" : "Below");
    rk_text_add_fixed(out, turn->requests_per_day, 0);
    rk_text_add(out, " requests a day (");
    rk_text_add_fixed(out, turn->factor, turn->factor < 10 ? 2 : 0);
    rk_text_addf(out, " times the plan) %s costs less, %s it %s does.", next_is_cheaper ? next : chosen,
                 is_above ? "below" : "above", next_is_cheaper ? chosen : next);
}

/* Where the traffic would have to go. */
static rk_status tell_traffic(changes *c, rk_error *err)
{
    rk_frontier *f = c->f;
    rk_frontier_report *r = &f->report;
    const rk_frontier_row *chosen = &r->rows[r->chosen], *next = &r->rows[r->runner_up];
    rk_plan_source first = {.path = rk_frontier_path(f, chosen->plan)},
                   second = {.path = rk_frontier_path(f, next->plan)};
    rk_status status = rk_break_even_find(&first, &second, f->run, &r->below, &r->above, err);
    if (status) {
        return status;
    }
    rk_text words = {0};
    add_turn(&r->below, false, chosen->name, next->name, &words);
    add_turn(&r->above, true, chosen->name, next->name, &words);
    if (words.n == 0) {
        rk_text_addf(&words, "At no traffic between a 64th and 64 times the plan's do %s and %s change places.",
                     chosen->name, next->name);
    }
    add_change(c, &words);
    return RK_OK;
}

/* The price of a GB of memory in a machine for a month at which both would cost the same. */
static void tell_memory(changes *c, const rk_frontier_row *chosen, const rk_frontier_row *next)
{
    const rk_frontier_report *r = &c->f->report;
    double saved_gb = ((double)chosen->resident_bytes * (double)chosen->n_machines -
                       (double)next->resident_bytes * (double)next->n_machines) /
                      1e9;
    double dearer = next->cost_per_year.value - chosen->cost_per_year.value;
    if (are_alike_in_cost(chosen, next)) {
        return;
    }
    rk_text words = {0};
    if (saved_gb > 0 && dearer > 0) {
        rk_text_addf(&words, "%s takes ", next->name);
        rk_text_add_bytes(&words, saved_gb * 1e9);
        rk_text_add(&words, " less memory in all machines together: it would be the cheaper one if memory cost ");
        add_money(r, dearer / 12 / saved_gb, &words);
        rk_text_add(&words, " a GB and month more than it does.");
    } else if (saved_gb > 0) {
        rk_text_addf(&words, "%s takes ", next->name);
        rk_text_add_bytes(&words, saved_gb * 1e9);
        rk_text_add(&words, " less memory in all machines together.");
    } else {
        rk_text_addf(&words, "No price of memory makes %s the cheaper one: it takes as much, or more.", next->name);
    }
    add_change(c, &words);
}

/* What the better quality of the best one would have to be worth. */
static void tell_quality(changes *c)
{
    const rk_frontier_report *r = &c->f->report;
    const rk_frontier_row *chosen = &r->rows[r->chosen], *best = &r->rows[r->best];
    double dearer = best->cost_per_year.value - chosen->cost_per_year.value;
    double gain = best->quality.value - chosen->quality.value;
    if (r->best == r->chosen || !(gain > 0) || !(dearer > 0) || are_alike_in_cost(chosen, best)) {
        return;
    }
    rk_text words = {0};
    rk_text_addf(&words, "%s would be worth its ", best->name);
    add_money(r, dearer, &words);
    rk_text_addf(&words, " a year more if a hundredth of %s were worth ", r->metric);
    add_money(r, dearer / (100 * gain), &words);
    rk_text_add(&words, " a year.");
    add_change(c, &words);
}

/* The cheapest of those that were refused, and what would admit it. */
static void tell_refused(changes *c)
{
    const rk_frontier_report *r = &c->f->report;
    const rk_frontier_row *chosen = &r->rows[r->chosen], *refused = NULL;
    for (size_t i = 0; i < r->n; i++) {
        const rk_frontier_row *row = &r->rows[i];
        bool is_cheaper = row->cost_per_year.value < chosen->cost_per_year.value && !are_alike_in_cost(chosen, row);
        if (row->verdict >= RK_FRONTIER_TOO_BAD && is_cheaper &&
            (!refused || row->cost_per_year.value < refused->cost_per_year.value)) {
            refused = row;
        }
    }
    if (!refused) {
        return;
    }
    rk_text words = {0};
    rk_text_addf(&words, "%s would save ", refused->name);
    add_money(r, chosen->cost_per_year.value - refused->cost_per_year.value, &words);
    if (refused->verdict == RK_FRONTIER_TOO_BAD) {
        rk_text_add(&words, " a year if ");
        rk_text_add_fixed(&words, 100 * refused->kept.low, 1);
        rk_text_addf(&words, " %% of the best %s were enough.", r->metric);
    } else {
        rk_text_add(&words, " a year if a p99 of ");
        rk_text_add_fixed(&words, refused->p99_ms.low, 1);
        rk_text_add(&words, " ms were allowed.");
    }
    add_change(c, &words);
}

static rk_status tell_changes(rk_frontier *f, rk_error *err)
{
    rk_frontier_report *r = &f->report;
    changes c = {f, RK_TAKE(&f->arena, const char *, CHANGES_MAX), 0};
    if (!c.list) {
        return rk_fail_memory(err, "a frontier");
    }
    rk_status status = RK_OK;
    if (r->chosen != RK_PARETO_NONE && r->runner_up != RK_PARETO_NONE) {
        tell_tie(&c, &r->rows[r->chosen], &r->rows[r->runner_up]);
        tell_memory(&c, &r->rows[r->chosen], &r->rows[r->runner_up]);
        status = tell_traffic(&c, err);
    }
    if (r->chosen != RK_PARETO_NONE) {
        tell_quality(&c);
        tell_refused(&c);
    }
    r->changes = c.list;
    r->n_changes = c.n;
    return status;
}

rk_status rk_frontier_choose(rk_frontier *f, rk_error *err)
{
    rk_frontier_report *r = &f->report;
    rk_paired paired = {0};
    arena_of_choice *a = calloc(1, sizeof *a);
    rk_status status = a ? pair(f, &paired, err) : rk_fail_memory(err, "a frontier");
    if (!status) {
        r->best = paired.best;
        r->n_test_users = paired.n_users;
        for (size_t i = 0; i < r->n; i++) {
            f->rows[i].quality = paired.figure[i];
            f->rows[i].kept = paired.kept[i];
        }
        set_costs(r, a);
        stand_by_latency(f, a);
        stand_by_cost(f, &paired, a);
        choose(f, a);
        advise(f);
        status = tell_changes(f, err);
    }
    rk_paired_release(&paired);
    free(a);
    return status;
}

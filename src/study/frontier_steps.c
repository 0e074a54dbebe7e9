/* frontier_steps.c - all steps of a run, one after the other: those whose work is done are passed over.
 *
 * Measurements go round after round over all variants, so that a slow minute of the machine falls on all alike.
 */
#include <math.h>

#include "base/clock.h"
#include "math/sorted.h"
#include "measure/profile.h"
#include "study/frontier_step.h"

/* ---- all of them ---- */

typedef struct {
    rk_frontier *f;
    rk_vec steps; /* of rk_frontier_step */
    size_t n_reused, n_done;
    double done_s;     /* of those done, none reused */
    bool loads_follow; /* the load as planned is measured after these */
} work;

static const char *name_of(rk_frontier *f, const rk_frontier_step *s)
{
    if (s->variant == RK_FRONTIER_ALL) {
        return s->kind->name;
    }
    const char *variant = f->variants[s->variant].row->name;
    return s->repeat ? rk_frontier_text(f, "%s %s %u", s->kind->name, variant, s->repeat)
                     : rk_frontier_text(f, "%s %s", s->kind->name, variant);
}

static void add(work *w, const rk_frontier_step_kind *kind, size_t variant, unsigned repeat)
{
    rk_frontier_step s = {kind, variant, repeat, 0};
    s.expected_s = rk_journal_seconds(w->f->journal, name_of(w->f, &s));
    if (s.expected_s <= 0 && (kind == &rk_frontier_step_measure || kind == &rk_frontier_step_load)) {
        s.expected_s = w->f->grid.seconds + 2;
    }
    w->f->is_short |= !rk_vec_push(&w->steps, &s);
}

static const rk_frontier_step_kind *making_of(const rk_grid_variant *row)
{
    return row->index ? &rk_frontier_step_index : row->to ? &rk_frontier_step_compress : &rk_frontier_step_train;
}

static void add_all(work *w)
{
    rk_frontier *f = w->f;
    add(w, &rk_frontier_step_split, RK_FRONTIER_ALL, 0);
    for (size_t v = 0; v < f->grid.n; v++) {
        if (rk_frontier_is_tuned(f, v)) {
            add(w, &rk_frontier_step_tune, v, 0);
        }
        add(w, making_of(f->variants[v].row), v, 0);
        add(w, &rk_frontier_step_evaluate, v, 0);
    }
    for (unsigned r = 1; r <= f->grid.repeats; r++) {
        for (size_t v = 0; v < f->grid.n; v++) {
            add(w, &rk_frontier_step_measure, v, r);
        }
    }
}

static double load_seconds(const work *w)
{
    double seconds = 0;
    for (size_t v = 0; v < w->f->grid.n && w->loads_follow; v++) {
        seconds += w->f->variants[v].left_out ? 0 : w->f->grid.repeats * (w->f->grid.seconds + 2);
    }
    return seconds;
}

/* Steps from `from` on: as long as last time, or as others of the kind are expected to take. */
static double seconds_left(const work *w, size_t from)
{
    double known_s = 0;
    size_t n_unknown = 0;
    const rk_frontier_step *steps = w->steps.data;
    for (size_t i = from; i < w->steps.n; i++) {
        if (steps[i].variant != RK_FRONTIER_ALL && w->f->variants[steps[i].variant].left_out) {
            continue;
        }
        known_s += steps[i].expected_s;
        n_unknown += !(steps[i].expected_s > 0);
    }
    double mean_s = w->n_done ? w->done_s / (double)w->n_done : 1;
    return known_s + (double)n_unknown * mean_s + load_seconds(w);
}

static void tell(const work *w, size_t i, const char *name, double seconds)
{
    rk_text words = {0};
    rk_text_addf(&words, "%zu of %zu, %s: ", i + 1, w->steps.n, name);
    rk_text_add_seconds(&words, seconds);
    if (i + 1 < w->steps.n || w->loads_follow) {
        rk_text_add(&words, "; about ");
        rk_text_add_seconds(&words, seconds_left(w, i + 1));
        rk_text_add(&words, " left");
    }
    if (!words.failed) {
        rk_log(w->f->run, RK_LOG_INFO, "%s", words.at);
    }
    rk_text_release(&words);
}

/* Another variant that it is made of is not there. */
static bool is_orphan(const rk_frontier *f, const rk_frontier_step *s)
{
    return s->variant != RK_FRONTIER_ALL && f->variants[f->variants[s->variant].row->of].left_out;
}

/* A variant that fails is left out; what all of them need must not fail. */
static rk_status fail_step(rk_frontier *f, const rk_frontier_step *s, rk_status status, rk_error *err)
{
    if (s->variant == RK_FRONTIER_ALL || status == RK_STOPPED) {
        return status;
    }
    rk_frontier_leave_out(f, s->variant, err->message);
    rk_log(f->run, RK_LOG_WARNING, "%s is left out: %s", f->variants[s->variant].row->name, err->message);
    return RK_OK;
}

static rk_status do_step(work *w, size_t i, rk_error *err)
{
    rk_frontier *f = w->f;
    const rk_frontier_step *s = (const rk_frontier_step *)w->steps.data + i;
    rk_step row = {.name = name_of(f, s)};
    bool is_done;
    double seconds;
    if (s->variant != RK_FRONTIER_ALL && f->variants[s->variant].left_out) {
        return RK_OK;
    }
    if (is_orphan(f, s)) {
        rk_frontier_leave_out(f, s->variant,
                              rk_frontier_text(f, "%s, which it is made of, is left out",
                                               f->variants[f->variants[s->variant].row->of].row->name));
        return RK_OK;
    }
    s->kind->files(f, s, &row);
    if (f->is_short) {
        return rk_fail_memory(err, "the steps of a frontier");
    }
    rk_status status = rk_journal_check(f->journal, &row, &is_done, &seconds, err);
    if (status || is_done) {
        w->n_reused += !status;
        return status;
    }
    rk_stopwatch watch = rk_stopwatch_start();
    status = s->kind->make(f, s, err);
    seconds = rk_stopwatch_stop(watch).wall_s;
    if (status) {
        return fail_step(f, s, status, err);
    }
    status = rk_journal_add(f->journal, &row, seconds, err);
    w->n_done++;
    w->done_s += seconds;
    tell(w, i, row.name, seconds);
    return status;
}

static rk_status do_steps(rk_frontier *f, void (*list)(work *w), bool loads_follow, rk_error *err)
{
    work w = {.f = f, .loads_follow = loads_follow, .steps = {.item_bytes = sizeof(rk_frontier_step)}};
    rk_status status = RK_OK;
    list(&w);
    for (size_t i = 0; i < w.steps.n && !status; i++) {
        status = do_step(&w, i, err);
    }
    if (!status && f->is_short) {
        status = rk_fail_memory(err, "the steps of a frontier");
    }
    f->report.n_steps += w.steps.n;
    f->report.n_reused += w.n_reused;
    rk_vec_release(&w.steps);
    return status;
}

rk_status rk_frontier_steps(rk_frontier *f, rk_error *err) { return do_steps(f, add_all, true, err); }

/* ---- the load as planned ---- */

static void add_loads(work *w)
{
    for (unsigned r = 1; r <= w->f->grid.repeats; r++) {
        for (size_t i = 0; i < w->f->report.n; i++) {
            add(w, &rk_frontier_step_load, w->f->variant_of[i], r);
        }
    }
}

/* The median, and the range; unknown where one of them is. */
static rk_estimate spread_of(double *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) {
            return (rk_estimate){NAN, NAN, NAN};
        }
    }
    rk_sort_reals(values, n);
    return (rk_estimate){rk_sorted_quantile(values, n, 0.5), values[0], values[n - 1]};
}

static rk_status read_loads(rk_frontier *f, size_t row, rk_error *err)
{
    double p99_ms[RK_GRID_REPEATS_MAX], cpu_ms[RK_GRID_REPEATS_MAX];
    size_t v = f->variant_of[row];
    for (unsigned r = 0; r < f->grid.repeats; r++) {
        rk_profile profile;
        rk_status status = rk_profile_read(rk_frontier_load_profile(f, v, r + 1), &profile, err);
        if (status) {
            return status;
        }
        const rk_profile_point *point = rk_profile_point_at(&profile, 0);
        p99_ms[r] = point ? point->latency_ms_p99 : NAN;
        cpu_ms[r] = point ? point->cpu_ms_per_request : NAN;
        rk_profile_release(&profile);
    }
    f->rows[row].p99_ms = spread_of(p99_ms, f->grid.repeats);
    f->rows[row].cpu_ms = spread_of(cpu_ms, f->grid.repeats);
    f->rows[row].cpu_cost_per_1000 = f->rows[row].cpu_ms.value / 3600 * f->variants[v].core_hour_price;
    return RK_OK;
}

rk_status rk_frontier_load(rk_frontier *f, rk_error *err)
{
    rk_status status = do_steps(f, add_loads, false, err);
    for (size_t i = 0; i < f->report.n && !status; i++) {
        status = f->variants[f->variant_of[i]].left_out
                     ? rk_fail(err, RK_IO, "%s cannot be measured at the planned load: %.300s", f->rows[i].name,
                               f->variants[f->variant_of[i]].left_out)
                     : read_loads(f, i, err);
    }
    return status;
}

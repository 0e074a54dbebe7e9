/* scale.c - the study from top to bottom: shops, fits, sizes, prices. */
#include "study/scale.h"

#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "math/sorted.h"
#include "model/model.h"
#include "study/scale_parts.h"

rk_scale_options rk_scale_defaults(void)
{
    return (rk_scale_options){.model = "als", .p99_max_ms = 20, .users_per_item = 2, .utilisation = 0.6};
}

const char *rk_scaling_text(rk_scaling *s, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *words = rk_arena_words(&s->arena, fmt, args);
    va_end(args);
    return words ? words : "";
}

/* ---- fits ---- */

/* Of the shops of a sweep, by what grows in it. */
static size_t points_of(const rk_scaling *s, rk_scale_figure figure, rk_scale_sweep sweep, rk_growth_point *points)
{
    size_t n = 0;
    for (size_t i = 0; i < s->report.n_shops; i++) {
        const rk_scale_shop *shop = &s->shops[i];
        bool is_in = shop->sweep == sweep || shop->sweep == RK_SWEEP_ALL;
        if (is_in && isfinite(shop->figure[figure])) {
            points[n++] = (rk_growth_point){sweep == RK_SWEEP_USERS ? shop->users : shop->items, shop->figure[figure]};
        }
    }
    return n;
}

/* The largest shop by those that grow with it. */
static void foretell_largest(const rk_growth_point *points, size_t n, rk_scale_fit *out)
{
    rk_growth others;
    out->foretold = out->measured = NAN;
    if (n > 1 && rk_growth_fit(points, n - 1, out->floor, &others)) {
        out->foretold = rk_growth_at(&others, points[n - 1].size).value;
        out->measured = points[n - 1].value;
    }
}

static rk_estimate exponent_of(const rk_scaling *s, rk_scale_figure figure, rk_scale_sweep sweep)
{
    rk_growth_point points[RK_SCALE_SHOPS_MAX];
    rk_growth growth;
    size_t n = points_of(s, figure, sweep, points);
    bool is_fitted = rk_growth_fit(points, n, s->report.fit[figure].floor, &growth);
    return is_fitted ? rk_growth_exponent(&growth) : (rk_estimate){NAN, NAN, NAN};
}

static void fit_figure(rk_scaling *s, rk_scale_figure f)
{
    rk_growth_point points[RK_SCALE_SHOPS_MAX];
    rk_scale_fit *fit = &s->report.fit[f];
    size_t n = points_of(s, f, RK_SWEEP_BOTH, points);
    double floor = s->shops[0].figure[f];
    fit->floor = isfinite(floor) ? floor : 0;
    fit->is_fitted = rk_growth_fit(points, n, fit->floor, &s->growth[f]);
    if (fit->is_fitted) {
        fit->both = rk_growth_exponent(&s->growth[f]);
        fit->users = exponent_of(s, f, RK_SWEEP_USERS);
        fit->items = exponent_of(s, f, RK_SWEEP_ITEMS);
        foretell_largest(points, n, fit);
    }
}

/* Requests a second inside the limit x processor time of each / processor time there is. */
static double median_load_share(const rk_scaling *s)
{
    double shares[RK_SCALE_SHOPS_MAX];
    size_t n = 0;
    for (size_t i = 1; i < s->report.n_shops; i++) {
        double share = s->shops[i].capacity_rps * s->shops[i].figure[RK_SCALE_CPU_MS] / 1000 / s->n_cores;
        if (isfinite(share) && share > 0) {
            shares[n++] = fmin(share, 1);
        }
    }
    rk_sort_reals(shares, n);
    return n ? rk_sorted_quantile(shares, n, 0.5) : NAN;
}

static void fill_sizes(rk_scaling *s)
{
    for (size_t i = 0; i < RK_SCALE_SIZES; i++) {
        rk_scale_size *size = &s->report.size[i];
        size->items = pow(10, 5 + (double)i);
        size->users = s->options->users_per_item * size->items;
        for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
            size->figure[f] =
                s->report.fit[f].is_fitted ? rk_growth_at(&s->growth[f], size->items) : (rk_estimate){NAN, NAN, NAN};
        }
    }
    for (size_t k = 0; k < RK_SCALE_RATES; k++) {
        s->report.rate[k] = pow(10, 3 + (double)k);
    }
}

static void set_head(rk_scaling *s)
{
    char now[24];
    rk_machine here = rk_machine_read();
    rk_scale_report *r = &s->report;
    rk_format_time(rk_clock_unix_s(), now);
    s->n_cores = here.cores;
    r->model = s->options->model;
    r->machine = rk_scaling_text(s, "%s, %u cores, %.0f GiB", here.cpu, here.cores, here.memory_gib);
    r->made_at = rk_scaling_text(s, "%s", now);
    r->build = "reckon " RECKON_VERSION;
    r->seed = s->run->seed;
    r->p99_max_ms = s->options->p99_max_ms;
    r->users_per_item = s->options->users_per_item;
    r->utilisation = s->options->utilisation;
}

static rk_status write_report(rk_scaling *s, rk_error *err)
{
    rk_text text = {0};
    rk_scale_json(&s->report, &text);
    rk_text_add(&text, "\n");
    rk_status status = text.failed
                           ? rk_fail_memory(err, "a study of scale")
                           : rk_file_write_text(rk_scaling_text(s, "%s/scale.json", s->options->folder), &text, err);
    rk_text_release(&text);
    return status;
}

static rk_status study(rk_scaling *s, rk_error *err)
{
    const rk_model_kind *kind;
    rk_status status = rk_model_kind_need(s->options->model, &kind, err);
    status = status ? status : rk_folder_make(s->options->folder, err);
    status = status ? status : rk_folder_make(rk_scaling_text(s, "%s/shops", s->options->folder), err);
    status = status ? status : rk_journal_open(s->options->folder, &s->journal, err);
    set_head(s);
    status = status ? status : rk_scaling_shops(s, err);
    if (status) {
        return status;
    }
    for (size_t f = 0; f < RK_SCALE_FIGURES; f++) {
        fit_figure(s, (rk_scale_figure)f);
    }
    s->report.load_share = median_load_share(s);
    fill_sizes(s);
    bool is_priced = s->report.fit[RK_SCALE_CPU_MS].is_fitted && s->report.fit[RK_SCALE_RESIDENT_BYTES].is_fitted &&
                     s->report.fit[RK_SCALE_TRAINING_S].is_fitted && isfinite(s->report.load_share);
    if (!is_priced) {
        return rk_fail(err, RK_BAD_INPUT,
                       "too few shops took more than an empty one, or answered at any rate with p99 <= %g ms: nothing "
                       "can be said of larger ones",
                       s->options->p99_max_ms);
    }
    status = rk_scaling_price(s, err);
    return status ? status : write_report(s, err);
}

rk_status rk_scale_run(const rk_scale_options *options, const rk_run *run, rk_scaling **out, rk_error *err)
{
    rk_scaling *s = calloc(1, sizeof *s);
    if (!s) {
        return rk_fail_memory(err, "a study of scale");
    }
    s->options = options;
    s->run = run;
    rk_status status = study(s, err);
    if (status) {
        rk_scaling_free(s);
        return status;
    }
    *out = s;
    return RK_OK;
}

void rk_scaling_free(rk_scaling *s)
{
    if (!s) {
        return;
    }
    rk_journal_close(s->journal);
    rk_arena_release(&s->arena);
    free(s);
}

const rk_scale_report *rk_scaling_report(const rk_scaling *s) { return &s->report; }

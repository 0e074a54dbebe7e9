/* chart_latency.c - p50 and p99 against the offered rate, the limit and the knee.
 *
 * The latency axis is logarithmic: past the knee an open-loop p99 grows by orders of magnitude, and a linear axis would
 * press everything that matters into the bottom line. Bands keep words apart: the title and the knee's words stand
 * above the plot, the names of the curves to its right, the limit's words on its own line inside.
 */
#include <math.h>
#include <stdio.h>

#include "report/chart.h"
#include "report/scale.h"
#include "report/svg.h"

static const double left = 38, right = 304, top = 46, bottom = 212, height = 252;

enum { RK_LATENCY_POINTS_MAX = 256 };

void rk_latency_same_axes(rk_latency_panel *panels, size_t n_panels)
{
    double rate_max = 0, ms_min = INFINITY, ms_max = 0;
    for (size_t i = 0; i < n_panels; i++) {
        for (size_t j = 0; j < panels[i].n_points; j++) {
            const rk_latency_point *point = &panels[i].points[j];
            rate_max = fmax(rate_max, point->rate);
            ms_max = fmax(ms_max, fmax(point->p50_ms, point->p99_ms));
            ms_min = point->p50_ms > 0 ? fmin(ms_min, point->p50_ms) : ms_min;
        }
        ms_max = fmax(ms_max, panels[i].slo_ms * 1.6);
    }
    ms_max = ms_max > 0 ? ms_max : 1;
    for (size_t i = 0; i < n_panels; i++) {
        panels[i].rate_max = rk_nice_end(rate_max, 4);
        panels[i].ms_max = ms_max * 1.15;
        panels[i].ms_min = fmin(ms_min, ms_max) / 1.25;
    }
}

static void draw_axes(rk_text *out, const rk_scale *x, const rk_scale *y)
{
    rk_ticks rates = rk_ticks_linear(x->min, x->max, 4), times = rk_ticks_log(y->min, y->max);
    rk_text words = {0};
    for (size_t i = 0; i < times.n; i++) {
        double at = rk_scale_at(y, times.at[i]);
        rk_svg_line(out, "grid", (rk_spot){left, at}, (rk_spot){right, at});
        rk_text_clear(&words);
        rk_tick_print(times.at[i], &words);
        rk_svg_words(out, "tick", (rk_spot){left - 6, at + 4}, RK_ANCHOR_END, words.at ? words.at : "");
    }
    rk_svg_line(out, "axis", (rk_spot){left, bottom}, (rk_spot){right, bottom});
    for (size_t i = 0; i < rates.n; i++) {
        double at = rk_scale_at(x, rates.at[i]);
        rk_svg_line(out, "axis", (rk_spot){at, bottom}, (rk_spot){at, bottom + 4});
        rk_text_clear(&words);
        rk_tick_print(rates.at[i], &words);
        rk_svg_words(out, "tick", (rk_spot){at, bottom + 17}, RK_ANCHOR_MIDDLE, words.at ? words.at : "");
    }
    out->failed |= words.failed;
    rk_text_release(&words);
    rk_svg_words(out, "tick", (rk_spot){left - 6, top - 8}, RK_ANCHOR_END, "ms");
    rk_svg_words(out, "tick", (rk_spot){right, bottom + 33}, RK_ANCHOR_END, "offered requests per second");
}

static void draw_limits(rk_text *out, const rk_latency_panel *panel, const rk_scale *x, const rk_scale *y)
{
    char words[64];
    if (panel->slo_ms > 0) {
        double at = rk_scale_at(y, panel->slo_ms);
        snprintf(words, sizeof words, "limit %g ms", panel->slo_ms);
        rk_svg_line(out, "limit", (rk_spot){left, at}, (rk_spot){right, at});
        rk_svg_words(out, "note limit-words", (rk_spot){left + 5, at - 5}, RK_ANCHOR_START, words);
    }
    if (panel->knee_rate > 0) {
        rk_text rate = {0};
        double at = rk_scale_at(x, panel->knee_rate);
        rk_text_add_fixed(&rate, panel->knee_rate, 0);
        snprintf(words, sizeof words, "%s/s within the limit", rate.at ? rate.at : "?");
        rk_text_release(&rate);
        double half = rk_svg_words_width(words, 11) / 2;
        double middle = fmax(left + half, fmin(at, RK_PANEL_WIDTH - half));
        rk_svg_line(out, "mark", (rk_spot){at, top}, (rk_spot){at, bottom});
        rk_svg_words(out, "note", (rk_spot){middle, top - 8}, RK_ANCHOR_MIDDLE, words);
    }
}

static double percentile(const rk_latency_point *point, bool is_p99) { return is_p99 ? point->p99_ms : point->p50_ms; }

/* The curve; returns the height of its end. */
static double draw_curve(rk_text *out, const rk_latency_panel *panel, const rk_scale *x, const rk_scale *y, bool is_p99)
{
    rk_spot spots[RK_LATENCY_POINTS_MAX];
    size_t n = 0;
    char class[24], hint[80];
    rk_text dots = {0}; /* over the line */
    for (size_t i = 0; i < panel->n_points && n < RK_LATENCY_POINTS_MAX; i++) {
        double rate = panel->points[i].rate, ms = percentile(&panel->points[i], is_p99);
        if (!isfinite(rate) || !isfinite(ms))
            continue;
        spots[n] = (rk_spot){rk_scale_at(x, rate), rk_scale_at(y, ms)};
        snprintf(class, sizeof class, "c%u%s", panel->color, is_p99 ? "" : " pale");
        snprintf(hint, sizeof hint, "%.0f/s: %s %.2f ms", rate, is_p99 ? "p99" : "p50", ms);
        rk_svg_dot(&dots, class, spots[n++], is_p99 ? 2.6 : 2, hint);
    }
    snprintf(class, sizeof class, "l%u%s", panel->color, is_p99 ? "" : " thin");
    rk_svg_curve(out, class, spots, n);
    rk_text_add_slice(out, (rk_slice){dots.at, dots.n});
    out->failed |= dots.failed;
    rk_text_release(&dots);
    return n ? spots[n - 1].y : bottom;
}

void rk_chart_latency(const rk_latency_panel *panel, rk_text *out)
{
    rk_latency_panel own = *panel;
    if (!(own.rate_max > 0) || !(own.ms_min > 0) || !(own.ms_max > own.ms_min))
        rk_latency_same_axes(&own, 1);
    rk_scale x = {.max = own.rate_max, .from = left, .to = right};
    rk_scale y = {.min = own.ms_min, .max = own.ms_max, .from = bottom, .to = top, .is_log = true};
    char words[160];
    snprintf(words, sizeof words, "%s: latency p50 and p99 against offered rate", own.title);
    rk_svg_open(out, RK_PANEL_WIDTH, height, words);
    rk_svg_words(out, "title", (rk_spot){0, 14}, RK_ANCHOR_START, own.title);
    draw_axes(out, &x, &y);
    draw_limits(out, &own, &x, &y);
    double p50 = draw_curve(out, &own, &x, &y, false), p99 = draw_curve(out, &own, &x, &y, true);
    if (own.n_points) { /* the curves' names stand where they end, at least a line apart */
        double end = rk_scale_at(&x, own.points[own.n_points - 1].rate);
        double gap = fmax(0, 13 - (p50 - p99)) / 2;
        rk_svg_words(out, "note", (rk_spot){end + 6, p99 - gap + 4}, RK_ANCHOR_START, "p99");
        rk_svg_words(out, "note", (rk_spot){end + 6, p50 + gap + 4}, RK_ANCHOR_START, "p50");
    }
    rk_svg_close(out);
}

/* chart_scatter.c - points in a plane, a line in steps through some of them, and as many labels as there is room for.
 *
 * A label is tried to the right of its point, to the left, above and below; one that would run over another label, a
 * point or the edge is left out. So words never lie upon words, the important points are named, and all can be pointed
 * at. An axis that spans more than a factor of thirty is logarithmic.
 */
#include <math.h>
#include <stdio.h>

#include "report/chart.h"
#include "report/scale.h"
#include "report/svg.h"

static const double left = 58, right = 506, top = 52, bottom = 300, height = 342;
static const double font_px = 12, dot = 5, span_of_log = 30;

typedef struct {
    double left, right, top, bottom;
} box;

typedef struct {
    const rk_scatter *s;
    rk_scale x, y;
    box taken[2 * RK_SCATTER_MAX];
    size_t n_taken;
} sheet;

/* ---- axes ---- */

static rk_estimate figure_of(const rk_scatter_point *point, bool is_x) { return is_x ? point->x : point->y; }

/* What holds all points and, where they do not dwarf these, their intervals; some room around, and never a hair's
 * breadth: points that are the same in their third figure lie beside each other. */
static rk_scale scale_of(const rk_scatter *s, bool is_x, double from, double to)
{
    double min = INFINITY, max = -INFINITY, least = 0;
    for (size_t i = 0; i < s->n_points; i++) {
        rk_estimate e = figure_of(&s->points[i], is_x);
        if (!isfinite(e.value)) {
            continue;
        }
        min = fmin(min, isfinite(e.low) ? fmin(e.low, e.value) : e.value);
        max = fmax(max, isfinite(e.high) ? fmax(e.high, e.value) : e.value);
    }
    if (max < min) {
        return (rk_scale){.max = 1, .from = from, .to = to};
    }
    bool is_log = min > 0 && max > span_of_log * min;
    if (is_log) {
        return (rk_scale){.min = min / 1.4, .max = max * 1.4, .from = from, .to = to, .is_log = true};
    }
    least = 0.02 * fmax(fabs(min), fabs(max));
    double room = fmax(0.08 * (max - min), least > 0 ? least : 1);
    double low = min - room;
    return (rk_scale){.min = min >= 0 ? fmax(low, 0) : low, .max = max + room, .from = from, .to = to};
}

static rk_ticks ticks_of(const rk_scale *scale, size_t n)
{
    return scale->is_log ? rk_ticks_log(scale->min, scale->max) : rk_ticks_linear(scale->min, scale->max, n);
}

static void draw_axes(const sheet *p, rk_text *out)
{
    rk_ticks xs = ticks_of(&p->x, 5), ys = ticks_of(&p->y, 5);
    rk_text words = {0};
    for (size_t i = 0; i < ys.n; i++) {
        double at = rk_scale_at(&p->y, ys.at[i]);
        rk_svg_line(out, "grid", (rk_spot){left, at}, (rk_spot){right, at});
        rk_text_clear(&words);
        rk_tick_print(ys.at[i], &words);
        rk_svg_words(out, "tick", (rk_spot){left - 7, at + 4}, RK_ANCHOR_END, words.at ? words.at : "");
    }
    rk_svg_line(out, "axis", (rk_spot){left, bottom}, (rk_spot){right, bottom});
    for (size_t i = 0; i < xs.n; i++) {
        double at = rk_scale_at(&p->x, xs.at[i]);
        rk_svg_line(out, "axis", (rk_spot){at, bottom}, (rk_spot){at, bottom + 4});
        rk_text_clear(&words);
        rk_tick_print(xs.at[i], &words);
        rk_svg_words(out, "tick", (rk_spot){at, bottom + 17}, RK_ANCHOR_MIDDLE, words.at ? words.at : "");
    }
    out->failed |= words.failed;
    rk_text_release(&words);
    rk_svg_words(out, "tick", (rk_spot){0, top - 16}, RK_ANCHOR_START, p->s->y_words);
    rk_svg_words(out, "tick", (rk_spot){right, bottom + 34}, RK_ANCHOR_END, p->s->x_words);
}

/* ---- points ---- */

static rk_spot spot_of(const sheet *p, const rk_scatter_point *point)
{
    return (rk_spot){rk_scale_at(&p->x, point->x.value), rk_scale_at(&p->y, point->y.value)};
}

static void draw_whiskers(const sheet *p, const rk_scatter_point *point, rk_text *out)
{
    rk_spot at = spot_of(p, point);
    if (point->x.high > point->x.low) {
        rk_svg_line(out, "range", (rk_spot){rk_scale_at(&p->x, point->x.low), at.y},
                    (rk_spot){rk_scale_at(&p->x, point->x.high), at.y});
    }
    if (point->y.high > point->y.low) {
        rk_svg_line(out, "range", (rk_spot){at.x, rk_scale_at(&p->y, point->y.low)},
                    (rk_spot){at.x, rk_scale_at(&p->y, point->y.high)});
    }
}

/* The joined points by x, a corner between each two: what the cheaper one gives holds until the dearer one's cost. */
static void draw_line(const sheet *p, rk_text *out)
{
    const rk_scatter_point *joined[RK_SCATTER_MAX];
    rk_spot spots[2 * RK_SCATTER_MAX];
    size_t n = 0, n_spots = 0;
    for (size_t i = 0; i < p->s->n_points; i++) {
        const rk_scatter_point *point = &p->s->points[i];
        if (!point->is_joined) {
            continue;
        }
        size_t at = n++;
        for (; at > 0 && joined[at - 1]->x.value > point->x.value; at--) {
            joined[at] = joined[at - 1];
        }
        joined[at] = point;
    }
    for (size_t i = 0; i < n; i++) {
        rk_spot spot = spot_of(p, joined[i]);
        if (n_spots > 0) {
            spots[n_spots] = (rk_spot){spot.x, spots[n_spots - 1].y};
            n_spots++;
        }
        spots[n_spots++] = spot;
    }
    if (n > 1) {
        rk_svg_curve(out, "frontier", spots, n_spots);
    }
}

static void draw_point(sheet *p, const rk_scatter_point *point, rk_text *out)
{
    char class[64];
    rk_spot at = spot_of(p, point);
    snprintf(class, sizeof class, "c%u %s%s", point->color <= RK_CHART_COLORS ? point->color : 0,
             point->is_joined ? "" : "off ", point->class);
    if (point->is_ringed) {
        rk_svg_dot(out, "ring", at, dot + 4, NULL);
    }
    rk_svg_dot(out, class, at, point->is_joined ? dot : dot - 1, point->hint);
    p->taken[p->n_taken++] = (box){at.x - dot, at.x + dot, at.y - dot, at.y + dot};
}

/* ---- labels ---- */

static bool is_free(const sheet *p, box b)
{
    if (b.left < left + 2 || b.right > RK_CHART_WIDTH || b.top < top - 8 || b.bottom > bottom - 2) {
        return false;
    }
    for (size_t i = 0; i < p->n_taken; i++) {
        const box *t = &p->taken[i];
        if (b.left < t->right && t->left < b.right && b.top < t->bottom && t->top < b.bottom) {
            return false;
        }
    }
    return true;
}

static void draw_label(sheet *p, const rk_scatter_point *point, rk_text *out)
{
    double width = rk_svg_words_width(point->label, font_px), away = dot + (point->is_ringed ? 9 : 5);
    rk_spot at = spot_of(p, point);
    const struct {
        rk_spot words;
        rk_anchor anchor;
        double left;
    } places[] = {
        {{at.x + away, at.y + 4}, RK_ANCHOR_START, at.x + away},
        {{at.x - away, at.y + 4}, RK_ANCHOR_END, at.x - away - width},
        {{at.x, at.y - away - 1}, RK_ANCHOR_MIDDLE, at.x - width / 2},
        {{at.x, at.y + away + 10}, RK_ANCHOR_MIDDLE, at.x - width / 2},
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        box b = {places[i].left, places[i].left + width, places[i].words.y - 11, places[i].words.y + 3};
        if (is_free(p, b)) {
            p->taken[p->n_taken++] = b;
            rk_svg_words(out, "note name", places[i].words, places[i].anchor, point->label);
            return;
        }
    }
}

void rk_chart_scatter(const rk_scatter *s, rk_text *out)
{
    size_t n = s->n_points < RK_SCATTER_MAX ? s->n_points : RK_SCATTER_MAX;
    sheet p = {.s = s, .x = scale_of(s, true, left + 8, right - 8), .y = scale_of(s, false, bottom - 8, top + 6)};
    rk_svg_open(out, RK_CHART_WIDTH, height, s->title);
    rk_svg_words(out, "title", (rk_spot){0, 14}, RK_ANCHOR_START, s->title);
    draw_axes(&p, out);
    for (size_t i = 0; i < n; i++) {
        draw_whiskers(&p, &s->points[i], out);
    }
    draw_line(&p, out);
    for (size_t i = n; i-- > 0;) { /* the important ones on top */
        draw_point(&p, &s->points[i], out);
    }
    for (size_t i = 0; i < n; i++) {
        draw_label(&p, &s->points[i], out);
    }
    rk_svg_close(out);
}

/* chart.h - the pictures of the report, each a function from a plain struct to one inline <svg>.
 *
 * All are RK_CHART_WIDTH units wide or less, so that they stand beside their table on a wide page and below it on a
 * phone with letters that can still be read. Colours are classes c1 .. c5 of the page's style sheet. Words for values
 * come ready from the caller: a chart places, it does not round. Texts are borrowed during the call only.
 */
#ifndef RECKON_REPORT_CHART_H
#define RECKON_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "math/estimate.h"

enum { RK_CHART_WIDTH = 520, RK_PANEL_WIDTH = 340, RK_CHART_COLORS = 5 };

/* ---- what each rule of the cleaning pass took, and what was left ---- */
typedef struct {
    const char *label;
    uint64_t n_taken;
} rk_funnel_step;

typedef struct {
    const char *start_label, *end_label; /* "rows read", "events kept" */
    uint64_t n_start;
    const rk_funnel_step *steps; /* [n_steps]; steps that took nothing are not drawn */
    size_t n_steps;
} rk_funnel;
void rk_chart_funnel(const rk_funnel *funnel, rk_text *out);

/* ---- bars from zero, with whiskers where an interval is known ---- */
typedef struct {
    const char *label, *words; /* words: the value, written at the end of the bar */
    rk_estimate value;
    unsigned color; /* 1 .. RK_CHART_COLORS; 0 = grey */
} rk_bar;

typedef struct {
    const char *title; /* over the chart; also what a screen reader says */
    const rk_bar *bars;
    size_t n_bars;
    double mark; /* a dashed line here; 0 = none */
    const char *mark_words;
} rk_bars;
void rk_chart_bars(const rk_bars *bars, rk_text *out);

/* ---- bars made of parts, with a legend ---- */
typedef struct {
    const char *label, *words;
    const double *parts; /* [n_parts], each >= 0 */
} rk_stack;

typedef struct {
    const char *title;
    const char *const *part_names; /* part i has colour i + 1 */
    size_t n_parts;                /* at most RK_CHART_COLORS */
    const rk_stack *stacks;
    size_t n_stacks;
} rk_stacks;
void rk_chart_stacks(const rk_stacks *stacks, rk_text *out);

/* ---- latency against offered rate, one variant a panel ---- */
typedef struct {
    double rate;           /* offered, requests/s */
    double p50_ms, p99_ms; /* */
} rk_latency_point;

typedef struct {
    const char *title;
    const rk_latency_point *points; /* ascending rate */
    size_t n_points;
    double slo_ms;                   /* 0 = none */
    double knee_rate;                /* highest rate inside the limit; 0 = none */
    double rate_max, ms_min, ms_max; /* the axes, the same for panels that are compared; 0 = from the points */
    unsigned color;
} rk_latency_panel;
void rk_chart_latency(const rk_latency_panel *panel, rk_text *out);
/* Sets the three axis fields of all panels to what holds all their points. */
void rk_latency_same_axes(rk_latency_panel *panels, size_t n_panels);

/* ---- points in a plane, with what is known of both their figures ---- */
typedef struct {
    const char *label, *hint; /* label: written beside the point where there is room for it; hint: shown when pointed at */
    const char *class;        /* of the mark, beside its colour; "" = none */
    rk_estimate x, y;
    unsigned color;             /* 1 .. RK_CHART_COLORS; 0 = grey */
    bool is_joined, is_ringed; /* a corner of the line; the one that is meant */
} rk_scatter_point;

typedef struct {
    const char *title, *x_words, *y_words; /* what the axes say, with units */
    const rk_scatter_point *points;        /* the more important first: they have their labels before the others */
    size_t n_points;                       /* at most RK_SCATTER_MAX */
} rk_scatter;
enum { RK_SCATTER_MAX = 64 };
void rk_chart_scatter(const rk_scatter *scatter, rk_text *out);

/* ---- what was made of what ---- */
typedef struct {
    const char *label, *words; /* words: to the right */
    const char *class;         /* of the mark; "" = none */
    size_t of;                 /* row above that it was made of; its own number: of the root */
    unsigned color;
} rk_tree_row;

typedef struct {
    const char *title, *root;
    const rk_tree_row *rows; /* [n_rows], each behind the one that it is made of */
    size_t n_rows;           /* at most RK_SCATTER_MAX */
} rk_tree;
void rk_chart_tree(const rk_tree *tree, rk_text *out);

#endif

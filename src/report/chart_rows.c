/* chart_rows.c - the charts that are rows: a label to the left, a bar, the value in words to its right.
 *
 * One frame serves all three: the label column is as wide as the longest label (within bounds), the value column as
 * wide as the longest value, and the bars get what is between, so words never run into bars. Widths of words are
 * generous guesses, since the face is the reader's own.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "report/chart.h"
#include "report/scale.h"
#include "report/svg.h"

static const double row_height = 28, bar_height = 15, font_px = 13, small_px = 11;
static const double title_height = 26, mark_height = 10, axis_height = 22, label_room_max = 215;

typedef struct {
    double label_end, bar_start, bar_end; /* x */
    double top, bottom;                   /* y of the rows */
} frame;

/* rows: pairs of label and value words, by a getter, so that each chart keeps its own struct. */
typedef struct {
    double label_px, words_px;
} widest;

static void widen(widest *room, const char *label, const char *words)
{
    room->label_px = fmax(room->label_px, rk_svg_words_width(label, font_px));
    room->words_px = fmax(room->words_px, rk_svg_words_width(words, font_px));
}

static frame frame_of(widest room, size_t n_rows, double top)
{
    double label_end = fmin(room.label_px, label_room_max) + 2;
    return (frame){.label_end = label_end,
                   .bar_start = label_end + 10,
                   .bar_end = RK_CHART_WIDTH - room.words_px - 10,
                   .top = top,
                   .bottom = top + row_height * (double)n_rows};
}

static double row_middle(const frame *f, size_t row) { return f->top + row_height * ((double)row + 0.5); }

/* The label, cut with an ellipsis where it is longer than its column. */
static void draw_label(rk_text *out, const frame *f, size_t row, const char *label)
{
    char cut[96];
    size_t n = 0, n_max = (size_t)(label_room_max / (0.62 * font_px));
    size_t letters = 0;
    for (; label[n] && n + 4 < sizeof cut && letters < n_max; n++) {
        letters += ((unsigned char)label[n + 1] & 0xC0) != 0x80;
        cut[n] = label[n];
    }
    snprintf(cut + n, sizeof cut - n, "%s", label[n] ? "…" : "");
    rk_svg_words(out, "label", (rk_spot){f->label_end, row_middle(f, row) + 4.5}, RK_ANCHOR_END, cut);
}

static void draw_value(rk_text *out, double x, double middle, const char *class, const char *words)
{
    rk_svg_words(out, class, (rk_spot){x + 7, middle + 4.5}, RK_ANCHOR_START, words);
}

static void draw_title(rk_text *out, const char *title)
{
    rk_svg_words(out, "title", (rk_spot){0, 14}, RK_ANCHOR_START, title);
}

/* Grid lines behind the rows and numbers below them. */
static void draw_axis(rk_text *out, const frame *f, const rk_scale *scale)
{
    rk_ticks ticks = rk_ticks_linear(scale->min, scale->max, 4);
    rk_text words = {0};
    for (size_t i = 0; i < ticks.n; i++) {
        double x = rk_scale_at(scale, ticks.at[i]);
        rk_svg_line(out, i == 0 ? "axis" : "grid", (rk_spot){x, f->top}, (rk_spot){x, f->bottom});
        rk_text_clear(&words);
        rk_tick_print(ticks.at[i], &words);
        rk_svg_words(out, "tick", (rk_spot){x, f->bottom + 15}, RK_ANCHOR_MIDDLE, words.at ? words.at : "");
    }
    out->failed |= words.failed;
    rk_text_release(&words);
}

static const char *color_class(size_t color)
{
    static const char *const names[] = {"c0", "c1", "c2", "c3", "c4", "c5"};
    return names[color <= RK_CHART_COLORS ? color : 0];
}

/* ---- funnel ---- */

static void count_words(uint64_t n, const char *sign, char *out, size_t out_bytes)
{
    rk_text text = {0};
    rk_text_add_fixed(&text, (double)n, 0);
    snprintf(out, out_bytes, "%s%s", n ? sign : "", text.at ? text.at : "?");
    rk_text_release(&text);
}

static void funnel_row(rk_text *out, const frame *f, const rk_scale *scale, size_t row, const char *label,
                       uint64_t n_left, uint64_t n_taken)
{
    char words[48], hint[160];
    count_words(n_taken ? n_taken : n_left, n_taken ? "−" : "", words, sizeof words);
    double y = row_middle(f, row) - bar_height / 2, x = rk_scale_at(scale, (double)n_left);
    draw_label(out, f, row, label);
    snprintf(hint, sizeof hint, "%s: %" PRIu64 " left", label, n_left);
    rk_svg_box(out, n_taken ? "c1 pale" : "c1", (rk_spot){f->bar_start, y}, x - f->bar_start, bar_height, hint);
    if (n_taken) { /* at least a hairline: a rule that took one row is seen to have taken it */
        double width = fmax(rk_scale_at(scale, (double)(n_left + n_taken)) - x, 1.5);
        snprintf(hint, sizeof hint, "%s: %" PRIu64 " taken", label, n_taken);
        rk_svg_box(out, "c5", (rk_spot){x, y}, width, bar_height, hint);
    }
    draw_value(out, f->bar_end, row_middle(f, row), n_taken ? "value taken" : "value", words);
}

void rk_chart_funnel(const rk_funnel *funnel, rk_text *out)
{
    widest room = {0};
    size_t n_rows = 2;
    char words[48];
    count_words(funnel->n_start, "−", words, sizeof words);
    widen(&room, funnel->start_label, words);
    widen(&room, funnel->end_label, words);
    for (size_t i = 0; i < funnel->n_steps; i++)
        if (funnel->steps[i].n_taken) {
            widen(&room, funnel->steps[i].label, words);
            n_rows++;
        }
    frame f = frame_of(room, n_rows, 4);
    rk_scale scale = {.max = fmax((double)funnel->n_start, 1), .from = f.bar_start, .to = f.bar_end};
    rk_svg_open(out, RK_CHART_WIDTH, f.bottom + 4, "rows left after each cleaning rule");
    uint64_t n_left = funnel->n_start;
    size_t row = 0;
    funnel_row(out, &f, &scale, row++, funnel->start_label, n_left, 0);
    for (size_t i = 0; i < funnel->n_steps; i++) {
        uint64_t n_taken = funnel->steps[i].n_taken < n_left ? funnel->steps[i].n_taken : n_left;
        if (n_taken == 0)
            continue;
        n_left -= n_taken;
        funnel_row(out, &f, &scale, row++, funnel->steps[i].label, n_left, n_taken);
    }
    funnel_row(out, &f, &scale, row, funnel->end_label, n_left, 0);
    rk_svg_close(out);
}

/* ---- bars ---- */

static void draw_whisker(rk_text *out, const rk_scale *scale, double middle, rk_estimate value)
{
    double low = rk_scale_at(scale, value.low), high = rk_scale_at(scale, value.high);
    rk_svg_line(out, "whisker", (rk_spot){low, middle}, (rk_spot){high, middle});
    rk_svg_line(out, "whisker", (rk_spot){low, middle - 4}, (rk_spot){low, middle + 4});
    rk_svg_line(out, "whisker", (rk_spot){high, middle - 4}, (rk_spot){high, middle + 4});
}

static void draw_bar(rk_text *out, const frame *f, const rk_scale *scale, size_t row, const rk_bar *bar)
{
    char hint[160];
    bool has_interval = bar->value.high > bar->value.low;
    double middle = row_middle(f, row), end = rk_scale_at(scale, bar->value.value);
    snprintf(hint, sizeof hint, "%s: %s", bar->label, bar->words);
    draw_label(out, f, row, bar->label);
    rk_svg_box(out, color_class(bar->color), (rk_spot){f->bar_start, middle - bar_height / 2}, end - f->bar_start,
               bar_height, hint);
    if (has_interval)
        draw_whisker(out, scale, middle, bar->value);
    draw_value(out, has_interval ? rk_scale_at(scale, bar->value.high) : end, middle, "value", bar->words);
}

/* The dashed line, with its words on a line of their own between title and rows, on the side where they fit. */
static void draw_mark(rk_text *out, const frame *f, const rk_scale *scale, double mark, const char *words)
{
    double x = rk_scale_at(scale, mark);
    bool is_right = x + rk_svg_words_width(words, small_px) <= RK_CHART_WIDTH;
    rk_svg_line(out, "mark", (rk_spot){x, f->top - 2}, (rk_spot){x, f->bottom});
    rk_svg_words(out, "note", (rk_spot){x, f->top - 6}, is_right ? RK_ANCHOR_MIDDLE : RK_ANCHOR_END, words);
}

void rk_chart_bars(const rk_bars *bars, rk_text *out)
{
    widest room = {0};
    double max = bars->mark;
    for (size_t i = 0; i < bars->n_bars; i++) {
        widen(&room, bars->bars[i].label, bars->bars[i].words);
        max = fmax(max, fmax(bars->bars[i].value.value, bars->bars[i].value.high));
    }
    frame f = frame_of(room, bars->n_bars, title_height + mark_height);
    rk_scale scale = {.max = rk_nice_end(max, 4), .from = f.bar_start, .to = f.bar_end};
    rk_svg_open(out, RK_CHART_WIDTH, f.bottom + axis_height, bars->title);
    draw_title(out, bars->title);
    draw_axis(out, &f, &scale);
    for (size_t i = 0; i < bars->n_bars; i++)
        draw_bar(out, &f, &scale, i, &bars->bars[i]);
    if (bars->mark > 0)
        draw_mark(out, &f, &scale, bars->mark, bars->mark_words);
    rk_svg_close(out);
}

/* ---- stacks ---- */

static double draw_legend(rk_text *out, const rk_stacks *stacks, double top)
{
    double x = 0, y = top;
    for (size_t i = 0; i < stacks->n_parts; i++) {
        double width = 16 + rk_svg_words_width(stacks->part_names[i], 12) + 14;
        if (x > 0 && x + width > RK_CHART_WIDTH) {
            x = 0;
            y += 18;
        }
        rk_svg_box(out, color_class(i + 1), (rk_spot){x, y}, 10, 10, NULL);
        rk_svg_words(out, "legend", (rk_spot){x + 16, y + 9.5}, RK_ANCHOR_START, stacks->part_names[i]);
        x += width;
    }
    return y + 20;
}

static double stack_total(const rk_stacks *stacks, size_t row)
{
    double total = 0;
    for (size_t i = 0; i < stacks->n_parts; i++)
        total += stacks->stacks[row].parts[i];
    return total;
}

static void draw_stack(rk_text *out, const frame *f, const rk_scale *scale, const rk_stacks *stacks, size_t row)
{
    double sum = 0, total = stack_total(stacks, row), middle = row_middle(f, row);
    draw_label(out, f, row, stacks->stacks[row].label);
    for (size_t i = 0; i < stacks->n_parts; i++) {
        double part = stacks->stacks[row].parts[i], x = rk_scale_at(scale, sum);
        char hint[120];
        sum += part;
        if (part <= 0)
            continue;
        snprintf(hint, sizeof hint, "%s: %.1f %%", stacks->part_names[i], total > 0 ? 100 * part / total : 0);
        rk_svg_box(out, color_class(i + 1), (rk_spot){x, middle - bar_height / 2}, rk_scale_at(scale, sum) - x,
                   bar_height, hint);
    }
    draw_value(out, rk_scale_at(scale, total), middle, "value", stacks->stacks[row].words);
}

void rk_chart_stacks(const rk_stacks *stacks, rk_text *out)
{
    widest room = {0};
    double max = 0;
    for (size_t i = 0; i < stacks->n_stacks; i++) {
        widen(&room, stacks->stacks[i].label, stacks->stacks[i].words);
        max = fmax(max, stack_total(stacks, i));
    }
    rk_text legend = {0};
    double top = draw_legend(&legend, stacks, title_height);
    frame f = frame_of(room, stacks->n_stacks, top);
    rk_scale scale = {.max = rk_nice_end(max, 4), .from = f.bar_start, .to = f.bar_end};
    rk_svg_open(out, RK_CHART_WIDTH, f.bottom + axis_height, stacks->title);
    draw_title(out, stacks->title);
    rk_text_add_slice(out, (rk_slice){legend.at, legend.n});
    out->failed |= legend.failed;
    rk_text_release(&legend);
    draw_axis(out, &f, &scale);
    for (size_t i = 0; i < stacks->n_stacks; i++)
        draw_stack(out, &f, &scale, stacks, i);
    rk_svg_close(out);
}

/* chart_tree.c - what was made of what: a line a thing, under the one it is made of, as a table of contents. */
#include <math.h>
#include <stdio.h>

#include "report/chart.h"
#include "report/svg.h"

static const double row_height = 26, step = 24, top = 34, font_px = 13;

typedef struct {
    const rk_tree *tree;
    size_t row_of[RK_SCATTER_MAX]; /* [n_rows] line that a row stands on, 0 = the root's */
    unsigned depth[RK_SCATTER_MAX];
    size_t n_lines;
} layout;

static double middle_of(size_t line) { return top + row_height * ((double)line + 0.5); }
static double x_of(unsigned depth) { return 7 + step * depth; }

/* Lines go to `parent`'s children in order, each followed by its own. */
static void lay(layout *l, size_t parent, unsigned depth)
{
    for (size_t i = 0; i < l->tree->n_rows; i++) {
        bool is_child =
            parent == l->tree->n_rows ? l->tree->rows[i].of == i : l->tree->rows[i].of == parent && i != parent;
        if (is_child) {
            l->row_of[i] = ++l->n_lines;
            l->depth[i] = depth;
            lay(l, i, depth + 1);
        }
    }
}

static void draw_row(const layout *l, size_t i, double words_x, rk_text *out)
{
    const rk_tree_row *row = &l->tree->rows[i];
    char class[64];
    bool is_first = row->of == i;
    double y = middle_of(l->row_of[i]), x = x_of(l->depth[i]), from = x_of(l->depth[i] - 1);
    double above = middle_of(is_first ? 0 : l->row_of[row->of]);
    rk_svg_line(out, "grid", (rk_spot){from, above + 6}, (rk_spot){from, y});
    rk_svg_line(out, "grid", (rk_spot){from, y}, (rk_spot){x - 6, y});
    snprintf(class, sizeof class, "c%u %s", row->color <= RK_CHART_COLORS ? row->color : 0, row->class);
    rk_svg_dot(out, class, (rk_spot){x, y}, 5, row->words);
    rk_svg_words(out, "label", (rk_spot){x + 12, y + 4.5}, RK_ANCHOR_START, row->label);
    rk_svg_words(out, "note", (rk_spot){words_x, y + 4}, RK_ANCHOR_START, row->words);
}

void rk_chart_tree(const rk_tree *tree, rk_text *out)
{
    layout l = {.tree = tree};
    double words_x = 12 + rk_svg_words_width(tree->root, font_px);
    lay(&l, tree->n_rows, 1);
    for (size_t i = 0; i < tree->n_rows; i++) {
        words_x = fmax(words_x, x_of(l.depth[i]) + 12 + rk_svg_words_width(tree->rows[i].label, font_px));
    }
    rk_svg_open(out, RK_CHART_WIDTH, top + row_height * (double)(l.n_lines + 1), tree->title);
    rk_svg_words(out, "title", (rk_spot){0, 14}, RK_ANCHOR_START, tree->title);
    rk_svg_dot(out, "c0", (rk_spot){x_of(0), middle_of(0)}, 5, NULL);
    rk_svg_words(out, "label", (rk_spot){x_of(0) + 12, middle_of(0) + 4.5}, RK_ANCHOR_START, tree->root);
    for (size_t i = 0; i < tree->n_rows; i++) {
        draw_row(&l, i, words_x + 14, out);
    }
    rk_svg_close(out);
}

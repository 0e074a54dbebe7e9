/* svg.c - marks as text. Numbers go out as whole tenths, which is finer than a screen shows and free of locales. */
#include "report/svg.h"

#include <inttypes.h>
#include <math.h>

#include "report/table.h"

static void add_number(rk_text *out, double value)
{
    int64_t tenths = isfinite(value) && fabs(value) < 1e9 ? llround(value * 10) : 0;
    uint64_t size = (uint64_t)(tenths < 0 ? -tenths : tenths);
    rk_text_addf(out, "%s%" PRIu64, tenths < 0 ? "-" : "", size / 10);
    if (size % 10)
        rk_text_addf(out, ".%" PRIu64, size % 10);
}

static void add_attribute(rk_text *out, const char *name, double value)
{
    rk_text_addf(out, " %s=\"", name);
    add_number(out, value);
    rk_text_add(out, "\"");
}

static void add_class(rk_text *out, const char *class) { rk_text_addf(out, " class=\"%s\"", class); }

/* "/>", or the hint as a title and the end tag. */
static void end_mark(rk_text *out, const char *tag, const char *hint)
{
    if (!hint) {
        rk_text_add(out, "/>\n");
        return;
    }
    rk_text_add(out, "><title>");
    rk_text_add_html(out, rk_slice_of(hint));
    rk_text_addf(out, "</title></%s>\n", tag);
}

void rk_svg_open(rk_text *out, double width, double height, const char *words)
{
    rk_text_add(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    add_number(out, width);
    rk_text_add(out, " ");
    add_number(out, height);
    rk_text_add(out, "\" role=\"img\" aria-label=\"");
    rk_text_add_html(out, rk_slice_of(words));
    rk_text_add(out, "\">\n");
}

void rk_svg_close(rk_text *out) { rk_text_add(out, "</svg>\n"); }

void rk_svg_line(rk_text *out, const char *class, rk_spot from, rk_spot to)
{
    rk_text_add(out, "<line");
    add_class(out, class);
    add_attribute(out, "x1", from.x);
    add_attribute(out, "y1", from.y);
    add_attribute(out, "x2", to.x);
    add_attribute(out, "y2", to.y);
    rk_text_add(out, "/>\n");
}

void rk_svg_box(rk_text *out, const char *class, rk_spot corner, double width, double height, const char *hint)
{
    rk_text_add(out, "<rect");
    add_class(out, class);
    add_attribute(out, "x", corner.x);
    add_attribute(out, "y", corner.y);
    add_attribute(out, "width", fmax(width, 0)); /* a negative width is an error in SVG */
    add_attribute(out, "height", fmax(height, 0));
    end_mark(out, "rect", hint);
}

void rk_svg_dot(rk_text *out, const char *class, rk_spot centre, double radius, const char *hint)
{
    rk_text_add(out, "<circle");
    add_class(out, class);
    add_attribute(out, "cx", centre.x);
    add_attribute(out, "cy", centre.y);
    add_attribute(out, "r", radius);
    end_mark(out, "circle", hint);
}

void rk_svg_curve(rk_text *out, const char *class, const rk_spot *spots, size_t n)
{
    if (n == 0)
        return;
    rk_text_add(out, "<polyline");
    add_class(out, class);
    rk_text_add(out, " points=\"");
    for (size_t i = 0; i < n; i++) {
        rk_text_add(out, i ? " " : "");
        add_number(out, spots[i].x);
        rk_text_add(out, ",");
        add_number(out, spots[i].y);
    }
    rk_text_add(out, "\"/>\n");
}

void rk_svg_words(rk_text *out, const char *class, rk_spot at, rk_anchor anchor, const char *words)
{
    static const char *const names[] = {"start", "middle", "end"};
    rk_text_add(out, "<text");
    add_class(out, class);
    add_attribute(out, "x", at.x);
    add_attribute(out, "y", at.y);
    rk_text_addf(out, " text-anchor=\"%s\">", names[anchor]);
    rk_text_add_html(out, rk_slice_of(words));
    rk_text_add(out, "</text>\n");
}

double rk_svg_words_width(const char *words, double font_px)
{
    return 0.62 * font_px * (double)rk_display_width(rk_slice_of(words));
}

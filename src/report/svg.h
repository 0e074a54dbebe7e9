/* svg.h - the few marks our charts are drawn with.
 *
 * Looks live in the page's style sheet, by class, so that one drawing serves paper, screen, light and dark.
 * Coordinates: x to the right, y down, in units of the viewBox; written with one decimal, never NaN, never in a locale.
 * Words are escaped. A hint is what a pointer resting on the mark shows; NULL = none.
 */
#ifndef RECKON_REPORT_SVG_H
#define RECKON_REPORT_SVG_H

#include <stddef.h>

#include "base/text.h"

typedef enum { RK_ANCHOR_START, RK_ANCHOR_MIDDLE, RK_ANCHOR_END } rk_anchor;

typedef struct {
    double x, y;
} rk_spot;

/* words: what a reader who cannot see the picture is told. */
void rk_svg_open(rk_text *out, double width, double height, const char *words);
void rk_svg_close(rk_text *out);
void rk_svg_line(rk_text *out, const char *class, rk_spot from, rk_spot to);
void rk_svg_box(rk_text *out, const char *class, rk_spot corner, double width, double height, const char *hint);
void rk_svg_dot(rk_text *out, const char *class, rk_spot centre, double radius, const char *hint);
void rk_svg_curve(rk_text *out, const char *class, const rk_spot *spots, size_t n); /* straight pieces */
void rk_svg_words(rk_text *out, const char *class, rk_spot at, rk_anchor anchor, const char *words);

/* A generous guess of the room words take in a sans-serif face of this size. */
double rk_svg_words_width(const char *words, double font_px);

#endif

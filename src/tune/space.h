/* space.h - what is searched: an axis for each option that may vary, and the points of the box they span.
 *
 * An axis is written "16..256" (numbers; in their logarithm where the option says so) or "one,log" (words, or single
 * numbers). A point is a double for each axis: the number itself, or which of the words.
 */
#ifndef RECKON_TUNE_SPACE_H
#define RECKON_TUNE_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/options.h"

enum { RK_AXES_MAX = 32, RK_AXIS_WORDS_MAX = 64 };

typedef enum { RK_AXIS_REAL, RK_AXIS_COUNT, RK_AXIS_WORDS } rk_axis_kind;

typedef struct {
    const rk_option *option; /* borrowed */
    rk_axis_kind kind;
    bool is_log;
    double low, high;         /* both searched; WORDS: 0 and n_words - 1 */
    const char *const *words; /* [n_words] in the space's arena */
    size_t n_words;
    double start; /* of the first trial: the fallback; may lie outside a range that the option itself declares */
} rk_axis;

typedef struct {
    rk_axis axis[RK_AXES_MAX];
    size_t n;
    rk_arena arena;
} rk_space; /* zeroed = empty: one point */

/* Adds an axis. values NULL: what the option declares in .tune, which must be there. RK_BAD_USAGE with the option's
 * name and the offending text. */
RK_MUST_CHECK rk_status rk_space_add(rk_space *space, const rk_option *option, const char *values, rk_error *err);
void rk_space_release(rk_space *space);

/* How many different points there are; infinite with a REAL axis. */
double rk_space_points(const rk_space *space);
/* "factors=32..256 lambda=0.001..1 (log) weigh=one,log" */
void rk_space_format(const rk_space *space, rk_text *out);

/* REAL and COUNT: the value as a place in 0..1, equal steps being equally likely, and back. Values outside the range
 * are at its ends. Back gives whole counts, and reals of three significant digits, which read well in a recipe. */
double rk_axis_place(const rk_axis *axis, double value);
double rk_axis_value(const rk_axis *axis, double place);

/* The value as --set takes it ("64", "0.003", "log"), and back: false when it is none of the axis. */
void rk_axis_format(const rk_axis *axis, double value, rk_text *out);
bool rk_axis_parse(const rk_axis *axis, rk_slice text, double *value);

#endif

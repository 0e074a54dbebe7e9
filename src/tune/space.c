/* space.c - see space.h.
 *
 * Counts are searched over low - 1/2 .. high + 1/2 and rounded, so that the ends are as likely as what lies between.
 */
#include "tune/space.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS = 3 };

/* ---- reading an axis ---- */

/* One value by the option's own checks and words. */
static rk_status check_value(const rk_option *option, rk_slice value, rk_error *err)
{
    union {
        uint64_t count;
        double real;
        int choice;
        bool flag;
        const char *text;
    } cell;
    char assignment[160];
    int n =
        snprintf(assignment, sizeof assignment, "%s=%.*s", option->name, (int)(value.n < 80 ? value.n : 80), value.at);
    if (value.n > 80 || n < 0 || (size_t)n >= sizeof assignment) {
        return rk_fail(err, RK_BAD_USAGE, "%s: a value of more than 80 letters: '%.40s...'", option->name, value.at);
    }
    rk_option alone = *option;
    alone.field = 0;
    return rk_options_set((rk_option_table){&alone, 1, &cell}, assignment, err);
}

static bool is_number(const rk_option *option) { return option->kind == RK_OPT_COUNT || option->kind == RK_OPT_REAL; }

static bool parse_number(const rk_option *option, rk_slice text, double *out)
{
    uint64_t count;
    if (option->kind == RK_OPT_REAL) {
        return rk_parse_real(text, out);
    }
    if (!rk_parse_u64(text, &count) || count > (uint64_t)1 << 53) {
        return false;
    }
    *out = (double)count;
    return true;
}

static rk_status read_range(rk_axis *axis, rk_slice low, rk_slice high, const char *values, rk_error *err)
{
    const rk_option *option = axis->option;
    if (!is_number(option)) {
        return rk_fail(err, RK_BAD_USAGE, "%s is no number and has no range; list its values with commas, got '%.60s'",
                       option->name, values);
    }
    rk_status status = check_value(option, low, err);
    status = status ? status : check_value(option, high, err);
    if (status) {
        return status;
    }
    if (!parse_number(option, low, &axis->low) || !parse_number(option, high, &axis->high)) {
        return rk_fail(err, RK_BAD_USAGE, "%s: numbers of that size are not searched, got '%.60s'", option->name,
                       values);
    }
    if (axis->low >= axis->high) {
        return rk_fail(err, RK_BAD_USAGE, "%s: a range must ascend, got '%.60s'", option->name, values);
    }
    axis->is_log = option->is_log_scale;
    if (axis->is_log && axis->low <= 0) {
        return rk_fail(err, RK_BAD_USAGE,
                       "%s is searched in its logarithm, so its range must begin above 0, got '%.60s'", option->name,
                       values);
    }
    axis->kind = option->kind == RK_OPT_COUNT ? RK_AXIS_COUNT : RK_AXIS_REAL;
    return RK_OK;
}

static bool has_word(const char *const *words, size_t n, rk_slice word)
{
    for (size_t i = 0; i < n; i++) {
        if (rk_slice_is(word, words[i])) {
            return true;
        }
    }
    return false;
}

static rk_status read_words(rk_axis *axis, const char *values, rk_arena *arena, rk_error *err)
{
    const char **words = RK_TAKE(arena, const char *, RK_AXIS_WORDS_MAX);
    size_t n = 0;
    for (const char *at = values; words; at++) {
        rk_slice word = rk_slice_trim((rk_slice){at, strcspn(at, ",")});
        rk_status status = check_value(axis->option, word, err);
        if (status) {
            return status;
        }
        if (has_word(words, n, word)) {
            return rk_fail(err, RK_BAD_USAGE, "%s: '%.*s' stands twice in '%.60s'", axis->option->name, (int)word.n,
                           word.at, values);
        }
        if (n == RK_AXIS_WORDS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "%s: at most %d values, got '%.60s...'", axis->option->name,
                           RK_AXIS_WORDS_MAX, values);
        }
        words[n] = rk_arena_copy(arena, word.at, word.n);
        if (!words[n++]) {
            break;
        }
        at += strcspn(at, ",");
        if (!*at) {
            axis->kind = RK_AXIS_WORDS;
            axis->words = words;
            axis->n_words = n;
            axis->high = (double)(n - 1);
            return RK_OK;
        }
    }
    return rk_fail_memory(err, "the values of an option");
}

/* The fallback where the axis has it, and also where the option declares a range that leaves it out: there it means
 * something of its own, such as "never". Else the middle of the range, the first of the words. */
static double start_of(const rk_axis *axis, bool is_declared)
{
    const char *fallback = axis->option->fallback ? axis->option->fallback : "no";
    double value;
    if (axis->kind == RK_AXIS_WORDS) {
        return rk_axis_parse(axis, rk_slice_of(fallback), &value) ? value : 0;
    }
    if (parse_number(axis->option, rk_slice_of(fallback), &value) &&
        (is_declared || (value >= axis->low && value <= axis->high))) {
        return value;
    }
    return rk_axis_value(axis, 0.5);
}

rk_status rk_space_add(rk_space *space, const rk_option *option, const char *values, rk_error *err)
{
    const char *text = values ? values : option->tune;
    rk_axis axis = {.option = option};
    if (option->kind == RK_OPT_LIST) {
        return rk_fail(err, RK_BAD_USAGE, "%s is a list and cannot be searched", option->name);
    }
    if (space->n == RK_AXES_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "more than %d options to search, '%s' is one too many", RK_AXES_MAX,
                       option->name);
    }
    const char *dots = strstr(text, "..");
    rk_status status = dots ? read_range(&axis, rk_slice_trim((rk_slice){text, (size_t)(dots - text)}),
                                         rk_slice_trim(rk_slice_of(dots + 2)), text, err)
                            : read_words(&axis, text, &space->arena, err);
    if (status == RK_OK) {
        axis.start = start_of(&axis, !values);
        space->axis[space->n++] = axis;
    }
    return status;
}

void rk_space_release(rk_space *space)
{
    rk_arena_release(&space->arena);
    *space = (rk_space){0};
}

/* ---- the whole ---- */

double rk_space_points(const rk_space *space)
{
    double n = 1;
    for (size_t a = 0; a < space->n; a++) {
        const rk_axis *axis = &space->axis[a];
        bool is_inside = axis->start >= axis->low && axis->start <= axis->high;
        n *= axis->kind == RK_AXIS_REAL ? INFINITY : axis->high - axis->low + 1 + (is_inside ? 0 : 1);
    }
    return n;
}

void rk_space_format(const rk_space *space, rk_text *out)
{
    for (size_t a = 0; a < space->n; a++) {
        const rk_axis *axis = &space->axis[a];
        rk_text_addf(out, "%s%s=", a > 0 ? " " : "", axis->option->name);
        for (size_t w = 0; w < axis->n_words; w++) {
            rk_text_addf(out, "%s%s", w > 0 ? "," : "", axis->words[w]);
        }
        if (axis->kind != RK_AXIS_WORDS) {
            rk_text_add_real(out, axis->low);
            rk_text_add(out, "..");
            rk_text_add_real(out, axis->high);
            rk_text_add(out, axis->is_log ? " (log)" : "");
        }
    }
}

/* ---- values ---- */

/* The ends of the axis on its own scale. */
static void ends(const rk_axis *axis, double *from, double *to)
{
    double margin = axis->kind == RK_AXIS_COUNT ? 0.5 : 0;
    *from = axis->low - margin;
    *to = axis->high + margin;
    if (axis->is_log) {
        *from = log(*from);
        *to = log(*to);
    }
}

double rk_axis_place(const rk_axis *axis, double value)
{
    double from, to, inside = fmin(fmax(value, axis->low), axis->high);
    ends(axis, &from, &to);
    return ((axis->is_log ? log(inside) : inside) - from) / (to - from);
}

/* The nearest number of so few digits, as its decimal text reads. */
static double with_few_digits(double value)
{
    char text[48];
    double nearest = value;
    int exponent = value != 0 ? (int)floor(log10(fabs(value))) - (DIGITS - 1) : 0;
    snprintf(text, sizeof text, "%llde%d", llround(value / pow(10, exponent)), exponent);
    return rk_parse_real(rk_slice_of(text), &nearest) ? nearest : value;
}

double rk_axis_value(const rk_axis *axis, double place)
{
    double from, to;
    ends(axis, &from, &to);
    double value = from + place * (to - from);
    value = axis->is_log ? exp(value) : value;
    value = axis->kind == RK_AXIS_COUNT ? round(value) : with_few_digits(value);
    return fmin(fmax(value, axis->low), axis->high) + 0.0; /* never -0, which is no count */
}

void rk_axis_format(const rk_axis *axis, double value, rk_text *out)
{
    if (axis->kind == RK_AXIS_WORDS) {
        rk_text_add(out, axis->words[(size_t)value]);
    } else if (axis->kind == RK_AXIS_COUNT) {
        rk_text_addf(out, "%.0f", value);
    } else {
        rk_text_add_real(out, value);
    }
}

bool rk_axis_parse(const rk_axis *axis, rk_slice text, double *value)
{
    for (size_t w = 0; w < axis->n_words; w++) {
        if (rk_slice_is(text, axis->words[w])) {
            *value = (double)w;
            return true;
        }
    }
    double number;
    if (axis->kind == RK_AXIS_WORDS || !parse_number(axis->option, text, &number)) {
        return false;
    }
    bool is_start = !(number < axis->start || number > axis->start);
    if (!is_start && (number < axis->low || number > axis->high)) {
        return false;
    }
    *value = number;
    return true;
}

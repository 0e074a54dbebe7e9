/* fuzz_space.c - ranges and lists of values that mean harm: what is accepted must hold every value drawn from it, and a
 * value written must be read back the same. The first byte chooses the option. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tune/space.h"

static const rk_option options[] = {
    {.name = "x", .kind = RK_OPT_REAL, .fallback = "0"},
    {.name = "lambda", .kind = RK_OPT_REAL, .fallback = "0.1", .min = 1e-9, .max = 1e9, .is_log_scale = true},
    {.name = "steps", .kind = RK_OPT_COUNT, .fallback = "3"},
    {.name = "factors", .kind = RK_OPT_COUNT, .fallback = "64", .min = 1, .max = 4096, .is_log_scale = true},
    {.name = "solver", .kind = RK_OPT_CHOICE, .fallback = "cg", .choices = "cg|cholesky|gd"},
    {.name = "bias", .kind = RK_OPT_FLAG},
    {.name = "name", .kind = RK_OPT_TEXT},
};

static void insist(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void try_value(const rk_axis *axis, double value)
{
    rk_text text = {0};
    double back;
    insist(value >= axis->low && value <= axis->high);
    rk_axis_format(axis, value, &text);
    if (!text.failed) {
        insist(rk_axis_parse(axis, rk_slice_of(text.at ? text.at : ""), &back));
        insist(!(back < value) && !(back > value));
    }
    rk_text_release(&text);
}

static void try_axis(const rk_axis *axis)
{
    for (int p = 0; p <= 16; p++) {
        if (axis->kind == RK_AXIS_WORDS) {
            try_value(axis, (double)((size_t)p % axis->n_words));
            continue;
        }
        double value = rk_axis_value(axis, p / 16.0), place = rk_axis_place(axis, value);
        try_value(axis, value);
        insist(place >= 0 && place <= 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_space space = {0};
    rk_error err = {0};
    rk_text whole = {0};
    if (size == 0) {
        return 0;
    }
    char *values = malloc(size);
    insist(values != NULL);
    memcpy(values, data + 1, size - 1);
    values[size - 1] = '\0';
    if (rk_space_add(&space, &options[data[0] % RK_COUNT_OF(options)], values, &err)) {
        insist(err.status == RK_BAD_USAGE && err.message[0] && space.n == 0);
    } else {
        try_axis(&space.axis[0]);
        insist(rk_space_points(&space) >= 1);
        rk_space_format(&space, &whole);
    }
    rk_text_release(&whole);
    rk_space_release(&space);
    free(values);
    return 0;
}

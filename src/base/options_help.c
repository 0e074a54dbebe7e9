/* options_help.c - the table as text: aligned lines for --help, and the values in force as JSON. */
#include <stdbool.h>
#include <string.h>

#include "base/options.h"

#define NAME_COLUMN_MAX 28 /* a longer left side puts its help on a line of its own */

/* "  -o, --output FILE" */
static void add_left(const rk_option *option, rk_text *out)
{
    bool is_on = option->kind == RK_OPT_FLAG && option->fallback && !strcmp(option->fallback, "yes");
    if (option->letter) {
        rk_text_addf(out, "  -%c, ", option->letter);
    } else {
        rk_text_add(out, "      ");
    }
    rk_text_addf(out, "--%s%s", is_on ? "[no-]" : "", option->name);
    if (option->kind != RK_OPT_FLAG) {
        rk_text_addf(out, " %s", option->value ? option->value : "VALUE");
    }
}

static void add_right(const rk_option *option, rk_text *out)
{
    rk_text_add(out, option->help);
    if (option->kind == RK_OPT_CHOICE) {
        rk_text_addf(out, ": %s", option->choices);
    }
    if (option->fallback && option->kind != RK_OPT_FLAG) {
        rk_text_addf(out, " (default %s)", option->fallback);
    } else if (option->fallback && !strcmp(option->fallback, "yes")) {
        rk_text_add(out, " (default yes)");
    }
}

static size_t left_width(const rk_option_table *table)
{
    size_t widest = 0;
    rk_text left = {0};
    for (size_t i = 0; i < table->n; i++) {
        rk_text_clear(&left);
        add_left(&table->rows[i], &left);
        if (left.n > widest && left.n <= NAME_COLUMN_MAX) {
            widest = left.n;
        }
    }
    rk_text_release(&left);
    return widest;
}

void rk_options_help(rk_option_table table, rk_text *out)
{
    size_t width = left_width(&table);
    for (size_t i = 0; i < table.n; i++) {
        size_t begin = out->n;
        add_left(&table.rows[i], out);
        size_t n = out->n - begin;
        if (n > width) {
            rk_text_add(out, "\n");
            n = 0;
        }
        rk_text_addf(out, "%*s", (int)(width - n + 3), "");
        add_right(&table.rows[i], out);
        rk_text_add(out, "\n");
    }
}

static rk_slice choice_name(const char *choices, int index)
{
    for (; index > 0; index--) {
        choices += strcspn(choices, "|");
        choices += *choices == '|';
    }
    return (rk_slice){choices, strcspn(choices, "|")};
}

static void add_list(rk_json *json, const char *key, const rk_vec *list)
{
    const char *const *words = list->data;
    rk_json_array(json, key);
    for (size_t i = 0; i < list->n; i++) {
        rk_json_cstring(json, NULL, words[i]);
    }
    rk_json_end_array(json);
}

static void add_value(rk_json *json, const rk_option *option, const void *field)
{
    switch (option->kind) {
    case RK_OPT_FLAG:
        rk_json_bool(json, option->name, *(const bool *)field);
        break;
    case RK_OPT_TEXT:
        rk_json_cstring(json, option->name, *(const char *const *)field);
        break;
    case RK_OPT_COUNT:
        rk_json_u64(json, option->name, *(const uint64_t *)field);
        break;
    case RK_OPT_REAL:
        rk_json_real(json, option->name, *(const double *)field);
        break;
    case RK_OPT_CHOICE:
        rk_json_string(json, option->name, choice_name(option->choices, *(const int *)field));
        break;
    case RK_OPT_LIST:
        add_list(json, option->name, field);
        break;
    }
}

void rk_options_json(rk_option_table table, rk_json *json, const char *key)
{
    rk_json_object(json, key);
    for (size_t i = 0; i < table.n; i++) {
        add_value(json, &table.rows[i], (const char *)table.settings + table.rows[i].field);
    }
    rk_json_end_object(json);
}

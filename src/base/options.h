/* options.h - one table of options drives the command line, `--set key=value`, --help, validation and tuning.
 *
 * A table describes a plain struct of settings. Kinds and the field they fill:
 *   FLAG bool, TEXT const char * (borrowed), COUNT uint64_t, REAL double, CHOICE int (index into choices),
 *   LIST rk_vec of const char * (repeatable option).
 */
#ifndef RECKON_BASE_OPTIONS_H
#define RECKON_BASE_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "base/vec.h"

typedef enum { RK_OPT_FLAG, RK_OPT_TEXT, RK_OPT_COUNT, RK_OPT_REAL, RK_OPT_CHOICE, RK_OPT_LIST } rk_option_kind;

typedef struct {
    const char *name; /* long name, without "--" */
    char letter;      /* 0 = none */
    rk_option_kind kind;
    size_t field;         /* offsetof in the settings struct */
    const char *value;    /* placeholder in --help, "FILE"; NULL for a flag */
    const char *fallback; /* default as text, shown in --help; NULL = none */
    const char *help;     /* one line, no full stop */
    double min, max;      /* COUNT, REAL: inclusive; both 0 = no range; max below min = no upper end */
    const char *choices;  /* CHOICE: "cholesky|cg" */
    bool is_log_scale;    /* for tuning: search the range in its logarithm */
    bool is_output;       /* TEXT: a file that is written; the frame keeps it apart from what is read */
    /* Of a model's options, for reckon tune: the values worth searching, "16..256" or "one,log"; NULL = not searched. */
    const char *tune;
    bool is_budget; /* COUNT: training takes as long as this is large, so that a share of it makes a cheap trial */
} rk_option;

/* A named group of options over one settings struct; the command's own and the common ones are two tables. */
typedef struct {
    const rk_option *rows;
    size_t n;
    void *settings;
} rk_option_table;

/* Every field gets its fallback. Lists start empty. Call before parsing. A bad fallback is a bug (asserted). */
void rk_options_defaults(rk_option_table table);

/* Reads argv[1..]; options and words may mix; "--" ends the options; "--name=value", "--name value", "-n value", "-n5",
 * "--flag", "--no-flag", "--flag=yes|no|true|false". A value of its own word may not begin with "--".
 * Words that are not options are appended to words (rk_vec of const char *). Errors are RK_BAD_USAGE, naming the
 * nearest option or the allowed range. */
RK_MUST_CHECK rk_status rk_options_parse(const rk_option_table *tables, size_t n_tables, int argc, char **argv,
                                         rk_vec *words, rk_error *err);

/* One "key=value" (or a flag's bare "key"); the same checks. */
RK_MUST_CHECK rk_status rk_options_set(rk_option_table table, const char *key_value, rk_error *err);

/* The rows as aligned help lines: "  -o, --output FILE   where to write (default ...)". */
void rk_options_help(rk_option_table table, rk_text *out);
/* {"factors":64,"lambda":0.05}: the values as they stand. */
void rk_options_json(rk_option_table table, rk_json *json, const char *key);
void rk_options_release(rk_option_table table); /* frees lists */

#endif

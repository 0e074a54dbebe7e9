/* price_import.h - price lists of clouds, as published, into a price book.
 *
 *     rk_import *import = rk_import_new();
 *     rk_import_add_file(import, "list.csv", &options, &report, err); ...     several lists make one book
 *     rk_import_write(import, &options, &text, &sizes, err);
 *     rk_import_free(import);
 *
 * A format is one row of a table, known by the list's head. Prices stay as written, digit by digit. Every entry has a
 * source and a day. A row that gives no entry is counted under its reason, with the first such place.
 */
#ifndef RECKON_PRICE_PRICE_IMPORT_H
#define RECKON_PRICE_PRICE_IMPORT_H

#include "base/text.h"
#include "base/vec.h"
#include "base/yaml.h"

/* What a reader of a YAML file could not take any more is refused here. */
enum { RK_IMPORT_MACHINES_MAX = 20000 };

typedef enum {
    RK_ROW_USED,
    RK_ROW_OTHER_REGION, /* not one of those asked for */
    RK_ROW_NO_MACHINE,   /* the price of something else */
    RK_ROW_NO_NAME,      /* empty, too long, or with control characters */
    RK_ROW_NO_PRICE,     /* empty or 0 */
    RK_ROW_BAD_PRICE,    /* no exact decimal of at most 18 digits, or negative */
    RK_ROW_REPEATED,     /* this machine, region and option came before at another price: the first stays */
    RK_N_ROW_FATES
} rk_row_fate;
const char *rk_row_fate_words(rk_row_fate fate);

typedef enum { RK_KEY_IS_REGION_NAME, RK_KEY_IS_NAME } rk_import_keys;

typedef struct {
    const char *format;    /* of rk_import_format_at; NULL = by the head */
    const rk_vec *regions; /* const char *; NULL or empty = all */
    const char *day;       /* "2026-10-31" the prices are valid from; NULL = the one in the file's name */
    const char *source;    /* NULL = the format's, with the file's name */
    const char *name;      /* of the book; NULL = none */
    rk_import_keys keys;   /* "us-east-1/c5.large" or "c5.large" */
} rk_import_options;

typedef struct {
    const char *format;
    uint64_t n_rows, n[RK_N_ROW_FATES];
    char first[RK_N_ROW_FATES][160]; /* the first row of each fate that is left out: "list.csv:12:8: 'abc'" */
} rk_import_report;

/* Where the sizes of the machines in a book came from. */
typedef struct {
    uint64_t n_machines, n_listed, n_by_name, n_unknown;
} rk_import_sizes;

typedef struct rk_import rk_import;

rk_import *rk_import_new(void); /* NULL when memory is short */
void rk_import_free(rk_import *import);
RK_MUST_CHECK rk_status rk_import_add_file(rk_import *import, const char *path, const rk_import_options *options,
                                           rk_import_report *report, rk_error *err);
/* The same from memory; path: for messages and the source. */
RK_MUST_CHECK rk_status rk_import_add_text(rk_import *import, rk_slice text, const char *path,
                                           const rk_import_options *options, rk_import_report *report, rk_error *err);
/* The book, as YAML. An error when there is none to write, or when a region asked for was in no list. */
RK_MUST_CHECK rk_status rk_import_write(rk_import *import, const rk_import_options *options, rk_text *out,
                                        rk_import_sizes *sizes, rk_error *err);
/* The formats, for help and docs: name and head; false past the end. */
bool rk_import_format_at(size_t i, const char **name, const char **head);

#endif

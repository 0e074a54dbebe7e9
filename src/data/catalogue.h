/* catalogue.h - a shop's products: titles, texts, brands, categories, prices and any number of attributes, as a dataset
 * of their own or beside the events of one.
 *
 * Columns (or JSON keys) become titles and the rest by `map`, "item=id,title=title,attributes=attr_*", where attributes
 * takes shell patterns and may stand there several times; without a map by their usual names, and all others are
 * attributes. A product that stands there twice counts as it is written last. A product without an id is left out and
 * counted; so is a price that is no number.
 * Into a dataset: its events, users and items keep their ids, products it did not know come after them; what the
 * catalogue says of an item takes the place of what the log said.
 */
#ifndef RECKON_DATA_CATALOGUE_H
#define RECKON_DATA_CATALOGUE_H

#include "base/run.h"
#include "base/text.h"
#include "data/ingest.h"

typedef struct {
    const char *path;      /* read twice: no standard input */
    const char *into_path; /* a dataset; NULL = none */
    const char *out_path;
    rk_format format;
    char delimiter;  /* 0 = found */
    const char *map; /* NULL = by name */
} rk_catalogue_options;

typedef struct {
    uint64_t n_products, n_without_id, n_again, n_bad_prices, bytes_in;
    uint32_t n_items, n_new; /* items of the dataset; of them not in the one it went into */
    uint32_t n_attributes;   /* different names */
    uint64_t n_values;       /* (item, attribute, value) */
    uint32_t n_title, n_text, n_brand, n_category, n_price; /* items that have one now */
    char columns[512];                                      /* "item = id, title = title, ..." */
    double wall_s;
} rk_catalogue_report;

RK_MUST_CHECK rk_status rk_catalogue_ingest(const rk_catalogue_options *options, const rk_run *run,
                                            rk_catalogue_report *report, rk_error *err);
void rk_catalogue_report_json(const rk_catalogue_report *report, rk_json *json, const char *key);
void rk_catalogue_report_print(const rk_catalogue_report *report, rk_text *out);

#endif

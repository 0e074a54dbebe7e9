/* shelf.h - products as they are gathered: what is known of each item, and the dataset that is made of it. */
#ifndef RECKON_DATA_SHELF_H
#define RECKON_DATA_SHELF_H

#include "base/map.h"
#include "base/vec.h"
#include "data/dataset.h"

/* The texts that an item has one of. */
typedef enum { RK_SHELF_TITLE, RK_SHELF_CATEGORY, RK_SHELF_BRAND, RK_SHELF_TEXT, RK_SHELF_TEXTS } rk_shelf_text;
extern const char *const rk_shelf_tables[RK_SHELF_TEXTS]; /* names of their sections */

typedef struct {
    uint64_t at[RK_SHELF_TEXTS]; /* into bytes */
    uint32_t n[RK_SHELF_TEXTS];
    uint64_t first_pair; /* into pairs */
    uint32_t n_pairs;
    float price; /* NaN = unknown */
} rk_shelf_item;

typedef struct {
    uint32_t attribute, value;
} rk_shelf_pair;

typedef struct {
    rk_interner *items, *attributes, *values;
    rk_vec about; /* rk_shelf_item, by item id */
    rk_vec bytes; /* char */
    rk_vec pairs; /* rk_shelf_pair; those of one item together */
} rk_shelf;

RK_MUST_CHECK rk_status rk_shelf_init(rk_shelf *shelf, rk_error *err);
void rk_shelf_release(rk_shelf *shelf); /* accepts a zeroed one */
/* The item of this id, new or not; valid until the next call. NULL: no memory. */
rk_shelf_item *rk_shelf_item_of(rk_shelf *shelf, rk_slice id, bool *is_new);
/* Puts a text in the place of what was there, or behind it with a blank between. false: no memory. */
bool rk_shelf_put(rk_shelf *shelf, rk_shelf_item *item, rk_shelf_text which, rk_slice text, bool behind);
/* One more attribute of the item begun last. */
bool rk_shelf_pair_add(rk_shelf *shelf, rk_shelf_item *item, rk_slice attribute, rk_slice value);
/* Everything a dataset says of its items, with their ids. */
RK_MUST_CHECK rk_status rk_shelf_load(rk_shelf *shelf, const rk_dataset *dataset, rk_error *err);
/* What a dataset says of one item, in the place of what was known. false: no memory. */
bool rk_shelf_take(rk_shelf *shelf, const rk_dataset *dataset, uint32_t item);
/* The item tables alone. */
RK_MUST_CHECK rk_status rk_shelf_write_items(const rk_shelf *shelf, rk_artefact_writer *writer, rk_error *err);
/* The item tables and, of dataset (NULL: no events), events and users. */
RK_MUST_CHECK rk_status rk_shelf_write(const rk_shelf *shelf, const rk_dataset *dataset, rk_artefact_writer *writer,
                                       rk_error *err);

#endif

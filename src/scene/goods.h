/* goods.h - what scenes ask about the items of a model: price, brand, category, stock, popularity, age.
 *
 * A model knows names, titles and categories; the rest comes from a dataset or an index for search, whose items are
 * joined to the model's by name. Everything is by the model's numbering and made once, when the model is opened.
 */
#ifndef RECKON_SCENE_GOODS_H
#define RECKON_SCENE_GOODS_H

#include "base/map.h"
#include "model/model.h"

typedef struct {
    const rk_model *model;
    const rk_dataset *about; /* NULL: just the model; with events when it is a dataset */
    const uint32_t *popular; /* [n_items] items by number of takers, most first */
    const float *takers;     /* [n_items] of each of popular */
} rk_goods_source;

typedef struct {
    rk_goods_source from; /* borrowed: must outlive the goods */
    uint32_t n_items;
    rk_interner *categories, *brands;
    uint32_t *category, *brand; /* [n_items] into those, RK_NO_ID = unknown */
    float *price;               /* [n_items] NaN = unknown */
    unsigned char *is_out;      /* [n_items] 1: the catalogue says that none is left */
    uint32_t *about_item;       /* [n_items] the same item in about, or RK_NO_ID */
} rk_goods;

/* stock: the attribute that says how many are left, NULL: everything is in stock. Out of stock is a number below or at
 * 0 and the words no, false, out, out of stock, sold out, unavailable, discontinued in letters of any case; an item
 * without the attribute is in stock. RK_NOT_FOUND: no item has it. */
RK_MUST_CHECK rk_status rk_goods_make(const rk_goods_source *source, const char *stock, rk_goods **out, rk_error *err);
void rk_goods_free(rk_goods *goods); /* accepts NULL */

/* [n_found] of the items with events in the last days of the log, those with most first, ties by smaller item, and how
 * many; malloc'ed. RK_UNSUPPORTED without times of events. */
RK_MUST_CHECK rk_status rk_goods_lately(const rk_goods *goods, uint32_t days, uint32_t **items, float **takers,
                                        uint32_t *n_found, rk_error *err);
/* The same of all items with an event, newest first event first; its time. */
RK_MUST_CHECK rk_status rk_goods_newest(const rk_goods *goods, uint32_t **items, float **since, uint32_t *n_found,
                                        rk_error *err);

#endif

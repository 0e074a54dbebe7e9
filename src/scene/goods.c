/* goods.c - see goods.h. */
#include "scene/goods.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum { DAY_S = 86400 };

/* ---- stock ---- */

static bool says_none(rk_slice value)
{
    static const char *const words[] = {"no",       "false",       "out",         "out of stock",
                                        "sold out", "unavailable", "discontinued"};
    double number;
    if (rk_parse_real(value, &number)) {
        return number <= 0;
    }
    for (size_t w = 0; w < RK_COUNT_OF(words); w++) {
        rk_slice word = rk_slice_of(words[w]);
        if (word.n == value.n && strncasecmp(word.at, value.at, word.n) == 0) {
            return true;
        }
    }
    return false;
}

static rk_status read_stock(rk_goods *g, const char *stock, rk_error *err)
{
    const rk_dataset *about = g->from.about;
    uint32_t attribute = RK_NO_ID;
    if (about && about->attribute_start) {
        attribute = rk_names_find(&about->attributes, rk_slice_of(stock));
    }
    if (attribute == RK_NO_ID) {
        return rk_fail(err, RK_NOT_FOUND, "no item has the attribute '%.60s' that says how many are left%s", stock,
                       about ? "" : "; the server was given neither a dataset nor an index");
    }
    for (uint32_t i = 0; i < g->n_items; i++) {
        uint32_t item = g->about_item[i];
        for (uint64_t a = item == RK_NO_ID ? 0 : about->attribute_start[item];
             item != RK_NO_ID && a < about->attribute_start[item + 1]; a++) {
            if (about->attribute_name[a] == attribute) {
                g->is_out[i] |= says_none(rk_names_get(&about->values, about->attribute_value[a]));
            }
        }
    }
    return RK_OK;
}

/* ---- names ---- */

static bool intern(rk_interner *names, rk_slice name, uint32_t *out)
{
    *out = name.n > 0 ? rk_interner_add(names, name) : RK_NO_ID;
    return name.n == 0 || *out != RK_NO_ID;
}

/* What about says goes before what the model says. */
static bool read_item(rk_goods *g, uint32_t i)
{
    const rk_dataset *about = g->from.about;
    const rk_model *model = g->from.model;
    uint32_t item = RK_NO_ID, known = rk_model_category(model, i);
    rk_slice category = known != RK_NO_ID ? rk_names_get(rk_model_categories(model), known) : (rk_slice){"", 0};
    rk_slice brand = {"", 0};
    if (about) {
        item = rk_names_find(&about->items, rk_names_get(rk_model_items(model), i));
    }
    g->about_item[i] = item;
    g->price[i] = item != RK_NO_ID && about->item_price ? about->item_price[item] : NAN;
    if (item != RK_NO_ID && item < about->brand.n) {
        brand = rk_names_get(&about->brand, item);
    }
    if (item != RK_NO_ID && item < about->category.n && rk_names_get(&about->category, item).n > 0) {
        category = rk_names_get(&about->category, item);
    }
    return intern(g->categories, category, &g->category[i]) && intern(g->brands, brand, &g->brand[i]);
}

rk_status rk_goods_make(const rk_goods_source *source, const char *stock, rk_goods **out, rk_error *err)
{
    rk_goods *g = calloc(1, sizeof *g);
    if (!g) {
        return rk_fail_memory(err, "what is known of the items");
    }
    g->from = *source;
    g->n_items = rk_model_n_items(source->model);
    size_t n = (size_t)g->n_items + 1;
    g->categories = rk_interner_new();
    g->brands = rk_interner_new();
    g->category = malloc(n * sizeof *g->category);
    g->brand = malloc(n * sizeof *g->brand);
    g->price = malloc(n * sizeof *g->price);
    g->is_out = calloc(n, 1);
    g->about_item = malloc(n * sizeof *g->about_item);
    bool is_done = g->categories && g->brands && g->category && g->brand && g->price && g->is_out && g->about_item;
    for (uint32_t i = 0; is_done && i < g->n_items; i++) {
        is_done = read_item(g, i);
    }
    rk_status status = is_done ? RK_OK : rk_fail_memory(err, "what is known of the items");
    status = status || !stock ? status : read_stock(g, stock, err);
    if (status) {
        rk_goods_free(g);
        return status;
    }
    *out = g;
    return RK_OK;
}

void rk_goods_free(rk_goods *g)
{
    if (g) {
        rk_interner_free(g->categories);
        rk_interner_free(g->brands);
        free(g->category);
        free(g->brand);
        free(g->price);
        free(g->is_out);
        free(g->about_item);
        free(g);
    }
}

/* ---- orders ---- */

typedef struct {
    double key;
    uint32_t item;
} keyed;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a, *y = b;
    if (x->key != y->key) {
        return x->key > y->key ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

typedef double key_of(const rk_dataset *about, uint32_t item, int64_t bound);

/* Events at or after bound. */
static double count_since(const rk_dataset *about, uint32_t item, int64_t bound)
{
    double n = 0;
    for (uint64_t e = about->item_start[item]; e < about->item_start[item + 1]; e++) {
        n += about->event_time[about->item_event[e]] >= bound;
    }
    return n > 0 ? n : NAN;
}

static double first_event(const rk_dataset *about, uint32_t item, int64_t bound)
{
    (void)bound;
    double first = NAN;
    for (uint64_t e = about->item_start[item]; e < about->item_start[item + 1]; e++) {
        double at = (double)about->event_time[about->item_event[e]];
        first = at < first || isnan(first) ? at : first;
    }
    return first;
}

/* Items whose key is a number, the largest first. */
static rk_status order_by(const rk_goods *g, key_of *key, int64_t bound, uint32_t **items, float **keys,
                          uint32_t *n_found, rk_error *err)
{
    keyed *all = malloc(((size_t)g->n_items + 1) * sizeof *all);
    uint32_t n = 0;
    for (uint32_t i = 0; all && i < g->n_items; i++) {
        double value = g->about_item[i] != RK_NO_ID ? key(g->from.about, g->about_item[i], bound) : NAN;
        if (!isnan(value)) {
            all[n++] = (keyed){value, i};
        }
    }
    *items = malloc(((size_t)n + 1) * sizeof **items);
    *keys = malloc(((size_t)n + 1) * sizeof **keys);
    if (!all || !*items || !*keys) {
        free(all);
        free(*items);
        free(*keys);
        return rk_fail_memory(err, "an order of the items");
    }
    qsort(all, n, sizeof *all, by_key);
    for (uint32_t i = 0; i < n; i++) {
        (*items)[i] = all[i].item;
        (*keys)[i] = (float)all[i].key;
    }
    *n_found = n;
    free(all);
    return RK_OK;
}

static rk_status need_times(const rk_goods *g, rk_error *err)
{
    return g->from.about && g->from.about->event_time
               ? RK_OK
               : rk_fail(err, RK_UNSUPPORTED, "this needs a dataset with the times of events");
}

rk_status rk_goods_lately(const rk_goods *g, uint32_t days, uint32_t **items, float **takers, uint32_t *n_found,
                          rk_error *err)
{
    rk_status status = need_times(g, err);
    return status ? status
                  : order_by(g, count_since, rk_dataset_newest(g->from.about) - (int64_t)days * DAY_S, items, takers,
                             n_found, err);
}

rk_status rk_goods_newest(const rk_goods *g, uint32_t **items, float **since, uint32_t *n_found, rk_error *err)
{
    rk_status status = need_times(g, err);
    return status ? status : order_by(g, first_event, 0, items, since, n_found, err);
}

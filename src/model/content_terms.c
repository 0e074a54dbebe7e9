/* content_terms.c - see content_terms.h. A whole value is a term with its place in front, "brand\x1fAcme"; a word is
 * itself, so that a word of the title meets the same word of a text. */
#include "model/content_terms.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

struct rk_content_reader {
    rk_content_weights weights;
    rk_analyser *analyser;
    rk_interner *terms;
    rk_text name; /* of a whole value */
    rk_vec place; /* rk_content_term of the place being read: weight counts times */
    rk_vec all;   /* rk_content_term of the product */
    bool is_new, is_short;
};

rk_status rk_content_reader_new(const rk_content_weights *weights, rk_content_reader **out, rk_error *err)
{
    rk_analyser *analyser = NULL;
    rk_status status = rk_analyser_new(&(rk_analysis){.stemmer = weights->stemmer, .keep_stops = false}, &analyser, err);
    if (status) {
        return status;
    }
    rk_content_reader *r = calloc(1, sizeof *r);
    rk_interner *terms = rk_interner_new();
    if (!r || !terms) {
        free(r);
        rk_interner_free(terms);
        rk_analyser_free(analyser);
        return rk_fail_memory(err, "a reader of products");
    }
    *r = (rk_content_reader){.weights = *weights,
                             .analyser = analyser,
                             .terms = terms,
                             .place = {.item_bytes = sizeof(rk_content_term)},
                             .all = {.item_bytes = sizeof(rk_content_term)}};
    *out = r;
    return RK_OK;
}

void rk_content_reader_free(rk_content_reader *r)
{
    if (r) {
        rk_analyser_free(r->analyser);
        rk_interner_free(r->terms);
        rk_text_release(&r->name);
        rk_vec_release(&r->place);
        rk_vec_release(&r->all);
        free(r);
    }
}

rk_status rk_content_take_terms(rk_content_reader *r, rk_interner **out, rk_error *err)
{
    rk_interner *fresh = rk_interner_new();
    if (!fresh) {
        return rk_fail_memory(err, "terms");
    }
    *out = r->terms;
    r->terms = fresh;
    return RK_OK;
}

rk_interner *rk_content_terms(rk_content_reader *r) { return r->terms; }

static void add_term(rk_content_reader *r, rk_slice name)
{
    uint32_t term = r->is_new ? rk_interner_add(r->terms, name) : rk_interner_find(r->terms, name);
    if (term != RK_NO_ID) {
        r->is_short |= !rk_vec_push(&r->place, &(rk_content_term){term, 1});
    } else {
        r->is_short |= r->is_new;
    }
}

static int by_term(const void *a, const void *b)
{
    uint32_t x = ((const rk_content_term *)a)->term, y = ((const rk_content_term *)b)->term;
    return (x > y) - (x < y);
}

/* Equal terms become one, their weights added. */
static void merge(rk_vec *terms)
{
    rk_content_term *at = terms->data;
    size_t kept = 0;
    if (terms->n > 1) {
        qsort(at, terms->n, sizeof *at, by_term);
    }
    for (size_t i = 0; i < terms->n; i++) {
        if (kept > 0 && at[kept - 1].term == at[i].term) {
            at[kept - 1].weight += at[i].weight;
        } else {
            at[kept++] = at[i];
        }
    }
    terms->n = kept;
}

/* What was read at a place goes to the product: repeats count by their root. */
static void close_place(rk_content_reader *r, double weight)
{
    merge(&r->place);
    const rk_content_term *at = r->place.data;
    for (size_t i = 0; i < r->place.n; i++) {
        rk_content_term term = {at[i].term, (float)(weight * sqrt((double)at[i].weight))};
        r->is_short |= !rk_vec_push(&r->all, &term);
    }
    rk_vec_clear(&r->place);
}

static rk_status read_words(rk_content_reader *r, rk_slice text, double weight, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    if (!(weight > 0) || text.n == 0) {
        return RK_OK;
    }
    rk_status status = rk_analyse(r->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        add_term(r, tokens[i].term);
    }
    close_place(r, weight);
    return status;
}

static void add_value(rk_content_reader *r, rk_slice place, rk_slice value)
{
    rk_text_clear(&r->name);
    rk_text_add_slice(&r->name, place);
    rk_text_add(&r->name, "\x1f");
    rk_text_add_slice(&r->name, value);
    r->is_short |= r->name.failed;
    if (!r->name.failed) {
        add_term(r, (rk_slice){r->name.at, r->name.n});
    }
}

/* "food > drinks > tea" is also in "food > drinks" and in "food". */
static void read_category(rk_content_reader *r, rk_slice category, double weight)
{
    for (size_t n = 1; weight > 0 && n <= category.n; n++) {
        if (n == category.n || strchr(">/|", category.at[n])) {
            add_value(r, RK_SLICE("category"), rk_slice_trim((rk_slice){category.at, n}));
        }
    }
    close_place(r, weight);
}

rk_status rk_content_read(rk_content_reader *r, const rk_product *product, bool is_new, const rk_content_term **terms,
                          size_t *n, rk_error *err)
{
    const rk_content_weights *w = &r->weights;
    r->is_new = is_new;
    r->is_short = false;
    rk_vec_clear(&r->all);
    rk_vec_clear(&r->place);
    rk_status status = read_words(r, product->title, w->title, err);
    status = status ? status : read_words(r, product->text, w->text, err);
    if (status) {
        return status;
    }
    if (product->brand.n > 0 && w->brand > 0) {
        add_value(r, RK_SLICE("brand"), product->brand);
        close_place(r, w->brand);
    }
    read_category(r, product->category, w->category);
    for (size_t a = 0; w->attributes > 0 && a < product->n_attributes; a++) {
        add_value(r, product->attribute[a], product->value[a]);
    }
    close_place(r, w->attributes);
    merge(&r->all);
    *terms = r->all.data;
    *n = r->all.n;
    return r->is_short ? rk_fail_memory(err, "the terms of a product") : RK_OK;
}

/* ---- products of a dataset ---- */

static rk_slice name_of(const rk_names *names, uint32_t item)
{
    return item < names->n ? rk_names_get(names, item) : (rk_slice){"", 0};
}

size_t rk_content_most_attributes(const rk_dataset *d)
{
    uint64_t most = 0;
    for (uint32_t i = 0; d->attribute_start && i < d->n_items; i++) {
        uint64_t n = d->attribute_start[i + 1] - d->attribute_start[i];
        most = n > most ? n : most;
    }
    return (size_t)most;
}

rk_product rk_content_product(const rk_dataset *d, uint32_t item, rk_slice *attribute, rk_slice *value)
{
    rk_product product = {.title = name_of(&d->title, item),
                          .text = name_of(&d->text, item),
                          .brand = name_of(&d->brand, item),
                          .category = name_of(&d->category, item),
                          .attribute = attribute,
                          .value = value};
    if (d->attribute_start) {
        uint64_t begin = d->attribute_start[item];
        product.n_attributes = (size_t)(d->attribute_start[item + 1] - begin);
        for (size_t a = 0; a < product.n_attributes; a++) {
            attribute[a] = rk_names_get(&d->attributes, d->attribute_name[begin + a]);
            value[a] = rk_names_get(&d->values, d->attribute_value[begin + a]);
        }
    }
    return product;
}

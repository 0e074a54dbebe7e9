/* content_terms.h - what a product is made of, as weighted terms: words of its title and text, its brand, its category
 * and those above it, its attributes. For content.c, and for products that come later.
 */
#ifndef RECKON_MODEL_CONTENT_TERMS_H
#define RECKON_MODEL_CONTENT_TERMS_H

#include "base/map.h"
#include "data/dataset.h"
#include "text/analyse.h"

typedef struct {
    double title, text, brand, category, attributes; /* what a term weighs by where it stands; 0: not read */
    const char *stemmer;
} rk_content_weights;

/* A product's own words; any may be empty. attribute, value: [n_attributes]. */
typedef struct {
    rk_slice title, text, brand, category;
    const rk_slice *attribute, *value;
    size_t n_attributes;
} rk_product;

typedef struct rk_content_reader rk_content_reader;

RK_MUST_CHECK rk_status rk_content_reader_new(const rk_content_weights *weights, rk_content_reader **out,
                                              rk_error *err);
void rk_content_reader_free(rk_content_reader *reader); /* accepts NULL */

typedef struct {
    uint32_t term;
    float weight;
} rk_content_term;

/* The terms of a product, ascending, each once; weight: sum over places of weight * sqrt(times). With is_new, terms not
 * met before get new numbers; without, they are left out. *terms: borrowed until the next call. */
RK_MUST_CHECK rk_status rk_content_read(rk_content_reader *reader, const rk_product *product, bool is_new,
                                        const rk_content_term **terms, size_t *n, rk_error *err);
/* Takes the terms out of the reader, which then may only be freed. */
RK_MUST_CHECK rk_status rk_content_take_terms(rk_content_reader *reader, rk_interner **out, rk_error *err);
rk_interner *rk_content_terms(rk_content_reader *reader); /* all terms met so far; may be filled beforehand */

/* Item i of a dataset. attribute, value: room for its attributes. */
rk_product rk_content_product(const rk_dataset *dataset, uint32_t item, rk_slice *attribute, rk_slice *value);
size_t rk_content_most_attributes(const rk_dataset *dataset);

#endif

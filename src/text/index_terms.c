/* index_terms.c - which lists an item stands in: its texts are read once more, as when the index was built. */
#include <stdlib.h>

#include "base/map.h"
#include "text/index_parts.h"

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static rk_status find_terms(const rk_index *x, rk_analyser *analyser, rk_slice text, rk_vec *terms, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        uint32_t term = rk_names_find(&x->terms, tokens[i].term);
        if (term != RK_NO_ID && !rk_vec_push(terms, &term)) {
            status = rk_fail_memory(err, "the terms of an item");
        }
    }
    return status;
}

static void drop_repeats(rk_vec *terms)
{
    uint32_t *found = terms->data;
    size_t n = 0;
    if (terms->n > 1) {
        qsort(found, terms->n, sizeof *found, ascending);
    }
    for (size_t i = 0; i < terms->n; i++) {
        if (i == 0 || found[i] != found[n - 1]) {
            found[n++] = found[i];
        }
    }
    terms->n = n;
}

rk_status rk_index_terms_of(const rk_index *x, rk_analyser *analyser, uint32_t item, rk_vec *terms, rk_error *err)
{
    const rk_dataset *d = &x->items;
    const double *weight = x->options.weight;
    rk_status status = RK_OK;
    rk_vec_clear(terms);
    for (rk_field f = 0; !status && f < RK_FIELD_ATTRIBUTES; f++) {
        status = weight[f] > 0 ? find_terms(x, analyser, rk_index_text(x, item, f), terms, err) : RK_OK;
    }
    bool has_attributes = weight[RK_FIELD_ATTRIBUTES] > 0 && d->attribute_start;
    for (uint64_t a = has_attributes ? d->attribute_start[item] : 0;
         !status && has_attributes && a < d->attribute_start[item + 1]; a++) {
        status = find_terms(x, analyser, rk_names_get(&d->values, d->attribute_value[a]), terms, err);
    }
    drop_repeats(terms);
    return status;
}

/* index_terms.c - which lists an item stands in, and which words it has: its texts are read once more, as when the
 * index was built. */
#include <stdlib.h>

#include "base/map.h"
#include "text/index_parts.h"

typedef struct {
    const rk_index *index;
    rk_analyser *analyser;
    rk_vec *terms, *words;
} reading;

static int by_term(const void *a, const void *b)
{
    uint32_t x = ((const rk_index_hit *)a)->term, y = ((const rk_index_hit *)b)->term;
    return (x > y) - (x < y);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static rk_status read_text(reading *r, rk_slice text, rk_field field, rk_error *err)
{
    const rk_index *x = r->index;
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(r->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        rk_index_hit hit = {rk_names_find(&x->terms, tokens[i].term), 1u << field};
        uint32_t word = x->words.names.n > 0 ? rk_names_find(&x->words.names, tokens[i].word) : RK_NO_ID;
        bool is_done = hit.term == RK_NO_ID || rk_vec_push(r->terms, &hit);
        if (!is_done || (word != RK_NO_ID && !rk_vec_push(r->words, &word))) {
            status = rk_fail_memory(err, "the terms of an item");
        }
    }
    return status;
}

/* Each term once, with all its fields; each word once. */
static void drop_repeats(rk_vec *terms, rk_vec *words)
{
    rk_index_hit *hits = terms->data;
    uint32_t *numbers = words->data;
    size_t n = 0;
    if (terms->n > 1) {
        qsort(hits, terms->n, sizeof *hits, by_term);
    }
    for (size_t i = 0; i < terms->n; i++) {
        if (n > 0 && hits[i].term == hits[n - 1].term) {
            hits[n - 1].fields |= hits[i].fields;
        } else {
            hits[n++] = hits[i];
        }
    }
    terms->n = n;
    n = 0;
    if (words->n > 1) {
        qsort(numbers, words->n, sizeof *numbers, ascending);
    }
    for (size_t i = 0; i < words->n; i++) {
        if (n == 0 || numbers[i] != numbers[n - 1]) {
            numbers[n++] = numbers[i];
        }
    }
    words->n = n;
}

rk_status rk_index_terms_of(const rk_index *x, rk_analyser *analyser, uint32_t item, rk_vec *terms, rk_vec *words,
                            rk_error *err)
{
    const rk_dataset *d = &x->items;
    const double *weight = x->options.weight;
    reading r = {x, analyser, terms, words};
    rk_status status = RK_OK;
    rk_vec_clear(terms);
    rk_vec_clear(words);
    for (rk_field f = 0; !status && f < RK_FIELD_ATTRIBUTES; f++) {
        status = weight[f] > 0 ? read_text(&r, rk_index_text(x, item, f), f, err) : RK_OK;
    }
    bool has_attributes = weight[RK_FIELD_ATTRIBUTES] > 0 && d->attribute_start;
    for (uint64_t a = has_attributes ? d->attribute_start[item] : 0;
         !status && has_attributes && a < d->attribute_start[item + 1]; a++) {
        status = read_text(&r, rk_names_get(&d->values, d->attribute_value[a]), RK_FIELD_ATTRIBUTES, err);
    }
    drop_repeats(terms, words);
    return status;
}

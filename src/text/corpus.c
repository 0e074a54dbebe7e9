/* corpus.c - see corpus.h. Segments are few (sizes fall from one to the next), so each is asked in turn. */
#include "text/corpus.h"

#include <math.h>

#include "text/index_parts.h"

const rk_segment *rk_corpus_segment_of(const rk_corpus *c, uint32_t item, uint32_t *within)
{
    size_t s = c->n_segments - 1;
    while (c->segment[s].base > item) {
        s--;
    }
    *within = item - c->segment[s].base;
    return &c->segment[s];
}

rk_slice rk_corpus_text(const rk_corpus *c, uint32_t item, rk_field field)
{
    uint32_t within;
    const rk_index *x = rk_corpus_segment_of(c, item, &within)->index;
    return rk_index_text(x, within, field);
}

rk_slice rk_corpus_id(const rk_corpus *c, uint32_t item)
{
    uint32_t within;
    const rk_index *x = rk_corpus_segment_of(c, item, &within)->index;
    return rk_names_get(&x->items.items, within);
}

double rk_corpus_price(const rk_corpus *c, uint32_t item)
{
    uint32_t within;
    const rk_index *x = rk_corpus_segment_of(c, item, &within)->index;
    return x->items.item_price ? (double)x->items.item_price[within] : (double)NAN;
}

static bool is_dead(const rk_index *x, uint32_t item) { return x->dead && (x->dead[item / 64] >> (item % 64) & 1); }

uint32_t rk_corpus_find_item(const rk_corpus *c, rk_slice id)
{
    for (size_t s = c->n_segments; s-- > 0;) { /* what was put last is asked for most */
        const rk_index *x = c->segment[s].index;
        uint32_t item = rk_names_find(&x->items.items, id);
        if (item != RK_NO_ID && !is_dead(x, item)) {
            return c->segment[s].base + item;
        }
    }
    return RK_NO_ID;
}

uint64_t rk_corpus_hash(const rk_corpus *c)
{
    uint64_t hash = c->n_segments == 1 ? 0 : c->n_items;
    for (size_t s = 0; s < c->n_segments; s++) {
        hash = (hash << 7 | hash >> 57) ^ rk_artefact_hash(c->segment[s].index->artefact);
    }
    return hash;
}

/* ---- terms ---- */

static uint32_t docs_in(const rk_index *x, uint32_t term)
{
    return x->term_docs[term] - (x->dead_docs ? x->dead_docs[(size_t)term * RK_DEAD_COUNTS] : 0);
}

rk_slice rk_corpus_find(const rk_corpus *c, rk_slice term, uint32_t *id)
{
    *id = RK_NO_ID;
    for (size_t s = 0; s < c->n_segments; s++) {
        const rk_index *x = c->segment[s].index;
        uint32_t found = rk_names_find(&x->terms, term);
        if (found != RK_NO_ID && docs_in(x, found) > 0) {
            *id = c->n_segments == 1 ? found : RK_NO_ID;
            return rk_names_get(&x->terms, found);
        }
    }
    return (rk_slice){"", 0};
}

uint32_t rk_corpus_docs(const rk_corpus *c, rk_slice term)
{
    uint32_t n = 0;
    for (size_t s = 0; s < c->n_segments; s++) {
        uint32_t found = rk_names_find(&c->segment[s].index->terms, term);
        n += found == RK_NO_ID ? 0 : docs_in(c->segment[s].index, found);
    }
    return n;
}

uint32_t rk_corpus_field_docs(const rk_corpus *c, rk_slice term, rk_field field)
{
    uint32_t n = 0;
    for (size_t s = 0; s < c->n_segments; s++) {
        const rk_index *x = c->segment[s].index;
        uint32_t found = rk_names_find(&x->terms, term);
        if (found != RK_NO_ID) {
            n += rk_index_field_docs(x, found, field);
            n -= x->dead_docs ? x->dead_docs[(size_t)found * RK_DEAD_COUNTS + 1 + field] : 0;
        }
    }
    return n;
}

uint32_t rk_corpus_word_docs(const rk_corpus *c, rk_slice word)
{
    uint32_t n = 0;
    for (size_t s = 0; s < c->n_segments; s++) {
        const rk_index *x = c->segment[s].index;
        uint32_t found = x->words.names.n > 0 ? rk_names_find(&x->words.names, word) : RK_NO_ID;
        if (found != RK_NO_ID) {
            n += x->words.items[found] - (x->dead_words ? x->dead_words[found] : 0);
        }
    }
    return n;
}

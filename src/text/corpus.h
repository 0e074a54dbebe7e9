/* corpus.h - what is searched: one index, or the segments of a live one (wares.h), read as if they were one.
 *
 * Items of a corpus are numbered in the order of its segments, those of a segment from its base on. Bases are multiples
 * of 64, so that a bit for each item of the corpus is the segments' bits behind each other; some numbers are nobody's.
 * What is counted is counted over items that are alive.
 *
 * Threads: read only.
 */
#ifndef RECKON_TEXT_CORPUS_H
#define RECKON_TEXT_CORPUS_H

#include "text/index.h"

typedef struct {
    const rk_index *index;
    uint32_t base;
} rk_segment;

struct rk_corpus {
    const rk_segment *segment; /* [n_segments] bases ascending */
    size_t n_segments;
    uint64_t n_items;               /* that are alive */
    uint32_t n_numbers;             /* all items are numbered below it */
    rk_analysis analysis;           /* of all segments */
    const rk_synonyms *synonyms;    /* NULL: none */
    double mean_bytes[RK_N_FIELDS]; /* what all segments measure lengths by */
    rk_field_sum sums[RK_N_FIELDS];
};

static inline size_t rk_corpus_bit_words(const rk_corpus *corpus) { return ((size_t)corpus->n_numbers + 63) / 64; }
static inline uint32_t rk_segment_n_words(const rk_segment *segment)
{
    return (uint32_t)(((uint64_t)rk_index_n_items(segment->index) + 63) / 64);
}

/* The segment of an item, and its number there. */
const rk_segment *rk_corpus_segment_of(const rk_corpus *corpus, uint32_t item, uint32_t *within);
/* What an item says in a field, attributes aside; empty: nothing. */
rk_slice rk_corpus_text(const rk_corpus *corpus, uint32_t item, rk_field field);
rk_slice rk_corpus_id(const rk_corpus *corpus, uint32_t item);  /* as the catalogue names it */
double rk_corpus_price(const rk_corpus *corpus, uint32_t item); /* NaN: not known */
/* The living item of this name; RK_NO_ID: none. */
uint32_t rk_corpus_find_item(const rk_corpus *corpus, rk_slice id);
/* A hash of what it was made of: alike for alike corpora. */
uint64_t rk_corpus_hash(const rk_corpus *corpus);

/* The term as the corpus has it, borrowed from it; n 0: no item has it. *id: its number where there is one segment,
 * else RK_NO_ID. */
rk_slice rk_corpus_find(const rk_corpus *corpus, rk_slice term, uint32_t *id);
uint32_t rk_corpus_docs(const rk_corpus *corpus, rk_slice term); /* items that have it */
uint32_t rk_corpus_field_docs(const rk_corpus *corpus, rk_slice term, rk_field field);
uint32_t rk_corpus_word_docs(const rk_corpus *corpus, rk_slice word); /* items that have a word of words.h */

#endif

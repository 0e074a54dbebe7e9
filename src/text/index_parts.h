/* index_parts.h - what an index is made of; for the files of this room only. */
#ifndef RECKON_TEXT_INDEX_PARTS_H
#define RECKON_TEXT_INDEX_PARTS_H

#include "text/block.h"
#include "text/columns.h"
#include "text/corpus.h"
#include "text/index.h"
#include "text/phrases.h"
#include "text/words.h"

enum { RK_RAW_BITS = 255, RK_LEVELS = 256 };
static const uint32_t RK_SCORE_ONE = 1u << 16; /* a contribution of 1 */

/* RK_BAD_INPUT: items of which nothing is said that could be searched. path: for the message. */
RK_MUST_CHECK rk_status rk_index_check_items(const rk_dataset *items, const char *path, rk_error *err);

/* tf to a byte and back: 25.6 steps an octave, from 2^-5. */
uint8_t rk_level_of(double tf);
double rk_level_value(uint8_t level);

/* Numbers of the dead for each term: those that have it, and those that have it in each field. */
enum { RK_DEAD_COUNTS = 1 + RK_N_FIELDS };

/* Made when an index is opened, for who searches its words and phrases. */
typedef struct {
    uint8_t *word_least;   /* fuzzy.h: of words forwards, and behind them backwards */
    uint8_t *phrase_least; /* of phrases */
    uint32_t *phrase_best; /* [2 x phrases] a tree of the most popular phrase below each place (suggest.c) */
} rk_lookup;

struct rk_index {
    rk_artefact *artefact; /* owned */
    rk_index_options options;
    char stemmer[40];
    uint32_t n_items, n_terms, n_blocks;
    rk_names terms;
    const uint32_t *term_docs, *term_block, *term_fields;
    const uint64_t *term_posting;
    const uint8_t *term_most;
    const uint32_t *block_last, *block_at;
    const uint8_t *block_bits, *block_most;
    const uint32_t *posting_id;
    const uint8_t *posting_level;
    double mean_bytes[RK_N_FIELDS];
    rk_segmenter *segmenter; /* owned; NULL: none */
    rk_synonyms *synonyms;   /* the same */
    rk_words words;          /* n 0: built without */
    rk_phrases phrases;      /* the same */
    rk_dataset items;        /* its item tables; borrows the artefact */
    rk_columns columns;      /* what is filtered, counted and sorted by */
    rk_field_sum sums[RK_N_FIELDS];
    rk_segment alone;           /* the index as all there is, */
    rk_corpus corpus;           /* which this says */
    rk_lookup lookup;           /* owned */
    const rk_corpus *whole;     /* corpus, or that of which it is a segment: then it is a copy, of which these hold: */
    const uint64_t *dead;       /* a bit for each item: it is no more; NULL: none */
    const uint32_t *dead_docs;  /* [n_terms x RK_DEAD_COUNTS] NULL: none */
    const uint32_t *dead_words; /* [words] how many of them have each; NULL: none */
    double gain[RK_LEVELS];     /* (k1 + 1) tf / (k1 + tf) of a level */
};

/* The words of an index as fuzzy.h walks them. */
static inline void rk_index_lexicons(const rk_index *x, rk_lexicon *forward, rk_lexicon *backward)
{
    const rk_words *w = &x->words;
    size_t runs = ((size_t)w->names.n + RK_FUZZY_RUN - 1) / RK_FUZZY_RUN;
    *forward = (rk_lexicon){&w->names, NULL, w->shared, x->lookup.word_least, false};
    *backward = (rk_lexicon){&w->names, w->backward, w->ended, x->lookup.word_least + runs, true};
}

#endif

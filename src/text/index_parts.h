/* index_parts.h - what an index is made of; for the files of this room only. */
#ifndef RECKON_TEXT_INDEX_PARTS_H
#define RECKON_TEXT_INDEX_PARTS_H

#include "text/block.h"
#include "text/columns.h"
#include "text/index.h"
#include "text/phrases.h"
#include "text/words.h"

enum { RK_RAW_BITS = 255, RK_LEVELS = 256 };
static const uint32_t RK_SCORE_ONE = 1u << 16; /* a contribution of 1 */

/* tf to a byte and back: 25.6 steps an octave, from 2^-5. */
uint8_t rk_level_of(double tf);
double rk_level_value(uint8_t level);

/* What an index that is a part of a whole is told of it (wares.h). */
typedef struct rk_whole rk_whole;
struct rk_whole {
    uint64_t n_items;                                        /* that are alive */
    uint32_t (*docs)(const rk_whole *whole, rk_slice term);  /* of them, those that have a term */
    bool (*has_field)(const rk_whole *whole, rk_slice name); /* some part knows the name (question.h) */
};

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
    const rk_whole *whole;     /* NULL: the index is all there is; else it is a copy, of which the next two hold */
    const uint64_t *dead;      /* a bit for each item: it is no more; NULL: none */
    const uint32_t *dead_docs; /* by term: how many of those have it */
    double gain[RK_LEVELS];    /* (k1 + 1) tf / (k1 + tf) of a level */
};

/* Whether a name in a question means a field or attribute of this index. */
bool rk_index_has_field(const rk_index *index, rk_slice name);

#endif
